#!/bin/sh
# folder-full.sh - the disk of the Sphere folder gets full in the middle of a take: the cameras are commanded all the
# same, what is not on disk is never told as being there, and once there is room the files catch up (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/support/screen.sh"
need_tools tmux jq mount
[ -n "$SCREEN_LOCALE" ] || skip_all "no UTF-8 locale here"

mkdir "$WORK/small"
mount -t tmpfs -o size=800k tmpfs "$WORK/small" 2>/dev/null || skip_all "cannot mount a small file system here"
SHOW=$WORK/small/show
at_end() {
	[ -s "$SHOW/sphere.json.lock" ] && kill "$(cat "$SHOW/sphere.json.lock")" 2>/dev/null
	tm kill-server 2>/dev/null
	until_true 5 umount "$WORK/small"
}

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
open_console 132 43 --sphere "$SHOW" --set cut-guard=0s "$(node_options cams)"
check "two cameras are there" sees 20 'cam 2'
command_line 'record start'
check "a take rolls" sees 15 'rolling 2 of 2'

# fill: to the last byte, also what is left in the journals' own pages.
cat /dev/zero >"$WORK/small/fill" 2>/dev/null
# "cut 1 cam 1 > 2 cam 2  by": where it went stands last.
cut_is_told() { shows "LAST.*\(cut\|>\) $((TRIES % 2 + 1)) cam [12]  *by .*2/2" || shows 'cut was made, but its line is not on disk'; }
cut_fails() {
	command_line "cut $((TRIES % 2 + 1))"
	until_true 3 cut_is_told
	TRIES=$((TRIES + 1))
	shows 'cut was made, but its line is not on disk'
}
TRIES=0
until cut_fails || [ $TRIES -gt 30 ]; do :; done
check "a cut that is not on disk is made, and told as not being there" sees 2 'the cut was made, but its line is not on disk: cuts.jsonl'
check "the cameras follow" sees 2 "PGM $(((TRIES - 1) % 2 + 1)) cam"
command_line 'record stop'
is_idle() { for i in 1 2; do shows 'REC 00:' && return 1; done; shows 'last take 001'; }
check "the take stops all the same" until_true 10 is_idle
check "its proof is behind" jq -e '.counts.saved == 0' "$SHOW/takes/001/take.json"

rm "$WORK/small/fill"
saved() { jq -e '.counts.saved == 2' "$SHOW/takes/001/take.json"; }
check "with room again, the proof catches up by itself" until_true 10 saved
command_line 'cut 1 --force'
check "cuts are on disk again" sees 5 'LAST.*cut 1.*on disk'
whole() {
	for journal in "$SHOW"/sidecars/*.jsonl; do
		jq -e -s 'map(.seq) == [range(1; length + 1)]' "$journal" >/dev/null || { echo "$journal has a hole"; return 1; }
	done
}
check "no journal has a hole" whole
check "the stop is in the journal" jq -e -s 'any(.[]; .type == "command" and .text == "record stop")' "$SHOW/sidecars/commands.jsonl"
command_line 'quit --force'
check "and quit quits" until_true 10 grep -qx 0 "$WORK/console.status"
finish
