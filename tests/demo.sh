#!/bin/sh
# make demo: starts sandbox and host on free loopback ports, runs every action on the sample data, saves what they made.
. tests/lib.sh
out=build/demo
rm -rf "$out" && mkdir -p "$out"
make "$B/tests/free_port" "$B/tests/run_cases" || exit 1
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/actionhost" $(jobs_settings) RATE_PROVIDERS="$(rate_providers)" || exit 1
echo "sandbox (AppLink add-on and Salesforce org) at $sandbox_url, action host at $host_url"
"$B/tests/run_cases" "$host_url" "$sandbox_url" --demo "$out" actions/*/action.json
code=$?
stop "$host_pid" || code=1
[ $code -eq 0 ] && echo "Every action succeeded. Pictures and documents are in $out." || { echo "The demo failed; the host's log:"; tail -n 20 "$work/host.log"; }
exit $code
