/*
 * runs.h - the steps that this process has claimed, from the claim to what the queue has kept of them: whose token a
 * step gets, its worker, what the worker said, its end.
 */
#ifndef ACTIONHOST_RUNNER_RUNS_H
#define ACTIONHOST_RUNNER_RUNS_H

#include "runtime/jobs/queue.h"
#include "runtime/pool/pool.h"
#include "runtime/runner/parallel.h"
#include "runtime/runner/seal.h"
#include "runtime/runner/stats.h"

enum { RUNS_MAX = 64 };

struct runs;

struct runs_parts {
    struct queue *queue;
    struct pool *pool;
    struct authorizations *authorizations;
    const struct declarations *declarations;
    const struct seal_keys *keys;
    struct parallel *parallel;
    struct stats *stats;
    int most; /* steps at once, RUNS_MAX at most */
};

/* A job has ended with one of these steps. */
typedef void runs_ended_fn(void *ctx, const char *job);

/* Borrows all of it. Ends the program when there is no memory. */
struct runs *runs_new(const struct runs_parts *p, runs_ended_fn *ended, void *ctx);
/* Steps that are still held are dropped: their leases end by themselves, or are released by the next process. To be
 * called after the pool and the fetcher have gone, which call back. */
void runs_free(struct runs *r);

/* How many more can be taken. */
int runs_room(const struct runs *r);
int runs_held(const struct runs *r);
/* Begins steps that were just claimed, at most runs_room of them; takes over what each holds. */
void runs_take(struct runs *r, const struct claim *claims, int n);

/* These are to end soon: the step of that number, all of that job, all of them. */
void runs_stop_step(struct runs *r, int64_t step);
void runs_stop_job(struct runs *r, const char *job);
void runs_stop_all(struct runs *r);

/* Tries again to have the queue keep what steps did while it was away. */
void runs_settle(struct runs *r);
/* Some step's end is not kept yet. */
bool runs_unsettled(const struct runs *r);

#endif
