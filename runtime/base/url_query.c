/* url_query.c - percent escapes and parameters. */
#include "runtime/base/url_query.h"

#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"

int url_escaped(const char *p, size_t left)
{
    int high = left >= 3 ? char_hex_value(p[1]) : -1, low = left >= 3 ? char_hex_value(p[2]) : -1;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Decodes one query component; -1 when it cannot be. */
static long decode(struct span in, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        int c = (unsigned char)in.p[i];
        if (c == '%') {
            c = url_escaped(in.p + i, in.n - i);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c < 0 || char_control((char)c) || n + 1 >= size)
            return -1;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return utf8_valid((struct span){ out, n }) ? (long)n : -1;
}

int url_query(struct span query, const char *name, char *out, size_t size)
{
    struct span part;
    int found = 0;
    out[0] = '\0';
    while (span_split(&query, '&', &part)) {
        char key[64];
        struct span raw_key = part, value = { "", 0 };
        const char *equals = memchr(part.p, '=', part.n);
        if (equals) {
            raw_key.n = (size_t)(equals - part.p);
            value = (struct span){ equals + 1, part.n - raw_key.n - 1 };
        }
        if (decode(raw_key, key, sizeof key) < 0 || strcmp(key, name) != 0)
            continue;
        if (found++ || decode(value, out, size) < 0) {
            out[0] = '\0';
            return -1;
        }
    }
    return found;
}
