# local.sh - sourced by inside.sh before section 9 of the page: `make run` in one terminal.
echo
flight=$(org 'SELECT Id FROM Flight__c LIMIT 1' | sed -n 's/.*"Id": "\(a[0-9A-Za-z]*\)".*/\1/p' | head -n 1)
: >"$work/make-run.log"
setsid make run >"$work/make-run.log" 2>&1 </dev/null &
local_host=$!
tries=0
until grep -q 'Ctrl-C stops both' "$work/make-run.log" || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.2; done
check "make run starts sandbox and host" grep -q 'http://127.0.0.1:8080 ' "$work/make-run.log"
# its group, which setsid made: make, the script and both servers
end_local_host() { kill -TERM -"$local_host" 2>/dev/null; }
trap 'end_local_host; stop_all' EXIT
