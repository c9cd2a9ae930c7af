#!/bin/sh
# Build static/desk/moothall.css from moothall.scss. Needs Node, once, on the machine of whoever changes the look; what is
# fetched goes to a folder of its own that is thrown away. Running Moothall needs neither Node nor this script.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund govuk-frontend@6.6.0 sass@1
sh "$here/compile.sh" "$work/node_modules"
