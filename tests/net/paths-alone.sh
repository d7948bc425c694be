#!/bin/sh
# paths-alone.sh - each way of finding a camera finds the one that the others cannot see, in a laboratory of namespaces; all of
# them together show it once (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
need_tools jq dbus-daemon avahi-daemon
lab_open
lab_router

# find HOST OPTIONS...: what the console on that host lists; $STATUS, $WORK/out.
find_on() {
	find_host=$1
	shift
	on "$find_host" "$LIVEDIRECTOR" nodes --json --explain "$@" >"$WORK/out" 2>"$WORK/err"
	STATUS=$?
}
# found NAME...: these, and no others, all live.
found() {
	same "$(jq -r '[.nodes[] | select(.state == "live") | .deviceName] | sort | join(",")' "$WORK/out")" "$(printf '%s\n' "$@" | sort | paste -sd,)" && return 0
	cat "$WORK/out" "$WORK/err"
	return 1
}
# finds NAME: among others, live.
finds() {
	jq -e --arg name "$1" 'any(.nodes[]; .deviceName == $name and .state == "live")' "$WORK/out" >/dev/null && return 0
	cat "$WORK/out" "$WORK/err"
	return 1
}
# has_via VIA [ADDRESS]: a node was found so, and answers there.
has_via() {
	jq -e --arg via "$1" --arg at "$2" 'any(.nodes[].paths[]; (.via | index($via)) and (.address == $at or $at == ""))' "$WORK/out" >/dev/null && return 0
	cat "$WORK/out"
	return 1
}
none() {
	[ "$STATUS" -eq 3 ] && [ "$(jq '.nodes | length' "$WORK/out")" -eq 0 ] && return 0
	cat "$WORK/out" "$WORK/err"
	return 1
}
says() {
	jq -e --arg what "$1" 'any(.explain[]; [.. | strings] | any(test($what)))' "$WORK/out" >/dev/null && return 0
	echo "nothing like: $1"
	jq -c .explain "$WORK/out"
	return 1
}

# ---- A camera that announces itself, through its own avahi ----

lab_host desk 1 1
lab_host bare 1 2
lab_host cam 1 11
lab_avahi desk
lab_avahi cam
lab_node cam announced
CAM=$NODE_PID

# No daemon on "bare": queries of our own.
find_on bare --sweep off --probe off --for 3s
check "own queries find it with no daemon on the console's host" found announced
check "by Bonjour" has_via bonjour ""
check "that there is no daemon is told" says 'no (avahi-)?daemon'

# The daemon remembers what it heard before the network began to keep multicast back.
on desk avahi-browse -rtp _mmcam._tcp >"$WORK/browse" 2>&1
lab_drop_multicast 1
find_on bare --sweep off --probe off --for 1s
check "without multicast own queries find nothing" none
find_on desk --sweep off --probe off --for 3s
check "avahi's memory does" found announced
check "by Bonjour too" has_via bonjour ""

# No names, no multicast: the sweep of the subnet that the console is in.
find_on bare --no-bonjour --probe off --sweep off --for 500ms
check "nothing on, nothing found" none
find_on bare --no-bonjour --probe off --sweep auto --for 5s
check "the sweep finds it without multicast" found announced
check "at its address" has_via sweep 10.77.1.11
check "and says what it asked" says '10\.77\.1\.0/24.*25[0-9] asked'
find_on bare --sweep auto --for 5s
check "that this network blocks multicast is concluded" says '[Mm]ulticast.*block|block.*multicast'
lab_pass_multicast 1

# ---- Another subnet ----

lab_host far 2 7
lab_node far elsewhere --no-advertise
find_on bare --sweep auto --probe off --for 4s
check "neither multicast nor the sweep of its own subnet goes through a router" found announced
find_on bare --no-bonjour --probe off --sweep 10.77.2.0/24 --for 3s
check "a sweep of the other subnet, asked for, finds it" finds elsewhere
check "at its address" has_via sweep 10.77.2.7
find_on bare --no-bonjour --probe off --sweep off --node 10.77.2.7 --for 2s
check "and so does its typed address" found elsewhere
check "by hand" has_via manual 10.77.2.7
find_on bare --no-bonjour --probe off --sweep off --node '[fd77:0:0:2::7]' --for 2s
check "a typed IPv6 address too" found elsewhere

# ---- Only a name ----

lab_host quiet 1 23
lab_avahi quiet studio-cam
lab_node quiet nameless --no-advertise
find_on bare --no-bonjour --probe studio-cam.local --sweep off --for 3s
check "a host name finds the camera that does not advertise" found nameless
check "by its name" has_via mdns-name ""
find_on bare --sweep off --probe off --for 3s
check "which Bonjour does not see" found announced

# ---- Tailscale ----

lab_host away 2 31
lab_node away roaming --no-advertise
lab_second_path away 31
lab_second_path bare 1
lab_fake_tailscale "$WORK/bin" 100.64.0.31 100.64.0.99
PATH=$WORK/bin:$PATH find_on bare --no-bonjour --probe off --sweep off --for 3s
check "a peer of tailscale is found" found roaming
check "at its address there" jq -e 'any(.nodes[0].paths[]; .kind == "tailscale" and .address == "100.64.0.31")' "$WORK/out"
check "and at the one that it says it has besides, better, in use" jq -e '.nodes[0].path == "lan" and .nodes[0].address == "10.77.2.31"' "$WORK/out"
find_on bare --no-bonjour --probe off --sweep off --for 1s
check "not without the program" none

# ---- Remembered ----

cat >known.cue <<'END'
wait nodes 1 within 40s
echo "there it is"
END
on bare "$LIVEDIRECTOR" run --sphere "$WORK/show" --no-bonjour --probe off --sweep off --node 10.77.2.7 known.cue >"$WORK/out" 2>"$WORK/err"
check "a Sphere that saw a camera" test $? -eq 0
BEGAN=$(now_ms)
on bare "$LIVEDIRECTOR" run --sphere "$WORK/show" --no-bonjour --probe off --sweep off known.cue >"$WORK/out" 2>"$WORK/err"
check "finds it again with every search off ($(($(now_ms) - BEGAN)) ms)" test $? -eq 0

# ---- All at once ----

PATH=$WORK/bin:$PATH find_on bare --node 10.77.1.11 --probe cam.local --sweep 10.77.1.0/24,10.77.2.0/24 --for 6s
check "all paths together find every camera once" found announced elsewhere nameless roaming
check "no id twice" jq -e '[.nodes[].id] | length == (unique | length)' "$WORK/out"
check "one device keeps how each of its addresses was found" jq -e '.nodes[] | select(.deviceName == "announced") | [.paths[].via[]] | unique |
	contains(["bonjour", "manual", "sweep"]) and contains(["mdns-name"])' "$WORK/out"
check "exactly one path of each is in use" jq -e 'all(.nodes[]; [.paths[] | select(.inUse)] | length == 1)' "$WORK/out"
check "the camera on two networks shows both kinds, the LAN in use" jq -e '.nodes[] | select(.deviceName == "roaming") |
	(.path == "lan") and ([.paths[].kind] | unique == ["lan", "tailscale"])' "$WORK/out"

kill "$CAM"
finish
