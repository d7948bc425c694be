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
wait 30 cam 4
for 3
key 1
wait 10 PVW 1
key \x20
wait 10 PGM 1
key 2
wait 10 PVW 2
stats end
END
}
check "one megabit: pictures come, keys do what they say" one_megabit
check "the line was measured" sh -c "grep -q 'line [1-9][0-9]* bytes/s' '$WORK/megabit.log'"
check "pictures were shown" grep -q 'pictures shown' "$WORK/megabit.log"
check "nothing scrolled, nothing unknown was sent" grep -q ', 0 scrolled, 0 unknown' "$WORK/megabit.out"

sixty_four_kilobit() {
	slow kilobit -r 8000 -d 80 <<'END'
wait 60 cam 4
for 12
key 3
wait 10 PVW 3
key 4
wait 10 PVW 4
never PVW 3
stats end
END
}
check "64 kbit/s: keys are answered all the same" sixty_four_kilobit
check "and pictures come" grep -qE 'pictures in .*: [1-9]' "$WORK/kilobit.log"

# A stop longer than the lease of a light, typed into blindly: what was not seen is not cut.
stopped() {
	slow stopped -r 1000000 -d 20 <<'END'
wait 30 cam 4
key 1
wait 10 PVW 1
key \x20
wait 10 PGM 1
for 1
stop 9
wait 1 PGM 1
key 2
wait 2 PVW 2
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
check "stopped for longer than a light's lease: right again within a second of going on" watch_lights
check "the light on air stayed on meanwhile" grep -q program "$WORK/lit"
check "and the journal went on" grep -q '"zoom' "$WORK/then.jsonl"

dumb() {
	slow dumb -r 125000 -d 80 -k dumb <<'END'
wait 30 cam 4
for 6
key 1
wait 10 PVW 1
stats end
END
}
check "a terminal that answers nothing works" dumb
check "and is known as such" grep -q 'never answers' "$WORK/dumb.log"

# Random bytes hold every key there is, so nothing but what cannot be undone is asked for here.
junk() {
	slow junk -r 10000000 -d 2 <<'END'
wait 30 cam 4
key 1
wait 10 PVW 1
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
