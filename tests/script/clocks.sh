#!/bin/sh
# clocks.sh - three cameras whose clocks are wrong by many seconds and drift: they start, clap and stop in the same instant, and
# everything they stamp is on the console's timeline afterwards, within the bounds that are claimed (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq curl

start_fleet cams 3 --name cam --size 320x180 --fps 10 \
	--fault "1:clock=+12500ms,1:drift=90ppm,2:clock=-7s,2:drift=-70ppm,3:clock=+350ms" ||
	{ cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

cat >show.cue <<'END'
wait nodes 3 within 60s
label 1 ahead
label 2 behind
label 3 near
after 4s       echo "the clocks have been compared"
must record start sync
clap
record stop
wait take saved all within 120s
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour --set auto-fetch=off --set record-lead=1500ms $NODES show.cue
check "the show ends well" status_is 0

TAKE=show/takes/001/take.json
# of FILTER [FILE]: jq -e, its text on failure.
of() {
	jq -e "$1" "${2:-$TAKE}" >"$WORK/of" && return 0
	echo "not true: $1"
	head -c 3000 "${2:-$TAKE}"
	return 1
}
lines() {
	jq -s -e "$2" "show/sidecars/$1.jsonl" >"$WORK/of" && return 0
	echo "not true: $2"
	tail -n 20 "show/sidecars/$1.jsonl"
	return 1
}

# ---- The take ----
check "three cameras were recorded" of '[.devices[].parts[0].recording.startUs] | length == 3 and all(. > 0)'
check "by their own clocks twenty seconds apart" of '[.devices[].parts[0].recording.startUs] | max - min > 19000000'
# The bound is of the clock as it is known afterwards: as it was when the order went out, on a busy machine, it was less well known.
check "each began at the planned instant, within its clock's bound" of \
	'.startedUs as $plan | [.devices[].parts[0] | .startUs - $plan | fabs] as $off | [.devices[].parts[0].boundUs] as $bound |
	[range(3)] | all($off[.] <= $bound[.] + 10000)'
check "so they agree on the console's timeline within the bounds" of \
	'[.devices[].parts[0].startUs] as $s | [.devices[].parts[0].boundUs] as $b | ($s | max - min) <= ($b | add) + 20000'
check "startUs is the camera's own less offsetUs" of '.devices | all(.parts[0] | .startUs == .recording.startUs - .offsetUs)'
check "the offsets are what is wrong with the clocks" of \
	'[.devices[].parts[0].offsetUs] | (.[0] - 12500000 | fabs) < 60000 and (.[1] + 7000000 | fabs) < 60000 and (.[2] - 350000 | fabs) < 60000'
check "a bound is claimed that is of use, and not 0" of '.devices | all(.parts[0].boundUs > 0 and .parts[0].boundUs < 100000)'
check "no frame was lost at the start" of '.devices | all(.parts[0].recording.complete and .parts[0].recording.error == null)'
check "what a camera says of its beginning is its file's" lines health \
	'[.[] | select(.type == "recording" and .state == "recording" and .sinceUs != null) | .sinceUs] | unique | length == 3'
check "they stopped in one instant, too" of \
	'.stoppedUs as $plan | [.devices[].parts[0] | .recording.endUs - .offsetUs - $plan | fabs] | all(. < 400000)'

# ---- The command's line ----
check "when it was asked for, planned and came true is written down" lines commands \
	'[.[] | select(.text == "record start sync")] | length == 1 and all(.plannedUs > .requestedUs and (.answers | length == 3)
	and (.plannedUs as $p | .answers | all((.effectUs - $p | fabs) < 200000)))'

# ---- The clap ----
check "the clap is one planned instant" lines markers '[.[] | select(.type == "clap")] | length == 1 and all(.timeUs >= .requestedUs)'
check "each camera marked it on its own clock" lines markers \
	'[.[] | select(.type == "marker") | .nodeUs] | length == 3 and (max - min > 19000000)'
check "and all at that instant, within their bounds" lines markers \
	'(.[] | select(.type == "clap") | .timeUs) as $plan | [.[] | select(.type == "marker") | (.timeUs - $plan | fabs) <= .boundUs + 10000] | all'
check "it is stamped into the recordings" of '.devices | all(.parts[0].recording.markers | length == 1)'

# ---- The journal of the clocks ----
check "each burst left its best sample" lines timebase \
	'[.[] | select(.type == "sample")] | group_by(.node) | length == 3 and all(length >= 3)'
check "a sample is a whole exchange" lines timebase \
	'[.[] | select(.type == "sample") | .receivedUs - .sentUs - (.nodeSentUs - .nodeReceivedUs) == .rttUs] | all'
check "estimates have their drift, bound and age" lines timebase \
	'[.[] | select(.type == "clock")] | length >= 3 and all(.boundUs > 0 and .driftBoundPpm > 0 and .ageUs >= 0 and (.driftPpm | type == "number"))'

# ---- A camera's own stamps ----
PORT=$(jq -r '.nodes[0].port' "$WORK/cams.ready" 2>/dev/null || jq -r '.nodes[0].port' "$WORK/cams")
STAMP=$(curl -s -N -m 10 "http://127.0.0.1:$PORT/stream?width=160&fps=5" | tr -d '\r' | grep -a -m 1 -i '^x-timestamp-us:' | sed 's/.*: *//')
check "a picture's stamp is on the camera's clock" awk -v stamp="$STAMP" -v now="$(date +%s)" \
	'BEGIN { ahead = stamp / 1e6 - now; exit !(ahead > 6 && ahead < 14) }'
finish
