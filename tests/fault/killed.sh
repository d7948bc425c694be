#!/bin/sh
# killed.sh - kill -9 of the console on a screen, again and again: while a take rolls, while it starts, while it stops,
# while cuts are made.  The cameras roll on, nothing told as on disk is lost, the next console takes over (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux jq curl
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

start_fleet cams 3 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
SHOW=$WORK/show

open_show() {
	open_console 132 43 --sphere "$SHOW" --set cut-guard=0s "$NODES"
	sees 20 'cam 3' && sees 10 '▀'
}
kill_console() {
	PID=$(cat "$SHOW/sphere.json.lock")
	kill -9 "$PID"
	until_true 5 sh -c "! kill -0 $PID"
	tm kill-server
	until_true 5 sh -c "! tmux -S '$TMUX_SOCKET' list-sessions"
}

# health FILTER: true of each camera's own word.
health() {
	for url in $(echo "$NODES" | sed 's|--node |http://|g'); do
		curl -s -m 20 "$url/health" | jq -e "$1" >/dev/null || return 1
	done
}
take() { jq -e "$2" "$SHOW/takes/$1/take.json" >/dev/null; }
# whole: every journal counts from 1 without a hole, and began anew with each run.
whole() {
	for journal in "$SHOW"/sidecars/*.jsonl; do
		jq -e -s 'map(.seq) == [range(1; length + 1)]' "$journal" >/dev/null || { echo "$journal has a hole"; return 1; }
	done
	[ "$(jq -s '[.[] | select(.type == "open")] | length' "$SHOW/sidecars/commands.jsonl")" -eq "$1" ]
}
cuts() { jq -s '[.[] | select(.type == "cut")] | length' "$SHOW/sidecars/cuts.jsonl"; }

# ---- In the middle of a take ----

check "three cameras are there" open_show
command_line 'record start ep12'
check "they roll" sees 15 'rolling 3 of 3'
for i in 1 2 3 1 2 3; do
	command_line "cut $i"
	sees 5 "LAST.*cam $i  by .*3/3.*on disk" || break
done
check "six cuts were told as on disk" test "$i" -eq 3
tm new-window -d "'$LIVEDIRECTOR' --no-bonjour --sphere '$SHOW' 2>'$WORK/second'; echo \$? >'$WORK/second.status'"
check "a second console on the folder is refused with status 4" until_true 10 grep -qx 4 "$WORK/second.status"
check "and a sentence that names the first" grep -q "^livedirector: .*show: its screen is on .* already (process $(cat "$SHOW/sphere.json.lock"))" "$WORK/second"
kill_console
check "the six cuts are there" test "$(cuts)" -eq 6
check "with what they were told" sh -c "[ \"\$(jq -r 'select(.type == \"cut\") | .to' '$SHOW/sidecars/cuts.jsonl' | sort -u | wc -l)\" -eq 3 ]"
check "the cameras roll on" health '.recording.state == "recording" and .recording.take == "001"'
check "and their files grow" until_true 10 health '.recording.bytes > 50000'

SINCE=$(curl -s "http://127.0.0.1:$(echo "$NODES" | sed 's/.*://; s/ //g')/health" | jq .recording.sinceUs)
check "the next console comes up on the same folder" open_show
check "it shows the take rolling" sees 10 'REC 00:00:[0-9]*  *take 001 .*rolling 3 of 3'
# The header's clock and the camera's own, to the second or the next one.
is_true_time() {
	before=$((($(date +%s%6N) - SINCE) / 1000000))
	shown=$(screen | sed -n '1s/.*REC 00:\([0-9]*\):\([0-9]*\) .*/\1 \2/p' | awk '{ print $1 * 60 + $2 }')
	now=$((($(date +%s%6N) - SINCE) / 1000000))
	echo "shown: $shown s, by the camera: $before to $now s"
	[ -n "$shown" ] && [ $((before - shown)) -le 2 ] && [ $((shown - now)) -le 1 ] && [ "$shown" -ge 1 ]
}
check "with its true elapsed time" until_true 10 is_true_time
check "and the program as it was" sees 5 'PGM 3 cam 3'
ROLLED=$((($(date +%s%6N) - SINCE) / 1000))	# milliseconds, by the camera's own word
command_line 'record stop'
saved() { take "$1" '.counts.saved == 3 and .counts.recorded == 3 and .counts.failed == 0'; }
check "stop works, and all are saved" until_true 20 saved 001
check "the files are as long as the take" take 001 '[.devices[].parts | length == 1 and .[0].recording.complete and .[0].recording.durationMs > '$((ROLLED - 500))'] | all'

# ---- In the middle of a start ----

command_line 'record start'
until_true 5 test -e "$SHOW/takes/002/take.json"
kill_console
check "a take is on disk before a camera hears of it" take 002 '[.devices[] | .state == "asked" or .state == "starting" or .state == "recording"] | length == 3'
check "the next console is up" open_show
# Either the cameras were told, then they roll; or not one was.
rolls() { shows 'take 002 .*rolling 3 of 3'; }
is_decided() { rolls || { take 002 '.counts.failed == 3' && health '.recording.state == "idle"'; }; }
check "it shows the take rolling, or that nobody began" until_true 20 is_decided
if rolls; then
	command_line 'record stop'
	check "and stops it" until_true 20 saved 002
fi

# ---- In the middle of a stop ----

command_line 'record start'
check "a third take rolls" sees 15 'take 003 .*rolling 3 of 3'
command_line 'record stop'
until_true 5 take 003 '.stoppedUs > 0'
kill_console
check "the next console is up again" open_show
check "it sees to it that the take ends saved by all" until_true 20 saved 003

# ---- In a storm of cuts ----

(
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		tm send-keys $((i % 3 + 1))
		tm send-keys Space
	done
) 2>/dev/null &
STORM=$!
sleep 0.$(($$ % 10))
BEFORE=$(cuts)
kill_console
wait $STORM 2>/dev/null
check "no cut that was on disk is lost" test "$(cuts)" -ge "$BEFORE"
check "the last console is up" open_show
command_line 'quit --force'
check "and quits in order" until_true 10 grep -qx 0 "$WORK/console.status"
check "five runs wrote journals without a hole" whole 5
finish
