#!/bin/sh
# house.sh - floors and modules: nobody includes upward, nobody in a circle (house.order, doc/house.md).
. "$(dirname "$0")/tap.inc"

# "FILE LINE INCLUDED" for every include in quotes.
(cd "$SOURCE_DIR/src" && sources | xargs awk '
	/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, part, "\""); print FILENAME, FNR, part[2] }') >"$tmp/includes"
sources >"$tmp/files"

# Where a file stands: its floor, its module (the longest name in house.order that begins the file's own), both ranks.
# Files beside the floors are composition roots: they may include everything.
cat >"$tmp/where.awk" <<'AWK'
function floor_of(path) { return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "root" }
function base_of(path) { sub(/^.*\//, "", path); sub(/\.[ch]$/, "", path); return path }
function module_of(path,   floor, base) {
	floor = floor_of(path)
	for (base = base_of(path); base != ""; base = base ~ /_/ ? substr(base, 1, match(base, /_[^_]*$/) - 1) : "")
		if ((floor, base) in rank)
			return base
	return ""
}
FILENAME == order {
	sub(/#.*/, "")
	if ($1 == "floor") {
		floor = $2
		sub(/:$/, "", floor)
		below[floor, floor] = floors[floor] = 1
		for (i = 3; i <= NF; i++)
			below[floor, $i] = 1
	} else if (NF > 0) {
		line_rank++
		for (i = 1; i <= NF; i++)
			rank[floor, $i] = line_rank
	}
	next
}
AWK

# rule PROGRAM FILE: the program, after house.order was read.
rule() {
	{ cat "$tmp/where.awk"; printf '%s\n' "$1"; } >"$tmp/rule.awk"
	awk -v order="$lint/house.order" -f "$tmp/rule.awk" "$lint/house.order" "$2"
}

rule '
{
	floor = floor_of($1)
	if (floor == "root") next
	if (!(floor in floors)) print $1 ": the floor " floor " is not in house.order"
	else if (module_of($1) == "") print $1 ": no line of house.order is its module"
}' "$tmp/files" >"$tmp/why"
verdict 'every file stands in house.order'

rule '
{ seen[floor_of($1), module_of($1)] = 1 }
END {
	for (key in rank)
		if (!(key in seen)) {
			split(key, part, SUBSEP)
			print "house.order: " part[1] "/" part[2] ": no file has that name"
		}
}' "$tmp/files" >"$tmp/why"
verdict 'house.order names nothing that is gone'

rule '
{
	from = floor_of($1)
	to = $3 ~ /\// ? floor_of($3) : "root"
	if (from == "root" || (to != "root" && !(to in floors))) next
	if (to == "root") print $1 ":" $2 ": " from " includes " $3 ", which is no floor'"'"'s"
	else if (!((from, to) in below)) print $1 ":" $2 ": " from " includes " to ": " $3
}' "$tmp/includes" >"$tmp/why"
verdict 'no include points up'

rule '
{
	from = floor_of($1)
	if (from == "root" || floor_of($3) != from) next
	mine = rank[from, module_of($1)]
	theirs = rank[from, module_of($3)]
	if (mine != "" && theirs > mine)
		print $1 ":" $2 ": " module_of($1) " includes " $3 ", which stands below it in house.order"
}' "$tmp/includes" >"$tmp/why"
verdict 'no module includes one that comes after it'

# A header that reaches itself again.
awk '
$1 ~ /\.h$/ { to[$1] = to[$1] " " $3; heads[$1] = 1 }
function walk(h, path,   next_ones, n, i) {
	if (index(path, " " h " ")) { print "circle:" substr(path, index(path, " " h " ")) h; return }
	if (h in done) return
	n = split(to[h], next_ones, " ")
	for (i = 1; i <= n; i++)
		walk(next_ones[i], path h " ")
	done[h] = 1
}
END { for (h in heads) walk(h, " ") }' "$tmp/includes" | sort -u >"$tmp/why"
verdict 'no header includes itself through others'

while read -r file line included; do
	[ -f "$SOURCE_DIR/src/$included" ] || echo "$file:$line: src/$included is not there"
done <"$tmp/includes" >"$tmp/why"
verdict 'includes say floor/name.h'

# Private headers are for the files of their own family only.
awk '
$3 ~ /_private\.h$/ {
	family = $3
	sub(/private\.h$/, "", family)
	own = $1
	sub(/\.[ch]$/, "_", own)
	if (index(own, family) != 1)
		print $1 ":" $2 ": " $3 " is another family'"'"'s"
}' "$tmp/includes" >"$tmp/why"
verdict 'private headers stay private'

# Commands get everything; nobody else does.
awk '
$3 == "app/deck.h" && $1 !~ /^app\/(cmd[a-z_]*\.c|cmd\.h|cmdq[a-z_]*\.[ch]|judge[a-z_]*\.[ch]|arm_private\.h|cueplay[a-z_]*\.[ch]|show_private\.h|show\.c)$/ &&
$1 !~ /^(livedirector\.c|root[a-z_]*\.[ch])$/ { print $1 ":" $2 ": only commands, the queue, the cue player, the judge, what is armed, the show and the roots hold the deck" }
' "$tmp/includes" >"$tmp/why"
verdict 'the deck stays in few hands'

finish
