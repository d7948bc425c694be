#!/bin/sh
# prefixes.sh - whoever reads a name knows its file: an exported symbol begins with its file's name or its family's.
. "$(dirname "$0")/tap.inc"

command -v nm >/dev/null || { skip 'exported names begin with their file'"'"'s' 'no nm'; finish; }

objects() {
	find "$BUILD_DIR" -maxdepth 1 -name 'lib*.a' ! -name libsupport.a
	find "$BUILD_DIR/src" -maxdepth 1 -name '*.o' 2>/dev/null
}

# "FILE SYMBOL"; automake may put a target's name before a file's: libio_a-conn.o, src/livedirector-root_run.o.
objects | xargs nm -A -g --defined-only 2>/dev/null | awk '{
	file = $1
	sub(/:[0-9a-f]*$/, "", file)
	sub(/:$/, "", file)
	sub(/.*[:\/]/, "", file)
	sub(/\.o$/, "", file)
	sub(/^.*-/, "", file)
	if (NF >= 3 && $NF !~ /^_/ && $NF !~ /\./) print file, $NF
}' | sort -u >"$tmp/symbols"

awk '
FILENAME ~ /prefixes\.except$/ { if (!/^#/ && NF > 0) except[$1] = except[$1] " " $2; next }
function fits(file, symbol,   n, part, i, family, other) {
	n = split(file, part, "_")
	for (i = 1; i <= n; i++) {
		family = family (i > 1 ? "_" : "") part[i]
		if (symbol == family || index(symbol, family "_") == 1)
			return 1
	}
	n = split(except[file], other, " ")
	for (i = 1; i <= n; i++)
		if (symbol == other[i] || (other[i] ~ /\*$/ && index(symbol, substr(other[i], 1, length(other[i]) - 1)) == 1))
			return 1
	return 0
}
!fits($1, $2) { print $1 ".c: " $2 " begins with another name than its file or its family" }
' "$lint/prefixes.except" "$tmp/symbols" >"$tmp/why"
verdict 'exported names begin with their file'"'"'s'

: >"$tmp/why"
[ "$(wc -l <"$tmp/symbols")" -gt 500 ] || echo "only $(wc -l <"$tmp/symbols") symbols in $BUILD_DIR" >"$tmp/why"
verdict 'exported names are found at all'
finish
