#!/bin/sh
# run.sh - `make bench`: the short benchmarks in turn, each beside its peer in the same run.  Prints ratios, asserts nothing.
# The long ones have targets of their own: bench-discovery, bench-pictures (bench_pictures.sh, then bench_console.sh).
set -u
build=${BUILD_DIR:-.} source=${SOURCE_DIR:-.} failed=0

for tool in curl ffmpeg chafa; do
	command -v "$tool" >/dev/null || echo "bench: $tool is not installed: what is measured beside it is left out"
done
if command -v curl >/dev/null; then
	"$build/bench_fanout" 64 9 || failed=1
	echo
fi
sh "$source/tests/bench/bench_thumbs.sh" "$build/bench_thumbs" 5 || [ $? -eq 77 ] || failed=1
echo
echo "Words of a sheet of 16 rolling cameras, drawn 10 times a second: bytes and CPU a refresh (goal 700, 200 us)"
"$build/bench_redraw" 16 50 200 || failed=1
echo
echo "More: make bench-discovery, make bench-pictures"
exit $failed
