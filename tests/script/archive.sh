#!/bin/sh
# archive.sh - where the rushes go: a folder elsewhere that comes and goes, another Sphere's, object storage over a kill (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq sha256sum
srcdir=$SOURCE_DIR
export srcdir			# where schema_check finds the schemas

start_fleet cams 2 --name cam --size 160x90 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
NAS=$WORK/nas
mkdir "$NAS"
# shellcheck disable=SC2086
run() { ld run --no-bonjour "$@" $NODES show.cue; }
# shellcheck disable=SC2086
fetch() { ld fetch --no-bonjour $NODES "$@"; }
proof() { jq -e "$2" "show/takes/$1/take.json" >/dev/null || { cat "show/takes/$1/take.json"; return 1; }; }
take_then() {
	printf '%s\n' 'wait nodes 2 within 15s' 'must record start ep12' 'after 500ms record stop' "$@" >show.cue
}

# ---- A folder elsewhere ----
take_then 'wait take verified all within 30s' fetch
sed -i "1a archive\\narchive $NAS" show.cue
run --sphere show
check "a show whose archive is a folder elsewhere" status_is 0
check "said where files went, and how much room is there" out_has '^say .*files go to takes, [0-9.]* GB free'
check "and where they go" out_has "^say .*files go to $NAS/show, [0-9.]* GB free"
check "sphere.json keeps it" same "$(jq -r .archiveTarget show/sphere.json)" "$NAS"
check "the files are there" same "$(cd "$NAS/show/001" && echo *)" '001-cam1-cam-1.mp4 001-cam2-cam-2.mp4'
check "and nowhere else" same "$(cd show/takes/001 && echo *)" take.json
check "the proof says so" proof 001 '.archive == "'"$NAS/show/001"'" and .counts.verified == 2'
ld verify show
check "and verify finds them whole there" status_is 0

mv "$NAS" "$NAS.away"
mkdir "$NAS"				# where it is mounted is still there
take_then 'wait take saved all within 30s' 'try wait take fetched 1 within 1s'
run --sphere show
check "a take is rolled though its disk is not mounted" proof 002 '.counts.saved == 2 and .counts.fetched == 0'
check "nothing is written where the disk should be" same "$(ls -A "$NAS")" ''
fetch show
check "fetch without it ends partial" status_is 1
check "and says why" out_has "the archive $NAS/show is not there (is its disk mounted?)"
rmdir "$NAS"
mv "$NAS.away" "$NAS"
fetch show
check "with the disk back they come home" status_is 0
check "where they belong" proof 002 '.archive == "'"$NAS/show/002"'" and .counts.verified == 2'

# ---- A disk that is full, and has room again (64 MiB of it stay free) ----
mkdir small
if mount -t tmpfs -o size=70m tmpfs small 2>/dev/null; then
	at_end() { umount "$WORK/small"; }
	take_then 'wait take saved all within 30s'
	run --sphere full --archive "$WORK/small" --set auto-fetch=off
	head -c 8000000 /dev/zero >small/fill
	# shellcheck disable=SC2086
	"$LIVEDIRECTOR" fetch --no-bonjour $NODES full >out 2>err &
	FETCH=$!
	TAP_PIDS="$TAP_PIDS $FETCH"
	check "a full archive is waited for, and told" until_true 20 grep -q 'bringing files home waits: no room for .*small/full/001' err
	rm small/fill
	check "with room again it goes on by itself" until_true 20 grep -q 'there is room again' err
	wait "$FETCH"
	check "to its end" same "$? $(jq .counts.verified full/takes/001/take.json)" '0 2'
	check "with its receipt" grep -q "take 001: .*2 verified .* $WORK/small/full/001" err
fi

mkdir -p other
printf 'archive %s\n' "$NAS" >show.cue
run --sphere other/show
check "another Sphere of that name is refused" status_is 1
check "with the reason" out_has 'keeps the files of another Sphere'
printf 'archive nas\n' >show.cue
run --sphere other/show
check "a path that is not whole is a mistake in the sheet" status_is 2
check "that says what is expected" err_has 'show.cue:1:9: "nas" is no archive: expected takes, a folder with its whole path, or s3://'
fetch --archive "$WORK/no/such/place" show
check "fetch into what cannot be is no fetch" status_is 4
check "and says why" err_has 'cannot make the archive .*/no/such/place: No such file'
check "the Sphere keeps its archive" same "$(jq -r .archiveTarget show/sphere.json)" "$NAS"

(flock 9 && echo 12345 >&9 && exec sleep 60) 9>>show/sphere.json.lock &
OWNER=$!
TAP_PIDS="$TAP_PIDS $OWNER"
until_true 5 sh -c '! flock -n show/sphere.json.lock true'
fetch show
check "fetch while another console owns the folder is refused" status_is 4
check "with a sentence" err_has 'show is run by another console (process [0-9]*); quit that one'
end_and_wait "$OWNER"

# ---- Object storage ----
mkfifo to_s3
"$BUILD_DIR/s3_serve" <to_s3 >from_s3 &
TAP_PIDS="$TAP_PIDS $!"
exec 8>to_s3
until_true 10 grep -q port from_s3
S3="s3://show/rushes?endpoint=http://127.0.0.1:$(jq .port from_s3)&region=eu-test-1&part=5"
# s3 STEP: its answer.
s3() {
	s3_lines=$(wc -l <from_s3)
	echo "$1" >&8
	until_true 5 sh -c "[ \$(wc -l <from_s3) -gt $s3_lines ]"
	tail -n 1 from_s3
}
fetch --archive "$S3" show
check "without keys there is no object storage" status_is 4
check "which says what to set" err_has 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set'
printf 'aws_access_key_id = AKID:EXAMPLE\naws_secret_access_key = wrong\n' >"$WORK/config/livedirector/s3-keys"
chmod 600 "$WORK/config/livedirector/s3-keys"
fetch --archive "$S3" show
check "wrong keys are refused at once" status_is 4
check "in the server's words" err_has 'SignatureDoesNotMatch'
sed -i 's#wrong#wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY#' "$WORK/config/livedirector/s3-keys"

take_then 'wait take saved all within 30s'
run --sphere show --archive "$S3" --set auto-fetch=off
check "a take is rolled for object storage" status_is 0
check "sphere.json holds no secret" sh -c '! grep -rq "wJalr\|AKID" show'

# The first camera's file grows to three parts: its node is ended, and says the new truth when it is back.
end_and_wait "$FLEET_PID"
json=$(grep -l '"take": "003"' cams/1/rec-*.json)
head -c 12000000 /dev/urandom >>"${json%.json}.mp4"
sum=$(sha256sum <"${json%.json}.mp4" | cut -d' ' -f1)
jq --arg sum "$sum" --argjson bytes "$(stat -c %s "${json%.json}.mp4")" '.sha256 = $sum | .bytes = $bytes' "$json" >t && mv t "$json"
start_fleet cams 2 --name cam --size 160x90 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

check "the server holds the second part back" same "$(s3 'stall 2')" ok
# shellcheck disable=SC2086
"$LIVEDIRECTOR" fetch --no-bonjour $NODES show >out 2>err &
FETCH=$!
TAP_PIDS="$TAP_PIDS $FETCH"
one_part_is_up() { s3 seen | grep -q '^parts [1-9]' && ls show/takes/003/*.upload.state && jq -e '.counts.verified == 2' show/takes/003/take.json; }
check "one part is up, the files are home" until_true 30 one_part_is_up
kill -KILL "$FETCH"
wait "$FETCH" 2>/dev/null
check "then all is killed; the proof names no copy" proof 003 '.archive == "takes/003" and all(.devices[].parts[]; .archived == null or .file != "003-cam1-cam-1.mp4")'
s3 'stall 0' >/dev/null
fetch show
check "the next fetch carries on" status_is 0
check "no part went up twice but the one that was held back" same "$(s3 seen | sed 's/ puts.*//')" 'parts 4'
check "what is there is the camera's file" same "$(s3 'has rushes/show/003/003-cam1-cam-1.mp4')" "$sum $(stat -c %s show/takes/003/003-cam1-cam-1.mp4)"
check "the proof names the copies and what proves them" proof 003 '.archive == "s3://show/rushes/show/003"
	and all(.devices[].parts[]; .archived.where == "s3://show/rushes/show/003" and (.archived.proof | test("read back")))'
check "nothing is left beside the files" same "$(cd show/takes/003 && echo *)" '003-cam1-cam-1.mp4 003-cam2-cam-2.mp4 take.json'
check "every file is as the schemas say" "$BUILD_DIR/schema_check" show
check "takes on the other disk stay there" proof 002 '.archive == "'"$NAS/show/002"'"'
ld verify show
check "and the receipt is whole" status_is 0
finish
