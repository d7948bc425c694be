#!/bin/sh
# chaos.sh - takes in a row, each with random mishaps at random instants: cameras silent, cut off, killed and started again, bytes
# spoilt, files ended early, the console killed and started again.  When it is over and everybody is well, one `fetch`: then every
# recording that a camera has is in a proof, verified, and here; and no proof says more than happened (TAP).
#
#	ROUNDS=50 SEED=7 sh tests/torture/chaos.sh
. "${SOURCE_DIR:?}/tests/torture/torture.inc"
ROUNDS=${ROUNDS:-12}
SEED=${SEED:-$$}
for cam in one two three four; do
	start_cam $cam
done
meddle -r 100000 one two three four
echo "# seed $SEED"
new_show chaos

cat >show.cue <<'END'
wait nodes 1 within 30s
try record stop
try record start ep12
after 300ms try cut 1
after 500ms try cut 2
try tag "mark"
after 400ms try clap
after 800ms try cut 3
after 2s try record stop
try wait take saved all within 4s
try wait take verified all within 8s
END

# What happens, line by line: MILLISECONDS WHAT CAMERA HOW-LONG.
mishaps() {
	awk -v seed="$1" 'BEGIN {
		srand(seed)
		n = 1 + int(rand() * 4)
		split("silence silence cut cut kill kill corrupt end console console", what, " ")
		for (i = 0; i < n; i++)
			printf "%d %s %d %d\n", 300 + rand() * 6000, what[1 + int(rand() * 10)], 1 + int(rand() * 4), 300 + rand() * (rand() < 0.3 ? 9000 : 2500)
	}' | sort -n
}
name_of() { echo one two three four | cut -d ' ' -f "$1"; }
seconds() { awk -v ms="$1" 'BEGIN { print ms / 1000 }'; }
happens() {
	case $1 in
	silence | cut)
		tell "$1" "$2"
		sleep "$(seconds "$3")"
		tell pass "$2"
		;;
	corrupt) tell corrupt "$2" 20000 1 ;;
	end) tell end "$2" 30000 2 ;;
	kill)
		kill_cam "$(name_of "$2")" 2>/dev/null
		sleep "$(seconds "$3")"
		start_cam "$(name_of "$2")"
		;;
	console)
		kill -9 "$PLAY_PID" 2>/dev/null
		play_ends 2>/dev/null
		play_on show.cue --set stale-after=1s --set lost-after=2s
		;;
	esac
}

round=0
while [ $round -lt "$ROUNDS" ]; do
	round=$((round + 1))
	mishaps $((SEED * 1000 + round)) >plan
	echo "# round $round: $(awk '{ printf "%s%s %s %s after %s ms", (NR == 1 ? "" : ", "), $2, $3, $4, $1 }' plan)"
	play_on show.cue --set stale-after=1s --set lost-after=2s
	passed=0
	exec 3<plan
	while read -r ms what cam long <&3; do
		[ "$ms" -le "$passed" ] || sleep "$(seconds $((ms - passed)))"
		passed=$ms
		happens "$what" "$cam" "$long"
	done
	play_ends
	journals_whole >>"$WORK/why" 2>&1 || echo "# a journal has a hole after round $round"
done

# ---- Everybody is well again ----

for what in pass corrupt end rate; do
	tell $what '*' 0 0
done
cat >last.cue <<'END'
wait nodes 4 within 30s
try record stop
try wait nodes 9 within 1h
END
play_on last.cue
# Nothing rolls, and nothing is on its way.
at_rest() { cat "$SHOW"/takes/*/take.json | jq -e -s 'all(.[].devices[]; .state == "verified" or .state == "failed" or .state == "saved")'; }
check "every take has an end" until_true 90 at_rest
kill "$PLAY_PID"
play_ends
# shellcheck disable=SC2086
ld fetch --no-bonjour $NODES "$SHOW"
check "all of it comes home" status_is 0
is_idle() { for cam in $CAMS; do says "$cam" '.recording.state == "idle"' || return 1; done; }
check "no camera rolls on" is_idle
check "every recording of a camera is verified, and here" cameras_agree
check "verify has nothing against it" judged_whole
check "the journals count without a hole" journals_whole
check "all is as the schemas say" follows_schemas
check "no part file is left" no_leftovers
check "takes and slates never repeat" same "$(cat "$SHOW"/takes/*/take.json | jq -s '([.[].take] | length == (unique | length)) and ([.[].slateTake] | length == (unique | length))')" true
# What is verified has a file; what has no part is failed.
check "no proof says more than there is" same "$(cat "$SHOW"/takes/*/take.json | jq -s '[.[].devices[] | select((.state == "verified" and .parts == []) or (.parts == [] and .state != "failed"))] | length')" 0
echo "# $(cat "$SHOW"/takes/*/take.json | jq -s -r '"\(length) takes, \([.[].devices[].parts[]] | length) files, \([.[].counts.failed] | add) failures, \([.[].counts.verified] | add) of \([.[].counts.asked] | add) asked are home"')"
finish
