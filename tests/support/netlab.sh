# netlab.sh - a network laboratory for shell tests: switches, hosts, a router, daemons, filters and broken cables, all in
# namespaces of their own; sourced before tap.sh.  Nothing reaches the machine's own interfaces, and all of it ends with the test.
# Knows no test.
#
#	. "$SOURCE_DIR/tests/support/netlab.sh"
#	lab_enter "$@"		starts the test anew inside (user,) mount, process and network namespaces, or skips it
#	. "$SOURCE_DIR/tests/support/tap.sh"
#	lab_open		the switches of two subnets, 10.77.1.0/24 and 10.77.2.0/24 (fd77:0:0:N::/64)
#	lab_host desk 1 1	host "desk" at 10.77.1.1; its interface is "lan"
#	lab_host cam 1 7
#	lab_avahi cam		a D-Bus and an avahi-daemon of its own
#	on cam COMMAND...	a command on that host

PATH=$PATH:/usr/sbin:/sbin
LAB_TOOLS="ip unshare mount nft"

lab_skip() {
	echo "1..0 # SKIP $*"
	exit 0
}

# lab_enter ARGS...: the arguments of the test itself.
lab_enter() {
	[ "$LAB_INSIDE" = "$0" ] && return 0
	for lab_tool in $LAB_TOOLS; do
		command -v "$lab_tool" >/dev/null || lab_skip "no $lab_tool here"
	done
	lab_root=
	[ "$(id -u)" = 0 ] || lab_root=-r
	# shellcheck disable=SC2086
	unshare $lab_root -m -n -p --fork --kill-child --mount-proc sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip netns add try &&
		ip netns exec try ip link set lo up' >/dev/null 2>&1 || lab_skip "no namespaces may be made here"
	LAB_INSIDE=$0
	export LAB_INSIDE
	# shellcheck disable=SC2086
	exec unshare $lab_root -m -n -p --fork --kill-child --mount-proc sh "$0" "$@"
}

# lab_open: $LAB is the folder of what the laboratory writes.  The namespace of the test itself holds the switches.
lab_open() {
	LAB=$WORK/lab
	mkdir "$LAB" && mount -t tmpfs tmpfs /run && mkdir /run/netns /run/avahi-daemon /run/user || skip_all "no private /run"
	# No name server: the C library must not wait for one.
	printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$LAB/resolv.conf"
	mount --bind "$LAB/resolv.conf" /etc/resolv.conf 2>/dev/null
	ip link set lo up
	for lab_net in 1 2 ts; do
		ip link add "sw$lab_net" type bridge mcast_snooping 0 && ip link set "sw$lab_net" up || skip_all "no bridge can be made here"
	done
}

on() {
	on_host=$1
	shift
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=$LAB/$on_host/bus AVAHI_COMPAT_NOWARN=1 ip netns exec "$on_host" "$@"
}

# as HOST COMMAND... &	only in the background: its process is $!
as() {
	as_host=$1
	shift
	export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$LAB/$as_host/bus" AVAHI_COMPAT_NOWARN=1
	exec ip netns exec "$as_host" "$@"
}

# lab_port HOST INTERFACE NET: a cable; at the switch it is called nNET-HOST.
lab_port() {
	ip link add "$2" netns "$1" type veth peer name "n$3-$1"
	ip link set "n$3-$1" master "sw$3"
	ip link set "n$3-$1" up
	ip -n "$1" link set "$2" up
}

# lab_host NAME NET N [INTERFACE]: a host at 10.77.NET.N; its way out is the router, 10.77.NET.254, be there one or not.
lab_host() {
	lab_if=${4:-lan}
	mkdir "$LAB/$1"
	ip netns add "$1"
	# Addresses serve at once; nobody else has them.  LAB_IPV6=no: IPv4 alone.
	ip netns exec "$1" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
	[ "$LAB_IPV6" != no ] || ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	ip -n "$1" link set lo up
	lab_port "$1" "$lab_if" "$2"
	ip -n "$1" addr add "10.77.$2.$3/24" dev "$lab_if"
	ip -n "$1" route add default via "10.77.$2.254"
	[ "$LAB_IPV6" != no ] || return 0
	ip -n "$1" -6 addr add "fd77:0:0:$2::$3/64" dev "$lab_if" nodad
	ip -n "$1" -6 route add default via "fd77:0:0:$2::254"
}

# lab_router: joins the two subnets.  Multicast stays where it is.
lab_router() {
	mkdir "$LAB/router"
	ip netns add router
	ip -n router link set lo up
	for lab_net in 1 2; do
		lab_port router "net$lab_net" "$lab_net"
		ip -n router addr add "10.77.$lab_net.254/24" dev "net$lab_net"
		ip -n router -6 addr add "fd77:0:0:$lab_net::254/64" dev "net$lab_net" nodad
	done
	on router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward && echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# lab_second_path HOST N: a second interface at 100.64.0.N, as a Tailscale one; no multicast, no ARP to be swept.
lab_second_path() {
	lab_port "$1" tailscale0 ts
	ip -n "$1" link set tailscale0 multicast off
	ip -n "$1" addr add "100.64.0.$2/10" dev tailscale0
}

# ---- Daemons ----

# lab_avahi HOST [NAME]: NAME.local is the host's name; else HOST.local.
lab_avahi() {
	lab_dir=$LAB/$1
	cat >"$lab_dir/dbus.conf" <<-END
	<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
	 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
	<busconfig><type>system</type><listen>unix:path=$lab_dir/bus</listen><auth>EXTERNAL</auth>
	<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
	<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*" eavesdrop="true"/></policy>
	<limit name="max_connections_per_user">8192</limit><limit name="max_completed_connections">8192</limit></busconfig>
	END
	cat >"$lab_dir/avahi.conf" <<-END
	[server]
	host-name=${2:-$1}
	use-ipv4=yes
	use-ipv6=${LAB_IPV6:-yes}
	deny-interfaces=tailscale0
	ratelimit-interval-usec=1000000
	ratelimit-burst=20000
	objects-per-client-max=16384
	entries-per-entry-group-max=64
	clients-max=8192
	[wide-area]
	enable-wide-area=no
	[publish]
	publish-hinfo=no
	publish-workstation=no
	END
	rm -f "$lab_dir/bus"
	as "$1" dbus-daemon --config-file="$lab_dir/dbus.conf" --nofork --nopidfile >"$lab_dir/dbus.log" 2>&1 </dev/null &
	TAP_PIDS="$TAP_PIDS $!"
	until_true 10 test -S "$lab_dir/bus" || skip_all "dbus-daemon does not start"
	lab_avahi_start "$1"
}

# lab_services HOST COUNT PORT: cameras that its daemon announces by itself when it starts: "many 1" ... at PORT + 1 ...
lab_services() {
	mkdir -p "$LAB/$1/services"
	for lab_n in $(seq "$2"); do
		cat >"$LAB/$1/services/many-$lab_n.service" <<-END
		<service-group><name>many $lab_n</name><service><type>_mmcam._tcp</type><port>$(($3 + lab_n))</port>
		<txt-record>deviceName=many $lab_n</txt-record><txt-record>id=$(printf 'a11a0000-0000-4000-8000-%012d' "$lab_n")</txt-record></service></service-group>
		END
	done
}

# lab_avahi_start HOST: the daemon alone, again.
lab_avahi_start() {
	lab_dir=$LAB/$1
	mkdir -p "$lab_dir/services"
	: >"$lab_dir/avahi.log"
	# Its socket, its pid file and its services have fixed names: each daemon sees folders of its own under them.
	as "$1" sh -c "mount -t tmpfs tmpfs /run/avahi-daemon && mount --bind '$lab_dir/services' /etc/avahi/services && exec avahi-daemon -f '$lab_dir/avahi.conf' --no-drop-root --no-rlimits \
		--no-chroot --no-proc-title" >"$lab_dir/avahi.log" 2>&1 </dev/null &
	echo $! >"$lab_dir/avahi.pid"
	TAP_PIDS="$TAP_PIDS $!"
	until_true 30 lab_avahi_settled "$1"
	grep -q 'startup complete' "$lab_dir/avahi.log" || skip_all "avahi-daemon does not start: $(tail -n 1 "$lab_dir/avahi.log")"
}

lab_avahi_settled() { grep -q 'startup complete' "$LAB/$1/avahi.log" || ! kill -0 "$(cat "$LAB/$1/avahi.pid")"; }
lab_avahi_kill() { kill -"${2:-KILL}" "$(cat "$LAB/$1/avahi.pid")"; }

# lab_node HOST NAME [OPTIONS...]: a camera node on that host, port 8081; $NODE_PID.
lab_node() {
	node_host=$1
	node_name=$2
	shift 2
	rm -f "$WORK/$node_name.ready"
	as "$node_host" "$MMCAMD" --name "$node_name" --recordings "$WORK/rec-$node_host-$node_name" --size 320x180 --fps 10 "$@" \
		>"$WORK/$node_name.ready" 2>>"$WORK/$node_name.err" &
	NODE_PID=$!
	TAP_PIDS="$TAP_PIDS $NODE_PID"
	until_true 20 grep -q '"ready":true' "$WORK/$node_name.ready" && return 0
	cat "$WORK/$node_name.err"
	echo "Bail out! $MMCAMD does not start"
	exit 1
}

# node_id NAME: of a started node.
node_id() { sed 's/.*"id":"\([^"]*\)".*/\1/; q' "$WORK/$1.ready"; }

# lab_fake_tailscale DIR ADDRESS...: a `tailscale` program in DIR whose peers these are.
lab_fake_tailscale() {
	fake_dir=$1
	shift
	mkdir -p "$fake_dir"
	{
		echo '#!/bin/sh'
		echo 'cat <<"END"'
		echo '{"Version":"1.60.0","BackendState":"Running","TailscaleIPs":["100.64.0.1"],'
		echo '"Self":{"ID":"n0","HostName":"desk","DNSName":"desk.tail1234.ts.net.","TailscaleIPs":["100.64.0.1"],"Online":true},"Peer":{'
		fake_n=0
		for fake_at in "$@"; do
			[ $fake_n -eq 0 ] || echo ,
			fake_n=$((fake_n + 1))
			printf '"nodekey:%064d":{"ID":"n%d","HostName":"phone-%d","DNSName":"phone-%d.tail1234.ts.net.","OS":"iOS",' $fake_n $fake_n $fake_n $fake_n
			printf '"TailscaleIPs":["%s"],"Online":true,"Active":false,"CurAddr":"","Relay":"fra"}\n' "$fake_at"
		done
		echo '}}'
		echo END
	} >"$fake_dir/tailscale"
	chmod +x "$fake_dir/tailscale"
}

# ---- Bad days ----

# lab_filter HOST NAME CHAIN RULES: a named set of rules on that host; CHAIN is input or output.
lab_filter() {
	printf 'table inet %s {\n chain c {\n type filter hook %s priority 0; policy accept;\n %s\n }\n}\n' "$2" "$3" "$4" | on "$1" nft -f -
}
lab_unfilter() { on "$1" nft delete table inet "$2"; }

# lab_drop_multicast NET: the switch passes no mDNS on, as guest networks do; lab_pass_multicast NET mends it.
lab_drop_multicast() {
	printf 'table bridge mc%s {\n chain c {\n type filter hook forward priority 0; policy accept;\n' "$1" >"$LAB/rules"
	printf ' iifname "n%s-*" ip daddr 224.0.0.251 drop\n iifname "n%s-*" ip6 daddr ff02::fb drop\n }\n}\n' "$1" "$1" >>"$LAB/rules"
	nft -f "$LAB/rules"
}
lab_pass_multicast() { nft delete table bridge "mc$1"; }

# lab_silence HOST: it is there, and neither hears nor says anything; lab_unsilence HOST.
lab_silence() {
	lab_filter "$1" silent_in input drop
	lab_filter "$1" silent_out output drop
}
lab_unsilence() {
	lab_unfilter "$1" silent_in
	lab_unfilter "$1" silent_out
}

# lab_loss HOST PERCENT: of what arrives there.
lab_loss() { lab_filter "$1" loss input "numgen random mod 100 < $2 drop"; }

# lab_cable HOST NET down|up: at the switch; the host sees its carrier go.  NET is 1, 2 or ts.
lab_cable() { ip link set "n$2-$1" "$3"; }
# lab_link HOST INTERFACE down|up: at the host; its addresses and routes stay, or come again.
lab_link() {
	ip -n "$1" link set "$2" "$3"
	if [ "$3" = up ]; then
		lab_subnet=$(ip -n "$1" -4 -o addr show dev "$2" | sed -n '1s/.*inet 10\.77\.\([0-9]*\)\..*/\1/p')
		[ -z "$lab_subnet" ] || ip -n "$1" route replace default via "10.77.$lab_subnet.254"
	fi
}
# lab_address HOST NET OLD NEW: another address from DHCP.
lab_address() {
	ip -n "$1" addr add "10.77.$2.$4/24" dev lan
	ip -n "$1" addr del "10.77.$2.$3/24" dev lan
	# The new address may have been the secondary one of the old, and gone with it.
	ip -n "$1" addr replace "10.77.$2.$4/24" dev lan
	ip -n "$1" route replace default via "10.77.$2.254"
}

# ---- Looking ----

# rss_kb PID, fd_count PID
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
peak_kb() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status"; }
fd_count() { ls "/proc/$1/fd" | wc -l; }
# cpu_ms PID: it has used so far, all its threads.
cpu_ms() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print ($12 + $13) * 10 }'; }
now_ms() { date +%s%3N; }
