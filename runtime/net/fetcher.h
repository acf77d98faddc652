/*
 * fetcher.h - the front's HTTP client: libcurl multi on the event loop, kept-alive connections, reused handles.
 */
#ifndef ACTIONHOST_NET_FETCHER_H
#define ACTIONHOST_NET_FETCHER_H

#include "runtime/net/http_rules.h"
#include "runtime/net/loop.h"

struct fetcher;

struct fetch_request {
    const char *url;
    struct buf
        *body; /* POST when not NULL, else GET; what it holds is taken over, and wiped, when the request starts */
    const struct curl_slist *headers; /* must outlive the request */
    const char *header;               /* one more line, copied; NULL = none */
    int timeout_ms;
    size_t max;       /* bytes of the answer that are kept; a longer one is a failure */
    bool ignore_body; /* only the status counts: nothing is kept, and nothing is too long */
};

struct fetch_result {
    enum http_failure failure; /* HTTP_OK when a whole answer came, whatever its status */
    const char *detail;        /* why it failed, for the log; NULL when it did not. Lives as long as the program. */
    int status;                /* 0 when no answer came */
    struct span body;          /* borrowed for the time of the callback */
    int64_t elapsed_us;
};

/* Called once per request, from fetcher_work; the result is borrowed for that time. */
typedef void fetch_done_fn(void *ctx, const struct fetch_result *result);

/* `concurrency` connections are kept open at most. NULL when there is no memory. */
struct fetcher *fetcher_new(struct loop *loop, int concurrency, bool plain_http);
void fetcher_free(struct fetcher *f); /* callbacks of what is under way are not called */

/* Starts a request; `done` is called once, later, from fetcher_work. False: nothing was started, as there is no memory
 * or `header` is longer than any line of the host. */
MUST_CHECK bool fetcher_start(struct fetcher *f, const struct fetch_request *request, fetch_done_fn *done, void *ctx);

/* Milliseconds until fetcher_work has something to do; -1 = when a socket is ready. */
int fetcher_timeout_ms(const struct fetcher *f);
/* Runs due timers and calls the functions of what has ended. */
void fetcher_work(struct fetcher *f);

#endif
