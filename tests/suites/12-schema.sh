# 12-schema.sh - the published JSON Schema tests. The counts are pinned, so that coverage cannot shrink unseen.
# Refused are the groups with keywords outside the subset, and two whose default breaks its own schema (4 tests).
. "$(dirname "$0")/../lib.sh"

suite=/usr/share/json-schema-test-suite/tests/draft4
if [ -d $suite ]; then
    line=$("$B/tests/vectors_schema" $suite/*.json | tee "$work/draft4.log" | tail -n 1)
    if [ "$line" = "136 passed, 0 failed, 184 refused" ]; then pass "draft4"; else
        fail "draft4: $line"
        cat "$work/draft4.log"
    fi
else
    skip "JSON Schema Test Suite: no $suite (apt-get install json-schema-test-suite)"
fi
totals
