#!/bin/sh
# node-commands.sh - what a camera node is told to do: answers, refusals, repeats, schedules, tally, claim.
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${MMCAMD:=$SOURCE_DIR/build/mmcamd}"
. "$SOURCE_DIR/tests/support/tap.sh"
. "$SOURCE_DIR/tests/support/node.sh"
need_tools curl jq

start_node commands
listen log

# ---- answers and refusals ----
post /camera/zoom '{"factor":2.0,"commandId":"z1"}'
check "a command is answered with the contract's members" answers 200 '.ok == true and .commandId == "z1" and .timeUs > 1.7e15
	and .scheduled == false and .late == false and .state.zoom == 2 and .state.timeUs > 0'
check "its event names it" shows log zoom '.value == 2 and .commandId == "z1"'
post /camera/zoom '{"factor":2.5}'
check "without a commandId it is null" answers 200 '.commandId == null and .state.zoom == 2.5'
post /camera/zoom '{"factor":99}'
check "a zoom out of range is 422" refuses 422 out_of_range
check "and names the range" answers 422 '.error.min == 1 and .error.max == 8'
post /camera/zoom '{"factor":'
check "broken JSON is 400" refuses 400 bad_request
post /camera/zoom '[1,2]'
check "JSON that is no object is 400" refuses 400 bad_request
post /camera/zoom '{"factor":"big","commandId":"z9"}'
check "a wrong type is 400 and names the command" answers 400 '.ok == false and .commandId == "z9" and .error.code == "bad_request"'
ask POST /camera/zoom -H 'Content-Type: text/plain' -d '{"factor":2}'
check "another content type is 415" refuses 415 bad_request
ask POST /camera/zoom -H 'Content-Type: application/json; charset=utf-8' -d '{"factor":2}'
check "a charset does no harm" status_is 200
head -c 65536 /dev/zero | tr '\0' ' ' >"$WORK/blanks"
ask POST /camera/zoom -H 'Content-Type: application/json' --data-binary "@$WORK/blanks"
check "64 KiB are read (and found to be no JSON)" status_is 400
printf ' ' >>"$WORK/blanks"
ask POST /camera/zoom -H 'Content-Type: application/json' --data-binary "@$WORK/blanks"
check "one byte more is 413" status_is 413
awk 'BEGIN { for (i = 0; i < 5000; i++) printf "{\"a\":"; }' >"$WORK/deep"
ask POST /camera/zoom -H 'Content-Type: application/json' --data-binary "@$WORK/deep"
check "deep nesting is 400" refuses 400 bad_request

# ---- the camera ----
post /camera/zoom '{"factor":4,"rampMs":2000}'
check "a ramp begins where the zoom stood" answers 200 '.state.zoom >= 2 and .state.zoom < 3'
check "and ends where it was sent" until_true 3 health '.zoom == 4'
post /camera/zoom '{"factor":2,"rampMs":4000,"commandId":"ramp-2"}'
check "during a ramp health says where it is" health '.zoom > 2 and .zoom < 4'
not_told() { ! has_event log zoom '.commandId == "ramp-2"'; }
check "and nothing is told yet" not_told
check "its end is told, with its command" shows log zoom '.value == 2 and .commandId == "ramp-2"'
check "at its true time" has_event log zoom '.commandId == "ramp-2" and .timeUs - $t > 3950000 and .timeUs - $t < 6000000' \
	--argjson t "$(jq .timeUs "$WORK/body")"
told_of() { events log zoom | jq -s "[.[] | select(.commandId == \"$1\")] | length"; }
check "once" test "$(told_of ramp-2)" = 1
post /camera/zoom '{"factor":4}'
post /camera/flip '{}'
check "a flip without a position toggles" answers 200 '.state.camera == "front"'
check "the front camera's zoom is bounded" health '.zoom == 3'
post /camera/flip '{"position":"side"}'
check "a third camera is refused" refuses 422 out_of_range
post /camera/flip '{"position":"back"}'
check "a flip to the back is one" answers 200 '.state.camera == "back"'
post /camera/format '{"width":640,"height":360,"rate":25}'
check "the format changes" answers 200 '.state.format.width == 640 and .state.format.height == 360 and .state.format.rate == 25'
check "and is told" shows log format '.value.width == 640 and .value.rate == 25'
post /camera/format '{"width":641,"height":360,"rate":25}'
check "odd sizes are refused" refuses 422 out_of_range
post /camera/lock '{"focus":true}'
post /camera/lock '{"exposure":true}'
check "a lock leaves the others as they are" answers 200 '.state.lens.focusLocked and .state.lens.exposureLocked'
post /marker '{"name":"clap","sound":true,"commandId":"m1"}'
check "a marker is answered" status_is 200
check "and told" shows log marker '.name == "clap" and .commandId == "m1" and .timeUs > 0'
post /message '{"text":"stand by","level":"standby","forMs":500,"replies":["ok"]}'
check "a message is taken" status_is 200
post /message '{"text":"x","level":"loud"}'
check "an unknown level is 400" refuses 400 bad_request
post /message '{"text":"x","replies":"ok"}'
check "replies that are no list are 400" refuses 400 bad_request
post /message '{"text":"x","replies":[1]}'
check "nor are numbers any" refuses 400 bad_request
post /marker "{\"name\":\"$(printf '%064d' 0)\"}"
check "a marker's name that is too long is refused, not cut" refuses 400 bad_request
post /marker '{"name":"x","atUs":1.5}'
check "half a microsecond is 400" refuses 400 bad_request

# ---- repeats ----
post /camera/flip '{"commandId":"once"}'
FIRST=$(cat "$WORK/body")
post /camera/flip '{"commandId":"once"}'
check "a repeat gets the first answer, byte by byte" test "$FIRST" = "$(cat "$WORK/body")"
check "and does nothing again" health '.camera == "front"'
post /camera/flip '{"commandId":"7d0c1c5e-4d3b-4c55-8d0e-2f4f0a6a1b2c"}'
FIRST=$(cat "$WORK/body")
post /camera/flip '{"commandId":"7D0C1C5E-4D3B-4C55-8D0E-2F4F0A6A1B2C"}'
check "a UUID is the same in either case" test "$FIRST" = "$(cat "$WORK/body")"
post /camera/flip '{"position":"front"}'
post /camera/zoom '{"factor":99,"commandId":"bad-once"}'
FIRST=$(cat "$WORK/body")
post /camera/zoom '{"factor":2,"commandId":"bad-once"}'
check "a refusal is repeated too" test "$STATUS" = 422 -a "$FIRST" = "$(cat "$WORK/body")"

# ---- at a given time ----
AT=$(($(node_now_us) + 3000000))
post /camera/zoom "{\"factor\":1.5,\"atUs\":$AT,\"commandId\":\"later\"}"
check "a scheduled command is answered at once" answers 200 '.scheduled == true and .late == false and .timeUs == $at and .state.zoom != 1.5' --argjson at "$AT"
check "and acts on time" shows log zoom '.commandId == "later" and .timeUs >= $at and .timeUs - $at < 2000000' --argjson at "$AT"
AT=$(($(node_now_us) + 4000000))
post /camera/zoom "{\"factor\":2,\"atUs\":$AT,\"commandId\":\"replaced\"}"
post /camera/zoom "{\"factor\":2.2,\"atUs\":$((AT + 100000)),\"commandId\":\"replacing\"}"
check "a later one replaces it" shows log superseded '.commandId == "replaced"'
post /camera/flip "{\"position\":\"back\",\"atUs\":$AT,\"commandId\":\"beside\"}"
check "another endpoint has a place of its own" shows log camera '.commandId == "beside"'
check "the replacing one acts" shows log zoom '.commandId == "replacing"'
not_done() { ! has_event log zoom '.commandId == "replaced"'; }
check "the replaced one does not" not_done
post /camera/zoom "{\"factor\":2,\"atUs\":$(($(node_now_us) + 5000000)),\"commandId\":\"never\"}"
post /camera/zoom '{"factor":2.4}'
check "one without atUs replaces too" shows log superseded '.commandId == "never"'
post /camera/zoom "{\"factor\":2,\"atUs\":$(($(node_now_us) + 11000000))}"
check "more than ten seconds ahead is 422" refuses 422 out_of_range
post /camera/zoom "{\"factor\":2.6,\"atUs\":$(($(node_now_us) - 2000000))}"
check "in the past it acts at once and says so" answers 200 '.late == true and .scheduled == false and .state.zoom == 2.6'

# ---- tally ----
post /tally '{"state":"program","leaseMs":6000,"order":17,"commandId":"t1"}'
check "tally lights" answers 200 '.state.tally == "program"'
check "and is told" shows log tally '.value == "program" and .commandId == "t1"'
post /tally '{"state":"preview","leaseMs":6000,"order":16}'
check "an older order is answered ok and ignored" answers 200 '.ok and .state.tally == "program"'
sleep 3.2
post /tally '{"leaseMs":6000,"renew":true}'
check "a renewal keeps the light" answers 200 '.state.tally == "program"'
sleep 3.2
check "beyond the first lease" health '.tally == "program"'
check "a dead console leaves no light on" until_true 6 health '.tally == "off"'
check "which is told as nobody's" shows log tally '.value == "off" and .commandId == null'
post /tally '{"state":"preview"}'
post /tally '{"identify":true,"leaseMs":1000}'
check "identify changes no state" answers 200 '.state.tally == "preview"'
AT=$(($(node_now_us) + 3000000))
post /tally "{\"state\":\"program\",\"atUs\":$AT,\"commandId\":\"t2\"}"
post /tally '{"leaseMs":9000,"renew":true}'
post /tally '{"state":"preview","leaseMs":9000,"identify":true}'
check "a renewal and a flash leave what is pending alone" shows log tally '.commandId == "t2" and .timeUs - $at < 1000000' --argjson at "$AT"
post /tally '{"state":"purple"}'
check "an unknown light is 400" refuses 400 bad_request

# ---- claim ----
TOKEN=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
OTHER=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
ask DELETE /recordings/rec-none
check "nobody deletes from an unclaimed node" refuses 403 forbidden
post /claim '{"sphere":"s1","name":"Saturday","director":"desk","token":"short"}'
check "a token that is too short is refused" refuses 400 bad_request
post /claim "{\"sphere\":\"s1\",\"name\":\"Saturday\",\"director\":\"desk\",\"token\":\"$TOKEN\"}"
check "a claim is taken" status_is 200
get /info
check "and shown" answers 200 '.claim == {sphere:"s1",name:"Saturday",director:"desk"}'
post /tally '{"state":"off"}'
check "a command without the token is 401" refuses 401 token_required
post /tally '{"state":"off"}' -H "Authorization: Bearer $OTHER"
check "a wrong token is 401" refuses 401 token_required
post /tally '{"state":"off"}' -H "Authorization: Bearer $TOKEN"
check "the holder is obeyed" status_is 200
post /claim "{\"sphere\":\"s2\",\"name\":\"Sunday\",\"token\":\"$OTHER\"}"
check "another Sphere is told who holds it" refuses 409 claimed
post /claim "{\"sphere\":\"s1\",\"name\":\"Late show\",\"token\":\"$TOKEN\"}"
check "the holder may rename it" status_is 200
get /info
check "which shows" answers 200 '.claim.name == "Late show"'
ask DELETE /recordings/rec-none -H "Authorization: Bearer $TOKEN"
check "the holder's delete of nothing is 404" refuses 404 not_found
post /release '{}'
check "a release without the token is 401" refuses 401 token_required
post /release '{}' -H "Authorization: Bearer $TOKEN"
check "the holder releases" status_is 200
get /info
check "and the node is free" answers 200 '.claim == null'
stop_node
check "the end is orderly" test $? -eq 0

start_node pin --pin 1234
post /claim "{\"sphere\":\"s1\",\"token\":\"$TOKEN\"}"
check "a pin is asked for" refuses 403 pin_required
for pin in 1 2 3 4 5; do
	post /claim "{\"sphere\":\"s1\",\"token\":\"$TOKEN\",\"pin\":\"$pin\"}"
done
post /claim "{\"sphere\":\"s1\",\"token\":\"$TOKEN\",\"pin\":\"1234\"}"
check "after five wrong ones not even the right one is tried" status_is 429
check "and it is said when to come back" header retry-after '[1-9][0-9]*'
finish
