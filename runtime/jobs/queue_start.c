/* queue_start.c - a job is put into the queue, or found to be there already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/system.h"
#include "runtime/jobs/queue_parts.h"

struct starting {
    const struct job_new *new;
    struct job_started *out;
    char id[JOB_ID_SIZE];
};

static void answer(struct starting *s, struct db *d, bool twin, bool merged)
{
    *s->out = (struct job_started){ .twin = twin, .merged = merged };
    copy_text(s->out->id, sizeof s->out->id, db_text(d, 0));
    copy_text(s->out->state, sizeof s->out->state, db_text(d, 1));
}

/* The same start was sent before, and only its answer was lost. */
static bool sent_before(struct starting *s, struct db *d)
{
    static const char sql[] = "SELECT uid, state FROM ah_job WHERE uid = $1";
    if (!s->new->id || !db_ask(d, sql, DB_T(s->id)) || !db_next(d))
        return false;
    answer(s, d, false, false);
    return true;
}

/* What a start that is not a job of its own still asks for: to be told. False: the job has ended meanwhile. */
static bool join(struct starting *s, struct db *d, int64_t job)
{
    struct job_row j;
    const struct job_new *n = s->new;
    if (!n->callback.n && !n->tells)
        return true;
    if (!job_lock(d, job, &j) || j.ended)
        return false;
    j.tells |= n->tells;
    if (n->callback.n)
        outbox_callback(d, &j, s->id, n->callback);
    job_count(d, &j);
    return true;
}

/* A running job with this key: its own, or that of a start which it has taken over. */
static bool find_twin(struct starting *s, struct db *d)
{
    static const char own[] =
        "SELECT uid, state, id FROM ah_job WHERE ended = 0 AND unique_key IS NOT NULL AND org_id = $1"
        " AND user_id = $2 AND operation = $3 AND unique_key = $4";
    static const char taken[] = "SELECT uid, state, ah_job.id FROM ah_job JOIN ah_merged ON ah_merged.job_id = "
                                "ah_job.id WHERE ended = 0 AND org_id = $1"
                                " AND user_id = $2 AND operation = $3 AND ah_merged.unique_key = $4";
    const struct job_new *n = s->new;
    if (!n->unique_key)
        return false;
    bool found =
        db_ask(d, own, DB_T(n->org_id), DB_T(n->user_id), DB_T(n->operation), DB_T(n->unique_key)) && db_next(d);
    if (!found && n->merge_key)
        found =
            db_ask(d, taken, DB_T(n->org_id), DB_T(n->user_id), DB_T(n->operation), DB_T(n->unique_key)) && db_next(d);
    if (found)
        answer(s, d, true, false);
    return found && join(s, d, db_number(d, 2));
}

/* Adds the plan to a job that has just been started. One at a time: the transaction is a serial one. */
static bool merge(struct starting *s, struct db *d)
{
    static const char sql[] =
        "SELECT uid, state, id FROM ah_job WHERE ended = 0 AND merge_key IS NOT NULL AND org_id = $1"
        " AND user_id = $2 AND operation = $3 AND merge_key = $4 AND merge_until > {NOW}"
        " AND ending IS NULL AND finishing = 0 AND plans < CAST($5 AS BIGINT) ORDER BY id LIMIT 1";
    const struct job_new *n = s->new;
    struct job_row j;
    if (!n->merge_key ||
        !db_ask(d, sql, DB_T(n->org_id), DB_T(n->user_id), DB_T(n->operation), DB_T(n->merge_key),
                DB_I(JOB_PLAN_STEPS)) ||
        !db_next(d))
        return false;
    answer(s, d, false, true);
    if (!job_lock(d, db_number(d, 2), &j) || j.ended || j.ending[0] || j.finishing)
        return false; /* it has come to its end meanwhile: a job of its own */
    if (n->unique_key)
        db_do(d, "INSERT INTO ah_merged (job_id, unique_key) VALUES ($1, $2) ON CONFLICT DO NOTHING", DB_I(j.id),
              DB_T(n->unique_key));
    step_add(d, &j, &(struct step_new){ .kind = STEP_PLAN, .input = n->input });
    j.plans++;
    j.planning++;
    j.total = -1; /* what the first plan told is not the whole any more */
    j.tells |= n->tells;
    if (n->callback.n)
        outbox_callback(d, &j, s->id, n->callback);
    job_count(d, &j);
    return true;
}

static int64_t insert_job(struct starting *s, struct db *d, int64_t lane)
{
    static const char sql[] =
        "INSERT INTO ah_job (uid, org_id, user_id, operation, queue, priority, per_org, page_items, attempts, "
        "keep_days,"
        " has_finish, unique_key, merge_key, merge_until, created_at, lane, tells, plans, planning, finishing) VALUES"
        " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " $11, $12, $13, {NOW} + CAST($14 AS BIGINT), {NOW}, $15, $16, $17, $17, $18)"
        " ON CONFLICT DO NOTHING RETURNING id";
    const struct job_new *n = s->new;
    return db_one(d, 0, sql, DB_T(s->id), DB_T(n->org_id), DB_T(n->user_id), DB_T(n->operation), DB_T(n->queue),
                  DB_I(n->priority), DB_I(n->per_org), DB_I(n->page_items), DB_I(n->attempts), DB_I(n->keep_days),
                  DB_I(n->has_finish || n->whole), DB_T(n->unique_key), DB_T(n->merge_key), DB_I(n->merge_ms),
                  DB_I(lane), DB_I(n->tells), DB_I(!n->whole), DB_I(n->whole));
}

/* What is told of its beginning, and to whom its end will be. */
static void tell(struct starting *s, struct db *d, int64_t id)
{
    struct job_row j;
    const struct job_new *n = s->new;
    if ((!n->tells && !n->callback.n) || !job_lock(d, id, &j))
        return;
    if (n->callback.n)
        outbox_callback(d, &j, s->id, n->callback);
    outbox_begin(d, &j);
    job_count(d, &j);
}

static void insert_rest(struct starting *s, struct db *d, int64_t id, int64_t lane)
{
    static const char data[] = "INSERT INTO ah_job_data (job_id, username, input, connection, credentials, org_url,"
                               " api_version, request_id, traceparent, event) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
                               " $9, $10)";
    static const char step[] =
        "INSERT INTO ah_step (job_id, lane, org_id, queue, kind, state, priority, per_org, run_at, ready_at)"
        " VALUES ($1, $2, $3, $4, $7, 0, $5, $6, {NOW}, {NOW})";
    const struct job_new *n = s->new;
    struct span credentials = n->credentials;
    if (credentials.n == 0)
        credentials.p = NULL;
    db_do(d, data, DB_I(id), DB_T(n->username), DB_S(n->input), DB_T(n->connection), DB_B(credentials),
          DB_T(n->org_url), DB_T(n->api_version), DB_T(n->request_id), DB_T(n->traceparent), DB_T(n->event));
    db_do(d, step, DB_I(id), DB_I(lane), DB_T(n->org_id), DB_T(n->queue), DB_I(n->priority), DB_I(n->per_org),
          DB_I(n->whole ? STEP_FINISH : STEP_PLAN));
    db_notify(d);
    tell(s, d, id);
}

static enum queue_result start(struct queue *q, struct db *d, void *ctx)
{
    enum { TRIES = 3 };
    struct starting *s = ctx;
    (void)q;
    /* A twin that is seen by the index and has ended when it is looked for leaves room for this one. */
    for (int tries = 0; tries < TRIES && !db_failed(d); tries++) {
        if (sent_before(s, d) || find_twin(s, d) || merge(s, d))
            return QUEUE_OK;
        int64_t lane = lane_of(d, s->new->org_id, s->new->queue, s->new->operation),
                id = lane ? insert_job(s, d, lane) : 0;
        if (id == 0)
            continue;
        insert_rest(s, d, id, lane);
        *s->out = (struct job_started){ .state = "queued" };
        copy_text(s->out->id, sizeof s->out->id, s->id);
        return QUEUE_OK;
    }
    return QUEUE_AWAY;
}

static enum queue_result prepare(struct queue *q, struct starting *s)
{
    const struct job_new *j = s->new;
    if (j->input.n > JOB_INPUT_MAX || !utf8_valid(j->input) || memchr(j->input.p, '\0', j->input.n))
        return queue_say(q, QUEUE_FULL, "The input of a job is text of at most %d KiB.", JOB_INPUT_MAX / 1024);
    if (j->id)
        copy_text(s->id, sizeof s->id, j->id);
    else
        uuid_make(s->id);
    return QUEUE_OK;
}

enum queue_result queue_start(struct queue *q, const struct job_new *j, struct job_started *out)
{
    struct starting s = { .new = j, .out = out };
    enum queue_result result = prepare(q, &s);
    return result == QUEUE_OK ? queue_transact(q, j->merge_key ? DB_SERIAL : DB_WRITE, start, &s) : result;
}

enum queue_result job_start_within(struct queue *q, struct db *d, const struct job_new *j, struct job_started *out)
{
    struct starting s = { .new = j, .out = out };
    enum queue_result result = prepare(q, &s);
    return result == QUEUE_OK ? start(q, d, &s) : result;
}
