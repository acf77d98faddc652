/* json_text.c - writes JSON values as text. */
#include "runtime/base/json_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/encoding.h"

enum { DEPTH_MAX = 2048, NUMBER_MAX = 32, PLACES = 5, PLACES_POWER = 100000 };

/* k of this size has at most 15 digits, and "%.15g" writes k / 10^5 without an exponent. */
#define FIXED_MIN 10
#define FIXED_MAX 1e15

/* The decimal digits of n, written backwards from `end`. Returns where they begin. */
static char *digits(uint64_t n, char *end)
{
    do
        *--end = (char)('0' + n % 10);
    while (n /= 10);
    return end;
}

static bool add_integer(struct buf *b, int64_t v)
{
    char text[NUMBER_MAX], *end = text + sizeof text;
    char *p = digits(v < 0 ? -(uint64_t)v : (uint64_t)v, end);
    if (v < 0)
        *--p = '-';
    return buf_add(b, p, (size_t)(end - p));
}

/*
 * A number that is k / 10^5, as measures and money are. A decimal of up to 15 digits is what "%.15g" prints of the
 * double nearest to it (DBL_DIG), and the division gives that double.
 */
static bool add_fixed(struct buf *b, double v, int64_t k)
{
    char text[NUMBER_MAX], *end = text + sizeof text, *p = end;
    uint64_t n = k < 0 ? -(uint64_t)k : (uint64_t)k;
    int places = PLACES;
    while (places > 1 && n % 10 == 0) {
        n /= 10;
        places--;
    }
    for (; places > 0; places--, n /= 10)
        *--p = (char)('0' + n % 10);
    *--p = '.';
    p = digits(n, p);
    if (v < 0)
        *--p = '-';
    return buf_add(b, p, (size_t)(end - p));
}

/* Any other number: as "%.15g", with a point or exponent that tells it from an integer, and the exponent's sign and
 * zeros only where they mean something. */
static bool add_general(struct buf *b, double v)
{
    char text[NUMBER_MAX];
    int n = snprintf(text, sizeof text - 2, "%.15g", v);
    char *e = memchr(text, 'e', (size_t)n);
    if (!e)
        return buf_add(b, text, (size_t)n) && (memchr(text, '.', (size_t)n) || buf_add(b, ".0", 2));
    char *power = e + 1 + (e[1] == '+' || e[1] == '-'), *end = text + n;
    while (*power == '0')
        power++;
    return buf_add(b, text, (size_t)(e + 1 + (e[1] == '-') - text)) && buf_add(b, power, (size_t)(end - power));
}

static bool add_real(struct buf *b, double v)
{
    double k = rint(v * PLACES_POWER);
    if (!isfinite(v))
        return !(b->failed = true);
    if (fabs(k) >= FIXED_MIN && fabs(k) < FIXED_MAX && k / PLACES_POWER == v)
        return add_fixed(b, v, (int64_t)k);
    return add_general(b, v);
}

static bool add_value(struct buf *b, const json_t *v, int depth);

static bool add_array(struct buf *b, const json_t *v, int depth)
{
    size_t n = json_array_size(v);
    bool ok = buf_char(b, '[');
    for (size_t i = 0; ok && i < n; i++)
        ok = (i == 0 || buf_char(b, ',')) && add_value(b, json_array_get(v, i), depth);
    return ok && buf_char(b, ']');
}

static bool add_object(struct buf *b, const json_t *v, int depth)
{
    json_t *object = (json_t *)v; /* jansson's iterators take no const; nothing is changed */
    bool ok = buf_char(b, '{'), first = true;
    for (void *i = json_object_iter(object); ok && i; i = json_object_iter_next(object, i), first = false)
        ok = (first || buf_char(b, ',')) && buf_json_string(b, span_of(json_object_iter_key(i))) && buf_char(b, ':') &&
             add_value(b, json_object_iter_value(i), depth);
    return ok && buf_char(b, '}');
}

/* `depth` says how many arrays and objects may still be opened. */
static bool add_value(struct buf *b, const json_t *v, int depth)
{
    bool opens = json_is_array(v) || json_is_object(v);
    switch (!v || (opens && depth == 0) ? -1 : (int)json_typeof(v)) {
    case JSON_OBJECT:
        return add_object(b, v, depth - 1);
    case JSON_ARRAY:
        return add_array(b, v, depth - 1);
    case JSON_STRING:
        return buf_json_string(b, (struct span){ json_string_value(v), json_string_length(v) });
    case JSON_INTEGER:
        return add_integer(b, json_integer_value(v));
    case JSON_REAL:
        return add_real(b, json_real_value(v));
    case JSON_TRUE:
        return buf_str(b, "true");
    case JSON_FALSE:
        return buf_str(b, "false");
    case JSON_NULL:
        return buf_str(b, "null");
    default:
        return !(b->failed = true);
    }
}

bool buf_json(struct buf *b, const json_t *json)
{
    return add_value(b, json, DEPTH_MAX);
}
