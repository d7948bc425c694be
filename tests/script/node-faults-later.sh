#!/bin/sh
# node-faults-later.sh - faults that a node is told while it runs (--fault -), each until it is taken back.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq

mkfifo "$WORK/say"
start_told() {
	"$MMCAMD" $NODE_OPTIONS --fleet 4 --size 160x90 --name told --recordings "$WORK/told" --fault - \
		<"$WORK/say" >"$WORK/told.ready" 2>"$WORK/told.err" &
	NODE_PID=$!
	TAP_PIDS="$TAP_PIDS $NODE_PID"
	exec 4>"$WORK/say"
	until_true 20 grep -q '"ready":true' "$WORK/told.ready" || {
		cat "$WORK/told.err"
		echo "Bail out! $MMCAMD does not start"
		exit 1
	}
}
nth() { NODE=http://127.0.0.1:$(jq -r ".nodes[$(($1 - 1))].port" "$WORK/told.ready"); }
tell() { echo "$1" >&4; }

start_told
nth 1

# ---- refusals, bit rate, wrong words ----
refused() { post /camera/flip '{}' && [ "$STATUS" = 503 ]; }
done_again() { post /camera/flip '{}' && [ "$STATUS" = 200 ]; }
tell 1:refuse=flip
check "a refusal begins while it runs" until_true 5 refused
tell 1:refuse=zoom
check "another one replaces it" until_true 5 done_again
tell 1:refuse=off
listen format
tell 1:bitrate=300k
check "another bit rate is told" shows format format '.value.bitrateBps == 300000'
tell 1:bitrate=off
check "and the old one again" shows format format '.value.bitrateBps > 300000'
tell 'late=1s,bogus=2s'
tell 9:late=1s
tell "$(printf '%700s' x)"
until_true 5 grep -q 'too long' "$WORK/told.err"
check "what is wrong is said in a sentence" grep -q 'unknown fault "bogus"' "$WORK/told.err"
check "also a node that is not there" grep -q 'this fleet has nodes 1 to 4' "$WORK/told.err"
check "and nothing of it was done" done_again

# ---- the clock ----
epoch() { curl -s -m 5 "$NODE/time" | jq -r .epoch; }
ahead() { [ $(($(node_now_us) - $(date +%s%6N))) -gt 4000000 ]; }
right() { [ $(($(node_now_us) - $(date +%s%6N))) -lt 1000000 ]; }
EPOCH=$(epoch)
tell 1:clock=+5s
check "a clock is stepped" until_true 5 ahead
check "in a new epoch" test "$(epoch)" != "$EPOCH"
tell 1:clock=off
check "and steps back" until_true 5 right

# ---- heat ----
post /record/start '{"take":"1","sphere":"s"}'
until_true 8 health '.recording.state == "recording"'
listen heat
tell 1:heat-stop-after=300ms
check "a recording that runs gets too hot" shows heat recording '.state == "idle" and .error == "heat"'
check "it is critical" health '.thermal == "critical"'
tell 1:heat-stop-after=off
check "and cools when that is taken back" until_true 5 health '.thermal == "nominal"'

# ---- the disk ----
post /record/start '{"take":"2","sphere":"s"}'
until_true 8 health '.recording.state == "recording" and .recording.bytes > 30000'
listen disk
tell 1:disk=10k
check "a recording that runs has no more room" shows disk recording '.state == "idle" and .error == "storage_full"'
tell 1:disk=off
check "room is there again" until_true 5 health '.storage.freeBytes > 1000000'

# ---- the picture ----
nth 2
frames() { curl -s -m "$1" "$NODE/stream?width=64&fps=10" 2>/dev/null | grep -a '^X-Frame' | sort -u | wc -l; }
still() { [ "$(frames 2)" -eq 1 ]; }
moving() { [ "$(frames 2)" -gt 2 ]; }
tell 2:freeze-after=0s
check "a picture stands still" until_true 8 still
tell 2:freeze-after=off
check "and moves on" until_true 8 moving

# ---- silence ----
listen silence
mute() { ! curl -s -m 3 "$NODE/health" >/dev/null; }
tell 2:silent-after=0s
check "a node falls silent" until_true 8 mute
tell 2:bitrate=250k
BEFORE=$(events silence format | wc -l)
sleep 0.3
check "and says nothing" test "$(events silence format | wc -l)" -eq "$BEFORE"
tell 2:silent-after=off
check "what was said meanwhile comes behind" shows silence format '.value.bitrateBps == 250000'
check "and it answers again" until_true 5 health .timeUs

# ---- death ----
nth 3
ID=$(curl -s -m 5 "$NODE/info" | jq -r .id)
post /record/start '{"take":"1","sphere":"s"}'
until_true 8 health '.recording.bytes > 0 and .recording.state == "recording"'
sleep 1
gone() { ! curl -s -m 5 "$NODE/health" >/dev/null; }
tell 3:die-after=0s
check "a node dies" until_true 8 gone
tell 3:die-after=off
check "and comes back at its port" until_true 10 health .timeUs
check "as itself" test "$(curl -s -m 5 "$NODE/info" | jq -r .id)" = "$ID"
get /recordings
check "with what it had recorded until then" answers 200 '.recordings[0] | .complete == false and .bytes > 0'
tell 3:die-after=0s
until_true 8 gone
tell 'off'
check "off takes back everything of everybody" until_true 10 health .timeUs

# ---- nobody says more ----
exec 4>&-
sleep 0.2
nth 4
check "when the teller is gone the cameras stay" health .timeUs
tell_dead() { "$MMCAMD" $NODE_OPTIONS --fleet 1 --name own --recordings "$WORK/own" --fault - </dev/null >"$WORK/own.ready" 2>/dev/null & TAP_PIDS="$TAP_PIDS $!"; }
tell_dead
check "also when nobody ever was" until_true 20 grep -q '"ready":true' "$WORK/own.ready"
stop_node
check "and the fleet ends in order" test $? -eq 0
finish
