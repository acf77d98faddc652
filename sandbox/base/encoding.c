/* encoding.c - see encoding.h. */
#include "sandbox/base/encoding.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/text.h"

/* ---- hex ---- */

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void hex_text(const void *p, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = p;
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[in[i] >> 4];
        *out++ = digits[in[i] & 15];
    }
    *out = '\0';
}

/* ---- base64 ---- */

char *base64_text(const void *p, size_t n, enum base64_form form)
{
    const char *digits = form == BASE64_URL ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                                            : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = p;
    char *out = mem_new((n + 2) / 3 * 4 + 1), *o = out;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned v = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) | (left > 2 ? in[i + 2] : 0);
        *o++ = digits[v >> 18];
        *o++ = digits[v >> 12 & 63];
        if (left > 1 || form != BASE64_URL)
            *o++ = left > 1 ? digits[v >> 6 & 63] : '=';
        if (left > 2 || form != BASE64_URL)
            *o++ = left > 2 ? digits[v & 63] : '=';
    }
    return out;
}

static int base64_digit(char c, enum base64_form form)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == (form == BASE64_URL ? '-' : '+') ? 62 : c == (form == BASE64_URL ? '_' : '/') ? 63 : -1;
}

unsigned char *base64_bytes(const char *p, size_t n, enum base64_form form, size_t *out_n)
{
    unsigned char *out = mem_new(n / 4 * 3 + 4), *o = out;
    unsigned bits = 0;
    int have = 0;
    size_t digits = 0, pad = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        if (form == BASE64_LINES && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
            continue;
        if (form != BASE64_URL && p[i] == '=') {
            pad++;
            continue;
        }
        int d = base64_digit(p[i], form);
        ok = d >= 0 && pad == 0;
        bits = bits << 6 | (unsigned)d;
        have += 6;
        digits++;
        if (ok && have >= 8) {
            have -= 8;
            *o++ = (unsigned char)(bits >> have);
            bits &= (1U << have) - 1;
        }
    }
    if (ok && bits == 0 && pad <= 2 && (form == BASE64_URL ? digits % 4 != 1 : (digits + pad) % 4 == 0)) {
        *out_n = (size_t)(o - out);
        return out;
    }
    free(out);
    return NULL;
}

/* ---- secrets ---- */

char *hmac_base64(const char *key, const void *payload, size_t n)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_n = 0;
    if (!HMAC(EVP_sha256(), key, (int)strlen(key), payload, n, mac, &mac_n))
        return NULL;
    return base64_text(mac, mac_n, BASE64_PADDED);
}

bool same_secret(const char *a, const char *b)
{
    size_t n = strlen(a);
    return n == strlen(b) && CRYPTO_memcmp(a, b, n) == 0;
}

/* ---- percent escapes ---- */

/* Into `out`, which may be `p` itself. False at the first escape that is none or NUL, unless `loose`. */
static bool decode(const char *p, size_t n, bool plus, bool loose, char *out, size_t *out_n)
{
    char *o = out;
    for (size_t i = 0; i < n; i++) {
        int hi = p[i] == '%' && i + 2 < n ? hex_value(p[i + 1]) : -1, lo = hi >= 0 ? hex_value(p[i + 2]) : -1;
        if (p[i] == '%' && !loose && (lo < 0 || hi * 16 + lo == 0))
            return false;
        *o++ = lo >= 0 ? (char)(hi * 16 + lo) : plus && p[i] == '+' ? ' ' : p[i];
        i += lo >= 0 ? 2 : 0;
    }
    *o = '\0';
    *out_n = (size_t)(o - out);
    return true;
}

char *percent_decode(const char *p, size_t n, bool plus)
{
    char *out = mem_new(n + 1);
    if (decode(p, n, plus, false, out, &n))
        return out;
    free(out);
    return NULL;
}

size_t percent_decode_loose(char *s, size_t n, bool plus)
{
    decode(s, n, plus, true, s, &n);
    return n;
}

char *form_get(const char *form, const char *name)
{
    for (const char *p = form; p && *p;) {
        size_t n = strcspn(p, "&"), name_n = strcspn(p, "=&");
        char *key = percent_decode(p, name_n, true);
        bool hit = key && strcmp(key, name) == 0;
        free(key);
        if (hit)
            return name_n < n ? percent_decode(p + name_n + 1, n - name_n - 1, true) : mem_dup("", 0);
        p += n + (p[n] == '&');
    }
    return NULL;
}

char *query_param(const char *query, const char *name)
{
    size_t want = strlen(name);
    for (const char *p = query; p && *p;) {
        size_t n = strcspn(p, "&");
        if (n > want && p[want] == '=' && memcmp(p, name, want) == 0) {
            char *value = mem_dup(p + want + 1, n - want - 1);
            percent_decode_loose(value, n - want - 1, true);
            return value;
        }
        p += n + (p[n] == '&');
    }
    return NULL;
}
