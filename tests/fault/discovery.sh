#!/bin/sh
# discovery.sh - a real camera among 5000 fake ones told in ten seconds, hostile multicast DNS of every shape, tarpits and servers
# that are no camera: it is found and stays, commands are answered, memory stays bounded, the terminal stays clean (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
. "$SOURCE_DIR/tests/support/screen.sh"
FLOOD=${BUILD_DIR:-.}/mdns_flood
TARPIT=${BUILD_DIR:-.}/tarpit
need_tools jq dbus-daemon avahi-daemon tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"
[ -x "$FLOOD" ] && [ -x "$TARPIT" ] || skip_all "no $FLOOD or $TARPIT"
LIMIT=150000
grep -q __asan_init "$LIVEDIRECTOR" && LIMIT=1500000
lab_open
lab_host desk 1 1
lab_host bare 1 2
lab_host cam 1 11
lab_host evil 1 66
lab_avahi desk
lab_avahi cam
lab_node cam real
ID=$(node_id real)

# holds_none FILE: of what a terminal must never get from a stranger.
holds_none() {
	for code in '\033\]0' '\007' '\033\[2J' '\033\[5;31m' '\302[\200-\237]' '\342\200[\213-\217]' '\342\200[\252-\256]' '\342\201[\246-\251]' '\357\273\277'; do
		if LC_ALL=C grep -a -q -e "$(printf '%b' "$code")" "$1"; then
			echo "${1##*/} holds $code"
			return 1
		fi
	done
}

# Every host of the evil machine that a sweep or a sighting leads to.
N=0
PITS=
for mode in silent endless drip page nothing anonymous codes closed; do
	N=$((N + 1))
	ip -n evil addr add "10.77.1.$((80 + N))/24" dev lan
	PITS="$PITS $mode 10.77.1.$((80 + N)) 8081"
done
# shellcheck disable=SC2086
as evil "$TARPIT" $PITS silent 10.77.1.66 8081 >"$WORK/pits" 2>&1 &
TAP_PIDS="$TAP_PIDS $!"
check "the tarpits stand" until_true 10 grep -q ready "$WORK/pits"

# ---- A show that goes on meanwhile; a person at a screen ----

{
	echo 'wait nodes 1 within 40s'
	echo 'record -t real start'
	for i in $(seq 72); do
		echo "after 250ms zoom -t real 1.$((i % 9 + 1)) --force"
	done
	echo 'record stop'
	echo 'wait take saved 1 within 80s'
} >train.cue
watch desk events show train.cue
cat >"$WORK/console.sh" <<END
export LC_ALL=$SCREEN_LOCALE TERM=tmux-256color DBUS_SYSTEM_BUS_ADDRESS=unix:path=$LAB/desk/bus
ip netns exec desk '$LIVEDIRECTOR' --sphere '$WORK/looks' 2>'$WORK/console.err'
echo \$? >'$WORK/console.status'
sleep 1000
END
tm -f /dev/null new-session -d -x 132 -y 43 "sh '$WORK/console.sh'"
tm pipe-pane "cat >'$WORK/raw'"
check "the camera is live" until_true 15 counted events 'event node-live real' 1
check "and on the screen" sees 15 ' real '
keys_worst() {	# how long a key takes to change the screen, ms
	: >"$WORK/keys"
	for i in 1 2 3 4 5; do
		key_took '?' 'KEYS\|keys of\|help' || return 1
		key_took Escape ' real ' || return 1
		sleep 0.2
	done
	worst <"$WORK/keys"
}
key_took() {
	SINCE=$(now_ms)
	tm send-keys "$1"
	until_true 5 shows "$2" || return 1
	echo $(($(now_ms) - SINCE)) >>"$WORK/keys"
}

# ---- 5000 fakes in ten seconds ----

as evil "$FLOOD" 10.77.1.66 flood 5000 10 10.77.1.66 >"$WORK/flood" 2>&1 &
FLOOD_PID=$!
TAP_PIDS="$TAP_PIDS $FLOOD_PID"
sleep 2
# finds_real SECONDS...: on a busy machine the first time may be too short.
finds_real() {
	for patience in "$@"; do
		on bare "$LIVEDIRECTOR" nodes --json --explain --for "${patience}s" >"$WORK/out" 2>"$WORK/err"
		same "$(jq -c '[.nodes[] | select(.state == "live") | .id]' "$WORK/out")" "[\"$ID\"]" && return 0
	done
	return 1
}
check "a console that starts in the flood finds the real one" finds_real 3 6 12
until_true 15 grep -q '^sent' "$WORK/flood"
say "$(cat "$WORK/flood")"
PID=$(watched_pid show)
say "headless console: $(rss_kb "$PID") kB, $(peak_kb "$PID") kB at most; with a screen: $(peak_kb "$(watched_pid looks)") kB at most"
check "and one after it" finds_real 2 8 16

# ---- Hostile shapes; the real camera's own name taken in vain ----

as evil "$FLOOD" 10.77.1.66 junk 5 real >"$WORK/junk" 2>&1 &
TAP_PIDS="$TAP_PIDS $!"
sleep 1
for view in health mesh log sheet; do
	command_line "view $view"
	sleep 0.3
done
command_line 'view mesh'
on bare "$LIVEDIRECTOR" nodes --explain --for 5s >"$WORK/list" 2>&1
check "it is found among them" grep -q '^real ' "$WORK/list"
check "the list is clean" holds_none "$WORK/list"
on bare "$LIVEDIRECTOR" nodes --explain --json --for 5s >"$WORK/list" 2>&1
check "and as JSON, which it is" jq -e .nodes "$WORK/list"
check "no other is live" same "$(jq -c '[.nodes[] | select(.state == "live") | .id]' "$WORK/list")" "[\"$ID\"]"
until_true 15 grep -q '^sent' "$WORK/junk"
say "$(cat "$WORK/junk")"
tm capture-pane -p >"$WORK/mesh"
keys Escape
sleep 0.3

# ---- Nobody was delayed, nothing grew, nothing escaped ----

check "the show went on to its end" watch_over events 40
awk '$2 == "ack" && $4 == "real" { print $6 }' "$WORK/events" | sed 's/ms$//' >"$WORK/took"
say "answers: $(wc -l <"$WORK/took"), the slowest after $(worst <"$WORK/took") ms"
check "status 0: every command was done" same "$WATCH_STATUS" 0
check "each answered within a second" awk -v ms="$(worst <"$WORK/took")" -v most=$((1000 * PATIENCE)) 'BEGIN { exit !(ms < most) }'
never_lost() { ! grep -e 'event node-lost real' "$WORK/events"; }
check "the camera was never lost" never_lost
check "one device in the manifest that ever was live" jq -e --arg id "$ID" 'any(.devices[]; .node == $id) and ([.devices[] | select(.deviceName | test("fake|HOSTILE"))] | length == 0)' "$WORK/show/sphere.json"
PEAK=$(peak_kb "$(watched_pid looks)")
check "memory stays bounded ($PEAK kB at most)" test "$PEAK" -lt $LIMIT
keys v
check "the screen answers" sees 20 'HEALTH'
check "the screen holds none of their codes" holds_none "$WORK/mesh"
check "nor anything ever written to the terminal" holds_none "$WORK/raw"
check "the title is its own" sh -c "! tmux -S '$TMUX_SOCKET' display-message -p '#{pane_title}' | grep HOSTILE"
command_line 'quit --force'
check "and the console quits with status 0" until_true 30 grep -qx 0 "$WORK/console.status"
finish
