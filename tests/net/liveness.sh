#!/bin/sh
# liveness.sh - how soon a camera is there, gone, doubted and back, over a real avahi-daemon on each host: announced -> live, there
# already -> live, goodbye -> lost, no word (dead without a goodbye) -> stale -> lost -> back by itself.  Prints the figures;
# LAB_ROUNDS=50 for more of them (TAP).
. "${SOURCE_DIR:?}/tests/support/netlab.sh"
lab_enter "$@"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/script/headless.inc"
. "$SOURCE_DIR/tests/net/watch.inc"
need_tools jq dbus-daemon avahi-daemon
ROUNDS=${LAB_ROUNDS:-4}
lab_open
lab_host desk 1 1
lab_host cam 1 11
lab_host stage 1 12
lab_avahi desk
lab_avahi cam

# ---- Announced, and gone with a goodbye ----

cat >forever.cue <<'END'
wait nodes 99 within 30m
END
watch desk come show forever.cue --sweep off --probe off
until_true 10 counted come 'begin 1' 1
: >"$WORK/publish" >"$WORK/goodbye"
STATUS=0
for i in $(seq "$ROUNDS"); do
	SINCE=$(now_ms)
	lab_node cam "cam-$i" --port $((8100 + i))
	came come "event node-live cam-$i\$" "$SINCE" 10 >>"$WORK/why" || STATUS=1
	echo "$TOOK" >>"$WORK/publish"
	SINCE=$(now_ms)
	kill "$NODE_PID"
	came come "event node-lost cam-$i " "$SINCE" 10 >>"$WORK/why" || STATUS=1
	echo "$TOOK" >>"$WORK/goodbye"
done
ok $STATUS "cameras that announce themselves become live, and lost when they leave, $ROUNDS times"
say "started -> live: median $(median <"$WORK/publish") ms, worst $(worst <"$WORK/publish") ms of $ROUNDS"
say "quit -> lost: median $(median <"$WORK/goodbye") ms, worst $(worst <"$WORK/goodbye") ms"
check "live within 3 s of their start at worst" at_most 3000 "$(worst <"$WORK/publish")"
check "lost within 1.5 s of their goodbye" at_most 1500 "$(worst <"$WORK/goodbye")"
watch_end come show

# Nobody says bye: the record alone goes.
cat >"$WORK/stub.sh" <<'END'
exec avahi-publish-service -s "only a record" _mmcam._tcp 8999 id=0badc0de-0000-4000-8000-000000000001 deviceName=ghost
END
as cam sh "$WORK/stub.sh" >/dev/null 2>&1 &
STUB=$!
TAP_PIDS="$TAP_PIDS $STUB"
on desk sh -c "timeout 5 avahi-browse -rtp _mmcam._tcp" >"$WORK/browse" 2>&1
on desk "$LIVEDIRECTOR" nodes --json --sweep off --probe off --for 1s >"$WORK/out" 2>&1
check "a record with nobody behind it is no live camera" same "$(jq -c '[.nodes[] | select(.state == "live")]' "$WORK/out")" '[]'
kill "$STUB"

# ---- There already ----

lab_node stage there --no-advertise --port 8081
lab_node cam first
until_true 10 sh -c "ip netns exec desk env DBUS_SYSTEM_BUS_ADDRESS=unix:path=$LAB/desk/bus avahi-browse -rtp _mmcam._tcp | grep -q '^=.*first'"
: >"$WORK/already"
STATUS=0
for i in $(seq "$ROUNDS"); do
	SINCE=$(now_ms)
	watch desk there "there-$i" forever.cue --sweep off --probe off
	came there 'event node-live first$' "$SINCE" 10 >>"$WORK/why" || STATUS=1
	echo "$TOOK" >>"$WORK/already"
	watch_end there "there-$i"
done
ok $STATUS "a camera that is there already is found"
say "console started -> live, avahi on its host: median $(median <"$WORK/already") ms, worst $(worst <"$WORK/already") ms"
check "within 1 s at worst" at_most 1000 "$(worst <"$WORK/already")"

lab_host bare 1 2
: >"$WORK/already"
STATUS=0
for i in $(seq "$ROUNDS"); do
	SINCE=$(now_ms)
	watch bare there "bare-$i" forever.cue --sweep off --probe off
	came there 'event node-live first$' "$SINCE" 10 >>"$WORK/why" || STATUS=1
	echo "$TOOK" >>"$WORK/already"
	watch_end there "bare-$i"
done
ok $STATUS "and with no daemon on the console's host"
say "console started -> live, own queries: median $(median <"$WORK/already") ms, worst $(worst <"$WORK/already") ms"
check "within 1 s at worst, too" at_most 1000 "$(worst <"$WORK/already")"

# ---- Dead without a goodbye ----

watch desk dead dead-show forever.cue --sweep off --probe off
came dead 'event node-live first$' 0 10 >/dev/null
sleep 2	# its words come each second
SINCE=$(now_ms)
lab_silence cam
check "a camera whose host falls silent is stale" came dead 'event node-stale first ' "$SINCE" 12
say "no word -> stale: $TOOK ms"
check "within 3 s and a little" at_most 3600 "$TOOK"
check "and lost" came dead 'event node-lost first ' "$SINCE" 12
say "no word -> lost: $TOOK ms"
check "within 10 s" at_most 10000 "$TOOK"
SINCE=$(now_ms)
lab_unsilence cam
check "it comes back by itself" came dead 'event node-back first ' "$SINCE" 20
say "can be heard again -> back: $TOOK ms"
check "within the longest back-off" at_most 13000 "$TOOK"
SINCE=$(now_ms)
kill -9 "$NODE_PID"
check "a killed camera is lost too" came dead 'event node-lost first ' "$SINCE" 12
say "killed -> lost: $TOOK ms"
lab_node cam first
check "and back when it is started again" came dead 'event node-back first ' "$(now_ms)" 12
say "started again -> back: $TOOK ms"
check "still one device" same "$(jq '.devices | length' "$WORK/dead-show/sphere.json")" 1
watch_end dead dead-show
finish
