/* rules_index.c - the index that a set of rules names: how it is told in the file, and which of its values a line has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions/quotes/rules_parts.h"

static const char *const kinds[] = { "", "country", "region", "family", "currency" };

const char *rules_index_of(const struct rules *r)
{
    return kinds[r->index.of];
}

/* ---- from the file ---- */

static void read_url(struct rules *r, const json_t *index, struct rules_faults *f)
{
    const char *url = json_string_value(json_object_get(index, "url"));
    char why[240];
    if (!url || strlen(url) >= INDEX_URL_SIZE || (strncmp(url, "https://", 8) && strncmp(url, "http://", 7)))
        rules_fault(f, "\"url\" of \"index\" must be an https URL of at most %d bytes.", INDEX_URL_SIZE - 1);
    else if (f->allowed && !f->allowed(f->ctx, url, why, sizeof why))
        rules_fault(f, "\"url\" of \"index\" %s", why);
    else
        r->index.url = url;
}

/* What is done without it is for the set to say: a price that is made otherwise than meant is a decision. */
static bool read_choice(const json_t *index, const char *key, struct rules_faults *f)
{
    const char *word = json_string_value(json_object_get(index, key));
    bool without = word && strcmp(word, "withoutIndex") == 0;
    if (!without && !(word && strcmp(word, "refuse") == 0))
        rules_fault(f, "\"%s\" of \"index\" must be \"refuse\" or \"withoutIndex\".", key);
    return without;
}

void rules_read_index(struct rules *r, struct rules_faults *f)
{
    static const char *const known[] = { "about", "url", "of", "maxAgeHours", "whenAway", "whenMissing", NULL };
    const json_t *index = json_object_get(r->json, "index"), *age = json_object_get(index, "maxAgeHours");
    const char *of = json_string_value(json_object_get(index, "of"));
    if (!index)
        return;
    if (!json_is_object(index)) {
        rules_fault(f, "\"index\" must be an object. Leave it out when prices need none.");
        return;
    }
    rules_only(index, known, f);
    read_url(r, index, f);
    for (int i = INDEX_COUNTRY; of && i <= INDEX_CURRENCY; i++)
        if (strcmp(of, kinds[i]) == 0)
            r->index.of = (enum index_of)i;
    if (r->index.of == INDEX_NONE)
        rules_fault(f, "\"of\" of \"index\" must be \"country\", \"region\", \"family\" or \"currency\".");
    if (!json_is_integer(age) || json_integer_value(age) < 1 || json_integer_value(age) > INDEX_AGE_MAX_H)
        rules_fault(f, "\"maxAgeHours\" of \"index\" must be a whole number from 1 to %d.", INDEX_AGE_MAX_H);
    else
        r->index.max_age_h = (int)json_integer_value(age);
    r->index.without_away = read_choice(index, "whenAway", f);
    r->index.without_missing = read_choice(index, "whenMissing", f);
    r->by_region = r->by_region || r->index.of == INDEX_REGION;
}

/* ---- of a line ---- */

const char *rules_index_key(const struct rules *r, const struct price_facts *facts)
{
    int country;
    switch (r->index.of) {
    case INDEX_COUNTRY:
        country = country_find(facts->country);
        return country < 0 ? "" : country_code(country);
    case INDEX_REGION:
        country = country_find(facts->country);
        return r->regions[country < 0 ? r->default_region : r->region_of_country[country]];
    case INDEX_FAMILY:
        return facts->family;
    case INDEX_CURRENCY:
        return facts->currency;
    case INDEX_NONE:
        break;
    }
    return "";
}

static int by_key(const void *key, const void *value)
{
    return strcasecmp(key, ((const struct index_value *)value)->key);
}

const struct index_value *rules_index_value(const struct rules *r, const char *key)
{
    const struct price_index *x = r->prices;
    return x && *key ? bsearch(key, x->values, x->n, sizeof *x->values, by_key) : NULL;
}

char *rules_index_words(const struct index_value *value, char *out, size_t size)
{
    char number[AMOUNT_DECIMAL_SIZE];
    snprintf(out, size, "%.80s x %s", value->key, decimal_text((struct decimal){ value->ppm, 6 }, number));
    return out;
}
