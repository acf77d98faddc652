/*
 * market_table.h - published average rates of auto loans, compiled in from market-rates.csv: the benchmark of last
 * resort. Only the newest figure of each series is kept; figures that are not market data are left out.
 */
#ifndef FINANCE_MARKET_TABLE_H
#define FINANCE_MARKET_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct market_row {
    const char *id, *publisher, *lender_kind; /* bank, credit_union, finance_company, all */
    const char *condition;                    /* new, used */
    const char *tier;                         /* all, super_prime, prime, near_prime, subprime, deep_subprime */
    int term;                                 /* months; 0 = an average over all terms */
    int32_t ppm;
    const char *as_of;   /* as published: a day or a month */
    int32_t as_of_days;  /* first day of it, since 1970-01-01 */
    const char *quality; /* A primary source, B secondary copy, C weak */
    const char *url;
};

extern const struct market_row market_table[];
extern const size_t market_table_rows;

#endif
