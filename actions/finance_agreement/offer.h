/*
 * offer.h - one offer with all of its numbers, and the others that the customer may prefer, found by solving.
 */
#ifndef FINANCE_OFFER_H
#define FINANCE_OFFER_H

#include "actions/finance_agreement/apr.h"
#include "actions/finance_agreement/decision.h"
#include "actions/finance_agreement/market.h"
#include "actions/finance_agreement/money.h"
#include "actions/finance_agreement/policy.h"
#include "actions/finance_agreement/price.h"
#include "actions/finance_agreement/schedule.h"

enum { OFFER_ALTERNATIVES = 5, OFFER_COUNTERS = 3, OFFER_RATES = 64, OFFER_MAX_PPM = SCHEDULE_MAX_PPM };

/* What the customer and the vehicle bring. */
struct deal {
    struct price_input price;
    struct money_currency currency;
    int term_months; /* a multiple of 12 */
    int per_year;    /* 12 or 26 */
    int64_t balloon;
    struct date contract; /* the day of the calculation */
    struct date first;    /* first payment, when chosen */
    bool first_chosen;
    int32_t customer_max;          /* ppm */
    int64_t payment_limit;         /* what the customer can pay a month; 0 = not said */
    struct market_request request; /* the term is set from term_months */
};

struct offer {
    const char *kind; /* "requested", "shorter_term", ... static */
    int term_months;
    struct price_input price;
    struct price_buildup build;
    int32_t ltv_ppm; /* principal to agreed price */
    struct loan loan;
    struct schedule schedule;
    struct decision decision;
    struct decision_policy rule;
    bool has_cell;
    struct market_cell cell;
    struct date first, last;
    double apr_us, apr_eu; /* fractions */
    int64_t finance_charge, total_sale_price;
    int64_t monthly; /* the level payment; of a biweekly loan what it comes to in a month */
};

enum offer_fault {
    OFFER_OK,
    OFFER_NOTHING_TO_FINANCE,
    OFFER_DOWN_EXCEEDS_PRICE,
    OFFER_AMOUNT_OUT_OF_RANGE,
    OFFER_BALLOON_TOO_LARGE,
    OFFER_BELOW_FLOOR, /* decision, loan-to-value and price build-up are filled in */
    OFFER_USURY_CAP,   /* likewise */
    OFFER_NO_AMORTIZATION
};

/*
 * Calculates one offer. `rows` is NULL or has room for SCHEDULE_MAX_ROWS; `rates`, NULL or of OFFER_RATES, receives the
 * eligible quotes and *rate_count their number. The kind is left as it was.
 */
enum offer_fault offer_make(const struct deal *deal, const struct policy *policy, const struct market *market,
                            struct schedule_row *rows, struct market_rate *rates, int *rate_count, struct offer *out);

/*
 * Up to five others beside `main`: with a payment limit that main exceeds, the least down payment and the shortest term
 * that keep it; then shorter, longer, more down, the other payment rhythm, and a balloon. Returns how many.
 */
int offer_alternatives(const struct deal *deal, const struct policy *policy, const struct market *market,
                       const struct offer *main, struct offer out[OFFER_ALTERNATIVES]);

/*
 * What could be offered after a refusal for the rate: the longest shorter term, the least down payment and the least
 * rate limit that would do. Returns how many.
 */
int offer_counters(const struct deal *deal, const struct policy *policy, const struct market *market,
                   const struct offer *refused, struct offer out[OFFER_COUNTERS]);

/*
 * The smallest down payment at which the monthly payment is at most `limit`, everything else as in the deal. False when
 * even the largest down payment that leaves a loan does not do it.
 */
bool offer_least_down(const struct deal *deal, const struct policy *policy, const struct market *market, int64_t limit,
                      struct offer *out) __attribute__((warn_unused_result));

/* The least and the largest principal in minor units. */
int64_t offer_min_financed(const struct policy *policy, const struct money_currency *currency);
int64_t offer_max_financed(const struct policy *policy, const struct money_currency *currency);

#endif
