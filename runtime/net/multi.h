/*
 * multi.h - libcurl's multi interface on the event loop: its sockets are watched, its timer is kept.
 */
#ifndef ACTIONHOST_NET_MULTI_H
#define ACTIONHOST_NET_MULTI_H

#include <curl/curl.h>

#include "runtime/net/loop.h"

struct multi {
    struct loop *loop;
    CURLM *curl;
    int64_t due_ms; /* of curl's timer; -1 = none */
};

/* Borrows the loop; *m must stay where it is. False: no memory. multi_fini is right in either case. */
MUST_CHECK bool multi_init(struct multi *m, struct loop *loop);
/* All handles must have been removed. */
void multi_fini(struct multi *m);

/* Milliseconds until multi_work has something to do; -1 = when a socket is ready. */
int multi_timeout_ms(const struct multi *m);
/* Runs curl's timer when it is due. */
void multi_work(struct multi *m);
/* The next transfer that has ended, and how; NULL = no more at present. */
CURL *multi_ended(struct multi *m, CURLcode *code);

#endif
