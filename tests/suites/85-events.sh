# 85-events - changes in the sandbox's orgs, by its Pub/Sub API and `actionhost listen`, become quotes, events and
# notifications; what happens while nobody listens, or a listener is killed, is not lost; a second one stands by.
# long: 32
. "$(dirname "$0")/../lib.sh"
command -v python3 >/dev/null 2>&1 || { skip "events: python3 makes the changes"; totals; exit; }
host=$B/tests/actionhost-test
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
pubsub=$(sed -n 's/.*at=ready.* pubsub=\([0-9]*\).*/\1/p' "$work/sandbox.log")
settings="$(jobs_settings) CONNECTIONS=sandbox,partner,nobody_knows SYNC_CONNECTIONS=sandbox,partner JOBS_POLL_MS=100"
curl -s -o /dev/null -H 'Content-Type: application/json' -d '{"opportunities":300}' "$sandbox_url/sandbox/make"
# shellcheck disable=SC2086 # settings are words
start_host "$host" $settings JOBS_RUN=on PAGES_TOKEN=example-password-of-the-pages METRICS_TOKEN=example-metrics || exit 1

# listen NAME: another listener; its pid in $listener
listen() {
    : >"$work/$1.log"
    # shellcheck disable=SC2086
    env HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 $settings PUBSUB_URL="http://127.0.0.1:$pubsub" \
        "$host" listen 2>>"$work/$1.log" >>"$work/$1.out" &
    listener=$!
    server_pids="$server_pids $listener"
    tries=0
    until grep -q 'at=ready' "$work/$1.log"; do
        kill -0 $listener 2>/dev/null || { cat "$work/$1.log"; return 1; }
        tries=$((tries + 1))
        [ $tries -lt 400 ] || { cat "$work/$1.log"; return 1; }
        sleep 0.05
    done
}
does() { python3 tests/tools/events_check.py "$sandbox_url" "$host_url" "$1" 2>"$work/$1.txt" || { cat "$work/$1.txt"; return 1; }; }
changed() { python3 tests/tools/events_check.py "$sandbox_url" "$host_url" change >"$work/ids"; }
quoted() { python3 tests/tools/events_check.py "$sandbox_url" "$host_url" quoted <"$work/ids" 2>"$work/quoted.txt" || { cat "$work/quoted.txt"; return 1; }; }

check "a listener begins, with a connection that is none beside good ones" listen first
first=$listener
check "and says so" grep -q 'at=subscription-failed.*connection=nobody_knows' "$work/first.log"
check "an Opportunity comes into its stage: quote, event, notification" does stage
check "what starts a quote, and what does not" does rule
check "one that cannot be quoted is told to who has made it" does created
check "200 of one request are one job" does many
check "accounts of two orgs are kept in step, without going in circles" does sync
check "a data action starts a job" does signals

check "a second one stands by" listen second
second=$listener
check "and says so" grep -q 'at=ready.*standing_by=[1-9]' "$work/second.log"
kill -KILL $first && wait $first 2>/dev/null
check "changes while the first one is killed" changed
check "are quoted by the second, each once" quoted
stop $second
check "changes while nobody listens" changed
check "a listener comes back" listen third
check "nothing is missing, nothing there twice" quoted
jobs_of() { sed -n 's/.*at=jobs-ready .*pid=\([0-9]*\).*/\1/p' "$work/$1.log" | tail -n 1; }
kill -KILL "$(jobs_of third)" "$(jobs_of host)"
check "changes while the jobs processes of both are killed" changed
check "are quoted all the same, each once" quoted

# The stream itself: events that come twice, a call that ends, a position that means nothing any more, an event that is
# spoiled. Faults are those of calls that begin, so a listener comes back each time.
fault() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$1" "$sandbox_url/sandbox/faults"; }
mended() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"; }
metric() { curl -s -H 'Authorization: Bearer example-metrics' "$host_url/metrics" | sed -n "s|^actionhost_events_$1{connection=\"sandbox\",topic=\"/data/OpportunityChangeEvent\"} ||p"; }
stop "$listener"
check "changes whose events will come twice, by calls that end" changed
fault '[{"pubsub":{"topic":"/data/OpportunityChangeEvent","duplicates":50}},
 {"pubsub":{"topic":"/data/OpportunityChangeEvent","afterEvents":4,"times":2,"end":true,"reset":false}}]'
check "are heard" listen twice
check "are quoted, each once" quoted
check "and it is told how many were dropped" [ "$(metric duplicates_total)" -gt 0 ]
stop "$listener"
mended
check "changes behind a position that will be lost" changed
fault '{"pubsub":{"org":"sandbox","lostPosition":true}}'
check "are heard again from the earliest" listen lost
check "are quoted, each once" quoted
check "and the loss is told" sh -c "grep -q 'at=.*position-lost.*connection=sandbox' '$work/lost.log' && [ '$(metric gaps_total)' -gt 0 ]"
check "a gap that names no records is looked for by a condition" does overflow
stop "$listener"
mended
check "changes of which one event will be spoiled" changed
fault '{"pubsub":{"topic":"/data/OpportunityChangeEvent","payload":"noise"}}'
check "are heard" listen spoiled
most() { python3 tests/tools/events_check.py "$sandbox_url" "$host_url" most <"$work/ids" 2>"$work/most.txt" || { cat "$work/most.txt"; return 1; }; }
check "all others are quoted, each once" most
check "which is told, and kept apart" sh -c "grep -q 'at=event-unreadable.*connection=sandbox' '$work/spoiled.log' && [ '$(metric apart)' -gt 0 ]"
mended

page() { curl -s -b "$work/cookies" -c "$work/cookies" "$@"; }
page -o /dev/null -H "Origin: $host_url" -d password=example-password-of-the-pages "$host_url/jobs/login"
# shows WORDS: the page comes to say so
shows() {
    tries=0
    until page "$host_url/jobs" >"$work/jobs.html" && grep -q "$1" "$work/jobs.html"; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return 1
        sleep 0.1
    done
}
check "the page shows the subscription" shows '/data/OpportunityChangeEvent'
check "as listened to" shows 'Listening'
curl -s -H 'Authorization: Bearer example-metrics' "$host_url/metrics" >"$work/metrics.txt"
check "metrics tell that somebody listens" grep -q 'actionhost_events_listening{connection="sandbox",topic="/data/OpportunityChangeEvent"} 1' "$work/metrics.txt"
check "and how late the last event was" grep -q 'actionhost_events_lag_seconds{connection="sandbox",topic="/data/OpportunityChangeEvent"}' "$work/metrics.txt"
totals
