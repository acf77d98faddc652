/* test_finance_schedule.c - schedules, annual percentage rates and the time value of money. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <float.h>
#include <math.h>

#include "actions/finance_agreement/apr.h"
#include "actions/finance_agreement/money.h"
#include "actions/finance_agreement/schedule.h"
#include "actions/finance_agreement/tvm.h"

static struct schedule_row rows[SCHEDULE_MAX_ROWS];

static uint64_t next_random(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u;
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static struct loan random_loan(uint64_t *seed)
{
    static const int rhythms[] = { 12, 12, 12, 26, 26, 52, 4, 1 };
    struct loan l = { .per_year = rhythms[next_random(seed) % 8] };
    l.principal = 1 + (int64_t)(next_random(seed) % (next_random(seed) % 4 ? 10000000 : 1000000000000));
    l.ppm = next_random(seed) % 16 ? (int32_t)(next_random(seed) % 360000) : (int32_t)(next_random(seed) % 200);
    l.payments = 1 + (int)(next_random(seed) % (next_random(seed) % 8 ? 120 : 520));
    if (next_random(seed) % 4 == 0)
        l.balloon = (int64_t)(next_random(seed) % (uint64_t)l.principal);
    if (next_random(seed) % 4 == 0)
        l.odd_days = (int)(next_random(seed) % 60) - 20;
    return l;
}

/* What holds for every schedule, written independently of how it is built. */
static void check_identities(const struct loan *l, const struct schedule *s)
{
    int64_t balance = l->principal, paid = 0, interest = 0;
    __int128 den = (__int128)l->per_year * 1000000;
    for (int k = 0; k < s->count; k++) {
        const struct schedule_row *r = &rows[k];
        assert_true(r->principal == r->payment - r->interest && r->balance == balance - r->principal);
        assert_true(r->principal > 0 && r->interest >= 0 && r->balance >= 0);
        if (k || !l->odd_days) {
            /* the interest lies within half a unit of the exact value, and a tie went up */
            __int128 error2 = 2 * (r->interest * den - (__int128)balance * l->ppm);
            assert_true(error2 <= den && error2 > -den);
        }
        if (k + 1 < s->count)
            assert_int_equal(r->payment, s->payment);
        balance = r->balance;
        paid += r->payment;
        interest += r->interest;
    }
    assert_int_equal(balance, 0);
    assert_int_equal(paid, s->total_paid);
    assert_int_equal(interest, s->total_interest);
    assert_int_equal(paid, l->principal + interest);
    assert_int_equal(rows[s->count - 1].payment, s->final_payment);
    assert_true(s->count == l->payments || s->final_payment <= s->payment);
}

static void identities_hold_for_random_loans(void **state)
{
    (void)state;
    int wanted = getenv("LONG") ? 1000000 : 100000, built = 0, refused = 0;
    uint64_t seed = 20261123;
    while (built < wanted) {
        struct loan l = random_loan(&seed);
        struct schedule s;
        memset(&s, 0xee, sizeof s);
        enum schedule_fault fault = schedule_build(&l, rows, &s);
        if (fault == SCHEDULE_OK) {
            check_identities(&l, &s);
            built++;
            continue;
        }
        assert_int_equal(fault, SCHEDULE_NO_AMORTIZATION);
        refused++;
        assert_true(refused < wanted);
    }
    print_message("# %d random loans, %d refused\n", built, refused);
}

#if LDBL_MANT_DIG == 113
typedef long double quad; /* arm64 has it so, and no __float128 */
#else
typedef __float128 quad;
#endif

/* The level payment is the exact annuity rounded: checked against 113 bits. */
static void payments_are_the_rounded_annuity(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 100000; i++) {
        struct loan l = random_loan(&seed);
        if (!l.ppm)
            continue;
        quad r = (quad)l.ppm / ((quad)1e6 * l.per_year), v = 1, base = 1 / (1 + r);
        for (int n = l.payments; n; n >>= 1, base *= base)
            if (n & 1)
                v *= base;
        quad exact = (l.principal - l.balloon * v) * r / (1 - v);
        quad error = exact - (quad)schedule_payment(&l);
        if (error > (quad)0.5000001 || error < (quad)-0.5000001)
            fail_msg("%lld at %d ppm, %d payments", (long long)l.principal, l.ppm, l.payments);
    }
}

static void what_is_no_loan_is_refused(void **state)
{
    (void)state;
    static const struct loan good = { .principal = 2500000, .ppm = 35000, .payments = 60, .per_year = 12 };
    struct schedule s = { .count = 777 };
    struct loan l = good;
#define REFUSED(member, value, fault)                                                                                  \
    do {                                                                                                               \
        l = good;                                                                                                      \
        l.member = value;                                                                                              \
        assert_int_equal(schedule_build(&l, NULL, &s), fault);                                                         \
        assert_int_equal(s.count, 777);                                                                                \
    } while (0)
    REFUSED(principal, 0, SCHEDULE_BAD_LOAN);
    REFUSED(principal, -1, SCHEDULE_BAD_LOAN);
    REFUSED(principal, MONEY_MAX + 1, SCHEDULE_BAD_LOAN);
    REFUSED(ppm, -1, SCHEDULE_BAD_LOAN);
    REFUSED(ppm, SCHEDULE_MAX_PPM + 1, SCHEDULE_BAD_LOAN);
    REFUSED(payments, 0, SCHEDULE_BAD_LOAN);
    REFUSED(payments, SCHEDULE_MAX_ROWS + 1, SCHEDULE_BAD_LOAN);
    REFUSED(balloon, 2500000, SCHEDULE_BAD_LOAN);
    REFUSED(balloon, -1, SCHEDULE_BAD_LOAN);
    REFUSED(per_year, 0, SCHEDULE_BAD_LOAN);
    REFUSED(odd_days, 3000, SCHEDULE_NO_AMORTIZATION);
    l = (struct loan){ .principal = 5, .payments = 12, .per_year = 12 }; /* 5 cents in 12 payments of 0 */
    assert_int_equal(schedule_build(&l, NULL, &s), SCHEDULE_NO_AMORTIZATION);
    assert_int_equal(schedule_build(&good, NULL, &s), SCHEDULE_OK);
    assert_int_equal(s.payment, 45479);
    l = good;
    l.principal = MONEY_MAX;
    l.ppm = 100000;
    l.payments = 480;
    assert_int_equal(schedule_build(&l, rows, &s), SCHEDULE_OK);
    check_identities(&l, &s);
}

static void a_tiny_loan_may_clear_early(void **state)
{
    (void)state;
    struct loan l = { .principal = 1000, .ppm = 299900, .payments = 84, .per_year = 12 };
    struct schedule s;
    assert_int_equal(schedule_build(&l, rows, &s), SCHEDULE_OK);
    assert_int_equal(s.payment, 29);
    assert_true(s.count < 84);
    check_identities(&l, &s);
}

static void due_dates_follow_their_rhythm(void **state)
{
    (void)state;
    char text[DATE_TEXT_SIZE];
    struct date contract = { 2026, 12, 31 };
    assert_string_equal(date_text(schedule_due(contract, 0, 12, 2), text), "2027-02-28");
    assert_string_equal(date_text(schedule_due(contract, 0, 12, 3), text), "2027-03-31");
    assert_string_equal(date_text(schedule_due(contract, 0, 26, 1), text), "2027-01-14");
    assert_string_equal(date_text(schedule_due(contract, 0, 52, 2), text), "2027-01-14");
    assert_string_equal(date_text(schedule_due(contract, 1, 12, 1), text), "2026-12-31");
    assert_string_equal(date_text(schedule_due(contract, 1, 4, 2), text), "2027-03-31");
}

/* The dates of Regulation Z's own examples give its unit-periods. */
static void unit_periods_of_regulation_z(void **state)
{
    (void)state;
    static const struct {
        struct date advance, payment;
        int months, days, t;
        double f;
    } cases[] = {
        { { 1978, 1, 10 }, { 1978, 2, 10 }, 1, 0, 1, 0 },
        { { 1978, 2, 10 }, { 1978, 4, 1 }, 1, 0, 1, 19.0 / 30 },
        { { 1978, 5, 23 }, { 1978, 10, 1 }, 3, 0, 1, 39.0 / 90 },
        { { 1978, 3, 20 }, { 1978, 4, 21 }, 0, 7, 4, 4.0 / 7 },
        { { 1978, 3, 18 }, { 1978, 4, 20 }, 0, 28, 1, 5.0 / 28 },
        { { 1978, 4, 3 }, { 1978, 4, 11 }, 0, 14, 0, 8.0 / 14 },
        { { 1978, 1, 10 }, { 1978, 3, 1 }, 2, 0, 0, 52.0 / 60 },
        { { 2027, 1, 31 }, { 2027, 2, 28 }, 1, 0, 1, 0 }, /* last day to last day */
        { { 2027, 3, 30 }, { 2027, 4, 30 }, 1, 0, 1, 0 },
        { { 2027, 1, 30 }, { 2027, 2, 28 }, 1, 0, 1, 1.0 / 30 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int t;
        double f;
        apr_unit_periods(cases[i].advance, cases[i].payment, cases[i].months, cases[i].days, &t, &f);
        if (t != cases[i].t || fabs(f - cases[i].f) > 1e-12)
            fail_msg("case %zu: %d + %.4f", i, t, f);
    }
}

static void the_rate_without_fees_is_the_contract_rate(void **state)
{
    (void)state;
    for (int ppm = 1; ppm < 400000; ppm += 1 + ppm / 7) {
        struct loan l = { .principal = 1000000000, .ppm = ppm, .payments = 60, .per_year = 12 };
        struct schedule s;
        double us, eu;
        assert_int_equal(schedule_build(&l, NULL, &s), SCHEDULE_OK);
        const struct apr_run runs[] = {
            { .amount = (double)s.payment, .count = 59, .t = 1, .s = 1.0 / 12, .step = 1.0 / 12 },
            { .amount = (double)s.final_payment, .count = 1, .t = 60, .s = 5 }
        };
        assert_int_equal(apr_us(1e9, runs, 2, 12, &us), APR_OK);
        assert_int_equal(apr_eu(1e9, runs, 2, &eu), APR_OK);
        if (fabs(us - ppm / 1e6) > 1e-8 || fabs(eu - (double)tvm_effect(ppm / 1e6L, 12)) > 1e-8)
            fail_msg("%d ppm: %.12f and %.12f", ppm, us, eu);
    }
}

/* What is found makes the payments worth the advance: the equation itself, summed term by term. */
static void rates_solve_their_equation(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int i = 0; i < 3000; i++) {
        struct apr_run runs[3];
        double total = 0, us = 0, eu = 0;
        for (int k = 0; k < 3; k++) {
            runs[k] = (struct apr_run){ .amount = 1 + (double)(next_random(&seed) % 100000),
                                        .count = 1 + (int)(next_random(&seed) % 40) };
            runs[k].t = 1 + (int)(next_random(&seed) % 50);
            runs[k].f = (double)(next_random(&seed) % 30) / 30;
            runs[k].s = (runs[k].t + runs[k].f) / 12;
            runs[k].step = 1.0 / 12;
            total += runs[k].amount * runs[k].count;
        }
        double advance = total * (1 + (double)(next_random(&seed) % 9998)) / 10000;
        assert_int_equal(apr_us(advance, runs, 3, 12, &us), APR_OK);
        assert_int_equal(apr_eu(advance, runs, 3, &eu), APR_OK);
        double worth_us = 0, worth_eu = 0, rate = us / 12;
        for (int k = 0; k < 3; k++)
            for (int j = 0; j < runs[k].count; j++) {
                worth_us += runs[k].amount / ((1 + runs[k].f * rate) * pow(1 + rate, runs[k].t + j));
                worth_eu += runs[k].amount * pow(1 + eu, -(runs[k].s + j * runs[k].step));
            }
        if (fabs(worth_us / advance - 1) > 1e-9 || fabs(worth_eu / advance - 1) > 1e-9)
            fail_msg("advance %.2f of %.2f: %.12f, %.12f", advance, total, worth_us / advance, worth_eu / advance);
    }
}

static void what_has_no_rate_is_refused(void **state)
{
    (void)state;
    double rate = 777;
    struct apr_run run = { .amount = 100, .count = 12, .t = 1, .s = 1.0 / 12, .step = 1.0 / 12 };
    assert_int_equal(apr_us(1200, &run, 1, 12, &rate), APR_OK);
    assert_true(rate == 0);
    rate = 777;
    assert_int_equal(apr_us(1200.01, &run, 1, 12, &rate), APR_NEGATIVE);
    assert_int_equal(apr_eu(1300, &run, 1, &rate), APR_NEGATIVE);
    assert_int_equal(apr_us(0, &run, 1, 12, &rate), APR_NO_PAYMENT);
    assert_int_equal(apr_us(NAN, &run, 1, 12, &rate), APR_NO_PAYMENT);
    assert_int_equal(apr_us(100, NULL, 0, 12, &rate), APR_NO_PAYMENT);
    run.amount = NAN;
    assert_int_equal(apr_us(100, &run, 1, 12, &rate), APR_NO_PAYMENT);
    run = (struct apr_run){ .amount = 200, .count = 1 }; /* paid back on the spot */
    assert_int_equal(apr_us(100, &run, 1, 12, &rate), APR_NO_PAYMENT);
    assert_int_equal(apr_eu(100, &run, 1, &rate), APR_NO_PAYMENT);
    assert_true(rate == 777);
}

static void time_value_functions_invert_each_other(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 2000; i++) {
        long double rate = (1 + next_random(&seed) % 30000) / 1e6L, n = 1 + next_random(&seed) % 360;
        long double pv = 1000 + next_random(&seed) % 100000, fv = -(long double)(next_random(&seed) % 1000);
        bool due = next_random(&seed) % 2;
        long double pmt = tvm_pmt(rate, n, pv, fv, due);
        assert_true(fabsl(tvm_pv(rate, n, pmt, fv, due) / pv - 1) < 1e-12L);
        assert_true(fabsl(tvm_fv(rate, n, pmt, pv, due) - fv) < 1e-7L * (1 + fabsl(pv * expl(n * rate))));
        assert_true(fabsl(tvm_nper(rate, pmt, pv, fv, due) - n) < 1e-6L);
        assert_true(fabsl(tvm_rate(n, pmt, pv, fv, due) - rate) < 1e-9L);
        long double sum =
            tvm_cumipmt(rate, (int)n, pv, 1, (int)n, due) + tvm_cumprinc(rate, (int)n, pv, 1, (int)n, due);
        assert_true(fabsl(sum - n * tvm_pmt(rate, n, pv, 0, due)) < 1e-6L);
        assert_true(fabsl(tvm_nominal(tvm_effect(rate * 12, 12), 12) - rate * 12) < 1e-15L);
    }
    assert_true(isnan(tvm_pmt(-1, 12, 100, 0, false)));
    assert_true(isnan(tvm_pmt(.01L, 0, 100, 0, false)));
    assert_true(isnan(tvm_ipmt(.01L, 0, 12, 100, 0, false)));
    assert_true(isnan(tvm_ipmt(.01L, 13, 12, 100, 0, false)));
    assert_true(isnan(tvm_cumipmt(.01L, 12, 100, 0, 12, false)));
    assert_true(isnan(tvm_nper(.01L, -0.5L, 100, 0, false))); /* never repaid */
    assert_true(isinf(tvm_nper(0, 0, 100, 0, false)));
    assert_true(isnan(tvm_rate(0, -1, 100, 0, false)));
    assert_true(isnan(tvm_rate(12, 1, 100, 0, false))); /* everything is received */
    assert_true(isnan(tvm_effect(.1L, 0)));
    assert_true(isnan(tvm_nominal(-2, 12)));
    assert_true(fabsl(tvm_rate(12, -9, 120, 0, false)) < .05L && tvm_rate(12, -9, 120, 0, false) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identities_hold_for_random_loans),
        cmocka_unit_test(payments_are_the_rounded_annuity),
        cmocka_unit_test(what_is_no_loan_is_refused),
        cmocka_unit_test(a_tiny_loan_may_clear_early),
        cmocka_unit_test(due_dates_follow_their_rhythm),
        cmocka_unit_test(unit_periods_of_regulation_z),
        cmocka_unit_test(the_rate_without_fees_is_the_contract_rate),
        cmocka_unit_test(rates_solve_their_equation),
        cmocka_unit_test(what_has_no_rate_is_refused),
        cmocka_unit_test(time_value_functions_invert_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
