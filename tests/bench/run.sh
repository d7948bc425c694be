#!/bin/sh
# run.sh - `make bench`: every benchmark in turn, each beside its peer in the same run.  Prints ratios, asserts nothing.
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
exit $failed
