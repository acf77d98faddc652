/* test_quotes_bulk.c - when a job is planned in pages that go in bulk. */
#include "actions/quotes/bulk.h"
#include "tests/unit/quotes/quotes_org.h"

static const struct act_job_counts none;

/* Opportunities 1 to n, of which the org counts as many lines. */
static void opportunities(int n)
{
    for (int i = 1; i <= n; i++) {
        char id[19];
        snprintf(id, sizeof id, "006%012dAAA", i);
        json_object_set_new(org.opportunities, id, json_object());
    }
}

/* Whether a job that begins so is planned in bulk. */
static bool in_bulk(const char *input)
{
    json_t *reply = run_step(STEP_WORK_PLAN, input, NULL, none);
    assert_string_equal(said(reply, "outcome"), "done");
    bool bulk = json_object_get(json_object_get(reply, "cursor"), "bulk") != NULL;
    json_decref(reply);
    return bulk;
}

static int page_items(const char *input, const char *cursor)
{
    json_t *reply = run_step(STEP_WORK_PLAN, input, cursor, none);
    assert_string_equal(said(reply, "outcome"), "done");
    int n = (int)json_integer_value(json_object_get(reply, "pageItems"));
    json_decref(reply);
    return n;
}

#define CONDITION "{\"condition\":\"IsClosed = false\"}"
#define DRY "{\"condition\":\"IsClosed = false\",\"dryRun\":true}"

static void many_rows_go_in_bulk(void **state)
{
    static const struct {
        int n;
        bool bulk;
    } cases[] = { { 1000, false }, { 10000, false }, { 10001, true }, { 20001, true } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin(state);
        opportunities(cases[i].n);
        assert_int_equal(in_bulk(CONDITION), cases[i].bulk);
        assert_false(in_bulk(DRY));
    }
}

static void few_calls_are_saved(void **state)
{
    static const struct {
        int n;
        const char *usage;
        bool bulk;
    } cases[] = { { 600, "81/100", true },        { 600, "80/100", false }, { 600, "100/100", true },
                  { 600, "15001/100000", false }, { 500, "99/100", false }, { 501, "99/100", true },
                  { 5000, "81/100", true },       { 5000, "", false } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin(state);
        opportunities(cases[i].n);
        org.usage = cases[i].usage;
        assert_int_equal(in_bulk(CONDITION), cases[i].bulk);
    }
}

/* A plan that was begun in bulk goes on so, whatever the org says now, and by its own cursor. */
static void a_plan_stays_what_it_was(void **state)
{
    (void)state;
    opportunities(300);
    assert_int_equal(page_items(CONDITION, "{\"bulk\":\"" OPP("1") "\"}"), QUOTES_BULK_PAGE);
    assert_non_null(strstr(org.soql, "LIMIT 20000"));
    org.usage = "99/100";
    assert_int_equal(page_items(CONDITION, "\"" OPP("1") "\""), 0);
    assert_non_null(strstr(org.soql, "LIMIT 2000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(many_rows_go_in_bulk, begin),
        cmocka_unit_test_setup(few_calls_are_saved, begin),
        cmocka_unit_test_setup(a_plan_stays_what_it_was, begin),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
