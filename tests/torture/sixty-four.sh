#!/bin/sh
# sixty-four.sh - a take of 64 cameras on one small machine: rolled together, stopped, fetched, verified; what it costs (TAP).
. "${SOURCE_DIR:?}/tests/torture/torture.inc"
N=64
SECONDS_LONG=8

start_fleet cams $N --name cam --size 160x90 --fps 15 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
# spent FILE: what `times` says of those that this shell has waited for, in seconds.
spent() { sed -n '2s/[ms]/ /gp' "$1" | awk '{ print $1 * 60 + $2 + $3 * 60 + $4 }'; }
# cpu_ms PID: of a process so far.
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hz }' "/proc/$1/stat"; }

cat >many.cue <<END
wait nodes $N within 60s
must record start many
expect ack all within 2s
expect take recording $N
after ${SECONDS_LONG}s record stop
expect ack all within 2s
wait take saved all within 60s
expect take saved $N
wait take verified all within 120s
expect take verified $N
expect no stopped-unasked
expect no not-writing
expect no node-lost
END
BEFORE=$(cpu_ms "$FLEET_PID")
times >before
play many.cue
times >after
check "64 cameras roll, stop and come home" test "$STATUS" -eq 0
[ "$STATUS" -eq 0 ] || tail -n 20 "$WORK/out" | sed 's/^/# /'
receipts() { receipt 001 "$N asked, $N recorded, $N saved, $N fetched, $N verified"; }
check "the proof counts them" receipts
check "each with its own file" test "$(find "$SHOW/takes/001" -name '*.mp4' | wc -l)" -eq $N
check "nobody failed, nobody is missing" proof 001 '.counts.failed == 0 and .counts.recording == 0 and (.devices | length) == 64'
check "nothing lies beside them" no_leftovers
"$LIVEDIRECTOR" verify "$SHOW" --json >verdict
check "verify hashes all of it again" jq -se '.[0].ok and .[0].files == 64 and .[0].verified == 64 and .[0].problems == []' verdict
check "the schemas are kept" follows_schemas
check "the journals have no hole" journals_whole

# Each file as long as the take, whatever the load: a frame may be dropped, a second may not.
long_enough() {
	jq -e --argjson s "$SECONDS_LONG" 'all(.devices[].parts[].recording; .durationMs >= ($s - 1) * 1000 and .complete and .error == null)' \
		"$SHOW/takes/001/take.json" >/dev/null
}
check "each is as long as the take" long_enough
echo "# cameras: $(($(cpu_ms "$FLEET_PID") - BEFORE)) ms of CPU for $((N * SECONDS_LONG)) s of picture and sound; console:" \
	"$(echo "$(spent after) $(spent before)" | awk '{ print $1 - $2 }') s"
jq -r '[.devices[].parts[]] | "# starts within \(([.[].startUs] | max - min) / 1000) ms; \([.[].recording.droppedFrames] | add) of " +
	"\([.[].recording | .durationMs * .fps / 1000] | add | floor) frames dropped"' "$SHOW/takes/001/take.json"
kill "$FLEET_PID"
wait "$FLEET_PID" 2>/dev/null
check "the fleet ends in order" test $? -eq 0
finish
