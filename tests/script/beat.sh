#!/bin/sh
# beat.sh - the clock of a show without a screen: refused, begun, waited for, moved, cancelled; what is told and what is kept of it.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools jq curl
start_node one
ONE=${NODE#http://}
start_node two
TWO=${NODE#http://}

cat >show.cue <<'END'
wait nodes 2 within 80s
try cut one on bar
tempo 150
cut one
cut two on bar
cut one after 3 beats
try cut two on bar
after 50ms  tempo 240
after 2s    quantum 3
try cut two on bar
after 50ms  cancel
try tempo 9000
END
ld run --sphere s --no-bonjour --node "$ONE" --node "$TWO" show.cue
check "a line that cannot be is found before the show" status_is 2
sed -i '$d' show.cue
ld run --sphere s --no-bonjour --node "$ONE" --node "$TWO" show.cue
check "the show ends well" status_is 0
check "without a clock it says how to start one" out_has '^end [0-9]* error .*no clock runs.*tempo BPM'
check "what is pending is told, with the beats until then" out_has '^event cut-pending two "in [1-4] beats\{0,1\}"'
check "and said to who asked" out_has '^say [0-9]* "pending: one in 3 beats"'
check "a cancelled cut is an error of its own command" out_has '^end [0-9]* error .*cancelled before its beat'

cuts() {
	jq -c 'select(.type == "cut")' s/sidecars/cuts.jsonl
}
landed_on_beats() {
	same "$(cuts | jq -s -c 'map(select(.quantum != null) | [.quantum, .beat == (.beat | floor)])')" '[[4,true],[4,true],[4,true]]'
}
check "three cuts waited, and landed on whole beats" landed_on_beats
check "the one that was cancelled is not in the list" same "$(cuts | wc -l)" 4
bars() {
	same "$(cuts | jq -s -c '[.[1], .[3] | .beat % 4]')" '[0,0]'
}
check "on bar is on a bar" bars
clock_lines() {
	same "$(jq -r 'select(.type == "beat") | .why + " \(.bpm | floor) \(.quantum)"' s/sidecars/timebase.jsonl | tr '\n' ',')" \
		'tempo 150 4,tempo 240 4,quantum 240 3,'
}
check "each change of the clock is a line" clock_lines
effects() {
	same "$(jq -s -c '[.[] | select(.type == "command" and (.text | startswith("cut one after"))) | .answers[] | .effectUs != null]' \
		s/sidecars/commands.jsonl)" '[true,true]'
}
check "each camera's own time of the light is kept" effects
ld verify s
check "verify finds nothing wrong with it" status_is 0
finish
