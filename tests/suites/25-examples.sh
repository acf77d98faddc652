#!/bin/sh
# 25-examples.sh - the examples of every declaration, against a real host and the sandbox.
. "$(dirname "$0")/../lib.sh"
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/actionhost" $(jobs_settings) RATE_PROVIDERS="$(rate_providers)" || exit 1
for file in actions/*/action.json; do
    [ -f "$file" ] || continue
    curl -s -o /dev/null -X POST "$sandbox_url/sandbox/reset"
    "$B/tests/run_cases" "$host_url" "$sandbox_url" "$file" >"$work/cases.log"
    grep -v '^[0-9]* passed' "$work/cases.log"
    line=$(tail -n 1 "$work/cases.log")
    passed=$((passed + $(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')))
    failed=$((failed + $(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')))
done
totals
