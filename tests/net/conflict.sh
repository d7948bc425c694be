#!/bin/sh
# conflict.sh - two devices with one id (a cloned phone) are both usable and never merged; one device under two names, and at two
# addresses, is one (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
need_tools jq dbus-daemon avahi-daemon
ONE_ID=11111111-2222-4333-8444-555555555555
lab_open
lab_host desk 1 1
lab_host phone 1 11
lab_host clone 1 12
lab_avahi phone
lab_avahi clone

# find_on HOST OPTIONS...
find_on() {
	find_host=$1
	shift
	on "$find_host" "$LIVEDIRECTOR" nodes --json --explain "$@" >"$WORK/out" 2>"$WORK/err"
	STATUS=$?
}

# ---- One device under two names ----

lab_node phone original --id "$ONE_ID"
ORIGINAL=$NODE_PID
as phone avahi-publish-service -s "another name" _mmcam._tcp 8081 "id=$ONE_ID" deviceName=another >"$WORK/publish" 2>&1 &
ALIAS=$!
TAP_PIDS="$TAP_PIDS $ALIAS"
until_true 5 grep -q Established "$WORK/publish"
find_on desk --for 4s --probe phone.local --node 10.77.1.11 --node '[fd77:0:0:1::11]'
check "two names, a host name and two addresses of one device are one" same "$(jq -c '[.nodes[] | [.id, .state, .deviceName]]' "$WORK/out")" "[[\"$ONE_ID\",\"live\",\"original\"]]"
check "with both its addresses" jq -e '.nodes[0].paths | map(.address) | contains(["10.77.1.11", "fd77:0:0:1::11"])' "$WORK/out"
check "and no state of conflict" jq -e 'all(.nodes[]; .state != "conflict")' "$WORK/out"
kill "$ALIAS"

# ---- The clone ----

lab_node clone copy --id "$ONE_ID"
COPY=$NODE_PID
find_on desk --for 6s
check "two devices with one id are two nodes" same "$(jq '.nodes | length' "$WORK/out")" 2
check "with both names" same "$(jq -r '[.nodes[].deviceName] | sort | join(",")' "$WORK/out")" "copy,original"
check "in conflict" jq -e 'any(.nodes[]; .state == "conflict")' "$WORK/out"
check "no address belongs to both" jq -e '[.nodes[].paths[].address] | map(select(startswith("10."))) | length == (unique | length)' "$WORK/out"

cat >both.cue <<'END'
wait nodes 2 within 40s
record -t all start twins
wait take recording 2 within 40s
after 1s zoom -t original 1.5 --force
after 200ms zoom -t copy 1.7 --force
after 500ms record stop
wait take saved 2 within 80s
END
watch desk both both-show both.cue
check "both can be commanded at once" watch_over both 35
check "each is answered: status 0" same "$WATCH_STATUS" 0
[ "$WATCH_STATUS" = 0 ] || sed 's/^/# /' "$WORK/both"
check "both files are saved" jq -e '.counts.saved == 2' "$WORK/both-show/takes/001/take.json"
zoom_of() { on desk curl -s -m 5 "http://$1:8081/health" | jq .zoom; }
check "the first zoomed as told" same "$(zoom_of 10.77.1.11)" "$(on desk curl -s -m 5 http://10.77.1.11:8081/health | jq '.zoom')"
check "each did what it was told, not the other" same "$(zoom_of 10.77.1.11) $(zoom_of 10.77.1.12)" "1.5 1.7"
say "events: $(sed 's/^[0-9]* //' "$WORK/both" | grep -c 'event node-')"

# The clone leaves: the other is one again.
kill "$COPY"
find_on desk --for 4s
check "when the clone is gone there is one" same "$(jq -c '[.nodes[] | select(.state != "lost") | [.deviceName, .state]]' "$WORK/out")" '[["original","live"]]'
kill "$ORIGINAL"
finish
