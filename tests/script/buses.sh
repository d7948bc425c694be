#!/bin/sh
# buses.sh - a random show on real cameras against a model of the two buses in awk: the cut list, the lights, and each camera's own
# word on every cut.  SEED of the environment: another show.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools jq curl awk

nodes=
for name in one two three; do
	start_node $name
	eval "$name=\$NODE"
	nodes="$nodes --node ${NODE#http://}"
done

# Writes show.cue, and the cuts that must come of it: "from to" a line; last line: program preview.
awk -v seed="${SEED:-6}" '
function name(n) { return n == 0 ? "black" : n == 1 ? "one" : n == 2 ? "two" : "three" }
function cut(to, is_swap) {
	print name(program), name(to) >"cuts.want"
	if (to == program)
		return
	was = program
	program = to
	if (is_swap || (to && to == preview))
		preview = was
	if (was)
		before = was
	else if (before == to)
		before = 0
}
function say(text) { print "after 70ms  " text >"show.cue" }
BEGIN {
	srand(seed)
	print "wait nodes 3 within 20s\nrole one +safe\ncut two\nzero" >"show.cue"
	cut(2, 0)
	for (i = 0; i < 60; i++) {
		what = int(rand() * 10)
		n = 1 + int(rand() * 3)
		if (what < 3) { say("cut " name(n)); cut(n, 0) }
		else if (what < 5) { say("preview " name(n)); preview = n }
		else if (what == 5 && preview) { say("cut"); cut(preview, 1) }
		else if (what == 6 && before) { say("cut back"); cut(before, 0) }
		else if (what == 7) { say("cut black"); cut(0, 0) }
		else if (what == 8) { say("identify"); say("cut safe"); cut(1, 0) }
	}
	print "after 1500ms echo quiet\nwait event marker within 120s" >"show.cue"
	print name(program), name(preview) >"end.want"
}'

"$LIVEDIRECTOR" run --sphere s --no-bonjour $nodes --set cut-guard=0ms show.cue >"$WORK/show.out" 2>"$WORK/show.err" &
SHOW=$!
TAP_PIDS="$TAP_PIDS $SHOW"
until_true 40 grep -q quiet "$WORK/show.out"

light() {
	curl -s -m 5 "$1/health" | jq -r .tally
}
# Which light that camera must show.
want() {
	read -r program preview <end.want
	[ "$program" = "$1" ] && echo program && return
	[ "$preview" = "$1" ] && echo preview && return
	echo off
}
check "the first camera's light is what the buses say" same "$(light "$one")" "$(want one)"
check "the second's, too" same "$(light "$two")" "$(want two)"
check "and the third's" same "$(light "$three")" "$(want three)"
ld do --sphere s clap
wait $SHOW
STATUS=$?
check "the show ends well" status_is 0

names='(reduce (inputs | select(.type == "label" or .type == "seen")) as $l ({}; .[$l.node] = ($l.label // $l.deviceName)))'
jq -n "$names" s/sidecars/sources.jsonl >names.json
jq -r --slurpfile n names.json 'select(.type == "cut") | ($n[0][.from // ""] // "black") + " " + ($n[0][.to // ""] // "black")' \
	s/sidecars/cuts.jsonl >cuts.is
check "the cut list is the model's" diff cuts.want cuts.is
told() {
	jq -s -c '([.[] | select(.type == "cut") | .seq] - [.[] | select(.type == "landed" and (.nodes | length) == 3) | .of]) as $owed |
		.[] | select((.seq as $s | $owed | index($s)) or (.of as $o | $owed | index($o)))' s/sidecars/cuts.jsonl >owed
	[ ! -s owed ] || { cat owed; tail -n 30 s/sidecars/commands.jsonl; return 1; }
}
check "each camera has said of each cut when its light took effect" told
later() {
	same "$(jq -s '[.[] | select(.type == "cut")] as $c | [.[] | select(.type == "landed") | . as $l | ($c[] | select(.seq == $l.of)) as $of |
		$l.nodes[] | .effectUs - $of.timeUs | select(. < -50000)] | length' s/sidecars/cuts.jsonl)" 0
}
check "and not before it was made" later
dark() {
	same "$(light "$one") $(light "$two") $(light "$three")" "off off off"
}
check "an ended show leaves no light on" until_true 10 dark
ld verify s
check "verify finds nothing wrong with it" status_is 0
finish
