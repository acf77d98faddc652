/* answer.c - figures, reasons and warnings of one Quote. */
#include "actions/quote/answer.h"

#include <stdio.h>
#include <string.h>

enum { WORDS = 600 };

struct writer {
    const struct deal *d;
    const struct rules *r;
    const struct price_index *x;
    int32_t today;
    const struct quote_made *made;
};

static json_t *percent_of(int32_t ppm)
{
    return json_real(amount_number(ppm, 4));
}

static json_t *money(const struct writer *w, int64_t minor)
{
    return json_real(amount_number(minor, w->d->exponent));
}

static json_t *line_json(const struct writer *w, size_t i)
{
    const struct deal_line *line = &w->d->lines[i];
    const struct sf_result *result = w->made->lines ? w->made->lines[i] : NULL;
    char reason[WORDS];
    struct price price;
    deal_explain(w->d, i, w->r, w->today, &price);
    json_t *json = json_pack("{s:s, s:s*, s:s, s:s*, s:f, s:f, s:o, s:o, s:o, s:s}", "opportunityLineItemId", line->id,
                             "quoteLineItemId", result && result->id[0] ? result->id : NULL, "productName",
                             line->product, "productFamily", *line->family ? line->family : NULL, "quantity",
                             amount_number(line->quantity.digits, line->quantity.places), "listPrice",
                             amount_number(line->unit.digits, line->unit.places), "discountPercent",
                             percent_of(line->ppm), "unitPrice", money(w, line->net), "lineTotal",
                             money(w, line->total), "reason", rules_words(w->r, &price, reason, sizeof reason));
    if (json && line->index)
        json_object_set_new(json, "indexedPrice", json_real(amount_number(line->base.digits, line->base.places)));
    return json;
}

/* One row for each thing that a rule gave and why, with the number of its lines. */
static void count_reason(json_t *rows, const char *layer, const char *rule, int32_t ppm, const char *reason)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        if (strcmp(json_string_value(json_object_get(row, "layer")), layer) == 0 &&
            strcmp(json_string_value(json_object_get(row, "reason")), reason) == 0) {
            json_object_set_new(row, "lineCount",
                                json_integer(json_integer_value(json_object_get(row, "lineCount")) + 1));
            return;
        }
    json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:s, s:i}", "layer", layer, "rule", rule, "percent",
                                          percent_of(ppm), "reason", reason, "lineCount", 1));
}

static json_t *rules_json(const struct writer *w)
{
    json_t *rows = json_array();
    char reason[WORDS];
    struct price price;
    for (size_t i = 0; i < w->d->lines_n; i++) {
        deal_explain(w->d, i, w->r, w->today, &price);
        if (price.index)
            count_reason(rows, "index", w->x->source, price.index->ppm - AMOUNT_PPM,
                         rules_index_words(price.index, reason, sizeof reason));
        for (size_t k = 0; k < price.n; k++)
            count_reason(rows, price.reasons[k].layer->name,
                         price.reasons[k].rule ? price.reasons[k].rule->name : "default", price.reasons[k].ppm,
                         rules_reason_words(w->r, &price, k, reason, sizeof reason));
        if (price.overridden)
            count_reason(rows, "line", "DiscountOverride__c", w->d->lines[i].override_ppm, "discount set on the line");
        if (price.capped)
            count_reason(rows, "cap", "capPercent", w->r->cap_ppm, "the discount is cut to the cap");
    }
    return rows;
}

static void warn(json_t *warnings, const char *text)
{
    json_array_append_new(warnings, json_string(text));
}

static json_t *warnings_json(const struct writer *w)
{
    json_t *list = json_array();
    char text[300], ours[AMOUNT_TEXT_SIZE], theirs[AMOUNT_TEXT_SIZE];
    const struct deal *d = w->d;
    if (!w->made->told) {
        warn(list, "The Quote is there, but the org did not tell its grand total; this one is by the rules.");
    } else if (w->made->grand != d->total) {
        snprintf(text, sizeof text,
                 "The org's grand total is %s, the rules give %s: the org adds tax or shipping, or changes quotes by "
                 "itself.",
                 amount_text(w->made->grand, d->exponent, d->currency, theirs),
                 amount_text(d->total, d->exponent, d->currency, ours));
        warn(list, text);
    }
    if (!w->made->lines)
        warn(list, "The Quote was made by this same request before; it is answered as it stands.");
    if (w->r->by_region && country_find(d->country) < 0) {
        snprintf(text, sizeof text, "%s; its region is taken to be %.60s.",
                 *d->country ? "The billing country of the Account is not known" : "The Account has no billing country",
                 w->r->regions[w->r->default_region]);
        warn(list, text);
    }
    return list;
}

static json_t *summary(const struct writer *w)
{
    char text[500], total[AMOUNT_TEXT_SIZE], discount[AMOUNT_PERCENT_SIZE];
    const struct deal *d = w->d;
    snprintf(text, sizeof text, "Quote for %.200s: %zu line%s, %s after a discount of %s.", d->name, d->lines_n,
             d->lines_n == 1 ? "" : "s",
             amount_text(w->made->told ? w->made->grand : d->total, d->exponent, d->currency, total),
             amount_percent_text(deal_discount(d) * 100, discount));
    return json_string(text);
}

json_t *quote_answer(const struct deal *d, const struct quote_terms *terms, const struct quote_made *made)
{
    const struct writer w = { d, terms->rules, terms->index, terms->today, made };
    char expires[DAY_TEXT_SIZE];
    json_t *lines = json_array(), *warnings, *answer;
    for (size_t i = 0; i < d->lines_n; i++)
        if (json_array_append_new(lines, line_json(&w, i)) != 0) {
            json_decref(lines);
            return NULL;
        }
    warnings = warnings_json(&w);
    answer =
        json_pack("{s:o, s:s, s:s*, s:s, s:s, s:s*, s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o}", "summary", summary(&w),
                  "quoteId", made->id, "quoteNumber", *made->number ? made->number : NULL, "opportunityId", d->id,
                  "opportunityName", d->name, "currencyCode", *d->currency ? d->currency : NULL, "listTotal",
                  money(&w, d->list), "grandTotal", money(&w, made->told ? made->grand : d->total), "discountPercent",
                  json_real(amount_number(deal_discount(d), 2)), "expirationDate",
                  day_text(d->close_day + QUOTE_VALID_DAYS, expires), "ruleSet", w.r->name, "lines", lines, "rules",
                  rules_json(&w), "warnings", warnings);
    if (answer && w.x)
        index_tell(w.r, w.x, d->unindexed > 0, answer, warnings);
    return answer;
}
