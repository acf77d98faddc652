#!/bin/sh
# 60-quotes-index.sh - quotes priced with a price index that the sandbox plays: what it gives, its faults, what stands in, and rules that
# name one which cannot be used.
# long: 10
. "$(dirname "$0")/../lib.sh"
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
index=$sandbox_url/prices/index
# rules FILE URL OF WHEN_AWAY WHEN_MISSING
rules() {
    printf '{"name":"indexed","capPercent":50,"defaultRegion":"NAMER","index":{"url":"%s","of":"%s","maxAgeHours":24,"whenAway":"%s","whenMissing":"%s"},
"layers":[{"name":"base","default":10,"rules":[]}]}' "$2" "$3" "$4" "$5" >"$work/$1.json"
}
up() { # FILE
    [ -z "${host_pid:-}" ] || stop "$host_pid"
    # shellcheck disable=SC2046
    start_host "$B/actionhost" $(jobs_settings) JOBS_POLL_MS=100 PRICING_RULES_FILE="$work/$1.json" || exit 1
}
call() {
    status=$(curl -s -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1")
}
one() { call generateQuote '{"opportunityId":"006xx000001a2c1AAA"}'; }
control() { curl -s -o /dev/null -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/$1"; }
forget() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/$1"; }
has() { sed 's/\\"/"/g' "$work/answer" >"$work/plain"; grep -q -- "$1" "$work/plain" || { echo "  not \"$1\":"; head -c 900 "$work/answer"; echo; return 1; }; }
lacks() { ! has "$1" >/dev/null; }
is() { [ "$status" = "$1" ] || { echo "  $status:"; head -c 600 "$work/answer"; echo; return 1; }; }
fetches() { curl -s "$sandbox_url/sandbox/log?path=/prices&limit=100" | grep -o '/prices/index' | wc -l; }
member() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$work/answer" | head -n 1; }
job() {
    call generateQuotes "{\"opportunityIds\":[\"006xx000001a2c0AAA\",\"006xx000001a2c1AAA\"],\"dryRun\":${1:-false},\"waitSeconds\":20}"
    is 201 || return 1
    job=$(member jobId)
    tries=0
    until call getJob "{\"jobId\":\"$job\",\"waitSeconds\":10}" && case $(member state) in done | failed) true ;; *) false ;; esac; do
        tries=$((tries + 1))
        [ $tries -lt 5 ] || { cat "$work/answer"; return 1; }
    done
}

# ---- by region: the Account of this Opportunity is in one ----
rules region "$index" region refuse refuse
up region
one
check "a quote with an index" is 200
check "names its source" has '"index":{"source":"Sandbox price index"'
check "and its date" has '"asOf":"20'
check "its age" has '"ageHours":0'
check "its rule" has '"layer":"index","rule":"Sandbox price index"'
check "each line's reason" has '"reason":"index: [A-Z]* x [0-9.]*; base: default 10 %"'
check "and no warning" has '"warnings":\[\]'
if command -v python3 >/dev/null 2>&1; then
    cat >"$work/sum.py" <<'PY'
import json, sys
from decimal import Decimal as D, ROUND_HALF_UP
a = json.load(open(sys.argv[1]), parse_float=D, parse_int=D)
cent, factor = D('0.01'), [1 + r['percent'] / 100 for r in a['rules'] if r['layer'] == 'index']
good = len(factor) == 1 and factor[0] != 1
for l in a['lines']:
    price = (l['listPrice'] * factor[0]).quantize(cent, ROUND_HALF_UP)
    good = good and price == l['indexedPrice'] and (price * 9 / 10).quantize(cent, ROUND_HALF_UP) == l['unitPrice']
good = good and sum(l['lineTotal'] for l in a['lines']) == a['grandTotal']
good = good and sum((l['indexedPrice'] * l['quantity']).quantize(cent, ROUND_HALF_UP) for l in a['lines']) == a['listTotal']
sys.exit(not good)
PY
    check "every price is its list price times the factor, less its discount" python3 "$work/sum.py" "$work/answer"
else
    skip "prices: python3 is not installed"
fi
one
check "the next call asks nobody" [ "$(fetches)" = 1 ]
check "a job" job
check "asks anew" [ "$(fetches)" = 2 ]
check "is done" has '"done":2,"failed":0'
check "and names the index" has '"index":{"source":"Sandbox price index"'
control faults '{"path":"/prices","status":500}'
check "a job while the index is away" job true
check "uses the last one, which is young enough" has '"index":{"source":"Sandbox price index"'
forget faults

# ---- away, and nothing is remembered ----
up region
for fault in '{"path":"/prices","status":500}' '{"path":"/prices","cut":"reset"}' '{"path":"/prices","body":"<html>","contentType":"text/html"}' '{"path":"/prices","body":"{","contentType":"application/json"}'; do
    control faults "$fault"
    one
    check "$fault: nothing is priced" is 503
    check "$fault: and it is said why" has 'Prices need the price index, which cannot be used: it'
    forget faults
done
check "the log has the words of it, and no URL" sh -c "grep -q 'price index: status' '$work/host.log' && grep -q 'price index: not_json' '$work/host.log' && ! grep -q 'prices/index' '$work/host.log'"
check "no Quote was made without it" [ "$(member code)" = price_index_unavailable ]
control faults '{"path":"/prices","delayMs":3500}'
call generateQuotes '{"condition":"IsClosed = false"}'
check "no job begins while it is late" is 503
check "and that is the reason" has 'did not answer in time'
forget faults
for as in old future high text nothing undated twice; do
    rules "$as" "$index?as=$as" country refuse refuse
done
up old
one
check "yesterday's index is refused" is 503
check "as too old" has 'older than 24 hours (as of 20'
up high
one
check "a factor of 11 is refused" has 'not between 0.1 and 10'
rules without "$index?as=twice" country withoutIndex withoutIndex
up without
one
check "where the rules say so, list prices hold" is 200
check "and a warning says it" has 'made without the price index, which cannot be used: it has two values'
check "with no word of an index" lacks '"index":{'
check "and no line of one" lacks 'indexedPrice'
check "a job does the same" job true
check "with the warning" has 'made without the price index'

# ---- a value that is missing ----
rules family "$index" family refuse refuse
up family
control faults "{\"path\":\"/prices\",\"times\":2,\"contentType\":\"application/json\",\"body\":\"{\\\"asOf\\\":\\\"$(date -u +%Y-%m-%d)\\\",\\\"source\\\":\\\"x\\\",\\\"values\\\":{\\\"Boats\\\":2}}\"}"
call generateQuotes '{"opportunityIds":["006xx000001a2c1AAA"],"dryRun":true,"waitSeconds":20}'
job=$(member jobId)
call getJobFailures "{\"jobId\":\"$job\"}"
check "a row without a value fails" has '"code":"price_index_value_missing"'
check "and says which" has 'no value for the family "Software" of the line'
one
check "the single quote as well" [ "$status/$(member code)" = 422/price_index_value_missing ]
control setup '{"currencies":["USD","EUR","GBP"]}'
rules currency "$index" currency refuse refuse
up currency
one
check "exchange rates" has 'index: [A-Z]* x'
control setup '{"currencies":[]}'

# ---- rules that cannot be used ----
printf '{"name":"x","capPercent":200,"defaultRegion":"NAMER","index":{"url":"https://prices.example.com/i","of":"planet"},"layers":[{"name":"base","default":10,"rules":[]}]}' \
    >"$work/wrong.json"
env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token FETCH_HOSTS=rates.example.com \
    HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 PRICING_RULES_FILE="$work/wrong.json" LIST_RATE=abc "$B/actionhost" serve >"$work/wrong.log" 2>&1
check "a host that may not be fetched from stops the start" [ $? = 78 ]
for wanted in 'FETCH_HOSTS must name its host' 'country.*region.*family.*currency' maxAgeHours whenAway whenMissing capPercent LIST_RATE; do
    check "told with all other faults: $wanted" grep -q -- "$wanted" "$work/wrong.log"
done
totals
