#!/bin/sh
# 84-listener.sh - the listener: its subscriptions against a Pub/Sub server of grpc-js, the published definition and avsc, with each
# fault; then `actionhost listen` as a whole against the sandbox: what it needs, when it is ready, who stands by, who takes over.
# long: 45
. "$(dirname "$0")/../lib.sh"

# ---- the npm server ----
peer=build/pubsub-client
lock=$(cksum <tests/clients/pubsub/package-lock.json)
install_peer() {
    [ "$(cat "$peer/installed" 2>/dev/null)" = "$lock" ] && return 0
    command -v npm >/dev/null 2>&1 || { echo "no npm (./deps.sh node installs it)"; return 1; }
    rm -rf "$peer" && mkdir -p "$peer" || return 1
    cp tests/clients/pubsub/package.json tests/clients/pubsub/package-lock.json tests/clients/pubsub/.npmrc "$peer/"
    (cd "$peer" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 >npm.log 2>&1) ||
        { echo "npm ci failed: $(grep -m 1 'npm ERR\|npm error' "$peer/npm.log")"; return 1; }
    printf '%s' "$lock" >"$peer/installed"
}
if reason=$(install_peer); then
    cp tests/clients/pubsub/*.mjs "$peer/"
    timeout 280 node "$peer/hear.mjs" "$B/tests/pubsub_hear" "$work/hear" >"$work/hear.txt" 2>"$work/hear.err" ||
        echo "hear.mjs ends with $?" >>"$work/hear.err"
    while read -r state name; do
        case $state in ok) pass "$name" ;; FAIL) fail "$name" ;; esac
    done <"$work/hear.txt"
    check "all cases were run" grep -q 'end of all cases' "$work/hear.txt"
else
    skip_node "subscriptions against grpc-js: $reason"
fi

# ---- actionhost listen ----
eventually() {
    left=$(($1 * 5))
    shift
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.2
    done
}
ended() { ! kill -0 "$1" 2>/dev/null; }
start_sandbox SANDBOX_PUBSUB_PORT=0 || exit 1
pubsub=$(sed -n 's/.*at=ready.* pubsub=\([0-9]*\).*/\1/p' "$work/sandbox.log" | tail -n 1)
rm -f "$work"/jobs.db*
export HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token BIND=127.0.0.1 \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 PUBSUB_URL="http://127.0.0.1:$pubsub" JOBS_DB="$PWD/$work/jobs.db"
program=$B/actionhost

refused() { timeout 10 env "$@" "$program" listen 2>"$work/refused.txt"; [ $? -eq 78 ] || { echo "not 78"; cat "$work/refused.txt"; return 1; }; }
says() { grep -q "$1" "$work/refused.txt" || { cat "$work/refused.txt"; return 1; }; }
check "without a database: 78" refused -u JOBS_DB -u DATABASE_URL CONNECTIONS=sandbox
check "and why" says 'DATABASE_URL: missing; listen needs the database of jobs'
check "without connections: 78" refused CONNECTIONS=
check "and why" says 'CONNECTIONS: missing; listen subscribes as connections'
check "events of a connection that is none: 78" refused CONNECTIONS=sandbox EVENTS_CONNECTIONS=other
check "and why" says 'EVENTS_CONNECTIONS is "other": must be names out of CONNECTIONS'
check "tokens in the clear to elsewhere: 78" refused CONNECTIONS=sandbox PUBSUB_URL=http://api.pubsub.salesforce.com:7443
check "and why" says 'PUBSUB_URL is .*must be an https URL'

# listen LOG NAME=VALUE...: sets $listener
listen() {
    listen_log=$1
    shift
    : >"$listen_log"
    env "$@" "$program" listen 2>>"$listen_log" &
    listener=$!
    server_pids="$server_pids $listener"
}
tells() { grep -q "$1" "$2" || return 1; }
children() { children_of "$1"; }
holds_database() { find "/proc/$1/fd" -lname "$PWD/$work/jobs.db*" 2>/dev/null | grep -q .; }
hearing_process() { for p in $(children "$1"); do holds_database "$p" || echo "$p"; done; }
jobs_process() { for p in $(children "$1"); do ! holds_database "$p" || echo "$p"; done; }

first_log=$work/first.log second_log=$work/second.log
listen "$first_log" CONNECTIONS=sandbox,nobody,partner
first=$listener
check "ready beside a connection that is none" eventually 20 tells '^at=ready .*open=2 standing_by=0 failed=1' "$first_log"
check "which is told" tells '^at=subscription-failed level=warn connection=nobody' "$first_log"
check "two processes: one that hears, one with the database" test "$(children "$first" | wc -l)" -eq 2
case ${MODE:-release} in
asan | tsan) skip "the listener's memory is limited: sanitizers need more" ;;
*) check "what hears may allocate 256 MiB" grep -q '^Max data size  *268435456 ' "/proc/$(hearing_process "$first")/limits" ;;
esac
listen "$second_log" CONNECTIONS=sandbox
second=$listener
check "a second one stands by" eventually 20 tells '^at=ready .*open=0 standing_by=1 failed=0' "$second_log"

# A change after which a job must be there; each time another record.
token=$(curl -s -d 'grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret' "$sandbox_url/services/oauth2/token" |
    sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
curl -s -X POST "$sandbox_url/sandbox/make" -d '{"opportunities": 20, "linesEach": 1, "seed": 1}' >/dev/null
org() { curl -s -m 10 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "$@"; }
n=0
jobs() { "$program" jobs list | grep -c generateQuotes; }
has_jobs() { [ "$(jobs)" -eq "$1" ]; }
change() {
    n=$((n + 1))
    id=$(org "$sandbox_url/services/data/v62.0/query?q=SELECT+Id+FROM+Opportunity+WHERE+Name='Sample+Opportunity+$n'" | sed -n 's/.*"Id": *"\([^"]*\)".*/\1/p')
    org -X PATCH "$sandbox_url/services/data/v62.0/sobjects/Opportunity/$id" -d '{"StageName": "Proposal/Price Quote"}'
}
change
check "a change starts a job" eventually 20 has_jobs 1

opened() { [ "$(grep -c "^at=subscription-open connection=sandbox .*from=stored" "$1")" -ge "$2" ]; }
was=$(hearing_process "$first")
kill -KILL "$was"
change
check "a listener that was killed is followed by another, and what came meanwhile is heard" eventually 30 has_jobs 2
check "its end is told" tells '^at=listener-ended level=error signal=9' "$first_log"
has_jobs_process() { [ "$(jobs_process "$first" | wc -l)" -eq 1 ]; }
check "one process has the database" eventually 20 has_jobs_process
kill -KILL "$(jobs_process "$first")"
change
check "a jobs process that was killed likewise" eventually 30 has_jobs 3
eventually 20 opened "$first_log" 2 || cat "$first_log"
check "from the position that is stored" opened "$first_log" 2

kill -TERM "$first"
wait "$first"
check "a drain ends with 0" test $? -eq 0
check "the second one takes over" eventually 20 opened "$second_log" 1
change
check "and hears" eventually 20 has_jobs 4
third_log=$work/third.log
listen "$third_log" CONNECTIONS=sandbox
third=$listener
check "the next one stands by" eventually 20 tells '^at=subscription-standing-by' "$third_log"
family=$(children "$second")
kill -KILL "$second"
wait "$second" 2>/dev/null
change
check "one that was killed with all its processes is followed, too" eventually 30 has_jobs 5
for p in $family; do check "process $p is gone with its master" eventually 5 ended "$p"; done
kill -TERM "$third"
wait "$third"
check "no event was lost, none was heard twice" has_jobs 5
# ---- killed in the middle of a stream ----
# Each event is an Opportunity of its own that comes into its stage, fifty in a transaction, some of them twice.
crash() {
    [ -n "${LONG:-}" ] && events=20000 kills=14 || events=2000 kills=4
    rm -f "$work"/jobs.db*
    start "$work/stream.log" node "$peer/stream.mjs" $events quotes || return 1
    listen "$work/crash.log" CONNECTIONS=sandbox PUBSUB_URL="http://127.0.0.1:$port"
    for kill in $(seq $kills); do
        eventually 20 opened_again "$kill" || { cat "$work/crash.log"; return 1; }
        sleep 0.2
        case $((kill % 3)) in
        0) victims=$(children "$listener") ;;
        1) victims=$(hearing_process "$listener") ;;
        2) victims=$(jobs_process "$listener") ;;
        esac
        # shellcheck disable=SC2086 # pids are words
        kill -KILL $victims 2>/dev/null
    done
    eventually 120 heard $events || { cat "$work/heard.txt"; tail -n 20 "$work/crash.log"; return 1; }
    echo "$kills kills, $events events: $(cat "$work/heard.txt")"
    stop "$listener"
}
opened_again() { [ "$(grep -c '^at=subscription-open' "$work/crash.log")" -ge "$1" ]; }
heard() { python3 tests/tools/events_heard.py "$work/jobs.db" "$1" >"$work/heard.txt" 2>&1; }
if [ ! -e "$peer/installed" ] || ! command -v python3 >/dev/null 2>&1; then
    skip_node "kills in the middle of a stream: no npm, or no python3"
else
    check "killed in the middle of a stream: each event in one job, no job of two transactions" crash
fi
check "no token in a log" sh -c "! grep -h 'sandbox-token\|$token' '$work'/*.log"
totals
