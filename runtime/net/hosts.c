/* hosts.c - allow-list of hosts and of the addresses behind them. */
#include "runtime/net/hosts.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"

static bool is_label_char(char c)
{
    return char_lower(c) || char_digit(c) || c == '-';
}

/* A DNS name in lower case: labels of 1 to 63, no dash at their ends, the last one not a number (that is an address).
 */
static bool is_name(struct span s, size_t *labels)
{
    struct span label = { 0 };
    size_t n = 0;
    if (s.n == 0 || s.n >= URL_HOST || s.p[s.n - 1] == '.')
        return false;
    while (span_split(&s, '.', &label)) {
        if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-' ||
            !span_all(label, is_label_char))
            return false;
        n++;
    }
    *labels = n;
    return !char_digit(label.p[0]);
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
        copy_lower(name, URL_HOST, part);
        if (part.n >= URL_HOST || !pattern_ok(span_of(name))) {
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

/* Segments "." and ".." also in their percent forms: what is in the path must be what was checked. */
static bool path_ok(struct span rest)
{
    struct span path, s;
    if (!span_split(&rest, '?', &path))
        return true;
    while (span_split(&path, '/', &s)) {
        size_t dots = 0, i = 0;
        while (i < s.n) {
            bool dot = s.p[i] == '.';
            bool coded = s.n - i >= 3 && s.p[i] == '%' && s.p[i + 1] == '2' && char_to_lower(s.p[i + 2]) == 'e';
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

bool hosts_path_ok(const char *path)
{
    return path[0] == '/' && path[1] != '/' && url_plain(span_of(path)) && path_ok(span_of(path));
}

/* libcurl must read the same host out of it, since libcurl is what connects. */
static bool curl_agrees(const char *url, const char *mine)
{
    char *host = NULL;
    char *user = NULL;
    CURLU *u = curl_url();
    bool same = u && !curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) &&
                !curl_url_get(u, CURLUPART_HOST, &host, 0) && strcasecmp(host, mine) == 0 &&
                curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER;
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(u);
    return same;
}

/* `host` in lower case. */
static bool host_allowed(const struct hosts *h, const struct url_parts *p, const char *host)
{
    size_t labels;
    if (p->scheme == URL_HTTP)
        return h->loopback && is_loopback_host(host);
    if (p->scheme != URL_HTTPS || p->port || !is_name(span_of(host), &labels))
        return false;
    for (size_t i = 0; i < h->n; i++)
        if (matches(h->pattern[i], host))
            return true;
    return false;
}

static bool allow(const struct hosts *h, const char *url, bool origin_only, struct hosts_match *m)
{
    struct url_parts p;
    struct hosts_match found;
    char host[URL_HOST];
    if (!url || !url_parts(span_of(url), &p) || !path_ok(p.rest) || (origin_only && !url_is_origin(&p)))
        return false;
    copy_lower(host, sizeof host, p.host);
    if (!host_allowed(h, &p, host) || !curl_agrees(url, host) || !url_origin(&p, found.origin, sizeof found.origin))
        return false;
    found.loopback = p.scheme == URL_HTTP;
    if (m)
        *m = found;
    return true;
}

bool hosts_allow(const struct hosts *h, const char *url, struct hosts_match *m)
{
    return allow(h, url, false, m);
}

bool hosts_allow_origin(const struct hosts *h, const char *url, struct hosts_match *m)
{
    return allow(h, url, true, m);
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
