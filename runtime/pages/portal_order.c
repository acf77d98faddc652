/*
 * portal_order.c - the accounts of a page by their open amount: within each currency, the commonest currency first, as
 * nothing is converted; those without an amount come last. An org cannot be asked for this order, so it holds for what
 * is shown, and the page says so.
 */
#include <string.h>

#include "runtime/pages/portal_parts.h"

/* One account on its way into the order. */
struct place {
    const json_t *row;
    const char *currency; /* of its largest sum; NULL = it has none */
    double amount;
    size_t others; /* how many accounts have this currency */
    size_t at;     /* where it stood */
};

static void read_place(struct place *p, const json_t *row, size_t at)
{
    const json_t *sums = json_object_get(row, "openAmounts"), *sum;
    size_t i;
    *p = (struct place){ .row = row, .at = at };
    json_array_foreach (sums, i, sum) {
        double v = json_number_value(json_object_get(sum, "amount"));
        if (p->currency && v <= p->amount)
            continue;
        p->currency = portal_text(sum, "currencyCode");
        p->amount = v;
    }
}

static void count_others(struct place *places, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            places[i].others +=
                places[i].currency && places[k].currency && strcmp(places[i].currency, places[k].currency) == 0;
}

/* Whether a stands behind b. */
static bool is_behind(const struct place *a, const struct place *b, bool smallest_first)
{
    if (!a->currency || !b->currency)
        return !a->currency && (b->currency || a->at > b->at);
    int code = strcmp(a->currency, b->currency);
    if (a->others != b->others || code != 0)
        return a->others != b->others ? a->others < b->others : code > 0;
    if (a->amount < b->amount || a->amount > b->amount)
        return smallest_first ? a->amount > b->amount : a->amount < b->amount;
    return a->at > b->at;
}

bool portal_is_by_amount(const struct portal_wish *w)
{
    return strcmp(w->sort, "amount") == 0;
}

size_t portal_by_amount(const json_t *accounts, bool smallest_first, const json_t *rows[PORTAL_SHOWN_MAX])
{
    struct place places[PORTAL_SHOWN_MAX];
    const json_t *row;
    size_t i, n = 0;
    json_array_foreach (accounts, i, row)
        if (n < PORTAL_SHOWN_MAX) {
            read_place(&places[n], row, n);
            n++;
        }
    count_others(places, n);
    for (i = 1; i < n; i++) { /* few, and mostly in order already */
        struct place one = places[i];
        size_t k = i;
        for (; k > 0 && is_behind(&places[k - 1], &one, smallest_first); k--)
            places[k] = places[k - 1];
        places[k] = one;
    }
    for (i = 0; i < n; i++)
        rows[i] = places[i].row;
    return n;
}
