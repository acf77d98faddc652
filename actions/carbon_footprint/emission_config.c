/* emission_config.c - the setting EMISSION_PROVIDER, and what the provider is asked. */
#include "emission.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = { "measured", "announced", "modelled" };
static const char *const pers[] = { "flight", "km", "passenger", "passenger_km" };
static const struct {
    const char *name;
    double kg;
} units[] = { { "kg", 1 }, { "g", 0.001 }, { "t", 1000 }, { "lb", 0.45359237 } };

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Where faults go: one a line, as far as there is room. */
struct faults {
    char *text;
    size_t size, used;
    int count;
};

static void fault(struct faults *f, const char *what)
{
    size_t n = strlen(what) + (f->count > 0);
    if (f->used + n < f->size)
        f->used += (size_t)snprintf(f->text + f->used, f->size - f->used, "%s%s", f->count ? "\n" : "", what);
    f->count++;
}

/* Copies a text of at most size - 1 bytes. */
static void text_member(const json_t *object, const char *key, char *out, size_t size, struct faults *f)
{
    const json_t *value = json_object_get(object, key);
    char what[80];
    *out = '\0';
    if (!value)
        return;
    if (json_is_string(value) && json_string_length(value) < size &&
        strlen(json_string_value(value)) == json_string_length(value)) {
        memcpy(out, json_string_value(value), json_string_length(value) + 1);
        return;
    }
    snprintf(what, sizeof what, "has a %s that is no text of at most %zu bytes", key, size - 1);
    fault(f, what);
}

/* Words that are shown: plain characters, so that they can carry nothing else. */
static bool plain(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,&'()_/-";
    return strspn(text, allowed) == strlen(text);
}

/* Position of a word in a list, or -1. */
static int position(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return (int)i;
    return -1;
}

static void read_words(const json_t *json, struct emission_provider *p, struct faults *f)
{
    char word[16];
    static const char *const scopes[] = { "co2", "co2e", "co2e_rf" };
    text_member(json, "kind", p->kind, sizeof p->kind, f);
    if (position(p->kind, kinds, COUNT(kinds)) < 0)
        fault(f, "needs a kind: measured, announced or modelled");
    text_member(json, "figure", word, sizeof word, f);
    int at = position(word, pers, COUNT(pers));
    if (at < 0)
        fault(f, "needs a figure, what one is of: flight, km, passenger or passenger_km");
    p->per = at < 0 ? EMISSION_PER_FLIGHT : (enum emission_per)at;
    text_member(json, "covers", word, sizeof word, f);
    at = position(word, scopes, COUNT(scopes));
    if (at < 0)
        fault(f, "needs covers: co2, co2e or co2e_rf (with non-CO2 effects), each without well-to-tank");
    p->scope = at < 0 ? EMISSION_CO2 : (enum emission_scope)at;
    text_member(json, "unit", p->unit, sizeof p->unit, f);
    for (size_t i = 0; i < COUNT(units); i++)
        if (strcmp(p->unit, units[i].name) == 0)
            p->kg = units[i].kg;
    if (p->kg == 0)
        fault(f, "needs a unit: kg, g, t or lb");
}

static void read_pointers(const json_t *json, struct emission_provider *p, struct faults *f)
{
    text_member(json, "pointer", p->pointer, sizeof p->pointer, f);
    text_member(json, "unitPointer", p->unit_pointer, sizeof p->unit_pointer, f);
    text_member(json, "asOfPointer", p->as_of_pointer, sizeof p->as_of_pointer, f);
    if (*p->pointer != '/')
        fault(f, "needs a pointer to the figure, such as /co2/passenger");
    if ((*p->unit_pointer && *p->unit_pointer != '/') || (*p->as_of_pointer && *p->as_of_pointer != '/'))
        fault(f, "has a unitPointer or asOfPointer that does not begin with /");
    if (strstr(p->pointer, "{cabin}") && p->per != EMISSION_PER_PASSENGER && p->per != EMISSION_PER_PASSENGER_KM)
        fault(f, "has a pointer with {cabin}, which only a figure of passenger or passenger_km can have");
    const json_t *days = json_object_get(json, "maxAgeDays");
    p->max_age_days = days ? (int)json_integer_value(days) : EMISSION_AGE_DAYS;
    if (days && (!json_is_integer(days) || json_integer_value(days) < 1 || json_integer_value(days) > 3660))
        fault(f, "has a maxAgeDays that is no whole number from 1 to 3660");
    if (days && !*p->as_of_pointer)
        fault(f, "has maxAgeDays, but no asOfPointer to the date");
}

static void only_known(const json_t *json, struct faults *f)
{
    static const char *const members[] = { "id",         "name",   "kind",    "figure",      "covers",
                                           "unit",       "url",    "pointer", "unitPointer", "asOfPointer",
                                           "maxAgeDays", "method", "licence" };
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)json, key, value)
        if (position(key, members, COUNT(members)) < 0) {
            fault(f, "has a member that is not known; the description of the setting names all");
            return;
        }
}

bool emission_provider_read(const char *text, struct emission_provider *p, char *why, size_t size)
{
    struct faults f = { .text = why, .size = size };
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    memset(p, 0, sizeof *p);
    if (!json_is_object(json)) {
        fault(&f, "must be a JSON object");
        json_decref(json);
        return false;
    }
    only_known(json, &f);
    text_member(json, "id", p->id, sizeof p->id, &f);
    text_member(json, "name", p->name, sizeof p->name, &f);
    text_member(json, "url", p->url, sizeof p->url, &f);
    text_member(json, "method", p->method, sizeof p->method, &f);
    text_member(json, "licence", p->licence, sizeof p->licence, &f);
    read_words(json, p, &f);
    read_pointers(json, p, &f);
    if (!*p->id || strspn(p->id, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(p->id))
        fault(&f, "needs an id of a-z, 0-9, - and _");
    if (!*p->name || !*p->licence)
        fault(&f, "needs a name and a licence, which each answer shows");
    if (!plain(p->name) || !plain(p->licence) || !plain(p->method))
        fault(&f, "has a name, method or licence that is not made of letters, digits and plain punctuation");
    if (strncmp(p->url, "https://", 8) != 0 && strncmp(p->url, "http://", 7) != 0)
        fault(&f, "needs an https url");
    json_decref(json);
    return f.count == 0;
}

/* Appends percent-encoded text. */
static bool put_encoded(char *out, size_t *n, size_t size, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (*n + 4 > size)
            return false;
        if (c < 0x80 && (isalnum(c) || strchr("-._~", c)))
            out[(*n)++] = (char)c;
        else
            *n += (size_t)snprintf(out + *n, size - *n, "%%%02X", c);
    }
    return true;
}

/* The value behind {name}, "" when it is unknown. False when there is no such name. */
static bool put_value_of(const char *name, size_t length, const struct emission_question *q, char *out, size_t size)
{
    char from[4], to[4], km[32];
    snprintf(km, sizeof km, "%.0f", q->km);
    const struct {
        const char *name, *text;
        int max; /* bytes */
    } values[] = {
        { "origin", airport_iata(q->from, from), 3 },
        { "destination", airport_iata(q->to, to), 3 },
        { "originIcao", q->from->icao, 4 },
        { "destinationIcao", q->to->icao, 4 },
        { "distanceKm", km, 31 },
        { "aircraft", q->aircraft ? q->aircraft : "", 80 },
        { "airline", q->airline ? q->airline : "", 80 },
        { "flight", q->flight ? q->flight : "", 80 },
    };
    for (size_t i = 0; i < COUNT(values); i++) {
        if (strlen(values[i].name) != length || strncmp(values[i].name, name, length) != 0)
            continue;
        snprintf(out, size, "%.*s", values[i].max, values[i].text);
        return true;
    }
    return false;
}

bool emission_url(const struct emission_provider *p, const struct emission_question *q, char out[EMISSION_URL * 2])
{
    char value[128];
    size_t n = 0, size = EMISSION_URL * 2;
    for (const char *s = p->url; *s; s++) {
        const char *end = *s == '{' ? strchr(s, '}') : NULL;
        if (end && put_value_of(s + 1, (size_t)(end - s - 1), q, value, sizeof value)) {
            if (!put_encoded(out, &n, size, value))
                return false;
            s = end;
        } else if (n + 1 < size) {
            out[n++] = *s;
        } else {
            return false;
        }
    }
    out[n] = '\0';
    return true;
}
