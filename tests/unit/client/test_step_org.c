/* test_step_org.c - what an org failure means for an item, for a step and for the whole job. */
#include "tests/unit/check.h"

#include "tests/unit/client/step_kit.h"

static const struct sf_error *present; /* what the org says in the test at hand */

static enum act_step meets_it(struct act_call *call, const json_t *payload, json_t **out)
{
    (void)payload, (void)out;
    return act_step_org_failed(call, present);
}

static enum act_step each_item_meets_it(struct act_call *call, const json_t *items, json_t **out)
{
    (void)out;
    for (size_t i = 0; i < json_array_size(items); i++)
        act_item_org_failed(call, i, present);
    return ACT_STEP_DONE;
}

static enum act_step all_but_one_meet_it(struct act_call *call, const json_t *items, json_t **out)
{
    (void)out;
    for (size_t i = 1; i < json_array_size(items); i++)
        act_item_org_failed(call, i, present);
    return ACT_STEP_DONE;
}

static enum act_step each_item_had_another_fault(struct act_call *call, const json_t *items, json_t **out)
{
    act_item_failed(call, 0, "OTHER", NULL, "said first");
    return each_item_meets_it(call, items, out);
}

/* What an org says; further members behind it. */
#define ORG(s, c, m, ...)                                                                                              \
    {                                                                                                                  \
        .status = (s), .code = c, .message = m, ##__VA_ARGS__                                                          \
    }

struct nature_case {
    struct sf_error err;
    const char *page, *item; /* outcome of the step; of an item "again" or "failed" */
    bool counts, gate;
    int after_s;
};

static const struct nature_case cases[] = {
    { .err = ORG(500, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", .retryable = true),
      .page = "again",
      .item = "again",
      .counts = true },
    { .err = ORG(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "trigger: UNABLE_TO_LOCK_ROW, unable"),
      .page = "again",
      .item = "again",
      .counts = true },
    { .err = ORG(0, "TIMEOUT", "", .retryable = true), .page = "again", .item = "again", .counts = true },
    { .err = ORG(0, "CONNECTION_LOST", "", .retryable = true, .outcome_unknown = true),
      .page = "again",
      .item = "again",
      .counts = true },
    { .err = ORG(502, "ERROR_HTTP_502", "", .retryable = true), .page = "again", .item = "again", .counts = true },
    { .err = ORG(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "", .outcome_unknown = true),
      .page = "again",
      .item = "again",
      .counts = true },
    { .err = ORG(400, "PROCESSING_HALTED", "We rolled back"), .page = "again", .item = "again", .counts = true },
    { .err = ORG(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
      .page = "again",
      .item = "again",
      .gate = true,
      .after_s = 60 },
    { .err = ORG(403, "REQUEST_LIMIT_EXCEEDED", "", .retry_after_s = 9),
      .page = "again",
      .item = "again",
      .gate = true,
      .after_s = 9 },
    { .err = ORG(429, "ERROR_HTTP_429", ""), .page = "again", .item = "again", .gate = true, .after_s = 60 },
    { .err = ORG(503, "SERVER_UNAVAILABLE", "", .retry_after_s = 12),
      .page = "again",
      .item = "again",
      .gate = true,
      .after_s = 12 },
    { .err = ORG(503, "SERVER_UNAVAILABLE", ""), .page = "again", .item = "again", .counts = true },
    { .err = ORG(401, "INVALID_SESSION_ID", "Session expired or invalid"), .page = "waits", .item = "again" },
    { .err = ORG(401, "ERROR_HTTP_401", ""), .page = "waits", .item = "again" },
    { .err = ORG(401, "INVALID_SESSION_ID", "", .other_org = true), .page = "job_failed", .item = "failed" },
    { .err = ORG(400, "INVALID_FIELD", "No such column 'X' on entity 'Quote'"),
      .page = "job_failed",
      .item = "failed" },
    { .err = ORG(400, "INVALID_TYPE", "sObject type 'Quote' is not supported."),
      .page = "job_failed",
      .item = "failed" },
    { .err = ORG(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: X"),
      .page = "job_failed",
      .item = "failed" },
    { .err = ORG(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Quote"),
      .page = "job_failed",
      .item = "failed" },
    { .err = ORG(403, "API_DISABLED_FOR_ORG", ""), .page = "job_failed", .item = "failed" },
    { .err = ORG(403, "INSUFFICIENT_ACCESS_OR_READONLY", ""), .page = "job_failed", .item = "failed" },
    { .err = ORG(403, "ERROR_HTTP_403", ""), .page = "job_failed", .item = "failed" },
    { .err = ORG(404, "authorization_unknown", "There is no authorization.", .from_host = true),
      .page = "job_failed",
      .item = "failed" },
    { .err = ORG(503, "addon_unavailable", "Try again.", .from_host = true, .retry_after_s = 4),
      .page = "again",
      .item = "again",
      .counts = true,
      .after_s = 4 },
    { .err = ORG(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "too cheap", .fields = "UnitPrice"),
      .page = "failed",
      .item = "failed" },
    { .err = ORG(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "trigger: no"), .page = "failed", .item = "failed" },
    { .err = ORG(404, "NOT_FOUND", ""), .page = "failed", .item = "failed" },
};

static void failed_as(const struct nature_case *c, const json_t *reply)
{
    const json_t *after = json_object_get(reply, "afterSeconds"), *counts = json_object_get(reply, "counts");
    if (strcmp(declaration_text(reply, "outcome"), c->page) != 0)
        fail_msg("%d %s: %s", c->err.status, c->err.code, declaration_text(reply, "outcome"));
    assert_true(declaration_text(reply, "message")[0] && declaration_text(reply, "code")[0]);
    if (strcmp(c->page, "again") != 0) {
        assert_null(after);
        return;
    }
    if (json_is_true(counts) != c->counts || json_is_true(json_object_get(reply, "gate")) != c->gate ||
        json_integer_value(after) != c->after_s)
        fail_msg("%d %s: %s", c->err.status, c->err.code, json_dumps(reply, 0));
}

static void test_natures(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    k->step.counts.done = 1;
    for (size_t i = 0; i < COUNT(cases); i++) {
        present = &cases[i].err;
        json_t *reply = job_step(k, STEP_WORK_PAGE, meets_it, "[1]");
        failed_as(&cases[i], reply);
        json_decref(reply);
        reply = job_step(k, STEP_WORK_PAGE, each_item_meets_it, "[1]");
        const json_t *row = json_array_get(json_object_get(reply, "results"), 0);
        if (json_is_true(json_object_get(row, "again")) != (strcmp(cases[i].item, "again") == 0))
            fail_msg("%s: an item", cases[i].err.code);
        assert_string_equal(declaration_text(row, "code"), cases[i].err.code);
        assert_string_equal(declaration_text(row, "message"), cases[i].err.message);
        assert_string_equal(declaration_text(row, "field"), cases[i].err.fields);
        json_decref(reply);
    }
    step_kit_free(k);
}

static void test_what_is_told(void **state)
{
    static const struct sf_error refused =
                                     ORG(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "too cheap", .fields = "UnitPrice"),
                                 session = ORG(401, "INVALID_SESSION_ID", "Session expired or invalid"),
                                 missing = ORG(400, "INVALID_TYPE", "sObject type 'Quote' is not supported.");
    (void)state;
    struct step_kit *k = step_kit_new();
    present = &refused;
    job_reply_is(job_step(k, STEP_WORK_PAGE, meets_it, "[1]"),
                 "{'outcome':'failed','code':'FIELD_CUSTOM_VALIDATION_EXCEPTION','message':'too cheap'}");
    job_reply_is(job_step(k, STEP_WORK_PLAN, meets_it, NULL),
                 "{'outcome':'failed','code':'org_refused_record','message':'The org refused a value: too cheap'}");
    present = &session;
    json_t *reply = job_step(k, STEP_WORK_PAGE, meets_it, "[1]");
    assert_non_null(strstr(declaration_text(reply, "message"), "retryJob"));
    json_decref(reply);
    present = &missing;
    reply = job_step(k, STEP_WORK_PLAN, meets_it, NULL);
    assert_string_equal(declaration_text(reply, "code"), "org_setup_missing");
    assert_non_null(strstr(declaration_text(reply, "message"), "Ask an administrator"));
    json_decref(reply);
    step_kit_free(k);
}

static const char *outcome_of(struct step_kit *k, part_fn *part, int64_t done)
{
    static char outcome[32];
    k->step.counts.done = done;
    json_t *reply = job_step(k, STEP_WORK_PAGE, part, "[1,2,3]");
    copy_text(outcome, sizeof outcome, declaration_text(reply, "outcome"));
    json_decref(reply);
    return outcome;
}

/* A user who may create no record at all is told so at once, not once for each of 5,000 items. */
static void test_a_hopeless_page_ends_the_job(void **state)
{
    static const struct sf_error none = ORG(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                                            "entity type cannot be inserted: Quote"),
                                 one = ORG(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights");
    (void)state;
    struct step_kit *k = step_kit_new();
    present = &none;
    assert_string_equal(outcome_of(k, each_item_meets_it, 0), "job_failed");
    assert_string_equal(outcome_of(k, each_item_meets_it, 1), "done");
    assert_string_equal(outcome_of(k, all_but_one_meet_it, 0), "done");
    assert_string_equal(outcome_of(k, each_item_had_another_fault, 0), "done");
    present = &one; /* a right on these records says nothing about the next page */
    assert_string_equal(outcome_of(k, each_item_meets_it, 0), "done");
    step_kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_natures),
        cmocka_unit_test(test_what_is_told),
        cmocka_unit_test(test_a_hopeless_page_ends_the_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
