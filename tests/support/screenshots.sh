#!/bin/sh
# screenshots.sh FOLDER - `make screenshots`: a director's evening in a real xterm with sixel, one picture of each thing that an
# operator has to know at a glance.  Needs Xvfb, xterm and ImageMagick; looked at by people, never by a test.
set -eu
into=$1
work=$(mktemp -d)
show=$work/saturday
export XDG_RUNTIME_DIR="$work/run" XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config" HOME="$work"
mkdir -p "$XDG_RUNTIME_DIR" "$into"
xvfb=
term=
clean_up() {
	[ -n "$term" ] && "$LIVEDIRECTOR" do --sphere "$show" quit --force >/dev/null 2>&1
	sleep 1
	[ -n "$term" ] && kill "$term" 2>/dev/null
	[ -n "$xvfb" ] && kill "$xvfb" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

Xvfb -displayfd 3 -screen 0 1400x1000x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
xvfb=$!
until [ -s "$work/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$work/display")
export DISPLAY
xterm -ti vt340 -fa DejaVuSansMono -fs "${FONT_SIZE:-9}" -geometry "${COLS:-132}x${ROWS:-43}+0+0" \
	-xrm 'XTerm*decTerminalID: vt340' -xrm 'XTerm*numColorRegisters: 256' -xrm 'XTerm*maxGraphicSize: 2000x2000' \
	-xrm 'XTerm*allowWindowOps: true' -xrm 'XTerm*background: black' -xrm 'XTerm*foreground: grey90' \
	-e sh -c "exec '$LIVEDIRECTOR' rehearse --sphere '$show' 2>'$work/err'" &
term=$!

director() { "$LIVEDIRECTOR" do --sphere "$show" "$@" >/dev/null 2>&1 || true; }
picture() {
	import -window root "$work/$1.png"
	convert "$work/$1.png" -trim +repage -colors 64 -strip "PNG8:$into/$1.png"
}
n=0
until [ "$("$LIVEDIRECTOR" status --format '{live}' "$show" 2>/dev/null)" = 4/4 ]; do
	n=$((n + 1))
	[ $n -lt 100 ] || { cat "$work/err" >&2; exit 1; }
	sleep 0.3
done
for who in "1 left" "2 right" "3 host" "4 wide"; do director "label $who"; done
director "role 4 +safe"
director "tempo 96"
director "cut left"
director "preview right"
director "record start ep12"
cat >"$work/evening.cue" <<'SHEET'
on go "sponsor"  cut host
after 2 beats    cut wide
SHEET
director "cue load $work/evening.cue"
director "cue go"
sleep 9
picture rehearsal

director "cut host"
sleep 2
"$LIVEDIRECTOR" do --sphere "$show" "cut right after 8 beats" >/dev/null 2>&1 &
sleep 2
picture pending
wait $! || true

# A picture that stands still is no source: what a key says then is on the row LAST.
director "fault 3 freeze-after=0s for 8s"
sleep 6
director 'key "3 Enter"'
sleep 0.7
picture refused

sleep 5
director "cut left"
director "cut wide"
sleep 1
director "cut back"
director 'key ": s t r i k e Enter"'
sleep 0.7
picture strike

director "fault 1 die-after=0s for 30s"
n=0
until [ "$("$LIVEDIRECTOR" status --format '{live}' "$show" 2>/dev/null)" = 3/4 ] || [ $n -ge 100 ]; do
	n=$((n + 1))
	sleep 0.2
done
sleep 8		# silent, then stale, then lost
picture lost
director 'key "!"'
sleep 0.7
picture panic
