#!/bin/sh
# kills.sh - kill -9 of the console at random instants of a whole show (roll, cut, clap, tag, stop, fetch).  After each, the next
# console, or `fetch`, completes it: no acknowledged journal line is missing, no file is left unverified, no recording is lost,
# made twice or fetched twice in full (TAP).
#
#	KILLS=200 SEED=7 WAY=nas sh tests/torture/kills.sh
#	KILLS=30 SYSCALLS='fdatasync rename' sh tests/torture/kills.sh	before the first to the 30th such call of a thread
. "${SOURCE_DIR:?}/tests/torture/torture.inc"
KILLS=${KILLS:-10}
SEED=${SEED:-$$}
SHOW_MS=4200			# about as long as the show takes: kills fall into these
SHOW_LINES=48			# and it says about as many lines
SHOWS=25			# takes of one Sphere folder

start_cam left
start_cam wide
start_cam right
# So slow that bringing a file home takes more than a second: after one at the latest what has come is kept.
RATE=40000
meddle -r $RATE left wide right
case ${WAY:-plain} in
plain) ;;
claims) NODES="$NODES --set claim=on" ;;		# the cameras are claimed
nas) NODES="$NODES --archive $WORK/nas" ;;		# files go elsewhere
*) echo "Bail out! what is WAY=$WAY?"; exit 1 ;;
esac
[ "${WAY:-plain}" != nas ] || mkdir "$WORK/nas"
echo "# seed $SEED, ${WAY:-plain}"

cat >show.cue <<'END'
wait nodes 3 within 20s
must record start ep12
after 200ms cut 1
after 150ms cut 2
tag "good laugh"
after 150ms cut 3
clap
after 400ms record stop
wait take verified all within 60s
END
cat >resume.cue <<'END'
wait nodes 3 within 20s
try record stop
try wait nodes 9 within 1h
END

# ---- A show that is killed ----

# killed_show KIND N: kind "ms" after so long, "line" at that line, "sys:fdatasync" before that call in any thread (strace).
# $PHASE is what it said last.
killed_show() {
	[ -p pipe ] || mkfifo pipe
	: >said
	under=
	case $1 in sys:*) under="strace -f -qq -o trace -e trace=${1#sys:} -e inject=${1#sys:}:signal=SIGKILL:when=$2" ;; esac
	# shellcheck disable=SC2086,SC2153
	$under "$LIVEDIRECTOR" run --sphere "$SHOW" --no-bonjour --set cut-guard=0s $NODES show.cue >pipe 2>err &
	shown=$!
	killer=
	if [ "$1" = ms ]; then
		# Its process id is nobody else's before it was waited for, below.
		{ sleep "$(echo "$2" | awk '{ print $1 / 1000 }')"; kill -9 "$shown"; } 2>/dev/null &
		killer=$!
	fi
	lines=0
	while IFS= read -r line; do
		echo "$line"
		lines=$((lines + 1))
		[ "$1" = line ] && [ $lines -eq "$2" ] && kill -9 "$shown"
	done <pipe >>said
	[ -z "$killer" ] || kill "$killer" 2>/dev/null
	[ -z "$killer" ] || wait "$killer" 2>/dev/null
	wait "$shown" 2>/dev/null
	ENDED=$?
	PHASE=$(grep -v '^event cue\|^event alarm' said | tail -n 1 | cut -c 1-60)
}

# ---- What must be true at once ----

# this_run JOURNAL: the lines of the run that was killed.
this_run() { jq -cs '. as $all | ([range(length)] | map(select($all[.].type == "open")) | last) as $from | .[$from:][]' "$SHOW/sidecars/$1.jsonl"; }
# What was told as done is on disk.
nothing_told_is_lost() {
	[ -s "$SHOW/sidecars/commands.jsonl" ] || { ! grep -q '^end [0-9]* ok' said; return; }
	sed -n 's/^end \([0-9]*\) ok.*/\1/p' said | sort >ended
	sed -n 's/^begin \([0-9]*\) \(record\|cut\|tag\|clap\).*/\1/p' said | sort | join ended - >owed
	# Half a line at the end is put aside by the next console: it was told to nobody.
	sed '$!b; /}$/!d' "$SHOW/sidecars/commands.jsonl" >whole.jsonl
	jq -cs '. as $all | ([range(length)] | map(select($all[.].type == "open")) | last) as $from | .[$from:][] | select(.type == "command") | .n' whole.jsonl | sort >written
	if [ -n "$(comm -23 owed written)" ]; then
		echo "told as done, and not in commands.jsonl: $(comm -23 owed written | tr '\n' ' ')"
		cat said
		return 1
	fi
	told_cuts=$(sed -n 's/^begin \([0-9]*\) cut.*/\1/p' said | sort | join ended - | wc -l)
	have_cuts=$(sed '$!b; /}$/!d' "$SHOW/sidecars/cuts.jsonl" | jq -cs '. as $all | ([range(length)] | map(select($all[.].type == "open")) | last) as $from | [.[$from:][] | select(.type == "cut")] | length')
	[ "$told_cuts" -le "$have_cuts" ] || { echo "$told_cuts cuts were told, $have_cuts are in cuts.jsonl"; return 1; }
	tagged=$(sed '$!b; /}$/!d' "$SHOW/sidecars/markers.jsonl" | jq -cs '. as $all | ([range(length)] | map(select($all[.].type == "open")) | last) as $from | [.[$from:][] | select(.type == "tag")] | length')
	[ "$(sed -n 's/^begin \([0-9]*\) tag.*/\1/p' said | sort | join ended - | wc -l)" -le "$tagged" ] || { echo "a tag is lost"; return 1; }
	# A file told as verified is under its name; a receipt that was told is in the proof.
	sed -n 's/^event verified .*"take \([0-9]*\) \(.*\)"$/\1\/\2/p' said >homes
	while read -r home; do
		[ -s "$(home_of "${home%%/*}")/${home#*/}" ] || { echo "told as verified, and not there: $home"; return 1; }
	done <homes
	! grep -q 'take [0-9]*: 3 asked.* 3 verified' said || proof "$TAKE" '.counts.verified == 3'
}

# ---- The next console ----

is_settled() {
	jq -e '.stoppedUs != null and .stoppedUs > 0 and all(.devices[]; (.state == "verified" or .state == "failed") and all(.parts[]; .state == "verified"))' \
		"$SHOW/takes/$TAKE/take.json"
}
is_over() { jq -e 'all(.devices[]; .state | IN("saved", "fetching", "fetched", "verified", "failed"))' "$SHOW/takes/$TAKE/take.json" >/dev/null; }
completes() {
	[ -n "$TAKE" ] || return 0
	if is_over && [ $((KILL % 2)) -eq 0 ]; then
		# shellcheck disable=SC2086,SC2153
		ld fetch --no-bonjour $NODES "$SHOW"
		is_settled && return 0
		cat "$WORK/out" "$WORK/err"
	else
		play_on resume.cue
		until_true 60 is_settled
		settled=$?
		kill "$PLAY_PID"
		play_ends
		[ $settled -ne 0 ] || return 0
		cat "$WORK/out" "$WORK/err"
	fi
	proof "$TAKE" false
	return 1
}

# Of each camera: one recording of this take, or none; in the proof, verified, and carried twice at most: one that comes whole between
# two flushes may be asked for anew after a kill.
take_is_true() {
	[ -n "$TAKE" ] || return 0
	sphere=$(jq -r .sphere "$SHOW/sphere.json")
	for cam in left wide right; do
		at $cam /recordings | jq -r --arg s "$sphere" --arg t "$TAKE" '.recordings[] | select(.sphere == $s and .take == $t) | "\(.id) \(.bytes) \(.sha256)"' >of_take
		[ "$(wc -l <of_take)" -le 1 ] || { echo "$cam recorded take $TAKE more than once"; return 1; }
		while read -r id bytes sha; do
			file=$(jq -r --arg r "$id" '.devices[].parts[] | select(.recording.id == $r and .state == "verified") | .file' "$SHOW/takes/$TAKE/take.json")
			[ -n "$file" ] || { echo "$cam has $id, which the proof does not call verified"; proof "$TAKE" false; return 1; }
			[ "$(sha256sum <"$(home_of "$TAKE")/$file" | cut -d ' ' -f 1)" = "$sha" ] || { echo "$file is not what $cam has"; return 1; }
			went=$(carried "$id")
			echo "$bytes $went" >>"$WORK/carried"
			[ "$went" -le $((2 * bytes)) ] || [ "$bytes" -lt $RATE ] || { echo "$id has $bytes bytes and was carried as $went"; grep "$id" "$WORK/meddle.ready"; return 1; }
		done <of_take
	done
}
sphere_is_true() {
	# Killed as the folder was being made: nothing but the openings of some journals.  The next console makes the rest.
	[ "$(cat "$SHOW"/sidecars/*.jsonl "$SHOW"/takes/*/take.json 2>/dev/null | grep -vc '"type": *"open"')" -gt 0 ] || return 0
	judged_whole && journals_whole && no_leftovers "$([ ! -d nas ] || echo nas)" &&
		same "$(cat "$SHOW"/takes/*/take.json | jq -s '[.[].slateTake] == [range(1; length + 1)]')" true
}

# ---- One after the other ----

if [ -n "$SYSCALLS" ]; then
	for call in $SYSCALLS; do
		seq 1 "$KILLS" | sed "s/^/sys:$call /"
	done >plan
	KILLS=9999
else
	awk -v seed="$SEED" -v n=$((KILLS * 3)) -v ms=$SHOW_MS -v lines=$SHOW_LINES 'BEGIN {
	srand(seed)
	for (i = 0; i < n; i++)
		if (i % 2) print "line", 1 + int(rand() * lines); else print "ms", int(rand() * ms)
}' >plan
fi
# A number may have been used up by a console that was killed before its proof was on disk: then no camera was told.
newest_take() { find "$SHOW/takes" -name take.json 2>/dev/null | sed 's|/take.json$||; s|.*/||' | sort | tail -n 1; }
KILL=0
SHOWN=0
exec 3<plan
while [ $KILL -lt "$KILLS" ] && read -r kind n <&3; do
	if [ "$SHOWN" -ge $SHOWS ] || [ $KILL -eq 0 ]; then
		[ $KILL -eq 0 ] || check "all that the cameras have of this Sphere is here" cameras_agree
		SHOWN=0
		new_show "show-$KILL"
	fi
	newest_take >before
	SHOWN=$((SHOWN + 1))
	killed_show "$kind" "$n"
	[ "$ENDED" -eq 137 ] || continue		# it was over before
	KILL=$((KILL + 1))
	TAKE=$(newest_take)
	[ "$TAKE" != "$(cat before)" ] || TAKE=		# no take was begun
	at_what="kill $KILL, $kind $n ($(echo "$PHASE" | tr '#' ' '))"
	check "$at_what: nothing that was told is lost" nothing_told_is_lost
	check "$at_what: the next one completes it" completes
	check "$at_what: the take is true" take_is_true
	check "$at_what: so is the Sphere" sphere_is_true
done
check "all that the cameras have is here" cameras_agree
[ -n "$SYSCALLS" ] || check "there were $KILLS kills" test $KILL -eq "$KILLS"
[ ! -s "$WORK/carried" ] || awk '{ b += $1; c += $2; if ($2 / $1 > m) m = $2 / $1 } END { printf "# %d recordings, carried %.3f times their size, at most %.2f\n", NR, c / b, m }' "$WORK/carried"
finish
