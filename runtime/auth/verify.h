/*
 * verify.h - local verification of the token in x-request-context (APPLINK_AUTH=jwks and addon+jwks): the gate, the key
 * by its kid, the signature, the claims. Keys come from a file at start-up, or from a URL that is asked again when a
 * kid is unknown.
 */
#ifndef ACTIONHOST_AUTH_VERIFY_H
#define ACTIONHOST_AUTH_VERIFY_H

#include "runtime/auth/contexts.h"
#include "runtime/base/start_fault.h"
#include "runtime/declare/config.h"
#include "runtime/net/fetcher.h"

struct verify;

/*
 * Checks what the jwks modes need beyond the settings themselves: the file of keys, which is read and dropped again.
 * False: a line was added to `faults`.
 */
MUST_CHECK bool verify_check(const struct config *c, struct buf *faults);

/* Both are borrowed; `f` is only used for APPLINK_JWKS_URL. NULL: the reason stands in *fault. */
struct verify *verify_new(const struct config *c, struct fetcher *f, struct start_fault *fault) MUST_CHECK;
/* Those that still wait are not called. Free the fetcher first. */
void verify_free(struct verify *v);

/* e->status 0 = genuine; exp_s is then the token's exp. `e` is borrowed for the time of the callback. */
typedef void verify_done_fn(void *ctx, const struct err *e, int64_t exp_s);

/*
 * Verifies rc->auth for the org of `caller`. `done` is called once: at once, or when a fetch of the keys that is needed
 * has ended. rc and caller must stay until then.
 */
void verify_token(struct verify *v, const struct request_context *rc, const struct caller *caller, verify_done_fn *done,
                  void *ctx);

/* There are keys that may be used. */
bool verify_ready(const struct verify *v);

/* Starts a fetch that is due by time. Once per turn of the loop; and when that is next, -1 = not by time. */
void verify_work(struct verify *v, int64_t now_ms);
int verify_timeout_ms(const struct verify *v, int64_t now_ms);

#endif
