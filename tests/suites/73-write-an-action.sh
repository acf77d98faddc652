#!/bin/sh
# 73-write-an-action.sh - follows docs/write-an-action.md, as tests/follow.sh does.
# long: 35
. "$(dirname "$0")/../lib.sh"
. tests/follow.sh

if [ "${MODE:-release}" != release ]; then
    skip "docs/write-an-action.md is followed with the release build"
    totals
    exit
fi
copy_tree shipping_options greet_person
split_page docs/write-an-action.md
check "the page has its steps" [ "$(grep -c '\.\(run\|fails\|background\)$' "$work/steps.log")" -eq 7 ]
check "and its files" [ "$(grep -c '\.file$' "$work/steps.log")" -eq 4 ]
follow

if [ -n "${background:-}" ]; then
    curl -s "http://127.0.0.1:$PORT/openapi.json" >"$work/served.json"
    check "the docs page has it" grep -q '"/api/shippingOptions"' "$work/served.json"
fi
# The promise: two files were edited, and nothing else has to be. Document, table of codes and the project for the org still agree.
cd "$tree" || exit 1
"$B/actionhost" openapi >"$top/$work/document.json"
check "the committed document is up to date" cmp "$top/$work/document.json" openapi/actionhost.openapi.json
sed -n '/^<!-- action codes:/,/^<!-- end of action codes/p' docs/operate.md | sed '1d;$d' >"$top/$work/table.md"
check "the table of codes has the new ones" grep -q '^| `shippingOptions` | `no_option` | 422 |' "$top/$work/table.md"
if command -v python3 >/dev/null 2>&1; then
    check "70-salesforce.sh: no flow is asked for the new action" env PYTHONDONTWRITEBYTECODE=1 python3 tests/salesforce/check.py
    whole() { (sh tests/suites/71-docs-deploy.sh) >"$top/$work/docs.log" 2>&1 || { grep -v '^ok' "$top/$work/docs.log"; return 1; }; }
    check "71-docs-deploy.sh: docs and program agree" whole
fi
cd "$top" || exit 1
for bad in Type ship__x 9x "a'b" 'a"b' 'a$b' 'a`b' 'a b' 'a;b' 'a\b' ../a; do check "new-action refuses $bad" refused "$bad" 'must be snake_case'; done
check "new-action asks for a name" refused '' 'give the new action a name'
check "new-action refuses a reserved word" refused type 'reserved word of Apex'
check "new-action refuses what would be a build tool" refused gen_report 'would be built as a tool'
check "new-action refuses a name that reads like none" refused none 'reads like no action'
check "new-action refuses what is there" refused shipping_options 'is already there'
check "new-action refuses a kind that there is not" refused some_jobs 'KIND is "jobs"' jobs
check "new-action refuses the name of another test" refused org 'is already there'
second_action greet_person
sed -i 's/"type": "string", "description": "Name of the person/"typ": "string", "description": "Name of the person/' "$tree/actions/greet_person/action.json"
(cd "$tree" && make "$B/actionhost" && "$B/actionhost" actions) >"$work/broken.log" 2>&1
code=$?
check "a wrong declaration stops the program with exit code 78" [ $code -eq 78 ] || cat "$work/broken.log"
check "and says where and how to mend it" grep -q 'greet_person/action.json: /input/properties/personName/typ: is not a keyword' "$work/broken.log"
[ -z "${background:-}" ] || stop "$background"
rm -rf "$tree"
totals
