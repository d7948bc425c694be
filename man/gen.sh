#!/bin/sh
# gen.sh - the manual's tables of options, commands, settings, keys and items of status, printed from the program's own.
#
#     man/gen.sh            rewrites the marked sections of the pages beside it
#     man/gen.sh --check    changes nothing; prints what it would change and exits 1
#
# A section stands between  .\" printed: TOPIC [FILTER]  and  .\" end of what is printed
# LIVEDIRECTOR names the program (default: build/livedirector).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=${LIVEDIRECTOR:-$here/../build/livedirector}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/man.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C
export LC_ALL

for topic in options commands settings keys keys-voctomix keys-nle actions status; do
	"$program" --print "$topic" >"$tmp/$topic"
done

# What all topics need: text that roff leaves alone, a sentence a line.
cat >"$tmp/words.awk" <<'AWK'
BEGIN { FS = "\t" }
function plain(text) {
	gsub(/\\/, "\\e", text)
	gsub(/--/, "\\-\\-", text)
	while (text ~ /`[^`]*`/) {
		sub(/`/, "\\(oq", text)
		sub(/`/, "\\(cq", text)
	}
	return text
}
function sentences(text) {
	text = plain(text)
	gsub(/\. /, ".\n", text)
	gsub(/\n['.]/, "\n\\\\\\&", text)
	return text
}
# A word that mdoc would take for punctuation.
function quoted(word) { return length(word) == 1 && word ~ /[^A-Za-z0-9]/ ? "\\&" word : word }
AWK

# options all|run|nodes|rehearse: those of every subcommand, and those that only some have.
cat >"$tmp/options.awk" <<'AWK'
function is_mine(subs, filter,   part, n, i) {
	n = split(subs, part, ",")
	for (i = 1; i <= n; i++)
		if (part[i] == "all" || part[i] == "console")
			return filter == "all"
	for (i = 1; i <= n; i++)
		if (part[i] == filter)
			return 1
	return 0
}
is_mine($4, filter) {
	usage = $2
	value = usage ~ /--[a-z-]+ / ? usage : ""
	sub(/.*--[a-z-]+ /, "", value)
	letter = usage ~ /^-[a-zA-Z], / ? substr(usage, 2, 1) : ""
	line = ".It Fl " (letter != "" ? letter " , " : "") "-" $1
	print line (value != "" ? " Ar \"" plain(value) "\"" : "")
	print sentences($3)
	if (filter == "all" && $4 != "all")
		print "Goes with: " $4 "."
}
AWK

# commands GROUP
cat >"$tmp/commands.awk" <<'AWK'
$4 == filter {
	usage = plain($2)
	gsub(/"/, "\\(dq", usage)
	print ".It Ic \"" usage "\""
	print sentences($3)
}
AWK

cat >"$tmp/settings.awk" <<'AWK'
{
	print ".It Ic " $1 " Ar \"" plain($2) "\""
	print sentences($3)
	print "Default:"
	print ".Ql " plain($4) " ."
}
AWK

# Keys 2 to 9 and 0 do as 1 says.
cat >"$tmp/keys.awk" <<'AWK'
$1 ~ /^[02-9]$/ { next }
{
	print $1 == "1" ? ".It Ic 1 No to Ic 9 , 0" : ".It Ic " quoted($1)
	print sentences(toupper(substr($3, 1, 1)) substr($3, 2)) "."
}
AWK

# A set of keys is told by what differs from the first.
cp "$tmp/keys.awk" "$tmp/keys-voctomix.awk"
cp "$tmp/keys.awk" "$tmp/keys-nle.awk"
cat >"$tmp/actions.awk" <<'AWK'
{
	print ".It Cm " $1
	print sentences(toupper(substr($3, 1, 1)) substr($3, 2)) "."
}
AWK

cat >"$tmp/status.awk" <<'AWK'
{
	print ".It Cm " $1
	print sentences(toupper(substr($2, 1, 1)) substr($2, 2)) "."
}
AWK

# section TOPIC FILTER
section() {
	cat "$tmp/words.awk" "$tmp/$1.awk" >"$tmp/section.awk"
	awk -v filter="${2-}" -f "$tmp/section.awk" "$tmp/$1"
}

# page FILE: the page as it should be.
page() {
	inside=
	while IFS= read -r line; do
		case $line in
		'.\" printed: '*)
			printf '%s\n' "$line"
			what=${line#'.\" printed: '}
			topic=${what%% *}
			filter=
			[ "$topic" = "$what" ] || filter=${what#* }
			section "$topic" "$filter"
			inside=1
			;;
		'.\" end of what is printed')
			inside=
			printf '%s\n' "$line"
			;;
		*)
			[ -n "$inside" ] || printf '%s\n' "$line"
			;;
		esac
	done <"$1"
}

status=0
for file in "$here"/*.[1-8]; do
	grep -q '^\.\\" printed: ' "$file" || continue
	page "$file" >"$tmp/page"
	cmp -s "$file" "$tmp/page" && continue
	if [ "${1-}" = --check ]; then
		diff -u "$file" "$tmp/page" || status=1
	else
		cat "$tmp/page" >"$file"
		echo "rewritten: ${file##*/}"
	fi
done
exit "$status"
