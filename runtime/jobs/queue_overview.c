/* queue_overview.c - all jobs at once, in numbers, for those who look after them. */
#include "runtime/jobs/queue_parts.h"

enum { QUEUES = 100 /* that are named, at most */ };

static void set_counts(struct db *d, json_t *out)
{
    json_t *counts = json_object();
    db_ask(d, "SELECT state, count(*) FROM ah_job GROUP BY state");
    while (db_next(d))
        json_object_set_new(counts, db_text(d, 0), json_integer(db_number(d, 1)));
    json_object_set_new(out, "counts", counts);
}

static void set_queues(struct db *d, json_t *out)
{
    static const char paused[] =
        "SELECT p.queue, (SELECT count(*) FROM ah_job j WHERE j.queue = p.queue AND ended = 0),"
        " CASE WHEN p.since > 0 THEN p.since END FROM ah_pause p ORDER BY p.queue LIMIT CAST($1 AS BIGINT)";
    static const char queues[] = "SELECT queue FROM ah_job WHERE queue NOT IN (SELECT queue FROM ah_pause)"
                                 " GROUP BY queue ORDER BY queue LIMIT CAST($1 AS BIGINT)";
    json_t *list = json_array();
    db_ask(d, paused, DB_I(QUEUES));
    while (db_next(d)) {
        json_t *one = json_pack("{s:s, s:I}", "queue", db_text(d, 0), "jobs", (json_int_t)db_number(d, 1));
        job_time(one, "since", d, 2);
        json_array_append_new(list, one);
    }
    json_object_set_new(out, "paused", list);
    list = json_array();
    db_ask(d, queues, DB_I(QUEUES));
    while (db_next(d))
        json_array_append_new(list, json_string(db_text(d, 0)));
    json_object_set_new(out, "queues", list);
}

static void set_figures(struct db *d, json_t *out)
{
    /* thousandths of a record, so that slow jobs count too */
    static const char rate[] = "SELECT CAST(coalesce(sum((done + failed - rate_base) * 1000000 / ({NOW} - rate_from)), "
                               "0) AS BIGINT) FROM ah_job"
                               " WHERE state = 'running' AND rate_from IS NOT NULL AND {NOW} > rate_from";
    static const char day[] =
        "SELECT CAST(coalesce(sum(failed), 0) AS BIGINT), CAST(coalesce(sum(done), 0) AS BIGINT) FROM ah_job"
        " WHERE ended = 0 OR finished_at > {NOW} - 86400000";
    json_object_set_new(out, "rate", json_real((double)db_one(d, 0, rate) / 1000.0));
    json_object_set_new(out, "running", json_integer(db_one(d, 0, "SELECT count(*) FROM ah_step WHERE state = 1")));
    db_ask(d, day);
    if (!db_next(d))
        return;
    json_object_set_new(out, "failed", json_integer(db_number(d, 0)));
    json_object_set_new(out, "done", json_integer(db_number(d, 1)));
}

static enum queue_result overview(struct queue *q, struct db *d, void *ctx)
{
    json_t **out = ctx;
    (void)q;
    json_decref(*out);
    *out = json_object();
    set_counts(d, *out);
    set_queues(d, *out);
    set_figures(d, *out);
    return QUEUE_OK;
}

enum queue_result queue_overview(struct queue *q, json_t **out)
{
    json_t *made = NULL;
    enum queue_result result = queue_transact(q, DB_READ, overview, &made);
    if (result == QUEUE_OK)
        *out = made;
    else
        json_decref(made);
    return result;
}

/* Ids are never used twice, counters of a job go up but when failed rows are tried again, which changes its state. */
static enum queue_result pulse(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] =
        "SELECT CAST((count(*) + coalesce(max(id), 0) * 31 + coalesce(sum(done), 0) * 131 + coalesce(sum(failed), 0) * "
        "1031"
        " + coalesce(sum(planned), 0) * 7 + coalesce(sum(finished_at), 0) + coalesce(sum(retried_at), 0)"
        " + coalesce(sum(waiting_at), 0)"
        " + coalesce(sum(length(state) * id), 0) * 65537 + (SELECT count(*) FROM ah_pause) * 99991) % 9007199254740991 "
        "AS BIGINT) FROM ah_job";
    (void)q;
    if (db_ask(d, sql) && db_next(d))
        *(int64_t *)ctx = db_number(d, 0);
    return QUEUE_OK;
}

enum queue_result queue_pulse(struct queue *q, int64_t *out)
{
    return queue_transact(q, DB_READ, pulse, out);
}
