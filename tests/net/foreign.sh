#!/bin/sh
# foreign.sh - cameras that nobody here wrote, added by URL: live, view-only, commands "not offered", and back after
# they went away; what is no camera says so in one sentence (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux jq curl
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

# free_port: one that nobody answers at.
PORT=$((20000 + $$ % 10000))
free_port() {
	while :; do
		PORT=$((PORT + 1))
		curl -s -m 1 -o "$WORK/nothing" "http://127.0.0.1:$PORT/"
		[ $? -eq 7 ] && return
	done
}
has_tool() { command -v "$1" >/dev/null; }
answers() { curl -s -m 1 -o "$WORK/nothing" "$1"; [ $? -ne 7 ]; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }
skip() {
	TAP_DONE=$((TAP_DONE + 1))
	echo "ok $TAP_DONE - $1 # SKIP $2"
}

start_ustreamer() {
	ustreamer --host 127.0.0.1 -p "$USTREAMER_PORT" --device /dev/no-video >"$WORK/ustreamer.log" 2>&1 &
	USTREAMER=$!
	TAP_PIDS="$TAP_PIDS $USTREAMER"
	until_true 10 answers "http://127.0.0.1:$USTREAMER_PORT/state"
}
start_motion() {
	ffmpeg -nostdin -loglevel error -f lavfi -i testsrc2=size=320x180:rate=15 -t 4 -pix_fmt yuv420p "$WORK/clip.mp4" || return
	sed "s|@WORK@|$WORK|; s|@PORT@|$MOTION_PORT|" >"$WORK/motion.conf" <<-'END'
	daemon off
	log_level 4
	target_dir @WORK@
	netcam_url file://@WORK@/clip.mp4
	width 320
	height 180
	framerate 15
	stream_port @PORT@
	stream_localhost on
	stream_maxrate 15
	stream_motion off
	webcontrol_port 0
	picture_output off
	movie_output off
	END
	motion -n -c "$WORK/motion.conf" >"$WORK/motion.log" 2>&1 &
	TAP_PIDS="$TAP_PIDS $!"
	until_true 15 answers "http://127.0.0.1:$MOTION_PORT/"
}
# start_ffmpeg PORT [OPTIONS...]: serves one client and ends when that leaves; $FFMPEG.
start_ffmpeg() {
	ffmpeg_port=$1
	shift
	ffmpeg -nostdin -loglevel error -re -f lavfi -i testsrc2=size=320x180:rate=10 -q:v 5 -f mpjpeg "$@" \
		-listen 1 "http://127.0.0.1:$ffmpeg_port/s" >"$WORK/ffmpeg.log" 2>&1 &
	FFMPEG=$!
	TAP_PIDS="$TAP_PIDS $FFMPEG"
}
# is_listening PORT: without being its one client.
is_listening() { grep -q ":$(printf '%04X' "$1") 00000000:0000 0A" /proc/net/tcp; }

start_fleet own 1 --name own --size 320x180 --fps 10 || { cat "$WORK/own.err"; echo "Bail out! no camera"; exit 1; }
NODES=$(node_options own)
if has_tool ustreamer; then
	free_port
	USTREAMER_PORT=$PORT
	check "ustreamer serves its placeholder" start_ustreamer
	NODES="$NODES --node http://127.0.0.1:$USTREAMER_PORT/stream"
fi
if has_tool motion && has_tool ffmpeg; then
	free_port
	MOTION_PORT=$PORT
	check "motion serves a clip" start_motion
	NODES="$NODES --node http://127.0.0.1:$MOTION_PORT/"
fi
if has_tool ffmpeg; then
	free_port
	FFMPEG_PORT=$PORT
	start_ffmpeg "$FFMPEG_PORT" -content_type 'multipart/x-mixed-replace;boundary=ffmpeg'
	GOOD_FFMPEG=$FFMPEG
	free_port
	ODD_PORT=$PORT
	start_ffmpeg "$ODD_PORT"
	until_true 10 is_listening "$FFMPEG_PORT"
	until_true 10 is_listening "$ODD_PORT"
	NODES="$NODES --node http://127.0.0.1:$FFMPEG_PORT/s --node http://127.0.0.1:$ODD_PORT/s"
fi
[ "$TAP_DONE" -gt 0 ] || skip_all "neither ustreamer nor motion nor ffmpeg here"

open_console 180 60 --sphere "$WORK/show" "$NODES"
check "our own camera is there, too" sees 15 'own'
keys v
sees 5 HEALTH

# row PORT PATTERN: the health row of the camera at that port.
row() { screen | grep -e "url .*127.0.0.1:$1/" | grep -q -e "$2"; }
number() { screen | grep -e "127.0.0.1:$1/" | awk 'NR == 1 { print $1 }'; }
# has_row SECONDS PORT PATTERN
has_row() {
	until_true "$1" row "$2" "$3" && return 0
	{ echo "no row $2 with $3:"; screen; } >>"$WORK/why"
	return 1
}
# sees_camera NAME PORT: a live view-only tile with a young picture, whose commands are not offered.
sees_camera() {
	check "$1 is live and view-only" has_row 15 "$2" 'VIEW ONLY'
	check "$1 has a picture" has_row 10 "$2" ' \(now\|[0-2] s\)  *\(now\|[0-2] s\) '
	check "$1 says what it does not offer" sees 5 'record: not offered'
	command_line "zoom -t $(number "$2") 2"
	check "$1 is told as one that offers no zoom" sees 5 'not-offered: a view-only source takes no commands'
}
if [ -n "$USTREAMER" ]; then sees_camera ustreamer "$USTREAMER_PORT"; else skip ustreamer "not installed"; fi
if [ -n "$MOTION_PORT" ]; then sees_camera motion "$MOTION_PORT"; else skip motion "not installed"; fi
if [ -n "$FFMPEG_PORT" ]; then sees_camera ffmpeg "$FFMPEG_PORT"; else skip ffmpeg "not installed"; fi
if [ -n "$ODD_PORT" ]; then
	check "a stream that calls itself something else says what it is" sees 10 \
		"http://127.0.0.1:$ODD_PORT/s answered application/octet-stream: neither a camera node nor an MJPEG stream"
	sleep 2	# its server ended when it was left: by now that was noticed
	check "and goes on saying so when its server is gone" sees 5 'answered application/octet-stream: neither'
fi

# ---- In a show ----

keys Escape
sleep 0.3	# longer than one key press
check "their pictures are drawn" sees 10 '▀▀▀▀'
if [ -n "$USTREAMER" ]; then
	keys v
	sees 5 HEALTH
	NUMBER=$(number "$USTREAMER_PORT")
	command_line "cut $NUMBER"
	check "a cut to a foreign camera is a cut" sees 5 "PGM $NUMBER 127.0.0.1:$USTREAMER_PORT/stream"
	command_line "record start"
	check "a take asks only those that can" sees 10 'rolling 1 of 1'
	check "and the foreign one is not said to record" has_row 5 "$USTREAMER_PORT" 'PGM VIEW ONLY'
	command_line "record stop"
	is_saved() { jq -e '.counts.saved == 1 and .counts.asked == 1' "$WORK/show/takes/001/take.json"; }
	check "and it is saved" until_true 15 is_saved
	kill "$USTREAMER"
	check "one that goes away is missed" has_row 15 "$USTREAMER_PORT" 'LOST'
	start_ustreamer
	check "and is back by itself" has_row 20 "$USTREAMER_PORT" 'VIEW ONLY'
fi

command_line 'quit --force'
check "the console quits with status 0" until_true 10 grep -qx 0 "$WORK/console.status"
[ -z "$FFMPEG_PORT" ] || check "ffmpeg ends with its one client" until_true 10 is_gone "$GOOD_FFMPEG"

# ---- nodes --json ----

if [ -n "$USTREAMER" ]; then
	"$LIVEDIRECTOR" nodes --no-bonjour --for 4s --json --node "http://127.0.0.1:$USTREAMER_PORT/stream" >"$WORK/nodes.json"
	check "nodes --json tells it as view-only, reached by its URL" jq -e --arg url "http://127.0.0.1:$USTREAMER_PORT/stream" \
		'.nodes | length == 1 and (.[0] | .state == "view-only" and .path == "url" and .address == $url and .via == ["manual"]
			and .health == null and .lastHeardMs < 4000)' "$WORK/nodes.json"
	check "in one object" test "$(wc -l <"$WORK/nodes.json")" -eq 1
fi
finish
