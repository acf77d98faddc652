#!/bin/sh
# What jobs tell, once with each engine: events, notifications, callbacks; orgs that refuse them; kills; and that no token or
# callback URL can be read in what a database has written.
# long: 200
. tests/lib.sh
command -v python3 >/dev/null 2>&1 || { skip "the outbox: python3 reads what was told"; totals; exit; }
host=$B/tests/actionhost-test
key=kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
new_key=nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
cleanup() { stop_all; [ -z "${pg:-}" ] || tests/postgres.sh stop "$pg"; }
trap cleanup EXIT

ask() { curl -s -m 40 -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1?${3:-}"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "${2:-$work/answer}" | head -n 1; }
control() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/$1"; }
callback_url() { curl -s -d "${1:-"{}"}" -H 'Content-Type: application/json' "$sandbox_url/sandbox/callbacks" | sed -n 's/.*"url": *"\([^"]*\)".*/\1/p'; }
# begin NAME OPERATION JSON
begin() { if [ "$(ask "$2" "$3")" = 201 ]; then member jobId >"$work/$1.id"; else fail "start of $1: $(cat "$work/answer")"; fi; }
id() { cat "$work/$1.id"; }
ends() {
    tries=0
    while :; do
        [ "$(ask getJob "{\"jobId\":\"$(id "$1")\",\"waitSeconds\":1}")" = 200 ] && cp "$work/answer" "$work/$1.json"
        [ "$(member state "$work/$1.json")" = "$2" ] && return 0
        tries=$((tries + 1))
        [ $tries -lt 60 ] || { cat "$work/$1.json"; echo; return 1; }
        sleep 0.2
    done
}
has() { grep -qF -- "$2" "$work/$1.json" || { echo "not in $1: $2"; cat "$work/$1.json"; echo; return 1; }; }
# told KIND NAME EXPRESSION: of the events, callbacks or notifications of that job (rows), this is true, within 15 s
told() {
    tries=0
    while :; do
        curl -s "$sandbox_url/sandbox/$1" >"$work/told.json"
        python3 - "$work/told.json" "$(cat "$work/$2.id" 2>/dev/null)" "$3" 2>/dev/null <<'PY' && return 0
import json, sys
every = json.load(open(sys.argv[1]))
job = sys.argv[2]
rows = [r for r in every if job in json.dumps(r)]
bodies = [r.get('payload') or r.get('body') for r in rows]
bodies.sort(key=lambda b: int(b.get('Sequence__c') or b.get('sequence') or 0) if isinstance(b, dict) else 0)
numbers = [int(b.get('Sequence__c') or b.get('sequence') or 0) for b in bodies if isinstance(b, dict)]
sys.exit(0 if eval(sys.argv[3]) else 1)
PY
        tries=$((tries + 1))
        [ $tries -lt 50 ] || { grep -o "{[^{]*$(cat "$work/$2.id").*" "$work/told.json" | head -c 2000; echo; return 1; }
        sleep 0.2
    done
}
jobs_pid() { sed -n 's/.*at=\(jobs-\)\{0,1\}ready .*pid=\([0-9]*\).*/\2/p' "$work/host.log" | tail -n 1; }
jobs_ready() {
    tries=0
    until kill -0 "$(jobs_pid)" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
}
up() { up_key=${KEY:-$key}; start_host "$host" JOBS_KEY="$up_key" JOBS_RUN=on JOBS_POLL_MS=100 "$@" && jobs_ready; }

events() {
    echo "-- $engine: events"
    begin events doChores '{"count":40,"ms":20}'
    check "a job" ends events done
    check "tells its beginning" told events events 'bodies[0]["State__c"] == "queued" and numbers[0] == 1'
    check "its end" told events events 'bodies[-1]["State__c"] == "done" and bodies[-1]["Done__c"] == 40 and bodies[-1]["Total__c"] == 40'
    check "and how it moved, each thing once" told events events 'sorted(numbers) == list(range(1, len(numbers) + 1)) and 3 <= len(numbers) <= 12'
    begin fails doChores '{"count":3,"how":"jobFails","at":0}'
    check "a job that fails" ends fails failed
    check "says why" told events fails '"access rights" in bodies[-1]["Message__c"]'
    begin canceled doChores '{"count":1,"how":"stops"}'
    ask cancelJob "{\"jobId\":\"$(id canceled)\"}" >/dev/null
    check "a cancelled one says so" told events canceled 'bodies[-1]["State__c"] == "canceled"'
    begin waits doChores '{"count":10,"how":"waits","at":3}'
    check "one that waits for its user" told events waits 'bodies[-1]["State__c"] == "waiting"'
    check "says for what" told events waits 'bodies[-1]["Message__c"]'
    begin notified doChores '{"count":1,"notify":true}'
    check "a job that is to notify its user" ends notified done
    check "does" told notifications notified 'len(every) == 1 and "doChores: done" in every[0]["title"] and every[0]["recipientId"].startswith("005")'

    control permissions '[{"user":"limited@example.com","readOnlyObjects":["Action_Job__e"]}]'
    if [ "$(ask doChores '{"count":30,"waitSeconds":10}' user=limited@example.com)" = 201 ]; then member jobId >"$work/refused.id"; else fail "start"; fi
    check "an org that refuses events: the work is unharmed" [ "$(member state)" = done ]
    check "none came" told events refused 'rows == []'
    tries=0
    until ask getJob "{\"jobId\":\"$(id refused)\"}" user=limited@example.com >/dev/null && grep -q 'takes no Action_Job__e' "$work/answer"; do
        tries=$((tries + 1))
        [ $tries -lt 50 ] || break
        sleep 0.1
    done
    cp "$work/answer" "$work/refused.json"
    check "the job tells it" has refused 'takes no Action_Job__e events: entity type cannot be inserted: Action Job'
    check "it was tried once" [ "$(curl -s "$sandbox_url/sandbox/log?path=/services/data&method=POST&limit=500" | grep -o 'sobjects/Action_Job__e[^}]*"status": *400' | wc -l)" -le 1 ]
    control permissions '[]'
    control faults '{"path":"/services/data","contains":"Action_Job__e","times":2,"status":503}'
    begin later doChores '{"count":1}'
    check "an org that takes no events for a moment" ends later done
    check "is told later" told events later 'sorted(numbers) == [1, 2]'
    curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
}

refused() { check "$1" [ "$(ask doChoresAsync "{\"count\":1,\"callbackUrl\":\"$2\"}")$(member code)" = 422invalid_callback_url ] || cat "$work/answer"; }

callbacks() {
    echo "-- $engine: callbacks"
    check "a callback is needed" [ "$(ask doChoresAsync '{"count":1}')" = 422 ]
    check "and asked for" grep -q '"code":"invalid_input".*callbackUrl' "$work/answer"
    own=$(callback_url)
    path=${own#http://127.0.0.1:*/}
    partner=$(callback_url '{"org":"partner"}')
    refused "another org's address" "$partner"
    refused "another port" "http://127.0.0.1:9/$path"
    refused "another host" "https://evil.example.com/$path"
    refused "another org of Salesforce" "https://other.my.salesforce.com/$path"
    refused "a user in front of the host" "http://me:pw@127.0.0.1:$sandbox_port/$path"
    refused "https without anybody there" "https://127.0.0.1:$sandbox_port/$path"
    refused "a name that only begins like ours" "http://127.0.0.1:$sandbox_port.evil.example.com/$path"
    refused "a way up" "http://127.0.0.1:$sandbox_port/a/../$path"
    refused "no URL" "services/$path"
    begin called doChoresAsync "{\"count\":25,\"callbackUrl\":\"$own\"}"
    check "a job that is asked for with a callback" ends called done
    check "is that very operation" [ "$(member operation "$work/called.json")" = doChores ]
    check "calls back, once" told callbacks called 'len(rows) == 1 and rows[0]["status"] == 200 and bodies[0]["state"] == "done"'
    check "with the result" told callbacks called 'bodies[0]["result"]["done"] == 25 and bodies[0]["sequence"] > 1 and "error" not in bodies[0]'
    begin bad doChoresAsync "{\"count\":3,\"how\":\"jobFails\",\"at\":0,\"callbackUrl\":\"$(callback_url)\"}"
    check "one that fails" ends bad failed
    check "calls back with the error" told callbacks bad 'bodies[0]["state"] == "failed" and bodies[0]["error"]["code"] and "access rights" in bodies[0]["error"]["message"] and "result" not in bodies[0]'
    begin twin doChoresAsync "{\"count\":20,\"ms\":500,\"unique\":\"cb\",\"callbackUrl\":\"$(callback_url)\"}"
    check "a twin" [ "$(ask doChoresAsync "{\"count\":20,\"ms\":500,\"unique\":\"cb\",\"callbackUrl\":\"$(callback_url)\"}")$(member jobId)" = "201$(id twin)" ]
    check "is called back, too" told callbacks twin 'len(rows) == 2 and len(set(r["url"] for r in rows)) == 2'
    control faults '{"path":"/services/externalservices","times":2,"status":500}'
    begin retried doChoresAsync "{\"count\":1,\"callbackUrl\":\"$(callback_url)\"}"
    check "500 and 500: it is sent again" told callbacks retried '[r["status"] for r in rows] == [500, 500, 200]'
    check "the same" told callbacks retried 'len(set(numbers)) == 1'
    curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
    begin unknown doChoresAsync "{\"count\":1,\"callbackUrl\":\"http://127.0.0.1:$sandbox_port/services/externalservices/callbacks/nobody\"}"
    check "404: nobody waits any more" told callbacks unknown '[r["status"] for r in rows] == [404]'
    sleep 0.5
    check "the work is done" ends unknown done
    check "and the job tells it" has unknown 'does not know it any more (404)'
    control faults '{"path":"/services/externalservices","times":1,"status":302,"headers":{"Location":"http://127.0.0.1:9/"}}'
    begin moved doChoresAsync "{\"count\":1,\"callbackUrl\":\"$(callback_url)\"}"
    check "a redirect" told callbacks moved 'rows[0]["status"] == 302 and len(rows) == 1'
    sleep 0.5
    check "the job" ends moved done
    check "tells it" has moved 'a redirect (302), which is not followed'
    curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
}

# both actions that can be asked for as a job: as a call, as a job, and as a job again; the same answers, the same org
twice() {
    echo "-- $engine: actions as jobs"
    flights='"flightIds":["a01xx0000000001AAA","a01xx0000000002AAA","a01xx0000000999AAA"],"writeBack":true'
    campaigns='"campaignIds":["701xx0000000010AAA","701xx0000000999AAA"],"presets":["og"]'
    token=$(curl -s -d 'grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret' "$sandbox_url/services/oauth2/token" |
        sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
    state_of() { # what the org holds of it
        for q in "SELECT Id, Total_CO2_Kg__c, Distance_Km__c, CO2_Method__c FROM Flight__c ORDER BY Id" \
            "SELECT ContentDocumentId, VersionNumber, Title FROM ContentVersion ORDER BY Title, VersionNumber"; do
            curl -s -G -H "Authorization: Bearer $token" --data-urlencode "q=$q" "$sandbox_url/services/data/v62.0/query"
        done
    }
    for pair in "calculateCarbonFootprints $flights" "generateSocialCardsBulk $campaigns"; do
        action=${pair%% *} input=${pair#* }
        check "$action" [ "$(ask "$action" "{$input}")" = 200 ] || cat "$work/answer"
        state_of >"$work/state.0"
        for n in 1 2; do
            begin "run$n" "${action}Async" "{$input,\"callbackUrl\":\"$(callback_url)\"}"
            check "as a job ($n)" ends "run$n" done
            check "calls back with its answer" told callbacks "run$n" 'len(rows) == 1 and bodies[0]["result"] and "error" not in bodies[0]'
            python3 -c "import json,sys; print(json.dumps([r['body']['result'] for r in json.load(open(sys.argv[1])) if r['body']['jobId']==sys.argv[2]], sort_keys=True))" \
                "$work/told.json" "$(id "run$n")" | sed 's/[0-9-]*T[0-9:.]*Z/TIME/g' >"$work/result.$n"
            state_of >"$work/state.$n"
        done
        check "$action: a second run answers the same" cmp "$work/result.1" "$work/result.2"
        check "$action: and leaves the org as the call left it" sh -c "cmp '$work/state.0' '$work/state.1' && cmp '$work/state.1' '$work/state.2'"
    done
    begin wrong generateSocialCardsBulkAsync "{\"campaignIds\":[\"701xx0000000010AAA\"],\"presets\":[\"nosuch\"],\"callbackUrl\":\"$(callback_url)\"}"
    check "one that the action refuses" ends wrong failed
    check "calls back with the action's own code" told callbacks wrong 'bodies[0]["error"]["code"] == "unknown_preset"'
}

# three restarts, the key changed in the middle, and the job still has its user's token and calls back
restarts() {
    echo "-- $engine: restarts and rotation"
    begin sealed doChoresAsync "{\"count\":60,\"how\":\"queries\",\"ms\":700,\"callbackUrl\":\"$(callback_url)\"}"
    sleep 0.5
    dumped "$@"
    stop "$host_pid"
    KEY="$new_key,$key" && up "$@" || exit 1
    sleep 0.4
    kill -9 "$host_pid"
    wait "$host_pid" 2>/dev/null
    up "$@" || exit 1
    sleep 0.4
    stop "$host_pid"
    up "$@" || exit 1
    check "a job over three restarts and a new key" ends sealed done
    check "each chore is done once" [ "$(member done "$work/sealed.json")" = 60 ]
    check "and calls back" told callbacks sealed 'len(rows) >= 1 and rows[0]["status"] == 200'
    stop "$host_pid"
    KEY=$key && up "$@" || exit 1
    begin rotated doChoresAsync "{\"count\":200,\"how\":\"queries\",\"ms\":500,\"callbackUrl\":\"$(callback_url)\"}"
    stop "$host_pid"
    KEY=$new_key && up "$@" || exit 1
    check "without the key of its token a job waits" ends rotated waiting
    check "and says for what" has rotated 'not in JOBS_KEY any more. Call retryJob'
    check "retryJob" [ "$(ask retryJob "{\"jobId\":\"$(id rotated)\"}")" = 200 ]
    check "goes on with the token of that call" ends rotated done
    sleep 0.5
    ends rotated done
    check "only its callback is lost, and told" has rotated 'callback could not be delivered: its URL was sealed under a key'
    KEY=$key
    stop "$host_pid"
    up "$@" || exit 1
}

# kills -9 of the jobs process while jobs end: each callback and each last event comes, perhaps more than once
kills() {
    echo "-- $engine: kills"
    n=0
    while [ $n -lt 12 ]; do
        n=$((n + 1))
        begin "kill$n" doChoresAsync "{\"count\":3,\"ms\":40,\"callbackUrl\":\"$(callback_url)\"}"
        case $n in 3 | 6 | 9)
            before=$(jobs_pid)
            kill -9 "$before" 2>/dev/null
            tries=0
            while [ "$(jobs_pid)" = "$before" ] && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
            ;;
        esac
    done
    for k in 1 2 3 4 5 6 7 8 9 10 11 12; do
        check "job $k calls back" told callbacks "kill$k" 'len(rows) >= 1 and len(set(numbers)) == 1'
        check "and tells every number" told events "kill$k" 'any(b["State__c"] == "done" for b in bodies) and sorted(set(numbers) | {max(numbers) + 1}) == list(range(1, max(numbers) + 2))'
    done
}

# no token and no callback in what the database has written, as text, hex or base64
dumped() {
    rm -rf "$work/dump"
    mkdir "$work/dump"
    if [ "$engine" = sqlite ]; then
        cp "$work"/jobs.db* "$work/dump/"
    else
        tests/postgres.sh dump "$pg" >"$work/dump/sql"
        tests/postgres.sh files "$pg" "$work/dump"
    fi
    check "there is something to search" [ "$(cat "$work"/dump/* | wc -c)" -gt 20000 ]
    check "in which a job's id stands" sh -c "cat '$work'/dump/* | grep -qa '$(id sealed)'"
    check "and no secret" python3 - "$work/dump" "$sandbox_url" <<'PY'
import base64, glob, re, sys
held = b''.join(open(f, 'rb').read() for f in glob.glob(sys.argv[1] + '/*'))
token = re.compile(rb'00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}')
secrets = [b'services/externalservices/callbacks/']
def views():
    yield held
    for m in re.finditer(rb'[0-9a-fA-F]{60,}', held):
        t = m.group()
        for at in (0, 1):
            part = t[at:]
            yield bytes.fromhex(part[:len(part) // 2 * 2].decode())
    for m in re.finditer(rb'[A-Za-z0-9+/_-]{60,}', held):
        t = m.group().replace(b'-', b'+').replace(b'_', b'/')
        for at in range(4):
            part = t[at:]
            yield base64.b64decode(part[:len(part) // 4 * 4])
bad = [v[:60] for v in views() if token.search(v) or any(s in v for s in secrets)]
print(bad[:3]) if bad else None
sys.exit(1 if bad else 0)
PY
}

all() {
    up "$@" || { fail "$engine: the host does not start"; return; }
    control reset '{}'
    events
    callbacks
    [ "$engine" != sqlite ] || twice
    kills
    restarts "$@"
    stop "$host_pid"
    check "no token or callback is in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}|externalservices' '$work/host.log'"
}

engine=sqlite
rm -f "$work"/jobs.db*
all JOBS_DB="$work/jobs.db"
engine=postgresql
pg=$(pwd)/$work/pg
if url=$(tests/postgres.sh start "$pg"); then
    all DATABASE_URL="$url"
else
    skip "postgresql: there is none on this machine"
fi
totals
