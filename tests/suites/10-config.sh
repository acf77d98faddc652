#!/bin/sh
# Settings and commands: every fault is named at once, exit code 78; secrets are masked.
. tests/lib.sh
good="HEROKU_APPLINK_API_URL=https://addon.example/addons/1 HEROKU_APPLINK_TOKEN=planted-token-value HEROKU_APP_ID=11111111-2222-4333-8444-555555555555"
host=$B/tests/actionhost-bare
tab=$(printf '\t')

while IFS= read -r line; do
    case $line in '#'* | '') continue ;; esac
    name=${line%%"$tab"*} rest=${line#*"$tab"}
    value=${rest%%"$tab"*} want=${rest#*"$tab"}
    env -i PATH="$PATH" $good PORT=0 BIND=127.0.0.1 "$name=$value" timeout 10 "$host" serve >"$work/out" 2>"$work/err"
    code=$?
    if [ $code -eq 78 ] && grep -qF -- "$want" "$work/err"; then pass "$name=$value"; else fail "$name=$value: exit $code: $(cat "$work/err")"; fi
done <tests/cases/settings.tsv

env -i PATH="$PATH" QUEUE_MAX=x DOCS=x LOG_LEVEL=x timeout 10 "$host" serve 2>"$work/err"
check "all faults at once" test "$(grep -c '^  - ' "$work/err")" -eq 6
env -i PATH="$PATH" $good HEROKU_APPLINK_ADDON_NAME=purple HEROKU_APPLINK_PURPLE_API_URL=https://p.example/addons/2 \
    HEROKU_APPLINK_PURPLE_TOKEN=purple-token ORG_HOSTS='*' timeout 10 "$host" serve 2>"$work/err"
check "a colour is found beside the attachment" test "$(grep -c '^  - ' "$work/err")" -eq 1
env -i PATH="$PATH" "$host" openapi >"$work/openapi.json" 2>"$work/err"
check "the document needs no environment" test $? -eq 0 -a -s "$work/openapi.json"
env -i PATH="$PATH" $good METRICS_TOKEN=planted-metrics-token "$host" config >"$work/config.txt"
check "config shows every setting of the contract" sh -c 'for s in PORT BIND HEROKU_APPLINK_API_URL HEROKU_APPLINK_TOKEN HEROKU_APP_ID APPLINK_AUTH APPLINK_JWKS_FILE \
    APPLINK_JWKS_URL APPLINK_ISSUERS APPLINK_AUDIENCES JWKS_MAX_AGE_S DATA_ACTION_SECRETS_FILE ORG_HOSTS WORKERS_MIN WORKERS_MAX WORKER_CALLS WORKER_MEMORY_MB \
    QUEUE_MAX BODY_BUDGET_MB REQUEST_TIMEOUT_MS ADDON_TIMEOUT_MS REPLAY_WINDOW_S REPLAY_MAX DOCS METRICS_TOKEN LOG_LEVEL; do
    grep -q "^$s " "'"$work/config.txt"'" || { echo "missing: $s"; exit 1; }; done'
check "config masks secrets" sh -c "! grep -q planted- '$work/config.txt' && [ \$(grep -c '\*\*\*\*' '$work/config.txt') -eq 2 ]"
check "actions prints the registered ones" sh -c "env -i '$host' actions | grep -q '^echo '"
check "version names the libraries" sh -c "env -i '$host' version | grep -q libmicrohttpd"
sed -n '/^<!-- settings:/,/^<!-- end of settings/p' README.md | sed '1d;$d' >"$work/readme.md"
env -i "$B/actionhost" config --markdown | diff -u "$work/readme.md" - >"$work/readme.diff"
check "the README's settings are those of the program (make settings refreshes them)" test $? -eq 0
"$host" nonsense 2>/dev/null
check "an unknown command is wrong use" test $? -eq 64

# a port that is taken
start "$work/addon.log" "$B/tests/fake_addon" || exit 1
env -i PATH="$PATH" $good PORT="$port" BIND=127.0.0.1 timeout 10 "$host" serve 2>"$work/err"
code=$?
check "a port that is taken stops the start with its reason" sh -c "[ $code -eq 71 ] && grep -q 'cannot listen on 127.0.0.1 port' '$work/err'"
env -i PATH="$PATH" PORT=0 BIND=nowhere QUEUE_MAX=x timeout 10 "$host" serve 2>"$work/err"
check "BIND that is no address stands among the other faults" sh -c "[ $? -eq 78 ] && grep -q 'BIND is \"nowhere\"' '$work/err' && grep -q QUEUE_MAX '$work/err'"
env -i PATH="$PATH" $good PORT=0 BIND=127.0.0.1 DATA_ACTION_SECRETS_FILE=/nonexistent timeout 10 "$host" serve 2>"$work/err"
check "a secrets file that cannot be read" grep -q 'DATA_ACTION_SECRETS_FILE' "$work/err"
totals
