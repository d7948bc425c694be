#!/bin/sh
# node-reading.sh - what a camera node tells: identity, health, time, pictures, errors, events with resume.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq

start_node reading
ok $? "a node starts and says it is ready"
check "the ready line names id, name and port" jq -e '.ready and (.nodes | length == 1) and .nodes[0].name == "reading"
	and (.nodes[0].id | test("^[0-9a-f-]{36}$")) and .nodes[0].port > 0' "$WORK/reading.ready"

get /info
check "info has what is required" answers 200 '.contract == 1 and .deviceName == "reading" and (.id | length == 36)
	and .claim == null and (.cameras | length == 2) and .cameras[0].position == "back"
	and .cameras[0].zoomMin == 1 and .cameras[0].zoomMax > 1 and (.cameras[0].sizes | index("1280x720") != null)
	and .storage.freeBytes > 0 and .mic == true and (.paths | length > 0)'
check "info is JSON by its type" header content-type 'application/json.*'
check "it names the one address it is bound to" answers 200 '.paths == [{kind:"lan",address:"127.0.0.1"}]'
check "a whole rate is written as one" grep -q '"rates":\[30,24,' "$WORK/body"
get /health
check "in health too" grep -q '"rate":30,' "$WORK/body"
check "health is whole" answers 200 '.recording.state == "idle" and .recording.bytes == 0 and .recording.error == null
	and .format == {width:1280,height:720,rate:30,codec:"h264",bitrateBps:.format.bitrateBps} and .camera == "back" and .zoom == 1
	and .lens.exposureLocked == false and .fps == 30 and .droppedFrames == 0 and .audio.peakDbfs < 0 and .thermal == "nominal"
	and .storage.freeBytes > 0 and .tally == "off" and .poseEligible == false'
get /time
check "time has two stamps in order and an epoch" answers 200 '.receivedUs > 1.7e15 and .sentUs >= .receivedUs
	and .sentUs - .receivedUs < 200000 and (.epoch | length > 0)'
EPOCH=$(jq -r .epoch "$WORK/body")
get /time
check "the epoch stays while the clock does" answers 200 '.epoch == $e' --arg e "$EPOCH"
check "the node's clock is this machine's" near "$(jq .sentUs "$WORK/body")" "$(date +%s%6N)" 2000000

# ---- pictures ----
get '/snapshot.jpg?width=160'
check "a snapshot is a JPEG" status_is 200
check "and says so" header content-type image/jpeg
check "it begins as a JPEG does" test "$(head -c 3 "$WORK/body" | od -An -tx1 | tr -d ' ')" = ffd8ff
curl -s -m 3 "$NODE/stream?width=160&fps=10&quality=50" >"$WORK/stream" 2>/dev/null
FRAMES=$(grep -ac '^X-Frame: ' "$WORK/stream")
# A busy machine may leave frames out; nobody may make them up.
check "a stream of ten frames a second" test "$FRAMES" -gt 8 -a "$FRAMES" -le 35
check "each part has its type, length and time" test "$FRAMES" -eq "$(grep -ac '^X-Timestamp-Us: [0-9]*' "$WORK/stream")" \
	-a "$(grep -ac '^Content-Type: image/jpeg' "$WORK/stream")" -eq "$FRAMES" -a "$(grep -ac '^Content-Length: [0-9]*' "$WORK/stream")" -eq "$FRAMES"
grep -a '^X-Frame: ' "$WORK/stream" | tr -d '\r' | cut -c 10- >"$WORK/frames"
check "frame numbers grow" sort -nuc "$WORK/frames"
ask GET '/stream?width=64&fps=5' -m 1
check "the stream is multipart" header content-type 'multipart/x-mixed-replace; *boundary=.*'
get '/stream?width=oops&fps=-3&quality=9999' -m 1
check "hints that make no sense are ignored" status_is 200
frames_in_3s() { curl -s -m 3 "$NODE/stream?width=64&fps=$1" 2>/dev/null | grep -ac '^X-Frame: '; }
FRAMES=$(frames_in_3s 29)
check "29 a second are not 30" test "$FRAMES" -gt 15 -a "$FRAMES" -le 88
check "a thousand a second are as many as there are" near "$(frames_in_3s 1000)" 58 43
# size_of WIDTH: what a JPEG of at most that width measures
size_of() { curl -s -m 5 "$NODE/stream?width=$1&fps=1" --max-time 3 -o "$WORK/strip" || :; LC_ALL=C grep -a -m1 '^Content-Length: ' "$WORK/strip" | tr -dc 0-9; }
check "a width beyond any number is the largest, not the usual" test "$(size_of 99999999999)" -gt "$(size_of 640)"
post /camera/format '{"width":3840,"height":90,"rate":30}'
get '/snapshot.jpg?width=32'
check "a picture of two lines is one" status_is 200
post /camera/format '{"width":1280,"height":720,"rate":30}'

# ---- what is not there ----
get /nothing
check "an unknown path is 404" refuses 404 not_found
get /recordings/rec-none
check "an unknown recording is 404" refuses 404 not_found
get /recordings/../../etc/passwd --path-as-is
check "a path that climbs is 404" refuses 404 not_found
ask POST /info
check "a reading takes no POST" refuses 405 bad_request
check "and says what it takes" header allow 'GET, HEAD'
get /record/start
check "a command takes no GET" refuses 405 bad_request
check "and says that" header allow POST
ask PUT /recordings/rec-none
check "a recording takes GET, HEAD, DELETE" header allow 'GET, HEAD, DELETE'
ask HEAD /info
check "HEAD of a reading has a length" header content-length '[1-9][0-9]*'
ask HEAD /stream
check "HEAD of a stream says its type" header content-type 'multipart/x-mixed-replace; *boundary=..*'
no_length() { ! grep -qi '^content-length:' "$WORK/head"; }
check "and claims no length" no_length
ask HEAD /events
check "nor does that of the events" no_length
ask POST /camera/flip -H 'Host:' -H 'Content-Length: 0'
check "a request without a Host is 400" refuses 400 bad_request
ask POST /camera/flip -H 'Transfer-Encoding: chunked' -H 'Content-Length: 2' -d '{}'
check "one with two lengths is 400" status_is 400

# ---- events ----
listen first
check "hello is the first event" test "$(grep -m 1 '^event: ' "$WORK/first")" = "event: hello"
check "hello holds info and health" shows first hello '.info.deviceName == "reading" and .health.timeUs > 0 and has("missed") == false'
check "the client is told when to come back" grep -q '^retry: 1000' "$WORK/first"
post /camera/flip '{"position":"front","commandId":"flip-1"}'
check "a change is told" shows first camera '.value == "front" and .commandId == "flip-1" and .timeUs > 0'
LAST=$(awk '/^id: /{id=$2} /^event: camera/{print id; exit}' "$WORK/first")
post /camera/flip '{"position":"back","commandId":"flip-2"}'
post /camera/lock '{"exposure":true,"focus":false,"whiteBalance":true}'
check "each change has its event" shows first lens '.value.exposureLocked and .value.whiteBalanceLocked and (.value.focusLocked | not)'
at_least_two_healths() { [ "$(events first health | wc -l)" -ge 2 ]; }
check "health comes each second" until_true 5 at_least_two_healths
check "hello and health carry no id" awk '/^id: /{id=1} /^event: (hello|health)/{if (id) bad=1} /^$/{id=0} END{exit bad}' "$WORK/first"
check "ids count up by one" awk '/^id: /{if (last && $2 != last + 1) bad=1; last=$2} END{exit bad || !last}' "$WORK/first"
check "a comment comes within five seconds" until_true 6 grep -q '^:' "$WORK/first"
listen resumed -H "Last-Event-ID: $LAST"
check "who comes back gets what was missed" shows resumed camera '.commandId == "flip-2"'
check "and not what was not" test "$(events resumed camera | jq -r .commandId)" = flip-2
check "nothing is said to be missed" has_event resumed hello 'has("missed") == false'
listen stranger -H 'Last-Event-ID: 17'
check "an id of another life is answered with missed" shows stranger hello '.missed == true'

listen last
stop_node
check "the end is orderly" test $? -eq 0
check "bye is said" shows last bye '.reason == "quit"'
start_node reading
check "the id stays with the folder" test "$(jq -r '.nodes[0].id' "$WORK/reading.ready")" = "$(events first hello | jq -r .info.id)"
listen again -H "Last-Event-ID: $LAST"
check "an id of the run before is answered with missed" shows again hello '.missed == true'
get /time
check "a new boot has a new epoch" answers 200 '.epoch != $e' --arg e "$EPOCH"
finish
