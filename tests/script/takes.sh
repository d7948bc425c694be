#!/bin/sh
# takes.sh - takes after they were rolled: marks, a player, the receipt, the day's report; numbers that never repeat (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq
srcdir=$SOURCE_DIR
export srcdir			# where schema_check finds the schemas
unset DISPLAY WAYLAND_DISPLAY SSH_CONNECTION SSH_TTY SSH_CLIENT

start_fleet cams 2 --name cam --size 160x90 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

# show SHEET [OPTIONS...]: the sheet, played on the show.
show() {
	sheet=$1
	shift
	# shellcheck disable=SC2086
	ld run --sphere show --no-bonjour "$@" $NODES "$sheet"
}
# take FILTER: of take.json of take N.
take() {
	jq -e "$2" "show/takes/$1/take.json" >/dev/null || { cat "show/takes/$1/take.json"; return 1; }
}
# A whole take: rolled, stopped, brought home.
cat >take.cue <<'END'
wait nodes 2 within 60s
must record start ep12
after 400ms   record stop
wait take verified all within 120s
END
cat >first.cue <<'END'
wait nodes 2 within 60s
label "cam 1" "left guest"
must record start ep12
after 200ms   tag "<b>laugh"
after 300ms   record stop
wait take verified all within 120s
take mark good "the one"
take play 1 "left guest"
try take play 1 2
wrap
with          wrap
END

show first.cue
check "the show ends well" status_is 0
check "the mark is told once it is on disk" out_has '^say [0-9]* "take 001: good, the one"$'
check "and stands in the journal" same "$(jq -c 'select(.type == "mark") | [.take, .verdict, .text]' show/sidecars/markers.jsonl)" \
	'["001","good","the one"]'
check "without a screen play says where the file is" \
	out_has "^say [0-9]* \"$WORK/show/takes/001/001-cam1-left-guest.mp4 (without a graphical screen no window is opened)\"\$"
check "wrap says what it wrote" out_has '^say [0-9]* "exports/report.html and exports/report.csv: 2 files, 2 verified"$'
check "and that nothing is missing" out_lacks 'missing:'
check "two at once are made one after the other" same "$(grep -c '^say [0-9]* "exports/report.html' "$WORK/out") $(ls show/exports | tr '\n' ' ')" \
	'2 report.csv report.html '
check "the receipt is given at the end" \
	err_has '^livedirector: take 001: 2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified → takes/001$'
check "the report names the show's file" grep -q '001-cam1-left-guest.mp4' show/exports/report.html
check "its texts are text" grep -q '&lt;b&gt;laugh' show/exports/report.html
check "each hash is the take's" same "$(tr -d '\r' <show/exports/report.csv | sed -n '2,$s/.*,//p' | sort)" \
	"$(jq -r '.devices[].parts[].recording.sha256' show/takes/001/take.json | sort)"
check "a row a file, and the head" same "$(wc -l <show/exports/report.csv)" 3

# ---- A player ----

cat >player <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$(dirname "$0")/played"
END
chmod +x player
cat >play.cue <<'END'
take play 001 "left guest"
END
DISPLAY=:99 show play.cue --set "player=$WORK/player --fast"
check "with a screen it is opened" status_is 0
check "which is said" out_has "^say [0-9]* \"plays $WORK/show/takes/001/001-cam1-left-guest.mp4\"\$"
check "with the setting's words and the file" same "$(cat played)" "--fast
$WORK/show/takes/001/001-cam1-left-guest.mp4"
DISPLAY=:99 show play.cue --set player=no-such-player
check "a player that is not there is an error" status_is 1
check "that says what to do" out_has '^end [0-9]* error .*no-such-player cannot be started.*set player'
check "and where the file is" out_has "^say [0-9]* \"the file is $WORK/show/takes/001/"
DISPLAY=:99 SSH_CONNECTION='10.0.0.1 1 10.0.0.2 22' show play.cue --set "player=$WORK/player"
check "over SSH nothing is opened" out_has '^say [0-9]* ".*/001-cam1-left-guest.mp4 (over SSH no window is opened)"$'

# ---- One command at a time, with no camera ----

ld do --no-bonjour --sphere show take mark 1 ng out of focus
check "a take is marked without cameras" status_is 0
ld do --no-bonjour --sphere show take mark 9 good
check "one that is not there is refused" out_has '^end 1 error [0-9.]*ms "no take 009 in this Sphere'
ld do --no-bonjour --sphere show take mark great
check "a word that is no mark is a usage error" status_is 2
ld do --no-bonjour --sphere show take play 1 2
check "play says the path" out_has "$WORK/show/takes/001/001-cam2-"
rm show/exports/report.*
ld do --no-bonjour --sphere show wrap
check "the report is made without cameras" status_is 0
check "the newest mark is in it" grep -q ',ng,out of focus,' show/exports/report.csv

# ---- What is missing ----

# shellcheck disable=SC2086
ld run --sphere away --no-bonjour --set auto-fetch=off $NODES - <<'END'
wait nodes 2 within 60s
must record start
after 300ms   record stop
wait take saved all within 120s
wrap
END
check "a day whose files are not home is wrapped, too" status_is 0
check "what is missing is named" out_has '^say [0-9]* "2 missing: take 001 cam 1: still on the camera; take 001 cam 2: still on the camera"$'
check "in the receipt, too" \
	err_has '^livedirector: take 001: 2 asked, 2 recorded, 2 saved, 0 fetched, 0 verified; missing: cam 1 (still on the camera), '
check "and how they come home" err_has '^livedirector: take 001: the files of 2 cameras are on the cameras only: livedirector fetch away$'
# shellcheck disable=SC2086
ld fetch --no-bonjour $NODES away
check "they do" status_is 0
check "and the receipt is the last line" same "$(tail -n 1 "$WORK/out")" \
	'take 001: 2 asked, 2 recorded, 2 saved, 2 fetched, 2 verified → takes/001'
# shellcheck disable=SC2086
ld fetch --no-bonjour --json $NODES away
check "as JSON, too" same "$(jq -r 'select(.record == "receipt") | .take + " " + .text[:17]' "$WORK/out")" '001 take 001: 2 asked'

# ---- Released at the end of the day ----

# shellcheck disable=SC2086
ld run --sphere away --no-bonjour $NODES - <<'END'
wait nodes 2 within 60s
claim
wrap --release
wrap --release
must record start
wrap --release
finally record stop
END
check "release frees what was claimed, and says so" \
	out_has '^say 3 "exports/report.html and exports/report.csv: 2 files, 2 verified; 2 of 2 cameras released"$'
check "camera by camera" out_has '^end 3 ok 2/2 '
check "what nobody claimed needs no release" out_has '^say 4 ".*; no camera was claimed, none to release"$'
check "nothing is released while a take rolls" out_has '^end 6 error .*"take 002 rolls: `record stop` first; --force releases'

# ---- Numbers and slates ----

rm -r show/takes/001
show take.cue
check "a deleted folder gives its number to nobody" take 002 '.take == "002" and .slateTake == 2'
mv show/takes/002 show/takes/002-keep
rm show/sphere.json
show take.cue
check "nor does a renamed one, with the manifest gone" take 003 '.take == "003" and .slateTake == 3'
check "the report names those whose proof is gone" sh -c "$LIVEDIRECTOR do --no-bonjour --sphere show wrap | grep -q '2 missing: take 001: its proof takes/001/take.json is not there.*take 002: '"
check "every line is as the schemas say" "$BUILD_DIR/schema_check" show

# ---- An older copy of the folder: the cameras know of a take that it does not ----

cp -a show older
show take.cue
rm -r show
mv older show
cat >meet.cue <<'END'
wait nodes 2 within 60s
wait event verified within 80s
END
show meet.cue
check "what the cameras still have is taken in" until_true 1 test -f show/takes/004/take.json
# shellcheck disable=SC2086
ld fetch --no-bonjour $NODES show
check "and comes home" take 004 '.counts.verified == 2 and .slate == null and .startedUs == null'
show take.cue
check "and its number is not given again" take 005 '.take == "005"'
check "as the schemas say" "$BUILD_DIR/schema_check" show
ld verify --json show
check "verify has nothing against it" same "$(jq -c '[.problems[] | select(.where | test("004|005")) | .what]' "$WORK/out")" '[]'
finish
