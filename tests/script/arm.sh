#!/bin/sh
# arm.sh - before a roll: what is not armed is named with its cure, the cure works, rolling all the same is written down;
# late cameras, a start whose first connection is dead, the disk that fills up (TAP).
. "${SOURCE_DIR:?}/tests/script/../torture/torture.inc"

# Cameras 1 and 2 are well; the third has little storage; the fourth is of another size.
start_cams() {
	start_cam one --size 160x90 --fps 10
	start_cam two --size 160x90 --fps 10
	start_cam small --size 160x90 --fps 10 --fault disk=240k,bitrate=400k
	start_cam other --size 320x180 --fps 10
}
start_cams
NODES=$(nodes_of one two small other)

# show SHEET: it is played on the show.
show() {
	# shellcheck disable=SC2086
	ld run --sphere "$SHOW" --no-bonjour $NODES "$1"
}
# take FILTER: of take.json of take N.
take() {
	jq -e "$2" "$SHOW/takes/$1/take.json" >/dev/null || { cat "$SHOW/takes/$1/take.json"; return 1; }
}

# ---- What is not armed, and its cure ----

# Some seconds after they came, each has told of its health.
cat >not.cue <<'END'
wait nodes 4 within 60s
after 3s expect armed
END
show not.cue
check "an expectation that not all are armed for fails" status_is 1
check "and names the camera, what is against it, and the cure" \
	err_has 'not.cue:2: small is not armed: storage for 0 min only; make room on it, or leave it out:  :out [0-9]'

cat >size.cue <<'END'
wait nodes 4 within 60s
after 3s out small
expect armed
END
show size.cue
check "a size of its own is named with the command that cures it" \
	err_has 'size.cue:3: other is not armed: 320x180 10 where most are 160x90 10; :format -t [0-9] 160x90 10'

cat >cured.cue <<'END'
wait nodes 4 within 60s
format -t other 160x90 10
wait armed within 40s
in small
set arm-storage 0s
set arm-format any
expect armed
END
show cured.cue
check "the cures that the sentences name work" status_is 0

# ---- Held by somebody else ----

TOKEN=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
post() {
	curl -s -m 5 -H 'Content-Type: application/json' -H "Authorization: Bearer $TOKEN" -d "$2" "http://127.0.0.1:$(cat "$WORK/one.port")$1" |
		jq -e '.ok' >/dev/null
}
post /claim "{\"sphere\":\"00000000-0000-4000-8000-000000000001\",\"name\":\"Other show\",\"director\":\"bob\",\"token\":\"$TOKEN\"}"
cat >held.cue <<'END'
wait nodes 4 within 60s
set arm-storage 0s
expect armed
END
show held.cue
check "a camera that another Sphere holds is named, with its holder" err_has 'held.cue:3: one is not armed: it is held by "Other show" (bob); release it there'
post /release '{}'
sed 's/^expect/wait/' held.cue >free.cue
show free.cue
check "released, it is armed" status_is 0

# ---- Rolled all the same; a late camera ----

cat >roll.cue <<'END'
wait nodes 4 within 60s
after 3s must record -t one,small start
wait take recording 2 within 40s
must record -t two start
wait take recording 3 within 40s
after 500ms record stop
wait take verified 3 within 120s
END
show roll.cue
check "it rolls all the same" status_is 0
check "and is told so" out_has '^say [0-9]* "small rolls, not armed: storage for 0 min only"$'
check "take.json says what stood against it" take 001 '.devices | map(select(.notArmed != null) | .notArmed) == ["storage for 0 min only"]'
check "so does health.jsonl" same "$(jq -c 'select(.type == "not-armed") | [.take, .text, .node != null]' "$SHOW/sidecars/health.jsonl")" \
	'["001","storage for 0 min only",true]'
check "and the receipt" err_has 'take 001: 3 asked, 3 recorded, 3 saved, 3 fetched, 3 verified; rolled, not armed: small (storage for 0 min only)'
check "the late camera is in the take, with a file of its own" take 001 '.counts.asked == 3 and (.devices | map(.parts | length) == [1, 1, 1])'
check "and began later than the first" take 001 '.devices[2].parts[0].startUs - .devices[0].parts[0].startUs > 300000'

# ---- The roll policy ----

start_cam no --size 160x90 --fps 10 --fault refuse=record
NODES=$(nodes_of one no)
SHOW=$WORK/policy
cat >policy.cue <<'END'
wait nodes 2 within 60s
set record-lead 2s
set roll-policy all
record start everybody
set roll-policy must
record start nobody-must
record stop
role no +must
record start must
END
show policy.cue
check "all: one that refuses stops the roll, and is named" out_has 'take 001 was stopped (roll-policy all): no failed: refused'
check "before any camera recorded" take 001 '.policy == "all" and .counts.recorded == 0 and .counts.failed >= 1'
check "must: one without the role does not" take 002 '.policy == "must" and .counts.recorded == 1 and .counts.failed == 1'
check "with the role it does" out_has 'take 003 was stopped (roll-policy must): no failed: refused'

# ---- A start whose first connection is dead ----

meddle one two
SHOW=$WORK/dead			# a console that knows no other way to them
cat >dead.cue <<'END'
wait nodes 2 within 60s
set stale-after 10s
set lost-after 20s
set ack-timeout 8s
echo now
after 2s echo go
record -t one,two start in 4s
wait take recording 2 within 60s
after 300ms record stop
wait take verified 2 within 120s
END
# The way to the first camera is dead when the start goes out, and well again some time after the other camera has said
# yes: what was held up arrives then, and so does what was sent by a second connection.
operator() {
	until_true 30 grep -q '^say [0-9]* "*now"*$' out && tell silence 1
	until_true 20 grep -q '^ack [0-9]* two ok' out || return 1
	sleep 2.3			# more than half of the time ahead: it is asked again by then, and still in time
	tell pass 1
}
operator >operator.out 2>&1 &
OPERATOR=$!
TAP_PIDS="$TAP_PIDS $OPERATOR"
show dead.cue
wait "$OPERATOR"
check "a start that goes unacknowledged is sent again, and rolls" status_is 0
check "it was sent twice to that camera" same \
	"$(jq -c 'select(.type == "command" and (.text | test("start"))) | .answers | map(select(.tries > 1)) | length' "$SHOW/sidecars/commands.jsonl" | tail -n 1)" 1
check "and recorded once" take 001 '.devices | map(.parts | length) == [1, 1]'
check "both began in the same instant" take 001 '(.devices[0].parts[0].startUs - .devices[1].parts[0].startUs) | fabs < 150000'

# ---- The disk that fills up ----

NODES=$(nodes_of one small)
SHOW=$WORK/full
cat >full.cue <<'END'
wait nodes 2 within 60s
record start
wait event alarm small within 80s
wait event stopped-unasked small within 90s
record stop
wait take verified 2 within 120s
END
show full.cue
check "the disk is told to fill up before it is full, with the cure" out_has 'event alarm small "[0-9]* small DISK FULL in [0-9]* \(s\|min\)\. Make room on it, or stop it before'
check "it stops by itself, which is told" out_has 'event stopped-unasked small'
check "its file comes home all the same: failed, and verified" take 001 '.counts.failed == 1 and .counts.verified == 2'

for folder in show policy dead full; do
	check "verify finds nothing wrong in $folder" "$LIVEDIRECTOR" verify "$WORK/$folder"
	check "every line of $folder is as the schemas say" "$BUILD_DIR/schema_check" "$WORK/$folder"
done
finish
