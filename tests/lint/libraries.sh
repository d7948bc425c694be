#!/bin/sh
# libraries.sh - each library is known to one file, or one family of files (libraries.list); the rest of the tree could
# lose it without noticing.  Headers of the C library and of the system are free.
. "$(dirname "$0")/tap.inc"

system='assert ctype dirent endian errno fcntl ifaddrs inttypes langinfo libgen limits locale math poll pthread pwd signal stdarg
 stdatomic stdbool stddef stdint stdio stdlib string strings termios time unistd wchar wctype'

(cd "$SOURCE_DIR/src" && sources | xargs awk '
	/^[ \t]*#[ \t]*include[ \t]*</ { split($0, part, /[<>]/); print FILENAME, FNR, part[2] }') >"$tmp/includes"

# owners HEADER: the patterns of the files that may have it; fails when no line names it.
owners() {
	while read -r header files; do
		case $header in '' | '#'*) continue ;; esac
		# shellcheck disable=SC2254
		case $1 in $header) echo "$files"; return 0 ;; esac
	done <"$lint/libraries.list"
	return 1
}

is_system() {
	case $1 in sys/* | net/* | netinet/* | arpa/* | linux/* | netdb.h) return 0 ;; esac
	case " $(echo $system) " in *" ${1%.h} "*) return 0 ;; esac
	return 1
}

: >"$tmp/why"
: >"$tmp/unknown"
set -f
while read -r file line header; do
	if files=$(owners "$header"); then
		for pattern in $files; do
			# shellcheck disable=SC2254
			case $file in $pattern) continue 2 ;; esac
		done
		echo "$file:$line: <$header> belongs to $files" >>"$tmp/why"
	elif ! is_system "$header"; then
		echo "$file:$line: <$header> is in no line of libraries.list" >>"$tmp/unknown"
	fi
done <"$tmp/includes"
set +f
verdict 'a library is included by its own file only'
mv "$tmp/unknown" "$tmp/why"
verdict 'no library that libraries.list does not know'
finish
