#!/bin/sh
# run.sh - `make torture`: the fault matrix of Record All, each fault through the real programs and judged by its receipt; takes in a
# row with random mishaps; 200 kills of the console at random instants.  About half an hour; what failed is said at the end, and makes
# the status 1.
#
#	BUILD_DIR=build SOURCE_DIR=. sh tests/torture/run.sh [SCRIPT...]	some of it: cameras bytes network archive owners sixty-four chaos kills
#	KILLS=1000 ROUNDS=500 SEED=7 ...	more of them; the same again
: "${SOURCE_DIR:?}" "${BUILD_DIR:?}"
: "${LIVEDIRECTOR:=$BUILD_DIR/livedirector}" "${MMCAMD:=$BUILD_DIR/mmcamd}" "${LIVEDIRECTOR_THEMES:=$SOURCE_DIR/themes}"
export SOURCE_DIR BUILD_DIR LIVEDIRECTOR MMCAMD LIVEDIRECTOR_THEMES
WAYS="plain plain claims nas"	# of killing, side by side: most of a show is waiting
KILLS=$((${KILLS:-200} / 4))
ROUNDS=${ROUNDS:-30}
export ROUNDS
SEED=${SEED:-$(date +%s)}
LOGS=$(mktemp -d "${TMPDIR:-/tmp}/livedirector-torture.XXXXXX")

# shellcheck disable=SC2048
for script in ${*:-cameras bytes network archive owners sixty-four chaos kills}; do
	if [ "$script" = kills ]; then
		lanes=
		lane=0
		for way in $WAYS; do
			lane=$((lane + 1))
			KILLS=$KILLS SEED=$((SEED + lane)) WAY=$way sh "$SOURCE_DIR/tests/torture/kills.sh" >"$LOGS/kills-$way-$lane" 2>&1 &
			lanes="$lanes $!"
		done
		# shellcheck disable=SC2086
		wait $lanes
	else
		SEED=$SEED sh "$SOURCE_DIR/tests/torture/$script.sh" >"$LOGS/$script" 2>&1
	fi
	for log in "$LOGS/$script"*; do
		grep -h '^# .*recordings, carried\|^# .*takes, \|^# cameras: \|^# starts \|SKIP\|^Bail out' "$log"
		echo "$(basename "$log"): $(grep -c '^ok ' "$log") ok, $(grep -c '^not ok ' "$log") not ok"
	done
done
# A script that ended early has no plan.
bad=0
for log in "$LOGS"/*; do
	grep -q '^1\.\.' "$log" && ! grep -q '^not ok ' "$log" && continue
	bad=1
	grep -A 12 '^not ok \|^Bail out' "$log" || tail -n 5 "$log"
	echo "the whole of it: $log"
done
[ $bad -eq 0 ] && rm -rf "$LOGS"
exit $bad
