#!/bin/sh
# bench_clips.sh - makes the clips of the picture benches in a folder: 120 frames of 1280x720 4:2:0 baseline motion JPEG, 30 a second.
#	bench_clips.sh DIR [NAME...]
# test = hard edges and noise; mandel = every pixel changes; stage = fixed camera, sensor noise, one subject moving through; head = a face
# before a soft background; pan = a camera that turns; snow = nothing but noise; left = stage, its subject gone at half time (trails).
# NAME+code carries each frame's number in its corner (bench_tiles.c reads it).
set -eu
dir=$1
shift
[ $# -gt 0 ] || set -- test mandel stage head pan snow left
command -v ffmpeg >/dev/null || { echo "bench_clips.sh: ffmpeg is not installed; skipped"; exit 77; }

# Ten squares of 40 pixels: white, black, the number's bits from the lowest, their parity.
code() {
	printf 'drawbox=x=0:y=0:w=400:h=40:color=black:t=fill,drawbox=x=0:y=0:w=40:h=40:color=white:t=fill'
	parity=0
	for bit in 0 1 2 3 4 5 6; do
		odd="mod(floor(n/pow(2\\,$bit))\\,2)"
		parity="$parity+$odd"
		printf ",drawbox=x=%d:y=0:w=40:h=40:color=white:t=fill:enable='%s'" $((80 + bit * 40)) "$odd"
	done
	printf ",drawbox=x=360:y=0:w=40:h=40:color=white:t=fill:enable='mod(%s\\,2)'" "$parity"
}

still() {	# NAME FRAME OF THE MANDELBROT
	[ -s "$dir/$1.png" ] || ffmpeg -nostdin -loglevel error -y -f lavfi -i \
		'mandelbrot=s=1280x720:rate=30:start_scale=0.3:end_scale=0.02:end_pts=400' -vf "select=eq(n\\,$2)" -frames:v 1 "$dir/$1.png"
}

back() { printf "movie='%s',loop=loop=-1:size=1,fps=30" "$dir/$1.png"; }

graph() {
	case $1 in
	test) echo 'testsrc2=s=1280x720:r=30,noise=alls=18:allf=t+u' ;;
	mandel) echo 'mandelbrot=s=1280x720:rate=30:start_scale=0.3:end_scale=0.02:end_pts=400,noise=alls=12:allf=t+u' ;;
	stage) echo "$(back still60),gblur=0.7,eq=brightness=-0.05:saturation=0.7[back];testsrc2=s=180x300:r=30[box];\
[back][box]overlay=x='200+n*5':y=260,noise=alls=7:allf=t" ;;
	left) echo "$(back still60),gblur=0.7,eq=brightness=-0.05:saturation=0.7[back];testsrc2=s=180x300:r=30[box];\
[back][box]overlay=x='300+n*20':y=260,noise=alls=7:allf=t" ;;
	head) echo "$(back still30),gblur=6,eq=saturation=0.6[back];\
$(back still60),crop=300:420:500:150,gblur=1.5,eq=brightness=0.1:saturation=0.5,format=yuva420p,\
geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*lt(pow((X-150)/150,2)+pow((Y-210)/210,2),1)'[face];\
[back][face]overlay=x='490+24*sin(n/11)':y='190+10*sin(n/7)',drawbox=x=600:y=480:w=80:h=24:color=0x401818:t=fill:enable='mod(floor(n/4)\\,2)',noise=alls=7:allf=t" ;;
	pan) echo "$(back still60),scale=1920:1080,gblur=1,crop=1280:720:'n*5':180,noise=alls=7:allf=t" ;;
	snow) echo 'color=gray:s=1280x720:r=30,noise=alls=40:allf=t+u' ;;
	*) echo "bench_clips.sh: no clip \"$1\"" >&2; exit 2 ;;
	esac
}

quality() {
	case $1 in
	test) echo 6 ;;
	mandel) echo 5 ;;
	snow) echo 12 ;;
	*) echo 7 ;;
	esac
}

still still60 60
still still30 30
for name in "$@"; do
	kind=${name%+code}
	marks=
	[ "$kind" = "$name" ] || marks=",$(code)"
	[ -s "$dir/$name.mjpeg" ] || ffmpeg -nostdin -loglevel error -y -f lavfi -i "$(graph "$kind")$marks,format=yuvj420p" -frames:v 120 \
		-c:v mjpeg -huffman default -q:v "$(quality "$kind")" -f mjpeg "$dir/$name.mjpeg"
done
