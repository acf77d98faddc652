#!/bin/sh
# The gate against attackers: vectors, both local verification modes, Data Action Targets with secrets of the host's own,
# hostile requests, slow clients, limits, memory, and the log of all of it searched for planted secrets.
# long: 35
# timed: slow clients are cut off after a second
. tests/lib.sh
SHARED_DATA=${SHARED_DATA:-../shared/data}
security=$SHARED_DATA/security
host=$B/tests/actionhost-test
repeat=2048 asked=10000 races=200 tool_s=900
[ -z "${LONG:-}" ] || { repeat=100000 asked=1000000 races=10000 tool_s=1800; }

# count NAME: takes over the totals of a tool whose output is in $work/NAME.log
count() {
    line=$(tail -n 1 "$work/$1.log")
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p') f=$(echo "$line" | sed -n 's/^[0-9]* passed, \([0-9]*\) failed.*/\1/p')
    [ -n "$p" ] && [ -n "$f" ] || { fail "$1 did not finish: $line"; return; }
    [ "$f" -eq 0 ] || grep '^FAIL' "$work/$1.log" | cut -c1-300 | head -20
    passed=$((passed + p)) failed=$((failed + f))
}
run() {
    run_name=$1
    shift
    timeout $tool_s "$@" >"$work/$run_name.log" 2>&1
    count "$run_name"
}
# again LOG-NAME VAR=VALUE...: another host with other settings; its log is kept for the search at the end
again() {
    cat "$work/host.log" >>"$work/all.log" 2>/dev/null
    [ -z "${host_pid:-}" ] || stop "$host_pid"
    start_host "$host" LOG_LEVEL=debug "$@" || exit 1
}
status() { curl -s -o "$work/answer" -w '%{http_code}' "$@"; }
# sign: headers of a fresh invocation; invoke: sends what $signed holds, says the status
sign() { curl -s -d '{"accessToken":"00Dxx0000000000!planted.token","userId":"005xx000001X8Uz","username":"gate@example.com"}' "$sandbox_url/sandbox/sign"; }
header() { printf '%s' "$signed" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
invoke() {
    status -H "content-type: application/json" -H "x-request-id: $(header x-request-id)" -H "x-request-context: $(header x-request-context)" \
        -H "x-client-context: $(header x-client-context)" -d '{"text":"planted payload"}' "$host_url/api/echo"
}
: >"$work/all.log"

# ---- vectors ----
if [ -d "$security" ]; then
    run tokens "$B/tests/vectors_jws" "$security/jwt/tok.tsv" "$security"/wycheproof/*.json
    check "no vector was lost" test "$passed" -ge 2088
    mkdir -p "$work/keyless" && cp "$security/jwt/tok.tsv" "$work/keyless/"
    keyed=$(awk -F'\t' 'NF >= 3 && $3 != "-"' "$security/jwt/tok.tsv" | wc -l)
    "$B/tests/vectors_jws" "$work/keyless/tok.tsv" >"$work/keyless.txt" 2>&1
    check "a token whose key is missing proves nothing" test "$(grep -c '^FAIL' "$work/keyless.txt")" -eq "$keyed"
    { printf '\357\273\277'; cat "$security/jwt/tok.tsv"; } >"$work/mark.tsv"
    cp "$security/jwt/hs.key" "$security/jwt/rsa.pub" "$work/"
    check "tokens after a byte order mark run" "$B/tests/vectors_jws" "$work/mark.tsv"
else
    skip "token and signature vectors: no $security"
fi

# ---- the add-on as judge; hostile requests ----
start_sandbox || exit 1
again HEADERS_TIMEOUT_MS=1000 BODY_TIMEOUT_MS=1000 IDLE_TIMEOUT_MS=1000 DOCS=on HEROKU_APPLINK_SERVICE_MESH_BYPASS_ALL_ROUTES=true
check "the mesh's setting to let everybody in is no setting here" test "$(status -d '{"text":"x"}' "$host_url/api/echo")" = 401
run smuggle "$B/tests/smuggle" "$host_url" $repeat "${SEED:-1}"
run slow-headers "$B/tests/slow" headers "$host_url" 300 1000
run slow-body "$B/tests/slow" body "$host_url" 100 1000 "$sandbox_url"
run slow-readers "$B/tests/slow" readers "$host_url" 100 1000
status -H 'traceparent: a' -H 'traceparent: b' "$host_url/healthcheck" >/dev/null
check "an answer that arrived is not logged as lost" sh -c "! grep 'code=duplicate_header' '$work/host.log' | grep -q 'sent=no'"
if [ -d "$security/JSONTestSuite" ]; then
    run json "$B/tests/json_suite" "$host_url" "$sandbox_url" "$security/JSONTestSuite/test_parsing"
else
    skip "JSONTestSuite: no $security/JSONTestSuite"
fi
check "the host survived all that" test "$(status "$host_url/healthcheck")" = 200

# ---- replay ----
again REPLAY_MAX=1000000
run race "$B/tests/race" "$host_url" "$sandbox_url" $races
again REPLAY_MAX=16
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    signed=$(sign)
    [ "$(invoke)" = 200 ] || fail "call $i of 16 that the table has room for"
done
check "a repeat in a full table is still a repeat" test "$(invoke)" = 409
signed=$(sign)
check "a full table refuses" test "$(invoke)" = 503
check "a full table says so" grep -q '"replay_table_full".*"retryAfterSeconds"' "$work/answer"

# ---- growth and limits ----
again HEADERS_TIMEOUT_MS=1000 IDLE_TIMEOUT_MS=60000 BODY_BUDGET_MB=1
run slow-reused "$B/tests/slow" reused "$host_url" 50 2500
run strangers "$B/tests/slow" strangers "$host_url" 6 0 "$sandbox_url"
again REPLAY_WINDOW_S=1 WORKER_CALLS=1000000000 CONNECTIONS_MAX=20
run limit "$B/tests/slow" limit "$host_url" 20
sleep 1.2 # one line a second at most
check "what they send is not read" sh -c "! grep -q over-the-limit '$work/host.log'"
check "refused connections are told of" grep -q 'at=connections-full.* refused=' "$work/host.log"

# ---- the add-on is away and comes back while nobody calls ----
again LOG_LEVEL=info
addon_fault() { printf '[{"path":"/addons/sandbox",%s}]' "$1" | curl -s -o /dev/null --data-binary @- "$sandbox_url/sandbox/faults"; }
ready_in() { # ready_in SECONDS: /ready says yes within that time
    tries=0
    while [ "$(status "$host_url/ready")" != 200 ]; do
        tries=$((tries + 1))
        [ $tries -lt $(($1 * 10)) ] || return 1
        sleep 0.1
    done
}
addon_fault '"cut":"reset"'
for i in 1 2 3 4 5; do signed=$(sign); invoke >/dev/null; done
check "five failures: not ready" test "$(status "$host_url/ready")" = 503
sleep 2
check "still away: still not ready" test "$(status "$host_url/ready")" = 503
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
check "back: ready again without any invocation" ready_in 4
addon_fault '"status":200,"body":"'"$(head -c 200000 /dev/zero | tr '\0' x)"'"'
for i in 1 2 3 4 5 6; do signed=$(sign); [ "$(invoke)" = 200 ] || fail "a long yes, time $i"; done
check "a long answer is an answer" test "$(status "$host_url/ready")" = 200
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
again REPLAY_WINDOW_S=1 WORKER_CALLS=1000000000
if [ "${MODE:-release}" = release ]; then
    run grow "$B/tests/grow" "$host_url" "$sandbox_url" "$host_pid" $asked
    again ADDON_TIMEOUT_MS=20000
    addon_fault '"delayMs":1500'
    run grow-strangers "$B/tests/grow" "$host_url" "$sandbox_url" "$host_pid" strangers
    curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
else
    skip "memory growth: only the release build's memory says something"
fi

# ---- local verification ----
jwks="APPLINK_ISSUERS=$sandbox_url APPLINK_AUDIENCES=$sandbox_url"
again APPLINK_AUTH=jwks APPLINK_JWKS_URL="$sandbox_url/id/keys" $jwks
run jwks "$B/tests/run_cases" "$host_url" "$sandbox_url" tests/cases/jwks.settings.json
check "ready with keys" test "$(status "$host_url/ready")" = 200
# accepted_in SECONDS: the signed invocation is accepted within that time; one that was refused is not spent
accepted_in() {
    tries=0
    while [ "$(invoke)" != 200 ]; do
        tries=$((tries + 1))
        [ $tries -lt $(($1 * 10)) ] || return 1
        sleep 0.1
    done
}
# a new key: the token is accepted although its kid was not there when the keys were fetched
sleep 4 # the back-off after the unknown kid of the cases is over
fetches=$(grep -c at=keys-fetched "$work/host.log")
curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/keys/rotate"
signed=$(sign)
check "a rotated key is fetched when it is met" accepted_in 5
check "with one fetch" test "$(grep -c at=keys-fetched "$work/host.log")" -eq $((fetches + 1))
curl -s "$sandbox_url/id/keys" >"$work/keys.json"

again APPLINK_AUTH=addon+jwks APPLINK_JWKS_FILE="$work/keys.json" $jwks
run addon_jwks "$B/tests/run_cases" "$host_url" "$sandbox_url" tests/cases/addon_jwks.settings.json

# the issuer is down from the start: nothing gets in, and it recovers by itself
curl -s -o /dev/null -d '[{"path":"/id/keys","status":500}]' "$sandbox_url/sandbox/faults"
again APPLINK_AUTH=jwks APPLINK_JWKS_URL="$sandbox_url/id/keys" $jwks
signed=$(sign)
check "no keys: 503" test "$(invoke)" = 503
check "no keys: the code says so" grep -q '"keys_unavailable"' "$work/answer"
check "no keys: not ready" test "$(status "$host_url/ready")" = 503
check "no keys: the process is well all the same" test "$(status "$host_url/healthcheck")" = 200
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
check "the keys are back: the invocation that was refused before is accepted" accepted_in 40

# ---- secrets of the host's own for data actions ----
printf '{"00Dxx0000001gPLEAY/Gate_Target": ["gate-test-secret-0001", "planted-previous-secret"]}' >"$work/secrets.json"
again DATA_ACTION_SECRETS_FILE="$work/secrets.json"
# the cases that count calls or judge form are the same, whoever checks the signature
run data-action "$B/tests/run_cases" "$host_url" "$sandbox_url" tests/cases/data_action.json
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/log"
body='{"events":[{"EventType":"planted payload"}]}'
signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac planted-previous-secret -binary | openssl base64)
deliver() { status -H "content-type: application/json" -H "x-signature: $signature" -d "$body" "$host_url/api/logDataAction?orgId=00Dxx0000001gPL&apiName=Gate_Target"; }
check "the previous secret still opens" test "$(deliver)" = 200
printf '\377' >"$work/bad-body"
status -H "content-type: application/json" -H "x-signature: $signature" --data-binary "@$work/bad-body" "$host_url/api/logDataAction?orgId=00Dxx0000001gPL&apiName=Gate_Target" >/dev/null
check "what was not authenticated has no time of authentication" sh -c "grep 'code=invalid_json' '$work/host.log' | tail -n 1 | grep -q 'target=' && ! grep 'code=invalid_json' '$work/host.log' | tail -n 1 | grep -q auth_ms"
status "$host_url/%C2%85at=request%E2%80%A8level=error%C2%9B31m" >/dev/null
check "the add-on was not asked" sh -c "! curl -s '$sandbox_url/sandbox/log' | grep -q data_action_targets"

# ---- files that cannot be used stop the start ----
refused() {
    env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=planted-token \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$@" timeout 10 "$host" serve 2>"$work/err"
    [ $? -eq 78 ]
}
printf '{"00Dxx0000001gPLEAY/Gate_Target": ["planted", ""]}' >"$work/bad.json"
check "an empty secret: exit 78" refused DATA_ACTION_SECRETS_FILE="$work/bad.json"
cat "$work/err" >>"$work/all.log"
printf '{"keys":[]}' >"$work/bad.json"
check "an empty key set: exit 78" refused APPLINK_AUTH=jwks APPLINK_JWKS_FILE="$work/bad.json" $jwks
check "no such key file: exit 78" refused APPLINK_AUTH=jwks APPLINK_JWKS_FILE="$work/nothing.json" $jwks
check "an issuer list with a gap: exit 78" refused APPLINK_AUTH=jwks APPLINK_JWKS_FILE="$work/keys.json" APPLINK_ISSUERS=a,,b APPLINK_AUDIENCES=a

# ---- what the logs of all these hosts must not hold ----
cat "$work/host.log" >>"$work/all.log"
stop "$host_pid"
host_pid=
check "a line of the log is one line of ASCII, whatever was asked for" sh -c "! LC_ALL=C grep -aq '[^ -~]' '$work/all.log' && grep -aq '\\\\xc2\\\\x85at=request' '$work/all.log'"
check "there is a log to search" test "$(grep -c at=request "$work/all.log")" -gt 1000
for secret in planted 'sandbox-token' 'gate-test-secret' "$(header x-request-context | cut -c1-60)" "$(header x-client-context | cut -c1-60)" 'eyJ' 'payload of a caller'; do
    check "the logs hold no '$secret'" sh -c "! grep -aqF -- '$secret' '$work/all.log'"
done
totals
