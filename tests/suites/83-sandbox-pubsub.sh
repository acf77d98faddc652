#!/bin/sh
# 83-sandbox-pubsub.sh - others as clients of the sandbox's Pub/Sub API: grpc-js with the published definition, avsc, and the npm
# package salesforce-pubsub-api-client, its code unchanged. They come from the registry once (npm ci, pinned by the lockfile, into
# build/clients-pubsub). Without npm or the registry the cases are skipped, loudly.
# long: 12
. "$(dirname "$0")/../lib.sh"

clients=build/clients-pubsub
lock=$(cksum <tests/clients/pubsub/package-lock.json)

install_clients() {
    [ "$(cat "$clients/installed" 2>/dev/null)" = "$lock" ] && return 0
    command -v npm >/dev/null 2>&1 || { echo "no npm (./deps.sh node installs it)"; return 1; }
    rm -rf "$clients" && mkdir -p "$clients" || return 1
    cp tests/clients/pubsub/package.json tests/clients/pubsub/package-lock.json tests/clients/pubsub/.npmrc "$clients/"
    (cd "$clients" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 >npm.log 2>&1) ||
        { echo "npm ci failed: $(grep -m 1 'npm ERR\|npm error' "$clients/npm.log")"; return 1; }
    printf '%s' "$lock" >"$clients/installed"
}

# a certificate for the package, which speaks TLS only: the test puts a front of its own before the port
certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
}

if ! reason=$(install_clients); then
    echo "SKIPPING the tests of the sandbox's Pub/Sub API with other clients: $reason"
    skip_node "grpc-js and salesforce-pubsub-api-client: $reason"
elif ! start_sandbox || ! certificate; then
    fail "the sandbox did not start"
else
    pubsub_port=$(sed -n 's/.*at=ready.* pubsub=\([0-9]*\).*/\1/p' "$work/sandbox.log")
    cp tests/clients/harness.mjs tests/clients/pubsub/sandbox.mjs "$clients/" # beside the packages, where Node looks for them
    if timeout 240 env SANDBOX_URL="$sandbox_url" PUBSUB_PORT="$pubsub_port" CERT="$work/cert.pem" KEY="$work/key.pem" NO_PROXY='*' \
        node "$clients/sandbox.mjs" >"$work/client.log" 2>&1; then code=0; else code=$?; fi
    passed=$((passed + $(grep -c '^ok ' "$work/client.log" || true)))
    f=$(grep -c '^FAIL ' "$work/client.log" || true)
    failed=$((failed + f))
    grep -v '^ok ' "$work/client.log"
    [ "$code" -eq 0 ] || [ "$f" -gt 0 ] || fail "the clients ended with $code"
    grep -qE '^[0-9]+ passed, [0-9]+ failed' "$work/client.log" || fail "the clients did not finish"
    check "the sandbox has nothing to say about it" test "$(wc -l <"$work/sandbox.log")" -eq 1
fi
totals
