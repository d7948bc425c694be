#!/bin/sh
# stalled.sh - a terminal that takes no more bytes holds up nothing: lights stay on, commands are done (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/hermetic.sh"
need_tools curl jq
[ -x "${BUILD_DIR:?}/stalled_pty" ] || skip_all "stalled_pty is not built"
locale=$(locale -a 2>/dev/null | grep -iE -m1 '^(C|en_US)\.utf-?8$')

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
# The second camera, whichever number it got.
ports=$(jq -r '.nodes[].port' "$WORK/cams.ready")
lights() {
	for port in $ports; do
		curl -s --max-time 5 "http://127.0.0.1:$port/health" | jq -r .tally
	done | sort | tr '\n' ' '
}
is_lit() { [ "$(lights)" = "$1" ]; }
# The file is there with its words in it, or not at all.
types() { printf '%s' "$1" >"$WORK/typing" && mv "$WORK/typing" "$WORK/type"; }

# shellcheck disable=SC2046
env LC_ALL="${locale:-C}" TERM=xterm-256color XDG_STATE_HOME="$WORK/state" XDG_CONFIG_HOME="$WORK/config" \
	"$BUILD_DIR/stalled_pty" "$WORK" "$LIVEDIRECTOR" --no-bonjour --sweep off --probe off --sphere "$WORK/show" \
	$(node_options cams) 2>"$WORK/console.err" &
TAP_PIDS="$TAP_PIDS $!"
until_true 20 test -s "$WORK/show/sidecars/sources.jsonl"
until_true 20 sh -c "grep -q '\"number\": 2' '$WORK/show/sphere.json'"
# A camera that is known is not yet one that can be cut to.
both_live() { [ "$(jq -r 'select(.type == "link" and .link == "live") | .node' "$WORK/show/sidecars/health.jsonl" | sort -u | wc -l)" -eq 2 ]; }
until_true 20 both_live
types '1 '
check "a key cuts" until_true 10 is_lit "off program "
touch "$WORK/stall"
# Longer than a light's lease: only a loop that still turns renews it.
sleep 8
check "the light is still on after the terminal stalled for longer than its lease" is_lit "off program "
types '2'
check "keys are still heard" until_true 10 is_lit "preview program "
types ' '
sleep 1
check "but what the screen could not show is not cut" is_lit "preview program "
touch "$WORK/done"
check "the console ends in order" until_true 10 is_lit "off off "
finish
