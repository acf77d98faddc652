/*
 * hosts.h - to which hosts something may be sent: an allow-list of whole labels, and a check of the address behind a
 * name.
 *
 * A URL passes when it is https on port 443 (written or not), has no userinfo, no IP address, no trailing dot, nothing
 * but plain ASCII, and its host matches a pattern. Two parsers must agree on the host: a strict one here and libcurl's.
 * Plain http passes only for 127.0.0.0/8, [::1] and localhost, and only when the list was made with `loopback`.
 */
#ifndef ACTIONHOST_NET_HOSTS_H
#define ACTIONHOST_NET_HOSTS_H

#include <sys/socket.h>

#include "runtime/base/bytes.h"
#include "runtime/net/url.h"

enum { HOSTS_MAX = 32 /* patterns in one list */ };

struct hosts {
    char pattern[HOSTS_MAX][URL_HOST]; /* lower case; "*." in front stands for one or more whole labels */
    size_t n;
    bool loopback;
};

/*
 * Reads a list separated by commas: "*.my.salesforce.com, api.example.com". An empty list allows nothing. False with a
 * sentence in `why` when a pattern could match more than meant (no fixed domain of two labels behind the star) or is no
 * name.
 */
bool hosts_parse(struct hosts *h, const char *list, bool loopback, char *why, size_t size) MUST_CHECK;

/* What was found in a URL that passed. */
struct hosts_match {
    char origin[URL_ORIGIN]; /* as url_origin writes it */
    bool loopback;           /* its address must be a loopback one, else it must not be */
};

/* A URL of any path without dot segments and fragment. `m` may be NULL and is untouched on false. */
bool hosts_allow(const struct hosts *h, const char *url, struct hosts_match *m);

/* The same, but nothing except "/" may follow the host: for a domain such as orgDomainUrl. */
bool hosts_allow_origin(const struct hosts *h, const char *url, struct hosts_match *m);

/* A path with its query: begins with one "/", printable ASCII, no dot segments (also as %2e), no fragment. */
bool hosts_path_ok(const char *path);

/*
 * Whether a connection may go to this address: a public one, or for a loopback name a loopback one. Also looks into the
 * IPv4 addresses that IPv6 can carry (mapped, NAT64, 6to4).
 */
bool hosts_address_ok(const struct sockaddr *sa, bool loopback);

#endif
