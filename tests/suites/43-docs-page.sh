#!/bin/sh
# 43-docs-page.sh - the docs page: what is served, and people's visits in headless Chromium: every action has a form, answers are shown as
# what they are, axe finds nothing, nothing is asked of any other machine.
# long: 20
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh

host=$B/tests/actionhost-test
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# shellcheck disable=SC2046
start_host "$host" $(jobs_settings) RATE_PROVIDERS="$(rate_providers)" DOCS=on DOCS_SIGN_URL="$sandbox_url" || exit 1
status_of() { curl -s -o /dev/null -w '%{http_code}' "$@"; }

check "the page has a policy" sh -c "curl -s -o /dev/null -D - '$host_url/docs' | grep -qi \"^content-security-policy: default-src 'none'\""
check "which allows nothing inline" sh -c "! curl -s -o /dev/null -D - '$host_url/docs' | grep -i '^content-security-policy:' | grep -q unsafe"
check "/ leads to it" sh -c "[ '$(status_of "$host_url/")' = 302 ] && curl -s -o /dev/null -D - '$host_url/' | grep -qi '^location: /docs'"
curl -s "$host_url/openapi.json" >"$work/served.json"
"$host" openapi >"$work/printed.json"
check "the served document is the printed one" cmp "$work/served.json" "$work/printed.json"
check "POST /docs is 405" [ "$(status_of -X POST -d '' "$host_url/docs")" = 405 ]
preflight() { status_of -X OPTIONS -H "Origin: $1" -H 'Access-Control-Request-Method: POST' "$sandbox_url/sandbox/$2"; }
check "the sandbox lets pages of this machine invoke" [ "$(preflight "$host_url" invoke/echo)" = 204 ]
check "and send data actions" [ "$(preflight "$host_url" data-action/logDataAction)" = 204 ]
check "and no others" [ "$(preflight http://evil.example invoke/echo)" = 403 ]
check "nor turn its knobs" [ "$(preflight "$host_url" reset)" != 204 ]
told() { # the codes of the host that the page explains are codes that operators know
    sed -n '/^const HOST_ERRORS/,/^\];/s/^ *\["\([a-z_]*\)", \([0-9]*\),.*/\1 | \2/p' openapi/docs/docs.js >"$work/codes"
    [ -s "$work/codes" ] && while IFS='|' read -r code status; do
        grep -q "^| \`${code% }\`.*${status# } |" docs/operate.md || { echo "not in docs/operate.md: $code $status"; return 1; }
    done <"$work/codes"
}
check "the host's own refusals are those of docs/operate.md" told

# what an action has stored, for people
invoke() { curl -s -X POST -H 'content-type: application/json' -d "$2" "$sandbox_url/sandbox/invoke/$1"; }
card=$(invoke generateSocialCards '{"campaignId": "701xx0000000010AAA", "presets": ["og"]}' | sed -n 's/.*"contentVersionId":"\([^"]*\)".*/\1/p')
check "a file of the org is shown" sh -c "curl -s '$sandbox_url/sandbox/files/$card' | head -c 4 | grep -q PNG"
check "as the picture that it is" sh -c "curl -s -o /dev/null -D - '$sandbox_url/sandbox/files/$card' | grep -qi '^content-type: image/png'"
check "or saved under its name" sh -c "curl -s -o /dev/null -D - '$sandbox_url/sandbox/files/$card?save=1' | grep -qi '^content-disposition: attachment; filename=.*\.png'"
check "what is no file is 404" [ "$(status_of "$sandbox_url/sandbox/files/001xx000003DGb0AAG")$(status_of "$sandbox_url/sandbox/files/..%2Fx")$(status_of "$sandbox_url/sandbox/files/")" = 404404404 ]

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
visits() { # CASES...
    mkdir -p build/pages
    timeout 240 node openapi/docs_page.mjs "$chromium" "$host_url" "$pictures" "$@" >"$work/visits.log" 2>&1
    code=$?
    while read -r verdict text; do
        case $verdict in ok) pass "$text" ;; FAIL) fail "$text" ;; *) echo "    $verdict $text" ;; esac
    done <"$work/visits.log"
    [ $code -eq 0 ] || check "the visits end well" grep -q '^FAIL' "$work/visits.log"
}
browser=
if [ -z "$chromium" ]; then
    skip_node "the docs page in a browser: no chromium (./deps.sh node)"
elif ! tools_ready; then
    skip_node "the docs page in a browser: $tools_why"
else
    browser=yes
    if [ -n "${LONG:-}" ]; then all=looks pictures=build/pages; else all='' pictures=-; fi
    # shellcheck disable=SC2086
    visits everything cards agreement wrongInput job dataAction keyboard glance $all
fi
stop "$host_pid"
if start_host "$host" DOCS=on; then
    [ -z "$browser" ] || visits alone
    stop "$host_pid"
else
    fail "the host starts with DOCS alone"
fi
if start_host "$B/actionhost"; then
    check "without DOCS there is no page" [ "$(status_of "$host_url/docs")$(status_of "$host_url/docs/about.json")" = 404404 ]
    check "no document" [ "$(status_of "$host_url/openapi.json")" = 404 ]
    check "and / leads nowhere" [ "$(status_of "$host_url/")" = 404 ]
    stop "$host_pid"
else
    fail "the host starts without DOCS"
fi
check "a strange DOCS_SIGN_URL stops the start" sh -c "! env PORT=0 BIND=127.0.0.1 HEROKU_APPLINK_API_URL='$sandbox_url/addons/sandbox' \
    HEROKU_APPLINK_TOKEN=sandbox-token HEROKU_APP_ID=11111111-2222-4333-8444-555555555555 DOCS=on DOCS_SIGN_URL='http://a;b' timeout 20 \
    '$B/actionhost' serve >/dev/null 2>&1"
totals
