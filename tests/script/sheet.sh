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
standby
END
wrong 2:1 'unknown command "whenevr"; the nearest is "whenever"' <<'END'
echo x
whenevr alarm cut 1
END
wrong 1:10 'closing quote' <<'END'
label 1  "left
END
wrong 1:8 'a bar after .at bar., such as 17' <<'END'
at bar one cut 1
END
wrong 2:10 'after .when.; the nearest to "node-lst" is node-lost' <<'END'
echo x
    when node-lst cut 1
END
wrong 3:13 'variable $piar is not set above this line; the nearest is $pair' <<'END'
set $pair left,right
# a word twisted
cut next of $piar
END
wrong 2:6 'expected a zoom factor' <<'END'
set $how much
zoom $how -t 1
END
wrong 1:1 'this repeat has no .end. in this file' <<'END'
repeat 4
cut 1
END
wrong 2:10 'no cue has the name "sponsr"; the nearest is sponsor' <<'END'
sponsor: on go "the sponsor" cut 1
cue jump sponsr
END
wrong 1:9 'gone.cue cannot be read: No such file' <<'END'
include gone.cue
END
wrong 1:9 'bad.cue is being read already' <<'END'
include bad.cue
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
check "and prints each in order" same "$(sed -n 3p "$WORK/out")" "good.cue:3  at 5s  cut 1"
check "the last too" same "$(sed -n 4p "$WORK/out")" "good.cue:4  finally  try record stop"
check "no folder was made" same "$(ls -d sphere-* 2>/dev/null)" ""

# Included files: relative to the file that names them, their mistakes by their own name.
mkdir -p parts/more
printf 'set $pair 1,2\ninclude parts/talk.cue\ncut next of $pair\n' >whole.cue
printf '# the talk\ninclude "more/rule one.cue"\nrepeat 2\n  on bar cut next of $pair\nend\n' >parts/talk.cue
printf 'lost: whenever program-lost  try cut safe\n' >'parts/more/rule one.cue'
cat >expected <<'END'
parts/more/rule one.cue:1  lost: whenever program-lost  try cut safe
parts/talk.cue:3           repeat 2
parts/talk.cue:4             on bar  cut next of 1,2
parts/talk.cue:5           end
whole.cue:3                cut next of 1,2
whole.cue: 3 cues, no error
END
ld run --dry-run whole.cue
check "included files are read in where they stand" diff -u expected "$WORK/out"
ld run --dry-run --json whole.cue
check "and as JSON lines" same "$(jq -sc '[.[] | [.file, .line, .when, .mood, .text, .depth]] | .[0], .[2]' "$WORK/out" | tr '\n' ' ')" \
	'["parts/more/rule one.cue",1,"whenever program-lost","try","cut safe",0] ["parts/talk.cue",4,"on bar","","cut next of 1,2",1] '
printf 'zero\n\nrecrod start\n' >'parts/more/rule one.cue'
ld run --sphere never --no-bonjour whole.cue
check "their mistakes are told by their own name" err_has '^parts/more/rule one.cue:3:1: unknown command "recrod"'
check "and run nothing" test ! -e never
(cd parts && "$LIVEDIRECTOR" run --dry-run ../whole.cue) >"$WORK/out" 2>"$WORK/err"
check "from anywhere" err_has '^../parts/more/rule one.cue:3:1: '
mkfifo parts/pipe.cue
printf 'include parts/pipe.cue\n' >bad.cue
ld run --dry-run bad.cue
check "a pipe is nothing to include: it could keep the show waiting" err_has '^bad.cue:1:9: the cue sheet parts/pipe.cue cannot be read'
printf 'include parts\n' >bad.cue
ld run --dry-run bad.cue
check "nor is a folder" err_has '^bad.cue:1:9: the cue sheet parts cannot be read: Is a directory'
head -c 1100000 /dev/zero | tr '\0' '#' >parts/large.cue
printf 'include parts/large.cue\n' >bad.cue
ld run --dry-run bad.cue
check "nor more than a cue sheet may be" err_has '^bad.cue:1:9: parts/large.cue is larger than a cue sheet may be'
printf 'include parts/talk.cue\n' | "$LIVEDIRECTOR" run --dry-run - >"$WORK/out" 2>"$WORK/err"
check "standard input includes from where it is run" err_has '^parts/more/rule one.cue:3:1: '

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
