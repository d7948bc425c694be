#!/bin/sh
# follow-cuts.sh FILE - keeps the name of the source that is on program in FILE, for whatever shows it: a text source of OBS,
# a caption, a lamp on the stage.  In livedirector.conf:
#
#     on cut run ~/bin/follow-cuts.sh /run/user/1000/on-program
#
# The event comes as JSON on standard input; livedirector.conf(5) names its members.  Needs jq.
# FILE is replaced in one step: whoever reads it never sees half a name.  "black" is nothing on program; a rehearsal says so.
set -eu
file=${1:?the file that is to have the name of the source}
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new"' EXIT
jq -r '(.name // "black") + (if .rehearsal then " (rehearsal)" else "" end)' >"$new"
mv "$new" "$file"
trap - EXIT
