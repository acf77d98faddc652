#!/bin/sh
# The processes around jobs: each killed while the others go on, none left behind, a drain in time, a database that is away, and
# what each of them may know.
# long: 40
. tests/lib.sh
start "$work/addon.log" "$B/tests/fake_addon" || exit 1
addon=127.0.0.1:$port
program=$B/tests/actionhost-test
export BIND=127.0.0.1 HEROKU_APPLINK_API_URL="http://$addon/addons/x" HEROKU_APPLINK_TOKEN=planted-addon-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 METRICS_TOKEN=planted-metrics-token WORKERS_MIN=1 WORKERS_MAX=2
key=planted-key-0123456789abcdef0123456789abcdef
database=$PWD/$work/jobs.db
rm -f "$database"*

# host COMMAND [VAR=VALUE...]: sets $host (its pid), $url and $log
log=$work/host.log
host() {
    command=$1
    shift
    if [ "$command" = serve ]; then
        start "$log" env PORT=0 JOBS_DB="$database" JOBS_KEY=$key "$@" "$program" serve || { fail "serve with $*"; exit 1; }
        host=$pid url=http://127.0.0.1:$port
    else
        cat "$log" >>"$log.before"
        : >"$log"
        env JOBS_DB="$database" JOBS_KEY=$key "$@" "$program" "$command" 2>>"$log" &
        host=$!
        server_pids="$server_pids $host"
        eventually 20 grep -q '^at=ready' "$log" || { fail "$command with $*"; cat "$log"; exit 1; }
    fi
}
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
children() { children_of "$host"; }
# Of its children: jobs is the one that holds the database, step workers are those at nice 5 above their master.
nice_of() { awk '{ sub(/.*\) /, ""); print $17 }' "/proc/$1/stat" 2>/dev/null; }
step_workers() { for p in $(children); do [ "$(nice_of "$p")" = "$(nice_of "$host")" ] || echo "$p"; done; }
holds_database() { find "/proc/$1/fd" -lname "$database*" 2>/dev/null | grep -q .; }
jobs_process() { for p in $(children); do ! holds_database "$p" || echo "$p"; done; }
front() { children | head -n 1; }
jobs_is_there() { [ -n "$(jobs_process)" ]; }
jobs_is_new() { now=$(jobs_process) && [ -n "$now" ] && [ "$now" != "$1" ]; }
makes_way() { n=$(($(nice_of "$host") + 5)) && [ "$(nice_of "$(step_workers | head -n 1)")" -eq $((n > 19 ? 19 : n)) ]; }
step_worker_is_there() { [ -n "$(step_workers)" ]; }
whole() { jobs_is_there && step_worker_is_there; }
family_is_gone() { for p in $family; do ended "$p" || grep -qs '^State:.Z' "/proc/$p/status" || return 1; done; }
ready() { [ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$url/ready")" = 200 ]; }
# ends_with CODE [SECONDS]: the host ends by itself in time, with that exit code
ends_with() {
    eventually "${2:-20}" ended "$host" || { echo "it has not ended"; return 1; }
    wait "$host"
    code=$?
    [ $code -eq "$1" ] || { echo "exit code $code"; return 1; }
}
# chores JSON: starts such a job; what became of the request goes to $work/load.txt
chores() { "$B/tests/load" "$url/api/doChores" --addon-org "$addon" --seconds 30 --connections 1 --requests 1 --body "$1" >"$work/load.txt" 2>&1; grep -q ' status_201=1$' "$work/load.txt" || { cat "$work/load.txt"; return 1; }; }
shell() { JOBS_DB="$database" "$program" jobs "$@"; }
newest_is() { [ "$(shell list | sed -n 2p | awk '{ print $3 }')" = "$1" ] || { [ -z "${V:-}" ] || shell list | head -n 3; return 1; }; }
works() { chores '{"count":3}' && eventually 20 newest_is done; }

# ---- each of them killed ----
host serve
check "jobs and its workers are there beside front and worker" eventually 20 whole
check "a step worker makes way for calls: nice 5" makes_way
check "a job runs" works
for round in 1 2 3; do
    was=$(jobs_process)
    for p in $(step_workers) $was; do [ $round -eq 3 ] || kill -KILL "$p" 2>/dev/null; done
    [ $round -ne 3 ] || kill -KILL "$was" $(step_workers) $(children | sed -n 2p) 2>/dev/null
    check "jobs and its workers killed, round $round: another one comes" eventually 20 jobs_is_new "$was"
    check "the host serves all the while" ready
    check "with workers of its own" eventually 20 whole
    check "and a job runs" works
done
check "its end is told" test "$(grep -c '^at=jobs-ended level=error signal=9' "$log")" -eq 3

# A step whose worker hangs, and whose keeper dies: nothing of either stays.
chores '{"count":1,"ms":1800}' || fail "start of a job that takes a while"
eventually 10 newest_is running
family=$(step_workers) was=$(jobs_process)
kill -KILL "$was"
check "workers of a jobs process that was killed end with it, also in the middle of a step" eventually 5 family_is_gone
check "and the job is done by others" eventually 30 newest_is done

for order in "jobs steps master" "steps master" "master" "front"; do
    [ "$order" = "jobs steps master" ] || host serve
    eventually 20 whole || fail "whole again"
    family=$(children) first=$(front)
    for victim in $order; do
        case $victim in
        jobs) kill -KILL "$(jobs_process)" ;;
        steps) kill -KILL $(step_workers) 2>/dev/null ;;
        front) kill -KILL "$first" ;;
        master) kill -KILL "$host" ;;
        esac
    done
    [ "$order" != front ] || check "a front that was killed ends the host with 70" ends_with 70
    check "killed: $order; no process is left" eventually 10 family_is_gone
    [ "$order" = front ] || wait "$host" 2>/dev/null
done

# ---- stopped ----
# Heroku sends the signal to every process of the dyno. A step that runs is finished, what waits is left to the next host.
host serve
eventually 20 whole
chores '{"count":40,"ms":700}' || fail "start of a job of four pages"
eventually 10 newest_is running
family=$(children)
for victim in $family "$host" "$host"; do kill -TERM "$victim" 2>/dev/null; done
check "SIGTERM to all with steps in flight: exit code 0" ends_with 0 28
check "none is left" family_is_gone
check "no step was still running" grep -q '^at=jobs-stopped steps=0' "$log"
check "nor a request unanswered" grep -q '^at=stopped unanswered=0' "$log"
host serve
check "the next host does the rest" eventually 30 newest_is done
kill -STOP "$(jobs_process)"
kill -TERM "$host"
sleep 1
check "without an answer of jobs the host waits" kill -0 "$host"
check "28 s at most" ends_with 0 35

# ---- work ----
host work
eventually 20 whole
# what an earlier host has left in the queue may want more than one worker
no_front() { [ "$(children | wc -l)" -eq "$(($(step_workers | wc -l) + 1))" ]; }
check "work has no front: jobs and its workers" no_front
was=$(jobs_process)
kill -KILL "$was"
check "its jobs process comes again" eventually 20 jobs_is_new "$was"
eventually 20 whole
family=$(children)
kill -TERM "$host"
check "SIGTERM ends work with 0" ends_with 0
check "and all of it" family_is_gone
host work
eventually 20 whole
family=$(children)
kill -KILL "$host"
check "work killed: no process is left" eventually 10 family_is_gone
wait "$host" 2>/dev/null
env -u JOBS_DB -u DATABASE_URL timeout 10 "$program" work 2>"$work/refused.txt"
check "work without a database: 78, and why" sh -c "[ $? -eq 78 ] && grep -q 'DATABASE_URL: missing; work needs the database of jobs' '$work/refused.txt'"
(ulimit -Sn 300 && ulimit -Hn 300 && JOBS_DB=$database JOB_WORKERS_MAX=64 timeout 10 "$program" work) 2>"$work/refused.txt"
check "too few descriptors for step workers: 78, and how many" sh -c "[ $? -eq 78 ] && grep -q 'JOB_WORKERS_MAX is \"64\": needs 340 open files, and this process may have 300' '$work/refused.txt'"
(ulimit -Sn 300 && ulimit -Hn 400 && JOBS_DB=$database JOB_WORKERS_MAX=64 exec "$program" work) 2>"$work/raised.log" &
raised=$!
server_pids="$server_pids $raised"
check "a soft limit is raised for them" eventually 20 grep -q '^at=ready' "$work/raised.log"
stop "$raised"
mkdir -p "$work/none"
JOBS_DB=$work/none timeout 10 "$program" serve 2>"$work/refused.txt"
check "a folder is no file of SQLite" sh -c "[ $? -eq 78 ] && grep -q 'JOBS_DB is .*must be a file' '$work/refused.txt'"

# ---- a database that is away ----
away=postgres://planted-user:planted-password@127.0.0.1:$(free_port)/jobs
host serve JOBS_DB= DATABASE_URL="$away" JOBS_RUN=on
check "without its database the host serves" ready
stop "$host"
host work JOBS_DB= DATABASE_URL="$away"
check "and work waits for it" grep -q '^at=ready' "$log"
kill -TERM "$host"
check "until it is stopped" ends_with 0
check "no log tells its password, nor a key" sh -c "! cat '$log' '$log.before' | grep planted-"

# ---- who knows what ----
host serve
eventually 20 whole
# knows PID WORD: whether it is in the environment or the memory of that process
in_environment() { tr '\0' '\n' <"/proc/$1/environ" 2>/dev/null | grep -qF -- "$2"; }
knows() { in_environment "$1" "$2" || "$B/tests/memory_has" "$1" "$2"; }
case ${MODE:-release} in
asan | tsan) skip "secrets in memory: sanitizers keep what was freed" ;;
*)
    if ! "$B/tests/memory_has" "$(jobs_process)" "$key"; then
        skip "secrets in memory: this user may not look into other processes, or jobs has no key"
    else
        check "memory: jobs knows the key" knows "$(jobs_process)" "$key"
        check "and the master, which may have to start it again" knows "$host" "$key"
        check "but not what is the front's alone" sh -c "! tr '\0' '\n' </proc/$host/environ | grep -q planted-metrics-token"
        check "the front knows its token" knows "$(front)" planted-metrics-token
        for word in "$key" "$database"; do check "but not $word" sh -c "! '$B/tests/memory_has' $(front) '$word'"; done
        for p in $(step_workers) $(children | sed -n 2p); do
            for word in "$key" "$database" planted-addon-token planted-metrics-token; do
                if knows "$p" "$word"; then fail "worker $p knows $word"; else pass "worker $p does not know $word"; fi
            done
        done
    fi
    ;;
esac
stop "$host"
totals
