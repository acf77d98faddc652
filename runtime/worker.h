/*
 * worker.h - the process that runs actions: one call at a time, many in turn.
 */
#ifndef ACTIONHOST_WORKER_H
#define ACTIONHOST_WORKER_H

#include "runtime/declare/config.h"

/*
 * Runs in a new process until its socket ends, or WORKER_CALLS calls are done, or something went wrong. Returns the
 * exit code. `socket` is the worker's end of its pair with the front.
 */
int worker_run(int socket, struct config *c, struct declarations *d);

/* Whether workers of this build get memory and file limits: not under sanitizers, which need both. */
bool worker_is_limited(void);

#endif
