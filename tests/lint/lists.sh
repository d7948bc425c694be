#!/bin/sh
# lists.sh - what is in the tree is built, tested and shipped; and the tree knows no machine it was made on.
. "$(dirname "$0")/tap.inc"
cd "$SOURCE_DIR" || exit 99

{ find src tests/unit tests/fuzz tests/support -name '*.[ch]'; ls man/*.[1-8]; ls themes/*; find doc -type f; } 2>/dev/null |
	sort >"$tmp/tree"
tr -s ' \t\\=' '\n' <Makefile.am | sort -u >"$tmp/named"
comm -23 "$tmp/tree" "$tmp/named" | sed 's|^|Makefile.am does not name |' >"$tmp/why"
verdict 'Makefile.am names every source, test, fuzz target, page, theme and document'

grep -E '^(src|man|themes|tests|doc)/' "$tmp/named" | while read -r path; do
	[ -e "$path" ] || echo "Makefile.am names $path, which is not there"
done >"$tmp/why"
verdict 'Makefile.am names nothing that is gone'

# A unit test that make check does not run is none.
for test in tests/unit/t_*.c; do
	name=${test##*/}
	grep -qxF "${name%.c}" "$tmp/named" || echo "${name%.c} is built from no line of Makefile.am"
done >"$tmp/why"
verdict 'every unit test is a program of make check'

# Named to be shipped is not named to be run.
sed -n '/^[a-z_]*script_tests = \|^torture_scripts = /,/[^\\]$/p' Makefile.am | tr -s ' \t\\=' '\n' >"$tmp/run"
for script in tests/lint/*.sh tests/script/*.sh tests/screen/*.sh tests/net/*.sh tests/fault/*.sh tests/torture/*.sh; do
	grep -qxF "$script" "$tmp/run" || echo "no list of script tests in Makefile.am has $script"
done >"$tmp/why"
verdict 'every test script is run'

# Paths of one machine; written so that this line is none itself.
private='/wor[k]/|/tmp/de[v]|\.\./share[d]'
if [ -e .git ] && command -v git >/dev/null; then
	git ls-files --cached --others --exclude-standard
else
	find src tests man doc themes -type f
	ls README COPYING bootstrap configure.ac Makefile.am .ci/run
fi >"$tmp/files" 2>/dev/null
while read -r file; do
	[ -f "$file" ] && grep -InE "$private" "$file" /dev/null
done <"$tmp/files" >"$tmp/why"
verdict 'no file names a path of one machine'

# Whoever opens a source reads first what it is.
find src -name '*.[ch]' | sort | while read -r file; do
	[ "$(head -n 1 "$file")" = '/*' ] || echo "$file: does not begin with what it owns and what it never does"
done >"$tmp/why"
verdict 'every file says first what it is'

# A public header keeps its name in its guard: two of the same would hide one another.
find src tests -name '*.h' | sort | while read -r file; do
	guard=$(sed -n 's/^#ifndef //p' "$file" | head -n 1)
	want=$(echo "${file#src/}" | tr 'a-z/.' 'A-Z__')
	case $file in tests/*) want=$guard ;; esac
	[ "$guard" = "$want" ] || echo "$file: the guard is $guard, not $want"
done >"$tmp/why"
verdict 'header guards are the path'
finish
