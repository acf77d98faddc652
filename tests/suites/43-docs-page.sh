#!/bin/sh
# 43-docs-page.sh - the docs page in headless Chromium: it opens, lists the operations, tries actions through the sandbox, which signs
# them, and shows their results, without asking any other machine for anything.
# long: 10
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh

HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/tests/actionhost-test" DOCS=on DOCS_SIGN_URL="$sandbox_url" || exit 1

check "the page has a policy" sh -c "curl -s -o /dev/null -D - '$host_url/docs' | grep -qi \"^content-security-policy: default-src 'none'\""
check "the bundle is sent gzipped" sh -c "curl -s -o /dev/null -D - '$host_url/docs/swagger-ui-bundle.js' | grep -qi '^content-encoding: gzip'"
curl -s --compressed "$host_url/docs/swagger-ui-bundle.js" >"$work/bundle.js"
check "and is whole" grep -q SwaggerUIBundle "$work/bundle.js"
curl -s "$host_url/openapi.json" >"$work/served.json"
"$B/tests/actionhost-test" openapi >"$work/printed.json"
check "the served document is the printed one" cmp "$work/served.json" "$work/printed.json"
check "POST /docs is 405" [ "$(curl -s -o /dev/null -w '%{http_code}' -X POST -d '' "$host_url/docs")" = 405 ]
preflight() { curl -s -o /dev/null -w '%{http_code}' -X OPTIONS -H "Origin: $1" -H 'Access-Control-Request-Method: POST' "$sandbox_url/sandbox/invoke/echo"; }
check "the sandbox lets pages of this machine invoke" [ "$(preflight "$host_url")" = 204 ]
check "and no others" [ "$(preflight http://evil.example)" = 403 ]

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
    skip_node "the docs page in a browser: no chromium (./deps.sh node)"
elif ! tools_ready; then
    skip_node "the docs page in a browser: $tools_why"
else
    visit() { # OPERATION INPUT EXPECTED
        if timeout 120 node openapi/browse.mjs "$chromium" "$host_url/docs" "$1" "$2" "$3" "$work/$1.png" >"$work/$1.log" 2>&1; then
            pass "$1 on the page"
        else
            fail "$1 on the page"
            cat "$work/$1.log"
        fi
    }
    visit echo '{"text": "hello from the page"}' 'hello from the page'
    if grep -q '"/api/calculateCarbonFootprint"' "$work/served.json"; then visit calculateCarbonFootprint - totalCo2Kg; else
        skip "calculateCarbonFootprint is not registered"
    fi
    check "a wrong expectation is noticed" sh -c "! timeout 120 node openapi/browse.mjs '$chromium' '$host_url/docs' echo '{\"text\": \"a\"}' nowhere >/dev/null 2>&1"
fi
stop "$host_pid"
if start_host "$B/actionhost"; then
    check "without DOCS there is no page" [ "$(curl -s -o /dev/null -w '%{http_code}' "$host_url/docs")" = 404 ]
    check "and no document" [ "$(curl -s -o /dev/null -w '%{http_code}' "$host_url/openapi.json")" = 404 ]
    stop "$host_pid"
else
    fail "the host starts without DOCS"
fi
check "a strange DOCS_SIGN_URL stops the start" sh -c "! env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL='$sandbox_url/addons/sandbox' \
    HEROKU_APPLINK_TOKEN=sandbox-token HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 DOCS=on DOCS_SIGN_URL='http://a;b' timeout 20 \
    '$B/actionhost' serve >/dev/null 2>&1"
totals
