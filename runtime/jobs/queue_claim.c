/*
 * queue_claim.c - steps are claimed, and kept by a heartbeat. Claims are serial over all processes, which makes caps
 * exact, fairness simple and the statement readable.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"
#include "runtime/jobs/queue_parts.h"

/*
 * Of each lane (queue, org, operation) the first step that is due: lanes are found one after the other in the index,
 * however many steps wait in each. Of those that may run, the one of the org with the fewest running steps; then by
 * priority; then the org that has been served longest ago.
 */
static const char take[] =
    "WITH RECURSIVE found (lane) AS (SELECT min(lane) FROM ah_step WHERE state = 0 UNION ALL"
    " SELECT (SELECT min(s.lane) FROM ah_step s WHERE s.state = 0 AND s.lane > found.lane) FROM found"
    " WHERE found.lane IS NOT NULL),"
    " head (id, lane) AS (SELECT (SELECT s.id FROM ah_step s WHERE s.state = 0 AND s.lane = found.lane"
    " AND s.run_at <= {NOW} ORDER BY s.priority, s.run_at, s.id LIMIT 1), found.lane FROM found"
    " WHERE found.lane IS NOT NULL)"
    " UPDATE ah_step SET state = 1, owner = $1, token = $4, claimed_at = {NOW},"
    " lease_until = {NOW} + CAST($2 AS BIGINT) WHERE id = (SELECT s.id FROM head h JOIN ah_step s ON s.id = h.id"
    " JOIN ah_lane l ON l.id = h.lane"
    " WHERE l.gate_until <= {NOW} AND (CAST($3 AS TEXT) IS NULL OR {FIND}($3, ',' || l.operation || ',') > 0)"
    " AND s.queue NOT IN (SELECT p.queue FROM ah_pause p)"
    " AND (SELECT count(*) FROM ah_step r WHERE r.state = 1 AND r.org_id = s.org_id AND r.queue = s.queue) < s.per_org"
    " ORDER BY (SELECT count(*) FROM ah_step r WHERE r.state = 1 AND r.org_id = s.org_id), s.priority, l.served,"
    " s.run_at, s.id LIMIT 1)"
    " RETURNING id, token, job_id, kind, attempt, crashes, items, claimed_at - ready_at, payload, saved, input, org_id";

static const char describe[] =
    "SELECT j.uid, j.operation, j.user_id, x.username, x.org_url, x.api_version, x.connection, x.request_id,"
    " x.traceparent, CASE WHEN CAST($2 AS INTEGER) = 3 THEN x.result ELSE x.input END, x.credentials, j.total, j.done,"
    " j.failed, j.state, j.planned"
    " FROM ah_job j JOIN ah_job_data x ON x.job_id = j.id WHERE j.id = $1";

struct claiming {
    int64_t token;
    const struct claim_wish *wish;
    struct claim *out;
    int n;
    char *operations; /* ",a,b,"; NULL = all */
};

/* Own copies, "" for NULL. */
static char *copy(const struct db *d, int column)
{
    struct span s = db_span(d, column);
    return strndup(s.p ? s.p : "", s.n);
}

static void keep(struct buf *b, const struct db *d, int column)
{
    struct span s = db_span(d, column);
    buf_init(b, SIZE_MAX / 2);
    buf_add(b, s.p, s.n);
}

void queue_claim_free(struct claim *c)
{
    char *texts[] = { c->operation,   c->org_id,     c->user_id,    c->username,   c->org_url,
                      c->api_version, c->connection, c->request_id, c->traceparent };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    buf_free(&c->input);
    buf_free(&c->payload);
    buf_free(&c->saved);
    buf_free(&c->credentials);
    buf_free(&c->callback);
    *c = (struct claim){ 0 };
}

static void read_step(const struct db *d, struct claim *c)
{
    *c = (struct claim){ .step = db_number(d, 0),
                         .token = db_number(d, 1),
                         .job_row = db_number(d, 2),
                         .kind = (enum step_kind)db_number(d, 3),
                         .attempt = (int)db_number(d, 4) + 1,
                         .crashes = (int)db_number(d, 5),
                         .items = (int)db_number(d, 6),
                         .waited_ms = db_number(d, 7) > 0 ? db_number(d, 7) : 0,
                         .org_id = copy(d, 11) };
    keep(&c->payload, d, 8);
    keep(&c->saved, d, 9);
    keep(&c->input, d, 10);
    c->own_input = c->input.n > 0;
}

/* Of a line that goes to a callback: the callback, if it is still wanted. */
static void read_callback(struct db *d, struct claim *c)
{
    static const char sql[] = "SELECT uid, url FROM ah_callback WHERE job_id = $1 AND id = $2";
    json_t *line = json_loadb(c->payload.p ? c->payload.p : "", c->payload.n, 0, NULL);
    json_int_t row = json_integer_value(json_object_get(line, "row"));
    json_decref(line);
    if (row == 0 || !db_ask(d, sql, DB_I(c->job_row), DB_I(row)) || !db_next(d))
        return;
    copy_text(c->callback_id, sizeof c->callback_id, db_text(d, 0));
    keep(&c->callback, d, 1);
}

/* What the pages have added up. */
static void read_sums(struct db *d, struct claim *c)
{
    char mark = '{';
    buf_free(&c->payload);
    buf_init(&c->payload, JOB_PAYLOAD_MAX);
    db_ask(d, "SELECT name, amount FROM ah_sum WHERE job_id = $1 ORDER BY name", DB_I(c->job_row));
    for (; db_next(d); mark = ',')
        buf_fmt(&c->payload, "%c\"%s\":%lld", mark, db_text(d, 0), (long long)db_number(d, 1));
    if (mark == ',')
        buf_char(&c->payload, '}');
}

static bool read_job(struct db *d, struct claim *c, bool *first)
{
    if (!db_ask(d, describe, DB_I(c->job_row), DB_I(c->kind)) || !db_next(d))
        return false;
    copy_text(c->job, sizeof c->job, db_text(d, 0));
    char **const texts[] = { &c->operation,   &c->user_id,    &c->username,   &c->org_url,
                             &c->api_version, &c->connection, &c->request_id, &c->traceparent };
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        *texts[i] = copy(d, i + 1);
    if (!c->own_input) {
        buf_free(&c->input);
        keep(&c->input, d, 9);
    }
    keep(&c->credentials, d, 10);
    c->job_total = db_number(d, 11) > db_number(d, 15) ? db_number(d, 11) : db_number(d, 15);
    if (c->kind == STEP_FINISH)
        c->job_total = db_number(d, 15); /* planned to the end: that is the whole */
    c->job_done = db_number(d, 12);
    c->job_failed = db_number(d, 13);
    *first = strcmp(db_text(d, 14), "queued") == 0 && c->kind != STEP_DELIVER;
    if (c->kind == STEP_DELIVER)
        read_callback(d, c);
    if (c->kind == STEP_FINISH)
        read_sums(d, c);
    return true;
}

static enum queue_result claim(struct queue *q, struct db *d, void *ctx)
{
    static const char begun[] = "UPDATE ah_job SET state = 'running', started_at = coalesce(started_at, {NOW}),"
                                " rate_from = coalesce(rate_from, {NOW}) WHERE id = $1 AND state = 'queued'";
    struct claiming *k = ctx;
    bool first = false;
    (void)q;
    while (k->n > 0)
        queue_claim_free(&k->out[--k->n]);
    while (k->n < k->wish->max) {
        if (!db_ask(d, take, DB_T(k->wish->owner), DB_I(k->wish->lease_ms), DB_T(k->operations), DB_I(k->token)) ||
            !db_next(d))
            break;
        struct claim *c = &k->out[k->n++];
        read_step(d, c);
        if (!read_job(d, c, &first))
            break;
        db_do(d, "UPDATE ah_lane SET served = {NOW} WHERE org_id = $1", DB_T(c->org_id));
        if (first)
            db_do(d, begun, DB_I(c->job_row));
    }
    return QUEUE_OK;
}

static char *operations_of(const struct claim_wish *w)
{
    struct buf b;
    buf_init(&b, SIZE_MAX / 2);
    buf_char(&b, ',');
    for (size_t i = 0; i < w->operations_n; i++)
        buf_fmt(&b, "%s,", w->operations[i]);
    return buf_take(&b, NULL);
}

/* A number that no claim ever had: drawn, since a database that was restored knows less than those who hold claims. */
static int64_t draw(void)
{
    int64_t token;
    random_bytes(&token, sizeof token);
    return token & INT64_MAX;
}

static enum queue_result give_back(struct queue *q, struct db *d, void *ctx)
{
    const struct claim_wish *w = ctx;
    db_do(d, QUEUE_RELEASE "owner = $1 AND token = $2", DB_T(w->owner), DB_I(q->doubtful));
    return QUEUE_OK;
}

/*
 * When the connection is lost as a claim is committed, nobody knows whether it was: steps would run that this process
 * does not know of, and whose leases it goes on renewing. So they are given back before any other claim.
 */
enum queue_result queue_claim(struct queue *q, const struct claim_wish *w, struct claim *out, int *n)
{
    struct claiming k = { .wish = w, .out = out, .token = draw() };
    enum queue_result result = QUEUE_OK;
    *n = 0;
    if (q->doubtful)
        result = queue_transact(q, DB_SERIAL, give_back, (void *)w);
    if (result != QUEUE_OK)
        return result;
    q->doubtful = k.token;
    k.operations = w->operations ? operations_of(w) : NULL;
    result = queue_transact(q, DB_SERIAL, claim, &k);
    free(k.operations);
    if (result == QUEUE_OK)
        q->doubtful = 0;
    while (result != QUEUE_OK && k.n > 0)
        queue_claim_free(&out[--k.n]);
    *n = k.n;
    return result;
}

struct beating {
    const char *owner;
    int64_t lease_ms, *stop;
    size_t *n, room;
};

static enum queue_result beat(struct queue *q, struct db *d, void *ctx)
{
    static const char alive[] = "INSERT INTO ah_owner (owner, until) VALUES ($1, {NOW} + CAST($2 AS BIGINT))"
                                " ON CONFLICT (owner) DO UPDATE SET until = excluded.until";
    static const char cancelled[] =
        "SELECT s.id FROM ah_step s JOIN ah_job j ON j.id = s.job_id"
        " WHERE s.state = 1 AND s.owner = $1 AND s.kind <> 3 AND j.ending IS NOT NULL ORDER BY s.id";
    struct beating *b = ctx;
    (void)q;
    *b->n = 0;
    db_do(d, alive, DB_T(b->owner), DB_I(b->lease_ms));
    db_do(d, "UPDATE ah_step SET lease_until = {NOW} + CAST($2 AS BIGINT) WHERE state = 1 AND owner = $1",
          DB_T(b->owner), DB_I(b->lease_ms));
    db_ask(d, cancelled, DB_T(b->owner));
    while (db_next(d) && *b->n < b->room)
        b->stop[(*b->n)++] = db_number(d, 0);
    return QUEUE_OK;
}

enum queue_result queue_beat(struct queue *q, const char *owner, int64_t lease_ms, int64_t *stop, size_t *n)
{
    struct beating b = { owner, lease_ms, stop, n, *n };
    enum queue_result result = queue_transact(q, DB_WRITE, beat, &b);
    if (result != QUEUE_OK)
        *n = 0;
    return result;
}
