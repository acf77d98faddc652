/* tickets.c - a call on its way, and how its caller learns what became of it. */
#include <stdlib.h>

#include "runtime/base/system.h"
#include "runtime/pool/pool_parts.h"

void ticket_free(struct ticket *t)
{
    buf_wipe(&t->message);
    buf_free(&t->message);
    free(t);
}

void ticket_settle(struct ticket *t, struct pool_reply *r)
{
    int64_t now = clock_us();
    r->queued_us = (t->started_us ? t->started_us : now) - t->queued_us;
    if (!r->ran_us && t->started_us)
        r->ran_us = now - t->started_us;
    t->done(t->ctx, r);
    ticket_free(t);
}

void ticket_fail(struct ticket *t, int status, const char *code, const char *message)
{
    struct pool_reply r = { .status = status };
    err_set(&r.err, status, code, "%s", message);
    r.code = span_of(r.err.code);
    ticket_settle(t, &r);
}
