/* events.c - see events.h. What the listener says is checked by its frames; that a lease is held, by the database. */
#include "runtime/runner/events.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/events/event_pack.h"
#include "runtime/inbox/batch.h"
#include "runtime/inbox/event_jobs.h"
#include "runtime/inbox/group.h"

enum {
    SOURCES = 256, /* subscriptions of this process */
    ASKED = 256,   /* questions that wait for the add-on */
    CLOSE_AT_ONCE = 200,
    STREAM_MS = 20,      /* while batches follow each other that fast, transactions are closed in theirs */
    AGAIN_MS = 1000,     /* after the database was away, or has refused a transaction */
    SKEW_MS = 60 * 1000, /* between the org's clock and the database's */
    RETAIN_MS = 60 * 1000
};

/* A subscription whose lease this process has. */
struct source {
    bool used;
    char connection[MESSAGE_AUTHORIZATION + 1], topic[MESSAGE_TOPIC + 1];
    int64_t id, fence, since_ms;
    struct org_session session; /* without its token */
    struct groups *groups;
    int64_t not_before_ms;
    int64_t batch_ms; /* when the last one came */
};

/* A question that waits for a session. */
struct asked {
    struct events *owner; /* NULL = free */
    uint64_t call;
    bool claims;
    char org[RECORD_ID_SIZE], topic[MESSAGE_TOPIC + 1];
};

struct events {
    struct events_parts p;
    struct front_link *link;
    struct source sources[SOURCES];
    struct asked asked[ASKED];
    int64_t retain_at_ms;
};

struct events *events_new(const struct events_parts *p)
{
    struct events *e = calloc(1, sizeof *e);
    if (!e)
        abort();
    e->p = *p;
    return e;
}

static void drop(struct source *s)
{
    groups_free(s->groups);
    *s = (struct source){ .used = false };
}

void events_free(struct events *e)
{
    if (!e)
        return;
    for (int i = 0; i < SOURCES; i++)
        if (e->sources[i].used)
            drop(&e->sources[i]);
    free(e);
}

void events_link(struct events *e, struct front_link *link)
{
    e->link = link;
}

static void sent(struct events *e, bool written)
{
    front_link_send(e->link, written);
}

/* ---- sessions ---- */

static struct asked *ask(struct events *e, uint64_t call)
{
    for (int i = 0; i < ASKED; i++)
        if (!e->asked[i].owner) {
            e->asked[i] = (struct asked){ .owner = e, .call = call };
            return &e->asked[i];
        }
    return NULL;
}

static void answer_session(struct events *e, uint64_t call, const struct org_session *session, const struct err *err)
{
    struct message_authorization_answer m = { .granted = session != NULL };
    if (session) {
        m.org = org_texts_of(session);
    } else {
        m.status = err->status;
        m.code = span_of(err->code);
        m.text = span_of(err->message);
    }
    sent(e, message_authorization_answer_write(front_link_out(e->link), call, &m));
}

static void answer_lease(struct events *e, uint64_t call, enum lease lease)
{
    const struct message_subscription_answer m = { .lease = lease };
    sent(e, message_subscription_answer_write(front_link_out(e->link), call, &m));
}

static void claim(struct asked *a, const struct org_session *session);

static void on_session(void *ctx, const struct org_session *session, const struct err *err)
{
    struct asked *a = ctx;
    struct events *e = a->owner;
    struct asked copy = *a;
    a->owner = NULL;
    if (!front_link_is_open(e->link))
        return;
    if (!copy.claims)
        answer_session(e, copy.call, session, err);
    else if (!session || !record_id_same(span_of(session->id), span_of(copy.org))) /* it leads to another org by now */
        answer_lease(e, copy.call, LEASE_UNKNOWN);
    else
        claim(&copy, session);
}

static void on_authorization(struct events *e, uint64_t call, const struct message_authorization_question *q)
{
    struct err busy;
    struct asked *a = ask(e, call);
    char name[MESSAGE_AUTHORIZATION + 1], stale[LIMIT_ACCESS_TOKEN];
    if (!a) {
        err_set(&busy, 503, "busy", "Too many sessions are asked for at once.");
        answer_session(e, call, NULL, &busy);
        return;
    }
    copy_span(name, sizeof name, q->name);
    copy_span(stale, sizeof stale, q->stale);
    authorizations_get(e->p.authorizations, name, stale, on_session, a);
    bytes_wipe(stale, sizeof stale);
}

/* ---- leases ---- */

static struct source *source_of(struct events *e, struct span connection, struct span topic)
{
    for (int i = 0; i < SOURCES; i++) {
        struct source *s = &e->sources[i];
        if (s->used && span_eq(connection, s->connection) && span_eq(topic, s->topic))
            return s;
    }
    return NULL;
}

static struct source *new_source(struct events *e)
{
    for (int i = 0; i < SOURCES; i++)
        if (!e->sources[i].used)
            return &e->sources[i];
    return NULL;
}

static void on_open_group(void *ctx, const char *key, int ids)
{
    groups_add(ctx, span_of(key), ids, clock_ms());
}

static bool begin_source(struct events *e, struct source *s, const struct subscription *taken, const char *topic,
                         const struct org_session *session)
{
    *s = (struct source){ .used = true,
                          .id = taken->id,
                          .fence = taken->fence,
                          .since_ms = taken->began_ms - SKEW_MS,
                          .session = *session,
                          .groups = groups_new() };
    bytes_wipe(s->session.token, sizeof s->session.token);
    copy_text(s->connection, sizeof s->connection, session->authorization);
    copy_text(s->topic, sizeof s->topic, topic);
    if (inbox_each_open(e->p.queue, s->id, on_open_group, s->groups) == QUEUE_OK)
        return true;
    drop(s);
    return false;
}

static void answer_held(struct events *e, uint64_t call, const struct subscription *s)
{
    const struct message_subscription_answer m = { .lease = LEASE_HELD,
                                                   .fence = s->fence,
                                                   .position = s->position_n ? POSITION_AFTER
                                                               : s->first    ? POSITION_LATEST
                                                                             : POSITION_EARLIEST,
                                                   .replay_id = { (const char *)s->position, s->position_n } };
    sent(e, message_subscription_answer_write(front_link_out(e->link), call, &m));
}

static void claim(struct asked *a, const struct org_session *session)
{
    struct events *e = a->owner;
    struct source *s = source_of(e, span_of(session->authorization), span_of(a->topic));
    const struct subscription_claim c = { .org_id = session->id,
                                          .topic = a->topic,
                                          .connection = session->authorization,
                                          .owner = e->p.owner,
                                          .lease_ms = SUBSCRIPTION_LEASE_MS };
    struct subscription taken = { .held = false };
    if (s)
        drop(s); /* the listener begins anew */
    s = new_source(e);
    enum queue_result r = s ? subscription_take(e->p.queue, &c, &taken) : QUEUE_FULL;
    if (r != QUEUE_OK || (taken.held && !begin_source(e, s, &taken, a->topic, session)))
        answer_lease(e, a->call, LEASE_UNKNOWN);
    else if (!taken.held)
        answer_lease(e, a->call, LEASE_OTHERS);
    else
        answer_held(e, a->call, &taken);
}

static bool is_declared(const struct events *e, struct span topic)
{
    for (size_t i = 0; i < e->p.declarations->n; i++) {
        const char *name = e->p.declarations->v[i].events.topic;
        if (name && span_eq(topic, name))
            return true;
    }
    return false;
}

static void on_claim(struct events *e, uint64_t call, const struct message_subscription_question *q)
{
    char name[MESSAGE_AUTHORIZATION + 1];
    struct asked *a = is_declared(e, q->topic) ? ask(e, call) : NULL;
    if (!a) {
        answer_lease(e, call, LEASE_UNKNOWN);
        return;
    }
    a->claims = true;
    copy_span(a->org, sizeof a->org, q->org);
    copy_span(a->topic, sizeof a->topic, q->topic);
    copy_span(name, sizeof name, q->connection);
    authorizations_get(e->p.authorizations, name, "", on_session, a);
}

static void on_renew(struct events *e, uint64_t call, struct source *s, const struct message_subscription_question *q)
{
    static const char *const states[SUBSCRIPTION_STATES] = { "opening", "open", "failed" };
    char reason[MESSAGE_REASON + 1];
    copy_span(reason, sizeof reason, q->reason);
    const struct subscription_health h = { states[q->state], reason,        q->received,
                                           q->unreadable,    q->reconnects, q->waiting };
    const struct message_subscription_answer held = { .lease = LEASE_HELD, .fence = s->fence };
    enum queue_result r = subscription_renew(e->p.queue, s->id, s->fence, SUBSCRIPTION_LEASE_MS, &h);
    if (r == QUEUE_OK)
        sent(e, message_subscription_answer_write(front_link_out(e->link), call, &held));
    else
        answer_lease(e, call, r == QUEUE_LOST ? LEASE_OTHERS : LEASE_UNKNOWN);
    if (r == QUEUE_LOST)
        drop(s);
}

static void on_lost(struct events *e, uint64_t call, struct source *s, const struct message_subscription_question *q)
{
    char reason[MESSAGE_REASON + 1];
    const struct subscription earliest = { .fence = s->fence };
    copy_span(reason, sizeof reason, q->reason);
    enum queue_result r = subscription_lose(e->p.queue, s->id, s->fence, reason);
    if (r != QUEUE_OK) {
        answer_lease(e, call, r == QUEUE_LOST ? LEASE_OTHERS : LEASE_UNKNOWN);
        return;
    }
    log_event(LOG_ERROR, "position-lost", "connection", s->connection, "topic", s->topic, "why", reason, NULL);
    answer_held(e, call, &earliest);
}

static void on_release(struct events *e, uint64_t call, struct source *s)
{
    if (subscription_release(e->p.queue, s->id, s->fence) != QUEUE_OK)
        log_event(LOG_WARN, "lease-not-released", "connection", s->connection, "topic", s->topic, NULL);
    drop(s);
    answer_lease(e, call, LEASE_OTHERS);
}

static void on_subscription(struct events *e, uint64_t call, const struct message_subscription_question *q)
{
    struct source *s = source_of(e, q->connection, q->topic);
    if (q->what == SUBSCRIPTION_CLAIM)
        on_claim(e, call, q);
    else if (!s || s->fence != q->fence)
        answer_lease(e, call, LEASE_OTHERS);
    else if (q->what == SUBSCRIPTION_RENEW)
        on_renew(e, call, s, q);
    else if (q->what == SUBSCRIPTION_LOST)
        on_lost(e, call, s, q);
    else
        on_release(e, call, s);
}

/* ---- events ---- */

static struct event_jobs jobs_of(const struct events *e, const struct source *s)
{
    return (struct event_jobs){
        .declarations = e->p.declarations, .session = &s->session, .topic = s->topic, .keep_days = e->p.keep_days
    };
}

static void note_closed(const struct source *s, const struct event_jobs *jobs, const struct inbox_kept *kept)
{
    struct log_line line;
    if (jobs->gaps)
        log_event(LOG_ERROR, "gap-not-reconciled", "connection", s->connection, "topic", s->topic, "why",
                  "An action that declares no condition cannot look for what has changed.", NULL);
    if (!kept->jobs)
        return;
    log_begin(&line, LOG_INFO, "events-started");
    log_text(&line, "connection", s->connection);
    log_text(&line, "topic", s->topic);
    log_int(&line, "transactions", kept->closed);
    log_int(&line, "jobs", kept->jobs);
    log_end(&line);
}

/* A transaction that keeps the others from being closed: by itself, and kept apart when that fails too. */
static void close_alone(struct events *e, struct source *s, const char (*key)[INBOX_KEY + 1], int64_t now_ms)
{
    struct event_jobs jobs = jobs_of(e, s);
    const struct inbox_closing closing = { key, 1, event_jobs_make, &jobs };
    struct inbox_kept kept;
    enum queue_result r = inbox_keep(e->p.queue, s->id, s->fence, NULL, &closing, &kept);
    if (r == QUEUE_FULL) {
        log_event(LOG_ERROR, "transaction-kept-apart", "connection", s->connection, "topic", s->topic, "transaction",
                  *key, "why", queue_why(e->p.queue), NULL);
        r = inbox_set_aside(e->p.queue, s->id, s->fence, *key, "Its jobs could not be put into the queue.");
    }
    if (r == QUEUE_OK) {
        note_closed(s, &jobs, &kept);
        groups_closed(s->groups, *key);
    } else {
        groups_put_off(s->groups, *key, now_ms + AGAIN_MS);
    }
}

/* Has the batch kept (NULL = none) with the transactions that are due. */
static enum queue_result keep(struct events *e, struct source *s, const struct inbox_batch *batch, int64_t now_ms,
                              struct inbox_kept *kept)
{
    static char keys[CLOSE_AT_ONCE][INBOX_KEY + 1];
    struct event_jobs jobs = jobs_of(e, s);
    struct inbox_closing closing = { (const char(*)[INBOX_KEY + 1]) keys, 0, event_jobs_make, &jobs };
    closing.n = groups_due(s->groups, now_ms, keys, CLOSE_AT_ONCE);
    *kept = (struct inbox_kept){ 0 };
    if (!batch && closing.n == 0)
        return QUEUE_OK;
    enum queue_result r = inbox_keep(e->p.queue, s->id, s->fence, batch, &closing, kept);
    if (r == QUEUE_FULL) {
        r = batch ? inbox_keep(e->p.queue, s->id, s->fence, batch, NULL, kept) : QUEUE_OK;
        for (size_t i = 0; i < closing.n && r == QUEUE_OK; i++)
            close_alone(e, s, &closing.keys[i], now_ms);
        return r;
    }
    if (r == QUEUE_OK)
        note_closed(s, &jobs, kept);
    for (size_t i = 0; i < closing.n && r == QUEUE_OK; i++)
        groups_closed(s->groups, keys[i]);
    return r;
}

static enum events_result keep_batch(struct events *e, struct source *s, struct batch *b, struct inbox_kept *kept)
{
    int64_t now_ms = clock_ms();
    s->batch_ms = now_ms;
    enum queue_result r = keep(e, s, &b->b, now_ms, kept);
    for (size_t i = 0; r == QUEUE_OK && i < b->b.n; i++)
        if (b->v[i].body.n)
            groups_add(s->groups, b->v[i].key, b->v[i].ids, now_ms);
    if (r != QUEUE_OK) /* also when it was away: a later batch would be kept behind a hole, so all is claimed again */
        drop(s);
    return r == QUEUE_OK ? EVENTS_KEPT : r == QUEUE_LOST ? EVENTS_REFUSED : EVENTS_AGAIN;
}

/* False: the frame holds what no listener packs. */
static bool on_events(struct events *e, uint64_t call, const struct message_events *m)
{
    static struct batch b;
    struct source *s = source_of(e, m->connection, m->topic);
    struct message_events_answer answer = { .result = EVENTS_REFUSED };
    struct inbox_kept kept = { 0 };
    struct span rest = m->events;
    struct event event;
    bool well = true;
    if (s && s->fence == m->fence) {
        const struct batch_source from = { e->p.declarations, s->connection, s->topic, s->since_ms };
        batch_begin(&b, s->id, s->fence, m->latest);
        for (int64_t i = 0; i < m->count && well; i++)
            well = event_unpack(&rest, &event) && batch_add(&b, &from, &event);
        if (well)
            answer.result = keep_batch(e, s, &b, &kept);
        batch_end(&b);
    }
    answer.kept = kept.kept;
    answer.duplicates = kept.duplicates;
    if (well)
        sent(e, message_events_answer_write(front_link_out(e->link), call, &answer));
    return well;
}

bool events_hear(void *ctx, const struct frame *f)
{
    struct events *e = ctx;
    struct message_events events;
    struct message_subscription_question subscription;
    struct message_authorization_question authorization;
    if (message_events_read(f, &events))
        return on_events(e, f->call, &events);
    if (message_subscription_question_read(f, &subscription))
        on_subscription(e, f->call, &subscription);
    else if (message_authorization_question_read(f, &authorization))
        on_authorization(e, f->call, &authorization);
    else
        return false;
    return true;
}

/* ---- the clock ---- */

void events_work(struct events *e, int64_t now_ms)
{
    int64_t deleted = 0;
    struct inbox_kept kept;
    if (queue_state(e->p.queue) != QUEUE_OK)
        return;
    for (int i = 0; i < SOURCES; i++) {
        struct source *s = &e->sources[i];
        if (!s->used || now_ms < s->not_before_ms || now_ms < s->batch_ms + STREAM_MS)
            continue;
        enum queue_result r = keep(e, s, NULL, now_ms, &kept);
        if (r == QUEUE_LOST)
            drop(s);
        else if (r != QUEUE_OK)
            s->not_before_ms = now_ms + AGAIN_MS;
    }
    if (now_ms < e->retain_at_ms)
        return;
    bool more = inbox_retain(e->p.queue, &deleted) == QUEUE_OK && deleted > 0;
    e->retain_at_ms = now_ms + (more ? AGAIN_MS : RETAIN_MS);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int events_timeout_ms(const struct events *e, int64_t now_ms)
{
    int64_t next = e->retain_at_ms;
    if (queue_state(e->p.queue) != QUEUE_OK)
        return -1;
    for (int i = 0; i < SOURCES; i++) {
        const struct source *s = &e->sources[i];
        int ms = s->used ? groups_timeout_ms(s->groups, now_ms) : -1;
        int64_t at = later(now_ms + ms, later(s->not_before_ms, s->batch_ms + STREAM_MS));
        if (ms >= 0 && at < next)
            next = at;
    }
    return ms_until(next, now_ms);
}
