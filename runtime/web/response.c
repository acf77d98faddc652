/* response.c - what an exchange answers, as libmicrohttpd sends it. */
#include "runtime/web/response.h"

#include <stdio.h>

static void add_page_headers(struct MHD_Response *m, const struct exchange_answer *a)
{
    if (a->location)
        MHD_add_response_header(m, MHD_HTTP_HEADER_LOCATION, a->location);
    if (a->cookie)
        MHD_add_response_header(m, MHD_HTTP_HEADER_SET_COOKIE, a->cookie);
    if (a->disposition)
        MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_DISPOSITION, a->disposition);
    if (a->personal)
        MHD_add_response_header(m, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (a->policy)
        MHD_add_response_header(m, "Referrer-Policy", "same-origin"); /* a form's Origin is "null" without one */
}

struct MHD_Response *response_make(struct exchange *x, struct streams *streams, struct MHD_Connection *c)
{
    struct exchange_answer *a = &x->answer;
    struct MHD_Response *m;
    char number[16];
    if (a->stream) {
        m = streams_response(streams, c);
    } else if (a->body) {
        m = MHD_create_response_from_buffer(a->n, a->body, MHD_RESPMEM_MUST_FREE);
        if (m)
            a->body = NULL;
    } else {
        m = MHD_create_response_from_buffer(a->fixed ? a->n : 0, (void *)(uintptr_t)(a->fixed ? a->fixed : ""),
                                            MHD_RESPMEM_PERSISTENT);
    }
    if (!m)
        return NULL;
    MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_TYPE, a->content_type ? a->content_type : "application/json");
    MHD_add_response_header(m, "X-Request-Id", x->request_id);
    MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
    if (a->policy)
        MHD_add_response_header(m, "Content-Security-Policy", a->policy);
    add_page_headers(m, a);
    if (a->allow)
        MHD_add_response_header(m, MHD_HTTP_HEADER_ALLOW, a->allow);
    if (a->retry_after_s > 0) {
        snprintf(number, sizeof number, "%d", a->retry_after_s);
        MHD_add_response_header(m, MHD_HTTP_HEADER_RETRY_AFTER, number);
    }
    if (a->close || x->shared->draining)
        MHD_add_response_header(m, MHD_HTTP_HEADER_CONNECTION, "close");
    return m;
}
