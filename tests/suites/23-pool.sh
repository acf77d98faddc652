#!/bin/sh
# The pool: the queue's bound, growth and shrinking, the cap per org, breakers on add-on and org, bounded tables.
# long: 30
# timed: how long calls wait, and deadlines of half a second
. tests/lib.sh
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1

# invoke OPERATION BODY OUTFILE: status to OUTFILE.status
invoke() { curl -s -m 60 -o "$3" -w '%{http_code}\n' -X POST -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1" >"$3.status"; }
# many COUNT OPERATION BODY: that many at once; waits for all
many() {
    rm -f "$work"/many.*
    pids= i=0
    while [ $i -lt "$1" ]; do
        invoke "$2" "$3" "$work/many.$i" &
        pids="$pids $!" i=$((i + 1))
    done
    for p in $pids; do wait "$p"; done
}
count() { cat "$work"/many.*.status | grep -c "^$1\$"; }
gauge() { curl -s -H 'Authorization: Bearer m' "$host_url/metrics" | sed -n "s/^actionhost_$1 //p"; }
not_ready() { # not_ready CODE: /ready is 503 for this reason
    [ "$(curl -s -o "$work/ready.json" -w '%{http_code}' "$host_url/ready")" = 503 ] && grep -q "\"code\":\"$1\"" "$work/ready.json" && return
    cat "$work/ready.json"
    return 1
}
program=$B/tests/actionhost-bare # workers of the bare host start at once
host() { HOST_PORT=$HOST_PORT start_host "$program" METRICS_TOKEN=m LOG_LEVEL=warn "$@" || exit 1; }
now_ms() { date +%s%3N; }

# Bound of the queue: one runs, two wait, the others are refused at once.
host WORKERS_MIN=1 WORKERS_MAX=1 QUEUE_MAX=2
many 6 misbehave '{"how":"sleep","ms":250}'
check "one runs and two wait" test "$(count 200)" -eq 3
check "the others are refused with 503" test "$(count 503)" -eq 3
check "and are told when to come again" sh -c "grep -l '\"code\":\"busy\"' '$work'/many.* | xargs grep -q '\"retryAfterSeconds\":1'"
invoke echo '{"text":"after"}' "$work/after"
check "afterwards all is well" grep -q 200 "$work/after.status"
for i in 1 2 3; do invoke misbehave '{"how":"sleep","ms":700}' "$work/full.$i" & done
sleep 0.35
check "a full queue is not ready: busy" not_ready busy
sleep 2
check "an empty one is" curl -sf -o /dev/null "$host_url/ready"
kill -STOP "$host_pid" # the master, so that nothing replaces the worker
invoke misbehave '{"how":"kill"}' "$work/killed"
check "without a worker not ready: no_worker" not_ready no_worker
kill -CONT "$host_pid"
tries=0
while ! curl -sf -o /dev/null "$host_url/ready" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
check "with the next one ready again" test $tries -lt 100
stop "$host_pid"

# In the jwks mode, with keys that cannot be had.
host APPLINK_AUTH=jwks APPLINK_JWKS_URL=http://127.0.0.1:1/keys APPLINK_ISSUERS=i APPLINK_AUDIENCES=a
check "without keys not ready: keys_unavailable" not_ready keys_unavailable
stop "$host_pid"

# A call that no worker took in time: told so, and its wait is in log and metrics. The master stands still, so that the
# worker which the first call keeps too long is not replaced.
host WORKERS_MIN=1 WORKERS_MAX=1 REQUEST_TIMEOUT_MS=600 LOG_LEVEL=info
invoke misbehave '{"how":"sleep","ms":1}' "$work/quick"
kill -STOP "$host_pid"
many 2 misbehave '{"how":"sleep","ms":5000}'
kill -CONT "$host_pid"
check "two calls did not end in time" test "$(count 504)" -eq 2
check "one of them found no worker" test "$(cat "$work"/many.? | grep -c 'No worker was free')" -eq 1
waited=$(grep 'code=deadline_exceeded' "$work/host.log" | grep -v action_ms= | sed -n 's/.* queue_ms=\([0-9]*\).*/\1/p')
check "its log line has the time it waited (${waited:-none} ms)" test "${waited:-0}" -ge 400
metric() { curl -s -H 'Authorization: Bearer m' "$host_url/metrics" | sed -n "s/^actionhost_$1 //p"; }
check "so have the metrics" test "$(metric 'queue_seconds_count{action="misbehave",outcome="failed"}')" -eq 2
check "which count only what a worker took as run" test "$(metric 'action_seconds_count{action="misbehave",outcome="failed"}')" -eq 1
check "and tell success from failure" test "$(metric 'request_duration_seconds_count{action="misbehave",outcome="ok"}')" -eq 1
stop "$host_pid"

# One connection more than there may be.
host CONNECTIONS_MAX=1
sleep 1 | curl -s "telnet://127.0.0.1:$host_port" >/dev/null &
held=$!
sleep 0.3
check "one connection too many is told that the host is busy" sh -c "curl -s '$host_url/healthcheck' | grep -q '\"code\":\"busy\"'"
wait "$held"
sleep 0.1
check "and counted" test "$(metric connections_refused_total)" -eq 1
stop "$host_pid"

# Growth and shrinking.
host WORKERS_MIN=1 WORKERS_MAX=4 WORKER_IDLE_S=1
check "it starts with WORKERS_MIN" test "$(gauge workers_ready)" -eq 1
begun=$(now_ms)
many 8 misbehave '{"how":"sleep","ms":400}'
took=$(($(now_ms) - begun))
check "it grows while calls wait (8 calls of 0.4 s in $took ms)" test "$took" -lt 2400
check "to WORKERS_MAX at most" test "$(gauge workers_wanted)" -le 4 -a "$(gauge workers_wanted)" -gt 1
tries=0
while [ "$(gauge workers_ready)" -gt 1 ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
check "it shrinks to WORKERS_MIN when idle" test "$(gauge workers_ready)" -eq 1
stop "$host_pid"

# Cap per org with four workers: two at a time; a worker that dies gives its place back.
host WORKERS_MIN=4 WORKERS_MAX=4 ORG_CALLS_MAX=2
begun=$(now_ms)
many 6 misbehave '{"how":"sleep","ms":250}'
took=$(($(now_ms) - begun))
check "six calls of one org, two at a time ($took ms)" test "$took" -ge 740
check "all are answered" test "$(count 200)" -eq 6
many 4 misbehave '{"how":"kill"}'
check "four that die" test "$(count 502)" -eq 4
begun=$(now_ms)
many 4 misbehave '{"how":"sleep","ms":300}'
took=$(($(now_ms) - begun))
check "their places are free again ($took ms)" test "$(count 200)" -eq 4 -a "$took" -lt 1500
stop "$host_pid"

# Breaker on the org, shared by four workers: after five calls that failed the org is left in peace.
program=$B/tests/actionhost-test
host WORKERS_MIN=4 WORKERS_MAX=4
flight=$(sed -n 's/.*"flightId": *"\([A-Za-z0-9]*\)".*/\1/p' actions/carbon_footprint/action.json | head -n 1)
curl -s -X POST "$sandbox_url/sandbox/faults" -d '[{"path":"/services/data","cut":"reset"}]' -o /dev/null
i=0
while [ $i -lt 6 ]; do invoke calculateCarbonFootprint "{\"flightId\":\"$flight\"}" "$work/many.$i"; i=$((i + 1)); done
before=$(curl -s "$sandbox_url/sandbox/log" | sed -n 's/^{"total":\([0-9]*\).*/\1/p')
invoke calculateCarbonFootprint "{\"flightId\":\"$flight\"}" "$work/blocked"
invoke calculateCarbonFootprint "{\"flightId\":\"$flight\"}" "$work/blocked"
after=$(curl -s "$sandbox_url/sandbox/log" | sed -n 's/^{"total":\([0-9]*\).*/\1/p')
check "the caller learns that the org is unavailable" grep -q 'org_unavailable' "$work/blocked"
check "with 503" grep -q 503 "$work/blocked.status"
check "two more invocations cost two calls to the add-on and at most one probe to the org ($((after - before)))" test $((after - before)) -le 5
invoke echo '{"text":"x"}' "$work/pure"
check "an action that does not need the org runs all the same" grep -q 200 "$work/pure.status"
curl -s -X DELETE "$sandbox_url/sandbox/faults" -o /dev/null
sleep 1.2
invoke calculateCarbonFootprint "{\"flightId\":\"$flight\"}" "$work/healed"
check "it recovers by a probe" grep -q 200 "$work/healed.status"
stop "$host_pid"

program=$B/tests/actionhost-bare
# Breaker on the add-on: opens after five failures in a row, answers at once, probes once a second.
host ADDON_TIMEOUT_MS=500
curl -s -X POST "$sandbox_url/sandbox/faults" -d '[{"path":"/addons/sandbox","delayMs":900}]' -o /dev/null
i=0
while [ $i -lt 5 ]; do invoke echo '{"text":"x"}' "$work/many.$i"; i=$((i + 1)); done
begun=$(now_ms)
invoke echo '{"text":"x"}' "$work/open"
took=$(($(now_ms) - begun))
check "with the breaker open the answer comes at once ($took ms)" test "$took" -lt 400
check "it is 503" grep -q 503 "$work/open.status"
check "ready says so: addon_unavailable" not_ready addon_unavailable
health=$(curl -s -o /dev/null -w '%{http_code}' "$host_url/healthcheck")
check "health stays well" test "$health" = 200
curl -s -X DELETE "$sandbox_url/sandbox/faults" -o /dev/null
sleep 1.2
invoke echo '{"text":"x"}' "$work/healed"
check "it closes by one probe" grep -q 200 "$work/healed.status"
stop "$host_pid"

# The add-on knows the app that is attached to it: the sandbox learns it from the host's first connection.
host HEROKU_APP_ID=99999999-aaaa-4bbb-8ccc-0123456789ab
sleep 0.3
invoke echo '{"text":"x"}' "$work/app"
check "any HEROKU_APP_ID works with the sandbox" grep -q 200 "$work/app.status"
stop "$host_pid"

# Workers are replaced after WORKER_CALLS; with 1 each call has a process of its own.
host WORKERS_MIN=1 WORKERS_MAX=1 WORKER_CALLS=1
many 5 echo '{"text":"x"}'
check "a fresh process per call" test "$(count 200)" -eq 5
stop "$host_pid"

# The replay table: full is 503, never an eviction; ids are forgotten after the window.
host REPLAY_MAX=16 REPLAY_WINDOW_S=2
i=0
while [ $i -lt 17 ]; do invoke echo '{"text":"x"}' "$work/many.$i"; i=$((i + 1)); done
check "sixteen ids fit" sh -c "[ \$(cat '$work'/many.?.status '$work'/many.1[0-5].status | grep -c 200) -eq 16 ]"
check "one more is refused" sh -c "grep -q replay_table_full '$work/many.16' && grep -q 503 '$work/many.16.status'"
sleep 3.2
invoke echo '{"text":"x"}' "$work/later"
check "after the window there is room" grep -q 200 "$work/later.status"
stop "$host_pid"

# The budget of all bodies together.
host BODY_BUDGET_MB=1 WORKERS_MIN=1 WORKERS_MAX=1
invoke echo '{"text":"x"}' "$work/small"
check "a small body fits" grep -q 200 "$work/small.status"
check "metrics count outcomes" sh -c "curl -s -H 'Authorization: Bearer m' '$host_url/metrics' | grep -q 'actionhost_requests_total{action=\"echo\",status=\"200\",code=\"\"} 1'"
check "metrics are closed without the token" test "$(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer n' "$host_url/metrics")" = 401
check "no body is held when nothing runs" test "$(gauge body_bytes)" -eq 0
totals
