#!/bin/sh
# claims.sh - cameras held by one Sphere: pins, tokens and where they are not, another Sphere, another machine, a camera that
# starts anew; and what only the holder may do: delete what is verified at home (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools curl jq sha256sum
srcdir=$SOURCE_DIR
export srcdir			# where schema_check finds the schemas
PIN=86420975
OTHERS=$WORK/others		# another machine's state folder

start() {
	rm -f "$WORK/cams.ready"	# of the fleet before
	start_fleet cams 2 --name cam --size 160x90 --fps 10 --pin $PIN || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
	NODES=$(node_options cams)
	ONE=http://127.0.0.1:$(jq -r '.nodes[0].port' "$WORK/cams.ready")
	TWO=http://127.0.0.1:$(jq -r '.nodes[1].port' "$WORK/cams.ready")
	ONE_ID=$(jq -r '.nodes[0].id' "$WORK/cams.ready")
	TWO_ID=$(jq -r '.nodes[1].id' "$WORK/cams.ready")
}
# at SPHERE COMMAND...: one command of that Sphere; elsewhere SPHERE COMMAND...: the same from another machine.
at() {
	at_sphere=$1
	shift
	# shellcheck disable=SC2086
	ld do --sphere "$at_sphere" --no-bonjour --log all --log-file "$WORK/ld.log" $NODES -- "$@"
}
elsewhere() {
	XDG_STATE_HOME=$OTHERS at "$@"
}
holder() { curl -s -m 5 "$1/info" | jq -r '.claim.name'; }
recordings() { curl -s -m 5 "$1/recordings" | jq '.recordings | length'; }
mode() { stat -c %a "$1"; }
# token_of ID: "" when this Sphere has none of that camera.
token_of() { jq -r --arg id "$1" '[.tokens[] | select(.node == $id) | .token] | join(" ")' "$FILE"; }
# nowhere TEXT FOLDER...: in no file below.
nowhere() {
	nowhere_text=$1
	shift
	! grep -r -F -l -e "$nowhere_text" "$@"
}

# ---- Taken, by pin ----
start
at show claim
check "a camera with a pin asks for it" out_has 'refused .* "This camera asks for its pin'
check "and is nobody's" same "$(holder "$ONE")" null
at show claim -t 1 pin 0000
check "a wrong one is none" out_has "refused .* \"That is not this camera's pin"
check "and is not shown" out_has '^begin 1 claim -t 1 pin \*\*\*\*$'
at show claim pin $PIN
check "with the right one both are ours" out_has '^end 1 ok 2/2'
check "and say so" same "$(holder "$ONE") $(holder "$TWO")" "show show"
FILE=$(echo "$XDG_STATE_HOME"/livedirector/claims/*.json)
check "their tokens are in a file of this user's alone" same "$(mode "$FILE")" 600
check "one for each, of 256 bits" same "$(jq '[.tokens[].token | select(test("^[A-Za-z0-9_-]{43}$"))] | unique | length' "$FILE")" 2
A=$(token_of "$ONE_ID")
B=$(token_of "$TWO_ID")

# A console that dies in the midst of it must not be locked out by its own claim.
killed() {
	for killed_after in 0.02 0.06 0.12; do
		# shellcheck disable=SC2086
		"$LIVEDIRECTOR" do --sphere show --no-bonjour $NODES -- "$1" >/dev/null 2>&1 &
		killed_pid=$!
		sleep $killed_after
		kill -9 $killed_pid 2>/dev/null
		wait $killed_pid 2>/dev/null
	done
}
killed claim
killed release
at show claim pin $PIN
check "a console killed while it claimed and released claims all the same" out_has '^end 1 ok 2/2'
A=$(token_of "$ONE_ID")
B=$(token_of "$TWO_ID")

# ---- Nobody else's ----
at other identify
check "another Sphere's commands do nothing" out_has '^end 1 failed 0/2'
check "and it is told who holds the camera" out_has 'held by \\"show\\" (.*@'
at other claim pin $PIN
check "nor does it get the claim, pin or no pin" out_has '^end 1 failed 0/2'
elsewhere show claim pin $PIN
check "nor does this Sphere on another machine" out_has '"This Sphere holds the camera by another token'
check "which keeps no token of it" nowhere '"node"' "$OTHERS/livedirector/claims"
check "a stranger may look" same "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$ONE/health")" 200
check "and not touch" same "$(curl -s -m 5 -o /dev/null -w '%{http_code}' -d '{}' -H 'Content-Type: application/json' "$ONE/camera/flip")" 401
at show identify
check "ours does as it is told" out_has '^end 1 ok 2/2'

# ---- A camera that starts anew ----
kill -9 "$FLEET_PID"
wait "$FLEET_PID" 2>/dev/null
start
check "after a restart it is still held" same "$(holder "$ONE")" show
check "by a file for the device alone" same "$(mode "$WORK/cams/1/claim")" 600
at other identify
check "by the same Sphere only" out_has '^end 1 failed 0/2'
at show identify
check "and by the same token" out_has '^end 1 ok 2/2'

kill -9 "$FLEET_PID"
wait "$FLEET_PID" 2>/dev/null
touch -d '11 minutes ago' "$WORK/cams/2/claim"
touch -d '9 minutes ago' "$WORK/cams/1/claim"
start
free() { test "$(holder "$TWO")" = null; }
check "one whose holder was last heard eleven minutes ago is nobody's" until_true 5 free
check "nine minutes are not enough for that" same "$(holder "$ONE")" show
at show claim -t "cam 2" pin $PIN
check "it is taken again" out_has '^end 1 ok 1/1'

# ---- What only the holder may do ----
at show release -t "cam 2"
check "a camera is let go" out_has '^end 1 ok 1/1'
check "and nobody's" same "$(holder "$TWO")" null
check "its token is gone, the other's is not" same "$(token_of "$ONE_ID") $(token_of "$TWO_ID")" "$A "
check "on the device, too" test ! -e "$WORK/cams/2/claim"
cat >show.cue <<'END'
wait nodes 2 within 60s
must record start
after 700ms record stop
wait take saved all within 120s
purge 1
fetch
purge 1
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour --set auto-fetch=off $NODES show.cue
check "what is not fetched is not deleted" out_has '^say .*"0 files deleted on the cameras, 0.0 MB; 2 stay there: cam 1 (not fetched), cam 2 (not fetched)"'
check "what is verified is deleted on the camera that is held" out_has '^ack [0-9]* "cam 1" ok'
check "and on no other" out_has '^ack [0-9]* "cam 2" refused .* "a camera deletes only for who holds it: claim it first"'
check "so it is" same "$(recordings "$ONE") $(recordings "$TWO")" "0 1"
check "the bytes are gone, too" until_true 5 sh -c "! ls $WORK/cams/1/rec-* 2>/dev/null"
check "and noted" same "$(jq -r 'select(.type == "purged") | "\(.take) \(.file)"' show/sidecars/health.jsonl | sed 's/-cam[12]-/-/')" "001 001-cam-1.mp4"
at show claim -t "cam 2" pin $PIN
COPY=$(echo show/takes/001/001-cam[12]-cam-2.mp4)
cp $COPY keep
printf x | dd of=$COPY bs=1 seek=5000 conv=notrunc 2>/dev/null
at show purge 1
check "a copy that was changed at home keeps the one on the camera" out_has '"cam 2" refused .* at home was changed'
check "which is there" same "$(recordings "$TWO")" 1
rm $COPY
at show purge 1
check "as does one that is gone" out_has '"cam 2" refused .* is not at home any more'
cp keep $COPY
at show purge 1
check "the whole one lets it go" out_has '^say 1 "1 file deleted on the cameras, 0.[0-9] MB, 1 had gone before"$'
check "and the command is well" status_is 0
check "both cameras are empty" same "$(recordings "$ONE") $(recordings "$TWO")" "0 0"
at show purge 7
check "a take that is none is a sentence" out_has 'no take 007 in this Sphere'
ld verify show
check "at home all is as it was" status_is 0

# ---- Let go, and taken over ----
at show release
check "all are let go" out_has '^end 1 ok 2/2'
elsewhere show claim pin $PIN
check "another machine takes the show over" out_has '^end 1 ok 2/2'
at show claim pin $PIN
check "and this one is told" out_has '^end 1 failed 0/2'
elsewhere show release
cat >show.cue <<'END'
wait nodes 2 within 60s
claim on
after 200ms claim -t "cam 1" pin 86420975
after 300ms label "cam 1" left
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour $NODES show.cue
check "the sheet ends well" status_is 0
check "with claim on a camera is asked as it joins, and asks for its pin" same \
	"$(jq -r 'select(.type == "claim" and .state == "pin") | .node' show/sidecars/health.jsonl | sort -u | wc -l)" 2
check "who was given the pin is held" same "$(holder "$ONE") $(holder "$TWO")" "show null"

# ---- Secrets ----
check "no token is in the Sphere, nor in a log" nowhere "$A" show other "$WORK/ld.log"
check "nor the other" nowhere "$B" show other "$WORK/ld.log"
for token in $(jq -r '.tokens[].token' "$FILE"); do
	check "nor a later one" nowhere "$token" show other "$WORK/ld.log"
done
check "a pin is in no file at all but the camera's own command line" nowhere "$PIN" show other "$WORK/ld.log" "$XDG_STATE_HOME" "$OTHERS" "$WORK/cams"
check "the journals are as the schemas say" "$BUILD_DIR/schema_check" show
finish
