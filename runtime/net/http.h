/*
 * http.h - one request at a time over libcurl, with the rules that hold for everything a worker sends: those of
 * http_rules.h, ceilings for size and time, and the address checked as well as the name (hosts.h). The easy handle
 * lives as long as the worker, so connections to an org stay open between calls.
 */
#ifndef ACTIONHOST_NET_HTTP_H
#define ACTIONHOST_NET_HTTP_H

#include "runtime/base/bytes.h"
#include "runtime/net/http_rules.h"

struct http;

#define HTTP_STREAM_STOP ((size_t)-1)
/* A body that is made while it is sent, or taken while it comes; neither is ever held whole. */
struct http_stream {
    /* Puts at most `room` (> 0) bytes to `to` and says how many; 0 = that was all, HTTP_STREAM_STOP = the rest is not
     * to be sent. NULL: the body is that of the request. */
    size_t (*read)(void *ctx, char *to, size_t room);
    /* Takes the next bytes of the body of a 2xx answer, decoded; false = it wants no more. NULL: it goes to the reply.
     */
    bool (*sink)(void *ctx, const char *p, size_t n);
    void *ctx;
};

struct http_request {
    const char *method;
    const char *url;            /* checked by hosts_allow before */
    const char *const *headers; /* "Name: value", ended by NULL */
    const struct span *body;    /* pieces that are sent one after another */
    size_t pieces;
    const struct http_stream *stream; /* NULL = none */
    size_t max;                       /* ceiling of the answer's body, decoded */
    int64_t timeout_ms;
    bool loopback; /* from hosts_match */
    bool once;     /* must not leave twice, whatever happens to the connection */
};

struct http_reply {
    enum http_failure failure;
    bool sent;     /* the peer may have got the whole request */
    bool streamed; /* bytes went through the request's stream: it cannot be sent anew */
    int status;    /* 0 when no status line came */
    struct buf body;
    int retry_after_s;  /* 0 when there was none */
    char api_usage[48]; /* "25/5000" of Sforce-Limit-Info */
    char locator[120];  /* Sforce-Locator, "" when there was none */
    bool counted;       /* whether there was Sforce-NumberOfRecords: */
    int64_t records;
    char content_type[80];
    char detail[120]; /* why it failed, for the log */
};

/* `ca_file` NULL = the system's certificates. NULL when libcurl cannot start. */
struct http *http_new(const char *ca_file);
void http_free(struct http *h);

/*
 * Sends one request. True when a whole answer came (then r->failure is HTTP_OK). Always fills *r; http_reply_free it
 * either way. When a kept connection turns out dead, libcurl sends again on a new one, but never a request marked
 * `once`: that fails as cut. Functions of a stream may send requests by another handle, not by this one.
 */
bool http_send(struct http *h, const struct http_request *q, struct http_reply *r) MUST_CHECK;
void http_reply_free(struct http_reply *r);

/* Status, headers and whether the peer may have got it all, of a transfer that has ended. */
void http_read_meta(CURL *easy, struct http_reply *r);

/* What a handle may connect to. Lives as long as the handle. */
struct http_guard {
    bool loopback; /* from hosts_match */
    bool refused;  /* out: an address was turned down */
};

/* What every handle of a worker gets, also those of fetch_all.c: http_rules, and the check of the address. `ca_file` as
 * in http_new. */
void http_harden(CURL *easy, const char *ca_file, struct http_guard *guard);

#endif
