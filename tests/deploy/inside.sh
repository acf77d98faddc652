#!/bin/sh
# inside.sh - the rehearsal itself, inside its namespace. Started by rehearse.sh.
TEST_WORK=$1
. "$(dirname "$0")/../lib.sh"
page=${PAGE:-docs/deploy.md}

# ---- the world: names, trust, stand-ins, a home of its own ----
# The stand-ins have an address that looks public, since the host sends no token to a private one. It exists in this namespace only.
address=97.31.4.1
ip link set lo up && ip addr add $address/32 dev lo || exit 1
{ echo "127.0.0.1 localhost"; echo "::1 localhost"; sed "s/^/$address /" tests/deploy/names; } >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts && mount --bind "$work/tls/bundle.pem" /etc/ssl/certs/ca-certificates.crt || exit 1
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY MAKEFLAGS MAKELEVEL MFLAGS HEROKU_API_KEY HEROKU_APP
mkdir -p "$work/bin"
ln -sf "$top/tests/deploy/browser.sh" "$work/bin/xdg-open"
export HOME="$work/home" XDG_CACHE_HOME="$work/home/cache" XDG_CONFIG_HOME="$work/home/config" XDG_DATA_HOME="$work/home/data" \
    NODE_EXTRA_CA_CERTS="$work/tls/cert.pem" PATH="$work/bin:$PATH" BROWSER="$top/tests/deploy/browser.sh" REHEARSAL_WORK="$work" \
    SF_USE_GENERIC_UNIX_KEYCHAIN=true STANDIN_TOKEN=stand-in-token STANDIN_ADDON_TOKEN=stand-in-addon-token STANDIN_ADDRESS=$address
start "$work/cloud.log" env SANDBOX_PORT=0 SANDBOX_TOKEN="$STANDIN_ADDON_TOKEN" SANDBOX_FILES=tests/deploy/org "$B/sandbox" serve || exit 1
cloud_url=http://127.0.0.1:$port
start "$work/standin.err" node tests/deploy/standin.mjs "$work" "$cloud_url" || exit 1

# ---- what is not word for word ----
# replaced COMMAND-FILE: prints what is run instead, and why on stderr
replaced() {
    case $(cat "$1") in
    'heroku login')
        echo "script -qec 'heroku login' /dev/null"
        echo "heroku login wants a terminal: script(1) gives it one" >&2 ;;
    'heroku plugins:install @heroku-cli/plugin-applink')
        echo "heroku plugins:link --no-install '${APPLINK_PLUGIN:-$top/tests/deploy/applink}'"
        echo "no registry in the namespace, and the plugin is not in the one outside: ours is linked (tests/deploy/applink)" >&2 ;;
    ./invoke*'"flightId": "..."'*)
        sed "s/\"flightId\": \"\\.\\.\\.\"/\"flightId\": \"$flight\"/" "$1"
        echo "the page leaves the id open: $flight" >&2 ;;
    *) return 1 ;;
    esac
}

# ---- running commands: one shell per command, with the variables and the folder of the one before ----
state=$work/state cwd=$work/cwd
: >"$state"
echo "$work/clone" >"$cwd"
# step FILE: runs it; $work/out and $work/err hold what it printed
step() {
    {
        cat "$state"
        printf 'cd "%s" || exit 1\n' "$(cat "$cwd")"
        if replaced "$1" 2>"$work/why" >"$work/instead"; then cat "$work/instead"; else cat "$1"; fi
        printf 'code=$?; export -p >"%s"; pwd >"%s"; exit $code\n' "$state" "$cwd"
    } >"$work/script"
    # what the commands that ask are told: a key, or the name again. The others get nothing: an optional argument would be read from there.
    case $(cat "$1") in
    *login* | *:connect* | *authorizations:add* | *disconnect* | *destroy*) printf '%s\n\n\n' "${answer:-}" ;;
    esac | timeout -k 5 ${COMMAND_TIME:-300} sh "$work/script" >"$work/out" 2>"$work/err"
}
# said TEXT: the command before printed it
said() { cat "$work/out" "$work/err" | grep -qF -- "$1" || { echo "  not said: $1"; show; return 1; }; }
show() { sed 's/^/  | /' "$work/out" "$work/err" | tail -n "${1:-25}"; }
# now COMMAND...: a command that the page gives within its text or tables
now() { printf '%s\n' "$1" >"$work/inline"; step "$work/inline"; }
# try WHAT COMMAND [SHELL]: it must succeed, and then SHELL must hold
try() {
    now "$2"
    code=$?
    echo "\$ $2"
    if [ $code -ne 0 ]; then fail "$1: exit code $code"; show
    elif ! eval "${3:-true}"; then fail "$1"; show
    else passed=$((passed + 1)); echo "  ok: $1"; fi
}
# refuses WHAT TEXT COMMAND: it must fail and say TEXT
refuses() {
    now "$3"
    code=$?
    echo "\$ $3"
    if [ $code -eq 0 ]; then fail "$1: it succeeded"; show
    elif ! said "$2"; then fail "$1"
    else passed=$((passed + 1)); echo "  ok: $1 (exit code $code)"; fi
}

# after FILE: what must be true once a command of the page has run
after() {
    case $(cat "$1") in
    'heroku login'*) said 'you@example.com' ;;
    'heroku create'*) said "https://git.heroku.com/my-action-host.git" ;;
    'heroku addons:create'*) said HEROKU_APPLINK_API_URL && said HEROKU_APPLINK_TOKEN ;;
    'heroku config:set HEROKU_APP_ID'*) grep -Eq 'HEROKU_APP_ID: +[0-9a-f]{8}-[0-9a-f-]{27}$' "$work/out" ;;
    'git push'*) said 'Deployed to Heroku' ;;
    'heroku logs'*) said 'at=ready' && said 'app[web.1]' && [ "$(wc -l <"$work/out")" -le 20 ] ;;
    'curl -s '*ready*) [ "$(cat "$work/out")" = '{"status":"ready"}' ] ;;
    'sf org login'*) said 'Successfully authorized' ;;
    'heroku salesforce:connect'*) said connected ;;
    'sf project deploy start --source-dir force-app'*) said 'Status: Succeeded' && said ActionHostElevated ;;
    'heroku salesforce:publish '*) cmp "$work/published/ActionHost.json" openapi/actionhost.openapi.json ;;
    'heroku salesforce:publications'*) said my_org ;;
    'sf org assign permset'*) said 'Permission Set Assignment' ;;
    'sf project deploy start --source-dir actions-app'*) said 'Status: Succeeded' && said CarbonFootprintQueueableTest ;;
    'echo "System.debug'*) said 'kg' && grep -q 'salesforce called calculateCarbonFootprint: 200' "$work/standin.log" ;;
    'heroku datacloud:connect'*) said connected ;;
    'heroku datacloud:data-action-target'*) said created ;;
    ./invoke*writeBack*) grep -q totalCo2Kg "$work/out" && written_back ;;
    ./invoke*) grep -q totalCo2Kg "$work/out" ;;
    esac
}
# org SOQL: what the org holds, as sf tells it
org() { (cd "$work/clone" && timeout 60 sf data query --query "$1" --target-org my_org --json </dev/null 2>/dev/null); }
written_back() { org "SELECT CO2_Calculated_At__c FROM Flight__c WHERE Id = '$flight'" | grep -q '"CO2_Calculated_At__c": "20'; }

# ---- the page ----
node tests/deploy/plan.mjs "$page" "$work/commands" || exit 1
section=
for file in "$work"/commands/???; do
    at=$(cat "$file.at")
    [ "${at% (line*}" = "$section" ] || { section=${at% (line*}; echo; echo "## $section"; }
    case $section in
    4.*) [ -n "${early:-}" ] || { early=yes; . tests/deploy/early.sh; } ;;
    9.*) [ -n "${local_host:-}" ] || . tests/deploy/local.sh ;;
    esac
    begun=$(date +%s)
    step "$file"
    code=$?
    sed '1s/^/$ /; 2,$s/^/  /' "$file"
    [ ! -s "$work/why" ] || sed 's/^/  replaced: /' "$work/why"
    [ ! -s "$work/why" ] || sed 's/^/  $ /' "$work/instead"
    took="$(($(date +%s) - begun)) s"
    if [ $code -ne 0 ]; then fail "line ${at##*line }: exit code $code after $took"; show
    elif ! after "$file"; then fail "line ${at##*line }: it did not do what the page says"; show
    else passed=$((passed + 1)); echo "  ok, $took"; fi
    [ -z "${V:-}" ] || show 100
    cp "$work/out" "$file.out"; cp "$work/err" "$file.err"
    case $(cat "$file") in 'heroku datacloud:data-action-target'*) . tests/deploy/update.sh ;; esac
done
[ -n "${PAGE:-}" ] || . tests/deploy/leave.sh
echo
totals
