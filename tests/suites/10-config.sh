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
    env -i PATH="$PATH" $good PORT=0 BIND=127.0.0.1 "$name=$value" timeout 10 "$B/actionhost" serve >"$work/out" 2>"$work/err"
    code=$?
    if [ $code -eq 78 ] && grep -qF -- "$want" "$work/err" && ! grep -q planted "$work/err"; then pass "$name=$value"; else fail "$name=$value: exit $code: $(cat "$work/err")"; fi
done <tests/cases/settings.tsv

# Settings of the host, its lists and files, and settings of actions: one list, before anything is forked.
printf '{"keys":[{"kty":"RSA"}]}' >"$work/keys.json"
printf '{"00Dxx0000000001/Alpha":["planted-short"],"nonsense":["planted-secret-text"],"00Dxx0000000001/Beta":7}' >"$work/secrets.json"
env -i PATH="$PATH" $good PORT=x APPLINK_AUTH=jwks APPLINK_ISSUERS=a,,b APPLINK_AUDIENCES=, APPLINK_JWKS_FILE="$work/keys.json" \
    DATA_ACTION_SECRETS_FILE="$work/secrets.json" DOCS=on DOCS_SIGN_URL=nowhere LIST_RATE=abc RATE_PROVIDERS='[{"url":"planted"}]' MAX_YEARS=99 \
    timeout 10 "$B/actionhost" serve >"$work/out" 2>"$work/err"
code=$?
for want in 'PORT is "x": must' 'APPLINK_ISSUERS is "a,,b": must be a list' 'APPLINK_AUDIENCES is ",": must be a list' "APPLINK_JWKS_FILE is \"$work/keys.json\": " \
    "DATA_ACTION_SECRETS_FILE is \"$work/secrets.json\": data action secrets: 00D" 'a name is not <orgId>/<apiName>' 'give a list of one or two secrets' \
    'DOCS_SIGN_URL is "nowhere": must be the origin' 'LIST_RATE is "abc": must' 'RATE_PROVIDERS: entry 1 needs an id' \
    'RATE_PROVIDERS: entry 1 needs a shape' 'MAX_YEARS is "99": must'; do
    check "in one list: $want" grep -qF -- "$want" "$work/err"
done
check "with exit code 78, and nothing but the list" sh -c "[ $code -eq 78 ] && ! grep -v '^  - \|^actionhost: settings are' '$work/err' && [ ! -s '$work/out' ]"
check "and no secret in it" sh -c "! grep planted '$work/err'"

# The Heroku router keeps a connection for 90 s: on a dyno the host must not be the one that closes it.
idle() { # DYNO, IDLE_TIMEOUT_MS; another fault, so that nothing is started
    env -i PATH="$PATH" $good PORT=x "DYNO=$1" "IDLE_TIMEOUT_MS=$2" timeout 10 "$host" serve 2>"$work/err"
    [ $? -eq 78 ] || return 2
    ! grep -q 'IDLE_TIMEOUT_MS is "'"$2"'": must be above 90000 on Heroku: .*H18' "$work/err"
}
idle web.1 90000
check "on a dyno an idle connection kept for 90 s is refused, with the reason" test $? -eq 1
idle web.1 1000
check "and so is one kept for 1 s" test $? -eq 1
idle web.1 90001
check "but not for 90.001 s" test $? -eq 0
idle web.1 ''
check "nor for the default" test $? -eq 0
idle '' 1000
check "elsewhere it may be short" test $? -eq 0
check "the default is longer than the router's" sh -c "env -i '$host' config | awk '\$1 == \"IDLE_TIMEOUT_MS\" { exit !(\$2 > 90000) }'"

# A value too long for the list is a fault all the same, and a fault is one line.
env -i PATH="$PATH" $good PORT=0 BIND=127.0.0.1 QUEUE_MAX="$(printf '1\n2%0100000d' 0)" timeout 10 "$host" serve 2>"$work/err"
check "a value of 100,000 characters and two lines" sh -c "[ $? -eq 78 ] && [ \$(grep -c '' '$work/err') -eq 2 ] && grep -q 'QUEUE_MAX is \"1?20000' '$work/err'"

env -i PATH="$PATH" QUEUE_MAX=x DOCS=x LOG_LEVEL=x timeout 10 "$host" serve 2>"$work/err"
check "all faults at once" test "$(grep -c '^  - ' "$work/err")" -eq 6
env -i PATH="$PATH" $good HEROKU_APPLINK_ADDON_NAME=purple HEROKU_APPLINK_PURPLE_API_URL=https://p.example/addons/2 \
    HEROKU_APPLINK_PURPLE_TOKEN=purple-token ORG_HOSTS='*' timeout 10 "$host" serve 2>"$work/err"
check "a colour is found beside the attachment" test "$(grep -c '^  - ' "$work/err")" -eq 1
env -i PATH="$PATH" "$host" openapi >"$work/openapi.json" 2>"$work/err"
check "the document needs no environment" test $? -eq 0 -a -s "$work/openapi.json"
env -i PATH="$PATH" $good METRICS_TOKEN=planted-metrics-token DATABASE_URL=postgres://u:planted-password@db.example/jobs JOBS_KEY=planted-key "$host" config >"$work/config.txt"
check "config shows every setting of the contract" sh -c 'for s in PORT BIND HEROKU_APPLINK_API_URL HEROKU_APPLINK_TOKEN HEROKU_APP_ID APPLINK_AUTH APPLINK_JWKS_FILE \
    APPLINK_JWKS_URL APPLINK_ISSUERS APPLINK_AUDIENCES JWKS_MAX_AGE_S DATA_ACTION_SECRETS_FILE ORG_HOSTS WORKERS_MIN WORKERS_MAX WORKER_CALLS WORKER_MEMORY_MB \
    QUEUE_MAX BODY_BUDGET_MB REQUEST_TIMEOUT_MS ADDON_TIMEOUT_MS REPLAY_WINDOW_S REPLAY_MAX DOCS METRICS_TOKEN LOG_LEVEL \
    DATABASE_URL JOBS_DB JOBS_RUN JOB_WORKERS_MAX JOBS_POLL_MS JOBS_KEY JOBS_KEEP_DAYS; do
    grep -q "^$s " "'"$work/config.txt"'" || { echo "missing: $s"; exit 1; }; done'
check "config masks secrets" sh -c "! grep -q planted- '$work/config.txt' && [ \$(grep -c '\*\*\*\*' '$work/config.txt') -eq 4 ]"
order() { "$B/actionhost" actions | awk '{ print $1 }' | grep -xE 'calculateCarbonFootprint|generateSocialCards|calculateFinanceAgreement|generateQuote|getJob|logDataAction' | tr '\n' ' '; }
check "in the order of the README" test "$(order)" = "$(sed -n '/^## What it does/,/^## /s/^| `\([A-Za-z]*\)`.*/\1/p' README.md |
    grep -xE 'calculateCarbonFootprint|generateSocialCards|calculateFinanceAgreement|generateQuote|getJob|logDataAction' | tr '\n' ' ')"
check "actions prints the registered ones" sh -c "env -i '$host' actions | grep -q '^echo '"
time_column() { env -i $1 "$B/actionhost" actions | awk '$1 == "calculateCarbonFootprint" || $1 == "logDataAction" { for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+$/) { printf "%s ", $i; break } }'; }
check "actions prints the time that holds: the host's, unless the action's own is less" test "$(time_column)" = "25000 5000 "
check "also where the setting is another" test "$(time_column REQUEST_TIMEOUT_MS=4000)" = "4000 4000 "
check "version names the libraries" sh -c "env -i '$host' version | grep -q libmicrohttpd"
sed -n '/^<!-- settings:/,/^<!-- end of settings/p' README.md | sed '1d;$d' >"$work/readme.md"
env -i "$B/actionhost" config --markdown | diff -u "$work/readme.md" - >"$work/readme.diff"
check "the README's settings are those of the program (make settings refreshes them)" test $? -eq 0
"$host" nonsense 2>"$work/err"
check "an unknown command is wrong use" test $? -eq 64
check "and is named" grep -q 'there is no command nonsense' "$work/err"
meant() { "$host" "$1" 2>"$work/err"; [ $? -eq 64 ] && grep -q "there is no command $1; did you mean $2?" "$work/err" || { cat "$work/err"; return 1; }; }
check "what is nearly a command is told which" meant serv serve
check "with a letter too many, too" meant jobss jobs
check "no command at all is wrong use" sh -c "'$host' >'$work/out' 2>'$work/err'; [ \$? -eq 64 ] && grep -q '^usage' '$work/err' && [ ! -s '$work/out' ]"
for help in --help -h help 'serve --help'; do
    # shellcheck disable=SC2086
    check "$help" sh -c "'$host' $help >'$work/out' && grep -q '^  serve ' '$work/out'"
done
extra() { env -i PATH="$PATH" timeout 10 "$host" "$@" >"$work/out" 2>"$work/err"; [ $? -eq 64 ] && [ ! -s "$work/out" ] && grep -q "$extra_says" "$work/err" || { cat "$work/err"; return 1; }; }
extra_says='serve takes no extra'
check "what serve would ignore is refused" extra serve extra
extra_says='config takes no x'
check "so is what config would ignore" extra config --markdown x
extra_says='config takes no --json'
check "and an option that it has not" extra config --json
extra_says='openapi takes no 1'
check "others take nothing either" extra openapi 1

completed() { # EXPECTED WORDS...: what bash makes of the last word
    want=$1
    shift
    got=$(bash -c '. completions/actionhost.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _actionhost; echo "${COMPREPLY[*]}"' - "$@")
    [ "$got" = "$want" ] || { echo "completed to: $got"; return 1; }
}
check "a command is completed" completed 'migrate' "$host" mi
check "what jobs can do" completed 'retry resume' "$host" jobs re
check "the option of config" completed '--markdown' "$host" config -
check "every command is offered" completed "$("$host" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | tr '\n' ' ' | sed 's/ $//')" "$host" ''

# ---- config for people ----
env -i PORT=9090 LOG_LEVEL=info METRICS_TOKEN=planted FETCH_HOSTS="$(printf 'a.example\033[2J,%0150d' 1)" "$B/actionhost" config >"$work/config.txt"
check "no line of config is over 100 columns" [ "$(awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }' "$work/config.txt")" -le 100 ]
check "what is changed is marked, with its default" grep -q '^PORT  *9090  \* changed, default: 8080$' "$work/config.txt"
check "a secret too, and without its value" grep -q '^METRICS_TOKEN  *\*\*\*\*\*\*\*\*  \* changed' "$work/config.txt"
check "what is set to its default is not" grep -q '^LOG_LEVEL  *info$' "$work/config.txt"
check "settings stand in groups" sh -c "grep -qx 'Workers, queues, deadlines' '$work/config.txt' && grep -qx 'Jobs' '$work/config.txt' && grep -qx 'calculateFinanceAgreement' '$work/config.txt'"
groups() { sed -n 's/^    { "\([A-Z_]*\)", "\([^"]*\)" },$/\2/p' runtime/declare/config_print.c >"$work/groups"; [ "$(grep -c . "$work/groups")" -ge 7 ] &&
    while read -r title; do grep -qx "$title" "$work/config.txt" || { echo "no group: $title"; return 1; }; done <"$work/groups"; }
check "each group that is declared is there" groups
check "nothing that a terminal would obey" sh -c "! grep -q \"\$(printf '\033')\" '$work/config.txt'"

# a port that is taken
start "$work/addon.log" "$B/tests/fake_addon" || exit 1
env -i PATH="$PATH" $good PORT="$port" BIND=127.0.0.1 timeout 10 "$host" serve 2>"$work/err"
code=$?
check "a port that is taken stops the start with its reason" sh -c "[ $code -eq 71 ] && grep -q 'cannot listen on 127.0.0.1 port' '$work/err'"
env -i PATH="$PATH" PORT=0 BIND=nowhere QUEUE_MAX=x timeout 10 "$host" serve 2>"$work/err"
check "BIND that is no address stands among the other faults" sh -c "[ $? -eq 78 ] && grep -q 'BIND is \"nowhere\"' '$work/err' && grep -q QUEUE_MAX '$work/err'"
env -i PATH="$PATH" $good PORT=0 BIND=127.0.0.1 DATA_ACTION_SECRETS_FILE=/nonexistent timeout 10 "$host" serve 2>"$work/err"
check "a secrets file that cannot be read" sh -c "[ $? -eq 78 ] && grep -q 'DATA_ACTION_SECRETS_FILE' '$work/err' && ! grep -q 'at=' '$work/err'"
totals
