#!/bin/sh
# run.sh - the whole job: four real nodes, one cue sheet, everything on disk afterwards (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq ffprobe

start_fleet cams 4 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

cat >show.cue <<'END'
# one take, three cuts
wait nodes 4 within 60s
label "cam 1" "left guest"
label 2 wide
role wide +safe
name "Saturday episode"
finally try record stop
must record start ep12
expect ack all within 8s
zero
after 500ms   cut "left guest"
after 500ms   cut wide
expect ack all within 8s
at 2s         preview wide
with          tag "good laugh"
at 2500ms     cut 3 --force
at 2800ms     zoom -t "left guest" 2.0 over 300ms
after 100ms   flip -t 4 front --force
try           zoom -t wide 500
after 1s      record stop
wait take saved all within 120s
expect take saved 4
expect cuts 3
expect no cue-late
expect no stopped-unasked
expect cut 2 at 1s ± 250ms
END

# shellcheck disable=SC2086
ld run --sphere show --no-bonjour $NODES show.cue
check "the show ends well" status_is 0
check "the closing line counts waits and expects" out_has '^9 passed, 0 failed$'
check "nothing rolls on" out_lacks '^event still-rolling'
check "each cue says when it was due and when it landed" \
	out_has '^event cue show.cue:11 scheduled=[0-9]* landed=[0-9]* error=-\{0,1\}[0-9.]*ms$'
check "commands are numbered and acknowledged by name" out_has '^ack [0-9]* "left guest" ok [0-9.]*ms$'
check "a refusal is told with the node's sentence" out_has '^ack [0-9]* wide refused [0-9.]*ms ".*"$'

cuts=show/sidecars/cuts.jsonl
check "cuts.jsonl has exactly the three cuts" same "$(jq -s '[.[] | select(.type == "cut")] | length' $cuts)" 3
check "each with who asked" same "$(jq -rs '[.[] | select(.type == "cut") | .by] | join(" ")' $cuts)" \
	"cue:show.cue:11 cue:show.cue:12 cue:show.cue:16"
check "each with its label and take" same "$(jq -rs '[.[] | select(.type == "cut") | "\(.label)/\(.take)"] | join(" ")' $cuts)" \
	"left guest/001 wide/001 cam 3/001"
for j in cuts commands sources timebase markers camera health pose gesture evidence; do
	check "$j.jsonl counts without a hole" whole show/sidecars/$j.jsonl
done
check "every cut names its command" same \
	"$(jq -s '[.[] | select(.type == "cut") | .command] == [.[] | select(.type == "cut") | .command] and length > 3' $cuts)" true
check "commands.jsonl holds the cuts' command numbers" same \
	"$(jq -s --slurpfile c show/sidecars/commands.jsonl '[.[] | select(.type == "cut") | .command] - [$c[].n] | length' $cuts)" 0
check "a scheduled cut has its true effect" same \
	"$(jq -s '[.[] | select(.text == "cut wide") | .answers[] | select(.effectUs != null)] | length > 0' show/sidecars/commands.jsonl)" true
check "the tag is there with its take" same \
	"$(jq -rs '[.[] | select(.type == "tag")] | map("\(.text)/\(.take)") | join(" ")' show/sidecars/markers.jsonl)" "good laugh/001"
check "the flip and the zoom are in camera.jsonl" same \
	"$(jq -s '[.[] | .type] | (index("flip") // index("camera")) != null and index("zoom") != null' show/sidecars/camera.jsonl)" true
check "the manifest knows name and labels" same \
	"$(jq -r '.name + "/" + ([.devices[] | select(.number < 3) | .label] | join(","))' show/sphere.json)" "Saturday episode/left guest,wide"
check "the proof says four saved" same \
	"$(jq -c '[.slate, .counts.asked, .counts.saved, .counts.failed]' show/takes/001/take.json)" '["ep12",4,4,0]'

# Four files that ffprobe takes, as long as the node says.
files=0
for f in $(find cams -name '*.mp4' | sort); do
	told=$(jq '.durationMs' "${f%.mp4}.json")
	seen=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$f")
	check "$f plays as long as it says" awk -v a="$told" -v b="$seen" 'BEGIN { d = a / 1000 - b; exit !(d < 0.1 && d > -0.1) }'
	files=$((files + 1))
done
check "four files" same "$files" 4

# The same folder again: labels are known, the next take is 002.
cat >again.cue <<'END'
wait nodes 4 within 60s
record -t wide,"left guest" start
after 1s record stop
wait take saved 2 within 80s
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour $NODES again.cue
check "a second run on the folder ends well" status_is 0
check "takes count on" test -f show/takes/002/take.json
check "journals go on counting" whole show/sidecars/cuts.jsonl
check "each run has opened the journal" same "$(jq -s '[.[] | select(.type == "open")] | length' show/sidecars/cuts.jsonl)" 2
finish
