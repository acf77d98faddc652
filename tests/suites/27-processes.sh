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

# ---- signals ----
# Each to each kind of process while calls run: none is lost, and the host goes on.
host WORKERS_MIN=4 WORKERS_MAX=4
front=$(children_of "$host" | head -n 1)
workers=$(children_of "$host" | tail -n +2)
misbehave '{"how":"sleep","ms":700}' 4 &
load=$!
sleep 0.25
for name in HUP USR1 USR2 ALRM PIPE IO PWR VTALRM; do
    for victim in "$host" "$front" $workers; do kill -$name "$victim" || fail "SIG$name: $victim had gone"; done
done
wait "$load"
check "signals that mean nothing end no call" all 200 4
check "and no process" test "$(children_of "$host" | tr -d ' \n')" = "$(printf %s "$front" $workers | tr -d ' \n')"
for name in HUP USR1 USR2 ALRM; do
    check "SIG$name is told by master and front" sh -c "grep -q 'at=signal-ignored level=warn signal=$name process=$host from=$$\$' '$work/host.log' &&
        grep -q 'at=signal-ignored level=warn signal=$name process=$front from=$$\$' '$work/host.log'"
done
check "SIGPIPE is not: it is part of writing" sh -c "! grep signal=PIPE '$work/host.log'"
misbehave '{"how":"sleep","ms":500}' 2 &
load=$!
sleep 0.25
kill -QUIT "$host"
wait "$load"
check "SIGQUIT drains: what runs is finished" all 200 2
wait "$host"
check "SIGQUIT: exit code 0" test $? -eq 0

# Whoever starts the host may have had all signals ignored, also the one that tells of the end of children.
start "$work/host.log" env PORT=0 WORKERS_MIN=1 WORKERS_MAX=1 env --ignore-signal=HUP --ignore-signal=INT --ignore-signal=CHLD "$program" serve || fail "start with ignored signals"
host=$pid url=http://127.0.0.1:$port
misbehave '{"how":"exit"}' 3
check "ends of workers are seen though SIGCHLD was ignored" all 502 3
kill -INT "$host"
wait "$host"
check "SIGINT stops it though it was ignored" test $? -eq 0

# ---- standard descriptors that are closed ----
for closed in '2>&-' '0<&- 1>&- 2>&-'; do
    log_port=$(free_port) url=http://127.0.0.1:$log_port
    PORT=$log_port sh -c "exec '$program' serve $closed" &
    host=$!
    server_pids="$server_pids $host"
    eventually 20 ready
    misbehave '{"how":"fault"}' 3
    check "with $closed it serves" all 500 3
    for process in "$host" $(ps -o pid= --ppid "$host"); do
        check "and descriptor 2 is no socket of its own: $process" sh -c "readlink /proc/$process/fd/2 | grep -qE '^(/dev/null|pipe:)'"
    done
    kill -TERM "$host"
    wait "$host"
    check "with $closed it ends with 0" test $? -eq 0
done

# ---- what actions leave behind ----
# Each such call leaves four processes: a child, one with a session of its own, a child of that, and one without a parent.
host WORKERS_MIN=1 WORKERS_MAX=1
left_behind() { sed -n 's/^at=left pid=//p' "$work/host.log"; }
four_are_known() { [ "$(left_behind | wc -l)" -eq "$1" ]; }
none_is_left() { for process in $(left_behind); do ! kill -0 "$process" 2>/dev/null || return 1; done; }
misbehave '{"how":"fork"}' 1
check "an action that leaves processes behind is answered" all 200 1
check "they have said who they are" eventually 5 four_are_known 4
check "none outlives the call" eventually 5 none_is_left
check "the log tells of them" grep -qE 'at=processes-left level=warn id=00Dxx.* action=misbehave n=[1-4]' "$work/host.log"
misbehave '{"how":"sleep","ms":1}' 2
check "the worker goes on" all 200 2
misbehave '{"how":"forkExit"}' 1
check "a crash is told at once, though children hold the worker's socket" all 502 1
check "they too have said who they are" eventually 5 four_are_known 8
check "none outlives the worker" eventually 5 none_is_left
misbehave '{"how":"fork"}' 1 &
load=$!
check "four more" eventually 5 four_are_known 12
kill -KILL $(children_of "$host" | tail -n +2)
wait "$load"
check "none outlives a worker that was killed" eventually 5 none_is_left
check "the master's children are its own" test "$(ps -o pid= --ppid "$host" | wc -l)" -le 2
misbehave '{"how":"forkExit"}' 1 &
load=$!
check "and four" eventually 5 four_are_known 16
kill -TERM "$host"
wait "$load"
wait "$host"
check "after the host has ended none is left" none_is_left

# ---- descriptors ----
host WORKERS_MIN=2 WORKERS_MAX=2
stop "$host"
starts_with() { # starts_with SOFT HARD [VAR=VALUE...]: with these limits of open files; the answer of a refused start is in $work/refused.txt
    soft=$1 hard=$2
    shift 2
    (ulimit -Sn "$soft" && ulimit -Hn "$hard" && exec timeout 20 env PORT=0 "$@" "$program" serve) >"$work/refused.txt" 2>&1
}
starts_with 1024 1024
check "too few descriptors for the settings: exit code 78" test $? -eq 78
check "with both numbers and how to mend it" grep -qE 'CONNECTIONS_MAX is "1000": needs 2196 open files, and this process may have 1024; set it to 414 at most, or raise' "$work/refused.txt"
starts_with 128 128
check "where no number of connections would do, that is said" grep -qE 'needs 2196 open files together with WORKERS_MAX, and this process may have 128' "$work/refused.txt"
(ulimit -Sn 256 && ulimit -Hn 2500 && PORT=0 exec "$program" serve) 2>"$work/raised.log" &
raised=$!
server_pids="$server_pids $raised"
check "a soft limit is raised" eventually 20 grep -q at=ready "$work/raised.log"
check "to what is needed" sh -c "grep -qE '^Max open files +2196 +2500 ' /proc/$raised/limits"
stop "$raised"
(ulimit -Sn 1024 && ulimit -Hn 1024 && PORT=0 CONNECTIONS_MAX=414 exec "$program" serve) 2>"$work/fits.log" &
fits=$!
server_pids="$server_pids $fits"
check "what the refusal has told fits" eventually 20 grep -q at=ready "$work/fits.log"
stop "$fits"

# A front that may open no more: the worker that cannot be handed over is not counted, and no storm of others follows.
# Also where that worker hangs in its start, and so does not see that nobody listens to it.
rm -f "$work/hangs"
host WORKERS_MIN=1 WORKERS_MAX=1 FAULTY_HANGS="$PWD/$work/hangs"
front=$(children_of "$host" | head -n 1)
: >"$work/hangs"
prlimit --pid "$front" --nofile=5:
kill -KILL $(children_of "$host" | tail -n +2)
told() { grep -c 'at=worker-not-added level=error why=' "$work/host.log"; }
told_often() { [ "$(told)" -ge 3 ]; }
check "the front tells of workers that do not arrive" eventually 20 told_often
sleep 1
check "and they are few ($(told))" test "$(told)" -le 15
rm -f "$work/hangs"
prlimit --pid "$front" --nofile=1024:
url=http://127.0.0.1:$port
check "with descriptors again there is a worker again" eventually 20 ready
misbehave '{"how":"sleep","ms":1}' 2
check "which serves" all 200 2
stop "$host"

# Workers that leave at once with exit code 0 are starts that failed.
timeout 20 env PORT=0 FAULTY_START=leave "$program" serve 2>"$work/leave.log"
check "no worker stays: exit code 69" test $? -eq 69
totals
