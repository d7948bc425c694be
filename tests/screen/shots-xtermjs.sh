#!/bin/sh
# shots-xtermjs.sh - the same screenshots of xterm.js in a headless Chromium: a browser's terminal, with cells that are no whole
# pixels wide, synchronised output and no size in pixels (TAP).
# Its npm packages are those of tests/support/xtermjs/package-lock.json, installed into the build folder by `bootstrap check`
# (or: npm ci --prefix); XTERMJS names another folder.  SEED repeats a run; SHOTS=FOLDER keeps the screenshots.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
need_tools node chromium
XTERMJS=${XTERMJS:-$BUILD_DIR/xtermjs}
[ -d "$XTERMJS/node_modules/@xterm/xterm" ] || skip_all "no xterm.js in $XTERMJS"
. "$SOURCE_DIR/tests/screen/shots.inc"
SHOT_NAME=xtermjs
SHOT=$WORK/shot.ppm

term_open() {
	mkfifo "$WORK/orders" "$WORK/answers"
	TERM=xterm-256color node "$SOURCE_DIR/tests/support/xtermjs/terminal.js" "$XTERMJS" "$BUILD_DIR/pty_bridge" "$@" \
		<"$WORK/orders" >"$WORK/answers" 2>"$WORK/xtermjs.err" &
	TERM_PID=$!
	exec 8>"$WORK/orders" 9<"$WORK/answers"
	read -r TERM_ANSWER <&9
}

# order WORDS: TERM_ANSWER is what came back.
order() {
	printf '%s\n' "$*" >&8
	read -r TERM_ANSWER <&9 && [ "${TERM_ANSWER%% *}" = ok ] || { echo "$TERM_ANSWER"; cat "$WORK/xtermjs.err"; return 1; }
}

term_close() {
	[ -n "$TERM_PID" ] || return 0
	echo quit >&8
	wait "$TERM_PID"
}

term_resize() { order size "$1" "$2"; }
term_type() { order type "$1"; }

term_keys() {
	for key in "$@"; do
		case $key in
		Return) order type '\r' ;;
		space) order type ' ' ;;
		*) order type "$key" ;;
		esac
	done
}

term_text() { order text "$WORK/text"; }

term_shot() {
	order shot "$SHOT" && term_text || return 1
	GRID=${TERM_ANSWER#ok }
}

start_cameras
open_show
check "xterm.js shows the console" test "$TERM_ANSWER" = ok
check "every camera has a number" until_true 20 read_numbers
see start "$CAMERA_COUNT" "each camera is in its own tile, and nowhere else"
check "all pictures move" pictures_move "$CAMERA_COUNT"
layout_steps
view_steps
graphics_steps
theme_steps
cut_steps
LEAST_W=400 MOST_W=1390 LEAST_H=180 MOST_H=990
resize_steps 4 50
finish
