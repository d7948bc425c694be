#!/bin/sh
# node-command-line.sh - mmcamd's options, their errors and exit statuses, a looping file, a fleet's folders.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq

# fails STATUS REGEX OPTIONS...: one sentence on standard error, nothing on standard output.
fails() {
	fails_status=$1
	fails_regex=$2
	shift 2
	timeout 60 "$MMCAMD" "$@" >"$WORK/out" 2>"$WORK/said"
	got=$?
	cat "$WORK/said"
	[ "$got" -eq "$fails_status" ] && [ ! -s "$WORK/out" ] && [ "$(wc -l <"$WORK/said")" -eq 1 ] && grep -q "^mmcamd: .*$fails_regex" "$WORK/said"
}

check "an unknown option" fails 2 'unknown option "--bogus"' --bogus
check "a word that is no option" fails 2 'unexpected argument "x"' x
check "a value that is missing" fails 2 '--port needs a value' --port
check "a value for a switch" fails 2 '--no-advertise takes no value' --no-advertise=1
check "a port that is none" fails 2 'from 0 to 65535' --port 70000
check "a size that is none" fails 2 'WIDTHxHEIGHT' --size big
check "an odd size" fails 2 'even' --size 641x360
check "a rate that is none" fails 2 'from 1 to 60' --fps 0
check "an id that is none" fails 2 'UUID' --id me
check "an id for a whole fleet" fails 2 'names one node' --fleet 2 --id 7d0c1c5e-4d3b-4c55-8d0e-2f4f0a6a1b2c
check "a pin that is none" fails 2 '4 to 12 digits' --pin ab
check "an unknown source" fails 2 'expected pattern' --source tape
check "a camera that is not there" fails 4 'cannot open /nonexistent' --source v4l2:/nonexistent --port 0 --no-advertise --recordings "$WORK/x"
check "a stream without an address" fails 2 'expected pattern' --source mjpeg:nowhere
check "a device for a whole fleet" fails 2 'cannot share' --source v4l2:/dev/video0 --fleet 2
check "a stream without an address" fails 2 'mjpeg:http://' --source mjpeg:camera
check "events that are none" fails 2 'expected generate or file:PATH' --events dance
check "a file that is not there" fails 2 'is not a media file' --source file:/nonexistent.mp4 --port 0 --no-advertise --recordings "$WORK/x"
check "an unknown fault" fails 2 'unknown fault "flood"' --fault flood=1
check "a fault without a value" fails 2 'expected late=VALUE' --fault late
check "a fault's value that is none" fails 2 'a time like 2s' --fault late=soon
check "a fault for a node that is not there" fails 2 'nodes 1 to 2' --fleet 2 --fault 3:late=1s
check "a bind address that is none" fails 2 'numeric address' --bind somewhere --port 0 --no-advertise --recordings "$WORK/x"
check "an unknown log topic" fails 2 'unknown topic' --log gossip
"$MMCAMD" --help >"$WORK/help" 2>&1
check "help is an order that was obeyed" test $? -eq 0
for option in name model id bind port source size fps recordings no-advertise pin fleet fault help version; do
	check "help names --$option" grep -q -- "--$option" "$WORK/help"
	check "so does the manual" grep -q -- "Fl Fl $option" "$SOURCE_DIR/man/mmcamd.8"
done
check "-V is --version" sh -c "[ \"\$(\"$MMCAMD\" -V)\" = \"\$(\"$MMCAMD\" --version)\" ]"
check "-h is --help" sh -c "\"$MMCAMD\" -h | cmp - \"$WORK/help\""
check "version is told" sh -c "\"$MMCAMD\" --version | grep -q '^mmcamd [0-9]'"

ID=7d0c1c5e-4d3b-4c55-8d0e-2f4f0a6a1b2c
start_node one --id $ID --model "Test model" --size 320x180 --fps 25
PORT=${NODE##*:}
get /info
check "what was asked for is what is" answers 200 '.id == $id and .model == "Test model" and (.cameras[0].sizes[0] == "320x180") and .cameras[0].rates[0] == 25' --arg id $ID
check "a port in use" fails 4 "port $PORT" --port "$PORT" --bind 127.0.0.1 --no-advertise --recordings "$WORK/two"
check "a folder in use" fails 4 "in use by another mmcamd (process $NODE_PID)" --port 0 --no-advertise --recordings "$WORK/one"
check "a folder that cannot be made" fails 4 'cannot make the recordings folder' --port 0 --no-advertise --recordings /proc/nothing
stop_node INT
check "Ctrl-C is an orderly end" test $? -eq 0
start_node one
check "the id given once is kept" test "$(jq -r '.nodes[0].id' "$WORK/one.ready")" = $ID
stop_node

XDG_STATE_HOME=$WORK/state "$MMCAMD" --port 0 --bind 127.0.0.1 --no-advertise --fleet 2 --name "My cam" >"$WORK/default.ready" 2>&1 &
NODE_PID=$!
TAP_PIDS="$TAP_PIDS $NODE_PID"
until_true 10 grep -q ready "$WORK/default.ready"
check "a fleet's ports are consecutive" jq -e '.nodes[1].port == .nodes[0].port + 1' "$WORK/default.ready"
check "default folders lie in the state folder, one for each node" test -f "$WORK/state/mmcamd/My-cam/1/id" -a -f "$WORK/state/mmcamd/My-cam/2/id"
stop_node

if command -v ffmpeg >/dev/null; then
	ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=25:duration=2 -f lavfi -i sine=frequency=500:duration=2 \
		-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac "$WORK/clip.mp4"
	start_node loop --source "file:$WORK/clip.mp4" --size 320x180 --fps 25
	listen log
	get '/snapshot.jpg?width=160'
	check "a file gives pictures" status_is 200
	post /record/start '{"take":"1","sphere":"s"}'
	until_true 5 health '.recording.state == "recording"'
	check "its sound has a level while it is decoded" until_true 4 health '.audio.rmsDbfs > -40'
	sleep 3
	post /record/stop '{"take":"1","sphere":"s"}'
	check "it goes round and round" shows log saved '.durationMs > 2500 and .audioCodec == "aac"'
	stop_node
fi
finish
