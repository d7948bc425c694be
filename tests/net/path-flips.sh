#!/bin/sh
# path-flips.sh - the LAN of a camera that rolls comes and goes, with a second path up: each flip is done, and nothing leaks: not
# memory, not descriptors, not a second device.  LAB_FLIPS=100 for more of them; LAB_FLIPS_OF=address flips its address (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
need_tools jq dbus-daemon avahi-daemon
FLIPS=${LAB_FLIPS:-2}
KIND=${LAB_FLIPS_OF:-path}
LAB_IPV6=no
lab_open
lab_host desk 1 1
lab_host cam 1 11
lab_avahi cam
[ "$KIND" = address ] || lab_second_path desk 1
[ "$KIND" = address ] || lab_second_path cam 11
lab_node cam one

cat >forever.cue <<'END'
wait nodes 1 within 40s
record -t one start flips
wait take recording 1 within 40s
finally try record stop
wait nodes 99 within 2h
END
uses() { [ "$(jq -r '.devices[0].paths[] | select(.inUse) | .address' "$WORK/show/sphere.json")" = "$1" ]; }
watch desk events show forever.cue --set auto-fetch=off
check "a take rolls" until_true 15 jq -e '.counts.recording == 1' "$WORK/show/takes/001/take.json"
check "by the LAN" until_true 10 uses 10.77.1.11
PID=$(watched_pid show)

# flip: there and back.
flip() {
	if [ "$KIND" = address ]; then
		lab_address cam 1 11 12
		until_true 20 uses 10.77.1.12 || return 1
		lab_address cam 1 12 11
		until_true 20 uses 10.77.1.11
		return
	fi
	lab_cable cam 1 down
	until_true 10 uses 100.64.0.11 || return 1
	lab_cable cam 1 up
	until_true 15 uses 10.77.1.11
}
# The first one fills what is filled once.
check "one flip" flip
sleep 1
RSS=$(rss_kb "$PID")
FDS=$(fd_count "$PID")
DONE=0
: >"$WORK/times"
for i in $(seq "$FLIPS"); do
	SINCE=$(now_ms)
	flip || break
	echo $(($(now_ms) - SINCE)) >>"$WORK/times"
	DONE=$i
done
check "$FLIPS more in a row, each done" same "$DONE" "$FLIPS"
say "there and back: median $(median <"$WORK/times") ms, worst $(worst <"$WORK/times") ms"
few_descriptors() { [ "$(fd_count "$PID")" -le $((FDS + 2)) ]; }
until_true 5 few_descriptors
say "before: $RSS kB, $FDS descriptors; after: $(rss_kb "$PID") kB, $(fd_count "$PID") descriptors"
check "descriptors do not grow" few_descriptors
ROOM=2048
! grep -q __asan_init "$LIVEDIRECTOR" || ROOM=65536		# what was freed is kept aside there
check "memory does not grow" test "$(rss_kb "$PID")" -le $((RSS + ROOM))
check "it was never lost" sh -c "! grep -q 'event node-lost' '$WORK/events'"
check "no second device" same "$(jq '.devices | length' "$WORK/show/sphere.json")" 1
check "which keeps few addresses" test "$(jq '.devices[0].paths | length' "$WORK/show/sphere.json")" -le 3
kill "$PID"
check "it ends in order" watch_over events 40
check "with one recording of one part, never stopped" jq -e '.devices | length == 1 and (.[0].parts | length == 1) and .[0].reason == null and .[0].state == "saved"' "$WORK/show/takes/001/take.json"
finish
