/*
 * authentication.h - the question who calls, for as long as it is open. It may outlive whoever asked: what was asked of
 * the add-on or of the keys cannot be taken back, so one only stops waiting for it.
 */
#ifndef ACTIONHOST_WEB_AUTHENTICATION_H
#define ACTIONHOST_WEB_AUTHENTICATION_H

#include "runtime/web/front_state.h"

struct authentication;

/* e->status 0 = genuine. exp_s: of a token that was verified here, else 0. `e` is borrowed for the call. */
typedef void authentication_fn(void *ctx, const struct err *e, int64_t exp_s);

/* Who asks: `*open` is the question while it is open, and NULL again when `done` is called. All is borrowed. */
struct authentication_asker {
    const struct exchange_shared *shared;
    struct span request_id;
    struct authentication **open;
    authentication_fn *done;
    void *ctx;
};

/*
 * Is the invocation of these contexts genuine? The add-on, the keys, or both say so, by APPLINK_AUTH. `done` is called
 * once, perhaps before this returns, unless the question is forgotten; without memory it is told 503. What the spans of
 * *rc point to must stay until then.
 */
void authentication_ask(const struct authentication_asker *asker, const struct request_context *rc,
                        const struct caller *caller);

/* The same for a data action, all of which is looked at before this returns; the add-on judges. */
void authentication_ask_data_action(const struct authentication_asker *asker, const struct addon_data_action *d);

/*
 * Nobody waits for an answer any more; one that still comes is dropped. The question takes over `memory` (malloc, `n`
 * bytes, wiped and freed with it), which its contexts point to. False: nothing was open, and nothing was taken.
 */
bool authentication_forget(struct authentication **open, char *memory, size_t n);

#endif
