#!/bin/sh
# layouts.sh - golden screens: every layout and view of a made-up show on a real terminal, at four sizes, each reached by
# a live resize (TAP).  The golden files are tests/data/screens/VIEW-SCENE-GRAPHICS-COLSxROWS.txt; dots are pictures.
#
# After a wanted change, from the build folder, and then look at what `git diff` says:
#     RENEW=1 SOURCE_DIR=.. BUILD_DIR=. sh ../tests/screen/layouts.sh
. "${SOURCE_DIR:?}/tests/support/tap.sh"
GOLDEN=$SOURCE_DIR/tests/data/screens
DRAW=${DRAW_SCENE:-${BUILD_DIR:?}/draw_scene}
SIZES='132x43 40x12 200x60 80x24'
SCENES='
sheet show pictures
switch show pictures
quad show pictures
single show pictures
sheet show text
switch show text
quad show text
single show text
sheet quiet pictures
sheet many pictures
switch many pictures
sheet rehearsal pictures
switch rehearsal text
sheet none pictures
sheet lost pictures
switch lost text
health show pictures
arm show pictures
takes show pictures
mesh show pictures
log show pictures
help show pictures
'

if [ -n "$RENEW" ]; then
	mkdir -p "$GOLDEN"
	echo "$SCENES" | while read -r view scene graphics; do
		[ -n "$view" ] || continue
		for size in $SIZES; do
			COLUMNS=${size%x*} LINES=${size#*x} LC_ALL=C.UTF-8 "$DRAW" "$view" "$scene" "$graphics" \
				>"$GOLDEN/$view-$scene-$graphics-$size.txt" || exit 1
		done
	done
	exit
fi

need_tools tmux
LOCALE=$(locale -a 2>/dev/null | grep -iE -m1 '^(C|en_US)\.utf-?8$')
[ -n "$LOCALE" ] || skip_all "no UTF-8 locale here"
TMUX_SOCKET=$WORK/tmux
tm() { tmux -S "$TMUX_SOCKET" "$@"; }
at_end() { tm kill-server 2>/dev/null; }

# Trailing blank rows are none: a terminal has them all, a file need not.
capture() { tm capture-pane -p -t "$1" | sed -e 's/[[:space:]]*$//' >"$WORK/screen"; }
wanted() { sed -e 's/[[:space:]]*$//' "$1" >"$WORK/wanted"; }
is_golden() {
	capture "$1"
	cmp -s "$WORK/screen" "$WORK/wanted"
}

# same SESSION SIZE FILE: resized to it, the terminal comes to show what the file says.
same() {
	[ -s "$3" ] || { echo "no golden file $3: see the top of this test" >>"$WORK/why"; return 1; }
	tm resize-window -t "$1" -x "${2%x*}" -y "${2#*x}" || return 1
	wanted "$3"
	if until_true 30 is_golden "$1"; then
		return 0
	fi
	{ echo "the terminal (+) is not $3 (-):"; diff -u "$WORK/wanted" "$WORK/screen" | tail -n +3; } >>"$WORK/why"
	return 1
}

tm -f /dev/null new-session -d -s none -x 80 -y 24 'sleep 1000'
tm set-option -g status off
echo "$SCENES" | while read -r view scene graphics; do
	[ -n "$view" ] && echo "$view-$scene-$graphics"
done >"$WORK/scenes"
while read -r name; do
	rest=${name#*-}
	tm new-session -d -s "$name" -x 100 -y 30 \
		"LC_ALL=$LOCALE TERM=tmux-256color '$DRAW' -t '$SOURCE_DIR/themes/default' ${name%%-*} ${rest%-*} ${rest#*-} 2>'$WORK/draw.err'; sleep 1000"
	for size in $SIZES; do
		check "$name at $size" same "$name" "$size" "$GOLDEN/$name-$size.txt"
	done
	tm kill-session -t "$name"
done <"$WORK/scenes"

# The same screen where there is neither colour nor UTF-8: letter by letter, but for the edges.
tm new-session -d -s ascii -x 100 -y 30 \
	"LC_ALL=C NO_COLOR=1 TERM=vt100 '$DRAW' -t '$SOURCE_DIR/themes/mono' sheet show pictures 2>'$WORK/draw.err'; sleep 1000"
for size in 132x43 80x24; do
	sed 's/█/#/g; s/▒/+/g; s/─/-/g; s/│/|/g; s/…/./g' "$GOLDEN/sheet-show-pictures-$size.txt" >"$WORK/ascii-$size"
	check "the sheet without colours and UTF-8 at $size" same ascii "$size" "$WORK/ascii-$size"
done
finish
