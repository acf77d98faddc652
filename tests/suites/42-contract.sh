#!/bin/sh
# 42-contract.sh - Prism stands between a client and the host while the black-box cases and the examples of the declarations run:
# no answer may have a status or a body that the document does not declare. 431 belongs to no operation: headers are
# refused before it is known which one is meant. Cases whose point is the bytes on the wire change on their way through any
# proxy, so what they expect is judged by 20-blackbox, and here only what the host answers.
# long: 15
# timed: cases with deadlines of two seconds
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh

if ! tools_ready; then
    skip_node "contract proxy: $tools_why"
    totals
    exit
fi

# start_prism DOCUMENT LOG: sets $prism_url and $prism_pid
start_prism() {
    prism_port=$(free_port)
    : >"$2"
    prism proxy "$1" "$host_url" -p "$prism_port" -h 127.0.0.1 >"$2" 2>&1 &
    prism_pid=$!
    server_pids="$server_pids $prism_pid"
    tries=0
    until grep -q 'Prism is listening' "$2"; do
        kill -0 "$prism_pid" 2>/dev/null && [ $tries -lt 600 ] || { cat "$2"; return 1; }
        tries=$((tries + 1))
        sleep 0.05
    done
    prism_url=http://127.0.0.1:$prism_port
}

# undeclared LOG: answers that the document does not declare. The requests come one after the other, so each violation belongs to the
# status before it.
undeclared() {
    awk '/The upstream call to .* has returned/ { status = $NF; call = $0 }
         /Violation: response/ && status != 431 { sub(/.*upstream call to /, "", call); print call ": " $0 }' "$1"
}

HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/tests/actionhost-test" $(jobs_settings) ADDON_TIMEOUT_MS=2000 RATE_PROVIDERS="$(rate_providers)" || exit 1
"$B/tests/actionhost-test" openapi >"$work/document.json"
cases=
for file in $(grep -l '"cases"' tests/cases/*.json) actions/*/action.json; do
    case $file in
    *.release.json) [ "${MODE:-release}" = release ] || continue ;;
    *.settings.json) continue ;; # run by suites that set something else
    esac
    cases="$cases $file"
done

start_prism "$work/document.json" "$work/prism.log" || exit 1
"$B/tests/run_cases" "$prism_url" "$sandbox_url" $cases >"$work/cases.log" 2>&1
stop "$prism_pid"
undeclared "$work/prism.log" >"$work/undeclared.log"
check "no answer of the host is undeclared" [ ! -s "$work/undeclared.log" ] || sort "$work/undeclared.log" | uniq -c
calls=$(grep -c 'The upstream call to /api/.* has returned' "$work/prism.log")
check "the proxy saw $calls calls" [ "$calls" -ge 150 ]
for status in 200 201 400 401 403 404 409 413 415 422 502 503 504; do
    check "it saw status $status" grep -q "The upstream call to /api/.* has returned $status" "$work/prism.log"
done

# The same with a document that is wrong in two places: both must be noticed, or the check above proves nothing.
node -e '
    const document = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    for (const item of Object.values(document.paths)) delete item.post.responses[422];
    document.components.schemas.EchoAnswer.properties.text.type = "integer";
    console.log(JSON.stringify(document));' "$work/document.json" >"$work/wrong.json"
start_prism "$work/wrong.json" "$work/prism-wrong.log" || exit 1
"$B/tests/run_cases" "$prism_url" "$sandbox_url" tests/cases/invocation.json >/dev/null 2>&1
stop "$prism_pid"
undeclared "$work/prism-wrong.log" >"$work/noticed.log"
check "a status that is not declared is noticed" grep -q 'has returned 422: .*Unable to match the returned status' "$work/noticed.log"
check "a body that is not declared is noticed" grep -q 'has returned 200: .*response.body.text' "$work/noticed.log"
totals
