/* test_quotes_amount.c - decimals, rounding, percentages, dates and texts of quotes. */
#include "tests/unit/check.h"

#include <math.h>

#include "actions/quotes/amount.h"
#include "actions/quotes/day.h"
#include "actions/quotes/text.h"

static struct decimal dec(const char *json)
{
    struct decimal d;
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    assert_true(decimal_read(value, &d));
    json_decref(value);
    return d;
}

static void numbers_are_read_by_their_digits(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text; /* NULL = refused */
    } cases[] = {
        { "12", "12" },
        { "12.50", "12.5" },
        { "-0.01", "-0.01" },
        { "0", "0" },
        { "0.30000000000000004", "0.3" },
        { "1e3", "1000" },
        { "0.000000001", "0.000000001" },
        { "0.0000000001", NULL },
        { "999999999999999", "999999999999999" },
        { "1000000000000000", NULL },
        { "1e300", NULL },
        { "123456.789012345", "123456.789012345" },
        { "\"12\"", NULL },
        { "true", NULL },
        { "null", NULL },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[AMOUNT_DECIMAL_SIZE];
        struct decimal d;
        json_t *value = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
        bool ok = decimal_read(value, &d);
        if (ok != (cases[i].text != NULL) || (ok && strcmp(decimal_text(d, text), cases[i].text) != 0))
            fail_msg("%s: %s", cases[i].json, ok ? text : "refused");
        json_decref(value);
    }
    assert_false(decimal_read(NULL, &(struct decimal){ 0, 0 }));
}

static void decimals_compare_over_scales(void **state)
{
    (void)state;
    assert_true(decimal_compare(dec("1.5"), dec("1.50")) == 0);
    assert_true(decimal_compare(dec("1.5"), dec("1.499")) > 0);
    assert_true(decimal_compare(dec("-2"), dec("0.001")) < 0);
    assert_true(decimal_compare(dec("999999999999999"), dec("0.000000001")) > 0);
}

static void halves_go_away_from_zero(void **state)
{
    (void)state;
    assert_true(amount_half_up(5, 10) == 1);
    assert_true(amount_half_up(4, 10) == 0);
    assert_true(amount_half_up(-5, 10) == -1);
    assert_true(amount_half_up(-4, 10) == 0);
    assert_true(amount_half_up((__int128)INT64_MAX * 1000 + 5, 10) == (__int128)INT64_MAX * 100 + 1);
}

static void prices_are_cut_by_a_discount(void **state)
{
    (void)state;
    static const struct {
        const char *price;
        int ppm, exponent;
        long long net;
    } cases[] = {
        { "100", 100000, 2, 9000 }, { "49.9", 100000, 2, 4491 }, { "44.5", 100000, 2, 4005 },
        { "0.05", 100000, 2, 5 },   { "0.05", 500000, 2, 3 },    { "-0.05", 500000, 2, -3 },
        { "333", 100000, 0, 300 },  { "335", 100000, 0, 302 },   { "1.005", 0, 2, 101 },
        { "1.0049", 0, 2, 100 },    { "80", 1000000, 2, 0 },     { "9999999999999", 0, 2, 999999999999900 },
        { "0.000000001", 0, 2, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t net = 0;
        assert_true(amount_discounted(dec(cases[i].price), cases[i].ppm, cases[i].exponent, &net));
        if (net != cases[i].net)
            fail_msg("%s by %d: %lld", cases[i].price, cases[i].ppm, (long long)net);
    }
    int64_t kept = 7;
    assert_false(amount_discounted(dec("99999999999999"), 0, 2, &kept));
    assert_false(amount_product(dec("99999999999999"), dec("999999999999999"), 2, &kept));
    assert_int_equal(kept, 7);
}

static void products_are_exact(void **state)
{
    (void)state;
    int64_t total = 0;
    assert_true(amount_product(amount_decimal(4005, 2), dec("250"), 2, &total));
    assert_int_equal(total, 1001250);
    assert_true(amount_product(amount_decimal(79200, 2), dec("2.5"), 2, &total));
    assert_int_equal(total, 198000);
    assert_true(amount_product(amount_decimal(1, 2), dec("0.5"), 2, &total));
    assert_int_equal(total, 1);
    assert_true(amount_product(amount_decimal(3, 0), dec("0.5"), 0, &total));
    assert_int_equal(total, 2);
    assert_true(amount_product(dec("0.000000001"), dec("0.000000001"), 2, &total));
    assert_int_equal(total, 0);
}

static void sums_do_not_overflow(void **state)
{
    (void)state;
    int64_t sum = AMOUNT_MAX - 1;
    assert_true(amount_add(&sum, 1));
    assert_false(amount_add(&sum, 1));
    assert_int_equal(sum, AMOUNT_MAX);
    assert_true(amount_add(&sum, -AMOUNT_MAX));
    assert_int_equal(sum, 0);
}

static void currencies_have_their_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int exponent;
    } cases[] = { { "USD", 2 }, { "JPY", 0 }, { "KRW", 0 }, { "KWD", 2 },
                  { "", 2 },    { "XYZ", 2 }, { "F C", 2 }, { "IF ", 2 } };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(amount_exponent(cases[i].code), cases[i].exponent);
    assert_int_equal(amount_exponent(NULL), 2);
}

static void texts_of_amounts(void **state)
{
    (void)state;
    char text[AMOUNT_TEXT_SIZE];
    assert_string_equal(amount_text(123456789, 2, "EUR", text), "1,234,567.89 EUR");
    assert_string_equal(amount_text(-5, 2, "", text), "-0.05");
    assert_string_equal(amount_text(1234, 0, "JPY", text), "1,234 JPY");
    assert_string_equal(amount_text(AMOUNT_MAX, 2, "USD", text), "9,999,999,999,999.99 USD");
    assert_true(fabs(amount_number(1001250, 2) - 10012.5) < 1e-9);
}

static void percentages(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int ppm; /* -1 = refused */
    } cases[] = { { "10", 100000 }, { "12.5", 125000 }, { "0", 0 },        { "100", 1000000 }, { "100.0001", -1 },
                  { "-1", -1 },     { "0.0001", 1 },    { "0.00001", -1 }, { "\"5\"", -1 } };
    char text[AMOUNT_PERCENT_SIZE];
    for (size_t i = 0; i < COUNT(cases); i++) {
        int32_t ppm = -1;
        json_t *value = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
        bool ok = amount_ppm_read(value, &ppm);
        if (ok != (cases[i].ppm >= 0) || ppm != cases[i].ppm)
            fail_msg("%s: %d", cases[i].json, ppm);
        json_decref(value);
    }
    assert_string_equal(amount_percent_text(125000, text), "12.5 %");
    assert_string_equal(amount_percent_text(1000000, text), "100 %");
    assert_string_equal(amount_percent_text(1, text), "0.0001 %");
}

static void dates(void **state)
{
    (void)state;
    static const char *const bad[] = { "2026-02-29", "2026-13-01",           "2026-00-01", "2026-01-32", "2026-1-1",
                                       "20260101",   "2026-01-01T00:00:00Z", "",           "0000-01-01", "2026-01-0a" };
    int32_t day = 0;
    char text[DAY_TEXT_SIZE];
    assert_true(day_read("1970-01-01", &day));
    assert_int_equal(day, 0);
    assert_true(day_read("2024-02-29", &day));
    assert_int_equal(day, 19782);
    assert_string_equal(day_text(day + 1, text), "2024-03-01");
    assert_string_equal(day_text(-1, text), "1969-12-31");
    for (int32_t d = -700000; d < 2900000; d += 997) {
        int32_t again = 0;
        day_text(d, text);
        assert_true(day_read(text, &again));
        assert_int_equal(again, d);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(day_read(bad[i], &day));
    assert_false(day_read(NULL, &day));
}

static void cuts_fall_between_characters(void **state)
{
    (void)state;
    char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"; /* 1, 2, 3, 4 and 1 bytes */
    assert_int_equal(quote_text_units(text, 3), 6);
    assert_int_equal(quote_text_units(text, 4), 6); /* the fourth takes two units */
    assert_int_equal(quote_text_units(text, 5), 10);
    assert_int_equal(quote_text_units(text, 99), 11);
    assert_int_equal(quote_text_bytes(text, 2), 1);
    assert_int_equal(quote_text_bytes(text, 3), 3);
    assert_int_equal(quote_text_bytes(text, 9), 6);
    assert_int_equal(quote_text_bytes(text, 11), 11);
    for (size_t n = 0; n <= 11; n++) {
        char cut[12];
        memcpy(cut, text, n);
        cut[n] = '\0';
        quote_text_mend(cut);
        assert_int_equal(strlen(cut), n >= 11 ? 11 : n >= 10 ? 10 : n >= 6 ? 6 : n >= 3 ? 3 : n >= 1 ? 1 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_by_their_digits),
        cmocka_unit_test(decimals_compare_over_scales),
        cmocka_unit_test(halves_go_away_from_zero),
        cmocka_unit_test(prices_are_cut_by_a_discount),
        cmocka_unit_test(products_are_exact),
        cmocka_unit_test(sums_do_not_overflow),
        cmocka_unit_test(currencies_have_their_decimals),
        cmocka_unit_test(texts_of_amounts),
        cmocka_unit_test(percentages),
        cmocka_unit_test(dates),
        cmocka_unit_test(cuts_fall_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
