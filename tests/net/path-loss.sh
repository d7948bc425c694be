#!/bin/sh
# path-loss.sh - a camera that rolls loses its address, then its whole LAN with a second path up: word, control and picture are
# back within two seconds, it is one device with one unbroken take, and it returns to the LAN (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
need_tools jq dbus-daemon avahi-daemon
# One address of a kind, so that it is plain which one is in use.
LAB_IPV6=no
lab_open
lab_host desk 1 1
lab_host cam 1 11
lab_second_path desk 1
lab_second_path cam 11
lab_avahi cam
lab_node cam one

# A train of commands, four a second: each says when the camera could be reached, and how long its answer took.
train() {
	echo 'wait nodes 1 within 40s'
	echo 'record -t one start slate'
	echo 'wait take recording 1 within 40s'
	for i in $(seq "$1"); do
		echo "after 250ms zoom -t one 1.$((i % 9 + 1)) --force"
	done
	echo 'record stop'
	echo 'wait take saved 1 within 80s'
}
# The answers of the train: "BEGUN ANSWERED RESULT".
answers() {
	awk '$2 == "begin" && $4 == "zoom" { at[$3] = $1 } $2 == "ack" && ($3 in at) { print at[$3], $1, $5 }' "$WORK/$1"
}
# control_gap SINCE: from then until the first answer "ok" of a command that began later; $TOOK.
control_back() {
	TOOK=none
	until_true 12 answered_since "$1" || { tail -n 30 "$WORK/events"; return 1; }
	TOOK=$(($(answers events | awk -v t="$1" '$1 >= t && $3 == "ok" { print $2; exit }') - $1))
}
answered_since() { answers events | awk -v t="$1" '$1 >= t && $3 == "ok" { n++ } END { exit !n }'; }
# How many bytes of the desk's interface came: a picture is far more than words.
received() { on desk cat "/sys/class/net/$1/statistics/rx_bytes"; }
picture_on() { [ $(($(received "$1") - BEFORE)) -gt 20000 ]; }
# picture_back INTERFACE SINCE: until 20 kB came there; $TOOK.
picture_back() {
	TOOK=none
	until_true 10 picture_on "$1" || return 1
	TOOK=$(($(now_ms) - $2))
}
in_use() {
	jq -r '.devices[0].paths[] | select(.inUse) | .address' "$WORK/$1/sphere.json"
}
uses() { [ "$(in_use show)" = "$1" ]; }

# A console of the same host that shows pictures, for the picture; the headless one commands.
. "$SOURCE_DIR/tests/support/screen.sh"
pictures=no
if command -v tmux >/dev/null && [ -n "$SCREEN_LOCALE" ]; then
	pictures=yes
	cat >"$WORK/console.sh" <<-END
	export LC_ALL=$SCREEN_LOCALE TERM=tmux-256color
	ip netns exec desk '$LIVEDIRECTOR' --sphere '$WORK/looks' --node 10.77.1.11 2>'$WORK/console.err'
	sleep 1000
	END
	tm -f /dev/null new-session -d -x 132 -y 43 "sh '$WORK/console.sh'"
	check "a console shows the picture" sees 15 '▀▀▀▀'
fi
train 120 >train.cue
# What is saved would come home by itself, and be more than saved: how far, is a matter of the machine.
watch desk events show train.cue --node 10.77.1.11 --set auto-fetch=off
check "a take rolls" until_true 15 counted events 'begin [0-9]* zoom' 4
check "by the LAN" until_true 5 uses 10.77.1.11
check "with the second path known" until_true 10 sh -c "jq -e 'any(.devices[0].paths[]; .address == \"100.64.0.11\")' '$WORK/show/sphere.json'"

# ---- The LAN goes, the second path is up ----

# lan_lost HOW...: breaks it so, and sees word, control and picture come back.
lost_and_back() {
	name=$1
	shift
	BEFORE=$(received tailscale0)
	SINCE=$(now_ms)
	"$@"
	[ $pictures = no ] || {
		picture_back tailscale0 "$SINCE"
		ok $? "$name: the picture is back by the second path"
		say "$name: picture after $TOOK ms"
		check "$name: picture within 2 s" at_most 2000 "$TOOK"
	}
	check "$name: control is back" control_back "$SINCE"
	say "$name: an answer after $TOOK ms"
	check "$name: control within 2 s" at_most 2000 "$TOOK"
	check "$name: the second path is in use" until_true 5 uses 100.64.0.11
}
returns() {
	name=$1
	shift
	SINCE=$(now_ms)
	"$@"
	check "$name: it moves back" until_true 15 uses 10.77.1.11
	say "$name: on the LAN again after $(($(now_ms) - SINCE)) ms"
}
lost_and_back "camera's cable out" lab_cable cam 1 down
returns "cable in again" lab_cable cam 1 up
lost_and_back "console's own LAN down" lab_link desk lan down
returns "up again" lab_link desk lan up

# ---- Another address from DHCP, the second path gone too ----

lab_cable cam ts down
SINCE=$(now_ms)
lab_address cam 1 11 12
check "new address: control is back" control_back "$SINCE"
say "new address: an answer after $TOOK ms"
check "new address: soon" at_most 5000 "$TOOK"
check "new address: in use" until_true 5 uses 10.77.1.12
lab_cable cam ts up

# ---- One device, one take ----

check "the sheet ends" watch_over events 60
say "answers: $(answers events | awk '{ n[$3]++ } END { for (r in n) printf "%s %d  ", r, n[r] }'), slowest $(answers events | awk '{ print $2 - $1 }' | worst) ms"
grep -A1 -e 'ack [0-9]* one \(lost\|late\)' "$WORK/events" | cut -d ' ' -f 2- >>"$WORK/why"
# In the moment in which there is no way at all (its address is gone, no other path is up) a command is told as lost at once.
check "at most a few commands found no way" test "$(answers events | awk '$3 != "ok"' | wc -l)" -le 4
check "and every one was answered" same "$(answers events | wc -l)" 120
check "what the sheet waited for came" counted events ', 0 failed' 1
check "it was never lost" sh -c "! grep -q 'event node-lost' '$WORK/events'"
check "no second device" same "$(jq '.devices | length' "$WORK/show/sphere.json")" 1
cp "$WORK/show/takes/001/take.json" "$WORK/why"
check "one recording, one part, saved" jq -e '.devices | length == 1 and .[0].state == "saved" and (.[0].parts | length == 1) and .[0].reason == null' "$WORK/show/takes/001/take.json"
cp "$WORK/show/takes/001/take.json" "$WORK/why"
check "it never stopped" jq -e '[.devices[0].history[].state] | map(select(. != "starting")) == ["asked","recording","stopping","saved"]' "$WORK/show/takes/001/take.json"
check "the journals have no hole" whole "$WORK/show/sidecars/commands.jsonl"
[ $pictures = no ] || command_line 'quit --force'
finish
