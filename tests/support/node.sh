# node.sh - one camera node asked over HTTP, for shell tests; sourced after tap.sh.
# Needs curl and jq.  Knows the camera node contract's shapes, no test.

NODE_OPTIONS="--port 0 --bind 127.0.0.1 --no-advertise"

# start_node NAME [OPTIONS...]: $NODE is its URL, $NODE_PID its process; recordings in $WORK/NAME.
start_node() {
	node_name=$1
	shift
	rm -f "$WORK/$node_name.ready"
	# shellcheck disable=SC2086
	"$MMCAMD" $NODE_OPTIONS --name "$node_name" --recordings "$WORK/$node_name" "$@" \
		>"$WORK/$node_name.ready" 2>"$WORK/$node_name.err" &
	NODE_PID=$!
	TAP_PIDS="$TAP_PIDS $NODE_PID"
	until_true 20 grep -q '"ready":true' "$WORK/$node_name.ready" || {
		cat "$WORK/$node_name.err"
		echo "Bail out! $MMCAMD does not start"
		exit 1
	}
	NODE=http://127.0.0.1:$(jq -r '.nodes[0].port' "$WORK/$node_name.ready")
}

# stop_node [SIGNAL]: waits for its end; $? is its exit status.
stop_node() {
	kill -"${1:-TERM}" "$NODE_PID"
	wait "$NODE_PID" 2>/dev/null
}

# ask METHOD PATH [CURL OPTIONS...]: $STATUS, $WORK/body, $WORK/head.
ask() {
	ask_method=$1
	ask_path=$2
	shift 2
	[ "$ask_method" = HEAD ] && set -- --head "$@"
	: >"$WORK/body"
	STATUS=$(curl -s -m 10 -X "$ask_method" -o "$WORK/body" -D "$WORK/head" -w '%{http_code}' "$@" "$NODE$ask_path")
}

get() {
	ask GET "$@"
}

# post PATH JSON [CURL OPTIONS...]
post() {
	post_path=$1
	post_body=$2
	shift 2
	ask POST "$post_path" -H 'Content-Type: application/json' -d "$post_body" "$@"
}

status_is() {
	[ "$STATUS" = "$1" ] || {
		echo "status $STATUS, expected $1"
		head -c 600 "$WORK/body"
		return 1
	}
}

# answers STATUS FILTER [JQ OPTIONS...]: of the last ask; the filter must be true.
answers() {
	answers_status=$1
	answers_filter=$2
	shift 2
	status_is "$answers_status" || return 1
	jq -e "$@" "$answers_filter" "$WORK/body" >/dev/null || {
		echo "not true: $answers_filter"
		head -c 1200 "$WORK/body"
		return 1
	}
}

# refuses STATUS CODE: the contract's error with a sentence.
refuses() {
	answers "$1" ".ok == false and .error.code == \"$2\" and (.error.message | test(\"^[A-Z\\\"].*[.]\$\"))"
}

# header NAME REGEX: of the last ask.
header() {
	tr -d '\r' <"$WORK/head" | grep -i -q "^$1: *$2\$" || {
		cat "$WORK/head"
		return 1
	}
}

# listen FILE [CURL OPTIONS...]: the event stream into $WORK/FILE; $LISTEN_PID.
listen() {
	listen_file=$1
	shift
	curl -sN -m 600 "$@" "$NODE/events" >"$WORK/$listen_file" 2>/dev/null &
	LISTEN_PID=$!
	TAP_PIDS="$TAP_PIDS $LISTEN_PID"
	until_true 5 grep -q '^event: hello' "$WORK/$listen_file"
}

# events FILE NAME: the data of each such event, one a line.
events() {
	awk -v want="$2" '/^event: /{name=substr($0,8)} /^data: /{if (name==want) print substr($0,7)}' "$WORK/$1"
}

# has_event FILE NAME FILTER [JQ OPTIONS...]: is there one for which it is true?
has_event() {
	has_file=$1
	has_name=$2
	has_filter=$3
	shift 3
	events "$has_file" "$has_name" | jq -e -s "$@" "any(.[]; $has_filter)" >/dev/null
}

# shows FILE NAME FILTER: within a few seconds.
shows() {
	until_true 8 has_event "$@" || {
		echo "no event $2 with $3 in:"
		tail -n 20 "$WORK/$1" | cut -c 1-300
		return 1
	}
}

# health FILTER: of GET /health now.
health() {
	curl -s -m 5 "$NODE/health" | jq -e "$1" >/dev/null
}

node_now_us() {
	curl -s -m 5 "$NODE/time" | jq .sentUs
}

# seconds_of FILE: the duration that ffprobe reads.
seconds_of() {
	ffprobe -v error -show_entries format=duration -of csv=p=0 "$1"
}

# near A B TOLERANCE
near() {
	awk -v a="$1" -v b="$2" -v t="$3" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d <= t) }' || {
		echo "$1 is not within $3 of $2"
		return 1
	}
}
