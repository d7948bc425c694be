#!/bin/sh
# bad-link.sh - four cameras behind a slow, jittering, lossy cable, their clocks wrong by up to 30 s and drifting: a take starts at
# one instant all the same, and no clock is further off than its bound says (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
need_tools jq curl
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun here"
: "${BUILD_DIR:=.}"

mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add desk && ip netns add stage || skip_all "no namespaces may be made here"
"$BUILD_DIR/linkemu" -d 10 -j 20 -l 0.02 /run/netns/desk:wire /run/netns/stage:wire >"$WORK/link" 2>"$WORK/link.err" &
LINK=$!
TAP_PIDS="$TAP_PIDS $LINK"
until_true 10 grep -q ready "$WORK/link" || skip_all "no TAP device can be made here: $(cat "$WORK/link.err")"
for side in desk:1 stage:2; do
	ip -n "${side%:*}" link set lo up
	ip -n "${side%:*}" addr add "10.78.0.${side#*:}/24" dev wire
	ip -n "${side%:*}" link set wire up
done
ip netns exec stage "$MMCAMD" --fleet 4 --name cam --port 0 --no-advertise --recordings "$WORK/cams" --size 320x180 --fps 10 \
	--fault "1:clock=+30s,1:drift=100ppm,2:clock=-30s,2:drift=-100ppm,3:clock=-7s,3:drift=40ppm" >"$WORK/cams.ready" 2>"$WORK/cams.err" &
TAP_PIDS="$TAP_PIDS $!"
until_true 20 grep -q '"ready": *true' "$WORK/cams.ready" || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
PORTS=$(jq -r '.nodes[].port' "$WORK/cams.ready")
NODES=$(for port in $PORTS; do printf -- '--node 10.78.0.2:%s ' "$port"; done)

# The way is as slow as it is said to be: to connect and to ask takes two round trips.
TOOK=$(ip netns exec desk curl -s -m 20 -o "$WORK/info" -w '%{time_total}' "http://10.78.0.2:${PORTS%%
*}/info")
check "the cable takes its time" awk -v s="$TOOK" 'BEGIN { exit !(s >= 0.04) }'
check "and carries what it is given" jq -e .id "$WORK/info"

cat >show.cue <<'END'
wait nodes 4 within 120s
after 4s       echo "the clocks have been compared"
must record start far
after 4s       record stop
wait take saved all within 60s
END
# truth: what each clock is ahead, asked on its own side; node and microseconds.
truth() {
	for port in $PORTS; do
		best=
		for _ in 1 2 3 4 5 6 7 8; do
			before=$(date +%s%N)
			said=$(ip netns exec stage curl -s -m 5 "http://127.0.0.1:$port/time" | jq .sentUs)
			after=$(date +%s%N)
			best="$best
$(((after - before) / 1000)) $((said - (before + after) / 2000))"
		done
		echo "$(ip netns exec stage curl -s -m 5 "http://127.0.0.1:$port/info" | jq -r .id) $(echo "$best" | sed 1d | sort -n | head -n 1)"
	done
}
# shellcheck disable=SC2086
ip netns exec desk "$LIVEDIRECTOR" run --sphere show --no-bonjour --set auto-fetch=off --set record-lead=2s $NODES show.cue >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "the show ends well" status_is 0
truth >"$WORK/truth"

TAKE=show/takes/001/take.json
of() {
	jq -e "$1" "$TAKE" >/dev/null && return 0
	echo "not true: $1"
	jq -c '[.startedUs, (.devices[].parts[0] | [.startUs, .offsetUs, .boundUs])]' "$TAKE"
	return 1
}
check "all four were recorded" of '[.devices[].parts[0].recording.startUs] | length == 4 and all(. > 0)'
check "by their own clocks a minute apart" of '[.devices[].parts[0].recording.startUs] | max - min > 59000000'
check "each began at the planned instant, within its clock's bound" of \
	'.startedUs as $plan | .devices | all(.parts[0] | (.startUs - $plan | fabs) <= .boundUs + 10000)'

# Within the bound, and what the truth itself is known to, and what 100 ppm make of half a minute between.
truly() {
	while read -r node wide ahead; do
		jq -e --arg node "$node" --argjson ahead "$ahead" --argjson wide "$wide" \
			'.devices[] | select(.node == $node) | .parts[0] | (.offsetUs - $ahead | fabs) <= .boundUs + $wide + 3000' "$TAKE" >/dev/null && continue
		echo "$node is $ahead us ahead, give or take $wide:"
		jq -c --arg node "$node" '.devices[] | select(.node == $node) | .parts[0] | [.offsetUs, .boundUs]' "$TAKE"
		return 1
	done <"$WORK/truth"
}
check "no clock is further off than its bound says" truly
check "the bound is no better than the way allows" of '.devices | all(.parts[0].boundUs >= 9000)'
kill "$LINK"
wait "$LINK" 2>/dev/null
check "frames were lost on the way" awk '/^moved/ { found = $7 + $9 > 0 } END { exit !found }' "$WORK/link"
finish
