#!/bin/sh
# make demo: starts sandbox, host, a job worker and a listener on free loopback ports, runs every action on the sample data, then a
# batch of quotes and one for a change, and saves what they made.
. tests/lib.sh
out=build/demo
rm -rf "$out" && mkdir -p "$out"
make -s "$B/tests/free_port" "$B/tests/run_cases" || exit 1
HOST_PORT=$(free_port)
settings="$(jobs_settings) CONNECTIONS=sandbox"
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# shellcheck disable=SC2086
start_host "$B/actionhost" $settings JOBS_RUN=off RATE_PROVIDERS="$(rate_providers)" || exit 1
# shellcheck disable=SC2086
env $settings HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$B/actionhost" work 2>"$work/work.log" &
worker_pid=$!
server_pids="$server_pids $worker_pid"
echo "sandbox (AppLink add-on and Salesforce org) at $sandbox_url, action host at $host_url, one job worker beside it"
"$B/tests/run_cases" "$host_url" "$sandbox_url" --demo "$out" actions/*/action.json
code=$?

invoke() { curl -s -X POST -H 'content-type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

# A batch: 200 Opportunities are quoted by the job worker while nobody waits in a process.
quotes() {
    curl -s -X POST -d '{"opportunities": 200, "linesEach": 2, "seed": 1}' "$sandbox_url/sandbox/make" >/dev/null || return 1
    asked="{\"condition\": \"Name LIKE 'Sample Opportunity%'\", \"waitSeconds\": 20}"
    [ -z "${V:-}" ] || printf '\n== generateQuotes, a batch of 200 Opportunities\n   %s\n' "$asked"
    job=$(invoke generateQuotes "$asked" | member jobId)
    [ -n "$job" ] || return 1
    invoke getJob "{\"jobId\": \"$job\", \"waitSeconds\": 20}" >"$out/generateQuotes-batch.json"
    [ -z "${V:-}" ] || JOBS_DB=$work/jobs.db "$B/actionhost" jobs
    echo "  generateQuotes             200 Opportunities as a batch by the job worker"
    echo "      $(member done <"$out/generateQuotes-batch.json") of $(member total <"$out/generateQuotes-batch.json") quoted, $(member failed <"$out/generateQuotes-batch.json") failed, $(member ratePerSecond <"$out/generateQuotes-batch.json") a second (simulated org); ./invoke getJob shows more"
    grep -q '"state":"done".*"done":200,"failed":0' "$out/generateQuotes-batch.json"
}
quotes || code=1

# A change: an Opportunity comes into its stage in Salesforce, and its Quote and a notification follow.
change() {
    pubsub=$(sed -n 's/.*at=ready.* pubsub=\([0-9]*\).*/\1/p' "$work/sandbox.log")
    # shellcheck disable=SC2086
    env $settings HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 PUBSUB_URL="http://127.0.0.1:$pubsub" "$B/actionhost" listen 2>"$work/listen.log" &
    listener_pid=$!
    server_pids="$server_pids $listener_pid"
    tries=0
    until grep -q 'at=ready.*open=1' "$work/listen.log"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { cat "$work/listen.log"; return 1; }
        sleep 0.05
    done
    org=$(curl -s -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' "$sandbox_url/addons/sandbox/authorizations/sandbox")
    in_org() { curl -s -H "Authorization: Bearer $(echo "$org" | member access_token)" -H 'Content-Type: application/json' "$@"; }
    where=$sandbox_url/services/data/v62.0
    one=$(in_org -G "$where/query" --data-urlencode "q=SELECT Id FROM Opportunity WHERE Name = 'Sample Opportunity 1'" | member Id)
    in_org -X PATCH -d '{"StageName": "Proposal/Price Quote"}' "$where/sobjects/Opportunity/$one"
    tries=0
    until curl -s "$sandbox_url/sandbox/notifications" >"$out/notifications.json" && grep -q 'Quotes Generated: 1' "$out/notifications.json"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { tail -n 5 "$work/listen.log" "$work/work.log"; return 1; }
        sleep 0.05
    done
    echo "  listen                     an Opportunity came into its stage: a Quote, and a notification to who did it"
    echo "      \"$(member title <"$out/notifications.json")\": $(member body <"$out/notifications.json")"
    stop "$listener_pid"
}
change || code=1
stop "$worker_pid" || code=1
stop "$host_pid" || code=1
[ $code -eq 0 ] && echo "Every action succeeded. Pictures, documents and answers are in $out." || { echo "The demo failed; the logs of host and job worker:"; tail -n 20 "$work/host.log" "$work/work.log"; }
exit $code
