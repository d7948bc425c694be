#!/bin/sh
# run-crash.sh - kill -9 in the middle of a show: nothing acknowledged is lost, the cameras roll on, the next console
# takes the show over; and one console owns a folder (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

start_fleet cams 3 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

{
	echo 'wait nodes 3'
	echo 'label 1 left'
	echo 'record start ep12'
	# shellcheck disable=SC2034
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		echo 'cut 2'
		echo "tag \"mark $i\""
		echo 'cut left'
	done
	echo 'wait nodes 9 within 1h'
} >show.cue
# The last repeats within the cut guard would be swallowed: off with it.
# shellcheck disable=SC2086
"$LIVEDIRECTOR" run --sphere show --no-bonjour --set cut-guard=0s $NODES show.cue >run.out 2>run.err &
pid=$!
TAP_PIDS="$TAP_PIDS $pid"
until_true 30 grep -q '^end 20 ' run.out

# shellcheck disable=SC2086
ld run --sphere show --no-bonjour $NODES show.cue
check "a second console on the folder is refused" status_is 4
check "with one sentence that names the owner" err_has "livedirector: show is run by another console (process $pid)"
# shellcheck disable=SC2086
ld do --sphere show --no-bonjour $NODES tag x
check "do on the folder with cameras of its own too" status_is 2

kill -9 "$pid"
wait "$pid" 2>/dev/null

# Every command that was answered "ok" is on disk, with its number and text.
sed -n 's/^end \([0-9]*\) ok .*/\1/p' run.out | sort -n >ended
sed -n 's/^begin \([0-9]*\) \(label\|record\|cut\|tag\) .*/\1/p' run.out | sort -n >logged
jq -r 'select(.type == "command") | .n' show/sidecars/commands.jsonl | sort -n >written
sort ended >a
sort logged | join a - | sort >owed
sort written >b
check "no acknowledged command is lost" same "$(comm -23 owed b | tr '\n' ' ')" ""
check "there were some" test "$(wc -l <owed)" -gt 10
# An event is told as a cut goes out; that it is written, by its end.
sed -n 's/^begin \([0-9]*\) cut .*/\1/p' run.out | sort >cuts
cuts_told=$(join a cuts | wc -l)
check "no cut that was acknowledged is lost" test "$(jq -s '[.[] | select(.type == "cut")] | length' show/sidecars/cuts.jsonl)" -ge "$cuts_told"

# The cameras do not care.
# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES --json
check "the cameras roll on" same "$(jq -c '[.nodes[].health.recording.state] | unique' "$WORK/out")" '["recording"]'

program=$(jq -rs '[.[] | select(.type == "cut")] | last | .label' show/sidecars/cuts.jsonl)

# A torn tail, as a crash of the machine leaves it, is put aside and told.
printf '{"seq":9999,"timeUs":1,"ty' >>show/sidecars/cuts.jsonl
cat >resume.cue <<END
wait nodes 3
wait take recording 3 within 40s
expect program "$program"
cut 3
record stop
wait take saved 3 within 80s
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour $NODES resume.cue
check "the next console takes the show over" status_is 0
check "it tells what it put aside" err_has 'cuts.*torn'
check "it is kept beside the journal" test -e show/sidecars/cuts.jsonl.torn-1
check "the journal counts without a hole" whole show/sidecars/cuts.jsonl
check "commands too" whole show/sidecars/commands.jsonl
check "the take is the one that rolled" same "$(jq -c '[.take, .slate, .counts.recorded, .counts.saved]' show/takes/001/take.json)" '["001","ep12",3,3]'
check "no second take was begun" test ! -e show/takes/002
finish
