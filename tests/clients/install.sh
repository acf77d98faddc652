# install.sh - Salesforce's clients from the registry into build/clients, once, pinned by the lockfile, with a Node of their own.
# Sourced, not run: by the suite that tests them and by the race of quotes.

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
