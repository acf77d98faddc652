#!/bin/sh
# 57-sandbox-orgs.sh - three orgs of the sandbox at three addresses and one port, over real sockets.
. "$(dirname "$0")/../lib.sh"

start_sandbox || exit 1

at() { echo "http://127.0.0.$1:$sandbox_port"; }
get() { curl -s --noproxy '*' -o "$work/answer" -w '%{http_code}' "$@"; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/answer"; }
# authorized NAME: sets $token and $instance
authorized() {
    get -H 'Authorization: Bearer sandbox-token' -H 'X-App-UUID: 11111111-2222-4333-8444-555555555555' "$sandbox_url/addons/sandbox/authorizations/$1" >/dev/null
    token=$(member access_token) instance=$(member instance_url)
}
# own NAME NUMBER: the instance URL is that address, where the token is good, and nowhere else
own() {
    authorized "$1"
    [ "$instance" = "$(at "$2")" ] || { echo "$1: $instance"; return 1; }
    for n in 1 2 3; do
        want=401
        [ $n = "$2" ] && want=200
        got=$(get -H "Authorization: Bearer $token" "$(at $n)/services/data/v58.0/limits")
        [ "$got" = $want ] || { echo "token of $1 at $(at $n): $got, not $want"; return 1; }
    done
}
check "sandbox answers at 127.0.0.1 alone" own sandbox 1
check "partner answers at 127.0.0.2 alone" own partner 2
check "third answers at 127.0.0.3 alone" own third 3

# taken NUMBER: a port that another program has at one address is no port for the sandbox
taken() {
    SANDBOX_PUBSUB_PORT=0 SANDBOX_PORT=$sandbox_port timeout 10 "$B/sandbox" serve 2>"$work/taken"
    [ $? -eq 69 ] && grep -q "cannot listen on 127.0.0.1, 127.0.0.2 and 127.0.0.3 at port $sandbox_port" "$work/taken"
}
check "a port in use is told" taken

# held answers end with the program
held() {
    start_sandbox || return 1
    authorized sandbox
    get -d '{"statementMs":60000}' "$sandbox_url/sandbox/model" >/dev/null
    curl -s --noproxy '*' -o "$work/held" -m 60 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{"Name":"Held"}' "$sandbox_url/services/data/v62.0/sobjects/Account" &
    caller=$!
    n=0
    until curl -s --noproxy '*' "$sandbox_url/sandbox/model" | grep -q '"workMs":60000'; do
        n=$((n + 1))
        [ $n -lt 200 ] || return 1
        sleep 0.05
    done
    kill -TERM "$sandbox_pid"
    wait "$caller"
    grep -q '"success":true' "$work/held"
}
check "an answer that the model holds goes out when the sandbox ends" held
totals
