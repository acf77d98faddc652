#!/bin/sh
# Published and derived finance vectors: annual percentage rates, time value, schedules, decisions.
. tests/lib.sh
data=${SHARED_DATA:-../shared/data}/finance
for name in apr-vectors amort-vectors schedule-golden decision-vectors; do
    [ -f "$data/$name.json" ] || { skip "$name: no $data/$name.json"; continue; }
    "$B/tests/vectors_finance" "$data/$name.json" >"$work/$name.log"
    check "$name" test $? -eq 0
    grep '^FAIL' "$work/$name.log"
    line=$(tail -n 1 "$work/$name.log")
    passed=$((passed + $(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')))
    failed=$((failed + $(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')))
done
# A runner that cannot fail proves nothing.
cat >"$work/wrong.json" <<'JSON'
[{"id": "apr", "method": "US-REGZ-ACTUARIAL", "advance": "5000", "unit_periods_per_year": "12", "published": "9.70", "decimals": 2, "tolerance": "0.005",
  "payments": [{"amount": "230", "count": 24, "t": 1, "f": "0"}]},
 {"id": "pmt", "fn": "PMT", "args": {"rate": "0.08/12", "nper": "60", "pv": "15000"}, "published": "-304.1460", "abs_tol": "1e-6"},
 {"id": "schedule", "principal_cents": 2500000, "rate_ppm": 35000, "payments": 60, "payment_cents": 45479, "final_payment_cents": 45499},
 {"id": "row", "principal_cents": 2500000, "rate_ppm": 35000, "payments": 60, "rows": [{"n": 61, "payment": 1}]},
 {"input": {"name": "decision", "list": 35000, "max": 40000}, "expect": {"status": 200, "rate_ppm": 34999}},
 {"id": "unknown kind"}]
JSON
"$B/tests/vectors_finance" "$work/wrong.json" >"$work/wrong.log"
check "wrong vectors end with an exit code" test $? -ne 0
check "and each of them is named" test "$(grep -c '^FAIL' "$work/wrong.log")" = 6
check "and counted" test "$(tail -n 1 "$work/wrong.log")" = "0 passed, 6 failed"
printf '\357\273\277[{"id": "pmt", "fn": "PMT", "args": {"rate": "0.08/12", "nper": "60", "pv": "15000"}, "published": "-304.146", "abs_tol": "1e-3"}]' >"$work/mark.json"
check "a file with a byte order mark runs" test "$("$B/tests/vectors_finance" "$work/mark.json" | tail -n 1)" = "1 passed, 0 failed"
totals
