/* index_read.c - the answer of a price index: its date, its figures, and what makes it unfit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions/quotes/day.h"
#include "actions/quotes/index.h"

enum { SKEW_S = 300 /* how far another clock may be ahead */, KEY_MAX = 80, PPM_PLACES = 6 };

/* ---- dates ---- */

/* Two digits at `p`, at most `max`; -1 when they are none. */
static int two_digits(const char *p, int max)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return -1;
    int n = (p[0] - '0') * 10 + p[1] - '0';
    return n <= max ? n : -1;
}

/* "Z" or "+02:00" at the end of a time, as seconds. */
static bool read_zone(const char *p, int *seconds)
{
    *seconds = 0;
    if (strcmp(p, "Z") == 0)
        return true;
    if ((*p != '+' && *p != '-') || strlen(p) != 6 || p[3] != ':')
        return false;
    int hours = two_digits(p + 1, 14), minutes = two_digits(p + 4, 59);
    *seconds = (*p == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours >= 0 && minutes >= 0;
}

/* "2026-05-01", its beginning in UTC, or "2026-05-01T06:00:00Z" with or without a fraction. */
static bool read_moment(const char *text, int64_t *out)
{
    char date[11] = "";
    int32_t day;
    int zone;
    size_t n = text ? strlen(text) : 0;
    if (n < 10 || n >= INDEX_DATE_SIZE)
        return false;
    memcpy(date, text, 10);
    if (!day_read(date, &day))
        return false;
    *out = (int64_t)day * DAY_SECONDS;
    if (n == 10)
        return true;
    if (n < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return false;
    int hour = two_digits(text + 11, 23), minute = two_digits(text + 14, 59), second = two_digits(text + 17, 60);
    const char *rest = text + 19;
    if (*rest == '.') {
        size_t digits = strspn(rest + 1, "0123456789");
        if (digits == 0)
            return false;
        rest += 1 + digits;
    }
    if (hour < 0 || minute < 0 || second < 0 || !read_zone(rest, &zone))
        return false;
    *out += hour * 3600 + minute * 60 + second - zone;
    return true;
}

/* ---- figures ---- */

static bool fail(struct price_index *x, const char *failure)
{
    x->failure = failure;
    return false;
}

/* A factor as millionths, rounded there. */
static bool read_factor(const json_t *number, struct price_index *x, int32_t *ppm)
{
    int64_t value;
    if (!json_is_number(number))
        return fail(x, "not_a_number");
    if (!amount_read(number, PPM_PLACES, &value) || value < INDEX_PPM_MIN || value > INDEX_PPM_MAX)
        return fail(x, "out_of_bounds");
    *ppm = (int32_t)value;
    return true;
}

/* What is shown has no control characters. */
static bool printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

/* The key as lines have it; NULL for one that no line can have. */
static const char *key_of(const char *key, const struct rules *r)
{
    int country = r->index.of == INDEX_COUNTRY ? country_find(key) : -1;
    if (r->index.of == INDEX_COUNTRY)
        return country < 0 ? NULL : country_code(country);
    return *key && strlen(key) <= KEY_MAX && printable(key) ? key : NULL;
}

static int by_key(const void *a, const void *b)
{
    return strcasecmp(((const struct index_value *)a)->key, ((const struct index_value *)b)->key);
}

static bool read_values(const json_t *values, const struct rules *r, struct price_index *x)
{
    const char *key;
    json_t *number;
    if (json_object_size(values) == 0)
        return fail(x, "no_values");
    if (json_object_size(values) > INDEX_VALUES)
        return fail(x, "too_large");
    json_object_foreach ((json_t *)values, key, number) {
        struct index_value *value = &x->values[x->n];
        if (!read_factor(number, x, &value->ppm))
            return false;
        value->key = key_of(key, r);
        x->n += value->key != NULL;
    }
    qsort(x->values, x->n, sizeof *x->values, by_key);
    for (size_t i = 1; i < x->n; i++)
        if (by_key(&x->values[i - 1], &x->values[i]) == 0)
            return fail(x, "two_values");
    return true;
}

/* The name of who says so is shown: no empty one, and no control characters. */
static bool read_source(const char *source, struct price_index *x)
{
    if (!source || !*source || strlen(source) >= sizeof x->source || !printable(source))
        return fail(x, "no_source");
    snprintf(x->source, sizeof x->source, "%s", source);
    return true;
}

bool index_read(const json_t *body, const struct rules *r, int64_t now, struct price_index *x)
{
    const char *as_of = json_string_value(json_object_get(body, "asOf"));
    int64_t moment;
    memset(x, 0, sizeof *x);
    if (!read_moment(as_of, &moment))
        return fail(x, "no_date");
    snprintf(x->as_of, sizeof x->as_of, "%s", as_of);
    if (moment > now + SKEW_S)
        return fail(x, "future");
    x->age_s = now > moment ? now - moment : 0;
    if (x->age_s > (int64_t)r->index.max_age_h * 3600)
        return fail(x, "stale");
    return read_source(json_string_value(json_object_get(body, "source")), x) &&
           read_values(json_object_get(body, "values"), r, x);
}

/* ---- what a job keeps ---- */

json_t *index_keep(const struct price_index *x)
{
    if (x->failure)
        return json_pack("{s:s, s:s}", "failure", x->failure, "asOf", x->as_of);
    json_t *values = json_object();
    for (size_t i = 0; i < x->n; i++)
        json_object_set_new(values, x->values[i].key, json_integer(x->values[i].ppm));
    return json_pack("{s:s, s:s, s:I, s:o}", "source", x->source, "asOf", x->as_of, "age", (json_int_t)x->age_s,
                     "values", values);
}

bool index_kept(const json_t *kept, const struct rules *r, struct price_index *x)
{
    const char *failure = json_string_value(json_object_get(kept, "failure")), *key;
    const char *source = json_string_value(json_object_get(kept, "source"));
    const char *as_of = json_string_value(json_object_get(kept, "asOf"));
    const json_t *values = json_object_get(kept, "values");
    json_t *number;
    memset(x, 0, sizeof *x);
    snprintf(x->as_of, sizeof x->as_of, "%s", as_of ? as_of : "");
    x->failure = failure;
    if (failure)
        return true;
    if (!source || !json_is_object(values) || json_object_size(values) > INDEX_VALUES || !read_source(source, x))
        return false;
    x->age_s = json_integer_value(json_object_get(kept, "age"));
    json_object_foreach ((json_t *)values, key, number) {
        json_int_t ppm = json_integer_value(number);
        const char *own = key_of(key, r);
        if (!own || ppm < INDEX_PPM_MIN || ppm > INDEX_PPM_MAX)
            return false;
        x->values[x->n++] = (struct index_value){ own, (int32_t)ppm };
    }
    qsort(x->values, x->n, sizeof *x->values, by_key);
    return true;
}
