/*
 * strict_http.h - how many requests a strict reader finds in a text: the judge of what a hostile text may be answered.
 * Follows RFC 9112 to the letter; empty lines in front of a request line are passed over, as section 2.2 allows.
 */
#ifndef TESTS_STRICT_HTTP_H
#define TESTS_STRICT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct strict_head {
    bool get;
    int hosts, lengths, encodings;
    size_t length;
};

static bool strict_token(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!p[i] || !strchr("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", p[i]))
            return false;
    return n > 0;
}

/* The next line without its CR and LF; NULL when there is none that ends so, or a CR stands elsewhere in it. */
static const char *strict_line(const char **p, const char *end, size_t *n)
{
    const char *line = *p, *lf = memchr(line, '\n', (size_t)(end - line));
    if (!lf || lf == line || lf[-1] != '\r')
        return NULL;
    *p = lf + 1;
    *n = (size_t)(lf - line) - 1;
    return memchr(line, '\r', *n) ? NULL : line;
}

/*
 * Forms that libmicrohttpd 0.9.75 can make indistinguishable from CR LF in place, so that no user of it can refuse
 * them: a NUL, and a line without a name where a CR is missing. SECURITY.md has them among the known risks.
 */
static bool strict_hidden(const char *p, size_t n)
{
    bool nameless = false, bare = false;
    for (size_t i = 0; i < n; i++) {
        if (!p[i])
            return true;
        nameless |= p[i] == ':' && i && p[i - 1] == '\n';
        bare |= p[i] == '\n' && (!i || p[i - 1] != '\r');
    }
    return nameless && bare;
}

/* "METHOD SP target SP HTTP/1.1" with a target of visible ASCII that begins with a slash */
static bool strict_request_line(const char *p, size_t n, struct strict_head *h)
{
    const char *a = memchr(p, ' ', n), *end = p + n, *b = a ? memchr(a + 1, ' ', (size_t)(end - a - 1)) : NULL;
    if (!b || !strict_token(p, (size_t)(a - p)) || end - b - 1 != 8 || memcmp(b + 1, "HTTP/1.1", 8) != 0 || a[1] != '/')
        return false;
    for (const char *c = a + 1; c < b; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
            return false;
    h->get = a - p == 3 && memcmp(p, "GET", 3) == 0;
    return true;
}

static bool strict_named(const char *p, size_t n, const char *name)
{
    return n == strlen(name) && strncasecmp(p, name, n) == 0;
}

static bool strict_field(const char *p, size_t n, struct strict_head *h)
{
    const char *colon = memchr(p, ':', n), *v = colon ? colon + 1 : NULL, *end = p + n;
    if (!colon || !strict_token(p, (size_t)(colon - p)))
        return false;
    if (v < end && (*v == ' ' || *v == '\t'))
        v++;
    for (const char *c = v; c < end; c++)
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
            return false;
    size_t name_n = (size_t)(colon - p);
    h->hosts += strict_named(p, name_n, "host");
    h->encodings += strict_named(p, name_n, "transfer-encoding");
    if (strict_named(p, name_n, "content-length")) {
        h->lengths++;
        for (const char *c = v; c < end; c++) {
            if (*c < '0' || *c > '9' || h->length > 1000000)
                return false;
            h->length = h->length * 10 + (size_t)(*c - '0');
        }
        if (v == end)
            return false;
    }
    return true;
}

/* Well-formed GET requests without a body, one behind the other with requests of known length between them. What comes
 * behind a chunked body or behind a fault is no request. */
static int strict_gets(const char *p, size_t n)
{
    const char *end = p + n, *line;
    int gets = 0;
    for (;;) {
        struct strict_head h = { 0 };
        size_t line_n;
        while (p < end && (*p == '\r' || *p == '\n'))
            p++;
        if (p == end)
            return gets;
        if (!(line = strict_line(&p, end, &line_n)) || !strict_request_line(line, line_n, &h))
            return gets;
        while ((line = strict_line(&p, end, &line_n)) && line_n)
            if (!strict_field(line, line_n, &h))
                return gets;
        if (!line || h.hosts != 1 || h.lengths > 1 || h.encodings || h.length > (size_t)(end - p))
            return gets;
        if (h.get && h.length)
            return gets;
        gets += h.get;
        p += h.length;
    }
}

#endif
