#!/bin/sh
# 44-jobs-page.sh - the jobs page: its password and cookie, what it shows and does without a script, and in headless Chromium
# with one; a drain and a database that goes away while it is open.
# long: 60
. tests/lib.sh
host=$B/tests/actionhost-test
password='a password of pages & more'
password=$(printf %s "$password" | tr ' ' '-')
jar=$work/jar
rm -f "$jar"
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1

up() {
    # shellcheck disable=SC2046
    start_host "$host" $(jobs_settings) JOBS_RUN=on JOBS_POLL_MS=100 CONNECTIONS=partner PAGES_TOKEN="$password" METRICS_TOKEN=metrics && jobs_ready
}
# waits for the process that keeps the jobs: its pid is in $jobs_process then
jobs_ready() {
    tries=0
    while
        jobs_process=$(sed -n 's/.*at=\(jobs-\)\{0,1\}ready .*pid=\([0-9]*\).*/\2/p' "$work/host.log" | tail -n 1)
        [ -z "$jobs_process" ]
    do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
}
again() { start_host "$host" JOBS_DB="$work/jobs.db" JOBS_KEY=example-key-of-the-jobs-of-a-test-0001 JOBS_RUN=on JOBS_POLL_MS=100 PAGES_TOKEN="$password" "$@"; }
# get PATH [CURL OPTIONS...]: with the cookie; the answer is in $work/page, its headers in $work/head; prints the status
get() { p=$1; shift; curl -s -m 20 -b "$jar" -D "$work/head" -o "$work/page" -w '%{http_code}' "$@" "$host_url$p"; }
# post PATH FORM [CURL OPTIONS...]: as a page of the host sends it
post() { p=$1 f=$2; shift 2; get "$p" -c "$jar" -H "Origin: $host_url" --data "$f" "$@"; }
ask() { curl -s -m 40 -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1"; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$work/answer" | head -n 1; }
begin() { [ "$(ask "$1" "$2")" = 201 ] || fail "start of $1: $(cat "$work/answer")"; member jobId; }
page_has() { grep -qF -- "$1" "$work/page" || { echo "not on the page: $1"; return 1; }; }
page_lacks() { ! grep -qF -- "$1" "$work/page"; }
head_has() { grep -qi -- "$1" "$work/head" || { cat "$work/head"; return 1; }; }
log_in() { post /jobs/login "password=$(printf %s "$password" | sed 's/&/%26/g')"; }
# shows ID WORDS: its page comes to say so
shows() {
    tries=0
    until [ "$(get "/jobs/$1")" = 200 ] && grep -qF -- "$2" "$work/page"; do
        tries=$((tries + 1))
        [ $tries -lt 150 ] || { echo "never on the page of $1: $2"; return 1; }
        sleep 0.1
    done
}

# ---- the setting ----
settings() {
    env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL="$sandbox_url/addons/sandbox" HEROKU_APPLINK_TOKEN=sandbox-token \
        HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 PAGES_TOKEN="$1" timeout 20 "$host" serve >"$work/start" 2>&1
}
settings 1234567890123456789
check "a password of 19 characters stops the start" [ $? = 78 ]
check "and is not told" sh -c "grep -q 'PAGES_TOKEN.*20 characters' '$work/start' && ! grep -q 1234567890123456789 '$work/start'"
start_host "$host" || exit 1
check "without a password there is no page" [ "$(get /jobs)$(get /jobs/login)$(get /jobs/pages.css)" = 404404404 ]
stop "$host_pid"
start_host "$host" PAGES_TOKEN="$password" || exit 1
check "a host without jobs says so" [ "$(log_in)$(get /jobs)" = 303200 ]
check "in words" page_has 'This host keeps no jobs'
stop "$host_pid"
rm -f "$jar"

# ---- from which address somebody guesses ----
# guess ADDRESSES [PASSWORD]: prints the status
guess() { post /jobs/login "password=${2:-wrong}" -H "X-Forwarded-For: $1"; }
guesses() { for i in 1 2 3 4 5; do [ "$(guess "$(printf "$1" "$i")")" = 403 ] || return 1; done; }
start_host "$host" PAGES_TOKEN="$password" || exit 1
check "without a router, five guesses" guesses '198.51.100.%s'
check "are one address's, whatever it says of itself" [ "$(guess 198.51.100.9)" = 429 ]
check "which is the socket's" grep -q 'at=pages-login-refused .*from=127\.0\.0\.1' "$work/host.log"
stop "$host_pid"
start_host "$host" PAGES_TOKEN="$password" DYNO=web.1 || exit 1
check "behind the router, five guesses" guesses '198.51.100.%s, 203.0.113.7'
check "are those of the address that the router has added" [ "$(guess '198.51.100.9, 203.0.113.7')$(guess 203.0.113.7)" = 429429 ]
check "so it may not try the right one" [ "$(guess 203.0.113.7 "$(printf %s "$password" | sed 's/&/%26/g')")" = 429 ]
check "while another one behind that router may" [ "$(guess '203.0.113.7, 203.0.113.8')" = 403 ]
check "and gets in" [ "$(guess 203.0.113.8 "$(printf %s "$password" | sed 's/&/%26/g')")" = 303 ]
check "the log has the router's word" grep -q 'at=pages-login-refused .*from=203\.0\.113\.7' "$work/host.log"
check "and nobody else's" sh -c "! grep -q 'from=198\.51\.100' '$work/host.log'"
stop "$host_pid"
rm -f "$jar"

# ---- login ----
up || exit 1
check "who is not known is sent to the login" [ "$(get '/jobs?state=done')" = 303 ]
check "which knows what he asked for" head_has '^location: /jobs/login?to=%2Fjobs%3Fstate%3Ddone'
check "nobody sees a job" [ "$(get /jobs/5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10)" = 303 ]
check "nor its rows" [ "$(get /jobs/5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10/failures.csv)" = 303 ]
check "nor cancels it" [ "$(post /jobs/5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10/cancel '')" = 303 ]
check "nor hears of it" [ "$(get /jobs/events)" = 401 ]
check "the login page" [ "$(get '/jobs/login?to=/jobs%3Fstate%3Ddone')" = 200 ]
check "keeps where to go" page_has 'name="to" value="/jobs?state=done"'
check "has a strict policy" head_has "^content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'"
check "and is kept by nobody" head_has '^cache-control: no-store'
for to in //evil.example /%5Cevil.example https:evil.example /jobsevil '/jobs//evil.example' '/jobs%0d%0aX: y'; do
    get "/jobs/login?to=$to" >"$work/status"
    check "$to is no page of ours" page_has 'name="to" value="/jobs"'
done
check "a form of another site is refused" [ "$(get /jobs/login -H 'Origin: http://evil.example' --data password=x)" = 403 ]
check "and one without an origin" [ "$(get /jobs/login --data password=x)" = 403 ]
check "and one whose browser says cross-site" [ "$(post /jobs/login password=x -H 'Sec-Fetch-Site: cross-site')" = 403 ]
check "the right password" [ "$(post '/jobs/login' "to=/jobs%3Fstate%3Ddone&password=$(printf %s "$password" | sed 's/&/%26/g')")" = 303 ]
check "leads to where he was" head_has '^location: /jobs?state=done'
check "with a cookie that scripts cannot read" head_has '^set-cookie: actionhost_pages=.*; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict.$'
check "which lets him in" [ "$(get /jobs)" = 200 ]
check "where there is nothing yet" page_has 'No jobs yet'
cookie=$(sed -n 's/.*actionhost_pages[[:space:]]*//p' "$jar")
check "a cookie with another time is none" [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Cookie: actionhost_pages=9${cookie#?}" "$host_url/jobs")" = 303 ]
check "nor one with another sign" [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Cookie: actionhost_pages=${cookie%?}!" "$host_url/jobs")" = 303 ]
check "among others it is found" [ "$(curl -s -o /dev/null -w '%{http_code}' -H "Cookie: a=b; actionhost_pages=$cookie; c=d" "$host_url/jobs")" = 200 ]
for i in 1 2 3 4 5; do check "wrong password $i" [ "$(post /jobs/login password=wrong)" = 403 ]; done
check "the sixth has to wait" [ "$(post /jobs/login password=wrong)" = 429 ]
check "and is told how long" sh -c "grep -qE 'possible in [0-9]+ s' '$work/page' && grep -qi '^retry-after: [0-9]' '$work/head'"
check "also with the right one" [ "$(log_in)" = 429 ]
check "who is logged in is not disturbed" [ "$(get /jobs)" = 200 ]

# ---- jobs ----
well=$(begin doChores '{"count":25,"waitSeconds":10}')
html=$(begin doChores '{"count":12,"how":"invalid","at":3,"unique":"<b>x</b>"}')
slow=$(begin doChores '{"count":60,"ms":1500}')
check "a job that has ended" shows "$well" 'class="state done"'
check "tells its rows" page_has '<b>25</b> <span>of 25</span>'
check "and who asked" page_has '@example.com'
check "the list" [ "$(get /jobs)" = 200 ]
check "has the running one" page_has "data-key=\"$slow\""
check "under its heading" page_has '>Working'
check "and the ended one" page_has 'Ended today'
check "with names that people read" page_has '>Do chores</a>'
check "what is at work" shows "$slow" '>At work<'
check "is told with its try" page_has 'records, try 1 of '
check "filtered by state" [ "$(get '/jobs?state=done')" = 200 ]
check "it has the ended one" page_has "data-key=\"$well\""
check "alone" page_lacks "data-key=\"$slow\""
check "a state that nobody is in" [ "$(get '/jobs?state=waiting')" = 200 ]
check "says what there is instead" page_has 'No waiting jobs'
check "searched by id" [ "$(get "/jobs?q=$(echo "$slow" | cut -c 1-13)")" = 200 ]
check "it has that one" page_has "data-key=\"$slow\""
check "alone" page_lacks "data-key=\"$well\""
check "a search is text" [ "$(get '/jobs?q=%3Cscript%3E%25')" = 200 ]
check "which stays text" page_has 'value="&lt;script&gt;%"'
check "and finds nothing" page_lacks 'data-key="'"$well"
check "what is no job" [ "$(get /jobs/5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10)" = 404 ]
check "what is no path" [ "$(get /jobs/nothing)$(get /jobs/pages.cs)" = 404404 ]
check "cancelled by a link it is not" [ "$(get "/jobs/$slow/cancel")" = 405 ]
check "nor by another site" [ "$(get "/jobs/$slow/cancel" -H 'Origin: http://evil.example' --data '')" = 403 ]
check "but by its button" [ "$(post "/jobs/$slow/cancel" 'back=/jobs%3Fstate%3Drunning')" = 303 ]
check "which leads back" head_has '^location: /jobs?state=running'
check "it is" shows "$slow" 'class="state canceled"'
check "once more is no fault" [ "$(post "/jobs/$slow/cancel" '')" = 303 ]
check "rows that have failed" shows "$html" 'Failed rows'
check "are text" page_lacks '<b>x</b>'
check "in full" page_has '&lt;b&gt;x&lt;/b&gt;'
check "with the org's own words" page_has '<q>Required fields are missing: [Name]</q>'
check "their user alone retries them" page_has 'can retry them with retryJob'
check "so there is no button" page_lacks "/jobs/$html/retry"
check "and no way around it" [ "$(post "/jobs/$html/retry" '')" = 303 ]
check "it stays as it was" shows "$html" 'Failed rows'
waits=$(begin doChores '{"count":10,"how":"waits","at":3}')
check "a job waits for its user" shows "$waits" 'class="state waiting"'
check "its page has no button either" page_lacks "/jobs/$waits/retry"
check "nor a way around it" [ "$(post "/jobs/$waits/retry" '')" = 303 ]
check "nothing was tried again" sh -c "! grep -q 'at=jobs-page what=retry' '$work/host.log'"
check "which it can be spared" [ "$(post "/jobs/$waits/cancel" '')" = 303 ]
check "their file" [ "$(get "/jobs/$html/failures.csv")" = 200 ]
check "begins with a mark and its columns" [ "$(head -n 1 "$work/page" | od -An -c -N 8 | tr -d ' ')" = '357273277id,co' ]
check "is saved" head_has '^content-disposition: attachment; filename="failed-'
check "pausing" [ "$(post /jobs/pause queue=chores)" = 303 ]
held=$(begin doChores '{"count":1}')
check "holds what is queued" shows "$held" 'queue is paused'
check "the list says so" [ "$(get /jobs)" = 200 ]
check "with its button" page_has 'Queue chores is paused since <time'
check "going on" [ "$(post /jobs/resume queue=chores)" = 303 ]
check "it does" shows "$held" 'class="state done"'
check "a queue that cannot be" [ "$(post /jobs/pause 'queue=%3Cb%3E')" = 303 ]
get /jobs >"$work/status"
check "is none" page_lacks 'is paused'
check "a form that is too large" [ "$(post /jobs/pause "queue=$(printf '%05000d' 0)")" = 415 ]
check "actions of the page are in the log" grep -q 'at=jobs-page what=cancel .*user=page' "$work/host.log"
check "the password is not" sh -c "! grep -qF '$password' '$work/host.log'"
cp "$jar" "$jar.kept"
check "logging out" [ "$(post /jobs/logout '')$(get /jobs)" = 303303 ]

# ---- news, a drain ----
cp "$jar.kept" "$jar"
hear() { curl -s -N -m 60 -b "$jar" "$host_url/jobs/events" >"$work/$1"; echo $? >"$work/$1.rc"; }
heard() { # NAME EVENT TIMES
    tries=0
    until [ "$(grep -c "^event: $2" "$work/$1")" -ge "$3" ]; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { cat "$work/$1"; return 1; }
        sleep 0.1
    done
}
hear first &
first=$!
hear second &
second=$!
check "a page hears that it may be old" heard first change 1
begin doChores '{"count":1}' >"$work/status"
check "and of a new job" heard first change 2
check "so does another one" heard second change 2
rm -f "$work/slow"
curl -s -m 40 -o "$work/slow" -d '{"how":"sleep","ms":6000}' "$sandbox_url/sandbox/invoke/misbehave" &
slow_call=$!
calls() { tries=0; until [ "$(curl -s -H 'Authorization: Bearer metrics' "$host_url/metrics" | sed -n 's/^actionhost_calls_running //p')" = 1 ]; do tries=$((tries + 1)); [ $tries -lt 100 ] || return 1; sleep 0.1; done; }
check "a call is under way" calls
kill -TERM "$host_pid"
wait "$first" "$second"
check "a drain ends them at once, while that call goes on" [ ! -s "$work/slow" ]
wait "$slow_call"
check "which has its answer" [ -s "$work/slow" ]
wait "$host_pid"
check "and the host ends well" [ $? = 0 ]
check "they had their end" [ "$(cat "$work/first.rc" "$work/second.rc" | tr -d '\n')" = 00 ]
check "they were not in flight" grep -q 'at=draining in_flight=1' "$work/host.log"

# ---- a database that goes away ----
again && jobs_ready || exit 1
check "the cookie is good for another process" [ "$(get /jobs)" = 200 ]
hear third &
third=$!
check "it is live" heard third change 1
kill -STOP "$jobs_process"
check "while nobody answers the page says so" [ "$(get /jobs)" = 503 ]
check "in words" page_has 'The job database does not answer'
check "and goes on by itself" page_has '<meta http-equiv="refresh" content="2">'
check "as do pages that are open" heard third away 1
kill -CONT "$jobs_process"
check "and they hear of its return" heard third change 2
check "it is back" [ "$(get /jobs)" = 200 ]
kill "$third" 2>/dev/null

# ---- as many live pages as there may be ----
# streams: how many are under way
streams() { cat "$work"/stream.* 2>/dev/null | grep -c '^retry:'; }
comes() { tries=0; until [ "$(streams)" -ge "$1" ]; do tries=$((tries + 1)); [ $tries -lt 200 ] || { echo "live: $(streams)"; return 1; }; sleep 0.05; done; }
one_more() { curl -s -m 2 -b "$jar" -D "$work/head" -o "$work/page" -w '%{http_code}' "$host_url/jobs/events"; }
rm -f "$work"/stream.*
stop "$host_pid"
again && jobs_ready || exit 1
curl -s -N -Z --parallel-immediate --parallel-max 63 -m 60 -b "$jar" -o "$work/stream.#1" "$host_url/jobs/events?[1-63]" 2>/dev/null &
many=$!
curl -s -N -m 60 -b "$jar" -o "$work/stream.64" "$host_url/jobs/events" &
last=$!
check "64 pages are live" comes 64
check "one more is not" [ "$(one_more)" = 503 ]
check "is told what it shows" page_has 'this one is not live'
check "and when to ask again" head_has '^retry-after: 30'
check "but has its page" [ "$(get /jobs)" = 200 ]
kill "$last"
wait "$last" 2>/dev/null
freed() { tries=0; until [ "$(one_more)" = 200 ]; do tries=$((tries + 1)); [ $tries -lt 50 ] || return 1; sleep 0.1; done; }
check "once one is closed the next is live" freed
kill "$many"
wait "$many" 2>/dev/null

# ---- many rows ----
if command -v sqlite3 >/dev/null; then
    sqlite3 "$work/jobs.db" ".timeout 5000" "INSERT INTO ah_failed (job_id, item, code, message) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
        SELECT j.id, '\"006xx' || i || '\"', '=CODE', '@SUM(1+1), \"quoted\"' FROM n, ah_job j WHERE j.uid = '$html'"
    check "ten thousand failed rows" [ "$(get "/jobs/$html/failures.csv")" = 200 ]
    check "are all in the file" [ "$(wc -l <"$work/page" | tr -d ' ')" = 10001 ]
    check "and no formula is" sh -c "[ \$(grep -c \"^\\\"006xx[0-9]*\\\",\\\"'=CODE\\\",\\\"'@SUM(1+1), \\\"\\\"quoted\\\"\\\"\\\",\" '$work/page') = 9999 ]"
else
    skip "ten thousand failed rows: no sqlite3"
fi

# ---- in a browser ----
. openapi/tools.sh
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
    skip_node "the jobs page in a browser: no chromium (./deps.sh node)"
elif ! tools_ready; then
    skip_node "the jobs page in a browser: $tools_why"
elif ! command -v sqlite3 >/dev/null; then
    skip "the jobs page in a browser: no sqlite3"
else
    stop "$host_pid"
    again CONNECTIONS=sandbox && jobs_ready || exit 1
    failed_rows=$(begin doChores '{"count":40,"how":"invalid","at":3,"waitSeconds":10}')
    waits=$(begin doChores '{"count":40,"how":"waits","at":3}')
    naps=$(begin takeNaps '{"count":3,"waitSeconds":10}')
    check "a job waits" shows "$waits" 'class="state waiting"'
    for n in 1 2 3; do
        sqlite3 "$work/jobs.db" ".timeout 5000" "INSERT INTO ah_failed (job_id, item, code, message) SELECT id, '$n', 'UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access' FROM ah_job WHERE uid = '$naps'" \
            "UPDATE ah_job SET failed = failed + 1, kept = kept + 1, done = done - 1 WHERE uid = '$naps'"
    done
    mkdir -p build/pages
    if PAGES_PASSWORD=$password timeout 240 node openapi/jobs_page.mjs "$chromium" "$host_url" "$sandbox_url" build/pages \
        "{\"failed\":\"$failed_rows\",\"waiting\":\"$waits\",\"connection\":\"$naps\",\"html\":\"$html\"}" >"$work/browser.log" 2>&1; then
        pass "the jobs page in a browser"
    else
        fail "the jobs page in a browser"
        grep -v '^ok ' "$work/browser.log"
    fi
fi
stop_all
totals
