#!/bin/sh
# rehearse-live.sh - a rehearsal beside real cameras: faults at run time, takes and cuts that do not count, and the way out (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
. "${SOURCE_DIR:?}/tests/support/node.sh"
need_tools jq curl
status_is() {
	[ "$STATUS" -eq "$1" ] && return 0
	echo "exit status $STATUS, expected $1"
	tail -n 40 "$WORK/out" "$WORK/err"
	return 1
}

mkdir bin
cp "$LIVEDIRECTOR" bin/livedirector
cp "$MMCAMD" bin/mmcamd
LIVEDIRECTOR=$WORK/bin/livedirector
start_node real --size 160x90
ADDRESS=${NODE#http://}

cat >live.cue <<'END'
wait nodes 3 within 60s
label "Camera 1" left
label "Camera 2" right
label real phone
try fault phone late=1s
cut left
record start ep1
fault left heat-stop-after=0s
wait event stopped-unasked left within 40s
record stop
wait take saved 3 within 80s
tag "in the rehearsal"
expect take failed 1
try live --force
fault left off
cut phone
try live
record start ep1
try live --force
record stop
wait take saved 3 within 80s
live --force
expect nodes 1
try fault right late=1s
tag "in the show"
record start ep1
after 1s record stop
wait take verified all within 120s
cut black
wrap
END
ld rehearse -n 2 --with-cameras --no-bonjour --node "$ADDRESS" --cue live.cue show
check "a rehearsal beside a real camera plays its sheet" out_has '^[0-9]* passed, 0 failed$'
check "a real camera is never told a fault" out_has '^end [0-9]* error .*phone: this is no rehearsal camera'
check "a heat stop at run time is one" out_has '^event stopped-unasked left'
check "live is refused while a rehearsal camera is on program" out_has '^end [0-9]* error .*left is on program'
check "it asks" out_has '^end [0-9]* error .*LIVE from now on'
check "it is refused while a rehearsal rolls" out_has '^end [0-9]* error .*take R002 rolls'
check "and then it is the show" out_has 'say [0-9]* "LIVE'
check "where nothing goes wrong on purpose" out_has '^end [0-9]* error .*this is no rehearsal'
check "takes of the rehearsal are numbered apart" test -d show/takes/R001 -a -d show/takes/R002 -a -d show/takes/001 -a ! -d show/takes/002
check "and say so" same "$(jq -c '[.rehearsal,.slateTake]' show/takes/R002/take.json show/takes/001/take.json | tr '\n' ' ')" "[true,2] [false,1] "
check "the receipt of the rehearsal names who got too hot" err_has 'take R001: 3 asked.*failed: left (stopped by itself: heat'
check "the manifest knows the real camera alone" same "$(jq -r '[.devices[].label] | join(",")' show/sphere.json)" phone
check "cuts of the rehearsal are marked" same "$(jq -s '[.[] | select(.type == "cut") | .rehearsal] | @csv' show/sidecars/cuts.jsonl)" '"true,true,"'
check "notes as well" same "$(jq -s '[.[] | select(.type == "tag") | .rehearsal] | @csv' show/sidecars/markers.jsonl)" '"true,"'
check "the report is of the show" same "$(cut -d, -f1 show/exports/report.csv | sort -u | tr '\r\n' '  ' | tr -s ' ')" "001 take "
grep -q 'in the rehearsal' show/exports/report.html
check "without the notes of the rehearsal" test $? -eq 1
ld verify show
check "all of it is proven" status_is 0

# ---- the show itself, on the same folder ----
cat >next.cue <<'END'
wait nodes 1 within 40s
record start ep1
after 500ms record stop
wait take verified all within 120s
END
ld run --sphere show --no-bonjour next.cue
check "the show goes on in its folder" status_is 0
check "with the show's numbers" test -d show/takes/002
ld rehearse -n 1 --cue next.cue
check "rehearsal cameras alone are numbered as a show" out_has 'take 001'
echo live >live.cue
ld rehearse -n 1 --cue live.cue
check "and have no show to go to" out_has '^end 1 error .*only rehearsal cameras'
echo 'fault 1 bogus=1' >bad.cue
ld rehearse -n 1 --cue bad.cue
check "a wrong fault is found before anything starts" err_has '^bad.cue:1:9: unknown fault'
ld run --no-bonjour --dry-run live.cue
printf 'wait nodes 1 within 10s\nfault 1 late=1s\n' >run.cue
ld run --sphere show --no-bonjour run.cue
check "a show knows no faults" out_has '^end 2 error .*this is no rehearsal'
finish
