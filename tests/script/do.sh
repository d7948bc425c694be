#!/bin/sh
# do.sh - one command from a shell: the cameras are waited for, the answers printed, the status told (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

start_fleet cams 3 --name cam --size 320x180 --fps 10 --fault 3:refuse=zoom ||
	{ cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
ONE=$(echo "$NODES" | cut -d ' ' -f 1-2)
# one ARGS...: do, on the three cameras.
one() {
	# shellcheck disable=SC2086
	ld do --no-bonjour $NODES "$@"
}

one clap
check "do prints begin, acks and end" status_is 0
check "it begins" out_has '^begin 1 clap$'
check "each camera answers" same "$(grep -c '^ack 1 "cam [123]" ok ' "$WORK/out")" 3
check "it ends" out_has '^end 1 ok 3/3 [0-9.]*ms$'
check "the journal of markers has it" \
	same "$(jq -c 'select(.type == "clap") | [.name, .sound, .command]' state/livedirector/do/sidecars/markers.jsonl)" '["clap",true,1]'

one zoom -t all 2.0
check "partial is status 1" status_is 1
check "and counts" out_has '^end 1 partial 2/3 '
one zoom -t 3 2.0
check "failed is status 1" status_is 1
check "and says so" out_has '^end 1 failed 0/1 '

one flip
check "flip without -t is a mistake of usage" status_is 2
check "told before any camera is looked for" err_has 'expected -t TARGETS'
one zoom -t nobody 2
check "a camera nobody has is an error" out_has '^end 1 error [0-9.]*ms "no camera is called'
if alone true; then
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere ld_alone do flip -t all
	check "nobody found is status 3" status_is 3
	check "and Bonjour without its daemon is told" err_has '^livedirector: Bonjour: no daemon; using own queries'
fi
one zom -t 1 2
check "so is a command nobody has" err_has 'unknown command "zom"; the nearest is "zoom"'
one standby
check "a word of a later version has its sentence" err_has 'this version does not have it yet'

# Words as a shell hands them over.
one label "cam 2" "wide angle"
check "a name with blanks is one word" status_is 0
one flip -t "wide angle,cam 1" front
check "-t takes names with blanks, joined by commas" status_is 0
check "both answered" out_has '^end 1 ok 2/2 '
check "the label was kept" out_has '^ack 1 "wide angle" ok '
one 'flip -t "wide angle" back'
check "a whole command in one argument" status_is 0
one tag 'a "quoted" \ word # no comment'
check "quotes and backslashes survive" out_has '^begin 1 tag "a \\"quoted\\" \\\\ word # no comment"$'
check "to the journal" same "$(jq -rs 'map(select(.type == "tag"))[-1].text' state/livedirector/do/sidecars/markers.jsonl)" \
	'a "quoted" \ word # no comment'

# A take across two calls.
one record start ep1
check "record start ends when all roll" out_has '^end 1 ok 3/3 '
check "its last line is its end" same "$(tail -n 1 "$WORK/out" | cut -c -12)" 'end 1 ok 3/3'
one record start
check "a second one is refused with the take's number" out_has '^end 1 error .*001'
check "with status 1" status_is 1
one record stop
check "the next call stops the take" out_has '^end 1 ok 3/3 '
# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES --json
check "nothing rolls" same "$(jq -c '[.nodes[].health.recording.state] | unique' "$WORK/out")" '["idle"]'
one cut 2
check "a cut is a tally for all" out_has '^end 1 ok 3/3 '

# JSON Lines.
one --json zoom -t all 1.5
check "--json is one object a line" same "$(jq -c 'select(.record == "end") | [.n, .result, .acked, .asked]' "$WORK/out")" '[1,"partial",2,3]'
check "acks have ids and names" same "$(jq -c 'select(.record == "ack" and .name == "cam 1") | [.n, .result, .code, .message, (.node | length), (.ms | type)]' "$WORK/out")" \
	'[1,"ok",null,null,36,"number"]'
check "a refusal has its code and sentence" same "$(jq -c 'select(.record == "ack" and .result == "refused") | (.code | length > 0) and (.message | length > 0)' "$WORK/out")" true
check "events have a time" same "$(jq -s 'map(select(.record == "event")) | length > 0 and all(.timeUs > 1600000000000000)' "$WORK/out")" true
check "begin has the text" same "$(jq -rc 'select(.record == "begin") | .text' "$WORK/out")" 'zoom -t all 1.5'

# Where it works, and what it does not touch.
# shellcheck disable=SC2086
ld do --no-bonjour $ONE clap
check "what an earlier do met is no target" out_has '^end 1 ok 1/1 '
# shellcheck disable=SC2086
ld do --sphere mine --no-bonjour $ONE tag here
check "--sphere names the folder" grep -q '"text":"here"' mine/sidecars/markers.jsonl
# shellcheck disable=SC2086
"$LIVEDIRECTOR" do --no-bonjour $NODES 'zoom -t 1 2 over 3s' >slow.out 2>&1 &
slow=$!
TAP_PIDS="$TAP_PIDS $slow"
until_true 10 grep -q '^begin' slow.out
# shellcheck disable=SC2086
ld do --no-bonjour $ONE clap
check "two at once work beside each other" status_is 0
wait $slow
check "a zoom ends with its ramp" grep -Eq '^end 1 ok 1/1 ([3-9]|1[0-9])[0-9]{3}ms$' slow.out

ld do --no-bonjour --node 127.0.0.1:1 clap
check "nobody there is status 3" status_is 3
check "and says what was tried" err_has '127.0.0.1:1'
ld do help cut
check "help needs no camera" status_is 0
check "it is the command's usage" out_has 'cut \[NODE|back'
finish
