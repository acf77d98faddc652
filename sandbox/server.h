/*
 * server.h - the sandbox on a loopback socket: libmicrohttpd with a thread per connection, because an invocation waits
 * for the host, which meanwhile calls the sandbox back.
 */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include "sandbox/sandbox.h"

struct server;

/* Listens on 127.0.0.1; port 0 = any free one. NULL when it cannot. Sets s->url. */
struct server *server_start(struct sandbox *s, int port);
int server_port(const struct server *v);
void server_stop(struct server *v);

#endif
