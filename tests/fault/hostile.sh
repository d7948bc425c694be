#!/bin/sh
# hostile.sh - two good cameras among nodes that mean harm: each of these is told in one sentence, the terminal and the
# journals stay clean, memory stays bounded, and the good ones are not delayed (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
HOSTILE=${BUILD_DIR:-.}/hostile
need_tools tmux jq
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"
[ -x "$HOSTILE" ] || skip_all "no $HOSTILE"

"$HOSTILE" >"$WORK/hostile" &
TAP_PIDS="$TAP_PIDS $!"
until_true 10 grep -q '^ready' "$WORK/hostile" || { echo "Bail out! no hostile nodes"; exit 1; }
start_fleet good 2 --name good --size 320x180 --fps 10 || { cat "$WORK/good.err"; echo "Bail out! no cameras"; exit 1; }

# port NAME: of a hostile node.
port() { awk -v name="$1" '$2 == name { print $1 }' "$WORK/hostile"; }
NODES="$(node_options good) $(awk '/^[0-9]/ { printf "--node 127.0.0.1:%s ", $1 }' "$WORK/hostile")"
for url in no-boundary/stream huge-picture/stream noise/stream two-gigabytes/info; do
	NODES="$NODES --node http://127.0.0.1:$(port "${url%/*}")/${url#*/}"
done
open_console 180 70 --sphere "$WORK/show" "$NODES"
tm pipe-pane "cat >'$WORK/raw'"

# holds_none FILE: of what a terminal must never get from a stranger: a title, a bell, a cleared screen, blinking, C1
# codes, marks that turn text around or hide.
holds_none() {
	for code in '\033\]' '\007' '\033\[2J' '\033\[5;31m' '\302[\200-\237]' '\342\200[\213-\217]' '\342\200[\252-\256]' \
		'\342\201[\246-\251]' '\357\273\277'; do
		if LC_ALL=C grep -a -q -e "$(printf '%b' "$code")" "$1"; then
			echo "${1##*/} holds $code"
			return 1
		fi
	done
}
is_found() {
	printf '%b\n' "$1" >"$WORK/dirty"
	! holds_none "$WORK/dirty" >/dev/null
}
check "a title would be found" is_found '\033]0;x'
check "a C1 code would be found" is_found 'x\302\233y'
check "a mark that turns text would be found" is_found 'x\342\200\256y'

# ---- The good ones are seen, the others are told ----

check "the good cameras appear" sees 15 'good 1'
check "with pictures" sees 10 '▀▀▀▀'
check "addresses that are no camera have a tile" sees 15 '\[ \] tried, no camera there'
check "a picture of 2 GB is told in its tile" sees 15 'a picture of 2147483648'
check "multipart without a boundary too" sees 15 '/stream: no multipart boundary'
check "and a picture of 60,000 x 60,000" sees 15 'a picture of 60000 x 60000'
keys v
check "v lists them all" sees 20 'HEALTH'
# tells NAME SENTENCE: on the line of that address, or the line after that camera.
tells() {
	until_true 15 sh -c "tmux -S '$TMUX_SOCKET' capture-pane -p | grep -A1 -e '127.0.0.1:$(port "$1")\>' | grep -q -e '$2'" && return 0
	{ echo "not told of $1: $2"; screen; } >>"$WORK/why"
	return 1
}
check "ten megabytes of name" tells ten-megabytes 'the answer is larger than 1024 KiB'
check "JSON nested 10,000 deep" tells deep 'JSON nested deeper than 32'
check "2 GB announced" tells two-gigabytes 'the answer is larger than 1024 KiB'
check "an answer that drips" tells slow 'the answer was not complete within'
check "no answer" tells silent 'no answer within'
check "headers without end" tells endless-head 'headers are larger than 64 KiB'
check "no HTTP at all" tells noise 'only HTTP/1.x is spoken here'
check "a redirect to a file is not followed" tells elsewhere '/info answered 302: not a camera node'
check "an event line without end" tells endless-line 'an event line longer than 256 KiB'
check "a flood of events" tells flood '/events floods'
check "multipart without a boundary at a URL" tells no-boundary 'no multipart boundary is declared'
check "the other URLs are there" sees 20 "http://127.0.0.1:$(port huge-picture)/stream"
check "events nested too deep are passed over, the camera stays" sees 20 'deep-events'
check "a name of half a megabyte is cut" sees 20 ' long NNNNNNN'
check "a name full of codes is made printable" sees 20 ' codes'
keys Escape
check "Esc leaves the list" until_true 10 sh -c "! tmux -S '$TMUX_SOCKET' capture-pane -p | grep -q HEALTH"

# ---- Nobody is delayed ----

# cut_ms NAME: how long the good ones took to answer the newest cut, the slower one.
cut_ms() {
	jq -s '[.[] | select(.type == "command" and (.text | startswith("cut")))] | last
		| [.answers[] | select((.node | startswith("hostile") | not) and .result == "ok") | .ms] | if length == 2 then max else 99999 end' \
		"$WORK/show/sidecars/commands.jsonl"
}
# answered COUNT: so many cuts are in the journal.
answered() { [ "$(jq -s '[.[] | select(.type == "command" and (.text | startswith("cut")))] | length' "$WORK/show/sidecars/commands.jsonl")" -ge "$1" ]; }
WORST=0
for i in 1 2 3 4; do
	command_line "cut \"good $((i % 2 + 1))\""
	check "cut $i is on the screen" sees 15 "PGM [0-9]* good $((i % 2 + 1)) "
	until_true 20 answered $i
	MS=$(cut_ms)
	WORST=$(awk -v a="$WORST" -v b="$MS" 'BEGIN { print (a > b ? a : b) }')
	keys x	# what a person does meanwhile
done
check "the good ones answered each within a second (the slowest: $WORST ms)" awk -v ms="$WORST" -v most=$((1000 * PATIENCE)) 'BEGIN { exit !(ms < most) }'
lost_good() { jq -e -s 'any(.[]; .type == "link" and .link == "lost" and (.node // "" | startswith("hostile") or startswith("view") | not))' "$WORK/show/sidecars/health.jsonl"; }
is_never_lost() { ! lost_good; }
check "and they were never lost" is_never_lost

# ---- Nor is a take held up ----

# good STATE...: both good ones are in one of these.
good() {
	jq -e '[.devices[] | select(.node | startswith("hostile") | not) | select(.state | IN($ARGS.positional[]))] | length == 2' \
		"$WORK/show/takes/001/take.json" --args "$@"
}
command_line 'record start'
check "the good ones roll" until_true 20 good recording
sleep 1
command_line 'record stop'
check "and stop, and are saved" until_true 15 good saved fetching fetched verified
are_failed() {
	jq -e '[.devices[] | select(.node | startswith("hostile"))] | all(.[]; .state != "saved")
		and ([.[] | select(.state == "failed" and (.reason | length > 5))] | length > 3)' "$WORK/show/takes/001/take.json"
}
check "who did not roll is told as failed, with its reason" until_true 15 are_failed

# ---- Clean and bounded ----

tm capture-pane -p -e >"$WORK/captured"
check "the screen holds none of their codes" holds_none "$WORK/captured"
# But for the one question of ours that looks like a title: the background's colour.
LC_ALL=C sed "s/$(printf '\033')]11;?$(printf '\033')\\\\//g" "$WORK/raw" >"$WORK/told"
check "nor does anything that was ever written to the terminal" holds_none "$WORK/told"
check "the terminal's title is its own" sh -c "! tmux -S '$TMUX_SOCKET' display-message -p '#{pane_title}' | grep HOSTILE"
check "what was written is much" test "$(wc -c <"$WORK/raw")" -gt 100000
printable() { ! LC_ALL=C grep -a -l -e "$(printf '[\001-\010\013-\037\177]')" "$@"; }
check "journals and manifest hold no control byte" printable "$WORK"/show/sidecars/*.jsonl "$WORK/show/sphere.json" "$WORK/show/takes/001/take.json"
check "and are JSON throughout" jq -e -s 'length > 10' "$WORK/show/sphere.json" "$WORK"/show/sidecars/*.jsonl

PID=$(cat "$WORK/show/sphere.json.lock")
PEAK=$(awk '/^VmHWM/ { print $2 }' "/proc/$PID/status")
LIMIT=150000
grep -q __asan_init "$LIVEDIRECTOR" && LIMIT=1500000
check "memory stays bounded ($PEAK kB at most)" test "$PEAK" -lt "$LIMIT"
alarms() { jq -s '[.[] | select(.type == "alarm")] | length' "$WORK/show/sidecars/health.jsonl"; }
check "a node whose numbers jump rings no hundred alarms" test "$(alarms)" -lt 60

# ---- The same for who reads lines instead of a screen ----

"$LIVEDIRECTOR" nodes --no-bonjour --sweep off --probe off --for 3s --explain $NODES >"$WORK/list" 2>&1
check "the list of nodes is clean" holds_none "$WORK/list"
check "and printable" printable "$WORK/list"
check "it has the good ones" grep -q '127.0.0.1' "$WORK/list"
"$LIVEDIRECTOR" do --no-bonjour --sweep off --probe off --sphere "$WORK/done" --node "127.0.0.1:$(port codes)" identify >"$WORK/list" 2>&1
check "a refusal full of codes is clean in guarded lines" holds_none "$WORK/list"
check "and printable" printable "$WORK/list"
check "and told" grep -q '^ack [0-9]* .* refused' "$WORK/list"

command_line 'quit --force'
check "and the console quits with status 0" until_true 10 grep -qx 0 "$WORK/console.status"
finish
