/*
 * streams.h - answers that last: readers of the jobs page hear when something has changed (server-sent events), and ask
 * for the page again by themselves. One question in half a second serves all of them; without readers none is asked.
 *
 * A stream belongs to its response: it goes when libmicrohttpd is done with that.
 */
#ifndef ACTIONHOST_WEB_STREAMS_H
#define ACTIONHOST_WEB_STREAMS_H

#include <microhttpd.h>

#include "runtime/web/front_state.h"

enum { STREAMS_MAX = 64, STREAMS_COMMENT_MS = 25000 };

struct streams;

/* Borrows it; counts in shared->streams. Ends the program without memory. */
struct streams *streams_new(struct exchange_shared *shared);
/* After the daemon has stopped. */
void streams_free(struct streams *s);

/* A response that goes on; NULL without memory. */
struct MHD_Response *streams_response(struct streams *s, struct MHD_Connection *c);

/* Once per turn: asks, tells, and ends all of them when the host drains. True: a connection was resumed. */
bool streams_work(struct streams *s, int64_t now_ms);
/* Milliseconds until streams_work has something to do; -1 = nothing. */
int streams_timeout_ms(const struct streams *s, int64_t now_ms);
/* Ends all, and asks no more: whoever answers may go now. */
void streams_end(struct streams *s);

#endif
