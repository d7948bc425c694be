#!/bin/sh
# node-events.sh - poses, gestures and levels of a node, as the event stream has them and as a show writes them down (TAP).
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq

# Both families of helpers have a status_is: of the console's exit status here.
status_is_of() {
	[ "$STATUS" -eq "$1" ] && return 0
	tail -n 40 "$WORK/out" "$WORK/err"
	return 1
}

# ---- a node that senses nothing ----
start_node plain
get /info
check "a node that was not asked to offers no poses" answers 200 '.pose == false'
check "and is not eligible" health '.poseEligible == false'
stop_node

# ---- from a file ----
cat >dance.jsonl <<'END'
{"atUs":0,"event":"pose","data":{"people":[{"confidence":0.93,"joints":[[0.5,0.25,1]]}],"motion":0.42}}
{"atUs":300000,"event":"gesture","data":{"name":"bow","confidence":0.75}}
{"atUs":600000,"event":"audio","data":{"peakDbfs":-1.5,"rmsDbfs":-14,"clips":3,"muted":false}}
END
start_node dancer --events file:dance.jsonl
get /info
check "a node that plays poses offers them" answers 200 '.pose and .mic'
listen dance
check "a pose comes as the file has it" shows dance pose '.people[0].joints == [[0.5,0.25,1]] and .motion == 0.42 and .timeUs > 0'
check "a gesture too" shows dance gesture '.name == "bow" and .confidence == 0.75'
check "and a level" shows dance audio '.peakDbfs == -1.5 and .clips == 3'
check "which the health tells as well" health '.audio.peakDbfs == -1.5 and .audio.rmsDbfs == -14 and .poseEligible'
# numbered EVENT: its lines carry an id.
numbered() {
	grep -B1 "^event: $1" "$WORK/dance" | grep -q '^id: '
}
not_numbered() {
	! numbered "$1"
}
check "gestures are kept for those who come back" numbered gesture
check "poses are not" not_numbered pose
check "nor are levels" not_numbered audio
stop_node

printf '{"atUs":0,"event":"pose","data":{}}\n' >bad.jsonl
# shellcheck disable=SC2086
"$MMCAMD" $NODE_OPTIONS --recordings bad --events file:bad.jsonl >out 2>err
check "a file with a mistake starts nothing" test $? -eq 2
check "and is told with its line" grep -q '^mmcamd: bad.jsonl:1: a pose needs' err

# ---- made up, into the journals of a show ----
start_node made --fleet 2 --size 160x90 --fps 30 --events generate
cat >show.cue <<'END'
wait nodes 2 within 60s
wait event gesture within 60s
record start
after 2s record stop
wait take verified all within 120s
END
# shellcheck disable=SC2046
ld run --sphere show --no-bonjour $(jq -r '.nodes[] | "--node 127.0.0.1:\(.port)"' made.ready) show.cue
check "the show ends well" status_is_of 0
check "poses of both are written down" same \
	"$(jq -s '[.[] | select(.type == "pose") | .node] | unique | length' show/sidecars/pose.jsonl)" 2
check "at their rate" test "$(grep -c '"type":"pose"' show/sidecars/pose.jsonl)" -ge 30
check "with bodies in them" same "$(jq -s 'any(.[]; (.people | length? // 0) > 0 and (.people[0].joints | length) == 17)' show/sidecars/pose.jsonl)" true
check "the gesture as well" test "$(grep -c '"type":"gesture"' show/sidecars/gesture.jsonl)" -ge 1
check "the manifest knows who can" same "$(jq -c '[.devices[].capability.pose]' show/sphere.json)" "[true,true]"
check "without a hole" whole show/sidecars/pose.jsonl
ld verify show
check "and the folder holds together" status_is_of 0
stop_node
check "the fleet ends in order" test $? -eq 0
finish
