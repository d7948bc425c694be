#!/bin/sh
# owners.sh - who has the folder: a second console, `do` and `fetch` are refused with a sentence that names the owner; the console is
# gone and comes back, on this machine and on another one, in the middle of a take and of the way home; what became of the cameras
# meanwhile is told; another Sphere wants the same cameras (TAP).
. "${SOURCE_DIR:?}/tests/torture/torture.inc"

start_cam left
start_cam wide
meddle left wide

# ---- Two consoles on one folder ----

cat >rolls.cue <<'END'
wait nodes 2 within 15s
must record start ep12
cut 1
echo "rolling"
wait nodes 9 within 1h
END
new_show owned
play_on rolls.cue
check "a console rolls a take" told 20 '^say .*"rolling"'
OWNER=$PLAY_PID
# refused WHAT COMMAND...: with status 4, and a sentence that names the owner.
refused() {
	refused_what=$1
	shift
	"$@" >second.out 2>second.err
	same "$?" 4 && grep -q "owned.* is run by another console (process $OWNER)" second.err && return 0
	cat second.out second.err
	return 1
}
# shellcheck disable=SC2086
{
	check "a second one is refused" refused run "$LIVEDIRECTOR" run --sphere "$SHOW" --no-bonjour $NODES rolls.cue
	check "so is do" refused 'do' "$LIVEDIRECTOR" 'do' --sphere "$SHOW" --no-bonjour $NODES tag x
	check "so is fetch" refused fetch "$LIVEDIRECTOR" fetch --no-bonjour $NODES "$SHOW"
	check "so is one by another path to it" refused path "$LIVEDIRECTOR" run --sphere "$SHOW/../owned/." --no-bonjour $NODES rolls.cue
}
ln -s "$SHOW" "$WORK/link-owned"
# shellcheck disable=SC2086
check "so is one by a link to it" refused link "$LIVEDIRECTOR" run --sphere "$WORK/link-owned" --no-bonjour $NODES rolls.cue
check "the cameras noticed nothing" says left '.recording.state == "recording"'
check "nor did the journals" journals_whole
"$LIVEDIRECTOR" verify "$SHOW" >verdict 2>&1
check "verify may look at it, and says that it rolls" grep -q 'still rolls' verdict

# Ten at once: one has it.
kill -9 "$OWNER"
play_ends 2>/dev/null
cat >ten.cue <<'END'
echo "mine"
wait nodes 9 within 3s
END
for i in 1 2 3 4 5 6 7 8 9 10; do
	# shellcheck disable=SC2086
	"$LIVEDIRECTOR" run --sphere "$SHOW" --no-bonjour $NODES ten.cue >"ten.$i" 2>&1 &
	TEN="$TEN $!"
done
# shellcheck disable=SC2086
wait $TEN
check "of ten at once one gets it" same "$(grep -l '^say .*"mine"' ten.? ten.10 | wc -l)" 1
check "the others are told who" same "$(grep -l 'is run by another console (process [0-9]*)' ten.? ten.10 | wc -l)" 9
check "the take rolls on under all of it" says wide '.recording.state == "recording" and .recording.take == "001"'

# ---- Back on the same machine, then on another ----

SINCE=$(at left /health | jq .recording.sinceUs)
cat >back.cue <<'END'
wait nodes 2 within 15s
expect take recording 2 within 5s
expect program left
echo "mine again"
wait nodes 9 within 1h
END
play_on back.cue
check "back on the same machine: its take rolls, and the program is as it was" told 20 '^say .*"mine again"'
check "back: the proof has the cameras' own time" device 001 left ".nodeSinceUs == $SINCE and .state == \"recording\""
kill -9 "$PLAY_PID"
play_ends 2>/dev/null

# Another machine: another name, another user's folders, another address; it has the Sphere's folder and nothing else.
mkdir elsewhere
mv "$SHOW" elsewhere/owned
SHOW=$WORK/elsewhere/owned
cat >take-over.cue <<'END'
wait nodes 2 within 15s
expect take recording 2 within 5s
expect program left
cut 2
record stop
wait take verified all within 60s
END
# shellcheck disable=SC2086,SC2016
unshare -u sh -c 'hostname elsewhere 2>/dev/null; export HOME=$1/elsewhere XDG_STATE_HOME=$1/elsewhere/state XDG_RUNTIME_DIR=$1/elsewhere/run
	shift; exec "$@"' sh "$WORK" "$LIVEDIRECTOR" run --sphere "$SHOW" --no-bonjour $NODES take-over.cue >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "another machine takes the show over" status_is 0
check "another machine: the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
check "another machine: nobody failed" proof 001 '.counts.failed == 0'
check "another machine: one take, one part each" proof 001 '[.devices[].parts | length] == [1, 1]'
check "another machine: no second take was begun" test ! -e "$SHOW/takes/002"
check "another machine: cameras keep their numbers" same "$(jq -c '[.devices[] | [.number, .deviceName]]' "$SHOW/sphere.json")" '[[1,"left"],[2,"wide"]]'
check "another machine: verify and the cameras agree" whole_show

# ---- ... on the way home ----

new_show home
cat >shoot.cue <<'END'
wait nodes 2 within 15s
must record start ep13
after 3s record stop
wait take saved all within 30s
wait nodes 9 within 1h
END
tell rate '*' 40000
play_on shoot.cue
is_moving() { ls "$SHOW"/takes/001/*.part.state; }
until_true 30 is_moving
sleep 1.5
kill -9 "$PLAY_PID"
play_ends 2>/dev/null
mv "$SHOW" elsewhere/home
SHOW=$WORK/elsewhere/home
tell rate '*' 0
# shellcheck disable=SC2086,SC2016
unshare -u sh -c 'hostname elsewhere 2>/dev/null; export HOME=$1/elsewhere XDG_STATE_HOME=$1/elsewhere/state; shift; exec "$@"' sh "$WORK" \
	"$LIVEDIRECTOR" fetch --no-bonjour $NODES "$SHOW" >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "another machine carries on with the fetch" status_is 0
check "the receipt" receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'
came=0
for cam in left wide; do
	came=$((came + $(carried "$(at $cam /recordings | jq -r '.recordings[0].id')")))
done
check "what had come was kept" test $came -lt $((17 * $(jq '[.devices[].parts[].recording.bytes] | add' "$SHOW/takes/001/take.json") / 10))
check "verify and the cameras agree" whole_show

# ---- What became of the cameras while nobody was there; and another Sphere ----

start_cam hot --fault heat-stop-after=3s
start_cam crashes
NODES=$(nodes_of left hot crashes)
new_show away
cat >away.cue <<'END'
wait nodes 3 within 15s
must record start ep14
echo "rolling"
wait nodes 9 within 1h
END
play_on away.cue
check "three cameras roll" told 20 '^say .*"rolling"'
cat >other.cue <<'END'
wait nodes 3 within 15s
try record stop
try record start theirs
try record stop
END
SHOW=$WORK/theirs
cp "$WORK/out" out.away
play other.cue
SHOW=$WORK/away
check "another Sphere's console cannot stop them" says left '.recording.state == "recording" and .recording.take == "001"'
check "nor roll them for itself" same "$(jq -c '[.counts.asked, .counts.recorded, .counts.failed]' "$WORK/theirs/takes/001/take.json")" '[3,0,3]'
kill -9 "$PLAY_PID"
play_ends 2>/dev/null
kill_cam crashes
is_cooling() { says hot '.recording.error == "heat" and .recording.state == "idle"'; }
until_true 10 is_cooling
start_cam crashes
cat >back-again.cue <<'END'
wait nodes 3 within 15s
after 1s record stop
wait take verified all within 60s
END
play back-again.cue
check "back: the show goes on to its end" status_is 0
check "back: the one that got hot is told, with its cause" out_has '^event stopped-unasked hot .*heat'
check "back: the one that crashed is told" out_has '^event stopped-unasked crashes'
check "back: nobody says how long it ran before that is known" out_lacks 'STOPPED BY ITSELF after'
check "back: the receipt" receipt 001 '3 asked, 3 recorded, 3 saved, 3 fetched, 3 verified'
check "back: two failures, with their reasons" proof 001 '[.devices[] | select(.state == "failed") | .reason] | sort == ["stopped by itself: crash", "stopped by itself: heat"]'
check "back: verify and the cameras agree" whole_show left hot crashes
finish
