#!/bin/sh
# cue-desk.sh - a sheet that a person calls: goes by lines of standard input, by --go, by the control socket, and by the key on the screen (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
. "$SOURCE_DIR/tests/support/screen.sh"
need_tools jq tmux
start_fleet cams 2 --name cam --size 320x180 --fps 5 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

cat >go.cue <<'END'
wait nodes 2 within 80s
label 1 left
label 2 right
finally tag "the end"
whenever marker left tag "seen"
on go "one"       cut left
when cut          cut right
part2: on go      cut left
repeat 2
  on go           cut next of right,left
end
END
gone() {
	! kill -0 "$1"
}
tags() {
	jq -rs '[.[] | select(.type == "tag") | .text] | join(" ")' "$1/sidecars/markers.jsonl"
}
cut_list() {
	jq -rs '[.[] | select(.type == "cut") | .label] | join(" ")' "$1/sidecars/cuts.jsonl"
}

# shellcheck disable=SC2086
printf 'go\n\n\nlast\n' | "$LIVEDIRECTOR" run --no-bonjour --sphere a $NODES go.cue >out 2>err
STATUS=$?
check "each line of standard input lets one cue go" status_is 0
check "in their order, what hangs on events among them" same "$(cut_list a)" 'left right left right left'
check "who is to press is told what comes" err_has 'go.cue 4/[0-9]*: on go "one"  cut left - Enter lets it go'
check "the finally line is the last" same "$(tags a)" 'the end'
near() {
	same "$(sed -n 's/^event cue .* error=\(-\{0,1\}[0-9]*\)[.0-9]*ms$/\1/p' out | awk '$1 > 5000 || $1 < -5000' | wc -l)" 0 &&
		same "$(grep -c '^event cue go.cue:' out)" 9
}
check "each cue tells when it was due, when it landed and the error" near

# shellcheck disable=SC2086
ld run --no-bonjour --sphere b $NODES go.cue </dev/null
check "when standard input has ended a cue that waits stops the sheet" status_is 1
check "with a sentence" err_has 'standard input has ended, and a cue waits for go'
check "and the finally line" same "$(tags b)" 'the end'
# shellcheck disable=SC2086
ld run --no-bonjour --sphere c --go 0.2 $NODES go.cue </dev/null
check "--go SECONDS needs nobody" status_is 0
check "and cuts the same" same "$(cut_list c)" "$(cut_list a)"
ld run --no-bonjour --go soon go.cue
check "--go takes auto or seconds" status_is 2

# The control socket.
mkfifo hands
# shellcheck disable=SC2086
"$LIVEDIRECTOR" run --no-bonjour --sphere d $NODES go.cue <hands >d.out 2>d.err &
RUN=$!
TAP_PIDS="$TAP_PIDS $RUN"
exec 7>hands
check "a cue waits" until_true 20 grep -q 'on go "one"' d.err
ld do --sphere d cue jump part2
check "jump goes to a name" out_has '^say [0-9]* "go.cue 6/[0-9]*, held; next: on go  cut left"'
ld do --sphere d cue jump nowhere
check "which must be there" out_has 'end [0-9]* error .*go.cue has no cue of the name nowhere'
ld do --sphere d cue go
check "go runs it" until_true 10 grep -q '^event cut left' d.out
ld do --sphere d cue skip
check "skip passes one" out_has 'held; next: on go  cut next of right,left'
ld do --sphere d cue load go.cue
check "a second sheet finds no room" out_has 'go.cue plays; .cue stop. ends it first'
ld do --sphere d cue stop
check "stop ends it" until_true 10 gone "$RUN"
wait "$RUN"
STATUS=$?
check "as a sheet that is over" status_is 0
check "with its finally line" same "$(tags d)" 'the end'
exec 7>&-

printf 'wait nodes 99 within 1h\nfinally tag "the end"\n' >hang.cue
# shellcheck disable=SC2086
"$LIVEDIRECTOR" run --no-bonjour --sphere f $NODES hang.cue </dev/null >f.out 2>f.err &
RUN=$!
TAP_PIDS="$TAP_PIDS $RUN"
check "a wait hangs" until_true 20 grep -q '^begin [0-9]* wait nodes 99' f.out
ld do --sphere f cue stop
check "stop ends the sheet under it" until_true 10 gone "$RUN"
wait "$RUN"
STATUS=$?
check "and nothing has failed by that" status_is 0
check "its finally line runs" same "$(tags f)" 'the end'

# On the screen.
open_console 132 43 --sphere e "$NODES"
check "the console runs" sees 20 'cam 2'
command_line 'cue load go.cue'
check "a sheet is loaded" sees 10 'go.cue'
keys G
check "G begins it, and the next is on the screen" sees 20 'on go "one" *cut left'
sleep 0.4
keys G
check "G lets the cue go" until_true 10 grep -q '"label":"right"' e/sidecars/cuts.jsonl
command_line 'cue hold'
check "hold is on the screen" sees 10 'HELD'
end_and_wait "$(cat e/sphere.json.lock)"
check "a console that ends runs the finally line" same "$(tags e)" 'the end'
finish
