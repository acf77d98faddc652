/* test_finance_offer.c - offers with all their figures, alternatives and counter-offers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <math.h>

#include "actions/finance_agreement/answer.h"
#include "tests/finance_fixture.h"

static struct fixture f;

static enum offer_fault make(struct offer *out)
{
    memset(out, 0, sizeof *out);
    return offer_make(&f.deal, &f.policy, &f.market, f.rows, NULL, NULL, out);
}

static void the_known_loan(void **state)
{
    (void)state;
    struct offer o;
    assert_true(fixture_init(&f, NULL));
    assert_int_equal(make(&o), OFFER_OK);
    assert_int_equal(o.loan.ppm, 35000);
    assert_int_equal(o.schedule.payment, 45479);
    assert_int_equal(o.schedule.final_payment, 45500);
    assert_int_equal(o.schedule.total_interest, 228761);
    assert_int_equal(o.finance_charge, 228761);
    assert_int_equal(o.total_sale_price, 2728761);
    assert_int_equal(o.ltv_ppm, 1000000);
    assert_true(fabs(o.apr_us - 0.035) < 1e-6);
    assert_true(fabs(o.apr_eu - 0.035567) < 1e-6);
}

/* Regulation Z: a prepaid finance charge lowers the amount financed and raises the rate. */
static void fees_raise_the_annual_percentage_rate(void **state)
{
    (void)state;
    struct offer o;
    static const char *const settings[] = { "LIST_RATE", "5.99", "UNDERCUT", "0", NULL };
    assert_true(fixture_init(&f, settings));
    f.deal.customer_max = 59900;
    f.market.count = 0;
    f.deal.request.currency[0] = 'X'; /* no table either: the list rate stands */
    f.deal.price.price = 2450000;
    f.deal.price.finance_fee = 50000;
    assert_int_equal(make(&o), OFFER_OK);
    assert_int_equal(o.build.principal, 2500000);
    assert_int_equal(o.build.amount_financed, 2450000);
    assert_int_equal(o.schedule.payment, 48320);
    assert_true(fabs(o.apr_us * 100 - 6.833) < 0.0005);
    assert_int_equal(o.finance_charge, o.schedule.total_paid - 2450000);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u;
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void random_deal(uint64_t *seed)
{
    struct price_input *p = &f.deal.price;
    memset(p, 0, sizeof *p);
    p->price = 500000 + (int64_t)(next_random(seed) % 9500000);
    p->down = (int64_t)(next_random(seed) % (uint64_t)(p->price / 2));
    p->tax_ppm = (int32_t)(next_random(seed) % 120000);
    p->trade_in_lowers_tax = next_random(seed) % 2;
    if (next_random(seed) % 2)
        p->trade_allowance = (int64_t)(next_random(seed) % 300000);
    if (next_random(seed) % 2)
        p->trade_payoff = (int64_t)(next_random(seed) % 300000);
    p->document_fee = (int64_t)(next_random(seed) % 50000);
    p->title_fee = (int64_t)(next_random(seed) % 50000);
    p->finance_fee = next_random(seed) % 2 ? (int64_t)(next_random(seed) % 50000) : 0;
    p->manufacturer_rebate = (int64_t)(next_random(seed) % 100000);
    p->discount = (int64_t)(next_random(seed) % 50000);
    f.deal.term_months = 12 * (1 + (int)(next_random(seed) % 8));
    f.deal.per_year = next_random(seed) % 4 ? 12 : 26;
    f.deal.customer_max = (int32_t)(next_random(seed) % 120000);
    f.deal.balloon = next_random(seed) % 4 ? 0 : p->price / 5;
    f.deal.payment_limit = next_random(seed) % 2 ? 0 : p->price / 100 + (int64_t)(next_random(seed) % 100000);
    f.deal.first_chosen = next_random(seed) % 3 == 0;
    f.deal.first = date_add_days(f.deal.contract, 1 + (int)(next_random(seed) % 60));
}

static void check_offer(const struct offer *o)
{
    const struct price_input *p = &o->price;
    assert_true(o->loan.ppm <= f.deal.customer_max);
    assert_int_equal(o->finance_charge, o->schedule.total_interest + p->finance_fee);
    assert_int_equal(o->schedule.total_paid, o->build.principal + o->schedule.total_interest);
    /* price + tax + fees + interest - rebates, however it is paid; what is still owed on a trade-in is bought too */
    assert_int_equal(o->total_sale_price, p->price - p->discount + o->build.tax + o->build.fees +
                                              o->schedule.total_interest - o->build.rebates + o->build.negative_equity);
    assert_true(o->build.down_total >= p->down && o->total_sale_price >= o->schedule.total_paid);
    assert_true(o->apr_us >= 0 && o->apr_eu >= 0 && isfinite(o->apr_us) && isfinite(o->apr_eu));
    assert_true(o->apr_us * 1e6 > o->loan.ppm - 150); /* never below the contract rate by more than rounding */
    assert_true(date_days(o->first) > date_days(f.deal.contract) && date_days(o->last) >= date_days(o->first));
}

static void check_alternatives(const struct offer *main_offer)
{
    struct offer other[OFFER_ALTERNATIVES];
    int n = offer_alternatives(&f.deal, &f.policy, &f.market, main_offer, other);
    assert_in_range(n, 0, OFFER_ALTERNATIVES);
    for (int i = 0; i < n; i++) {
        check_offer(&other[i]);
        assert_true(other[i].term_months >= 12 && other[i].term_months <= f.policy.max_years * 12);
        if (!strcmp(other[i].kind, "least_down_payment") || !strcmp(other[i].kind, "shortest_term"))
            assert_true(other[i].monthly <= f.deal.payment_limit && main_offer->monthly > f.deal.payment_limit);
        for (int k = 0; k < i; k++)
            assert_false(other[i].term_months == other[k].term_months && other[i].price.down == other[k].price.down &&
                         other[i].loan.per_year == other[k].loan.per_year &&
                         other[i].loan.balloon == other[k].loan.balloon);
    }
}

static void random_deals_keep_the_identities(void **state)
{
    (void)state;
    uint64_t seed = 11;
    int made = 0;
    assert_true(fixture_init(&f, NULL));
    for (int i = 0; i < (getenv("LONG") ? 50000 : 3000); i++) {
        struct offer o;
        random_deal(&seed);
        if (make(&o) != OFFER_OK)
            continue;
        made++;
        check_offer(&o);
        check_alternatives(&o);
    }
    assert_true(made > 1000);
}

/* One cent less down, and the limit is broken: least means least. */
static void the_least_down_payment_is_the_least(void **state)
{
    (void)state;
    uint64_t seed = 21;
    int found = 0;
    assert_true(fixture_init(&f, NULL));
    for (int i = 0; i < 2000; i++) {
        struct offer least = { 0 }, o;
        random_deal(&seed);
        f.deal.payment_limit = 0;
        if (make(&o) != OFFER_OK)
            continue;
        int64_t limit = o.monthly * 3 / 4;
        if (!offer_least_down(&f.deal, &f.policy, &f.market, limit, &least))
            continue;
        found++;
        assert_true(least.monthly <= limit);
        f.deal.price.down = least.price.down - 1;
        assert_int_equal(make(&o), OFFER_OK);
        if (o.monthly <= limit)
            fail_msg("deal %d: %lld is not the least down payment for %lld", i, (long long)least.price.down,
                     (long long)limit);
    }
    assert_true(found > 500);
}

static void the_shortest_term_is_the_shortest(void **state)
{
    (void)state;
    uint64_t seed = 31;
    int found = 0;
    assert_true(fixture_init(&f, NULL));
    for (int i = 0; i < 2000; i++) {
        struct offer o, other[OFFER_ALTERNATIVES];
        random_deal(&seed);
        f.deal.term_months = 24;
        if (make(&o) != OFFER_OK)
            continue;
        f.deal.payment_limit = o.monthly / 2;
        int n = offer_alternatives(&f.deal, &f.policy, &f.market, &o, other);
        for (int k = 0; k < n; k++) {
            if (strcmp(other[k].kind, "shortest_term"))
                continue;
            found++;
            f.deal.term_months = other[k].term_months - 12;
            if (f.deal.term_months && make(&o) == OFFER_OK)
                assert_true(o.monthly > f.deal.payment_limit);
        }
    }
    assert_true(found > 300);
}

static void five_alternatives_of_the_usual_loan(void **state)
{
    (void)state;
    struct offer o, other[OFFER_ALTERNATIVES];
    static const char *const kinds[] = { "shorter_term", "longer_term", "more_down", "biweekly", "balloon" };
    assert_true(fixture_init(&f, NULL));
    assert_int_equal(make(&o), OFFER_OK);
    assert_int_equal(offer_alternatives(&f.deal, &f.policy, &f.market, &o, other), 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(other[i].kind, kinds[i]);
    assert_true(other[0].monthly > o.monthly && other[0].finance_charge < o.finance_charge);
    assert_true(other[1].monthly < o.monthly && other[1].finance_charge > o.finance_charge);
    assert_int_equal(other[2].price.down, 250000);
    assert_int_equal(other[3].loan.payments, 130);
    assert_int_equal(other[4].loan.balloon, 875000);
    assert_true(other[4].schedule.final_payment > 875000);
}

static void a_refused_rate_gets_counter_offers(void **state)
{
    (void)state;
    static const char *const settings[] = { "BUY_RATES",   "36:4 48:4.5 60:5 84:5.5", "MIN_MARGIN", "0.5",
                                            "LTV_SPREADS", "80:0 100:0.75",           NULL };
    struct offer o, other[OFFER_COUNTERS];
    assert_true(fixture_init(&f, settings));
    f.deal.customer_max = 55000; /* floor is 5 + 0.75 + 0.5 */
    assert_int_equal(make(&o), OFFER_BELOW_FLOOR);
    assert_int_equal(o.decision.floor, 62500);
    int n = offer_counters(&f.deal, &f.policy, &f.market, &o, other);
    assert_int_equal(n, 3);
    assert_string_equal(other[0].kind, "shorter_term");
    assert_int_equal(other[0].term_months, 36);
    assert_true(other[0].loan.ppm <= 55000);
    assert_string_equal(other[1].kind, "more_down");
    assert_int_equal(other[1].price.down, 500000);
    assert_true(other[1].loan.ppm <= 55000 && other[1].ltv_ppm <= 800000);
    assert_string_equal(other[2].kind, "higher_rate_limit");
    assert_int_equal(other[2].loan.ppm, 62500);
}

static void limits_refuse_at_their_edge(void **state)
{
    (void)state;
    struct offer o;
    assert_true(fixture_init(&f, NULL));
    static const struct {
        int64_t down;
        enum offer_fault fault;
    } cases[] = { { 2450000, OFFER_OK },
                  { 2450001, OFFER_AMOUNT_OUT_OF_RANGE },
                  { 2500000, OFFER_NOTHING_TO_FINANCE },
                  { 2500001, OFFER_DOWN_EXCEEDS_PRICE } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        f.deal.price.down = cases[i].down;
        assert_int_equal(make(&o), cases[i].fault);
    }
    f.deal.price.down = 0;
    f.deal.price.price = 1000000000;
    assert_int_equal(make(&o), OFFER_OK);
    f.deal.price.price++;
    assert_int_equal(make(&o), OFFER_AMOUNT_OUT_OF_RANGE);
    f.deal.price.price = 2500000;
    f.deal.balloon = 2400000;
    assert_int_equal(make(&o), OFFER_OK);
    f.deal.balloon = 2499999; /* the payments would be interest alone */
    assert_int_equal(make(&o), OFFER_NO_AMORTIZATION);
    f.deal.balloon++;
    assert_int_equal(make(&o), OFFER_BALLOON_TOO_LARGE);
}

static void a_legal_cap_counts_fees(void **state)
{
    (void)state;
    static const char *const settings[] = { "LIST_RATE", "17.9", "LEGAL_CAP", "18", NULL };
    struct offer o;
    assert_true(fixture_init(&f, settings));
    f.market.count = 0;
    f.deal.request.currency[0] = 'X';
    f.deal.customer_max = 300000;
    assert_int_equal(make(&o), OFFER_OK);
    f.deal.price.finance_fee = 50000;
    assert_int_equal(make(&o), OFFER_USURY_CAP);
}

static void month_ends_stay_regular(void **state)
{
    (void)state;
    struct offer o;
    char day[DATE_TEXT_SIZE];
    assert_true(fixture_init(&f, NULL));
    f.deal.contract = (struct date){ 2027, 1, 31 };
    assert_int_equal(make(&o), OFFER_OK);
    assert_int_equal(o.loan.odd_days, 0);
    assert_string_equal(date_text(o.first, day), "2027-02-28");
    assert_string_equal(date_text(o.last, day), "2032-01-31");
    assert_true(fabs(o.apr_us - 0.035) < 1e-6);
}

static void an_odd_first_period_costs_its_interest(void **state)
{
    (void)state;
    struct offer regular, late, early;
    assert_true(fixture_init(&f, NULL));
    assert_int_equal(make(&regular), OFFER_OK);
    f.deal.first_chosen = true;
    f.deal.first = date_add_days(regular.first, 15);
    assert_int_equal(make(&late), OFFER_OK);
    assert_int_equal(late.loan.odd_days, 15);
    assert_int_equal(late.schedule.payment, regular.schedule.payment);
    assert_true(late.schedule.total_interest > regular.schedule.total_interest);
    f.deal.first = date_add_days(regular.first, -15);
    assert_int_equal(make(&early), OFFER_OK);
    assert_true(early.schedule.total_interest < regular.schedule.total_interest);
    /* the rate is the same money at other times: within an eighth of a point of the contract rate */
    assert_true(fabs(late.apr_us - 0.035) < 0.00125 && fabs(early.apr_us - 0.035) < 0.00125);
}

/* Expected values: the same loan reckoned with decimals of 60 digits, the rate by bisection of the equation of Appendix
 * J of Regulation Z (whole months back from the first payment, days of the rest as thirtieths). */
static void a_first_payment_may_come_early_or_late(void **state)
{
    (void)state;
    static const struct {
        int days;
        int64_t final, interest;
        double apr;
    } rows[] = { { 1, 37248, 220509, 3.501636 }, { 33, 46358, 229619, 3.499822 }, { 62, 54614, 237875, 3.501795 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct offer o;
        assert_true(fixture_init(&f, NULL));
        f.deal.first_chosen = true;
        f.deal.first = date_add_days(f.deal.contract, rows[i].days);
        assert_int_equal(make(&o), OFFER_OK);
        assert_int_equal(o.schedule.payment, 45479);
        assert_int_equal(o.schedule.final_payment, rows[i].final);
        assert_int_equal(o.schedule.total_interest, rows[i].interest);
        if (fabs(o.apr_us * 100 - rows[i].apr) > 0.00005)
            fail_msg("%d days: %.6f", rows[i].days, o.apr_us * 100);
    }
}

static void bad_settings_are_named(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        { "LIST_RATE", "3.5%" },
        { "LIST_RATE", "-1" },
        { "RATE_GRID", "x" },
        { "BUY_RATES", "60:5 36:4" },
        { "BUY_RATES", "36=4" },
        { "BUY_RATES", "36:4;" },
        { "TIER_SPREADS", "rich:1" },
        { "DEFAULT_CREDIT_TIER", "rich" },
        { "DEFAULT_CURRENCY", "dollar" },
        { "MAX_YEARS", "41" },
        { "MAX_YEARS", "0" },
        { "TRADE_IN_LOWERS_TAX", "yes" },
        { "MIN_FINANCED", "a lot" },
        { "RATE_TIMEOUT_MS", "1" },
        { "RATE_PROVIDERS", "{" },
        { "LTV_SPREADS", "100:0.5 80:0" },
    };
    struct policy p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const settings[] = { bad[i][0], bad[i][1], NULL };
        char why[200] = "";
        if (fixture_policy(settings, &p, why, sizeof why) || !strstr(why, bad[i][0]))
            fail_msg("%s=%s: %s", bad[i][0], bad[i][1], why);
    }
}

/* Whoever mends settings is told of all of them in one go. */
static void all_bad_settings_are_named_at_once(void **state)
{
    (void)state;
    static const char *const settings[] = { "LIST_RATE",
                                            "abc",
                                            "MAX_YEARS",
                                            "99",
                                            "BUY_RATES",
                                            "x",
                                            "TIER_SPREADS",
                                            "rich:1",
                                            "RATE_PROVIDERS",
                                            "[{},{\"id\":\"a\",\"shape\":\"list\",\"url\":\"https://x\"}]",
                                            NULL };
    static const char wanted[] = "LIST_RATE must be a percentage from 0 to 1000 such as 3.5\n"
                                 "BUY_RATES must be ascending pairs such as 36:4.25 60:4.75\n"
                                 "TIER_SPREADS must be pairs such as prime:0.5 subprime:6\n"
                                 "MAX_YEARS must be a whole number from 1 to 40\n"
                                 "RATE_PROVIDERS entry 1 needs an id of a-z, 0-9, - and _\n"
                                 "RATE_PROVIDERS entry 1 needs an https url\n"
                                 "RATE_PROVIDERS entry 1 needs a shape, terms or quotes\n"
                                 "RATE_PROVIDERS entry 2 needs a shape, terms or quotes\n";
    char why[1000] = "";
    struct policy p;
    assert_false(fixture_policy(settings, &p, why, sizeof why));
    assert_string_equal(why, wanted);
    static const char *const limits[] = { "MIN_FINANCED", "1000", "MAX_FINANCED", "999", NULL };
    assert_false(fixture_policy(limits, &p, why, sizeof why));
    assert_string_equal(why, "MIN_FINANCED must not be above MAX_FINANCED\n");
}

/* MAX_FINANCED once counted whole units of whatever currency and refused an ordinary loan of 13 million yen. */
static void limits_of_amounts_know_the_currency(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int exponent;
        int64_t least, most;
    } cases[] = {
        { "USD", 2, 50000, 1000000000 },           { "EUR", 2, 60000, 900000000 },
        { "JPY", 0, 50000, 1000000000 },           { "KRW", 0, 500000, INT64_C(10000000000) },
        { "KWD", 3, 150000, INT64_C(3000000000) }, { "VND", 0, 5000000, INT64_C(100000000000) },
    };
    static const char *const settings[] = { "MIN_FINANCED", "500 EUR:600,KWD:150", "MAX_FINANCED",
                                            "10000000 EUR:9000000 KWD:3000000", NULL };
    char why[400] = "";
    struct policy p;
    assert_true(fixture_policy(settings, &p, why, sizeof why));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct money_currency c;
        assert_true(money_currency_find(cases[i].code, &c));
        assert_int_equal(c.exponent, cases[i].exponent);
        assert_int_equal(offer_min_financed(&p, &c), cases[i].least);
        assert_int_equal(offer_max_financed(&p, &c), cases[i].most);
    }
    static const char *const wrong[] = { "10 JPY", "JPY:", "JPX:5", "JPY:5x", "-1", "1e13", "JPY:-1", ":5" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *const one[] = { "MAX_FINANCED", wrong[i], NULL };
        if (fixture_policy(one, &p, why, sizeof why))
            fail_msg("taken: %s", wrong[i]);
    }
    static const char *const crossed[] = { "MIN_FINANCED", "500 JPY:9000000", "MAX_FINANCED", "10000000 JPY:8000000",
                                           NULL };
    assert_false(fixture_policy(crossed, &p, why, sizeof why));
    assert_string_equal(why, "MIN_FINANCED must not be above MAX_FINANCED\n");
}

static void thirteen_million_yen_are_financed(void **state)
{
    (void)state;
    assert_true(fixture_init(&f, NULL));
    f.deal.currency = f.a.vehicle.currency = (struct money_currency){ "JPY", 0 };
    memcpy(f.deal.request.currency, "JPY", 4);
    f.deal.price.price = 13000000;
    assert_int_equal(agreement_calculate(&f.a), OFFER_OK);
    f.deal.price.price = 1000000001;
    assert_int_equal(agreement_calculate(&f.a), OFFER_AMOUNT_OUT_OF_RANGE);
}

static void cost_of_funds_by_term_tier_and_loan_to_value(void **state)
{
    (void)state;
    static const char *const settings[] = { "BUY_RATES",  "36:4, 60:5",  "TIER_SPREADS",
                                            "subprime:6", "LTV_SPREADS", "80:0 100:0.5",
                                            "MIN_MARGIN", "1",           "MARKUP_CAP",
                                            "2.5",        NULL };
    char why[200];
    struct policy p;
    assert_true(fixture_policy(settings, &p, why, sizeof why));
    assert_int_equal(policy_for(&p, 36, MARKET_PRIME, 800000).buy, 40000);
    assert_int_equal(policy_for(&p, 37, MARKET_PRIME, 800000).buy, 50000);
    assert_int_equal(policy_for(&p, 96, MARKET_PRIME, 800001).buy, 55000); /* the last step reaches on */
    assert_int_equal(policy_for(&p, 36, MARKET_SUBPRIME, 2000000).buy, 105000);
    assert_int_equal(policy_for(&p, 36, MARKET_PRIME, 0).markup_cap, 25000);
    static const char *const unknown[] = { "MIN_MARGIN", "1", "MARKUP_CAP", "2.5", NULL };
    assert_true(fixture_policy(unknown, &p, why, sizeof why));
    assert_int_equal(policy_for(&p, 36, MARKET_PRIME, 0).markup_cap,
                     DECISION_NONE); /* counted from a cost that is not known */
    assert_int_equal(policy_for(&p, 36, MARKET_PRIME, 0).margin, 0);
}

static double number_at(const json_t *j, const char *key)
{
    assert_true(json_is_number(json_object_get(j, key)));
    return json_number_value(json_object_get(j, key));
}

static void the_answer_keeps_the_original_five(void **state)
{
    (void)state;
    assert_true(fixture_init(&f, NULL));
    assert_int_equal(agreement_calculate(&f.a), OFFER_OK);
    json_t *j = answer_build(&f.a, true), *offer = json_object_get(j, "recommendedFinanceOffer");
    assert_int_equal(json_object_size(offer), 5);
    assert_true(number_at(offer, "finalCarPrice") == 25000);
    assert_true(number_at(offer, "adjustedInterestRate") == 3.5);
    assert_true(number_at(offer, "monthlyPayment") == 454.79);
    assert_true(number_at(offer, "loanTermMonths") == 60);
    assert_true(number_at(offer, "totalFinancingCost") == 27287.61); /* total of payments, not interest */
    assert_true(number_at(j, "financeCharge") == 2287.61);
    assert_int_equal(json_array_size(json_object_get(j, "schedule")), 60);
    assert_int_equal(json_array_size(json_object_get(j, "alternatives")), 5);
    json_decref(j);
    j = answer_build(&f.a, false);
    assert_null(json_object_get(j, "schedule"));
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_known_loan),
        cmocka_unit_test(fees_raise_the_annual_percentage_rate),
        cmocka_unit_test(random_deals_keep_the_identities),
        cmocka_unit_test(the_least_down_payment_is_the_least),
        cmocka_unit_test(the_shortest_term_is_the_shortest),
        cmocka_unit_test(five_alternatives_of_the_usual_loan),
        cmocka_unit_test(a_refused_rate_gets_counter_offers),
        cmocka_unit_test(limits_refuse_at_their_edge),
        cmocka_unit_test(a_legal_cap_counts_fees),
        cmocka_unit_test(month_ends_stay_regular),
        cmocka_unit_test(an_odd_first_period_costs_its_interest),
        cmocka_unit_test(a_first_payment_may_come_early_or_late),
        cmocka_unit_test(bad_settings_are_named),
        cmocka_unit_test(all_bad_settings_are_named_at_once),
        cmocka_unit_test(limits_of_amounts_know_the_currency),
        cmocka_unit_test(thirteen_million_yen_are_financed),
        cmocka_unit_test(cost_of_funds_by_term_tier_and_loan_to_value),
        cmocka_unit_test(the_answer_keeps_the_original_five),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
