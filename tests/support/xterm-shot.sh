#!/bin/sh
# xterm-shot.sh OUT.png READY-FILE COMMAND...: a real xterm with sixel under its own Xvfb; a screenshot once READY-FILE
# exists, then everything is ended.  COLS, ROWS, FONT_SIZE, BACKGROUND and FOREGROUND may be set in the environment.
out=$1
ready=$2
shift 2
work=$(mktemp -d) || exit 1
Xvfb -displayfd 3 -screen 0 1400x1000x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
xvfb=$!
term=
clean_up() {
	[ -n "$term" ] && kill "$term" 2>/dev/null
	kill "$xvfb" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
n=0
until [ -s "$work/display" ]; do
	n=$((n + 1))
	[ $n -lt 200 ] || exit 1
	sleep 0.05
done
DISPLAY=:$(cat "$work/display")
export DISPLAY
xterm -ti vt340 -fa DejaVuSansMono -fs "${FONT_SIZE:-9}" -geometry "${COLS:-132}x${ROWS:-43}+0+0" \
	-xrm 'XTerm*decTerminalID: vt340' -xrm 'XTerm*numColorRegisters: 256' -xrm 'XTerm*maxGraphicSize: 2000x2000' \
	-xrm 'XTerm*allowWindowOps: true' -xrm "XTerm*background: ${BACKGROUND:-black}" -xrm "XTerm*foreground: ${FOREGROUND:-grey90}" \
	-e "$@" 2>"$work/term.err" &
term=$!
n=0
until [ -e "$ready" ]; do
	n=$((n + 1))
	[ $n -lt 600 ] && kill -0 "$term" 2>/dev/null || { cat "$work/term.err" >&2; exit 1; }
	sleep 0.1
done
import -window root "$out"
