#!/bin/sh
# console.sh - the contact sheet on a real terminal: cameras, keys, prompt, takes, wrong input, resizing (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

start_fleet cams 4 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
# shellcheck disable=SC2046
open_console 132 43 --sphere "$WORK/show" $(node_options cams)

check "four cameras appear with their names" sees 20 'cam 4'
check "the camera numbers stand in the tiles" sees 5 '\[4\]'
check "live pictures are drawn" sees 10 '▀'
check "the session is live, not a rehearsal" sees 5 'LIVE'

keys 2
check "a digit puts a camera on preview" sees 5 'PVW 2 cam 2'
keys Space
check "space cuts to it" sees 5 'PGM 2 cam 2'
check "the last line tells the cut and its answers" sees 5 'LAST.*cut.*4/4'
keys 3
sees 5 'PVW 3 cam 3'
sleep 1	# beyond the time in which a second press could be a held key
keys Space
check "space swaps" sees 5 'PGM 3 cam 3.*PVW 2 cam 2'

command_line 'label 1 "left guest"'
check "the prompt runs a command" sees 5 '\[1\] left guest'
command_line 'frobnicate'
check "a wrong word is answered with one sentence" sees 5 'frobnicate'

keys C-r
check "Ctrl-R asks first" sees 5 'ROLL all cameras'
keys Escape
sleep 0.3
check "escape does not roll" never_shows 'rolling'
command_line 'format -t 4 160x90 10'
sees 5 'format -t 4 160x90 10: ok'
keys C-r
sees 5 'ROLL all cameras'
sleep 1
keys C-r
check "Ctrl-R twice rolls all" sees 15 'rolling 4 of 4'
check "what was not armed stands in its answer" sees 5 'record start: ok  4/4 in [0-9.]* ms; cam 4 rolls, not armed: '
check "a tile says REC" sees 10 'REC 00:0'
keys C-r
check "Ctrl-R while rolling asks whether to stop" sees 5 'STOP take 001 on 4 cameras? s Enter stops, Esc rolls on'
keys s Enter
check "s Enter stops" sees 15 'IDLE  last take 001'
check "the take was saved by all" sh -c "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	grep -q '\"saved\": *4' '$WORK/show/takes/001/take.json' && exit 0; sleep 0.5; done; cat '$WORK/show/takes/001/take.json'; exit 1"

keys '?'
check "? shows the keys" sees 5 'twice within 3 s: roll all cameras'
keys '?'
check "? again goes back" sees 5 '\[1\] left guest'
keys v
check "v shows the health table" sees 5 'HEALTH'
keys Escape
sees 5 '\[1\] left guest'

# Split sequences, pastes and noise: a cut would show another program source.
before=$(wc -l <"$WORK/show/sidecars/cuts.jsonl")
tm set-buffer 'cut 1
record start
'
tm paste-buffer -p
check "pasted text goes to the prompt only" sees 5 'pasted text goes to the prompt only'
tm paste-buffer
i=0
while [ $i -lt 30 ]; do
	head -c 60 /dev/urandom | od -An -v -tx1 | tr -d '\n' | sed 's/[0-9a-f][0-9a-f]/& /g' | xargs tmux -S "$TMUX_SOCKET" send-keys -H
	i=$((i + 1))
done
sleep 2	# a sequence that noise began is swallowed for a while
keys C-l
keys Escape
sleep 0.3	# longer than one key press: Esc and the next key are two
check "random bytes neither cut nor roll" sh -c "[ \$(wc -l <'$WORK/show/sidecars/cuts.jsonl') -eq $before ] && [ ! -e '$WORK/show/takes/002' ]"
# On a busy machine one press may still be read together with that Esc, as Alt: who is not answered presses again.
ctrl_c_says() { keys C-c; sleep 0.2; shows ':quit'; }
check "Ctrl-C says how to quit" until_true 2 ctrl_c_says

tm resize-window -x 40 -y 12
check "40x12 still names the cameras" sees 5 'left guest'
tm resize-window -x 80 -y 24
check "80x24 has all four cameras" sees 5 '\[4\] cam 4'
check "the small screen has pictures too" sees 10 '▀'

kill "$FLEET_PID"
check "cameras that leave are LOST" sees 15 'LOST'
sleep 1	# the noise left something broken: Enter rests until no key came for 0.7 s
command_line 'quit --force'
ends_well() { until_true 10 grep -qsx 0 "$WORK/console.status" || { screen >>"$WORK/why"; return 1; }; }
check "quit ends with status 0" ends_well
finish
