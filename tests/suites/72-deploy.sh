#!/bin/sh
# 72-deploy.sh - docs/deploy.md against the clients that it uses: every heroku and sf command that our pages show exists with its flags,
# and sf reads both Salesforce folders. `make rehearse` follows the whole page with the real clients; LONG=1 does it here as well.
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh
. tests/deploy/tools.sh

if ! command -v node >/dev/null 2>&1; then
    skip "commands of docs/deploy.md: node is absent (./deps.sh node)"
    totals
    exit
fi
pages="README.md $(echo docs/*.md) salesforce/README.md"
flags() { node tests/deploy/flags.mjs "$@" >"$work/flags.log" 2>&1 || { cat "$work/flags.log"; return 1; }; }
# broken WANTED SED: the same check on a changed copy of the page must fail with the words WANTED
broken() {
    sed "$2" docs/deploy.md >"$work/deploy.md"
    cmp -s docs/deploy.md "$work/deploy.md" && { echo "  the change changes nothing"; return 1; }
    node tests/deploy/flags.mjs check "$work/deploy.md" >"$work/flags.log" 2>&1 && { echo "  not noticed"; return 1; }
    grep -q -- "$1" "$work/flags.log" || { cat "$work/flags.log"; return 1; }
}
check "heroku and sf have every command and flag of our pages" flags check $pages
commands=$(sed -n 's/^\([0-9]*\) commands$/\1/p' "$work/flags.log")
check "the pages show at least 30 commands" [ "${commands:-0}" -ge 30 ]
check "a flag that does not exist is noticed" broken 'salesforce:publish has no --connection$' 's/--connection-name/--connection/'
check "a flag that is missing is noticed" broken 'salesforce:publish needs --client-name' '/^ *--client-name "$CLIENT"/d'
check "a command that does not exist is noticed" broken 'is no command: heroku salesforce:release' 's/salesforce:publish /salesforce:release /'
check "a value that is none of the options is noticed" broken '--type knows webhook only' 's/--type webhook/--type mail/'
check "a flag in a table that no command has is noticed" \
    broken 'no command of this page has --add-on$' 's/`--addon`/`--add-on`/'
check "a flag of sf that does not exist is noticed" broken 'sf project deploy start has no --test-run$' 's/--tests /--test-run /'

if ! clients_ready "${LONG:+install}"; then
    skip "sf and heroku themselves: $tools_why"
    totals
    exit
fi
home=$PWD/$work/home
export HOME="$home" XDG_CACHE_HOME="$home/cache" XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data"
mkdir -p "$HOME"
check "flags.json is what the pinned clients have" flags same $pages
# converted FOLDER N: sf reads the folder and writes a package of N files and its package.xml
converted() {
    rm -rf "$work/converted"
    (cd salesforce && timeout 120 sf project convert source --source-dir "$1" --output-dir "$top/$work/converted" </dev/null) >"$work/convert.log" 2>&1 ||
        { cat "$work/convert.log"; return 1; }
    [ "$(find "$work/converted" -type f ! -name package.xml | wc -l)" -eq "$2" ] && [ -s "$work/converted/package.xml" ] || { find "$work/converted" -type f; return 1; }
}
check "sf reads salesforce/force-app" converted force-app 25
check "sf reads salesforce/actions-app" converted actions-app 33
check "sf reads salesforce/callback-app" converted callback-app 4
if [ -z "${LONG:-}" ] || [ "${MODE:-release}" != release ]; then
    skip "the rehearsal of docs/deploy.md: LONG=1 or make rehearse"
elif ! namespace_ready; then
    skip "the rehearsal of docs/deploy.md: $tools_why"
else
    rehearsed() {
        TEST_WORK="$work/rehearsal" timeout 600 sh tests/deploy/rehearse.sh >"$work/rehearsal.log" 2>&1 && return 0
        grep -A 12 '^FAIL' "$work/rehearsal.log"; tail -n 3 "$work/rehearsal.log"
        return 1
    }
    check "docs/deploy.md, followed to the letter" rehearsed
fi
totals
