#!/bin/sh
# bonjour-paths.sh - what Bonjour tells of a camera with several ways to it, on daemons of two hosts: every address of every
# interface, IPv4 and IPv6; an address that changes, a name that two want, a cable that is pulled, a hundred at once (TAP).
# DNSSD_PROBE names the probe; else it is looked for in the build tree.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${DNSSD_PROBE:=${top_builddir:-.}/dnssd_probe}"
export SOURCE_DIR DNSSD_PROBE
. "$SOURCE_DIR/tests/support/netlab.sh"
LAB_TOOLS="$LAB_TOOLS avahi-daemon dbus-daemon"
[ -x "$DNSSD_PROBE" ] || lab_skip "no $DNSSD_PROBE"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"

# second_port HOST N: the host's interface in the other subnet.
second_port() {
	lab_port "$1" lan2 2
	ip -n "$1" addr add "10.77.2.$2/24" dev lan2
	ip -n "$1" -6 addr add "fd77:0:0:2::$2/64" dev lan2 nodad
}
# probe LOG HOST ARGS...: runs until closed, or until the test ends.
probe() {
	probe_log=$1
	probe_host=$2
	shift 2
	mkfifo "$WORK/$probe_log.in"
	as "$probe_host" "$DNSSD_PROBE" "$@" <"$WORK/$probe_log.in" >"$WORK/$probe_log" 2>"$WORK/$probe_log.err" 5>&- 6>&- 7>&- 8>&- 9>&- &
	TAP_PIDS="$TAP_PIDS $!"
}
has() { grep -q -e "$2" "$WORK/$1"; }
# newest NAME INTERFACE: how it was last told.
newest() { grep -e "found \"$1\" .* if=$2 " "$WORK/browse" | tail -n 1; }
is_at() { newest "$1" "$2" | grep -q -e " host=$3\$" || { newest "$1" "$2"; return 1; }; }
# took SINCE PATTERN MS: its first line in the browser's log came so soon, with $PATIENCE.
took() {
	took_at=$(grep -m 1 -e "$2" "$WORK/browse" | cut -d ' ' -f 1)
	echo "$((took_at - $1)) ms"
	[ $((took_at - $1)) -le $(($3 * PATIENCE)) ]
}
up_ms() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }
index_of() { on desk ip -o link show "$1" | cut -d : -f 1; }

lab_open
lab_host desk 1 1
lab_host cam 1 7
second_port desk 1
second_port cam 7
lab_host bare 1 9
ip -n bare addr flush dev lan scope global
lab_avahi desk
lab_avahi cam
lab_avahi bare
LAN=$(index_of lan)
LAN2=$(index_of lan2)

# ---- Every address ----

probe browse desk browse
exec 5>"$WORK/browse.in"
until_true 5 has browse running
probe left cam register Left 9001 id=left-1 apiPort=8099
exec 6>"$WORK/left.in"
check "each interface's addresses are told, IPv4 first" until_true 10 is_at Left "$LAN" 10.77.1.7,fd77:0:0:1::7
check "each interface for itself" until_true 5 is_at Left "$LAN2" 10.77.2.7,fd77:0:0:2::7
check "within 3 s" took "$(head -n 1 "$WORK/left" | cut -d ' ' -f 1)" 'found "Left"' 3000
probe alone bare register Alone 9002 id=alone
exec 7>"$WORK/alone.in"
check "a host with nothing but a link-local address is told with its scope" until_true 10 is_at Alone "$LAN" 'fe80::[0-9a-f:]*%lan'

# ---- Changes ----

SINCE=$(up_ms)
lab_address cam 1 7 8
check "another address is told" until_true 10 is_at Left "$LAN" '10.77.1.8,fd77.*'
check "within 2 s" took "$SINCE" 'found "Left" .*10\.77\.1\.8' 2000
check "the other interface's address stays" is_at Left "$LAN2" 10.77.2.7,fd77:0:0:2::7

probe clash bare register Left 9003 id=other-1
exec 8>"$WORK/clash.in"
check "of two with one name the second is called another" until_true 15 has clash 'registered Left #2'
check "and both are told" until_true 10 has browse 'found "Left #2" .* port=9003 api=0 id=other-1'

SINCE=$(up_ms)
lab_cable cam 1 down
exec 6>&-
check "a goodbye is told for the interface that hears it" until_true 5 has browse 'gone Left$'
check "within 1.5 s" took "$SINCE" 'gone Left$' 1500
check "and not for the one whose cable is out" test "$(grep -c 'gone Left$' "$WORK/browse")" -eq 1
lab_cable cam 1 up
rm "$WORK/left.in"
probe left cam register Left 9004 id=left-2
exec 6>"$WORK/left.in"
check "what comes back by either interface is told anew" until_true 15 has browse 'found "Left.*" .* port=9004 api=0 id=left-2'

# ---- Many ----

probe crowd bare crowd many 9100 100 id=many
exec 9>"$WORK/crowd.in"
names() { [ "$(grep -o 'found "many-[0-9]*"' "$WORK/browse" | sort -u | wc -l)" -eq "$1" ]; }
until_true 30 has crowd 'registered all'
SINCE=$(up_ms)
check "a hundred on one host are all told" until_true 20 names 100
check "within 5 s of the last announcement" test $(($(up_ms) - SINCE)) -le $((5000 * PATIENCE))
exec 5>&-
check "never more than 16 references were open" until_true 5 sh -c "sed -n 's/.*most refs=\([0-9]*\) .*/\1/p' '$WORK/browse' | awk '{ exit \$1 > 16 }'"
check "and the library kept quiet" test ! -s "$WORK/browse.err"
finish
