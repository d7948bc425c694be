#!/bin/sh
# bench_beat.sh - `make bench-beat`: how near to the beat quantised cuts land.  A Link peer that is none of ours (link_peer) plays in
# a network of its own behind a cable of 5 ms and up to 5 ms more each way (linkemu), between 60 and 180 beats a minute, and changes
# its tempo now and then; a console and two cameras sit at the other end.  Each cut is judged by the camera's own word on it (its
# event `tally`, asked for by curl) against the peer's own word on its beat.  Prints shares; asserts nothing.
# The tempo changes on a beat.  With BENCH_ANY_TIME=1 it does so at any moment: Link tells a change up to 50 ms after it was made (the
# least time between two of its datagrams), so that a beat within that time of a change is missed by whoever only hears of it.
#	bench_beat.sh [CUTS [DELAY JITTER [SECONDS BETWEEN TEMPOS]]]	1000 cuts, 5 5, 12
# With BENCH_JUDGE=FILE what it found goes there as words too, for who asserts.
if [ "$BENCH_INSIDE" != "$0" ]; then
	PATH=$PATH:/usr/sbin:/sbin
	for tool in ip unshare mount jq curl; do
		command -v $tool >/dev/null || { echo "bench_beat.sh: no $tool here; skipped"; exit 77; }
	done
	[ -c /dev/net/tun ] || { echo "bench_beat.sh: no /dev/net/tun here; skipped"; exit 77; }
	[ -x "${BUILD_DIR:-.}/link_peer" ] || { echo "bench_beat.sh: built without Ableton Link; skipped"; exit 77; }
	root=
	[ "$(id -u)" = 0 ] || root=-r
	# shellcheck disable=SC2086
	unshare $root -m -n -p --fork --kill-child --mount-proc sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add try' >/dev/null 2>&1 || {
		echo "bench_beat.sh: no namespaces may be made here; skipped"
		exit 77
	}
	BENCH_INSIDE=$0
	export BENCH_INSIDE PATH
	# shellcheck disable=SC2086
	exec unshare $root -m -n -p --fork --kill-child --mount-proc sh "$0" "$@"
fi

on_beat=-b
[ -z "$BENCH_ANY_TIME" ] || on_beat=
cuts=${1:-1000} delay=${2:-5} jitter=${3:-5} every=${4:-12}
. "${SOURCE_DIR:-.}/tests/bench/bench.inc"
sed -i 's/^link off$/link on/' "$dir/config/livedirector/livedirector.conf"
for program in "$build/link_peer" "$build/bench_beat_limit" "$build/linkemu" "$console" "$node"; do
	[ -x "$program" ] || { echo "bench_beat.sh: no $program"; exit 1; }
done

# ---- Two networks and a cable; the band plays at the far end ----
mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add desk && ip netns add band || exit 1
"$build/linkemu" -d "$delay" -j "$jitter" -l 0 /run/netns/desk:wire /run/netns/band:wire >"$dir/link" &
link=$!
wait_for ready "$dir/link"
for side in desk:1 band:2; do
	ip -n "${side%:*}" link set lo up
	ip -n "${side%:*}" addr add "10.78.0.${side#*:}/24" dev wire
	ip -n "${side%:*}" link set wire up
	ip -n "${side%:*}" route add default dev wire
done
# shellcheck disable=SC2086
ip netns exec band "$build/link_peer" $on_beat -c "$every" 110 >"$dir/peer" &
peer=$!
"$build/bench_beat_limit" >"$dir/limit" &
limit=$!
ip netns exec desk "$node" --fleet 2 --port 0 --bind 127.0.0.1 --no-advertise --recordings "$dir/recordings" --size 320x180 --fps 10 >"$dir/fleet" 2>"$dir/fleet.err" &
fleet=$!
wait_for '"ready": *true' "$dir/fleet"
ports=$(jq -r '.nodes[].port' "$dir/fleet")
listeners=
for port in $ports; do
	ip netns exec desk curl -sN "http://127.0.0.1:$port/events" >"$dir/events.$port" &
	listeners="$listeners $!"
	wait_for '^event: hello' "$dir/events.$port"
done

# ---- A show: cuts on the beat, after some beats, on the bar ----
{
	echo 'wait nodes 2 within 30s'
	echo 'after 4s quantum 2'
	awk -v n="$cuts" 'BEGIN {
		for (i = 0; i < n; i++)
			printf("cut %d %s\n", i % 2 + 1, i % 10 == 7 ? "after 2 beats" : i % 10 == 3 ? "on bar" : "on beat")
	}'
} >"$dir/beat.cue"
nodes=$(for port in $ports; do printf ' --node 127.0.0.1:%s' "$port"; done)
# shellcheck disable=SC2086
ip netns exec desk "$console" run --sphere "$dir/sphere" --no-bonjour $nodes "$dir/beat.cue" >"$dir/out" 2>&1 || {
	echo "the show did not end well:"
	grep '^end .* \(error\|failed\|partial\)' "$dir/out" | tail -n 5
}
for pid in $listeners $peer $fleet $limit; do
	kill "$pid"
	wait "$pid" 2>/dev/null
done
kill "$link"
wait "$link"

# ---- What came of it ----
cat "$dir"/events.* | awk '/^event: tally/ { want = 1; next } want && /^data: / { print substr($0, 7) } { want = 0 }' |
	jq -r 'select(.value == "program") | "landed \(.timeUs)"' | sort -k 2n >"$dir/landed"
jq -r 'select(.type == "cut") | "planned \(.timeUs) \(.beat)"' "$dir/sphere/sidecars/cuts.jsonl" >"$dir/planned"

# judge FILE: how far each instant in it is from the peer's nearest beat, in ms.
judge() {
	awk 'FILENAME ~ /peer$/ { if ($1 == "line") { at[n] = $2; beat[n] = $3; bpm[n] = $4; n++ } next }
	{
		while (k + 1 < n && at[k + 1] <= $2)
			k++
		b = beat[k] + ($2 - at[k]) * bpm[k] / 60e6
		near = int(b < 0 ? b - 0.5 : b + 0.5)
		printf("%.3f\n", (b - near) * 60e3 / bpm[k])
	}' "$dir/peer" "$1"
}
# shares FILE: of its errors.
shares() {
	awk '{ e = $1 < 0 ? -$1 : $1; all++; two += e <= 2; five += e <= 5; v[NR] = e; sum += $1 }
	END {
		for (i = 2; i <= all; i++)	# insertion: a thousand at most
			for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
		if (all > 0)
			printf("%.1f %% within 2 ms, %.1f %% within 5 ms; median %.2f ms, 99 %% %.2f ms, worst %.2f ms, mean %+.2f ms\n", 100 * two / all,
				100 * five / all, v[int((all + 1) / 2)], v[int(all * 0.99 + 0.5)], v[all], sum / all)
	}' "$1"
}
judge "$dir/landed" >"$dir/errors.landed"
judge "$dir/planned" >"$dir/errors.planned"
landed=$(wc -l <"$dir/landed") planned=$(wc -l <"$dir/planned")
twice=$(awk '{ print $3 }' "$dir/planned" | sort | uniq -d | wc -l)
tempos=$(awk '$1 == "line" && $4 != last { last = $4; n++ } END { print n - 1 }' "$dir/peer")
echo "$cuts cuts asked for, $planned made, $landed lights turned red, $twice beats had two; $tempos changes of tempo; $delay + 0..$jitter ms each way"
echo "the cameras' own time of the light:  $(shares "$dir/errors.landed")"
echo "a bare timer beside it, each 0.5 s:   $(shares "$dir/limit")"
echo "the instants that were planned:      $(shares "$dir/errors.planned")"
[ -z "$BENCH_JUDGE" ] || {
	echo "cuts $cuts planned $planned landed $landed twice $twice"
	awk '{ e = $1 < 0 ? -$1 : $1; all++; five += e <= 5 } END { print "near", five + 0, "of", all + 0 }' "$dir/errors.planned"
} >"$BENCH_JUDGE"
[ -z "$BENCH_KEEP" ] || cp -r "$dir" "$BENCH_KEEP"
exit 0
