#!/bin/sh
# new.sh NAME [KIND] - makes a new action that compiles, with a declaration, a handler, an example and a test.
# `make new-action NAME=x`; `KIND=job` makes one whose work goes on after the call.
# The build finds the folder by itself; nothing else has to be touched.
set -eu
cd "$(dirname "$0")/.."

name=${1:-} kind=${2:-action}
refuse() { echo "new-action: $*" >&2; exit 64; }
[ -n "$name" ] || refuse "give the new action a name: make new-action NAME=shipping_options"
case $name in
[!a-z]* | *[!a-z0-9_]* | *_ | *__*) refuse "\"$name\" must be snake_case: small letters, digits, single underscores, a letter first" ;;
esac
case $kind in
action | job) ;;
*) refuse "KIND is \"$kind\": leave it out, or write KIND=job for work that goes on after the call" ;;
esac
case $name in
gen_*) refuse "\"$name\" would be built as a tool that makes tables, which gen_ stands for; choose another name" ;;
none) refuse "\"none\" reads like no action at all in logs and metrics; choose another name" ;;
esac
[ ${#name} -le 36 ] || refuse "\"$name\" is too long; 36 characters at most, so that the operation id fits too"
folder=actions/$name test=tests/unit/$name/test_$name.c
for path in "$folder" "tests/actions/$name" "$test" "tests/sandbox/test_$name.c"; do
    [ ! -e "$path" ] || refuse "$path is already there"
done

# shipping_options -> shippingOptions, Shipping options
operation=$(echo "$name" | awk -F_ '{ s = $1; for (i = 2; i <= NF; i++) s = s toupper(substr($i, 1, 1)) substr($i, 2); print s }')
[ "$kind" = action ] || [ ${#operation} -le 35 ] || refuse "\"$name\" is too long for a job: its operation id has 35 characters at most"
title=$(echo "$name" | awk '{ gsub("_", " "); print toupper(substr($0, 1, 1)) substr($0, 2) }')
if grep -qw "\"$(echo "$operation" | tr 'A-Z' 'a-z')\"" runtime/declare/apex_names.c; then
    refuse "\"$operation\" is a reserved word of Apex; choose a longer name"
fi
if grep -qi "\"operationId\": *\"$operation\"" actions/*/action.json tests/actions/*/action.json 2>/dev/null; then
    refuse "another action has the operation id $operation"
fi

mkdir -p "$folder" "$(dirname "$test")"
[ "$kind" = action ] || { . actions/new_job.sh; exit; }
cat >"$folder/action.json" <<TXT
{
  "\$schema": "../../openapi/action.schema.json",
  "operationId": "$operation",
  "tag": "$title",
  "summary": "$title: greets a person",
  "description": "Use this action to greet one person by name. Replace this sentence: say what the action does, when to use it and which records it reads or changes.",
  "accepts": ["salesforce"],
  "limits": { "bodyBytes": 65536, "timeoutMs": 10000 },
  "agent": { "publish": true },
  "pii": false,
  "input": {
    "type": "object",
    "description": "Whom to greet.",
    "additionalProperties": false,
    "required": ["personName"],
    "properties": {
      "personName": { "type": "string", "description": "Name of the person, as they write it themselves.", "minLength": 1, "maxLength": 80, "example": "Ada" }
    }
  },
  "output": {
    "type": "object",
    "description": "The greeting.",
    "additionalProperties": false,
    "required": ["message"],
    "properties": {
      "message": { "type": "string", "description": "The greeting, ready to be shown." }
    }
  },
  "errors": [
    { "code": "person_not_greeted", "status": 422, "description": "This person asked not to be greeted." }
  ],
  "examples": [
    { "name": "greets", "input": { "personName": "Ada" }, "status": 200, "expect": { "message": "Hello, Ada." } },
    { "name": "somebody who asked not to be greeted", "input": { "personName": "Nobody" }, "status": 422, "expect": { "code": "person_not_greeted", "field": "/personName" } },
    { "name": "no name", "input": {}, "status": 422, "expect": { "code": "invalid_input" } }
  ]
}
TXT
cat >"$folder/$name.c" <<TXT
/* $name.c - greets a person. Replace this with a sentence about what the action does. */
#include "runtime/action.h"

#include <string.h>

/* The input already satisfies the schema of action.json, and the answer must satisfy the output schema. */
static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const char *name = json_string_value(json_object_get(in, "personName"));
    if (strcmp(name, "Nobody") == 0)
        return act_refuse(call, "person_not_greeted", "/personName", "%s wants no greeting. Greet somebody else.", name);
    json_t *answer = json_pack("{s:s}", "message", act_printf(call, "Hello, %s.", name));
    if (!answer)
        return ACT_FAULT;
    *out = answer;
    return ACT_OK;
}

const struct action ${name}_action = { .run = run };
TXT
cat >"$test" <<TXT
/* test_$name.c - the action $operation, run as a worker runs it. */
#include "tests/action_kit.h"

static void greets_a_person(void **state)
{
    json_t *answer;
    (void)state;
    assert_int_equal(action_invoke("$operation", "{\"personName\":\"Ada\"}", &answer), 200);
    assert_string_equal(json_string_value(json_object_get(answer, "message")), "Hello, Ada.");
    json_decref(answer);
}

static void refuses_in_words(void **state)
{
    json_t *answer;
    (void)state;
    assert_int_equal(action_invoke("$operation", "{\"personName\":\"Nobody\"}", &answer), 422);
    assert_string_equal(json_string_value(json_object_get(answer, "code")), "person_not_greeted");
    json_decref(answer);
    assert_int_equal(action_invoke("$operation", "{\"person_name\":\"Ada\"}", &answer), 422);
    assert_string_equal(json_string_value(json_object_get(answer, "code")), "invalid_input");
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greets_a_person),
        cmocka_unit_test(refuses_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
TXT
cat <<TXT
made $folder/action.json   what the action takes, gives and refuses; examples that are run as tests
     $folder/$name.c
     $test
next edit them, then: make tests && tests/run.sh $name && make openapi
     docs/write-an-action.md shows a real one in ten minutes
TXT
