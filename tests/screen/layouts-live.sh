#!/bin/sh
# layouts-live.sh - the console itself, with live cameras, through all layouts, views and sizes on one terminal (TAP).
# What each screen looks like to the letter is layouts.sh's; here it is whole, live and the one that was asked for.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

start_fleet cams 6 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
# shellcheck disable=SC2046
open_console 132 43 --sphere "$WORK/show" $(node_options cams)
tm set-option -g status off

# The frame of every screen of so many rows: header, buses, NEXT and LAST once each, the keys in the last row.
is_whole() {
	screen >"$WORK/whole"
	[ "$(wc -l <"$WORK/whole")" -eq "$1" ] && sed -n 1p "$WORK/whole" | grep -q 'LIVE' && grep -q PGM "$WORK/whole" &&
		grep -q PVW "$WORK/whole" && [ "$(grep -c '^ *NEXT ' "$WORK/whole")" -eq 1 ] &&
		[ "$(grep -c '^ *LAST ' "$WORK/whole")" -eq 1 ] && sed -n "$1p" "$WORK/whole" | grep -q '? keys'
}
whole() {
	if until_true 10 is_whole "$1"; then
		return 0
	fi
	{ echo "not a whole screen of $1 rows:"; cat "$WORK/whole"; } >>"$WORK/why"
	return 1
}

sees 20 'cam 6'
keys 1
sees 20 'PVW 1 cam 1'
keys Space
sees 20 'PGM 1 cam 1'
keys 2
check "one camera on program, one on preview" sees 20 'PVW 2 cam 2'

for layout in switch quad single sheet; do
	command_line "layout $layout"
	check "layout $layout is taken" sees 20 "layout $layout"
	sees 10 '▀'
	for size in 80x24 40x12 200x60 132x43; do
		tm resize-window -x "${size%x*}" -y "${size#*x}"
		check "$layout is whole at $size" whole "${size#*x}"
	done
	case $layout in
	switch) check "switch has the buses above and all sources beneath" sees 20 'picture above' ;;
	quad) check "quad pages the others" sees 20 'page 1 of 2   others 1-2 of 4' ;;
	single) check "single tells the health of the preview camera" sees 20 'cam 2.*state' ;;
	sheet) check "the sheet has all" sees 20 '\[6\] cam 6' ;;
	esac
done

command_line 'layout sheet 4'
check "a page of four is paged, and says so" sees 20 'page 1 of 2   cameras 1-4 of 6'
check "program and preview have their own place then" sees 20 'PVW \[2\] cam 2.*PGM \[1\] cam 1'
keys NPage
check "page-down shows the rest" sees 20 'page 2 of 2   cameras 5-6 of 6'
check "program and preview are still in sight" sees 20 'PVW \[2\] cam 2.*PGM \[1\] cam 1'

command_line 'layout quad'
sees 20 'others 1-2'
command_line 'view health'
check "a view takes the place of the layout" sees 20 'HEALTH'
command_line 'view sheet'
check "and gives it back to the one chosen last" sees 20 'others 1-2'

kill "$FLEET_PID"
# Of a camera that was never looked at there is no last picture.
check "cameras that leave stay in their tiles, and say since when" sees 30 'last \(picture\|word\) [0-9]'
command_line 'quit --force'
until_true 10 grep -qx 0 "$WORK/console.status"
finish
