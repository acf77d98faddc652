/*
 * jobs.h - the process that keeps the queue of jobs: the only one with a connection to the database.
 */
#ifndef ACTIONHOST_JOBS_H
#define ACTIONHOST_JOBS_H

#include "runtime/declare/config.h"

struct jobs_start {
    int control; /* to the master */
    int link;    /* to the front, or to the listener; -1 = there is neither */
    int logs;    /* what the step workers log; does not block. -1: they write to stderr themselves */
    struct config *config;
    struct declarations *declarations;
    bool serve;  /* a front or a listener is there: the host is ready when that is */
    bool listen; /* it is the listener: events come by the link (pool/event_messages.h), and no step is run here */
};

/*
 * Runs until it is drained, or its link has ended. Returns the exit code: EX_OK = drained, EX_CONFIG = the database
 * cannot be used by this program.
 */
int jobs_run(const struct jobs_start *s);

#endif
