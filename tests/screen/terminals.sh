#!/bin/sh
# terminals.sh - the console on terminals of all kinds: few colours or none, no UTF-8, GNU screen, tiny, stopped and continued,
# attached again at another size; its bell; and what it leaves behind (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

start_fleet cams 4 --name cam --size 320x180 --fps 5 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
WITHIN=
ESC=$(printf '\033')
export LC_ALL="$SCREEN_LOCALE"

# The server outlives its sessions, or the next one might come while it goes.
tm -f /dev/null new-session -d -s first 'sleep 1000'
tm set-option -g exit-empty off
tm set-option -g status off
tm kill-session -t first

# open_on NAME "ENV=VALUE..." [OPTIONS...]: a console in a pane of 80x24, within $WITHIN if that is
# set; $WORK/NAME.bytes is all that it sends.
open_on() {
	name=$1
	env=$2
	shift 2
	rm -f "$WORK/console.status"
	cat >"$WORK/$name.sh" <<END
until [ -e '$WORK/$name.bytes' ]; do sleep 0.02; done
export LC_ALL=$SCREEN_LOCALE XDG_STATE_HOME='$WORK/state' XDG_CONFIG_HOME='$WORK/config' HOME='$WORK'
unset COLORTERM NO_COLOR
export $env
'$LIVEDIRECTOR' --no-bonjour --sweep off --probe off --sphere '$WORK/$name' $* $(node_options cams) 2>'$WORK/console.err'
echo \$? >'$WORK/console.status'
echo THE SHELL AGAIN
[ -n "\$GNU" ] || sleep 1000
END
	tm new-session -d -s "$name" -x 80 -y 24 "$WITHIN sh '$WORK/$name.sh'"
	tm pipe-pane -O -t "$name" "cat >'$WORK/$name.bytes'"
}

pane() { tm display-message -p "#{$1}"; }
pane_is() { [ "$(pane "$1")" = "$2" ]; }

# What an operator needs is on the screen.
is_usable() {
	sees 10 '^.\{0,2\}[^ ]*  *LIVE' && sees 10 '\[1\] cam 1' && sees 10 '\[4\] cam 4' && sees 5 '^ *NEXT' && sees 5 ': .*? keys'
}

# The cells of the first tile's picture are filled: blanks with a colour count.
has_picture() { tm capture-pane -pe | sed -n '6p' | grep -q "$1"; }

quits() {
	command_line 'quit --force'
	until_true 10 grep -qx 0 "$WORK/console.status" || { cat "$WORK/console.err"; return 1; }
	until_true 5 shows 'THE SHELL AGAIN' && pane_is alternate_on 0 && pane_is cursor_flag 1 && pane_is mouse_any_flag 0
}

close_on() {
	tm kill-session -t "$name"
}

# ---- few colours, no colours, no UTF-8 ----

open_on linux TERM=linux
check "a Linux console is usable" is_usable
check "with pictures in half blocks" until_true 10 has_picture '▀'
check "and is left as it was" quits
close_on

open_on eight TERM=xterm-color --theme daylight
check "a terminal of 8 colours is usable" is_usable
check "no word names a colour that it does not have" sh -c "! LC_ALL=C grep -q '$ESC\[[0-9;]*[34]8;5;' '$WORK/eight.bytes'"
check "and is left as it was" quits
close_on

open_on grey "TERM=tmux-256color NO_COLOR=1"
check "with NO_COLOR the console is usable" is_usable
check "with pictures in characters" until_true 10 has_picture '[-+*#%@=:.]\{4\}'
check "the reason is told" sees 5 'pictures are characters: no colours here'
check "not one colour is sent" sh -c "! LC_ALL=C grep -qE '$ESC\[([0-9;]*;)?(3[0-7]|4[0-7]|9[0-7]|10[0-7]|38;[0-9;]*|48;[0-9;]*)m' '$WORK/grey.bytes'"
check "and is left as it was" quits
close_on

open_on ascii "LC_ALL=C TERM=screen"
check "without UTF-8 the console is usable" is_usable
check "with pictures in characters" until_true 10 has_picture '[-+*#%@=:.]\{4\}'
keys 1
check "a preview has its edge" sees 5 '++\[1\] cam 1 +'
keys Space
check "a program has its edge" sees 5 '##\[1\] cam 1 #'
check "no byte is beyond ASCII" sh -c "[ \$(LC_ALL=C tr -d '\000-\177' <'$WORK/ascii.bytes' | wc -c) -eq 0 ]"
check "and is left as it was" quits
close_on

open_on old TERM=vt100
check "a terminal without colours is usable" is_usable
check "and is left as it was" quits
close_on

open_on dumb TERM=dumb
says_why() { grep -q 'TERM=dumb cannot place the cursor' "$WORK/console.err" && grep -qx 4 "$WORK/console.status"; }
check "a terminal that cannot place the cursor is refused with a way out" until_true 10 says_why
close_on

# ---- tiny, stopped, attached again ----

open_on shapes TERM=tmux-256color --set stale-after=30s --set lost-after=60s
check "256 colours: usable" is_usable
tm resize-window -x 10 -y 3
check "10x3 has the clock and no wrapped line" sees 5 '^LIVE *[0-9][0-9]:[0-9][0-9]'
tm resize-window -x 1 -y 1
tm resize-window -x 80 -y 24
check "80x24 after 10x3 is whole again" is_usable

CONSOLE_PID=$(cat "$WORK/shapes/sphere.json.lock")
keys C-z
check "Ctrl-Z says how to leave, and does nothing" sees 5 'quit'
is_stopped() { grep -q '^State:[[:space:]]*T' "/proc/$CONSOLE_PID/status"; }
kill -STOP "$CONSOLE_PID"
until_true 5 is_stopped
printf '\033[?1049l\033[2J\033[HSOMEBODY ELSE WAS HERE\033[?25h' >"$(pane pane_tty)"
check "while it is stopped somebody else has the terminal" sees 5 'SOMEBODY ELSE'
kill -CONT "$CONSOLE_PID"
check "continued, its screen is whole again" is_usable
check "in its own half of the terminal, without a cursor" until_true 5 pane_is alternate_on 1
check "and nothing of the other is left" never_shows 'SOMEBODY'

# A client of the inner tmux runs in a pane of an outer one, at another size each time.
OUTER=0				# each has a server of its own: one that was killed still answers for a while
outer() { tmux -S "$WORK/outer-$OUTER" "$@"; }
outer_sees() { outer capture-pane -p | grep -q -- "$1"; }
tm set-option -w -t shapes window-size latest	# resize-window has made it ours
attach_at() {
	OUTER=$((OUTER + 1))
	outer -f /dev/null new-session -d -x "${1%x*}" -y "${1#*x}" "TERM=screen-256color tmux -S '$TMUX_SOCKET' attach -t shapes"
	outer set-option -g status off
	until_true 10 outer_sees '\[4\] cam 4' && until_true 5 pane_is window_width "${1%x*}" && until_true 5 outer_sees ': .*? keys'
}
check "attached at 132x43 it fills the screen" attach_at 132x43
check "with the rows that a large screen has" until_true 5 outer_sees 'keys atem  HOT off'
outer kill-server
check "attached again at 80x24 it fills that" attach_at 80x24
outer kill-server
check "and is left as it was" quits
close_on

# ---- GNU screen ----

# (Ours to read a pane is called the same.)
if (unset -f screen; command -v screen) >/dev/null; then
	mkdir -m 700 "$WORK/sockets"
	printf 'startup_message off\ndefutf8 on\n' >"$WORK/screenrc"
	WITHIN="SCREENDIR='$WORK/sockets' screen -U -c '$WORK/screenrc'"
	open_on gnu GNU=1
	WITHIN=
	check "GNU screen is usable" is_usable
	check "with pictures in half blocks" until_true 10 has_picture '[▀▄]'
	command_line 'quit --force'
	check "and the console ends there too" until_true 10 grep -qx 0 "$WORK/console.status"
	# It would stay without its terminal, but not without a program.
	is_closed() { ! tm has-session -t gnu 2>/dev/null; }
	check "GNU screen ends with its program" until_true 10 is_closed
else
	ok 0 "GNU screen # SKIP not here"
fi

# ---- a show without its colours is a show ----

open_on themeless "TERM=tmux-256color LIVEDIRECTOR_THEMES='$WORK/nowhere'"
check "without a folder of themes the console starts" is_usable
check "and says why it has no colours" sees 5 'no colours: there is no theme'
check "and ends as it should" quits
close_on

# ---- the bell ----

bells() { tr -cd '\007' <"$WORK/$name.bytes" | wc -c; }
# The header's word in the colours of an alarm: 231 on 124.
flashes() { LC_ALL=C grep -aoE "48;5;124m[^$ESC]*LIVE" "$WORK/$name.bytes" | wc -l; }
has_flashed() { [ "$(flashes)" -ge 1 ]; }
has_rung() { [ "$(bells)" -ge 1 ]; }
calms_down() { tm capture-pane -pe | sed -n 1p | LC_ALL=C grep -q '48;5;88m *LIVE'; }

for bell in visual audible off; do
	start_fleet "one-$bell" 1 --name lonely --size 320x180 --fps 5 || { echo "Bail out! no camera"; exit 1; }
	open_on "bell-$bell" TERM=tmux-256color --theme default --set "bell=$bell" --set stale-after=1s --set lost-after=2s $(node_options "one-$bell")
	sees 10 'lonely' >/dev/null
	sees 10 'cam 4' >/dev/null
	kill "$FLEET_PID"
	check "bell $bell: the alarm is in its line" sees 15 '^! .*LOST'
	case $bell in
	visual)
		check "the header flashes" until_true 5 has_flashed
		check "and is calm again" until_true 5 calms_down
		check "without a sound" sh -c "[ $(bells) -eq 0 ]" ;;
	audible)
		check "it rings" until_true 5 has_rung
		check "without a flash" sh -c "[ $(flashes) -eq 0 ]" ;;
	off)
		keys C-l
		sleep 0.5
		check "neither flash nor ring" sh -c "[ $(bells) -eq 0 ] && [ $(flashes) -eq 0 ]" ;;
	esac
	command_line 'quit --force'
	until_true 10 grep -qx 0 "$WORK/console.status"
	close_on
done
finish
