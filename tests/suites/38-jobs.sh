#!/bin/sh
# Jobs from end to end, once with each engine: started, waited for, watched, cancelled, retried; steps that crash, hang, exhaust
# memory, fail or throttle; processes that are killed at any time, drains, a database that goes away.
# long: 130
. tests/lib.sh
host=$B/tests/actionhost-test
key=kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
cleanup() { stop_all; [ -z "${pg:-}" ] || tests/postgres.sh stop "$pg"; }
trap cleanup EXIT

# ask OPERATION JSON [QUERY]: the answer goes to $work/answer; prints the status
ask() { curl -s -m 40 -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1?${3:-}"; }
# member NAME [FILE]: its value, a text or a number
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "${2:-$work/answer}" | head -n 1; }
# begin NAME JSON: starts chores; the id goes to $work/NAME.id
begin() { [ "$(ask doChores "$2")" = 201 ] && member jobId >"$work/$1.id" || fail "start of $1: $(cat "$work/answer")"; }
id() { cat "$work/$1.id"; }
# ends NAME STATE [SECONDS]: waits until it is in that state; the job is in $work/NAME.json then
ends() {
    tries=0
    echo '{}' >"$work/$1.json"
    while :; do
        [ "$(ask getJob "{\"jobId\":\"$(id "$1")\",\"waitSeconds\":1}")" = 200 ] && cp "$work/answer" "$work/$1.json"
        [ "$(member state "$work/$1.json")" = "$2" ] && return 0
        tries=$((tries + 1))
        [ $tries -lt "${3:-60}" ] || { cat "$work/$1.json"; echo; return 1; }
        [ "$(member state "$work/$1.json")" = running ] || sleep 0.3
    done
}
# is NAME MEMBER VALUE
is() { [ "$(member "$2" "$work/$1.json")" = "$3" ] || { echo "$2 is not $3:"; cat "$work/$1.json"; echo; return 1; }; }
has() { grep -qF -- "$2" "$work/$1.json" || { echo "not in $1: $2"; cat "$work/$1.json"; echo; return 1; }; }
# the jobs process of the host that was started last
jobs_pid() { sed -n 's/.*at=\(jobs-\)\{0,1\}ready .*pid=\([0-9]*\).*/\2/p' "$work/host.log" | tail -n 1; }
jobs_ready() {
    tries=0
    until kill -0 "$(jobs_pid)" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
}
up() { start_host "$host" JOBS_KEY=$key JOBS_RUN=on JOBS_POLL_MS=100 "$@" && jobs_ready; }

well() {
    echo "-- $engine: starts, waits, looks"
    check "a job is started" [ "$(ask doChores '{"count":25,"perPlan":7,"waitSeconds":10}')" = 201 ]
    check "and has ended while its caller waited" [ "$(member state)" = done ]
    member jobId >"$work/well.id"
    check "getJob" [ "$(ask getJob "{\"jobId\":\"$(id well)\"}")" = 200 ]
    cp "$work/answer" "$work/well.json"
    check "all chores are done, planned in four steps" is well done 25
    check "none failed" is well failed 0
    check "the finish step has answered" has well 'resultJson":"{\"job\":\"'"$(id well)"'\",\"total\":25,\"done\":25,\"failed\":0,\"user\":\"005'
    check "nothing to do is done, too" [ "$(ask doChores '{"count":0,"waitSeconds":10}')$(member state)" = 201done ]
    check "a start that does not wait" [ "$(ask doChores '{"count":1}')" = 201 ]
    check "listJobs" [ "$(ask listJobs '{"pageSize":2}')" = 200 ]
    check "lists two and says where the next begin" grep -qE '"jobs":\[\{[^]]*\},\{[^]]*\}\],"cursor":"' "$work/answer"
    check "listJobs by state" [ "$(ask listJobs '{"state":"failed"}')" = 200 ]
    check "none failed" grep -q '"jobs":\[\]' "$work/answer"
    check "another user's job is not found" [ "$(ask getJob "{\"jobId\":\"$(id well)\"}" user=limited@example.com)$(member code)" = 404job_not_found ]
    check "nor can it be cancelled" [ "$(ask cancelJob "{\"jobId\":\"$(id well)\"}" user=limited@example.com)$(member code)" = 404job_not_found ]
    check "nor is it listed" sh -c "[ \$(curl -s -d '{}' '$sandbox_url/sandbox/invoke/listJobs?user=limited@example.com' | grep -c '$(id well)') = 0 ]"
    check "another org's neither" [ "$(ask getJob "{\"jobId\":\"$(id well)\"}" org=partner)$(member code)" = 404job_not_found ]
    check "an unknown job" [ "$(ask getJob '{"jobId":"5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10"}')$(member code)" = 404job_not_found ]
    check "an ended job cannot be cancelled" [ "$(ask cancelJob "{\"jobId\":\"$(id well)\"}")$(member code)" = 409job_ended ]
    check "nor retried when nothing failed" [ "$(ask retryJob "{\"jobId\":\"$(id well)\"}")$(member code)" = 409nothing_to_retry ]
    check "with the token of whoever asked" [ "$(ask doChores '{"count":1,"how":"queries","waitSeconds":10}')$(member state)" = 201done ]
}

twins() {
    echo "-- $engine: twins and merged starts"
    begin first '{"count":1,"how":"stops","unique":"u"}'
    check "an equal start" [ "$(ask doChores '{"count":1,"how":"stops","unique":"u","waitSeconds":0}')" = 201 ]
    check "is answered with the job that runs" [ "$(member jobId)" = "$(id first)" ]
    check "and says so" grep -q 'running already' "$work/answer"
    check "that of another user is another" [ "$(ask doChores '{"count":1,"unique":"u"}' user=limited@example.com)" = 201 ]
    check "it is" [ "$(member jobId)" != "$(id first)" ]
    check "cancelJob" [ "$(ask cancelJob "{\"jobId\":\"$(id first)\"}")" = 200 ]
    check "a running job is cancelled" ends first canceled
    check "an equal start is a new one then" [ "$(ask doChores '{"count":0,"unique":"u"}')" = 201 ]
    check "it is" [ "$(member jobId)" != "$(id first)" ]
    begin merged '{"names":["a","b"],"ms":300}'
    check "a start that differs in its items alone" [ "$(ask doChores '{"names":["c"],"ms":300}')" = 201 ]
    check "is merged" [ "$(member jobId)" = "$(id merged)" ]
    check "the job ends" ends merged done
    check "with the items of both" is merged done 3
}

troubles() {
    echo "-- $engine: steps that go wrong, all at once"
    begin poison '{"count":25,"how":"crash","at":13}'
    begin hang '{"count":1,"how":"loop","at":0}'
    [ "${MODE:-release}" != release ] || begin memory '{"count":1,"how":"memory","at":0}' # others have no such limit
    begin killed '{"count":1,"how":"kill","at":0}'
    begin saves '{"count":1,"how":"saves"}'
    begin invalid '{"count":25,"how":"invalid","at":3}'
    begin locked '{"count":12,"how":"locked","at":3,"until":2}'
    begin stuck '{"count":12,"how":"locked","at":3}'
    begin again '{"count":3,"how":"again","at":0,"until":3}'
    begin fault '{"count":3,"how":"fault","at":0}'
    begin jobfails '{"count":25,"how":"jobFails","at":0}'
    begin planfails '{"count":25,"how":"planFails"}'
    begin planfault '{"count":25,"how":"planFault"}'
    begin plancrash '{"count":25,"how":"planCrashes"}'
    begin finishfails '{"count":3,"how":"finishFails"}'
    begin finishcrash '{"count":3,"how":"finishCrashes"}'
    begin long '{"count":3,"how":"long"}'
    begin throttled '{"count":3,"how":"throttled"}'
    check "a page that crashes is split until one item is left" ends poison done
    check "24 are done" is poison done 24
    check "one is not" is poison failed 1
    check "and is named" has poison '"item":"13"'
    check "an endless loop is ended" ends hang failed
    check "and its item has failed" is hang failed 1
    if [ "${MODE:-release}" = release ]; then
        check "so is one that exhausts memory" ends memory failed
        check "and its item has failed" is memory failed 1
    else
        skip "$engine: memory limits need a release build"
    fi
    check "a killed worker" ends killed failed
    check "and its item has failed" is killed failed 1
    check "what a step saved is there after a crash" ends saves done
    check "it went on" is saves done 1
    check "an invalid row" ends invalid done
    check "fails alone" is invalid failed 1
    check "with the org's words" has invalid 'Required fields are missing: [Name]'
    check "a row that was locked once" ends locked done
    check "is done later" is locked done 12
    check "one that stays locked" ends stuck done
    check "has failed in the end" is stuck failed 1
    check "with the org's code" has stuck UNABLE_TO_LOCK_ROW
    check "a step that is not done the first two times" ends again done
    check "is done the third time" is again done 3
    check "a page of an action at fault" ends fault failed
    check "fails" is fault failed 3
    check "a page that fails the job" ends jobfails failed
    check "says why" has jobfails 'insufficient access rights'
    check "a plan that fails" ends planfails failed
    check "says why" has planfails 'unexpected token: LIMIT'
    check "a plan of an action at fault" ends planfault failed
    check "a plan that crashes" ends plancrash failed
    check "a finish that fails" ends finishfails failed
    check "a finish that crashes" ends finishcrash failed
    check "an answer that is too long" ends long failed
    check "getJobFailures" [ "$(ask getJobFailures "{\"jobId\":\"$(id invalid)\"}")" = 200 ]
    check "has the row" grep -q '"failures":\[{"item":"3","code":"REQUIRED_FIELD_MISSING"' "$work/answer"
    check "retryJob" [ "$(ask retryJob "{\"jobId\":\"$(id invalid)\"}")$(member jobId)" = "200$(id invalid)" ]
    check "tries the failed row again" ends invalid done
    check "which has failed again" is invalid failed 1
    check "the others were not done twice" is invalid done 24
    check "a throttled step waits without an end" [ "$(ask getJob "{\"jobId\":\"$(id throttled)\"}")$(member state)" = 200running ]
    check "until its job is cancelled" [ "$(ask cancelJob "{\"jobId\":\"$(id throttled)\"}")" = 200 ]
    check "it is" ends throttled canceled
    check "the log has a line of each step" grep -qE 'at=step job=[-0-9a-f]{36} kind=page attempt=1 ms=[0-9.]+ done=10 failed=0 outcome=done' "$work/host.log"
    check "and of each job" grep -qE "at=job job=$(id poison) action=doChores state=done done=24 failed=1 ms=[0-9]+" "$work/host.log"
}

sessions() {
    echo "-- $engine: sessions that end"
    begin session '{"count":3,"how":"waits","at":1,"ms":1}'
    check "the session has ended: the job waits" ends session waiting
    check "and says for what" has session retryJob
    check "a job that runs as its caller" [ "$(ask doChores '{"count":1,"how":"queries","ms":1000}')" = 201 ]
    member jobId >"$work/expired.id"
    curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/expire"
    check "waits when that session has ended" ends expired waiting
    check "retryJob brings a new token" [ "$(ask retryJob "{\"jobId\":\"$(id expired)\"}")" = 200 ]
    check "with which it goes on" ends expired done
    check "and is done" is expired done 1
    check "no token is in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}' '$work/host.log'"
}

# kills -9 while 60 pages run; whatever happens, each chore counts once
kills() {
    echo "-- $engine: kills"
    rounds=$([ -n "${LONG:-}" ] && echo 12 || echo 3)
    begin kills '{"count":600,"perPlan":200,"ms":100}'
    n=0
    while [ $n -lt "$rounds" ]; do
        n=$((n + 1))
        sleep 0.4
        kill -9 "$(jobs_pid)" 2>/dev/null
        before=$(jobs_pid)
        tries=0
        while [ "$(jobs_pid)" = "$before" ] && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
        sleep 0.3
        worker=$(ps -o pid= --ppid "$host_pid" --sort=-start_time | head -n 1) # the youngest child: a step worker
        [ "$worker" = "$(jobs_pid)" ] || kill -9 $worker 2>/dev/null
    done
    check "after $rounds kills of the jobs process and of workers" ends kills done 45
    check "each is done once" is kills done 600
    check "and none failed" is kills failed 0
    begin master '{"count":300,"perPlan":100,"ms":100}'
    sleep 0.5
    kill -9 "$host_pid"
    wait "$host_pid" 2>/dev/null
    up "$@" || exit 1
    check "after a kill of the master" ends master done 60
    check "each is done once" is master done 300
}

drains() {
    echo "-- $engine: drain"
    begin drained '{"count":40,"how":"stops"}'
    sleep 0.7
    stop "$host_pid"
    check "a drain ends well" test $? -eq 0
    check "and has asked the steps to stop" grep -q "at=step .*job=$(id drained) kind=page attempt=1 .*outcome=again" "$work/host.log"
    up "$@" || exit 1
    check "their job goes on afterwards" [ "$(ask getJob "{\"jobId\":\"$(id drained)\"}")$(member failed)" = 2000 ]
    check "and can be cancelled" [ "$(ask cancelJob "{\"jobId\":\"$(id drained)\"}")" = 200 ]
    check "it is" ends drained canceled
}

# a host that runs no steps, and two work processes, one of which is killed
elsewhere() {
    echo "-- $engine: work processes"
    stop "$host_pid"
    up "$@" JOBS_RUN=off || exit 1
    begin elsewhere '{"count":400,"perPlan":100,"ms":100}'
    begin parked '{"count":1,"how":"queries"}'
    sleep 0.5
    check "a host with JOBS_RUN=off runs no step" [ "$(ask getJob "{\"jobId\":\"$(id elsewhere)\"}")$(member state)" = 200queued ]
    work_up one "$@" JOBS_KEY=another-key-of-thirty-two-characters,$key
    work_up two "$@" JOBS_KEY=$key
    check "a job that a work process runs is told of here" [ "$(ask doChores '{"count":1,"waitSeconds":15}')$(member state)" = 201done ]
    kill -9 "$one_pid" 2>/dev/null
    wait "$one_pid" 2>/dev/null
    check "with one of two work processes killed" ends elsewhere done
    check "each chore is done once" is elsewhere done 400
    check "a token that was sealed under the former key is opened" ends parked done
    stop "$two_pid"
    check "a work process drains" test $? -eq 0
    begin sealed '{"count":1,"how":"queries"}'
    work_up three "$@" JOBS_KEY=another-key-of-thirty-two-characters
    check "a token that was sealed under no key of these is not" ends sealed waiting
    check "and the job says what helps" has sealed retryJob
    stop "$three_pid"
    stop "$host_pid"
}
# work_up NAME SETTINGS...: a work process; its pid goes to $NAME_pid
work_up() {
    work_name=$1
    shift
    env HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token JOBS_POLL_MS=100 \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$@" "$host" work 2>"$work/work-$engine-$work_name.log" &
    eval "${work_name}_pid=$!"
    server_pids="$server_pids $!"
    tries=0
    until grep -q 'at=ready' "$work/work-$engine-$work_name.log" || [ $tries -ge 200 ]; do sleep 0.05; tries=$((tries + 1)); done
    check "at=ready of work" grep -q 'at=ready' "$work/work-$engine-$work_name.log"
}

# a jobs process that stands still for longer than its leases last, while another one goes on
zombies() {
    [ -n "${LONG:-}" ] || { skip "$engine: a jobs process that stands still for more than a minute (LONG=1)"; return; }
    echo "-- $engine: zombies"
    up "$@" || exit 1
    begin zombie '{"count":60,"ms":300}'
    sleep 0.5
    kill -STOP "$(jobs_pid)"
    work_up other "$@" JOBS_KEY=$key
    sleep 66
    kill -CONT "$(jobs_pid)"
    check "the job ends" ends zombie done
    check "each chore is done once" is zombie done 60
    check "what the zombie had was refused" grep -q at=step-lost "$work/host.log"
    stop "$other_pid"
    stop "$host_pid"
}

connections() {
    echo "-- connections"
    up "$@" || exit 1
    check "a job as a connection where there is none" [ "$(ask takeNaps '{"count":1}')$(member code)" = 409no_connection ]
    stop "$host_pid"
    up "$@" CONNECTIONS=partner,sandbox || exit 1
    token=$(curl -s -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' \
        "$sandbox_url/addons/sandbox/authorizations/partner" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
    partner_url=$(curl -s -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' \
        "$sandbox_url/addons/sandbox/authorizations/partner" | sed -n 's/.*"instance_url":"\([^"]*\)".*/\1/p')
    curl -s -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{"Name":"AAA Partner"}' \
        "$partner_url/services/data/v62.0/sobjects/Account"
    check "as the one of the caller's org" [ "$(ask takeNaps '{"count":1,"waitSeconds":10}')$(member state)" = 201done ]
    member jobId >"$work/own.id"
    check "as the one of another org" [ "$(ask takeNaps '{"count":1,"waitSeconds":10}' org=partner)$(member state)" = 201done ]
    member jobId >"$work/partner.id"
    check "getJob of the other org's" [ "$(ask getJob "{\"jobId\":\"$(id partner)\"}" org=partner)" = 200 ]
    check "which saw that org's records" grep -q 'AAA Partner' "$work/answer"
    check "getJob of the own org's" [ "$(ask getJob "{\"jobId\":\"$(id own)\"}")" = 200 ]
    check "which did not" sh -c "grep -q account '$work/answer' && ! grep -q 'AAA Partner' '$work/answer'"
    curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/expire"
    check "a session that has ended is renewed" [ "$(ask takeNaps '{"count":1,"waitSeconds":10}')$(member state)" = 201done ]
    echo "-- a drain that a step does not hear"
    ask takeNaps '{"count":3,"ms":60000}' >/dev/null
    member jobId >"$work/deaf.id"
    sleep 1
    begun=$(date +%s)
    stop "$host_pid"
    check "it ends well" test $? -eq 0
    check "within 30 s" [ $(($(date +%s) - begun)) -lt 30 ]
    check "the steps were handed back" [ "$(grep -c "at=step job=$(id deaf) kind=page .*outcome=released" "$work/host.log")" = 3 ]
    up "$@" CONNECTIONS=sandbox || exit 1
    sleep 1
    check "and were claimed again" [ "$(ask getJob "{\"jobId\":\"$(id deaf)\"}")$(member state)" = 200running ]
    check "cancelJob" [ "$(ask cancelJob "{\"jobId\":\"$(id deaf)\"}")" = 200 ]
    kill -9 "$(jobs_pid)"
    check "whose steps do not hear either: it ends with their workers" ends deaf canceled
    stop "$host_pid"
}

broken() {
    echo "-- a file that is no database, and one of a newer version"
    echo "this is no database, and it is long enough to be looked at as one" >"$work/broken.db"
    start_host "$host" JOBS_KEY=$key JOBS_DB="$work/broken.db" && jobs_ready || exit 1
    check "jobs are unavailable" [ "$(ask doChores '{"count":1}')$(member code)" = 503jobs_unavailable ]
    check "other actions are served" [ "$(ask echo '{"text":"x"}')" = 200 ]
    check "the log says why" grep -q 'at=database-away level=error why=' "$work/host.log"
    stop "$host_pid"
}

without_key() {
    start_host "$host" "$@" && jobs_ready || exit 1
    check "without JOBS_KEY a caller's job is refused" [ "$(ask doChores '{"count":1}')$(member code)" = 503jobs_key_missing ]
    check "with the way to mend it" grep -q 'set JOBS_KEY' "$work/answer"
    check "so is another try of what failed" [ "$(ask retryJob "{\"jobId\":\"$(id invalid)\"}")$(member code)" = 503jobs_key_missing ]
    check "looking is allowed" [ "$(ask listJobs '{}')" = 200 ]
    stop "$host_pid"
    start_host "$host" || exit 1
    check "without a database there are no jobs" [ "$(ask doChores '{"count":1}')$(member code)" = 503jobs_not_configured ]
    stop "$host_pid"
}

all() {
    up "$@" || { fail "$engine: the host does not start"; return; }
    well
    twins
    troubles
    sessions
    kills "$@"
    drains "$@"
    elsewhere "$@"
    zombies "$@"
}

engine=sqlite
all JOBS_DB="$work/jobs.db"
check "no token is in the file" sh -c "! cat '$work'/jobs.db* | grep -qaE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}'"
without_key JOBS_DB="$work/jobs.db"
connections JOBS_DB="$work/jobs.db"
broken

engine=postgresql
pg=$(pwd)/$work/pg
if url=$(tests/postgres.sh start "$pg"); then
    all DATABASE_URL="$url"
    up DATABASE_URL="$url" || exit 1
    echo "-- $engine: the database goes away"
    begin away '{"count":200,"ms":200}'
    sleep 0.5
    tests/postgres.sh kill "$pg"
    check "jobs are unavailable" [ "$(ask getJob "{\"jobId\":\"$(id away)\"}")$(member code)" = 503jobs_unavailable ]
    check "and it is said when to try again" grep -q '"retryAfterSeconds":' "$work/answer"
    check "other actions are served" [ "$(ask echo '{"text":"x"}')" = 200 ]
    tests/postgres.sh again "$pg"
    check "the job goes on when it is back" ends away done
    check "each chore is done once" is away done 200
    # one may have been kept by the very statement that was cut off, and is then told as lost when it is sent again
    check "what had ended meanwhile was not lost" [ "$(grep -c at=step-lost "$work/host.log")" -le 1 ]
    stop "$host_pid"
else
    skip "postgresql: there is none on this machine"
fi
totals
