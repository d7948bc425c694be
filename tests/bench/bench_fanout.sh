#!/bin/sh
# bench_fanout.sh - `make bench-fanout [NODES ...]`: trigger to the last of N nodes, beside the limit, libcurl, Node and curl; then
# what two silent nodes of 64 do to the others.  Prints ratios, asserts nothing.
set -u
build=${BUILD_DIR:-.} source=${SOURCE_DIR:-.} failed=0
rounds=${BENCH_ROUNDS:-15}
BENCH_FANOUT_MJS=$source/tests/bench/bench_fanout.mjs
export BENCH_FANOUT_MJS

for tool in curl node; do
	command -v "$tool" >/dev/null || echo "bench-fanout: $tool is not installed: what is measured beside it is left out"
done
[ $# -gt 0 ] || set -- 4 16 64 256 1000
for nodes; do
	"$build/bench_fanout" "$nodes" "$rounds" || failed=1
	echo
done
"$build/bench_fanout" 64 "$rounds" 2 || failed=1
exit $failed
