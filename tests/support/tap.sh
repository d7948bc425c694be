# tap.sh - Test Anything Protocol for shell tests; sourced.  Makes $WORK (removed at exit), ends what was started.
# Knows nothing of the programs under test.

TAP_DONE=0
TAP_FAILED=0
TAP_PIDS=
# Times that are claimed are held to so many times as much: a machine that runs tests has other things to do.  PATIENCE=1: to the letter.
: "${PATIENCE:=3}"
WORK=$(mktemp -d "${TMPDIR:-/tmp}/livedirector-test.XXXXXX")

tap_any_left() {
	for pid in $TAP_PIDS; do
		kill -0 "$pid" 2>/dev/null && return 0
	done
	return 1
}

# Last started, first ended.  Not everybody ends when asked: an avahi-daemon whose D-Bus went first turns in circles for ever.
tap_clean_up() {
	tap_last_first=
	for pid in $TAP_PIDS; do
		tap_last_first="$pid $tap_last_first"
	done
	for pid in $tap_last_first; do
		kill "$pid" 2>/dev/null
	done
	tap_patience=100
	while [ $tap_patience -gt 0 ] && tap_any_left; do
		sleep 0.1
		tap_patience=$((tap_patience - 1))
	done
	for pid in $TAP_PIDS; do
		# Who has ended is asked no more: the number may be somebody else's by now.
		[ $tap_patience -gt 0 ] || kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	command -v at_end >/dev/null && at_end
	# Who was asked to end may still be writing its last word there.
	tap_patience=50
	until rm -rf "$WORK" 2>/dev/null || [ $tap_patience -eq 0 ]; do
		sleep 0.1
		tap_patience=$((tap_patience - 1))
	done
}
trap tap_clean_up EXIT
trap 'exit 130' INT TERM

# end_and_wait PID...: asked to end, and waited for, though it may be no child of this shell.
end_and_wait() {
	for ending in "$@"; do
		kill "$ending" 2>/dev/null || continue
		tap_patience=200
		while [ $tap_patience -gt 0 ] && kill -0 "$ending" 2>/dev/null; do
			sleep 0.1
			tap_patience=$((tap_patience - 1))
		done
	done
}

# ok STATUS NAME: one test point; prints $WORK/why with a failure.
ok() {
	TAP_DONE=$((TAP_DONE + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $TAP_DONE - $2"
	else
		TAP_FAILED=$((TAP_FAILED + 1))
		echo "not ok $TAP_DONE - $2"
		[ -s "$WORK/why" ] && awk '{ print "# " $0 }' "$WORK/why"
	fi
	: >"$WORK/why"
}

# check NAME COMMAND...: ok when the command is.
check() {
	check_name=$1
	shift
	"$@" >>"$WORK/why" 2>&1
	ok $? "$check_name"
}

finish() {
	echo "1..$TAP_DONE"
	[ "$TAP_FAILED" -eq 0 ]
	exit $?
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

need_tools() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip_all "no $tool here"
	done
}

# until_true SECONDS COMMAND...: waits for a condition, never for a clock.  A machine that has much else to do gets four times as
# long: who waits here asks whether it comes; how soon, is measured.
until_true() {
	until_left=$(($1 * 80))
	shift
	until "$@" >/dev/null 2>&1; do
		until_left=$((until_left - 1))
		[ "$until_left" -gt 0 ] || return 1
		sleep 0.05
	done
}

# start_fleet NAME N [OPTIONS...]: N nodes; $FLEET_PID and $WORK/NAME.ready (its ready line).
start_fleet() {
	fleet_name=$1
	fleet_count=$2
	shift 2
	"$MMCAMD" --fleet "$fleet_count" --port 0 --no-advertise --bind 127.0.0.1 --recordings "$WORK/$fleet_name" "$@" \
		>"$WORK/$fleet_name.ready" 2>"$WORK/$fleet_name.err" &
	FLEET_PID=$!
	TAP_PIDS="$TAP_PIDS $FLEET_PID"
	until_true 20 grep -q '"ready": *true' "$WORK/$fleet_name.ready"
}

# node_options NAME: "--node 127.0.0.1:PORT ..." of a fleet.
node_options() {
	grep -o '"port": *[0-9]*' "$WORK/$1.ready" | sed 's/.*[: ]\([0-9]*\)$/--node 127.0.0.1:\1/' | tr '\n' ' '
}
