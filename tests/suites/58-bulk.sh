#!/bin/sh
# 58-bulk.sh - bulk jobs over a real socket: 100 MB in and out without being held in memory twice over, one byte more, an end with
# a job at work. LONG=1 also writes 200,000 records.
. "$(dirname "$0")/../lib.sh"

start_sandbox || exit 1
jobs=$sandbox_url/services/data/v62.0/jobs
token=$(curl -sS --noproxy '*' "$sandbox_url/services/oauth2/token" -d grant_type=client_credentials -d client_id=sandbox-client \
    -d client_secret=sandbox-secret | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
call() { curl -sS --noproxy '*' -H "Authorization: Bearer $token" "$@"; }
status() { call -o "$work/answer" -w '%{http_code}' "$@"; }
json() { call -H 'Content-Type: application/json' -d "$@"; }
# made OBJECT OPERATION: sets $job
made() { job=$(json "{\"object\":\"$1\",\"operation\":\"$2\"}" "$jobs/ingest" | sed 's/.*"id":"\([^"]*\)".*/\1/'); }
upload() { status -X PUT -H 'Content-Type: text/csv' -T "$1" "$jobs/ingest/$job/batches"; }
close_job() { json '{"state":"UploadComplete"}' -X PATCH "$jobs/ingest/$job" >"$work/answer"; }
# ended STATE: waits for the job
ended() {
    for _ in $(seq 600); do
        call "$jobs/ingest/$job" >"$work/answer"
        grep -q '"state":"\(JobComplete\|Failed\|Aborted\)"' "$work/answer" && break
        sleep 0.1
    done
    grep -q "\"state\":\"$1\"" "$work/answer" || { cat "$work/answer"; return 1; }
}
most_kb() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$sandbox_pid/status"; }

# 100,000,000 bytes of records of 30 KB that each lack a name, so that none stays in the org
awk 'BEGIN { line = "x"; while (length(line) < 29998) line = line line; line = substr(line, 1, 29998); print "Name,Description"; n = 17
    while (n + 30000 <= 100000000) { print "," line; n += 30000 } rest = 100000000 - n - 2; print "," substr(line, 1, rest) }' >"$work/large.csv"
{ cat "$work/large.csv"; printf x; } >"$work/larger.csv"

exact() {
    [ "$(wc -c <"$work/large.csv")" = 100000000 ] || { wc -c "$work/large.csv"; return 1; }
    made Account insert
    code=$(upload "$work/larger.csv")
    [ "$code" = 413 ] && grep -q '"errorCode":"EXCEEDED_MAX_SIZE_REQUEST"' "$work/answer" || { echo "one more: $code"; cat "$work/answer"; return 1; }
    code=$(upload "$work/large.csv")
    [ "$code" = 201 ] || { echo "$code"; cat "$work/answer"; return 1; }
}
check "100 MB are taken, a byte more is not" exact

through() {
    close_job && ended JobComplete || return 1
    rows=$(($(wc -l <"$work/large.csv") - 1))
    grep -q "\"numberRecordsProcessed\":$rows,\"numberRecordsFailed\":$rows" "$work/answer" || { cat "$work/answer"; return 1; }
    call "$jobs/ingest/$job/failedResults" >"$work/failed.csv" || return 1
    [ "$(wc -l <"$work/failed.csv")" -eq $((rows + 1)) ] || { wc -l "$work/failed.csv"; return 1; }
}
check "all of them are read, and told" through

small() {
    kb=$(most_kb)
    echo "at most $kb kB" >"$work/memory"
    [ "$kb" -lt 250000 ] || { cat "$work/memory"; return 1; }
}
check "a job of 100 MB is not held in memory" small
[ ! -s "$work/memory" ] || sed 's/^/  memory of the sandbox: /' "$work/memory"

stops() {
    made Account insert
    { echo Name; seq 5000; } >"$work/small.csv"
    upload "$work/small.csv" >/dev/null
    curl -sS --noproxy '*' -d '{"recordMs":60000}' "$sandbox_url/sandbox/model" >/dev/null
    close_job
    call "$jobs/ingest/$job" | grep -q '"state":"\(UploadComplete\|InProgress\)"' || return 1
    kill -TERM "$sandbox_pid"
    for _ in $(seq 100); do kill -0 "$sandbox_pid" 2>/dev/null || return 0; sleep 0.1; done
    echo "the sandbox does not end"
    return 1
}
check "the sandbox ends with a job at work" stops

many() {
    start_sandbox "SANDBOX_DB=$work/many.db" || return 1
    jobs=$sandbox_url/services/data/v62.0/jobs
    token=$(curl -sS --noproxy '*' "$sandbox_url/services/oauth2/token" -d grant_type=client_credentials -d client_id=sandbox-client \
        -d client_secret=sandbox-secret | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
    made Account insert
    { echo Name,AppLinkKey__c; seq 200000 | sed "s/.*/Many,key-&/"; } >"$work/many.csv"
    upload "$work/many.csv" >/dev/null
    close_job && ended JobComplete || return 1
    call "$jobs/ingest/$job/successfulResults" | cut -d, -f4 | sort -u | wc -l >"$work/seen"
    [ "$(cat "$work/seen")" -eq 200001 ] || { cat "$work/seen"; return 1; }
    [ "$(most_kb)" -lt 250000 ]
}
[ -z "${LONG:-}" ] || check "200,000 records, each once" many
rm -f "$work"/*.csv "$work"/many.db*
totals
