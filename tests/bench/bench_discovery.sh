#!/bin/sh
# bench_discovery.sh - `make bench-discovery`: a sweep for five camera nodes beside nmap and masscan, in turn in one run, in namespaces
# with no way out.  Prints medians and ratios, asserts nothing.
#	bench_discovery.sh [ROUNDS [CASE...]]	a case is SCENE/PREFIX: up/24 up/20 onlink/24 onlinkhigh/20 rst/24 rst/20
# Scenes: up = routed, the other addresses drop what is sent to them; onlink = on the same link, nobody answers ARP for the others;
# onlinkhigh = the same with nodes at high addresses and a cold neighbour table; rst = every address is a host whose port is closed.
if [ "$BENCH_INSIDE" != "$0" ]; then
	for tool in ip unshare mount; do
		command -v $tool >/dev/null || PATH=$PATH:/usr/sbin:/sbin
		command -v $tool >/dev/null || { echo "bench_discovery.sh: no $tool here; skipped"; exit 77; }
	done
	root=
	[ "$(id -u)" = 0 ] || root=-r
	# shellcheck disable=SC2086
	unshare $root -m -n -p --fork --kill-child --mount-proc sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add try' >/dev/null 2>&1 || {
		echo "bench_discovery.sh: no namespaces may be made here; skipped"
		exit 77
	}
	BENCH_INSIDE=$0
	export BENCH_INSIDE PATH
	# shellcheck disable=SC2086
	exec unshare $root -m -n -p --fork --kill-child --mount-proc sh "$0" "$@"
fi

rounds=${1:-5}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- up/24 up/20 onlink/24 onlinkhigh/20 rst/24 rst/20
helper=${BUILD_DIR:-.}/bench_discovery console=${LIVEDIRECTOR:-${BUILD_DIR:-.}/livedirector}
for program in "$helper" "$console"; do
	[ -x "$program" ] || { echo "bench_discovery.sh: no $program"; exit 1; }
done
dir=$(mktemp -d)
server=
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
mount -t tmpfs tmpfs /run && mkdir /run/netns || exit 1
XDG_STATE_HOME=$dir/state XDG_CONFIG_HOME=$dir/config HOME=$dir
export XDG_STATE_HOME XDG_CONFIG_HOME HOME
low="198.18.0.10 198.18.0.57 198.18.0.101 198.18.0.200 198.18.0.254"
high="198.18.0.10 198.18.14.57 198.18.0.101 198.18.13.200 198.18.0.254"

scene_down() {
	if [ -n "$server" ]; then
		kill "$server"
		wait "$server" 2>/dev/null
	fi
	server=
	ip netns del asks 2>/dev/null
	ip netns del answers 2>/dev/null
}

scene_up() {
	nodes=$low
	[ "$1" = onlinkhigh ] && nodes=$high
	ip netns add asks
	ip netns add answers
	ip link add v netns asks type veth peer name v netns answers
	for ns in asks answers; do
		ip -n $ns link set lo up
		ip -n $ns link set v up
	done
	case $1 in
	onlink*)
		ip -n asks addr add 198.18.15.254/20 dev v
		for at in $nodes; do ip -n answers addr add "$at/20" dev v; done
		;;
	*)
		ip -n asks addr add 198.19.0.2/24 dev v
		ip -n answers addr add 198.19.0.1/24 dev v
		ip -n asks route add default via 198.19.0.1
		for at in $nodes; do ip -n answers addr add "$at/32" dev lo; done
		[ "$1" = rst ] && ip -n answers route add local 198.18.0.0/20 dev lo
		;;
	esac
	# shellcheck disable=SC2086
	: >"$dir/served"
	ip netns exec answers "$helper" serve $nodes >"$dir/served" 2>&1 &
	server=$!
	n=0
	until grep -q ready "$dir/served"; do
		n=$((n + 1))
		[ $n -lt 200 ] || { cat "$dir/served"; exit 1; }
		sleep 0.02
	done
}

sent() { ip netns exec asks cat /sys/class/net/v/statistics/tx_packets; }

# run_one TOOL NETWORK: appends "DONE ALL CPU FOUND PACKETS" to $dir/TOOL.
run_one() {
	before=$(sent)
	list=$(echo "$nodes" | tr ' ' ,)
	case $1 in
	ours) set -- "$1" "$console" nodes --no-bonjour --probe off --sweep "$2" --set sweep-rate=0 ;;
	nmap-sT) set -- "$1" nmap -n -v -Pn -sT -T5 --min-rate 5000 --max-retries 0 -p 8081 --open "$2" ;;
	nmap-sS) set -- "$1" nmap -n -v -Pn -sS -T5 --min-rate 5000 -p 8081 --open "$2" ;;
	masscan) set -- "$1" timeout 20 masscan --rate 10000 --wait 1 -p 8081 "$2" ;;
	esac
	tool=$1
	shift
	line=$(ip netns exec asks "$helper" time "$list" "$@" </dev/null)
	echo "$line $(($(sent) - before))" >>"$dir/$tool"
}

# median COLUMN FILE
median() { cut -d ' ' -f "$1" "$2" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
least() { cut -d ' ' -f "$1" "$2" | sort -n | head -n 1; }

tools=ours
for tool in nmap masscan; do
	command -v $tool >/dev/null || { echo "bench-discovery: $tool is not installed: its column is left out"; continue; }
	[ $tool = nmap ] && tools="$tools nmap-sT nmap-sS" || tools="$tools $tool"
done
echo "Five nodes on port 8081; $rounds rounds in turn, medians.  all5: the output has named all five; done: the program has ended."
for case in "$@"; do
	scene=${case%/*}
	network=198.18.0.0/${case#*/}
	rm -f "$dir"/ours "$dir"/nmap-* "$dir"/masscan
	for round in $(seq "$rounds"); do
		for tool in $tools; do
			# It has no ARP of its own for a link full of hosts.
			case $scene-$tool in onlink*-masscan) continue ;; esac
			# A scene of its own: neighbour tables are cold.
			scene_up "$scene"
			run_one "$tool" "$network"
			scene_down
		done
	done
	echo
	printf '%-18s %10s %10s %8s %9s  %s\n' "$case" 'all5 ms' 'done ms' 'cpu ms' packets 'found (least)'
	for tool in $tools; do
		[ -s "$dir/$tool" ] || continue
		printf '  %-16s %10s %10s %8s %9s  %s of 5 (%s)\n' $tool "$(median 2 "$dir/$tool")" "$(median 1 "$dir/$tool")" "$(median 3 "$dir/$tool")" \
			"$(median 5 "$dir/$tool")" "$(median 4 "$dir/$tool")" "$(least 4 "$dir/$tool")"
	done
	for tool in $tools; do
		[ $tool != ours ] && [ -s "$dir/$tool" ] || continue
		awk -v t=$tool -v a="$(median 2 "$dir/ours")" -v b="$(median 2 "$dir/$tool")" -v c="$(median 1 "$dir/ours")" -v d="$(median 1 "$dir/$tool")" '
			function ratio(x, y) { return x <= 0 || y <= 0 ? "-" : sprintf("%.3f", x / y) }
			BEGIN { printf "  ours / %-9s all5 %s  done %s\n", t, ratio(a, b), ratio(c, d) }'
	done
done
