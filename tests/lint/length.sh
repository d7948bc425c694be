#!/bin/sh
# length.sh - functions stay short: none over 100 lines.  The rest of the budget is told, not judged: a reader decides.
. "$(dirname "$0")/tap.inc"
cd "$SOURCE_DIR/src" || exit 99

# "LINES FILE:LINE NAME"; the return type stands on its own line, the name begins the next, braces stand at column 1.
sources | grep '\.c$' | xargs awk '
/^[a-z_][A-Za-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name) }
/^\{/ { begin = FNR; inside = name != "" }
/^\}/ { if (inside) print FNR - begin - 1, FILENAME ":" begin, name; inside = 0; name = "" }
' | sort -n >"$tmp/functions"

awk '$1 > 100 { print $2 ": " $3 "() has " $1 " lines; at most 100" }' "$tmp/functions" >"$tmp/why"
verdict 'no function is longer than 100 lines'

: >"$tmp/why"
[ "$(wc -l <"$tmp/functions")" -gt 500 ] || echo "only $(wc -l <"$tmp/functions") functions were found" >"$tmp/why"
verdict 'functions are found at all'

awk '
{ lines[NR] = $1; if ($1 > 50) long++ }
END { printf "# %d functions: median %d lines, nine in ten at most %d, %d over 50\n", NR, lines[int((NR + 1) / 2)], lines[int(NR * 0.9)], long }
' "$tmp/functions"
awk '$1 > 50 { print "# " $2 ": " $3 "() has " $1 " lines" }' "$tmp/functions"
sources | xargs wc -l | awk '$2 != "total" && ($1 > 600 || ($2 ~ /\.h$/ && $1 > 120)) { print "# " $2 " has " $1 " lines" }'
finish
