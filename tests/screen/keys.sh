#!/bin/sh
# keys.sh - hands on the console: completion and history, the mouse, capitals lock, sets of keys, and files of keys and colours that
# change while it runs (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

mkdir -p "$WORK/config/livedirector/keys" "$WORK/config/livedirector/themes" "$WORK/state"
mine=$WORK/config/livedirector/keys/mine
colours=$WORK/config/livedirector/themes/colours
printf 'base atem\nx cut\n' >"$mine"
printf 'text default default\nhead 201 default bold\n' >"$colours"

start_fleet cams 4 --name cam --size 320x180 --fps 5 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
# shellcheck disable=SC2046
open_console 132 43 --sphere "$WORK/show" --keys mine --theme colours --set stale-after=30s --set lost-after=60s $(node_options cams)
check "four cameras appear" sees 20 'cam 4'
check "the file of keys is in use" sees 5 'keys mine'

# cuts: how many there were.
cuts() { grep -c '"type": *"cut"' "$WORK/show/sidecars/cuts.jsonl" 2>/dev/null || :; }
cuts_are() { [ "$(cuts)" -eq "$1" ]; }
bytes() { tm send-keys -l "$(printf '%b' "$1")"; }

# ---- the prompt ----

tm send-keys -l ':the'
keys Tab
check "Tab completes a verb" sees 5 ':theme '
tm send-keys -l 'day'
keys Tab
check "and a theme" sees 5 ':theme daylight'
keys C-u
tm send-keys -l 'preview ca'
keys Tab
check "what names have in common is put" sees 5 ':preview "cam '
keys Tab
keys Tab
check "a second Tab lists them" sees 5 '"cam 1"  "cam 2"  "cam 3"  "cam 4"'
tm send-keys -l '3'
keys Tab
check "one that is left over is put whole" sees 5 ':preview "cam 3" '
keys Enter
check "and runs" sees 5 'PVW 3 cam 3'
command_line 'preview 1'
sees 5 'PVW 1 cam 1'
tm send-keys -l ':prev'
keys Up
keys Up
check "up finds the line that begins so" sees 5 ':preview "cam 3"'
keys Escape
sleep 1	# beyond the rests after the prompt and after Esc
is_private() { [ "$(stat -c %a "$WORK/state/livedirector/history")" = 600 ]; }
check "the history is kept" until_true 5 grep -qx 'preview 1' "$WORK/state/livedirector/history"
check "for nobody else to read" is_private

# ---- Esc in haste, numbers, and what is said of a refusal ----

now=$(cuts)
bytes '\033:'
bytes 'tag a b'
check "Esc and a quick colon open the prompt" sees 5 ':tag a b .*KEYS TO PROMPT'
bytes '\025'
bytes '\033:tag in one go'
check "and when all of it comes in one read" sees 5 ':tag in one go .*KEYS TO PROMPT'
bytes '\025'
printf 'tag one\ntag two\n\ntag three\n' >"$WORK/lines"
tm load-buffer "$WORK/lines"
tm paste-buffer -p
check "of several lines the first is taken, and that is said" sees 5 ':tag one .*only the first of 3 lines was taken'
keys Escape
sleep 1
bytes '\033y'
check "an unknown Alt key is said" sees 5 'Alt-y is no key here'
bytes ' '
check "and Space rests" sees 5 'rests for 0.4 s after Alt'
check "none of that cut" cuts_are "$now"
keys '\;'
check "the number under way is shown" sees 5 'camera number: ;_'
bytes '99'
check "two digits are one number" sees 5 'no camera has number 99'
check "that of no camera changes nothing" shows 'PVW 1 cam 1'
sleep 1
keys Enter
check "no clock: what can be done is said, not what cannot" sees 5 'no clock runs, so that there are no beats: `cut` cuts now'
check "a refusal is no fault" sees 5 'LAST .*refused'
command_line 'tag told'
sees 5 'LAST .*tag told'
command_line 'view health'
sees 5 'HEALTH'
command_line 'view sheet'
sees 5 'view sheet: ok'
check "what concerns the screen alone is not the last command" shows 'LAST .*tag told'
sleep 0.5

# ---- a set of keys from a file ----

keys x
check "a key of the file cuts" sees 5 'PGM 1 cam 1'
sleep 1
printf 'base atem\nx cut\ny preview 2\nn prompt tag # for notes\n' >"$mine.new"
mv "$mine.new" "$mine"
check "a change of the file is in use at once" sees 5 'keys have changed'
keys y
check "its new key too" sees 5 'PVW 2 cam 2'
keys n
check "a key may open the prompt with a beginning" sees 5 ':tag .*KEYS TO PROMPT'
keys Escape
printf 'base atem\nx cut\ny preview 4\nz quit\n' >"$mine"
check "a dangerous line is named with its file and number" sees 5 'mine:4: `quit` is never a key'
keys y
sleep 0.3
check "and the old keys stay" shows 'PVW 2 cam 2'
rm "$mine"
sleep 0.5
printf 'base atem\ny preview 4\n' >"$mine"
check "a file that went and came back is read" sees 5 'keys have changed'
keys y
check "and in use" sees 5 'PVW 4 cam 4'
now=$(cuts)
keys x
sleep 0.3
check "what it does not have any more does nothing" cuts_are "$now"
command_line 'keys voctomix'
check "another set is chosen by its name" sees 5 'keys voctomix'
keys F3
check "f3 is camera 3 there" sees 5 'PVW 3 cam 3'
sleep 1
keys Enter
check "and Enter cuts" sees 5 'PGM 3 cam 3'
command_line 'keys nle'
check "the third set is there" sees 5 'keys nle'
sleep 0.5
now=$(cuts)
keys 2
check "its digits preview while hot cuts are off" sees 5 'PVW 2 cam 2'
check "and cut nothing" cuts_are "$now"
keys H
check "switched on, that is on the screen" sees 5 'HOT ON'
keys 4
check "they cut" sees 5 'PGM 4 cam 4'
command_line 'keys nosuch'
check "an unknown set says which there are" sees 5 'expected atem, voctomix, nle, mine or a file'
command_line 'keys atem'
check "hot cuts go off with another set" sees 5 'keys atem *HOT off'
sleep 0.5

# ---- colours ----

# has_colour N: some cell of the screen has that foreground.
has_colour() { tm capture-pane -p -e | grep -q "38;5;$1[m;]"; }
check "the theme of the user's own is in use" until_true 5 has_colour 201
printf 'text default default\nhead 46 default bold\n' >"$colours.new"
mv "$colours.new" "$colours"
check "its change is on the screen" until_true 5 has_colour 46
printf 'text default default\nhaed 46 default bold\n' >"$colours"
check "a wrong line is named with its file and number" sees 5 'colours:2: `haed` is no role'
check "and the old colours stay" has_colour 46
printf 'head 99 default bold\n' >"$colours"
check "until it is mended" until_true 5 has_colour 99
for theme in daylight mono colour-blind template default; do
	command_line "theme $theme"
	sees 5 "theme $theme: ok"
	ok $? "theme $theme can be chosen"
done

# ---- the mouse ----

keys 1
sees 5 'PVW 1 cam 1'
now=$(cuts)
# cell_of TEXT PATTERN: "COLUMN ROW", from 1, of that text.
cell_of() {
	cell_row=$(screen | grep -nF "$1" | head -n 1)
	echo $(($(printf '%s' "${cell_row#*:}" | sed "s/$2.*//" | LC_ALL=$SCREEN_LOCALE wc -m) + 1)) "${cell_row%%:*}"
}
at=$(cell_of '[3] cam 3' '\[3\] cam 3')
# shellcheck disable=SC2086
set -- $at
bytes "\033[<0;$1;$2M\033[<0;$1;$2m"
check "a click is focus" sees 5 '>\[3\] cam 3'
sleep 0.6	# longer than a double click
at=$(cell_of '[2] cam 2' '\[2\] cam 2')
# shellcheck disable=SC2086
set -- $at
bytes "\033[<0;$1;$2M\033[<0;$1;$2m"
bytes "\033[<0;$1;$2M\033[<0;$1;$2m"
check "a double click is preview" sees 5 'PVW 2 cam 2'
i=0
while [ $i -lt 20 ]; do
	bytes "\033[<0;$1;$2M\033[<0;$1;$2m\033[<2;$1;$2M\033[<1;$1;$2M\033[<16;$1;$2M"
	i=$((i + 1))
done
check "and no button cuts" cuts_are "$now"
keys '?'
sees 5 'twice within 3 s: roll all cameras'
bytes '\033[<65;5;5M\033[<65;5;5M\033[<65;5;5M'
scrolled() { ! shows 'put camera 1-10 on preview'; }
check "the wheel scrolls" until_true 5 scrolled
keys Escape
sees 5 '\[1\] cam 1'
command_line 'set mouse off'
sees 5 'set mouse off: ok'
mouse_flag() { [ "$(tm display-message -p '#{mouse_any_flag}')" = "$1" ]; }
check "the mouse is the terminal's again" until_true 5 mouse_flag 0
at=$(cell_of '[4] cam 4' '\[4\] cam 4')
# shellcheck disable=SC2086
set -- $at
bytes "\033[<0;$1;$2M\033[<0;$1;$2m"
sleep 0.3
check "and what it sends all the same is nothing" never_shows '>\[4\]'
command_line 'set mouse on'
check "set mouse on takes it back" until_true 5 mouse_flag 1

# ---- focus by keys, pages, layouts ----

keys Right
check "an arrow key moves the focus" sees 5 '>\['
for step in 1 2 3 4; do
	keys Right
	sleep 0.3
	screen | grep -o '>\[[1-4]\]' | head -n 1
done | sort -u >"$WORK/visited"
check "right goes to every camera" test "$(wc -l <"$WORK/visited")" -eq 4
command_line 'layout sheet 1'
sees 5 'layout sheet 1: ok'
keys PageDown
keys PageDown
command_line 'layout single'
check "one camera fills the screen" sees 5 '\[[1-4]\] cam'
command_line 'layout sheet'
sees 5 '\[4\] cam 4'
command_line 'layout pile'
check "an unknown layout says which there are" sees 5 'expected sheet, switch, quad or single'
command_line 'view health battery'
check "the health table is sorted as asked" sees 5 'by battery'
command_line 'view log "cam 2" cut'
check "the log shows one camera and one event" sees 5 'LOG.*only cam 2, cut'
command_line 'view log nonsense'
check "an unknown filter is refused" sees 5 'there is no "nonsense"'
command_line 'view sheet'
sees 5 '\[1\] cam 1'
sleep 0.5

# ---- a paste that nobody marked ----

now=$(cuts)
printf ':cut 2\r' >"$WORK/paste"
tm load-buffer "$WORK/paste"
tm paste-buffer -r
check "an unmarked paste stays in the prompt" sees 5 ':cut 2 .*pasted: press Enter yourself.*KEYS TO PROMPT'
sleep 0.3
check "and does not run by itself" cuts_are "$now"
keys Escape
sleep 1

# ---- long names among candidates ----

command_line 'label 4 "a label much too long to be read in one glance"'
sees 5 'a label much too'
tm send-keys -l ':preview '
keys Tab
keys Tab
check "a long name among candidates is cut, and says so" sees 5 '"a label much too long to be …'
keys C-u
keys Escape
sleep 1
mkdir "$WORK/two words"
: >"$WORK/two words/show.cue"
tm send-keys -l ':cue load ~/two'
keys Tab
check "a folder leads on" sees 5 ':cue load "~/two words/ .*KEYS TO PROMPT'
keys Tab
check "to its file" sees 5 ':cue load "~/two words/show.cue" '
keys C-u
keys Escape
sleep 1
command_line 'label 4 "cam 4"'
sees 5 '\[4\] cam 4'
sleep 0.5

# ---- capitals ----

now=$(cuts)
keys F
check "a capital that nothing is bound to is said" sees 5 'CAPS LOCK?'
check "and shown" sees 5 'CAPS'
keys H
sleep 0.3
check "capitals then switch nothing on" shows 'HOT off'
keys c
no_caps() { ! screen | head -n 2 | grep -q CAPS; }
check "a small letter ends it" until_true 5 no_caps
check "and all that cut nothing" cuts_are "$now"

# ---- the way out, and the next run ----

keys Escape
sleep 1
command_line 'quit --force'
check "quit ends with status 0" until_true 10 grep -qx 0 "$WORK/console.status"
check "the mouse is given back" until_true 5 mouse_flag 0
rm "$WORK/console.status"
tm kill-server 2>/dev/null
no_server() { ! tm list-sessions >/dev/null 2>&1 && [ ! -e "$TMUX_SOCKET" ]; }
until_true 10 no_server
# shellcheck disable=SC2046
open_console 80 24 --sphere "$WORK/show" --theme colour-blind --set bell=audible --set stale-after=1s --set lost-after=2s $(node_options cams)
sees 20 'cam 4' >/dev/null
tm send-keys -l ':prev'
keys Up
keys Up
check "the next run remembers what was typed" sees 5 ':preview "cam 3"'
keys Escape
sleep 1
tm pipe-pane -O "cat >'$WORK/bytes'"
rings() { tr -cd '\007' <"$WORK/bytes" | wc -c; }
has_rung() { [ "$(rings)" -ge 1 ]; }
kill "$FLEET_PID"
check "an alarm rings" until_true 20 has_rung
sees 10 'LOST' >/dev/null
sleep 1.5	# alarms that came together ring once
before=$(rings)
keys C-l
sees 5 'LOST' >/dev/null
sleep 0.5
rings_no_more() { [ "$before" -ge 1 ] && [ "$before" -le 4 ] && [ "$(rings)" -eq "$before" ]; }
check "once, and not with every redraw" rings_no_more
command_line 'quit --force'
until_true 10 grep -qx 0 "$WORK/console.status"

# ---- what is wrong from the start ----

printf 'x cut\nq record start\n' >"$WORK/bad"
"$LIVEDIRECTOR" rehearse --no-bonjour --keys "$WORK/bad" >"$WORK/out" 2>&1
[ $? -eq 2 ] && grep -q 'bad:2: `record start` is never a bare key' "$WORK/out"
ok $? "a file with a dangerous key starts nothing: status 2, file and line"
sed -n '/^# mine/,/^\.Ed/p' "$SOURCE_DIR/man/livedirector-keys.5" | sed '/^\.Ed/d' >"$WORK/example"
"$LIVEDIRECTOR" rehearse --no-bonjour --keys "$WORK/example" >"$WORK/out" 2>&1 </dev/null
[ $? -eq 4 ] && [ "$(wc -l <"$WORK/example")" -ge 5 ] && ! grep -q keys "$WORK/out"
ok $? "the file in livedirector-keys(5) is a good one: only a terminal is missing"
finish
