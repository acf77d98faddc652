#!/bin/sh
# APPLINK_BIND_USER: whose the token is, beside whom the client context names. By default it is told in the log, with "on" it is
# refused, with "off" nobody looks.
. tests/lib.sh
host=$B/tests/actionhost-test
start_sandbox || exit 1

call() { # call USER-ID: an invocation whose token is the sandbox's own user's and whose client context names USER-ID
    signed=$(curl -s -d '{"username":"limited@example.com"}' "$sandbox_url/sandbox/sign")
    header() { printf '%s' "$signed" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
    client=$(header x-client-context | base64 -d | sed "s/\"userId\":\"[A-Za-z0-9]*\"/\"userId\":\"$1\"/" | base64 -w 0)
    curl -s -o "$work/answer" -w '%{http_code}' -H 'content-type: application/json' -H "x-request-id: $(header x-request-id)" \
        -H "x-request-context: $(header x-request-context)" -H "x-client-context: $client" -d '{"text":"x"}' "$host_url/api/echo"
}
own=$(curl -s -d '{"username":"limited@example.com"}' "$sandbox_url/sandbox/sign" | sed -n 's/.*"x-client-context":"\([^"]*\)".*/\1/p' | base64 -d |
    sed -n 's/.*"userId":"\([A-Za-z0-9]*\)".*/\1/p')
other=005xx000001XXXXAA4 # with the last three characters that belong to it
check "the sandbox names its user" test -n "$own"
lines() { grep -c 'at=wrong-user' "$work/host.log"; }

start_host "$host" || exit 1
check "by default the token's own user is served" test "$(call "$own")" = 200
check "and nothing is told" test "$(lines)" -eq 0
check "another one is served, too" test "$(call $other)" = 200
check "and told of in one line" test "$(lines)" -eq 1
check "which names both" grep -q "at=wrong-user level=warn id=[^ ]* org=00D[^ ]* user=$other token_user=$own.* refused=no" "$work/host.log"
stop "$host_pid"

start_host "$host" APPLINK_BIND_USER=off || exit 1
check "off: served" test "$(call $other)" = 200
check "off: nothing is told" test "$(lines)" -eq 0
stop "$host_pid"

start_host "$host" APPLINK_BIND_USER=on || exit 1
check "on: the token's own user is served" test "$(call "$own")" = 200
check "on: another one is refused" test "$(call $other)" = 403
check "on: with its code" grep -q '"code":"wrong_user"' "$work/answer"
check "on: and told of" grep -q 'at=wrong-user .* refused=yes' "$work/host.log"
"$B/tests/run_cases" "$host_url" "$sandbox_url" tests/cases/bind_user.settings.json >"$work/cases.log"
check "on: the cases" grep -q '^8 passed, 0 failed' "$work/cases.log"
grep '^FAIL' "$work/cases.log"
totals
