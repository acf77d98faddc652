/*
 * deal.h - an Opportunity with its lines, as far as a quote needs them: read from the org's record, checked, priced.
 *
 * Texts and lines live in the call's memory.
 */
#ifndef QUOTES_DEAL_H
#define QUOTES_DEAL_H

#include "actions/quotes/day.h"
#include "actions/quotes/rules.h"
#include "runtime/action.h"

enum { DEAL_PROBLEM_SIZE = 400 };

struct deal_line {
    char id[SF_ID_SIZE];
    char entry_id[SF_ID_SIZE];
    const char *product, *family; /* "" = none */
    struct decimal unit, quantity;
    struct decimal base;             /* unit price after the index: what discounts are taken from */
    const struct index_value *index; /* what has made it so; NULL = it is `unit` */
    int override_ppm;                /* discount set on the line itself; -1 = none */
    int64_t list;                    /* base * quantity, rounded */
    int64_t net;                     /* unit price after discount, rounded: what goes into the quote */
    int64_t total;                   /* net * quantity, rounded */
    int32_t ppm;                     /* its discount */
    bool capped;
};

/* Why there can be no quote. */
struct deal_problem {
    const char *code; /* NULL = none */
    char message[DEAL_PROBLEM_SIZE];
};

struct deal {
    char id[SF_ID_SIZE];
    const char *name, *country, *currency; /* "" = not known */
    char pricebook_id[SF_ID_SIZE];
    int exponent; /* decimals of its amounts */
    int32_t close_day;
    struct deal_line *lines;
    size_t lines_n;
    int64_t list, total; /* sums of the lines' */
    size_t unindexed;    /* lines that the index has no value for, and that are priced without it */
    struct deal_problem problem;
};

/*
 * Reads the Opportunity `record` and its lines (sf_children of it; NULL = the record has none). `currency` is that of
 * the org when records do not show one, "" = not known. What makes a quote impossible is noted in d->problem. False
 * with *err: the org failed while further lines were fetched.
 */
bool deal_read(struct act_call *call, const json_t *record, struct sf_rows *lines, const char *currency, struct deal *d,
               struct sf_error *err) QUOTES_MUST_CHECK;

/* Prices every line by the rules on this day and sums up; notes a problem when an amount is beyond all bounds, or when
 * the set's index has no value for a line and the set refuses that. */
void deal_price(struct deal *d, const struct rules *r, int32_t today);

/* How the price of line `i` came about, by the same rules and day as deal_price. */
void deal_explain(const struct deal *d, size_t i, const struct rules *r, int32_t today, struct price *out);

/* Discount of the whole in hundredths of a percent: 1000 = 10 %. */
int deal_discount(const struct deal *d);

/* Notes a problem, unless one is noted: the first one counts. */
void deal_refuse(struct deal *d, const char *code, const char *fmt, ...) ACT_PRINTF(3, 4);

#endif
