#!/bin/sh
# 74-write-a-job.sh - follows docs/write-a-job.md, as tests/follow.sh does.
# long: 45
. "$(dirname "$0")/../lib.sh"
. tests/follow.sh

if [ "${MODE:-release}" != release ]; then
    skip "docs/write-a-job.md is followed with the release build"
    totals
    exit
fi
copy_tree rate_accounts greet_people
split_page docs/write-a-job.md
check "the page has its steps" [ "$(grep -c '\.\(run\|fails\|background\)$' "$work/steps.log")" -eq 10 ]
check "and its files" [ "$(grep -c '\.file$' "$work/steps.log")" -eq 4 ]
follow

# The promise: nothing but the folder and its test was touched, and document and table of codes agree with the program.
cd "$tree" || exit 1
"$B/actionhost" openapi >"$top/$work/document.json"
check "the committed document is up to date" cmp "$top/$work/document.json" openapi/actionhost.openapi.json
check "a start is answered 201 with what all jobs share" sh -c "sed -n '/\"\/api\/rateAccounts\"/,/\"\/api\//p' openapi/actionhost.openapi.json | grep -A 6 '\"201\"' | grep -q 'schemas/JobStarted'"
cd "$top" || exit 1
second_action greet_people job
check "a name is refused that leaves no room for Async" refused abcdefghijklmnopqrstuvwxyzabcdefghij 'too long for a job' job
check "and taken for an action" sh -c "cd '$tree' && make new-action NAME=abcdefghijklmnopqrstuvwxyzabcdefghij" >"$work/long.log"
sed -i 's/"pageItems": 200/"pageItem": 200/' "$tree/actions/greet_people/action.json"
(cd "$tree" && make "$B/actionhost" && "$B/actionhost" actions) >"$work/broken.log" 2>&1
code=$?
check "a wrong declaration stops the program with exit code 78" [ $code -eq 78 ] || cat "$work/broken.log"
check "and says how to mend it" grep -q 'greet_people/action.json: /job/pageItem: is not known; did you mean "pageItems"?' "$work/broken.log"
[ -z "${background:-}" ] || stop "$background"
rm -rf "$tree"
totals
