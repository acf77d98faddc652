# 53-authorization.sh - an action talks to a second org by the name of its authorization: the front fetches the token and keeps
# it for all workers, until that org says INVALID_SESSION_ID.
. "$(dirname "$0")/../lib.sh"

HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/tests/actionhost-test" WORKERS_MIN=4 WORKERS_MAX=4 || exit 1

ask() { curl -s -o "$work/answer.json" -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"authorization\":\"$1\"}" \
    "$sandbox_url/sandbox/invoke/askTwoOrgs"; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/answer.json"; }
fetched() { curl -s "$sandbox_url/sandbox/log?path=/addons/sandbox/authorizations/partner&limit=1000" | grep -o '/authorizations/partner' | wc -l; }

# a record that only the partner org has
token=$(curl -s -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' \
    "$sandbox_url/addons/sandbox/authorizations/partner" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
curl -s -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{"Name":"AAA Partner"}' \
    "http://127.0.0.2:$sandbox_port/services/data/v62.0/sobjects/Account"
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/log"

check "both orgs answer" [ "$(ask partner)" = 200 ]
own=$(member ownAccount) other=$(member otherAccount)
check "each from its own records" [ -n "$own" -a "$own" != "$other" -a "$other" = "AAA Partner" ]

# many calls at once, on all workers: the add-on was asked once
i=0
while [ $i -lt 24 ]; do
    curl -s -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' -d '{"authorization":"partner"}' \
        "$sandbox_url/sandbox/invoke/askTwoOrgs" >"$work/many.$i" &
    many="${many:-} $!"
    i=$((i + 1))
done
# shellcheck disable=SC2086
wait $many
check "24 calls at once" [ "$(cat "$work"/many.* | grep -c '^200$')" = 24 ]
check "one token for all workers" [ "$(fetched)" = 1 ]

# the partner org ends the session: one refresh, and the calls do not notice
curl -s -o /dev/null -d '{}' "$sandbox_url/sandbox/expire"
check "after the token's end" [ "$(ask partner)" = 200 ]
check "the same records" [ "$(member ownAccount)/$(member otherAccount)" = "$own/$other" ]
check "one more token" [ "$(fetched)" = 2 ]
check "and it is kept" [ "$(ask partner)/$(fetched)" = 200/2 ]

check "an unknown authorization" [ "$(ask nobody)" = 502 ]
check "says so" grep -q '"code":"authorization_failed"' "$work/answer.json"
check "no token in the log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}|sandbox-token' '$work/host.log'"
totals
