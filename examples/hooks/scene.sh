#!/bin/sh
# scene.sh URL - tells a render machine which scene goes with the camera that is on, and what is next while a cut waits for its beat.
# In livedirector.conf, for cuts, for cuts to come, and by hand or from a cue sheet (`hook visuals 3`):
#
#     on cut          run ~/bin/scene.sh http://render.local:8090/scene
#     on cut-pending  run ~/bin/scene.sh http://render.local:8090/scene
#     hook visuals    run ~/bin/scene.sh http://render.local:8090/scene
#
# A machine that takes the event as it is needs no script: `on cut post http://render.local:8090/cuts`.  Needs jq and curl.
set -eu
url=${1:?the address of the render machine}
event=$(cat)
scene=$(printf '%s' "$event" | jq -c '
	if .event == "hook" then { scene: .text }
	elif .event == "cut-pending" then { next: (.pending.name // "black"), at: .pending.atUs, beat: .pending.beat }
	else { scene: (.name // "black"), at: .timeUs } end')
# What curl says on its way out is the alarm that the console shows.
exec curl -sS --fail -o /dev/null -H 'Content-Type: application/json' -d "$scene" "$url"
