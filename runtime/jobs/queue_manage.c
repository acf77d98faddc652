/* queue_manage.c - what people do to jobs: cancel, retry, pause. Serial, as claims are: no step is taken meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "runtime/jobs/queue_parts.h"

struct managing {
    const char *id;
    const struct job_caller *who;
    const struct job_credentials *c;
    int64_t rows;
};

static enum queue_result cancel(struct queue *q, struct db *d, void *ctx)
{
    struct managing *m = ctx;
    struct job_row j;
    (void)q;
    if (!job_lock_uid(d, m->id, m->who, &j))
        return QUEUE_NOT_FOUND;
    if (j.ended)
        return QUEUE_ENDED;
    job_stop(d, &j, "canceled", "job_canceled", j.open > 0 ? "It was cancelled; what had been done stays." : NULL);
    job_close(d, &j);
    job_count(d, &j);
    return QUEUE_OK;
}

enum queue_result queue_cancel(struct queue *q, const char *id, const struct job_caller *who)
{
    struct managing m = { .id = id, .who = who };
    return queue_transact(q, DB_SERIAL, cancel, &m);
}

static void take_credentials(struct db *d, int64_t job, const struct job_credentials *c)
{
    static const char sql[] =
        "UPDATE ah_job_data SET credentials = $2, org_url = $3, api_version = $4 WHERE job_id = $1"
        " AND connection IS NULL";
    if (c && c->sealed.n)
        db_do(d, sql, DB_I(job), DB_B(c->sealed), DB_T(c->org_url), DB_T(c->api_version));
}

/* Steps that run under the session that has ended may still ask to wait: retried_at tells them apart. What was to be
 * told meanwhile is told now. */
static void go_on(struct db *d, struct job_row *j)
{
    db_do(d,
          "UPDATE ah_step SET state = 0, run_at = CASE WHEN run_at = 0 THEN 0 ELSE {NOW} END, ready_at = {NOW}"
          " WHERE job_id = $1 AND (state = 2 OR (state = 0 AND kind = 3))",
          DB_I(j->id));
    db_do(d, "UPDATE ah_job SET retried_at = {NOW} WHERE id = $1", DB_I(j->id));
    job_state(d, j, "running", NULL);
    db_notify(d);
}

/* The failed rows that were kept, as one array of items. */
static json_t *failed_items(struct db *d, int64_t job)
{
    json_t *items = json_array();
    db_ask(d, "SELECT item FROM ah_failed WHERE job_id = $1 ORDER BY id", DB_I(job));
    while (db_next(d)) {
        json_t *item = json_loadb(db_text(d, 0), db_span(d, 0).n, JSON_DECODE_ANY, NULL);
        json_array_append_new(items, item ? item : json_null());
    }
    return items;
}

/* It lives again; where an equal job runs meanwhile, without its unique key. */
static void revive(struct db *d, struct job_row *j)
{
    static const char sql[] =
        "UPDATE ah_job SET ended = 0, state = 'queued', finished_at = NULL, message = NULL, code = NULL, note = NULL, "
        "retried_at = {NOW},"
        " rate_from = NULL, rate_base = CAST($2 AS BIGINT), merge_key = NULL,"
        " unique_key = CASE WHEN EXISTS (SELECT 1 FROM ah_job b WHERE b.ended = 0 AND b.org_id = ah_job.org_id"
        " AND b.user_id = ah_job.user_id AND b.operation = ah_job.operation AND b.unique_key = ah_job.unique_key)"
        " THEN NULL ELSE unique_key END WHERE id = $1";
    j->ended = false;
    j->finishing = false;
    copy_text(j->state, sizeof j->state, "queued");
    db_do(d, sql, DB_I(j->id), DB_I(j->done + j->failed));
}

static enum queue_result retry_rows(struct queue *q, struct db *d, struct managing *m, struct job_row *j)
{
    static const char session[] = "SELECT count(*) FROM ah_job_data WHERE job_id = $1 AND connection IS NULL";
    char why[200];
    if (j->kept == 0)
        return queue_say(q, QUEUE_NOTHING, "This job has no failed rows.");
    if ((!m->c || !m->c->sealed.n) && db_one(d, 1, session, DB_I(j->id)) > 0)
        return queue_say(q, QUEUE_NOTHING,
                         "This job has ended, and its user's session was erased with its end; its "
                         "user must call retryJob.");
    json_t *items = failed_items(d, j->id);
    json_t *pages = pages_of(items, j->page_items, JOB_FAILED_ROWS, why, sizeof why);
    m->rows = (int64_t)json_array_size(items);
    json_decref(items);
    if (!pages)
        return queue_say(q, QUEUE_NOTHING, "%s", why);
    db_do(d, "DELETE FROM ah_failed WHERE job_id = $1", DB_I(j->id));
    j->failed -= m->rows;
    j->kept = 0;
    revive(d, j);
    step_add_pages(d, j, pages, 0, 0);
    json_decref(pages);
    job_count(d, j);
    return QUEUE_OK;
}

static enum queue_result retry(struct queue *q, struct db *d, void *ctx)
{
    struct managing *m = ctx;
    struct job_row j;
    m->rows = 0;
    if (!job_lock_uid(d, m->id, m->who, &j))
        return QUEUE_NOT_FOUND;
    take_credentials(d, j.id, m->c);
    if (j.ended)
        return retry_rows(q, d, m, &j);
    if (strcmp(j.state, "waiting") != 0 || j.ending[0])
        return queue_say(q, QUEUE_NOTHING, "This job has not ended yet; its failed rows can be retried when it has.");
    go_on(d, &j);
    return QUEUE_OK;
}

enum queue_result queue_retry(struct queue *q, const char *id, const struct job_caller *who,
                              const struct job_credentials *c, int64_t *rows)
{
    struct managing m = { .id = id, .who = who, .c = c };
    enum queue_result result = queue_transact(q, DB_SERIAL, retry, &m);
    *rows = result == QUEUE_OK ? m.rows : 0;
    return result;
}

struct pausing {
    const char *queue;
    bool paused;
};

static enum queue_result pause_queue(struct queue *q, struct db *d, void *ctx)
{
    const struct pausing *p = ctx;
    (void)q;
    if (p->paused)
        db_do(d, "INSERT INTO ah_pause (queue, since) VALUES ($1, {NOW}) ON CONFLICT DO NOTHING", DB_T(p->queue));
    else
        db_do(d, "DELETE FROM ah_pause WHERE queue = $1", DB_T(p->queue));
    db_notify(d);
    return QUEUE_OK;
}

enum queue_result queue_pause(struct queue *q, const char *queue, bool paused)
{
    struct pausing p = { queue, paused };
    return queue_transact(q, DB_SERIAL, pause_queue, &p);
}
