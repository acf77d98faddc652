/*
 * sandbox.h - the sandbox as a whole: its parts are made here, and every request comes in here.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stddef.h>

#include "sandbox/state/state.h"

struct server;

/* Makes all parts and opens the sample org. NULL with `why` filled on failure. */
struct sandbox *sandbox_new(const struct settings *settings, const char *host_url, char *why, size_t why_size);
/* NULL is nothing to free. */
void sandbox_free(struct sandbox *s);

/* Answers at 127.0.0.1, .2 and .3, one address for each org, at this port (0 = one that is free on all). NULL when it
 * cannot listen. The server goes first: server_stop(), then sandbox_free(). */
struct server *sandbox_listen(struct sandbox *s, int port);

/* Answers that a model holds back go at once. */
void sandbox_let_go(struct sandbox *s);

/* Routes, faults and log around every request (routes.c). */
void sandbox_answer(struct sandbox *s, const struct request *rq, struct reply *rp);

#endif
