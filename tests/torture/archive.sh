#!/bin/sh
# archive.sh - the archive's disk gets full in the middle of the way home, and is freed; goes away, and comes back; the Sphere's own
# disk is full; the console is killed while it waits for room.  It goes on by itself, and nothing false is told meanwhile (TAP).
. "${SOURCE_DIR:?}/tests/torture/torture.inc"
need_tools mount umount fallocate

mkdir "$WORK/nas"
at_end() { umount "$WORK/nas" 2>/dev/null; }
nas_on() { mount -t tmpfs -o size=72m tmpfs "$WORK/nas" 2>/dev/null; }
nas_on || skip_all "cannot mount a small file system here"
start_cam left
start_cam wide
meddle left wide

cat >shoot.cue <<'END'
wait nodes 2 within 15s
must record start ep12
after 4s record stop
wait take saved all within 30s
echo "saved"
wait take verified all within 120s
echo "home"
END
FOLDER=
free_kib() { df -k --output=avail "$1" | tail -n 1 | tr -d ' '; }
# leave KIB: of the room below what is kept for the journals.
leave() { fallocate -l "$(($(free_kib "$1") - 65536 - $2))k" "$1/filler"; }
waits_for_room() { grep -q 'disk full' "$WORK/take.log"; }
all_home() { receipt 001 '2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified'; }
# files_are_right: found by somebody else, where take.json says.
files_are_right() {
	FOLDER=$(home_of 001)
	for cam in left wide; do
		file=$(jq -r ".devices[] | select(.node == \"$(id_of $cam)\") | .parts[0].file" "$SHOW/takes/001/take.json")
		same "$(sha256sum <"$FOLDER/$file" | cut -d ' ' -f 1)" "$(at $cam /recordings | jq -r '.recordings[0].sha256')" || return 1
	done
}

# ---- The NAS is full, and is freed ----

new_show full
leave "$WORK/nas" 20
play_on shoot.cue --archive "$WORK/nas" --log take --log-file "$WORK/take.log"
check "full: both are saved" told 60 '^say .*"saved"'
check "full: fetching waits for room" until_true 20 waits_for_room
sleep 3
check "full: nothing is called home" receipt 001 '2 asked, 2 recorded, 2 saved, 0 fetched, 0 verified'
check "full: nobody failed" proof 001 '.counts.failed == 0'
check "full: the reserve is left alone" test "$(free_kib "$WORK/nas")" -ge 65000
rm "$WORK/nas/filler"
play_ends
cat "$WORK/out" "$WORK/err" >>"$WORK/why"
check "freed: it goes on by itself" status_is 0
check "freed: the receipt" all_home
check "freed: the files are where the proof says" files_are_right
check "freed: which is on the NAS" same "${FOLDER%%/full*}" "$WORK/nas"
check "freed: verify agrees" judged_whole

# ---- Full, and killed meanwhile ----

new_show killed
leave "$WORK/nas" 20
: >"$WORK/take.log"
play_on shoot.cue --archive "$WORK/nas" --log take --log-file "$WORK/take.log"
check "full again" until_true 60 waits_for_room
kill -9 "$PLAY_PID"
play_ends 2>/dev/null
# shellcheck disable=SC2086
"$LIVEDIRECTOR" fetch --no-bonjour $NODES --log take --log-file "$WORK/take2.log" "$SHOW" >"$WORK/out" 2>"$WORK/err" &
PLAY_PID=$!
TAP_PIDS="$TAP_PIDS $PLAY_PID"
check "killed while it waited: fetch waits, too" until_true 20 grep -q 'disk full' "$WORK/take2.log"
check "killed while it waited: nothing is called home" receipt 001 '2 asked, 2 recorded, 2 saved, 0 fetched, 0 verified'
rm "$WORK/nas/filler"
play_ends
check "killed while it waited: then it goes on" status_is 0
check "killed while it waited: the receipt" all_home
check "killed while it waited: the files are where the proof says" files_are_right
check "killed while it waited: verify agrees" judged_whole

# ---- The NAS goes away in the middle, and comes back ----

new_show away
tell rate '*' 40000
: >"$WORK/take.log"
play_on shoot.cue --archive "$WORK/nas" --log take --log-file "$WORK/take.log"
is_moving() { find "$WORK/nas" -name '*.part.state' | grep .; }
check "the files are on their way to it" until_true 60 is_moving
sleep 1
mkdir -p "$WORK/kept"
cp -a "$WORK/nas/." "$WORK/kept/"
umount -l "$WORK/nas"
sleep 5
tell rate '*' 0
# Mounted again: as it was when it went.
nas_on
cp -a "$WORK/kept/." "$WORK/nas/"
play_ends
cat "$WORK/out" "$WORK/err" >>"$WORK/why"
check "away and back: it goes on by itself" status_is 0
check "away and back: the receipt" all_home
check "away and back: nobody failed" proof 001 '.counts.failed == 0'
check "away and back: the files are where the proof says" files_are_right
check "away and back: which is on the NAS" same "${FOLDER%%/away*}" "$WORK/nas"
check "away and back: verify agrees" judged_whole

# ---- The Sphere's own disk ----

SHOW=$WORK/nas/own
leave "$WORK/nas" 60
: >"$WORK/take.log"
play_on shoot.cue --log take --log-file "$WORK/take.log"
check "its own disk: fetching waits for room" until_true 60 waits_for_room
check "its own disk: the journals are written all the same" journals_whole
check "its own disk: nobody failed" proof 001 '.counts.failed == 0'
rm "$WORK/nas/filler"
play_ends
check "its own disk: it goes on by itself" status_is 0
check "its own disk: the receipt" all_home
check "its own disk: verify and the cameras agree" whole_show
finish
