/* schema_value.c - dates, ids, decimals and equality of JSON values. */
#include "runtime/schema/schema_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/base/limits.h"
#include "runtime/base/record_id.h"

size_t value_code_points(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

/* ---- dates ---- */

/* Takes exactly `digits` digits off the front; -1 when they are not there. */
static int take_number(struct span *s, size_t digits)
{
    int v = 0;
    if (s->n < digits)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        if (!char_digit(s->p[i]))
            return -1;
        v = v * 10 + (s->p[i] - '0');
    }
    s->p += digits;
    s->n -= digits;
    return v;
}

static bool take_char(struct span *s, char c)
{
    if (!s->n || *s->p != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool take_date(struct span *s)
{
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = take_number(s, 4);
    if (year < 0 || !take_char(s, '-'))
        return false;
    int month = take_number(s, 2);
    if (month < 1 || month > 12 || !take_char(s, '-'))
        return false;
    int day = take_number(s, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= days[month - 1] && (month != 2 || day < 29 || leap);
}

bool value_is_date(struct span s)
{
    return take_date(&s) && s.n == 0;
}

/* Z or +hh:mm; *minutes is what must be taken off to get UTC. */
static bool take_offset(struct span *s, int *minutes)
{
    *minutes = 0;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    int sign = take_char(s, '+') ? 1 : take_char(s, '-') ? -1 : 0;
    if (!sign)
        return false;
    int hours = take_number(s, 2);
    if (hours < 0 || hours > 23 || !take_char(s, ':'))
        return false;
    int rest = take_number(s, 2);
    *minutes = sign * (hours * 60 + rest);
    return rest >= 0 && rest <= 59;
}

bool value_is_date_time(struct span s)
{
    int offset;
    if (!take_date(&s) || !(take_char(&s, 'T') || take_char(&s, 't')))
        return false;
    int hour = take_number(&s, 2);
    if (hour < 0 || hour > 23 || !take_char(&s, ':'))
        return false;
    int minute = take_number(&s, 2);
    if (minute < 0 || minute > 59 || !take_char(&s, ':'))
        return false;
    int second = take_number(&s, 2);
    if (second < 0 || second > 60)
        return false;
    if (take_char(&s, '.')) {
        if (take_number(&s, 1) < 0)
            return false;
        while (take_number(&s, 1) >= 0)
            ;
    }
    if (!take_offset(&s, &offset) || s.n)
        return false;
    int utc = ((hour * 60 + minute - offset) % 1440 + 1440) % 1440;
    return second < 60 || utc == 23 * 60 + 59;
}

/* ---- record ids ---- */

enum id_verdict value_is_salesforce_id(struct span s)
{
    char id[RECORD_ID_SIZE];
    if (!record_id_long(s, id))
        return ID_SHAPE;
    return record_id_check(s, id) ? ID_OK : ID_CHECKSUM;
}

/* ---- numbers ---- */

/* mantissa * 10^exponent, the mantissa not ending in 0 */
struct decimal {
    long long mantissa;
    int exponent;
};

static struct decimal decimal_of(const json_t *v)
{
    struct decimal d = { 0, 0 };
    if (json_is_integer(v)) {
        d.mantissa = json_integer_value(v);
    } else {
        char text[40]; /* d.dddddddddddddde+ddd */
        snprintf(text, sizeof text, "%.14e", json_real_value(v));
        char *e = strchr(text, 'e'), *point = strchr(text, '.');
        if (!e || !point)
            return d;
        d.exponent = (int)strtol(e + 1, NULL, 10) - (int)(e - point - 1);
        memmove(point, point + 1, (size_t)(e - point - 1));
        e[-1] = '\0';
        d.mantissa = strtoll(text, NULL, 10);
    }
    while (d.mantissa && d.mantissa % 10 == 0) {
        d.mantissa /= 10;
        d.exponent++;
    }
    return d;
}

bool value_is_multiple(const json_t *value, const json_t *of)
{
    struct decimal v = decimal_of(value), m = decimal_of(of);
    if (v.mantissa == 0)
        return true;
    if (m.mantissa <= 0 || v.exponent < m.exponent) {
        /* v = k * m * 10^j with j > 0: the mantissa of v would end in 0 unless m brings the missing 2s and 5s */
        int shift = m.exponent - v.exponent;
        if (m.mantissa <= 0 || shift > 18)
            return false;
        __int128 divisor = m.mantissa;
        for (int i = 0; i < shift; i++)
            divisor *= 10;
        return v.mantissa % divisor == 0;
    }
    __int128 rest = v.mantissa % m.mantissa;
    for (int i = v.exponent - m.exponent; i > 0 && rest; i--)
        rest = rest * 10 % m.mantissa;
    return rest == 0;
}

int value_compare(const json_t *a, const json_t *b)
{
    /* a long double holds every int64 and every double exactly */
    long double x = json_is_integer(a) ? (long double)json_integer_value(a) : (long double)json_real_value(a);
    long double y = json_is_integer(b) ? (long double)json_integer_value(b) : (long double)json_real_value(b);
    return (x > y) - (x < y);
}

/* ---- equality, by a text that equal values share ---- */

static bool canonical(struct buf *out, const json_t *v, int depth);

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool canonical_object(struct buf *out, const json_t *v, int depth)
{
    size_t n = 0, total = json_object_size(v);
    const char **keys = calloc(total + 1, sizeof *keys);
    const char *key;
    json_t *member;
    bool ok = keys != NULL;
    if (ok) {
        json_object_foreach ((json_t *)v, key, member)
            keys[n++] = key;
        qsort(keys, n, sizeof *keys, by_text);
    }
    buf_char(out, '{');
    for (size_t i = 0; ok && i < n; i++)
        ok = buf_json_string(out, span_of(keys[i])) && buf_char(out, ':') &&
             canonical(out, json_object_get(v, keys[i]), depth + 1) && buf_char(out, ',');
    free(keys);
    return ok && buf_char(out, '}');
}

static bool canonical_real(struct buf *out, double v)
{
    if (v == floor(v) && fabs(v) < 9.2e18)
        return buf_fmt(out, "%lld", (long long)v);
    return buf_fmt(out, "%.17g", v);
}

static bool canonical(struct buf *out, const json_t *v, int depth)
{
    bool ok = true;
    if (depth > LIMIT_JSON_DEPTH)
        return false;
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return canonical_object(out, v, depth);
    case JSON_ARRAY:
        buf_char(out, '[');
        for (size_t i = 0; ok && i < json_array_size(v); i++)
            ok = canonical(out, json_array_get(v, i), depth + 1) && buf_char(out, ',');
        return ok && buf_char(out, ']');
    case JSON_STRING:
        return buf_json_string(out, (struct span){ json_string_value(v), json_string_length(v) });
    case JSON_INTEGER:
        return buf_fmt(out, "%lld", (long long)json_integer_value(v));
    case JSON_REAL:
        return canonical_real(out, json_real_value(v));
    case JSON_TRUE:
        return buf_str(out, "true");
    case JSON_FALSE:
        return buf_str(out, "false");
    case JSON_NULL:
        return buf_str(out, "null");
    }
    return false;
}

/* More than any request may hold: escapes make a string at most six times longer. */
enum { CANONICAL_MAX = 8 * LIMIT_BODY_MAX };

bool value_equal(const json_t *a, const json_t *b)
{
    if (json_is_string(a) || json_is_string(b))
        return json_equal(a, b);
    struct buf x, y;
    buf_init(&x, CANONICAL_MAX);
    buf_init(&y, CANONICAL_MAX);
    bool same = canonical(&x, a, 0) && canonical(&y, b, 0) && x.n == y.n && memcmp(x.p, y.p, x.n) == 0;
    buf_free(&x);
    buf_free(&y);
    return same;
}

struct element {
    const char *text;
    size_t offset, index;
};

static int by_element(const void *a, const void *b)
{
    const struct element *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

bool value_has_twins(const json_t *array, size_t *first, size_t *second)
{
    size_t n = json_array_size(array);
    struct element *v = n < 2 ? NULL : calloc(n, sizeof *v);
    struct buf text;
    bool ok = true, twins = false;
    if (n < 2)
        return false;
    *first = *second = 0;
    buf_init(&text, CANONICAL_MAX);
    for (size_t i = 0; v && ok && i < n; i++) {
        v[i] = (struct element){ .offset = text.n, .index = i };
        ok = canonical(&text, json_array_get(array, i), 0) && buf_add(&text, "", 1);
    }
    if (v && ok) {
        for (size_t i = 0; i < n; i++)
            v[i].text = text.p + v[i].offset;
        qsort(v, n, sizeof *v, by_element);
        for (size_t i = 1; i < n && !twins; i++) {
            twins = strcmp(v[i - 1].text, v[i].text) == 0;
            *first = v[i - 1].index;
            *second = v[i].index;
        }
    }
    buf_free(&text);
    bool clear = v && ok && !twins;
    free(v);
    return !clear;
}
