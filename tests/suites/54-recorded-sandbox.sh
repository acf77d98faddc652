#!/bin/sh
# 54-recorded-sandbox.sh - the sandbox's org against recorded answers; and that the comparison notices what differs.
. "$(dirname "$0")/../lib.sh"
run=$B/tests/recorded_sandbox

# whole FOLDER: every file of it
whole() {
    out=$("$run" "$1") || { echo "$out"; return 1; }
    echo "$1: $out" | tail -n 1
}
check "answers made for this project" whole tests/sandbox/recorded
recorded=${SHARED_DATA:-../shared/data}/salesforce-recorded
if [ -d "$recorded" ]; then
    check "answers of real orgs" whole "$recorded"
else
    skip "answers of real orgs: no folder $recorded (set SHARED_DATA)"
fi

# differs FILE SED-COMMAND: a recording that was changed must not pass
differs() {
    rm -rf "$work/changed" && mkdir -p "$work/changed"
    sed "$2" "tests/sandbox/recorded/$1.json" >"$work/changed/$1.json"
    cmp -s "tests/sandbox/recorded/$1.json" "$work/changed/$1.json" && { echo "the change did not apply to $1"; return 1; }
    ! "$run" "$work/changed" >"$work/changed.log"
}
check "another status is noticed" differs create-unknown-field 's/"status": 400/"status": 404/'
check "another error code is noticed" differs query-unknown-object "s/INVALID_TYPE/INVALID_FIELD/"
check "a missing member is noticed" differs upsert-created 's/, \\"created\\": true//'
check "a member too much is noticed" differs upsert-created 's/, \\"created\\": true/, \\"created\\": true, \\"more\\": 1/'
check "another type is noticed" differs upsert-created 's/"success\\": true/"success\\": \\"true\\"/'
check "another value is noticed" differs query-aggregate 's/\\"totalSize\\": 2/\\"totalSize\\": 3/'
check "a missing row is noticed" differs query-later-page 's/\\"totalSize\\": 2003/\\"totalSize\\": 2004/'
check "a graph that failed is noticed" differs graph-delete 's/\\"isSuccessful\\": true/\\"isSuccessful\\": false/'
check "another outcome of a batch is noticed" differs any-ids 's/hasErrors\\": true/hasErrors\\": false/'
check "another way of a job is noticed" differs bulk-jobs 's/\\"concurrencyMode\\": \\"Parallel\\"/\\"concurrencyMode\\": \\"Serial\\"/'
check "another error of a result is noticed" differs bulk-jobs 's/Required fields are missing/Fields are missing/'
totals
