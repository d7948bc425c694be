#!/bin/sh
# soak.sh - `make soak`: a rehearsal on a screen over a real hour, a take every half minute with its faults: a camera that stops of
# heat, one that answers late, one that flaps.  When it is over: memory flat, no cue late, every fault told by its take's receipt (TAP).
#
#	MINUTES=60 SLACK_KB=1024 sh tests/torture/soak.sh
. "${SOURCE_DIR:?}/tests/support/tap.sh"
need_tools tmux python3 jq
. "$SOURCE_DIR/tests/support/screen.sh"
exec 3>&1
MINUTES=${MINUTES:-60}
SLACK_KB=${SLACK_KB:-1024}
TAKES=$((MINUTES * 2))
# Seconds until memory has to be flat: eight takes stay in it, and each worker in turn meets the largest of its jobs.
SETTLED=$((MINUTES >= 40 ? 600 : MINUTES * 15))
WITHIN=$((MINUTES * 60 + 120))
SHOW=$WORK/show

# The clock counts on, so that each take is anchored to the one before: late answers do not add up.
{
	echo 'tempo 120'
	for camera in 1 2 3 4 5; do
		echo "fault $camera bitrate=200k"
	done
	echo "repeat $TAKES"
	cat <<'END'
 after 2s record start soak
 after 2s cut 1
 with fault 4 late=900ms for 9s
 after 1500ms cut 2
 on bar cut 4
 with fault 5 drop=0.5 for 8s
 after 2s fault 3 heat-stop-after=0s for 4s
 after 2s cut 1
 with tag "later"
 after 1s cut 2 on bar
 after 4s zoom -t 1 2.0 over 500ms --force
 after 2s zoom -t 1 1.0 over 500ms --force
 after 1s cut 5
 after 1500ms cut back
 after 2s record stop
 after 5s cut 2
end
tag "the hour is over"
END
} >"$WORK/soak.cue"
LAST_LINE=$(wc -l <"$WORK/soak.cue")

director() { "$LIVEDIRECTOR" do --sphere "$SHOW" "$@"; }
socket_is_there() { [ -S "$WORK"/run/livedirector/*/control ]; }

# What happens by itself, as the control socket tells it, until the socket ends.
listen() {
	python3 - "$WORK"/run/livedirector/*/control >"$WORK/events" <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
for line in s.makefile(errors="replace"):
    sys.stdout.write(line)
    sys.stdout.flush()
END
	LISTENER=$!
}
resident_kb() { awk '/^VmRSS:/ { print $2 }' "/proc/$CONSOLE/status"; }
hour_is_over() { grep -q "^event cue .*soak.cue:$LAST_LINE " "$WORK/events"; }

begins() {
	cat >"$WORK/console.sh" <<END
export LC_ALL=$SCREEN_LOCALE TERM=tmux-256color XDG_STATE_HOME='$WORK/state' XDG_CONFIG_HOME='$WORK/config' HOME='$WORK'
'$LIVEDIRECTOR' rehearse -n 5 '$SHOW' 2>'$WORK/console.err'
echo \$? >'$WORK/console.status'
sleep 1000
END
	tm -f /dev/null new-session -d -x 132 -y 43 "sh '$WORK/console.sh'"
	sees 40 REHEARSAL && until_true 40 socket_is_there || return 1
	CONSOLE=$(cat "$SHOW/sphere.json.lock")
	listen
	sees 20 'tally 5/5'
	director "cue load $WORK/soak.cue" && director "cue go"
}
check "a rehearsal of $TAKES takes begins on a screen" begins

begun=$(date +%s)
: >"$WORK/memory"
while ! hour_is_over 2>/dev/null; do
	now=$(($(date +%s) - begun))
	[ $now -lt $WITHIN ] && kill -0 "$CONSOLE" 2>/dev/null || break
	echo "$now $(resident_kb)" >>"$WORK/memory"
	sleep 5
done

check "it ends in its time" hour_is_over

# The trend, not one sample: what the last tenth of the time takes, less what the first after settling took.
memory_is_flat() {
	awk -v from="$SETTLED" -v slack="$SLACK_KB" '
		$1 >= from { kb[n++] = $2 }
		END {
			if (n < 4) { print "too few samples"; exit 1 }
			part = int(n / 10) + 1
			for (i = 0; i < part; i++) { a += kb[i]; b += kb[n - 1 - i] }
			printf "# memory: %d kB after %d s, %d kB at the end, %d samples\n", a / part, from, b / part, n >"/dev/stderr"
			exit !(b / part - a / part <= slack)
		}' "$WORK/memory" 2>"$WORK/figures.memory"
	status=$?
	cat "$WORK/figures.memory" >&3
	return $status
}
check "memory is flat within $SLACK_KB kB after the first minutes" memory_is_flat

no_cue_is_missed() {
	cues=$(grep -c '^event cue .*soak.cue' "$WORK/events")
	late=$(grep -c '^event cue-late' "$WORK/events")
	echo "# cues: $cues, late: $late, worst $(sed -n 's/^event cue .*error=\(-*[0-9.]*\)ms.*/\1/p' "$WORK/events" | tr -d - | sort -n | tail -1) ms" >&3
	[ "$late" -eq 0 ] && [ "$cues" -ge $((TAKES * 16)) ]
}
check "no cue is missed" no_cue_is_missed

every_fault_is_told() {
	told=0
	for take in "$SHOW"/takes/*/take.json; do
		jq -e '[.devices[] | select(.number == 3) | .reason // "" | test("heat")] | any' "$take" >/dev/null && told=$((told + 1))
	done
	echo "# takes: $(ls -d "$SHOW"/takes/*/ | wc -l), that tell of the heat stop: $told" >&3
	[ "$told" -eq "$TAKES" ]
}
check "each take's proof tells of the camera that stopped of heat" every_fault_is_told

is_whole() {
	director "quit --force" >/dev/null 2>&1
	until_true 30 test -s "$WORK/console.status"
	"$LIVEDIRECTOR" verify "$SHOW" --json >"$WORK/verify.json"
	jq -e '.lines > 100 and ([.problems[] | select(.where | test("sidecars"))] | length == 0)' "$WORK/verify.json"
}
check "the journals are whole" is_whole
kill "$LISTENER" 2>/dev/null
finish
