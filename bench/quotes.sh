#!/bin/sh
# quotes.sh - make bench-quotes: 5,000 Opportunities to Quotes against the sandbox's modelled org, by us and by the published
# samples' algorithms. Every second is simulated: it tells clients apart, not orgs.
#   OPPORTUNITIES=5000   WORKERS=16   LONG=1 also with statement cost, lock errors and kill -9
#   RACES="capacities bulk node family costs" says which; LONG=1 runs all, without it the first three
. "$(dirname "$0")/../tests/lib.sh"
work=$B/bench-quotes
mkdir -p "$work"
total=${OPPORTUNITIES:-5000}
workers=${WORKERS:-16}
network=150 page=600 record=7.5 # calibrated to both published figures, as a family: docs/quotes.md
out=$work/quotes.tsv
races=${RACES:-capacities bulk node${LONG:+ family costs}}
case $races in capacities*) : >"$out" ;; esac # others are added to what there is
wanted() { case " $races " in *" $1 "*) ;; *) false ;; esac; }

up() { # the org with its data, a host that takes calls, one worker
    start_sandbox SANDBOX_HOST_URL= || exit 1
    rm -f "$work"/jobs.db*
    start_host "$B/actionhost" JOBS_DB="$work/jobs.db" JOBS_KEY=example-key-of-the-jobs-of-a-bench-0001 JOBS_RUN=off "$@" || exit 1
    env HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 JOBS_DB="$work/jobs.db" JOB_WORKERS_MAX="$workers" \
        JOBS_KEY=example-key-of-the-jobs-of-a-bench-0001 "$@" "$B/actionhost" work 2>"$work/work.log" &
    worker_pid=$!
    server_pids="$server_pids $worker_pid"
    until grep -q at=ready "$work/work.log"; do kill -0 $worker_pid || exit 1; sleep 0.05; done
    control reset "{\"hostUrl\":\"$host_url\"}"
    control make "{\"opportunities\":$total,\"linesEach\":2,\"seed\":1}"
}
control() { curl -sS -m 120 -o "$work/control" -X POST "$sandbox_url/sandbox/$1" -d "$2" || exit 1; }
model() { control model "{\"networkMs\":$network,\"pageMs\":$page,\"recordMs\":$record,\"capacity\":$1${2:-}}"; }

# race LABEL CAPACITY CLIENT [MODEL MEMBERS]
race() {
    up
    [ "$3" != bulk ] || spend_calls
    model "$2" "${4:-}"
    shift_k=$2
    if seconds=$(client "$3"); then
        figures=$(curl -sS -m 60 "$sandbox_url/sandbox/model" | jq -r '"\(.workMs / 1000 / .capacity) \(.calls)"')
        control model '{}'
        left=$(python3 bench/quotes/clients.py check "$sandbox_url") || exit 1
        # shellcheck disable=SC2086
        printf '%s %s %s %s\n' "$1" "$seconds" "$figures" "$left" | awk -v k="$shift_k" -v r="$record" '{
            line = sprintf("quotes %s %.1f floor_percent %.1f calls %d duplicates %d missing %d", $1, $2, 100 * $3 / $2, $4, $5, $6)
            print ($1 ~ /^family/ ? "record_ms " r " " : "") (k == 6 && $1 !~ /^family/ ? "" : "model K=" k " ") line }' | tee -a "$out"
    else
        echo "quotes $1: $seconds"
    fi
    stop_all
}
client() {
    case $1 in
    bulk) timeout 400 python3 bench/quotes/clients.py ours "$sandbox_url" ;;
    ours-killed) killed & timeout 400 python3 bench/quotes/clients.py ours "$sandbox_url" ;;
    node-*) timeout 400 "$node" "$clients/node_sdk.mjs" "$sandbox_url" "${1#node-}" ;;
    *) timeout 400 python3 bench/quotes/clients.py "$1" "$sandbox_url" ;;
    esac
}
# Kills -9 of `work` and its processes while the job runs.
killed() {
    for wait in 4 5 5; do
        sleep $wait
        kill -9 "$(pgrep -P "$worker_pid" | tail -n 1)" 2>/dev/null
    done
}
# Less than a fifth of the day's requests is left, so that ours goes in bulk.
spend_calls() {
    token=$(curl -sS -m 20 -d 'grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret' "$sandbox_url/services/oauth2/token" | jq -r .access_token)
    control setup '{"callsPerDay":1000}'
    curl -sS -m 60 -o /dev/null -H "Authorization: Bearer $token" "$sandbox_url/services/data/v62.0/limits?n=[1-820]"
}

echo "simulated: network $network ms, query page $page ms, record $record ms, K units of capacity; floor = all work of a run / K"
for k in 6 2 4 8; do
    wanted capacities || break
    race ours-collections $k ours
    race java-sample $k java-sample
done
if wanted bulk; then race ours-bulk 6 bulk; fi
. tests/clients/install.sh
if ! wanted node; then
    :
elif reason=$(install_clients) && find_node; then
    cp bench/quotes/node_sdk.mjs "$clients/"
    race node-sdk 6 node-published        # one graph for all: refused
    [ -z "${LONG:-}" ] || race node-sdk-in-graphs 6 node-graphs # of 500 nodes, one after the other
else
    echo "quotes node-sdk: left out, ${reason:-no Node that is new enough}"
fi
# Every capacity from 2 to 8 reproduces both published figures, each with a cost of a record of its own: the whole family.
if wanted family; then
    for pair in 2:2.30 3:3.45 4:4.60 6:6.81 8:8.85; do
        record=${pair#*:}
        for who in ours java-sample; do race "family-$who" "${pair%:*}" $who; done
    done
    record=7.5
fi
if wanted costs; then
    race ours-statement-cost 6 ours ',"statementMs":15'
    race java-statement-cost 6 java-sample ',"statementMs":15'
    race ours-lock-errors 6 ours ',"lockErrorRate":0.01,"seed":1'
    race ours-killed 6 ours-killed
fi
wanted capacities || exit 0
# What Batch Apex takes in this model with the one wait between batches that makes the published figure: computed, not run.
awk -v n="$total" -v r=$record 'BEGIN {
    batches = int((n + 199) / 200); printf "quotes batch-apex %.1f computed: %d batches of 200, 600 rows each, 1.5 s of waiting\n", batches * (600 * r / 1000 + 1.5), batches }' | tee -a "$out"
