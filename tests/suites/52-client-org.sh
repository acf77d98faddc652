# 52-client-org.sh - the host's Salesforce client against the sandbox's org: two programs that share no code.
. "$(dirname "$0")/../lib.sh"

start_sandbox || exit 1
token() { curl -s -d "$1&client_id=sandbox-client&client_secret=sandbox-secret" "$sandbox_url/services/oauth2/token" |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'; }
admin=$(token grant_type=client_credentials)
limited=$(token "grant_type=password&username=limited@example.com&password=sandbox-password")
check "tokens" [ -n "$admin" -a -n "$limited" ]
if "$B/tests/client_org" "$sandbox_url" 62.0 "$admin" "$limited" >"$work/org.log" 2>&1; then pass "client and org"; else
    fail "client and org"
    head -40 "$work/org.log"
fi
tail -n 1 "$work/org.log"
totals
