#!/bin/sh
# Pages of the host's own: HEAD says what GET says and leaves out the body; every 405 names the methods that are right.
. tests/lib.sh
start_sandbox || exit 1
start_host "$B/tests/actionhost-test" DOCS=on METRICS_TOKEN=metrics-token-of-this-test || exit 1

# raw METHOD PATH: the bytes of one answer; the connection is closed behind it. curl waits until then, so its input ends later.
raw() {
    { printf '%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer metrics-token-of-this-test\r\nConnection: close\r\n\r\n' "$1" "$2"
        tries=0
        until grep -q . "$work/raw" 2>/dev/null || [ $tries -gt 100 ]; do tries=$((tries + 1)); sleep 0.05; done; } |
        curl -s --max-time 10 --no-buffer "telnet://127.0.0.1:$host_port" >"$work/raw"
    tr -d '\r' <"$work/raw" >"$work/answer"
}
# head_of: of $work/answer, without what differs from request to request
head_of() { sed '/^$/,$d' "$work/answer" | grep -vi '^date:\|^x-request-id:'; }
body_bytes() { sed '1,/^$/d' "$work/answer" | wc -c; }

for path in /healthcheck /ready /openapi.json /docs /metrics /nothing; do
    : >"$work/raw"
    raw GET "$path"
    head_of >"$work/get"
    bytes=$(body_bytes)
    : >"$work/raw"
    raw HEAD "$path"
    head_of >"$work/head"
    [ "$path" != /metrics ] || sed -i '/^[Cc]ontent-[Ll]ength:/d' "$work/get" "$work/head" # its figures move from one request to the next
    check "HEAD $path has the headers of GET" sh -c "diff '$work/get' '$work/head' && grep -q '^HTTP/1.1 ' '$work/head'"
    check "GET $path has a body" test "$bytes" -gt 0
    check "HEAD $path has none" test "$(body_bytes)" -eq 0
done
check "both are found" sh -c "curl -s -o /dev/null -w '%{http_code}' -I '$host_url/healthcheck' | grep -q 200"

# A connection on which HEAD was asked is kept, and the next answer begins where the head ended.
check "the connection goes on behind a HEAD" test "$(curl -s -o /dev/null -I -w '%{http_code} ' "$host_url/ready" --next -s -o /dev/null -w '%{http_code} %{num_connects}' "$host_url/ready")" = "200 200 0"

allowed() { # METHOD PATH: the status, and Allow
    curl -s -o /dev/null -D "$work/headers" -X "$1" "$host_url$2"
    tr -d '\r' <"$work/headers" | awk 'NR == 1 { status = $2 } tolower($1) == "allow:" { sub(/^[^:]*: */, ""); allow = $0 } END { print status, allow }'
}
for method in POST PUT PATCH DELETE OPTIONS BREW; do
    for path in /healthcheck /ready /openapi.json /docs /metrics; do
        check "$method $path: 405 and what is allowed" test "$(allowed $method $path)" = "405 GET, HEAD"
    done
done
for method in GET PUT PATCH DELETE OPTIONS BREW; do
    check "$method of an action: 405 and what is allowed" test "$(allowed $method /api/echo)" = "405 POST"
done
check "HEAD of an action: likewise" sh -c "curl -s -I '$host_url/api/echo' | tr -d '\r' | grep -qix 'allow: post'"
totals
