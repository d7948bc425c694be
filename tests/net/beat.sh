#!/bin/sh
# beat.sh - fifty cuts on the beat of somebody else, behind a cable with delay and jitter: none is lost, none doubled, and what was
# planned is on that other's own beat.  How near they land is a matter of the machine: `make bench-beat` tells it.
. "${SOURCE_DIR:?}/tests/support/tap.sh"

BENCH_JUDGE=$WORK/judge BUILD_DIR=${BUILD_DIR:?} SOURCE_DIR=$SOURCE_DIR sh "$SOURCE_DIR/tests/bench/bench_beat.sh" 50 5 5 6 >"$WORK/out" 2>&1
status=$?
[ $status -ne 77 ] || skip_all "$(tail -n 1 "$WORK/out")"

word() {
	awk -v want="$1" '{ for (i = 1; i < NF; i++) if ($i == want) { print $(i + 1); exit } }' "$WORK/judge"
}
is() {
	[ "$(word "$1")" -eq "$2" ] && return 0
	echo "$1: $(word "$1"), not $2"
	cat "$WORK/out"
	return 1
}
# Between a tempo that changes and our hearing of it lies the cable.
planned_on_beat() {
	[ "$(word near)" -ge 47 ] && return 0
	cat "$WORK/out" "$WORK/judge"
	return 1
}

check 'every cut on the beat is made' is planned 50
check 'each turns one red light on, once' is landed 50
check 'no beat has two' is twice 0
check 'cuts are planned on the beat of the other' planned_on_beat
finish
