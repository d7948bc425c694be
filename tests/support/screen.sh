# screen.sh - the console on a private tmux; sourced after tap.sh.

. "${SOURCE_DIR:?}/tests/support/hermetic.sh"
TMUX_SOCKET=$WORK/tmux
SCREEN_LOCALE=$(locale -a 2>/dev/null | grep -iE -m1 '^(C|en_US)\.utf-?8$')

tm() { tmux -S "$TMUX_SOCKET" "$@"; }

# A console outlives its terminal: it is ended by hand.
at_end() {
	for lock in "$WORK"/*/sphere.json.lock; do
		[ -s "$lock" ] && end_and_wait "$(cat "$lock")"
	done
	tm kill-server 2>/dev/null
}

# open_console COLS ROWS OPTIONS...: $WORK/console.status gets its exit status.
open_console() {
	console_cols=$1
	console_rows=$2
	shift 2
	# A shell that outlives the console keeps the last screen readable.
	cat >"$WORK/console.sh" <<END
export LC_ALL=$SCREEN_LOCALE TERM=tmux-256color XDG_STATE_HOME='$WORK/state' XDG_CONFIG_HOME='$WORK/config' HOME='$WORK'
'$LIVEDIRECTOR' --no-bonjour --sweep off --probe off $* 2>'$WORK/console.err'
echo \$? >'$WORK/console.status'
sleep 1000
END
	tm -f /dev/null new-session -d -x "$console_cols" -y "$console_rows" "sh '$WORK/console.sh'"
}

screen() { tm capture-pane -p; }

shows() { screen | grep -q -- "$1"; }

# sees SECONDS PATTERN: waits until the screen shows it; else keeps the screen as the reason.
sees() {
	if until_true "$1" shows "$2"; then
		return 0
	fi
	{ echo "no \"$2\" on the screen:"; screen; cat "$WORK/console.err"; } >>"$WORK/why"
	return 1
}

never_shows() {
	if shows "$1"; then
		{ echo "\"$1\" on the screen:"; screen; } >>"$WORK/why"
		return 1
	fi
}

keys() { tm send-keys "$@"; }

# command TEXT: typed at the prompt as a person does.
command_line() {
	tm send-keys -l ':'
	sees 20 'KEYS TO PROMPT'
	tm send-keys -l "$1"
	tm send-keys Enter
}
