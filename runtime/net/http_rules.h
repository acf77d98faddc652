/*
 * http_rules.h - what holds for every request that leaves the host, whichever client sends it: TLS 1.2 or newer and
 * verified, no redirects, no proxy, no credentials of the machine, no cookies, no signals; and how one that failed is
 * called.
 */
#ifndef ACTIONHOST_NET_HTTP_RULES_H
#define ACTIONHOST_NET_HTTP_RULES_H

#include <curl/curl.h>
#include <stdbool.h>

enum http_failure {
    HTTP_OK,      /* a whole answer came, whatever its status */
    HTTP_RESOLVE, /* the name has no address */
    HTTP_CONNECT,
    HTTP_TLS,     /* handshake or certificate */
    HTTP_ADDRESS, /* the name leads to an address that is not allowed */
    HTTP_TIMEOUT,
    HTTP_CUT, /* the connection ended before the whole answer was there */
    HTTP_TOO_LARGE,
    HTTP_GARBAGE, /* what came is not HTTP, or its encoding is broken */
    HTTP_LOCAL,   /* libcurl could not even try */
    HTTP_STOPPED  /* a function of the request's own stream has ended it */
};

/*
 * Starts libcurl, once in each process that sends requests. It copies header lines, and so tokens, into memory of its
 * own: what it frees is overwritten. False: it does not start. Undone by curl_global_cleanup().
 */
bool http_start(void);

/* Sets the rules on a fresh handle. What differs from one client to the other (URL, times, compression, the check of
 * the address) is set by that client. */
void http_rules(CURL *easy);

/* A list of the header lines (the last of them is NULL), each copied; NULL when out of memory. Lists hold tokens, so
 * one is overwritten before it goes back to the heap. */
struct curl_slist *http_headers(const char *const *lines);
void http_headers_free(struct curl_slist *list);

/* What became of a transfer that libcurl ended with `code`; `refused` = its address was turned down. */
enum http_failure http_failure_of(CURLcode code, bool refused);

/* The word for logs and for act_fetch: timeout, unreachable, refused_host, too_large. NULL for HTTP_OK. */
const char *http_failure_word(enum http_failure f);

#endif
