#!/bin/sh
# sheet.sh - a cue sheet with an error runs nothing and says file:line:column and what was expected (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"

# wrong PLACE EXPECTED: the sheet on standard input is refused with that place and words.
wrong() {
	cat >bad.cue
	ld run --sphere never --no-bonjour bad.cue
	check "$1: $2" refused "$1" "$2"
}
refused() {
	status_is 2 && err_has "^bad.cue:$1: .*$2" && same "$(wc -l <"$WORK/err")" 1 &&
		same "$(cat "$WORK/out")" "" && test ! -e never
}

wrong 3:1 'unknown command "recrod"; the nearest is "record"' <<'END'
# a comment
wait nodes 1
recrod start
END
wrong 1:6 'nodes, take, event' <<'END'
wait forever
END
wrong 2:9 'at TIME\|such as 1.5s' <<'END'
echo "fine"
at      soon cut 1
END
wrong 1:4 'a time after `at`' <<'END'
at 5 cut 1
END
wrong 1:13 'expected now, on beat' <<'END'
at 5s cut 1 never
END
wrong 1:13 'expected -t TARGETS' <<'END'
at 1s zoom 2 --force
END
wrong 1:1 'this version does not have it yet' <<'END'
panic
END
wrong 1:10 'closing quote' <<'END'
label 1  "left
END
wrong 1:1 'at bar. is not offered' <<'END'
at bar 17 cut 1
END
wrong 2:21 'set.*ack-timeout\|not a time' <<'END'
echo x
set ack-timeout     soon
END

printf 'wait nodes 1\nlabel 1 "caf\303"\n' >bad.cue
ld run --sphere never --no-bonjour bad.cue
check "bytes that are not UTF-8 are refused" err_has '^bad.cue:2:[0-9]*: .*UTF-8'
printf 'echo "\033[2J"\n' >bad.cue
ld run --sphere never --no-bonjour bad.cue
check "control characters are refused" err_has '^bad.cue:1:[0-9]*: '

ld run --sphere never --no-bonjour nothere.cue
check "a missing sheet is told" err_has '^livedirector: the cue sheet nothere.cue cannot be read: No such file'
check "with status 2" status_is 2
ld run --sphere never .
check "a folder is no sheet" status_is 2

printf 'wait nodes 4 within 10s\nrecord start\nat 5s cut 1\nfinally try record stop\n' >good.cue
ld run --dry-run good.cue
check "--dry-run reads the sheet and stops there" status_is 0
check "and says how many cues it has" out_has '^good.cue: 4 cues, no error$'
check "no folder was made" same "$(ls -d sphere-* 2>/dev/null)" ""

# Standard input, a folder of its own making, and no camera needed.
echo 'echo "from standard input"' | "$LIVEDIRECTOR" run --no-bonjour - >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "- is standard input" status_is 0
check "it ran" out_has '^say 1 "from standard input"$'
check "the folder made is told" err_has '^livedirector: the Sphere folder is ./sphere-[0-9]\{8\}-[0-9]\{4\}$'
check "and is there" test -f "$(sed -n 's/.*folder is //p' "$WORK/err")/sphere.json"
echo 'echo' | "$LIVEDIRECTOR" run --no-bonjour - >/dev/null 2>"$WORK/err2"
check "a second one makes another" test "$(sed -n 's/.*folder is //p' "$WORK/err2")" != "$(sed -n 's/.*folder is //p' "$WORK/err")"
printf '' >empty.cue
ld run --no-bonjour --sphere empty empty.cue
check "an empty sheet is over at once" status_is 0
check "and counts nothing" same "$(cat "$WORK/out")" "0 passed, 0 failed"

ld run --dry-run "$SOURCE_DIR/tests/data/cues/saturday.cue"
check "the example of the manual is good" status_is 0
ld run --sphere /proc/nowhere --no-bonjour good.cue
check "a folder that cannot be made is the environment's failure" status_is 4
finish
