/* bytes.c - see bytes.h. */
#include "sandbox/base/bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

void blob_init(struct blob *t, size_t max)
{
    *t = (struct blob){ .max = max };
}

void blob_free(struct blob *t)
{
    free(t->p);
    blob_init(t, t->max);
}

static bool blob_room(struct blob *t, size_t n)
{
    size_t cap = t->cap ? t->cap : 256;
    char *p;
    if (t->failed || n > t->max || t->n > t->max - n) {
        t->failed = true;
        return false;
    }
    while (cap < t->n + n + 1)
        cap *= 2;
    if (cap == t->cap)
        return true;
    p = realloc(t->p, cap);
    if (!p) {
        t->failed = true;
        return false;
    }
    t->p = p;
    t->cap = cap;
    return true;
}

bool blob_add(struct blob *t, const void *p, size_t n)
{
    if (!blob_room(t, n))
        return false;
    if (n)
        memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = 0;
    return true;
}

bool blob_fmt(struct blob *t, const char *fmt, ...)
{
    va_list args;
    int n;
    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0 || !blob_room(t, (size_t)n))
        return false;
    va_start(args, fmt);
    vsnprintf(t->p + t->n, (size_t)n + 1, fmt, args);
    va_end(args);
    t->n += (size_t)n;
    return true;
}

char *blob_take(struct blob *t, size_t *n)
{
    char *p = t->failed ? NULL : t->p;
    if (n)
        *n = p ? t->n : 0;
    if (!p)
        free(t->p);
    blob_init(t, t->max);
    return p;
}

static const char standard_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *base64_text(const void *p, size_t n, bool url)
{
    const unsigned char *in = p;
    const char *digits = url ? url_digits : standard_digits;
    char *out = malloc((n + 2) / 3 * 4 + 1), *o = out;
    if (!out)
        return NULL;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned v = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
        *o++ = digits[v >> 18];
        *o++ = digits[v >> 12 & 63];
        if (left > 1)
            *o++ = digits[v >> 6 & 63];
        else if (!url)
            *o++ = '=';
        if (left > 2)
            *o++ = digits[v & 63];
        else if (!url)
            *o++ = '=';
    }
    *o = 0;
    return out;
}

unsigned char *base64_bytes(const char *p, size_t n, bool url, size_t *out_n)
{
    const char *digits = url ? url_digits : standard_digits;
    unsigned char *out, *o;
    unsigned bits = 0;
    int have = 0;
    if (!url) {
        if (n % 4)
            return NULL;
        for (int i = 0; i < 2 && n && p[n - 1] == '='; i++)
            n--;
    }
    if (n % 4 == 1 || !(out = malloc(n / 4 * 3 + 4)))
        return NULL;
    o = out;
    for (size_t i = 0; i < n; i++) {
        const char *d = p[i] ? strchr(digits, p[i]) : NULL;
        if (!d) {
            free(out);
            return NULL;
        }
        bits = bits << 6 | (unsigned)(d - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            *o++ = (unsigned char)(bits >> have);
            bits &= (1U << have) - 1;
        }
    }
    if (bits) {
        free(out);
        return NULL;
    }
    *o = 0;
    *out_n = (size_t)(o - out);
    return out;
}

char *hmac_base64(const char *key, const void *payload, size_t n)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_n = 0;
    if (!HMAC(EVP_sha256(), key, (int)strlen(key), payload, n, mac, &mac_n))
        return NULL;
    return base64_text(mac, mac_n, false);
}

void bytes_random(void *p, size_t n)
{
    unsigned char *out = p;
    while (n) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0) {
            perror("getrandom");
            abort();
        }
        out += got;
        n -= (size_t)got;
    }
}

void random_name(char *out, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < n;) {
        unsigned char r;
        bytes_random(&r, 1);
        if (r < 4 * 62)
            out[i++] = letters[r % 62];
    }
    out[n] = 0;
}

void uuid_text(char out[37])
{
    unsigned char r[16];
    bytes_random(r, sizeof r);
    r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
    r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2], r[3],
             r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]);
}

bool same_text(const char *a, const char *b)
{
    size_t n = strlen(a);
    return n == strlen(b) && CRYPTO_memcmp(a, b, n) == 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *url_decode(const char *p, size_t n, bool form)
{
    char *out = malloc(n + 1), *o = out;
    if (!out)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '%') {
            int hi = i + 2 < n ? hex_digit(p[i + 1]) : -1;
            int lo = i + 2 < n ? hex_digit(p[i + 2]) : -1;
            if (hi < 0 || lo < 0 || hi * 16 + lo == 0) {
                free(out);
                return NULL;
            }
            *o++ = (char)(hi * 16 + lo);
            i += 2;
        } else {
            *o++ = form && p[i] == '+' ? ' ' : p[i];
        }
    }
    *o = 0;
    return out;
}

char *form_get(const char *form, const char *name)
{
    const char *p = form;
    while (p && *p) {
        size_t n = strcspn(p, "&");
        const char *eq = memchr(p, '=', n);
        size_t name_n = eq ? (size_t)(eq - p) : n;
        char *key = url_decode(p, name_n, true);
        bool hit = key && !strcmp(key, name);
        free(key);
        if (hit)
            return eq ? url_decode(eq + 1, n - name_n - 1, true) : url_decode("", 0, true);
        p += n;
        if (*p)
            p++;
    }
    return NULL;
}

int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t steady_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void iso_time(int64_t ms, char out[32])
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    size_t n;
    gmtime_r(&s, &tm);
    n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 32 - n, ".%03dZ", (int)(ms % 1000));
}

void copy_text(char *out, size_t size, const char *in)
{
    size_t n = strlen(in);
    if (n >= size)
        n = size - 1;
    memcpy(out, in, n);
    out[n] = 0;
}
