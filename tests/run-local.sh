#!/bin/sh
# make run: sandbox and host in the foreground on loopback, with the docs page. Ctrl-C stops both.
. tests/lib.sh
trap 'exit 0' INT TERM # that is how it is meant to end, so make has nothing to report
port_of() { make -s "$B/tests/free_port" && free_port; }
HOST_PORT=${PORT:-8080}
curl -s -o /dev/null --max-time 1 "http://127.0.0.1:$HOST_PORT/" && HOST_PORT=$(port_of)
sandbox_wanted=${SANDBOX_PORT:-7070}
curl -s -o /dev/null --max-time 1 "http://127.0.0.1:$sandbox_wanted/" && sandbox_wanted=0
start_sandbox SANDBOX_PORT="$sandbox_wanted" SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
# of this run alone: whoever reads this terminal may see the pages
password=${PAGES_TOKEN:-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')}
# shellcheck disable=SC2046
start_host "$B/actionhost" $(jobs_settings) PAGES_TOKEN="$password" SAMPLE_DATA=on CONNECTIONS=sandbox,partner,third CONNECTIONS_CALLERS=00Dxx0000001gPLEAY RATE_PROVIDERS="$(rate_providers)" DOCS=on DOCS_SIGN_URL="$sandbox_url" || exit 1
cat <<TXT

  host     $host_url          docs page: $host_url/docs
  pages    $host_url/jobs and $host_url/portal, password $password
  sandbox  $sandbox_url          (AppLink add-on and Salesforce org with sample data)

  Try, in another terminal:

    SANDBOX_URL=$sandbox_url ./invoke calculateCarbonFootprint '$(sed -n 's/.*"input": *\({ *"flightId"[^}]*}\).*/\1/p' actions/carbon_footprint/action.json | head -n 1)'

  ./invoke alone lists every action. Ctrl-C stops both. The host's log follows.

TXT
tail -n +1 -f "$work/host.log" &
server_pids="$server_pids $!"
wait "$host_pid"
