#!/bin/sh
# 76-create-accounts.sh - createAccounts against the sandbox: accounts by one Bulk job, what the org does not take, a kill at each
# moment of the Bulk job, a cancel, jobs that end early, and who may use which connection.
# long: 40
. "$(dirname "$0")/../lib.sh"
HOST_PORT=$(free_port)
own=00Dxx0000001gPLEAY
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
rm -f "$work"/jobs.db*
up() {
    start_host "$B/actionhost" JOBS_DB="$work/jobs.db" JOBS_KEY=0123456789abcdef0123456789abcdef JOB_WORKERS_MAX=2 JOBS_POLL_MS=100 \
        CONNECTIONS=sandbox,partner,third CONNECTIONS_CALLERS=$own SAMPLE_DATA=on "$@"
}
up || exit 1

# call OPERATION INPUT [QUERY]: its answer in $work/answer, its status in $status
call() {
    status=$(curl -s -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1${3:+?$3}")
}
control() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/$1"; }
forget() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/$1"; }
member() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$work/answer" | head -n 1; }
has() { grep -q -- "$1" "$work/answer" || { echo "  not \"$1\":"; head -c 800 "$work/answer"; echo; return 1; }; }
result() { sed 's/\\"/"/g' "$work/answer" >"$work/plain"; grep -qF -- "$1" "$work/plain" || { cat "$work/plain"; return 1; }; }
token() {
    curl -s -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' \
        "$sandbox_url/addons/sandbox/authorizations/$1" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
}
# soql NUMBER QUERY: in that org
soql() {
    case $1 in 1) who=sandbox ;; 2) who=partner ;; *) who=third ;; esac
    curl -s -G -H "Authorization: Bearer $(token $who)" --data-urlencode "q=$2" "http://127.0.0.$1:$sandbox_port/services/data/v58.0/query"
}
# made NUMBER: accounts of $job in that org
made() { soql "$1" "SELECT COUNT() FROM Account WHERE AppLinkKey__c LIKE '$job:%'" | sed -n 's/.*"totalSize": *\([0-9]*\).*/\1/p'; }
start_job() {
    call createAccounts "$1" "${2:-}"
    job=$(member jobId)
    [ "$status" = 201 ] || { echo "  start: $status"; cat "$work/answer"; return 1; }
}
ended() {
    tries=0
    while :; do
        call getJob "{\"jobId\":\"$job\",\"waitSeconds\":10}" "${1:-}"
        case $(member state) in done | failed | canceled) return 0 ;; esac
        tries=$((tries + 1))
        [ $tries -lt 12 ] || { echo "  not ended:"; cat "$work/answer"; return 1; }
    done
}
finished() { start_job "$1" "${2:-}" && ended "${2:-}"; }
# calls: of the API of orgs, since the log was cleared
calls() { curl -s "$sandbox_url/sandbox/log?path=/services/data&limit=1000" | grep -o '"method"' | wc -l; }
# uploads: of the log
uploads() { curl -s "$sandbox_url/sandbox/log?path=/services/data&method=PUT&limit=1000" | grep -o '"method"' | wc -l; }

# ---- a thousand sample accounts in another org ----
forget log
check "1,000 sample accounts in a connected org" finished '{"connection":"partner","count":1000}'
took=$(calls)
check "are done" has '"done":1000'
check "none failed" has '"failed":0'
check "and are there, each once" [ "$(made 2)" = 1000 ]
check "not in the caller's org" [ "$(made 1)" = 0 ]
check "by at most 12 calls" [ "$took" -le 12 ] || echo "  $took calls"
check "and one upload" [ "$(uploads)" = 1 ]
check "the result says where" result '"connection":"partner","accounts":1000,"created":1000,"failed":0'
soql 2 "SELECT Name, BillingCity, AppLinkKey__c FROM Account WHERE AppLinkKey__c = '$job:17'" >"$work/answer"
check "an account is what it should be" has '"Name": *"Sample Amber Energy 17"'

# ---- accounts that are given, and what the org does not take ----
control record-faults '{"object":"Account","match":{"Name":"Harbour Foods"},"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?"}'
given='{"connection":"own","accounts":[{"name":"Lakeside \"Energy\", Inc","city":"Zurich"},{"name":"Harbour Foods"},{"name":"two\nlines"},{"name":"   "}]}'
check "accounts with quotes, commas and line breaks" finished "$given"
check "two are done" has '"done":2'
check "two are not" has '"failed":2'
check "a duplicate rule is a row in the org's words" has '"item":"2","code":"DUPLICATES_DETECTED","message":"Use one of these records?"'
check "and so is a name that is none" has '"item":"4","code":"REQUIRED_FIELD_MISSING"'
soql 1 "SELECT Name FROM Account WHERE AppLinkKey__c = '$job:1'" >"$work/answer"
check "a text arrives as it was" has '"Name": *"Lakeside \\"Energy\\", Inc"'
soql 1 "SELECT Name FROM Account WHERE AppLinkKey__c = '$job:3'" >"$work/answer"
check "and so does a line break" has '"Name": *"two.nlines"'
forget record-faults
call retryJob "{\"jobId\":\"$job\"}"
check "mended, a retry sends the rest" [ "$status" = 200 ]
check "ends" ended
check "and one more is there" [ "$(made 1)" = 3 ]
check "one stays as it was" has '"failed":1'

# ---- who may, and what is refused ----
call createAccounts '{"connection":"sandbox","accounts":[{"name":"A"}]}' org=partner
check "another org's connection" [ "$status/$(member code)" = 403/connection_not_allowed ]
check "a caller's own org by its name" finished '{"connection":"partner","accounts":[{"name":"Own A"}]}' org=partner
check "is done" has '"done":1'
check "there" [ "$(made 2)" = 1 ]
call createAccounts '{"connection":"nowhere","accounts":[{"name":"A"}]}'
check "a connection that is none" [ "$status/$(member code)" = 404/unknown_connection ]
call createAccounts '{"connection":"own","count":5,"accounts":[{"name":"A"}]}'
check "a count and accounts" [ "$status/$(member code)" = 422/which_accounts ]
call createAccounts '{"connection":"own","accounts":[{"name":"#N/A"}]}'
check "a text that would empty the field" [ "$status/$(member code)/$(member field)" = "422/unusable_value//accounts/0/name" ]
call createAccounts '{"connection":"own","count":10001}'
check "10,001" [ "$status" = 422 ]

# ---- an org without the field, jobs that end early ----
control 'permissions?org=third' '[{"user":"admin@example.com","hiddenFields":["Account.AppLinkKey__c"]}]'
check "an org without the field" finished '{"connection":"third","count":5}'
check "fails the job" has '"state":"failed"'
check "and says what to deploy" has 'Deploy the field Account.AppLinkKey__c'
curl -s -o /dev/null -X POST "$sandbox_url/sandbox/reset"
control bulk '{"end":{"object":"Account","afterRows":400,"state":"Failed","message":"InternalServerError"}}'
check "a job that ends Failed with a half done" finished '{"connection":"own","count":1000}'
check "is done all the same" has '"done":1000'
check "each once" [ "$(made 1)" = 1000 ]
control bulk '{"end":{"object":"Account","afterRows":400,"state":"Aborted"}}'
check "a job that an admin aborts" finished '{"connection":"own","count":1000}'
check "has done what it had" has '"done":400'
check "the rest is rows" has '"failed":600'
check "that say so" has '"code":"bulk_job_aborted"'
call retryJob "{\"jobId\":\"$job\"}"
check "a retry ends it" ended
check "with all done" has '"done":1000'
check "each once, too" [ "$(made 1)" = 1000 ]

# ---- a cancel ends the org's job ----
control bulk '{"hold":true}'
start_job '{"connection":"own","count":500}'
tries=0
until curl -s "$sandbox_url/sandbox/bulk" | grep -q '"state": *"UploadComplete"' || [ $tries -gt 200 ]; do tries=$((tries + 1)); sleep 0.05; done
call cancelJob "{\"jobId\":\"$job\"}"
check "a job that is cancelled while the org has it" ended
check "is canceled" has '"state":"canceled"'
check "and the org's job is aborted" sh -c "! curl -s '$sandbox_url/sandbox/bulk' | grep -q '\"state\": *\"UploadComplete\"'"
control bulk '{"hold":false}'
check "nothing of it is made" [ "$(made 1)" = 0 ]

# ---- kill -9 at each moment of the Bulk job ----
# killed NAME FAULT [KNOB]: the host dies while the call that the fault slows down is under way; another one goes on
killed() {
    control faults "$2"
    [ -z "${3:-}" ] || control bulk "$3"
    start_job '{"connection":"own","count":300}'
    tries=0
    until curl -s "$sandbox_url/sandbox/faults" | grep -q '"hits": *[1-9]' || [ $tries -gt 200 ]; do tries=$((tries + 1)); sleep 0.05; done
    check "$1: met" [ $tries -le 200 ]
    kill -9 "$host_pid"
    wait "$host_pid" 2>/dev/null
    up || exit 1
    forget faults
    [ -z "${3:-}" ] || control bulk '{"hold":false}'
    check "$1: the job ends" ended
    check "$1: all done" has '"done":300'
    check "$1: each once" [ "$(made 1)" = 300 ]
}
slow() { echo "{\"path\":\"/services/data\",\"method\":\"$1\",\"contains\":\"$2\",\"times\":1,\"delayMs\":1200${3:+,$3}}"; }
killed "while it is opened" "$(slow POST jobs/ingest)"
killed "while it is uploaded" "$(slow PUT batches)"
killed "while it is let begin" "$(slow PATCH jobs/ingest)"
killed "once it has begun" "$(slow PATCH jobs/ingest '"after":true')"
killed "while the org works" "$(slow GET jobs/ingest)" '{"hold":true}'
killed "while results are read" "$(slow GET successfulResults)"
if [ -n "${LONG:-}" ]; then
    killed "while failed rows are read" "$(slow GET failedResults)"
    killed "once it is uploaded" "$(slow PUT batches '"after":true')"
    killed "once it is opened" "$(slow POST jobs/ingest '"after":true')"
fi

# ---- from the portal ----
stop "$host_pid"
password=a-password-of-pages-and-more
up PAGES_TOKEN=$password || exit 1
jar=$work/jar
rm -f "$jar"
page() {
    status=$(curl -s -m 20 -b "$jar" -c "$jar" -D "$work/head" -o "$work/answer" -w '%{http_code}' -H "Origin: $host_url" --data "$2" "$host_url$1")
}
page /jobs/login "password=$password&to=/portal"
page /portal/samples 'connection=third&count=7'
check "the portal asks once more" has 'Make 7 accounts in third?'
page /portal/samples/make 'connection=third&count=7'
check "and starts the job" [ "$status" = 303 ]
job=$(sed -n 's,^[Ll]ocation: .*[/=]\([0-9a-f-]\{36\}\).*,\1,p' "$work/head")
tries=0
until [ "$(made 3)" = 7 ] || [ $tries -gt 60 ]; do tries=$((tries + 1)); sleep 0.25; done
check "which makes them in that org" [ "$(made 3)" = 7 ]
JOBS_DB="$work/jobs.db" "$B/actionhost" jobs show "$job" --json >"$work/answer" 2>/dev/null
check "as nobody's but a page's" has '"username": *"page"'
page /portal/samples/make 'connection=nowhere&count=7'
check "a connection that is none" [ "$status" = 404 ]

# ---- without samples ----
stop "$host_pid"
up SAMPLE_DATA=off || exit 1
call createAccounts '{"connection":"own","count":5}'
check "no samples unless the host says so" [ "$status/$(member code)" = 403/sample_data_off ]
stop "$host_pid"
SAMPLE_DATA=perhaps PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$B/actionhost" serve >"$work/faults.log" 2>&1
check "a setting that is neither" [ $? = 78 ]
check "no token in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}|sandbox-token' '$work/host.log'"
totals
