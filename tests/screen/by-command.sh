#!/bin/sh
# by-command.sh - a console whose keys are pressed, and whose screen is kept, by commands from another terminal; what the auto director
# and a countdown show there (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"
XDG_STATE_HOME=$WORK/state
XDG_CONFIG_HOME=$WORK/config
HOME=$WORK
export XDG_STATE_HOME XDG_CONFIG_HOME HOME
cd "$WORK" || exit 99

start_fleet cams 3 --name cam --size 160x90 --fps 5 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
# shellcheck disable=SC2046
open_console 132 43 --sphere "$WORK/show" --set stale-after=30s --set lost-after=60s $(node_options cams)
check "three cameras appear" sees 20 'cam 3'

# by_do COMMAND...: as somebody in another terminal does; well when it ended well.
by_do() {
	"$LIVEDIRECTOR" do --sphere "$WORK/show" "$@" >"$WORK/do.out" 2>&1 && return 0
	cat "$WORK/do.out"
	return 1
}
fails_with() {
	sentence=$1
	shift
	if "$LIVEDIRECTOR" do --sphere "$WORK/show" "$@" >"$WORK/do.out" 2>&1; then return 1; fi
	grep -q -- "$sentence" "$WORK/do.out" && return 0
	cat "$WORK/do.out"
	return 1
}

check "a key is pressed" by_do 'key 2'
check "it does what it does under a finger" sees 5 'PVW 2 cam 2'
check "several are, one after another" by_do 'key "Space 3"'
check "the source that was seen is on" sees 5 'PGM 2 cam 2'
check "and the next one chosen" sees 5 'PVW 3 cam 3'
check "one Ctrl-R asks, as ever" by_do 'key Ctrl-R'
check "and rolls nothing" sees 5 'ROLL all cameras'
check "Esc takes the question back" by_do 'key Esc'
never_rolls() { never_shows ' REC 00'; }
check "nothing rolls" never_rolls
check "keys open the prompt and type" by_do 'key ": e c h o space quote"'
check "what they typed stands there" sees 5 ':echo "'
check "Esc closes it" by_do 'key "Esc"'
check "a key that is none is named" fails_with 'nearest is .space' 'key "spase"'
check "keys do not pass the lock" by_do 'key "L 1"'
locked() { sees 5 'lock ON' && never_shows 'PVW 1'; }
check "it is locked" locked
check "and opened by the same two presses" by_do 'key "L L"'
check "as a finger opens it" sees 5 'lock off'

check "the screen is kept" by_do "screen $WORK/kept.txt"
rows() { [ "$(wc -l <"$WORK/kept.txt")" -eq 43 ] || { wc -l "$WORK/kept.txt"; return 1; }; }
check "row by row" rows
# What stands still on it: the names and the buses.
still() { grep -c 'PGM 2 cam 2.*PVW 3 cam 3' "$WORK/kept.txt" >/dev/null && grep -q 'lock off' "$WORK/kept.txt" || { cat "$WORK/kept.txt"; return 1; }; }
check "as it stands there" still
check "no folder is made for it" fails_with 'there is no folder' "screen $WORK/shots/one.txt"
check "nor is it there" test ! -e "$WORK/shots"
check "the show's own files are no such file" fails_with 'a .jsonl is no text' "screen $WORK/show/sidecars/cuts.jsonl"

check "a countdown is set" by_do 'countdown out 20m'
check "and stands in the header" sees 5 'out .*-[12][09] min'
check "the auto director is switched on" by_do 'auto on'
check "what it means to do is always there" sees 5 'NEXT   AUTO cut [13] cam [13] in '
check "and that it is on" sees 5 'AUTO ON'
check "a cut of the operator" by_do 'cut 1 --force'
check "makes it hold back" sees 5 'NEXT   AUTO yields for '
check "panic switches it off" by_do 'panic'
gone() { ! shows 'AUTO'; }
check "and that is seen" until_true 5 gone

check "quit by key" by_do 'key ": q u i t Enter"'
ended() { [ "$(cat "$WORK/console.status" 2>/dev/null)" = 0 ]; }
check "the console ends well" until_true 10 ended
finish
