/*
 * guard.h - refuses hostile or ambiguous requests before anything else looks at them: the rules that the HTTP library
 * leaves to its user. Pure: it sees the request line and the header fields, and keeps nothing.
 */
#ifndef ACTIONHOST_WEB_GUARD_H
#define ACTIONHOST_WEB_GUARD_H

#include "runtime/base/bytes.h"
#include "runtime/base/err.h"
#include "runtime/base/limits.h"

struct guard_header {
    struct span name, value;
};

struct guard_request {
    const char *method, *version;       /* as the library gives them */
    struct span raw_target;             /* as it stood in the request line, not decoded */
    const struct guard_header *headers; /* at least min(count, LIMIT_HEADER_LINES) of them */
    size_t count;                       /* all header lines of the request */
    bool hidden;                        /* more came than is shown here: see header_gaps.h */
};

enum guard_method { GUARD_OTHER, GUARD_GET, GUARD_HEAD, GUARD_POST };

enum { GUARD_PATH = 256 };

/* Headers that were absent have p == NULL; of those that are here there was one. */
struct guard_result {
    enum guard_method method;
    char path[GUARD_PATH]; /* percent-decoded once, absolute, without dot segments, encoded slashes or empty segments */
    struct span query;     /* after the '?', not decoded */
    struct span request_id, request_context, client_context, signature;
    struct span content_type, authorization, traceparent, user_agent;
    /* for pages that people see; of several the last, which is what the nearest proxy wrote */
    struct span host, cookie, origin, fetch_site, forwarded_for;
    int64_t content_length; /* -1 when unknown */
    bool chunked;
    bool has_body; /* there is one, or may be one */
    bool expect_continue;
    bool close; /* framing cannot be trusted: answer and close */
};

/*
 * False: *e says why (400, 404, 415 or 431). The result is filled in either case as far as it could be: request_id is
 * set when it is fit to be echoed, and close is always meaningful.
 */
bool guard_check(const struct guard_request *r, struct guard_result *out, struct err *e) MUST_CHECK;

/* application/json, with or without charset=utf-8. */
bool guard_is_json(struct span content_type);

/* Version 00 of the W3C Trace Context header, or a later one that begins alike. Anything else is ignored by the caller.
 */
bool guard_traceparent(struct span value);

#endif
