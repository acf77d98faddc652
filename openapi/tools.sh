# tools.sh - sourced by the suites that need the tools of package.json. Defines
#   tools_ready   true when node and the tools can be used; else the reason is in $tools_why. Puts both on the PATH.
# Installs from the lockfile when node_modules is older than it; without network what is there is used or nothing.

tools_dir=$top/openapi
tools_why=

node_is_new() { # Redocly's own need: 20.19, or 22.12 and later
    "${1:-node}" -e 'const [a, b] = process.versions.node.split(".").map(Number);
        process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
}

# npm_install FOLDER: what its lockfile says, once; suites that run at the same time wait for the first of them.
npm_install() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return 0
    (
        flock 9 || exit 1
        cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && exit 0
        npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error >"$work/npm.log" 2>&1 || exit 1
        cp "$1/package-lock.json" "$1/node_modules/.installed"
    ) 9>"$top/build/npm.lock"
}

tools_ready() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || { tools_why='node and npm are absent (./deps.sh node)'; return 1; }
    if ! node_is_new; then
        # Debian's node is older than Redocly's need: a newer one comes as a package of its own
        npm_install "$tools_dir/node" || { tools_why="node $(node --version) is too old and a newer one could not be installed"; return 1; }
        for newer in "$tools_dir"/node/node_modules/node-linux-*/bin; do PATH=$newer:$PATH; done
        node_is_new || { tools_why="node $(node --version) is too old"; return 1; }
    fi
    npm_install "$tools_dir" || { tools_why="npm could not install the tools: $(tail -n 1 "$work/npm.log")"; return 1; }
    PATH=$tools_dir/node_modules/.bin:$PATH
    export PATH REDOCLY_TELEMETRY=off
}
