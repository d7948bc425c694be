#!/bin/sh
# node-advert.sh - a camera node on Bonjour, as avahi's own browser sees it: found, described, gone at its goodbye,
# back when the daemon is.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
export SOURCE_DIR MMCAMD

if [ "$1" != --inside ]; then
	command -v avahi-browse >/dev/null || { echo "1..0 # SKIP no avahi-browse here"; exit 0; }
	said=$(mktemp) || exit 1
	"$SOURCE_DIR/tests/support/avahi-private.sh" "$0" --inside 2>"$said"
	status=$?
	if [ $status -eq 77 ]; then
		echo "1..0 # SKIP $(tail -n 1 "$said")"
		status=0
	fi
	rm -f "$said"
	exit $status
fi

. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq
NODE_OPTIONS="--port 0"

avahi-browse --parsable --resolve _mmcam._tcp >"$WORK/seen" 2>/dev/null &
TAP_PIDS="$TAP_PIDS $!"
has() { grep -q "$1" "$WORK/seen"; }
line() { grep '^=;.*;_mmcam._tcp;' "$WORK/seen" | tail -n 1; }

start_node Advert --model "Model X"
PORT=${NODE##*:}
check "a node is found" until_true 10 has '^=;lo;IPv4;Advert;_mmcam._tcp;'
check "at its port" test "$(line | cut -d ';' -f 9)" = "$PORT"
for pair in deviceName=Advert "model=Model X" role=camera "apiPort=$PORT" contract=1 "id=$(jq -r '.nodes[0].id' "$WORK/Advert.ready")"; do
	check "its record says $pair" sh -c 'printf %s "$1" | grep -qF "\"$2\""' - "$(line)" "$pair"
done
"$SOURCE_DIR/tests/support/avahi-private.sh" --daemon kill
"$SOURCE_DIR/tests/support/avahi-private.sh" --daemon start
: >"$WORK/seen"
avahi-browse --parsable --resolve _mmcam._tcp >"$WORK/seen" 2>/dev/null &
TAP_PIDS="$TAP_PIDS $!"
check "it announces itself again when the daemon is back" until_true 10 has '^=;lo;IPv4;Advert;_mmcam._tcp;'
stop_node
check "the end is orderly" test $? -eq 0
check "its goodbye is heard" until_true 5 has '^-;lo;IPv4;Advert;_mmcam._tcp;'

start_node Advert --fleet 2
check "each node of a fleet is found" until_true 10 has '^=;lo;IPv4;Advert\\0322;'
stop_node
"$SOURCE_DIR/tests/support/avahi-private.sh" --daemon stop
start_node Advert
get /info
check "with no daemon it serves all the same" status_is 200
check "and says what to do" until_true 8 grep -q "^mmcamd: not announced: no avahi-daemon answers.*--node ADDRESS:[0-9]" "$WORK/Advert.err"
stop_node
check "and ends in order" test $? -eq 0
finish
