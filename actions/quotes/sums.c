/* sums.c - amounts by currency. */
#include "actions/quotes/sums.h"

#include <stdio.h>
#include <string.h>

struct quote_sum *quote_sum_of(struct quote_sums *s, const char *currency)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->of[i].currency, currency) == 0)
            return &s->of[i];
    if (s->n == SUMS_CURRENCIES || strlen(currency) > 3)
        return NULL;
    struct quote_sum *sum = &s->of[s->n++];
    *sum = (struct quote_sum){ .quotes = 0 };
    memcpy(sum->currency, currency, strlen(currency));
    return sum;
}

/* ---- between the pages and the finish of a job ---- */

static const int64_t told_most = 1000000000000000; /* of act_job_add */
static const char untold[] = "untold";

/* "total.EUR"; the currency of an org with one may not be known. */
static const char *name_of(char name[16], const char *what, const char *currency)
{
    snprintf(name, 16, "%s.%s", what, *currency ? currency : "own");
    return name;
}

void quote_sums_tell(struct act_call *call, const struct quote_sums *s, bool lost)
{
    char name[16];
    lost = lost || s->n > SUMS_TOLD;
    for (size_t i = 0; i < s->n; i++)
        lost = lost || s->of[i].broken || s->of[i].total > told_most;
    if (lost)
        act_job_add(call, untold, 1);
    for (size_t i = 0; i < s->n && !lost; i++) {
        act_job_add(call, name_of(name, "quotes", s->of[i].currency), s->of[i].quotes);
        act_job_add(call, name_of(name, "total", s->of[i].currency), s->of[i].total);
    }
}

bool quote_sums_told(const struct act_call *call, const char *currency, int64_t quotes, int64_t *total)
{
    char name[16];
    *total = act_job_sum(call, name_of(name, "total", currency));
    return act_job_sum(call, untold) == 0 && act_job_sum(call, name_of(name, "quotes", currency)) == quotes;
}

json_t *quote_sums_json(const struct quote_sums *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n; i++) {
        const struct quote_sum *sum = &s->of[i];
        json_t *row = json_pack("{s:s*, s:I}", "currencyCode", *sum->currency ? sum->currency : NULL, "quotes",
                                (json_int_t)sum->quotes);
        if (!sum->broken)
            json_object_set_new(row, "grandTotal",
                                json_real(amount_number(sum->total, amount_exponent(sum->currency))));
        json_array_append_new(list, row);
    }
    return list;
}
