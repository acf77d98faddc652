/* rules_read.c - a set of rules from its JSON. Every fault is told; the set is kept only without one. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/quotes/day.h"
#include "actions/quotes/rules_parts.h"

void rules_fault(struct rules_faults *f, const char *fmt, ...)
{
    char text[400], place[160] = "";
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (f->rule)
        snprintf(place, sizeof place, "layer \"%.60s\", rule \"%.60s\": ", f->layer, f->rule);
    else if (f->layer)
        snprintf(place, sizeof place, "layer \"%.60s\": ", f->layer);
    char whole[sizeof text + sizeof place];
    snprintf(whole, sizeof whole, "%s%s", place, text);
    f->count++;
    f->fn(f->ctx, whole);
}

/* Members that are none of `known` (ended by NULL) are most often misspelt. */
void rules_only(const json_t *object, const char *const *known, struct rules_faults *f)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)object, key, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            rules_fault(f, "has a member \"%.60s\", which means nothing. Remove it or correct its name.", key);
    }
}

/* The name of a layer, a rule, or the set; "" after a fault. */
static const char *name_of(const json_t *object, struct rules_faults *f, const char *what)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    if (name && *name && strlen(name) < RULES_NAME_SIZE)
        return name;
    rules_fault(f, "%s needs a \"name\" of 1 to %d bytes.", what, RULES_NAME_SIZE - 1);
    return "";
}

static int32_t percent_of(const json_t *object, const char *key, struct rules_faults *f)
{
    int32_t ppm = 0;
    if (!amount_ppm_read(json_object_get(object, key), &ppm))
        rules_fault(f, "\"%s\" must be a number from 0 to 100 with at most 4 decimals.", key);
    return ppm;
}

/* ---- regions ---- */

static int region_find(const struct rules *r, const char *name)
{
    for (size_t i = 0; i < r->regions_n; i++)
        if (strcmp(r->regions[i], name) == 0)
            return (int)i;
    return -1;
}

static int region_add(struct rules *r, const char *name, struct rules_faults *f)
{
    int found = region_find(r, name);
    if (found >= 0)
        return found;
    if (r->regions_n == RULES_REGIONS) {
        rules_fault(f, "There are more than %d regions.", RULES_REGIONS);
        return 0;
    }
    r->regions[r->regions_n] = name;
    return (int)r->regions_n++;
}

/* One region of the file: a country belongs to one of them. */
static void read_region(struct rules *r, const char *name, const json_t *list, struct rules_faults *f)
{
    size_t i;
    const json_t *one;
    int region = region_add(r, name, f);
    if (!json_is_array(list) || json_array_size(list) == 0)
        rules_fault(f, "The region \"%.60s\" must be a list of countries, such as [\"US\", \"CA\"].", name);
    json_array_foreach (list, i, one) {
        int country = json_is_string(one) ? country_find(json_string_value(one)) : -1;
        if (country < 0)
            rules_fault(f, "The region \"%.60s\" has \"%.60s\", which is no country of ISO 3166-1.", name,
                        json_is_string(one) ? json_string_value(one) : "(no text)");
        else if (r->region_of_country[country] >= 0)
            rules_fault(f, "The country %s is in the region \"%.60s\" and in \"%.60s\": it must be in one.",
                        country_code(country), r->regions[(int)r->region_of_country[country]], name);
        else
            r->region_of_country[country] = (signed char)region;
    }
}

/* The regions of the file in place of those that come along; countries that it does not name are of the default one. */
static void read_regions(struct rules *r, struct rules_faults *f)
{
    const json_t *regions = json_object_get(r->json, "regions");
    const char *name, *standard = json_string_value(json_object_get(r->json, "defaultRegion"));
    json_t *list;
    for (int i = 0; i < country_count(); i++)
        r->region_of_country[i] = regions ? -1 : (signed char)region_add(r, country_region(i), f);
    if (regions && !json_object_size(regions))
        rules_fault(f, "\"regions\" must be an object of lists of countries. Leave it out for the usual ones.");
    json_object_foreach ((json_t *)regions, name, list)
        read_region(r, name, list, f);
    if (!standard || !*standard || strlen(standard) >= RULES_NAME_SIZE) {
        rules_fault(f, "\"defaultRegion\" is missing: the region of an Account without a known country.");
        return;
    }
    r->default_region = region_add(r, standard, f);
    for (int i = 0; i < country_count(); i++)
        if (r->region_of_country[i] < 0)
            r->region_of_country[i] = (signed char)r->default_region;
}

/* ---- rules ---- */

static void read_rule_regions(const struct rules *r, const json_t *list, struct rule *rule, struct rules_faults *f)
{
    size_t i;
    const json_t *one;
    if (!list)
        return;
    if (json_array_size(list) == 0)
        rules_fault(f,
                    "\"regions\" is no list of regions, or empty: the rule would never apply. Leave it out for all.");
    json_array_foreach (list, i, one) {
        int region = json_is_string(one) ? region_find(r, json_string_value(one)) : -1;
        if (region < 0)
            rules_fault(f, "The region \"%.60s\" is not known.",
                        json_is_string(one) ? json_string_value(one) : "(no text)");
        else
            rule->regions |= UINT32_C(1) << region;
    }
}

static void read_words(const json_t *object, const char *key, size_t longest, struct rules_words *out,
                       struct rules_faults *f)
{
    const json_t *list = json_object_get(object, key);
    size_t n = json_array_size(list);
    if (!list)
        return;
    if (n == 0 || n > RULES_WORDS) {
        rules_fault(f, "\"%s\" must be a list of 1 to %d texts. Leave it out for all.", key, RULES_WORDS);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const char *word = json_string_value(json_array_get(list, i));
        if (!word || !*word || strlen(word) > longest)
            rules_fault(f, "\"%s\" has something that is no text of 1 to %zu bytes.", key, longest);
        else
            out->word[out->n++] = word;
    }
}

static void read_currencies(const json_t *object, struct rule *rule, struct rules_faults *f)
{
    read_words(object, "currencies", 3, &rule->currencies, f);
    for (size_t i = 0; i < rule->currencies.n; i++)
        if (strspn(rule->currencies.word[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
            rules_fault(f, "The currency \"%s\" must be three capital letters, such as \"EUR\".",
                        rule->currencies.word[i]);
}

static int32_t read_day(const json_t *object, const char *key, int32_t open, struct rules_faults *f)
{
    int32_t day = open;
    const json_t *value = json_object_get(object, key);
    if (value && !day_read(json_string_value(value), &day))
        rules_fault(f, "\"%s\" must be a date such as \"2026-01-31\".", key);
    return day;
}

static void read_steps(const json_t *list, struct rule *rule, struct rules_faults *f)
{
    static const char *const known[] = { "from", "percent", NULL };
    size_t n = json_array_size(list);
    if (n == 0 || n > RULES_STEPS) {
        rules_fault(f, "\"steps\" must be a list of 1 to %d objects {\"from\", \"percent\"}.", RULES_STEPS);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        struct rules_step *step = &rule->steps[i];
        rules_only(one, known, f);
        step->ppm = percent_of(one, "percent", f);
        if (!decimal_read(json_object_get(one, "from"), &step->from) || step->from.digits < 0)
            rules_fault(f, "\"from\" of step %zu must be a number of 0 or more.", i + 1);
        else if (i && decimal_compare(step->from, rule->steps[i - 1].from) <= 0)
            rules_fault(f, "Step %zu begins at or below the one before it: steps must ascend.", i + 1);
    }
    rule->steps_n = n;
}

static void read_tiers(const json_t *tiers, struct rule *rule, struct rules_faults *f)
{
    static const char *const known[] = { "of", "steps", NULL };
    static const char *const measures[] = { "", "quantity", "amount", "total" };
    const char *of = json_string_value(json_object_get(tiers, "of"));
    rules_only(tiers, known, f);
    for (int i = MEASURE_QUANTITY; of && i <= MEASURE_TOTAL; i++)
        if (strcmp(measures[i], of) == 0)
            rule->measure = (enum rules_measure)i;
    if (rule->measure == MEASURE_NONE)
        rules_fault(f, "\"of\" must be \"quantity\", \"amount\" (of the line) or \"total\" (of the Opportunity).");
    if (rule->measure >= MEASURE_AMOUNT && rule->currencies.n == 0)
        rules_fault(f, "Thresholds of amounts need \"currencies\": 1000 is another amount in JPY than in USD.");
    read_steps(json_object_get(tiers, "steps"), rule, f);
}

static void read_rule(const struct rules *r, const json_t *object, struct rule *rule, struct rules_faults *f)
{
    static const char *const known[] = { "name", "about", "regions", "families",   "currencies", "from",
                                         "to",   "tiers", "percent", "precedence", NULL };
    const json_t *tiers = json_object_get(object, "tiers"), *precedence = json_object_get(object, "precedence");
    f->rule = NULL;
    f->rule = rule->name = name_of(object, f, "A rule");
    rules_only(object, known, f);
    read_rule_regions(r, json_object_get(object, "regions"), rule, f);
    read_words(object, "families", 255, &rule->families, f);
    read_currencies(object, rule, f);
    rule->from = read_day(object, "from", INT32_MIN, f);
    rule->to = read_day(object, "to", INT32_MAX, f);
    if (rule->from > rule->to)
        rules_fault(f, "\"from\" is later than \"to\": the rule would never apply.");
    if (!json_is_integer(precedence) || llabs(json_integer_value(precedence)) > 1000000)
        rules_fault(f, "\"precedence\" must be a whole number; of rules that apply the highest decides.");
    else
        rule->precedence = (int)json_integer_value(precedence);
    if (!tiers == !json_object_get(object, "percent"))
        rules_fault(f, "needs either \"percent\" or \"tiers\".");
    else if (tiers)
        read_tiers(tiers, rule, f);
    else
        rule->ppm = percent_of(object, "percent", f);
}

static int by_precedence(const void *a, const void *b)
{
    const struct rule *left = a, *right = b;
    return left->precedence < right->precedence ? 1 : -(left->precedence > right->precedence);
}

static void read_layer(struct rules *r, const json_t *object, struct rules_layer *layer, struct rules_faults *f)
{
    static const char *const known[] = { "name", "about", "default", "rules", NULL };
    const json_t *list = json_object_get(object, "rules");
    size_t n = json_array_size(list);
    f->layer = f->rule = NULL;
    f->layer = layer->name = name_of(object, f, "A layer");
    rules_only(object, known, f);
    if (!json_object_get(object, "default"))
        rules_fault(f, "\"default\" is missing: the percentage when no rule applies. Write 0 for none.");
    else
        layer->default_ppm = percent_of(object, "default", f);
    if (!json_is_array(list) || n > RULES_OF_LAYER) {
        rules_fault(f, "\"rules\" must be a list of at most %d rules.", RULES_OF_LAYER);
        return;
    }
    layer->rules = calloc(n + 1, sizeof *layer->rules);
    layer->n = layer->rules ? n : 0;
    if (!layer->rules)
        rules_fault(f, "There is no memory for its rules.");
    for (size_t i = 0; i < layer->n; i++) {
        read_rule(r, json_array_get(list, i), &layer->rules[i], f);
        r->by_region = r->by_region || layer->rules[i].regions;
    }
    f->rule = NULL;
    qsort(layer->rules, layer->n, sizeof *layer->rules, by_precedence);
}

static void read_layers(struct rules *r, struct rules_faults *f)
{
    const json_t *layers = json_object_get(r->json, "layers");
    size_t n = json_array_size(layers);
    if (n == 0 || n > RULES_LAYERS) {
        rules_fault(f, "\"layers\" must be a list of 1 to %d layers.", RULES_LAYERS);
        return;
    }
    for (size_t i = 0; i < n; i++)
        read_layer(r, json_array_get(layers, i), &r->layers[r->layers_n++], f);
    f->layer = f->rule = NULL;
}

static void read_set(struct rules *r, struct rules_faults *f)
{
    static const char *const known[] = { "name",   "about", "capPercent", "lineOverride", "defaultRegion", "regions",
                                         "layers", "index", NULL };
    const json_t *override = json_object_get(r->json, "lineOverride");
    rules_only(r->json, known, f);
    r->name = name_of(r->json, f, "The set");
    r->cap_ppm = percent_of(r->json, "capPercent", f);
    r->line_override = json_is_true(override);
    if (override && !json_is_boolean(override))
        rules_fault(f, "\"lineOverride\" must be true or false.");
    read_regions(r, f);
    read_layers(r, f);
    rules_read_index(r, f);
}

struct rules *rules_read(const char *text, size_t n, rules_fault_fn *fault, void *ctx)
{
    return rules_read_for(text, n, NULL, fault, ctx);
}

struct rules *rules_read_for(const char *text, size_t n, rules_url_fn *allowed, rules_fault_fn *fault, void *ctx)
{
    json_error_t e;
    struct rules_faults f = { .fn = fault, .ctx = ctx, .allowed = allowed };
    struct rules *r = calloc(1, sizeof *r);
    signed char *countries = calloc((size_t)country_count(), sizeof *countries);
    if (!r || !countries) {
        rules_fault(&f, "There is no memory for the rules.");
        free(countries);
        free(r);
        return NULL;
    }
    r->region_of_country = countries;
    r->json = n > RULES_FILE_MAX ? NULL : json_loadb(text, n, JSON_REJECT_DUPLICATES, &e);
    if (n > RULES_FILE_MAX)
        rules_fault(&f, "The rules are longer than %d KiB.", RULES_FILE_MAX / 1024);
    else if (!r->json)
        rules_fault(&f, "is no JSON: %s (line %d).", e.text, e.line);
    else if (!json_is_object(r->json))
        rules_fault(&f, "must be a JSON object.");
    else
        read_set(r, &f);
    if (f.count == 0)
        rules_check(r, &f);
    if (f.count == 0)
        return r;
    rules_free(r);
    return NULL;
}

void rules_free(struct rules *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->layers_n; i++)
        free(r->layers[i].rules);
    free(r->region_of_country);
    json_decref(r->json);
    free(r);
}
