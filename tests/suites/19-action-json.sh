#!/bin/sh
# 19-action-json.sh - the JSON Schema of action.json and the tables of docs/action-json.md are those that lint checks by; the
# schema takes every action and refuses what lint refuses; make tells the faults of a declaration.
. "$(dirname "$0")/../lib.sh"
schema=openapi/action.schema.json page=docs/action-json.md

env -i "$B/actionhost" actions --schema >"$work/schema.json"
check "openapi/action.schema.json is the program's (make action-json refreshes it)" cmp "$work/schema.json" $schema
env -i "$B/actionhost" actions --markdown >"$work/tables.md"
tables() { sed -n '/^<!-- tables:/,/^<!-- end of tables/p' "$1" | sed '1d;$d' | cmp - "$work/tables.md"; }
check "so are the tables of docs/action-json.md" tables $page
sed 's/| `bodyBytes` | whole number, 64/| `bodyBytes` | whole number, 65/' $page >"$work/page.md"
check "another bound is noticed" sh -c "! sed -n '/^<!-- tables:/,/^<!-- end of tables/p' $work/page.md | sed '1d;\$d' | cmp -s - $work/tables.md"

if command -v python3 >/dev/null 2>&1; then
    export PYTHONDONTWRITEBYTECODE=1
    judge() { python3 tests/tools/action_json.py "$@"; }
    one=actions/quotes/action.json
    # refused REASON ARGUMENTS: the schema refuses the changed copy of a declaration for that reason
    refused() { why=$1; shift; judge "$@" $schema $one >"$work/out"; [ $? -eq 1 ] && grep -qF ": $why" "$work/out" || { cat "$work/out"; return 1; }; }
    check "the schema takes every action" judge $schema actions/*/action.json tests/actions/*/action.json
    check "it takes a declaration that names it" judge --with '{"$schema": "../../openapi/action.schema.json"}' $schema $one
    check "a member that is missing is refused" refused '/summary: is missing' --without summary
    check "one that is not known is refused" refused '/sumary: is not known' --with '{"sumary": "x"}'
    check "another type is refused" refused '/agent/publish: is no boolean' --with '{"agent": {"publish": "yes"}}'
    check "a number that is too large is refused" refused '/job/attempts: maximum 20' --with '{"job": {"attempts": 21}}'
    check "a text that is too short is refused" refused '/description: minLength 10' --with '{"description": "short"}'
    check "an element of a list is looked at" refused '/errors/0/status: is missing' --with '{"errors": [{"code": "a"}]}'
    check "a list in a member of a member, too" refused '/events/when/0/changes: is missing' --with '{"events": {"topic": "/data/X", "ids": "/a", "when": [{"name": "a"}]}}'
    check "an object in an element, too" refused '/examples/0/after/input: is missing' --with '{"examples": [{"name": "a", "input": {}, "status": 200, "expect": {}, "after": {"operationId": "x"}}]}'
else
    skip "the schema against the declarations: no python3 (./deps.sh)"
fi

# A host whose registry has a faulty declaration: make stops there and says what mends it.
cat >"$work/actionhost" <<'TXT'
#!/bin/sh
echo "greet_person/action.json: /summary: is missing; add it" >&2
exit 78
TXT
chmod +x "$work/actionhost"
told() {
    printf 'all:\nB = %s\ninclude make/declare.mk\n' "$work" >"$work/Makefile"
    rm -f "$work/declared"
    ! make -s -f "$work/Makefile" all >"$work/make.log" 2>&1 && grep -q 'summary: is missing; add it' "$work/make.log" && [ ! -e "$work/declared" ]
}
check "make fails with the faults of a declaration" told
printf '#!/bin/sh\nexit 0\n' >"$work/actionhost"
check "and goes on when there are none" make -s -f "$work/Makefile" all
check "an option that actions does not know is refused" sh -c "'$B/actionhost' actions --json >/dev/null 2>&1; [ \$? -eq 64 ]"
totals
