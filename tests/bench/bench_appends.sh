#!/bin/sh
# bench_appends.sh - durable appends beside a bare write + fdatasync and SQLite, at the pace of a show and as fast as it goes.
#	bench_appends.sh [BENCH_APPENDS [FOLDER]]
# FOLDER should be on the disk that shows are written to; without it, the current folder.
set -eu
bench=${1:-./bench_appends} under=${2:-.}
dir=$(mktemp -d "$under/bench-appends.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
for every in 5 50 0; do
	lines=300
	[ $every -eq 50 ] && lines=60
	"$bench" -n $lines -e $every "$dir"
	rm -f "$dir"/*
done
