/*
 * queue_inbox.c - events are kept with the position behind them, and become jobs by transactions. An event's row has
 * state 0 while its transaction may go on, 1 when it has become jobs (the id alone is left, by which it is known when
 * it comes again), 2 when it could not be used and is kept apart.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/system.h"
#include "runtime/jobs/inbox.h"
#include "runtime/jobs/queue_parts.h"

enum { RETAIN = 5000 /* rows a time */ };

struct keeping {
    int64_t subscription, fence;
    const struct inbox_batch *batch;
    const struct inbox_closing *closing;
    struct inbox_kept *out;
};

struct inbox_put {
    struct queue *q;
    struct db *d;
    struct inbox_kept *out;
    bool failed;
};

bool inbox_put(struct inbox_put *p, const struct job_new *j)
{
    struct job_started started;
    if (!p->failed && job_start_within(p->q, p->d, j, &started) != QUEUE_OK)
        p->failed = true;
    p->out->jobs += !p->failed;
    return !p->failed;
}

/* Holds the subscription until the end of the transaction. */
static bool is_ours(struct db *d, const struct keeping *k)
{
    static const char sql[] =
        "SELECT id FROM ah_subscription WHERE id = $1 AND fence = $2 AND owner IS NOT NULL {LOCK}";
    return db_one(d, 0, sql, DB_I(k->subscription), DB_I(k->fence)) != 0;
}

static void keep_event(struct db *d, const struct keeping *k, const struct inbox_event *e)
{
    static const char sql[] =
        "INSERT INTO ah_event (subscription, event_id, txn, commit_ms, at, state, ids, body, fault)"
        " VALUES ($1, $2, $3, $4, {NOW}, $5, $6, $7, $8) ON CONFLICT (subscription, event_id) DO NOTHING";
    const bool apart = e->body.n == 0;
    const struct span none = { NULL, 0 };
    int64_t n = db_do(d, sql, DB_I(k->subscription), DB_S(e->id), DB_S(e->key), DB_I(e->commit_ms), DB_I(apart ? 2 : 0),
                      DB_I(e->ids), DB_S(apart ? none : e->body), DB_S(apart ? e->fault : none));
    k->out->kept += n == 1;
    k->out->duplicates += n == 0;
}

static void keep_position(struct db *d, const struct keeping *k)
{
    static const char sql[] =
        "UPDATE ah_subscription SET position = $2, kept = kept + $3, duplicates = duplicates + $4, gaps = gaps + $5,"
        " lag_ms = CASE WHEN CAST($6 AS BIGINT) < 0 THEN lag_ms ELSE $6 END,"
        " last_at = CASE WHEN CAST($6 AS BIGINT) < 0 THEN last_at ELSE {NOW} END WHERE id = $1";
    const struct inbox_batch *b = k->batch;
    db_do(d, sql, DB_I(k->subscription), DB_B(b->latest), DB_I(k->out->kept), DB_I(k->out->duplicates), DB_I(b->gaps),
          DB_I(b->lag_ms));
}

/* The events of a transaction so far, in the order in which they came. A new reference; `first` names the part. */
static json_t *read_group(struct db *d, int64_t subscription, const char *key, char first[INBOX_EVENT_ID + 1])
{
    static const char sql[] =
        "SELECT event_id, body FROM ah_event WHERE subscription = $1 AND txn = $2 AND state = 0 ORDER BY id";
    json_t *rows = json_array();
    first[0] = '\0';
    db_ask(d, sql, DB_I(subscription), DB_T(key));
    while (db_next(d)) {
        struct span body = db_span(d, 1);
        if (!first[0])
            copy_span(first, INBOX_EVENT_ID + 1, db_span(d, 0));
        json_array_append_new(rows, json_loadb(body.p ? body.p : "", body.n, 0, NULL));
    }
    return rows;
}

static bool close_group(struct queue *q, struct db *d, const struct keeping *k, const char *key)
{
    static const char done[] =
        "UPDATE ah_event SET state = 1, body = NULL WHERE subscription = $1 AND txn = $2 AND state = 0";
    const struct inbox_closing *c = k->closing;
    struct inbox_put put = { q, d, k->out, false };
    char first[INBOX_EVENT_ID + 1];
    json_t *rows = read_group(d, k->subscription, key, first);
    bool ok = json_array_size(rows) == 0 || (c->make(c->ctx, key, first, rows, &put) && !put.failed);
    json_decref(rows);
    if (ok)
        db_do(d, done, DB_I(k->subscription), DB_T(key));
    k->out->closed += ok;
    return ok;
}

static enum queue_result keep(struct queue *q, struct db *d, void *ctx)
{
    const struct keeping *k = ctx;
    *k->out = (struct inbox_kept){ 0 };
    if (!is_ours(d, k))
        return QUEUE_LOST;
    for (size_t i = 0; k->batch && i < k->batch->n && !db_failed(d); i++)
        keep_event(d, k, &k->batch->v[i]);
    if (k->batch)
        keep_position(d, k);
    for (size_t i = 0; k->closing && i < k->closing->n && !db_failed(d); i++)
        if (!close_group(q, d, k, k->closing->keys[i]))
            return db_failed(d) ? QUEUE_AWAY : QUEUE_FULL;
    if (k->out->jobs)
        db_notify(d);
    return QUEUE_OK;
}

enum queue_result inbox_keep(struct queue *q, int64_t subscription, int64_t fence, const struct inbox_batch *batch,
                             const struct inbox_closing *closing, struct inbox_kept *out)
{
    struct keeping k = { subscription, fence, batch, closing, out };
    enum queue_result result = queue_transact(q, DB_WRITE, keep, &k);
    if (result != QUEUE_OK)
        *out = (struct inbox_kept){ 0 };
    return result;
}

/* ---- what was left behind ---- */

struct opening {
    int64_t subscription;
    inbox_open_fn *fn;
    void *ctx;
};

static enum queue_result each_open(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] = "SELECT txn, CAST(sum(ids) AS BIGINT) FROM ah_event WHERE subscription = $1 AND state = 0"
                              " GROUP BY txn ORDER BY min(id)";
    const struct opening *o = ctx;
    (void)q;
    db_ask(d, sql, DB_I(o->subscription));
    while (db_next(d))
        o->fn(o->ctx, db_text(d, 0), (int)db_number(d, 1));
    return QUEUE_OK;
}

enum queue_result inbox_each_open(struct queue *q, int64_t subscription, inbox_open_fn *fn, void *ctx)
{
    struct opening o = { subscription, fn, ctx };
    return queue_transact(q, DB_READ, each_open, &o);
}

struct aside {
    struct keeping k;
    const char *key, *reason;
};

static enum queue_result set_aside(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] =
        "UPDATE ah_event SET state = 2, fault = $3 WHERE subscription = $1 AND txn = $2 AND state = 0";
    const struct aside *a = ctx;
    (void)q;
    if (!is_ours(d, &a->k))
        return QUEUE_LOST;
    db_do(d, sql, DB_I(a->k.subscription), DB_T(a->key), DB_T(a->reason));
    return QUEUE_OK;
}

enum queue_result inbox_set_aside(struct queue *q, int64_t subscription, int64_t fence, const char *key,
                                  const char *reason)
{
    struct aside a = { .k = { .subscription = subscription, .fence = fence }, .key = key, .reason = reason };
    return queue_transact(q, DB_WRITE, set_aside, &a);
}

static enum queue_result retain(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] = "DELETE FROM ah_event WHERE id IN (SELECT id FROM ah_event WHERE state <> 0"
                              " AND at < {NOW} - CAST($1 AS BIGINT) ORDER BY at LIMIT CAST($2 AS BIGINT))";
    (void)q;
    *(int64_t *)ctx = db_do(d, sql, DB_I((int64_t)INBOX_KEEP_H * 3600 * 1000), DB_I(RETAIN));
    return QUEUE_OK;
}

enum queue_result inbox_retain(struct queue *q, int64_t *deleted)
{
    *deleted = 0;
    return queue_transact(q, DB_WRITE, retain, deleted);
}
