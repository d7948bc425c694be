#!/bin/sh
# verify-sync.sh - the angles of a real take measured against each other: cameras whose clocks are far apart, one that
# drifts; then proofs that say something else (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq
srcdir=$SOURCE_DIR
export srcdir			# where schema_check finds the schemas

start_fleet cams 3 --name cam --size 320x180 --fps 20 --fault 2:clock=+3s,2:drift=100ppm,3:clock=-20s ||
	{ cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

cat >show.cue <<'END'
wait nodes 3 within 60s
label "cam 1" "left guest"
after 1s      record start ep12
after 1400ms  clap
after 1600ms  clap silent
after 1400ms  record stop
wait take saved all within 120s
after 300ms   record start
after 1s      record stop
wait take saved all within 120s
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour --set auto-fetch=off $NODES show.cue
check "the show ends well" status_is 0
ld verify --sync 1 show
check "before the files are home there is nothing to measure" status_is 1
check "which says what to do" err_has 'none of its files is home: livedirector fetch show'
# shellcheck disable=SC2086
ld fetch --no-bonjour $NODES show
check "the files come home" status_is 0

json() {
	jq -e "$1" "$WORK/out" >/dev/null && return 0
	cat "$WORK/out"
	return 1
}

ld verify --sync 001 show
check "the angles agree" status_is 0
check "each clap has its table" out_has '^take 001, clap 2 of 2 at [0-9:.]* UTC (ms)$'
check "each camera its line" out_has '^  cam1 left guest  *+0.0 '
check "with a verdict" out_has '^  pictures: at most [0-9.]* ms apart that the clocks do not explain; a frame is [0-9.]* ms: they agree$'
ld verify --sync 1 --json show
check "as JSON too" json '.ok and .take == "001" and (.claps | length == 2 and all(.ok and (.angles | length == 3)))'
check "as its schema says" "$BUILD_DIR/schema_check" verify-sync "$WORK/out"
check "the flash is where the clocks say, or at most a frame later" json '[.claps[].angles[] | .flashUs - .clockUs >= -3000 - .boundUs and .flashUs - .clockUs <= .frameUs + 3000 + .boundUs] | all'
check "the beep is there to the millisecond" json '[.claps[0].angles[] | (.beepUs - .clockUs | fabs) <= 3000 + .boundUs] | all'
check "a silent clap has none" json '[.claps[1].angles[].beepUs] == [null, null, null]'
check "the clocks are told with their bounds" json '[.claps[].angles[].boundUs | . >= 0 and . < 100000] | all'

# The markers of a camera whose clock was mistaken by 150 ms when it was asked.
cp -a show wrong
jq -c 'if .type == "marker" and .node == "'"$(jq -r '.devices[2].node' show/takes/001/take.json)"'" then .nodeUs += 150000 else . end' \
	show/sidecars/markers.jsonl >wrong/sidecars/markers.jsonl
jq '.devices[2].parts[0].recording.markers = []' show/takes/001/take.json >wrong/takes/001/take.json
ld verify --sync 1 --json wrong
check "an angle that is off is found" status_is 1
check "and by how much" json '.ok == false and ([.claps[].flashApartUs] | all(. > 90000 and . < 210000))'
rm "wrong/takes/001/$(jq -r '.devices[0].parts[0].file' show/takes/001/take.json)"
ld verify --sync 1 wrong
check "a file that is gone is no agreement" status_is 1
check "and is named" out_has 'its file is not here$'
printf 'no film at all' >"wrong/takes/001/$(jq -r '.devices[0].parts[0].file' show/takes/001/take.json)"
ld verify --sync 1 wrong
check "neither is one that is none" out_has 'is no recording that can be read$'

ld verify --sync 2 show
check "a take without a clap is status 1" status_is 1
check "and one sentence" err_has '^livedirector: take 002 has no clap'
ld verify --sync 9 show
check "one that is not there too" status_is 1
check "in as few words" err_has "^livedirector: no take 009 in show\$"
ld verify --sync left show
check "one that is no number is a usage error" status_is 2
finish
