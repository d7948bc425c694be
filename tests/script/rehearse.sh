#!/bin/sh
# rehearse.sh - cameras that the console starts itself: they serve, they end with it, however it ends (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

# Beside the executable, as an installation has them.
mkdir bin
cp "$LIVEDIRECTOR" bin/livedirector
cp "$MMCAMD" bin/mmcamd
LIVEDIRECTOR=$WORK/bin/livedirector

# gone PID: no such process, or one that nobody has waited for.
gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status"
}
# fleet_of PID: its child's process id in $FLEET.
fleet_of() {
	FLEET=$(ps -o pid= --ppid "$1" | tr -d ' ')
	[ -n "$FLEET" ]
}

cat >short.cue <<'END'
wait nodes 2 within 60s
record start
after 500ms cut 2
after 500ms record stop
wait take saved all within 120s
END
ld rehearse -n 2 --cue short.cue
check "a rehearsal plays a sheet headless" status_is 0
check "on cameras of its own" out_has '^event node-live "Camera 2"$'
folder=$(sed -n 's/^livedirector: the rehearsal.s folder is //p' err)
check "in a fresh folder of the state folder" same "${folder%-*-*}" "$WORK/state/livedirector/rehearsal"
check "its takes say that they are rehearsals" same "$(jq .rehearsal "$folder/takes/001/take.json")" true
check "the cameras are not in the Sphere's folder" test -z "$(find "$folder" -name '*.mp4' ! -path "$folder/takes/*")"
check "their files are beside it" same "$(find "$folder-cameras" -name '*.mp4' | wc -l)" 2

echo 'wait nodes 5 within 1h' >long.cue
for signal in TERM KILL; do
	"$LIVEDIRECTOR" rehearse -n 2 --cue long.cue >"out.$signal" 2>err &
	pid=$!
	TAP_PIDS="$TAP_PIDS $pid"
	check "cameras come up ($signal)" until_true 20 grep -q '^event node-live "Camera 2"' "out.$signal"
	check "they are a child of the console ($signal)" fleet_of $pid
	kill -s $signal $pid
	wait $pid 2>/dev/null
	check "SIG$signal to the console ends them too" until_true 10 gone "$FLEET"
done

ld rehearse --cue bad.cue
check "a sheet that is not there starts nothing" status_is 2
printf 'zoooom 2\n' >bad.cue
ld rehearse --cue bad.cue
check "a sheet with an error starts nothing" err_has '^bad.cue:1:1: '
rm bin/mmcamd
PATH=/usr/bin:/bin ld rehearse --cue short.cue
check "without mmcamd it says so" status_is 4
check "in a sentence" err_has 'is mmcamd installed beside livedirector'
finish
