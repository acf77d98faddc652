/* declaration_async.c - the operation <operationId>Async, made of the declaration of what it asks for. */
#include "runtime/declare/declaration_job.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/limits.h"
#include "runtime/declare/lint.h"

enum { CALLBACK_ROOM = 4096, SUMMARY_MAX = 120, STARTED = 201 };

static const char url_schema[] = "{\"type\": \"string\", \"minLength\": 10, \"maxLength\": 2000,"
                                 " \"description\": \"Where the outcome is sent: the URL that Salesforce makes for "
                                 "this call, an address of the calling "
                                 "org.\"}";

/* Of an action that is no job itself: one step, which may take longer than a call. */
static const char job_member[] = "{\"stepSeconds\": 300, \"attempts\": 4, \"perOrg\": 2}";

bool declaration_has_async(const struct declaration *d)
{
    return d->salesforce && (d->is_job || json_is_true(json_object_get(d->root, "async")));
}

/* The input with callbackUrl, and without how long to wait: the answer is not waited for. */
static json_t *input_of(const struct declaration *d)
{
    json_t *input = json_deep_copy(json_object_get(d->root, "input"));
    json_t *required = json_object_get(input, "required"), *properties = json_object_get(input, "properties");
    if (!required)
        json_object_set_new(input, "required", required = json_array());
    json_array_append_new(required, json_string("callbackUrl"));
    json_object_del(properties, "waitSeconds");
    json_object_set_new(properties, "callbackUrl", json_loads(url_schema, 0, NULL));
    return input;
}

/* One that shows what a call looks like; its URL is nobody's. */
static json_t *examples_of(const struct declaration *d)
{
    const json_t *first = NULL;
    size_t i;
    json_t *example;
    json_array_foreach (json_object_get(d->root, "examples"), i, example)
        if (!first && json_integer_value(json_object_get(example, "status")) == declaration_success(d))
            first = example;
    json_t *input = json_deep_copy(json_object_get(first, "input"));
    json_object_del(input, "waitSeconds");
    json_object_set_new(input, "callbackUrl",
                        json_string("https://example.my.salesforce.com/services/callbacks/0123456789"));
    return json_pack("[{s:s, s:s, s:o, s:{}, s:i}]", "name", "with a callback", "notRun",
                     "Salesforce makes the URL of a callback.", "input", input, "expect", "status", STARTED);
}

static void set_words(json_t *root, const struct declaration *d)
{
    char id[LINT_NAME + 8], text[LINT_DESCRIPTION_MAX + 400];
    snprintf(id, sizeof id, "%sAsync", d->operation_id);
    json_object_set_new(root, "operationId", json_string(id));
    snprintf(text, sizeof text, "%s, with a callback", d->summary);
    json_object_set_new(root, "summary", json_string(strlen(text) <= SUMMARY_MAX ? text : d->summary));
    int n =
        snprintf(text, sizeof text,
                 "For Apex: does what %s does as a job, answers its id at once and calls back when it has ended, with "
                 "the result or the error. ",
                 d->operation_id);
    struct span rest = span_of(d->description);
    if (rest.n > (size_t)(LINT_DESCRIPTION_MAX - n))
        rest = utf8_whole((struct span){ rest.p, (size_t)(LINT_DESCRIPTION_MAX - n) });
    memcpy(text + n, rest.p, rest.n);
    json_object_set_new(root, "description", json_stringn(text, (size_t)n + rest.n));
}

static void set_limits(json_t *root, const struct declaration *d)
{
    size_t room = d->body_max + CALLBACK_ROOM;
    json_t *limits = json_object_get(root, "limits");
    if (!limits)
        json_object_set_new(root, "limits", limits = json_object());
    json_object_set_new(limits, "bodyBytes", json_integer((json_int_t)(room < LIMIT_BODY_MAX ? room : LIMIT_BODY_MAX)));
}

json_t *declaration_async_root(const struct declaration *d)
{
    static const char *const dropped[] = { "agent", "async", "repeatable", "settings", "schemaNames", "events" };
    json_t *root = json_deep_copy(d->root);
    if (!root)
        return NULL;
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        json_object_del(root, dropped[i]);
    set_words(root, d);
    set_limits(root, d);
    json_object_set_new(root, "accepts", json_pack("[s]", "salesforce"));
    json_object_set_new(root, "input", input_of(d));
    json_object_set_new(root, "examples", examples_of(d));
    if (!d->is_job)
        json_object_set_new(root, "job", json_loads(job_member, 0, NULL));
    return root;
}
