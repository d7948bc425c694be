#!/bin/sh
# cameras.sh - cameras that have a bad day in the middle of a take: one gets hot, one has no room left, one refuses, one answers
# late or drops connections, one restarts and rolls again, one dies.  The others' files come home, and the receipt says of each
# what it did (TAP).
. "${SOURCE_DIR:?}/tests/torture/torture.inc"

start_cam good

# a_take [VERIFIED [LENGTH]]: a plain take of about two seconds.
a_take() {
	cat >take.cue <<-END
	wait nodes 2 within 15s
	record start ep12
	after ${2:-2s} record stop
	wait take verified ${1:-all} within 60s
	END
}
# lists NAME N: the camera has so many recordings of this Sphere.
lists() {
	# One that drops connections drops the judge's, too.
	until_true 10 sh -c "curl -sf -m 5 http://127.0.0.1:$(cat "$WORK/$1.port")/recordings >'$WORK/list'"
	same "$(jq --arg s "$(jq -r .sphere "$SHOW/sphere.json")" '[.recordings[] | select(.sphere == $s)] | length' "$WORK/list")" "$2"
}

# ---- Heat ----

start_cam hot --fault heat-stop-after=1s
NODES=$(nodes_of good hot)
new_show heat
a_take all 5s
play take.cue
check "heat: the show goes on to its end" status_is 0
check "heat: told as a stop that nobody asked for, with its cause" out_has '^event stopped-unasked hot .*heat'
check "heat: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "heat: it failed, with the reason, and its file is home" device 001 hot '.state == "failed" and .reason == "stopped by itself: heat" and
	(.parts | length == 1) and .parts[0].state == "verified" and .parts[0].recording.error == "heat"'
check "heat: the receipt line says so" err_has '2 verified; failed: hot (stopped by itself: heat)'
check "heat: one of two failed" proof 001 '.counts.failed == 1 and .counts.recording == 0'
check "heat: verify and the cameras agree" whole_show good hot
kill_cam hot

# ---- No room ----

start_cam full --fault disk=200k
NODES=$(nodes_of good full)
new_show room
a_take all 7s
play take.cue
check "no room: the show goes on to its end" status_is 0
check "no room: told, with its cause" out_has '^event stopped-unasked full .*storage_full'
check "no room: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "no room: it failed, and what it has is home" device 001 full '.state == "failed" and .reason == "stopped by itself: storage_full" and
	([.parts[].state] == ["verified"])'
check "no room: verify and the cameras agree" whole_show good full
kill_cam full

# ---- Refuses ----

start_cam refuses --fault refuse=record
NODES=$(nodes_of good refuses)
new_show refusal
a_take 1
play take.cue
check "refuses: the show's status is 1" status_is 1
check "refuses: named, with the camera's sentence" out_has '^ack 2 refuses refused [0-9.]*ms "..*"$'
check "refuses: the receipt" receipt 001 '2 asked, 1 recorded, 1 saved, 1 fetched, 1 verified'
check "refuses: it failed with its own words and has no part" device 001 refuses '.state == "failed" and (.reason | length > 10) and .parts == []'
check "refuses: the receipt line names who is missing" err_has 'take 001: 2 asked, 1 recorded, 1 saved, 1 fetched, 1 verified; missing: refuses ('
check "refuses: verify and the cameras agree" whole_show good
kill_cam refuses

# ---- Answers late, and drops connections ----

start_cam late --fault late=2500ms
NODES=$(nodes_of good late)
new_show late
a_take
play take.cue --set ack-timeout=1s
check "late: told as late" out_has '^ack 2 late late [0-9]*ms'
check "late: it recorded all the same, once" lists late 1
check "late: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "late: nobody failed" proof 001 '.counts.failed == 0'
check "late: verify and the cameras agree" whole_show good late
kill_cam late

start_cam drops --fault drop=0.3
NODES=$(nodes_of good drops)
new_show drops
a_take
play take.cue
check "drops: it recorded once" lists drops 1
check "drops: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "drops: nobody failed" proof 001 '.counts.failed == 0'
check "drops: verify says so, too" judged_whole
kill_cam drops

# ---- Restarts inside the take ----

start_cam again
NODES=$(nodes_of good again)
new_show again
cat >again.cue <<'END'
wait nodes 2 within 15s
must record start ep12
echo "rolling"
wait event stopped-unasked again within 20s
wait node again idle within 20s
record -t again start
after 1500ms record stop
wait take verified all within 60s
END
play_on again.cue --set stale-after=1s --set lost-after=3s
told 20 '^say .*rolling'
sleep 1.5
kill_cam again
start_cam again
play_ends
cat "$WORK/out" "$WORK/err" >>"$WORK/why"
check "restarts: the show goes on to its end" status_is 0
check "restarts: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "restarts: two parts, the first cut by the crash, both home" device 001 again '[.parts[] | [.part, .state, .recording.complete, .recording.error]] ==
	[[1, "verified", false, "crash"], [2, "verified", true, null]]'
check "restarts: their names differ" device 001 again '(.parts[0].file | test("-p2") | not) and (.parts[1].file | test("-p2[.]mp4$"))'
check "restarts: the failure is counted" proof 001 '.counts.failed == 1'
check "restarts: verify and the cameras agree" whole_show good again
kill_cam again

# ---- Dies, and is not seen again; then it is ----

start_cam dies
NODES=$(nodes_of good dies)
new_show dies
cat >dies.cue <<'END'
wait nodes 2 within 15s
must record start ep12
echo "rolling"
wait node dies lost within 20s
after 500ms record stop
wait take verified 1 within 20s
echo "home"
wait take failed 1 within 60s
echo "over"
END
play_on dies.cue --set stale-after=1s --set lost-after=2s
told 20 '^say .*rolling'
sleep 1.5
kill_cam dies
told 60 '^say .*"home"'
check "dies: the other's file does not wait for it" device 001 dies '.state == "stopping"'
play_ends
cat "$WORK/out" "$WORK/err" >>"$WORK/why"
check "dies: the take ends without it" out_has '^say .*"over"'
check "dies: the receipt" receipt 001 '2 asked, 2 recorded, 1 saved, 1 fetched, 1 verified'
check "dies: it failed, and why" device 001 dies '.state == "failed" and (.reason | test("^lost before it confirmed the stop")) and .parts == []'
check "dies: the receipt line names it" err_has 'take 001: 2 asked, 2 recorded, 1 saved, 1 fetched, 1 verified; missing: dies (lost before'
check "dies: verify says the same" judged_whole
start_cam dies
# shellcheck disable=SC2086
ld fetch --no-bonjour $NODES "$SHOW"
check "back again: what it had is fetched" status_is 0
check "back again: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "back again: it failed, by its own word now" device 001 dies '.state == "failed" and .reason == "stopped by itself: crash" and .parts[0].recording.complete == false'
check "back again: verify and the cameras agree" whole_show good dies

# ---- Away over the stop, and the next take rolls without it ----

start_cam away
meddle good away
new_show next
cat >next.cue <<'END'
wait nodes 2 within 15s
must record start ep12
echo "rolling"
wait node away lost within 20s
try record stop
wait take saved 1 within 20s
try record start ep13
echo "second"
wait event node-back away within 60s
wait event saved away within 20s
try record stop
wait take verified 1 within 60s
END
play_on next.cue --set stale-after=1s --set lost-after=2s
check "next: a take rolls" told 20 '^say .*"rolling"'
tell silence 2
check "next: the next one, without it" told 30 '^say .*"second"'
check "next: nobody calls our own take another Sphere's" out_lacks 'of another Sphere'
sleep 1
tell pass 2
play_ends
check "next: back, it is asked to stop the first, which comes home" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "next: nobody failed in the first" proof 001 '.counts.failed == 0'
check "next: the last words name it as missing from the second" err_has 'take 002: 2 asked, 1 recorded, 1 saved, 1 fetched, 1 verified; missing: away ('
# shellcheck disable=SC2086
ld fetch --no-bonjour $NODES "$SHOW"
check "next: the second has its end" device 002 away '.state == "failed" and .parts == []'
check "next: verify and the cameras agree" whole_show good away
finish
