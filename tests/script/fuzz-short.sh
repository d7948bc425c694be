#!/bin/sh
# fuzz-short.sh - every fuzz target over its corpus and a few thousand mutations of it, about two seconds each.
# A longer hunt is by hand: doc/testing.md.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${BUILD_DIR:=$SOURCE_DIR/build}"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/fuzz.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp" || exit 99
number=0

for program in "$BUILD_DIR"/fuzz_*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	name=${program##*/fuzz_}
	corpus=$SOURCE_DIR/tests/data/fuzz/$name
	number=$((number + 1))
	set --
	[ -d "$corpus" ] && set -- "$corpus"
	if grep -qa LLVMFuzzerRunDriver "$program"; then
		mkdir -p "$name.found"		# linked with libFuzzer, which writes what it finds into the first folder
		set -- -runs=20000 -max_total_time=2 -seed=1 "$name.found" "$@"
	fi
	if [ ! -d "$corpus" ]; then
		echo "not ok $number - $name has a corpus"
		echo "# tests/data/fuzz/$name is missing"
	elif "$program" "$@" >"$name.out" 2>&1; then
		echo "ok $number - $name: $(tail -n 1 "$name.out")"
	else
		echo "not ok $number - $name"
		head -n 60 "$name.out" | sed 's/^/# /'
		for input in crash-* "${program##*/}.crash"; do
			[ -f "$input" ] && { echo "# $input:"; od -An -c -N 1024 "$input" | sed 's/^/# /'; }
		done
	fi
done
if [ "$number" -eq 0 ]; then
	echo "1..0 # SKIP no fuzz target is built in $BUILD_DIR"
else
	echo "1..$number"
fi
