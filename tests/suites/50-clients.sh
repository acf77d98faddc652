#!/bin/sh
# 50-clients.sh - Salesforce's own clients, their code unchanged, against the sandbox: the npm packages @heroku/applink and
# jsforce. They come from the registry once (npm ci, pinned by the lockfile, into build/clients) with a Node of their own,
# because they need a newer one than Debian has. Without npm or the registry the cases are skipped, loudly.
. "$(dirname "$0")/../lib.sh"

clients=build/clients
lock=$(cksum <tests/clients/package-lock.json)

install_clients() {
    [ "$(cat "$clients/installed" 2>/dev/null)" = "$lock" ] && return 0
    command -v npm >/dev/null 2>&1 || { echo "no npm (./deps.sh node installs it)"; return 1; }
    rm -rf "$clients" && mkdir -p "$clients" || return 1
    cp tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc "$clients/"
    (cd "$clients" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 >npm.log 2>&1) ||
        { echo "npm ci failed: $(grep -m 1 'npm ERR\|npm error' "$clients/npm.log")"; return 1; }
    printf '%s' "$lock" >"$clients/installed"
}

# The Node that came along, or one of this machine that is new enough (22.19 or later).
find_node() {
    for node in "$clients"/node_modules/node-linux-*/bin/node node; do
        "$node" -e 'const [a, b] = process.versions.node.split(".").map(Number);
            process.exit(a > 22 || (a === 22 && b >= 19) ? 0 : 1)' 2>/dev/null && return 0
    done
    return 1
}

if ! reason=$(install_clients); then
    echo "SKIPPING the tests with Salesforce's own clients: $reason"
    skip_node "@heroku/applink: $reason"
    skip_node "jsforce: $reason"
elif ! find_node; then
    skip_node "@heroku/applink: no Node 22.19 for this machine"
    skip_node "jsforce: no Node 22.19 for this machine"
elif ! start_sandbox; then
    fail "the sandbox did not start"
else
    for client in applink jsforce bulk_applink bulk_jsforce; do
        # beside the packages, where Node looks for them
        cp tests/clients/harness.mjs "tests/clients/$client.mjs" "$clients/"
        curl -sS -X POST "$sandbox_url/sandbox/reset" >/dev/null
        if timeout 240 env SANDBOX_URL="$sandbox_url" NO_PROXY='*' "$node" "$clients/$client.mjs" >"$work/$client.log" 2>&1; then
            code=0
        else
            code=$?
        fi
        p=$(grep -c '^ok ' "$work/$client.log" || true) f=$(grep -c '^FAIL ' "$work/$client.log" || true)
        grep -v '^ok ' "$work/$client.log" | sed "s/^/  $client: /"
        passed=$((passed + p)) failed=$((failed + f))
        [ "$code" -eq 0 ] || [ "$f" -gt 0 ] || fail "$client ended with $code"
        grep -qE '^[0-9]+ passed, [0-9]+ failed' "$work/$client.log" || fail "$client did not finish"
    done
fi
totals
