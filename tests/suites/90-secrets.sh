#!/bin/sh
# 90-secrets.sh - the logs of every host and sandbox that the suites before this one started hold no token, key or payload.
# last: it reads the logs of all others
. "$(dirname "$0")/../lib.sh"

find build/test-work -type f \( -name '*.log' -o -name '*.log.before' \) -exec grep -laE '(^| )at=(ready|request)' {} + >"$work/files" 2>/dev/null
lines=$(xargs cat <"$work/files" 2>/dev/null | grep -ac at=request)
if [ "$lines" -lt 1000 ]; then
    skip "secrets in logs: only $lines requests were logged (a run of all suites has thousands)"
    totals
    exit
fi
found() { # found PATTERN: where it stands in the logs
    xargs grep -aEl -- "$1" <"$work/files"
}
# An access token, a JWT or a base64 JSON object, an Authorization header, what the suites plant, the sandbox's own token.
for pattern in '00D[A-Za-z0-9]{12,15}!' 'eyJ[A-Za-z0-9_-]{8}' '[Bb]earer [A-Za-z0-9]' 'planted' 'sandbox-token' 'BEGIN [A-Z ]*PRIVATE KEY'; do
    check "no '$pattern' in $lines lines" sh -c "! xargs grep -aEl -- '$pattern' <'$work/files'"
done
printf 'at=request id=x token=00Dxx0000001gPLEAY!AQEAQ\n' >"$work/leak"
echo "$work/leak" >"$work/files"
check "a token in a log would be seen" test -n "$(found '00D[A-Za-z0-9]{12,15}!')"
totals
