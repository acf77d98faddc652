/* encoding.c - base64, hex, UTF-8, strings of JSON. */
#include "runtime/base/encoding.h"

#include <string.h>

#include "runtime/base/chars.h"

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
    static const char letters[128] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
    };
    static const char digits[] = "0123456789ABCDEF";
    if (letters[c])
        buf_add(b, (const char[]){ '\\', letters[c] }, 2);
    else
        buf_add(b, (const char[]){ '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] }, 6);
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

static const char std_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Value of one base64 character, 255 for any other byte. */
static unsigned value_of(unsigned char c, char c62, char c63)
{
    if (char_upper((char)c))
        return c - 'A';
    if (char_lower((char)c))
        return c - 'a' + 26u;
    if (char_digit((char)c))
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

/* Bytes of the character at p, of which `left` bytes are there; 0 when it is none (Unicode 15, table 3-7). */
static size_t character(const unsigned char *p, size_t left)
{
    unsigned char c = *p;
    size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (n > left)
        return 0;
    for (size_t k = 1; k < n; k++)
        if ((p[k] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) || (c == 0xf0 && p[1] < 0x90) ||
        (c == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

struct span utf8_whole(struct span s)
{
    size_t at = 0;
    for (size_t n; at < s.n && (n = character((const unsigned char *)s.p + at, s.n - at)); at += n)
        ;
    return (struct span){ s.p, at };
}

bool utf8_valid(struct span s)
{
    return utf8_whole(s).n == s.n;
}
