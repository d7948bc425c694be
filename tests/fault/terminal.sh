#!/bin/sh
# terminal.sh - the terminal goes away while a take rolls and a camera is on air: the show goes on without it, quietly;
# signals that end other programs do not; SIGTERM ends in order and leaves the cameras rolling (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux jq curl
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
open_console 132 43 --sphere "$WORK/show" "$NODES"
check "two cameras are there" sees 20 'cam 2'
command_line 'cut 1'
sees 5 'PGM 1 cam 1'
command_line 'record start'
check "a take rolls" sees 15 'rolling 2 of 2'
PID=$(cat "$WORK/show/sphere.json.lock")

alive() { kill -0 "$PID"; }
gone() { ! kill -0 "$PID"; }
# health FILTER: of the camera on air.
health() { curl -s -m 20 "$(echo "$NODES" | awk '{ print "http://" $2 }')/health" | jq -e "$1" >/dev/null; }
# ticks: processor time it took so far, in hundredths of a second.
ticks() { sed 's/.*) //' "/proc/$PID/stat" | awk '{ print $12 + $13 }'; }

for signal in INT TSTP QUIT PIPE; do
	kill -s $signal "$PID"
done
sleep 0.3
check "SIGINT, SIGQUIT and SIGPIPE do not end it" alive
check "nor does SIGTSTP stop it" sh -c "! grep -q '^State:.*T' /proc/$PID/status"
check "the screen lives on" sees 5 'rolling 2 of 2'

tm kill-server
sleep 6	# longer than the lease of a light
check "the terminal is gone, the console is not" alive
check "the camera on air still has its light" health '.tally == "program"'
check "and rolls" health '.recording.state == "recording"'
BEFORE=$(ticks)
sleep 2
check "it does not run in circles ($(($(ticks) - BEFORE)) ticks in 2 s)" test $(($(ticks) - BEFORE)) -lt 60
SIZE=$(wc -c <"$WORK/show/sidecars/health.jsonl")
check "journals do not swell" test $(($(wc -c <"$WORK/show/sidecars/health.jsonl") - SIZE)) -lt 10000

kill "$PID"
check "SIGTERM ends it" until_true 10 gone
check "the light is released" until_true 3 health '.tally == "off"'
check "the cameras are left rolling" health '.recording.state == "recording"'
open_console 132 43 --sphere "$WORK/show" "$NODES"
check "the next console has the take" sees 20 'take 001 .*rolling 2 of 2'
command_line 'record stop'
saved() { jq -e '.counts.saved == 2' "$WORK/show/takes/001/take.json"; }
check "and stops it" until_true 20 saved
command_line 'quit --force'
check "and quits" until_true 10 grep -qx 0 "$WORK/console.status"
finish
