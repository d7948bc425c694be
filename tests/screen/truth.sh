#!/bin/sh
# truth.sh - a bad day on a real screen: each fault of a rehearsal fleet stands there in its word, with its cause and its cure,
# and goes when the camera is well again (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

# tile N: the title row of camera N's tile, from its number to the next tile's.
tile() { screen | grep -o "\[$1\][^│]*" | head -1; }
tile_says() { tile "$1" | grep -q -- "$2"; }
tile_is_quiet() { tile "$1" | grep -q "\[$1\]" && ! tile "$1" | grep -qE 'FROZEN|LOST|STALE|REC\?|STOPPED|NOT WRITING|CONFLICT'; }

# told SECONDS NUMBER WORD NAME: the tile comes to say so.
told() {
	if until_true "$1" tile_says "$2" "$3"; then
		ok 0 "$4"
	else
		{ echo "no \"$3\" in tile $2:"; screen; } >>"$WORK/why"
		ok 1 "$4"
	fi
}

first_port() { grep -o '"port": *[0-9]*' "$WORK/cams.ready" | head -1 | grep -o '[0-9]*$'; }

FAULTS=2:freeze-after=1s,3:silent-after=12s,4:heat-stop-after=4s,5:disk=600K,5:bitrate=8M,6:clock=-7s
start_fleet cams 6 --name cam --size 320x180 --fps 10 --fault "$FAULTS" || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
PORT=$(first_port)
# shellcheck disable=SC2046
open_console 132 43 --sphere "$WORK/show" $(node_options cams)
check "six cameras appear" sees 30 '\[6\] cam 6'
check "what is little storage is told before it is none" sees 20 'cam 5 STORAGE for [0-4] min only. Make room on it'

told 20 2 'FROZEN' "a picture that stands still is FROZEN"
check "its alarm says what to do" sees 10 'cam 2 FROZEN: .*Restart its camera'
check "its tile says what that is" sees 5 'its pictures come, but stand still'
# What tile 6 and those beside it in the last row of tiles show.
last_row() { screen | sed -n '/\[6\] cam 6/,$p'; }
is_new() { last_row | grep -q '▀' && ! last_row | grep -qE 'pic ([5-9]|10) s'; }
check "a picture's age goes through the clock between them: taken 7 s ago by a clock that is 7 s late it is new" until_true 10 is_new

keys C-r
sees 10 'ROLL all cameras'
sleep 0.5
keys C-r
told 20 1 'REC 00:0' "a camera that records says so, with its own elapsed time"
told 30 4 'STOPPED 00:' "one that stopped by itself says so, and since when it stands"
check "its tile says after how long, and why" sees 10 'stopped by itself at 00:0[0-9]: heat'
check "the header counts it" sees 5 '!1 stopped'
told 30 5 'STOPPED 00:' "one whose disk is full says so"
check "with that reason" sees 10 'storage_full'

told 30 3 'LOST [0-9]* s' "a camera that says nothing any more is LOST"
check "and says since when" sees 10 'last word [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'
check "the header counts it as silent" sees 5 '?1 silent'
keys v
check "the health view has it, too" sees 5 '3  *cam 3  *LOST'
command_line 'view health state'
check "sorted by state, what is lost comes first" sh -c "
	for i in 1 2 3 4 5 6 7 8 9 10; do tmux -S '$TMUX_SOCKET' capture-pane -p | grep -A2 'HEALTH  by state' | grep -q 'cam 3' && exit 0; sleep 0.3; done
	tmux -S '$TMUX_SOCKET' capture-pane -p; exit 1"
command_line 'view log 3'
check "the log of one camera has its loss" sees 5 'node-lost cam 3'
check "and nothing of the others" never_shows 'node-live cam 4'
keys Escape
sees 10 '\[3\] cam 3'

# The same cameras, well again, at the same addresses.
kill "$FLEET_PID"
wait "$FLEET_PID" 2>/dev/null
told 20 1 'LOST' "all are LOST when their network goes"
check "many at once are one alarm with one cure" sees 20 '[56] cameras LOST.*:view mesh'
start_fleet cams 6 --name cam --size 320x180 --fps 10 --port "$PORT" || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
for n in 1 2 3 6; do
	if until_true 40 tile_is_quiet $n; then ok 0 "camera $n is well again"; else screen >>"$WORK/why"; ok 1 "camera $n is well again"; fi
done
command_line 'seen'
check "no alarm stands once all were seen" until_true 10 sh -c "! tmux -S '$TMUX_SOCKET' capture-pane -p | grep -q '\[a\] seen'"
check "the show is live again" sees 10 'LIVE'
finish
