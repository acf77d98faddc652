/* deal.c - an Opportunity from its record, what makes a quote of it impossible, and its price. */
#include "actions/quotes/deal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "actions/quotes/text.h"

/* A product's name in a message, for %.*s. */
#define SHOWN(line) (int)quote_text_bytes((line)->product, 80), (line)->product

void deal_refuse(struct deal *d, const char *code, const char *fmt, ...)
{
    va_list ap;
    if (d->problem.code)
        return;
    d->problem.code = code;
    va_start(ap, fmt);
    vsnprintf(d->problem.message, sizeof d->problem.message, fmt, ap);
    va_end(ap);
    quote_text_mend(d->problem.message);
}

static const char *text_of(struct act_call *call, const json_t *record, const char *path)
{
    const char *text = sf_get_text(record, path);
    return text && *text ? act_strdup(call, text) : "";
}

/* A copy of the id at `path`; "" when there is none. */
static void id_of(const json_t *record, const char *path, char out[SF_ID_SIZE])
{
    const char *text = sf_get_text(record, path);
    if (!text || !sf_id_check(text, out))
        *out = '\0';
}

/* A discount of the line's own, where the org has the field and this line a value. */
static void read_override(const json_t *record, struct deal *d, struct deal_line *line)
{
    const json_t *value = sf_get(record, "DiscountOverride__c");
    int32_t ppm;
    line->override_ppm = -1;
    if (!value)
        return;
    if (amount_ppm_read(value, &ppm))
        line->override_ppm = ppm;
    else
        deal_refuse(d, "override_out_of_range",
                    "The line %s has a DiscountOverride__c that is no percentage from 0 to 100 with at most four "
                    "decimals. Correct it.",
                    line->id);
}

/* What the org would refuse anyway, in words that say what to do: a refused row costs the whole page a second run. */
static void check_line(const json_t *record, struct deal *d, const struct deal_line *line)
{
    const char *book = sf_get_text(record, "PricebookEntry.Pricebook2Id");
    const char *currency = sf_get_text(record, "PricebookEntry.CurrencyIsoCode");
    if (!line->id[0])
        deal_refuse(d, "unexpected_org_data", "The org gave a line of %s without an id.", d->id);
    else if (!line->entry_id[0])
        deal_refuse(d, "no_price_book_entry",
                    "The line %s (%.*s) has no price book entry. Add its product to the price book and to the line.",
                    line->id, SHOWN(line));
    else if (json_is_false(sf_get(record, "PricebookEntry.IsActive")))
        deal_refuse(d, "inactive_entry",
                    "The price book entry of the line %s (%.*s) is inactive. Activate it, or remove the line.",
                    line->id, SHOWN(line));
    else if (json_is_false(sf_get(record, "Product2.IsActive")))
        deal_refuse(d, "inactive_product",
                    "The product of the line %s (%.*s) is inactive. Activate it, or remove the line.", line->id,
                    SHOWN(line));
    else if (book && strncmp(book, d->pricebook_id, 15) != 0)
        deal_refuse(d, "other_price_book",
                    "The line %s (%.*s) is of another price book than its Opportunity. Choose one price book for both.",
                    line->id, SHOWN(line));
    else if (currency && strcmp(currency, d->currency) != 0)
        deal_refuse(d, "other_currency",
                    "The line %s (%.*s) is priced in %.3s, its Opportunity in %.3s. Bring both to one currency.",
                    line->id, SHOWN(line), currency, d->currency);
    else if (line->quantity.digits == 0)
        deal_refuse(d, "zero_quantity", "The line %s (%.*s) has the quantity 0. Set one, or remove the line.", line->id,
                    SHOWN(line));
}

static void read_line(struct act_call *call, const json_t *record, struct deal *d, struct deal_line *line)
{
    *line = (struct deal_line){ .override_ppm = -1 };
    id_of(record, "Id", line->id);
    id_of(record, "PricebookEntryId", line->entry_id);
    line->product = text_of(call, record, "Product2.Name");
    line->family = text_of(call, record, "Product2.Family");
    if (!decimal_read(sf_get(record, "UnitPrice"), &line->unit) ||
        !decimal_read(sf_get(record, "Quantity"), &line->quantity))
        deal_refuse(d, "amount_out_of_range",
                    "The line %s (%.*s) has no price or no quantity, or one of more than 15 digits. Correct it.",
                    line->id, SHOWN(line));
    read_override(record, d, line);
    check_line(record, d, line);
}

/* Room for one line more: 8, 16, 32 ... in the call's memory. */
static struct deal_line *next_line(struct act_call *call, struct deal *d, size_t *room)
{
    if (d->lines_n == *room) {
        struct deal_line *more = act_alloc(call, (*room ? 2 * *room : 8) * sizeof *more);
        if (d->lines_n)
            memcpy(more, d->lines, d->lines_n * sizeof *more);
        d->lines = more;
        *room = *room ? 2 * *room : 8;
    }
    return &d->lines[d->lines_n++];
}

static void read_head(struct act_call *call, const json_t *record, const char *currency, struct deal *d)
{
    const char *own = sf_get_text(record, "CurrencyIsoCode");
    *d = (struct deal){ 0 };
    id_of(record, "Id", d->id);
    id_of(record, "Pricebook2Id", d->pricebook_id);
    d->name = text_of(call, record, "Name");
    d->country = text_of(call, record, "Account.BillingCountry");
    d->currency = act_strdup(call, own ? own : currency);
    d->exponent = amount_exponent(d->currency);
    if (!day_read(sf_get_text(record, "CloseDate"), &d->close_day))
        deal_refuse(d, "unexpected_org_data", "The org gave no close date of the Opportunity %s.", d->id);
    if (!d->pricebook_id[0])
        deal_refuse(d, "no_price_book", "The Opportunity has no price book. Choose one (Products, Choose Price Book).");
    else if (json_is_false(sf_get(record, "Pricebook2.IsActive")))
        deal_refuse(d, "inactive_price_book",
                    "The Opportunity's price book is inactive. Activate it, or choose another.");
}

bool deal_read(struct act_call *call, const json_t *record, struct sf_rows *lines, const char *currency, struct deal *d,
               struct sf_error *err)
{
    const json_t *line;
    size_t room = 0;
    read_head(call, record, currency, d);
    err->code[0] = '\0';
    while (lines && (line = sf_next(lines, err)))
        read_line(call, line, d, next_line(call, d, &room));
    if (err->code[0])
        return false;
    if (d->lines_n == 0)
        deal_refuse(d, "no_lines", "The Opportunity has no products. Add at least one.");
    return true;
}

/* The line's price after the index, rounded like any price; a factor of 1 leaves it as it is. False: beyond all
 * bounds. */
static bool index_line(struct deal *d, const struct rules *r, struct deal_line *line)
{
    const struct price_facts facts = { .country = d->country, .family = line->family, .currency = d->currency };
    int64_t minor;
    line->base = line->unit;
    line->index = NULL;
    if (!r->prices)
        return true;
    const char *key = rules_index_key(r, &facts);
    line->index = rules_index_value(r, key);
    if (!line->index && !r->index.without_missing)
        deal_refuse(d, "price_index_value_missing",
                    "The price index has no value for the %s \"%.60s\" of the line %s (%.*s). Correct the record, or "
                    "have the index or the pricing rules (\"whenMissing\") name it.",
                    rules_index_of(r), key, line->id, SHOWN(line));
    d->unindexed += !line->index;
    if (!line->index || line->index->ppm == AMOUNT_PPM)
        return true;
    if (!amount_scaled(line->unit, line->index->ppm, d->exponent, &minor))
        return false;
    line->base = amount_decimal(minor, d->exponent);
    return true;
}

static bool index_lines(struct deal *d, const struct rules *r)
{
    bool fits = true;
    d->unindexed = 0;
    for (size_t i = 0; i < d->lines_n && fits; i++)
        fits = index_line(d, r, &d->lines[i]);
    return fits;
}

static bool list_amounts(struct deal *d)
{
    for (size_t i = 0; i < d->lines_n; i++) {
        struct deal_line *line = &d->lines[i];
        if (!amount_product(line->base, line->quantity, d->exponent, &line->list) || !amount_add(&d->list, line->list))
            return false;
    }
    return true;
}

static bool net_amounts(struct deal *d)
{
    for (size_t i = 0; i < d->lines_n; i++) {
        struct deal_line *line = &d->lines[i];
        if (!amount_discounted(line->base, line->ppm, d->exponent, &line->net) ||
            !amount_product(amount_decimal(line->net, d->exponent), line->quantity, d->exponent, &line->total) ||
            !amount_add(&d->total, line->total))
            return false;
    }
    return true;
}

void deal_explain(const struct deal *d, size_t i, const struct rules *r, int32_t today, struct price *out)
{
    const struct deal_line *line = &d->lines[i];
    const struct price_facts facts = { .country = d->country,
                                       .family = line->family,
                                       .currency = d->currency,
                                       .today = today,
                                       .quantity = line->quantity,
                                       .amount = amount_decimal(line->list, d->exponent),
                                       .total = amount_decimal(d->list, d->exponent),
                                       .override_ppm = line->override_ppm };
    rules_price(r, &facts, out);
    out->index = line->index;
}

void deal_price(struct deal *d, const struct rules *r, int32_t today)
{
    struct price price;
    if (d->problem.code)
        return;
    d->list = d->total = 0;
    bool fits = index_lines(d, r) && list_amounts(d);
    for (size_t i = 0; i < d->lines_n && fits; i++) {
        deal_explain(d, i, r, today, &price);
        d->lines[i].ppm = price.ppm;
        d->lines[i].capped = price.capped;
    }
    if (!fits || !net_amounts(d))
        deal_refuse(d, "amount_out_of_range", "An amount of the Opportunity has more than 15 digits. Split it.");
}

int deal_discount(const struct deal *d)
{
    __int128 saved = (__int128)(d->list - d->total) * 10000;
    if (d->list == 0)
        return 0;
    return (int)(d->list > 0 ? amount_half_up(saved, d->list) : amount_half_up(-saved, -(__int128)d->list));
}
