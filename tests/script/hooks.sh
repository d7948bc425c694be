#!/bin/sh
# hooks.sh - programs of the configuration follow a show: each event as JSON, in order, time-limited, failures told (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

start_fleet cams 2 --name cam --size 320x180 --fps 10 ||
	{ cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)

# What the configuration may say.
conf=config/livedirector/livedirector.conf
cp "$conf" plain.conf
cat >>"$conf" <<'END'
on cutt run true
END
ld nodes --for 1s
check "an event that is none is told with its place" err_has 'livedirector.conf:5:4: .*there is no event "cutt"; the nearest is "cut"'
check "and that is a mistake of the configuration" status_is 2
{
	cat plain.conf
	echo "hook-timeout 5s"
	echo "on cut run sh -c \"cat >>\$WORK/cuts.json; echo >>\$WORK/cuts.json\"  # -t stays with it: --force"
	echo "on cut run \"$SOURCE_DIR/examples/hooks/follow-cuts.sh\" $WORK/on-program"
	echo "hook visuals run sh -c \"cat >\$WORK/visuals.json; printf '%s ' \\\"\$@\\\" >\$WORK/args\" x -t 5 --force \"two words\""
	echo "hook broken run sh -c \"echo no such scene >&2; exit 3\""
	echo "hook hangs run sh -c \"echo \$\$ >\$WORK/hangs.pid; sleep 600\""
} >"$conf"
export WORK

cat >show.cue <<'END'
wait nodes 2 within 80s
label "cam 1" left
cut left
cut "cam 2"
hook visuals scene "3 # loud"
try hook broken
try hook hangs
try hook nobody
cut black
END
# shellcheck disable=SC2086
ld run --sphere show --no-bonjour $NODES show.cue
check "the show ends well" status_is 0
check "every cut came, in order" same "$(jq -rc '[.event, .name]' cuts.json | tr '\n' ' ')" \
	'["cut","left"] ["cut","cam 2"] ["cut",null] '
check "and by whom" same "$(jq -r '.by | sub(".*:"; "") | test("^[0-9]+$")' cuts.json | sort -u)" true
check "with what was on by then" same "$(jq -rc '[.program.name, .program.number, .preview, .rehearsal]' cuts.json | head -n 2 | tr '\n' ' ')" \
	'["left",1,null,false] ["cam 2",2,null,false] '
check "the example keeps the source on program" same "$(cat on-program)" black
check "a hook has its text, and whose it is" same "$(jq -rc '[.event, .hook, .text, .by]' visuals.json)" \
	'["hook","visuals","scene 3 # loud","cue:show.cue:5"]'
check "its words reach the program as they stand" same "$(cat args)" '-t 5 --force two words '
check "a failure says why" out_has '^end [0-9]* error [0-9.]*ms "sh ended with status 3: no such scene"'
check "and is an alarm" out_has '^event alarm "hook broken: sh ended with status 3: no such scene"'
check "one that hangs is ended" out_has '^end [0-9]* error [0-9]*ms "sh took longer than 5s and was ended'
check "with its children" until_true 10 sh -c '! kill -0 "$(cat hangs.pid)"'
check "a name nobody has is refused" out_has 'there is no hook nobody; there is visuals, broken, hangs"'

# Options do what the file does; a URL that nobody serves is an alarm, and no cut waits for it.
cp plain.conf "$conf"
cat >show.cue <<'END'
wait nodes 2 within 80s
cut 1
expect ack all within 10s
wait event alarm within 40s
END
# shellcheck disable=SC2086
ld run --sphere show2 --no-bonjour --on 'cut post http://127.0.0.1:1/cuts' $NODES show.cue
check "a machine that is not there costs no cut" status_is 0
check "and is told" out_has '^event alarm "on cut: '

if command -v curl >/dev/null; then
	echo '{"event":"cut-pending","pending":{"name":null,"atUs":5,"beat":9}}' >pending.json
	"$SOURCE_DIR/examples/hooks/scene.sh" http://127.0.0.1:1/ <pending.json 2>"$WORK/err"
	STATUS=$?
	check "the example for render machines says what went wrong" status_is 7
	check "in its last words" err_has 'curl: (7)'
fi
finish
