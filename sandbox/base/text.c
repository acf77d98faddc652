/* text.c - see text.h. */
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

/* Makes room for n more bytes and a NUL. */
static bool room(struct text *t, size_t n)
{
    if (t->max && (t->failed || n > t->max || t->n > t->max - n)) {
        t->failed = true;
        return false;
    }
    if (t->cap - t->n > n)
        return true;
    size_t cap = t->cap ? t->cap * 2 : 256;
    while (cap - t->n <= n)
        cap *= 2;
    char *p = realloc(t->p, cap);
    if (!p)
        abort();
    t->p = p;
    t->cap = cap;
    return true;
}

bool text_add(struct text *t, const void *p, size_t n)
{
    if (!room(t, n))
        return false;
    if (n)
        memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = '\0';
    return true;
}

bool text_str(struct text *t, const char *s)
{
    return text_add(t, s, strlen(s));
}

bool text_char(struct text *t, char c)
{
    return text_add(t, &c, 1);
}

bool text_fmt(struct text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    if (!room(t, (size_t)n))
        return false;
    va_start(ap, fmt);
    vsnprintf(t->p + t->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    t->n += (size_t)n;
    return true;
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

static void json_escape(struct text *t, unsigned char c)
{
    static const char names[] = "\"\"\\\\\nn\rr\tt\bb\ff";
    const char *at = strchr(names, c);
    for (size_t i = 0; at && i + 1 < sizeof names; i += 2)
        if (names[i] == (char)c) {
            text_char(t, '\\');
            text_char(t, names[i + 1]);
            return;
        }
    text_fmt(t, "\\u%04x", c);
}

void text_json(struct text *t, const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    text_char(t, '"');
    for (size_t i = 0; i < n;) {
        size_t plain = i;
        while (plain < n && p[plain] >= 0x20 && p[plain] < 0x80 && p[plain] != '"' && p[plain] != '\\')
            plain++;
        if (plain > i) {
            text_add(t, p + i, plain - i);
            i = plain;
            continue;
        }
        size_t len = utf8_length(p + i, n - i);
        if (p[i] < 0x80)
            json_escape(t, p[i]);
        else if (len)
            text_add(t, p + i, len);
        else
            text_str(t, "\xef\xbf\xbd");
        i += len ? len : 1;
    }
    text_char(t, '"');
}

void text_json_str(struct text *t, const char *s)
{
    text_json(t, s, strlen(s));
}

void real_text(double d, char out[REAL_TEXT_MAX])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, REAL_TEXT_MAX, "%.*g", digits, d);
        if (strtod(out, NULL) == d)
            break;
    }
}

void text_double(struct text *t, double d)
{
    char s[REAL_TEXT_MAX];
    if (!isfinite(d)) {
        text_str(t, "null");
        return;
    }
    real_text(d, s);
    text_str(t, s);
    if (!strpbrk(s, ".e"))
        text_str(t, ".0");
}

void text_free(struct text *t)
{
    free(t->p);
    *t = (struct text){ .max = t->max };
}

char *text_take(struct text *t, size_t *n)
{
    char *p = t->failed ? NULL : t->p;
    if (n)
        *n = p ? t->n : 0;
    if (!p)
        free(t->p);
    *t = (struct text){ .max = t->max };
    return p;
}

void copy_text(char *out, size_t size, const char *in)
{
    size_t n = strnlen(in, size - 1);
    memcpy(out, in, n);
    out[n] = '\0';
}

bool same_name(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}
