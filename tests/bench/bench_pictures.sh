#!/bin/sh
# bench_pictures.sh - the contact sheet beside other tools: 16 live cameras of 1280x720 at 30 a second, tiles of 320x180 at 10 a second, the
# whole console with its sockets; chafa, img2sixel, timg and mpv on the same frames; the limit programs; rounds in turn, medians.  Then what the
# terminal shows, beside mpv's sixels without diffusion.  Prints figures with the goals beside them, asserts nothing.
#	bench_pictures.sh [ROUNDS [CLIP...]]	BENCH_CLIPS=DIR keeps the clips, BENCH_SECONDS=N measures longer
# shellcheck source=tests/bench/bench.inc
. "${SOURCE_DIR:-.}/tests/bench/bench.inc"
rounds=${1:-3}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- test mandel stage head pan snow
seconds=${BENCH_SECONDS:-5}
# 4 x 4 tiles whose pictures are 32 x 9 cells of 10 x 20 pixels.
screen="-r 55 -c 184 -w 10 -h 20"
mpv_sixel="mpv --really-quiet --no-config --no-audio --untimed --vo=sixel --vo-sixel-cols=40 --vo-sixel-rows=11 --vo-sixel-width=320
	--vo-sixel-height=198 --vo-sixel-pad-x=0 --vo-sixel-pad-y=0 --vf=fps=10 --demuxer-lavf-o=framerate=30"
mpv_plain="--vo-sixel-fixedpalette=yes --vo-sixel-dither=none"

for tool in ffmpeg chafa img2sixel timg mpv; do
	command -v $tool >/dev/null || echo "bench-pictures: $tool is not installed: what is measured beside it is left out"
done
sh "$source/tests/bench/bench_clips.sh" "$clips" "$@" left || exit $?

# run TOOL PICTURES COMMAND...: its CPU per 1000 pictures and bytes a picture.
run() {
	run_tool=$1
	pictures=$2
	shift 2
	command -v "$1" >/dev/null || return 0
	result=$("$build/bench_pipe" "$@") || { echo "bench-pictures: $run_tool failed"; return 0; }
	# shellcheck disable=SC2086
	keep "$run_tool" $(echo "$result" | awk -v n="$pictures" '{ printf "%.4f %.0f", $1 * 1000 / n, $2 / n }')
}

run_ours() {	# TOOL BYTES CONSOLE OPTIONS...	BYTES: the report's word for them
	ours_tool=$1
	ours_bytes=$2
	shift 2
	start_cameras -n 16 "$clips/$clip.mjpeg"
	if on_terminal "$screen -u 4 -t $seconds" --set preview-fps=10 "$@"; then
		keep "$ours_tool" "$(value cpu_per_1000)" "$(value "$ours_bytes")"
		place=$(value place)
		keep "$ours_tool-rate" "$(value shown | awk -v s="$seconds" '{ print $1 / s / 16 }')" "$(value mbit_per_s)"
	fi
	stop_servers
}

one_round() {
	run_ours ours bytes_per_thumb
	run chafa 120 chafa -f sixels -s 40x11 "$dir/frames"/*.jpg
	for mode in decode q216 delta; do
		# shellcheck disable=SC2046
		keep limit-$mode $("$build/bench_limit" $mode 3 "$clips/$clip.mjpeg")
	done
	# shellcheck disable=SC2086
	run mpv 360 $mpv_sixel $mpv_plain --loop-file=8 "$clips/$clip.mjpeg"
	# shellcheck disable=SC2086
	run mpv-default 80 $mpv_sixel --loop-file=1 "$clips/$clip.mjpeg"
	run_ours ours-symbols words_per_thumb --graphics symbols
	run timg 120 timg -ph -g40x22 "$dir/frames"/*.jpg
	run img2sixel 24 img2sixel -w 320 "$dir/frames"/00*.jpg "$dir/frames"/01*.jpg
}

against() {	# LABEL OURS PEER COLUMN GOAL
	awk -v label="$1" -v a="$(of "$2" "$4")" -v b="$(of "$3" "$4")" -v goal="$5" 'BEGIN {
		if (a + 0 > 0 && b + 0 > 0) printf "  %-46s %6.3f  goal %s%s\n", label, a / b, goal, (a / b <= goal ? "" : "  NOT REACHED") }'
}

tell() {
	printf '\n%-8s %12s %12s\n' "$clip" 'cpu s/1000' 'B/thumb'
	for tool in ours ours-symbols limit-decode limit-q216 limit-delta chafa img2sixel timg mpv mpv-default; do
		[ -s "$dir/kept.$tool" ] && printf '  %-14s %8.3f %12s\n' $tool "$(of $tool 1)" "$(of $tool 2)"
	done
	awk -v rate="$(of ours-rate 1)" -v line="$(of ours-rate 2)" -v cpu="$(of ours 1)" 'BEGIN { if (cpu + 0 > 0)
		printf "  ours: %.1f a second each tile, %.2f Mbit/s; one core would carry %d cameras at 10 a second (goal 64)\n", rate, line, 100 / cpu }'
	echo "  (the tiles' room for a picture: ${place:-unknown} px)"
	against 'CPU ours / chafa, all files in one process' ours chafa 1 0.15
	against 'CPU ours / mpv sixel, 10 of 30 shown' ours mpv 1 0.14
	against 'CPU ours in symbols / timg -ph' ours-symbols timg 1 0.65
	against 'CPU ours / limit delta (stretch 0.8)' ours limit-delta 1 1.1
	case $clip in stage | head)
		against 'bytes ours / chafa' ours chafa 2 0.08
		against 'bytes ours / mpv default' ours mpv-default 2 0.05
		against 'bytes ours / limit delta' ours limit-delta 2 1.0
		awk -v rate="$(of ours-rate 2)" 'BEGIN { printf "  %-46s %6.2f  goal 5 (stretch 2)\n", "Mbit/s, 16 cameras", rate }'
		;;
	esac
}

echo "CPU seconds per 1000 pictures and bytes a picture, 1280x720 to 320x180; $rounds rounds in turn, medians; ours is the whole process, live sockets."
for clip in "$@"; do
	rm -rf "$dir"/kept.* "$dir/frames"
	mkdir "$dir/frames"
	ffmpeg -nostdin -loglevel error -i "$clips/$clip.mjpeg" -c copy "$dir/frames/%03d.jpg"
	for round in $(seq "$rounds"); do
		one_round
	done
	tell
done

echo
echo "What the terminal shows: SSIM of luma beside the scaled frame (mean, least), 40 pictures; goal: at most 0.02 below mpv without diffusion."
for clip in "$@"; do
	# shellcheck disable=SC2046
	set -- $("$build/bench_quality" ours "$clips/$clip.mjpeg")
	printf '  %-8s ours %s (least %s)' "$clip" "$2" "$3"
	ours=$2
	# shellcheck disable=SC2086
	if command -v mpv >/dev/null && "$build/bench_pipe" -o "$dir/mpv.six" $mpv_sixel $mpv_plain "$clips/$clip.mjpeg" >/dev/null; then
		# shellcheck disable=SC2046
		set -- $("$build/bench_quality" file "$dir/mpv.six" "$clips/$clip.mjpeg")
		echo "$2 $3 $ours" | awk '{ printf "   mpv %s (least %s)   %+.4f%s", $1, $2, $3 - $1, ($3 - $1 >= -0.02 ? "" : "  NOT REACHED") }'
	fi
	echo
done
# trail WAY: worst block, and SSIM, of the last picture of a scene whose subject has left.
trail() { "$build/bench_quality" "$1" "$clips/left.mjpeg" | awk '{ printf "%s (SSIM %s)", $5, $6 }'; }
echo "  trails, after the subject has left: worst 8x8 block's luma off by $(trail ours); where every picture is painted whole $(trail fresh);" \
	"where the first half had the fewest colours $(trail mixed)"
