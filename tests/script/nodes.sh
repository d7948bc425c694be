#!/bin/sh
# nodes.sh - who is there: the list, its JSON, the reasons when nobody is (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
PORT=$(echo "$NODES" | sed 's/.*:\([0-9]*\) *$/\1/')

# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES --for 1s
check "two cameras are listed" status_is 0
check "with name, state, path and address; numbers are a Sphere's" out_has "^cam 2  *live  *loopback  *[0-9.]*ms  127.0.0.1:$PORT"

# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES --for 1s --json
check "JSON is one object" same "$(jq -r 'keys | join(",")' "$WORK/out")" nodes
check "every node has every member" same "$(jq -r '.nodes[0] | keys_unsorted | join(",")' "$WORK/out")" \
	"id,deviceName,number,label,model,role,state,address,port,path,via,rttMs,lastHeardMs,paths,health"
check "a camera has no number outside a Sphere" same "$(jq -c '[.nodes[].number]' "$WORK/out")" '[null,null]'
check "and the values" same "$(jq -c '.nodes[1] | [.deviceName, .number, .label, .state, .address, .port, .path, .via]' "$WORK/out")" \
	"[\"cam 2\",null,null,\"live\",\"127.0.0.1\",$PORT,\"loopback\",[\"manual\"]]"
check "paths say which is in use" same "$(jq -c '.nodes[1].paths[0] | [.kind, .address, .port, .via, .inUse, (.rttMs | type)]' "$WORK/out")" \
	"[\"loopback\",\"127.0.0.1\",$PORT,[\"manual\"],true,\"number\"]"
check "the round trip is measured" same "$(jq '.nodes[1].rttMs > 0 and .nodes[1].lastHeardMs >= 0' "$WORK/out")" true
check "health is there" same "$(jq -r '.nodes[1].health | [.recording.state, .camera, .tally] | join(" ")' "$WORK/out")" "idle back off"

ld nodes --no-bonjour --for 200ms
check "nobody is status 3" status_is 3
check "with a sentence" err_has '^livedirector: no camera was found; --explain'
ld nodes --no-bonjour --for 200ms --json
check "nobody in JSON is an empty list" same "$(cat "$WORK/out")" '{"nodes":[]}'
ld nodes --no-bonjour --node 127.0.0.1:1 --for 500ms --explain
check "--explain says what was tried" out_has '^tried: 127.0.0.1:1: [^1]'
check "that Bonjour is off" out_has '^bonjour: off'
check "and nothing of what was not asked for" same "$(grep -c 'is accepted and not used by this version' "$WORK/out")" 0
ld nodes --no-bonjour --for 100ms --explain --sweep off --probe off
check "that probe and sweep are not used" same "$(grep -c 'is accepted and not used by this version' "$WORK/out")" 2
ld nodes --no-bonjour --for 100ms --explain --json --sweep 10.0.0.0/24
check "--explain in JSON" same "$(jq -c '.explain[] | select(.via == "sweep") | .working' "$WORK/out")" false
finish
