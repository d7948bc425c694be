#!/bin/sh
# director.sh - the director's rows on a real terminal: a cut that waits, a cut that is refused, the cue that waits for its go, LAST of
# every cut, a program source that fails, panic while locked, hot cuts; and a frozen source known without pictures (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

start_fleet dies 1 --name dies --size 320x180 --fps 5 &&
	DIES_PID=$FLEET_PID && start_fleet cams 2 --name cam --size 320x180 --fps 5 --fault 2:freeze-after=1s ||
	{ cat "$WORK"/*.err; echo "Bail out! no cameras"; exit 1; }
cat >"$WORK/talk.cue" <<'END'
on go "welcome"  cut "dies 1"
on go "the end of it"  cut "cam 1"
END
# shellcheck disable=SC2046
open_console 80 24 --sphere "$WORK/show" --graphics none --set stale-after=1s --set lost-after=2s --set cut-guard=0s \
	$(node_options dies) $(node_options cams)
check "three cameras appear" sees 20 '3  *cam 2'
cut_count() { grep -c '"type": *"cut"' "$WORK/show/sidecars/cuts.jsonl" 2>/dev/null || :; }
cuts_are() { [ "$(cut_count)" -eq "$1" ]; }
number_of() { screen | sed -n "s/^ *\([1-3]\)[ >]*$1 .*/\1/p" | head -n 1; }
DIES=$(number_of 'dies 1') WELL=$(number_of 'cam 1') FROZEN=$(number_of 'cam 2')

check "nothing pending is said" shows 'NEXT nothing pending'
command_line "role $WELL +safe"
sees 5 '+safe: ok'
sleep 0.5	# beyond the rest after the prompt

# ---- a frozen source, though no picture is drawn; a refusal and its key again ----

keys "$FROZEN"
check "what stands still is FROZEN without any picture on the screen" sees 20 "cam 2  *PVW FROZEN"
keys Space
check "a cut to it is refused, and its key says what it would do" sees 5 'cam 2 is FROZEN: .*; the same key within 3 s does it'
check "LAST tells the refusal" shows 'LAST .*refused'
check "nothing was cut" cuts_are 0
sleep 1
keys Space
check "the same key does it" sees 5 'LAST .*cut [1-3] cam 2  by key .*3/3 in .* on disk'
check "program is told as frozen, with the way out" sees 10 'PROGRAM cam 2 FROZEN .* - !: safe'

# ---- panic, while locked ----

keys L
sees 5 'LOCKED'
keys Space
check "locked, Space does nothing" sees 5 'locked: L L unlocks'
keys '!'
check "panic works while locked" sees 5 'LAST .*cut [1-3] cam 2 > [1-3] cam 1'
gone() { ! shows 'PROGRAM cam 2'; }
check "the row goes with the trouble" until_true 5 gone
keys L
sleep 0.4	# two presses, not a held key
keys L
sees 5 'unlocked'
sleep 0.5

# ---- a cut that waits, in any view ----

keys "$DIES"
sees 5 'dies 1  *PVW'
command_line 'tempo 20'
sees 5 'tempo 20:'
command_line 'quantum 16'
sees 5 'quantum 16:'
check "the clock is in the header" sees 5 'BEAT 20.0 bar 1\.'
sleep 0.5
now=$(cut_count)
keys Enter
check "a waiting cut counts its beats" sees 5 "NEXT cut $DIES dies 1 ON BAR in [0-9]* beats   Esc cancels"
keys v
check "in every view" sees 5 'HEALTH'
sees 5 'ON BAR in'
keys Escape
check "Esc cancels it, and the view stays" sees 5 'NEXT nothing pending'
check "and so it is said" shows 'HEALTH'
check "LAST calls it taken back, not refused" sees 5 'LAST .* on bar .*by key .*taken back'
sleep 1
keys Escape
check "Esc again goes back" sees 5 'state   *bat'
check "none of that cut" cuts_are "$now"

# ---- the cue sheet ----

command_line "cue load $WORK/talk.cue"
check "a loaded cue sheet stands in NEXT" sees 5 'NEXT .*CUE .*1/2 READY .*on go "welcome"'
sleep 0.5
keys G
check "started, it waits for its go" sees 5 'CUE .*1/2 HELD'
sleep 1
command_line 'cue jump nix'
check "a name that no cue has is refused" sees 5 'no cue of the name nix'
sleep 0.5
keys G
check "G lets it cut, and LAST names the cue" sees 5 'LAST .*> [1-3] dies 1 by cue talk.cue:1'
check "the next one stands there" sees 5 'CUE .*2/2 HELD .*the end of it'
check "no refusal of before stands beside what was done since" sees 5 'cue go: ok'

# ---- what comes late ----

kill -STOP "$DIES_PID"
command_line 'identify'
sees 5 'ok so far'
command_line 'preview 77'
check "a camera that is none is refused" sees 5 'no camera has the number'
sees 10 'LAST .*identify .*partial'
check "the refusal stands when an earlier command ends late" shows 'no camera has the number'

# ---- program lost ----

kill -9 "$DIES_PID"
check "a program source that dies is told with its age and the ways out" sees 20 'PROGRAM dies 1 LOST [0-9.]* s.* - !: safe'
check "the header still names it" shows 'PGM \[[1-3]\] dies 1'
tm resize-window -x 40 -y 12
check "also on a tiny screen" sees 10 'LOST .*!:safe'
check "with NEXT, LAST and the cue" sees 5 'NEXT .*the e.*\[G\]'
tm resize-window -x 132 -y 43
check "and on a large one with words" sees 10 'PROGRAM dies 1 LOST .* - !: safe'
keys '!'
check "panic leaves it" sees 10 'LAST .*> [1-3] cam 1'
check "what can be undone says how" sees 5 'LAST .*undo: BkSp'
check "the cue sheet is held, and by what" sees 5 'CUE talk.cue 2/2 HELD by panic .*\[G\] go'

# ---- hot cuts, auto, countdown ----

sleep 0.5
keys H
check "hot cuts name each key with its camera" sees 5 "HOT CUTS q "
check "and stand in the header" shows 'HOT ON'
keys H
sees 5 'HOT off'
command_line 'countdown out 20m'
check "a countdown stands beside the clock" sees 5 'out [0-9][0-9]:[0-9][0-9].*  -\(19\|20\)'
command_line 'auto on'
check "auto is on the screen" sees 5 'AUTO ON'
command_line 'auto off'
command_line 'quit --force'
check "quit ends with status 0" until_true 10 grep -qx 0 "$WORK/console.status"
finish
