#!/bin/sh
# avahi-private.sh - runs a command beside a private D-Bus and avahi-daemon that hear nothing but loopback.
#
#	avahi-private.sh [--no-daemon] COMMAND [ARGS...]	exits as COMMAND does; 77 and a sentence: cannot be done here
#	avahi-private.sh --daemon start|stop|kill		from inside COMMAND: the daemon comes, says goodbye, or dies
#
# New mount and network namespaces: nothing leaks out, several may run at once.  COMMAND finds its daemon by
# DBUS_SYSTEM_BUS_ADDRESS; AVAHI_PRIVATE is the folder of its logs.  Owns only processes it started, by their ids.

PATH=$PATH:/usr/sbin:/sbin
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")

skip() {
	echo "avahi-private: $*" >&2
	exit 77
}

is_running() {	# a zombie is not
	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 1
	[ -n "$state" ] && [ "$state" != Z ]
}

wait_gone() {
	n=0
	while is_running "$1" && [ $n -lt 100 ]; do
		sleep 0.05
		n=$((n + 1))
	done
}

daemon_start() {
	: >"$AVAHI_PRIVATE/avahi.log"
	rm -f /run/avahi-daemon/pid /run/avahi-daemon/socket
	avahi-daemon -f "$AVAHI_PRIVATE/avahi.conf" --no-drop-root --no-rlimits --no-chroot --no-proc-title \
	    >"$AVAHI_PRIVATE/avahi.log" 2>&1 </dev/null &
	echo $! >"$AVAHI_PRIVATE/avahi.pid"
	n=0
	until grep -q "startup complete" "$AVAHI_PRIVATE/avahi.log"; do
		n=$((n + 1))
		if [ $n -gt 800 ] || ! is_running "$(cat "$AVAHI_PRIVATE/avahi.pid")"; then
			sed 's/^/avahi-private: /' "$AVAHI_PRIVATE/avahi.log" >&2
			return 1
		fi
		sleep 0.05
	done
}

daemon_end() {	# $1: signal
	[ -s "$AVAHI_PRIVATE/avahi.pid" ] || return 0
	pid=$(cat "$AVAHI_PRIVATE/avahi.pid")
	kill "-$1" "$pid" 2>/dev/null
	wait_gone "$pid"
	: >"$AVAHI_PRIVATE/avahi.pid"
}

write_configuration() {
	cat >"$AVAHI_PRIVATE/dbus.conf" <<-END
	<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
	 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
	<busconfig><type>system</type><listen>unix:path=$AVAHI_PRIVATE/bus</listen><auth>EXTERNAL</auth>
	<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
	<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*" eavesdrop="true"/></policy>
	<limit name="max_connections_per_user">4096</limit></busconfig>
	END
	cat >"$AVAHI_PRIVATE/avahi.conf" <<-END
	[server]
	host-name=rehearsal
	use-ipv4=yes
	use-ipv6=no
	allow-interfaces=lo
	[wide-area]
	enable-wide-area=no
	[publish]
	publish-hinfo=no
	publish-workstation=no
	END
}

clean_up() {
	if [ -n "$command_pid" ]; then
		kill "$command_pid" 2>/dev/null
		wait_gone "$command_pid"
	fi
	daemon_end TERM
	if [ -n "$bus_pid" ]; then
		kill "$bus_pid" 2>/dev/null
		wait_gone "$bus_pid"
	fi
	rm -rf "$AVAHI_PRIVATE"
}

inside() {
	with_daemon=$1
	shift
	# The pid file and the socket of avahi are compiled in: it needs this folder for itself.
	if [ -d /run/avahi-daemon ]; then
		mount -t tmpfs tmpfs /run/avahi-daemon || skip "no private /run/avahi-daemon"
	else
		mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon || skip "no private /run"
	fi
	ip link set lo up || skip "no loopback in the new network"
	AVAHI_PRIVATE=$(mktemp -d /tmp/avahi-private.XXXXXX) || skip "no temporary folder"
	export AVAHI_PRIVATE
	bus_pid= command_pid=
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	write_configuration
	dbus-daemon --config-file="$AVAHI_PRIVATE/dbus.conf" --nofork --nopidfile >"$AVAHI_PRIVATE/dbus.log" 2>&1 </dev/null &
	bus_pid=$!
	n=0
	until [ -S "$AVAHI_PRIVATE/bus" ]; do
		n=$((n + 1))
		[ $n -le 200 ] && is_running "$bus_pid" || skip "dbus-daemon does not start: $(tail -1 "$AVAHI_PRIVATE/dbus.log")"
		sleep 0.02
	done
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$AVAHI_PRIVATE/bus
	AVAHI_COMPAT_NOWARN=1
	export DBUS_SYSTEM_BUS_ADDRESS AVAHI_COMPAT_NOWARN
	if [ "$with_daemon" = yes ]; then
		daemon_start || skip "avahi-daemon does not start"
	fi
	"$@" <&0 &
	command_pid=$!
	wait $command_pid
	status=$?
	command_pid=
	exit $status
}

case $1 in
--daemon)
	[ -n "$AVAHI_PRIVATE" ] || { echo "avahi-private: --daemon works only inside" >&2; exit 2; }
	case $2 in
	start) daemon_start ;;
	stop) daemon_end TERM ;;
	kill) daemon_end KILL ;;
	*) echo "avahi-private: --daemon start|stop|kill" >&2; exit 2 ;;
	esac
	exit
	;;
--inside)
	shift
	inside "$@"
	;;
esac

with_daemon=yes
if [ "$1" = --no-daemon ]; then
	with_daemon=no
	shift
fi
[ $# -gt 0 ] || { echo "usage: avahi-private.sh [--no-daemon] COMMAND [ARGS...]" >&2; exit 2; }
for tool in avahi-daemon dbus-daemon unshare ip mount; do
	command -v $tool >/dev/null 2>&1 || skip "$tool is not installed"
done
as_root=
[ "$(id -u)" = 0 ] || as_root=-r
unshare $as_root -m -n true 2>/dev/null || skip "no namespaces may be made here"
exec unshare $as_root -m -n "$self" --inside $with_daemon "$@"
