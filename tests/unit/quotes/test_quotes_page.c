/* test_quotes_page.c - a page of generateQuotes against an org that refuses, loses answers and is asked twice. */
#include "tests/unit/quotes/quotes_org.h"

#define REAL "{}"
#define DRY "{\"dryRun\":true}"

static const json_t *record(const char *key)
{
    for (size_t i = 0; i < org.records_n; i++)
        if (strcmp(org.records[i].key, key) == 0 && !org.records[i].gone)
            return org.records[i].fields;
    fail_msg("there is no record %s", key);
    return NULL;
}

static void quotes_and_lines_are_written(void **state)
{
    (void)state;
    add_deals(3);
    json_decref(done_with(run_page(REAL, 3), 0, 0));
    assert_int_equal(records_of(false), 3);
    assert_int_equal(records_of(true), 6);
    assert_int_equal(org.writes, 2);
    const json_t *quote = record(JOB ":" OPP("1")), *line = record(JOB ":00k000000000003AAA");
    assert_string_equal(sf_get_text(quote, "Name"), "Quote for Deal");
    assert_string_equal(sf_get_text(quote, "Status"), "Draft");
    assert_string_equal(sf_get_text(quote, "ExpirationDate"), "2027-02-14");
    assert_string_equal(sf_get_text(quote, "OpportunityId"), OPP("1"));
    assert_string_equal(sf_get_text(quote, "Pricebook2Id"), "01s000000000001AAA");
    assert_string_equal(sf_get_text(line, "PricebookEntryId"), "01u000000000001AAA");
    assert_string_equal(sf_get_text(line, "attributes.type"), "QuoteLineItem");
    assert_true(json_number_value(sf_get(line, "UnitPrice")) == 44.91);
    assert_true(json_number_value(sf_get(line, "Quantity")) == 2);
    assert_null(json_object_get(line, "Discount"));
    assert_null(json_object_get(line, "Product2Id"));
}

static void the_same_page_again_makes_nothing_more(void **state)
{
    (void)state;
    add_deals(200);
    json_decref(done_with(run_page(REAL, 200), 0, 0));
    json_decref(done_with(run_page(REAL, 200), 0, 0));
    assert_int_equal(records_of(false), 200);
    assert_int_equal(records_of(true), 400);
}

/* Whichever write's answer is lost: the step is tried again, and nothing is there twice. */
static void a_lost_answer_makes_nothing_twice(void **state)
{
    for (int lost = 1; lost <= 3; lost++) {
        begin(state);
        add_deals(150);
        org.lose_after = lost;
        json_t *reply = run_page(REAL, 150);
        assert_string_equal(said(reply, "outcome"), "again");
        json_decref(reply);
        json_decref(done_with(run_page(REAL, 150), 0, 0));
        assert_int_equal(records_of(false), 150);
        assert_int_equal(records_of(true), 300);
    }
}

static void a_twin_without_a_name_is_looked_for(void **state)
{
    (void)state;
    add_deals(4);
    org.unknown_twin = true;
    json_decref(done_with(run_page(REAL, 4), 0, 0));
    json_decref(done_with(run_page(REAL, 4), 0, 0));
    assert_int_equal(records_of(true), 8);
}

static void what_cannot_be_quoted_is_a_failed_row(void **state)
{
    (void)state;
    static const char *const codes[] = { "no_price_book",       "inactive_price_book",   "no_lines",
                                         "inactive_entry",      "inactive_product",      "other_price_book",
                                         "zero_quantity",       "override_out_of_range", "amount_out_of_range",
                                         "no_price_book_entry", "unexpected_org_data" };
    add_deals(12);
    json_t *deal[13], *line[13];
    for (int i = 1; i <= 12; i++) {
        char id[19];
        snprintf(id, sizeof id, "006%012dAAA", i);
        deal[i] = json_object_get(org.opportunities, id);
        line[i] = json_array_get(json_object_get(deal[i], "lines"), 1);
    }
    json_object_set_new(deal[1], "Pricebook2Id", json_null());
    json_object_set_new(json_object_get(deal[2], "Pricebook2"), "IsActive", json_false());
    json_object_del(deal[3], "lines");
    json_object_set_new(json_object_get(line[4], "PricebookEntry"), "IsActive", json_false());
    json_object_set_new(json_object_get(line[5], "Product2"), "IsActive", json_false());
    json_object_set_new(json_object_get(line[6], "PricebookEntry"), "Pricebook2Id", json_string("01s000000000002AAA"));
    json_object_set_new(line[7], "Quantity", json_integer(0));
    json_object_set_new(line[8], "DiscountOverride__c", json_integer(-5));
    json_object_set_new(line[9], "UnitPrice", json_real(1e14));
    json_object_set_new(line[10], "PricebookEntryId", json_null());
    json_object_del(deal[11], "CloseDate");
    json_object_del(org.opportunities, OPP("0")); /* nothing */
    json_t *reply = done_with(run_page(REAL, 12), 11, 0);
    for (int i = 0; i < 11; i++) {
        const json_t *one = result_of(reply, i);
        if (strcmp(said(one, "code"), codes[i]) != 0 || strlen(said(one, "message")) < 30)
            fail_msg("%d: %s, not %s: %s", i, said(one, "code"), codes[i], said(one, "message"));
    }
    assert_int_equal(records_of(false), 1);
    assert_int_equal(records_of(true), 2);
    json_decref(reply);
}

static void an_opportunity_that_is_gone_is_a_failed_row(void **state)
{
    (void)state;
    add_deals(3);
    json_object_del(org.opportunities, OPP("2"));
    json_t *reply = done_with(run_page(REAL, 3), 1, 0);
    assert_string_equal(said(result_of(reply, 1), "code"), "opportunity_not_found");
    json_decref(reply);
}

static void other_currencies_are_told_apart(void **state)
{
    (void)state;
    org.currencies = true;
    add_deals(2);
    for (int i = 1; i <= 2; i++) {
        char id[19];
        snprintf(id, sizeof id, "006%012dAAA", i);
        json_t *deal = json_object_get(org.opportunities, id), *lines = json_object_get(deal, "lines");
        json_object_set_new(deal, "CurrencyIsoCode", json_string("JPY"));
        for (size_t k = 0; k < 2; k++)
            json_object_set_new(json_object_get(json_array_get(lines, k), "PricebookEntry"), "CurrencyIsoCode",
                                json_string(i == 2 && k == 1 ? "EUR" : "JPY"));
    }
    json_t *reply = done_with(run_page(REAL, 2), 1, 0);
    assert_string_equal(said(result_of(reply, 1), "code"), "other_currency");
    json_decref(reply);
    /* no fractions of a yen: 49.9 less 10 % */
    assert_true(json_number_value(sf_get(record(JOB ":00k000000000003AAA"), "UnitPrice")) == 45);
}

static void a_locked_quote_is_tried_again_alone(void **state)
{
    (void)state;
    add_deals(3);
    org.locked = ":" OPP("2");
    json_t *reply = done_with(run_page(REAL, 3), 0, 1);
    assert_string_equal(said(result_of(reply, 1), "code"), "UNABLE_TO_LOCK_ROW");
    assert_int_equal(records_of(false), 2);
    assert_int_equal(records_of(true), 4);
    json_decref(reply);
}

static void a_locked_line_leaves_its_quote_to_the_next_try(void **state)
{
    (void)state;
    add_deals(3);
    org.locked = "00k000000000005AAA";
    org.lock_ends = true;
    json_decref(done_with(run_page(REAL, 3), 0, 1));
    assert_int_equal(records_of(false), 3);
    assert_int_equal(records_of(true), 5);
    assert_int_equal(org.deletes, 0);
    json_decref(done_with(run_page(REAL, 3), 0, 0));
    assert_int_equal(records_of(true), 6);
}

static void a_refused_line_takes_its_quote_away(void **state)
{
    (void)state;
    add_deals(3);
    org.refused = "00k000000000005AAA"; /* the second line of the second */
    json_t *reply = done_with(run_page(REAL, 3), 1, 0);
    assert_string_equal(said(result_of(reply, 1), "code"), "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    assert_string_equal(said(result_of(reply, 1), "message"), "Not on a Sunday");
    assert_int_equal(records_of(false), 2);
    assert_int_equal(records_of(true), 4);
    json_decref(reply);
    org.refused = NULL; /* mended: a retry finishes the rest only */
    json_decref(done_with(run_page(REAL, 3), 0, 0));
    assert_int_equal(records_of(false), 3);
    assert_int_equal(records_of(true), 6);
}

static void a_quote_that_cannot_be_deleted_is_named(void **state)
{
    (void)state;
    add_deals(2);
    org.refused = "00k000000000005AAA";
    org.no_delete = true;
    json_t *reply = done_with(run_page(REAL, 2), 1, 0);
    const char *message = said(result_of(reply, 1), "message");
    assert_non_null(strstr(message, "Not on a Sunday"));
    assert_non_null(strstr(message, "0Q0000000000002CAA"));
    assert_non_null(strstr(message, "by hand"));
    json_decref(reply);
}

static void a_twin_of_another_field_is_a_failure(void **state)
{
    (void)state;
    add_deals(2);
    org.other_unique = "00k000000000005AAA";
    json_t *reply = done_with(run_page(REAL, 2), 1, 0);
    assert_string_equal(said(result_of(reply, 1), "code"), "DUPLICATE_VALUE");
    assert_int_equal(records_of(false), 1);
    json_decref(reply);
}

static void many_lines_go_in_blocks_of_200(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++) {
        char id[19], line[19];
        snprintf(id, sizeof id, "006%012dAAA", i);
        add_deal(id);
        for (int k = 0; k < (i == 2 ? 450 : 75); k++) {
            snprintf(line, sizeof line, "00k%012dAAA", i * 1000 + k);
            add_line(id, line, 1, 10);
        }
    }
    org.lines_page = 100; /* the rest comes from a page of its own */
    json_decref(done_with(run_page(REAL, 3), 0, 0));
    assert_int_equal(records_of(true), 600);
    /* the lines of one Quote stand in one block, or in blocks that leave one after the other */
    static const int blocks[] = { 3, 75, 200, 200, 125 };
    assert_int_equal(org.writes, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(org.block[i], blocks[i]);
}

static void lines_behind_a_refused_one_are_not_sent(void **state)
{
    (void)state;
    add_deal(OPP("1"));
    for (int k = 0; k < 450; k++) {
        char line[19];
        snprintf(line, sizeof line, "00k%012dAAA", k);
        add_line(OPP("1"), line, 1, 10);
    }
    org.refused = "00k000000000007AAA";
    json_decref(done_with(run_page(REAL, 1), 1, 0));
    assert_int_equal(org.writes, 2);
    assert_int_equal(org.deletes, 1);
    assert_int_equal(records_of(false) + records_of(true), 0);
}

static void a_dry_run_writes_nothing(void **state)
{
    (void)state;
    add_deals(3);
    json_object_del(org.opportunities, OPP("2"));
    json_decref(done_with(run_page(DRY, 3), 1, 0));
    assert_int_equal(org.writes + org.deletes, 0);
}

static void a_step_that_must_stop_ends_between_requests(void **state)
{
    (void)state;
    add_deals(3);
    must_stop = true;
    json_t *reply = run_page(REAL, 3);
    assert_string_equal(said(reply, "outcome"), "again");
    assert_true(json_is_false(json_object_get(reply, "counts")));
    assert_int_equal(org.writes, 0);
    json_decref(reply);
}

static void the_job_fails_at_once(json_t *reply, const char *code, const char *says)
{
    assert_string_equal(said(reply, "outcome"), "job_failed");
    assert_string_equal(said(reply, "code"), code);
    if (!strstr(said(reply, "message"), says))
        fail_msg("%s", said(reply, "message"));
    assert_int_equal(records_of(false), 0);
    json_decref(reply);
}

static void what_stands_in_every_quotes_way_ends_the_job(void **state)
{
    add_deals(3);
    org.denied = true;
    the_job_fails_at_once(run_page(REAL, 3), "no_create_permission", "ActionHostQuotes");
    begin(state);
    add_deals(3);
    org.no_quotes = true;
    the_job_fails_at_once(run_page(REAL, 3), "quotes_not_enabled", "Enable Quotes");
    begin(state);
    add_deals(3);
    org.no_key = true;
    the_job_fails_at_once(run_page(REAL, 3), "key_field_missing", "AppLinkKey__c");
    begin(state);
    add_deals(3);
    org.read_only = true;
    the_job_fails_at_once(run_page(REAL, 3), "no_create_permission", "may not create");
    begin(state);
    add_deals(3);
    org.currencies = org.hidden_currency = true;
    the_job_fails_at_once(run_page(REAL, 3), "currency_not_visible", "CurrencyIsoCode");
    begin(state);
    the_job_fails_at_once(run_step(STEP_WORK_PAGE, REAL, "[1]", (struct act_job_counts){ 1, 0, 0 }), "unexpected_item",
                          "no Opportunities");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(quotes_and_lines_are_written, begin),
        cmocka_unit_test_setup(the_same_page_again_makes_nothing_more, begin),
        cmocka_unit_test_setup(a_lost_answer_makes_nothing_twice, begin),
        cmocka_unit_test_setup(a_twin_without_a_name_is_looked_for, begin),
        cmocka_unit_test_setup(what_cannot_be_quoted_is_a_failed_row, begin),
        cmocka_unit_test_setup(an_opportunity_that_is_gone_is_a_failed_row, begin),
        cmocka_unit_test_setup(other_currencies_are_told_apart, begin),
        cmocka_unit_test_setup(a_locked_quote_is_tried_again_alone, begin),
        cmocka_unit_test_setup(a_locked_line_leaves_its_quote_to_the_next_try, begin),
        cmocka_unit_test_setup(a_refused_line_takes_its_quote_away, begin),
        cmocka_unit_test_setup(a_quote_that_cannot_be_deleted_is_named, begin),
        cmocka_unit_test_setup(a_twin_of_another_field_is_a_failure, begin),
        cmocka_unit_test_setup(many_lines_go_in_blocks_of_200, begin),
        cmocka_unit_test_setup(lines_behind_a_refused_one_are_not_sent, begin),
        cmocka_unit_test_setup(a_dry_run_writes_nothing, begin),
        cmocka_unit_test_setup(a_step_that_must_stop_ends_between_requests, begin),
        cmocka_unit_test_setup(what_stands_in_every_quotes_way_ends_the_job, begin),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
