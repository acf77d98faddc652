# lib.sh - shell helpers of the tests and of `make demo`: free ports, start and stop of servers. Sourced, not run.
# Every server that is started here is ended by its own pid.

top=$(cd "$(dirname "$0")/.." && { [ -f Makefile ] || cd ..; } && pwd)
cd "$top" || exit 1
B=build/${MODE:-release}
work=${TEST_WORK:-build/test-work/$(basename "$0" .sh)}
mkdir -p "$work"
unset MAKEFLAGS MFLAGS MAKELEVEL # what calls make here is no part of the make that called us
server_pids=

# start LOG PROGRAM ARGS...: starts a server in the background, waits for "at=ready port=N" in its log. Sets $port and $pid.
start() {
    start_log=$1
    shift
    [ ! -s "$start_log" ] || cat "$start_log" >>"$start_log.before" # all logs are searched for secrets at the end
    : >"$start_log"
    "$@" 2>>"$start_log" >>"$start_log.out" &
    pid=$!
    server_pids="$server_pids $pid"
    tries=0
    while ! port=$(sed -n 's/.*at=ready.* port=\([0-9]*\).*/\1/p' "$start_log" | tail -n 1) || [ -z "$port" ]; do
        kill -0 "$pid" 2>/dev/null || { echo "did not start: $*" >&2; cat "$start_log" >&2; return 1; }
        tries=$((tries + 1))
        [ $tries -lt 400 ] || { echo "not ready after 20 s: $*" >&2; cat "$start_log" >&2; return 1; }
        sleep 0.05
    done
}

# stop PID: asks it to finish, and insists after 30 s.
stop() {
    kill -TERM "$1" 2>/dev/null || return 0
    tries=0
    while kill -0 "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || kill -KILL "$1" 2>/dev/null
        sleep 0.05
    done
    wait "$1" 2>/dev/null
}

# children_of PID: its processes in the order of their birth. Their numbers are no order: after the highest one they begin anew.
children_of() { { tr ' ' '\n' <"/proc/$1/task/$1/children"; } 2>/dev/null | grep .; }

stop_all() {
    for stop_pid in $server_pids; do stop "$stop_pid"; done
    server_pids=
}
trap stop_all EXIT
trap 'exit 130' INT TERM

# start_sandbox [VAR=VALUE...]: on a free port. Sets $sandbox_url and $sandbox_pid. The host's port comes later by SANDBOX_HOST_URL or reset.
start_sandbox() {
    start "$work/sandbox.log" env SANDBOX_PORT=0 "$@" "$B/sandbox" serve || return 1
    sandbox_port=$port sandbox_pid=$pid sandbox_url=http://127.0.0.1:$port
}

# start_host PROGRAM [VAR=VALUE...]: on a free port against the sandbox. Sets $host_url and $host_pid.
start_host() {
    host_program=$1
    shift
    start "$work/host.log" env PORT=${HOST_PORT:-0} BIND=127.0.0.1 HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" \
        HEROKU_APPLINK_TOKEN=sandbox-token HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 \
        "$@" "$host_program" serve || return 1
    host_port=$port host_pid=$pid host_url=http://127.0.0.1:$port
}

# jobs_settings: settings of a host that keeps jobs, in a new database in the test's folder
jobs_settings() {
    rm -f "$work"/jobs.db*
    echo "JOBS_DB=$work/jobs.db JOBS_KEY=example-key-of-the-jobs-of-a-test-0001"
}

# rate_providers: value of RATE_PROVIDERS for the two lenders that the sandbox plays, one for each shape of answer.
rate_providers() {
    printf '[{"id":"harbor","name":"Harbor Auto Finance","kind":"aggregator","shape":"terms","basis":"apr_us",
"url":"%s/lenders/harbor/apr/{vin}?creditScore={creditScore}&vehicleAge={vehicleAge}"},
{"id":"summit","kind":"aggregator","shape":"quotes",
"url":"%s/lenders/summit/quotes?creditScore={creditScore}&vehicleAge={vehicleAge}"}]' "$sandbox_url" "$sandbox_url" | tr -d '\n'
}

# free_port: one that nothing listens on right now, and that no other suite of this run gets.
free_port() {
    mkdir -p build/test-work/ports
    while :; do
        given_port=$("$B/tests/free_port") || return 1
        mkdir "build/test-work/ports/$given_port" 2>/dev/null && break
    done
    echo "$given_port"
}

passed=0 failed=0 skipped=0
pass() { passed=$((passed + 1)); [ -z "${V:-}" ] || echo "ok   $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1"; }
skip() { skipped=$((skipped + 1)); echo "skip $1"; }
# skip_node NAME: for want of Node or its packages; a failure where they must be there (NODE_REQUIRED, as in CI)
skip_node() { if [ -n "${NODE_REQUIRED:-}" ]; then fail "$1"; else skip "$1"; fi; }
# check NAME COMMAND...: passes when the command succeeds
check() {
    check_name=$1
    shift
    if "$@"; then pass "$check_name"; else fail "$check_name"; fi
}
totals() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
