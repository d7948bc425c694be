#!/bin/sh
# moves.sh - cameras and the console change their addresses in the middle of a show: two cameras swap theirs and neither gets what was
# meant for the other; one starts anew elsewhere and is no clone of itself; the console moves; a lossy network (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
need_tools jq dbus-daemon avahi-daemon curl
LAB_IPV6=no
lab_open
lab_host desk 1 1
lab_host left 1 11
lab_host right 1 12
lab_avahi left
lab_avahi right
lab_node left left
lab_node right right
RIGHT=$NODE_PID

# Each camera gets zooms of its own range: 1.1 to 1.4, and 2.1 to 2.4.
{
	echo 'wait nodes 2 within 40s'
	echo 'echo "both there"'
	for i in $(seq 32); do
		echo "after 150ms zoom -t left 1.$((i % 4 + 1)) --force"
		echo "after 150ms zoom -t right 2.$((i % 4 + 1)) --force"
	done
	echo 'echo "train over"'
	echo 'wait nodes 99 within 2m'
} >train.cue
# Whoever zooms out of its range is told by its own events.
listen_to() {
	as "$1" curl -sN -m 100 http://127.0.0.1:8081/events >"$WORK/events-$1" 2>/dev/null &
	TAP_PIDS="$TAP_PIDS $!"
}
listen_to left
listen_to right
zooms() { awk '/^event: /{name=substr($0,8)} /^data: /{if (name=="zoom") print substr($0,7)}' "$WORK/events-$1" | jq .value; }
watch desk show show-dir train.cue
check "both cameras are live" until_true 15 counted show 'say [0-9]* "both there"' 1
until_true 10 counted show 'begin [0-9]* zoom' 8

# ---- They swap their addresses ----

SINCE=$(now_ms)
ip -n left addr del 10.77.1.11/24 dev lan
ip -n right addr del 10.77.1.12/24 dev lan
ip -n left addr add 10.77.1.12/24 dev lan
ip -n right addr add 10.77.1.11/24 dev lan
ip -n left route replace default via 10.77.1.254
ip -n right route replace default via 10.77.1.254
answered() { awk -v who="$1" -v t="$2" '$2 == "begin" && $1 >= t { mine[$3] = 1 } $2 == "ack" && $4 == who && $5 == "ok" && ($3 in mine) { print $1; exit }' "$WORK/show"; }
both_answer() { [ -n "$(answered left "$SINCE")" ] && [ -n "$(answered right "$SINCE")" ]; }
check "both answer again after they swapped addresses" until_true 20 both_answer
say "after $(($(answered left "$SINCE") - SINCE)) and $(($(answered right "$SINCE") - SINCE)) ms"
check "the train ends" until_true 30 counted show 'say [0-9]* "train over"' 1
in_range() {
	zooms "$1" >"$WORK/zooms"
	[ "$(wc -l <"$WORK/zooms")" -gt 5 ] && awk -v low="$2" -v high="$3" '$1 != 1 && ($1 < low || $1 > high) { print "zoomed to " $1; bad = 1 } END { exit bad }' "$WORK/zooms"
}
check "the left one did only what was meant for it" in_range left 1.05 1.45
check "so did the right one" in_range right 2.05 2.45
say "answers: $(awk '$2 == "ack" { n[$4 " " $5]++ } END { for (k in n) printf "%s %d  ", k, n[k] }' "$WORK/show")"
check "still two devices" same "$(jq '.devices | length' "$WORK/show-dir/sphere.json")" 2
none_in_conflict() { ! grep -i conflict "$WORK/show"; }
check "and no conflict" none_in_conflict

# ---- One starts anew, elsewhere: its clock's epoch is another ----

SINCE=$(now_ms)
kill -9 "$RIGHT"
lab_address right 1 11 13
lab_node right right
uses() { [ "$(jq -r --arg id "$(node_id right)" '.devices[] | select(.node == $id) | .paths[] | select(.inUse) | .address' "$WORK/show-dir/sphere.json")" = "$1" ]; }
check "a camera that starts anew at another address is found there" until_true 20 uses 10.77.1.13
say "after $(($(now_ms) - SINCE)) ms"
sleep 1
check "it is no clone of itself" none_in_conflict
check "nor a third device" same "$(jq '.devices | length' "$WORK/show-dir/sphere.json")" 2

# ---- The console moves ----

SINCE=$(now_ms)
lab_address desk 1 1 2
# Within the time in which silence makes a camera stale nothing was said of it.
sleep 5
check "the console has another address and no camera is lost" sh -c "! awk -v t=$SINCE '\$1 >= t' '$WORK/show' | grep -e 'event node-lost'"
check "both are live" same "$(on desk "$LIVEDIRECTOR" nodes --json --sweep off --probe off --for 4s | jq '[.nodes[] | select(.state == "live")] | length')" 2

# ---- A lossy network ----

lab_loss desk 15
SINCE=$(now_ms)
sleep 6
check "fifteen packets of a hundred lost: no camera is" sh -c "! awk -v t=$SINCE '\$1 >= t' '$WORK/show' | grep -e 'event node-lost'"
on desk "$LIVEDIRECTOR" nodes --json --sweep off --probe off --for 8s >"$WORK/out" 2>&1
check "and a console that starts now finds both" same "$(jq '[.nodes[] | select(.state == "live")] | length' "$WORK/out")" 2
watch_end show show-dir
finish
