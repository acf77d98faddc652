/* sums.c - amounts by currency. */
#include "actions/quotes/sums.h"

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
