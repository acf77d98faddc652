/* offer.c - checks of the principal, the schedule and both annual percentage rates of one offer. */
#include "actions/finance_agreement/offer.h"

#include <math.h>
#include <string.h>

static int64_t to_minor(double units, const struct money_currency *currency)
{
    return (int64_t)llround(units * pow(10, currency->exponent));
}

int64_t offer_min_financed(const struct policy *policy, const struct money_currency *currency)
{
    return to_minor(policy_limit_for(&policy->min_financed, currency->code), currency);
}

int64_t offer_max_financed(const struct policy *policy, const struct money_currency *currency)
{
    double units = policy_limit_for(&policy->max_financed, currency->code);
    return units < money_number(MONEY_MAX, currency->exponent) ? to_minor(units, currency) : MONEY_MAX;
}

static int32_t ratio_ppm(int64_t part, int64_t whole)
{
    __int128 ppm = (__int128)part * MONEY_PPM / whole;
    return ppm > INT32_MAX ? INT32_MAX : (int32_t)ppm;
}

static enum offer_fault check_principal(const struct deal *deal, const struct policy *policy, const struct offer *o)
{
    if (o->build.principal == 0)
        return OFFER_NOTHING_TO_FINANCE;
    if (o->build.principal < 0)
        return OFFER_DOWN_EXCEEDS_PRICE;
    if (o->build.principal < offer_min_financed(policy, &deal->currency) ||
        o->build.principal > offer_max_financed(policy, &deal->currency) || o->build.amount_financed <= 0)
        return OFFER_AMOUNT_OUT_OF_RANGE;
    return deal->balloon >= o->build.principal ? OFFER_BALLOON_TOO_LARGE : OFFER_OK;
}

/* The rate rule for this term and loan-to-value. */
static enum offer_fault decide(const struct deal *deal, const struct policy *policy, const struct market *market,
                               struct market_rate *rates, int *rate_count, struct offer *o)
{
    int32_t quotes[OFFER_RATES];
    struct market_request request = deal->request;
    request.term_months = deal->term_months;
    int n = market_rates(market, &request, o->ltv_ppm, rates, OFFER_RATES);
    for (int i = 0; i < n; i++)
        quotes[i] = rates[i].ppm;
    if (rate_count)
        *rate_count = n;
    o->has_cell = market_cell(&request, &o->cell);
    o->rule = policy_for(policy, deal->term_months, request.tier, o->ltv_ppm);
    o->decision =
        decision_make(&o->rule, deal->customer_max, quotes, (size_t)n, o->has_cell ? o->cell.ppm : DECISION_NONE);
    return o->decision.outcome == DECISION_RATE        ? OFFER_OK
           : o->decision.outcome == DECISION_USURY_CAP ? OFFER_USURY_CAP
                                                       : OFFER_BELOW_FLOOR;
}

static void set_loan(const struct deal *deal, struct offer *o)
{
    struct date regular = schedule_due(deal->contract, 0, deal->per_year, 1);
    o->first = deal->first_chosen ? deal->first : regular;
    o->loan = (struct loan){ .principal = o->build.principal,
                             .balloon = deal->balloon,
                             .ppm = o->decision.rate,
                             .payments = deal->term_months * deal->per_year / 12,
                             .per_year = deal->per_year,
                             .odd_days = date_days(o->first) - date_days(regular) };
}

/* Both annual percentage rates of the schedule, on the amount financed. */
static bool set_aprs(const struct deal *deal, struct offer *o)
{
    const struct schedule *s = &o->schedule;
    double advance = (double)o->build.amount_financed, weeks = 2.0 / 52, month = 1.0 / 12;
    struct apr_run runs[2] = { { .amount = (double)s->payment, .count = s->count - 1, .t = 1 },
                               { .amount = (double)s->final_payment, .count = 1 } };
    bool monthly = deal->per_year == 12;
    double first_s = monthly ? month : weeks;
    if (o->loan.odd_days) {
        apr_unit_periods(deal->contract, o->first, monthly, monthly ? 0 : 14, &runs[0].t, &runs[0].f);
        first_s += o->loan.odd_days / 365.0;
    }
    runs[0].s = first_s;
    runs[0].step = runs[1].step = monthly ? month : weeks;
    runs[1].t = runs[0].t + s->count - 1;
    runs[1].f = runs[0].f;
    runs[1].s = first_s + runs[0].step * (s->count - 1);
    return apr_us(advance, runs, 2, deal->per_year, &o->apr_us) == APR_OK &&
           apr_eu(advance, runs, 2, &o->apr_eu) == APR_OK;
}

enum offer_fault offer_make(const struct deal *deal, const struct policy *policy, const struct market *market,
                            struct schedule_row *rows, struct market_rate *rates, int *rate_count, struct offer *out)
{
    struct market_rate own[OFFER_RATES];
    struct offer o = { .kind = out->kind, .term_months = deal->term_months, .price = deal->price };
    o.build = price_build(&deal->price);
    enum offer_fault fault = check_principal(deal, policy, &o);
    if (fault == OFFER_OK) {
        o.ltv_ppm = ratio_ppm(o.build.principal, o.build.agreed);
        fault = decide(deal, policy, market, rates ? rates : own, rate_count, &o);
    }
    if (fault == OFFER_OK) {
        set_loan(deal, &o);
        if (schedule_build(&o.loan, rows, &o.schedule) != SCHEDULE_OK || !set_aprs(deal, &o))
            fault = OFFER_NO_AMORTIZATION;
    }
    if (fault == OFFER_OK) {
        o.finance_charge = o.schedule.total_paid - o.build.amount_financed;
        o.total_sale_price = o.schedule.total_paid + o.build.down_total;
        o.monthly = deal->per_year == 12 ? o.schedule.payment
                                         : money_half_up((__int128)o.schedule.payment * deal->per_year, 12);
        o.last = deal->first_chosen ? schedule_due(deal->first, 1, deal->per_year, o.schedule.count)
                                    : schedule_due(deal->contract, 0, deal->per_year, o.schedule.count);
        /* fees count into the rate that the law caps */
        if (deal->price.finance_fee && policy->legal_cap != DECISION_NONE && o.apr_us * MONEY_PPM > policy->legal_cap)
            fault = OFFER_USURY_CAP;
    }
    *out = o;
    return fault;
}
