#!/bin/sh
# command-line.sh - options, --help, --version, the configuration file and their mistakes (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"

ld --version
check "--version" status_is 0
check "names the program and its licence" out_has '^livedirector (Live Director) [0-9]'
check "in the GNU manner" out_has 'GPL-3.0-or-later'

for sub in "" run do nodes rehearse; do
	# shellcheck disable=SC2086
	ld $sub --help
	check "$sub --help" status_is 0
	check "$sub --help begins with its usage" out_has "^Usage: livedirector $sub"
	check "$sub --help fits 80 columns" test -z "$(awk 'length($0) > 80' "$WORK/out")"
done
ld --help
for sub in attach; do
	check "$sub is absent from --help" out_lacks "livedirector $sub"
done
cp out help.out
for sub in attach; do
	ld $sub show
	check "$sub is told to be absent" status_is 2
	check "$sub: in one sentence" err_has "^livedirector: .$sub. is not in this version"
done
cp help.out out

# Each option of the table is taken; those of one subcommand by that one only.
ld --print options
check "the table of options" status_is 0
cut -f 1 out >names
check "every option has a sentence" test -z "$(awk -F '\t' '$3 !~ /\.$/' out)"
for option in sphere name node no-bonjour probe sweep graphics theme keys archive config set log log-file json help version \
	dry-run speed seed go tap for explain cameras cue tour with-cameras; do
	check "--$option is in the table" grep -qx "$option" names
done
ld --print commands
check "every command has usage, help and group" test -z "$(awk -F '\t' 'NF != 4 || $3 !~ /\.$/' out)"
ld --print settings
check "ack-timeout is 2 s" out_has '^ack-timeout	TIME	.*	2s$'
check "roll-policy is willing" out_has '^roll-policy	willing|must|all	.*	willing$'
ld --print keys
check "the keys have their help" out_has '^space	cut'
ld --print nonsense
check "nothing else is printed" status_is 2

# bad SENTENCE ARGS...
bad() {
	bad_sentence=$1
	shift
	ld "$@"
	check "$*: $bad_sentence" bad_told "$bad_sentence"
}
bad_told() {
	status_is 2 && err_has "^livedirector: .*$1"
}
bad 'there is no option --exlpain; the nearest is --explain' nodes --exlpain
bad '--explain does not go with this subcommand' run --explain x.cue
bad 'there is no option -q' nodes -q
bad '--for: "soon" is not a time' nodes --for soon
bad '--node: ' nodes --node 'host:99999'
bad '--sweep: ' nodes --sweep 10.0.0.0/99
bad '--sweep: "10.0.0.0/8" is too large' nodes --sweep 10.0.0.0/8
bad '--sweep: its value is empty' nodes --sweep ''
bad '--sweep: .* has a blank' nodes --sweep '10.0.0.0/24 ports 80'
bad '--set: sweep-ports: expected up to 8 ports' nodes --set sweep-ports=8081,0
bad '--set: sweep-rate: "-1" is not a whole number from 0 to' nodes --set sweep-rate=-1
bad '--probe: "camera" is no NAME.local' nodes --probe camera
bad '--graphics: "oil" is none of auto' nodes --graphics oil
bad '--set: there is no option "ack-timeot"' nodes --set ack-timeot=2s
bad '--set: expected OPTION=VALUE' nodes --set ack-timeout
bad '--speed: "fast" is not a number' run --speed fast x.cue
bad '--go: "soon" is neither auto' run --go soon x.cue
bad '--sphere: expected DIR after it' run --sphere
bad 'expected one CUESHEET' run
bad 'expected one CUESHEET' run a.cue b.cue
bad 'expected a COMMAND' do
bad 'expected options only' nodes extra
bad 'expected one Sphere folder at most' one two
bad 'the Sphere folder is named twice' --sphere one two
bad '-n: expected 1 to' rehearse -n 0
bad '--theme: there is no theme "nosuch"; expected .*default, .*mono.* or a file' --theme nosuch show
bad '--theme: theme: ./. is no file' --theme ./. show
bad '--theme: there is no theme "nosuch"' rehearse --theme nosuch
bad 'did you mean .run.?' rnu
bad 'did you mean .rehearse.?' rehaerse
bad 'did you mean .nodes.?' --no-bonjour node
bad 'did you mean .fetch.?' fecth
check "and none of them is a folder now" test ! -e rnu -a ! -e rehaerse -a ! -e node -a ! -e fecth
ld fresh-show </dev/null
check "no terminal is status 4" status_is 4
check "in one sentence" err_has 'needs a terminal'
ld </dev/null
ld rehearse </dev/null
check "nor does a rehearsal start without one" status_is 4
check "and no folder is left behind" test -z "$(ls -d fresh-show sphere-* state/livedirector/rehearsal-* 2>/dev/null)"
if command -v script >/dev/null 2>&1; then
	TERM=nonesuch script -qec "$LIVEDIRECTOR odd-show" /dev/null >out 2>&1 </dev/null
	check "a terminal type that is not known leaves none either" test ! -e odd-show
	check "and is told" out_has 'TERM=nonesuch is not known here'
fi
bad 'there is no topic "everything"' nodes --log everything

ld nodes --no-bonjour --for 1ms --probe off --sweep off --log off --graphics off
check "probe, sweep, log and graphics take off" status_is 3
ld run --dry-run --no-bonjour --probe cam.local,cam-2.local --sweep 10.0.0.0/24,10.0.1.0/24 --keys atem --archive takes --theme mono \
	--name x --sphere x --json --set sweep-rate=0 --set sweep-ports=8081,8090 /dev/null
check "lists of names, networks and ports are taken" status_is 0
ld nodes --no-bonjour --for 1ms --keys atem --archive takes --theme mono --name x --json
check "options of later versions are taken now" status_is 3
ld nodes --no-bonjour --for 1ms --sphere x --json
check "a show that is not there is told" status_is 4
check "and not made" test ! -e x
ld run --dry-run --seed 7 --go auto --speed 2 --tap /dev/null
check "run takes its own" status_is 0

# The configuration file.
mkdir -p config/livedirector
conf=config/livedirector/livedirector.conf
printf '# mine\nno-bonjour\nsweep off\nprobe off\ntailscale off\nack-timeout 3s   # patient\nname "Saturday # show"\nset cut-guard=100ms\n' >$conf
cat >set.cue <<'END'
set ack-timeout
set cut-guard
END
ld run --sphere conf-show set.cue
check "the user's file is read" status_is 0
check "its settings count" out_has 'say 1 "ack-timeout 3s"'
check "its --set too" out_has 'say 2 "cut-guard 100ms"'
check "its options too" grep -q '"name": *"Saturday # show"' conf-show/sphere.json
ld run --sphere conf-show --set ack-timeout=4s set.cue
check "the command line wins" out_has 'say 1 "ack-timeout 4s"'
printf 'no-bonjour on\nack-timeot 3s\n' >mine.conf
ld run --config mine.conf --sphere never set.cue
check "a wrong word is told with its place" err_has '^livedirector: mine.conf:2:1: .*the nearest is "ack-timeout"'
check "with status 2" status_is 2
printf 'ack-timeout soon\n' >mine.conf
ld run --config=mine.conf --sphere never set.cue
check "a wrong value too" err_has '^livedirector: mine.conf:1:13: ack-timeout: "soon" is not a time'
printf 'dry-run\n' >mine.conf
ld run --config mine.conf --sphere never set.cue
check "what belongs on the command line is refused" err_has 'mine.conf:1:1: '
ld run --config nothere.conf --sphere never set.cue
check "a named file must be there" err_has 'nothere.conf cannot be read'
check "nothing was run" test ! -e never

# No terminal: the console says so and leaves no trace on the screen.
rm $conf
"$LIVEDIRECTOR" --no-bonjour --sphere screenless </dev/null >"$WORK/out" 2>"$WORK/err"
STATUS=$?
check "without a terminal the console ends with status 4" status_is 4
check "and a sentence" err_has '^livedirector: '
check "standard output stays clean" same "$(cat "$WORK/out")" ""
finish
