#!/bin/sh
# bench_haul.sh - recordings home, side by side: 8 files from a local server, received, hashed, durable.  Prints medians and
# ratios with the goals beside; asserts nothing.  Arguments: [ROUNDS] [MEGABYTES of a file] [MEGABYTES of the set with drops]
# Tools that are not installed are named and left out.  Server: nginx where it is installed, else our own.
. "${SOURCE_DIR:-.}/tests/bench/bench.inc"
rounds=${1:-3} size=${2:-256} drops=${3:-2000}
work=${BENCH_FOLDER:-$dir}/haul
mkdir -p "$work/src" "$work/dst"
end_haul() {
	stop_servers
	rm -rf "$work" "$dir"
}
trap end_haul EXIT

free_mb=$(df -Pm "$work" | awk 'NR == 2 { print $4 }')
while [ $((size * 17)) -gt "$free_mb" ] && [ "$size" -gt 16 ]; do
	size=$((size / 2))
	echo "bench: the disk is short: files of $size MiB only"
done
names=
for i in 1 2 3 4 5 6 7 8; do
	openssl enc -aes-128-ctr -K "0$i" -iv 00 -in /dev/zero 2>/dev/null | head -c $((size * 1048576)) >"$work/src/$i.bin"
	names="$names $i.bin"
done
(cd "$work/src" && openssl dgst -sha256 -r $names | sed 's/ \*/  /') >"$work/sums"
sync -f "$work"

serve() {
	nginx=$(command -v nginx || ls /usr/sbin/nginx 2>/dev/null)
	if [ -n "$nginx" ]; then
		port=$((20000 + $$ % 20000))
		cat >"$work/nginx.conf" <<END
worker_processes 1; daemon off; error_log stderr crit; pid $work/nginx.pid;
events { worker_connections 256; }
http { access_log off; sendfile on; tcp_nopush on;
client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3; uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
server { listen 127.0.0.1:$port; root $work/src; } }
END
		"$nginx" -p "$work" -c "$work/nginx.conf" 2>"$work/nginx.err" &
		servers="$servers $!"
		server=nginx
	else
		mkfifo "$work/stop"
		"$build/bench_haul_limit" serve "$work/src" <"$work/stop" >"$work/port" &
		servers="$servers $!"
		exec 9>"$work/stop"
		wait_for . "$work/port"
		port=$(cat "$work/port")
		server="our own"
	fi
	until curl -sf -o /dev/null "http://127.0.0.1:$port/1.bin"; do sleep 0.1; done
}
serve
base=http://127.0.0.1:$port
curl_list=
for n in $names; do curl_list="$curl_list -o $n $base/$n"; done

# Each is one shell whose children are waited for, so that its CPU is all of theirs.
ours() { "$build/bench_haul" fetch "$work/dst" "$work/sums" "$base"; }
limit1() { "$build/bench_haul_limit" fetch 1 "$port" "$work/dst" $names; }
limit2() { "$build/bench_haul_limit" fetch 2 "$port" "$work/dst" $names; }
curl_openssl() { curl -sZ --parallel-max 8 $curl_list && ls ./*.bin | xargs -n1 -P2 openssl dgst -sha256 && sync ./*.bin; }
curl_sha256sum() { curl -sZ --parallel-max 8 $curl_list && ls ./*.bin | xargs -n1 -P2 sha256sum && sync ./*.bin; }
aria2() {
	for n in $names; do echo "$base/$n"; done >"$work/list"
	aria2c -q -j8 -x1 --file-allocation=falloc -i "$work/list" -d . && ls ./*.bin | xargs -n1 -P2 sha256sum && sync ./*.bin
}
with_rclone() {
	printf '%s\n' $names >"$work/list"
	rclone copy --config /dev/null -q --transfers 8 --no-traverse --files-from "$work/list" --http-url "$base" :http: . &&
		rclone hashsum SHA-256 --config /dev/null -q . && sync ./*.bin
}

cases="ours limit1 limit2 curl_openssl curl_sha256sum"
if command -v aria2c >/dev/null; then cases="$cases aria2"; else echo "bench: aria2c is not installed: left out"; fi
if command -v rclone >/dev/null; then cases="$cases with_rclone"; else echo "bench: rclone is not installed: left out"; fi

# measure CASE: wall and CPU seconds of everything it started.
measure() {
	rm -rf "$work/dst"
	mkdir "$work/dst"
	sync -f "$work"
	bash -c 'TIMEFORMAT="%R %U %S"; time "$@" >"$0" 2>&1' "$work/out" sh -c "cd '$work/dst' && . '$work/cases' && $1" 2>"$work/time" || { echo "bench: $1 failed:"; cat "$work/out"; return 1; }
	right=$(ls "$work"/dst/*.bin 2>/dev/null | wc -l)
	[ "$right" -eq 8 ] || { echo "bench: $1: $right files"; cat "$work/out"; return 1; }
	awk '{ print $1, $2 + $3 }' "$work/time" | { read -r wall cpu; keep "$1" "$wall" "$cpu"; }
	[ "$1" = ours ] && awk '{ print $6 }' "$work/out" >>"$dir/tails"
	return 0
}
# The cases as text, for the shells that are measured.
{
	printf 'build=%s work=%s base=%s port=%s names="%s" curl_list="%s"\n' "$build" "$work" "$base" "$port" "$names" "$curl_list"
	sed -n '/^ours()/,/^cases=/p' "$0" | sed '$d'
} >"$work/cases"

round=0
while [ $round -le "$rounds" ]; do		# the first warms up
	for c in $cases; do
		measure "$c" || exit 1
	done
	[ $round -eq 0 ] && rm -f "$dir"/kept.* "$dir/tails"
	round=$((round + 1))
done

ratio() { awk -v a="$(of ours "$3")" -v b="$(of "$1" "$3")" -v goal="$2" 'BEGIN { if (b > 0) printf "%.2f (goal <= %s)", a / b, goal; else print "-" }'; }
echo "8 files of $size MiB, server: $server, $rounds rounds, medians"
printf '%-16s %8s %8s\n' tool 'wall s' 'cpu s'
for c in $cases; do printf '%-16s %8s %8s\n' "$c" "$(of "$c" 1)" "$(of "$c" 2)"; done
best=$(for c in $cases; do case $c in ours|limit*) ;; *) echo "$(of "$c" 2) $c" ;; esac; done | sort -n | awk 'NR == 1 { print $2 }')
lim=$(for c in limit1 limit2; do echo "$(of "$c" 1) $c"; done | sort -n | awk 'NR == 1 { print $2 }')
echo "wall / curl + openssl dgst: $(ratio curl_openssl 0.8 1)"
echo "wall / curl + sha256sum:    $(ratio curl_sha256sum 0.4 1)"
echo "wall / $lim (hash while receiving): $(ratio "$lim" 1.05 1)"
echo "cpu / $best (best peer):    $(ratio "$best" 0.7 2)"
echo "last byte to verified and durable, worst file of a round: $(sort -n "$dir/tails" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }') ms (goal <= 100)"
rm -rf "$work/dst"
mkdir "$work/dst"
"$build/bench_haul" drops "$work/dst" 8 "$drops" 30
