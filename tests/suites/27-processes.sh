#!/bin/sh
# What is around the processes: a log that nobody reads, signals, descriptors, what actions leave behind.
. tests/lib.sh
start "$work/addon.log" "$B/tests/fake_addon" || exit 1
addon=127.0.0.1:$port
export BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t HEROKU_APP_ID=11111111-2222-4333-8444-555555555555
program=$B/tests/actionhost-bare

# host [VAR=VALUE...]: sets $host (its pid) and $url
host() {
    start "$work/host.log" env PORT=0 "$@" "$program" serve || { fail "start with $*"; exit 1; }
    host=$pid url=http://127.0.0.1:$port
}
# misbehave BODY REQUESTS [LOAD-OPTIONS]: what became of them goes to $work/load.txt
misbehave() {
    load_body=$1 load_n=$2
    shift 2
    "$B/tests/load" "$url/api/misbehave" --addon-org "$addon" --seconds 20 --connections 4 --body "$load_body" --requests "$load_n" "$@" >"$work/load.txt" 2>&1
}
all() { grep -qE " lost=0 connect_errors=0 .* status_$1=$2$" "$work/load.txt" || { cat "$work/load.txt"; return 1; }; }
# eventually SECONDS COMMAND...: until it succeeds
eventually() {
    left=$(($1 * 20))
    shift
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.05
    done
}
ended() { ! kill -0 "$1" 2>/dev/null; }

# ---- a log that nobody reads ----
# A pipe that is held open and not read, as by a collector that hangs. Each request is a line of the front, each of those
# that fail one of a worker, each crash one of the master.
mkfifo "$work/unread"
exec 8<>"$work/unread"
log_port=$(free_port) url=http://127.0.0.1:$log_port
env PORT="$log_port" "$program" serve 2>"$work/unread" >/dev/null 8<&- &
host=$!
server_pids="$server_pids $host"
ready() { curl -sf -m 5 -o /dev/null "$url/ready"; }
eventually 20 ready
misbehave '{"how":"sleep","ms":0}' 2000
check "calls are answered while nobody reads the log" all 200 2000
misbehave '{"how":"fault"}' 1000
check "so are those of which workers log" all 500 1000
misbehave '{"how":"exit"}' 20
check "and those of which the master does" all 502 20
check "the log stands still" test "$(timeout 1 head -c 60000 <&8 | wc -c)" -eq 60000
timeout 1 cat <&8 >"$work/read.txt"
curl -sf -m 5 -o /dev/null "$url/healthcheck"
misbehave '{"how":"sleep","ms":0}' 3
timeout 1 cat <&8 >>"$work/read.txt"
check "what was lost is told once the log is read again" grep -qE '^at=log-lost level=warn n=[1-9]' "$work/read.txt"
check "and lines come again" test "$(grep -c '^at=request .* status=200 ' "$work/read.txt")" -ge 3
misbehave '{"how":"fault"}' 1000
kill -TERM "$host"
check "SIGTERM ends it while nobody reads" eventually 20 ended "$host"
wait "$host"
check "with exit code 0" test $? -eq 0
exec 8<&-
totals
