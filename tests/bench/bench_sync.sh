#!/bin/sh
# bench_sync.sh - `make bench-sync`: how near together sixteen cameras start whose clocks are wrong by up to 30 s and drift by up to
# 100 ppm, over a network that takes 5 ms each way and up to 20 ms more, and loses 2 % of its frames; with atUs, and without.  Two
# network namespaces, joined by linkemu.  Prints spreads and how often the clocks' bounds held; asserts nothing.
#	bench_sync.sh [TAKES [WARM-UP [DELAY JITTER LOSS]]]	20 takes each way, after 30 s of comparing clocks
if [ "$BENCH_INSIDE" != "$0" ]; then
	PATH=$PATH:/usr/sbin:/sbin
	for tool in ip unshare mount jq; do
		command -v $tool >/dev/null || { echo "bench_sync.sh: no $tool here; skipped"; exit 77; }
	done
	[ -c /dev/net/tun ] || { echo "bench_sync.sh: no /dev/net/tun here; skipped"; exit 77; }
	root=
	[ "$(id -u)" = 0 ] || root=-r
	# shellcheck disable=SC2086
	unshare $root -m -n -p --fork --kill-child --mount-proc sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add try' >/dev/null 2>&1 || {
		echo "bench_sync.sh: no namespaces may be made here; skipped"
		exit 77
	}
	BENCH_INSIDE=$0
	export BENCH_INSIDE PATH
	# shellcheck disable=SC2086
	exec unshare $root -m -n -p --fork --kill-child --mount-proc sh "$0" "$@"
fi

takes=${1:-20} warm_up=${2:-30s} delay=${3:-5} jitter=${4:-20} loss=${5:-0.02} cameras=${BENCH_CAMERAS:-16}
. "${SOURCE_DIR:-.}/tests/bench/bench.inc"
for program in "$build/bench_sync" "$build/linkemu" "$console" "$node"; do
	[ -x "$program" ] || { echo "bench_sync.sh: no $program"; exit 1; }
done

# ---- Two networks and a cable ----
mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add desk && ip netns add stage || exit 1
"$build/linkemu" -d "$delay" -j "$jitter" -l "$loss" /run/netns/desk:wire /run/netns/stage:wire >"$dir/link" &
link=$!
wait_for ready "$dir/link"
for side in desk:1 stage:2; do
	ip -n "${side%:*}" link set lo up
	ip -n "${side%:*}" addr add "10.78.0.${side#*:}/24" dev wire
	ip -n "${side%:*}" link set wire up
done

# ---- Cameras with clocks that are wrong, each by its own ----
faults=$(awk -v n="$cameras" 'BEGIN {
	srand(7)
	for (i = 1; i <= n; i++) {
		off = i == 1 ? 30 : i == 2 ? -30 : rand() * 60 - 30
		drift = i == 1 ? 100 : i == 2 ? -100 : rand() * 200 - 100
		printf("%s%d:clock=%+.6fs,%d:drift=%+.1fppm", (i > 1 ? "," : ""), i, off, i, drift)
	}
}')
ip netns exec stage "$node" --fleet "$cameras" --port 0 --no-advertise --recordings "$dir/recordings" --size 320x180 --fps 30 --fault "$faults" \
	>"$dir/fleet" 2>"$dir/fleet.err" &
fleet=$!
wait_for '"ready": *true' "$dir/fleet"
ports=$(jq -r '.nodes[].port' "$dir/fleet")
truth() {
	# shellcheck disable=SC2086
	ip netns exec stage "$build/bench_sync" ask "$dir/truth" 127.0.0.1 $ports || exit 1
}

# ---- A show: the same takes twice ----
rolls() {
	for _ in $(seq "$takes"); do
		printf 'record start\nafter 700ms record stop\nwait take saved all within 60s\n'
	done
}
cat >"$dir/sync.cue" <<END
wait nodes $cameras within 60s
set auto-fetch off
after $warm_up echo warm
$(rolls)
set record-lead 0ms
$(rolls)
END
truth
nodes=$(for port in $ports; do printf ' --node 10.78.0.2:%s' "$port"; done)
# shellcheck disable=SC2086
ip netns exec desk "$console" run --sphere "$dir/sphere" --no-bonjour $nodes "$dir/sync.cue" >"$dir/out" 2>&1 || {
	echo "the show did not end well:"
	grep -v '^event\|^ack\|^begin\|ok' "$dir/out" | tail -n 5
}
truth

# ---- And three with a clap, brought home and looked at ----
{
	echo "wait nodes $cameras within 60s
set auto-fetch off
after 10s echo warm"
	for _ in 1 2 3; do
		printf 'record start\nafter 1500ms clap\nafter 1200ms record stop\nwait take saved all within 60s\n'
	done
} >"$dir/clap.cue"
# shellcheck disable=SC2086
ip netns exec desk "$console" run --sphere "$dir/claps" --no-bonjour $nodes "$dir/clap.cue" >"$dir/clap.out" 2>&1 || tail -n 5 "$dir/clap.out"
# shellcheck disable=SC2086
ip netns exec desk "$console" fetch --no-bonjour $nodes "$dir/claps" >"$dir/fetch.out" 2>&1 || tail -n 5 "$dir/fetch.out"
kill "$link"
wait "$link"

# ---- What came of it ----
echo "$cameras cameras, clocks wrong by up to 30 s and 100 ppm; $delay + 0..$jitter ms each way, $(awk -v l="$loss" 'BEGIN { print l * 100 }') % lost; $(tail -n 1 "$dir/link")"
"$build/bench_sync" judge "$dir/truth" "$dir/sphere" "$takes"
for take in 001 002 003; do
	"$console" verify --sync $take --json "$dir/claps" 2>/dev/null | jq -r '"verify --sync \(.take): \([.claps[].angles[] | select(.flashUs != null)] | length) angles, pictures \(
		[.claps[].flashApartUs] | max / 1000) ms apart beside the clocks (a frame is \([.claps[].frameUs] | max / 1000) ms), sound \(
		[.claps[].beepApartUs] | max / 1000) ms: \(if .ok then "they agree" else "they do not agree" end)"'
done
[ -z "$BENCH_KEEP" ] || cp -r "$dir" "$BENCH_KEEP"
kill "$fleet"
wait "$fleet" 2>/dev/null
exit 0
