/* row.c - one account: its open opportunities added up by currency, in thousandths, so that no sum is rounded twice. */
#include "actions/list_accounts/view.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { CURRENCIES = 8, THOUSANDTHS = 1000 };
#define AMOUNT_MAX 9e11 /* far within what a double holds to the thousandth */

struct sum {
    char currency[4]; /* "" = the org has only one */
    int64_t thousandths;
};

const char *row_key(const struct view *v, const struct source *s, const json_t *record)
{
    if (v->key == KEY_CITY)
        return s->lacks & LACK_CITY ? NULL : sf_get_text(record, "BillingCity");
    if (v->key == KEY_OWNER)
        return s->lacks & LACK_OWNER ? NULL : sf_get_text(record, "Owner.Name");
    return sf_get_text(record, "Name");
}

/* False: it cannot be added without a doubt. */
static bool add_amount(struct sum *sums, size_t *n, const json_t *opportunity)
{
    const json_t *amount = sf_get(opportunity, "Amount");
    const char *currency = sf_get_text(opportunity, "CurrencyIsoCode");
    size_t i = 0;
    if (!amount)
        return true; /* nobody has estimated it yet */
    double v = json_number_value(amount);
    if (!json_is_number(amount) || fabs(v) > AMOUNT_MAX || (currency && strlen(currency) != 3))
        return false;
    while (i < *n && strcmp(sums[i].currency, currency ? currency : "") != 0)
        i++;
    if (i == CURRENCIES)
        return false;
    if (i == *n) {
        sums[i] = (struct sum){ .thousandths = 0 };
        memcpy(sums[i].currency, currency ? currency : "\0\0", 3);
        ++*n;
    }
    sums[i].thousandths += llround(v * THOUSANDTHS);
    return true;
}

/* A new reference to [{amount, currencyCode?}], the largest first; [] = nothing is open. */
static json_t *amounts_of(const json_t *record, bool *partial)
{
    const json_t *children = sf_get(record, "Opportunities"), *one;
    struct sum sums[CURRENCIES + 1];
    json_t *list = json_array();
    size_t n = 0, i;
    *partial = children && !json_is_true(json_object_get(children, "done"));
    json_array_foreach (json_object_get(children, "records"), i, one)
        *partial = !add_amount(sums, &n, one) || *partial;
    for (size_t k = 0; k < n; k++) {
        json_t *sum = json_pack("{s:f}", "amount", (double)sums[k].thousandths / THOUSANDTHS);
        if (sums[k].currency[0])
            json_object_set_new(sum, "currencyCode", json_string(sums[k].currency));
        json_array_append_new(list, sum);
    }
    return list;
}

static void set_text(json_t *row, const char *name, const char *text)
{
    if (text && *text)
        json_object_set_new(row, name, json_string(text));
}

json_t *row_make(const struct source *s, const json_t *record, bool *partial)
{
    struct sf_whose whose = sf_whose(s->org);
    const char *id = sf_get_text(record, "Id"), *name = sf_get_text(record, "Name");
    json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "connection", s->name, "orgId", whose.org_id, "accountId",
                            id ? id : "", "name", name ? name : "");
    *partial = false;
    set_text(row, "city", sf_get_text(record, "BillingCity"));
    set_text(row, "owner", sf_get_text(record, "Owner.Name"));
    if (!(s->lacks & LACK_AMOUNT))
        json_object_set_new(row, "openAmounts", amounts_of(record, partial));
    if (*partial)
        json_object_set_new(row, "openAmountsPartial", json_true());
    json_object_set_new(row, "recordUrl", json_sprintf("%s/lightning/r/Account/%s/view", whose.url, id ? id : ""));
    return row;
}
