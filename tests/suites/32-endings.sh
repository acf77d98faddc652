#!/bin/sh
# Ends of connections: whatever a peer does at whatever stage of a request, nothing of it stays in memory, and what it sends
# without end costs next to no CPU. A front that leaks is told of by its own count and, with MODE=asan, by LeakSanitizer.
. tests/lib.sh
host=$B/tests/actionhost-test
count=3
[ -z "${LONG:-}" ] || count=30

# run NAME COMMAND...: takes over the totals of a tool
run() {
    run_name=$1
    shift
    timeout 600 "$@" >"$work/$run_name.log" 2>&1
    line=$(tail -n 1 "$work/$run_name.log")
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p') f=$(echo "$line" | sed -n 's/^[0-9]* passed, \([0-9]*\) failed.*/\1/p')
    [ -n "$p" ] && [ -n "$f" ] || { fail "$run_name did not finish: $line"; return; }
    grep '^FAIL' "$work/$run_name.log" | cut -c1-300 | head -20
    passed=$((passed + p)) failed=$((failed + f))
}

start_sandbox || exit 1
printf '[{"path":"/addons/sandbox","delayMs":60}]' | curl -s -o /dev/null --data-binary @- "$sandbox_url/sandbox/faults"
start_host "$host" METRICS_TOKEN=counting DOCS=on HEADERS_TIMEOUT_MS=200 BODY_TIMEOUT_MS=200 IDLE_TIMEOUT_MS=200 WORKERS_MIN=4 WORKERS_MAX=4 || exit 1
run endings "$B/tests/endings" "$host_url" "$sandbox_url" counting $count "$host_pid"
wait "$host_pid"
check "a stop amid all of them: exit code 0" test $? -eq 0
check "and nothing was left unanswered" grep -q 'at=stopped unanswered=0' "$work/host.log"

# ---- an add-on that takes longer than the request may ----
start "$work/addon.log" "$B/tests/fake_addon" --delay 3000 || exit 1
start "$work/waiting.log" env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://127.0.0.1:$port/addons/x" HEROKU_APPLINK_TOKEN=t \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 ADDON_TIMEOUT_MS=20000 REQUEST_TIMEOUT_MS=500 "$host" serve || exit 1
curl -s -m 10 -o "$work/answer" -H 'content-type: application/json' -H 'x-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=' -d '{}' \
    "http://127.0.0.1:$port/api/logDataAction?orgId=00Dxx0000001gPLEAY&apiName=T"
check "the wait for the add-on ends with the request's own deadline" grep -q '"code":"addon_unavailable"' "$work/answer"
sleep 3 # the answer comes late, and is nobody's any more
check "and the answer that comes late harms nobody" test "$(curl -s -o "$work/answer" -w '%{http_code}' "http://127.0.0.1:$port/healthcheck")" = 200
stop "$pid"

# ---- bytes without end ----
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
start_host "$host" DOCS=on HEADERS_TIMEOUT_MS=60000 BODY_TIMEOUT_MS=60000 || exit 1
if [ "${MODE:-release}" = release ]; then
    run spin "$B/tests/spin" "$host_url" "$(cut -d' ' -f1 "/proc/$host_pid/task/$host_pid/children")" 3 "$sandbox_url"
else
    skip "CPU time of bytes without end: only the release build's time says something"
fi
totals
