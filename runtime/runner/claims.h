/*
 * claims.h - when this process asks the queue for steps and how many it takes, the heartbeat that keeps them its own,
 * and the queue's upkeep.
 */
#ifndef ACTIONHOST_RUNNER_CLAIMS_H
#define ACTIONHOST_RUNNER_CLAIMS_H

#include "runtime/runner/runs.h"

enum {
    CLAIM_LEASE_MS = 60000,
    CLAIM_BEAT_MS = CLAIM_LEASE_MS / 3,
    CLAIM_BEAT_HEARD_MS = 5000 /* sooner when something runs and the queue has changed: a job may have been cancelled */
};

struct claims;

struct claims_parts {
    struct queue *queue;
    struct pool *pool;
    struct runs *runs;
    struct parallel *parallel;
    const struct declarations *declarations;
    const char *owner;
    int workers; /* 0 = this process runs no steps */
    int poll_ms, keep_days;
};

/* Borrows all of it. Ends the program when there is no memory. */
struct claims *claims_new(const struct claims_parts *p);
void claims_free(struct claims *c);

/* There may be steps to claim. */
void claims_heard(struct claims *c);
/* Claims, beats, sweeps: what is due. Only while the queue is open. Once per turn. */
void claims_work(struct claims *c, int64_t now_ms);
/* Milliseconds until claims_work has something to do; -1 = nothing. */
int claims_timeout_ms(const struct claims *c, int64_t now_ms);
/* From here on nothing is claimed. */
void claims_drain(struct claims *c);

#endif
