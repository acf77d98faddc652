/* sums.h - amounts by currency, for the answer of a job. */
#ifndef QUOTES_SUMS_H
#define QUOTES_SUMS_H

#include "actions/quotes/deal.h"

enum {
    SUMS_CURRENCIES = 40,
    SUMS_TOLD = 7 /* of one page, to the finish */
};

struct quote_sum {
    char currency[4]; /* "" = that of an org with one, which is not known */
    int64_t quotes;
    int64_t total, lines; /* grand totals, and what the lines sum up to, in minor units */
    bool broken;          /* a sum went beyond all bounds */
};

struct quote_sums {
    struct quote_sum of[SUMS_CURRENCIES];
    size_t n;
};

/* The sum of a currency, made when it is new; NULL when there are too many. */
struct quote_sum *quote_sum_of(struct quote_sums *s, const char *currency);
/* In a page: adds quotes and totals to those of the job (act_job_add). `lost` says that these are not all; then, and
 * with too many currencies or amounts beyond all bounds, the finish is told to compare nothing. */
void quote_sums_tell(struct act_call *call, const struct quote_sums *s, bool lost);
/* In a finish: what all pages told of a currency. False: not known, or not of exactly `quotes` quotes. */
bool quote_sums_told(const struct act_call *call, const char *currency, int64_t quotes,
                     int64_t *total) QUOTES_MUST_CHECK;
/* [{"currencyCode", "quotes", "grandTotal"}]; a currency that is not known is left out, as is a total beyond all
 * bounds. */
json_t *quote_sums_json(const struct quote_sums *s);

#endif
