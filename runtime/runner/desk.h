/*
 * desk.h - answers questions about jobs: those of callers, which came by a worker and the front, and the front's own.
 * Org and user of a question are the caller's (the front has seen to that); everything in its body is looked at.
 *
 *   JOB_START      the job's input       201 {jobId, state, operation, message}
 *   JOB_GET        {jobId}               200 the job (queue_get)
 *   JOB_LIST       {state?, operation?, pageSize?, cursor?}      200 {jobs, cursor?}
 *   JOB_CANCEL     {jobId}               200 {jobId, state, operation, message}
 *   JOB_RETRY      {jobId}               200 {jobId, state, operation, message}
 *   JOB_FAILURES   {jobId, pageSize?, cursor?}                   200 {failures, cursor?}
 *   JOB_WAIT       {jobId}               as JOB_GET, when the job has ended or wait_s are over
 *   JOB_WAIT_STARTED {jobId}             as JOB_START, likewise
 *   JOB_STATS      {}                    200 Prometheus text
 *   JOB_PAGE_LIST  {state?, search?, show?}        200 the jobs of all callers, and queue_overview
 *   JOB_PAGE_SHOW  {jobId, rows?}        200 the job as nobody's in particular (queue_get)
 *   JOB_PAGE_FAILURES {jobId, cursor?}   200 {failures, cursor?}
 *   JOB_PAGE_CANCEL, JOB_PAGE_RETRY {jobId}        200 {}; a retry of connections' jobs alone
 *   JOB_PAGE_PAUSE {queue, paused}       200 {}
 *   JOB_PAGE_PULSE {}                    200 {pulse}
 *
 * or a refusal: job_not_found 404, job_ended, nothing_to_retry, no_connection 409, job_too_large 413,
 * invalid_callback_url 422,
 * jobs_unavailable, jobs_key_missing 503.
 */
#ifndef ACTIONHOST_RUNNER_DESK_H
#define ACTIONHOST_RUNNER_DESK_H

#include "runtime/net/hosts.h"
#include "runtime/pool/messages.h"
#include "runtime/runner/connections.h"
#include "runtime/runner/seal.h"
#include "runtime/runner/stats.h"

struct desk;

struct desk_parts {
    struct queue *queue;
    const struct declarations *declarations;
    const struct seal_keys *keys;
    struct connections *connections;
    const struct hosts *org_hosts; /* where a callback may be */
    struct stats *stats;
    int keep_days; /* of jobs whose declaration does not say */
    /* Sends an answer. */
    void (*answer)(void *ctx, uint64_t call, const struct message_job_answer *m);
    /* A job was cancelled: its steps that run here are to end. */
    void (*canceled)(void *ctx, const char *job);
    /* Fills in what is measured in the process. */
    void (*measure)(void *ctx, struct stats_now *now);
    void *ctx;
};

/* Borrows all of it. Ends the program when there is no memory. */
struct desk *desk_new(const struct desk_parts *p);
void desk_free(struct desk *d);

/* Answers it, now or later; what it borrows may go afterwards. */
void desk_ask(struct desk *d, uint64_t call, const struct message_job_question *q, int64_t now_ms);

/* Something may have changed in the queue. */
void desk_heard(struct desk *d);
/* This job has ended here. */
void desk_job_ended(struct desk *d, const char *job);
/* Answers those whose waiting is over. Once per turn. */
void desk_work(struct desk *d, int64_t now_ms);
int desk_timeout_ms(const struct desk *d, int64_t now_ms);
/* From here on nobody waits any more. */
void desk_drain(struct desk *d);
/* There is nobody left to be answered. */
void desk_hang_up(struct desk *d);

#endif
