#!/bin/sh
# tour-cast.sh - records the tour as an asciicast, version 2: JSON Lines that asciinema and its web player show.
#
#     SOURCE_DIR=.. BUILD_DIR=. sh ../tests/support/tour-cast.sh ../doc/tour.cast
#
# Takes as long as the tour, three minutes.  Needs tmux (a terminal of that size) and script (util-linux: bytes and their times).
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${BUILD_DIR:=$SOURCE_DIR/build}"
: "${LIVEDIRECTOR:=$BUILD_DIR/livedirector}"
out=${1:?where to}
cols=100 rows=30
work=$(mktemp -d "${TMPDIR:-/tmp}/tour-cast.XXXXXX")
trap 'tmux -S "$work/tmux" kill-server 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/config/livedirector"
printf 'sweep off\nprobe off\ntailscale off\nlink off\n' >"$work/config/livedirector/livedirector.conf"

cat >"$work/tour.sh" <<END
export LC_ALL=${LC_ALL:-C.UTF-8} TERM=xterm-256color HOME='$work' XDG_STATE_HOME='$work' XDG_CONFIG_HOME='$work/config' XDG_RUNTIME_DIR='$work'
export LIVEDIRECTOR_TOUR='$SOURCE_DIR/examples/tour.cue' LIVEDIRECTOR_THEMES='$SOURCE_DIR/themes' USER=anna
exec script -q -f -O '$work/raw' -T '$work/times' -m classic -c "'$LIVEDIRECTOR' rehearse --tour --no-bonjour --graphics ${GRAPHICS:-none}"
END
tmux -S "$work/tmux" -f /dev/null new-session -d -x $cols -y $rows "sh '$work/tour.sh'" || exit 1
over() { tmux -S "$work/tmux" capture-pane -p 2>/dev/null | grep -q 'CUE tour.cue OVER'; }
patience=300
until over || [ $patience -eq 0 ]; do
	sleep 1
	patience=$((patience - 1))
done
sleep 3
tmux -S "$work/tmux" kill-server
[ $patience -gt 0 ] || { echo "the tour did not end" >&2; exit 1; }

# script's first line is its own.  A piece that ends within a character waits for the rest of it.
{
	printf '{"version":2,"width":%d,"height":%d,"title":"Live Director: the tour","env":{"TERM":"xterm-256color"}}\n' $cols $rows
	tail -n +2 "$work/raw" | od -An -v -t u1 -w1 | LC_ALL=C awk -v times="$work/times" '
	function put(b) {
		if (b == 34 || b == 92) line = line sprintf("\\%c", b)
		else if (b < 32 || b == 127) line = line sprintf("\\u%04x", b)
		else line = line sprintf("%c", b)
		if (b >= 240) due = 3; else if (b >= 224) due = 2; else if (b >= 192) due = 1
		else if (b >= 128 && due > 0) due--
	}
	BEGIN {
		while ((getline piece < times) > 0) {
			split(piece, p, " ")
			now += p[1]
			for (left += p[2]; left > 0 && (getline byte) > 0; left--)
				put(byte + 0)
			if (line == "" || due > 0)
				continue
			printf "[%.6f,\"o\",\"%s\"]\n", now, line
			line = ""
		}
	}'
} >"$out"
echo "$out: $(wc -c <"$out") bytes, $(wc -l <"$out") lines"
