#!/bin/sh
# slowline.sh - the console on a terminal behind a slow line: the screen becomes right, keys are answered, little stands in
# queue; a terminal that reads nothing for a while holds up neither lights nor journals and is right again at once; one that
# answers nothing works too; cut and random bytes do no harm (TAP).  Figures are for the bench; here only what must hold.
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/hermetic.sh"
need_tools curl jq
[ -x "${BUILD_DIR:?}/slowtty" ] || skip_all "slowtty is not built"
locale=$(locale -a 2>/dev/null | grep -iE -m1 '^(C|en_US)\.utf-?8$')
[ -n "$locale" ] || skip_all "no UTF-8 locale here"

start_fleet cams 4 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

# slow NAME OPTIONS: the console on a new folder behind such a line; the script is read from standard input.
slow() {
	name=$1
	shift
	cat >"$WORK/$name.script"
	# shellcheck disable=SC2086
	env LC_ALL="$locale" TERM=xterm-256color XDG_STATE_HOME="$WORK/state" XDG_CONFIG_HOME="$WORK/config" HOME="$WORK" \
		"$BUILD_DIR/slowtty" "$@" "$WORK/$name.script" "$LIVEDIRECTOR" --no-bonjour --sweep off --probe off \
		--log ui --log-file "$WORK/$name.log" --sphere "$WORK/$name" $NODES >"$WORK/$name.out" 2>"$WORK/$name.err"
	status=$?
	cat "$WORK/$name.out" "$WORK/$name.err"
	return $status
}

lights() {
	for port in $(jq -r '.nodes[].port' "$WORK/cams.ready"); do
		curl -s --max-time 5 "http://127.0.0.1:$port/health" | jq -r .tally
	done | sort | tr '\n' ' '
}

cut_count() { cat "$1/sidecars/cuts.jsonl" 2>/dev/null | wc -l; }

one_megabit() {
	slow megabit -r 125000 -d 80 <<'END'
wait 90 cam 4
for 3
key 1
wait 30 PVW 1
key \x20
wait 30 PGM 1
key 2
wait 30 PVW 2
stats end
END
}
check "one megabit: pictures come, keys do what they say" one_megabit
check "the line was measured" sh -c "grep -q 'line [1-9][0-9]* bytes/s' '$WORK/megabit.log'"
check "pictures were shown" grep -q 'pictures shown' "$WORK/megabit.log"
check "nothing scrolled, nothing unknown was sent" grep -q ', 0 scrolled, 0 unknown' "$WORK/megabit.out"

sixty_four_kilobit() {
	slow kilobit -r 8000 -d 80 <<'END'
wait 120 cam 4
for 25
key 3
wait 30 PVW 3
key 4
wait 30 PVW 4
never PVW 3
stats end
END
}
check "64 kbit/s: keys are answered all the same" sixty_four_kilobit
check "and pictures come" grep -qE 'pictures in .*: [1-9]' "$WORK/kilobit.log"

# A stop longer than the lease of a light, typed into blindly: what was not seen is not cut.
stopped() {
	slow stopped -r 1000000 -d 20 <<'END'
wait 90 cam 4
key 1
wait 30 PVW 1
key \x20
wait 30 PGM 1
for 1
stop 9
wait 3 PGM 1
key 2
wait 6 PVW 2
stats end
END
}
# While it is stopped a camera zooms: its word must reach the journal.
watch_lights() {
	stopped &
	stopped_pid=$!
	until_true 30 grep -q '"cut"' "$WORK/stopped/sidecars/cuts.jsonl"
	sleep 6
	lights >"$WORK/lit"
	for port in $(jq -r '.nodes[].port' "$WORK/cams.ready"); do
		curl -s --max-time 5 -X POST -H 'Content-Type: application/json' -d '{"factor":2}' "http://127.0.0.1:$port/camera/zoom"
	done
	until_true 4 grep -q '"zoom' "$WORK/stopped/sidecars/camera.jsonl"
	cp "$WORK/stopped/sidecars/camera.jsonl" "$WORK/then.jsonl"
	wait $stopped_pid
}
check "stopped for longer than a light's lease: right again soon after going on" watch_lights
check "the light on air stayed on meanwhile" grep -q program "$WORK/lit"
check "and the journal went on" grep -q '"zoom' "$WORK/then.jsonl"

# A stop while a take rolls; SLOWLINE_STOP=60 for a minute of it.  The cut was pressed just before: its answers come meanwhile.
rolling() {
	slow rolling -r 1000000 -d 20 <<END
wait 90 cam 4
key 1
wait 30 PVW 1
key \\x20
wait 30 PGM 1
for 3
slowly 300 \\x12\\x12
wait 30 REC
key 2
wait 30 PVW 2
key \\x20
stop ${SLOWLINE_STOP:-16}
wait 3 PGM 2
wait 3 REC
never PGM 1
key 3
wait 6 PVW 3
key \\x20
wait 6 PGM 3
dump $WORK/rolling.screen
stats end
END
}
program() {
	for port in $(jq -r '.nodes[].port' "$WORK/cams.ready"); do
		curl -s --max-time 5 "http://127.0.0.1:$port/health" | jq -r "select(.tally == \"program\") | $port"
	done
}
is_on_air() { [ -n "$(program)" ]; }
last_cut_answered() { jq -es 'map(select(.text | strings | startswith("cut")) | .answers | length > 0 and all(.result == "ok")) | length >= 2 and .[-1]' \
	"$WORK/rolling/sidecars/commands.jsonl"; }
watch_take() {
	rolling &
	rolling_pid=$!
	until_true 60 grep -q '"cut"' "$WORK/rolling/sidecars/cuts.jsonl"
	until_true 5 is_on_air
	program >"$WORK/before"
	until_true 30 last_cut_answered && echo answered >"$WORK/answered"
	# Longer than a light's lease: it is renewed by who is looking at a terminal that takes nothing.
	sleep 7
	program >"$WORK/after"
	# shellcheck disable=SC2086
	XDG_STATE_HOME="$WORK/other" XDG_CONFIG_HOME="$WORK/config" HOME="$WORK" \
		"$LIVEDIRECTOR" do --no-bonjour $NODES zoom -t all 3 >"$WORK/other.out" 2>&1
	until_true 4 sh -c "[ \$(grep -c '\"zoom' '$WORK/rolling/sidecars/camera.jsonl') -ge 4 ]" && echo told >"$WORK/told"
	kill -0 $rolling_pid && ! grep -q stats "$WORK/rolling.out" && echo stopped >"$WORK/meanwhile"
	wait $rolling_pid
}
check "stopped while a take rolls: the right screen soon after going on" watch_take
check "all that follows was seen while it was stopped" grep -q stopped "$WORK/meanwhile"
check "the cut pressed before was answered and is in the journal" grep -q answered "$WORK/answered"
check "one light is on air, and it is the new one" sh -c "[ \$(wc -l <'$WORK/after') -eq 1 ] && ! cmp -s '$WORK/before' '$WORK/after'"
check "another process was answered by all cameras" grep -q 'end 1 ok 4/4' "$WORK/other.out"
check "and what it did reached the journal" grep -q told "$WORK/told"
check "the take rolled on, on all of them" \
	jq -e '.counts.asked == 4 and .counts.recorded == 4 and .counts.failed == 0' "$WORK/rolling/takes/001/take.json"

dumb() {
	slow dumb -r 125000 -d 80 -k dumb <<'END'
wait 90 cam 4
for 6
key 1
wait 30 PVW 1
stats end
END
}
check "a terminal that answers nothing works" dumb
check "and is known as such" grep -q 'never answers' "$WORK/dumb.log"

# It answers at first, then never again: the clock goes on each second, keys are answered, and the journal of what is shown.
silenced() {
	slow silenced -r 125000 -d 20 <<'END'
wait 90 cam 4
for 8
mute 1
for 3
stats begin
area any 0 0 43 132
for 10
key 1
wait 6 PVW 1
key \x20
wait 6 PGM 1
key 2
wait 6 PVW 2
stats silent
mute 0
for 12
key 3
wait 6 PVW 3
stats end
END
}
check "a terminal that answers no more is written to all the same" silenced
check "pictures too" sh -c "grep 'stats silent' '$WORK/silenced.out' | grep -qE 'any ([1-9]|0\.[0-9]*[1-9])'"
check "when it answers again the line is measured anew" \
	sh -c "grep 'pictures in' '$WORK/silenced.log' | tail -n 1 | grep -v answers | grep -q 'line [1-9][0-9]* bytes/s'"

# Questions are answered, fences are not: a fixed rate, not one screen now and then.
fenceless() {
	slow fenceless -r 125000 -d 20 -k fenceless <<'END'
wait 90 cam 4
for 5
area any 0 0 43 132
stats begin
for 6
key 1
wait 6 PVW 1
stats fixed
end
END
}
check "a terminal that answers questions but no fence works" fenceless
check "and gets pictures more than once a second" sh -c "grep 'stats fixed' '$WORK/fenceless.out' | grep -qE 'any ([2-9]|[1-9][0-9]+)\.'"

# Random bytes hold every key there is, so nothing but what cannot be undone is asked for here.
junk() {
	slow junk -r 10000000 -d 2 <<'END'
wait 90 cam 4
key 1
wait 30 PVW 1
for 1
junk 200000 42
key \e\e
paste 200 cut 3
slowly 500 \e[3~
slowly 500 \e[1;5C
slowly 500 \eOP
for 2
stats end
END
}
check "random bytes, pastes and cut sequences are lived through" junk
check "nothing was cut by them" test "$(cut_count "$WORK/junk")" -le 1
check "no take began" sh -c "! ls '$WORK/junk/takes/'* 2>/dev/null | grep -q ."
finish
