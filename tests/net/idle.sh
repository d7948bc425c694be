#!/bin/sh
# idle.sh - what a console costs that knows 16 cameras and does nothing, every way of finding cameras on: per cent of a core, packets a
# second on the wire, split into discovery and the cameras' own links.  Prints figures; the bounds it holds them to are wide (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
need_tools jq dbus-daemon avahi-daemon tcpdump
! grep -q __asan_init "$LIVEDIRECTOR" || skip_all "what a build with sanitizers costs means nothing"
SECONDS_LONG=${LAB_SECONDS:-15}
NODES=${LAB_NODES:-16}
lab_open
lab_host desk 1 1
lab_host stage 1 11
lab_avahi desk
lab_avahi stage
as stage "$MMCAMD" --fleet "$NODES" --name cam --recordings "$WORK/fleet" --size 320x180 --fps 10 >"$WORK/fleet.ready" 2>"$WORK/fleet.err" &
TAP_PIDS="$TAP_PIDS $!"
until_true 20 grep -q '"ready":true' "$WORK/fleet.ready" || { cat "$WORK/fleet.err"; echo "Bail out! no cameras"; exit 1; }

cat >forever.cue <<END
wait nodes $NODES within 80s
echo "all there"
wait nodes 99 within 30m
END
watch desk events show forever.cue
check "all cameras are live" until_true 25 counted events 'say [0-9]* "all there"' 1
sleep "${LAB_SETTLE:-8}"	# the first sweep and the first questions are over
PID=$(watched_pid show)
USED=$(cpu_ms "$PID")
BEGAN=$(now_ms)
on desk timeout "$SECONDS_LONG" tcpdump -U -nn -i lan -w "$WORK/wire" >/dev/null 2>&1
TOOK=$(($(now_ms) - BEGAN))
USED=$(($(cpu_ms "$PID") - USED))
# packets NAME FILTER: of these, sent and received, a second.
packets() {
	ALL=$(tcpdump -nn -r "$WORK/wire" "$2" 2>/dev/null | wc -l)
	OURS=$(tcpdump -nn -r "$WORK/wire" "($2) and (src host 10.77.1.1 or src net fd77:0:0:1::1/128)" 2>/dev/null | wc -l)
	say "$1: $(awk -v n="$ALL" -v m="$OURS" -v t="$TOOK" 'BEGIN { printf "%.1f packets a second, %.1f of them ours", n * 1000 / t, m * 1000 / t }')"
}
say "$(awk -v u="$USED" -v t="$TOOK" 'BEGIN { printf "%.2f %% of a core", u * 100 / t }') over $TOOK ms, $(rss_kb "$PID") kB, $(ls "/proc/$PID/task" | wc -l) threads, $(fd_count "$PID") descriptors"
# Connections that the capture saw begin are probes; those that were there are the cameras' own links.
MDNS='udp port 5353'
SYN='(ip and tcp[tcpflags] & tcp-syn != 0) or (ip6 and ip6[6] == 6 and ip6[53] & 2 != 0)'
# What a question from an ephemeral port gets is from or to port 5353 as well.
packets "mDNS" "$MDNS"
DISCOVERY_A=$ALL
packets "ARP and neighbour discovery" 'arp or icmp6'
DISCOVERY_B=$ALL
packets "connections begun" "$SYN"
DISCOVERY_C=$ALL
packets "the links (health each second and its acknowledgement, clock), $NODES cameras" "tcp and not ($SYN)"
LINKS=$ALL
packets "all" 'greater 1'
check "at most 2 % of a core" test $((USED * 100)) -le $((TOOK * 2))
check "discovery sends and hears at most 20 packets a second" test $(((DISCOVERY_A + DISCOVERY_B + DISCOVERY_C) * 1000)) -le $((20 * TOOK))
check "the links at most twelve a second for each camera" test $((LINKS * 1000)) -le $((12 * NODES * TOOK))
watch_end events show
finish
