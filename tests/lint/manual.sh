#!/bin/sh
# manual.sh - the manual says what the programs' own tables say: options, commands, settings, keys; nothing more, nothing less.
. "$(dirname "$0")/tap.inc"
man=$SOURCE_DIR/man
: "${LIVEDIRECTOR:=$BUILD_DIR/livedirector}" "${MMCAMD:=$BUILD_DIR/mmcamd}"
export LIVEDIRECTOR

if command -v mandoc >/dev/null; then
	mandoc -Tlint -Wwarning "$man"/*.[1-8] >"$tmp/why" 2>&1
	verdict 'mandoc finds no fault with the pages'
else
	skip 'mandoc finds no fault with the pages' 'no mandoc'
fi

# compare WHAT LEFT RIGHT: two sorted lists that should be one.
compare() {
	comm -23 "$2" "$3" | sed "s/^/$1: missing: /"
	comm -13 "$2" "$3" | sed "s/^/$1: not in the program: /"
}

# items FILE MACRO: the first words of a page's .It MACRO lines.
items() {
	sed -n "s/^\.It $2 \"\{0,1\}\(\\\\&\)\{0,1\}\([^ \"]*\).*/\2/p" "$man/$1" | sort -u
}

if [ -x "$LIVEDIRECTOR" ]; then
	"$man/gen.sh" --check >"$tmp/why" 2>&1
	verdict 'the printed sections are as man/gen.sh prints them'

	"$LIVEDIRECTOR" --print options | cut -f 1 | sort >"$tmp/options"
	for sub in '' run do nodes rehearse fetch verify; do
		# shellcheck disable=SC2086
		"$LIVEDIRECTOR" $sub --help
	done | grep -oE -- '^  (-[a-zA-Z], )?--[a-z-]+' | sed 's/.*--//' | sort -u >"$tmp/helped"
	compare 'livedirector --help' "$tmp/options" "$tmp/helped" >"$tmp/why"
	sed -n 's/^\.It Fl \([a-zA-Z] , \)\{0,1\}-\([a-z-]*\).*/\2/p' "$man/livedirector.1" | sort -u >"$tmp/told"
	compare livedirector.1 "$tmp/options" "$tmp/told" >>"$tmp/why"
	verdict 'every option is in --help and in livedirector(1), and no other'

	{ cat "$tmp/options"; printf 'force\nfleet\n'; } | sort -u >"$tmp/known"
	for page in livedirector.1 livedirector.conf.5 livedirector-cue.5 livedirector-commands.7; do
		{ grep -oE '(\.Fl|Fl) -[a-z][a-z-]*' "$man/$page"; grep -oE -- '(^|[^-a-z])--[a-z][a-z-]*' "$man/$page"; } |
			sed 's/.*[^a-z-]-*//; s/^-*//' | sort -u | comm -23 - "$tmp/known" | sed "s/^/$page names an option that is none: /"
	done >"$tmp/why"
	verdict 'pages name no option that is none'

	"$LIVEDIRECTOR" --print commands | cut -f 1 | sort -u >"$tmp/commands"
	items livedirector-commands.7 Ic >"$tmp/told"
	compare 'livedirector-commands.7' "$tmp/commands" "$tmp/told" >"$tmp/why"
	"$LIVEDIRECTOR" --help | sed '1,/^Commands,/d; /^Exit status/,$d' | cut -c 13- | tr -s ' ' '\n' | grep . | sort -u >"$tmp/told"
	compare 'livedirector --help' "$tmp/commands" "$tmp/told" >>"$tmp/why"
	verdict 'every command is in --help and in livedirector-commands(7), and no other'

	"$LIVEDIRECTOR" --print settings | cut -f 1 | sort -u >"$tmp/settings"
	items livedirector.conf.5 Ic >"$tmp/told"
	compare 'livedirector.conf.5' "$tmp/settings" "$tmp/told" >"$tmp/why"
	verdict 'every setting is in livedirector.conf(5), and no other'

	"$LIVEDIRECTOR" --print keys | cut -f 1 | grep -v '^[02-9]$' | sort -u >"$tmp/keys"
	sed -n '/^\.Sh KEYS/,/^\.El/p' "$man/livedirector.1" |
		sed -n 's/^\.It Ic \(\\&\)\{0,1\}\([^ ]*\).*/\2/p' | sort -u >"$tmp/told"
	compare 'livedirector.1, KEYS' "$tmp/keys" "$tmp/told" >"$tmp/why"
	verdict 'every key is in livedirector(1), and no other'

	# The sheet in the manual is one.
	sed -n '/^# saturday.cue/,/^\.Ed/p' "$man/livedirector-cue.5" | sed '/^\.Ed/d' >"$tmp/saturday.cue"
	{ [ -s "$tmp/saturday.cue" ] || echo 'no sheet in livedirector-cue.5'
	  "$LIVEDIRECTOR" run --config /dev/null --dry-run "$tmp/saturday.cue" 2>&1 >/dev/null; } >"$tmp/why"
	verdict 'the cue sheet in livedirector-cue(5) is a good one'

	sed -n '/^# livedirector.conf/,/^\.Ed/p' "$man/livedirector.conf.5" | sed '/^\.Ed/d' >"$tmp/conf"
	{ [ -s "$tmp/conf" ] || echo 'no configuration in livedirector.conf.5'
	  "$LIVEDIRECTOR" run --config "$tmp/conf" --dry-run "$tmp/saturday.cue" 2>&1 >/dev/null; } >"$tmp/why"
	verdict 'the file in livedirector.conf(5) is a good one'
else
	skip 'the tables of livedirector' "no program $LIVEDIRECTOR"
fi

if [ -x "$MMCAMD" ]; then
	"$MMCAMD" --help | grep -oE -- '^  --[a-z-]+' | sed 's/.*--//' | sort -u >"$tmp/options"
	sed -n 's/^\.It Fl \(Fl \|-\)\([a-z-]*\).*/\2/p' "$man/mmcamd.8" 2>/dev/null | sort -u >"$tmp/told"
	compare 'mmcamd.8' "$tmp/options" "$tmp/told" >"$tmp/why"
	verdict 'every option of mmcamd is in mmcamd(8), and no other'

	"$MMCAMD" --help | sed -n '/^Faults:/,$p' | grep -oE '[a-z-]+=' | sort -u >"$tmp/options"
	sed -n 's/^\.It Cm \([a-z-]*=\).*/\1/p' "$man/mmcamd.8" 2>/dev/null | sort -u >"$tmp/told"
	compare 'mmcamd.8, faults' "$tmp/options" "$tmp/told" >"$tmp/why"
	verdict 'every fault is in mmcamd(8), and no other'
else
	skip 'every option of mmcamd is in mmcamd(8), and no other' "no program $MMCAMD"
fi

# Pages are found by the names that others call them.
for page in "$man"/*.[1-8]; do
	sed -n 's/^\.Xr \([a-z.-]*\) \([1-8]\).*/\1.\2/p' "$page" | sort -u | while read -r other; do
		case $other in livedirector* | sphere.* | camera-node.* | mmcamd.*) ;; *) continue ;; esac
		[ -f "$man/$other" ] || echo "${page##*/} refers to $other, which is not there"
	done
done >"$tmp/why"
verdict 'pages refer to pages that are there'
finish
