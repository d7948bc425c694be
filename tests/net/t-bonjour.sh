#!/bin/sh
# t-bonjour.sh - Bonjour against a real avahi-daemon on a loopback of its own (TAP).
# DNSSD_PROBE names the probe; else it is looked for in the build tree.

here=$(cd "$(dirname "$0")" && pwd)
private=$here/../support/avahi-private.sh
probe=${DNSSD_PROBE:-${top_builddir:-.}/dnssd_probe}

if [ "$1" != --inside ]; then
	[ -x "$probe" ] || { echo "1..0 # SKIP no $probe"; exit 0; }
	DNSSD_PROBE=$probe
	export DNSSD_PROBE
	said=$(mktemp) || exit 1
	"$private" "$0" --inside 2>"$said"
	status=$?
	[ $status -ne 77 ] || echo "1..0 # SKIP $(tail -1 "$said")"
	[ $status -eq 77 ] || sed 's/^/# /' "$said"
	rm -f "$said"
	[ $status -eq 77 ] && exit 0
	exit $status
fi

work=$(mktemp -d) || exit 1
: "${PATIENCE:=3}"	# as in tap.sh
running=
number=0
failed=0

clean_up() {
	exec 5>&- 6>&- 7>&- 8>&-
	for pid in $running; do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$work"
}
trap clean_up EXIT

# start LOG FD ARGS...: a probe that lives as long as descriptor FD is open
start() {
	log=$work/$1
	fd=$2
	shift 2
	mkfifo "$log.in"
	"$probe" "$@" <"$log.in" >"$log" 5>&- 6>&- 7>&- 8>&- &
	running="$running $!"
	last=$!
	eval "exec $fd>\"$log.in\""
}

# until_line LOG PATTERN COUNT: waits at most 80 s
until_line() {
	n=0
	while [ "$(grep -c -- "$2" "$work/$1")" -lt "${3:-1}" ]; do
		n=$((n + 1))
		[ $n -le 4000 ] || return 1
		sleep 0.02
	done
}

# moment LOG PATTERN: milliseconds of its last line
moment() {
	grep -- "$2" "$work/$1" | tail -1 | cut -d' ' -f1
}

check() {	# check WORDS STATUS [LOG...]
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number - $1"
		return
	fi
	failed=1
	echo "not ok $number - $1"
	shift 2
	for log in "$@"; do
		sed "s/^/# $log: /" "$work/$log"
	done
}

echo 1..13

start browse 5 browse
start left 6 register "Left guest" 9001 deviceName="iPhone 16 Plus" model=iPhone17,2 role=camera apiPort=8099 id=left-1
left_pid=$last
until_line browse 'found "Left guest" .* port=9001 api=8099 id=left-1 device="iPhone 16 Plus" model="iPhone17,2" role=camera host=127.0.0.1'
check "a service is found with its port and its TXT record" $? browse left

start right 7 register "Küche.2 / links" 9002 DEVICENAME=Kamera ID=right-1
right_pid=$last
until_line browse 'found "Küche.2 / links" .* port=9002 api=0 id=right-1 device="Kamera"'
check "a name with blanks, dots and umlauts, TXT keys in capitals" $? browse right

start sight 8 sight
until_line sight 'sighted 127.0.0.1:8099 id=left-1 name="iPhone 16 Plus"'
check "a sighting has the apiPort where it differs from the record's port" $? sight
until_line sight 'sighted 127.0.0.1:9002 id=right-1'
check "and the record's port where there is no apiPort" $? sight

exec 6>&-
until_line browse "gone Left guest" && [ $(($(moment browse "gone Left") - $(moment left closing))) -le $((1500 * PATIENCE)) ]
check "a goodbye is told within 1.5 s" $? browse left
until_line sight 'goodbye 127.0.0.1:8099 id=left-1 via=bonjour'
check "with the address that was sighted" $? sight

was=$(($(date +%s%N) / 1000000))
kill -9 "$right_pid"
until_line browse "gone Küche.2 / links"
[ $? -eq 0 ] && [ $(($(date +%s%N) / 1000000 - was)) -le $((1500 * PATIENCE)) ]
check "a program that dies is told within 1.5 s too" $? browse

rm -f "$work/left.in"
start left 6 register "Left guest" 9001 id=left-1
until_line browse 'found "Left guest" .* port=9001 api=0 id=left-1'
check "a service that returns is found again" $? browse left

"$private" --daemon kill
until_line browse "no-daemon no avahi-daemon answers"
check "a dead daemon is told in one sentence" $? browse
[ "$(grep -c "gone Left guest" "$work/browse")" -eq 1 ]
check "and no camera is declared gone because of it" $? browse

found=$(grep -c 'found "Left guest"' "$work/browse")
"$private" --daemon start
until_line left "registered Left guest" 2 && until_line browse "running" 2
check "the daemon returns: the service is announced again" $? left browse
until_line browse 'found "Left guest"' $((found + 1))
check "and found again" $? browse

"$private" --daemon stop
rm -f "$work/browse.in"
exec 5>&-
start browse 5 browse
until_line browse no-daemon
sleep 1.2
"$private" --daemon start
until_line browse 'found "Left guest"' && [ "$(grep -c no-daemon "$work/browse")" -eq 1 ]
check "started without a daemon: said once, tried again, found" $? browse

exit $failed
