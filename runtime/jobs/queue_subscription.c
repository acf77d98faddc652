/* queue_subscription.c - who reads which topic of which org, how far, and how it does. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/jobs/inbox.h"
#include "runtime/jobs/queue_parts.h"

struct taking {
    const struct subscription_claim *c;
    struct subscription *out;
};

/* Whether the row that was just read is free for this claim. */
static bool is_free(struct db *d, const struct subscription_claim *c)
{
    const char *owner = db_text(d, 2);
    bool ended = db_number(d, 3) < db_number(d, 4), mine = strcmp(owner, c->owner) == 0;
    if (db_is_null(d, 2) || ended)
        return true;
    return mine ? strcmp(db_text(d, 5), c->connection) == 0 : queue_owner_is_dead(owner);
}

static enum queue_result take(struct queue *q, struct db *d, void *ctx)
{
    static const char add[] = "INSERT INTO ah_subscription (org_id, topic, connection, began_at) VALUES ($1, $2, $3,"
                              " {NOW}) ON CONFLICT (org_id, topic) DO NOTHING";
    static const char look[] = "SELECT id, fence, owner, coalesce(lease_until, 0), {NOW}, connection, began_at, lost,"
                               " position FROM ah_subscription WHERE org_id = $1 AND topic = $2 {LOCK}";
    static const char own[] =
        "UPDATE ah_subscription SET owner = $2, fence = fence + 1, connection = $3, state = 'opening', reason = NULL,"
        " lease_until = {NOW} + CAST($4 AS BIGINT), received = 0, unreadable = 0, reconnects = 0 WHERE id = $1";
    const struct taking *t = ctx;
    const struct subscription_claim *c = t->c;
    (void)q;
    *t->out = (struct subscription){ 0 };
    db_do(d, add, DB_T(c->org_id), DB_T(c->topic), DB_T(c->connection));
    if (!db_ask(d, look, DB_T(c->org_id), DB_T(c->topic)) || !db_next(d) || !is_free(d, c))
        return QUEUE_OK;
    struct span position = db_span(d, 8);
    struct subscription s = { .held = true,
                              .id = db_number(d, 0),
                              .fence = db_number(d, 1) + 1,
                              .first = db_number(d, 1) == 0,
                              .began_ms = db_number(d, 6),
                              .lost = db_number(d, 7) != 0,
                              .position_n = position.n <= INBOX_POSITION ? position.n : 0 };
    if (s.position_n)
        memcpy(s.position, position.p, s.position_n);
    db_do(d, own, DB_I(s.id), DB_T(c->owner), DB_T(c->connection), DB_I(c->lease_ms));
    *t->out = s;
    return QUEUE_OK;
}

enum queue_result subscription_take(struct queue *q, const struct subscription_claim *c, struct subscription *out)
{
    struct taking t = { c, out };
    return queue_transact(q, DB_WRITE, take, &t);
}

struct renewing {
    int64_t id, fence, lease_ms;
    const struct subscription_health *h;
    const char *reason;
};

static enum queue_result renew(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] =
        "UPDATE ah_subscription SET lease_until = {NOW} + CAST($3 AS BIGINT), state = $4, reason = $5, received = $6,"
        " unreadable = $7, reconnects = $8, waiting = $9 WHERE id = $1 AND fence = $2 AND owner IS NOT NULL";
    const struct renewing *r = ctx;
    const struct subscription_health *h = r->h;
    (void)q;
    const char *reason = h->reason && *h->reason ? h->reason : NULL;
    return db_do(d, sql, DB_I(r->id), DB_I(r->fence), DB_I(r->lease_ms), DB_T(h->state), DB_T(reason),
                 DB_I(h->received), DB_I(h->unreadable), DB_I(h->reconnects), DB_I(h->waiting)) == 1
               ? QUEUE_OK
               : QUEUE_LOST;
}

enum queue_result subscription_renew(struct queue *q, int64_t id, int64_t fence, int64_t lease_ms,
                                     const struct subscription_health *h)
{
    struct renewing r = { .id = id, .fence = fence, .lease_ms = lease_ms, .h = h };
    return queue_transact(q, DB_WRITE, renew, &r);
}

static enum queue_result lose(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] = "UPDATE ah_subscription SET position = NULL, lost = 1, gaps = gaps + 1, reason = $3"
                              " WHERE id = $1 AND fence = $2 AND owner IS NOT NULL";
    const struct renewing *r = ctx;
    (void)q;
    return db_do(d, sql, DB_I(r->id), DB_I(r->fence), DB_T(r->reason)) == 1 ? QUEUE_OK : QUEUE_LOST;
}

enum queue_result subscription_lose(struct queue *q, int64_t id, int64_t fence, const char *reason)
{
    struct renewing r = { .id = id, .fence = fence, .reason = reason };
    return queue_transact(q, DB_WRITE, lose, &r);
}

static enum queue_result release(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] = "UPDATE ah_subscription SET owner = NULL, lease_until = NULL, state = 'closed'"
                              " WHERE id = $1 AND fence = $2";
    const struct renewing *r = ctx;
    (void)q;
    db_do(d, sql, DB_I(r->id), DB_I(r->fence));
    return QUEUE_OK;
}

enum queue_result subscription_release(struct queue *q, int64_t id, int64_t fence)
{
    struct renewing r = { .id = id, .fence = fence };
    return queue_transact(q, DB_WRITE, release, &r);
}

/* ---- looking ---- */

/* Columns of the list, in order: a text, a number, or a number that is absent when it is NULL. */
static const struct {
    const char *name;
    enum { TEXT, NUMBER, FLAG } type;
} columns[] = {
    { "connection", TEXT },   { "orgId", TEXT },        { "topic", TEXT },         { "state", TEXT },
    { "reason", TEXT },       { "held", FLAG },         { "lagMs", NUMBER },       { "received", NUMBER },
    { "kept", NUMBER },       { "duplicates", NUMBER }, { "gaps", NUMBER },        { "unreadable", NUMBER },
    { "reconnects", NUMBER }, { "waiting", NUMBER },    { "lastEventAt", NUMBER }, { "open", NUMBER },
    { "apart", NUMBER },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static json_t *row_of(struct db *d)
{
    json_t *row = json_object();
    for (int i = 0; i < COLUMNS; i++) {
        if (db_is_null(d, i))
            continue;
        json_object_set_new(row, columns[i].name,
                            columns[i].type == TEXT   ? json_string(db_text(d, i))
                            : columns[i].type == FLAG ? json_boolean(db_number(d, i) != 0)
                                                      : json_integer(db_number(d, i)));
    }
    struct span position = db_span(d, COLUMNS);
    char hex[2 * INBOX_POSITION + 1] = "";
    if (position.n > 0 && position.n <= INBOX_POSITION)
        hex_encode((const unsigned char *)position.p, position.n, hex);
    json_object_set_new(row, "position", json_string(hex));
    return row;
}

static enum queue_result list(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] =
        "SELECT connection, org_id, topic, state, reason, CASE WHEN lease_until > {NOW} THEN 1 ELSE 0 END, lag_ms,"
        " received, kept, duplicates, gaps, unreadable, reconnects, waiting, last_at,"
        " (SELECT count(*) FROM ah_event e WHERE e.subscription = s.id AND e.state = 0),"
        " (SELECT count(*) FROM ah_event e WHERE e.subscription = s.id AND e.state = 2), position"
        " FROM ah_subscription s ORDER BY connection, topic, id LIMIT 200";
    json_t **out = ctx;
    (void)q;
    json_decref(*out);
    *out = json_array();
    db_ask(d, sql);
    while (db_next(d))
        json_array_append_new(*out, row_of(d));
    return QUEUE_OK;
}

enum queue_result subscription_list(struct queue *q, json_t **out)
{
    json_t *made = NULL;
    enum queue_result result = queue_transact(q, DB_READ, list, &made);
    if (result == QUEUE_OK)
        *out = made;
    else
        json_decref(made);
    return result;
}
