/* market_select.c - which quotes count for one loan, and the published average that stands in. */
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/market.h"
#include "actions/finance_agreement/money.h"

enum { YEAR_DAYS = 365 };

static bool fits(const struct market_quote *q, const struct market_request *r, int32_t ltv_ppm)
{
    int score = market_tier_score(r->tier);
    return !strcmp(q->currency, r->currency) && (q->condition < 0 || q->condition == (int)r->condition) &&
           score >= q->score_min && score <= q->score_max && (!q->max_ltv_ppm || ltv_ppm <= q->max_ltv_ppm) &&
           (!q->expires || q->expires > r->now) &&
           (!q->as_of || (q->as_of >= r->now - MARKET_QUOTE_AGE_S && q->as_of <= r->now + MARKET_SKEW_S));
}

/* The rate at `term` on the line between two points. */
static int32_t between(int term, int from, int32_t at_from, int to, int32_t at_to)
{
    return at_from + (int32_t)money_half_up((__int128)(at_to - at_from) * (term - from), to - from);
}

struct bracket {
    const struct market_quote *exact, *shorter, *longer;
};

/* Prefers the nearer term, then the lower rate, so that the order of quotes does not matter. */
static const struct market_quote *nearer(const struct market_quote *a, const struct market_quote *b, int distance_a,
                                         int distance_b)
{
    if (!a)
        return b;
    if (distance_a != distance_b)
        return distance_a < distance_b ? a : b;
    return a->ppm <= b->ppm ? a : b;
}

static void place(struct bracket *b, const struct market_quote *q, int term)
{
    if (q->term_min <= term && term <= q->term_max)
        b->exact = nearer(b->exact, q, 0, 0);
    else if (q->term_max < term)
        b->shorter = nearer(b->shorter, q, b->shorter ? term - b->shorter->term_max : 0, term - q->term_max);
    else
        b->longer = nearer(b->longer, q, b->longer ? b->longer->term_min - term : 0, q->term_min - term);
}

static bool same_lender(const struct market_quote *a, const struct market_quote *b)
{
    return a->source == b->source && !strcmp(a->lender, b->lender);
}

int market_rates(const struct market *market, const struct market_request *request, int32_t ltv_ppm,
                 struct market_rate *out, int cap)
{
    int n = 0, term = request->term_months;
    for (int i = 0; i < market->count && n < cap; i++) {
        const struct market_quote *q = &market->quotes[i];
        bool seen = false;
        for (int k = 0; k < i && !seen; k++)
            seen = same_lender(&market->quotes[k], q);
        if (seen)
            continue;
        struct bracket b = { 0 };
        for (int k = i; k < market->count; k++)
            if (same_lender(&market->quotes[k], q) && fits(&market->quotes[k], request, ltv_ppm))
                place(&b, &market->quotes[k], term);
        if (b.exact)
            out[n++] = (struct market_rate){ q->lender, b.exact->ppm, q->source, false, b.exact->as_of };
        else if (b.shorter && b.longer)
            out[n++] = (struct market_rate){
                q->lender, between(term, b.shorter->term_max, b.shorter->ppm, b.longer->term_min, b.longer->ppm),
                q->source, true, b.shorter->as_of
            };
    }
    return n;
}

static bool in_series(const struct market_row *row, const struct market_request *r, const char *tier)
{
    return !strcmp(row->condition, market_condition_name(r->condition)) && !strcmp(row->tier, tier);
}

static void offer_cell(struct market_cell *best, bool *found, int32_t ppm, const struct market_row *row,
                       const struct market_row *to)
{
    if (*found && best->ppm <= ppm)
        return;
    *best = (struct market_cell){ .ppm = ppm, .row = row, .row_to = to };
    *found = true;
}

/* The lowest figure of the series with terms; interpolated inside one kind of lender only. */
static bool term_cell(const struct market_request *r, const char *tier, struct market_cell *best)
{
    bool found = false;
    for (size_t i = 0; i < market_table_rows; i++) {
        const struct market_row *a = &market_table[i];
        if (!a->term || !in_series(a, r, tier))
            continue;
        if (a->term == r->term_months)
            offer_cell(best, &found, a->ppm, a, NULL);
        /* the next longer term of the same kind, if nothing lies between */
        const struct market_row *next = NULL;
        for (size_t k = 0; k < market_table_rows; k++) {
            const struct market_row *b = &market_table[k];
            if (b->term > a->term && in_series(b, r, tier) && !strcmp(a->lender_kind, b->lender_kind) &&
                (!next || b->term < next->term))
                next = b;
        }
        if (next && a->term < r->term_months && r->term_months < next->term)
            offer_cell(best, &found, between(r->term_months, a->term, a->ppm, next->term, next->ppm), a, next);
    }
    return found;
}

/* The lowest average over all terms. */
static bool average_cell(const struct market_request *r, const char *tier, struct market_cell *best)
{
    bool found = false;
    for (size_t i = 0; i < market_table_rows; i++)
        if (!market_table[i].term && in_series(&market_table[i], r, tier))
            offer_cell(best, &found, market_table[i].ppm, &market_table[i], NULL);
    return found;
}

bool market_cell(const struct market_request *request, struct market_cell *out)
{
    struct market_cell cell;
    const char *tier = market_tier_name(request->tier), *all = market_tier_name(MARKET_ANY_TIER);
    /* the figures are averages of United States lenders */
    if (strcmp(request->currency, "USD"))
        return false;
    if (!term_cell(request, tier, &cell) && !average_cell(request, tier, &cell) && !term_cell(request, all, &cell) &&
        !average_cell(request, all, &cell))
        return false;
    int64_t today = (int64_t)request->now / 86400;
    cell.stale = today - cell.row->as_of_days > YEAR_DAYS;
    *out = cell;
    return true;
}

const char *market_quality(const struct market *market, const struct market_rate *rates, int count)
{
    int live = 0;
    for (int i = 0; i < count; i++)
        live += market->sources[rates[i].source].status == MARKET_LIVE;
    return live >= 2 ? "live" : live == 1 ? "partial" : count ? "cached" : "default_table";
}
