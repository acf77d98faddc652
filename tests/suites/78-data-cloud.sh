#!/bin/sh
# 78-data-cloud.sh - SQL in Data 360: rows and types, where it is asked (the org's own address, or that of the exchanged token),
# queries that run for a while, limits, and what is refused before or by the service.
# long: 12
. "$(dirname "$0")/../lib.sh"

HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
up() { start_host "$B/tests/actionhost-test" CONNECTIONS=sandbox,partner,third CONNECTIONS_CALLERS=00Dxx0000001gPLEAY "$@" || exit 1; }
up REQUEST_TIMEOUT_MS=5000

# ask CONNECTION SQL-AS-JSON [MORE-MEMBERS [QUERY]]: the answer is in $work/answer, prints the status
ask() {
    curl -s -m 40 -o "$work/answer" -w '%{http_code}' -H 'Content-Type: application/json' \
        -d "{\"connection\":\"$1\",\"sql\":\"$2\"${3:+,$3}}" "$sandbox_url/sandbox/invoke/queryDataCloud${4:+?$4}"
}
has() { grep -qF -- "$1" "$work/answer" || { echo "not in the answer: $1"; head -c 2000 "$work/answer"; return 1; }; }
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$work/answer" | head -n 1; }
rows() { grep -o '"values":\[' "$work/answer" | wc -l; }
setup() { curl -s -o /dev/null -d "$1" "$sandbox_url/sandbox/setup"; }
clear_log() { curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/log"; }
# logged METHOD PATH-PREFIX: how many such calls came
logged() { curl -s "$sandbox_url/sandbox/log?limit=1000&method=$1&path=$2" | grep -o '"number"' | wc -l; }
names='SELECT ssot__Name__c, ssot__NumberOfEmployees__c, ssot__CreatedDate__c FROM ssot__Account__dlm ORDER BY ssot__Name__c'
many='WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM x WHERE n<5000) SELECT n FROM x'

check "rows of the data model" [ "$(ask own "$names")$(rows)" = 2005 ]
check "columns have a kind and the service's own type" has '{"name":"ssot__NumberOfEmployees__c","kind":"number","sourceType":"Decimal"}'
check "times too" has '"kind":"dateTime","sourceType":"TimestampTZ"'
check "null is told from nothing" has '"nullColumns":[1]'
check "they are all" has '"complete":true,"message":"5 rows, all of them."'
check "asked by a version that has Data 360, whatever the connection's" [ "$(logged POST /services/data/v64.0/ssot/query-sql)" = 1 ]
check "individuals" [ "$(ask own 'SELECT ssot__LastName__c FROM ssot__Individual__dlm')$(rows)" = 2005 ]
check "unified ones" [ "$(ask own "SELECT ssot__LastName__c FROM UnifiedIndividual__dlm WHERE ssot__LastName__c = 'Brown'")$(rows)" = 2001 ]
check "in a data space of its own" [ "$(ask own "$names" '"dataspace":"sales"')" = 200 ]
check "one that is not there is refused in the service's words" [ "$(ask own "$names" '"dataspace":"nowhere"')$(member code)" = 422sql_refused ]
check "another connection for who may" [ "$(ask partner "$names")$(rows)" = 2008 ]
clear_log
check "not for anybody else" [ "$(ask sandbox "$names" '' org=partner)$(member code)" = 403connection_not_allowed ]
check "without a call to that org" [ "$(logged POST /services/data)$(logged GET /services/data)" = 00 ]
check "a name that is none" [ "$(ask nobody "$names")$(member code)" = 404unknown_connection ]

# ---- pages and limits ----
clear_log
check "2,000 rows come in pages" [ "$(ask own "$many" '"maxRows":2000')$(rows)" = 2002000 ]
check "each asked for once" [ "$(logged GET /services/data/v64.0/ssot/query-sql)" = 1 ]
check "in order" sh -c "grep -o '\"values\":\[\"[0-9]*\"' '$work/answer' | grep -o '[0-9]*' | sort -n -c"
check "and the answer says that there are more" has '"totalRows":5000,"complete":false,"message":"The first 2000 of 5000 rows."'
check "a query that was not read to its end is dropped there" [ "$(logged DELETE /services/data/v64.0/ssot/query-sql)" = 1 ]
check "values too large for one answer are cut, and it says so" [ "$(ask own "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM x WHERE n<40) SELECT replace(hex(zeroblob(25000)), '00', 'abcd') AS n FROM x")" = 422 ]
check "a function whose name writes is refused, as its word does" has sql_not_reading
check "the same without it" [ "$(ask own "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM x WHERE n<40) SELECT hex(zeroblob(25000)) AS n FROM x")" = 200 ]
check "stops where an answer is full" has 'more values than one answer can hold'
check "no rows" [ "$(ask own "SELECT ssot__Id__c FROM ssot__Account__dlm WHERE ssot__Id__c = 'x'")$(rows)" = 2000 ]
check "are told as such" has '"0 rows, all of them."'

# ---- a query that runs for a while ----
setup '{"dataMs":600}'
clear_log
check "it is waited for" [ "$(ask own "$names")$(rows)" = 2005 ]
check "by asking for its state" [ "$(logged GET /services/data/v64.0/ssot/query-sql)" -ge 3 ]
setup '{"dataMs":60000}'
clear_log
check "not for ever" [ "$(ask own "$names")$(member code)" = 504query_timeout ]
check "and it is cancelled" [ "$(logged DELETE /services/data/v64.0/ssot/query-sql)" = 1 ]
setup '{"dataMs":0}'

# ---- where it is ----
setup '{"dataElsewhere":true}'
clear_log
check "Data 360 at an address of its own" [ "$(ask own "$names")$(rows)" = 2005 ]
check "is found by one exchange of the token" [ "$(logged POST /services/a360/token)$(logged POST /services/data/v64.0/ssot/query-sql)" = 12 ]
check "the exchanged token is in no log" sh -c "! grep -qE '00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}' '$work/host.log'"
curl -s -o /dev/null -d '{"path":"/services/a360/token","status":200,"body":{"access_token":"t","instance_url":"data.example.com"}}' "$sandbox_url/sandbox/faults"
check "an address that ORG_HOSTS does not allow gets no token" [ "$(ask own "$names")$(member code)" = 403org_host_refused ]
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
setup '{"dataElsewhere":false}'
check "an org without Data 360" [ "$(ask third "$names")$(member code)" = 409data_cloud_not_available ]
check "says which version it would need" has 'Data 360 needs 64.0'

# ---- what is refused ----
# refused SQL CODE
refused() { [ "$(ask own "$1")$(member code)" = "422$2" ] || { echo "$1: $(cat "$work/answer")"; return 1; }; }
clear_log
for sql in 'DELETE FROM ssot__Account__dlm' 'INSERT INTO ssot__Account__dlm VALUES (1)' 'SELECT 1; DROP TABLE x' 'WITH x AS (DELETE FROM y RETURNING *) SELECT * FROM x' \
    'SELECT * INTO x FROM y' '-- SELECT\nDROP TABLE x' '/* SELECT */ UPDATE x SET y = 1' 'SELECT 1 /* not closed' "SELECT 'not closed" "SELECT 1; 'x'" "SELECT E'a\\\\'' ; DROP TABLE x --'" '   ' '-- nothing'; do
    check "refused unsent: $sql" refused "$sql" sql_not_reading
done
check "none of them was sent" [ "$(logged POST /services/data)" = 0 ]
for sql in "SELECT ';' AS n" "SELECT 1 AS e" "SELECT 'E''x' AS e" "SELECT 'DELETE' AS n" "SELECT 'it''s; DROP' AS n" 'SELECT 1 AS \"update\"' 'SELECT 1;' '-- DROP\nSELECT 1' 'SELECT 1 /* DROP; */'; do
    check "sent: $sql" [ "$(ask own "$sql")" = 200 ]
done
check "an object of the org is none of the data model" refused 'SELECT Name FROM Account' sql_refused
check "not even to count it" refused 'SELECT count(*) FROM Account' sql_refused
check "in the service's words" has 'table \"Account\" does not exist'
check "nor are tables of the store" refused 'SELECT * FROM _object' sql_refused
check "a statement that does not end is ended" refused 'WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM x) SELECT max(n) FROM x' sql_refused
totals
