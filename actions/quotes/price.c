/* price.c - which rule of each layer decides, and what that gives. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "actions/quotes/rules.h"

static bool named(const struct rules_words *words, const char *text)
{
    for (size_t i = 0; i < words->n; i++)
        if (strcasecmp(words->word[i], text) == 0)
            return true;
    return words->n == 0;
}

static const struct decimal *measured(const struct rule *rule, const struct price_facts *f)
{
    switch (rule->measure) {
    case MEASURE_QUANTITY:
        return &f->quantity;
    case MEASURE_AMOUNT:
        return &f->amount;
    case MEASURE_TOTAL:
        return &f->total;
    case MEASURE_NONE:
        break;
    }
    return NULL;
}

/* The highest threshold that is reached. */
static const struct rules_step *step_of(const struct rule *rule, const struct decimal *value)
{
    for (size_t i = rule->steps_n; i-- > 0;)
        if (decimal_compare(*value, rule->steps[i].from) >= 0)
            return &rule->steps[i];
    return NULL;
}

static bool applies(const struct rule *rule, const struct price_facts *f, int region, const struct rules_step **step)
{
    const struct decimal *value = measured(rule, f);
    if (rule->regions && !(rule->regions >> region & 1))
        return false;
    if (f->today < rule->from || f->today > rule->to)
        return false;
    if (!named(&rule->families, f->family) || !named(&rule->currencies, f->currency))
        return false;
    *step = value ? step_of(rule, value) : NULL;
    return !value || *step;
}

static struct price_reason decide(const struct rules_layer *layer, const struct price_facts *f, int region)
{
    const struct rules_step *step;
    for (size_t i = 0; i < layer->n; i++)
        if (applies(&layer->rules[i], f, region, &step))
            return (struct price_reason){ layer, &layer->rules[i], step, step ? step->ppm : layer->rules[i].ppm };
    return (struct price_reason){ layer, NULL, NULL, layer->default_ppm };
}

void rules_price(const struct rules *r, const struct price_facts *facts, struct price *out)
{
    int country = country_find(facts->country);
    *out = (struct price){ .known = country >= 0,
                           .region = country >= 0 ? r->region_of_country[country] : r->default_region };
    if (r->line_override && facts->override_ppm >= 0) {
        out->overridden = true;
        out->ppm = facts->override_ppm;
    } else {
        for (size_t i = 0; i < r->layers_n; i++) {
            out->reasons[i] = decide(&r->layers[i], facts, out->region);
            out->ppm += out->reasons[i].ppm;
        }
        out->n = r->layers_n;
    }
    out->capped = out->ppm > r->cap_ppm;
    if (out->capped)
        out->ppm = r->cap_ppm;
}

/* ---- words ---- */

static void add(char *out, size_t size, const char *text)
{
    size_t n = strlen(out);
    snprintf(out + n, size - n, "%s", text);
}

/* Why the rule applied: " (EMEA, quantity from 10)". */
static void add_why(const struct rules *r, const struct price *p, const struct price_reason *reason, char *out,
                    size_t size)
{
    static const char *const measures[] = { "", "quantity", "amount", "total" };
    char number[AMOUNT_DECIMAL_SIZE], text[120] = "";
    if (!reason->rule)
        return;
    if (reason->rule->regions)
        snprintf(text, sizeof text, "%s%s", r->regions[p->region], p->known ? "" : " as the country is not known");
    if (reason->step) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%s from %s", n ? ", " : "", measures[reason->rule->measure],
                 decimal_text(reason->step->from, number));
    }
    if (!*text)
        return;
    add(out, size, " (");
    add(out, size, text);
    add(out, size, ")");
}

char *rules_reason_words(const struct rules *r, const struct price *p, size_t reason, char *out, size_t size)
{
    const struct price_reason *why = &p->reasons[reason];
    char percent[AMOUNT_PERCENT_SIZE];
    snprintf(out, size, "%s %s", why->rule ? why->rule->name : "default", amount_percent_text(why->ppm, percent));
    add_why(r, p, why, out, size);
    return out;
}

char *rules_words(const struct rules *r, const struct price *p, char *out, size_t size)
{
    char percent[AMOUNT_PERCENT_SIZE], one[256];
    *out = '\0';
    if (p->index) {
        add(out, size, "index: ");
        add(out, size, rules_index_words(p->index, one, sizeof one));
        add(out, size, "; ");
    }
    if (p->overridden)
        add(out, size, "discount set on the line");
    for (size_t i = 0; i < p->n; i++) {
        add(out, size, i ? "; " : "");
        add(out, size, p->reasons[i].layer->name);
        add(out, size, ": ");
        add(out, size, rules_reason_words(r, p, i, one, sizeof one));
    }
    if (p->capped) {
        add(out, size, "; cut to the cap of ");
        add(out, size, amount_percent_text(r->cap_ppm, percent));
    }
    return out;
}
