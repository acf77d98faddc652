/* test_finance_intake.c - what callers and records bring, in other currencies too; agreement numbers; the document's
 * text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "actions/finance_agreement/agreement_pdf.h"
#include "actions/finance_agreement/answer.h"
#include "actions/finance_agreement/store.h"
#include "actions/finance_agreement/text.h"
#include "tests/finance_fixture.h"

static struct policy policy;
static struct refusals refusals;

static int setup(void **state)
{
    char why[200];
    (void)state;
    memset(&refusals, 0, sizeof refusals);
    return fixture_policy(NULL, &policy, why, sizeof why) ? 0 : -1;
}

static json_t *input(const char *more)
{
    char text[600];
    snprintf(text, sizeof text,
             "{\"customerId\":\"003xx000004TmQ0\",\"vehicleId\":\"a0Vxx0000000010\",\"maxInterestRate\":4.5,"
             "\"downPayment\":0,\"years\":5%s}",
             more);
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    return j;
}

static bool read_input(const char *more, struct intake *out, json_t **keep)
{
    *keep = input(more);
    memset(&refusals, 0, sizeof refusals);
    return intake_read(*keep, &policy, (struct date){ 2026, 11, 23 }, out, &refusals);
}

static bool read_vehicle(const char *record, const char *more, struct vehicle *v)
{
    struct intake in;
    json_t *keep, *row = json_loads(record, 0, NULL);
    assert_non_null(row);
    assert_true(read_input(more, &in, &keep));
    bool ok = intake_vehicle(row, &in, &policy, "Sold,Reserved", v, &refusals);
    json_decref(row);
    json_decref(keep);
    return ok;
}

static void vehicles_are_read_tolerantly(void **state)
{
    (void)state;
    struct vehicle v;
    assert_true(read_vehicle("{\"Id\":\"a0Vxx0000000010\",\"Price__c\":25000}", "", &v));
    assert_int_equal(v.price, 2500000);
    assert_string_equal(v.name, "Vehicle");
    assert_int_equal(v.mileage, -1);
    assert_true(read_vehicle("{\"Price__c\":25000.5,\"Name\":\"Demo "
                             "car\",\"Year__c\":\"2024\",\"Mileage__c\":\"many\",\"Status__c\":\"In transit\"}",
                             "", &v));
    assert_string_equal(v.name, "Demo car");
    assert_int_equal(v.year, 2024);
    assert_int_equal(v.mileage, -1);
    assert_true(read_vehicle(
        "{\"Price__c\":1,\"Make__c\":\"Koa\",\"Model__c\":\"X\",\"Year__c\":2026.0,\"CurrencyIsoCode\":\"JPY\"}", "",
        &v));
    assert_string_equal(v.name, "2026 Koa X");
    assert_int_equal(v.currency.exponent, 0);
    assert_int_equal(v.price, 1);
}

static void vehicles_that_cannot_be_financed(void **state)
{
    (void)state;
    static const struct {
        const char *record, *code;
    } cases[] = {
        { "{\"Price__c\":null}", "vehicle_price_missing" },
        { "{}", "vehicle_price_missing" },
        { "{\"Price__c\":0}", "vehicle_price_invalid" },
        { "{\"Price__c\":-1}", "vehicle_price_invalid" },
        { "{\"Price__c\":\"25000\"}", "vehicle_price_invalid" },
        { "{\"Price__c\":25000.005}", "vehicle_price_invalid" },
        { "{\"Price__c\":25000.5,\"CurrencyIsoCode\":\"JPY\"}", "vehicle_price_invalid" },
        { "{\"Price__c\":1e16}", "vehicle_price_invalid" },
        { "{\"Price__c\":25000,\"CurrencyIsoCode\":\"XXQ\"}", "currency_unknown" },
        { "{\"Price__c\":25000,\"Status__c\":\"Sold\"}", "vehicle_unavailable" },
        { "{\"Price__c\":25000,\"Status__c\":\"RESERVED\"}", "vehicle_unavailable" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vehicle v;
        if (read_vehicle(cases[i].record, "", &v) || refusals.n != 1 || strcmp(refusals.v[0].code, cases[i].code))
            fail_msg("%s: %s", cases[i].record, refusals.n ? refusals.v[0].code : "taken");
        assert_string_equal(refusals.v[0].field, "/vehicleId");
    }
    struct vehicle v;
    assert_false(read_vehicle("{\"Price__c\":25000,\"CurrencyIsoCode\":\"EUR\"}", ",\"currencyCode\":\"USD\"", &v));
    assert_string_equal(refusals.v[0].code, "currency_mismatch");
    assert_true(read_vehicle("{\"Price__c\":25000,\"CurrencyIsoCode\":\"EUR\"}", ",\"currencyCode\":\"EUR\"", &v));
}

/* The decimals that an amount may have are those of the vehicle's currency. */
static void amounts_follow_the_currency(void **state)
{
    (void)state;
    static const struct {
        const char *currency, *amount;
        bool ok;
        int64_t minor;
    } cases[] = { { "USD", "1000.5", true, 100050 }, { "USD", "1000.505", false, 0 }, { "JPY", "1000", true, 1000 },
                  { "JPY", "1000.5", false, 0 },     { "KWD", "1.234", true, 1234 },  { "KWD", "1.2345", false, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct intake in;
        struct deal d;
        struct warnings w = { 0 };
        struct vehicle v = { .price = 2500000 };
        char more[80];
        json_t *keep;
        assert_true(money_currency_find(cases[i].currency, &v.currency));
        snprintf(more, sizeof more, ",\"tradeInAllowance\":%s", cases[i].amount);
        assert_true(read_input(more, &in, &keep));
        bool ok = intake_deal(&in, &v, &policy, FIXTURE_NOW, &d, &refusals, &w);
        if (ok != cases[i].ok || (ok && d.price.trade_allowance != cases[i].minor) ||
            (!ok && strcmp(refusals.v[0].code, "too_precise")))
            fail_msg("%s %s", cases[i].amount, cases[i].currency);
        json_decref(keep);
    }
}

static void the_condition_is_said_or_seen(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        int year, mileage;
        enum market_condition want;
        int age;
    } cases[] = { { "", 0, -1, MARKET_NEW, 0 },
                  { "", 2026, 12, MARKET_NEW, 0 },
                  { "", 2026, 501, MARKET_USED, 0 },
                  { "", 2025, 500, MARKET_NEW, 0 },
                  { "", 2024, 0, MARKET_USED, 2 },
                  { "", 0, 9000, MARKET_USED, -1 },
                  { ",\"vehicleCondition\":\"new\"", 2019, 60000, MARKET_NEW, 0 },
                  { ",\"vehicleCondition\":\"used\"", 2026, 1, MARKET_USED, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct intake in;
        struct deal d;
        struct warnings w = { 0 };
        struct vehicle v = {
            .price = 2500000, .currency = { "USD", 2 }, .year = cases[i].year, .mileage = cases[i].mileage
        };
        json_t *keep;
        assert_true(read_input(cases[i].more, &in, &keep));
        assert_true(intake_deal(&in, &v, &policy, FIXTURE_NOW, &d, &refusals, &w));
        if (d.request.condition != cases[i].want || d.request.age != cases[i].age)
            fail_msg("case %zu: %d, age %d", i, d.request.condition, d.request.age);
        json_decref(keep);
    }
}

static void first_payments_have_their_window(void **state)
{
    (void)state;
    static const struct {
        const char *day;
        bool ok;
    } cases[] = { { "2026-11-23", false },
                  { "2026-11-24", true },
                  { "2027-01-24", true },
                  { "2027-01-25", false },
                  { "2026-11-31", false } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct intake in;
        char more[80];
        json_t *keep;
        snprintf(more, sizeof more, ",\"firstPaymentDate\":\"%s\"", cases[i].day);
        if (read_input(more, &in, &keep) != cases[i].ok)
            fail_msg("%s", cases[i].day);
        json_decref(keep);
    }
}

static void numbers_tell_key_and_input(void **state)
{
    (void)state;
    char a[AGREEMENT_HASH], b[AGREEMENT_HASH], one[AGREEMENT_NUMBER], two[AGREEMENT_NUMBER];
    static const char *const same[] = { "{\"x\":1000,\"y\":2.5}", "{\"y\":2.5,\"x\":1000.0}",
                                        "{\"x\":1000,\"idempotencyKey\":\"k\",\"y\":2.5}" };
    static const char *const other[] = { "{\"x\":1001,\"y\":2.5}", "{\"x\":1000}", "{\"x\":\"1000\",\"y\":2.5}",
                                         "{\"x\":1000,\"y\":2.51}" };
    json_t *j = json_loads(same[0], 0, NULL);
    store_input_hash(j, a);
    json_decref(j);
    for (size_t i = 0; i < 3; i++) {
        j = json_loads(same[i], 0, NULL);
        store_input_hash(j, b);
        assert_string_equal(a, b);
        json_decref(j);
    }
    for (size_t i = 0; i < 4; i++) {
        j = json_loads(other[i], 0, NULL);
        store_input_hash(j, b);
        assert_string_not_equal(a, b);
        json_decref(j);
    }
    store_number("org user key", a, one);
    store_number("org user key", b, two);
    assert_int_equal(strlen(one), 24);
    assert_memory_equal(one, two, 15);
    assert_string_not_equal(one, two);
    store_number("org user key2", a, two);
    assert_memory_not_equal(one, two, 15);
}

/* Names as long as Salesforce lets them be, of characters that take four bytes: nothing is cut into invalid UTF-8. */
static void long_names_stay_whole(void **state)
{
    (void)state;
    static struct fixture f;
    char name[1021] = "", part[330] = "", record[900], title[255];
    struct pdf_fault why;
    struct vehicle v;
    unsigned char *pdf;
    size_t n;
    for (int i = 0; i < 255; i++)
        memcpy(name + 4 * i, "\xf0\xa0\x80\x8b", 5);
    for (int i = 0; i < 80; i++)
        memcpy(part + 4 * i, "\xf0\xa0\x80\x8b", 5);
    snprintf(record, sizeof record, "{\"Price__c\":25000,\"Year__c\":2026,\"Make__c\":\"%s\",\"Model__c\":\"%s\"}",
             part, part);
    assert_true(read_vehicle(record, "", &v));
    assert_int_equal(strlen(v.name), 5 + 320 + 1 + 320);
    snprintf(record, sizeof record, "{\"Price__c\":0,\"Make__c\":\"%s\",\"Model__c\":\"%s\"}", part, part);
    assert_false(read_vehicle(record, "", &v));
    json_t *message = json_string(refusals.v[0].message);
    assert_non_null(message);
    json_decref(message);
    assert_true(fixture_init(&f, NULL));
    snprintf(f.a.customer_name, sizeof f.a.customer_name, "%s", name);
    assert_int_equal(strlen(f.a.customer_name), 1020);
    snprintf(f.a.vehicle.name, sizeof f.a.vehicle.name, "2026 %s %s", part, part);
    assert_int_equal(agreement_calculate(&f.a), OFFER_OK);
    store_title(&f.a, title, sizeof title);
    json_t *answer = answer_build(&f.a, false);
    assert_string_equal(json_string_value(json_object_get(answer, "customerName")), name);
    assert_non_null(json_object_get(answer, "agentMessage"));
    message = json_string(title);
    assert_non_null(message);
    assert_non_null(strstr(title, " - 2026-11-23"));
    json_decref(message);
    json_decref(answer);
    if (!agreement_pdf(&f.a, &pdf, &n, &why))
        fail_msg("%s: %s", why.code, why.text);
    free(pdf);
}

static void a_cut_leaves_no_half_character(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x90\x8d\x88z"; /* 1, 2, 3, 4 and 1 bytes */
    static const size_t kept[] = { 0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11 };
    for (size_t size = 1; size <= 12; size++) {
        char out[16];
        text_fmt(out, size, "%s", text);
        if (strlen(out) != kept[size])
            fail_msg("%zu bytes of room keep %zu", size, strlen(out));
    }
}

static void titles_are_file_names(void **state)
{
    (void)state;
    static struct fixture f;
    char title[255];
    assert_true(fixture_init(&f, NULL));
    store_title(&f.a, title, sizeof title);
    assert_string_equal(title, "Finance Quotation FA-5C1B7E90D2A4-3F8E61B0 - 2026 Koa Model X - 2026-11-23");
    snprintf(f.a.vehicle.name, sizeof f.a.vehicle.name, "../../etc: <Koa>|\"x\"\n");
    store_title(&f.a, title, sizeof title);
    assert_null(strpbrk(title, "/\\:*?\"<>|\n"));
}

static void the_document_depends_on_nothing_else(void **state)
{
    (void)state;
    static struct fixture f, g;
    unsigned char *a, *b;
    size_t n, m;
    struct pdf_fault why;
    assert_true(fixture_init(&f, NULL) && fixture_init(&g, NULL));
    assert_int_equal(agreement_calculate(&f.a), OFFER_OK);
    assert_int_equal(agreement_calculate(&g.a), OFFER_OK);
    assert_true(agreement_pdf(&f.a, &a, &n, &why));
    assert_true(agreement_pdf(&g.a, &b, &m, &why));
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(b);
    g.a.at++; /* another time is another document */
    assert_true(agreement_pdf(&g.a, &b, &m, &why));
    assert_true(n != m || memcmp(a, b, n));
    assert_true(n < 300000);
    free(a);
    free(b);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(vehicles_are_read_tolerantly),
        TEST(vehicles_that_cannot_be_financed),
        TEST(amounts_follow_the_currency),
        TEST(the_condition_is_said_or_seen),
        TEST(first_payments_have_their_window),
        TEST(numbers_tell_key_and_input),
        TEST(long_names_stay_whole),
        TEST(a_cut_leaves_no_half_character),
        TEST(titles_are_file_names),
        TEST(the_document_depends_on_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
