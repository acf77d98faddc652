#!/bin/sh
# refresh.sh BUILD_FOLDER: writes openapi/actionhost.openapi.json anew and shows which names of Apex and Flow changed.
set -eu
cd "$(dirname "$0")/.."
copy=openapi/actionhost.openapi.json
new=$1/openapi.json
"$1/actionhost" openapi >"$new"
if cmp -s "$new" "$copy"; then
    echo "$copy is up to date"
    exit 0
fi
openapi/changes.sh "$1" "$new"
cp "$new" "$copy"
echo "wrote $copy"
