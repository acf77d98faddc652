/* test_finance_money.c - amounts, rates, currencies, dates and the price build-up of the finance action. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <math.h>

#include "actions/finance_agreement/date.h"
#include "actions/finance_agreement/money.h"
#include "actions/finance_agreement/price.h"

static void amounts_are_read_by_their_decimal(void **state)
{
    (void)state;
    static const struct {
        double number;
        int exponent;
        enum money_fault fault;
        int64_t minor;
    } cases[] = {
        { 25000, 2, MONEY_OK, 2500000 },
        { 454.79, 2, MONEY_OK, 45479 },
        { 0.1 + 0.2, 2, MONEY_OK, 30 }, /* 0.30000000000000004 is 0.3 to 15 digits */
        { 1.005, 2, MONEY_TOO_PRECISE, 0 },
        { 1.005, 3, MONEY_OK, 1005 },
        { 1000.001, 2, MONEY_TOO_PRECISE, 0 },
        { 0.5, 0, MONEY_TOO_PRECISE, 0 },
        { 3480000, 0, MONEY_OK, 3480000 },
        { -12.34, 2, MONEY_OK, -1234 },
        { -0.0, 2, MONEY_OK, 0 },
        { 1e13, 2, MONEY_OK, MONEY_MAX },
        { 1.00000000000001e13, 2, MONEY_TOO_LARGE, 0 },
        { 1e300, 2, MONEY_TOO_LARGE, 0 },
        { 1e-300, 2, MONEY_TOO_PRECISE, 0 },
        { NAN, 2, MONEY_NOT_A_NUMBER, 0 },
        { INFINITY, 2, MONEY_NOT_A_NUMBER, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t minor = 777;
        enum money_fault fault = money_from_double(cases[i].number, cases[i].exponent, &minor);
        if (fault != cases[i].fault || minor != (fault == MONEY_OK ? cases[i].minor : 777))
            fail_msg("case %zu: fault %d, %lld", i, fault, (long long)minor);
    }
}

static void json_integers_and_texts(void **state)
{
    (void)state;
    int64_t minor = 0;
    json_t *n = json_integer(1000), *s = json_string("1000"), *big = json_integer(INT64_MAX), *real = json_real(19.99);
    assert_int_equal(money_from_json(n, 2, &minor), MONEY_OK);
    assert_int_equal(minor, 100000);
    assert_int_equal(money_from_json(real, 2, &minor), MONEY_OK);
    assert_int_equal(minor, 1999);
    assert_int_equal(money_from_json(s, 2, &minor), MONEY_NOT_A_NUMBER);
    assert_int_equal(money_from_json(NULL, 2, &minor), MONEY_NOT_A_NUMBER);
    assert_int_equal(money_from_json(big, 2, &minor), MONEY_TOO_LARGE);
    json_decref(n);
    json_decref(s);
    json_decref(big);
    json_decref(real);
}

/* Every amount leaves as the number whose 15 digits are its decimal, and comes back. */
static void amounts_survive_json(void **state)
{
    (void)state;
    uint64_t seed = 42;
    char text[64], want[64];
    for (int i = 0; i < 200000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int64_t minor = (int64_t)((seed >> 20) % 100000000000000), back;
        int exponent = (int)((seed >> 8) % 4);
        double number = money_number(minor, exponent);
        snprintf(text, sizeof text, "%.15g", number);
        int64_t scale = exponent == 0 ? 1 : exponent == 1 ? 10 : exponent == 2 ? 100 : 1000;
        snprintf(want, sizeof want, "%lld.%0*lld", (long long)(minor / scale), exponent ? exponent : 1,
                 (long long)(minor % scale));
        if (strtold(text, NULL) != strtold(want, NULL))
            fail_msg("%lld prints as %s", (long long)minor, text);
        assert_int_equal(money_from_double(number, exponent, &back), MONEY_OK);
        assert_int_equal(back, minor);
    }
}

static void halves_go_up(void **state)
{
    (void)state;
    static const struct {
        long long num, den, want;
    } cases[] = { { 1, 2, 1 },
                  { 3, 2, 2 },
                  { 5, 2, 3 },
                  { 49, 100, 0 },
                  { 50, 100, 1 },
                  { -1, 2, -1 },
                  { -49, 100, 0 },
                  { -150, 100, -2 },
                  { 0, 7, 0 },
                  { 7, 7, 1 },
                  { INT64_MAX, 1, INT64_MAX },
                  { INT64_MAX, 2, (INT64_MAX / 2) + 1 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (money_half_up(cases[i].num, cases[i].den) != cases[i].want)
            fail_msg("%lld / %lld", cases[i].num, cases[i].den);
    /* the short and the long way agree where they meet */
    for (__int128 n = (__int128)INT64_MAX / 4 - 50; n < (__int128)INT64_MAX / 4 + 50; n++)
        assert_int_equal(money_half_up(n, 3), (int64_t)((2 * n + 3) / 6));
    assert_int_equal(money_half_up((__int128)1000000000000000 * 1000000, 12000000), 83333333333333);
    assert_int_equal(money_round(2.5L), 3);
    assert_int_equal(money_round(-2.5L), -3);
    assert_int_equal(money_share(1999, 72500), 145); /* 144.9275 */
}

static void rates_are_rounded_down(void **state)
{
    (void)state;
    static const struct {
        double percent;
        int32_t ppm;
        bool ok;
    } cases[] = { { 3.5, 35000, true },   { 0, 0, true },        { 3.50009, 35000, true }, { 3.99999, 39999, true },
                  { 0.0001, 1, true },    { 0.00009, 0, true },  { 100, 1000000, true },   { -0.00001, -1, true },
                  { -1, -10000, true },   { 1e9, 0, false },     { 1e-320, 0, true },      { NAN, 0, false },
                  { 7.644, 76440, true }, { 4.35, 43500, true }, { 1e300, 0, false } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t ppm = 777;
        bool ok = money_ppm_from_double(cases[i].percent, &ppm);
        if (ok != cases[i].ok || ppm != (ok ? cases[i].ppm : 777))
            fail_msg("%g %%: %d", cases[i].percent, ppm);
    }
}

static void rates_as_text(void **state)
{
    (void)state;
    static const char *const bad[] = { "",   ".5", "3.",  "3,5", "-1", "3.5%", "12345", "1.12345678901",
                                       " 3", "3 ", "1e2", "nan" };
    int32_t ppm = 777;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (money_ppm_from_text(bad[i], &ppm))
            fail_msg("took \"%s\"", bad[i]);
    assert_int_equal(ppm, 777);
    assert_false(money_ppm_from_text(NULL, &ppm));
    assert_true(money_ppm_from_text("3.5", &ppm));
    assert_int_equal(ppm, 35000);
    assert_true(money_ppm_from_text("0.25009999", &ppm));
    assert_int_equal(ppm, 2500);
}

static void currencies(void **state)
{
    (void)state;
    struct money_currency c;
    static const struct {
        const char *code;
        int exponent;
    } known[] = { { "USD", 2 }, { "JPY", 0 }, { "KWD", 3 }, { "CLF", 4 },
                  { "EUR", 2 }, { "AED", 2 }, { "ZWG", 2 }, { "XPF", 0 } };
    static const char *const unknown[] = {
        "", "US", "usd", "USDX", "XYZ", "SDE", "D A", "   "
    }; /* "SDE": across two codes */
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(money_currency_find(known[i].code, &c));
        assert_int_equal(c.exponent, known[i].exponent);
        assert_string_equal(c.code, known[i].code);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        if (money_currency_find(unknown[i], &c))
            fail_msg("took %s", unknown[i]);
    assert_false(money_currency_find(NULL, &c));
}

static void texts_for_people(void **state)
{
    (void)state;
    char out[MONEY_TEXT_SIZE], rate[MONEY_RATE_SIZE];
    static const struct money_currency usd = { "USD", 2 }, jpy = { "JPY", 0 }, kwd = { "KWD", 3 };
    assert_string_equal(money_text(123456789, &usd, out), "$1,234,567.89");
    assert_string_equal(money_text(-5, &usd, out), "-$0.05");
    assert_string_equal(money_text(0, &usd, out), "$0.00");
    assert_string_equal(money_text(99999, &usd, out), "$999.99");
    assert_string_equal(money_text(100000, &usd, out), "$1,000.00");
    assert_string_equal(money_text(1234567, &jpy, out), "\xc2\xa5"
                                                        "1,234,567");
    assert_string_equal(money_text(1234567, &kwd, out), "1,234.567 KWD");
    assert_string_equal(money_text(INT64_MIN, &usd, out), "-$92,233,720,368,547,758.08");
    assert_string_equal(money_rate_text(35000, rate), "3.5%");
    assert_string_equal(money_rate_text(0, rate), "0%");
    assert_string_equal(money_rate_text(100000, rate), "10%");
    assert_string_equal(money_rate_text(1, rate), "0.0001%");
    assert_string_equal(money_rate_text(-2500, rate), "-0.25%");
}

static void dates_are_the_calendar(void **state)
{
    (void)state;
    struct date d;
    /* each day follows the one before, and the C library agrees */
    struct date previous = date_of_days(-25568);
    for (int32_t day = -25567; day < 84006; day++) {
        struct date now = date_of_days(day);
        time_t t = (time_t)day * 86400;
        struct tm tm;
        gmtime_r(&t, &tm);
        if (date_days(now) != day || now.year != tm.tm_year + 1900 || now.month != tm.tm_mon + 1 ||
            now.day != tm.tm_mday)
            fail_msg("day %d is %d-%d-%d", day, now.year, now.month, now.day);
        assert_true(now.day == previous.day + 1 || now.day == 1);
        previous = now;
    }
    assert_true(date_parse("2028-02-29", &d));
    static const char *const bad[] = { "2026-02-29", "2026-13-01", "2026-00-10",  "2026-04-31",
                                       "26-04-01",   "2026-4-01",  "2026-04-01T", "",
                                       "2026/04/01", "2300-01-01", "+026-04-01" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (date_parse(bad[i], &d))
            fail_msg("took %s", bad[i]);
    assert_false(date_parse(NULL, &d));
    assert_int_equal(date_days(date_of_time(-1)), -1);
}

static void months_keep_their_anchor(void **state)
{
    (void)state;
    static const char *const want[] = { "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31" };
    struct date anchor = { 2027, 1, 31 };
    char text[DATE_TEXT_SIZE];
    for (int k = 0; k < 5; k++)
        assert_string_equal(date_text(date_add_months(anchor, k), text), want[k]);
    assert_string_equal(date_text(date_add_months(anchor, 13), text), "2028-02-29");
    assert_string_equal(date_text(date_add_months(anchor, -2), text), "2026-11-30");
    for (int day = 28; day <= 30; day++)
        assert_string_equal(date_text(date_add_months((struct date){ 2027, 1, day }, 1), text), "2027-02-28");
    assert_string_equal(date_text(date_add_days(anchor, 29), text), "2027-03-01");
    assert_string_equal(date_long_text(anchor, text), "31 January 2027");
}

static void the_price_build_up_adds_up(void **state)
{
    (void)state;
    const struct price_input in = { .price = 3899500,
                                    .discount = 50000,
                                    .document_fee = 39900,
                                    .title_fee = 28750,
                                    .finance_fee = 49500,
                                    .trade_allowance = 820000,
                                    .trade_payoff = 415000,
                                    .dealer_rebate = 10000,
                                    .manufacturer_rebate = 150000,
                                    .down = 400000,
                                    .tax_ppm = 72500 };
    struct price_buildup b = price_build(&in);
    assert_int_equal(b.agreed, 3849500);
    assert_int_equal(b.taxable, 3849500 + 39900 - 10000);
    assert_int_equal(b.tax, 281257); /* 281,256.5: a tie goes up */
    assert_int_equal(b.net_trade, 405000);
    assert_int_equal(b.principal, 3849500 + 39900 + 28750 + 49500 + 281257 - 160000 - 405000 - 400000);
    assert_int_equal(b.amount_financed, b.principal - 49500);
    assert_int_equal(b.before_down, b.principal + 400000);
}

static void a_trade_in_lowers_tax_where_it_is_credited(void **state)
{
    (void)state;
    struct price_input in = { .price = 2000000, .trade_allowance = 500000, .tax_ppm = 100000 };
    assert_int_equal(price_build(&in).tax, 200000);
    in.trade_in_lowers_tax = true;
    assert_int_equal(price_build(&in).tax, 150000);
    in.trade_allowance = 3000000;
    assert_int_equal(price_build(&in).tax, 0);
    in.trade_allowance = 100000;
    in.trade_payoff = 400000; /* negative equity adds to the loan */
    assert_int_equal(price_build(&in).principal, 2000000 + 190000 + 300000);
}

/* Regulation Z, comment 2(a)(18)-3: zero and never a negative number; all of the cash may count. */
static void negative_equity_is_financed_and_no_down_payment(void **state)
{
    (void)state;
    static const struct {
        int64_t allowance, payoff, down, down_total, negative, principal;
    } cases[] = {
        { 200000, 900000, 0, 0, 700000, 1275000 + 700000 },
        { 200000, 900000, 850050, 850050, 700000, 1275000 + 700000 - 850050 },
        { 900000, 200000, 0, 700000, 0, 1275000 - 700000 },
        { 900000, 200000, 100000, 800000, 0, 1275000 - 800000 },
        { 500000, 500000, 100000, 100000, 0, 1275000 - 100000 },
        { 0, 1, 0, 0, 1, 1275001 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct price_input in = { .price = 1275000,
                                        .trade_allowance = cases[i].allowance,
                                        .trade_payoff = cases[i].payoff,
                                        .down = cases[i].down };
        struct price_buildup b = price_build(&in);
        assert_int_equal(b.down_total, cases[i].down_total);
        assert_int_equal(b.negative_equity, cases[i].negative);
        assert_int_equal(b.principal, cases[i].principal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_by_their_decimal),
        cmocka_unit_test(json_integers_and_texts),
        cmocka_unit_test(amounts_survive_json),
        cmocka_unit_test(halves_go_up),
        cmocka_unit_test(rates_are_rounded_down),
        cmocka_unit_test(rates_as_text),
        cmocka_unit_test(currencies),
        cmocka_unit_test(texts_for_people),
        cmocka_unit_test(dates_are_the_calendar),
        cmocka_unit_test(months_keep_their_anchor),
        cmocka_unit_test(the_price_build_up_adds_up),
        cmocka_unit_test(a_trade_in_lowers_tax_where_it_is_credited),
        cmocka_unit_test(negative_equity_is_financed_and_no_down_payment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
