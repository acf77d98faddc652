/* offer_solve.c - alternatives and counter-offers: closed forms of the time value of money, then settled to the minor
 * unit. */
#include <math.h>
#include <string.h>

#include "actions/finance_agreement/offer.h"
#include "actions/finance_agreement/tvm.h"

enum { MORE_DOWN_PPM = 100000, BALLOON_PPM = 350000, YEAR = 12, SETTLE = 64 };

/* Room for the offers that are being found. */
struct finder {
    const struct deal *deal;
    const struct policy *policy;
    const struct market *market;
    struct offer *out;
    int n, cap;
};

static bool make(const struct finder *f, const struct deal *deal, struct offer *out)
{
    return offer_make(deal, f->policy, f->market, NULL, NULL, NULL, out) == OFFER_OK;
}

/* Adds the offer of a changed deal, unless it cannot be made or there is one like it. */
static void add(struct finder *f, const char *kind, const struct deal *deal)
{
    struct offer o = { .kind = kind };
    if (f->n == f->cap || !make(f, deal, &o))
        return;
    for (int i = 0; i < f->n; i++)
        if (f->out[i].term_months == o.term_months && f->out[i].price.down == o.price.down &&
            f->out[i].loan.per_year == o.loan.per_year && f->out[i].loan.balloon == o.loan.balloon)
            return;
    f->out[f->n++] = o;
}

/* The largest principal whose payment stays within `payment`, by the annuity formula; then exactly, by the rounded
 * payment itself. */
static int64_t largest_principal(const struct loan *like, int64_t payment)
{
    long double r = (long double)like->ppm / (1e6L * like->per_year);
    struct loan loan = *like;
    loan.principal = money_round(tvm_pv(r, like->payments, -(long double)payment, -(long double)like->balloon, false));
    if (loan.principal <= loan.balloon)
        return 0;
    int64_t step = like->payments;
    for (int i = 0; i < SETTLE && schedule_payment(&loan) > payment && loan.principal > step + loan.balloon; i++)
        loan.principal -= step;
    /* now a little more may fit: whole steps down in size */
    for (; step >= 1; step /= 2)
        for (int i = 0; i < SETTLE; i++) {
            struct loan more = loan;
            more.principal += step;
            if (schedule_payment(&more) > payment)
                break;
            loan = more;
        }
    return schedule_payment(&loan) <= payment ? loan.principal : 0;
}

/* A level payment that comes to at most `monthly` a month. */
static int64_t payment_of_monthly(const struct deal *deal, int64_t monthly)
{
    if (deal->per_year == 12)
        return monthly;
    int64_t payment = (int64_t)((__int128)monthly * 12 / deal->per_year) + 1;
    while (payment && money_half_up((__int128)payment * deal->per_year, 12) > monthly)
        payment--;
    return payment;
}

bool offer_least_down(const struct deal *deal, const struct policy *policy, const struct market *market, int64_t limit,
                      struct offer *out)
{
    struct finder f = { deal, policy, market, NULL, 0, 0 };
    struct deal d = *deal;
    struct offer o = { .kind = out->kind }, best = { .kind = NULL };
    int64_t payment = payment_of_monthly(deal, limit);
    bool found = false;
    if (!make(&f, &d, &o))
        return false;
    /* more down may lower the loan-to-value and with it the rate, which asks for less down: a few rounds settle it */
    for (int round = 0; round < 4; round++) {
        int64_t principal = largest_principal(&o.loan, payment);
        int64_t down = o.build.before_down - principal;
        if (!principal || down < 0)
            break;
        if (found && down >= best.price.down)
            break;
        d.price.down = down;
        if (!make(&f, &d, &o) || o.monthly > limit)
            break;
        best = o;
        found = true;
    }
    if (found)
        *out = best;
    return found;
}

/* The shortest whole number of years whose payment stays within the limit. */
static bool shortest_term(const struct finder *f, int64_t limit, struct deal *d)
{
    struct offer o = { 0 };
    *d = *f->deal;
    if (!make(f, d, &o))
        return false;
    long double r = (long double)o.loan.ppm / (1e6L * o.loan.per_year);
    long double n =
        tvm_nper(r, -(long double)payment_of_monthly(d, limit), o.loan.principal, -(long double)o.loan.balloon, false);
    if (!(n > 0 && n <= SCHEDULE_MAX_ROWS))
        return false;
    /* one year early, because the rate may be lower there */
    int years = (int)ceill(n / d->per_year) - 1;
    for (years = years < 1 ? 1 : years; years <= f->policy->max_years; years++) {
        d->term_months = years * YEAR;
        if (make(f, d, &o) && o.monthly <= limit)
            return true;
    }
    return false;
}

static void add_within_limit(struct finder *f)
{
    struct offer o = { .kind = "least_down_payment" };
    struct deal d;
    if (f->n < f->cap && offer_least_down(f->deal, f->policy, f->market, f->deal->payment_limit, &o))
        f->out[f->n++] = o;
    if (shortest_term(f, f->deal->payment_limit, &d))
        add(f, "shortest_term", &d);
}

int offer_alternatives(const struct deal *deal, const struct policy *policy, const struct market *market,
                       const struct offer *main, struct offer out[OFFER_ALTERNATIVES])
{
    struct finder f = { deal, policy, market, out, 0, OFFER_ALTERNATIVES };
    struct deal d;
    if (deal->payment_limit && main->monthly > deal->payment_limit)
        add_within_limit(&f);
    if (deal->term_months > YEAR) {
        d = *deal;
        d.term_months -= YEAR;
        add(&f, "shorter_term", &d);
    }
    if (deal->term_months + YEAR <= policy->max_years * YEAR) {
        d = *deal;
        d.term_months += YEAR;
        add(&f, "longer_term", &d);
    }
    d = *deal;
    d.price.down += money_share(main->build.agreed, MORE_DOWN_PPM);
    add(&f, "more_down", &d);
    d = *deal;
    d.per_year = deal->per_year == 12 ? 26 : 12;
    d.first_chosen = false; /* the chosen day belongs to the other rhythm */
    add(&f, deal->per_year == 12 ? "biweekly" : "monthly", &d);
    d = *deal;
    d.balloon = deal->balloon ? 0 : money_share(main->build.agreed, BALLOON_PPM);
    add(&f, deal->balloon ? "no_balloon" : "balloon", &d);
    return f.n;
}

/* More down moves the loan into a cheaper band of loan-to-value: the least that moves it far enough. */
static bool down_for_band(const struct finder *f, const struct offer *refused, struct deal *d)
{
    for (int i = f->policy->ltv_count - 1; i >= 0; i--) {
        int32_t upto = f->policy->ltv[i].upto;
        if (upto >= refused->ltv_ppm)
            continue;
        int64_t principal = (int64_t)((__int128)refused->build.agreed * upto / MONEY_PPM);
        struct offer o = { 0 };
        *d = *f->deal;
        d->price.down = refused->build.before_down - principal;
        if (make(f, d, &o))
            return true;
    }
    return false;
}

int offer_counters(const struct deal *deal, const struct policy *policy, const struct market *market,
                   const struct offer *refused, struct offer out[OFFER_COUNTERS])
{
    struct finder f = { deal, policy, market, out, 0, OFFER_COUNTERS };
    struct deal d = *deal;
    for (int n = f.n; f.n == n && d.term_months > YEAR;) {
        d.term_months -= YEAR;
        add(&f, "shorter_term", &d);
    }
    if (down_for_band(&f, refused, &d))
        add(&f, "more_down", &d);
    d = *deal;
    d.customer_max = refused->decision.floor;
    add(&f, "higher_rate_limit", &d);
    return f.n;
}
