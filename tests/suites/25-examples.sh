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

# What `make demo` prints: each answer whole, and of a very long one as much as fits, to the end of a line.
demo=$work/demo
rm -rf "$demo" && mkdir -p "$demo"
V=1 "$B/tests/run_cases" "$host_url" "$sandbox_url" --demo "$demo" actions/finance_agreement/action.json >"$work/demo.log"
sed -n '/^-> 200 {/,/^}/p' "$work/demo.log" | sed 's/^-> 200 //' >"$work/printed"
for file in "$demo"/calculateFinanceAgreement-*.json; do cat "$file"; echo; done >"$work/saved"
check "the demo prints answers of more than 7,000 bytes" sh -c "[ \"\$(wc -c <'$demo/calculateFinanceAgreement-1.json')\" -gt 7000 ]"
check "and prints them whole" cmp "$work/printed" "$work/saved"
stop "$host_pid"
if start_host "$B/tests/actionhost-test"; then
    { printf '{"operationId": "echo", "accepts": ["salesforce"], "examples": [{"name": "long", "status": 200, "input": {"text": "'
    head -c 20000 /dev/zero | tr '\0' x
    printf '"}}]}\n'; } >"$work/long.json"
    curl -s -o /dev/null -X POST -H 'Content-Type: application/json' -d "{\"hostUrl\": \"$host_url\"}" "$sandbox_url/sandbox/settings"
    V=1 "$B/tests/run_cases" "$host_url" "$sandbox_url" --demo "$demo" "$work/long.json" >"$work/long.log"
    check "a very long answer ends at a line, and says where the rest is" grep -q "^   ... 20[0-9]* bytes are left out; the whole is in $demo/echo-1.json" "$work/long.log"
    check "which is saved" sh -c "[ \"\$(wc -c <'$demo/echo-1.json')\" -gt 20000 ]"
else
    fail "the host with test actions starts"
fi
totals
