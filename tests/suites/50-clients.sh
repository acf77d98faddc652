#!/bin/sh
# 50-clients.sh - Salesforce's own clients, their code unchanged, against the sandbox: the npm packages @heroku/applink and
# jsforce. They come from the registry once (npm ci, pinned by the lockfile, into build/clients) with a Node of their own,
# because they need a newer one than Debian has. Without npm or the registry the cases are skipped, loudly.
. "$(dirname "$0")/../lib.sh"

. tests/clients/install.sh

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
