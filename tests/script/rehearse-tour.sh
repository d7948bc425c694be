#!/bin/sh
# rehearse-tour.sh - the guided tour, headless and faster: all that it shows really happens, and its exit status says so (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq
LIVEDIRECTOR_TOUR=$SOURCE_DIR/examples/tour.cue
export LIVEDIRECTOR_TOUR
mkdir bin
cp "$LIVEDIRECTOR" bin/livedirector
cp "$MMCAMD" bin/mmcamd
LIVEDIRECTOR=$WORK/bin/livedirector

lacks_cameras() { ! grep -q "rehearsal's folder" "$WORK/err"; }

ld rehearse --tour --cue show.cue
check "the tour plays its own sheet" status_is 2
ld rehearse --tour -n 3
check "upon four cameras" status_is 2
ld rehearse --tour --with-cameras
check "of its own" err_has 'for rehearsal cameras alone'
LIVEDIRECTOR_TOUR=$WORK/none.cue
ld rehearse --tour
check "a sheet that is nowhere starts nothing" status_is 2
check "and is named" err_has "$WORK/none.cue"
check "before a camera starts" lacks_cameras
LIVEDIRECTOR_TOUR=$SOURCE_DIR/examples/tour.cue
awk -F'echo "' '/echo "/ { sub(/"$/, "", $2); if (length($2) > 76) print length($2), $2 }' "$LIVEDIRECTOR_TOUR" >long
check "each caption fits on a small screen" test ! -s long

ld rehearse --tour --cue - --speed 6 --set stale-after=1s --set lost-after=2s tour
check "it plays through, and all it expects is so" status_is 0
check "a cut waits for its bar" out_has '^event cut-pending left'
check "the camera on program gets too hot" out_has '^event stopped-unasked left'
check "and dies" out_has '^event program-lost left'
check "panic goes to the safe one" out_has '^event cut wide "from left"'
check "and does not hold the sheet that asked for it" out_has 'The console is yours'
check "a wrong cut is struck with its undoing" same "$(jq -s '[.[] | select(.type == "strike") | .of | length] | @csv' tour/sidecars/cuts.jsonl)" '"2"'
check "which landed on a beat" same "$(jq -s '[.[] | select(.quantum == 4 and .beat != null) | .beat % 4] | @csv' tour/sidecars/cuts.jsonl)" '"0"'
check "the receipt names the camera that died" err_has 'take 001: 4 asked, 4 recorded, 4 saved, 4 fetched, 4 verified; failed: left (stopped by itself: heat'
finish
