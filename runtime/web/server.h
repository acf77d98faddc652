/*
 * server.h - the HTTP side of the front: libmicrohttpd on the event loop, each request from its first header to its
 * answer.
 *
 * Order of a request: guard -> route -> header checks -> authenticate -> read the body -> replay check -> worker ->
 * answer. (A data action needs its body before it can be authenticated.) A connection is suspended while it waits.
 */
#ifndef ACTIONHOST_WEB_SERVER_H
#define ACTIONHOST_WEB_SERVER_H

#include "runtime/auth/addon.h"
#include "runtime/base/start_fault.h"
#include "runtime/pool/pool.h"

struct server;

/* What the server uses; all borrowed, all must outlive it. */
struct server_parts {
    struct loop *loop;
    const struct config *config;
    const struct declarations *declarations;
    struct addon *addon;
    struct verify *verify; /* NULL when APPLINK_AUTH is addon */
    struct pool *pool;
    struct job_link *jobs; /* NULL when no jobs are configured */
};

/* Reads the files that settings name, and binds. NULL: the reason stands in *fault. *port is the one that was bound. */
struct server *server_new(const struct server_parts *parts, int *port, struct start_fault *fault) MUST_CHECK;

/* Listens and starts accepting; to be called when the first worker is ready. False: the reason stands in *fault. */
bool server_accept(struct server *s, struct start_fault *fault) MUST_CHECK;

/* Lets libmicrohttpd work, and ends connections that are too slow. Once per turn. */
void server_work(struct server *s, int64_t now_ms);
int server_timeout_ms(const struct server *s, int64_t now_ms);

/* Stops accepting; answers from now on close their connection. What the kernel has already accepted is still served. */
void server_drain(struct server *s);
/* Requests that have begun and are not answered in full. */
int server_in_flight(const struct server *s);
/* Connections that are suspended are answered with 503, everything is closed. */
void server_free(struct server *s);

#endif
