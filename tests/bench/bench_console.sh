#!/bin/sh
# bench_console.sh - what the screen costs beyond the picture race of bench_pictures.sh: words, a console with nothing to do, many tiles, many
# cameras, slow lines.  The real console on a terminal of ours with live cameras.  Prints figures with the goals beside them, asserts nothing.
#	bench_console.sh [SECTION...]	words idle crowd line; BENCH_CLIPS=DIR keeps the clips, BENCH_SECONDS=N measures longer
# shellcheck source=tests/bench/bench.inc
. "${SOURCE_DIR:-.}/tests/bench/bench.inc"
[ $# -gt 0 ] || set -- words idle crowd line
seconds=${BENCH_SECONDS:-10}
sheet="-r 55 -c 184 -w 10 -h 20"

words() {
	echo "Words: the sheet of 16 rolling cameras drawn 10 times a second (bytes, CPU a refresh): goal 700 bytes, 200 us"
	"$build/bench_redraw" 16 50 200 | sed 's/^/  /'
	nodes=
	start_nodes 16
	on_terminal "-r 50 -c 200 -u 8 -t $seconds" --graphics none || return
	echo "  16 live nodes, nothing rolls: $(value refreshes) refreshes a second of $(value bytes_a_refresh) bytes, $(value cpu_us_a_refresh) us each in all," \
		"$(value cpu_percent) % of a core"
	# Ctrl-R Ctrl-R: all of them roll, their levels move.
	on_terminal "-r 50 -c 200 -u 8 -t $seconds -K $(printf '\022\022')" --graphics none || return
	echo "  the same, rolling: $(value refreshes) refreshes a second of $(value bytes_a_refresh) bytes, $(value cpu_us_a_refresh) us each in all," \
		"$(value cpu_percent) % of a core"
	stop_servers
}

idle() {
	echo "Nothing changing: goal 0 bytes, and no wake-ups but one a second for each node"
	nodes=
	on_terminal "-r 50 -c 200 -u 8 -t $seconds" --graphics none && tell_idle "no node"
	start_nodes 4
	on_terminal "-r 50 -c 200 -u 12 -t $seconds" --graphics none && tell_idle "4 nodes, no pictures"
	stop_servers
	start_nodes 16
	on_terminal "-r 50 -c 200 -u 12 -t $seconds" --graphics none && tell_idle "16 nodes, no pictures (goal 0.17 %)"
	stop_servers
	sh "$source/tests/bench/bench_clips.sh" "$clips" stage || return
	nodes=
	start_cameras -n 16 -s -f 10 "$clips/stage.mjpeg"
	on_terminal "$sheet -u 8 -t $seconds" && tell_idle "16 cameras at 10 a second, byte for byte the same picture (goal 1 %)"
	stop_servers
	start_cameras -n 16 -s -f 30 "$clips/stage.mjpeg"
	on_terminal "$sheet -u 8 -t $seconds" && tell_idle "the same at 30 a second"
	stop_servers
}

tell_idle() {
	echo "  $1: $(value text_bytes) bytes of words, $(value picture_bytes) of pictures in $(value seconds) s," \
		"$(value wakes_per_s) wake-ups a second, $(value cpu_percent) % of a core"
}

crowd() {
	sh "$source/tests/bench/bench_clips.sh" "$clips" stage head || return
	for clip in head stage; do
		nodes=
		start_cameras -n 25 -f 10 "$clips/$clip.mjpeg"
		start_nodes 39
		# 5 x 5 tiles whose pictures are 32 x 9 cells.
		on_terminal "-r 78 -c 230 -w 10 -h 20 -u 8 -t $seconds" &&
			echo "25 tiles of 25 cameras at 10 a second, $clip, 64 known: $(value cpu_percent) % of a core (goal 35), $(value rate) pictures a second," \
				"$(value mbit_per_s) Mbit/s, room of $(value place) px"
		stop_servers
	done
	nodes=
	start_cameras -n 64 -f 10 "$clips/stage.mjpeg"
	# What is not on the page is not decoded: what all 64 would take follows from the page's own cost.
	on_terminal "-r 78 -c 230 -w 10 -h 20 -u 8 -t $seconds" &&
		echo "64 cameras at 10 a second, a page of 25 seen: $(value cpu_percent) % of a core, $(value rate) pictures a second;" \
			"all 64 seen would take $(awk -v c="$(value cpu_per_1000)" 'BEGIN { printf "%.0f", c * 64 }') % (goal 100)"
	stop_servers
}

line() {
	sh "$source/tests/bench/bench_clips.sh" "$clips" head+code || return
	nodes=
	start_cameras -n 16 "$clips/head+code.mjpeg"
	echo "Slow lines, 80 ms there and back, 16 live cameras (head): key to effect, program's pictures a second, output queued"
	for bits in 64000 1000000 5000000 20000000; do
		case $bits in
		64000) goal="p99 500 ms" long=3 ;;
		1000000) goal="p99 250 ms, program 4 a second, queue 100 ms" long=2 ;;
		5000000) goal="all at 10 (stretch of bytes)" long=1 ;;
		*) goal="all tiles at 10 a second" long=1 ;;
		esac
		on_terminal "$sheet -u 12 -t $((seconds * long)) -b $bits -d 40 -k -x -K 1_" || continue
		echo "  $bits bit/s: key p50 $(value p50_ms) p99 $(value p99_ms) ms of $(value keys) ($(value lost) lost); program $(value program_fps)," \
			"least $(value least_fps), mean $(value mean_fps) a second; queued p99 $(grep '^queue' "$dir/report" | cut -d ' ' -f 5)" \
			"worst $(grep '^queue' "$dir/report" | cut -d ' ' -f 7) ms; $(value mbit_per_s) Mbit/s; goal: $goal"
	done
	stop_servers
}

for section in "$@"; do
	$section
	echo
done
