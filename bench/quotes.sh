#!/bin/sh
# quotes.sh - make bench-quotes: 5,000 Opportunities to Quotes against the sandbox's modelled org, by us and by the published
# samples' algorithms. Every second is simulated: it tells clients apart, not orgs.
#   OPPORTUNITIES=5000   WORKERS=16   LONG=1 also with statement cost, lock errors and kill -9
. "$(dirname "$0")/../tests/lib.sh"
work=$B/bench-quotes
mkdir -p "$work"
total=${OPPORTUNITIES:-5000}
workers=${WORKERS:-16}
network=150 page=600 record=7.5 # calibrated to both published figures, as a family: docs/quotes.md
out=$work/quotes.tsv
: >"$out"

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
    up ${race_env:-}
    model "$2" "${4:-}"
    shift_k=$2
    if seconds=$(client "$3"); then
        figures=$(curl -sS -m 60 "$sandbox_url/sandbox/model" | jq -r '"\(.workMs / 1000 / .capacity) \(.calls)"')
        control model '{}'
        left=$(python3 bench/quotes/clients.py check "$sandbox_url") || exit 1
        # shellcheck disable=SC2086
        printf '%s %s %s %s\n' "$1" "$seconds" "$figures" "$left" | awk -v k="$shift_k" '{
            line = sprintf("quotes %s %.1f floor_percent %.1f calls %d duplicates %d missing %d", $1, $2, 100 * $3 / $2, $4, $5, $6)
            print (k == 6 ? "" : "model K=" k " ") line }' | tee -a "$out"
    else
        echo "quotes $1: $seconds"
    fi
    stop_all
}
client() {
    case $1 in
    ours | java-sample) timeout 400 python3 bench/quotes/clients.py "$1" "$sandbox_url" ;;
    node-sdk) node_sdk ;;
    esac
}

echo "simulated: network $network ms, query page $page ms, record $record ms, K units of capacity; floor = all work of a run / K"
for k in ${CAPACITIES:-6 2 4 8}; do
    race ours-collections $k ours
    race java-sample $k java-sample
done
# What Batch Apex takes in this model with the one wait between batches that makes the published figure: computed, not run.
awk -v n="$total" -v r=$record 'BEGIN {
    batches = int((n + 199) / 200); printf "quotes batch-apex %.1f computed: %d batches of 200, 600 rows each, 1.5 s of waiting\n", batches * (600 * r / 1000 + 1.5), batches }' | tee -a "$out"
