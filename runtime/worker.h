/*
 * worker.h - the process that runs actions: one call at a time, many in turn.
 */
#ifndef ACTIONHOST_WORKER_H
#define ACTIONHOST_WORKER_H

#include "runtime/declare/config.h"

/* Whom it works for: the front, which hands it invocations, or the jobs process, which hands it steps. */
enum worker_kind { WORKER_OF_CALLS, WORKER_OF_STEPS };

/*
 * Runs in a new process until its socket ends, or WORKER_CALLS calls are done, or something went wrong. Returns the
 * exit code. `socket` is the worker's end of its pair with the front or the jobs process. Steps run at nice 5, so that
 * they make way for calls.
 */
int worker_run(int socket, struct config *c, struct declarations *d, enum worker_kind kind);

/*
 * Whether workers of this build may write no file and be looked at by nobody: not under sanitizers, which need both,
 * and not in a debug build, whose crashes are to be looked at.
 */
bool worker_is_limited(void);

#endif
