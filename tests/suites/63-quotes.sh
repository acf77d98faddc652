#!/bin/sh
# 63-quotes.sh - generateQuotes and generateQuote against the sandbox: whole jobs, what cannot be quoted, what an org refuses, rules.
# long: 60
. "$(dirname "$0")/../lib.sh"
HOST_PORT=$(free_port)
jobs_key=0123456789abcdef0123456789abcdef
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
rm -f "$work"/jobs.db*
start_host "$B/actionhost" JOBS_DB="$work/jobs.db" JOBS_KEY=$jobs_key || exit 1

# call OPERATION INPUT: its answer in $work/answer, its status in $status
call() {
    status=$(curl -s -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1")
}
# control PATH JSON
control() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/$1"; }
member() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$work/answer" | head -n 1; }
has() { grep -q -- "$1" "$work/answer" || { echo "  not \"$1\":"; head -c 600 "$work/answer"; echo; return 1; }; }
token=$(curl -s -d 'grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret' "$sandbox_url/services/oauth2/token" |
    sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
soql() { curl -s -G -H "Authorization: Bearer $token" --data-urlencode "q=$1" "$sandbox_url/services/data/v62.0/query"; }
count() { soql "SELECT COUNT() FROM $1" | sed -n 's/.*"totalSize": *\([0-9]*\).*/\1/p'; }
show() { JOBS_DB="$work/jobs.db" "$B/actionhost" jobs show "$1" --json >"$work/job" 2>"$work/job.err"; }
# finished INPUT: starts a job and waits until it has ended; its id in $job, what is told of it in $work/answer
finished() {
    call generateQuotes "$1"
    job=$(member jobId)
    [ "$status" = 201 ] || { echo "  start: $status"; cat "$work/answer"; return 1; }
    ended
}
ended() {
    tries=0
    while :; do
        call getJob "{\"jobId\":\"$job\",\"waitSeconds\":20}"
        case $(member state) in done | failed | canceled) return 0 ;; esac
        tries=$((tries + 1))
        [ $tries -lt 30 ] || { echo "  not ended:"; cat "$work/answer"; return 1; }
    done
}
# result TEXT: resultJson has it, quotes and all
result() { sed 's/\\"/"/g' "$work/answer" >"$work/plain"; grep -qF -- "$1" "$work/plain" || { cat "$work/plain"; return 1; }; }
all="{\"condition\":\"Name LIKE 'Sample Opportunity%'\"}"

# ---- one Opportunity ----
call generateQuote '{"opportunityId":"006xx000001a2c1"}'
check "one quote" has '"grandTotal":11992.5'
check "says which rule gave what" has '"reason":"base: default 10 %"'
quote=$(member quoteId)
soql "SELECT OpportunityId, Status, GrandTotal, AppLinkKey__c FROM Quote WHERE Id = '$quote'" >"$work/answer"
check "is in the org as it was told" has '"GrandTotal": *11992.5'
check "under the key of its request" sh -c "grep -qE '\"AppLinkKey__c\": *\"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:006xx000001a2c1AAA\"' '$work/answer'"
# the org makes it and the answer is lost: it is found by its key, and not made again
before=$(count Quote)
control faults '{"path":"/services/data","contains":"composite/graph","times":1,"cut":"reset","after":true}'
call generateQuote '{"opportunityId":"006xx000001a2c0AAA"}'
check "a quote whose answer was lost is answered" [ "$status" = 200 ]
check "as one that is there" has 'made by this same request before'
check "and is there once" [ "$(count Quote)" = $((before + 1)) ]
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"

# ---- what a start refuses ----
refused() { # NAME INPUT STATUS CODE
    call generateQuotes "$2"
    check "$1" sh -c "[ $status = $3 ] && grep -q '\"code\":\"$4\"' '$work/answer' || { cat '$work/answer'; false; }"
}
refused "an empty condition" '{"condition":""}' 422 invalid_input
refused "a condition of blanks" '{"condition":"  "}' 422 invalid_condition
refused "a condition with LIMIT" '{"condition":"Amount > 1 LIMIT 5"}' 422 invalid_condition
refused "a sub-select" '{"condition":"Id IN (SELECT OpportunityId FROM Quote)"}' 422 invalid_condition
refused "a bind" '{"condition":"Id = :x"}' 422 invalid_condition
refused "a bracket that ends ours" '{"condition":"Amount > 1) OR (Amount < 1"}' 422 invalid_condition
refused "a field that is not there" '{"condition":"Colour__c = 1"}' 422 invalid_condition
refused "4,001 characters" "{\"condition\":\"Name = '$(head -c 3995 /dev/zero | tr '\0' x)'\"}" 422 invalid_input
refused "ids of another object" '{"opportunityIds":["001xx000003DGb1AAG"]}' 422 invalid_input
refused "an id with a wrong checksum" '{"opportunityIds":["006xx000001a2c1AAB"]}' 422 invalid_input
refused "2,001 ids" "{\"opportunityIds\":[$(awk 'BEGIN{for(i=0;i<2001;i++)printf "%s\"006xx0000%06d\"",i?",":"",i}')]}" 422 invalid_input
refused "no ids" '{"opportunityIds":[]}' 422 invalid_input
refused "both" '{"opportunityIds":["006xx000001a2c1AAA"],"condition":"Id != null"}' 422 which_opportunities

# ---- whole jobs ----
n=400
[ -z "${LONG:-}" ] || n=2000
control reset '{}'
control make "{\"opportunities\":$n,\"linesEach\":2,\"seed\":1}"
check "nothing that meets the condition" finished '{"condition":"Name = '"'nobody'"'"}'
check "is done with nothing" has '"total":0'
check "a dry run" finished '{"condition":"Name LIKE '"'Sample Opportunity%'"'","dryRun":true}'
check "writes nothing" [ "$(count Quote)" = 0 ]
check "and has totals all the same" result '"grandTotal":'
check "all" finished "$all"
check "are done" has "\"done\":$n"
check "none failed" has '"failed":0'
check "a quote for each" [ "$(count Quote)" = $n ]
check "with two lines" [ "$(count QuoteLineItem)" = $((2 * n)) ]
check "the result says so" result "\"quotes\":$n,\"lines\":$((2 * n))"
check "without a warning" result '"warnings":[]'
sum=$(soql "SELECT SUM(GrandTotal) total FROM Quote" | sed -n 's/.*"total": *\([0-9.]*\).*/\1/p')
check "with the org's own grand total" result "\"grandTotal\":$sum"
# priced NAME: every line in the org against the Opportunity's, computed anew
if command -v python3 >/dev/null 2>&1; then
    more() { # every record of a query, page by page
        soql "$1" >"$work/page.json"
        cp "$work/page.json" "$work/$2.1.json"
        page=1
        while next=$(sed -n 's/.*"nextRecordsUrl": *"\([^"]*\)".*/\1/p' "$work/page.json") && [ -n "$next" ]; do
            page=$((page + 1))
            curl -s -H "Authorization: Bearer $token" "$sandbox_url$next" >"$work/page.json"
            cp "$work/page.json" "$work/$2.$page.json"
        done
    }
    cat >"$work/compare.py" <<'PY'
import glob, json, sys
from decimal import Decimal, ROUND_HALF_UP
def rows(name):
    return [r for f in sorted(glob.glob('%s/%s.*.json' % (sys.argv[1], name))) for r in json.load(open(f), parse_float=Decimal)['records']]
cent, job = Decimal('0.01'), sys.argv[2]
old = {r['Id']: r for r in rows('old')}
new = {r['AppLinkKey__c']: r for r in rows('new')}
faults = 0 if new else 1
for key, r in new.items():
    line = old[key.split(':')[1]]
    price = (Decimal(line['UnitPrice']) * 9 / 10).quantize(cent, ROUND_HALF_UP)
    good = (key.split(':')[0] == job and r['Quote']['OpportunityId'] == line['OpportunityId'] and r['UnitPrice'] == price
            and r['Quote']['AppLinkKey__c'] == job + ':' + line['OpportunityId'] and r['Quantity'] == line['Quantity']
            and r['Discount'] is None and Decimal(r['TotalPrice']) == (price * Decimal(line['Quantity'])).quantize(cent, ROUND_HALF_UP))
    faults += not good
    if not good and faults < 4:
        print(key, r, line)
sys.exit(faults > 0)
PY
    priced() {
        rm -f "$work"/old.*.json "$work"/new.*.json
        more "SELECT Id, OpportunityId, Quantity, UnitPrice FROM OpportunityLineItem" old
        more "SELECT AppLinkKey__c, Quote.OpportunityId, Quote.AppLinkKey__c, Quantity, UnitPrice, TotalPrice, Discount FROM QuoteLineItem" new
        check "$1" python3 "$work/compare.py" "$work" "$job"
    }
else
    priced() { skip "$1: python3 is not installed"; }
fi
priced "every line is priced right, of its own Opportunity, under its own key"

# ---- a tenth cannot be quoted; mended, a retry makes the rest only ----
control reset '{}'
control make "{\"opportunities\":$n,\"linesEach\":2,\"seed\":1}"
control setup "{\"locked\":[$(soql "SELECT Id FROM Opportunity WHERE Name LIKE 'Sample Opportunity%0'" | grep -o '"Id": *"[^"]*"' | sed 's/.*: *//' | paste -sd, -)]}"
check "a tenth is locked by approval" finished "$all"
check "the job is done" has '"state":"done"'
check "with a failed row for each" has "\"failed\":$((n / 10))"
check "and quotes for the others" [ "$(count Quote)" = $((n - n / 10)) ]
call getJobFailures "{\"jobId\":\"$job\"}"
check "which say why" has 'ENTITY_IS_LOCKED'
control setup '{"locked":[]}'
call retryJob "{\"jobId\":\"$job\"}"
check "a retry after mending" [ "$status" = 200 ]
check "ends" ended
check "with all done" has '"failed":0'
check "and no quote more than that" [ "$(count Quote)/$(count QuoteLineItem)" = "$n/$((2 * n))" ]

# ---- what no quote can be made with: at once ----
control reset '{}'
control make '{"opportunities":50,"linesEach":2,"seed":1}'
control setup '{"quotes":false}'
check "an org without Quotes" finished "$all"
check "fails the job" has '"state":"failed"'
check "in words that say what to switch on" has 'Enable Quotes'
call generateQuote '{"opportunityId":"006xx000001a2c1"}'
check "and the single quote" [ "$status/$(member code)" = 422/quotes_not_enabled ]
control setup '{"quotes":true}'
control reset '{}'
control make '{"opportunities":50,"linesEach":2,"seed":1}'
control permissions '[{"user":"admin@example.com","notCreateableObjects":["Quote"]}]'
check "a user who may not create Quotes" finished "$all"
check "fails the job at once" has '"state":"failed"'
check "and says who helps" has 'ActionHostQuotes'
call generateQuote '{"opportunityId":"006xx000001a2c1"}'
check "and the single quote as well" [ "$status/$(member code)" = 403/no_create_permission ]
control reset '{}'

# ---- several currencies ----
# what was learned of the org before it had them is remembered for some minutes, by a host
stop "$host_pid"
control setup '{"currencies":["USD","EUR","JPY"]}'
start_host "$B/actionhost" JOBS_DB="$work/jobs.db" JOBS_KEY=$jobs_key || exit 1
control make '{"opportunities":60,"linesEach":2,"seed":3}'
check "an org with several currencies" finished "$all"
check "is quoted" has '"failed":0'
check "each once" has '"done":60'
check "with a sum for each currency" result '"currencyCode":"'
control setup '{"currencies":[]}'

# ---- kills -9 and locks while it runs ----
stop "$host_pid"
kills=5
[ -z "${LONG:-}" ] || kills=15
m=$((2 * n + 200))
[ -z "${LONG:-}" ] || m=2000
control reset '{}'
control make "{\"opportunities\":$m,\"linesEach\":2,\"seed\":5}"
control model '{"networkMs":10,"pageMs":50,"recordMs":2,"capacity":6,"lockErrorRate":0.01,"seed":1}'
up() { start_host "$B/actionhost" JOBS_DB="$work/jobs3.db" JOBS_KEY=$jobs_key JOB_WORKERS_MAX=3 JOBS_POLL_MS=100; }
rm -f "$work"/jobs3.db*
up || exit 1
call generateQuotes "$all"
job=$(member jobId)
i=0
while [ $i -lt $kills ]; do
    sleep 0.7
    i=$((i + 1))
    if [ $((i % 5)) = 0 ]; then # the master, and with it all
        kill -9 "$host_pid"
        wait "$host_pid" 2>/dev/null
        up || exit 1
    elif [ $((i % 2)) = 0 ]; then
        kill -9 "$(sed -n 's/.*at=\(jobs-\)\{0,1\}ready .*pid=\([0-9]*\).*/\2/p' "$work/host.log" | tail -n 1)" 2>/dev/null
    else # the youngest child: mostly a worker in the middle of a page
        # shellcheck disable=SC2046
        kill -9 $(ps -o pid= --ppid "$host_pid" --sort=-start_time | head -n 1) 2>/dev/null
    fi
done
check "a job under $kills kills and locks" ended
check "which met steps at work" grep -qs "at=steps-released" "$work/host.log" "$work/host.log.before"
check "is done" has "\"done\":$m"
check "without a failed row" has '"failed":0'
check "a quote for each, none twice" [ "$(count Quote)" = $m ]
check "with two lines each" [ "$(count QuoteLineItem)" = $((2 * m)) ]
priced "and every price is right"
control model '{}'

# ---- rules ----
stop "$host_pid"
printf '{"name":"broken","capPercent":20,"layers":[{"name":"base","default":30,"rules":[{"name":"a","percent":5}]}]}' >"$work/broken.json"
PRICING_RULES_FILE="$work/broken.json" PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 "$B/actionhost" serve >"$work/broken.log" 2>&1
check "broken rules stop the start" [ $? = 78 ]
check "all faults are told at once" [ "$(grep -c 'PRICING_RULES_FILE' "$work/broken.log")" -ge 3 ]
control reset '{}'
if start_host "$B/actionhost" JOBS_DB="$work/jobs2.db" JOBS_KEY=$jobs_key PRICING_RULES_FILE=standard; then
    call generateQuote '{"opportunityId":"006xx000001a2c1"}'
    check "another set of rules" has '"ruleSet":"standard"'
    check "prices by the Account's country" has '(EMEA)'
else
    fail "the host starts with another set of rules"
fi
check "no token in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}|sandbox-token' '$work/host.log'"
totals
