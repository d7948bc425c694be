#!/bin/sh
# cues.sh - a show's journals told again as a cue sheet; played, it is the same cut list: the same sources, each at its instant or on
# its beat (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

start_fleet cams 3 --name cam --size 320x180 --fps 10 ||
	{ cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

# The cuts that stand: where each went, when since the first that was made, and its beat.
list() {
	jq -sc '([.[] | select(.type == "strike") | .of[]]) as $struck
		| (reduce (.[] | select(.type == "amend")) as $a ({}; .[$a.of | tostring] = $a.to)) as $to
		| [.[] | select(.type == "cut")] | .[0].timeUs as $zero | map(select(.seq as $s | $struck | index([$s]) | not))
		| map({ to: ($to[.seq | tostring] // .to), at: (.timeUs - $zero), beat: (if .quantum then .beat else null end) })' "$1"
}

cat >show.cue <<'END'
wait nodes 3 within 80s
label "cam 1" left
label "cam 2" "wide angle"
role "wide angle" +safe
zero
at 500ms  record start ep12
with      preview "wide angle"
at 1s     cut left
at 1.4s   cut
at 1.6s   tag "costs $$5 \"now\""
at 1.7s   tempo 180
at 1.75s  quantum 3
at 1.8s   cut "cam 3" on bar
at 3.0s   cut back
at 3.1s   strike
at 3.4s   cut "cam 3"
at 3.5s   amend left
at 3.6s   zoom -t left,"wide angle" 2.0 over 300ms --force
at 4s     tempo 140
at 4.1s   cut "wide angle" on beat
at 4.9s   cut black
at 5.1s   record stop
wait take saved all within 80s
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour $NODES show.cue
check "the show is played" status_is 0

ld cues show
check "it is told again" status_is 0
cp out told.cue
check "with nothing left out" same "$(cat err)" ""
check "tagged text is whole" out_has 'tag "costs $$5 \\"now\\""$'
check "what was struck is a comment" same "$(grep -c '^# .* struck: cut ' out)" 2
check "what was amended went where it should have" out_has 'cut left  # amended, was "cam 3"$'
check "a cut on the clock has its bar" same "$(grep -c '^at bar [0-9]*\.[123] *cut ' out)" 1
ld run --dry-run told.cue
check "it is a sheet that run takes" status_is 0

# shellcheck disable=SC2086
ld run --sphere again --no-bonjour $NODES told.cue
check "and plays to its end, every expectation held" status_is 0
list show/sidecars/cuts.jsonl >show.list
list again/sidecars/cuts.jsonl >again.list
check "five cuts stand" same "$(jq length show.list)" 5
check "the same sources" same "$(jq -c 'map(.to)' again.list)" "$(jq -c 'map(.to)' show.list)"
check "on the same beats" same "$(jq -c 'map(.beat)' again.list)" "$(jq -c 'map(.beat)' show.list)"
# Planned instants: those are kept on any machine, however busy.
check "the others within 20 ms" same "$(jq -sc '.[0] as $a | .[1] | to_entries | map(select(.value.beat == null) |
	(.value.at - $a[.key].at) | fabs <= 20000) | all' again.list show.list)" true
check "rolled, zoomed and tagged again" same "$(jq -rc 'select(.type == "command" and .result == "ok" and
	(.text | test("^(record|zoom|tag)"))) | .text' again/sidecars/commands.jsonl | tr '\n' ';')" \
	'record start ep12;tag "costs $5 \"now\"";zoom -t left,"wide angle" 2.0 over 300ms --force;record stop;'
check "the replay told again is the same list" sh -c '"$LIVEDIRECTOR" cues again | grep " cut " | sed "s/^at [0-9:.]* *//;s/  # .*//" >a &&
	grep -v "^#" told.cue | grep " cut " | sed "s/^at [0-9:.]* *//;s/  # .*//" >b && cmp a b'

ld cues
check "without a folder it says what it wants" err_has 'expected the Sphere folder'
ld cues nowhere
check "a folder that is none is told" err_has 'nowhere'
check "and is no show" status_is 4
finish
