#!/bin/sh
# node-live.sh - a node whose picture is another node's stream: recorded, lost, found again (TAP).
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq file

start_node film --size 320x180
FILM_PID=$NODE_PID
FILM_PORT=${NODE##*:}
# film_again: on the same port.
film_again() {
	# shellcheck disable=SC2086
	"$MMCAMD" $NODE_OPTIONS --port "$FILM_PORT" --name film --size 320x180 --recordings "$WORK/film" >"$WORK/film.ready" 2>&1 &
	FILM_PID=$!
	TAP_PIDS="$TAP_PIDS $FILM_PID"
}
film_ends() {
	kill "$FILM_PID"
	wait "$FILM_PID" 2>/dev/null
}

start_node relay --size 160x90 --fps 30 --source "mjpeg:http://127.0.0.1:$FILM_PORT/stream?width=320&fps=30"
shot() {
	get /snapshot.jpg
	[ "$STATUS" = "$1" ]
}
check "the other's picture is ours" until_true 10 shot 200
check "in our size" test "$(file -b "$WORK/body" | grep -c 160x90)" -eq 1
get /info
check "there is no sound" answers 200 '.mic == false'

listen heard
AT=$(($(node_now_us) + 3000000))
post /record/start "{\"take\":\"1\",\"sphere\":\"s\",\"atUs\":$AT}"
check "a planned start is accepted" answers 200 '.scheduled'
check "and becomes a recording" shows heard recording '.state == "recording"'
START=$(sed -n 's/^data: //p' "$WORK/heard" | jq -s '[.[] | select(.state == "recording" and .sinceUs != null)][0].sinceUs')
check "whose first picture is caught after the instant, not before" test "$START" -ge "$AT"
grows() {
	get /health
	[ "$(jq '.recording.bytes' "$WORK/body")" -gt "$1" ]
}
check "its file grows" until_true 10 grows 20000

# ---- the film breaks and goes on ----
film_ends
check "without it there is no picture" until_true 5 shot 503
check "and it is said" until_true 5 grep -q "^mmcamd: relay: no picture from http://127.0.0.1:$FILM_PORT/" "$WORK/relay.err"
get /health
check "the recording waits for it" answers 200 '.recording.state == "recording"'
BYTES=$(jq .recording.bytes "$WORK/body")
film_again
check "it is found again" until_true 10 shot 200
check "that is said too" grep -q "^mmcamd: relay: pictures come again from " "$WORK/relay.err"
check "and the same recording grows on" until_true 10 grows $((BYTES + 20000))
check "the gap is in the dropped frames" health '.droppedFrames >= 5 and .recording.state == "recording"'

# ---- its disk, and its power ----
KEPT=$NODE
KEPT_PID=$NODE_PID
SOURCE="mjpeg:http://127.0.0.1:$FILM_PORT/stream?width=320&fps=30"
start_node tight --size 320x180 --source "$SOURCE" --fault disk=200k
listen tight-heard
post /record/start '{"take":"1","sphere":"s"}'
check "a full disk ends a recording of it" until_true 20 has_event tight-heard recording '.state == "idle" and .error == "storage_full"'
check "what there is, is saved" shows tight-heard saved '.error == "storage_full" and .complete and .durationMs >= 500'
stop_node
start_node weak --size 320x180 --source "$SOURCE"
post /record/start '{"take":"1","sphere":"s"}'
check "another one records" until_true 10 grows 30000
stop_node KILL
start_node weak --size 320x180 --source "$SOURCE"
get /recordings
check "after a power cut its recording is there, up to the last second" answers 200 \
	'.recordings[0] | .complete == false and .durationMs >= 500 and .take == "1"'
post /record/start '{"take":"1","sphere":"s"}'
check "and goes on as a new part" until_true 10 grows 10000
post /record/stop '{"take":"1","sphere":"s"}'
both_parts() {
	get /recordings
	answers 200 '[.recordings[].part] | sort == [1,2]'
}
check "both are listed" until_true 10 both_parts
stop_node
NODE=$KEPT
NODE_PID=$KEPT_PID

# ---- and for good ----
film_ends
check "five seconds without a picture end the recording" until_true 15 has_event heard recording '.state == "idle" and .error == "camera_lost"'
check "its file is saved, with the reason" shows heard saved '.error == "camera_lost" and .complete and (.sha256 | length == 64)'
if command -v ffprobe >/dev/null; then
	get /recordings
	FILE=$WORK/relay/$(jq -r '.recordings[0].id' "$WORK/body").mp4
	check "and plays" near "$(seconds_of "$FILE")" "$(jq '.recordings[0].durationMs / 1000' "$WORK/body")" 0.2
fi
post /record/start '{"take":"2","sphere":"s"}'
check "a start without a picture is accepted" status_is 200
check "and fails with the reason" until_true 15 has_event heard recording '.state == "failed" and .take == "2" and .error == "camera_lost"'
stop_node
check "the node ends in order" test $? -eq 0

# ---- a film that stands still ----
start_node still --size 160x90 --fault freeze-after=5s
SOURCE="mjpeg:$NODE/stream?width=160"
STILL_PID=$NODE_PID
start_node onlooker --size 160x90 --source "$SOURCE"
check "a film runs" until_true 10 shot 200
check "when it stands still, though sent on and on, it is no picture" until_true 10 shot 503
stop_node
kill "$STILL_PID"

# ---- a password in an address ----
start_node shy --source "mjpeg:http://me:secret@127.0.0.1:1/video?a=1"
check "an address that does not answer is said" until_true 10 grep -q "no picture from http://127.0.0.1:1/video?a=1: " "$WORK/shy.err"
secret_is_kept() { ! grep -q secret "$WORK/shy.err"; }
check "without its password" secret_is_kept
get /snapshot.jpg
check "and a snapshot is refused in time" refuses 503 busy
stop_node

# ---- devices ----
# shellcheck disable=SC2086
"$MMCAMD" $NODE_OPTIONS --recordings "$WORK/none" --source v4l2:/dev/null >"$WORK/out" 2>"$WORK/err"
check "what is no camera is refused" test $? -eq 2
check "with its name" grep -q '^mmcamd: /dev/null is no video device$' "$WORK/err"
finish
