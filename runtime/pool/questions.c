/* questions.c - what workers ask of the front, or of the jobs process, while a call runs: the cache, named
 * authorizations, breakers, jobs. */
#include <stdlib.h>

#include "runtime/base/system.h"
#include "runtime/pool/pool_parts.h"

enum { ACTION_BREAKER_MS = 30000 };

/* Sends what was written to w->out. */
static void answer(struct worker_slot *w, bool written)
{
    if (!written || !slot_flush(w))
        slot_lost(w, "cannot be answered");
}

bool on_cache_question(struct worker_slot *w, const struct frame *f)
{
    struct message_cache_question q;
    struct message_cache_answer a = { 0 };
    if (!message_cache_question_read(f, &q))
        return false;
    a.found = cache_get(w->pool->cache, q.key, clock_ms(), &a.value, &a.age_ms);
    answer(w, message_cache_answer_write(&w->out, f->call, &a));
    return true;
}

bool on_cache_entry(struct worker_slot *w, const struct frame *f)
{
    struct message_cache_entry m;
    if (!message_cache_entry_read(f, &m))
        return false;
    (void)cache_put(w->pool->cache, m.key, m.value, (int)m.ttl_s, clock_ms());
    return true;
}

/* Who asked for what is answered later; the worker may be gone when the answer comes. */
struct asker {
    struct worker_slot *slot;
    uint64_t generation, call;
    struct asker **link, *next; /* of those that wait */
};

/* NULL without memory. */
static struct asker *new_asker(struct worker_slot *w, uint64_t call)
{
    struct pool *p = w->pool;
    struct asker *a = malloc(sizeof *a);
    if (!a)
        return NULL;
    *a = (struct asker){ w, w->generation, call, &p->askers, p->askers };
    if (a->next)
        a->next->link = &a->next;
    return p->askers = a;
}

static void free_asker(struct asker *a)
{
    *a->link = a->next;
    if (a->next)
        a->next->link = a->link;
    free(a);
}

void pool_forget_askers(struct pool *p)
{
    while (p->askers)
        free_asker(p->askers);
}

static void on_authorization(void *ctx, const struct org_session *s, const struct err *e)
{
    struct asker *a = ctx;
    struct worker_slot *w = a->slot;
    if (w->state != VACANT && w->generation == a->generation) {
        w->asking = false;
        struct message_authorization_answer m = { .granted = s != NULL };
        if (s)
            m.org = org_texts_of(s);
        else
            m = (struct message_authorization_answer){ .status = e->status,
                                                       .code = span_of(e->code),
                                                       .text = span_of(e->message) };
        answer(w, message_authorization_answer_write(&w->out, a->call, &m));
    }
    free_asker(a);
}

bool on_authorization_question(struct worker_slot *w, const struct frame *f)
{
    char name[MESSAGE_AUTHORIZATION + 1], stale[LIMIT_ACCESS_TOKEN];
    struct message_authorization_question q;
    if (w->asking) /* it waits for each answer, so that the number of those who wait is bounded */
        return false;
    struct asker *a = message_authorization_question_read(f, &q) ? new_asker(w, f->call) : NULL;
    if (!a)
        return false;
    w->asking = true;
    copy_span(name, sizeof name, q.name);
    copy_span(stale, sizeof stale, q.stale);
    authorizations_get(w->pool->authorizations, name, stale, on_authorization, a);
    bytes_wipe(stale, sizeof stale);
    return true;
}

bool on_authorization_wish(struct worker_slot *w, const struct frame *f)
{
    char name[MESSAGE_AUTHORIZATION + 1];
    struct message_authorization_wish m;
    if (!message_authorization_wish_read(f, &m))
        return false;
    copy_span(name, sizeof name, m.name);
    authorizations_expect(w->pool->authorizations, name);
    return true;
}

/* Breakers of actions have a table of their own, so that they can neither touch the orgs' nor push them out. */
static struct breaker *action_breaker(struct worker_slot *w, struct span name)
{
    char text[MESSAGE_BREAKER + 1];
    copy_span(text, sizeof text, name);
    struct breaker *b = breakers_get(w->pool->action_breakers, text);
    b->interval_ms = ACTION_BREAKER_MS;
    return b;
}

bool on_breaker_question(struct worker_slot *w, const struct frame *f)
{
    struct message_breaker_question q;
    if (!message_breaker_question_read(f, &q))
        return false;
    const struct message_breaker_answer a = { breaker_allow(action_breaker(w, q.name), clock_ms()) };
    answer(w, message_breaker_answer_write(&w->out, f->call, &a));
    return true;
}

bool on_breaker_report(struct worker_slot *w, const struct frame *f)
{
    struct message_breaker_report m;
    if (!message_breaker_report_read(f, &m))
        return false;
    breaker_report(action_breaker(w, m.name), m.ok, clock_ms());
    return true;
}

/* ---- jobs ---- */

static void on_job_answer(void *ctx, const struct message_job_answer *m)
{
    struct asker *a = ctx;
    struct worker_slot *w = a->slot;
    if (w->state != VACANT && w->generation == a->generation) {
        w->asking = false;
        answer(w, message_job_answer_write(&w->out, a->call, m));
    }
    free_asker(a);
}

/* Answers with a refusal of the host's own. */
static void refuse_job_question(struct worker_slot *w, uint64_t call, const struct err *e)
{
    const struct message_job_answer m = {
        .status = e->status, .code = span_of(e->code), .body = span_of(e->message), .retry_after_s = e->retry_after_s
    };
    answer(w, message_job_answer_write(&w->out, call, &m));
}

/* Who asks is known here: a worker speaks for the caller of its call alone, whatever it says. */
static bool is_own_question(const struct worker_slot *w, const struct message_job_question *q)
{
    const struct ticket *t = w->ticket;
    return t->work == WORK_INVOCATION && q->what < JOB_WAIT_STARTED &&
           q->action == t->action - w->pool->declarations->v && span_eq(q->org.id, t->org_id) &&
           span_eq(q->org.user_id, t->user_id);
}

bool on_job_question(struct worker_slot *w, const struct frame *f)
{
    struct message_job_question q;
    struct err e = { 0 };
    if (w->asking || !message_job_question_read(f, &q) || !is_own_question(w, &q))
        return false;
    if (!w->pool->job_link) {
        err_set(&e, 503, "jobs_not_configured",
                "This host keeps no jobs. Set DATABASE_URL (PostgreSQL) or JOBS_DB (a file) and start it again.");
        refuse_job_question(w, f->call, &e);
        return true;
    }
    struct asker *a = new_asker(w, f->call);
    if (!a)
        return false;
    w->asking = true;
    if (job_link_ask(w->pool->job_link, &q, JOB_LINK_ANSWER_MS, on_job_answer, a, NULL, &e))
        return true;
    w->asking = false;
    free_asker(a);
    refuse_job_question(w, f->call, &e);
    return true;
}

bool on_step_report(struct worker_slot *w, const struct frame *f)
{
    struct message_step_report m;
    struct message_step_answer a = { 0 };
    if (w->ticket->work == WORK_INVOCATION || !w->pool->on_step_report || !message_step_report_read(f, &m))
        return false;
    w->pool->on_step_report(w->ticket->ctx, m.save, m.state, &a);
    answer(w, message_step_answer_write(&w->out, f->call, &a));
    return true;
}
