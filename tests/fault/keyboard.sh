#!/bin/sh
# keyboard.sh - a long run of noise, pastes and escape sequences cut in pieces 500 ms apart, while a take rolls and a
# preview is set: no cut, no roll, no stop, no flip; and afterwards the keys do what they say (TAP).
# KEYBOARD_SEED repeats another run; KEYBOARD_FULL=1 sends 1 MB and 1000 pastes instead of 100 kB and 100.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux jq curl
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"
SEED=${KEYBOARD_SEED:-20261121}
echo "# seed $SEED"
NOISE_BYTES=100000 PASTES=100
[ -z "${KEYBOARD_FULL:-}" ] || NOISE_BYTES=1000000 PASTES=1000

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
open_console 132 43 --sphere "$WORK/show" "$(node_options cams)"
check "two cameras are there" sees 20 'cam 2'
command_line 'cut 1'
check "one is on program" sees 5 'PGM 1 cam 1'
sleep 0.5	# beyond the rest that keys take after the prompt
keys 2
check "one is on preview" sees 5 'PVW 2 cam 2'
command_line 'record start'
check "a take rolls" sees 15 'rolling 2 of 2'

# deeds: what was done to the show so far.
deeds() {
	jq -r 'select(.type == "command") | .text' "$WORK/show/sidecars/commands.jsonl" | grep -c -E '^(cut|record|strike|panic|quit|flip|cancel)'
}
# untouched: as it was before the noise began.
untouched() {
	jq -r 'select(.type == "command") | "\(.by): \(.text)"' "$WORK/show/sidecars/commands.jsonl" | tail -n 8
	[ "$(deeds)" -eq "$DEEDS" ] && [ ! -e "$WORK/show/takes/002" ] && until_true 5 shows 'PGM 1 cam 1' && until_true 5 shows 'rolling 2 of 2' || { screen; return 1; }
}
DEEDS=$(deeds)
check "that is what there is: a cut and a roll" test "$DEEDS" -eq 2

# send HEX...: these bytes, as one piece.
send() {
	# shellcheck disable=SC2086
	tm send-keys -H $1
}
hex() { printf '%b' "$1" | od -An -v -tx1 | tr '\n' ' '; }

# ---- Noise: 8 to 47 bytes a piece, drawn from all bytes or mostly from those that would do most harm ----

awk -v seed="$SEED" 'BEGIN {
	srand(seed)
	split("20 0d 0a 12 7f 08 73 66 21 31 32 1b 5b 3a 1a 03", harm, " ")
	for (i = 0; i < 100; i++) {
		line = ""
		for (n = 8 + int(rand() * 40); n > 0; n--)
			line = line " " (i % 2 || rand() < 0.25 ? sprintf("%02x", int(rand() * 256)) : harm[1 + int(rand() * 16)])
		print line
	}
}' >"$WORK/noise"
while read -r piece; do
	send "$piece"
done <"$WORK/noise"
check "a hundred pieces of noise did nothing" untouched
# Long reads, then reads of a few bytes; in each a byte that no keyboard makes, since a single good one is a key.
awk -v seed="$SEED" -v total="$NOISE_BYTES" 'BEGIN {
	srand(seed)
	for (sent = 0; sent < total; sent += n) {
		line = "ff"
		for (n = 600; length(line) < 3 * n - 1;)
			line = line sprintf(" %02x", int(rand() * 256))
		print line
	}
}' >"$WORK/noise.long"
while read -r piece; do
	send "$piece"
done <"$WORK/noise.long"
check "nor did $NOISE_BYTES bytes of it" untouched
awk '{ for (i = 1; i + 4 <= NF && i < 300; i += 5) print "ff", $i, $(i + 1), $(i + 2), $(i + 3) }' "$WORK/noise.long" | head -n 500 |
while read -r piece; do
	send "$piece"
done
check "nor did 500 pieces of five bytes" untouched
sleep 1.6
keys C-r
sees 5 'STOP take 001' >/dev/null
tail -n 40 "$WORK/noise" | while read -r piece; do
	send "$piece"
done
check "nor did they while the stop question stood" untouched
sleep 1.6	# what noise began and nobody ended is forgotten by then
keys Escape
sleep 0.3	# longer than one key press

# ---- Escape sequences in pieces, 500 ms apart ----

# pieces TEXT...: each a piece.
pieces() {
	for piece in "$@"; do
		send "$(hex "$piece")"
		sleep 0.5
	done
}
pieces '\033' '[' 'A'
pieces '\033[1;5' 'C' '\033[' '3~'
pieces '\033O' '5' 'Q'
pieces '\033[M' ' ' '! '
pieces '\033[<0;20' ';10' 'M'
pieces '\033[0 ' 'q\033[' '27;5;32~'
pieces '\033P' '1$r \022\022 s\r' '\033\0134'
pieces '\033]11;rgb: ' ' \r\022' '\007'
pieces '\033_G \r' ' \033\0134' '\033^ \r\033' '\0134'
pieces '\302' '\2331 ' 'q\303' '\251'
check "escape sequences in pieces did nothing" untouched
pieces '\033[20' '0~record stop\r :cut 2\r \022\022' ' \r\033[2' '01~'
check "nor did a paste in pieces" untouched
sleep 1.6

# ---- Answers that nobody asked for ----

pieces '\033[?62;4c' '\033[6;999999;999999t\033[?62;4c' '\033P>|XTerm\033\0134\033[?2;0;99999;99999S\033[?62;4c'
check "a terminal's answers that nobody asked for change nothing" untouched
check "and the pictures are drawn as before" sees 2 '▀▀▀'

# ---- Pastes ----

printf 'record stop\rcut 2\r   \022\022 s\r:cut 2\r' >"$WORK/paste"
tm load-buffer "$WORK/paste"
tm paste-buffer -p -r
tm paste-buffer -r
check "nor did a bracketed paste and a bare one" untouched
i=0
while [ $i -lt 60 ]; do
	cat "$WORK/paste"
	i=$((i + 1))
done >"$WORK/long"
tm load-buffer "$WORK/long"
tm paste-buffer -p -r
tm paste-buffer -r
sleep 0.5
check "nor two of several kilobytes" untouched
tm load-buffer "$WORK/paste"
i=0
while [ $i -lt "$PASTES" ]; do
	tm paste-buffer -p -r
	i=$((i + 1))
done
check "nor $PASTES pastes" untouched
tm send-keys -l ':'
sees 5 'KEYS TO PROMPT' >/dev/null
tm load-buffer "$WORK/paste"
tm paste-buffer -p -r
check "a paste into the prompt stays in the prompt" sees 5 'KEYS TO PROMPT'
check "and runs nothing" untouched
keys Escape
sleep 1.6

# ---- And they still work ----

alive() { kill -0 "$(cat "$WORK/show/sphere.json.lock")"; }
check "the console lives" alive
keys 2
check "a digit is a digit" sees 5 'PVW 2 cam 2'
sleep 1
keys Space
check "space cuts" sees 5 'PGM 2 cam 2'
keys C-r
check "Ctrl-R asks" sees 5 'STOP take 001'
keys s Enter
is_saved() { jq -e '.counts.saved == 2' "$WORK/show/takes/001/take.json"; }
check "s Enter stops" until_true 15 is_saved
command_line 'quit --force'
quits() { until_true 10 grep -qx 0 "$WORK/console.status" || { screen; return 1; }; }
check "and quit quits" quits
finish
