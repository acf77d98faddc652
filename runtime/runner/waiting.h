/*
 * waiting.h - callers who wait for a job: bounded, and answered when the job has ended, when their time is over, or all
 * at once. Whether a job has ended is looked up a few jobs at a time, so that many who wait cost the queue little.
 */
#ifndef ACTIONHOST_RUNNER_WAITING_H
#define ACTIONHOST_RUNNER_WAITING_H

#include "runtime/jobs/queue.h"

enum {
    WAITING_MAX = 256,
    WAITING_OF_USER = 16,
    WAITING_LOOK_MS = 100,  /* between two looks at the queue, at least */
    WAITING_IDLE_MS = 1000, /* at most: a change in the queue may not have been heard */
    WAITING_LOOKS = 32      /* jobs that are looked up each time */
};

struct waiter {
    uint64_t call; /* number of the question */
    char job[JOB_ID_SIZE], org_id[RECORD_ID_SIZE], user_id[RECORD_ID_SIZE];
    bool started; /* the answer is that of a start */
    int64_t until_ms;
};

struct waiting;

/* Answers one of them, who waits no longer. */
typedef void waiting_answer_fn(void *ctx, const struct waiter *w);
/* queue_peek, but for the tests. */
typedef enum queue_result waiting_peek_fn(void *ctx, const struct waiter *w, bool *ended);

/* Ends the program when there is no memory. */
struct waiting *waiting_new(waiting_peek_fn *peek, waiting_answer_fn *answer, void *ctx);
void waiting_free(struct waiting *w);

/* False: too many wait, or too many of this user: he is to be answered at once. */
MUST_CHECK bool waiting_add(struct waiting *w, const struct waiter *new_one);
/* Something may have changed in the queue. */
void waiting_heard(struct waiting *w);
/* This job has ended here. */
void waiting_job_ended(struct waiting *w, const char *job);
/* Answers those whose job has ended or whose time is over. Once per turn. */
void waiting_work(struct waiting *w, int64_t now_ms);
/* Milliseconds until waiting_work has something to do; -1 = nothing. */
int waiting_timeout_ms(const struct waiting *w, int64_t now_ms);
void waiting_answer_all(struct waiting *w);
/* There is nobody left to be answered. */
void waiting_forget_all(struct waiting *w);
int waiting_count(const struct waiting *w);

#endif
