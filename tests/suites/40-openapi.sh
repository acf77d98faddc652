# 40-openapi.sh - the published document: deterministic, equal to the committed copy, accepted by every lint tool, readable by a
# client generator; and the gate itself: 31 documents with one fault each, and every Salesforce rule, must make it refuse.
# long: 45
. "$(dirname "$0")/../lib.sh"
. openapi/tools.sh

copy=openapi/actionhost.openapi.json
"$B/actionhost" openapi >"$work/one.json" || fail "actionhost openapi"
env -i "$B/actionhost" openapi >"$work/two.json"
check "the document is the same each time, without any environment" cmp "$work/one.json" "$work/two.json"
if cmp -s "$work/one.json" $copy; then pass "the committed copy is up to date"; else
    fail "$copy is not what actionhost openapi prints; judge the changes, then run make openapi"
    openapi/changes.sh "$B" "$work/one.json"
fi
version=$(sed -n 's/^VERSION := //p' Makefile)
check "the program has the version of the Makefile" [ "$("$B/actionhost" version | sed -n 's/^actionhost //p')" = "$version" -a "$version" != "" ]
check "and so has the document" [ "$(sed -n '/^  "info": {/,/^  }/s/^    "version": "\(.*\)",$/\1/p' "$work/one.json")" = "$version" ]
check "Salesforce reads at most 10,000,000 characters" [ "$(wc -m <"$work/one.json")" -le 10000000 ]
"$B/tests/openapi_names" $copy >"$work/names"
for folder in tests/actions/*/; do
    operation=$(sed -n 's/.*"operationId": *"\([A-Za-z0-9]*\)".*/\1/p' "$folder/action.json" 2>/dev/null | head -n 1)
    [ -z "$operation" ] || check "test action $operation is not published" sh -c "! grep -q '^operation $operation ' '$work/names'"
done
[ ! -s "$work/names" ] || sed "s/\"$(sed -n 's/^operation \([A-Za-z0-9]*\) .*/\1/p' "$work/names" | head -n 1)\"/\"renamedOperation\"/" $copy >"$work/renamed.json"
[ ! -s "$work/names" ] || check "a renamed operation is shown" sh -c "openapi/changes.sh '$B' '$work/renamed.json' | grep -q '^  + operation renamedOperation'"

if [ "${MODE:-release}" != release ]; then
    skip "lint tools, broken documents, typed client: they judge the document, which is the same in every build"
elif tools_ready; then
    "$B/tests/actionhost-test" openapi >"$work/test-actions.json"
    check "Redocly, Spectral and the schema accept the document" node openapi/gate.mjs $copy tests/cases/openapi/good.json "$work/test-actions.json"

    node openapi/rules.mjs tests/cases/openapi/good.json tests/cases/openapi/rules.json "$work/rules" >"$work/rules.log" 2>&1
    line=$(tail -n 1 "$work/rules.log")
    check "every changed document is refused by its rule: $line" [ "$line" = "179 passed, 0 failed" ] || cat "$work/rules.log"
    for rule in $(sed -n 's/^  \(sf-[a-z0-9-]*\):.*/\1/p' openapi/salesforce.spectral.yaml); do
        check "$rule has a document that breaks it" grep -q "\"rule\": \"$rule\"" tests/cases/openapi/rules.json
    done
    sed -n '/^    `/,/`/p' openapi/functions/reservedWord.js | tr -cs 'a-z' '\n' | grep -v '^\(split\|s\|\)$' | sort >"$work/words.js"
    sed -n '/reserved\[\] = {/,/};/p' runtime/declare/apex_names.c | grep -o '"[a-z]*"' | tr -d '"' | sort >"$work/words.c"
    check "the reserved words of gate and host are the same" cmp "$work/words.js" "$work/words.c"

    mutants=$SHARED_DATA/openapi/mutants
    if [ -d "$mutants" ]; then
        node openapi/gate.mjs --brief "$mutants"/*.json >"$work/mutants.log"
        check "the good document is accepted" grep -q "^accepted .*/0-good.json$" "$work/mutants.log"
        grep -v '^#' tests/cases/openapi/mutants.txt >"$work/mutants.txt"
        check "31 broken documents" [ "$(wc -l <"$work/mutants.txt")" = 31 ]
        while read -r name rule; do
            if grep "^refused .*/$name.json " "$work/mutants.log" | tr ' ' '\n' | grep -qxF "$rule"; then pass "$name"; else
                fail "$name is not refused by $rule: $(grep "/$name.json" "$work/mutants.log")"
            fi
        done <"$work/mutants.txt"
    else
        skip "31 broken documents: no folder $mutants"
    fi

    cp tests/cases/openapi/client.ts "$work/use.ts"
    check "openapi-typescript reads the document" sh -c "openapi-typescript '$work/test-actions.json' -o '$work/client.d.ts' >'$work/ts.log' 2>&1"
    check "the typed client compiles" tsc --noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext --skipLibCheck "$work/use.ts"
    check "the typed client of the published document compiles" sh -c "openapi-typescript $copy -o '$work/published.d.ts' >>'$work/ts.log' 2>&1 &&
        tsc --noEmit --strict '$work/published.d.ts'"
    sed 's/"text": {/"texts": {/; s/"text"/"texts"/' "$work/test-actions.json" >"$work/broken.json"
    mkdir -p "$work/broken" && cp tests/cases/openapi/client.ts "$work/broken/use.ts"
    openapi-typescript "$work/broken.json" -o "$work/broken/client.d.ts" >/dev/null 2>&1
    check "a renamed member breaks the client" sh -c "! tsc --noEmit --strict --target es2022 --module nodenext --moduleResolution nodenext --skipLibCheck '$work/broken/use.ts' >/dev/null"
else
    skip_node "lint tools, broken documents, typed client: $tools_why"
fi
totals
