/* test_quotes_deal.c - an Opportunity's price and the records that are made of it. */
#include "tests/unit/check.h"

#include "actions/quotes/records.h"
#include "actions/quotes/text.h"
#include "runtime/client/call.h"

static struct act_call call;

static void no_fault(void *ctx, const char *fault)
{
    (void)ctx;
    fail_msg("%s", fault);
}

static int begin(void **state)
{
    static struct declaration d;
    (void)state;
    call_init(&call, &d, NULL);
    return rules_choose("standard", no_fault, NULL) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    call_fini(&call);
    return 0;
}

static struct deal deal_of(const char *currency, const char *country, size_t lines)
{
    struct deal d = { .name = "Deal", .country = country, .currency = currency, .lines_n = lines };
    d.exponent = amount_exponent(currency);
    d.lines = act_alloc(&call, (lines + 1) * sizeof *d.lines);
    for (size_t i = 0; i < lines; i++) {
        d.lines[i].product = "Gateway";
        d.lines[i].family = below(3) ? "Hardware" : "Support";
        d.lines[i].override_ppm = below(4) ? -1 : (int)below(1000001);
        d.lines[i].unit = (struct decimal){ (int64_t)below(10000000), (int)below(5) };
        d.lines[i].quantity = (struct decimal){ 1 + (int64_t)below(100000), (int)below(3) };
    }
    return d;
}

/* Half of the last place at most lies between a rounded amount and the exact one: |10^x * rounded - exact| <= 1/2. */
static void assert_rounded(int64_t rounded, __int128 num, __int128 den)
{
    __int128 error = 2 * ((__int128)rounded * den - num);
    assert_true(error <= den && error >= -den);
}

static __int128 power(int n)
{
    __int128 p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static void lines_are_rounded_and_sum_up(void **state)
{
    (void)state;
    static const char *const currencies[] = { "EUR", "JPY", "USD", "KWD", "" };
    static const char *const countries[] = { "Germany", "US", "Japan", "Brasil", "" };
    for (int round = 0; round < 3000; round++) {
        struct deal d = deal_of(currencies[below(5)], countries[below(5)], 1 + below(8));
        int64_t total = 0, list = 0;
        deal_price(&d, rules_now(), 20500);
        assert_null(d.problem.code);
        for (size_t i = 0; i < d.lines_n; i++) {
            const struct deal_line *l = &d.lines[i];
            __int128 places = power(l->unit.places), scale = power(d.exponent);
            assert_true(l->ppm >= 0 && l->ppm <= rules_now()->cap_ppm);
            assert_rounded(l->net, (__int128)l->unit.digits * (AMOUNT_PPM - l->ppm) * scale, places * AMOUNT_PPM);
            assert_rounded(l->total, (__int128)l->net * l->quantity.digits, power(l->quantity.places));
            assert_rounded(l->list, (__int128)l->unit.digits * l->quantity.digits * scale,
                           places * power(l->quantity.places));
            total += l->total;
            list += l->list;
        }
        assert_int_equal(d.total, total);
        assert_int_equal(d.list, list);
    }
}

static void the_price_can_be_explained(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        struct deal d = deal_of("EUR", "Germany", 1 + below(5));
        deal_price(&d, rules_now(), 20500);
        for (size_t i = 0; i < d.lines_n; i++) {
            struct price p;
            int32_t sum = 0;
            deal_explain(&d, i, rules_now(), 20500, &p);
            assert_int_equal(p.ppm, d.lines[i].ppm);
            for (size_t k = 0; k < p.n; k++)
                sum += p.reasons[k].ppm;
            assert_true(p.overridden ? d.lines[i].override_ppm >= p.ppm : sum >= p.ppm);
            assert_int_equal(p.capped, d.lines[i].capped);
        }
    }
}

static void the_discount_of_the_whole(void **state)
{
    (void)state;
    static const struct {
        int64_t list, total;
        int discount;
    } cases[] = {
        { 1788000, 1609200, 1000 }, { 0, 0, 0 }, { 300, 200, 3333 }, { -300, -200, 3333 }, { 1000, 1000, 0 }
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct deal d = { .list = cases[i].list, .total = cases[i].total };
        assert_int_equal(deal_discount(&d), cases[i].discount);
    }
}

static void amounts_beyond_all_bounds_are_refused(void **state)
{
    (void)state;
    struct deal d = deal_of("EUR", "Germany", 2);
    d.lines[0].unit = d.lines[1].unit = (struct decimal){ 9999999999999, 0 };
    d.lines[0].quantity = d.lines[1].quantity = (struct decimal){ 1, 0 };
    deal_price(&d, rules_now(), 20500);
    assert_string_equal(d.problem.code, "amount_out_of_range");
}

static void names_are_cut_between_characters(void **state)
{
    (void)state;
    char name[1200] = "";
    for (int i = 0; i < 290; i++)
        snprintf(name + strlen(name), sizeof name - strlen(name), "\xf0\x9f\x98\x80");
    struct deal d = { .name = name };
    json_t *quote = quote_record(&d, "6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90", false);
    const char *made = json_string_value(json_object_get(quote, "Name"));
    assert_non_null(made);
    assert_int_equal(strlen(made), 10 + 4 * 122); /* 255 units: ten, and 122 characters of two */
    assert_int_equal(quote_text_units(made, 255), strlen(made));
    json_decref(quote);
}

static void keys_and_ids_of_requests(void **state)
{
    (void)state;
    char key[QUOTE_KEY_SIZE], uuid[37], again[37], other[37];
    quote_uuid("00Dxx0000000000EA2-7C566091-1111-4222-8333-444455556666-2020-09-03T20:56:27.608444Z", uuid);
    assert_string_equal(uuid, "7c566091-1111-4222-8333-444455556666");
    quote_uuid("something-without-one", uuid);
    quote_uuid("something-without-one", again);
    quote_uuid("something-without-onf", other);
    assert_string_equal(uuid, again);
    assert_string_not_equal(uuid, other);
    assert_int_equal(strlen(uuid), 36);
    assert_true(uuid[14] == '8' && strchr("89ab", uuid[19]));
    quote_key(uuid, "006000000000001AAA", key);
    assert_int_equal(strlen(key), 55);
}

static void records_have_what_the_org_takes(void **state)
{
    (void)state;
    struct deal d = deal_of("EUR", "Germany", 1);
    d.lines[0].net = 4005;
    d.lines[0].quantity = (struct decimal){ 25, 1 };
    json_t *line = quote_line_record(&d.lines[0], &d, "u", "@{ref0.id}", true);
    assert_true(json_number_value(json_object_get(line, "UnitPrice")) == 40.05);
    assert_true(json_number_value(json_object_get(line, "Quantity")) == 2.5);
    assert_string_equal(json_string_value(json_object_get(line, "QuoteId")), "@{ref0.id}");
    assert_string_equal(json_string_value(json_object_get(json_object_get(line, "attributes"), "type")),
                        "QuoteLineItem");
    json_decref(line);
    d.lines[0].quantity = (struct decimal){ 3, 0 };
    line = quote_line_record(&d.lines[0], &d, "u", "q", false);
    assert_true(json_is_integer(json_object_get(line, "Quantity")));
    assert_null(json_object_get(line, "attributes"));
    json_decref(line);
}

static void messages_are_whole_and_the_first_counts(void **state)
{
    (void)state;
    struct deal d = { .name = "" };
    char long_text[800] = "";
    for (int i = 0; i < 250; i++)
        snprintf(long_text + strlen(long_text), sizeof long_text - strlen(long_text), "\xe2\x82\xac");
    deal_refuse(&d, "first", "%s", long_text);
    deal_refuse(&d, "second", "x");
    assert_string_equal(d.problem.code, "first");
    assert_int_equal(strlen(d.problem.message), 399 / 3 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_rounded_and_sum_up, begin, end),
        cmocka_unit_test_setup_teardown(the_price_can_be_explained, begin, end),
        cmocka_unit_test(the_discount_of_the_whole),
        cmocka_unit_test_setup_teardown(amounts_beyond_all_bounds_are_refused, begin, end),
        cmocka_unit_test(names_are_cut_between_characters),
        cmocka_unit_test(keys_and_ids_of_requests),
        cmocka_unit_test_setup_teardown(records_have_what_the_org_takes, begin, end),
        cmocka_unit_test(messages_are_whole_and_the_first_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
