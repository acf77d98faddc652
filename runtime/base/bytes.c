/* bytes.c - spans, bounded buffers, comparison, copies. */
#include "runtime/base/bytes.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/chars.h"

struct span span_of(const char *s)
{
    return (struct span){ .p = s, .n = s ? strlen(s) : 0 };
}

bool span_eq(struct span a, const char *s)
{
    size_t n = strlen(s);
    return a.n == n && (n == 0 || memcmp(a.p, s, n) == 0);
}

bool span_eq_nocase(struct span a, const char *s)
{
    size_t n = strlen(s);
    if (a.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (char_to_lower(a.p[i]) != char_to_lower(s[i]))
            return false;
    return true;
}

bool span_starts(struct span a, const char *prefix)
{
    size_t n = strlen(prefix);
    return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}

bool span_all(struct span a, bool (*is)(char c))
{
    for (size_t i = 0; i < a.n; i++)
        if (!is(a.p[i]))
            return false;
    return true;
}

struct span span_trim(struct span a)
{
    while (a.n && (a.p[0] == ' ' || a.p[0] == '\t')) {
        a.p++;
        a.n--;
    }
    while (a.n && (a.p[a.n - 1] == ' ' || a.p[a.n - 1] == '\t'))
        a.n--;
    return a;
}

bool span_split(struct span *rest, char sep, struct span *part)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, sep, rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *part = (struct span){ rest->p, n };
    size_t used = end ? n + 1 : n;
    rest->p += used;
    rest->n -= used;
    return true;
}

bool span_list_read(struct span_list *list, const char *text)
{
    struct span rest = span_of(text), part;
    struct span_list made = { .n = 0 };
    if (!rest.n || rest.p[rest.n - 1] == ',')
        return false;
    while (span_split(&rest, ',', &part)) {
        part = span_trim(part);
        if (!part.n || made.n == SPAN_LIST)
            return false;
        made.v[made.n++] = part;
    }
    *list = made;
    return true;
}

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){ .max = max };
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){ .max = b->max };
}

void buf_wipe(struct buf *b)
{
    if (b->p)
        bytes_wipe(b->p, b->cap);
    b->n = 0;
    b->failed = false;
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->failed || n > b->max || b->n > b->max - n) {
        b->failed = true;
        return NULL;
    }
    size_t need = b->n + n + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap < need)
            cap *= 2;
        if (cap > b->max + 1)
            cap = b->max + 1;
        char *p = bytes_realloc_wiped(b->p, cap);
        if (!p) {
            b->failed = true;
            return NULL;
        }
        b->p = p;
        b->cap = cap;
    }
    return b->p + b->n;
}

bool buf_add(struct buf *b, const void *p, size_t n)
{
    char *to = buf_room(b, n);
    if (!to)
        return false;
    if (n)
        memcpy(to, p, n);
    b->n += n;
    b->p[b->n] = '\0';
    return true;
}

bool buf_str(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_char(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_file(struct buf *b, const char *path)
{
    enum { PIECE = 4096 };
    size_t before = b->n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    while (fd >= 0) {
        size_t left = b->max - b->n, want = left < PIECE ? left : PIECE;
        char *to = buf_room(b, want), one; /* read in place: a secret leaves no copy elsewhere */
        n = !to ? -1 : read(fd, want ? to : &one, want ? want : 1);
        if (n <= 0 || !want)
            break;
        b->n += (size_t)n;
    }
    if (fd >= 0)
        close(fd);
    return n == 0 && b->n > before;
}

bool buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *to = n < 0 ? NULL : buf_room(b, (size_t)n);
    if (to) {
        vsnprintf(to, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    } else {
        b->failed = true;
    }
    va_end(again);
    return to != NULL;
}

char *buf_take(struct buf *b, size_t *n)
{
    char *p = b->failed ? NULL : b->p;
    if (n)
        *n = p ? b->n : 0;
    if (b->failed)
        free(b->p);
    *b = (struct buf){ .max = b->max };
    return p;
}

bool bytes_equal(const void *a, const void *b, size_t n)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char diff = 0;
    for (size_t i = 0; i < n; i++)
        diff |= x[i] ^ y[i];
    return diff == 0;
}

void bytes_wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}

void bytes_free_wiped(void *p)
{
    if (p)
        bytes_wipe(p, malloc_usable_size(p));
    free(p);
}

void *bytes_realloc_wiped(void *p, size_t n)
{
    size_t have = p ? malloc_usable_size(p) : 0;
    if (p && n && n <= have && n >= have / 2)
        return p;
    void *to = malloc(n);
    if (!to)
        return NULL;
    if (p)
        memcpy(to, p, have < n ? have : n);
    bytes_free_wiped(p);
    return to;
}

void copy_text(char *out, size_t size, const char *in)
{
    copy_span(out, size, span_of(in));
}

void copy_span(char *out, size_t size, struct span in)
{
    size_t n = in.n < size ? in.n : size - 1;
    if (n)
        memcpy(out, in.p, n);
    out[n] = '\0';
}

void copy_lower(char *out, size_t size, struct span in)
{
    copy_span(out, size, in);
    for (size_t i = 0; i < in.n && i < size; i++)
        out[i] = char_to_lower(out[i]);
}
