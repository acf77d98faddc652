#!/bin/sh
# The finance action with rate providers and a dealer's policy; idempotency keys; what is stored in the org.
# timed: lenders must answer within 400 ms
. tests/lib.sh
HOST_PORT=$(free_port)
start_sandbox SANDBOX_HOST_URL="http://127.0.0.1:$HOST_PORT" || exit 1
start_host "$B/actionhost" RATE_PROVIDERS="$(rate_providers)" RATE_TIMEOUT_MS=400 RATE_BUDGET_MS=800 LIST_RATE=8 \
    BUY_RATES="36:4 48:4.5 60:5 84:5.5" MIN_MARGIN=0.5 MAX_DISCOUNT=1 MIN_DOWN_PAYMENT=1 || exit 1
"$B/tests/run_cases" "$host_url" "$sandbox_url" tests/cases/finance.settings.json >"$work/cases.log"
cat "$work/cases.log"
line=$(tail -n 1 "$work/cases.log")
passed=$((passed + $(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')))
failed=$((failed + $(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')))

# call FILE KEY [DOWN [CUSTOMER]]: one invocation, its answer in FILE, its status in $status
call() {
    status=$(curl -s -o "$1" -w '%{http_code}' -H 'content-type: application/json' "$sandbox_url/sandbox/invoke/calculateFinanceAgreement" \
        -d "{\"customerId\":\"${4:-003xx000004TmQ1}\",\"vehicleId\":\"a0Vxx0000000010\",\"maxInterestRate\":9,\"downPayment\":${3:-1000},\"years\":5,
\"idempotencyKey\":\"$2\"}")
}
# member FILE NAME: first value of a text member
member() { sed -n "s/.*\"$2\": *\"\([^\"]*\)\".*/\1/p" "$1" | head -n 1; }
# uploads: how many files the org has taken so far
uploads() {
    curl -s "$sandbox_url/sandbox/log?path=/services/data/v62.0/sobjects/ContentVersion&method=POST&limit=1" | grep -o '"matching": *[0-9]*' | grep -o '[0-9]*$'
}

before=$(uploads)
call "$work/first.json" order-4711-a
check "a call with a key is answered" test "$status" = 200
check "its document is stored" test "$(member "$work/first.json" documentStatus)" = stored
check "document and reply are two files" test "$(($(uploads) - before))" = 2
call "$work/again.json" order-4711-a
check "the repeat is answered" test "$status" = 200
check "with the very same bytes" cmp -s "$work/first.json" "$work/again.json"
check "and stores nothing" test "$(($(uploads) - before))" = 2
call "$work/as-real.json" order-4711-a 1000.0
check "1000.0 is the input that 1000 was" cmp -s "$work/first.json" "$work/as-real.json"
call "$work/other.json" order-4711-a 1000.01
check "the same key with other input is a conflict" test "$status/$(member "$work/other.json" code)" = 409/idempotency_key_reused
call "$work/other.json" order-4711-a 1000 003xx000004TmQ0
check "another customer is other input" test "$status/$(member "$work/other.json" code)" = 409/idempotency_key_reused
call "$work/second.json" order-4711-b
check "another key is another agreement" test "$status/$(member "$work/second.json" agreementNumber)" != "200/$(member "$work/first.json" agreementNumber)"

# An upload that fails leaves the figures, and the repeat tries again.
curl -s -o /dev/null "$sandbox_url/sandbox/faults" -H 'content-type: application/json' \
    -d '{"path":"/services/data","method":"POST","contains":"ContentVersion","status":503,"errorCode":"SERVER_UNAVAILABLE"}'
call "$work/failed.json" order-4711-c
check "a failed upload is no failed call" test "$status/$(member "$work/failed.json" documentStatus)" = 200/failed
check "and says why" test -n "$(member "$work/failed.json" failure)"
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
call "$work/mended.json" order-4711-c
check "the repeat stores it" test "$status/$(member "$work/mended.json" documentStatus)" = 200/stored

# A call that was cut between the document and its reply: the repeat makes a new version of the same document.
curl -s -o /dev/null "$sandbox_url/sandbox/faults" -H 'content-type: application/json' \
    -d '{"path":"/services/data","method":"POST","contains":"ContentVersion","skip":1,"status":400,"errorCode":"STORAGE_LIMIT_EXCEEDED"}'
call "$work/half.json" order-4711-d
check "without its record the answer says that it cannot be repeated" grep -q 'could not be recorded' "$work/half.json"
curl -s -o /dev/null -X DELETE "$sandbox_url/sandbox/faults"
call "$work/whole.json" order-4711-d
check "the repeat is complete" test "$status/$(member "$work/whole.json" documentStatus)" = 200/stored
call "$work/whole-again.json" order-4711-d
check "and from then on the same" cmp -s "$work/whole.json" "$work/whole-again.json"

# A key belongs to its user.
curl -s -o "$work/user.json" "$sandbox_url/sandbox/invoke/calculateFinanceAgreement?user=limited@example.com" -H 'content-type: application/json' \
    -d '{"customerId":"003xx000004TmQ1","vehicleId":"a0Vxx0000000010","maxInterestRate":9,"downPayment":1000,"years":5,"idempotencyKey":"order-4711-a"}'
check "another user with the same key gets a document" test "$(member "$work/user.json" documentStatus)" = stored
check "and a number of his own" test "$(member "$work/user.json" agreementNumber)" != "$(member "$work/first.json" agreementNumber)"

# Two calls at once: one result, and the files of one call.
before=$(uploads)
for i in 1 2 3 4; do (call "$work/race-$i.json" order-4711-race) & race="${race:-} $!"; done
wait $race
check "four calls at once agree" sh -c "cmp -s '$work/race-1.json' '$work/race-2.json' && cmp -s '$work/race-1.json' '$work/race-3.json' &&
    cmp -s '$work/race-1.json' '$work/race-4.json'"
call "$work/race-5.json" order-4711-race
check "and a later one with them" cmp -s "$work/race-1.json" "$work/race-5.json"

# Two calls at once that mean different things: one is answered, the other is told.
race=
for i in 1 2; do (call "$work/differ-$i.json" order-4711-differ 100$i; echo "$status" >"$work/differ-$i.status") & race="$race $!"; done
wait $race
check "of two different calls at once one wins" test "$(cat "$work/differ-1.status" "$work/differ-2.status" | sort | tr '\n' ' ')" = "200 409 "

# The file in the org is the document that the answer describes.
token=$(curl -s "$sandbox_url/sandbox/sign" -H 'content-type: application/json' -d '{}' | sed -n 's/.*"x-client-context": *"\([^"]*\)".*/\1/p' |
    base64 -d 2>/dev/null | sed -n 's/.*"accessToken": *"\([^"]*\)".*/\1/p')
id=$(member "$work/first.json" contentVersionId)
curl -s -o "$work/stored.pdf" -H "Authorization: Bearer $token" "$sandbox_url/services/data/v62.0/sobjects/ContentVersion/$id/VersionData"
check "the stored file is the one whose hash was answered" test "$(sha256sum <"$work/stored.pdf" | cut -d' ' -f1)" = "$(member "$work/first.json" sha256)"

# What the dealer has stated makes a contract; without it the document says why it is a quotation.
check "without what the seller states it is a quotation" test "$(member "$work/first.json" kind)" = quotation
check "and the answer says why" grep -q '"kindReason": *"[^"]*a late charge' "$work/first.json"
check "its title says so" sh -c "grep -q '"'"title": *"Finance Quotation FA-'"' '$work/first.json'"

# Names in scripts that the fonts have are stored; one that no font has is told, and nothing is stored.
contact() { # contact LASTNAME: its id
    curl -s "$sandbox_url/services/data/v62.0/sobjects/Contact" -H "Authorization: Bearer $token" -H 'content-type: application/json' \
        -d "{\"LastName\":\"$1\"}" | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p'
}
plain_call() { # plain_call FILE CUSTOMER
    curl -s -o "$1" -H 'content-type: application/json' "$sandbox_url/sandbox/invoke/calculateFinanceAgreement" \
        -d "{\"customerId\":\"$2\",\"vehicleId\":\"a0Vxx0000000010\",\"maxInterestRate\":9,\"downPayment\":1000,\"years\":5}"
}
han=$(contact '山田太郎 🚗')
plain_call "$work/han.json" "$han"
check "a Japanese customer's document is stored" test "$(member "$work/han.json" documentStatus)" = stored
before=$(uploads)
cuneiform=$(contact '𒀀𒀁')
plain_call "$work/cuneiform.json" "$cuneiform"
check "a name that no font has is no document" test "$(member "$work/cuneiform.json" documentStatus)/$(member "$work/cuneiform.json" failureCode)" = failed/font_missing
check "nothing was stored" test "$(uploads)" = "$before"
check "the characters are named, in the warnings too" sh -c "grep -q '"'"failure": *"[^"]*U+12000'"' '$work/cuneiform.json' &&
    grep -q '"'The document was not stored: [^"]*U+12001'"' '$work/cuneiform.json'"
check "and the figures stay" grep -q '"monthlyPayment": *[0-9]' "$work/cuneiform.json"

stop "$host_pid"
check "no customer's name is in the log" sh -c "! grep -q 'Leilani\|Nakamura' '$work/host.log'"
check "no customer's id went to a lender" sh -c "! curl -s '$sandbox_url/sandbox/log?path=/lenders&limit=2000' | grep -q '003xx\|Leilani'"
totals
