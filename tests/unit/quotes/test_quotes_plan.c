/* test_quotes_plan.c - which Opportunities a job plans, and what its finish tells. */
#include "tests/unit/quotes/quotes_org.h"

static const struct act_job_counts none;

static json_t *plan(const char *input, const char *cursor)
{
    return run_step(STEP_WORK_PLAN, input, cursor, none);
}

static json_t *finish(const char *input, int64_t total, int64_t failed)
{
    json_t *reply = run_step(STEP_WORK_FINISH, input, NULL, (struct act_job_counts){ total, total - failed, failed });
    if (strcmp(said(reply, "outcome"), "done") != 0)
        fail_msg("%s: %s", said(reply, "code"), said(reply, "message"));
    json_t *result = json_incref(json_object_get(reply, "result"));
    json_decref(reply);
    return result;
}

static int64_t number(const json_t *json, const char *name)
{
    assert_true(json_is_integer(json_object_get(json, name)));
    return json_integer_value(json_object_get(json, name));
}

static void a_list_names_each_once(void **state)
{
    (void)state;
    json_t *reply =
        plan("{\"opportunityIds\":[\"006000000000001\",\"" OPP("2") "\",\"" OPP("1") "\",\"006000000000002\"]}", NULL);
    assert_string_equal(said(reply, "outcome"), "done");
    assert_int_equal(json_array_size(json_object_get(reply, "items")), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(reply, "items"), 0)), OPP("1"));
    assert_int_equal(number(reply, "total"), 2);
    assert_null(json_object_get(reply, "cursor"));
    json_decref(reply);
}

/* Every Opportunity once, over as many steps as it takes, the last page full or not. */
static void a_condition_is_walked_by_ids(void **state)
{
    static const int sizes[] = { 0, 1, 1999, 2000, 2001, 4100 };
    for (size_t k = 0; k < COUNT(sizes); k++) {
        begin(state);
        for (int i = 1; i <= sizes[k]; i++) {
            char id[19];
            snprintf(id, sizeof id, "006%012dAAA", i);
            json_object_set_new(org.opportunities, id, json_object());
        }
        char cursor[40] = "", last[19] = "";
        int seen = 0, steps = 0;
        do {
            json_t *reply = plan("{\"condition\":\"IsClosed = false\"}", steps ? cursor : NULL);
            json_t *items = json_object_get(reply, "items"), *more = json_object_get(reply, "cursor"), *one;
            size_t i;
            assert_string_equal(said(reply, "outcome"), "done");
            if (steps++ == 0)
                assert_int_equal(number(reply, "total"), sizes[k]);
            json_array_foreach (items, i, one) {
                assert_true(strcmp(json_string_value(one), last) > 0);
                copy_text(last, sizeof last, json_string_value(one));
                seen++;
            }
            snprintf(cursor, sizeof cursor, more ? "\"%s\"" : "", json_string_value(more));
            json_decref(reply);
        } while (*cursor);
        assert_int_equal(seen, sizes[k]);
        assert_int_equal(steps,
                         sizes[k] <= 2000 ? 1 : 1 + sizes[k] / 2000); /* the first page says when it is the last */
        assert_non_null(strstr(org.soql, "WHERE (IsClosed = false)"));
    }
}

static void a_plan_says_what_stands_in_the_way(void **state)
{
    org.no_quotes = true;
    json_t *reply = plan("{\"condition\":\"IsClosed = false\"}", NULL);
    assert_string_equal(said(reply, "outcome"), "job_failed");
    assert_string_equal(said(reply, "code"), "quotes_not_enabled");
    json_decref(reply);
    begin(state);
    org.condition_error = "unexpected token: x";
    reply = plan("{\"condition\":\"IsClosed = false\"}", NULL);
    assert_string_equal(said(reply, "outcome"), "failed");
    assert_non_null(strstr(said(reply, "message"), "unexpected token: x"));
    json_decref(reply);
    begin(state);
    reply = plan("{\"condition\":\"IsClosed = false) OR (Id != null\"}", NULL); /* never from .run */
    assert_string_not_equal(said(reply, "outcome"), "done");
    json_decref(reply);
}

static void the_end_tells_what_the_org_has(void **state)
{
    (void)state;
    add_deals(5);
    json_object_del(org.opportunities, OPP("2"));
    json_decref(done_with(run_page("{}", 5), 1, 0));
    json_t *result = finish("{}", 5, 1), *sum = json_array_get(json_object_get(result, "grandTotals"), 0);
    assert_int_equal(number(result, "opportunities"), 5);
    assert_int_equal(number(result, "failed"), 1);
    assert_int_equal(number(result, "quotes"), 4);
    assert_int_equal(number(result, "lines"), 8);
    assert_int_equal(json_array_size(json_object_get(result, "warnings")), 0);
    assert_int_equal(number(sum, "quotes"), 4);
    assert_true(json_number_value(json_object_get(sum, "grandTotal")) == 4 * (90 + 89.82));
    assert_null(json_object_get(sum, "currencyCode"));
    json_decref(result);
}

static void a_difference_is_a_warning(void **state)
{
    (void)state;
    add_deals(2);
    org.currencies = true;
    org.tax = 1.5;
    const char *id;
    json_t *deal, *line;
    json_object_foreach (org.opportunities, id, deal) {
        size_t i;
        json_object_set_new(deal, "CurrencyIsoCode", json_string("EUR"));
        json_array_foreach (json_object_get(deal, "lines"), i, line)
            json_object_set_new(json_object_get(line, "PricebookEntry"), "CurrencyIsoCode", json_string("EUR"));
    }
    json_decref(done_with(run_page("{}", 2), 0, 0));
    json_t *result = finish("{}", 2, 0), *sum = json_array_get(json_object_get(result, "grandTotals"), 0);
    assert_string_equal(said(sum, "currencyCode"), "EUR");
    assert_int_equal(json_array_size(json_object_get(result, "warnings")), 1);
    assert_non_null(strstr(json_string_value(json_array_get(json_object_get(result, "warnings"), 0)), "3.00 EUR"));
    json_decref(result);
}

static void sums_that_the_org_does_not_make_are_left_out(void **state)
{
    (void)state;
    add_deals(2);
    json_decref(done_with(run_page("{}", 2), 0, 0));
    org.no_sums = true;
    json_t *result = finish("{}", 2, 0);
    assert_int_equal(json_array_size(json_object_get(result, "grandTotals")), 0);
    assert_int_equal(json_array_size(json_object_get(result, "warnings")), 1);
    json_decref(result);
}

static void a_dry_run_has_the_totals_of_the_rules(void **state)
{
    (void)state;
    add_deals(450);
    json_object_del(org.opportunities, OPP("2"));
    json_t *result = finish("{\"dryRun\":true,\"condition\":\"Id != null\"}", 449, 0);
    json_t *sum = json_array_get(json_object_get(result, "grandTotals"), 0);
    assert_int_equal(number(result, "quotes"), 0);
    assert_int_equal(number(sum, "quotes"), 449);
    assert_int_equal((int64_t)(json_number_value(json_object_get(sum, "grandTotal")) * 100 + 0.5), 449 * 17982);
    json_decref(result);
    result =
        finish("{\"dryRun\":true,\"opportunityIds\":[\"006000000000001\",\"" OPP("1") "\",\"" OPP("3") "\"]}", 2, 0);
    assert_int_equal(number(json_array_get(json_object_get(result, "grandTotals"), 0), "quotes"), 2);
    json_decref(result);
    result = finish("{\"dryRun\":true,\"condition\":\"Id != null\"}", 2001, 0);
    assert_int_equal(json_array_size(json_object_get(result, "warnings")), 1);
    json_decref(result);
}

static void nothing_to_do_asks_nothing(void **state)
{
    (void)state;
    json_t *result = finish("{}", 0, 0);
    assert_int_equal(number(result, "quotes"), 0);
    assert_int_equal(org.queries + org.describes, 0);
    json_decref(result);
}

/* ---- jobs that change events have started ---- */

#define KEY "0002343d-9d90-e395-ed20-cf416ba652ad"

static void stands(const char *id, const char *stage, const char *since)
{
    json_object_set_new(org.opportunities, id,
                        json_pack("{s:s, s:s*}", "StageName", stage, "LastStageChangeDate", since));
}

/* The ids that are planned, joined; static. */
static const char *planned(const char *records)
{
    static char all[2000];
    json_t *list = json_loads(records, 0, NULL), *one;
    size_t i, at = 0;
    assert_non_null(list);
    org.event = json_pack("{s:s, s:o}", "transactionKey", KEY, "records", list);
    json_t *reply = plan("{\"opportunityIds\":[\"" OPP("1") "\",\"" OPP("2") "\",\"" OPP("3") "\"]}", NULL);
    assert_string_equal(said(reply, "outcome"), "done");
    all[0] = '\0';
    json_array_foreach (json_object_get(reply, "items"), i, one)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%.1s", i ? " " : "", json_string_value(one) + 14);
    assert_int_equal(number(reply, "total"), json_array_size(json_object_get(reply, "items")));
    json_decref(reply);
    json_decref(org.event);
    org.event = NULL;
    return all;
}

#define NOON "1764331200250" /* 2025-11-28T12:00:00.250Z */

static void what_an_event_says_is_compared_with_what_is(void **state)
{
    (void)state;
    static const char price[] = "[{\"rule\":\"price\",\"commitMs\":" NOON ",\"ids\":[\"" OPP("1") "\"]}]";
    /* the stage is judged by the event alone */
    assert_string_equal(planned("[{\"rule\":\"stage\",\"commitMs\":1,\"ids\":[\"" OPP("1") "\",\"" OPP("2") "\"]}]"),
                        "1 2");
    assert_int_equal(org.queries, 0);
    stands(OPP("1"), "Proposal/Price Quote", "2025-11-28T12:00:00.250+0000");
    assert_string_equal(planned(price), "1"); /* no later than the change */
    stands(OPP("1"), "Proposal/Price Quote", "2025-11-28T12:00:00.251+0000");
    assert_string_equal(planned(price), ""); /* it came into its stage later, and is quoted by that */
    stands(OPP("1"), "Proposal/Price Quote", NULL);
    assert_string_equal(planned(price), "1"); /* it always stood there */
    stands(OPP("1"), "Prospecting", NULL);
    assert_string_equal(planned(price), "");
    json_object_del(org.opportunities, OPP("1"));
    assert_string_equal(planned(price), ""); /* deleted, or not to be seen */
    /* a gap does not say what changed */
    stands(OPP("2"), "Proposal/Price Quote", "2030-01-01T00:00:00.000+0000");
    assert_string_equal(
        planned("[{\"rule\":\"gap\",\"commitMs\":" NOON ",\"ids\":[\"" OPP("2") "\",\"" OPP("3") "\"]}]"), "2");
    /* one that several events of the transaction name is quoted once */
    assert_string_equal(planned("[{\"rule\":\"gap\",\"commitMs\":" NOON
                                ",\"ids\":[\"" OPP("2") "\"]},"
                                                        "{\"rule\":\"stage\",\"commitMs\":" NOON
                                                        ",\"ids\":[\"" OPP("2") "\",\"" OPP("1") "\"]}]"),
                        "2 1");
}

/* An org keeps whole seconds: a change within that of the stage waits for the Quote of the stage, and looks at it. */
static void within_one_second_nobody_knows(void **state)
{
    (void)state;
    static const char records[] =
        "[{\"rule\":\"price\",\"commitMs\":" NOON ",\"ids\":[\"" OPP("1") "\",\"" OPP("2") "\"]}]";
    static const char unsure[] = "[\"" OPP("1") "\"]";
    add_deals(1);
    stands(OPP("2"), "Proposal/Price Quote", "2025-11-28T11:59:59.000+0000");
    json_object_set_new(json_object_get(org.opportunities, OPP("1")), "StageName", json_string("Proposal/Price Quote"));
    json_object_set_new(json_object_get(org.opportunities, OPP("1")), "LastStageChangeDate",
                        json_string("2025-11-28T12:00:00.000+0000"));
    org.event = json_pack("{s:s, s:o}", "transactionKey", KEY, "records", json_loads(records, 0, NULL));
    json_t *reply = plan("{\"opportunityIds\":[\"" OPP("1") "\",\"" OPP("2") "\"]}", NULL);
    char *items = json_dumps(json_object_get(reply, "items"), JSON_COMPACT),
         *cursor = json_dumps(json_object_get(reply, "cursor"), JSON_COMPACT);
    assert_string_equal(items, "[\"" OPP("2") "\"]");
    assert_string_equal(cursor, unsure);
    free(items);
    free(cursor);
    json_decref(reply);
    reply = plan("{}", unsure);
    assert_string_equal(said(reply, "outcome"), "again");
    assert_int_equal(number(reply, "afterSeconds"), 2);
    json_decref(reply);
    org.saved = json_pack("{s:b}", "waited", 1);
    reply = plan("{}", unsure); /* no Quote yet: it will be made with what is true then */
    assert_int_equal(json_array_size(json_object_get(reply, "items")), 0);
    json_decref(reply);
    json_t *saved = org.saved;
    org.saved = NULL;
    json_decref(done_with(run_page("{}", 1), 0, 0)); /* that of the stage */
    org.saved = saved;
    reply = plan("{}", unsure);
    assert_string_equal(said(reply, "outcome"), "done");
    assert_int_equal(json_array_size(json_object_get(reply, "items")), 0); /* it has the price of now */
    json_decref(reply);
    org.tax = 5; /* it has another one */
    reply = plan("{}", unsure);
    assert_int_equal(json_array_size(json_object_get(reply, "items")), 1);
    json_decref(reply);
    json_decref(org.saved);
    json_decref(org.event);
    org.saved = org.event = NULL;
}

static void the_end_of_a_change_asks_nothing(void **state)
{
    (void)state;
    org.event = json_pack("{s:s, s:[]}", "transactionKey", KEY, "records");
    json_t *result = finish("{\"opportunityIds\":[\"" OPP("1") "\"]}", 3, 1);
    assert_int_equal(number(result, "quotes"), 2);
    assert_int_equal(number(result, "failed"), 1);
    assert_int_equal(json_array_size(json_object_get(result, "warnings")), 1);
    assert_int_equal(org.queries + org.describes, 0);
    json_decref(result);
    json_decref(org.event);
    org.event = NULL;
}

/* Keys of records begin with the transaction's key, so that whoever makes them again finds them. */
static void keys_of_a_change(void **state)
{
    (void)state;
    org.event = json_pack("{s:s, s:[]}", "transactionKey", KEY, "records");
    add_deals(1);
    json_decref(done_with(run_page("{}", 1), 0, 0));
    assert_string_equal(org.records[0].key, KEY ":" OPP("1"));
    json_decref(org.event);
    org.event = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_list_names_each_once, begin),
        cmocka_unit_test_setup(a_condition_is_walked_by_ids, begin),
        cmocka_unit_test_setup(a_plan_says_what_stands_in_the_way, begin),
        cmocka_unit_test_setup(the_end_tells_what_the_org_has, begin),
        cmocka_unit_test_setup(a_difference_is_a_warning, begin),
        cmocka_unit_test_setup(sums_that_the_org_does_not_make_are_left_out, begin),
        cmocka_unit_test_setup(a_dry_run_has_the_totals_of_the_rules, begin),
        cmocka_unit_test_setup(nothing_to_do_asks_nothing, begin),
        cmocka_unit_test_setup(what_an_event_says_is_compared_with_what_is, begin),
        cmocka_unit_test_setup(within_one_second_nobody_knows, begin),
        cmocka_unit_test_setup(the_end_of_a_change_asks_nothing, begin),
        cmocka_unit_test_setup(keys_of_a_change, begin),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
