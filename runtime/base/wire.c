/* wire.c - spans, bounded buffers, encodings. */
#include "runtime/base/wire.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct span span_of(const char *s)
{
    return (struct span){ .p = s, .n = s ? strlen(s) : 0 };
}

bool span_eq(struct span a, const char *s)
{
    size_t n = strlen(s);
    return a.n == n && (n == 0 || memcmp(a.p, s, n) == 0);
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool span_eq_nocase(struct span a, const char *s)
{
    size_t n = strlen(s);
    if (a.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower((unsigned char)a.p[i]) != lower((unsigned char)s[i]))
            return false;
    return true;
}

bool span_starts(struct span a, const char *prefix)
{
    size_t n = strlen(prefix);
    return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
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
        char *p = realloc(b->p, cap);
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

/* Whether one of eight characters ends a plain run: controls, quote, backslash, anything beyond ASCII. A byte below n
 * has its high bit set in (x - n) & ~x; borrows only add marks behind a true one. */
static bool special(uint64_t x)
{
    const uint64_t each = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = x ^ each * '"', slash = x ^ each * '\\';
    return ((x | ((x - each * 0x20) & ~x) | ((quote - each) & ~quote) | ((slash - each) & ~slash)) & high) != 0;
}

/* How many characters from the start stand for themselves in a JSON string and need no look at their encoding. */
static size_t plain_run(struct span s)
{
    size_t n = 0;
    for (uint64_t x; s.n - n >= sizeof x; n += sizeof x) {
        memcpy(&x, s.p + n, sizeof x);
        if (special(x))
            break;
    }
    while (n < s.n && (unsigned char)s.p[n] >= 0x20 && (unsigned char)s.p[n] < 0x80 && s.p[n] != '"' && s.p[n] != '\\')
        n++;
    return n;
}

/* One character as jansson escapes it. */
static void add_escaped(struct buf *b, unsigned char c)
{
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = c ? strchr(named, c) : NULL;
    if (at)
        buf_add(b, (const char[]){ '\\', letters[at - named] }, 2);
    else
        buf_fmt(b, "\\u%04X", c);
}

bool buf_json_string(struct buf *b, struct span s)
{
    size_t plain = 0, i = plain_run(s);
    if (i < s.n && !utf8_valid(s)) {
        b->failed = true;
        return false;
    }
    buf_char(b, '"');
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(b, s.p + plain, i - plain);
        add_escaped(b, c);
        plain = i + 1;
    }
    buf_add(b, s.p + plain, s.n - plain);
    return buf_char(b, '"');
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

static const char std_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Value of one base64 character, 255 for any other byte. */
static unsigned value_of(unsigned char c, char c62, char c63)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    if (c == (unsigned char)c62)
        return 62;
    if (c == (unsigned char)c63)
        return 63;
    return 255;
}

/* Decodes characters without padding. */
static long decode(struct span in, unsigned char *out, size_t cap, char c62, char c63)
{
    size_t tail = in.n % 4, n = in.n / 4 * 3 + (tail ? tail - 1 : 0), at = 0;
    if (tail == 1 || n > cap)
        return -1;
    for (size_t i = 0; i < in.n; i += 4) {
        size_t left = in.n - i < 4 ? in.n - i : 4;
        unsigned v[4] = { 0, 0, 0, 0 }, any = 0;
        for (size_t k = 0; k < left; k++)
            any |= v[k] = value_of((unsigned char)in.p[i + k], c62, c63);
        if (any > 63)
            return -1;
        unsigned word = v[0] << 18 | v[1] << 12 | v[2] << 6 | v[3];
        if ((left == 2 && (word & 0xffff)) || (left == 3 && (word & 0xff)))
            return -1; /* stray bits: two texts for the same bytes */
        out[at++] = (unsigned char)(word >> 16);
        if (left > 2)
            out[at++] = (unsigned char)(word >> 8);
        if (left > 3)
            out[at++] = (unsigned char)word;
    }
    return (long)at;
}

long base64_decode(struct span in, unsigned char *out, size_t cap)
{
    if (in.n % 4)
        return -1;
    if (in.n && in.p[in.n - 1] == '=')
        in.n -= in.p[in.n - 2] == '=' ? 2 : 1;
    return decode(in, out, cap, '+', '/');
}

long base64url_decode(struct span in, unsigned char *out, size_t cap)
{
    return decode(in, out, cap, '-', '_');
}

static size_t encode(const unsigned char *in, size_t n, char *out, const char *alphabet, bool pad)
{
    char *o = out;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i < 3 ? n - i : 3;
        unsigned word = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0u);
        *o++ = alphabet[word >> 18];
        *o++ = alphabet[word >> 12 & 63];
        if (left > 1)
            *o++ = alphabet[word >> 6 & 63];
        else if (pad)
            *o++ = '=';
        if (left > 2)
            *o++ = alphabet[word & 63];
        else if (pad)
            *o++ = '=';
    }
    *o = '\0';
    return (size_t)(o - out);
}

size_t base64_encode(const void *in, size_t n, char *out)
{
    return encode(in, n, out, std_alphabet, true);
}

size_t base64url_encode(const void *in, size_t n, char *out)
{
    return encode(in, n, out, url_alphabet, false);
}

void hex_encode(const void *in, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = in;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * n] = '\0';
}

bool utf8_valid(struct span s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n;) {
        unsigned char c = p[i];
        size_t more = c < 0x80                ? 0
                      : c >= 0xc2 && c < 0xe0 ? 1
                      : c >= 0xe0 && c < 0xf0 ? 2
                      : c >= 0xf0 && c < 0xf5 ? 3
                                              : 9;
        if (more == 9 || s.n - i <= more)
            return false;
        for (size_t k = 1; k <= more; k++)
            if ((p[i + k] & 0xc0) != 0x80)
                return false;
        if ((c == 0xe0 && p[i + 1] < 0xa0) || (c == 0xed && p[i + 1] > 0x9f) || (c == 0xf0 && p[i + 1] < 0x90) ||
            (c == 0xf4 && p[i + 1] > 0x8f))
            return false;
        i += more + 1;
    }
    return true;
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

int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
    return clock_us() / 1000;
}

void random_bytes(void *p, size_t n)
{
    if (getentropy(p, n) != 0)
        abort(); /* no randomness: nothing that follows could be trusted */
}

void uuid_make(char out[37])
{
    unsigned char r[16];
    random_bytes(r, sizeof r);
    r[6] = (unsigned char)((r[6] & 15) | 0x40);
    r[8] = (unsigned char)((r[8] & 63) | 0x80);
    char hex[33];
    hex_encode(r, sizeof r, hex);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
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
