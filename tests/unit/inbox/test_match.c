/* test_match.c - the rules of generateQuotes against events, and the rows that are kept of them. */
#include "tests/unit/check.h"

#include "runtime/inbox/match.h"

#define TOPIC "/data/OpportunityChangeEvent"
#define KEY "0002343d-9d90-e395-ed20-cf416ba652ad"

static struct declarations all;

static struct event event_of(enum event_change change, const char *fields, const char *changed)
{
    return (struct event){ .id = span_of("e1"),
                           .header = { .change = change,
                                       .entity = span_of("Opportunity"),
                                       .transaction_key = span_of(KEY),
                                       .commit_ms = 5000,
                                       .commit_user = span_of("005xx0000000001AAA"),
                                       .change_origin = span_of("com/salesforce/api/rest/62.0;client=other"),
                                       .record_ids = span_of("[\"006xx000001a2c0AAA\"]"),
                                       .changed = span_of(changed) },
                           .fields = span_of(fields) };
}

/* What it comes to; its row is static, "" when there is none. */
static char row[2000];
static struct match last;
static enum match_result match(const struct event *e)
{
    struct match m;
    enum match_result r = match_event(&all, span_of(TOPIC), e, 0, &m);
    copy_text(row, sizeof row, m.row.n ? m.row.p : "");
    buf_free(&m.row);
    last = m;
    return r;
}

static enum match_result of(enum event_change change, const char *fields, const char *changed)
{
    const struct event e = event_of(change, fields, changed);
    return match(&e);
}

#define STAGE "{\"StageName\":\"Proposal/Price Quote\",\"Amount\":5}"
#define OTHER "{\"StageName\":\"Prospecting\",\"Amount\":5}"
#define NULLED "{\"StageName\":null,\"Amount\":5}"

static void the_rules_of_quotes(void **state)
{
    (void)state;
    static const struct {
        enum event_change change;
        const char *fields, *changed;
        int rule; /* -1 = none */
    } rows[] = {
        { EVENT_CREATE, STAGE, "[]", 0 },
        { EVENT_CREATE, OTHER, "[]", -1 },
        { EVENT_CREATE, "{}", "[]", -1 },
        { EVENT_UPDATE, STAGE, "[\"StageName\",\"LastModifiedDate\"]", 1 },
        { EVENT_UPDATE, STAGE, "[\"StageName\",\"Amount\"]", 1 },
        { EVENT_UPDATE, OTHER, "[\"StageName\"]", -1 },
        { EVENT_UPDATE, OTHER, "[\"StageName\",\"Amount\"]", -1 }, /* it left the stage, or never was there */
        { EVENT_UPDATE, STAGE, "[\"Name\"]", -1 },
        { EVENT_UPDATE, NULLED, "[\"Amount\"]", 2 },
        { EVENT_UPDATE, NULLED, "[\"Pricebook2Id\"]", 2 },
        { EVENT_UPDATE, NULLED, "[\"TotalOpportunityQuantity\"]", 2 },
        { EVENT_UPDATE, NULLED, "[\"Description\"]", -1 },
        { EVENT_UPDATE, NULLED, "[]", -1 },
        { EVENT_DELETE, "{}", "[]", -1 },
        { EVENT_UNDELETE, STAGE, "[]", -1 },
        { EVENT_GAP_CREATE, "{}", "[]", 3 },
        { EVENT_GAP_UPDATE, "", "", 3 },
        { EVENT_GAP_UNDELETE, "{}", "[]", 3 },
        { EVENT_GAP_DELETE, "{}", "[]", -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char wants[64];
        snprintf(wants, sizeof wants, "\"a\":[[\"generateQuotes\",%d]]", rows[i].rule);
        enum match_result r = of(rows[i].change, rows[i].fields, rows[i].changed);
        if (r != (rows[i].rule < 0 ? MATCH_NONE : MATCH_SOME) || (rows[i].rule >= 0 && !strstr(row, wants)))
            fail_msg("row %zu: %d %s", i, r, row);
    }
}

/* Fields of compound ones, by the real rules of a declaration with them. */
static void parts_of_fields(void **state)
{
    (void)state;
    struct declaration_event_rule *rule = &all.v[0].events.when[0];
    static json_t *name, *values;
    for (size_t i = 0; i < all.n; i++)
        if (all.v[i].events.topic && !all.v[i].async_of)
            rule = &all.v[i].events.when[1];
    const struct declaration_event_rule before = *rule;
    name = json_pack("[s]", "BillingAddress");
    values = json_pack("{s:[s]}", "BillingAddress.City", "Ulm");
    rule->changed = name;
    rule->values = values;
    static const char ulm[] = "{\"BillingAddress\":{\"City\":\"Ulm\"}}";
    assert_int_equal(of(EVENT_UPDATE, ulm, "[\"BillingAddress.City\"]"), MATCH_SOME);
    assert_int_equal(of(EVENT_UPDATE, ulm, "[\"BillingAddress\"]"), MATCH_SOME);
    assert_int_equal(of(EVENT_UPDATE, ulm, "[\"BillingAddressee\"]"), MATCH_NONE);
    assert_int_equal(of(EVENT_UPDATE, "{\"BillingAddress\":{\"City\":\"Bonn\"}}", "[\"BillingAddress.City\"]"),
                     MATCH_NONE);
    assert_int_equal(of(EVENT_UPDATE, "{\"BillingAddress\":null}", "[\"BillingAddress.City\"]"), MATCH_NONE);
    *rule = before;
    json_decref(name);
    json_decref(values);
}

static void what_is_kept(void **state)
{
    (void)state;
    assert_int_equal(of(EVENT_CREATE, STAGE, "[]"), MATCH_SOME);
    assert_string_equal(row, "{\"a\":[[\"generateQuotes\",0]],\"c\":0,\"ms\":5000,\"u\":\"005xx0000000001AAA\","
                             "\"ids\":[\"006xx000001a2c0AAA\"]}");
    assert_int_equal(last.ids, 1);
    assert_false(last.wide);
}

static void echoes_of_our_own_writes(void **state)
{
    (void)state;
    struct event e = event_of(EVENT_CREATE, STAGE, "[]");
    static const struct {
        const char *origin;
        bool own;
    } rows[] = {
        { "com/salesforce/api/rest/62.0;client=actionhost", true },
        { "com/salesforce/api/rest/62.0;client=actionhost;x", true },
        { "com/salesforce/api/rest/62.0;client=actionhost2", false },
        { "com/salesforce/api/rest/62.0;client=", false },
        { "actionhost", false },
        { "", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        e.header.change_origin = span_of(rows[i].origin);
        assert_int_equal(match(&e), rows[i].own ? MATCH_NONE : MATCH_SOME);
    }
}

static void gaps_that_name_no_records(void **state)
{
    (void)state;
    struct event e = event_of(EVENT_GAP_OVERFLOW, "", "");
    static const char *const nobody[] = { "", "[]", "[\"000000000000000AAA\"]" };
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        e.header.record_ids = span_of(nobody[i]);
        assert_int_equal(match(&e), MATCH_SOME);
        assert_true(last.wide && !strstr(row, "\"ids\""));
    }
    e = event_of(EVENT_CREATE, STAGE, "[]");
    e.header.record_ids = span_of("[\"006xx000001a2c0AAA\",\"006*\"]");
    assert_int_equal(match(&e), MATCH_SOME);
    assert_true(last.wide && !strstr(row, "\"ids\""));
    e.header.record_ids = span_of("[]");
    assert_int_equal(match(&e), MATCH_SOME);
    assert_true(last.wide);
}

static void what_cannot_be_used_is_kept_apart(void **state)
{
    (void)state;
    struct event e = event_of(EVENT_CREATE, STAGE, "[]");
    e.fault = span_of("It does not fit its schema.");
    assert_int_equal(match(&e), MATCH_APART);
    assert_string_equal(last.why, "It does not fit its schema.");
    e = event_of(EVENT_CREATE, "{", "[]");
    assert_int_equal(match(&e), MATCH_APART);
    e = event_of(EVENT_UPDATE, STAGE, "nonsense");
    assert_int_equal(match(&e), MATCH_APART);
    e = event_of(EVENT_CREATE, STAGE, "[]");
    e.header.record_ids = span_of("[5]");
    assert_int_equal(match(&e), MATCH_APART);
    e.header.record_ids = span_of("{}");
    assert_int_equal(match(&e), MATCH_APART);
    e = event_of(EVENT_CREATE, STAGE, "[]");
    e.header.transaction_key = span_of("");
    assert_int_equal(match(&e), MATCH_APART);
    e.header.transaction_key = span_of("a%b");
    assert_int_equal(match(&e), MATCH_APART);
    e.header.transaction_key = span_of("0123456789012345678901234567890123456789012345678901234567890"); /* 61 */
    assert_int_equal(match(&e), MATCH_APART);
}

static void nobodys_events(void **state)
{
    (void)state;
    struct match m;
    struct event e = event_of(EVENT_CREATE, STAGE, "[]");
    assert_int_equal(match_event(&all, span_of("/data/AccountChangeEvent"), &e, 0, &m), MATCH_NONE);
    buf_free(&m.row);
    assert_int_equal(match_event(&all, span_of(TOPIC), &e, 5001, &m), MATCH_NONE); /* of before the subscription */
    buf_free(&m.row);
    assert_int_equal(match_event(&all, span_of(TOPIC), &e, 5000, &m), MATCH_SOME);
    buf_free(&m.row);
    e.header.change = EVENT_NO_CHANGE;
    assert_int_equal(match(&e), MATCH_NONE);
}

static void a_hundred_thousand_ids(void **state)
{
    (void)state;
    struct buf ids;
    buf_init(&ids, 4 << 20);
    buf_char(&ids, '[');
    for (int i = 0; i < 100000; i++)
        buf_fmt(&ids, "%s\"006xx%010dAAA\"", i ? "," : "", i);
    buf_char(&ids, ']');
    struct event e = event_of(EVENT_CREATE, STAGE, "[]");
    e.header.record_ids = (struct span){ ids.p, ids.n };
    assert_int_equal(match(&e), MATCH_SOME);
    assert_int_equal(last.ids, 100000);
    buf_free(&ids);
}

static int load(void **state)
{
    struct buf faults;
    (void)state;
    buf_init(&faults, 1 << 16);
    bool ok = declarations_load(&all, &faults);
    if (!ok)
        printf("%s", faults.p);
    buf_free(&faults);
    return ok ? 0 : 1;
}

static int unload(void **state)
{
    (void)state;
    declarations_free(&all);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_of_quotes),
        cmocka_unit_test(parts_of_fields),
        cmocka_unit_test(what_is_kept),
        cmocka_unit_test(echoes_of_our_own_writes),
        cmocka_unit_test(gaps_that_name_no_records),
        cmocka_unit_test(what_cannot_be_used_is_kept_apart),
        cmocka_unit_test(nobodys_events),
        cmocka_unit_test(a_hundred_thousand_ids),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
