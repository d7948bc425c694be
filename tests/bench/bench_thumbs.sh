#!/bin/sh
# bench_thumbs.sh - makes the frames (ffmpeg) and runs bench_thumbs on them: CPU per 1000 thumbnails beside chafa.
#	bench_thumbs.sh [BENCH_THUMBS [ROUNDS]]
# "stage" is the real case (fixed camera, sensor noise, one moving subject); in "mandel" every pixel changes.
set -eu
bench=${1:-./bench_thumbs} rounds=${2:-5}
for tool in ffmpeg chafa; do
	command -v "$tool" >/dev/null || { echo "bench_thumbs.sh: $tool is not installed; skipped"; exit 77; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

frames() {	# NAME QUALITY LAVFI [MORE FFMPEG ARGUMENTS]
	name=$1 quality=$2 graph=$3
	shift 3
	mkdir "$dir/$name"
	ffmpeg -nostdin -loglevel error "$@" -f lavfi -i "$graph" -frames:v 120 -c:v mjpeg -huffman default \
		-q:v "$quality" "$dir/$name/%03d.jpg"
}

frames test 6 'testsrc2=s=1280x720:r=30,noise=alls=18:allf=t+u,format=yuvj420p'
frames mandel 5 'mandelbrot=s=1280x720:rate=30:start_scale=0.3:end_scale=0.02:end_pts=400,noise=alls=12:allf=t+u,format=yuvj420p'
frames stage 7 "movie='$dir/mandel/060.jpg',loop=loop=-1:size=1,fps=30,gblur=0.7,eq=brightness=-0.05:saturation=0.7[back];\
testsrc2=s=180x300:r=30[box];[back][box]overlay=x='200+n*5':y=260,noise=alls=7:allf=t,format=yuvj420p"

echo "CPU seconds per 1000 pictures, JPEG 1280x720 -> 320x180, $rounds rounds in turn, medians (ratio: decode + sixel / chafa)"
for name in test mandel stage; do
	"$bench" "$rounds" "$name" "$dir/$name"/*.jpg
done
