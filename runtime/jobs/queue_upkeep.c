/* queue_upkeep.c - what nobody else would do: steps of the dead, jobs that waited too long, jobs kept long enough. */
#include <stdlib.h>
#include <string.h>

#include "runtime/jobs/queue_parts.h"

enum { WAIT_MS = 24 * 3600 * 1000, BATCH = 100 };

struct sweeping {
    const char *self;
    int64_t released;
    char dead[BATCH][QUEUE_OWNER_SIZE];
    int ndead;
    int64_t jobs[BATCH];
    int njobs;
};

/* Owners of running steps, and those that claimed nothing but have beaten, as far as they are dead. */
static void find_dead(struct db *d, struct sweeping *s)
{
    static const char sql[] = "SELECT DISTINCT owner FROM ah_step WHERE state = 1 AND owner IS NOT NULL"
                              " UNION SELECT owner FROM ah_owner"
                              " UNION SELECT owner FROM ah_subscription WHERE owner IS NOT NULL";
    s->ndead = 0;
    db_ask(d, sql);
    while (db_next(d) && s->ndead < BATCH) {
        const char *owner = db_text(d, 0);
        bool self = s->self && strcmp(owner, s->self) == 0;
        if (self || queue_owner_is_dead(owner))
            copy_text(s->dead[s->ndead++], QUEUE_OWNER_SIZE, owner);
    }
}

static enum queue_result look(struct queue *q, struct db *d, void *ctx)
{
    (void)q;
    find_dead(d, ctx);
    return QUEUE_OK;
}

static enum queue_result release(struct queue *q, struct db *d, void *ctx)
{
    struct sweeping *s = ctx;
    (void)q;
    s->released = 0;
    for (int i = 0; i < s->ndead; i++) {
        int64_t n = db_do(d, QUEUE_RELEASE "owner = $1", DB_T(s->dead[i]));
        s->released += n > 0 ? n : 0;
        db_do(d, "DELETE FROM ah_owner WHERE owner = $1", DB_T(s->dead[i]));
        db_do(d, "UPDATE ah_subscription SET owner = NULL, lease_until = NULL WHERE owner = $1", DB_T(s->dead[i]));
    }
    int64_t n = db_do(d, QUEUE_RELEASE "lease_until < {NOW}");
    s->released += n > 0 ? n : 0;
    db_do(d, "DELETE FROM ah_owner WHERE until < {NOW}");
    if (s->released > 0)
        db_notify(d);
    return QUEUE_OK;
}

/* Jobs that should be ending but have nobody who ends them, and those that have waited for a day. */
static enum queue_result find_jobs(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] =
        "SELECT id FROM ah_job j WHERE ended = 0 AND ((state = 'waiting' AND waiting_at < {NOW} - CAST($1 AS BIGINT))"
        " OR (ending IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ah_step s WHERE s.job_id = j.id AND s.state = 1 AND "
        "s.kind <> 3)))"
        " ORDER BY id LIMIT 100";
    struct sweeping *s = ctx;
    (void)q;
    s->njobs = 0;
    db_ask(d, sql, DB_I(WAIT_MS));
    while (db_next(d) && s->njobs < BATCH)
        s->jobs[s->njobs++] = db_number(d, 0);
    return QUEUE_OK;
}

static enum queue_result close_job(struct queue *q, struct db *d, void *ctx)
{
    static const char long_ago[] =
        "SELECT count(*) FROM ah_job WHERE id = $1 AND state = 'waiting' AND waiting_at < {NOW} - CAST($2 AS BIGINT)";
    struct job_row j;
    (void)q;
    if (!job_lock(d, *(const int64_t *)ctx, &j) || j.ended)
        return QUEUE_OK;
    if (!j.ending[0] && db_one(d, 0, long_ago, DB_I(j.id), DB_I(WAIT_MS)) > 0)
        job_stop(d, &j, "failed", "no_session", "Nobody has brought a new session for 24 hours; start the job again.");
    if (!j.ending[0])
        return QUEUE_OK;
    job_close(d, &j);
    job_count(d, &j);
    return QUEUE_OK;
}

enum queue_result queue_sweep(struct queue *q, const char *self, int64_t *released)
{
    struct sweeping *s = calloc(1, sizeof *s);
    if (!s)
        return QUEUE_AWAY;
    s->self = self;
    enum queue_result result = queue_transact(q, DB_READ, look, s);
    if (result == QUEUE_OK)
        result = queue_transact(q, DB_SERIAL, release, s);
    *released = result == QUEUE_OK ? s->released : 0;
    if (result == QUEUE_OK)
        result = queue_transact(q, DB_READ, find_jobs, s);
    for (int i = 0; result == QUEUE_OK && i < s->njobs; i++)
        result = queue_transact(q, DB_SERIAL, close_job, &s->jobs[i]);
    free(s);
    return result;
}

struct retaining {
    int keep_days;
    int64_t deleted;
};

static enum queue_result retain(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] =
        "DELETE FROM ah_job WHERE id IN (SELECT id FROM ah_job WHERE ended = 1 AND finished_at < {NOW} - 86400000 *"
        " (CASE WHEN keep_days > 0 THEN keep_days ELSE CAST($1 AS BIGINT) END) ORDER BY finished_at LIMIT 10)";
    struct retaining *r = ctx;
    (void)q;
    r->deleted = db_do(d, sql, DB_I(r->keep_days));
    return QUEUE_OK;
}

enum queue_result queue_retain(struct queue *q, int keep_days, int64_t *deleted)
{
    struct retaining r = { .keep_days = keep_days };
    enum queue_result result = queue_transact(q, DB_WRITE, retain, &r);
    *deleted = result == QUEUE_OK ? r.deleted : 0;
    return result;
}

static enum queue_result count(struct queue *q, struct db *d, void *ctx)
{
    static const char steps[] = "SELECT count(CASE WHEN state = 0 AND run_at <= {NOW} THEN 1 END),"
                                " count(CASE WHEN state = 1 THEN 1 END),"
                                " {NOW} - min(CASE WHEN state = 0 AND run_at <= {NOW} THEN ready_at END) FROM ah_step";
    static const char jobs[] = "SELECT count(CASE WHEN state = 'waiting' THEN 1 END),"
                               " count(CASE WHEN state = 'running' THEN 1 END) FROM ah_job WHERE ended = 0";
    struct queue_stats *out = ctx;
    (void)q;
    *out = (struct queue_stats){ 0 };
    if (db_ask(d, steps) && db_next(d)) {
        out->ready = db_number(d, 0);
        out->running = db_number(d, 1);
        out->oldest_ready_ms = db_number(d, 2) > 0 ? db_number(d, 2) : 0;
    }
    if (db_ask(d, jobs) && db_next(d)) {
        out->waiting_jobs = db_number(d, 0);
        out->jobs_running = db_number(d, 1);
    }
    out->owners = (int)db_one(d, 0, "SELECT count(*) FROM ah_owner WHERE until > {NOW}");
    return QUEUE_OK;
}

enum queue_result queue_stats(struct queue *q, struct queue_stats *out)
{
    return queue_transact(q, DB_READ, count, out);
}
