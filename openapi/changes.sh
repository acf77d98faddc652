#!/bin/sh
# changes.sh BUILD_FOLDER DOCUMENT: what DOCUMENT changes against the committed copy, for a person to judge.
# A name that goes or changes its type (-) breaks the Flows and Apex that use it; one that comes (+) does not.
cd "$(dirname "$0")/.." || exit 1
copy=openapi/actionhost.openapi.json
[ -f "$copy" ] || { echo "there is no $copy yet"; exit 0; }
"$1/tests/openapi_names" "$copy" >"$1/openapi.names.old" && "$1/tests/openapi_names" "$2" >"$1/openapi.names.new" || exit 1
if cmp -s "$1/openapi.names.old" "$1/openapi.names.new"; then
    echo "no name or type changed; the texts did:"
    diff -u "$copy" "$2" | sed -n '3,60p'
else
    echo "names and types that Apex and Flow see (- breaks callers, + is new):"
    diff "$1/openapi.names.old" "$1/openapi.names.new" | sed -n 's/^</  -/p; s/^>/  +/p'
fi
