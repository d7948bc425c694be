#!/bin/sh
# nodes.sh - who is there: the list, its JSON, the reasons when nobody is (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
PORT=$(echo "$NODES" | sed 's/.*:\([0-9]*\) *$/\1/')

# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES --for 3s
check "two cameras are listed" status_is 0
check "with name, state, path and address; numbers are a Sphere's" out_has "^cam 2  *live  *loopback  *[0-9.]*ms  127.0.0.1:$PORT"

# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES --for 3s --json
check "JSON is one object" same "$(jq -r 'keys | join(",")' "$WORK/out")" nodes,seen
check "and nothing else is said" same "$(cat "$WORK/err")" ""
check "every node has every member" same "$(jq -r '.nodes[0] | keys_unsorted | join(",")' "$WORK/out")" \
	"id,deviceName,number,label,model,role,state,address,port,path,via,rttMs,lastHeardMs,paths,health,services,why,pathWhy,standInId"
check "a camera has no number outside a Sphere" same "$(jq -c '[.nodes[].number]' "$WORK/out")" '[null,null]'
check "and the values" same "$(jq -c '.nodes[1] | [.deviceName, .number, .label, .state, .address, .port, .path, .via]' "$WORK/out")" \
	"[\"cam 2\",null,null,\"live\",\"127.0.0.1\",$PORT,\"loopback\",[\"manual\"]]"
check "paths say which is in use" same "$(jq -c '.nodes[1].paths[0] | [.kind, .address, .port, .via, .inUse, (.rttMs | type)]' "$WORK/out")" \
	"[\"loopback\",\"127.0.0.1\",$PORT,[\"manual\"],true,\"number\"]"
check "the round trip is measured" same "$(jq '.nodes[1].rttMs > 0 and .nodes[1].lastHeardMs >= 0' "$WORK/out")" true
check "what the node offers is there" same "$(jq -c '.nodes[1] | [.role, .services[0], (.services | index("mic") != null), .pathWhy]' "$WORK/out")" \
	'["camera","camera back 1-8x",true,"the only address"]'
check "health is there" same "$(jq -r '.nodes[1].health | [.recording.state, .camera, .tally] | join(" ")' "$WORK/out")" "idle back off"

# A Sphere's own cameras: looked for where it remembers them, by their numbers and labels, beside a console or without.
cat >sphere.cue <<'END'
wait nodes 2 within 40s
number 1 7
label 7 left
END
# shellcheck disable=SC2086
ld run --no-bonjour $NODES --sphere show sphere.cue
check "a Sphere knows two cameras" status_is 0
ld nodes --no-bonjour --sphere show --json --for 5s
check "its cameras are found where it remembers them" same "$(jq -c '[.nodes[] | [.number, .label, .state, (.via | index("remembered") != null)]] | sort' "$WORK/out")" \
	'[[2,null,"live",true],[7,"left","live",true]]'
ld nodes --no-bonjour --sphere nowhere
check "no such Sphere is one sentence" err_has '^livedirector: .*nowhere'
rm -rf show

ld nodes --no-bonjour --for 200ms
check "nobody is status 3" status_is 3
check "with a sentence" err_has '^livedirector: no camera was found; --explain'
ld nodes --no-bonjour --for 200ms --json
check "nobody in JSON is an empty list" same "$(cat "$WORK/out")" '{"nodes":[],"seen":[]}'

# ---- When it ends ----

# took: how long the last ld took, in ms.
timed() {
	timed_from=$(date +%s%3N)
	ld "$@"
	TOOK=$(($(date +%s%3N) - timed_from))
}
sooner_than() {
	[ "$TOOK" -lt "$1" ] && return 0
	echo "it took $TOOK ms"
	return 1
}
# shellcheck disable=SC2086
timed nodes --no-bonjour $NODES --node 127.0.0.1:1 --json
check "with all that was asked for known it ends at once" sooner_than 4500
check "each with its health and round trip" same "$(jq -c '[.nodes[] | (.health.recording.state, (.rttMs > 0))]' "$WORK/out")" '["idle",true,"idle",true]'
check "one that failed is among the seen" same "$(jq -c '.seen[] | [.address, .port, .via, .state, (.why | test("refused"))]' "$WORK/out")" \
	'["127.0.0.1",1,["manual"],"silent",true]'
timed nodes --no-bonjour
check "nothing to look with: nobody, at once" sooner_than 4500
check "and status 3" status_is 3
# shellcheck disable=SC2086
timed nodes --no-bonjour $NODES --for 1500ms
check "a time that was given is kept to" [ "$TOOK" -ge 1500 ]

# ---- Told as they are found ----

# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES
check "each is told the moment it is known, address first" same "$(grep -c "^127.0.0.1:[0-9]*  cam [12]  found at the address given after [0-9]* ms$" "$WORK/err")" 2
check "the list comes at the end" out_has "^name  *state  *path  *rtt  *address  *via  *model"

# ---- Why ----

ld nodes --no-bonjour --node 127.0.0.1:1 --explain
check "--explain says what was tried" out_has '^seen: 127.0.0.1:1 (manual): silent: no connection'
check "that Bonjour is off, and by whose word" out_has '^bonjour: off (--no-bonjour)'
check "the sweep too" out_has '^sweep: off (--sweep off)'
check "the names too" out_has '^names: off (--probe off)'
check "and Tailscale" out_has '^tailscale: off (--set tailscale=off)'
check "and this machine's addresses" out_has '^this machine: '
# shellcheck disable=SC2086
ld nodes --no-bonjour $NODES --explain
check "what a device offers" out_has '^device: cam 1: camera: camera back 1-8x, .*mic.*; path: the only address'
check "and what follows" out_has '^why: nothing is in the way: 2 of 2 cameras answer'
ld nodes --no-bonjour --explain --json
check "--explain in JSON" same "$(jq -c '.explain[] | select(.source == "sweep") | [.via, .working, .finished, .sentence, .lines]' "$WORK/out")" \
	'["sweep",false,true,"off (--sweep off)",[]]'
check "with the conclusions" same "$(jq -c '[.explain[] | .conclusion // empty] | length > 0' "$WORK/out")" true

# On a network with nobody on it every path may be open.
if alone true; then
	printf 'tailscale /nowhere/tailscale\n' >open.conf
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere ld_alone nodes --config open.conf --explain --for 2s
	check "every source has its sentence" same "$(grep -cE '^(Bonjour|bonjour|mdns|names|sweep|tailscale)[: ]' "$WORK/out")" 5
	check "no daemon is told" out_has '^Bonjour: no daemon; using own queries'
	check "a machine without a network is told" out_has '^why: this machine has no network address'
fi
finish
