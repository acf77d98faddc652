#!/bin/sh
# 55-soql.sh - the sandbox's SOQL parser beside a second one, the npm package soql-parser-js (pinned by the lockfile, installed once
# into build/soql): examples of every clause, and 5,000 generated queries, half of them damaged. Without npm the case is skipped,
# loudly. What queries find is compared with hand-written SQL in tests/sandbox/test_org_results.c.
. "$(dirname "$0")/../lib.sh"

oracle=build/soql
lock=$(cksum <tests/soql/package-lock.json)

install_oracle() {
    [ "$(cat "$oracle/installed" 2>/dev/null)" = "$lock" ] && return 0
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || { echo "no node or npm (./deps.sh node installs them)"; return 1; }
    rm -rf "$oracle" && mkdir -p "$oracle" || return 1
    cp tests/soql/package.json tests/soql/package-lock.json tests/soql/.npmrc "$oracle/"
    (cd "$oracle" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1) ||
        { echo "npm ci failed: $(tail -n 3 "$oracle/npm.log" | tr '\n' ' ')"; return 1; }
    printf '%s' "$lock" >"$oracle/installed"
}

if ! reason=$(install_oracle); then
    echo "SKIPPING the comparison of SOQL parsers: $reason"
    skip_node "soql-parser-js: $reason"
else
    seeds=20260401
    [ -z "${LONG:-}" ] || seeds="20260401 7 99 4242 31337"
    cp tests/soql/*.mjs "$oracle/" # beside the package, where Node looks for it
    for seed in $seeds; do
        node "$oracle/compare.mjs" "$B/tests/soql_check" 5000 "$seed" >"$work/$seed.log" 2>&1
        code=$?
        sed 's/^/  /' "$work/$seed.log" | head -n 60
        line=$(tail -n 1 "$work/$seed.log")
        p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p') f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
        passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
        [ "$code" -eq 0 ] && [ "${p:-0}" -gt 4000 ] || [ "${f:-0}" -gt 0 ] || fail "the comparison with seed $seed ended with $code"
    done
fi
totals
