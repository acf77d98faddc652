# update.sh - sourced by inside.sh after section 7 of the page: what its text says between the blocks of sections 1, 5, 7 and 8. The
# commands are those of the page; where it says NAME or VALUE, one is chosen.
echo
echo "## Said in the text"
app=https://my-action-host-5a1f0c3d2b47.herokuapp.com
ready() { [ "$(curl -s --max-time 70 $app/ready)" = '{"status":"ready"}' ]; }

try "an authorization for the authorized-user mode" 'heroku salesforce:authorizations:add Night_Shift --app "$APP"' 'said Night_Shift'
# a data action as Data Cloud delivers it: signed with the secret of the target that was made
delivery() { # SECRET: prints the status
    body='{"creationDateTime":"2026-01-01T00:00:00Z","count":0,"schemas":[],"events":[]}'
    signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac "$1" -binary | openssl base64)
    curl -s -o "$work/delivered" -w '%{http_code}' --max-time 30 -H 'Content-Type: application/json' -H "x-signature: $signature" \
        --data-binary "$body" "$app/api/logDataAction?orgId=00Dxx0000001gPLEAY&apiName=Flight_Events"
}
secret=$(curl -s --noproxy '*' "$cloud_url/sandbox/data-action-targets" | jq -r 'to_entries[] | select(.key | endswith("/Flight_Events")) | .value[0]')
check "a data action is delivered to the app" sh -c '[ "${1#2}" != "$1" ]' - "$(delivery "$secret")"
check "one with another signature is refused" [ "$(delivery wrong)" = 403 ]

try "a setting restarts the app" 'heroku config:set LOG_LEVEL=debug --app "$APP"' 'ready'
try "a wrong setting" 'heroku config:set WORKERS_MAX=none --app "$APP"'
ready && fail "an app with a wrong setting is not ready" || pass "an app with a wrong setting is not ready"
try "ends the start with code 78 and the list of faults in the log" 'heroku logs --app "$APP" --num 20' 'said WORKERS_MAX && said "status 78"'
try "and the right one brings it back" 'heroku config:set WORKERS_MAX=3 --app "$APP"' ready

# runs COMMIT: the app is ready and its dyno was started from that commit
runs() { ready && [ "$(sed -n 's/^dyno: .* runs commit //p' "$work/standin.log" | tail -n 1)" = "$(git -C "$work/clone" rev-parse "$1")" ]; }
pushed=$(git -C "$work/clone" rev-parse HEAD)
if [ -n "${FULL:-}" ]; then
    skip "a second push and its undoing: with FULL=1 it would take as long as the first"
else
    # a change of code: another version, which the program tells
    (cd "$work/clone" && sed -i 's/^VERSION := .*/VERSION := 0.1.0-rehearsed/' Makefile &&
        git -c user.name=you -c user.email=you@example.com commit -qam 'Another version') || fail "a change is committed"
    try "a push brings new code" 'git push heroku HEAD:main' 'said "Deployed to Heroku" && runs HEAD'
    try "a release is undone" 'heroku rollback --app "$APP"' 'said "Rolling back" && runs "$pushed"'
fi
try "the releases are listed" 'heroku releases --app "$APP"' 'said "Deploy $(echo "$pushed" | cut -c1-8)"'
first=$(sed -n 's/.* v\([0-9]*\) created by .*: Deploy '"$(echo "$pushed" | cut -c1-8)"'$/\1/p' "$work/standin.log" | head -n 1)
try "one is gone back to by its number" "heroku rollback v$first --app \"\$APP\"" 'said "Rolling back" && runs "$pushed"'
try "with its settings" 'heroku config --app "$APP"' 'said WORKERS_MAX && ! said LOG_LEVEL >/dev/null'
try "and the dynos run" 'heroku ps --app "$APP"' 'said "web.1: up" && said "actionhost serve"'
