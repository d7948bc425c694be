#!/bin/sh
# control.sh - the control socket while a sheet plays: `do` and `status` through it, fifty clients at once, one that never reads,
# garbage, 100 MB without a line feed; nobody else notices (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq python3

start_fleet cams 2 --name cam --size 320x180 --fps 10 || { cat "$WORK/cams.err"; echo "Bail out! no cameras"; exit 1; }
NODES=$(node_options cams)
cat >show.cue <<'END'
wait nodes 2 within 80s
cut 1
wait event marker within 90s
expect cuts 49
END
# shellcheck disable=SC2086
"$LIVEDIRECTOR" run --no-bonjour --sphere show $NODES show.cue >run.out 2>run.err &
RUN=$!
TAP_PIDS="$TAP_PIDS $RUN"
check "a sheet plays" until_true 20 grep -q '^end .* cut 1\|^event cut' run.out
SOCKET=$(find "$XDG_RUNTIME_DIR" -name control)
check "its control socket is where the Sphere folder says" \
	same "$SOCKET" "$XDG_RUNTIME_DIR/livedirector/$(jq -r .sphere show/sphere.json)/control"
check "for its user alone" same "$(stat -c %a "$SOCKET") $(stat -c %a "$(dirname "$SOCKET")")" '600 700'

ld status show
check "status is one line" same "$STATUS $(wc -l <out)" '0 1'
check "on the show" out_has 'PGM "\?cam 1"\?  *live 2/2'
ld status --format '{program}|{live}|{headless}'
check "of the only console, in a form of one's own" same "$(cat out)" 'cam 1|2/2|HEADLESS'
ld status --format '{nothing}' show
check "a form that is none is a mistake of usage" status_is 2
ld status nowhere
check "where no console runs it is status 3" status_is 3

ld do cut 2
check "do goes through the console" status_is 0
check "with its answers" same "$(grep -c '^ack [0-9]* "cam [12]" ok ' out)" 2
check "as its own" same "$(jq -r 'select(.type == "cut") | .by' show/sidecars/cuts.jsonl | tail -n 1 | sed 's/[0-9]*$//')" 'control:livedirector/'
ld do --json --sphere show echo hello
check "in JSON Lines" same "$(jq -r '[.record, .text // .result] | join(" ")' out | tr '\n' ',')" 'begin echo hello,say hello,end ok,'
ld do --sphere show record stop
check "a refusal is status 1" status_is 1
ld do --sphere show --node 127.0.0.1:1 cut 1
check "cameras of its own are none of the console's" status_is 2
ld "$WORK/show"
check "a sheet has no screen to take over" err_has 'terminal'

cat >clients.py <<'END'
# 50 clients at once: 47 that cut, one that never reads, one that sends garbage, one without a line feed.
import os, socket, sys, time

def come():
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    return s

deaf, noise, flood = come(), come(), come()
good = [come() for _ in range(47)]
sent = 0
for s in (noise, flood):
    s.settimeout(20)
try:
    for _ in range(40):
        noise.sendall(os.urandom(512).replace(b'\n', b' ') + b'\n')
    while sent < 100 * 1024 * 1024:
        sent += flood.send(b'x' * 65536)
except OSError:
    pass
deaf.setblocking(False)
try:
    while True:
        deaf.send(b'help\n' * 500)     # its answers are many times what it has asked
except OSError:
    pass
slowest, answered = 0, 0
for i, s in enumerate(good):
    s.settimeout(60)
    begun = time.monotonic()
    s.sendall(b'events off\nsync\ncut %d --force\n' % (i % 2 + 1))
    text = b''
    while b' ok 2/2 ' not in text:
        got = s.recv(65536)
        if not got:
            break
        text += got
    answered += b' ok 2/2 ' in text
    slowest = max(slowest, time.monotonic() - begun)
print('answered %d, flood let go %d, slowest %.0f ms' % (answered, sent < 100 * 1024 * 1024, slowest * 1000))
END
python3 clients.py "$SOCKET" >clients.out 2>&1
check "fifty at once: each that asks is answered ($(cat clients.out))" grep -q '^answered 47, flood let go 1,' clients.out
check "the console lives and has said so" kill -0 "$RUN"
RSS=$(awk '/VmRSS/ { print $2 }' /proc/$RUN/status)
check "nobody's bytes were kept ($RSS kB)" test "$RSS" -lt 120000
echo 'wait event marker within 60s' >forever
printf 'sync\nrecord start\nrecord stop\ntag over' >lines
python3 - "$SOCKET" >session.out 2>&1 <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(open('lines', 'rb').read())
s.shutdown(socket.SHUT_WR)
while True:
    got = s.recv(65536)
    if not got:
        break
    sys.stdout.write(got.decode())
END
check "a whole session in one write, in order, to its end without a line feed" \
	same "$(grep '^begin\|^end' session.out | awk '{ print $1, $3 }' | tr '\n' ',')" \
	'begin sync,end ok,begin record,end ok,begin record,end ok,begin tag,end ok,'
check "and it hears what happens by itself" grep -q '^event recording' session.out
"$LIVEDIRECTOR" run --no-bonjour --sphere other - <forever >other.out 2>&1 &
OTHER=$!
TAP_PIDS="$TAP_PIDS $OTHER"
two_sockets() { [ "$(find "$XDG_RUNTIME_DIR" -name control | wc -l)" = 2 ]; }
until_true 20 two_sockets
ld do echo who
check "of two consoles one has to be named" status_is 2
check "in one sentence" err_has '2 consoles run: --sphere'
kill "$OTHER"
wait "$OTHER"
kill -STOP "$RUN"
ld status show
check "a console that is stopped: status gives up" status_is 4
ld do --sphere show echo late
check "and do" status_is 4
check "which says what may still come" err_has 'may still do'
kill -CONT "$RUN"
ld do --sphere show clap
wait "$RUN"
same "$?" 0
ok $? "the sheet has counted every cut, and ends well"
check "the socket is gone with it" sh -c "! test -e '$SOCKET'"
check "its journal has no hole" whole show/sidecars/commands.jsonl
ld status show
check "and no console runs any more" status_is 3
finish
