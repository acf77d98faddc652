# 13-recorded-client.sh - the client against recorded answers of real orgs. The counts of the public files are pinned.
. "$(dirname "$0")/../lib.sh"

dir=$SHARED_DATA/salesforce-recorded
if [ -d "$dir" ]; then
    line=$("$B/tests/recorded_client" "$dir" | tee "$work/recorded.log" | tail -n 1)
    if [ "$line" = "71 passed, 0 failed, 0 deferred" ]; then pass "recorded answers"; else
        fail "recorded answers: $line"
        cat "$work/recorded.log"
    fi
else
    skip "recorded answers: no $dir"
fi
# Kinds of requests that are not among the public ones: made by hand after the API's documentation.
line=$("$B/tests/recorded_client" tests/cases/recorded | tee "$work/made.log" | tail -n 1)
if [ "$line" = "22 passed, 0 failed, 0 deferred" ]; then pass "hand-made mappings"; else
    fail "hand-made mappings: $line"
    cat "$work/made.log"
fi
totals
