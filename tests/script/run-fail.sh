#!/bin/sh
# run-fail.sh - how a sheet ends when something does not go well: exit statuses, moods, finally, signals (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

start_fleet cams 2 --name cam --size 320x180 --fps 10 --fault 2:refuse=record,1:late=900ms ||
	{ cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
# play NAME [OPTIONS]: plays the sheet on standard input on a folder of its own.
play() {
	play_name=$1
	shift
	cat >"$play_name.cue"
	# shellcheck disable=SC2086
	ld run --sphere "$play_name" --no-bonjour $NODES "$@" "$play_name.cue"
}

play fails <<'END'
wait nodes 2
expect nodes 7
echo "never"
finally echo "at last"
END
check "a failed expectation makes the status 1" status_is 1
check "and stops the sheet" out_lacks 'begin [0-9]* echo "never"'
check "but not its finally lines" out_has '^say [0-9]* "at last"$'
check "the sentence says what is there instead" err_has 'fails.cue:2: expected 7 live nodes, have 2'
check "one passed, one failed" out_has '^1 passed, 1 failed$'

play runs_out <<'END'
wait node 2 lost within 300ms
END
check "a wait that runs out is a failure" status_is 1
check "its end says so" out_has '^end 1 failed [0-9]*ms "expected cam 2 lost'

play tries <<'END'
wait nodes 2
try expect nodes 7
try wait node 2 lost within 100ms
try record stop
echo "still here"
END
check "try makes failures count for nothing" status_is 0
check "in the count too" out_has '^1 passed, 0 failed$'
check "the sheet went on" out_has '"still here"'

play partial <<'END'
wait nodes 2
record start
echo "goes on"
record stop
wait take saved 1 within 80s
END
check "a partial command makes the status 1" status_is 1
check "and does not stop the sheet" out_has '"goes on"'
check "who refused is named, with the reason" out_has '^ack 2 "cam 2" refused [0-9.]*ms "..*"$'
check "the end counts" out_has '^end 2 partial 1/2 [0-9]*ms$'
check "the proof names who failed" same "$(jq -c '[.counts.asked, .counts.recorded, .counts.failed]' partial/takes/001/take.json)" '[2,1,1]'

play musts <<'END'
wait nodes 2
must record -t 2 start
echo "never"
END
check "must stops the sheet when the command fails" status_is 1
check "indeed" out_lacks '"never"'

play late --set ack-timeout=450ms <<'END'
wait nodes 2
clap
expect ack all within 2s
END
check "a silent node is late after ack-timeout" out_has '^ack 2 "cam 1" late [0-9]\{3,4\}ms "..*"$'
check "the others are not delayed" out_has '^ack 2 "cam 2" ok [0-9]\{1,3\}\.\{0,1\}[0-9]*ms$'
check "the expectation says who" err_has 'cam 1 did not'

play quits <<'END'
wait nodes 2
echo "one"
quit
echo "never"
finally echo "after quit"
END
check "quit in a sheet is its end" status_is 0
check "indeed" out_lacks '"never"'
check "finally runs after it" out_has '"after quit"'

play rolls <<'END'
wait nodes 2
record -t 1 start
END
check "a run never stops a take by itself" status_is 0
check "its last line says who still rolls" same "$(tail -n 1 "$WORK/out")" 'event still-rolling 001 "cam 1"'
play rolls <<'END'
wait nodes 2
wait take recording 1 within 40s
record stop
wait take saved 1 within 80s
END
check "the next run on the folder takes the take over" status_is 0
check "nothing rolls any more" out_lacks still-rolling

play fast --speed 10 <<'END'
wait nodes 2
zero
at 5s echo "five"
after 10s echo "fifteen"
expect no cue-late
END
check "--speed plays times faster" status_is 0
check "fifteen seconds took less than four" awk '/^event cue fast.cue:2/ { sub(/.*scheduled=/, ""); a = $1 }
	/^event cue fast.cue:4/ { sub(/.*scheduled=/, ""); b = $1 } END { exit !(b - a > 1499000 && b - a < 1501000) }' "$WORK/out"

# Signals: finally lines run, then it ends.
cat >signal.cue <<'END'
wait nodes 2
record -t 1 start
wait nodes 9 within 1h
finally try record stop
finally echo "put away"
END
for signal in INT TERM HUP; do
	rm -f "$WORK/out"	# the one before must not be taken for this one's
	# shellcheck disable=SC2086
	"$LIVEDIRECTOR" run --sphere "sig$signal" --no-bonjour $NODES signal.cue >"$WORK/out" 2>"$WORK/err" &
	pid=$!
	TAP_PIDS="$TAP_PIDS $pid"
	until_true 20 grep -q '^begin 3 wait nodes 9' "$WORK/out"
	kill -s "$signal" "$pid"
	wait "$pid"
	STATUS=$?
	check "SIG$signal ends the sheet with status 1" status_is 1
	check "after its finally lines" out_has '"put away"'
	check "and the cameras stand" out_lacks still-rolling
done

# Test Anything Protocol.
play tap --tap <<'END'
wait nodes 2
expect nodes 2
try expect nodes 7
expect nodes 7
END
check "--tap numbers waits and expects" same "$(grep -v '^#' "$WORK/out" | tr '\n' '|')" \
	'TAP version 13|ok 1 - wait nodes 2|ok 2 - expect nodes 2|not ok 3 - expect nodes 7|not ok 4 - expect nodes 7|1..4|'

# Whoever reads the lines may stall: the show goes on, and nothing of what was said is missing in the end.
{
	echo 'wait nodes 2'
	for i in $(seq 200); do
		echo "tag \"$i $(printf '%0400d' 0)\""
	done
} >stalled.cue
mkfifo pipe
# shellcheck disable=SC2086
"$LIVEDIRECTOR" run --sphere stalled --no-bonjour $NODES stalled.cue >pipe 2>"$WORK/err" &
pid=$!
TAP_PIDS="$TAP_PIDS $pid"
exec 3<pipe
all_tagged() {
	[ "$(grep -c '"type":"tag"' stalled/sidecars/markers.jsonl)" -eq 200 ]
}
check "a reader who takes nothing stops nothing" until_true 20 all_tagged
cat <&3 >"$WORK/out"
exec 3<&-
wait $pid
STATUS=$?
check "he reads it all in his own time" same "$(grep -c '^begin [0-9]* tag ' "$WORK/out")" 200
check "and the show ends well" status_is 0
start_fleet gone 2 --name gone --size 320x180 --fps 10 --fault 1:silent-after=8s ||
	{ cat "$WORK/gone.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options gone)
play gone <<'END'
wait nodes 2
record start
wait node "gone 1" lost within 80s
try record stop
record -t "gone 2" start
record stop
wait take saved 1 within 80s
END
check "a camera that was lost with its stop open is named" out_has '^event still-rolling 001 "gone 1"$'
check "also when a take came after it" err_has 'take 002: 1 asked, 1 recorded, 1 saved'

finish
