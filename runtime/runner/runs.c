/* runs.c - claimed steps on their way through a worker and back into the queue. */
#include "runtime/runner/runs.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/json_text.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/runner/callback.h"
#include "runtime/runner/step_result.h"

enum { ADDON_AGAIN_MS = 5000, LINE_S = 30 /* for one delivery */ };

enum run_state {
    RUN_FREE,
    RUN_AUTHORIZING, /* its connection's session is asked for */
    RUN_WORKING,     /* it waits for a worker, or is in one */
    RUN_ENDING       /* what it did is to be kept by the queue */
};

struct run {
    struct runs *owner;
    enum run_state state;
    bool stop;     /* it is to end soon, */
    bool canceled; /* because its job was cancelled */
    struct claim claim;
    const struct declaration *declaration;
    struct parallel_grant grant;
    struct buf line;  /* of a step that delivers one, as its worker is told it */
    struct buf token; /* of its connection, to tell the add-on which one the org has refused */
    int64_t ran_us;
    struct step_result result; /* of RUN_ENDING */
};

struct runs {
    struct runs_parts p;
    runs_ended_fn *ended;
    void *ctx;
    struct run *v;
    int held;
};

static void on_report(void *ctx, bool save, struct span state, struct message_step_answer *answer);

struct runs *runs_new(const struct runs_parts *p, runs_ended_fn *ended, void *ctx)
{
    struct runs *r = calloc(1, sizeof *r);
    if (!r || !(r->v = calloc((size_t)p->most + 1, sizeof *r->v)))
        abort();
    r->p = *p;
    r->ended = ended;
    r->ctx = ctx;
    for (int i = 0; i < p->most; i++)
        r->v[i].owner = r;
    pool_on_step_report(p->pool, on_report);
    return r;
}

static struct span held(const struct buf *b)
{
    return (struct span){ b->p, b->n };
}

static void release(struct run *x)
{
    step_result_free(&x->result);
    buf_wipe(&x->token);
    buf_free(&x->token);
    buf_wipe(&x->line);
    buf_free(&x->line);
    queue_claim_free(&x->claim);
    *x = (struct run){ .owner = x->owner };
    x->owner->held--;
}

void runs_free(struct runs *r)
{
    if (!r)
        return;
    for (int i = 0; i < r->p.most; i++)
        if (r->v[i].state != RUN_FREE)
            release(&r->v[i]);
    free(r->v);
    free(r);
}

int runs_room(const struct runs *r)
{
    return r->p.most - r->held;
}

int runs_held(const struct runs *r)
{
    return r->held;
}

/* ---- the end of a step ---- */

/* What the queue does not take whole fails the job, in words that say why. */
static void refuse_whole(struct run *x)
{
    char why[STEP_MESSAGE_MAX];
    copy_text(why, sizeof why, queue_why(x->owner->p.queue));
    step_result_free(&x->result);
    step_result_set(&x->result, STEP_JOB_FAILED, "job_too_large",
                    *why ? why : "A step has planned or answered more than a job may hold.");
}

static void end_kept(struct run *x, const struct step_ended *ended)
{
    struct runs *r = x->owner;
    const struct step_fact fact = { &x->claim, &x->result.end, ended, x->ran_us };
    char job[JOB_ID_SIZE];
    copy_text(job, sizeof job, x->claim.job);
    stats_step(r->p.stats, &fact);
    release(x);
    if (ended->job_ended)
        r->ended(r->ctx, job);
}

/* Has the queue keep what the step did. While there is no database it is kept here and tried again. */
static void settle(struct run *x)
{
    struct queue *q = x->owner->p.queue;
    struct step_ended ended = { 0 };
    enum queue_result kept = queue_step_end(q, &x->claim, &x->result.end, &ended);
    if (kept == QUEUE_FULL && x->result.end.outcome != STEP_JOB_FAILED) {
        refuse_whole(x);
        kept = queue_step_end(q, &x->claim, &x->result.end, &ended);
    }
    if (kept == QUEUE_OK) {
        end_kept(x, &ended);
    } else if (kept != QUEUE_AWAY && kept != QUEUE_BROKEN && kept != QUEUE_NEWER) {
        stats_lost(x->owner->p.stats, &x->claim);
        release(x);
    }
}

/* x->result is set. */
static void end(struct run *x)
{
    x->state = RUN_ENDING;
    if (x->result.nonsense[0])
        log_event(LOG_ERROR, "step-nonsense", "job", x->claim.job, "action", x->claim.operation, "member",
                  x->result.nonsense, NULL);
    settle(x);
}

static void end_with(struct run *x, enum step_outcome outcome, int64_t after_ms, const char *code, const char *message)
{
    step_result_set(&x->result, outcome, code, message);
    x->result.end.after_ms = after_ms;
    end(x);
}

void runs_settle(struct runs *r)
{
    for (int i = 0; i < r->p.most && queue_state(r->p.queue) == QUEUE_OK; i++)
        if (r->v[i].state == RUN_ENDING)
            settle(&r->v[i]);
}

bool runs_unsettled(const struct runs *r)
{
    for (int i = 0; i < r->p.most; i++)
        if (r->v[i].state == RUN_ENDING)
            return true;
    return false;
}

/* ---- what a worker said ---- */

/* Codes by which an org asks for less at once. */
static bool is_push_back(const char *code)
{
    static const char *const codes[] = { "UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE",
                                         "QUERY_TIMEOUT" };
    for (size_t i = 0; code && i < sizeof codes / sizeof *codes; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

static void learn(const struct run *x, const struct pool_reply *reply)
{
    const struct step_end *e = &x->result.end;
    bool is_page = x->claim.kind == STEP_PAGE && e->outcome == STEP_DONE;
    struct parallel_met met = { .clean = e->outcome == STEP_DONE,
                                .pushed_back = e->gate || reply->outcome == ORG_FAULT || is_push_back(e->code),
                                .us_per_request = is_page && reply->org_calls ? reply->ran_us / reply->org_calls : 0 };
    for (size_t i = 0; i < e->results_n; i++)
        met.pushed_back = met.pushed_back || is_push_back(e->results[i].code);
    parallel_end(x->owner->p.parallel, x->claim.org_id, x->grant, &met);
}

/* How steps end without saying so themselves. */
static const struct {
    const char *code; /* of the pool's or the worker's reply */
    enum step_outcome outcome;
    const char *step_code, *message;
} endings[] = {
    { "action_crashed", STEP_CRASHED, "crashed", "The step crashed each time it was tried." },
    { "deadline_exceeded", STEP_CRASHED, "deadline_exceeded", "The step did not end in time each time it was tried." },
    { "out_of_memory", STEP_CRASHED, "out_of_memory", "The step needed more memory than it may use." },
    { "draining", STEP_RELEASED, NULL, "" },
};

static void read_reply(struct run *x, const struct pool_reply *reply)
{
    char code[MESSAGE_CODE + 1];
    if (reply->status == 200) {
        step_result_read(&x->result, reply->body, x->claim.kind, x->claim.items);
        return;
    }
    copy_span(code, sizeof code, reply->code);
    if (reply->err.status && reply->ran_us == 0) { /* it was in no worker */
        step_result_set(&x->result, STEP_RELEASED, NULL, "");
        return;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (strcmp(code, endings[i].code) == 0) {
            step_result_set(&x->result, endings[i].outcome, endings[i].step_code, endings[i].message);
            return;
        }
    }
    step_result_read(&x->result, (struct span){ 0 }, x->claim.kind, x->claim.items);
}

/* The add-on has another token: the step is tried again with that. Else the job waits for somebody to look at it. */
static void on_renewed(void *ctx, const struct org_session *session, const struct err *e)
{
    struct run *x = ctx;
    (void)e;
    if (session && !span_eq(held(&x->token), session->token)) {
        step_result_free(&x->result);
        step_result_set(&x->result, STEP_AGAIN, "session_ended", "The session of the connection had ended.");
        x->result.end.counts = true; /* so that an org that takes none of them is not asked without end */
    }
    end(x);
}

static void on_done(void *ctx, const struct pool_reply *reply)
{
    struct run *x = ctx;
    x->ran_us = reply->ran_us;
    read_reply(x, reply);
    learn(x, reply);
    if (x->result.end.outcome != STEP_WAITS || !x->token.n) {
        end(x);
        return;
    }
    x->state = RUN_AUTHORIZING;
    authorizations_get(x->owner->p.authorizations, x->claim.connection, x->token.p, on_renewed, x);
}

static int of_org(const struct runs *r, const char *org_id)
{
    int n = 0;
    for (int i = 0; i < r->p.most; i++)
        n += r->v[i].state != RUN_FREE && strcmp(r->v[i].claim.org_id, org_id) == 0;
    return n;
}

static void on_report(void *ctx, bool save, struct span state, struct message_step_answer *answer)
{
    struct run *x = ctx;
    enum queue_result r = save ? queue_step_save(x->owner->p.queue, &x->claim, state) : QUEUE_AWAY;
    x->stop = x->stop || r == QUEUE_LOST;
    x->grant = parallel_renew(x->owner->p.parallel, x->claim.org_id, x->grant, of_org(x->owner, x->claim.org_id));
    *answer = (struct message_step_answer){
        .kept = r == QUEUE_OK, .stop = x->stop, .canceled = x->canceled, .parallel = x->grant.n
    };
}

/* ---- into a worker ---- */

static void submit(struct run *x, const struct org_texts *org)
{
    static const enum message_work works[] = {
        [STEP_PLAN] = WORK_PLAN, [STEP_PAGE] = WORK_PAGE, [STEP_FINISH] = WORK_FINISH, [STEP_DELIVER] = WORK_DELIVER
    };
    struct runs *r = x->owner;
    const struct claim *c = &x->claim;
    const bool line = c->kind == STEP_DELIVER;
    const int seconds = line ? LINE_S : x->declaration->job.step_s;
    struct err e;
    x->grant = parallel_begin(r->p.parallel, c->org_id, of_org(r, c->org_id));
    const struct pool_call call = { .action = x->declaration,
                                    .request_id = span_of(c->request_id),
                                    .traceparent = span_of(c->traceparent),
                                    .org = *org,
                                    .work = works[c->kind],
                                    .step = { .job_id = span_of(c->job),
                                              .payload = held(line ? &x->line : &c->payload),
                                              .saved = held(&c->saved),
                                              .attempt = c->attempt,
                                              .parallel = x->grant.n,
                                              .total = c->job_total > 0 ? c->job_total : 0,
                                              .done = c->job_done,
                                              .failed = c->job_failed },
                                    .body = held(&c->input),
                                    .deadline_ms = clock_ms() + (int64_t)seconds * 1000,
                                    .now = time(NULL) };
    x->state = RUN_WORKING;
    if (pool_submit(r->p.pool, &call, on_done, x, &e))
        return;
    parallel_end(r->p.parallel, c->org_id, x->grant, &(struct parallel_met){ 0 });
    log_event(LOG_WARN, "step-not-begun", "job", c->job, "why", e.message, NULL);
    end_with(x, STEP_RELEASED, 0, NULL, "");
}

static void on_connection(void *ctx, const struct org_session *session, const struct err *e)
{
    struct run *x = ctx;
    if (x->stop) {
        end_with(x, STEP_RELEASED, 0, NULL, "");
    } else if (!session && e->status == 503) {
        end_with(x, STEP_AGAIN, ADDON_AGAIN_MS, e->code, e->message);
    } else if (!session) {
        end_with(x, STEP_WAITS, 0, "connection_unavailable", e->message);
    } else if (!record_id_same(span_of(session->id), span_of(x->claim.org_id))) {
        end_with(x, STEP_JOB_FAILED, 0, "connection_changed",
                 "The connection that this job runs as leads to another org now. Start the job again.");
    } else {
        const struct org_texts org = org_texts_of(session);
        buf_init(&x->token, LIMIT_ACCESS_TOKEN);
        buf_add(&x->token, org.token.p, org.token.n);
        submit(x, &org);
    }
}

static void submit_as_caller(struct run *x)
{
    static const char *const words[] = {
        [SEAL_OTHER_KEY] = "The token of this job was sealed under a key that is not in JOBS_KEY any more. Call "
                           "retryJob as the same user, whose token is then taken.",
        [SEAL_DAMAGED] = "The token of this job cannot be opened. Call retryJob as the same user, whose token is then "
                         "taken."
    };
    const struct claim *c = &x->claim;
    struct buf token;
    buf_init(&token, LIMIT_ACCESS_TOKEN);
    enum seal_opened opened = seal_open(x->owner->p.keys, span_of(c->job), held(&c->credentials), &token);
    if (opened == SEAL_OPENED) {
        const struct org_texts org = { .id = span_of(c->org_id),
                                       .url = span_of(c->org_url),
                                       .api_version = span_of(c->api_version),
                                       .user_id = span_of(c->user_id),
                                       .username = span_of(c->username),
                                       .token = held(&token) };
        submit(x, &org);
    } else {
        log_event(LOG_WARN, "token-not-opened", "job", c->job, NULL);
        end_with(x, STEP_WAITS, 0, "token_not_opened", words[opened]);
    }
    buf_wipe(&token);
    buf_free(&token);
}

/* Makes the line that the worker gets. False: the step has ended. */
static bool begin_line(struct run *x)
{
    const struct claim *c = &x->claim;
    if (c->kind != STEP_DELIVER)
        return true;
    switch (callback_line(x->owner->p.keys, c, &x->line)) {
    case CALLBACK_LINE:
        return true;
    case CALLBACK_GONE:
        end_with(x, STEP_DONE, 0, NULL, "");
        return false;
    case CALLBACK_SEALED:
        break;
    }
    end_with(x, STEP_FAILED, 0, "callback_not_opened",
             "its URL was sealed under a key that is not in JOBS_KEY any more.");
    return false;
}

static void begin(struct run *x)
{
    const struct claim *c = &x->claim;
    x->declaration = declaration_find(x->owner->p.declarations, span_of(c->operation));
    if (!x->declaration || !x->declaration->is_job) {
        end_with(x, STEP_RELEASED, ADDON_AGAIN_MS, NULL, "");
    } else if (!begin_line(x)) {
        return;
    } else if (c->connection && *c->connection) {
        authorizations_get(x->owner->p.authorizations, c->connection, "", on_connection, x);
    } else {
        submit_as_caller(x);
    }
}

void runs_take(struct runs *r, const struct claim *claims, int n)
{
    struct run *taken[RUNS_MAX];
    int k = 0;
    for (int i = 0; i < r->p.most && k < n; i++) {
        if (r->v[i].state != RUN_FREE)
            continue;
        r->v[i].state = RUN_AUTHORIZING;
        r->v[i].claim = claims[k];
        r->held++;
        taken[k++] = &r->v[i];
    }
    for (int i = 0; i < k; i++) /* now that it is known how many of each org there are */
        begin(taken[i]);
}

/* ---- stopping ---- */

void runs_stop_step(struct runs *r, int64_t step)
{
    for (int i = 0; i < r->p.most; i++)
        if (r->v[i].state != RUN_FREE && r->v[i].claim.step == step)
            r->v[i].stop = r->v[i].canceled = true;
}

void runs_stop_job(struct runs *r, const char *job)
{
    for (int i = 0; i < r->p.most; i++)
        if (r->v[i].state != RUN_FREE && strcmp(r->v[i].claim.job, job) == 0)
            r->v[i].stop = r->v[i].canceled = true;
}

void runs_stop_all(struct runs *r)
{
    for (int i = 0; i < r->p.most; i++)
        r->v[i].stop = r->v[i].state != RUN_FREE;
}
