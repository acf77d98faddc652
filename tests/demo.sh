#!/bin/sh
# make demo: starts sandbox, host, a job worker and a listener on free loopback ports, runs every action on the sample data, and saves what they
# made with a page that shows it. tests/demo/calls.json says what is called and what is said of it.
. tests/lib.sh
out=build/demo
echo 'done'
rm -rf "$out" && mkdir -p "$out"
HOST_PORT=$(free_port)
settings="$(jobs_settings) CONNECTIONS=sandbox,partner,third CONNECTIONS_CALLERS=00Dxx0000001gPLEAY"
begun=$(date +%s%N)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# shellcheck disable=SC2086
start_host "$B/actionhost" $settings JOBS_RUN=off RATE_PROVIDERS="$(rate_providers)" || exit 1
# shellcheck disable=SC2086
env $settings HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$B/actionhost" work 2>"$work/work.log" &
worker_pid=$!
server_pids="$server_pids $worker_pid"
# hears the changes of the sample org
: >"$work/listen.log"
# shellcheck disable=SC2086
env $settings HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 EVENTS_CONNECTIONS=sandbox \
    PUBSUB_URL="http://127.0.0.1:$(sed -n 's/.*at=ready.* pubsub=\([0-9]*\).*/\1/p' "$work/sandbox.log")" "$B/actionhost" listen 2>"$work/listen.log" &
listener_pid=$!
server_pids="$server_pids $listener_pid"
tries=0
until grep -q at=ready "$work/listen.log"; do
    kill -0 $listener_pid 2>/dev/null && [ $tries -lt 400 ] || { cat "$work/listen.log"; exit 1; }
    tries=$((tries + 1))
    sleep 0.05
done
ready_ms=$((($(date +%s%N) - begun) / 1000000))
echo
echo "Action Host demo: sample org and host on this machine. No account, no network."
echo "Host, job worker, listener and sample org ready in $((ready_ms / 1000)).$((ready_ms % 1000 / 100)) s."

"$B/tests/demo" "$sandbox_url" "$out" "$worker_pid" tests/demo/calls.json actions/*/action.json
code=$?
stop "$listener_pid" || code=1
stop "$worker_pid" || code=1
stop "$host_pid" || code=1

# the portal as it looks with these orgs, without a host behind it
sh tests/demo-portal.sh "$out" >"$work/portal.log" 2>&1 || { cat "$work/portal.log"; code=1; }

# page 1 of each document as a picture, where there is a program for it
if command -v pdftoppm >/dev/null 2>&1; then
    for paper in "$out"/*.pdf; do
        [ ! -f "$paper" ] || pdftoppm -r 80 -f 1 -l 1 -png -singlefile "$paper" "${paper%.pdf}-page-1" || code=1
    done
fi
cp runtime/pages/assets/pages.css openapi/docs/docs.css tests/demo/demo.css "$out" && "$B/tests/demo_page" "$out" || code=1
if [ $code -ne 0 ]; then
    echo "The demo failed; the logs of host, job worker and listener:"
    tail -n 20 "$work/host.log" "$work/work.log" "$work/listen.log"
    exit $code
fi
cat <<TXT
 Everything is in $out/

  open $out/index.html     pictures, agreement, every request and answer
  open $out/portal.html    the accounts of three orgs in one table
  make run                       the same, live, with a docs page to click
  ./invoke                       every action with an example to paste
  V=1 make demo                  this, with each request and answer as JSON
TXT
