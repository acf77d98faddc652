/* hand_over.c - a request that has passed all checks: once, to a worker, and back; or parked until its job has ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/auth/claims.h"
#include "runtime/base/system.h"
#include "runtime/web/exchange_parts.h"

enum { COUNT_MS = 2000 /* for what the jobs process counts */ };

/* The call never reached a worker: its id may be used again. */
static void unspend(struct exchange *x)
{
    if (x->spent)
        replay_drop(x->shared->replay, x->replay_key);
    x->spent = false;
}

static void answer_json(struct exchange *x, int status, struct span code, struct span body)
{
    x->answer = (struct exchange_answer){ .status = status, .content_type = "application/json", .n = body.n };
    copy_span(x->answer.code, sizeof x->answer.code, code);
    x->answer.body = malloc(body.n + 1);
    if (x->answer.body) {
        memcpy(x->answer.body, body.p, body.n);
        x->answered = true;
    } else {
        struct err e;
        err_set(&e, 503, "busy", "The action ran, but the host has no memory left for its answer.");
        exchange_answer_error(x, &e);
    }
}

/* The job has ended, or the time is over, or there is no telling. */
static void on_job(void *ctx, const struct message_job_answer *a)
{
    struct exchange *x = ctx;
    struct err e;
    x->parked = 0;
    if (a->status < 300) {
        answer_json(x, (int)a->status, (struct span){ 0 }, a->body);
    } else {
        err_set(&e, (int)a->status, "", "%.*s", (int)a->body.n, a->body.p);
        copy_span(e.code, sizeof e.code, a->code);
        e.retry_after_s = (int)a->retry_after_s;
        exchange_answer_error(x, &e);
    }
    exchange_wait_over(x);
}

/* The worker is free; whoever waits for the job holds nothing but its connection. False: answered. */
static bool park(struct exchange *x, const struct pool_reply *r)
{
    char body[sizeof "{\"jobId\":\"\"}" + MESSAGE_JOB_ID];
    struct err e;
    snprintf(body, sizeof body, "{\"jobId\":\"%s\"}", r->park_job);
    const struct message_job_question q = { .what = r->park_started ? JOB_WAIT_STARTED : JOB_WAIT,
                                            .action = x->action - x->shared->declarations->v,
                                            .wait_s = r->park_s,
                                            .request_id = span_of(x->request_id),
                                            .org = { .id =
                                                         span_of(x->data_action ? x->target.org_id : x->caller.org_id),
                                                     .user_id = span_of(x->caller.user_id) },
                                            .body = span_of(body) };
    if (job_link_ask(x->shared->jobs, &q, r->park_s * 1000 + JOB_LINK_ANSWER_MS, on_job, x, &x->parked, &e))
        return true;
    exchange_answer_error(x, &e);
    return false;
}

static void on_reply(void *ctx, const struct pool_reply *r)
{
    struct exchange *x = ctx;
    exchange_release(x, 0);
    x->queued = true;
    x->queued_us = r->queued_us;
    x->ran_us = r->ran_us;
    x->org_calls = r->org_calls;
    copy_text(x->api_usage, sizeof x->api_usage, r->api_usage);
    if (r->park_job[0] && park(x, r))
        return;
    if (r->err.status) {
        if (!r->ran_us)
            unspend(x);
        exchange_answer_error(x, &r->err);
    } else if (!r->park_job[0]) {
        answer_json(x, r->status, r->code, r->body);
    }
    exchange_wait_over(x);
}

/* Without an answer the page is shown as it is: a jobs process that is away must not hide the rest. */
static void on_counted(void *ctx, const struct message_job_answer *a)
{
    struct exchange *x = ctx;
    char *both = a->status == 200 ? realloc(x->answer.body, x->answer.n + a->body.n + 1) : NULL;
    x->parked = 0;
    if (both) {
        memcpy(both + x->answer.n, a->body.p, a->body.n);
        x->answer.body = both;
        x->answer.n += a->body.n;
    }
    x->answered = true;
    exchange_wait_over(x);
}

bool exchange_add_jobs(struct exchange *x)
{
    const struct message_job_question q = { .what = JOB_STATS, .request_id = span_of(x->request_id) };
    struct err e;
    x->next = NEXT_NOTHING;
    x->waiting = job_link_ask(x->shared->jobs, &q, COUNT_MS, on_counted, x, &x->parked, &e);
    return x->waiting;
}

void exchange_forget_job(struct exchange *x)
{
    if (x->parked)
        job_link_forget(x->shared->jobs, x->parked);
    x->parked = 0;
}

static bool check_replay(struct exchange *x, struct err *e)
{
    const struct config *c = x->shared->config;
    int64_t now = clock_ms() / 1000; /* a clock that is set must neither forget nor fill the table */
    if (!replay_key(x->rc.org_id, x->rc.id, x->replay_key))
        return err_set(e, 500, "internal_error", "The host could not check this request for repetition.");
    int64_t keep = c->replay_window_s, valid = x->token_exp_s + CLAIMS_SKEW_S - (int64_t)time(NULL);
    switch (replay_take(x->shared->replay, x->replay_key, now, now + (x->token_exp_s && valid > keep ? valid : keep))) {
    case REPLAY_FRESH:
        x->spent = true;
        return true;
    case REPLAY_REPEATED:
        return err_set(e, 409, "replayed_request",
                       "An invocation with this id was accepted before. Each needs a new id.");
    case REPLAY_FULL:
        break;
    }
    err_set(e, 503, "replay_table_full",
            "Too many invocations are remembered. Try again in a moment, or raise REPLAY_MAX.");
    e->retry_after_s = 5;
    return false;
}

enum exchange_step exchange_hand_over(struct exchange *x)
{
    struct err e = { 0 };
    const struct pool_call call = {
        .action = x->action,
        .request_id = span_of(x->request_id),
        .traceparent = span_of(x->traceparent),
        .org = { .id = span_of(x->data_action ? x->target.org_id : x->caller.org_id),
                 .url = span_of(x->data_action ? "" : x->caller.org_url),
                 .api_version = x->cc.api_version,
                 .user_id = span_of(x->caller.user_id),
                 .username = x->cc.username,
                 .token = x->cc.access_token },
        .body = { x->body.p ? x->body.p : "", x->body.n },
        .deadline_ms = x->deadline_ms,
        .now = (int64_t)time(NULL),
    };
    /* A data action may be sent again by Data Cloud with the same signature; only invocations have ids of their own. */
    if (pool_full(x->shared->pool)) {
        err_set(&e, 503, "busy", "All workers are busy and the queue is full. Try again in a moment.");
        e.retry_after_s = 1;
        return exchange_answer_error(x, &e);
    }
    if (!x->data_action && !check_replay(x, &e))
        return exchange_answer_error(x, &e);
    x->next = NEXT_NOTHING;
    x->waiting = true;
    if (!pool_submit(x->shared->pool, &call, on_reply, x, &e)) {
        x->waiting = false;
        unspend(x);
        return exchange_answer_error(x, &e);
    }
    /* the call has the body now and keeps its place in the budget until it is answered: it may wait in the queue */
    buf_wipe(&x->body);
    buf_free(&x->body);
    return EXCHANGE_WAIT;
}
