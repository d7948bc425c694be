#!/bin/sh
# auto.sh - the auto director in a rehearsal without a screen: when it cuts, to whom, what it leaves alone, and that it repeats.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
need_tools jq
srcdir=$SOURCE_DIR
export srcdir			# where schema_check finds the schemas

bad() {
	printf '%s\n' "$1" >bad.cue
	ld run --sphere bad --no-bonjour bad.cue
	status_is 2 && err_has "$2"
}
check "auto is on or off" bad 'auto maybe' 'bad.cue:1:6: expected on or off'
check "weights are read before the show" bad 'set auto-weights left' 'auto-weights: "left": expected CAMERA=WEIGHT'
check "a countdown that could be two things is asked about" bad 'countdown out 20:30' 'bad.cue:1:15: expected a time of day'
check "keys are read before the show" bad 'key "Ctrl-R spase"' 'no key; the nearest is .space'
check "the text of a screen is no journal" bad 'screen s/sidecars/cuts.jsonl' 'a .jsonl is no text of a screen'

cat >auto.cue <<'END'
wait nodes 4 within 80s
set auto-shot-min 500ms
set auto-shot-max 900ms
set auto-yield 1500ms
set auto-weights "1=1,2=1,3=2,4=0"
label 1 left
auto on
after 2s    cut 4
after 3s    out 2
after 1s    tempo 240
after 3s    auto off
countdown out 20m
countdown break 5m
countdown break off
try key "Space"
try screen nothing.txt
END
ld rehearse --sphere one -n 4 --seed 5 --cue auto.cue
check "the show ends well" status_is 0
check "auto says what it will do" out_has '^say [0-9]* "auto on: shots of 500ms to 900ms; next '
check "keys need a screen" out_has '^end [0-9]* error .*key needs a screen'
check "so does its text" out_has '^end [0-9]* error .*screen needs a screen'
check "a countdown says when it is over" out_has '^say [0-9]* "out at [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"'

# cuts SPHERE FILTER: of the list of all cuts, with the camera's number.
cuts() {
	jq -s -c --slurpfile m "$1/sphere.json" '[.[] | select(.type == "cut")] |
	    map(. + {n: (.to as $to | $m[0].devices[] | select(.node == $to) | .number)}) | '"$2" "$1/sidecars/cuts.jsonl"
}
is_true() {
	same "$(cuts "$1" "$2")" true
}
check "it cuts by itself, again and again" is_true one 'map(select(.by == "auto")) | length >= 6'
check "each of its cuts says why, and no other does" is_true one 'all(.[]; (.by == "auto") == (.reason != null and .reason != ""))'
check "the first begins the show" is_true one '.[0].reason | startswith("nothing was on; one of 3, weight ")'
check "a weight of 0 leaves out" is_true one 'map(select(.by == "auto" and .n == 4)) == []'
check "it never cuts to what is on" is_true one '[.[1:], .[:-1]] | transpose | all(.[]; .[0].to != .[1].to)'
check "the operator is left alone for a while" is_true one '(map(.by != "auto") | index(true)) as $i | .[$i + 1].timeUs - .[$i].timeUs | . >= 1490000'
OUT=$(jq 'select(.type == "command" and .text == "out 2") | .timeUs' one/sidecars/commands.jsonl)
check "a camera that is out is out" is_true one "map(select(.timeUs > $OUT)) | length > 0 and all(.[]; .n != 2)"
check "while the clock runs it cuts on bars" is_true one 'map(select(.quantum != null)) | length >= 1 and all(.[]; .by == "auto" and .beat % 4 == 0 and (.reason | contains(", on a bar;")))'
check "shots last at least as long as they must" is_true one '[.[1:], .[:-1]] | transpose | map(select(.[0].by == "auto")) | all(.[]; .[0].timeUs - .[1].timeUs >= 495000)'
check "every line is as the schemas say" "$BUILD_DIR/schema_check" one
countdowns() {
	same "$(jq -c 'select(.type == "countdown") | [.name, .untilUs != null]' one/sidecars/markers.jsonl | tr -d '\n')" \
		'["out",true]["break",true]["break",false]'
}
check "countdowns are kept" countdowns
ld verify one
check "verify finds nothing wrong with it" status_is 0
cat >seed.cue <<'END'
wait nodes 4 within 80s
set auto-shot-min 500ms
set auto-shot-max 550ms
auto on
wait cuts 7 within 80s
END
# order SEED SPHERE: the first seven cameras.
order() {
	ld rehearse --sphere "$2" -n 4 --seed "$1" --cue seed.cue
	cuts "$2" '.[:7] | map(.n)'
}
FIRST=$(order 5 two)
check "the same seed cuts in the same order" same "$(order 5 three)" "$FIRST"
other() {
	[ "$(order 6 four)" != "$FIRST" ] || { echo "$FIRST"; return 1; }
}
check "another seed cuts in another" other
finish
