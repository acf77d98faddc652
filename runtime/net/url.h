/*
 * url.h - the one reader of absolute URLs: http or https, a host, a port, and what follows. Stricter than RFC 3986, so
 * that no two programs read one URL in two ways: visible ASCII only, no userinfo, no fragment, no backslash, no percent
 * escape in the host, no number that could be an address in another spelling, no leading zero in a port.
 */
#ifndef ACTIONHOST_NET_URL_H
#define ACTIONHOST_NET_URL_H

#include "runtime/base/bytes.h"

enum {
    URL_HOST = 254,  /* a DNS name and its NUL */
    URL_ORIGIN = 300 /* https://name:port and its NUL */
};

enum url_scheme {
    URL_BARE, /* none was written */
    URL_HTTP,
    URL_HTTPS
};

/* Spans are parts of the text that was read. */
struct url_parts {
    enum url_scheme scheme;
    struct span host; /* as written, with the brackets of an IPv6 address; else a name or four decimal numbers */
    int port;         /* 0 when there is none or it is the scheme's own; bare URLs count as https */
    struct span rest; /* path and query from their "/" or "?" on, "" when nothing follows */
};

/* False for anything else; *out is then untouched. */
bool url_parts(struct span url, struct url_parts *out) MUST_CHECK;

/* Whether every character is visible ASCII and none that programs drop, mend or read in two ways (RFC 3986 section 2
 * has no place for these either: " < > \ ^ ` { | }), nor a "#". */
bool url_plain(struct span s);

/* Whether nothing follows the host but one "/" at most. */
bool url_is_origin(const struct url_parts *p);

/* Writes scheme, host in lower case and port, such as https://api.example.com; a bare one becomes https. False when it
 * does not fit, and `out` is untouched. */
bool url_origin(const struct url_parts *p, char *out, size_t size) MUST_CHECK;

#endif
