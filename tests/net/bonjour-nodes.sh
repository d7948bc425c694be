#!/bin/sh
# bonjour-nodes.sh - four cameras found by Bonjour through a private avahi-daemon, with no --node; gone at once when they
# say bye, within 1.5 s when only their record goes; no daemon: --node still works (TAP).
PRIVATE=${SOURCE_DIR:?}/tests/support/avahi-private.sh

if [ "$1" != --inside ]; then
	said=$(mktemp) || exit 1
	"$PRIVATE" "$0" --inside 2>"$said"
	status=$?
	if [ $status -eq 77 ]; then
		echo "1..0 # SKIP $(tail -n 1 "$said")"
		status=0
	else
		sed 's/^/# /' "$said"
	fi
	rm -f "$said"
	exit $status
fi

. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
need_tools jq

# advertise NAME N: a fleet that announces itself; $FLEET_PID.
advertise() {
	"$MMCAMD" --fleet "$2" --name "$1" --port 0 --recordings "$WORK/$1" --size 320x180 --fps 10 >"$WORK/$1.ready" 2>"$WORK/$1.err" &
	FLEET_PID=$!
	TAP_PIDS="$TAP_PIDS $FLEET_PID"
	until_true 20 grep -q '"ready": *true' "$WORK/$1.ready"
}
# found COUNT: so many nodes, all by Bonjour and live.
found() {
	jq -e --argjson count "$1" '.nodes | length == $count and all(.[]; .state == "live" and .via == ["bonjour"] and .health.recording.state == "idle")' \
		"$WORK/out" || { cat "$WORK/out"; return 1; }
}

# ---- Found ----

advertise cam 4 || { cat "$WORK/cam.err"; echo "Bail out! no cameras"; exit 1; }
ld nodes --for 8s --json
check "four cameras are found with no --node" found 4
check "by their names" same "$(jq -r '[.nodes[].deviceName] | sort | join(",")' "$WORK/out")" "cam 1,cam 2,cam 3,cam 4"
check "at the ports that they told" same "$(jq -c '[.nodes[].port] | sort' "$WORK/out")" "$(jq -c '[.nodes[].port] | sort' "$WORK/cam.ready")"
check "status 0" status_is 0
ld nodes --for 4s --json
check "again, and soon" found 4

# ---- Gone ----

# watch SHEET: a headless console, its lines with the milliseconds of their coming in $WORK/watched.
watch() {
	rm -f "$WORK/watched"
	(
		"$LIVEDIRECTOR" run --sphere "$WORK/show" "$1" 2>"$WORK/watch.err" | while IFS= read -r line; do
			echo "$(date +%s%3N) $line"
		done >"$WORK/watched"
	) &
	WATCH_PID=$!
	TAP_PIDS="$TAP_PIDS $WATCH_PID"
}
moment() { grep -m1 -e "$1" "$WORK/watched" | cut -d ' ' -f 1; }
counted() { [ "$(grep -c -e "$1" "$WORK/watched")" -ge "$2" ]; }
# within MS PATTERN: the last of them came so soon after $SINCE, with $PATIENCE; and before silence alone would have told it.
within() {
	last=$(grep -e "$2" "$WORK/watched" | tail -n 1 | cut -d ' ' -f 1)
	echo "$((last - SINCE)) ms"
	cat "$WORK/watched"
	[ -n "$last" ] && [ $((last - SINCE)) -le $(($1 * PATIENCE)) ] && [ $((last - SINCE)) -lt 5500 ]
}

cat >bye.cue <<'END'
wait nodes 4 within 80s
echo "all there"
wait event node-lost within 80s
wait node "cam 1" lost within 60s
wait node "cam 2" lost within 60s
wait node "cam 3" lost within 60s
wait node "cam 4" lost within 60s
echo "all gone"
wait nodes 1 within 80s
END
watch bye.cue
check "a console sees the four" until_true 20 grep -q '^[0-9]* say .*all there' "$WORK/watched"
SINCE=$(date +%s%3N)
kill "$FLEET_PID"
check "all four are lost when they quit" until_true 10 counted 'event node-lost "cam' 4
check "by their own word" until_true 2 counted 'event node-lost "cam .*said bye' 4
check "within a second" within 1000 'event node-lost "cam'
wait "$FLEET_PID"
check "the fleet quits in order" test $? -eq 0
advertise cam 4
check "they are back when they are announced again" until_true 20 counted 'event node-back "cam' 1
check "and the sheet goes on" until_true 15 grep -q ' say .*all gone' "$WORK/watched"

# A process that dies: avahi withdraws what it had registered, nothing else is said.
cat >died.cue <<'END'
wait nodes 4 within 80s
echo "all there"
wait node "cam 4" lost within 60s
wait nodes 9 within 80s
END
check "the first run is over" until_true 15 sh -c "! kill -0 $WATCH_PID"
watch died.cue
check "a console sees the four again" until_true 20 grep -q '^[0-9]* say .*all there' "$WORK/watched"
SINCE=$(date +%s%3N)
kill -9 "$FLEET_PID"
check "a dead fleet is lost" until_true 10 counted 'event node-lost "cam' 4
check "within 1.5 s" within 1500 'event node-lost "cam'
kill "$(cat "$WORK/show/sphere.json.lock")" 2>/dev/null

# ---- No daemon ----

"$PRIVATE" --daemon kill
start_fleet plain 1 --name plain --size 320x180 --fps 10
# shellcheck disable=SC2046
ld nodes --for 4s --json --explain $(node_options plain)
check "with no daemon a camera is still found by --node" jq -e '.nodes | length == 1 and .[0].state == "live" and .[0].via == ["manual"]' "$WORK/out"
check "and asked for, it is explained" jq -e '.explain[] | select(.source == "bonjour") | .working == false and .sentence == "Bonjour: no daemon; using own queries"' "$WORK/out"
printf 'wait nodes 1\nafter 3s echo done\n' >plain.cue
# shellcheck disable=SC2046
ld run --sphere plain-show $(node_options plain) plain.cue
check "a show goes on with it" status_is 0
finish
