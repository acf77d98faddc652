#!/bin/sh
# 51-invoke.sh - ./invoke as a person uses it: against a real host and sandbox, and with a stand-in for the Salesforce CLI.
. "$(dirname "$0")/../lib.sh"

HOST_PORT=$(free_port)
# shellcheck disable=SC2046
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" && start_host "$B/tests/actionhost-test" $(jobs_settings) ||
    { fail "sandbox and host start"; totals; exit 1; }
export SANDBOX_URL="$sandbox_url"

# run CODE ARGS...: runs ./invoke, expects that exit code; $work/out and $work/err hold what it printed
run() {
    want=$1
    shift
    ./invoke "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ "$got" -eq "$want" ] || { echo "  exit code $got, not $want: $*"; cat "$work/out" "$work/err"; return 1; }
}
silent() { ! grep -q -- "$1" "$work/err" || { echo "  said: $1"; cat "$work/err"; return 1; }; }
says() { grep -qi -- "$1" "$work/err" || { echo "  not said: $1"; cat "$work/err"; return 1; }; }
answers() { [ "$(cat "$work/out")" = "$1" ] || { echo "  answered: $(cat "$work/out")"; return 1; }; }

both() { run 0 echo "$1" && answers "$2"; }
slash() { SANDBOX_URL="$sandbox_url$1" both '{"text":"hello"}' '{"text":"hello","members":1}'; }
check "SANDBOX_URL may end in a slash" slash /
check "or in two" slash //
check "an action is invoked" both '{"text":"hello"}' '{"text":"hello","members":1}'
check "quotes, signs and umlauts arrive as they are" both '{"text":"ä \" % & '"'"' $HOME"}' '{"text":"ä \" % & '"'"' $HOME","members":1}'
printf '{"text":"from a file"}' >"$work/body.json"
file() { run 0 echo "@$work/body.json" && answers '{"text":"from a file","members":1}'; }
check "the body comes from a file" file
piped() { [ "$(./invoke echo - <"$work/body.json")" = '{"text":"from a file","members":1}' ]; }
check "or from standard input" piped
limited() { run 0 --user limited@example.com echo '{"text":"x"}' && grep -q 'user=005xx000001X8V0' "$work/host.log"; }
check "another user of the org" limited
headers() { run 0 --show-headers echo '{"text":"x"}' && says 'x-request-id: 00D'; }
check "headers on demand" headers

refused() { pattern=$1; shift; run 1 "$@" && says "$pattern"; }
check "unknown action" refused 'refused (404)' nothingHere '{}'
check "not JSON" refused 'refused (400)' echo 'nope'
check "a wrong member is named" refused 'invalid_input at /text: ' echo '{"text":5}'
several() { run 1 echo '{"text":5,"count":0,"odd":1}' && says '/text: ' && says '/count: ' && says '/odd: '; }
check "each of several wrong members is named" several
check "unknown user" refused 'has no user nobody' --user nobody echo '{}'
check "unknown data action target" refused 'No such data action target.*Sandbox_Target' --data-action Nope echo '{}'
check "an action that takes no data actions" refused 'refused (403)\|refused (404)' --data-action Sandbox_Target echo '{"text":"x"}'
single() { run 1 echo '{"text":5}' && [ "$(grep -c 'Must be a string' "$work/err")" -eq 1 ] || { cat "$work/err"; return 1; }; }
check "a single fault is said once" single
quoted() { run 1 echo '{"Text":"x"}' && says 'rename "Text" to "text"' && silent '\\"'; }
check "quotes are not escaped" quoted

# what the org answers, told by its code
org_answers() { curl -s --noproxy '*' -X POST -H 'Content-Type: application/json' -d "$1" "$sandbox_url/sandbox/faults" >/dev/null; }
footprint() { # FAULT WORDS
    org_answers "$1"
    run 1 calculateCarbonFootprint '{"flightId":"a0Fxx0000000000EAA"}' && says "^refused ([0-9]*): $2"
    footprint=$?
    curl -s --noproxy '*' -X DELETE "$sandbox_url/sandbox/faults" >/dev/null
    return $footprint
}
org_error() { footprint "{\"path\":\"/services/data\",\"status\":$1,\"errorCode\":\"$2\"}" "$3"; }
check "an expired session is not called missing credentials" org_error 401 INVALID_SESSION_ID 'The org no longer accepts the session'
check "a permission that the user lacks in the org" org_error 403 API_DISABLED_FOR_ORG 'The user may not do this in the org'
check "an object that the org lacks" org_error 400 INVALID_TYPE 'The org lacks an object or a field'
check "an org that took too long" org_error 400 QUERY_TIMEOUT 'The org did not answer in time'
check "something unusable from the org" org_error 400 WHO_KNOWS 'The org answered with something'
escapes() { footprint '{"path":"/services/data","status":403,"contentType":"application/json",
    "body":"[{\"message\":\"say \\\"no\\\" \\\\ or \\u00e9 \\/ \\u001b[31mred\\nlast\",\"errorCode\":\"API_CURRENTLY_DISABLED\"}]"}' 'The user may not' &&
    says 'say "no" \\ or é / .*\[31mred' && silent "$(printf '\033')" && says '^ *last'; }
check "escapes are undone, and none plays tricks on the terminal" escapes
late() { run 1 misbehave '{"how":"sleep","ms":5000}' && says '^refused (504): Time ran out\.' && says 'deadline_exceeded: '; }
check "no time left: the message says why" late
check "several operations' worth of words" run 64 echo '{}' '{}'
too_much() { run 64 echo '{"text":' '"a"}' && says 'too much: '; }
check "JSON that fell apart is told" too_much
check "strange operation" run 64 '../x'
strange() { run 64 --nope && says 'there is no option --nope'; }
check "strange option" strange
check "an option without its value" run 64 --user
check "an option without an action" run 64 --show-headers

# ---- the list, and a name that is nearly right ----
# the published document against the program, whose names they must be
listed() {
    run 0 && "$B/actionhost" actions | awk 'NR > 1 { print $1 }' >"$work/names" &&
        while read -r name; do grep -q "[ ]$name\b" "$work/out" || { echo "  not listed: $name"; return 1; }; done <"$work/names"
}
check "alone it lists every action" listed
pasted() { # every line of the list is a command that the host understands
    grep '^  \./invoke' "$work/out" | grep -v 'jobId' >"$work/lines"
    [ "$(grep -c . "$work/lines")" -gt 5 ] && while read -r line; do
        sh -c "$line" >"$work/pasted" 2>&1 </dev/null || grep -q jobs_ "$work/pasted" || { echo "  $line"; cat "$work/pasted"; return 1; }
    done <"$work/lines"
}
check "each with an example to paste" pasted
without() { SANDBOX_URL=http://127.0.0.1:1 run 0 && grep -q './invoke generateSocialCards' "$work/out"; }
check "for which no host need run" without
meant() { run 1 "$1" '{}' && says "there is no action $1; did you mean $2?"; }
check "a letter too few" meant generateSocialCard generateSocialCards
check "a word too few" meant calculateFootprint calculateCarbonFootprint
check "capitals" meant GETJOB getJob
unlike() { run 1 nothingHere '{}' && says './invoke lists' && silent 'did you mean'; }
check "nothing is meant by what is like nothing" unlike
completed() { # EXPECTED WORDS...
    want=$1
    shift
    got=$(bash -c '. completions/invoke.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _invoke; echo "${COMPREPLY[*]}"' - "$@")
    [ "$got" = "$want" ] || { echo "  completed to: $got"; return 1; }
}
check "an action is completed" completed 'calculateFinanceAgreement' ./invoke calculateF
check "behind an option, too" completed 'logDataAction' ./invoke --data-action Sandbox_Target log
check "an option is completed" completed '--save --show-headers' ./invoke --s
options() { # each that is offered is one that it knows
    for option in $(bash -c '. completions/invoke.bash; COMP_WORDS=(./invoke -); COMP_CWORD=1; _invoke; echo "${COMPREPLY[*]}"'); do
        ./invoke "$option" 2>&1 | grep -q 'no option' && { echo "  $option"; return 1; }
    done
    return 0
}
check "and each that is offered is known" options

# ---- on a terminal ----
cat >"$work/terminal.py" <<'PY'
import os
import pty
import sys

out = b''
child, fd = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    out += piece
sys.stdout.buffer.write(out.replace(b'\r\n', b'\n'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
PY
terminal() { TERM=xterm timeout 60 python3 "$work/terminal.py" ./invoke "$@" >"$work/out" 2>&1 </dev/null; }
escape=$(printf '\033')
if command -v python3 >/dev/null 2>&1; then
    coloured() { terminal echo '{"text":"a\"b, {c}: [1]","count":1}' && grep -qF "  ${escape}[36m\"text\"${escape}[0m: \"a\\\"b, {c}: [1]\"," "$work/out" || { cat -v "$work/out"; return 1; }; }
    check "on a terminal the answer is indented and coloured" coloured
    plainly() { NO_COLOR=1 terminal echo '{"text":"x"}' && grep -q '^  "members": 1$' "$work/out" && ! grep -q "$escape" "$work/out"; }
    check "without colours with NO_COLOR" plainly
    same() { NO_COLOR=1 terminal calculateCarbonFootprint '{"flightId":"a0Fxx0000000000EAA"}' && sed '/^$/,$d' "$work/out" >"$work/shown.json" &&
        ./invoke calculateCarbonFootprint '{"flightId":"a0Fxx0000000000EAA"}' >"$work/raw.json" &&
        python3 -c 'import json, re, sys; a, b = (re.sub(r"\"timestamp\": \"[^\"]*\"", "", json.dumps(json.load(open(f)))) for f in sys.argv[1:]); sys.exit(a != b)' "$work/shown.json" "$work/raw.json"; }
    check "what is indented is the same JSON" same
    last() { tail -n 1 "$work/out" | grep -q '^LHR to JFK, 5,555 km: 15,561 kg CO2e'; }
    check "and the summary is the last line" last
    tricks() { terminal echo "$(printf '{"text":"a\302\233b"}')" && ! LC_ALL=C grep -q "$(printf '\302\233')" "$work/out" && grep -q 'a?b' "$work/out"; }
    check "a sign that terminals obey is not shown" tricks
    bar() { terminal --watch doChores '{"count":40,"ms":400}' && grep -q '\[##*\] done 40 of 40, 0 failed' "$work/out" || { cat -v "$work/out"; return 1; }; }
    check "a job is followed with a bar" bar
else
    skip "invoke on a terminal: python3 is not installed"
fi
raw() { run 0 echo '{"text":"x"}' && answers '{"text":"x","members":1}' && [ ! -s "$work/err" ]; }
check "elsewhere the answer is left as it came, and nothing is added" raw

# ---- files and jobs ----
rm -rf "$work/files"
kept() { run 0 --save "$work/files" generateSocialCards '{"campaignId":"701xx0000000010AAA","presets":["og","story"]}' && says 'saved .*og-.*\.png' &&
    [ "$(head -c 4 "$work"/files/*.png | grep -c PNG)" -eq 2 ]; }
check "--save keeps the pictures" kept
watched() { run 0 --watch doChores '{"count":20,"ms":100}' && grep -q '"state":"done"' "$work/out" && says '^done 20 of 20, 0 failed'; }
check "--watch follows a job, and its last state is the answer" watched
watched_other() { run 0 --watch --user limited@example.com doChores '{"count":5,"ms":10}' && grep -q '"state":"done"' "$work/out"; }
check "as the user who started it" watched_other
nothing() { run 0 --watch echo '{"text":"x"}' && says 'started no job'; }
check "what is no job is not watched" nothing
save_org() { run 64 --save "$work/files" --org acme echo '{}' && says 'sample org'; }
check "--save takes no files of a real org" save_org
helped() { ./invoke "$1" >"$work/out" 2>"$work/err" && grep -q -- '--data-action TARGET' "$work/out" && [ ! -s "$work/err" ]; }
check "--help goes to stdout" helped --help
check "-h too" helped -h
mixed() { run 64 "$@" echo '{}' && says "$mixed_words"; }
mixed_words='choose one'
check "--org and --user" mixed --org acme --user limited@example.com
check "--org and --data-action" mixed --data-action Sandbox_Target --org acme
mixed_words='comes without a user'
check "--user and --data-action" mixed --user limited@example.com --data-action Sandbox_Target
check "no such file" run 64 echo "@$work/nothing"

# ---- a real org, by a stand-in for the CLI ----
bin=$work/bin
rm -rf "$bin" && mkdir -p "$bin"
cat >"$bin/sf" <<'SF'
#!/bin/sh
token='00D8H0000007wpr!AQsecret'
case "$FAKE_SF $*" in
*"org display --target-org gone"*) echo '{"status":1,"message":"No authorization information found for gone."}'; exit 1 ;;
"old org display --target-org"*) ;;
*"org display --target-org"*) token='[REDACTED] hidden' ;;
"new org auth show-access-token"*) printf '{"status":0,"result":{"accessToken":"%s"}}\n' "$token"; exit ;;
*"data query"*AuthSession*) printf '{\n "result": {"records": [{"attributes": {"type": "AuthSession"}, "Id": "0Ak000000000001AAA"}]}}\n'; exit ;;
*"data query"*"'Elevated'"*) printf '{"result":{"records":[{"Id":"0PS000000000001AAA"}]}}\n'; exit ;;
*"data query"*PermissionSet*) printf '{"result":{"records":[]}}\n'; exit ;;
*"data create record --sobject SessionPermSetActivation"*0PS000000000001AAA*0Ak000000000001AAA*)
    echo created >>"$FAKE_STEPS"; printf '{"result":{"id":"5Pa000000000001AAA","success":true}}\n'; exit ;;
*"data delete record --sobject SessionPermSetActivation --record-id 5Pa000000000001AAA"*) echo deleted >>"$FAKE_STEPS"; exit ;;
*"org display user"*) echo '{"status":0,"result":{"id":"0058H0000007wprQAA","username":"u@example.com"}}'; exit ;;
*) exit 2 ;;
esac
printf '{"status":0,"result":{"id":"00D8H0000007wprUAA","apiVersion":"61.0","accessToken":"%s","instanceUrl":"%s","username":"u@example.com"}}\n' \
    "$token" "${FAKE_URL:-https://acme.my.salesforce.com/}"
SF
chmod +x "$bin/sf"
plain=$PATH
real() { PATH="$bin:$plain" FAKE_SF=$1 run 0 --org acme echo '{"text":"from a real org"}' && answers '{"text":"from a real org","members":1}'; }
check "--org: the session of a real org" real old
check "--org: a CLI that hides the token" real new
check "the host saw that org and that user" grep -q 'org=00D8H0000007wprUAA user=0058H0000007wprQAA' "$work/host.log"
org() { pattern=$1 FAKE_SF=$2 FAKE_URL=$3 alias=$4 && export FAKE_SF FAKE_URL; PATH="$bin:$plain" run 1 --org "$alias" echo '{"text":"x"}' && says "$pattern"; }
check "--org: a CLI that shows no token at all" org 'did not show the access token' mute '' acme
check "--org: an unknown alias" org 'No authorization information found for gone' old '' gone
check "--org: a domain that the host does not trust" org 'org_host_refused' old https://evil.example acme
unset FAKE_SF FAKE_URL
export FAKE_STEPS="$work/steps"
plus() { : >"$FAKE_STEPS"; PATH="$bin:$plain" FAKE_SF=new run "$1" --org acme --permission-set Elevated "$2" '{"text":"x"}' &&
    [ "$(tr '\n' ' ' <"$FAKE_STEPS")" = "created deleted " ] || { cat "$FAKE_STEPS"; return 1; }; }
check "--permission-set: active for the time of the call" plus 0 echo
check "--permission-set: taken back after a refusal too" plus 1 nothingHere
plus_unknown() { : >"$FAKE_STEPS"; PATH="$bin:$plain" FAKE_SF=new run 1 --org acme --permission-set Nope echo '{}' && says 'has no permission set Nope' && [ ! -s "$FAKE_STEPS" ]; }
check "--permission-set: one that the org has not" plus_unknown
plus_sandbox() { run 64 --permission-set Elevated echo '{}' && says 'needs --org'; }
check "--permission-set: not in the sandbox" plus_sandbox
no_cli() { mkdir -p "$work/bare" && for tool in sh curl sed od tr head cat mktemp rm chmod grep printf; do
    ln -sf "$(command -v $tool)" "$work/bare/$tool" 2>/dev/null; done; PATH="$work/bare" run 69 --org acme echo '{}' && says 'needs the Salesforce CLI'; }
check "--org without the CLI" no_cli
check "no token in a file" sh -c "! grep -rq 'AQsecret' '$work' --include='*' --exclude-dir=bin"

stop "$host_pid"
unreachable() { run 69 echo '{"text":"x"}' && says 'no host at'; }
check "no host" unreachable
stop "$sandbox_pid"
lonely() { run 69 echo '{"text":"x"}' && says 'no sandbox at'; }
check "no sandbox" lonely
lonely_name() { run 69 calculateCarbonFootprnt '{}' && says 'did you mean calculateCarbonFootprint?'; }
check "a name that is nearly right is told even so" lonely_name
totals
