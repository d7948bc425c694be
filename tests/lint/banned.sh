#!/bin/sh
# banned.sh - calls that are not made here (banned.list), and who may print.
. "$(dirname "$0")/tap.inc"
cd "$SOURCE_DIR/src" || exit 99
sources | xargs awk -f "$lint/bare.awk" >"$tmp/code"

# "FILE LINE NAME" of everything that looks like a call.
awk '{
	split($0, part, ":")
	file = part[1]
	line = part[2]
	text = substr($0, length(file) + length(line) + 3)
	if (text ~ /^[ \t]*#/)
		next
	while (match(text, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		before = RSTART > 1 ? substr(text, RSTART - 1, 1) : ""
		name = substr(text, RSTART, RLENGTH)
		sub(/[ \t]*\($/, "", name)
		behind = substr(text, RSTART + RLENGTH)
		if (before != "." && before != ">")	# a member has the name of its struct
			print file, line, name, behind
		text = behind
	}
}' "$tmp/code" >"$tmp/calls"

awk '
FILENAME ~ /banned\.(list|except)$/ && (/^#/ || NF == 0) { next }
FILENAME ~ /banned\.list$/ { name = $1; $1 = ""; sub(/^ /, ""); why[name] = $0; next }
FILENAME ~ /banned\.except$/ { except[$1, $2] = 1; next }
{
	if (!($3 in why)) next
	if (($1, $3) in except) used[$1, $3] = 1
	else print $1 ":" $2 ": " $3 "(): " why[$3]
}' "$lint/banned.list" "$lint/banned.except" "$tmp/calls" >"$tmp/why"
verdict 'no banned call'

awk '
/^#/ || NF == 0 { next }
FILENAME ~ /banned\.except$/ { except[$1, $2] = 1; next }
{ delete except[$1, $3] }
END { for (key in except) { split(key, part, SUBSEP); print "banned.except: " part[1] " calls no " part[2] "() any more" } }
' "$lint/banned.except" "$tmp/calls" >"$tmp/why"
verdict 'no exception outlives its call'

# What a stranger said is never a format; a choice of two literals is none of his.
awk '
$3 ~ /^f?printf$/ {
	text = substr($0, length($1) + length($2) + length($3) + 4)
	if ($3 == "fprintf") sub(/^[^,]*,[ \t]*/, "", text)
	if (text !~ /^"/ && text !~ /\? "" : ""/) print $1 ":" $2 ": " $3 "() of something that is no literal"
}' "$tmp/calls" >"$tmp/why"
verdict 'a format is a literal'

# Floors do not print: they hand text to whoever asked.  The headless stage, the diagnostic log, the last words of a bug,
# and --help of the camera node are what there is.
awk '
$1 ~ /\// && $1 !~ /^(app\/stage_text\.c|base\/log\.c|base\/xalloc\.c|camera\/camopt[a-z_]*\.c)$/ &&
$3 ~ /^(printf|puts|putchar|putc|fputs|fputc|fprintf|vfprintf|vprintf|perror|dprintf)$/ { print $1 ":" $2 ": " $3 "()" }
' "$tmp/calls" >"$tmp/why"
verdict 'floors do not print'
finish
