/* rules_check.c - what two rules of one layer do to each other, and what the cap does to all. */
#include <string.h>
#include <strings.h>

#include "actions/quotes/rules_parts.h"

static bool has(const struct rules_words *words, const char *text)
{
    for (size_t i = 0; i < words->n; i++)
        if (strcasecmp(words->word[i], text) == 0)
            return true;
    return false;
}

/* Lists without a word mean all. */
static bool words_meet(const struct rules_words *a, const struct rules_words *b)
{
    for (size_t i = 0; i < a->n; i++)
        if (has(b, a->word[i]))
            return true;
    return a->n == 0 || b->n == 0;
}

static bool words_cover(const struct rules_words *outer, const struct rules_words *inner)
{
    if (outer->n == 0)
        return true;
    for (size_t i = 0; i < inner->n; i++)
        if (!has(outer, inner->word[i]))
            return false;
    return inner->n > 0;
}

/* Whether a line can exist to which both apply. Thresholds have no upper end, so they always meet. */
static bool meet(const struct rule *a, const struct rule *b)
{
    return (!a->regions || !b->regions || (a->regions & b->regions)) && words_meet(&a->families, &b->families) &&
           words_meet(&a->currencies, &b->currencies) && a->from <= b->to && b->from <= a->to;
}

/* Whether `outer` applies to every line to which `inner` does, as far as their regions let it. */
static bool covers(const struct rule *outer, const struct rule *inner)
{
    bool thresholds =
        outer->measure == MEASURE_NONE ||
        (outer->measure == inner->measure && decimal_compare(outer->steps[0].from, inner->steps[0].from) <= 0);
    return thresholds && words_cover(&outer->families, &inner->families) &&
           words_cover(&outer->currencies, &inner->currencies) && outer->from <= inner->from && outer->to >= inner->to;
}

static void check_pair(const struct rule *high, const struct rule *low, struct rules_faults *f)
{
    if (strcmp(high->name, low->name) == 0)
        rules_fault(f, "Another rule of the layer has the same name.");
    if (high->precedence == low->precedence && meet(high, low))
        rules_fault(f, "overlaps the rule \"%.60s\" of the same precedence %d: give one of them a higher one.",
                    high->name, low->precedence);
}

/* Whether the rules of higher precedence leave a line to rule `i`: one of them, or several that share its regions. */
static void check_reach(const struct rules *r, const struct rules_layer *layer, size_t i, struct rules_faults *f)
{
    const struct rule *rule = &layer->rules[i], *last = NULL;
    uint32_t all = r->regions_n == 32 ? UINT32_MAX : (UINT32_C(1) << r->regions_n) - 1;
    uint32_t left = rule->regions ? rule->regions : all;
    for (size_t k = 0; k < i && left; k++) {
        const struct rule *high = &layer->rules[k];
        if (high->precedence > rule->precedence && covers(high, rule) &&
            (left & (high->regions ? high->regions : all))) {
            left &= ~(high->regions ? high->regions : all);
            last = high;
        }
    }
    if (!left && last)
        rules_fault(f, "never applies: rules of higher precedence, \"%.60s\" the last of them, take every line of it.",
                    last->name);
}

static void check_percent(const struct rules *r, int32_t ppm, const char *what, struct rules_faults *f)
{
    char given[AMOUNT_PERCENT_SIZE], cap[AMOUNT_PERCENT_SIZE];
    if (ppm > r->cap_ppm)
        rules_fault(f, "%s gives %s, but \"capPercent\" allows %s: lower the one or raise the other.", what,
                    amount_percent_text(ppm, given), amount_percent_text(r->cap_ppm, cap));
}

static bool region_used(const struct rules *r, int region)
{
    bool used = region == r->default_region;
    for (int i = 0; i < country_count() && !used; i++)
        used = r->region_of_country[i] == region;
    return used;
}

static void check_rule(const struct rules *r, const struct rule *rule, struct rules_faults *f)
{
    f->rule = rule->name;
    if (rule->measure == MEASURE_NONE)
        check_percent(r, rule->ppm, "it", f);
    for (size_t i = 0; i < rule->steps_n; i++)
        check_percent(r, rule->steps[i].ppm, "a step", f);
    for (int i = 0; i < (int)r->regions_n; i++)
        if (rule->regions >> i & 1 && !region_used(r, i))
            rules_fault(f, "never applies to the region \"%.60s\", which has no country.", r->regions[i]);
}

/* Whether it takes every line there is, so that the default never counts. */
static bool takes_all(const struct rule *rule)
{
    static const struct rule any = { .from = INT32_MIN, .to = INT32_MAX };
    return !rule->regions && covers(rule, &any);
}

static void check_layer(const struct rules *r, const struct rules_layer *layer, struct rules_faults *f)
{
    f->layer = layer->name;
    f->rule = NULL;
    check_percent(r, layer->default_ppm, "\"default\"", f);
    for (size_t i = 0; i < layer->n; i++) {
        check_rule(r, &layer->rules[i], f);
        if (takes_all(&layer->rules[i]))
            rules_fault(f, "takes every line, so that \"default\" never applies: give the layer this percentage as its "
                           "\"default\", and leave the rule out.");
        for (size_t k = 0; k < i; k++)
            check_pair(&layer->rules[k], &layer->rules[i], f);
        check_reach(r, layer, i, f);
    }
    f->rule = NULL;
}

void rules_check(const struct rules *r, struct rules_faults *f)
{
    for (size_t i = 0; i < r->layers_n; i++) {
        check_layer(r, &r->layers[i], f);
        f->layer = f->rule = NULL;
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->layers[k].name, r->layers[i].name) == 0)
                rules_fault(f, "Two layers have the name \"%.60s\".", r->layers[i].name);
    }
    f->layer = f->rule = NULL;
}
