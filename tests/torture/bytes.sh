#!/bin/sh
# bytes.sh - files on a bad way home: a byte is spoilt, once and always; connections end early; a camera promises less than it said,
# has less than it said, falls silent for 20 s, dies and comes back in the middle.  Nothing false is ever called verified, nothing
# that came is thrown away (TAP).
. "${SOURCE_DIR:?}/tests/torture/torture.inc"

start_cam good
start_cam bad
meddle good bad
# Both record two seconds, and nothing is fetched: $SHOW is copied for each bad day.
cat >shoot.cue <<'END'
wait nodes 2 within 15s
must record start ep12
after 3s record stop
wait take saved all within 30s
END
new_show shot
play shoot.cue --set auto-fetch=off
check "two cameras have recorded" receipt 001 '2 asked, 2 recorded, 2 saved, 0 fetched, 0 verified'
RECORDING=$(at bad /recordings | jq -r '.recordings[0].id')
BYTES=$(at bad /recordings | jq '.recordings[0].bytes')

# another_day NAME: the show as it was shot, and a meddler that has seen nothing.
another_day() {
	rm -rf "${WORK:?}/$1"
	cp -a "$WORK/shot" "$WORK/$1"
	new_show "$1"
	for what in pass rate corrupt end promise; do
		tell $what '*' 0 0
	done
	BEFORE=$(carried "$RECORDING")
}
# shellcheck disable=SC2086
fetch() { ld fetch --no-bonjour $NODES "$SHOW"; }
fetch_on() {
	# shellcheck disable=SC2086
	"$LIVEDIRECTOR" fetch --no-bonjour $NODES "$SHOW" >"$WORK/out" 2>"$WORK/err" &
	PLAY_PID=$!
	TAP_PIDS="$TAP_PIDS $PLAY_PID"
}
# carried_at_most SHARE: of the bad one's file, since this day began.
carried_at_most() {
	awk -v c=$(($(carried "$RECORDING") - BEFORE)) -v b="$BYTES" -v s="$1" 'BEGIN { print "carried", c, "of", b; exit !(c <= b * s) }'
}
all_home() { receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'; }
FILE=takes/001/001-cam2-bad.mp4

# ---- Spoilt bytes ----

another_day once
tell corrupt 2 50000 1
fetch
check "a byte spoilt once: it is fetched again" status_is 0
check "a byte spoilt once: the receipt" all_home
check "a byte spoilt once: nobody failed" proof 001 '.counts.failed == 0'
check "a byte spoilt once: the bad file is kept as evidence" test -s "$SHOW/$FILE.bad"
check "a byte spoilt once: and is not the good one" sh -c "! cmp -s '$SHOW/$FILE' '$SHOW/$FILE.bad'"
check "a byte spoilt once: the file came twice" carried_at_most 2.05
check "a byte spoilt once: verify and the cameras agree" whole_show

another_day always
tell corrupt 2 50000 99
fetch
check "spoilt always: fetch's status is 1" status_is 1
check "spoilt always: it says which and why" out_has 'bad (SHA-256 differs from the node.s)'
check "spoilt always: the receipt: all of it came, and it is not the file" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 1 verified'
check "spoilt always: failed, never verified" device 001 bad '.state == "failed" and .reason == "SHA-256 differs from the node'"'"'s" and .parts[0].state == "failed"'
check "spoilt always: nothing has its name" test ! -e "$SHOW/$FILE"
check "spoilt always: three tries" carried_at_most 3.05
check "spoilt always: the newest bad file is kept" test -s "$SHOW/$FILE.bad"
check "spoilt always: no part file is left" no_leftovers
check "spoilt always: verify says that it is not home" judged_for '^cam2: part 1 did not come home: SHA-256 differs'
tell corrupt 2 0 0
fetch
check "and whole again: fetched" status_is 0
check "and whole again: the receipt" all_home
check "and whole again: the device is verified, its failure counted" device 001 bad '.state == "verified"'
check "and whole again: verify and the cameras agree" whole_show

# ---- Connections that end ----

another_day drops
tell end 2 $((BYTES / 3)) 1
fetch
check "ended after a third: goes on from there" carried_at_most 1.05
check "ended after a third: the receipt" all_home
check "ended after a third: verify and the cameras agree" whole_show

another_day early
tell end 2 $((BYTES / 2)) 99
fetch_on
until_true 10 sh -c "grep -q 'file 2 .* 0\$' '$WORK/meddle.ready'"
check "always ended at the middle: not called home" receipt 001 '2 asked, 2 recorded, 2 saved, 1 fetched, 1 verified'
tell end 2 0 0
play_ends
check "and then not: it goes on by itself" status_is 0
check "the receipt" all_home
check "no byte came twice" carried_at_most 1.05
check "verify and the cameras agree" whole_show

# ---- Less than was promised ----

another_day shorter
tell promise 2 $((BYTES - 1000))
fetch
check "a shorter file than it promised: status 1" status_is 1
check "a shorter file: says so" out_has 'bad (.*promised'
check "a shorter file: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 1 fetched, 1 verified'
check "a shorter file: failed" device 001 bad '.state == "failed" and (.reason | test("promised"))'
check "a shorter file: nothing has its name" test ! -e "$SHOW/$FILE"
check "a shorter file: verify says that it is not home, and has no word against the other" judged_for '^cam2: part 1 did not come home|is left of a fetch'
tell promise 2 0
fetch
check "and all of it after all: the receipt" all_home
check "and all of it after all: verify and the cameras agree" whole_show

another_day gone
ON_CAMERA=$WORK/cam-bad/$RECORDING.mp4
cp -p "$ON_CAMERA" kept.mp4
truncate -s -1000 "$ON_CAMERA"
fetch
check "cut short on the camera itself: status 1" status_is 1
check "cut short on the camera: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 1 fetched, 1 verified'
check "cut short on the camera: failed, in its words" device 001 bad '.state == "failed" and (.reason | test("changed there|gone"))'
cp -p kept.mp4 "$ON_CAMERA"
fetch
check "and put back: the receipt" all_home
check "and put back: verify and the cameras agree" whole_show

# ---- In the middle of it ----

# Half of it has come: at a third of the file a second.
is_moving() { [ "$(stat -c %s "$SHOW/$FILE.part" 2>/dev/null || echo 0)" -gt 0 ] && [ -s "$SHOW/$FILE.part.state" ]; }
another_day silent
tell rate 2 $((BYTES / 3))
fetch_on
until_true 20 is_moving
sleep 1.5
tell silence 2
sleep 20
check "20 s of silence: not called home" receipt 001 '2 asked, 2 recorded, 2 saved, 1 fetched, 1 verified'
tell pass 2
play_ends
check "20 s of silence: it goes on" status_is 0
check "20 s of silence: the receipt" all_home
check "20 s of silence: what had come was kept" carried_at_most 1.5
check "20 s of silence: verify and the cameras agree" whole_show

another_day restarts
tell rate 2 $((BYTES / 3))
fetch_on
until_true 20 is_moving
sleep 1.5
kill_cam bad
sleep 1
start_cam bad
play_ends
check "the camera restarts: it goes on" status_is 0
check "the camera restarts: the receipt" all_home
check "the camera restarts: what had come was kept" carried_at_most 1.5
check "the camera restarts: verify and the cameras agree" whole_show

another_day killed
tell rate 2 $((BYTES / 6))
for kill in 1 2 3; do
	fetch_on
	until_true 20 is_moving
	sleep 1.2
	kill -9 "$PLAY_PID"
	play_ends 2>/dev/null
done
tell rate 2 0
fetch
check "fetch killed three times: the receipt" all_home
check "fetch killed three times: not fetched twice in full" carried_at_most 1.95
check "fetch killed three times: verify and the cameras agree" whole_show

# ---- Half a file that somebody meddled with ----

# half_way NAME: a day on which half of it had come when fetch was killed.
half_way() {
	another_day "$1"
	tell rate 2 $((BYTES / 4))
	fetch_on
	until_true 20 is_moving
	sleep 1.7
	kill -9 "$PLAY_PID"
	play_ends 2>/dev/null
	tell rate 2 0
}
half_way shortened
truncate -s 100 "$SHOW/$FILE.part"
fetch
check "its part file was shortened: the receipt" all_home
check "its part file was shortened: verify and the cameras agree" whole_show
half_way removed
rm "$SHOW/$FILE.part"
fetch
check "its part file was removed: the receipt" all_home
check "its part file was removed: verify and the cameras agree" whole_show
half_way state
head -c 300 /dev/urandom >"$SHOW/$FILE.part.state"
fetch
check "its state is rubbish: the receipt" all_home
check "its state is rubbish: verify and the cameras agree" whole_show
half_way there
echo "something else" >"$SHOW/$FILE"
fetch
check "something else has its name: the receipt" all_home
check "something else has its name: it is put aside" same "$(cat "$SHOW/$FILE.aside-1")" "something else"
check "something else has its name: the file is right" cameras_agree
half_way folder
mkdir "$SHOW/$FILE"
fetch
check "a folder has its name: the file is right, or said to be missing" sh -c "[ \"\$(cat '$WORK/out' '$WORK/err' | grep -c 'not home\|2 verified')\" -ge 1 ]"
check "a folder has its name: nothing false is verified" cameras_agree good
finish
