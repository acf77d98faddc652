# leave.sh - sourced by inside.sh at the end: leaving, as section 8 says. Both commands ask for the name again.
echo
echo "## Leaving"
answer=my_org
try "the org is disconnected" 'heroku salesforce:disconnect "$ORG" --app "$APP"' 'said Disconnected'
answer=my-action-host
try "the app is destroyed" 'heroku apps:destroy "$APP"' 'said Destroying && ! ready'
answer=
check "nothing was asked of anyone else" sh -c '! grep -q "^nobody is" "$1"' - "$work/standin.log"
