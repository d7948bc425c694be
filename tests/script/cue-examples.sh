#!/bin/sh
# cue-examples.sh - the example sheets: each reads well, and the podcast and the dance play on rehearsal cameras to their ends (TAP).
. "${SOURCE_DIR:?}/tests/support/tap.sh"
. "${SOURCE_DIR:?}/tests/script/headless.inc"
need_tools jq

examples=$SOURCE_DIR/examples
for sheet in "$examples"/*.cue; do
	ld run --dry-run "$sheet"
	check "${sheet##*/} has no error" status_is 0
done

# The sheets of the manual and the README, taken out of them.
awk '/^\.Bd -literal/ { n++; inside = 1; next } /^\.Ed/ { inside = 0 } inside { print > ("manual" n ".cue") }' "$SOURCE_DIR/man/livedirector-cue.5"
awk '/^    # (show|a rehearsal)/ { n++; inside = 1 } /^[^ ]/ { inside = 0 } inside { print > ("readme" n ".cue") }' "$SOURCE_DIR/README"
: >ending.cue
check "the manual has three, the README two" same "$(ls manual[0-9].cue readme[0-9].cue | tr '\n' ' ')" \
	'manual1.cue manual2.cue manual3.cue readme1.cue readme2.cue '
for sheet in manual[0-9].cue readme[0-9].cue; do
	ld run --dry-run "$sheet"
	check "$sheet has no error" status_is 0
done

# play NAME OPTIONS...: an example in a state folder of its own, faster than life; NAME.out, NAME.err, NAME.status.
play() {
	play_name=$1
	shift
	XDG_STATE_HOME=$WORK/state-$play_name "$LIVEDIRECTOR" rehearse -n 4 --cue "$examples/$play_name.cue" "$@" \
		>"$play_name.out" 2>"$play_name.err" </dev/null
	echo $? >"$play_name.status"
}
play podcast --go 1 --speed 3 --seed 7 &
podcast=$!
play dance --speed 3 &
wait $podcast $!

# ended NAME: well, and all of its cues were played.
ended() {
	same "$(cat "$1.status") $(tail -n 1 "$1.out" | sed 's/^[0-9]* //')" "0 passed, 0 failed" && return 0
	tail -n 60 "$1.out" "$1.err"
	return 1
}
# folder NAME: its Sphere folder.
folder() {
	sed -n 's/^livedirector: the rehearsal.s folder is //p' "$1.err"
}
# landed NAME: each line of it that is a cue, but the rules, told when it was to be and when it was.
landed() {
	"$LIVEDIRECTOR" run --dry-run --json "$examples/$1.cue" |
		jq -r 'select((.text != "") and (.when | startswith("whenever") | not)) | .line' | sort -un >"$1.want"
	sed -n "s|^event cue [^ ]*/$1.cue:\([0-9]*\) scheduled=[0-9]* landed=[0-9]* error=-*[0-9.]*ms\$|\1|p" "$1.out" | sort -un >"$1.got"
	diff -u "$1.want" "$1.got"
}
# cuts NAME FILTER: of its cuts, as the journal has them.
cuts() {
	jq -sc "[.[] | select(.type == \"cut\")] | $2" "$(folder "$1")/sidecars/cuts.jsonl"
}

check "the podcast ends well" ended podcast
check "each of its cues tells when it landed" landed podcast
check "the goes come in their order" same "$(cuts podcast 'map(select(.by != "auto") | .label)')" \
	'["wide","host","guest","wide","table","host","guest","wide"]'
check "the auto director cut during the talk" same "$(cuts podcast 'map(select(.by == "auto")) | length > 0 and all(.label != "table")')" true
check "its cut set the waiting cue off" grep -q '^begin [0-9]* tag "the auto director cut by itself"$' podcast.out
check "its four files are home" grep -q '^livedirector: take 001: 4 asked, 4 recorded, 4 saved, 4 fetched, 4 verified' podcast.err
check "and in the report" test -s "$(folder podcast)/exports/report.html"

check "the dance ends well" ended dance
check "each of its cues tells when it landed" landed dance
check "the pair takes turns" same "$(cuts dance 'map(.label)')" \
	'["wide","left","right","wide","left","wide","right","left","right","left","right","wide"]'
check "every cut is on its beat, counted from bar 2" same "$(cuts dance '.[1].beat as $bar | .[1:] | map(.beat - $bar)' | sed 's/\.0//g')" \
	'[0,4,8,12,16,20,26,34,42,50,56]'
check "the zoom took its four beats" grep -q '^end [0-9]* ok 1/1 [0-9]*ms$' dance.out
finish
