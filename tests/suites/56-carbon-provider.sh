#!/bin/sh
# The carbon actions with an emission provider that the sandbox plays: figures, faults, breaker, lists, and settings that are wrong.
. tests/lib.sh
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# provider MORE: value of EMISSION_PROVIDER, with further members in front
provider() {
    printf '{%s"id":"clearsky","name":"Clear Sky","method":"Clear Sky Model 2","licence":"CC BY 4.0","kind":"announced","figure":"passenger",
"covers":"co2e","unit":"kg","pointer":"/passenger/{cabin}","unitPointer":"/unit","asOfPointer":"/asOf",
"url":"%s/emissions/clearsky/leg?from={origin}&to={destination}&km={distanceKm}&as={flight}"}' "$1" "$sandbox_url" | tr -d '\n'
}
start_host "$B/actionhost" EMISSION_PROVIDER="$(provider '')" EMISSION_TIMEOUT_MS=400 EMISSION_BUDGET_MS=800 || exit 1
"$B/tests/run_cases" "$host_url" "$sandbox_url" tests/cases/carbon.settings.json >"$work/cases.log"
cat "$work/cases.log"
line=$(tail -n 1 "$work/cases.log")
passed=$((passed + $(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')))
failed=$((failed + $(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')))
check "the log names the provider's failures, and no URL" \
    sh -c "grep -q 'emission provider clearsky: timeout' '$work/host.log' && ! grep -q 'emissions/clearsky' '$work/host.log'"
check "no id of an org's record went to the provider" \
    sh -c "! curl -s '$sandbox_url/sandbox/log?path=/emissions&limit=2000' | grep -q 'a0Fxx\|Northwind'"

# Settings that are wrong stop the start, once each, and what may be secret is not shown.
env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 EMISSION_PROVIDER='{"id":"sky","url":"https://sky.example/?key=hush"}' EMISSION_TIMEOUT_MS=fast \
    EMISSION_BUDGET_MS=20 "$B/actionhost" serve >"$work/wrong.log" 2>&1
code=$?
check "wrong settings of the provider stop the start" test $code -eq 78
check "every fault is told" sh -c "grep -q 'EMISSION_PROVIDER.*needs a unit' '$work/wrong.log' && grep -q 'EMISSION_TIMEOUT_MS.*whole number' '$work/wrong.log' &&
    grep -q 'EMISSION_BUDGET_MS.*whole number' '$work/wrong.log'"
check "each once" test "$(grep -c 'EMISSION_BUDGET_MS' "$work/wrong.log")" -eq 1
check "without the setting's text" sh -c "! grep -q hush '$work/wrong.log'"
totals
