#!/bin/sh
# many.sh - a thousand cameras, announced by one host, are all listed by name and address within 5 s of the last announcement,
# and the screen answers keys meanwhile.  LAB_RESPONDER=avahi LAB_COUNT=200: announced by a real avahi-daemon, which takes so
# many slowly (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
. "$SOURCE_DIR/tests/support/screen.sh"
need_tools jq dbus-daemon avahi-daemon tmux
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"
RESPONDER=${LAB_RESPONDER:-replay}
COUNT=${LAB_COUNT:-1000}
MANY=${BUILD_DIR:-.}/mdns_many
[ "$RESPONDER" = avahi ] || [ -x "$MANY" ] || skip_all "no $MANY"
# How long the announcing takes: the daemon spaces its packets.
ANNOUNCING=3
[ "$RESPONDER" = replay ] || ANNOUNCING=$((COUNT / 60 + 1))
lab_open
lab_host desk 1 1
lab_host bare 1 2
lab_host stage 1 11
[ "${LAB_NO_DAEMON:-no}" = yes ] || lab_avahi desk
[ "$RESPONDER" = replay ] || lab_services stage "$COUNT" 20000

# A screen that looks on.
cat >"$WORK/console.sh" <<END
export LC_ALL=$SCREEN_LOCALE TERM=tmux-256color DBUS_SYSTEM_BUS_ADDRESS=unix:path=$LAB/desk/bus
ip netns exec desk '$LIVEDIRECTOR' --sphere '$WORK/looks' --sweep off 2>'$WORK/console.err'
echo \$? >'$WORK/console.status'
sleep 1000
END
tm -f /dev/null new-session -d -x 132 -y 43 "sh '$WORK/console.sh'"
check "a console" sees 15 'No camera yet'

# key_ms KEY PATTERN: how long until the screen shows it; tmux's own way, two programs a look, is in it.
key_ms() {
	SINCE=$(date +%s%N)
	tm send-keys "$1"
	KEY_TRIES=0
	until tm capture-pane -p | grep -q -e "$2"; do
		KEY_TRIES=$((KEY_TRIES + 1))
		[ $KEY_TRIES -lt 400 ] || return 1
	done
	echo $((($(date +%s%N) - SINCE) / 1000000)) >>"$WORK/keys"
}
press() {
	key_ms : 'KEYS TO PROMPT' || return 1
	SINCE=$(now_ms)
	tm send-keys Escape
	until_true 5 sh -c "! tmux -S '$TMUX_SOCKET' capture-pane -p | grep -q 'KEYS TO PROMPT'"
}
: >"$WORK/keys"
for i in 1 2 3 4 5; do press; done
say "a key while nothing happens: median $(median <"$WORK/keys") ms, worst $(worst <"$WORK/keys") ms"

# ---- Announced while somebody looks ----

PID=$(watched_pid looks)
USED=$(cpu_ms "$PID")

on bare "$LIVEDIRECTOR" nodes --json --sweep off --probe off --for "$((ANNOUNCING + 8))s" >"$WORK/list" 2>"$WORK/err" &
LOOKER=$!
BEGAN=$(now_ms)
: >"$WORK/keys"
if [ "$RESPONDER" = avahi ]; then
	lab_avahi stage
	announced() { grep -c 'successfully established' "$LAB/stage/avahi.log"; }
else
	as stage "$MANY" 10.77.1.11 "$COUNT" $ANNOUNCING 20000 >"$WORK/many" 2>&1 &
	TAP_PIDS="$TAP_PIDS $!"
	announced() { grep -q announced "$WORK/many" && echo "$COUNT" || echo 0; }
fi
LAST=$(now_ms)
WERE=0
while kill -0 $LOOKER 2>/dev/null; do
	ARE=$(announced)
	[ "$ARE" -eq "$WERE" ] || LAST=$(now_ms)
	WERE=$ARE
	press || { echo "no answer to a key" >>"$WORK/why"; break; }
	sleep 0.1
done
wait $LOOKER
OVER=$(now_ms)
say "announced: $(announced) of $COUNT, the last $((LAST - BEGAN)) ms after the first; listed $((OVER - LAST)) ms after that"
say "the console with the screen used $(($(cpu_ms "$PID") - USED)) ms of a core in $((OVER - BEGAN)) ms"
say "a key meanwhile: median $(median <"$WORK/keys") ms, worst $(worst <"$WORK/keys") ms of $(wc -l <"$WORK/keys")"
check "all of them were announced" same "$(announced)" "$COUNT"
listed() { jq -r '[(.nodes // [])[], (.seen // [])[]] | map(.deviceName // .name) | map(select(startswith("many "))) | unique | length' "$1"; }
check "all of them are listed by name" same "$(listed "$WORK/list")" "$COUNT"
check "with the address and port of each" same "$(jq -r '[(.seen // [])[] | select(.name | startswith("many ")) | select(.address == "10.77.1.11" or (.addresses // [] | index("10.77.1.11"))) | "\(.name):\(.port)"] | unique | length' "$WORK/list")" "$COUNT"
check "within 5 s of the last announcement" at_most 6000 $((OVER - LAST))
check "keys were answered all the time" test "$(worst <"$WORK/keys")" -lt $((1000 * PATIENCE))

# ---- There already ----

on bare "$LIVEDIRECTOR" nodes --json --sweep off --probe off --for 8s >"$WORK/list" 2>"$WORK/err"
check "a console with no daemon that starts now lists them, too" same "$(listed "$WORK/list")" "$COUNT"
[ "${LAB_NO_DAEMON:-no}" = yes ] || {
	on desk "$LIVEDIRECTOR" nodes --json --sweep off --probe off --for 8s >"$WORK/list" 2>"$WORK/err"
	say "one with avahi on its host, which is busy with them too: $(listed "$WORK/list")"
	check "and nearly all of them one with avahi" test "$(listed "$WORK/list")" -ge $((COUNT * 95 / 100))
}
dropped() { on "$1" awk '/^Udp:/ { n++ } n == 2 && /^Udp:/ { print $6 }' /proc/net/snmp; }
say "packets that found no room in a socket: $(dropped desk) on desk, $(dropped bare) on bare"
say "the console with a screen: $(peak_kb "$PID") kB at most, $(fd_count "$PID") descriptors, $(ls "/proc/$PID/task" | wc -l) threads"
check "its descriptors and threads stay few" test "$(fd_count "$PID")" -lt 300 -a "$(ls "/proc/$PID/task" | wc -l)" -lt 40
command_line 'quit --force'
check "and it quits with status 0" until_true 10 grep -qx 0 "$WORK/console.status"
finish
