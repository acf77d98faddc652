/*
 * master.h - the process that the others come from. It has one thread, parses nothing from outside, forks front or
 * listener, jobs and the workers, reaps them and replaces workers, and a jobs process, that end.
 */
#ifndef ACTIONHOST_MASTER_MASTER_H
#define ACTIONHOST_MASTER_MASTER_H

#include "runtime/declare/config.h"

/* What a new process is given. It inherits nothing else but stderr, and knows no setting that is not for it. */
struct process_start {
    int socket; /* of a keeper (front, jobs): packets of process/control.h; of a worker: frames, to its keeper */
    int link;   /* of jobs: frames, to front or listener; -1 = there is neither */
    int logs;   /* of a keeper: what its workers log, does not block; -1: they write to stderr themselves */
    struct config *config;
    struct declarations *declarations;
};

/* Lives in the new process until it is done; returns the exit code. */
typedef int process_fn(const struct process_start *s);

struct processes {
    process_fn *front;    /* NULL: this host has none */
    process_fn *listener; /* the same; with neither of both it runs jobs alone */
    process_fn *jobs, *call_worker, *step_worker;
    bool logs_by_pipe; /* workers may write no file, and what they log goes by way of their keeper */
};

/*
 * With a front: runs until that has ended, and then the jobs process, which there is when a database is configured.
 * Without one: until the listener, or where there is none the jobs process, has ended by itself or was drained. Returns
 * the program's exit code: that of this process; EX_CONFIG when the first jobs process ended with it; EX_UNAVAILABLE
 * when no worker can start its actions; EX_SOFTWARE when a process was ended from outside or cannot be made.
 */
int master_run(struct config *c, struct declarations *d, const struct processes *p);

#endif
