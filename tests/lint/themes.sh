#!/bin/sh
# themes.sh - every shipped theme names every role once, and nothing that is no role.
. "$(dirname "$0")/tap.inc"

tr '\n' ' ' <"$SOURCE_DIR/src/ui/theme.h" |
	sed 's/.*#define THEME_ROLES(X)//; s/enum theme_role.*//' | grep -oE '"[a-z-]+"' | tr -d '"' | sort >"$tmp/roles"

: >"$tmp/why"
[ "$(wc -l <"$tmp/roles")" -ge 10 ] || echo "only $(wc -l <"$tmp/roles") roles were found in src/ui/theme.h" >"$tmp/why"
verdict 'roles are found at all'

for theme in "$SOURCE_DIR"/themes/*; do
	name=${theme##*/}
	sed 's/#.*//' "$theme" | awk 'NF > 0 { print $1 }' | sort >"$tmp/named"
	{
		comm -23 "$tmp/roles" "$tmp/named" | sed "s/^/themes\/$name: no line for the role /"
		uniq "$tmp/named" | comm -13 "$tmp/roles" - | sed "s/^/themes\/$name: no role: /"
		uniq -d "$tmp/named" | sed "s/^/themes\/$name: twice: /"
	} >"$tmp/why"
	verdict "the theme $name names every role"
done

# The manual too, and only those.
sed -n 's/^\.It Cm \([a-z-]*\)$/\1/p' "$SOURCE_DIR/man/livedirector-theme.5" 2>/dev/null | sort -u >"$tmp/told"
{
	comm -23 "$tmp/roles" "$tmp/told" | sed 's/^/livedirector-theme.5: no .It Cm for the role /'
	comm -13 "$tmp/roles" "$tmp/told" | sed 's/^/livedirector-theme.5: no role of src\/ui\/theme.h: /'
} >"$tmp/why"
verdict 'livedirector-theme(5) tells every role'
finish
