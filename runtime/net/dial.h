/*
 * dial.h - a connection that libcurl opens and somebody else speaks over: names, addresses of both kinds, TLS and its
 * checks are libcurl's, HTTP/2 is not. Nothing here waits.
 */
#ifndef ACTIONHOST_NET_DIAL_H
#define ACTIONHOST_NET_DIAL_H

#include "runtime/net/http_rules.h"
#include "runtime/net/loop.h"

struct dialer;
struct dial;

/* Borrows the loop. `ca_file` NULL = the system's certificates; borrowed. NULL without memory. */
struct dialer *dialer_new(struct loop *loop, bool plain_http, const char *ca_file);
/* After every dial was closed. */
void dialer_free(struct dialer *d);
int dialer_timeout_ms(const struct dialer *d); /* as fetcher_timeout_ms */
void dialer_work(struct dialer *d);            /* calls whose connection has come, or has failed */

/* `failure` HTTP_OK: the connection is there, with a descriptor to watch; else `detail` says why not. Once for each. */
typedef void dial_fn(void *ctx, enum http_failure failure, const char *detail);

/*
 * Opens a connection to scheme, host and port of `url`; over TLS it offers "h2" and nothing else. `done` is called from
 * dialer_work. NULL: nothing was begun.
 */
struct dial *dial_open(struct dialer *d, const char *url, int timeout_ms, dial_fn *done, void *ctx);
/* At any time; `done` is then not called any more. NULL is ignored. */
void dial_close(struct dial *d);

/* The socket, to be watched; stays the dial's. */
int dial_fd(const struct dial *d);
/* Bytes that were sent or received; 0 = none at present; -1 = the connection has ended. */
MUST_CHECK ssize_t dial_send(struct dial *d, const void *p, size_t n);
MUST_CHECK ssize_t dial_receive(struct dial *d, void *p, size_t n);

#endif
