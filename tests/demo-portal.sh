#!/bin/sh
# demo-portal.sh - saves the portal as it looks with the sandbox's three orgs: a page that opens from the disk, with its style beside it.
#   tests/demo-portal.sh [FOLDER]    build/demo unless given; prints what it saved
. tests/lib.sh
out=${1:-build/demo}
password=demo-password-of-the-portal
work=build/test-work/demo-portal
mkdir -p "$out" "$work"
make -s "$B/tests/free_port" || exit 1
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/actionhost" CONNECTIONS=sandbox,partner,third PAGES_TOKEN=$password || exit 1
jar=$work/jar
get() { curl -s -m 20 -b "$jar" "$host_url$1"; }
curl -s -m 20 -o /dev/null -c "$jar" -H "Origin: $host_url" --data "password=$password" "$host_url/jobs/login" || exit 1
sql=SELECT+ssot__BillingCityName__c+AS+city,+SUM%28ssot__NumberOfEmployees__c%29+AS+employees+FROM+ssot__Account__dlm+WHERE+ssot__NumberOfEmployees__c+%3E+0+GROUP+BY+1+ORDER+BY+2+DESC
get "/portal?account=001xx000003DGb0AAG&in=sandbox&name=Koa+Cars&at=sandbox&sql=$sql" >"$work/page" || exit 1
get /jobs/pages.css >"$out/portal.css" && get /jobs/portal.css >>"$out/portal.css" || exit 1
# no script, one style, and no link that leads to a host that has ended
sed -e 's/<script[^>]*><\/script>//g' -e 's/<link rel="stylesheet" href="\/jobs\/pages.css">/<link rel="stylesheet" href="portal.css">/' \
    -e 's/<link rel="stylesheet" href="\/jobs\/portal.css">//' -e 's/href="\/[^"]*"/href="#main"/g' -e 's/action="\/[^"]*"/action="#main"/g' "$work/page" >"$out/portal.html"
stop_all
grep -q 'Koa Cars' "$out/portal.html" && grep -q 'class="plot"' "$out/portal.html" && grep -q 'Alpenblick Hotels' "$out/portal.html" && grep -q 'Fjord Ferries' "$out/portal.html" ||
    { echo "the portal was not as it should be: $work/page"; exit 1; }
echo "  portal                     the accounts of three orgs in one table: $out/portal.html"
