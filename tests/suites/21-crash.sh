#!/bin/sh
# Calls that crash, hang, or exhaust memory while others run: the others lose nothing, each victim gets its own answer.
. tests/lib.sh
n=$([ -n "${LONG:-}" ] && echo 100000 || echo 6000)
echo "requests per way to fail: $n"
start "$work/addon.log" "$B/tests/fake_addon" || exit 1
addon=127.0.0.1:$port
start "$work/host.log" env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 REPLAY_MAX=4000000 QUEUE_MAX=1000 WORKERS_MAX=8 WORKERS_MIN=4 WORKER_MEMORY_MB=48 LOG_LEVEL=warn \
    "$B/tests/actionhost-bare" serve || exit 1
host=$pid url=http://127.0.0.1:$port/api/misbehave

# of so many requests each EVERYth misbehaves and must get STATUS
way() { # HOW STATUS REQUESTS EVERY
    "$B/tests/load" "$url" --addon-org "$addon" --connections 32 --requests "$3" --seconds 120 --body '{"how":"sleep","ms":0}' \
        --every "$4" "{\"how\":\"$1\"}" >"$work/$1.txt"
    want=$(($3 / $4))
    check "$1: every victim got $2, and only victims" grep -q " special_$2=$want" "$work/$1.txt"
    check "$1: all others were answered with 200" grep -qE " other=0 lost=0 connect_errors=0 .* status_200=$(($3 - want)) " "$work/$1.txt"
    cat "$work/$1.txt"
}
slow=$([ "${MODE:-release}" = release ] && echo 1 || echo 4)
way segv 502 $((n / slow)) 100
way abort 502 $((n / slow)) 100
way exit 502 $((n / slow)) 100
way kill 502 $((n / slow)) 100
way loop 504 $((n / 4 / slow)) $((n / 4 / slow / 5))
if [ "${MODE:-release}" = release ]; then
    way stack 502 $n 200
    way memory 503 $((n / 4)) $((n / 4 / 10))
    way json 503 $((n / 4)) $((n / 4 / 10))
    way shared 503 200 100
else
    skip "stack and memory limits need a release build"
fi
check "the host still runs" kill -0 "$host"
stop "$host"
check "it stopped with exit code 0" test $? -eq 0
check "the log names the action and the call of each crash" grep -q 'at=worker-gone .*why=crashed id=00Dxx.* action=misbehave' "$work/host.log"

# A core would hold the token and the payload of a call. A debug build leaves one, for the person who debugs it.
if [ "$(ulimit -H -c)" = 0 ]; then
    skip "cores of workers: this machine allows none to anybody"
else
    ulimit -S -c "$(ulimit -H -c)"
    start "$work/host.log" env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=t \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 WORKERS_MAX=4 WORKERS_MIN=4 "$B/tests/actionhost-bare" serve || exit 1
    without=$(for child in $(ps -o pid= --ppid "$pid"); do grep '^Max core file size  *0  *0 ' "/proc/$child/limits"; done | wc -l)
    [ "${MODE:-release}" = debug ] && wanted=0 || wanted=5
    check "workers, and the front, that may leave no core: $without, of $wanted" test "$without" -eq $wanted
    stop "$pid"
fi
totals
