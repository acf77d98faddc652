/*
 * pool.h - the front's view of the workers: who is idle, which calls wait, who is overdue. Also answers what workers
 * ask (cache, named authorizations, breakers). Never blocks; treats what a worker sends as untrusted.
 */
#ifndef ACTIONHOST_POOL_POOL_H
#define ACTIONHOST_POOL_POOL_H

#include "runtime/access/authorizations.h"
#include "runtime/declare/config.h"
#include "runtime/net/loop.h"
#include "runtime/pool/cache.h"
#include "runtime/pool/job_link.h"
#include "runtime/pool/messages.h"

struct pool;

/* What became of a call. Borrowed for the time of the callback. */
struct pool_reply {
    int status;
    struct span code; /* "" for a success */
    struct span body; /* JSON text, the answer or the error object; empty = the host must make it from `err` */
    struct err err;   /* when the host itself has to answer: crash, deadline, busy */
    int org_calls;
    char api_usage[MESSAGE_API_USAGE + 1];
    int64_t queued_us, ran_us;
    enum org_outcome outcome;          /* what the org did during the call */
    char park_job[MESSAGE_JOB_ID + 1]; /* not "": no answer yet, but when this job has ended or the time is over */
    int park_s;
    bool park_started; /* the answer is that of a start */
};
/* Called once for a call that was taken by pool_submit. */
typedef void pool_done_fn(void *ctx, const struct pool_reply *reply);

/* One invocation on its way to a worker; all spans are copied by pool_submit. */
struct pool_call {
    const struct declaration *action;
    struct span request_id, traceparent;
    struct org_texts org;
    enum message_work work;   /* an invocation unless it says else */
    struct message_step step; /* of a job, else zero */
    bool page;                /* a page of the host's own calls */
    struct span body;
    int64_t deadline_ms;
    int64_t now; /* wall clock, seconds */
};

/* Borrows all four. Has no workers until pool_add_worker. */
struct pool *pool_new(struct loop *loop, const struct config *c, const struct declarations *d,
                      struct authorizations *authorizations);
/* Drops all calls without calling their `done`; closes the workers' sockets, at which they leave. */
void pool_free(struct pool *p);

/* A new worker, as the master hands it over. Takes both descriptors. False: it cannot be used; both are closed. */
MUST_CHECK bool pool_add_worker(struct pool *p, int pid, int socket, int pidfd);

/* `ready` is called when a worker has said that it takes calls, `worked` when it was given its first one. */
typedef void pool_worker_fn(void *ctx, int pid);
void pool_on_worker(struct pool *p, pool_worker_fn *ready, pool_worker_fn *worked, void *ctx);

/* Who answers questions about jobs; NULL, as at first, = no jobs are configured. Borrowed. */
void pool_set_job_link(struct pool *p, struct job_link *l);

/*
 * What a step's worker asks while it runs: keep `state` (when `save`), and whether it is to stop. `ctx` is that of
 * pool_submit. Fills *answer, which is zeroed.
 */
struct message_step_answer;
typedef void pool_step_fn(void *ctx, bool save, struct span state, struct message_step_answer *answer);
void pool_on_step_report(struct pool *p, pool_step_fn *fn);

/* Ends the workers of all calls that run or wait; their callers get 503 `draining`. */
void pool_abandon(struct pool *p);

/*
 * Hands the call to an idle worker, or lets it wait. False: the queue is full (*e = 503) and `done` is not called.
 * Otherwise `done` is called once, possibly much later, never from within pool_submit.
 */
MUST_CHECK bool pool_submit(struct pool *p, const struct pool_call *call, pool_done_fn *done, void *ctx, struct err *e);

/* Ends what is overdue, gives waiting calls to idle workers, retires idle workers. To be called once per turn. */
void pool_work(struct pool *p, int64_t now_ms);
/* Milliseconds until pool_work has something to do; -1 = nothing. */
int pool_timeout_ms(const struct pool *p, int64_t now_ms);

int pool_wanted(const struct pool *p);  /* workers that the master should keep alive */
int pool_ready(const struct pool *p);   /* workers that can take calls or run one */
int pool_running(const struct pool *p); /* calls in workers */
int pool_waiting(const struct pool *p); /* calls in the queue */
bool pool_full(const struct pool *p);   /* one more call would be refused */

#endif
