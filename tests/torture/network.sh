#!/bin/sh
# network.sh - the network goes away under a take: 20 s without Wi-Fi in the middle, and over the stop; a camera gets another address
# in the middle of a take, and of its file's way home; so does the console.  One part each, all home, none fetched twice (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/torture/torture.inc"
need_tools dbus-daemon avahi-daemon
LAB_IPV6=no
lab_open
lab_host desk 1 1
lab_host left 1 11
lab_host right 1 12
CAMS="left right"
for cam in $CAMS; do
	lab_avahi "$cam"
	lab_node "$cam" "$cam"
	node_id "$cam" >"$WORK/$cam.id"
done
at() { on "$1" curl -s -m 5 "http://127.0.0.1:8081$2"; }
# show_on SHEET [OPTIONS...]: from the desk, found by Bonjour alone.
show_on() {
	show_sheet=$1
	shift
	: >"$WORK/out"
	as desk "$LIVEDIRECTOR" run --sphere "$SHOW" --sweep off --probe off --set tailscale=off "$@" "$show_sheet" >"$WORK/out" 2>"$WORK/err" &
	PLAY_PID=$!
	TAP_PIDS="$TAP_PIDS $PLAY_PID"
}
all_home() { receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'; }
one_part_each() { proof 001 '[.devices[].parts | length] == [1, 1]'; }
# lasted NAME SECONDS: at least, by its file.
lasted() { device 001 "$1" ".parts[0].recording.durationMs >= $2 * 1000"; }

# ---- 20 s without Wi-Fi, in the middle ----

new_show gap
cat >gap.cue <<'END'
wait nodes 2 within 15s
must record start ep12
echo "rolling"
wait event node-lost left within 30s
echo "lost"
wait event node-back left within 60s
after 1s record stop
wait take verified all within 60s
END
show_on gap.cue
check "gap: the take rolls" told 30 '^say .*"rolling"'
sleep 1
lab_silence left
check "gap: the camera is lost" told 20 '^say .*"lost"'
check "gap: the take does not end for it" device 001 left '.state == "recording"'
sleep 14
lab_unsilence left
play_ends
cat "$WORK/out" "$WORK/err" >>"$WORK/why"
check "gap: the show goes on to its end" status_is 0
check "gap: nobody failed" proof 001 '.counts.failed == 0'
check "gap: the receipt" all_home
check "gap: it recorded through it, in one part" one_part_each
check "gap: as long as the take" lasted left 20
check "gap: the silence is in health.jsonl" jq -e -s --arg id "$(id_of left)" 'any(.[]; .node == $id and (tostring | test("lost")))' "$SHOW/sidecars/health.jsonl"
check "gap: verify and the cameras agree" whole_show

# ---- ... and over the stop ----

new_show over
cat >over.cue <<'END'
wait nodes 2 within 15s
must record start ep12
echo "rolling"
wait event node-lost left within 30s
record stop
echo "stopped"
wait take verified all within 90s
END
show_on over.cue
check "gap over the stop: the take rolls" told 30 '^say .*"rolling"'
lab_silence left
check "gap over the stop: one camera confirms, one cannot" told 30 '^say .*"stopped"'
check "gap over the stop: it is named as not having answered" out_has '^ack [0-9]* left \(late\|lost\)'
sleep 12
check "gap over the stop: the other's file is home meanwhile" device 001 right '.state == "verified"'
lab_unsilence left
play_ends
cat "$WORK/out" "$WORK/err" >>"$WORK/why"
check "gap over the stop: it is asked again, and stops" says left '.recording.state == "idle"'
check "gap over the stop: the receipt" all_home
check "gap over the stop: nobody failed" proof 001 '.counts.failed == 0'
check "gap over the stop: one part each" one_part_each
check "gap over the stop: verify and the cameras agree" whole_show

# ---- Another address in the middle of a take ----

new_show moved
cat >moved.cue <<'END'
wait nodes 2 within 15s
must record start ep12
echo "rolling"
after 12s record stop
expect ack all within 2s
wait take verified all within 60s
END
show_on moved.cue
check "moved: the take rolls" told 30 '^say .*"rolling"'
sleep 1
lab_address left 1 11 21
uses() { [ "$(jq -r --arg id "$(id_of left)" '.devices[] | select(.node == $id) | .paths[] | select(.inUse) | .address' "$SHOW/sphere.json")" = "$1" ]; }
check "moved: the camera is found at its new address" until_true 20 uses 10.77.1.21
play_ends
cat "$WORK/out" "$WORK/err" >>"$WORK/why"
check "moved: the stop reaches it there" status_is 0
check "moved: the receipt" all_home
check "moved: nobody failed" proof 001 '.counts.failed == 0'
check "moved: one part each" one_part_each
check "moved: verify and the cameras agree" whole_show

# ---- Another address on the way home ----

slow() { on "$1" tc qdisc replace dev lan root tbf rate "$2" burst 16k latency 300ms 2>/dev/null; }
fast() { on "$1" tc qdisc del dev lan root; }
sent_bytes() { on "$1" sh -c 'cat /sys/class/net/lan/statistics/tx_bytes' 2>/dev/null || ip -n "$1" -s -j link show lan | jq '.[0].stats64.tx.bytes'; }
part_bytes() { stat -c %s "$SHOW/takes/001/"001-cam*-left.mp4.part 2>/dev/null || echo 0; }
if slow left 10mbit; then
	fast left
	new_show shot
	cat >shot.cue <<-'END'
	wait nodes 2 within 15s
	must record start ep12
	after 6s record stop
	wait take saved all within 30s
	END
	show_on shot.cue --set auto-fetch=off
	play_ends
	check "a take of six seconds" receipt 001 '2 asked, 2 recorded, 2 saved, 0 fetched, 0 verified'
	BYTES=$(at left /recordings | jq '.recordings[0].bytes')
	echo "# its file has $BYTES bytes"
	for who in left desk; do
		rm -rf "$WORK/way-$who"
		cp -a "$WORK/shot" "$WORK/way-$who"
		new_show "way-$who"
		slow left 400kbit
		SENT=$(sent_bytes left)
		as desk "$LIVEDIRECTOR" fetch --sweep off --probe off --set tailscale=off "$SHOW" >"$WORK/out" 2>"$WORK/err" &
		PLAY_PID=$!
		TAP_PIDS="$TAP_PIDS $PLAY_PID"
		is_moving() { find "$SHOW/takes/001" -name "*left.mp4.part.state" | grep .; }
		until_true 20 is_moving
		sleep 2.5
		if [ $who = left ]; then lab_address left 1 21 31; else lab_address desk 1 1 2; fi
		play_ends
		fast left
		cat "$WORK/out" "$WORK/err" >>"$WORK/why"
		check "$who moves on the way home: it goes on" status_is 0
		check "$who moves on the way home: the receipt" all_home
		check "$who moves on the way home: nobody failed" proof 001 '.counts.failed == 0'
		check "$who moves on the way home: what had come was kept" awk -v s="$(($(sent_bytes left) - SENT))" -v b="$BYTES" 'BEGIN { print s, "bytes on the wire for", b; exit !(s < 1.6 * b + 60000) }'
		check "$who moves on the way home: verify and the cameras agree" whole_show
	done
fi
finish
