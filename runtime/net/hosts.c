/* hosts.c - allow-list of hosts and of the addresses behind them. */
#include "runtime/net/hosts.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_label_char(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

/* A DNS name in lower case: labels of 1 to 63, no dash at their ends, the last one not a number (that is an address).
 */
static bool is_name(struct span s, size_t *labels)
{
    struct span label = { 0 };
    size_t n = 0;
    if (s.n == 0 || s.n >= HOSTS_NAME || s.p[s.n - 1] == '.')
        return false;
    while (span_split(&s, '.', &label)) {
        if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
            return false;
        for (size_t i = 0; i < label.n; i++)
            if (!is_label_char(label.p[i]))
                return false;
        n++;
    }
    *labels = n;
    return !is_digit(label.p[0]);
}

static void lower(char *s)
{
    for (; *s; s++)
        if (*s >= 'A' && *s <= 'Z')
            *s = (char)(*s | 0x20);
}

static bool pattern_ok(struct span p)
{
    size_t labels = 0;
    bool star = span_starts(p, "*.");
    if (star) {
        p.p += 2;
        p.n -= 2;
    }
    return is_name(p, &labels) && (!star || labels >= 2);
}

bool hosts_parse(struct hosts *h, const char *list, bool loopback, char *why, size_t size)
{
    struct hosts made = { .loopback = loopback };
    struct span rest = span_of(list), part;
    while (span_split(&rest, ',', &part)) {
        part = span_trim(part);
        if (part.n == 0)
            continue;
        if (made.n == HOSTS_MAX) {
            snprintf(why, size, "more than %d hosts", HOSTS_MAX);
            return false;
        }
        char *name = made.pattern[made.n];
        copy_span(name, HOSTS_NAME, part);
        lower(name);
        if (part.n >= HOSTS_NAME || !pattern_ok(span_of(name))) {
            snprintf(why, size, "\"%.60s\" is no host name; write names such as api.example.com or *.my.salesforce.com",
                     name);
            return false;
        }
        made.n++;
    }
    *h = made;
    return true;
}

/* A star takes one or more labels; none of them may be punycode, which can look like any other name. */
static bool matches(const char *pattern, const char *host)
{
    if (strncmp(pattern, "*.", 2) != 0)
        return strcmp(pattern, host) == 0;
    size_t tail = strlen(pattern + 1), n = strlen(host);
    if (n <= tail || strcmp(host + n - tail, pattern + 1) != 0)
        return false;
    struct span front = { host, n - tail }, label;
    while (span_split(&front, '.', &label))
        if (span_starts(label, "xn--"))
            return false;
    return true;
}

static bool is_loopback_host(const char *host)
{
    struct in_addr a;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    /* inet_pton takes the plain four numbers only, not 127.1 or 0x7f000001 */
    return inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127;
}

/* Our own reading of a URL. */
struct parts {
    char scheme[8], host[HOSTS_NAME];
    int port; /* 0 when not written */
    const char *path;
};

static bool read_port(const char *p, size_t n, int *port)
{
    int v = 0;
    if (n == 0 || n > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(p[i]))
            return false;
        v = v * 10 + (p[i] - '0');
    }
    *port = v;
    return v > 0 && v <= 65535;
}

static bool read_authority(struct span a, struct parts *out)
{
    const char *close = a.n && a.p[0] == '[' ? memchr(a.p, ']', a.n) : NULL;
    const char *from = close ? close : a.p;
    const char *colon = memchr(from, ':', a.n - (size_t)(from - a.p));
    size_t n = colon ? (size_t)(colon - a.p) : a.n;
    if (n == 0 || n >= sizeof out->host)
        return false;
    if (colon && !read_port(colon + 1, a.n - n - 1, &out->port))
        return false;
    copy_span(out->host, sizeof out->host, (struct span){ a.p, n });
    lower(out->host);
    return true;
}

/* Segments "." and ".." also in their percent forms: what is in the path must be what was checked. */
static bool path_ok(const char *path)
{
    struct span rest = { path, strcspn(path, "?") }, s;
    if (*path && *path != '/' && *path != '?')
        return false;
    while (span_split(&rest, '/', &s)) {
        size_t dots = 0, i = 0;
        while (i < s.n) {
            bool dot = s.p[i] == '.';
            bool coded = s.n - i >= 3 && s.p[i] == '%' && s.p[i + 1] == '2' && (s.p[i + 2] | 0x20) == 'e';
            if (!dot && !coded)
                break;
            dots++;
            i += dot ? 1 : 3;
        }
        if (i == s.n && (dots == 1 || dots == 2))
            return false;
    }
    return true;
}

static bool plain(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f || strchr("\\\"<>^`{|}#", *s))
            return false;
    return true;
}

bool hosts_path_ok(const char *path)
{
    return path[0] == '/' && path[1] != '/' && plain(path) && path_ok(path);
}

static bool read_url(const char *url, struct parts *out)
{
    if (!plain(url))
        return false;
    const char *colon = strstr(url, "://");
    if (!colon || colon - url > 5)
        return false;
    copy_span(out->scheme, sizeof out->scheme, (struct span){ url, (size_t)(colon - url) });
    lower(out->scheme);
    const char *host = colon + 3;
    size_t length = strcspn(host, "/?");
    out->path = host + length;
    return read_authority((struct span){ host, length }, out) && path_ok(out->path);
}

/* libcurl must read the same host out of it, since libcurl is what connects. */
static bool curl_agrees(const char *url, const struct parts *mine)
{
    char *host = NULL;
    char *user = NULL;
    CURLU *u = curl_url();
    bool same = u && !curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) &&
                !curl_url_get(u, CURLUPART_HOST, &host, 0) && strcasecmp(host, mine->host) == 0 &&
                curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER;
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(u);
    return same;
}

static bool host_allowed(const struct hosts *h, const struct parts *p, bool *loopback)
{
    size_t labels;
    if (strcmp(p->scheme, "http") == 0) {
        *loopback = true;
        return h->loopback && is_loopback_host(p->host);
    }
    *loopback = false;
    if (strcmp(p->scheme, "https") != 0 || (p->port && p->port != 443) || !is_name(span_of(p->host), &labels))
        return false;
    for (size_t i = 0; i < h->n; i++)
        if (matches(h->pattern[i], p->host))
            return true;
    return false;
}

bool hosts_allow(const struct hosts *h, const char *url, struct hosts_match *m)
{
    struct parts p = { 0 };
    bool loopback;
    if (!url || !read_url(url, &p) || !host_allowed(h, &p, &loopback) || !curl_agrees(url, &p))
        return false;
    if (m) {
        m->loopback = loopback;
        int n = snprintf(m->origin, sizeof m->origin, "%s://%s", p.scheme, p.host);
        if (loopback && p.port && p.port != 80)
            snprintf(m->origin + n, sizeof m->origin - (size_t)n, ":%d", p.port);
    }
    return true;
}

bool hosts_allow_origin(const struct hosts *h, const char *url, struct hosts_match *m)
{
    struct parts p = { 0 };
    return url && read_url(url, &p) && (*p.path == '\0' || strcmp(p.path, "/") == 0) && hosts_allow(h, url, m);
}

/* ---- addresses ---- */

struct block {
    uint32_t net;
    int bits;
};

/* IPv4 blocks that are not the public internet: IANA IPv4 Special-Purpose Address Registry, and multicast. */
static const struct block not_public4[] = {
    { 0x00000000, 8 },  /* this network */
    { 0x0a000000, 8 },  /* private */
    { 0x64400000, 10 }, /* carrier NAT */
    { 0x7f000000, 8 },  /* loopback */
    { 0xa9fe0000, 16 }, /* link-local, metadata services */
    { 0xac100000, 12 }, /* private */
    { 0xc0000000, 24 }, /* protocol assignments */
    { 0xc0000200, 24 }, /* documentation */
    { 0xc0586300, 24 }, /* 6to4 relays */
    { 0xc0a80000, 16 }, /* private */
    { 0xc6120000, 15 }, /* benchmarks */
    { 0xc6336400, 24 }, /* documentation */
    { 0xcb007100, 24 }, /* documentation */
    { 0xe0000000, 3 },  /* multicast, reserved, broadcast */
};

static bool public4(uint32_t a)
{
    for (size_t i = 0; i < sizeof not_public4 / sizeof *not_public4; i++)
        if ((a ^ not_public4[i].net) >> (32 - not_public4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool public6(const unsigned char a[16])
{
    static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
        return public4(be32(a + 12));
    if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
        return public4(be32(a + 2));
    /* Global unicast is 2000::/3; out of it go 2001::/23 (protocol assignments, Teredo) and 2001:db8::/32
     * (documentation). */
    bool assigned = a[0] == 0x20 && a[1] == 0x01 && (a[2] < 0x02 || (a[2] == 0x0d && a[3] == 0xb8));
    return a[0] >> 5 == 1 && !assigned;
}

bool hosts_address_ok(const struct sockaddr *sa, bool loopback)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        uint32_t a = ntohl(in.sin_addr.s_addr);
        return loopback ? a >> 24 == 127 : public4(a);
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        return loopback ? IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) : public6(in6.sin6_addr.s6_addr);
    }
    return false;
}
