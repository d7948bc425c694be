#!/bin/sh
# rehearsal.sh - a rehearsal on a real terminal: its look, the tour's captions, faults by the prompt, and `live`, after which nothing of
# it is left (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

mkdir "$WORK/bin"
cp "$LIVEDIRECTOR" "$WORK/bin/livedirector"
cp "$MMCAMD" "$WORK/bin/mmcamd"
LIVEDIRECTOR_TOUR=$SOURCE_DIR/examples/tour.cue
export LIVEDIRECTOR_TOUR
LIVEDIRECTOR="$WORK/bin/livedirector' 'rehearse"	# open_console puts it between quotes

# typed TEXT: at the prompt, after the rest that follows the one before.
typed() {
	sleep 0.5
	command_line "$1"
}
lacks() { ! shows "$1"; }

# ---- with a real camera, to the show ----

start_fleet real 1 --name real --size 320x180 --fps 5 || { cat "$WORK"/*.err; echo "Bail out! no camera"; exit 1; }
# shellcheck disable=SC2046
open_console 80 24 -n 1 --with-cameras --graphics none --set stale-after=1s --set lost-after=2s $(node_options real) "$WORK/show"
check "a rehearsal says so in its header" sees 20 'REHEARSAL  IDLE'
check "with a real camera and one of its own" sees 20 'real 1'
check "and all around" shows '^/.*/$'
sleep 0.5
keys "$(screen | sed -n 's/^.* \([12]\)  Camera 1 .*/\1/p' | head -n 1)"
sees 5 'PVW' && sleep 0.3 && keys Space
check "the made-up camera is on program" sees 5 'Camera 1 *PGM'
typed 'fault "real 1" late=1s'
check "the real one is told no fault" sees 5 'real 1: this is no rehearsal camera'
typed 'fault "Camera 1" die-after=0s for 4s'
check "the other dies" sees 15 'PROGRAM Camera 1 LOST'
check "and is back by itself" sees 20 'Camera 1 *PGM'
typed live
check "there is no way to the show while it is on program" sees 5 'Camera 1 is on program'
keys "$(screen | sed -n 's/^.* \([12]\)  real 1 .*/\1/p' | head -n 1)"
sleep 0.5
keys Space
sees 5 'real 1 *PGM'
typed live
check "then it asks" sees 5 'LIVE from now on?'
check "and is still a rehearsal" shows 'REHEARSAL'
check "LAST says so" sees 5 'LAST .* live .*by prompt.* asks'
typed live
check "the same again makes it the show" sees 5 ' LIVE  '
check "nothing of the rehearsal is left on the screen" until_true 5 lacks 'REHEARSAL\|^/\| [12]  Camera 1'
typed 'quit --force'
check "it ends" until_true 10 test -s "$WORK/console.status"
tm kill-server

# ---- the tour ----

sleep 0.3
rm -f "$WORK/console.status"
open_console 80 24 --tour --graphics none --speed 4
check "the tour begins by itself, with a caption" sees 20 '^/*> The tour: four cameras, live'
check "the next cue stands in NEXT" sees 5 'NEXT .*CUE tour.cue'
check "a caption says what was done, and LAST that it was" sees 15 'LAST .*cut .*by cue'
keys 3
check "the keys are the operator's" sees 5 'host *PVW\|Camera 3 *PVW\|3  *[A-Za-z0-9 ]* PVW'
typed 'cue stop'
check "who has seen enough stops it" sees 5 'CUE tour.cue OVER'
typed 'quit --force'
check "and it ends" until_true 10 test -s "$WORK/console.status"
finish
