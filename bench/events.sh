#!/bin/sh
# events.sh - from a change in the sandbox's org until its Quote is there, at ten changes a second: by its Pub/Sub API,
# `actionhost listen` and `serve`, on this machine. host_ms is from the end of the change's request to the first byte of
# the write, which has the org's own way of telling in it; commit_to_quote_ms to the end of the write (simulated).
cd "$(dirname "$0")/.." || exit 1
TEST_WORK=build/bench-events
export TEST_WORK
. tests/lib.sh
[ -n "${LONG:-}" ] && seconds=60 || seconds=15
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
pubsub=$(sed -n 's/.*at=ready.* pubsub=\([0-9]*\).*/\1/p' "$work/sandbox.log")
settings="$(jobs_settings) CONNECTIONS=sandbox"
curl -s -o /dev/null -H 'Content-Type: application/json' -d "{\"opportunities\":$((seconds * 10))}" "$sandbox_url/sandbox/make"
# shellcheck disable=SC2086 # settings are words
start_host "$B/actionhost" $settings JOBS_RUN=on || exit 1
# shellcheck disable=SC2086
env HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 \
    $settings PUBSUB_URL="http://127.0.0.1:$pubsub" "$B/actionhost" listen 2>"$work/listen.log" >"$work/listen.out" &
listener=$!
server_pids="$server_pids $listener"
tries=0
until grep -q 'at=ready' "$work/listen.log"; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { cat "$work/listen.log"; exit 1; }
    sleep 0.1
done
python3 bench/events.py "$sandbox_url" $seconds
