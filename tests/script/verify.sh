#!/bin/sh
# verify.sh - the receipt of a real show: whole, then with a byte changed, a line cut off, a count edited (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq
srcdir=$SOURCE_DIR
export srcdir			# where schema_check finds the schemas

start_fleet cams 3 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

cat >show.cue <<'END'
wait nodes 3 within 60s
label "cam 1" "left guest"
must record start ep12
after 300ms   cut "left guest"
after 300ms   cut 2
after 100ms   cut back
strike
after 200ms   clap
tag "good laugh"
zoom -t 2 2.0 over 200ms --force
after 300ms   record stop
wait take saved all within 120s
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour --set auto-fetch=off $NODES show.cue
check "the show ends well" status_is 0

# json FILTER: of what verify printed.
json() {
	jq -e "$1" "$WORK/out" >/dev/null && return 0
	cat "$WORK/out"
	return 1
}
# verify_with FILE COMMAND...: the command changes a copy of the show, which is looked at; $STATUS, $WORK/out.
changed() {
	rm -rf changed
	cp -a show changed
	(cd changed && sh -c "$1")
	ld verify --json changed
}

ld verify show
check "before its files are home it is not whole" status_is 1
check "which says what to do" out_has 'livedirector fetch show'
# shellcheck disable=SC2086
ld fetch --no-bonjour $NODES show
check "the files come home" status_is 0

ld verify show
check "the receipt is whole" status_is 0
check "it is one line at the end" out_has '^10 journals with [0-9]* lines, 1 take, 3 files, 3 verified .*: no problem$'
check "with the take's counts" out_has '^take 001: 3 asked, 3 recorded, 3 saved, 3 fetched, 3 verified$'
ld verify --json show
check "as JSON too" status_is 0
check "of the published form" json '.ok == true and .journals == 10 and .lines > 30 and .takes == 1 and .files == 3
	and .verified == 3 and .problems == [] and (keys | length) == 7'
check "as its schema says" "$BUILD_DIR/schema_check" verify "$WORK/out"
check "every file is as the schemas say" "$BUILD_DIR/schema_check" show

file=$(jq -r '.devices[0].parts[0].file' show/takes/001/take.json)
changed "printf X | dd of='takes/001/$file' bs=1 seek=1000 conv=notrunc 2>/dev/null"
check "a changed byte: status 1" status_is 1
check "is named where it is" json '.ok == false and .verified == 2 and .problems == [{ where: "takes/001/'"$file"'", what: "SHA-256 differs from the node'"'"'s" }]'
check "as its schema says, too" "$BUILD_DIR/schema_check" verify "$WORK/out"
changed "truncate -s -1 'takes/001/$file'"
check "a byte less too" json '.problems | length == 1 and (.[0].what | test("^has [0-9]+ bytes, the node promised [0-9]+$"))'
changed "rm 'takes/001/$file'"
check "a file that is gone too" json '.problems | length == 1 and (.[0].what | test("^is missing"))'
changed "sed -i 2d sidecars/commands.jsonl"
check "a line taken out of a journal" json '.ok == false and .journals == 9 and ([.problems[].where] | any(. == "sidecars/commands.jsonl:2"))'
changed "printf '{\"seq\":' >>sidecars/cuts.jsonl"
check "half a line at its end" json '[.problems[].where] | any(startswith("sidecars/cuts.jsonl:"))'
changed "jq '.counts.verified = 2' takes/001/take.json >t && mv t takes/001/take.json"
check "a count that was edited" json '[.problems[].what] | any(. == "it counts 2 verified, its devices say 3")'
changed "jq '.devices[0].state = \"failed\" | .devices[0].reason = \"x\" | del(.devices[0].parts[0])' takes/001/take.json >t && mv t takes/001/take.json"
check "a camera that was edited away" json '.problems | length > 1'
changed "rm sphere.json"
check "no manifest" json '[.problems[].where] | any(. == "sphere.json")'

ld verify show
check "nothing of it changed the show" status_is 0
ld verify
check "without a folder it is a usage error" status_is 2
ld verify nowhere
check "a folder that is not there is status 4" status_is 4
check "and one sentence" err_has '^livedirector: there is no folder nowhere$'
ld verify .
check "neither is one that is no Sphere" status_is 4

# ---- While a console runs on it ----

cat >long.cue <<'END'
wait nodes 3 within 60s
must record start ep13
wait event alarm within 80s
END
# shellcheck disable=SC2086
"$LIVEDIRECTOR" run --sphere show --no-bonjour $NODES long.cue >long.out 2>&1 &
PID=$!
TAP_PIDS="$TAP_PIDS $PID"
check "another take rolls" until_true 20 grep -q '"recording": 3' show/takes/002/take.json
ld verify show
check "verify works beside the console" status_is 0
check "and says that a take still rolls" out_has '^remark: takes/002/take.json: still rolls: 3 of 3 record'
kill -9 "$PID"
wait "$PID" 2>/dev/null
ld verify show
check "with the console gone it is a problem" status_is 1
check "that is named" out_has '^problem: takes/002/take.json: was never ended, and no console runs'
finish
