#!/bin/sh
# 77-orgs.sh - several orgs in one view: who may see which, one order over all of them, pages that go on when an org fails in
# between, each way in which an org can fail, and what has to be escaped.
# long: 25
. "$(dirname "$0")/../lib.sh"

HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
own=00Dxx0000001gPLEAY
up() { start_host "$B/tests/actionhost-test" WORKERS_MIN=2 REQUEST_TIMEOUT_MS=4000 CONNECTIONS_CALLERS=$own "$@" || exit 1; }
again() { stop "$host_pid"; up "$@"; }
up CONNECTIONS=sandbox,partner,third

# ask INPUT [QUERY]: listAccounts; the answer is in $work/answer, prints the status
ask() { curl -s -m 30 -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' -d "$1" "$sandbox_url/sandbox/invoke/listAccounts${2:+?$2}"; }
has() { grep -qF -- "$1" "$work/answer" || { echo "not in the answer: $1"; head -c 3000 "$work/answer"; return 1; }; }
lacks() { ! grep -qF -- "$1" "$work/answer" || { echo "in the answer: $1"; return 1; }; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$work/answer" | head -n 1; }
names() { grep -o '"accountId":"[^"]*","name":"[^"]*"' "$work/answer" | sed 's/.*"name":"//; s/"$//'; }
ids() { grep -o '"connection":"[^"]*","orgId":"[^"]*","accountId":"[^"]*"' "$work/answer"; }
# org CONNECTION: what the answer says of it
org() { grep -o "{\"connection\":\"$1\",\"state\":[^{}]*}" "$work/answer"; }
says() { org "$1" | grep -qF -- "$2" || { echo "$1: $(org "$1"), not $2"; return 1; }; }
clear_log() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/log"; }
# calls NUMBER: of the org's own API that it has had
calls() { curl -s "$sandbox_url/sandbox/log?path=/services/data&limit=1000" | grep -o "\"org\":$1[,}]" | wc -l; }
fault() { curl -s -o /dev/null -d "$1" "$sandbox_url/sandbox/faults"; }
mend() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"; }
permit() { curl -s -o /dev/null -d "$1" "$sandbox_url/sandbox/permissions?org=third"; }
# token NAME: of an authorization
token() {
    curl -s -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' \
        "$sandbox_url/addons/sandbox/authorizations/$1" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
}
# account NUMBER NAME-AS-JSON: made in that org
account() {
    curl -s -o /dev/null -H "Authorization: Bearer $(token "$3")" -H 'Content-Type: application/json' -d "{\"Name\":$2}" \
        "http://127.0.0.$1:$sandbox_port/services/data/v58.0/sobjects/Account"
}

# ---- who may see what ----
check "a caller of CONNECTIONS_CALLERS sees every org" [ "$(ask '{}')$(member total)" = 20017 ]
check "each is named" [ "$(org sandbox | wc -l)$(org partner | wc -l)$(org third | wc -l)" = 111 ]
check "with the rights of whoever authorized it" says third '"username":"admin@example.com"'
check "each by its own version of the API" sh -c "curl -s '$sandbox_url/sandbox/log?path=/services/data/v58.0&limit=100' | grep -q '\"org\":2' &&
    ! curl -s '$sandbox_url/sandbox/log?path=/services/data/v58.0&limit=100' | grep -q '\"org\":[01][,}]'"
clear_log
check "anybody else sees his own org" [ "$(ask '{}' org=partner)$(member total)$(ids | grep -c '"own"')" = 20088 ]
check "by the name own" says own '"state":"answered"'
check "and no other one is asked" [ "$(calls 0)$(calls 2)" = 00 ]
clear_log
check "his own connection by its name" [ "$(ask '{"connections":["partner"]}' org=partner)$(ids | grep -c '"partner"')" = 2008 ]
limited=$(ask '{}' 'org=partner&user=limited@example.com')
check "with his own rights: a user without opportunities" [ "$limited" = 200 ]
check "is told" says own '"lacks":["openAmounts"]'
check "also when he names his connection" [ "$(ask '{"connections":["partner"]}' 'org=partner&user=limited@example.com')" = 200 ]
check "sees none of their amounts" lacks openAmounts\":[
check "and is told" says partner '"lacks":["openAmounts"]'
clear_log
check "another org's connection is refused" [ "$(ask '{"connections":["partner","third"]}' org=partner)" = 403 ]
check "with what to do" has '"code":"connection_not_allowed"'
check "without a call to that org" [ "$(calls 2)" = 0 ]
check "and so is a name that nobody has" [ "$(ask '{"connections":["nobody"]}' org=partner)$(member code)" = 403connection_not_allowed ]
check "a caller who may use all is told that there is none" [ "$(ask '{"connections":["sandbox","nobody"]}')$(member code)" = 404unknown_connection ]
check "in words that name it" has '"field":"/connections/1"'

# ---- one list ----
# pages INPUT SIZE: all pages from a first one, their accounts in $work/all
pages() {
    : >"$work/all" && : >"$work/all.ids"
    input=$1 turns=0
    while [ "$(ask "$input")" = 200 ]; do
        names >>"$work/all"
        ids >>"$work/all.ids"
        turns=$((turns + 1))
        cursor=$(member cursor)
        [ -n "$cursor" ] && [ $turns -lt 60 ] || break
        [ -z "${between:-}" ] || "$between" $turns
        input="{\"cursor\":\"$cursor\",\"pageSize\":$2}"
    done
}
whole() { [ "$(wc -l <"$work/all.ids")$(sort -u "$work/all.ids" | wc -l)" = "$1$1" ] || { cat "$work/all"; return 1; }; }
sorted() { LC_ALL=C sort -f ${1:-} "$work/all" | cmp -s - "$work/all" || { cat "$work/all"; return 1; }; }
pages '{"pageSize":4}' 4
check "five pages of four are the whole, each account once" whole 17
check "in one order over all orgs" sh -c "grep -v '^Z' '$work/all' | LC_ALL=C sort -f -c"
check "the last one says that it is the last" has '"complete":true'
pages '{"pageSize":1,"descending":true}' 1
check "one at a time from the end" whole 17
check "in the other order" sh -c "grep -v '^Z' '$work/all' | LC_ALL=C sort -f -r -c"
pages '{"pageSize":3,"sortBy":"city"}' 3
check "by city" whole 17
check "an account without one is the last" [ "$(tail -n 1 "$work/all")" = "Harbour & Sons" ]
pages '{"pageSize":3,"sortBy":"city","descending":true}' 3
check "by city from the end" whole 17
check "an account without one is the last again" [ "$(tail -n 1 "$work/all")" = "Harbour & Sons" ]
pages '{"pageSize":5,"sortBy":"owner"}' 5
check "by owner, where many are alike" whole 17

# ---- an org that fails in between ----
break_partner() { if [ "$1" = 1 ]; then fault '{"path":"/services/data","org":1,"status":500}'; elif [ "$1" = 3 ]; then mend; fi; }
between=break_partner
pages '{"pageSize":3}' 3
between=
mend
check "an org that fails on two pages and comes back loses nothing and doubles nothing" whole 17
fault '{"path":"/services/data","org":1,"status":500}'
pages '{"pageSize":50}' 50
check "an org that stays away does not keep a reader for ever" [ "$turns" -le 4 ]
check "and the list says that it is not whole" has '"complete":false'
mend

# ---- each way in which an org fails: the others are shown, and it says why and what to do ----
# ails NAME FAULT CODE WORDS
ails() {
    [ -z "$2" ] || fault "$2"
    status=$(ask '{}')
    mend
    check "$1: the others are listed" [ "$status$(ids | grep -c -v '"third"')" = 20013 ]
    check "$1: code" says third "\"code\":\"$3\""
    check "$1: what to do" says third "$4"
    check "$1: it is named" has 'Missing: third'
}
ails "down" '{"path":"/services/data","org":2,"cut":"reset"}' org_unavailable 'third'
ails "slow" '{"path":"/services/data","org":2,"delayMs":9000}' org_timeout 'Try again'
ails "throttled" '{"path":"/services/data","org":2,"status":403,"errorCode":"REQUEST_LIMIT_EXCEEDED"}' org_limit_exceeded 'allows no more calls'
ails "revoked" '[{"path":"/services/data","org":2,"status":401,"errorCode":"INVALID_SESSION_ID"}]' authorization_ended 'heroku salesforce:authorizations:add third'
ails "no JSON" '{"path":"/services/data","org":2,"status":200,"body":"<html>maintenance</html>"}' org_error third
ails "half an answer" '{"path":"/services/data","org":2,"cut":"half"}' org_unavailable third
permit '[{"user":"admin@example.com","hiddenObjects":["Account"]}]'
again CONNECTIONS=sandbox,partner,third
ails "without the object" '' object_missing 'no object Account'
permit '[]'
again CONNECTIONS=sandbox,partner,third
fault '{"path":"/addons/sandbox/authorizations/third","status":404}'
check "an authorization that is not there" [ "$(ask '{}')" = 200 ]
check "is told with the command that makes it" says third 'heroku salesforce:authorizations:add third'
mend
check "and is asked for again" [ "$(ask '{}')$(member total)" = 20017 ]
fault '{"path":"/services/data","org":1,"status":503,"times":1}'
check "a fault that passes is not seen" [ "$(ask '{}')$(member total)" = 20017 ]

# ---- sessions ----
curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/expire"
clear_log
check "sessions that have ended are renewed unseen" [ "$(ask '{}')$(member total)" = 20017 ]
check "with one question for each" [ "$(curl -s "$sandbox_url/sandbox/log?path=/addons/sandbox/authorizations&limit=100" | grep -o '"number"' | wc -l)" = 3 ]
clear_log
check "and kept" [ "$(ask '{}')$(curl -s "$sandbox_url/sandbox/log?path=/addons/sandbox/authorizations&limit=100" | grep -o '"number"' | wc -l)" = 2000 ]

# ---- what an org lacks ----
permit '[{"user":"admin@example.com","hiddenFields":["Account.BillingCity"]}]'
check "a field that an org no longer has is noticed" [ "$(ask '{"sortBy":"city"}')$(member total)" = 20017 ]
check "and shown as such" says third '"lacks":["city"]'
check "it was not sorted by it, and that is said" has '"code":"field_missing"'
check "searched by name alone there" [ "$(ask '{"search":"bergen"}')$(ids | wc -l)" = 2000 ]
permit '[]'
curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/expire"
ask '{}' >/dev/null
check "and found again" [ "$(ask '{"search":"bergen"}')$(ids | wc -l)" = 2001 ]

# ---- searches and names ----
account 2 '"100 % <b>\"bold\"</b> & co"' partner
account 2 '"under_score"' partner
account 3 '"back\\slash"' third
account 3 "\"D'Arc \u00dcbersee\"" third
# finds TEXT NAME
finds() {
    [ "$(ask "{\"search\":\"$1\"}")" = 200 ] || { cat "$work/answer"; return 1; }
    [ "$(names)" = "$2" ] || { echo "$1 finds: $(names)"; return 1; }
}
check "a percent sign is a percent sign" finds '%' '100 % <b>\'
check "a line is a line" finds 'r_s' under_score
check "a backslash is one" finds 'k\\s' 'back\\slash'
check "a quote is one" finds "d'a" "D'Arc Übersee"
check "letters beyond ASCII, whatever their case" finds 'ÜBERS' "D'Arc Übersee"
check "cities too" finds 'innsbr' 'Alpenblick Hotels'
check "a line break in a search is no fault" [ "$(ask '{"search":"a\nb"}')$(ids | wc -l)" = 2000 ]
check "an attempt to end the literal finds nothing" [ "$(ask '{"search":"'"x' OR Name != '"'"}')$(ids | wc -l)" = 2000 ]
opportunity() {
    curl -s -o /dev/null -H "Authorization: Bearer $(token third)" -H 'Content-Type: application/json' \
        -d '{"Name":"Zero","StageName":"Prospecting","CloseDate":"2027-01-01","Amount":0,"AccountId":"001xx000003Thr3AAC"}' \
        "http://127.0.0.3:$sandbox_port/services/data/v58.0/sobjects/Opportunity"
}
opportunity
check "an amount of zero is an amount" [ "$(ask '{"search":"uhren"}')" = 200 ]
check "and not nothing" has '"openAmounts":[{"amount":0.0}]'

# ---- cursors ----
ask '{"pageSize":2}' >/dev/null
cursor=$(member cursor)
check "a cursor of another user is refused" [ "$(ask "{\"cursor\":\"$cursor\"}" user=limited@example.com)$(member code)" = 409cursor_not_usable ]
check "of another org too" [ "$(ask "{\"cursor\":\"$cursor\"}" org=partner)$(member code)" = 409cursor_not_usable ]
check "and one that was changed" [ "$(ask "{\"cursor\":\"x${cursor#?}\"}")$(member code)" = 409cursor_not_usable ]
check "and one with a search of its own" [ "$(ask "{\"cursor\":\"$cursor\",\"search\":\"a\"}")$(member code)" = 409cursor_not_usable ]
check "it is good by itself" [ "$(ask "{\"cursor\":\"$cursor\"}")" = 200 ]
# refreshed: the connection leads to a sandbox that was made anew: another id behind the same name
session() { # NAME ORG-ID NUMBER CONNECTION: a fault that answers for the add-on
    printf '{"path":"/addons/sandbox/authorizations/%s","status":200,"body":{"status":"authorized","org":{"id":"%s","developer_name":"%s","instance_url":"http://127.0.0.%s:%s","type":"SalesforceOrg","api_version":"58.0","user_auth":{"username":"admin@example.com","user_id":"005xx000001X8UzAAK","access_token":"%s"}}}}' \
        "$1" "$2" "$1" "$3" "$sandbox_port" "$4"
}
curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/expire"
fault "$(session third 00Dxx0000009hQMEAY 3 "$(token third)")"
check "an org under a new id is not taken for the old one in the middle of a call" [ "$(ask "{\"cursor\":\"$cursor\"}")" = 200 ]
check "its part is missing" says third '"state":"failed"'
check "the old cursor does not lead into it" [ "$(ask "{\"cursor\":\"$cursor\"}")$(member code)" = 409cursor_not_usable ]
check "a new list shows it" [ "$(ask '{}')" = 200 ]
check "with its new id" says third '00Dxx0000009hQMEAY'
mend

# ---- two connections to one org, and 40 ----
again CONNECTIONS=partner,twin
fault "$(session twin 00Dxx0000002hQMEAY 2 "$(token partner)")"
check "two connections to one org" [ "$(ask '{}')" = 200 ]
check "show its accounts once" [ "$(ids | wc -l)$(ids | grep -c '"twin"')" = 100 ]
check "and the second says why" says twin '"state":"sameOrg"'
check "asked for alone it is shown" [ "$(ask '{"connections":["twin"]}')$(ids | grep -c '"twin"')" = 20010 ]
mend
list=c01 n=2
while [ $n -le 40 ]; do
    list=$list,c$(printf %02d $n)
    n=$((n + 1))
done
again CONNECTIONS="$list"
partner=$(token partner) n=1 all=
while [ $n -le 40 ]; do
    all=$all${all:+,}$(session "c$(printf %02d $n)" "00Dxx00000$(printf %02d $n)hQM" 2 "$partner")
    n=$((n + 1))
done
fault "[$all]"
check "40 connections" [ "$(ask '{"pageSize":200}')" = 200 ]
check "all of them answer" [ "$(grep -o '"state":"answered"' "$work/answer" | wc -l)" = 40 ]
check "with their accounts in one order" [ "$(member total)$(ids | wc -l)$(names | sort -f | head -n 1)" = "400200100 % <b>\\" ]
mend
check "no token in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}|sandbox-token' '$work/host.log' '$work/host.log.before'"
totals
