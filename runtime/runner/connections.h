/*
 * connections.h - which named authorization (of CONNECTIONS) is that of an org, for jobs that run as a connection.
 */
#ifndef ACTIONHOST_RUNNER_CONNECTIONS_H
#define ACTIONHOST_RUNNER_CONNECTIONS_H

#include "runtime/access/authorizations.h"

struct connections;

/* Borrows both, and the list's texts. Ends the program when there is no memory. */
struct connections *connections_new(struct authorizations *a, const struct span_list *names);
/* Who still waits is not called: to be freed after the fetcher has ended its requests. */
void connections_free(struct connections *c);

/* name is NULL when there is none, and e says why: 409 no_connection, or that the add-on did not answer. Borrowed. */
typedef void connection_fn(void *ctx, const char *name, const struct err *e);

/* `done` may be called before this returns. */
void connections_find(struct connections *c, const char *org_id, connection_fn *done, void *ctx);

/* The session of the connection of this name; 404 unknown_connection when CONNECTIONS has none. `done` may be called
 * before this returns. */
void connections_named(struct connections *c, struct span name, authorization_fn *done, void *ctx);

#endif
