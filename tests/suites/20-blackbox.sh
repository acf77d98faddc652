#!/bin/sh
# The case files of tests/cases against a real host and sandbox.
# timed: cases with deadlines of two seconds
. tests/lib.sh
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# sanitized workers start slowly, so there are some to spare for the cases that kill one
[ "${MODE:-release}" = release ] && workers=2 || workers=8
start_host "$B/tests/actionhost-test" WORKERS_MIN=$workers ADDON_TIMEOUT_MS=2000 || exit 1
files=
for file in tests/cases/*.json; do
    case $file in
    *.release.json) [ "${MODE:-release}" = release ] || { skip "$file needs a release build"; continue; } ;;
    *.settings.json) continue ;; # run by suites that set something else
    esac
    grep -q '"cases"' "$file" || continue # another runner's format
    files="$files $file"
done
"$B/tests/run_cases" "$host_url" "$sandbox_url" $files >"$work/cases.log"
cat "$work/cases.log"
line=$(tail -n 1 "$work/cases.log")
passed=$((passed + $(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')))
failed=$((failed + $(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')))
stop "$host_pid"
check "the host stopped with exit code 0" test $? -eq 0
check "one log line per request has no field without a value" sh -c "! grep -E '^at=.*=( |\$)' '$work/host.log'"
totals
