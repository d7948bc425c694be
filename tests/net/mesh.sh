#!/bin/sh
# mesh.sh - the mesh map and its reasons on a network that misbehaves, as text, as JSON and on the screen; a name typed at run
# time is asked for by mDNS (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/support/screen.sh"
need_tools jq tmux dbus-daemon avahi-daemon avahi-publish-service
lab_open
lab_host desk 1 1
lab_host cam 1 11
lab_host quiet 1 23
lab_avahi cam
lab_avahi quiet studio-cam
lab_node cam announced --model iPhone17,2
lab_node quiet nameless --no-advertise
as cam avahi-publish-service -s asleep _mmcam._tcp 9 deviceName=asleep >"$WORK/publish" 2>&1 &
TAP_PIDS="$TAP_PIDS $!"
as cam avahi-publish-service -s shell _ssh._tcp 22 >"$WORK/shell" 2>&1 &
TAP_PIDS="$TAP_PIDS $!"
until_true 5 grep -q Established "$WORK/publish"
# Something that answers HTTP on the port of cameras, and is none.
lab_host web 1 33
cat >"$WORK/web" <<'END'
#!/bin/sh
while IFS= read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
printf 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
END
chmod +x "$WORK/web"
if command -v socat >/dev/null; then
	as web socat TCP-LISTEN:8081,fork,reuseaddr EXEC:"$WORK/web" 2>/dev/null &
	TAP_PIDS="$TAP_PIDS $!"
	HAS_WEB=1
fi

# nodes OPTIONS...: what the console on the desk lists; $WORK/out, $WORK/err.
nodes() {
	on desk "$LIVEDIRECTOR" nodes "$@" >"$WORK/out" 2>"$WORK/err"
	STATUS=$?
}

# ---- Told while they are found, and explained ----

nodes --probe off --explain --for 8s
check "cameras are found" status_is 0
check "each is told as it is found, with how" err_has '^[^ ]*:8081  announced  found by Bonjour after [0-9]* ms$'
check "the one that announces nothing too" err_has '^10\.77\.1\.23:8081  nameless  found by sweep after [0-9]* ms$'
check "the list has the way that is used" out_has '^announced  *live  *lan  *[0-9.]*ms  .*:8081  *bonjour.*  iPhone17,2$'
check "that multicast works and one camera is mute is concluded" out_has '^why: multicast works, yet 1 camera that the sweep found announces nothing'
check "one that is announced and silent is told" out_has '^why: asleep is announced at .* but does not answer there'
[ -z "$HAS_WEB" ] || check "a web server is named with its answer" out_has '^why: 10\.77\.1\.33 answers HTTP on 8081 but is no camera: /info answered 404$'
check "what the sweep asked is told" out_has '^sweep 10\.77\.1\.0/24: 25[0-9] asked'
nodes --probe off --json --for 4s
check "the same as JSON" status_is 0
check "other services of a device's host are its services" jq -e '.nodes[] | select(.deviceName == "announced") | .services | index("_ssh._tcp")' "$WORK/out"
check "what is no camera is listed apart" jq -e '.seen | any(.name == "asleep" and .state == "silent")' "$WORK/out"
check "and nobody twice" jq -e '[.nodes[].id] | length == 2 and (unique | length) == 2' "$WORK/out"

lab_drop_multicast 1
nodes --probe off --explain --for 8s
check "a network that blocks multicast is named" out_has '^why: multicast got no answer from any host while the sweep found 2: this network blocks multicast$'
lab_pass_multicast 1

# ---- It ends as soon as everything asked for is known ----

# The kernel's table of neighbours is one for all namespaces: tests beside this one may make a sweep ask twice.
for _ in 1 2 3; do
	began=$(date +%s%3N)
	nodes --no-bonjour --probe off --sweep 10.77.1.0/24 --set sweep-rate=0 --set tailscale=off
	took=$(($(date +%s%3N) - began))
	[ "$took" -ge 4500 ] || break
done
check "a sweep that is over ends the search ($took ms)" test "$took" -lt 4500
check "with both found" same "$(grep -c 'found by sweep' "$WORK/err")" 2

# ---- A name typed at run time ----

cat >named.cue <<'END'
node add studio-cam.local
wait nodes 1 within 40s
END
on desk "$LIVEDIRECTOR" run --sphere "$WORK/named" --no-bonjour --probe off --sweep off named.cue >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "NAME.local typed later is found without a resolver" status_is 0

# ---- A remembered phone with a new address is asked for by the name its device gives its host ----

lab_host phone 1 40
lab_avahi phone Annas-iPhone
lab_node phone "Anna's iPhone" --no-advertise
cat >anna.cue <<'END'
wait nodes 1 within 40s
END
on desk "$LIVEDIRECTOR" run --sphere "$WORK/anna" --no-bonjour --probe off --sweep off --node 10.77.1.40 anna.cue >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "a phone is met" status_is 0
ip -n phone -6 addr flush dev lan scope global
ip -n phone addr del 10.77.1.40/24 dev lan
ip -n phone addr add 10.77.1.41/24 dev lan
on desk "$LIVEDIRECTOR" run --sphere "$WORK/anna" --no-bonjour --sweep off --probe other.local anna.cue >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "and met again at another address" status_is 0
kill "$NODE_PID"
wait "$NODE_PID" 2>/dev/null

# ---- One command looks nearby only ----

on desk "$LIVEDIRECTOR" do --probe off identify -t all >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "do finds who announces itself, and sweeps nothing" same "$(sed -n 's/^ack [0-9]* \([^ ]*\) ok.*/\1/p' "$WORK/out")" announced
check "and is well" status_is 0
on desk "$LIVEDIRECTOR" do --node 10.77.1.23 identify -t all >"$WORK/out" 2>"$WORK/err"
check "with --node it looks for no others" same "$(sed -n 's/^ack [0-9]* \([^ ]*\) ok.*/\1/p' "$WORK/out")" nameless

# ---- On the screen ----

cat >"$WORK/console.sh" <<END
export LC_ALL=$SCREEN_LOCALE TERM=tmux-256color XDG_STATE_HOME='$WORK/state' XDG_CONFIG_HOME='$WORK/config' HOME='$WORK'
ip netns exec desk '$LIVEDIRECTOR' --probe off --sphere '$WORK/show' 2>'$WORK/console.err'
sleep 1000
END
tm -f /dev/null new-session -d -x 132 -y 43 "sh '$WORK/console.sh'"
check "the cameras are on the screen" sees 15 'nameless'
command_line "view mesh"
check "view mesh shows them" sees 5 'MESH  2 devices'
check "with the way in use" sees 5 '  > lan  .*:8081 .* ms '
check "what was seen" sees 10 'asleep .*:9 .*silent'
check "and why" sees 10 'multicast works, yet 1 camera'
tm resize-window -x 80 -y 24
check "it fits 80 columns" sees 5 'MESH  2 devices'
for _ in 1 2 3 4 5 6; do
	tm send-keys NPage
done
check "and scrolls to its end" sees 5 '  this machine: lan 10.77.1.1/24'
tm send-keys Escape
check "Esc leads back" sees 5 '\[1\]'
finish
