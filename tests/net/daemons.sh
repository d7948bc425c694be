#!/bin/sh
# daemons.sh - what Bonjour does in a day: the console's daemon dies and returns, a TXT record changes, two cameras want one name, a
# camera and the console stand in two networks, a record outlives its camera (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
need_tools jq dbus-daemon avahi-daemon
LAB_IPV6=no
lab_open
lab_host desk 1 1
lab_port desk lan2 2
ip -n desk addr add 10.77.2.1/24 dev lan2
lab_host both 1 11
lab_port both lan2 2
ip -n both addr add 10.77.2.11/24 dev lan2
lab_host twin 1 12
lab_host late 1 13
for host in desk both twin late; do lab_avahi $host; done

# find OPTIONS...: on the desk.
find_now() { on desk "$LIVEDIRECTOR" nodes --json --explain --sweep off --probe off "$@" >"$WORK/out" 2>"$WORK/err"; }
live() { jq -c '[.nodes[] | select(.state == "live") | .deviceName] | sort' "$WORK/out"; }

# ---- Two networks, one name for two ----

lab_node both same
lab_node twin same
# The second of one name is renamed by its daemon first, which takes its time.
finds_both() {
	find_now --for 4s
	same "$(live)" '["same","same"]'
}
check "two cameras of one name are two" until_true 30 finds_both
check "of which one was renamed on the network and not here" jq -e '[.nodes[].id] | unique | length == 2' "$WORK/out"
check "a camera in two networks is one, with an address in each" jq -e 'any(.nodes[]; [.paths[].address] | contains(["10.77.1.11", "10.77.2.11"]))' "$WORK/out"

# ---- The daemon dies, and returns ----

cat >forever.cue <<'END'
wait nodes 99 within 30m
END
watch desk events show forever.cue --sweep off --probe off
check "a console sees both" until_true 15 counted events 'event node-live' 2
lab_avahi_kill desk KILL
SINCE=$(now_ms)
lab_node late newcomer
LATE=$NODE_PID
check "its own daemon dead, the console still finds a camera that comes now" came events 'event node-live newcomer' "$SINCE" 15
say "after $TOOK ms"
find_now --for 1s
check "it says that it has no daemon" jq -e '[.explain[] | .. | strings] | any(test("no (avahi-)?daemon"))' "$WORK/out"
nobody_lost() { ! awk -v t="$SINCE" '$1 >= t' "$WORK/events" | grep -e node-lost; }
check "and nobody was lost by it" nobody_lost
lab_avahi_start desk
SINCE=$(now_ms)
kill "$LATE"
check "the daemon returned: a goodbye is heard" came events 'event node-lost newcomer' "$SINCE" 5
find_now --for 1s
check "nothing is wrong any more" jq -e '[.explain[] | .. | strings] | any(test("no (avahi-)?daemon")) | not' "$WORK/out"

# ---- A TXT record changes ----

service() {	# PORT: what is told of it
	cat >"$LAB/late/services/txt.service" <<-END
	<service-group><name>telling</name><service><type>_mmcam._tcp</type><port>9</port><txt-record>deviceName=telling</txt-record>
	<txt-record>apiPort=$1</txt-record></service></service-group>
	END
	kill -HUP "$(cat "$LAB/late/avahi.pid")"
}
lab_node late telling --no-advertise --port 8082
TELLING=$NODE_PID
SINCE=$(now_ms)
service 8082
check "the port that the TXT record tells is the camera's" came events 'event node-live telling' "$SINCE" 15
say "after $TOOK ms"
SINCE=$(now_ms)
kill -9 "$TELLING"
lab_node late telling --no-advertise --port 8083
service 8083
uses() { [ "$(jq -r --arg id "$(node_id telling)" '.devices[] | select(.node == $id) | .paths[] | select(.inUse) | .port' "$WORK/show/sphere.json")" = "$1" ]; }
check "another TXT record, another port" until_true 20 uses 8083
say "after $(($(now_ms) - SINCE)) ms"
find_now --for 4s
check "one device, live" same "$(jq -c '[.nodes[] | select(.deviceName == "telling") | .state]' "$WORK/out")" '["live"]'

# ---- A record that outlives its camera ----

SINCE=$(now_ms)
lab_silence twin
check "a host that dies without a word is stale" came events 'event node-stale same' "$SINCE" 6
say "after $TOOK ms"
find_now --for 4s
check "its record is still told, and it is no live camera" same "$(live)" '["same","telling"]'
watch_end events show
finish
