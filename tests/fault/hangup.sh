#!/bin/sh
# hangup.sh - terminals come and go in the middle of a show: it goes on headless, is taken over by another terminal, again and
# again; lights are renewed, journals have no gap, and each terminal is given back as it was (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux jq curl
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

at_end() {
	for lock in "$WORK"/*/sphere.json.lock; do
		[ -s "$lock" ] && end_and_wait "$(cat "$lock")"
	done
	for socket in "$WORK"/tmux*; do
		tmux -S "$socket" kill-server 2>/dev/null
	done
}

# on SOCKET: from here on that terminal is meant.
on() { TMUX_SOCKET=$WORK/tmux-$1; }
# take_over COLS ROWS: livedirector SHOW in a shell of the terminal, with the terminal's modes before.
take_over() {
	cat >"$TMUX_SOCKET.sh" <<END
export LC_ALL=$SCREEN_LOCALE TERM=tmux-256color XDG_STATE_HOME='$WORK/state' XDG_CONFIG_HOME='$WORK/config' HOME='$WORK'
stty -g >'$TMUX_SOCKET.before'
sh -c 'echo \$\$ >"$TMUX_SOCKET.pid"; exec "$LIVEDIRECTOR" "$WORK/show"'
echo "status \$?"
: >'$TMUX_SOCKET.over'
sleep 1000
END
	rm -f "$TMUX_SOCKET.over"
	tm -f /dev/null new-session -d -x "$1" -y "$2" "sh '$TMUX_SOCKET.sh'"
}
# The shell goes on, and the terminal's modes are what they were: at once, or a moment after whoever lent it was killed.
has_modes() { stty -g -F "$(tm display-message -p '#{pane_tty}')" | cmp - "$TMUX_SOCKET.before"; }
given_back() { until_true 10 test -e "$TMUX_SOCKET.over" && until_true 5 has_modes; }
status() {
	XDG_STATE_HOME=$WORK/state XDG_CONFIG_HOME=$WORK/config HOME=$WORK "$LIVEDIRECTOR" status "$WORK/show" "$@"
}
says() { status "$@" | grep -q "$SAYS"; }
health() { curl -s -m 20 "$(echo "$NODES" | awk '{ print "http://" $2 }')/health" | jq -e "$1" >/dev/null; }
whole() { [ "$(jq -s 'map(.seq) == [range(1; length + 1)]' "$1")" = true ]; }
one_run() { [ "$(jq -s 'map(select(.type == "open")) | length' "$1")" = 1 ]; }

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
on a
open_console 132 43 --sphere "$WORK/show" "$NODES"
check "two cameras are there" sees 20 'cam 2'
command_line 'cut 1'
sees 5 'PGM 1 cam 1'
command_line 'record start'
check "a take rolls" sees 15 'rolling 2 of 2'
command_line 'layout quad'
PID=$(cat "$WORK/show/sphere.json.lock")
alive() { kill -0 "$PID"; }

on b
take_over 100 30
check "a second terminal is told where the screen is" sees 10 'its screen is on'
check "and is left as it was" given_back
tm kill-server

on a
kill -HUP "$PID"
SAYS=HEADLESS
check "SIGHUP: it goes on headless" until_true 10 says
check "it lives" alive
check "and says so where its screen was" sees 5 'the show goes on without a screen'

on b
take_over 100 30
check "another terminal takes it over" sees 15 'rolling 2 of 2'
check "with what was chosen on the first" sees 5 'PGM 1 cam 1'
keys 2
check "keys reach it" sees 5 'PVW 2 cam 2'
sleep 0.5	# for 400 ms after the prompt closed, on whichever terminal, Space does nothing
keys Space
check "and cut" sees 5 'PGM 2 cam 2'
on a
tm kill-server
on b
keys 1
check "the end of the terminal it was started on takes nothing away" sees 5 'PVW 1 cam 1'
SAYS='^/dev/pts'
check "its screen is where it was" says --format '{screen}'
SAYS=HEADLESS
tm resize-window -x 132 -y 43
check "it follows the window's size" until_true 10 sh -c "tmux -S '$TMUX_SOCKET' capture-pane -p | awk 'length > 110 { wide = 1 } END { exit !wide }'"
kill -HUP "$PID"
check "SIGHUP there: that terminal is given back" given_back
check "and told why" sees 5 'told to leave this terminal'
tm kill-server

on c
take_over 80 24
check "a third one" sees 15 'PGM .2. cam 2'
kill -KILL "$(cat "$TMUX_SOCKET.pid")"
check "its stand-in is killed: the terminal is given back all the same" given_back
check "and the show goes on" until_true 10 says
tm kill-server

on d
take_over 80 24
check "a fourth" sees 15 'PGM .2. cam 2'
tm kill-server
check "closed in the middle: headless again" until_true 10 says
sleep 6	# longer than the lease of a light
check "lights are renewed without a screen" sh -c "curl -s '$(echo "$NODES" | awk '{ print "http://" $4 }')/health' | jq -e '.tally == \"program\"'"
check "nothing stopped rolling" health '.recording.state == "recording"'

on e
take_over 132 43
check "a fifth" sees 15 'rolling 2 of 2'
command_line 'quit --force'
check "quit ends it there" until_true 10 sh -c "! kill -0 $PID"
check "the terminal is as it was" given_back
check "the last words are on it" sees 5 'still rolling: 001'
check "and its status is well" sees 5 '^status 0'
check "the socket is gone" sh -c "! find '$WORK/run' -name control | grep ."
for journal in cuts commands health; do
	check "$journal.jsonl counts up without a hole" whole "$WORK/show/sidecars/$journal.jsonl"
	check "$journal.jsonl is of one run" one_run "$WORK/show/sidecars/$journal.jsonl"
done
on f
open_console 80 24 --sphere "$WORK/show" "$NODES"
sees 20 'take 001 .*2/2'
PID=$(cat "$WORK/show/sphere.json.lock")
kill -HUP "$PID"
until_true 10 says
on g
take_over 80 24
sees 15 'PGM .2. cam 2'
kill -KILL "$PID"
check "a console that is killed leaves the lent terminal as it was" given_back
check "and whoever lent it is told" sees 5 'has gone without'
check "no light went out: each cut is there" test "$(jq -s 'map(select(.type == "cut")) | length' "$WORK/show/sidecars/cuts.jsonl")" = 2
finish
