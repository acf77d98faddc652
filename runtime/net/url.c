/* url.c - reading absolute URLs. */
#include "runtime/net/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/chars.h"

static struct span tail_of(struct span s, size_t n)
{
    return (struct span){ s.p + n, s.n - n };
}

static bool is_plain(char c)
{
    return char_visible(c) && !strchr("\\\"<>^`{|}#", c);
}

bool url_plain(struct span s)
{
    return span_all(s, is_plain);
}

/* Takes the scheme and its "://" off the front. False for another scheme than ours. */
static bool take_scheme(struct span *url, enum url_scheme *scheme)
{
    static const char *const known[] = { [URL_HTTP] = "http", [URL_HTTPS] = "https" };
    const char *mark = memmem(url->p, url->n, "://", 3);
    *scheme = URL_BARE;
    if (!mark)
        return true;
    struct span word = { url->p, (size_t)(mark - url->p) };
    for (int s = URL_HTTP; s <= URL_HTTPS; s++)
        if (span_eq_nocase(word, known[s]))
            *scheme = (enum url_scheme)s;
    *url = tail_of(*url, word.n + 3);
    return *scheme != URL_BARE;
}

/* The last label begins with a digit: then programs take the whole for an address, 127.1 and 0x7f000001 as well. */
static bool ends_in_number(struct span host)
{
    const char *dot = memrchr(host.p, '.', host.n);
    const char *last = dot ? dot + 1 : host.p;
    return last < host.p + host.n && char_digit(*last);
}

static bool is_ipv4(struct span host)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr a;
    copy_span(text, sizeof text, host);
    return host.n < sizeof text && inet_pton(AF_INET, text, &a) == 1; /* four decimal numbers only */
}

/* Names and IPv4 addresses by their letters only; which host it may be is the business of hosts.h. */
static bool is_host(struct span host)
{
    if (host.n < 1 || host.n >= URL_HOST || host.p[0] == '.' || host.p[0] == '-')
        return false;
    for (size_t i = 0; i < host.n; i++)
        if (!char_alnum(host.p[i]) && host.p[i] != '-' && (host.p[i] != '.' || host.p[i - 1] == '.'))
            return false;
    return !ends_in_number(host) || is_ipv4(host);
}

/* "[", digits of an IPv6 address, "]" */
static bool is_bracketed(struct span host)
{
    for (size_t i = 1; i + 1 < host.n; i++)
        if (char_hex_value(host.p[i]) < 0 && host.p[i] != ':' && host.p[i] != '.')
            return false;
    return host.n > 2 && host.n < URL_HOST;
}

static bool read_port(struct span s, int *port)
{
    int v = 0;
    if (s.n < 1 || s.n > 5 || s.p[0] == '0')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!char_digit(s.p[i]))
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *port = v;
    return v <= 65535;
}

static bool read_authority(struct span a, struct url_parts *p)
{
    const char *close = a.n && a.p[0] == '[' ? memchr(a.p, ']', a.n) : NULL;
    const char *colon = close ? close + 1 : memchr(a.p, ':', a.n);
    p->host = (struct span){ a.p, colon ? (size_t)(colon - a.p) : a.n };
    if (!(close ? is_bracketed(p->host) : is_host(p->host)))
        return false;
    struct span port = tail_of(a, p->host.n);
    if (port.n == 0)
        return true;
    if (port.p[0] != ':' || !read_port(tail_of(port, 1), &p->port))
        return false;
    if (p->port == (p->scheme == URL_HTTP ? 80 : 443))
        p->port = 0;
    return true;
}

bool url_parts(struct span url, struct url_parts *out)
{
    struct url_parts p = { 0 };
    if (!url.n || !url_plain(url) || !take_scheme(&url, &p.scheme))
        return false;
    size_t n = 0;
    while (n < url.n && url.p[n] != '/' && url.p[n] != '?')
        n++;
    p.rest = tail_of(url, n);
    if (!n || !read_authority((struct span){ url.p, n }, &p))
        return false;
    *out = p;
    return true;
}

bool url_is_origin(const struct url_parts *p)
{
    return p->rest.n == 0 || span_eq(p->rest, "/");
}

bool url_origin(const struct url_parts *p, char *out, size_t size)
{
    char host[URL_HOST], port[8] = "";
    copy_lower(host, sizeof host, p->host);
    if (p->port)
        snprintf(port, sizeof port, ":%d", p->port);
    const char *scheme = p->scheme == URL_HTTP ? "http" : "https";
    if (strlen(scheme) + 3 + strlen(host) + strlen(port) >= size)
        return false;
    snprintf(out, size, "%s://%s%s", scheme, host, port);
    return true;
}
