#!/bin/sh
# own-queries.sh - Bonjour and host names by queries of our own against real avahi daemons, on a host that has none (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
: "${BUILD_DIR:=$SOURCE_DIR/build}"
: "${DISC_PROBE:=$BUILD_DIR/disc_probe}"
need_tools dbus-daemon avahi-daemon avahi-publish-service avahi-publish-address
[ -x "$DISC_PROBE" ] || skip_all "no $DISC_PROBE"
lab_open

# probe_open HOST SOURCE [CONF]: what it tells is in $WORK/told; probe_close ends it in order.
probe_open() {
	probe_host=$1
	shift
	rm -f "$WORK/input"
	mkfifo "$WORK/input"
	as "$probe_host" "$DISC_PROBE" "$@" <"$WORK/input" >"$WORK/told" 2>"$WORK/probe.err" &
	PROBE_PID=$!
	exec 8>"$WORK/input"
}
probe_close() {
	exec 8>&-
	wait "$PROBE_PID"
}
told() { grep -q "$1" "$WORK/told"; }
# told_in SECONDS PATTERN: it is told within that time.
told_in() {
	until_true "$1" told "$2" && return 0
	cat "$WORK/told" "$WORK/probe.err"
	return 1
}
# ms PATTERN [SINCE]: of the first such line since the first line, or since that time.
ms() { awk -v since="$2" -v what="$1" 'NR == 1 && since == "" { since = $1 } $0 ~ what { printf "%.1f", $1 - since; exit }' "$WORK/told"; }
mono_ms() { awk '{ printf "%.0f", $1 * 1000 }' /proc/uptime; }
# within MS PATTERN [SINCE]: told, and no later, with $PATIENCE and the moment that a start may take.
within() {
	within_ms=$(ms "$2" "$3")
	[ -n "$within_ms" ] && awk -v a="$within_ms" -v b=$(($1 * PATIENCE + 100 * (PATIENCE > 1))) 'BEGIN { exit !(a <= b) }' && return 0
	echo "after $within_ms ms, at most $1: $2"
	cat "$WORK/told"
	return 1
}
# publish HOST NAME PORT TXT...: a service of ours by avahi's own program; $SERVICE_PID.
publish() {
	publish_host=$1
	shift
	as "$publish_host" avahi-publish-service "$1" _mmcam._tcp "$2" "$3" "${4:-contract=1}" >>"$WORK/publish.log" 2>&1 8>&- &
	SERVICE_PID=$!
	TAP_PIDS="$TAP_PIDS $SERVICE_PID"
}

lab_host desk 1 1
lab_host cam 1 11
lab_host cam2 1 12
lab_avahi cam iPhone-2
lab_avahi cam2 "Annas-iPhone"

# ---- Announced services ----

publish cam "Left phone" 8081 deviceName=Left id=cam-left
until_true 10 grep -q Established "$WORK/publish.log"
sleep 2		# its announcements are over: an answer now is an answer to a question
probe_open desk mdns
check "a service that is there already is found with no daemon on this host" told_in 5 'sighted 10\.77\.1\.11 port=8081 path=lan id=cam-left name="Left"'
check "within 150 ms" within 150 'sighted 10.77.1.11 '
check "its IPv6 address is a place of its own" told_in 5 'sighted fd77:0:0:1::11 port=8081'
echo "# found after $(ms 'sighted 10.77.1.11 ') ms"

SINCE=$(mono_ms)
publish cam2 "Right phone" 8081 deviceName=Right apiPort=8090
check "a service that is published now is found" told_in 5 'sighted 10\.77\.1\.12 port=8090 .*name="Right"'
check "within 1.2 s" within 1200 'sighted 10.77.1.12 ' "$SINCE"
echo "# published to sighted: $(ms 'sighted 10.77.1.12 ' "$SINCE") ms"

SINCE=$(mono_ms)
kill "$SERVICE_PID"
check "a goodbye is told" told_in 5 'goodbye 10\.77\.1\.12 port=8090'
check "within 1.5 s" within 1500 'goodbye 10.77.1.12 ' "$SINCE"
echo "# withdrawn to goodbye: $(ms 'goodbye 10.77.1.12 ' "$SINCE") ms"

SINCE=$(mono_ms)
lab_address cam 1 11 21
check "a new lease is sighted" told_in 8 'sighted 10\.77\.1\.21 port=8081 .*id=cam-left'
check "and the old address given up" told_in 20 'goodbye 10\.77\.1\.11 port=8081 id=cam-left'
echo "# changed address to sighted: $(ms 'sighted 10.77.1.21 ' "$SINCE") ms, old one given up: $(ms 'goodbye 10.77.1.11 ' "$SINCE") ms"

as cam avahi-publish-service "A printer" _ipp._tcp 631 >>"$WORK/publish.log" 2>&1 8>&- &
TAP_PIDS="$TAP_PIDS $!"
check "hosts that answer are told" told 'answered 10\.77\.1\.11'
check "the first round ends" told_in 5 finished
check "the sentence counts hosts, not their addresses" told_in 5 'working own Bonjour queries: [0-9]* sent on 1 interface, 2 hosts answered'
grep working "$WORK/told" | tail -n 1 | sed 's/^[^ ]*/#/'
probe_close
check "it ends in order" test $? -eq 0

# ---- Other services of the same host ----

probe_open desk mdns
check "other services are told by address" told_in 10 'service 10\.77\.1\.21 _ipp\._tcp'
check "the cameras' own is none of them" sh -c "! grep -q 'service .*_mmcam' '$WORK/told'"
probe_close

# ---- Host names ----

as cam2 avahi-publish-address -R Studio-Cam.local 10.77.1.12 >>"$WORK/publish.log" 2>&1 8>&- &
TAP_PIDS="$TAP_PIDS $!"
sleep 2
probe_open desk names "iPhone.local,iPhone-2.local,iPad.local,annas-IPHONE.local:9000,studio-cam.local"
check "a host is found by its name" told_in 5 'sighted 10\.77\.1\.21 port=8081 path=lan id= name="iphone-2\.local"'
check "a second one, at its port" told_in 5 'sighted 10\.77\.1\.12 port=9000 .*name="annas-iphone\.local"'
check "a name that somebody added" told_in 5 'sighted 10\.77\.1\.12 port=8081 .*name="studio-cam\.local"'
check "by IPv6 too" told_in 5 'sighted fd77:0:0:1::11 port=8081'
check "all within 150 ms" within 150 'sighted 10.77.1.12 port=8081'
echo "# names answered after $(awk 'NR == 1 { t = $1 } /sighted/ { printf "%s %.1f ms, ", $3, $1 - t }' "$WORK/told")"
check "the sentence says who answered" told_in 5 'working asked for 5 names: .*iphone-2\.local is 10\.77\.1\.21'
check "the first round ends" told_in 5 finished
probe_close

# ---- A host that has nothing but a link-local address ----

lab_host bare 1 13
ip -n bare addr flush dev lan scope global
lab_avahi bare
publish bare "Bare phone" 8081 id=cam-bare
probe_open desk mdns
check "a link-local address has its interface" told_in 8 'sighted fe80::[0-9a-f:]*%lan port=8081 path=lan id=cam-bare'
probe_close

# ---- No network ----

lab_link desk lan down
lab_link desk lo down
probe_open desk mdns
check "that nothing can multicast is told" told_in 5 'failing own Bonjour queries: no interface that can multicast'
lab_link desk lan up
SINCE=$(mono_ms)
check "the network comes back: found" told_in 20 'sighted 10\.77\.1\.21 port=8081'
echo "# link up to sighted: $(ms 'sighted 10.77.1.21 ' "$SINCE") ms"
check "and told" told_in 5 'working own Bonjour queries: .* 1 interface'
probe_close
finish
