/*
 * server.h - the sandbox on a loopback socket: libmicrohttpd with a thread per connection, because an invocation waits
 * for the host, which meanwhile calls the sandbox back.
 */
#ifndef SANDBOX_HTTP_SERVER_H
#define SANDBOX_HTTP_SERVER_H

#include "sandbox/http/http.h"

struct server;

/* Answers one request into an empty reply. Called by the thread of each connection, so by several at a time. */
typedef void server_answer(void *ctx, const struct request *rq, struct reply *rp);

enum { SERVER_ADDRESSES = 3 };

/* Listens on 127.0.0.1, 127.0.0.2 and 127.0.0.3 and has every request answered by answer(ctx, ...), which finds the
 * address's place in it; port 0 = one that is free on all. NULL when it cannot. */
struct server *server_start(int port, server_answer *answer, void *ctx);
/* The port it listens on. */
int server_port(const struct server *v);
/* Ends all connections, then frees; NULL is nothing to stop. */
void server_stop(struct server *v);

#endif
