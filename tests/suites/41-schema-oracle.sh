#!/bin/sh
# 41-schema-oracle.sh - random schemas and values: the host's validator and Ajv must agree on every one.
# long: 8
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh

if tools_ready; then
    seeds='1 2 3' groups=2000
    [ -z "${LONG:-}" ] || seeds='1 2 3 4 5 6 7 8 9 10 11 12' groups=20000
    for seed in $seeds; do
        node openapi/oracle.mjs "$seed" $groups >"$work/oracle.json"
        "$B/tests/vectors_schema" "$work/oracle.json" >"$work/oracle.log"
        line=$(tail -n 1 "$work/oracle.log")
        check "seed $seed: $line" [ "$line" = "$((groups * 12)) passed, 0 failed, 0 refused" ] || head -n 20 "$work/oracle.log"
        # Ajv must have said yes and no often enough for agreement to mean something
        for verdict in true false; do
            n=$(grep -o "\"valid\":$verdict" "$work/oracle.json" | wc -l)
            check "seed $seed: $n times $verdict" [ "$n" -ge $((groups * 2)) ]
        done
    done
else
    skip_node "comparison with Ajv: $tools_why"
fi
totals
