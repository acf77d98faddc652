# tools.sh - sourced beside openapi/tools.sh. Defines
#   clients_ready [install]   true when heroku and sf are installed and a node that they accept is there; puts them on the PATH
#   namespace_ready           true when a network namespace can be made; sets $unshare_how

deploy_dir=$top/tests/deploy

clients_ready() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || { tools_why='node and npm are absent (./deps.sh node)'; return 1; }
    if ! cmp -s "$deploy_dir/package-lock.json" "$deploy_dir/node_modules/.installed"; then
        [ "${1:-}" = install ] || { tools_why='heroku and sf are not installed, 550 MB (make rehearse installs them)'; return 1; }
        echo "installing heroku and sf, 550 MB"
        npm_install "$deploy_dir" || { tools_why="npm could not install heroku and sf: $(tail -n 1 "$work/npm.log")"; return 1; }
    fi
    if ! node -e 'process.exit(process.versions.node.split(".")[0] >= 22 ? 0 : 1)'; then
        npm_install "$tools_dir/node" || { tools_why="sf needs node 22 and it could not be installed"; return 1; }
        for newer in "$tools_dir"/node/node_modules/node-linux-*/bin; do PATH=$newer:$PATH; done
    fi
    PATH=$deploy_dir/node_modules/.bin:$PATH
    # nothing of the clients may look for updates or tell anyone about itself
    export PATH SF_DISABLE_TELEMETRY=true SF_AUTOUPDATE_DISABLE=true SF_DISABLE_AUTOUPDATE=true SF_SKIP_NEW_VERSION_CHECK=true \
        SF_DISABLE_LOG_FILE=true DISABLE_TELEMETRY=true HEROKU_SKIP_NEW_VERSION_CHECK=1 HEROKU_DISABLE_AUTOUPDATE=1 NO_COLOR=1
}

namespace_ready() {
    for tool in unshare ip openssl curl git jq xmllint script; do
        command -v $tool >/dev/null 2>&1 || { tools_why="$tool is not installed (./deps.sh rehearse)"; return 1; }
    done
    # its processes are in a namespace too, so that none is left when the rehearsal ends
    unshare_how='-nmp --fork --kill-child --mount-proc'
    [ "$(id -u)" = 0 ] || unshare_how="-r $unshare_how"
    unshare $unshare_how sh -c 'ip link set lo up && mount --bind /etc/hosts /etc/hosts' 2>/dev/null ||
        { tools_why='this machine gives no network namespace (unshare)'; return 1; }
}
