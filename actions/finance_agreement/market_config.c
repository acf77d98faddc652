/* market_config.c - words, the setting RATE_PROVIDERS, and what a provider is asked. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/finance_agreement/market.h"

static const struct {
    const char *name;
    int score;
} tiers[] = { { "all", 720 },        { "super_prime", 815 }, { "prime", 720 },
              { "near_prime", 630 }, { "subprime", 550 },    { "deep_subprime", 400 } };

const char *market_condition_name(enum market_condition condition)
{
    return condition == MARKET_USED ? "used" : "new";
}

const char *market_tier_name(enum market_tier tier)
{
    return tiers[tier].name;
}

int market_tier_score(enum market_tier tier)
{
    return tiers[tier].score;
}

bool market_tier_find(const char *name, enum market_tier *out)
{
    for (size_t i = 0; name && i < sizeof tiers / sizeof *tiers; i++)
        if (!strcmp(name, tiers[i].name)) {
            *out = (enum market_tier)i;
            return true;
        }
    return false;
}

/* Copies a member that must be text of at most size - 1 bytes. False when it is there and is not. */
static bool text_member(const json_t *object, const char *key, char *out, size_t size)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return true;
    if (!json_is_string(value) || json_string_length(value) >= size ||
        strlen(json_string_value(value)) != json_string_length(value))
        return false;
    memcpy(out, json_string_value(value), json_string_length(value) + 1);
    return true;
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(word, *list))
            return true;
    return false;
}

/* Where faults go: one a line, as far as there is room. */
struct faults {
    char *text;
    size_t size, used;
    int count;
    size_t entry; /* counted from 1 */
};

static void fault(struct faults *f, const char *what)
{
    char line[160];
    int n = snprintf(line, sizeof line, "%sentry %zu %s", f->count++ ? "\n" : "", f->entry, what);
    for (int i = 0; i < n && f->used + 1 < f->size; i++)
        f->text[f->used++] = line[i];
    if (f->size)
        f->text[f->used] = '\0';
}

static void read_texts(const json_t *item, struct market_provider *p, char shape[8], char basis[8], struct faults *f)
{
    const struct {
        const char *key;
        char *out;
        size_t size;
    } texts[] = {
        { "id", p->id, sizeof p->id },
        { "url", p->url, sizeof p->url },
        { "kind", p->kind, sizeof p->kind },
        { "currency", p->currency, sizeof p->currency },
        { "pointer", p->pointer, sizeof p->pointer },
        { "name", p->name, sizeof p->name },
        { "shape", shape, 8 },
        { "basis", basis, 8 },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char what[80];
        if (text_member(item, texts[i].key, texts[i].out, texts[i].size))
            continue;
        snprintf(what, sizeof what, "has a %s that is no text of at most %zu bytes", texts[i].key, texts[i].size - 1);
        fault(f, what);
    }
}

/* Reports all that is wrong with one entry. */
static void read_provider(const json_t *item, struct market_provider *p, struct faults *f)
{
    static const char *const kinds[] = { "bank", "credit_union", "captive", "aggregator", NULL };
    static const char *const shapes[] = { "terms", "quotes", NULL };
    static const char *const bases[] = { "", "nominal", "apr_us", "apr_eu", NULL };
    char shape[8] = "", basis[8] = "";
    *p = (struct market_provider){ .kind = "bank", .currency = "USD" };
    if (!json_is_object(item)) {
        fault(f, "is no JSON object");
        return;
    }
    read_texts(item, p, shape, basis, f);
    if (!*p->id || strspn(p->id, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(p->id))
        fault(f, "needs an id of a-z, 0-9, - and _");
    if (!*p->name)
        memcpy(p->name, p->id, sizeof p->id);
    if (*p->name && !market_name_ok(p->name))
        fault(f, "has a name that is not made of letters, digits and plain punctuation");
    if (!is_one_of(p->kind, kinds))
        fault(f, "has a kind that is none of bank, credit_union, captive, aggregator");
    if (strncmp(p->url, "https://", 8) && strncmp(p->url, "http://", 7))
        fault(f, "needs an https url");
    if (!is_one_of(shape, shapes))
        fault(f, "needs a shape, terms or quotes");
    p->shape = *shape == 't' ? MARKET_SHAPE_TERMS : MARKET_SHAPE_QUOTES;
    if (*p->pointer && *p->pointer != '/')
        fault(f, "has a pointer that does not begin with /");
    if (!*p->pointer)
        strncpy(p->pointer, *shape == 't' ? "/apr" : "/quotes", sizeof p->pointer - 1);
    if (!is_one_of(basis, bases))
        fault(f, "has a basis that is none of nominal, apr_us, apr_eu");
    p->basis = !strcmp(basis, "apr_us") ? MARKET_APR_US : !strcmp(basis, "apr_eu") ? MARKET_APR_EU : MARKET_NOMINAL;
}

int market_providers_parse(const char *text, struct market_provider out[MARKET_PROVIDERS], char *why, size_t size)
{
    if (!text || !*text)
        return 0;
    json_error_t error;
    json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    struct faults f = { .text = why, .size = size };
    size_t n = json_array_size(list);
    if (!json_is_array(list)) {
        snprintf(why, size, "must be a JSON array of objects");
        f.count++;
    } else if (n > MARKET_PROVIDERS) {
        snprintf(why, size, "must name at most %d providers", MARKET_PROVIDERS);
        f.count++;
    } else {
        for (size_t i = 0; i < n; i++) {
            f.entry = i + 1;
            read_provider(json_array_get(list, i), &out[i], &f);
            for (size_t k = 0; *out[i].id && k < i; k++)
                if (!strcmp(out[i].id, out[k].id))
                    fault(&f, "has the id of another");
        }
    }
    json_decref(list);
    return f.count ? -1 : (int)n;
}

/* Appends percent-encoded text. */
static bool put_encoded(char *out, size_t *n, size_t size, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (*n + 4 > size)
            return false;
        if (isalnum(c) || strchr("-._~", c))
            out[(*n)++] = (char)c;
        else
            *n += (size_t)snprintf(out + *n, size - *n, "%%%02X", c);
    }
    return true;
}

/* The value behind {name}, "" when it is unknown. False when there is no such name. */
static bool placeholder_value(const char *name, size_t length, const struct market_request *r, char *out, size_t size)
{
    const struct {
        const char *name, *text;
        int number, unknown; /* when text is NULL; `unknown` is the number that says nothing */
    } values[] = {
        { "termMonths", NULL, r->term_months, 0 },
        { "creditScore", NULL, market_tier_score(r->tier), 0 },
        { "condition", market_condition_name(r->condition), 0, 0 },
        { "currency", r->currency, 0, 0 },
        { "year", NULL, r->year, 0 },
        { "mileage", NULL, r->mileage, 0 },
        { "vehicleAge", NULL, r->age, -1 },
        { "make", r->make ? r->make : "", 0, 0 },
        { "model", r->model ? r->model : "", 0, 0 },
        { "vin", r->vin ? r->vin : "", 0, 0 },
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strlen(values[i].name) != length || strncmp(values[i].name, name, length))
            continue;
        *out = '\0';
        if (values[i].text)
            snprintf(out, size, "%s", values[i].text);
        else if (values[i].number != values[i].unknown)
            snprintf(out, size, "%d", values[i].number);
        return true;
    }
    return false;
}

bool market_url(const struct market_provider *provider, const struct market_request *request, char out[MARKET_URL * 2])
{
    char value[128];
    size_t n = 0, size = MARKET_URL * 2;
    for (const char *p = provider->url; *p; p++) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (end && placeholder_value(p + 1, (size_t)(end - p - 1), request, value, sizeof value)) {
            if (!put_encoded(out, &n, size, value))
                return false;
            p = end;
        } else if (n + 1 < size) {
            out[n++] = *p;
        } else {
            return false;
        }
    }
    out[n] = '\0';
    return true;
}
