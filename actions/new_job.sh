# new_job.sh - the files of a new action whose work goes on after the call. Read by new.sh, which has set $folder, $name,
# $operation, $title and $test.
cat >"$folder/action.json" <<TXT
{
  "\$schema": "../../openapi/action.schema.json",
  "operationId": "$operation",
  "tag": "$title",
  "summary": "$title: greets many people",
  "description": "Starts a job that greets any number of people, and answers the job's id at once; ask getJob how far it is. Replace these sentences: say what the job does, when to use it and which records it reads or changes.",
  "accepts": ["salesforce"],
  "limits": { "bodyBytes": 65536, "timeoutMs": 25000 },
  "pii": false,
  "job": { "stepSeconds": 60, "attempts": 5, "perOrg": 4, "pageItems": 200, "uniqueBy": ["/personNames"] },
  "input": {
    "type": "object",
    "description": "Whom to greet.",
    "additionalProperties": false,
    "required": ["personNames"],
    "properties": {
      "personNames": {
        "type": "array",
        "description": "Names of the people, as they write them themselves.",
        "minItems": 1,
        "maxItems": 2000,
        "items": { "type": "string", "description": "Name of one person.", "minLength": 1, "maxLength": 80 }
      },
      "waitSeconds": { "type": "integer", "format": "int32", "description": "Seconds to wait for the end of the job before answering. 0 answers at once.", "minimum": 0, "maximum": 20, "default": 0 }
    }
  },
  "output": {
    "type": "object",
    "description": "What the job has to say at its end; getJob gives it as resultJson.",
    "additionalProperties": false,
    "required": ["greetings"],
    "properties": {
      "greetings": { "type": "integer", "format": "int64", "description": "How many people were greeted." }
    }
  },
  "errors": [],
  "examples": [
    { "name": "greets", "input": { "personNames": ["Ada", "Nobody"], "waitSeconds": 20 }, "status": 201, "expect": { "state": "done", "operation": "$operation" } },
    { "name": "nobody at all", "input": { "personNames": [] }, "status": 422, "expect": { "code": "invalid_input", "field": "/personNames" } }
  ]
}
TXT
cat >"$folder/$name.c" <<TXT
/* $name.c - greets many people. Replace this with a sentence about what the job does. */
#include "runtime/action.h"

#include <string.h>

/* Each function runs in a worker of its own and may run twice, as a worker can die at any moment: what it does must then
 * have the effect of doing it once. */

/* Lists what there is to do. An item is anything that names a piece of work for ever, mostly the id of a record. */
static enum act_step plan(struct act_call *call, const json_t *input, const json_t *cursor)
{
    size_t i;
    json_t *name;
    (void)cursor; /* a longer plan goes on from here: act_plan_more */
    json_array_foreach (json_object_get(input, "personNames"), i, name)
        act_plan_item(call, json_incref(name));
    return ACT_STEP_DONE;
}

/* Does some of it. The items that are not reported are done. */
static enum act_step page(struct act_call *call, const json_t *input, const json_t *items)
{
    size_t i;
    json_t *item;
    (void)input;
    json_array_foreach ((json_t *)items, i, item) {
        const char *name = json_string_value(item);
        if (strcmp(name, "Nobody") == 0)
            act_item_failed(call, i, "person_not_greeted", NULL, "%s wants no greeting. Greet somebody else.", name);
        else
            act_log(call, ACT_LOG_DEBUG, "greets one person under the key %s", act_step_key(call, name));
    }
    return ACT_STEP_DONE;
}

/* Says what was done, once all pages have ended. */
static enum act_step finish(struct act_call *call, const json_t *input, json_t **out)
{
    (void)input;
    *out = json_pack("{s:I}", "greetings", (json_int_t)act_job_counts(call).done);
    return ACT_STEP_DONE;
}

/* The call itself: look at the input, refuse what cannot be, start the job. */
static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_start(call, in, out);
}

static const struct action_job job = { .plan = plan, .page = page, .finish = finish };
const struct action ${name}_action = { .run = run, .job = &job };
TXT
cat >"$test" <<TXT
/* test_$name.c - the job $operation, run as workers run it. */
#include "tests/job_kit.h"

static void greets_everybody_but_nobody(void **state)
{
    (void)state;
    struct job_ran r = job_run("$operation", "{\"personNames\":[\"Ada\",\"Nobody\",\"Alan\"]}");
    assert_string_equal(r.outcome, "done");
    assert_int_equal(r.done, 2);
    assert_int_equal(r.failed, 1);
    const json_t *row = json_array_get(r.failures, 0);
    assert_string_equal(json_string_value(json_object_get(row, "item")), "Nobody");
    assert_string_equal(json_string_value(json_object_get(row, "code")), "person_not_greeted");
    assert_int_equal(json_integer_value(json_object_get(r.result, "greetings")), 2);
    job_ran_free(&r);
}

static void refuses_what_cannot_be(void **state)
{
    json_t *answer;
    (void)state;
    assert_int_equal(action_invoke("$operation", "{\"personNames\":\"Ada\"}", &answer), 422);
    assert_string_equal(json_string_value(json_object_get(answer, "code")), "invalid_input");
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greets_everybody_but_nobody),
        cmocka_unit_test(refuses_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
TXT
cat <<TXT
made $folder/action.json   what the job takes and gives; examples that are run as tests
     $folder/$name.c
     $test
next edit them, then: make tests && tests/run.sh $name && make openapi
     docs/write-a-job.md shows a real one in ten minutes
TXT
