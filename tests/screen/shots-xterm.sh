#!/bin/sh
# shots-xterm.sh - screenshots of a real xterm with sixel: every layout, view, theme and painter, a camera lost, and 200 random
# sizes; each camera's colour must fill its own tile and no other cell, header and last row must stand (TAP).
# SEED repeats a run; SHOTS=FOLDER keeps the screenshots.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
need_tools Xvfb xterm xdotool xwd
. "$SOURCE_DIR/tests/screen/shots.inc"
SHOT_NAME=xterm
SHOT=$WORK/shot.xwd

term_open() {
	Xvfb -displayfd 3 -screen 0 1400x1000x24 -nolisten tcp 3>"$WORK/display" 2>/dev/null &
	TAP_PIDS="$TAP_PIDS $!"
	until_true 10 test -s "$WORK/display" || return 1
	DISPLAY=:$(cat "$WORK/display")
	export DISPLAY
	xterm -ti vt340 -tn xterm-256color -fa DejaVuSansMono -fs 9 -geometry 132x43+0+0 -b 0 -bw 0 +sb \
		-xrm 'XTerm*decTerminalID: vt340' -xrm 'XTerm*numColorRegisters: 256' -xrm 'XTerm*maxGraphicSize: 2000x2000' \
		-xrm 'XTerm*allowWindowOps: true' -xrm 'XTerm*background: black' -xrm 'XTerm*foreground: grey90' \
		-xrm "XTerm*printFileImmediate: $WORK/printed" -xrm 'XTerm*VT100.translations: #override <Key>F12: print-immediate()' \
		-e "$@" 2>"$WORK/xterm.err" &
	XTERM_PID=$!
	TAP_PIDS="$TAP_PIDS $!"
	until_true 10 has_window || return 1
	# Keys go to the window under the pointer.
	xdotool mousemove 3 3
	term_size
	CELL_W=$((WIDTH / 132))
	CELL_H=$((HEIGHT / 43))
}

# The window is there, and can be asked for its size.
has_window() { XTERM_WINDOW=$(xdotool search --pid "$XTERM_PID" 2>/dev/null | tail -n 1) && [ -n "$XTERM_WINDOW" ]; }
term_close() { :; }
term_size() { eval "$(xdotool getwindowgeometry --shell "$XTERM_WINDOW" | grep -E '^(WIDTH|HEIGHT)=')"; }
term_resize() { xdotool windowsize "$XTERM_WINDOW" "$1" "$2"; }
term_keys() { xdotool key "$@"; }
term_type() { xdotool type --delay 2 "$1"; }

has_printed() {
	for printed in "$WORK"/printed*; do
		[ -s "$printed" ] && return 0
	done
	return 1
}

term_text() {
	rm -f "$WORK"/printed*
	tries=0
	# xterm makes the file in a child process and now and then believes that it failed: it is asked again.
	until xdotool key F12 && until_true 1 has_printed; do
		tries=$((tries + 1))
		[ "$tries" -lt 20 ] || { echo "xterm printed no text"; return 1; }
	done
	term_size
	# What xterm has kept above the screen while it was resized is printed too.
	cat "$WORK"/printed* | tail -n $((HEIGHT / CELL_H)) >"$WORK/text"
}

term_shot() {
	xwd -root -silent -out "$SHOT" && term_text || return 1
	GRID="0 0 $CELL_W $CELL_H $((HEIGHT / CELL_H)) $((WIDTH / CELL_W))"
}

start_cameras
open_show
check "xterm shows the console" test -n "$XTERM_WINDOW"
check "every camera has a number" until_true 20 read_numbers
see start "$CAMERA_COUNT" "each camera is in its own tile, and nowhere else"
check "all pictures move" pictures_move "$CAMERA_COUNT"
layout_steps
view_steps
graphics_steps
theme_steps
cut_steps
LEAST_W=$((40 * CELL_W)) MOST_W=1400 LEAST_H=$((12 * CELL_H)) MOST_H=1000
resize_steps 10 20
finish
