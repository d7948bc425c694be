#!/bin/sh
# xterm.sh - sixel pictures in a real xterm: they are where the tiles are, the text around them stays, nothing is torn (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/hermetic.sh"
need_tools Xvfb xterm import convert
locale=$(locale -a 2>/dev/null | grep -iE -m1 '^(C|en_US)\.utf-?8$')
[ -n "$locale" ] || skip_all "no UTF-8 locale here"

start_fleet cams 4 --name cam --size 320x180 --fps 5 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
cat >"$WORK/console.sh" <<END
export LC_ALL=$locale TERM=xterm-256color XDG_STATE_HOME='$WORK/state' XDG_CONFIG_HOME='$WORK/config'
exec '$LIVEDIRECTOR' --no-bonjour --sweep off --probe off --log ui --log-file '$WORK/log' --sphere '$WORK/show' $(node_options cams) 2>'$WORK/err'
END
# A console outlives its terminal: it is ended by hand.
at_end() {
	[ -s "$WORK/show/sphere.json.lock" ] && kill "$(cat "$WORK/show/sphere.json.lock")" 2>/dev/null
}
# Ready: the console has drawn pictures of all four for a while.
when_drawn() {
	(
		until [ -s "$WORK/log" ] && grep -q 'pictures shown 40' "$WORK/log"; do
			sleep 0.1
			[ -d "$WORK" ] || exit 0
		done
		touch "$WORK/ready"
	) &
	TAP_PIDS="$TAP_PIDS $!"
}

when_drawn
"${SOURCE_DIR}/tests/support/xterm-shot.sh" "$WORK/shot.png" "$WORK/ready" sh "$WORK/console.sh" 2>>"$WORK/why"
ok $? "xterm shows the console"
[ -n "$SHOT" ] && cp "$WORK/shot.png" "$SHOT"

# colours X Y W H: how many different colours a part of the screenshot has.
colours() {
	convert "$WORK/shot.png" -crop "$3x$4+$1+$2" +repage -unique-colors -format '%w' info: 2>/dev/null
}
many() { [ "$(colours "$@")" -ge 12 ] || { echo "only $(colours "$@") colours at $*"; return 1; }; }

# A window of 132x43 cells: the cell's size follows from the screenshot's own text block.
geometry=$(convert "$WORK/shot.png" -trim -format '%w %h' info:)
check "the window is as large as 132x43 cells" sh -c "set -- $geometry; [ \$1 -gt 600 ] && [ \$2 -gt 400 ]"
set -- $geometry
cell_w=$(($1 / 131))
cell_h=$(($2 / 42))
# Tiles of a 2x2 sheet: pictures begin one row and one column inside.
check "picture 1 is where tile 1 is" many $((cell_w * 10)) $((cell_h * 6)) $((cell_w * 20)) $((cell_h * 6))
check "picture 2 is where tile 2 is" many $((cell_w * 76)) $((cell_h * 6)) $((cell_w * 20)) $((cell_h * 6))
check "picture 3 is where tile 3 is" many $((cell_w * 10)) $((cell_h * 22)) $((cell_w * 20)) $((cell_h * 6))
check "picture 4 is where tile 4 is" many $((cell_w * 76)) $((cell_h * 22)) $((cell_w * 20)) $((cell_h * 6))
few() { [ "$(colours "$@")" -le 40 ] || { echo "$(colours "$@") colours at $*: a picture ran into the text"; return 1; }; }
check "no picture runs into the rows below" few 0 $((cell_h * 41)) $((cell_w * 100)) $((cell_h))
check "on a dark background the theme is the default one" sh -c "! grep -q 'nobody chose a theme' '$WORK/log'"

# ---- a light one ----

at_end
until_true 10 sh -c "! [ -e '$WORK/show/sphere.json.lock' ] || ! kill -0 \$(cat '$WORK/show/sphere.json.lock') 2>/dev/null"
rm -f "$WORK/ready" "$WORK/log"
when_drawn
BACKGROUND=white FOREGROUND=black "${SOURCE_DIR}/tests/support/xterm-shot.sh" "$WORK/shot.png" "$WORK/ready" sh "$WORK/console.sh" 2>>"$WORK/why"
ok $? "xterm with a white background shows the console"
[ -n "$SHOT" ] && cp "$WORK/shot.png" "$SHOT.light.png"
check "whose theme can be read there" grep -q 'nobody chose a theme: daylight' "$WORK/log"
finish
