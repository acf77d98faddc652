/* text.c - growing text, JSON strings, percent and base64 coding. */
#include "sandbox/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void *mem_new(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        abort();
    return p;
}

char *mem_dup(const char *s, size_t n)
{
    char *p = mem_new(n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

static void otext_room(struct otext *t, size_t n)
{
    if (t->cap - t->n > n)
        return;
    size_t cap = t->cap ? t->cap * 2 : 256;
    while (cap - t->n <= n)
        cap *= 2;
    char *p = realloc(t->p, cap);
    if (!p)
        abort();
    t->p = p;
    t->cap = cap;
}

void otext_add(struct otext *t, const void *p, size_t n)
{
    otext_room(t, n);
    if (n)
        memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = '\0';
}

void otext_str(struct otext *t, const char *s)
{
    otext_add(t, s, strlen(s));
}

void otext_char(struct otext *t, char c)
{
    otext_add(t, &c, 1);
}

void otext_fmt(struct otext *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    otext_room(t, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(t->p + t->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    t->n += (size_t)n;
}

/* Length of the UTF-8 sequence at s, 0 when it is not one. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    unsigned char c = s[0];
    size_t len = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (len == 0 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f) || (c == 0xf0 && s[1] < 0x90) ||
        (c == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

static void json_escape(struct otext *t, unsigned char c)
{
    static const char names[] = "\"\"\\\\\nn\rr\tt\bb\ff";
    const char *at = strchr(names, c);
    for (size_t i = 0; at && i + 1 < sizeof names; i += 2)
        if (names[i] == (char)c) {
            otext_char(t, '\\');
            otext_char(t, names[i + 1]);
            return;
        }
    otext_fmt(t, "\\u%04x", c);
}

void otext_json(struct otext *t, const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    otext_char(t, '"');
    for (size_t i = 0; i < n;) {
        size_t plain = i;
        while (plain < n && p[plain] >= 0x20 && p[plain] < 0x80 && p[plain] != '"' && p[plain] != '\\')
            plain++;
        if (plain > i) {
            otext_add(t, p + i, plain - i);
            i = plain;
            continue;
        }
        size_t len = utf8_length(p + i, n - i);
        if (p[i] < 0x80)
            json_escape(t, p[i]);
        else if (len)
            otext_add(t, p + i, len);
        else
            otext_str(t, "\xef\xbf\xbd");
        i += len ? len : 1;
    }
    otext_char(t, '"');
}

void otext_json_str(struct otext *t, const char *s)
{
    otext_json(t, s, strlen(s));
}

void otext_double(struct otext *t, double d)
{
    char s[40];
    if (!isfinite(d)) {
        otext_str(t, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, d);
        if (strtod(s, NULL) == d)
            break;
    }
    otext_str(t, s);
    if (!strpbrk(s, ".e"))
        otext_str(t, ".0");
}

void otext_free(struct otext *t)
{
    free(t->p);
    *t = (struct otext){ 0 };
}

char *otext_take(struct otext *t)
{
    char *p = t->p;
    *t = (struct otext){ 0 };
    return p;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

size_t percent_decode(char *s, size_t n, bool plus)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        int hi = i + 2 < n && s[i] == '%' ? hex_value(s[i + 1]) : -1;
        int lo = hi >= 0 ? hex_value(s[i + 2]) : -1;
        if (lo >= 0) {
            s[out++] = (char)(hi * 16 + lo);
            i += 2;
        } else {
            s[out++] = plus && s[i] == '+' ? ' ' : s[i];
        }
    }
    s[out] = '\0';
    return out;
}

char *query_param(const char *query, const char *name)
{
    size_t want = strlen(name);
    for (const char *p = query; p && *p;) {
        size_t n = strcspn(p, "&");
        if (n > want && p[want] == '=' && memcmp(p, name, want) == 0) {
            char *value = mem_dup(p + want + 1, n - want - 1);
            percent_decode(value, n - want - 1, true);
            return value;
        }
        p += n + (p[n] == '&');
    }
    return NULL;
}

static int base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

long otext_base64_decode(const char *in, size_t n, unsigned char *out)
{
    unsigned acc = 0;
    int bits = 0, pad = 0;
    size_t count = 0;
    long len = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)in[i];
        if (c == '\r' || c == '\n' || c == ' ' || c == '\t')
            continue;
        count++;
        if (c == '=') {
            pad++;
            continue;
        }
        int v = base64_value(c);
        if (v < 0 || pad)
            return -1;
        acc = (acc << 6 | (unsigned)v) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[len++] = (unsigned char)(acc >> bits);
        }
    }
    if (count % 4 || pad > 2 || (acc & ((1U << bits) - 1)))
        return -1;
    return len;
}

void otext_copy(char *out, size_t size, const char *in)
{
    size_t n = strnlen(in, size - 1);
    memcpy(out, in, n);
    out[n] = '\0';
}

bool same_name(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}
