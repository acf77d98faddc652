/*
 * authorizations.h - named authorizations: the orgs that an admin has connected to this app, each with a session that
 * the AppLink add-on keeps fresh.
 */
#ifndef ACTIONHOST_ACCESS_AUTHORIZATIONS_H
#define ACTIONHOST_ACCESS_AUTHORIZATIONS_H

#include "runtime/auth/addon.h"
#include "runtime/base/org_session.h"

struct authorizations;

/* session is NULL when e says why there is none. Both are borrowed for the time of the callback. */
typedef void authorization_fn(void *ctx, const struct org_session *session, const struct err *e);

/* Borrows the add-on, which must outlive it. Ends the program when there is no memory. */
struct authorizations *authorizations_new(struct addon *addon);
/* Wipes the sessions. Nobody who waits is called. To be called after the fetcher has ended its requests. */
void authorizations_free(struct authorizations *a);

/*
 * The session of a named authorization. Remembered until it is asked for with the token that turned out to be stale
 * ("" at first); callers that ask meanwhile share one request. Of more than LIMIT_AUTHORIZATIONS names the one unused
 * longest is forgotten; when somebody waits for each of them, one more is refused. `done` may be called before this
 * returns, and must not ask again by itself.
 */
void authorizations_get(struct authorizations *a, const char *name, const char *stale, authorization_fn *done,
                        void *ctx);

/*
 * Somebody will ask for this name soon: its session is fetched now, unless it is known or on its way. What cannot be
 * fetched is told to whoever asks.
 */
void authorizations_expect(struct authorizations *a, const char *name);

#endif
