#!/bin/sh
# SIGTERM under load: no request that was accepted goes without a complete answer, and the exit code is 0.
# long: 20
# timed: signals are sent while calls of known length run
. tests/lib.sh
runs=$([ -n "${LONG:-}" ] && echo 200 || echo 12)
echo "stops under load: $runs"
start "$work/addon.log" "$B/tests/fake_addon" --delay 5 || exit 1
addon=127.0.0.1:$port

# A drain that runs out, while all else here runs: a caller that keeps its body back for longer than the host may wait.
start "$work/late.log" env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 BODY_TIMEOUT_MS=120000 "$B/tests/actionhost-test" serve || exit 1
late=$pid
mkfifo "$work/body"
curl -s -m 60 -T - -X POST -H 'Content-Type: application/json' -H 'x-signature: MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=' -o "$work/late.txt" \
    "http://127.0.0.1:$port/api/logDataAction?orgId=00Dxx0000001gPLEAY&apiName=Late" <"$work/body" &
exec 7>"$work/body"
sleep 0.5
kill -TERM "$late"

# drain NAME PIDS-OF... LOAD-OPTIONS
drain() {
    name=$1 victims=$2
    shift 2
    start "$work/host.log" env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 REPLAY_MAX=1000000 QUEUE_MAX=1000 LOG_LEVEL=info \
        "$B/tests/actionhost-bare" serve || { fail "$name: start"; return; }
    host=$pid
    begun=$(date +%s)
    "$B/tests/load" "http://127.0.0.1:$port/api/misbehave" --addon-org "$addon" --seconds 20 --body '{"how":"sleep","ms":2}' \
        --term "$host" $((100 + runs_left * 37 % 200)) "$@" >"$work/load.txt" 2>&1 &
    load=$!
    if [ "$victims" = all ]; then
        sleep 0.35
        # Heroku sends the signal to every process of the dyno, perhaps more than once
        for victim in $(ps -o pid= --ppid "$host") "$host" "$host"; do kill -TERM "$victim" 2>/dev/null; done
    fi
    wait "$load"
    grep -qE ' ok=[1-9][0-9]* other=0 lost=0 ' "$work/load.txt" && lost=no || lost=yes
    wait "$host"
    code=$?
    # callers that would go on for 20 s are sent away, so the stop does not take that long
    took=$(($(date +%s) - begun))
    if [ "$lost" = no ] && [ $code -eq 0 ] && [ $took -lt 15 ]; then pass "$name"; else fail "$name: exit $code after $took s: $(cat "$work/load.txt"; tail -n 3 "$work/host.log")"; fi
}
runs_left=$runs
while [ "$runs_left" -gt 0 ]; do
    drain "kept-alive connections, run $runs_left" master --connections 64
    drain "a connection per request, run $runs_left" master --connections 32 --close
    drain "the signal goes to all processes, run $runs_left" all --connections 32
    runs_left=$((runs_left - 3))
done

# A stop soon after the start, while workers are still being handed over, is no error: each line with level=error is an alarm.
i=0
: >"$work/stops.log"
while [ $i -lt 30 ]; do
    : >"$work/soon.log"
    env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t WORKERS_MIN=16 \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$B/tests/actionhost-bare" serve 2>"$work/soon.log" &
    host=$! tries=0
    while ! grep -q at=ready "$work/soon.log" && [ $tries -lt 5000 ]; do tries=$((tries + 1)); done
    for victim in "$host" $([ $((i % 2)) -eq 0 ] || ps -o pid= --ppid "$host"); do kill -TERM "$victim" 2>/dev/null; done
    wait "$host" || echo "exit code $?" >>"$work/stops.log"
    cat "$work/soon.log" >>"$work/stops.log"
    i=$((i + 1))
done
check "30 stops soon after the start log no error" sh -c "[ \$(grep -c at=stopped '$work/stops.log') -eq 30 ] && ! grep -E 'level=error|exit code' '$work/stops.log'"

# A call that runs when the signal comes is finished; a second signal changes nothing.
start "$work/host.log" env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$B/tests/actionhost-bare" serve
host=$pid
"$B/tests/load" "http://127.0.0.1:$port/api/misbehave" --addon-org "$addon" --connections 1 --requests 1 --body '{"how":"sleep","ms":1000}' >"$work/one.txt" &
load=$!
{ printf 'GET /ready HTTP/1.1\r\nHost: x\r\n' && sleep 0.7 && printf '\r\n' && sleep 0.2; } | curl -s "telnet://127.0.0.1:$port" >"$work/begun.txt" &
begun_before=$!
sleep 0.3
kill -TERM "$host"
sleep 0.1
kill -TERM "$host"
ready=$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/ready")
check "no new connection is taken while draining" test "$ready" = 000
wait "$begun_before"
check "a request that had begun is told that the host is draining" sh -c "grep -q '^HTTP/1.1 503' '$work/begun.txt' && grep -q '\"code\":\"draining\"' '$work/begun.txt'"
wait "$load"
check "FN shutdown test: a call in flight is finished" grep -q ' status_200=1' "$work/one.txt"
wait "$host"
check "exit code 0 after two signals" test $? -eq 0

wait "$late"
check "a drain that ran out: exit code 1" test $? -eq 1
check "and the log has how many were left" grep -q 'at=stopped level=warn unanswered=1' "$work/late.log"
exec 7>&-
totals
