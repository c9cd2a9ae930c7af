#!/bin/sh
# compile.sh NODE_MODULES: compile the stylesheet and refuse a result that would fetch anything.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out="$here/../static/desk/moothall.css"
"$1/.bin/sass" --no-source-map --style=compressed --quiet-deps --load-path="$1" "$here/moothall.scss" "$out"
if grep -oE 'url\([^)]*\)|@import|GDS Transport' "$out"; then
    echo "moothall.css must fetch nothing and name no licensed font" >&2
    exit 1
fi
wc -c "$out"
