/* pool.c - the queue of calls, their deadlines, the number of workers. */
#include "runtime/pool/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/build.h"
#include "runtime/base/system.h"
#include "runtime/pool/pool_parts.h"

enum {
    GROW_AFTER_MS = 5, /* a call has waited this long before another worker is wanted */
    RETIRE_MS = 250,   /* between two looks at idle workers */
    ORG_BREAKERS = 1024,
    ACTION_BREAKERS = 256
};

static void feed(struct worker_slot *w);

/* What a worker may say besides that it is ready and what it replies, which are the slots' own. */
static const struct {
    enum frame_kind kind;
    frame_fn *handler;
} questions[] = {
    { FRAME_CACHE_QUESTION, on_cache_question },
    { FRAME_CACHE_ENTRY, on_cache_entry },
    { FRAME_AUTHORIZATION_QUESTION, on_authorization_question },
    { FRAME_BREAKER_QUESTION, on_breaker_question },
    { FRAME_BREAKER_REPORT, on_breaker_report },
    { FRAME_AUTHORIZATION_WISH, on_authorization_wish },
    { FRAME_JOB_QUESTION, on_job_question },
    { FRAME_STEP_REPORT, on_step_report },
};

struct pool *pool_new(struct loop *loop, const struct config *c, const struct declarations *d,
                      struct authorizations *authorizations)
{
    struct pool *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    *p = (struct pool){ .loop = loop,
                        .config = c,
                        .declarations = d,
                        .authorizations = authorizations,
                        .feed = feed,
                        .nslots = 2 * c->workers_max + 2,
                        .wanted = c->workers_min };
    p->slots = calloc((size_t)p->nslots, sizeof *p->slots);
    p->idle = calloc((size_t)p->nslots, sizeof *p->idle);
    p->cache = cache_new(LIMIT_CACHE_BYTES);
    p->org_breakers = breakers_new(ORG_BREAKERS);
    p->action_breakers = breakers_new(ACTION_BREAKERS);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        p->handlers[questions[i].kind] = questions[i].handler;
    p->tail = &p->head;
    if (!p->slots || !p->idle || !p->cache || !p->org_breakers || !p->action_breakers)
        abort();
    return p;
}

void pool_on_worker(struct pool *p, pool_worker_fn *ready, pool_worker_fn *worked, void *ctx)
{
    p->on_ready = ready;
    p->on_worked = worked;
    p->on_worker_ctx = ctx;
}

void pool_set_job_link(struct pool *p, struct job_link *l)
{
    p->job_link = l;
}

void pool_on_step_report(struct pool *p, pool_step_fn *fn)
{
    p->on_step_report = fn;
}

/* ---- the queue ---- */

/* Calls of an org that run now. The table is small; a scan is cheaper than keeping counts right. */
static int running_of(const struct pool *p, const char *org_id)
{
    int n = 0;
    for (int i = 0; i < p->nslots; i++)
        if (p->slots[i].ticket && strcmp(p->slots[i].ticket->org_id, org_id) == 0)
            n++;
    return n;
}

static void unlink_ticket(struct pool *p, struct ticket **link)
{
    struct ticket *t = *link;
    *link = t->next;
    if (p->tail == &t->next)
        p->tail = link;
    t->next = NULL;
    p->waiting--;
}

/* First waiting call whose org is below its cap. */
static struct ticket *next_ticket(struct pool *p)
{
    for (struct ticket **link = &p->head; *link; link = &(*link)->next) {
        struct ticket *t = *link;
        if (running_of(p, t->org_id) < p->config->org_calls_max) {
            unlink_ticket(p, link);
            return t;
        }
    }
    return NULL;
}

static void push_back(struct pool *p, struct ticket *t)
{
    t->next = NULL;
    *p->tail = t;
    p->tail = &t->next;
    p->waiting++;
}

static void push_front(struct pool *p, struct ticket *t)
{
    t->next = p->head;
    p->head = t;
    if (p->tail == &p->head)
        p->tail = &t->next;
    p->waiting++;
}

/* The org's breaker is told to the worker, as not every action needs the org. */
static bool hand_over(struct pool *p, struct worker_slot *w, struct ticket *t)
{
    if (slot_hand_over(w, t, !breaker_allow(pool_org_breaker(p, t->org_id), clock_ms())))
        return true;
    push_front(p, t);
    return false;
}

/* A worker has become free: hands it the next waiting call, if there is one. */
static void feed(struct worker_slot *w)
{
    struct ticket *t = w->pool->head ? next_ticket(w->pool) : NULL;
    if (t)
        (void)hand_over(w->pool, w, t);
}

static void feed_idle(struct pool *p)
{
    while (p->head && p->nidle > 0) {
        struct ticket *t = next_ticket(p);
        if (!t)
            return;
        (void)hand_over(p, &p->slots[p->idle[p->nidle - 1]], t);
    }
}

static bool prepare(struct buf *message, const struct pool *p, const struct pool_call *c)
{
    const struct message_call m = { .action = c->action - p->declarations->v,
                                    .deadline_ms = c->deadline_ms,
                                    .now = c->now,
                                    .request_id = c->request_id,
                                    .traceparent = c->traceparent,
                                    .org = c->org,
                                    .work = c->work,
                                    .step = c->step,
                                    .page = c->page,
                                    .body = c->body };
    buf_init(message, MESSAGE_CALL_REST);
    return message_call_prepare(message, &m);
}

bool pool_submit(struct pool *p, const struct pool_call *c, pool_done_fn *done, void *ctx, struct err *e)
{
    bool direct = p->nidle > 0 && !p->head;
    if (!direct && pool_full(p)) {
        err_set(e, 503, "busy", "All workers are busy and %d calls wait already. Try again in a moment.", p->waiting);
        e->retry_after_s = 1;
        return false;
    }
    struct ticket *t = calloc(1, sizeof *t);
    if (!t) {
        err_set(e, 503, "busy", "The host has no memory left for this call. Try again in a moment.");
        e->retry_after_s = 1;
        return false;
    }
    t->id = ++p->calls;
    t->action = c->action;
    t->queued_us = clock_us();
    t->deadline_ms = c->deadline_ms;
    t->done = done;
    t->ctx = ctx;
    copy_span(t->request_id, sizeof t->request_id, c->request_id);
    copy_span(t->org_id, sizeof t->org_id, c->org.id);
    copy_span(t->user_id, sizeof t->user_id, c->org.user_id);
    t->work = c->work;
    if (!prepare(&t->message, p, c)) {
        ticket_free(t);
        return err_set(e, 413, "body_too_large", "The request is larger than the host can pass on.");
    }
    push_back(p, t);
    if (direct)
        feed_idle(p);
    return true;
}

void pool_abandon(struct pool *p)
{
    static const char words[] = "The host stops. What had been done stays.";
    for (int i = 0; i < p->nslots; i++) {
        struct ticket *t = p->slots[i].ticket;
        if (!t)
            continue;
        slot_end(&p->slots[i], "drain");
        ticket_fail(t, 503, "draining", words);
    }
    while (p->head) {
        struct ticket *t = p->head;
        unlink_ticket(p, &p->head);
        ticket_fail(t, 503, "draining", words);
    }
}

/* ---- time ---- */

static void end_overdue_waiting(struct pool *p, int64_t now_ms)
{
    for (struct ticket **link = &p->head; *link;) {
        struct ticket *t = *link;
        if (t->deadline_ms > now_ms) {
            link = &t->next;
            continue;
        }
        unlink_ticket(p, link);
        ticket_fail(t, 504, "deadline_exceeded", "No worker was free in time. Nothing was done; try again.");
    }
}

static void end_overdue_running(struct pool *p, int64_t now_ms)
{
    for (int i = 0; i < p->nslots; i++) {
        struct worker_slot *w = &p->slots[i];
        if (!w->ticket || w->ticket->deadline_ms > now_ms)
            continue;
        struct ticket *t = w->ticket;
        slot_end(w, "deadline");
        ticket_fail(t, 504, "deadline_exceeded",
                    "The action did not end in time and was stopped. What it had already written to the org stays.");
    }
}

static int alive(const struct pool *p, bool starting_only)
{
    int n = 0;
    for (int i = 0; i < p->nslots; i++) {
        enum worker_state s = p->slots[i].state;
        n += starting_only ? s == STARTING : s != VACANT && s != LEAVING;
    }
    return n;
}

/* One more worker while a call waits and none is on its way; one less after a time of idleness. */
static void resize(struct pool *p, int64_t now_ms)
{
    bool hungry = p->head && clock_us() - p->head->queued_us > GROW_AFTER_MS * 1000 && p->nidle == 0;
    if (hungry && p->wanted < p->config->workers_max && alive(p, false) >= p->wanted && alive(p, true) == 0)
        p->wanted++;
    if (now_ms < p->next_retire_ms)
        return;
    p->next_retire_ms = now_ms + RETIRE_MS;
    if (p->nidle == 0)
        return;
    struct worker_slot *oldest = &p->slots[p->idle[0]];
    if (alive(p, false) > p->wanted)
        slot_close(oldest); /* it leaves when it reads the end of its socket */
    else if (p->wanted > p->config->workers_min &&
             now_ms - oldest->idle_since_ms >= (int64_t)p->config->worker_idle_s * 1000)
        p->wanted--; /* the master learns of it before the worker ends, so that it sends no other */
}

void pool_work(struct pool *p, int64_t now_ms)
{
    end_overdue_waiting(p, now_ms);
    end_overdue_running(p, now_ms);
    pool_end_overgrown(p, now_ms);
    feed_idle(p);
    resize(p, now_ms);
}

int pool_timeout_ms(const struct pool *p, int64_t now_ms)
{
    int64_t next = p->wanted > p->config->workers_min || alive(p, false) > p->wanted ? p->next_retire_ms : INT64_MAX;
    if (p->head && p->wanted < p->config->workers_max && now_ms + GROW_AFTER_MS < next)
        next = now_ms + GROW_AFTER_MS;
    for (const struct ticket *t = p->head; t; t = t->next)
        next = t->deadline_ms < next ? t->deadline_ms : next;
    for (int i = 0; i < p->nslots; i++) {
        if (!p->slots[i].ticket)
            continue;
        next = p->slots[i].ticket->deadline_ms < next ? p->slots[i].ticket->deadline_ms : next;
        next = p->next_look_ms < next && !BUILD_SANITIZED ? p->next_look_ms : next;
    }
    if (next == INT64_MAX)
        return -1;
    return next <= now_ms ? 0 : next - now_ms > 60000 ? 60000 : (int)(next - now_ms);
}

int pool_wanted(const struct pool *p)
{
    return p->wanted;
}

int pool_ready(const struct pool *p)
{
    return alive(p, false) - alive(p, true);
}

int pool_running(const struct pool *p)
{
    int n = 0;
    for (int i = 0; i < p->nslots; i++)
        n += p->slots[i].ticket != NULL;
    return n;
}

int pool_waiting(const struct pool *p)
{
    return p->waiting;
}

bool pool_full(const struct pool *p)
{
    return p->waiting >= p->config->queue_max;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->nslots; i++) {
        struct ticket *running = p->slots[i].ticket;
        if (p->slots[i].state != VACANT)
            slot_close(&p->slots[i]);
        if (running)
            ticket_free(running);
    }
    while (p->head) {
        struct ticket *t = p->head;
        p->head = t->next;
        ticket_free(t);
    }
    pool_forget_askers(p);
    cache_free(p->cache);
    breakers_free(p->org_breakers);
    breakers_free(p->action_breakers);
    free(p->slots);
    free(p->idle);
    free(p);
}
