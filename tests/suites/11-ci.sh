#!/bin/sh
# 11-ci.sh - what CI relies on: tests that need Node are skipped where it is absent, and fail where it must be there.
. "$(dirname "$0")/../lib.sh"

# every program of this machine but Node
bin=$top/$work/bin
rm -rf "$bin" && mkdir -p "$bin"
for folder in $(echo "$PATH" | tr ':' ' '); do ln -s "$folder"/* "$bin/" 2>/dev/null; done
rm -f "$bin/node" "$bin/nodejs" "$bin/npm" "$bin/npx"
# without SUITE LINE [NAME=VALUE]: the last line of that suite without Node
without() {
    suite=$1 line=$2
    shift 2
    last=$(env -u NODE_REQUIRED PATH="$bin" TEST_WORK="$work/without" "$@" sh "tests/suites/$suite" 2>&1 | tail -n 1)
    [ "$last" = "$line" ] || { echo "  $last"; return 1; }
}
for suite in 41-schema-oracle.sh 42-contract.sh; do
    check "$suite is skipped without Node" without $suite '0 passed, 0 failed, 1 skipped'
    check "$suite fails where Node must be there" without $suite '0 passed, 1 failed, 0 skipped' NODE_REQUIRED=1
done
peers_without() {
    env PATH="$bin" TEST_WORK="$work/peers" NODE_REQUIRED=1 sh bench/peers.sh >"$work/peers.out" 2>&1
    [ $? -eq 69 ] && grep -q '^SKIPPED fastify-sdk-without-authentication: node or npm is not installed' "$work/peers.out" || { cat "$work/peers.out"; return 1; }
}
check "make bench-peers tells that its peer is missing, and fails where Node must be there" peers_without
check "CI says that it must" grep -q '^NODE_REQUIRED=1 make test$' .ci/run
# 72-deploy skips what needs 550 MB of clients, wherever it runs
# shellcheck disable=SC2046
quiet() { ! grep -nE '(^|[^_])skip "[^"]*(\$tools_why|\$reason|npm|Node|chromium)' $(ls tests/suites/[2-9]*.sh | grep -v 72-deploy); }
check "no suite skips for want of Node by itself" quiet
rm -rf "$bin"
totals
