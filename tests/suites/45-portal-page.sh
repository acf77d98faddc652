#!/bin/sh
# 45-portal-page.sh - the portal: behind the password, strict, what it shows of orgs that answer and of those that do not, pages,
# profiles, statements; sample records only where they are allowed, and asked for twice; and in headless Chromium.
# long: 35
. "$(dirname "$0")/../lib.sh"
host=$B/tests/actionhost-test
password=a-password-of-pages-and-more
jar=$work/jar
rm -f "$jar"
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
up() { start_host "$host" WORKERS_MIN=2 PAGES_TOKEN=$password "$@" || exit 1; }
up CONNECTIONS=sandbox,partner,third

# get PATH [CURL OPTIONS...]: with the cookie; the answer is in $work/page, its headers in $work/head; prints the status
get() { p=$1; shift; curl -s -m 20 -b "$jar" -D "$work/head" -o "$work/page" -w '%{http_code}' "$@" "$host_url$p"; }
post() { p=$1 f=$2; shift 2; get "$p" -c "$jar" -H "Origin: $host_url" --data "$f" "$@"; }
page_has() { grep -qF -- "$1" "$work/page" || { echo "not on the page: $1"; return 1; }; }
page_lacks() { ! grep -qF -- "$1" "$work/page" || { echo "on the page: $1"; return 1; }; }
head_has() { grep -qi -- "$1" "$work/head" || { cat "$work/head"; return 1; }; }
rows() { grep -c '<tr[^>]*data-key="[a-z]*-001' "$work/page"; }
fault() { curl -s -o /dev/null -d "$1" "$sandbox_url/sandbox/faults"; }
mend() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"; }
token() {
    curl -s -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' \
        "$sandbox_url/addons/sandbox/authorizations/$1" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
}
create() { # OBJECT JSON: in the org "sandbox"
    curl -s -o /dev/null -H "Authorization: Bearer $(token sandbox)" -H 'Content-Type: application/json' -d "$2" \
        "$sandbox_url/services/data/v62.0/sobjects/$1"
}

# ---- the way in ----
check "who is not known is sent to the login" [ "$(get '/portal?q=a')" = 303 ]
check "and back from there" head_has '^location: /jobs/login?to=%2Fportal%3Fq%3Da'
check "he makes no records" [ "$(post /portal/samples/make 'connection=partner&count=1')" = 303 ]
check "nobody is asked for him" [ "$(curl -s "$sandbox_url/sandbox/log?path=/services/data&limit=10" | grep -c '"number"')" = 0 ]
check "login" [ "$(post /jobs/login "password=$password&to=/portal")" = 303 ]
check "leads to the portal" head_has '^location: /portal'
check "the portal" [ "$(get /portal)$(rows)" = 20017 ]
check "has a strict policy" head_has "^content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'"
check "with nothing inline" sh -c "! grep -qiE ' style=|<style|onclick|<script>|javascript:' '$work/page'"
check "is kept by nobody" head_has '^cache-control: no-store'
check "loads its own files" [ "$(get /jobs/portal.css)$(get /jobs/portal.js)" = 200200 ]
check "a page within its budget" sh -c "[ $(cat runtime/pages/assets/pages.css runtime/pages/assets/portal.css | wc -c) -le 24576 ] && [ $(cat runtime/pages/assets/pages.js runtime/pages/assets/portal.js | wc -c) -le 14336 ]"
get /portal >/dev/null
check "is not too large" [ "$(wc -c <"$work/page")" -le 40960 ]
check "a method that it has not" [ "$(post /portal '')" = 405 ]
check "a path that it has not" [ "$(get /portal/x)" = 404 ]
check "GET changes nothing" [ "$(curl -s "$sandbox_url/sandbox/log?limit=1000" | grep -o '"method":"[A-Z]*"' | grep -v GET | sort -u | tr -d '\n')" = '' ]

# ---- what it shows ----
get /portal >/dev/null
check "whose rights these are" page_has 'Read with the rights of the user who authorized each org: <span class="strong">admin@example.com</span> in sandbox'
check "each org's count and version" page_has '<b>4</b> accounts'
check "an amount" page_has '200,380.50'
create Account '{"Name":"<script>alert(1)</script> \"x\" & y","BillingCity":"<b>Kiel</b>"}'
check "a name of HTML" [ "$(get '/portal?q=script')$(rows)" = 2001 ]
check "is text" page_has '&lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot; &amp; y'
check "and so is its city" page_has '&lt;b&gt;Kiel&lt;/b&gt;'
check "a search of HTML is text too" [ "$(get '/portal?q=%22%3E%3Cimg%20src%3Dx%3E')" = 200 ]
check "in the field and in words" page_lacks '<img'
check "nothing found is said" page_has 'No account matches'
check "a percent sign finds itself alone" [ "$(get '/portal?q=%25')$(rows)" = 2000 ]
check "one org" [ "$(get '/portal?org=partner')$(rows)" = 2008 ]
check "an org that is none" [ "$(get '/portal?org=nobody')" = 503 ]
check "is said so" page_has 'There is no such connection'
check "a sort that is none is the usual one" [ "$(get '/portal?sort=x%27;DROP&show=zz')$(rows)" = 20018 ]
check "sorted by city from the end" [ "$(get '/portal?sort=city&desc=1')" = 200 ]
check "says so to readers" page_has 'aria-sort="descending"'
check "by open amount" [ "$(get '/portal?sort=amount')$(rows)" = 20018 ]
check "the largest first" sh -c "amounts_of() { grep -o '<td class=.num amt.>[0-9,.]*' '$work/page' | sed 's/.*>//; s/,//g' | grep .; }; [ \$(amounts_of | wc -l) -ge 6 ] && amounts_of | sort -rn -c"
check "says so to readers as well" page_has 'class="num" aria-sort="descending"'
check "and the other way round" [ "$(get '/portal?sort=amount&desc=1')" = 200 ]
check "the smallest first" sh -c "grep -o '<td class=.num amt.>[0-9,.]*' '$work/page' | sed 's/.*>//; s/,//g' | grep . | sort -n -c"
n=0
while [ $n -lt 30 ]; do
    create Account "{\"Name\":\"Many $n\"}"
    n=$((n + 1))
done
check "25 at first" [ "$(get /portal)$(rows)" = 20025 ]
check "and more on demand" sh -c "grep -q 'href=\"/portal?show=50\">Show more' '$work/page'"
check "then 48" [ "$(get '/portal?show=50')$(rows)" = 20048 ]
check "and no more" page_lacks 'Show more'
check "a cursor that is none" [ "$(get '/portal?cursor=abc')" = 503 ]
check "leads back to the top" page_has 'Start again from the top'

# ---- orgs in trouble ----
fault '{"path":"/services/data","org":2,"status":401,"errorCode":"INVALID_SESSION_ID"}'
check "a broken org does not hide the others" [ "$(get '/portal?q=a')" = 200 ]
check "its row stands first" sh -c "grep -A 1 '<tbody>' '$work/page' | tail -n 1 | grep -q 'class=.oops'"
check "with its command" page_has '<code>heroku salesforce:authorizations:add third</code>'
check "its code" page_has '<code>INVALID_SESSION_ID</code>'
check "and since when" page_has 'last read'
check "a search says who could not be asked" [ "$(get '/portal?q=nothing+at+all')" = 200 ]
check "by name" page_has 'third could not be asked.'
mend
curl -s -o /dev/null -d '[{"user":"admin@example.com","hiddenFields":["Account.BillingCity"]}]' "$sandbox_url/sandbox/permissions?org=third"
curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/expire"
check "a field that an org lacks" [ "$(get '/portal?org=third')" = 200 ]
check "is a dash that says why" page_has 'title="third has no field City">'
check "on its card too" page_has 'no field City'
curl -s -o /dev/null -d '[]' "$sandbox_url/sandbox/permissions?org=third"

# ---- a profile, a statement ----
check "a profile" [ "$(get '/portal?account=001xx000003DGb0AAG&in=sandbox&name=Koa+Cars')" = 200 ]
check "has people" page_has 'Kai Nakamura'
check "and where to open the record" page_has '/lightning/r/Account/001xx000003DGb0AAG/view'
check "an org without Data 360 says so" [ "$(get '/portal?account=001xx000003Thr0AAC&in=third&name=Fjord+Ferries')" = 200 ]
check "in its place" page_has 'Data 360 needs 64.0'
clear() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/log"; }
clear
check "an id that is none is asked nobody" [ "$(get "/portal?account=001xx%27%20OR%201%3D1--&in=sandbox")" = 200 ]
check "and opens nothing" page_lacks 'class="card drawer"'
check "a statement" [ "$(get '/portal?at=sandbox&sql=SELECT+ssot__LastName__c+AS+name,%0D%0A1+AS+n+FROM+ssot__Individual__dlm')" = 200 ]
check "has rows and a plot" page_has 'class="plot"'
check "and is there to be changed" page_has '1 AS n FROM ssot__Individual__dlm</textarea>'
check "null is not nothing" [ "$(get '/portal?at=sandbox&sql=SELECT+NULL+AS+a')" = 200 ]
check "it is said" page_has '<span class="dash">null</span>'
clear
check "one that writes" [ "$(get '/portal?at=sandbox&sql=DELETE+FROM+x')" = 200 ]
check "is refused with why" page_has 'begin with SELECT'
check "and not sent" [ "$(curl -s "$sandbox_url/sandbox/log?method=POST&limit=10" | grep -c '"number"')" = 0 ]
check "HTML in a value is text" [ "$(get "/portal?at=sandbox&sql=SELECT+%27%3Cimg+src%3Dx%3E%27+AS+a")" = 200 ]
check "as it came" page_lacks '<img'

# ---- sample records ----
get /portal >/dev/null
check "without SAMPLE_DATA there is no panel" page_lacks 'Sample records'
check "and no way around it" [ "$(post /portal/samples/make 'connection=partner&count=5')" = 403 ]
check "which the page itself refuses" page_has '"code":"samples_off"'
check "nor to the question" [ "$(post /portal/samples 'connection=partner&count=5')" = 403 ]
check "a form from elsewhere is none" [ "$(get /portal/samples/make -H 'Origin: http://evil.example' --data 'connection=partner&count=5')" = 403 ]
stop "$host_pid"
# shellcheck disable=SC2046
up $(jobs_settings) JOBS_RUN=on JOBS_POLL_MS=100 CONNECTIONS=sandbox,partner,third SAMPLE_DATA=on
check "with it there is one" [ "$(get /portal)" = 200 ]
check "for the orgs that answer" page_has 'action="/portal/samples"'
check "it asks once more" [ "$(post /portal/samples 'connection=partner&count=12')" = 200 ]
check "with the number in the question" page_has '<h1>Make 12 accounts in partner?</h1>'
check "and has made nothing" [ "$(get '/portal?org=partner')$(rows)" = 2008 ]
check "a number that is none" [ "$(post /portal/samples/make 'connection=partner&count=10001')$(post /portal/samples/make 'connection=partner&count=1e3')" = 400400 ]
check "an org that is none" [ "$(post /portal/samples/make 'connection=nobody&count=1')" = 404 ]
check "the second answer starts a job" [ "$(post /portal/samples/make 'connection=partner&count=12')" = 303 ]
job=$(sed -n 's/^[Ll]ocation: \/portal?job=\([0-9a-f-]*\).*/\1/p' "$work/head")
check "which the portal shows" [ "$(get "/portal?job=$job")" = 200 ]
check "with the way to it" page_has "<a href=\"/jobs/$job\">Open as job</a>"
check "a job that is none is none" [ "$(get '/portal?job=%22%3E%3Cscript%3E')" = 200 ]
check "and shown nowhere" page_lacks 'data-job'
tries=0
until [ "$(get "/jobs/$job")" = 200 ] && grep -q 'class="state done"' "$work/page" || [ $tries -gt 150 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
check "whose page shows it" page_has '12'
check "asked for by a page" page_has 'page'
check "and the accounts are there" [ "$(get '/portal?org=partner')$(rows)" = 20020 ]
stop "$host_pid"
up CONNECTIONS=
check "a host without connections" [ "$(get /portal)" = 503 ]
check "says how to get one" page_has 'add the authorization&#39;s name to CONNECTIONS'
stop "$host_pid"

# ---- in a browser ----
. openapi/tools.sh
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
    skip_node "the portal in a browser: no chromium (./deps.sh node)"
elif ! tools_ready; then
    skip_node "the portal in a browser: $tools_why"
else
    curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/reset"
    create Account '{"Name":"<img src=x onerror=alert(1)> & co","BillingCity":"Kiel"}'
    up CONNECTIONS=sandbox,partner,third
    mkdir -p build/pages
    if PAGES_PASSWORD=$password timeout 200 node openapi/portal_page.mjs "$chromium" "$host_url" "$sandbox_url" build/pages >"$work/browser.log" 2>&1; then
        pass "the portal in a browser"
    else
        fail "the portal in a browser"
        grep -v '^ok ' "$work/browser.log"
    fi
fi
check "no token in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}|sandbox-token' '$work/host.log' '$work/host.log.before'"
stop_all
totals
