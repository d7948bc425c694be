#!/bin/sh
# node-record.sh - recordings: their states, their files (read back by ffprobe), crashes, a full disk, ranges.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq ffprobe

start_node rec --size 640x360
listen log

# ---- a take ----
post /record/start '{"take":"003","sphere":"sp","label":"left guest","commandId":"start-1"}'
check "a take starts" answers 200 '.ok and (.state.recording.state | test("starting|recording")) and .state.recording.take == "003"'
check "it is told to start" shows log recording '.state == "starting" and .commandId == "start-1"'
check "and to record, with its sphere and since when" shows log recording '.state == "recording" and .commandId == "start-1"
	and .sphere == "sp" and .sinceUs > 0 and .timeUs == .sinceUs'
post /record/start '{"take":"003","sphere":"sp"}'
check "the take that runs: nothing is done" status_is 200
post /record/start '{"take":"004","sphere":"sp"}'
check "another take while one runs is refused" refuses 409 already_recording
post /record/start '{"take":"003","sphere":"other"}'
check "the same number of another Sphere is another take" refuses 409 already_recording
post /record/stop '{"take":"004","sphere":"sp"}'
check "another take cannot be stopped" refuses 409 other_take
post /camera/format '{"width":1280,"height":720,"rate":30}'
check "the format cannot change meanwhile" refuses 409 already_recording
check "the file grows" until_true 4 health '.recording.bytes > 20000'
BEFORE=$(curl -s "$NODE/health" | jq .recording.bytes)
check "and grows on" until_true 2 health ".recording.bytes > $BEFORE"
post /marker '{"name":"clap","sound":true}'
sleep 1
get /recordings
check "what still runs is not listed" answers 200 '.recordings == []'
post /record/stop '{"take":"003","sphere":"sp","commandId":"stop-1"}'
check "it stops" answers 200 '.state.recording.state | test("stopping|saving|idle")'
check "stopping, saving and idle are told" shows log recording '.state == "idle" and .commandId == "stop-1"'
check "in that order" test "$(events log recording | jq -r .state | tr '\n' ' ')" = "starting recording stopping saving idle "
check "saved has the whole metadata" shows log saved '.take == "003" and .sphere == "sp" and .part == 1 and .label == "left guest"
	and .fileName == "003-left-guest.mp4" and .contentType == "video/mp4" and (.sha256 | length == 64) and .bytes > 0
	and .width == 640 and .height == 360 and .rotation == 0 and .fps == 30 and .videoCodec == "h264" and .audioCodec == "aac"
	and .camera == "back" and (.markers | length == 1) and .markers[0].name == "clap" and .thermalPeak == "nominal"
	and .error == null and .complete == true and .endUs - .startUs >= .durationMs * 1000 - 1000'
events log saved | head -n 1 >"$WORK/saved"
ID=$(jq -r .id "$WORK/saved")
check "startUs is the moment recording began" test "$(jq .startUs "$WORK/saved")" = \
	"$(events log recording | jq -r 'select(.state == "recording").sinceUs' | head -n 1)"
post /record/stop '{"take":"003","sphere":"sp"}'
check "to stop what has ended does nothing" status_is 200
post /record/stop '{"take":"999","sphere":"sp"}'
check "nor to stop what never was" status_is 200
post /record/start '{"take":"005"}'
check "a take without its Sphere is 400" refuses 400 bad_request

# ---- the file ----
FILE=$WORK/rec/$ID.mp4
ffprobe -v error -show_entries stream=codec_name,width,height -of json "$FILE" >"$WORK/streams" 2>"$WORK/why"
check "ffprobe finds H.264 and AAC and nothing to complain of" test ! -s "$WORK/why" -a \
	"$(jq -r '[.streams[].codec_name] | sort | join(" ")' "$WORK/streams")" = "aac h264"
check "it lasts as long as it says" near "$(seconds_of "$FILE")" "$(jq '.durationMs / 1000' "$WORK/saved")" 0.1
check "a key frame starts each second" test "$(ffprobe -v error -select_streams v -show_entries packet=pts_time,flags -of csv=p=0 "$FILE" |
	awk -F, '$2 ~ /K/ { if ($1 - last > 1.05) bad = 1; last = $1 } END { print bad + 0 }')" = 0
check "it is what was hashed" test "$(sha256sum <"$FILE" | cut -d ' ' -f 1)" = "$(jq -r .sha256 "$WORK/saved")"
get /recordings
check "it is listed" answers 200 '.recordings | length == 1 and .[0].id == $id' --arg id "$ID"
get "/recordings/$ID"
check "it is described" answers 200 '.id == $id and .bytes == $saved[0].bytes' --arg id "$ID" --slurpfile saved "$WORK/saved"

get "/recordings/$ID/file"
check "the whole file is sent" cmp "$WORK/body" "$FILE"
check "its tag is its hash" header etag "\"$(jq -r .sha256 "$WORK/saved")\""
check "ranges are taken" header accept-ranges bytes
check "its type is told" header content-type video/mp4
check "its digest is told" header repr-digest "sha-256=:$(openssl dgst -sha256 -binary "$FILE" 2>/dev/null | base64):"
BYTES=$(jq .bytes "$WORK/saved")
ETAG=$(tr -d '\r' <"$WORK/head" | sed -n 's/^[Ee][Tt]ag: *//p')

# part NAME RANGE FIRST COUNT: is that part sent?
part() {
	get "/recordings/$ID/file" -H "Range: bytes=$1"
	status_is 206 && header content-range "bytes $2-$(($2 + $3 - 1))/$BYTES" &&
		tail -c "+$(($2 + 1))" "$FILE" | head -c "$3" | cmp - "$WORK/body"
}
check "a range from the front" part 0-99 0 100
check "a range from the middle" part 1000-1999 1000 1000
check "a range to the end" part "$((BYTES - 10))-" $((BYTES - 10)) 10
check "a suffix of several digits" part -1234 $((BYTES - 1234)) 1234
check "a suffix longer than the file is the file" part -99999999999999999999 0 "$BYTES"
check "an end beyond the file is its end" part "100-99999999999" 100 $((BYTES - 100))
get "/recordings/$ID/file" -H "Range: bytes=$BYTES-"
check "a range beyond the file is 416" status_is 416
check "which tells the size" header content-range "bytes \*/$BYTES"
for range in 'bytes=5-1' 'bytes=a-b' 'bytes=-' 'lines=1-2' 'bytes=0-1,4-5'; do
	get "/recordings/$ID/file" -H "Range: $range"
	check "a range that makes no sense is ignored: $range" status_is 200
done
get "/recordings/$ID/file" -H 'Range: bytes=0-9' -H "If-Range: $ETAG"
check "If-Range with the tag: the part" status_is 206
get "/recordings/$ID/file" -H 'Range: bytes=0-9' -H 'If-Range: "other"'
check "If-Range with another: the whole" status_is 200
get "/recordings/$ID/file" -H 'Range: bytes=0-9' -H 'If-Range: Wed, 21 Oct 2026 07:28:00 GMT'
check "If-Range with a date: the whole" status_is 200
get "/recordings/$ID/file" -H "If-None-Match: $ETAG"
check "who has it already is told so" status_is 304
ask HEAD "/recordings/$ID/file"
check "HEAD tells length and tag" header content-length "$BYTES"
check "and sends nothing" header etag "$ETAG"

# ---- parts, and times ----
post /record/start '{"take":"003","sphere":"sp","label":"left guest"}'
until_true 5 health '.recording.state == "recording"'
sleep 0.5
post /record/stop '{"take":"003","sphere":"sp"}'
post /record/start '{"take":"006","sphere":"sp"}'
check "a new take may follow at once" status_is 200
check "the stopped take got a second part" shows log saved '.take == "003" and .part == 2'
AT=$(($(node_now_us) + 4000000))
post /record/stop "{\"take\":\"006\",\"sphere\":\"sp\",\"atUs\":$AT,\"commandId\":\"stop-6\"}"
AT2=$((AT + 300000))
post /record/start "{\"take\":\"007\",\"sphere\":\"sp\",\"atUs\":$AT2,\"commandId\":\"start-7\"}"
check "a start after a stop that is pending is accepted" answers 200 '.scheduled == true'
check "the stop acts on time" shows log recording '.commandId == "stop-6" and .state == "stopping" and .timeUs - $at < 500000 and .timeUs >= $at' --argjson at "$AT"
check "the start acts on time" shows log recording '.commandId == "start-7" and .state == "recording" and .timeUs >= $at and .timeUs - $at < 500000' --argjson at "$AT2"
post /record/start "{\"take\":\"008\",\"sphere\":\"sp\",\"atUs\":$((AT2 + 5000000)),\"commandId\":\"start-8\"}"
check "a start that cannot be is refused before" refuses 409 already_recording
post /record/stop '{"take":"007","sphere":"sp"}'
check "all is saved" shows log saved '.take == "007" and .complete'
post /record/start "{\"take\":\"009\",\"sphere\":\"sp\",\"atUs\":$(($(node_now_us) + 4000000)),\"commandId\":\"start-9\"}"
post /record/stop '{"take":"009","sphere":"sp"}'
check "a take stopped before it began never begins" shows log superseded '.commandId == "start-9"'

# ---- a crash ----
post /record/start '{"take":"010","sphere":"sp"}'
until_true 5 health '.recording.state == "recording"'
BEGAN=$(curl -s "$NODE/health" | jq .recording.sinceUs)
sleep 2.8
RAN=$(($(node_now_us) - BEGAN))
stop_node KILL
start_node rec --size 640x360
get /recordings
check "a crash leaves a recording that is incomplete" answers 200 '.recordings[0].take == "010" and .recordings[0].complete == false and .recordings[0].error == "crash"'
CUT=$WORK/rec/$(jq -r '.recordings[0].id' "$WORK/body").mp4
check "playable to its last full second" awk -v had="$(seconds_of "$CUT")" -v ran="$RAN" 'BEGIN { exit !(had >= int((ran - 500000) / 1000000)) }'
check "of the length it tells" near "$(seconds_of "$CUT")" "$(jq '.recordings[0].durationMs / 1000' "$WORK/body")" 0.1
hash_known() { curl -s "$NODE/recordings" | jq -e '.recordings[0].sha256 | length == 64' >/dev/null; }
check "its hash is worked out" until_true 5 hash_known
check "and is right" test "$(curl -s "$NODE/recordings" | jq -r '.recordings[0].sha256')" = "$(sha256sum <"$CUT" | cut -d ' ' -f 1)"
check "the others are as they were" test "$(curl -s "$NODE/recordings" | jq '[.recordings[] | select(.complete)] | length')" = 4
listen log2
post /record/start '{"take":"010","sphere":"sp"}'
until_true 5 health '.recording.state == "recording"'
sleep 0.6
stop_node
check "a quit while recording is orderly" test $? -eq 0
check "and saves first" has_event log2 saved '.take == "010" and .part == 2 and .complete and .error == null'

# ---- delete, by the holder ----
start_node rec --size 640x360
TOKEN=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
post /claim "{\"sphere\":\"sp\",\"name\":\"x\",\"token\":\"$TOKEN\"}"
ask DELETE "/recordings/$ID"
check "not without the token" refuses 401 token_required
ask DELETE "/recordings/$ID" -H "Authorization: Bearer $TOKEN"
check "the holder deletes" answers 200 .ok
check "the file is gone" test ! -e "$FILE"
get "/recordings/$ID"
check "and the recording" refuses 404 not_found
stop_node

# ---- no room ----
start_node full --size 640x360 --fault disk=300k
listen log3
post /record/start '{"take":"001","sphere":"sp"}'
check "a full disk ends the recording" shows log3 recording '.state == "idle" and .error == "storage_full"'
check "saving comes before" shows log3 recording '.state == "saving" and .error == "storage_full"'
check "what there is, is saved" shows log3 saved '.error == "storage_full" and .durationMs >= 500 and .bytes <= 300 * 1024'
FULL=$WORK/full/$(events log3 saved | jq -r .id).mp4
check "and plays" near "$(seconds_of "$FULL")" "$(events log3 saved | jq '.durationMs / 1000')" 0.1
check "the error stays" health '.recording.error == "storage_full"'
post /record/start '{"take":"002","sphere":"sp"}'
check "with no room at all a start is refused" refuses 507 storage_full
stop_node

# ---- a hash that cannot be kept ----
start_node hashes --size 320x180 --fps 10
for take in 1 2; do
	listen "log$take"
	post /record/start "{\"take\":\"$take\",\"sphere\":\"sp\"}"
	shows "log$take" recording '.state == "recording"'
	sleep 1
	post /record/stop "{\"take\":\"$take\",\"sphere\":\"sp\"}"
	shows "log$take" saved ".take == \"$take\""
done
stop_node
for f in "$WORK"/hashes/rec-*.json; do
	jq 'del(.sha256)' "$f" >"$WORK/unhashed" && cp "$WORK/unhashed" "$f"
	[ "$(jq -r .take "$f")" = 2 ] && mkdir "$f.tmp" "$f.tmp/x"
done
start_node hashes
first_has_hash() { curl -s "$NODE/recordings" | jq -e '.recordings[] | select(.take == "1") | .sha256 | length == 64'; }
check "a recording whose hash cannot be kept does not hold up the next one's" until_true 5 first_has_hash
finish
