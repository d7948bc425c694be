#!/bin/sh
# ipv6.sh - cameras on a network with no IPv4: link-local addresses with their scope, by avahi, by own queries, by the kernel's
# neighbours, by name and typed; two interfaces at once (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
need_tools jq dbus-daemon avahi-daemon
lab_open
[ -e /proc/sys/net/ipv6 ] || skip_all "no IPv6 here"
for host in desk bare cam; do
	lab_host $host 1 $((N = ${N:-0} + 1))
	# Nothing but what the link itself gives.
	ip -n $host addr flush dev lan scope global
done
# A second network at which the console stands too, so that a scope is needed.
lab_port desk other 2
lab_port bare other 2
lab_avahi desk
lab_avahi cam
lab_node cam six
ID=$(node_id six)
LOCAL=$(ip -n cam -6 -o addr show dev lan scope link | sed 's/.*inet6 \([^/]*\).*/\1/')

# find_on HOST OPTIONS...
find_on() {
	find_host=$1
	shift
	on "$find_host" "$LIVEDIRECTOR" nodes --json --explain "$@" >"$WORK/out" 2>"$WORK/err"
}
found() {
	jq -e --arg id "$ID" --arg at "$LOCAL%lan" '.nodes | length == 1 and .[0].id == $id and .[0].state == "live" and .[0].address == $at' "$WORK/out" >/dev/null && return 0
	cat "$WORK/out" "$WORK/err"
	return 1
}
find_on desk --for 4s --sweep off --probe off
check "avahi finds it at its link-local address, with the interface" found
find_on bare --for 4s --sweep off --probe off
check "so do own queries" found
find_on bare --for 3s --no-bonjour --sweep off --probe cam.local
check "and its host name" found
find_on bare --for 3s --no-bonjour --sweep off --probe off --node "[$LOCAL%lan]"
check "and its typed address with the interface" found
# The kernel knows it as a neighbour by now.
find_on bare --for 8s --no-bonjour --sweep auto --probe off
check "and the sweep, out of the kernel's neighbours" found

cat >six.cue <<'END'
wait nodes 1 within 40s
record -t six start
wait take recording 1 within 40s
after 1s record stop
wait take saved 1 within 80s
END
on bare "$LIVEDIRECTOR" run --sphere "$WORK/show" --sweep off --probe off six.cue >"$WORK/out" 2>"$WORK/err"
check "it rolls and stops" test $? -eq 0
on bare "$LIVEDIRECTOR" run --sphere "$WORK/show" --no-bonjour --sweep off --probe off six.cue >"$WORK/out" 2>"$WORK/err"
check "and is remembered with its interface" test $? -eq 0
finish
