/* test_openapi.c - what the document says of an agent action, of another action and of a data action. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/base/limits.h"
#include "runtime/declare/openapi.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    (void)call, (void)in, (void)out;
    return ACT_FAULT;
}
static const struct action handler = { .run = run };

/* good.json three times: as agent action, as named one, as data action; `agents` false leaves the first out. */
static json_t *document(bool agents, struct buf *text)
{
    json_t *good = json_load_file("tests/cases/declarations/good.json", 0, NULL),
           *host = json_load_file("tests/cases/declarations/good-host.json", 0, NULL);
    assert_non_null(good);
    assert_non_null(host);
    char *first = json_dumps(good, 0);
    json_object_del(good, "agent");
    json_object_del(good, "permissionSet");
    json_object_set_new(good, "operationId", json_string("countQuotes"));
    char *second = json_dumps(good, 0);
    json_object_set_new(good, "accepts", json_pack("[s]", "dataAction"));
    json_object_set_new(good, "operationId", json_string("logQuotes"));
    char *third = json_dumps(good, 0), *host_text = json_dumps(host, 0);
    struct registry_row rows[] = { { "a", first, strlen(first), &handler },
                                   { "b", second, strlen(second), &handler },
                                   { "c", third, strlen(third), &handler },
                                   { NULL, NULL, 0, NULL } };
    struct declarations d;
    struct buf faults;
    buf_init(&faults, 1 << 16);
    if (!declarations_load_from(&d, agents ? rows : rows + 1, span_of(host_text), &faults))
        fail_msg("%s", faults.p);
    buf_init(text, LIMIT_DOCUMENT);
    assert_true(openapi_write(&d, "1.0.0", text));
    struct buf small;
    buf_init(&small, text->n - 1);
    assert_false(openapi_write(&d, "1.0.0", &small));
    buf_free(&small);
    declarations_free(&d);
    buf_free(&faults);
    free(first);
    free(second);
    free(third);
    free(host_text);
    json_decref(good);
    json_decref(host);
    json_t *root = json_loadb(text->p, text->n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    return root;
}

static enum act_step part(struct act_call *call, const json_t *input, const json_t *payload)
{
    (void)call, (void)input, (void)payload;
    return ACT_STEP_DONE;
}
static enum act_step finish(struct act_call *call, const json_t *input, json_t **out)
{
    (void)call, (void)input, (void)out;
    return ACT_STEP_DONE;
}
static const struct action_job job = { part, part, finish };
static const struct action job_handler = { .run = run, .job = &job };

/* good-job.json twice: priceQuotes with named schemas, priceMore as agent action. */
static json_t *jobs_document(void)
{
    json_t *good = json_load_file("tests/cases/declarations/good-job.json", 0, NULL),
           *host = json_load_file("tests/cases/declarations/good-host.json", 0, NULL);
    assert_true(good && host);
    char *first = json_dumps(good, 0), *host_text = json_dumps(host, 0);
    json_object_set_new(good, "agent", json_pack("{s:b}", "publish", 1));
    json_object_set_new(good, "operationId", json_string("priceMore"));
    json_object_set_new(
        json_object_get(
            json_object_get(json_object_get(json_object_get(good, "input"), "properties"), "opportunityIds"), "items"),
        "description", json_string("Id of one opportunity."));
    char *second = json_dumps(good, 0);
    struct registry_row rows[] = { { "a", first, strlen(first), &job_handler },
                                   { "b", second, strlen(second), &job_handler },
                                   { NULL, NULL, 0, NULL } };
    struct declarations d;
    struct buf faults, text;
    buf_init(&faults, 1 << 16);
    buf_init(&text, LIMIT_DOCUMENT);
    if (!declarations_load_from(&d, rows, span_of(host_text), &faults))
        fail_msg("%s", faults.p);
    assert_true(openapi_write(&d, "1.0.0", &text));
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    declarations_free(&d);
    buf_free(&faults);
    buf_free(&text);
    free(first);
    free(second);
    free(host_text);
    json_decref(good);
    json_decref(host);
    return root;
}

/* Value at a path whose steps are separated by blanks; fails when it is not there. */
static json_t *at(json_t *v, const char *path)
{
    struct span rest = span_of(path), part;
    while (v && span_split(&rest, ' ', &part)) {
        char step[64];
        copy_span(step, sizeof step, part);
        v = json_is_array(v) ? json_array_get(v, (size_t)strtol(step, NULL, 10)) : json_object_get(v, step);
        if (!v)
            fail_msg("no %s in %s", step, path);
    }
    return v;
}
#define POST(name) "paths /api/" name " post "
#define INPUT(name) POST(name) "requestBody content application/json schema"
#define OUTPUT(name) POST(name) "responses 200 content application/json schema"

static void agent_actions_stand_inline(void **state)
{
    (void)state;
    struct buf text;
    json_t *root = document(true, &text);
    assert_string_equal(json_string_value(at(root, "openapi")), "3.0.3");
    assert_true(json_is_true(at(root, POST("priceQuote") "x-sfdc agent action publishAsAgentAction")));
    assert_true(json_is_true(at(root, INPUT("priceQuote") " x-sfdc agent action isUserInput")));
    assert_true(json_is_false(at(root, INPUT("priceQuote") " x-sfdc agent action isDisplayable")));
    assert_true(json_is_true(at(root, OUTPUT("priceQuote") " x-sfdc agent action isDisplayable")));
    assert_true(json_is_false(at(root, OUTPUT("priceQuote") " additionalProperties")));
    assert_string_equal(json_string_value(at(root, POST("priceQuote") "x-sfdc heroku authorization permissionSet")),
                        "QuoteActions");
    assert_non_null(at(root, POST("priceQuote") "x-sfdc heroku authorization externalClientApp"));
    assert_true(json_is_false(at(root, POST("priceQuote") "x-sfdc privacy isPii")));
    assert_non_null(at(root, "x-sfdc agent topic classificationDescription"));
    json_decref(root);
    buf_free(&text);
}

static void our_own_format_is_spelt_out(void **state)
{
    (void)state;
    struct buf text;
    json_t *root = document(true, &text);
    json_t *id = at(root, INPUT("priceQuote") " properties opportunityId");
    assert_null(json_object_get(id, "format"));
    assert_string_equal(json_string_value(at(id, "pattern")), "^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$");
    assert_int_equal(json_integer_value(at(id, "maxLength")), 18);
    assert_null(strstr(text.p, "salesforce-id"));
    /* the example that callers copy has no null in it */
    assert_null(
        json_object_get(at(root, POST("priceQuote") "requestBody content application/json example"), "urgency"));
    json_decref(root);
    buf_free(&text);
}

static void other_actions_refer_to_named_schemas(void **state)
{
    (void)state;
    struct buf text;
    json_t *root = document(true, &text);
    assert_string_equal(json_string_value(at(root, INPUT("countQuotes") " $ref")),
                        "#/components/schemas/CountQuotesInput");
    assert_string_equal(json_string_value(at(root, OUTPUT("countQuotes") " $ref")),
                        "#/components/schemas/CountQuotesOutput");
    assert_null(json_object_get(at(root, "components schemas CountQuotesInput"), "x-sfdc"));
    assert_null(json_object_get(at(root, POST("countQuotes") "x-sfdc"), "agent"));
    assert_null(json_object_get(at(root, POST("countQuotes") "x-sfdc"), "heroku"));
    assert_int_equal(json_object_size(at(root, "components schemas")), 4);
    json_decref(root);
    buf_free(&text);
}

#define STARTED(name) POST(name) "responses 201 content application/json schema"

static void jobs_are_answered_with_what_was_started(void **state)
{
    (void)state;
    json_t *root = jobs_document();
    assert_null(json_object_get(at(root, POST("priceQuotes") "responses"), "200"));
    assert_null(json_object_get(at(root, POST("priceMore") "responses"), "200"));
    assert_string_equal(json_string_value(at(root, STARTED("priceQuotes") " $ref")), "#/components/schemas/JobStarted");
    json_t *shared = at(root, "components schemas JobStarted");
    assert_true(json_is_false(at(shared, "additionalProperties")));
    assert_int_equal(json_array_size(at(shared, "required")), 4);
    assert_int_equal(json_array_size(at(shared, "properties state enum")), 6);
    assert_null(json_object_get(shared, "x-sfdc"));
    assert_null(json_object_get(at(root, "components schemas"), "PriceQuotesOutput"));
    assert_string_equal(json_string_value(at(root, STARTED("priceMore") " properties jobId type")), "string");
    assert_true(json_is_true(at(root, STARTED("priceMore") " x-sfdc agent action isDisplayable")));
    assert_string_equal(
        json_string_value(at(root, POST("priceQuotes") "requestBody content application/json example condition")),
        "Amount > 5");
    json_decref(root);
}

static void data_actions_are_not_published(void **state)
{
    (void)state;
    struct buf text;
    json_t *root = document(true, &text);
    assert_int_equal(json_object_size(at(root, "paths")), 2);
    assert_null(strstr(text.p, "logQuotes"));
    json_decref(root);
    buf_free(&text);
}

static void the_topic_needs_an_agent_action(void **state)
{
    (void)state;
    struct buf text;
    json_t *root = document(false, &text);
    assert_null(json_object_get(root, "x-sfdc"));
    json_decref(root);
    buf_free(&text);
}

static void errors_share_one_response(void **state)
{
    (void)state;
    static const char *const statuses[] = { "400", "401", "403", "404", "409", "413", "415",
                                            "422", "429", "500", "502", "503", "504" };
    struct buf text;
    json_t *root = document(true, &text);
    json_t *responses = at(root, POST("countQuotes") "responses");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        assert_string_equal(json_string_value(json_object_get(json_object_get(responses, statuses[i]), "$ref")),
                            "#/components/responses/ActionFailed");
    assert_int_equal(json_object_size(responses), 1 + sizeof statuses / sizeof *statuses);
    assert_int_equal(json_object_size(at(root, "components schemas ActionError properties")), 6);
    json_decref(root);
    buf_free(&text);
}

static void equal_declarations_give_equal_bytes(void **state)
{
    (void)state;
    struct buf one, two;
    json_decref(document(true, &one));
    json_decref(document(true, &two));
    assert_int_equal(one.n, two.n);
    assert_memory_equal(one.p, two.p, one.n);
    buf_free(&one);
    buf_free(&two);
}

/* The lint rules are tested on changed copies of this file, so it must be what the generator writes. */
static void the_document_is_the_golden_one(void **state)
{
    (void)state;
    static const char golden[] = "tests/cases/openapi/good.json", written[] = "build/good.openapi.json";
    struct buf text;
    json_decref(document(true, &text));
    char *expected = malloc(text.n + 2);
    FILE *f = fopen(golden, "rb");
    size_t n = f && expected ? fread(expected, 1, text.n + 2, f) : 0;
    bool same = n == text.n && memcmp(expected, text.p, n) == 0;
    if (f)
        fclose(f);
    if (!same) {
        f = fopen(written, "wb");
        if (f) {
            fwrite(text.p, 1, text.n, f);
            fclose(f);
        }
        fail_msg("differs from %s; compare it with %s", golden, written);
    }
    free(expected);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agent_actions_stand_inline),
        cmocka_unit_test(our_own_format_is_spelt_out),
        cmocka_unit_test(other_actions_refer_to_named_schemas),
        cmocka_unit_test(data_actions_are_not_published),
        cmocka_unit_test(the_topic_needs_an_agent_action),
        cmocka_unit_test(errors_share_one_response),
        cmocka_unit_test(equal_declarations_give_equal_bytes),
        cmocka_unit_test(the_document_is_the_golden_one),
        cmocka_unit_test(jobs_are_answered_with_what_was_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
