#!/bin/sh
# 62-quotes-bulk.sh - generateQuotes in Bulk mode against the sandbox: when it is chosen, what it writes, rows that fail, Bulk jobs
# that end early, a cancel, and a kill at each moment.
# long: 60
. "$(dirname "$0")/../lib.sh"
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
rm -f "$work"/jobs.db*
up() {
    start_host "$B/actionhost" JOBS_DB="$work/jobs.db" JOBS_KEY=0123456789abcdef0123456789abcdef JOB_WORKERS_MAX=2 JOBS_POLL_MS=100
}
up || exit 1
call() {
    status=$(curl -s -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1")
}
control() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/$1"; }
forget() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/$1"; }
member() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$work/answer" | head -n 1; }
has() { grep -q -- "$1" "$work/answer" || { echo "  not \"$1\":"; head -c 800 "$work/answer"; echo; return 1; }; }
result() { sed 's/\\"/"/g' "$work/answer" >"$work/plain"; grep -qF -- "$1" "$work/plain" || { cat "$work/plain"; return 1; }; }
token=$(curl -s -d 'grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret' "$sandbox_url/services/oauth2/token" |
    sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
soql() { curl -s -G -H "Authorization: Bearer $token" --data-urlencode "q=$1" "$sandbox_url/services/data/v62.0/query"; }
count() { soql "SELECT COUNT() FROM $1" | sed -n 's/.*"totalSize": *\([0-9]*\).*/\1/p'; }
ended() {
    tries=0
    while :; do
        call getJob "{\"jobId\":\"$job\",\"waitSeconds\":10}"
        case $(member state) in done | failed | canceled) return 0 ;; esac
        tries=$((tries + 1))
        [ $tries -lt 20 ] || { echo "  not ended:"; cat "$work/answer"; return 1; }
    done
}
start_job() {
    call generateQuotes "$1"
    job=$(member jobId)
    [ "$status" = 201 ] || { echo "  start: $status"; cat "$work/answer"; return 1; }
}
finished() { start_job "$1" && ended; }
all="{\"condition\":\"Name LIKE 'Sample Opportunity%'\"}"
# bulk_jobs: how many the org has had since the last reset
bulk_jobs() { curl -s "$sandbox_url/sandbox/bulk" | grep -o '"operation": *"insert"' | wc -l; }
# fresh N: N Opportunities, and nearly all of the day's calls used
fresh() {
    curl -s -o /dev/null -X POST "$sandbox_url/sandbox/reset"
    control make "{\"opportunities\":$1,\"linesEach\":2,\"seed\":1}"
    control setup '{"callsPerDay":0}'
    curl -s -o /dev/null -H "Authorization: Bearer $token" "$sandbox_url/services/data/v62.0/limits?n=[1-700]"
    used=$(curl -s -D - -o /dev/null -H "Authorization: Bearer $token" "$sandbox_url/services/data/v62.0/limits" |
        sed -n 's/.*api-usage=\([0-9]*\).*/\1/p')
    control setup "{\"callsPerDay\":$((used + used / 5))}"
}
whole() { [ "$(count Quote)/$(count QuoteLineItem)" = "$1/$((2 * $1))" ] || { echo "  $(count Quote)/$(count QuoteLineItem)"; return 1; }; }

# ---- when it is chosen ----
curl -s -o /dev/null -X POST "$sandbox_url/sandbox/reset"
control make '{"opportunities":600,"linesEach":2,"seed":1}'
check "600 Opportunities" finished "$all"
check "go by rows" [ "$(bulk_jobs)" = 0 ]
n=600
fresh $n
check "when few of the day's calls are left" finished "$all"
check "they go in bulk" [ "$(bulk_jobs)" = 2 ]
check "all are done" has "\"done\":$n"
check "none failed" has '"failed":0'
check "a Quote for each, with its lines" whole $n
check "the result has them" result "\"quotes\":$n,\"lines\":$((2 * n))"
sum=$(soql "SELECT SUM(GrandTotal) total FROM Quote" | sed -n 's/.*"total": *\([0-9.]*\).*/\1/p')
check "with the org's own grand total" result "\"grandTotal\":$sum"
check "and no warning" result '"warnings":[]'
soql "SELECT Quote.OpportunityId, Quote.AppLinkKey__c, AppLinkKey__c, Quantity, UnitPrice FROM QuoteLineItem ORDER BY AppLinkKey__c" >"$work/new"
soql "SELECT Id, OpportunityId, Quantity, UnitPrice FROM OpportunityLineItem" >"$work/old"
if command -v python3 >/dev/null 2>&1; then
    cat >"$work/compare.py" <<'PY'
import json, sys
from decimal import Decimal, ROUND_HALF_UP
new, old = (json.load(open(f), parse_float=Decimal) for f in sys.argv[1:3])
job, cent, faults = sys.argv[3], Decimal('0.01'), 0
lines = {r['Id']: r for r in old['records']}
for r in new['records']:
    line = lines[r['AppLinkKey__c'].split(':')[1]]
    price = (Decimal(line['UnitPrice']) * 9 / 10).quantize(cent, ROUND_HALF_UP)
    faults += not (r['UnitPrice'] == price and r['Quantity'] == line['Quantity'] and r['Quote']['OpportunityId'] == line['OpportunityId']
                   and r['Quote']['AppLinkKey__c'] == job + ':' + line['OpportunityId'])
sys.exit(faults > 0 or len(new['records']) != int(sys.argv[4]))
PY
    check "every line is priced right, of its own Opportunity, under its own key" python3 "$work/compare.py" "$work/new" "$work/old" "$job" $((2 * n))
else
    skip "prices: python3 is not installed"
fi
fresh $n
check "a dry run" finished "{\"condition\":\"Name LIKE 'Sample Opportunity%'\",\"dryRun\":true}"
check "writes nothing in bulk either" [ "$(bulk_jobs)/$(count Quote)" = 0/0 ]

# ---- rows that the org does not take ----
fresh $n
control setup "{\"locked\":[$(soql "SELECT Id FROM Opportunity WHERE Name LIKE 'Sample Opportunity%0'" | grep -o '"Id": *"[^"]*"' | sed 's/.*: *//' | paste -sd, -)]}"
control record-faults '{"object":"QuoteLineItem","skip":100,"times":1,"errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"Not on a Sunday"}'
control record-faults '{"object":"QuoteLineItem","skip":200,"times":3,"errorCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access"}'
check "a tenth is locked by approval, some lines are refused" finished "$all"
check "they fail" has "\"failed\":$((n / 10))"
check "in the org's words" has 'ENTITY_IS_LOCKED'
check "what was refused for a moment is completed by rows" whole $((n - n / 10))
control setup '{"locked":[]}'
call retryJob "{\"jobId\":\"$job\"}"
check "mended, a retry makes the rest" ended
check "with all done" has "\"done\":$n"
check "each once" whole $n
forget record-faults

# ---- Bulk jobs that end early ----
fresh $n
control bulk '{"end":{"object":"Quote","afterRows":100,"state":"Failed","message":"InternalServerError"}}'
control bulk '{"end":{"object":"QuoteLineItem","afterRows":100,"state":"Failed","message":"InternalServerError"}}'
check "both jobs end Failed on their way" finished "$all"
check "all are done all the same" has "\"done\":$n"
check "each once, whole" whole $n
fresh $n
control bulk '{"end":{"object":"QuoteLineItem","afterRows":200,"state":"Aborted"}}'
check "an admin aborts the lines" finished "$all"
check "what has its lines is done" has '"done":100'
check "the rest says so" has '"code":"bulk_job_aborted"'
call retryJob "{\"jobId\":\"$job\"}"
check "and is completed by a retry" ended
check "each whole" whole $n

# ---- a cancel ends the org's job ----
fresh $n
control bulk '{"hold":true}'
start_job "$all"
tries=0
until curl -s "$sandbox_url/sandbox/bulk" | grep -q '"state": *"UploadComplete"' || [ $tries -gt 200 ]; do tries=$((tries + 1)); sleep 0.05; done
call cancelJob "{\"jobId\":\"$job\"}"
check "a job that is cancelled" ended
check "is canceled" has '"state":"canceled"'
check "and so is the org's" sh -c "! curl -s '$sandbox_url/sandbox/bulk' | grep -q '\"state\": *\"UploadComplete\"'"
control bulk '{"hold":false}'
check "nothing is made" whole 0

# ---- kill -9 at each moment ----
killed() {
    fresh $n
    control faults "$2"
    start_job "$all"
    tries=0
    until curl -s "$sandbox_url/sandbox/faults" | grep -q '"hits": *[1-9]' || [ $tries -gt 200 ]; do tries=$((tries + 1)); sleep 0.05; done
    check "$1: met" [ $tries -le 200 ]
    kill -9 "$host_pid"
    wait "$host_pid" 2>/dev/null
    up || exit 1
    forget faults
    check "$1: the job ends" ended
    check "$1: all done" has "\"done\":$n"
    check "$1: each once, whole" whole $n
}
slow() { echo "{\"path\":\"/services/data\",\"method\":\"$1\",\"contains\":\"$2\",\"times\":1,\"delayMs\":1200${3:+,$3}}"; }
killed "while Quotes are uploaded" "$(slow PUT batches)"
killed "once they have begun" "$(slow PATCH jobs/ingest '"after":true')"
killed "while lines are opened" "$(slow POST jobs/ingest '"skip":1')"
killed "while lines are uploaded" "$(slow PUT batches '"skip":1')"
killed "once lines have begun" "$(slow PATCH jobs/ingest '"skip":1,"after":true')"
if [ -n "${LONG:-}" ]; then
    killed "while Quotes are opened" "$(slow POST jobs/ingest)"
    killed "while Quotes are let begin" "$(slow PATCH jobs/ingest)"
    killed "while their results are read" "$(slow GET successfulResults)"
    killed "while the state is asked" "$(slow GET jobs/ingest '"skip":2')"
    killed "while lines are let begin" "$(slow PATCH jobs/ingest '"skip":1')"

    # ---- above 20,000 rows, with calls to spare ----
    curl -s -o /dev/null -X POST "$sandbox_url/sandbox/reset"
    control setup '{"callsPerDay":0}'
    control make '{"opportunities":25000,"linesEach":2,"seed":2}'
    forget log
    check "75,000 rows" finished "$all"
    check "go in bulk, 20,000 Opportunities a page" [ "$(bulk_jobs)" = 4 ]
    check "all are done, and none failed" has '"done":25000,"failed":0'
    check "each once, whole" whole 25000
fi
check "no token in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}|sandbox-token' '$work/host.log'"
totals
