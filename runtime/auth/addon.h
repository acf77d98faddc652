/*
 * addon.h - the calls to the AppLink add-on: is this invocation genuine, is this data action, what is the token of a
 * named authorization (access/authorizations.h remembers those). Only status 200 is a yes; no verdict is kept or
 * shared; anything unclear is a no.
 */
#ifndef ACTIONHOST_AUTH_ADDON_H
#define ACTIONHOST_AUTH_ADDON_H

#include "runtime/base/err.h"
#include "runtime/declare/config.h"
#include "runtime/net/fetcher.h"

enum {
    ADDON_RETRY_S = 5,
    ADDON_ESCAPED = 2 /* bytes at most that one byte of a data action takes in the question about it */
};

struct addon;

/* e->status 0 = yes. `e` is borrowed for the time of the callback. */
typedef void addon_verdict_fn(void *ctx, const struct err *e);
struct addon *addon_new(struct fetcher *f, const struct config *c);
/* To be called after the fetcher has ended its requests: what is still asked is forgotten, `done` is not called. */
void addon_free(struct addon *a);

/* Opens a connection ahead of the first invocation, so that it pays no handshake. */
void addon_warm(struct addon *a);

/* To be called in every turn: while the breaker is open the add-on is asked once a second whether it is back, so that
 * it does not take an invocation to find out. */
void addon_work(struct addon *a, int64_t now_ms);
/* Milliseconds until addon_work has something to do; -1 = never. */
int addon_timeout_ms(const struct addon *a, int64_t now_ms);

struct addon_invocation {
    struct span org_domain_url, core_jwt, org_id, app_uuid, request_id;
};
/* Asks whether the invocation is genuine; `done` may be called before this returns. All spans are copied. */
void addon_authenticate(struct addon *a, const struct addon_invocation *i, addon_verdict_fn *done, void *ctx);

struct addon_data_action {
    struct span api_name, org_id, signature, payload, request_id;
};
/* The same for a data action, whose raw body is the payload. */
void addon_authenticate_data_action(struct addon *a, const struct addon_data_action *d, addon_verdict_fn *done,
                                    void *ctx);

/*
 * Asks for a named authorization; `name` must be fit for a URL's path. False: the breaker is open, or nothing could be
 * sent. Otherwise `done` is called once, and tells addon_heard.
 */
MUST_CHECK bool addon_fetch_authorization(struct addon *a, const char *name, fetch_done_fn *done, void *ctx);
/* Feeds the breaker with what became of such a request. */
void addon_heard(struct addon *a, const struct fetch_result *r);

/* 503 addon_unavailable, with the seconds after which to try again. Returns false. */
bool addon_unavailable(struct err *e);

/* False while the breaker is open: the add-on has failed to answer several times in a row. */
bool addon_available(const struct addon *a);

#endif
