#!/bin/sh
# camera.sh - a camera node is killed at bad moments, finds rubbish in its folder, runs out of disk in a show: what was
# recorded is listed and plays, and the console says what happened (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
need_tools curl jq ffmpeg ffprobe

# plays FILE: to its end, without a word from the decoder.
plays() {
	ffmpeg -nostdin -v error -i "$1" -f null - >"$WORK/said" 2>&1 && [ ! -s "$WORK/said" ] && return 0
	cat "$WORK/said"
	return 1
}
newest() { curl -s -m 5 "$NODE/recordings" | jq -c '.recordings[0]'; }
newest_file() { echo "$WORK/$1/$(newest | jq -r .id).mp4"; }

# ---- Killed at bad moments ----

start_node rec --size 320x180
post /record/start '{"take":"0","sphere":"s"}'
until_true 5 health '.recording.state == "recording"'
stop_node KILL
start_node rec --size 320x180
get /recordings
check "killed at once: nothing is listed, or a file that plays" sh -c "[ '$(jq -c .recordings "$WORK/body")' = '[]' ] ||
	ffmpeg -nostdin -v error -i '$WORK/rec/$(jq -r '.recordings[0].id' "$WORK/body").mp4' -f null -"
stop_node
TAKE=0
for ms in 700 1250 2100; do
	TAKE=$((TAKE + 1))
	start_node rec --size 320x180
	post /record/start "{\"take\":\"$TAKE\",\"sphere\":\"s\"}"
	until_true 5 health '.recording.state == "recording"'
	BEGAN=$(curl -s "$NODE/health" | jq .recording.sinceUs)
	sleep "$(echo "$ms" | awk '{ print $1 / 1000 }')"
	RAN=$(($(node_now_us) - BEGAN))
	stop_node KILL
	start_node rec --size 320x180
	FILE=$(newest_file rec)
	check "killed after $ms ms: listed as incomplete, by a crash" test "$(newest | jq -c '[.take, .complete, .error]')" = "[\"$TAKE\",false,\"crash\"]"
	check "it plays to its end" plays "$FILE"
	# What was filmed half a second ago is on disk by now.
	check "which is its last full second, or later" awk -v had="$(seconds_of "$FILE")" -v ran="$RAN" 'BEGIN { print had, ran; exit !(had >= int((ran - 500000) / 1000000)) }'
	check "and is as long as it is listed" near "$(seconds_of "$FILE")" "$(newest | jq '.durationMs / 1000')" 0.1
	stop_node
done
start_node rec --size 320x180
post /record/start '{"take":"9","sphere":"s"}'
until_true 5 health '.recording.bytes > 30000'
post /record/stop '{"take":"9","sphere":"s"}'
stop_node KILL
start_node rec --size 320x180
check "killed while it saves: the recording is listed" test "$(newest | jq -r .take)" = 9
check "and plays" plays "$(newest_file rec)"
hash_is_right() { [ "$(newest | jq -r .sha256)" = "$(sha256sum <"$(newest_file rec)" | cut -d ' ' -f 1)" ]; }
check "and its hash is worked out" until_true 5 hash_is_right
check "all four are there" test "$(curl -s "$NODE/recordings" | jq '[.recordings[] | select(.take != "0")] | length')" -eq 4
stop_node

# ---- Rubbish in its folder ----

head -c 5000 /dev/urandom >"$WORK/rec/noise.mp4"
: >"$WORK/rec/empty.mp4"
head -c 200 "$(ls "$WORK"/rec/*.json | head -n 1)" >"$WORK/rec/half.json"
echo '[[[[[' >"$WORK/rec/deep.json"
mkdir "$WORK/rec/folder.mp4" "$WORK/rec/folder.json"
ln -s /etc/passwd "$WORK/rec/elsewhere.mp4"
ln -s loop.mp4 "$WORK/rec/loop.mp4"
start_node rec --size 320x180
check "rubbish in the folder: the node starts" health '.recording.state == "idle"'
check "and lists the four as before" test "$(curl -s "$NODE/recordings" | jq '[.recordings[] | select(.take | test("^[1239]$"))] | length')" -eq 4
get /recordings/elsewhere/file
check "a link out of the folder is not served" test "$STATUS" = 404
post /record/start '{"take":"10","sphere":"s"}'
until_true 5 health '.recording.bytes > 10000'
post /record/stop '{"take":"10","sphere":"s"}'
is_listed() { [ "$(newest | jq -c '[.take, .complete]')" = '["10",true]' ]; }
check "it records on" until_true 10 is_listed
stop_node

# ---- Seen by the console: one crashes and comes back, the other's disk gets full ----

mkdir -p "$WORK/small"
at_end() { umount "$WORK/small" 2>/dev/null; }
FAULT="--fault disk=1200k"
mount -t tmpfs -o size=1200k tmpfs "$WORK/small" 2>/dev/null && FAULT=
# shellcheck disable=SC2086
start_node small/full $FAULT --size 640x360
FULL=${NODE#http://}
start_node crashing --size 320x180
PORT=${NODE##*:}
cat >show.cue <<'END'
wait nodes 2 within 80s
record start
echo "rolling"
wait node crashing lost within 60s
wait event node-back crashing within 80s
wait node crashing idle within 30s
record -t crashing start
wait event stopped-unasked "small/full" within 120s
after 1s record stop
wait take saved 2 within 80s
END
"$LIVEDIRECTOR" run --sphere show --no-bonjour --set lost-after=5s --set stale-after=2s --node "$FULL" --node "127.0.0.1:$PORT" show.cue >show.out 2>show.err &
SHOW_PID=$!
TAP_PIDS="$TAP_PIDS $SHOW_PID"
until_true 20 grep -q '^say .*rolling' show.out
sleep 1.2
stop_node KILL
check "a camera that died is lost" until_true 10 grep -q '^event node-lost crashing' show.out
NODE_OPTIONS="--port $PORT --bind 127.0.0.1 --no-advertise"
start_node crashing --size 320x180
wait "$SHOW_PID"
check "the show goes on to its end" test $? -eq 0
cat show.out show.err >>"$WORK/why"
check "a recording that stopped unasked is told" grep -q '^event stopped-unasked crashing' show.out
check "so is the full disk, by its cause" grep -q 'STOPPED BY ITSELF.*storage_full' show.out
: >"$WORK/why"
check "the proof has both, saved, and both failures" same "$(jq -c '[.counts.asked, .counts.recorded, .counts.saved, .counts.failed]' show/takes/001/take.json)" '[2,2,2,2]'
check "the crashed camera has two parts, the first cut by the crash" jq -e '[.devices[] | select(.parts | length == 2)] | length == 1 and
	(.[0].parts | .[0].recording.error == "crash" and .[0].recording.complete == false and .[1].recording.complete)' show/takes/001/take.json
check "the full one's file is saved with its reason" jq -e 'any(.devices[].parts[]; .recording.error == "storage_full" and .recording.durationMs > 500)' show/takes/001/take.json
finish
