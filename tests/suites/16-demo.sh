#!/bin/sh
# 16-demo.sh - what `make demo` shows a newcomer: a screen of at most 60 lines, files that are there, a page that opens from the disk; and
# that it fails when something is not as it should be.
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh
out=build/demo

TEST_WORK="$work/demo" tests/demo.sh >"$work/screen"
check "the demo succeeds" [ $? -eq 0 ]
check "on a screen of at most 60 lines" [ "$(wc -l <"$work/screen")" -le 60 ]
check "of at most 80 columns" [ "$(awk '{ if (length($0) > most) most = length($0) } END { print most }' "$work/screen")" -le 80 ]
says() { grep -q -- "$1" "$work/screen" || { echo "not on the screen: $1"; return 1; }; }
check "it says what a passenger weighs" says '1,729 kg per passenger'
check "and for how many" says '9 booked of 265 seats'
check "what a month costs" says '\$644.90 a month *3.50% APR *best rival 5.88%'
check "that an error was expected" says '404 flight_not_found, as expected'
check "that a killed worker loses nothing and doubles nothing" says '1,000 quotes in the org, none twice'
check "and one was killed, in the middle of its step" grep -q 'at=worker-ended.*signal=9' "$work/demo/work.log"
check "that an event made a quote" says '1 quote  *event to quote'
check "what several orgs have" says 'accounts  *8 of partner  *4 of third'
check "and what to open and to type next" sh -c "grep -q 'open build/demo/index.html' '$work/screen' && grep -q '^  make run ' '$work/screen' && grep -q '^  ./invoke ' '$work/screen'"
named() {
    for file in $(grep -o '[a-z0-9-]*\.\(pdf\|png\)' "$work/screen"); do [ -s "$out/$file" ] || { echo "no $file"; return 1; }; done
}
check "every file that it names is there" named
everything() {
    "$B/actionhost" actions | awk 'NR > 1 && $1 !~ /Async$/ { print $1 }' | while read -r operation; do
        grep -q "\"operation\": \"$operation\"" "$out/calls.json" || { echo "not called: $operation"; return 1; }
    done
}
check "every action was called" everything
check "the page asks nothing of any other place" sh -c "! grep -Eio '(src|href)=\"(https?:)?//[^\"]*' '$out/index.html'"
check "and has no script" sh -c "! grep -qi '<script' '$out/index.html'"

HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# shellcheck disable=SC2046
start_host "$B/tests/actionhost-test" $(jobs_settings) || exit 1
mkdir -p "$work/out"
# try TABLE [ACTION...]: the calls alone, on what is in a table of one's own
try() {
    printf '{"calls": [%s]}' "$1" >"$work/calls.json"
    shift
    "$B/tests/demo" "$sandbox_url" "$work/out" 0 "$work/calls.json" "$@" >"$work/tried"
}
good='{"group": "Test", "operation": "echo", "input": {"text": "a"}, "line": "{members} member"}'
check "a call as expected" try "$good"
not() { ! "$@" && grep -q '^ *[A-Za-z ]*FAIL echo' "$work/tried" || { cat "$work/tried"; return 1; }; }
check "a figure that the answer lacks is a failure" not try '{"group": "Test", "operation": "echo", "input": {"text": "a"}, "line": "{nothing}"}'
check "so is another status" not try '{"group": "Test", "operation": "echo", "input": {"text": 5}, "line": "x"}'
check "and a success where an error was expected" not try '{"group": "Test", "operation": "echo", "input": {"text": "a"}, "status": 404, "line": "x"}'
quotes='"group": "Test", "operation": "generateQuotes", "input": {"opportunityIds": ["006xx000001a2c0AAA"]}, "line": "{done} quoted"'
check "a job as expected" try "{$quotes, \"count\": \"SELECT COUNT() FROM Quote\"}"
miscounted() { ! try "{$quotes, \"count\": \"SELECT COUNT() FROM Contact\"}" && grep -q 'FAIL generateQuotes' "$work/tried" || { cat "$work/tried"; return 1; }; }
check "a count that is another is a failure" miscounted
unkilled() { ! try "{$quotes, \"kill\": true}" && grep -q 'FAIL generateQuotes' "$work/tried"; }
check "so is a worker that was to be ended and was not" unkilled
unknown() { try '{"group": "Test", "operation": "misbehave", "input": {"how": "sleep", "ms": 1}, "line": "slept"}' tests/actions/echo/action.json && grep -q '^  More  *echo: ' "$work/tried"; }
check "an action that the table does not know is called with its own example" unknown
long=$(head -c 20000 /dev/zero | tr '\0' x)
printf '{"calls": [{"group": "Test", "operation": "echo", "input": {"text": "%s"}, "line": "{members} member"}]}' "$long" >"$work/calls.json"
V=1 "$B/tests/demo" "$sandbox_url" "$work/out" 0 "$work/calls.json" >"$work/tried"
check "V=1 prints request and answer, and says where the rest of a long one is" grep -q "^   ... 20[0-9]* bytes are left out; the whole is in $work/out" "$work/tried"
check "which is there" sh -c "[ \"\$(wc -c <'$work/out/calls.json')\" -gt 20000 ]"

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$chromium" ]; then
    skip_node "the demo's page in a browser: no chromium (./deps.sh node)"
elif ! tools_ready; then
    skip_node "the demo's page in a browser: $tools_why"
else
    timeout 120 node openapi/docs_page.mjs "$chromium" "file://$top/$out/index.html" - demo >"$work/visit.log" 2>&1
    check "the page in a browser" [ $? -eq 0 ] || cat "$work/visit.log"
fi
totals
