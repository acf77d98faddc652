/* queue_job.c - one job under a lock: its counters, its states, its end; and the steps that are added to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/jobs/queue_parts.h"

#define COLUMNS                                                                                                        \
    "SELECT id, {NOW}, org_id, queue, lane, state, ending, priority, per_org, page_items, attempts, ended,"            \
    " has_finish, finishing, total, planned, plans, planning, done, failed, kept, open, retried_at, unique_key,"       \
    " tells, sequence, told_at, told_percent, lines"                                                                   \
    " FROM ah_job "

static bool read_row(struct db *d, struct job_row *j)
{
    if (!db_next(d))
        return false;
    *j = (struct job_row){ .id = db_number(d, 0),
                           .now = db_number(d, 1),
                           .lane = db_number(d, 4),
                           .priority = (int)db_number(d, 7),
                           .per_org = (int)db_number(d, 8),
                           .page_items = (int)db_number(d, 9),
                           .attempts = (int)db_number(d, 10),
                           .ended = db_number(d, 11),
                           .has_finish = db_number(d, 12),
                           .finishing = db_number(d, 13),
                           .total = db_number(d, 14),
                           .planned = db_number(d, 15),
                           .plans = db_number(d, 16),
                           .planning = db_number(d, 17),
                           .done = db_number(d, 18),
                           .failed = db_number(d, 19),
                           .kept = db_number(d, 20),
                           .open = db_number(d, 21),
                           .retried_at = db_number(d, 22),
                           .named = !db_is_null(d, 23),
                           .tells = db_number(d, 24),
                           .sequence = db_number(d, 25),
                           .told_at = db_number(d, 26),
                           .told_percent = db_number(d, 27),
                           .lines = db_number(d, 28) };
    copy_text(j->org_id, sizeof j->org_id, db_text(d, 2));
    copy_text(j->queue, sizeof j->queue, db_text(d, 3));
    copy_text(j->state, sizeof j->state, db_text(d, 5));
    copy_text(j->ending, sizeof j->ending, db_text(d, 6));
    return true;
}

bool job_lock(struct db *d, int64_t id, struct job_row *j)
{
    static const char sql[] = COLUMNS "WHERE id = $1 {LOCK}";
    return db_ask(d, sql, DB_I(id)) && read_row(d, j);
}

bool job_lock_uid(struct db *d, const char *uid, const struct job_caller *who, struct job_row *j)
{
    static const char sql[] = COLUMNS "WHERE uid = $1 AND (CAST($2 AS TEXT) IS NULL OR (org_id = $2 AND user_id = $3))"
                                      " {LOCK}";
    return db_ask(d, sql, DB_T(uid), DB_T(who ? who->org_id : NULL), DB_T(who ? who->user_id : NULL)) && read_row(d, j);
}

void job_count(struct db *d, const struct job_row *j)
{
    db_do(d,
          "UPDATE ah_job SET total = $2, planned = $3, plans = $4, planning = $5, done = $6, failed = $7, kept = $8,"
          " open = $9, finishing = $10, tells = $11, sequence = $12, told_at = $13, told_percent = $14, lines = $15"
          " WHERE id = $1",
          DB_I(j->id), DB_I(j->total), DB_I(j->planned), DB_I(j->plans), DB_I(j->planning), DB_I(j->done),
          DB_I(j->failed), DB_I(j->kept), DB_I(j->open), DB_I(j->finishing), DB_I(j->tells), DB_I(j->sequence),
          DB_I(j->told_at), DB_I(j->told_percent), DB_I(j->lines));
}

void job_state(struct db *d, struct job_row *j, const char *state, const char *message)
{
    copy_text(j->state, sizeof j->state, state);
    db_do(d,
          "UPDATE ah_job SET state = $2, message = $3, waiting_at = CASE WHEN $2 = 'waiting' THEN {NOW} END"
          " WHERE id = $1",
          DB_I(j->id), DB_T(state), DB_T(message));
}

static void drop_steps(struct db *d, struct job_row *j)
{
    int64_t n = db_do(d, "DELETE FROM ah_step WHERE job_id = $1 AND state <> 1 AND kind <> 3", DB_I(j->id));
    j->open -= n > 0 ? n : 0;
}

void job_stop(struct db *d, struct job_row *j, const char *state, const char *code, const char *message)
{
    if (j->ending[0])
        return; /* what came first stays */
    copy_text(j->ending, sizeof j->ending, state);
    drop_steps(d, j);
    /* from here on an equal start is a job of its own */
    db_do(d,
          "UPDATE ah_job SET ending = $2, message = $3, code = $4, unique_key = NULL, merge_key = NULL WHERE id = $1",
          DB_I(j->id), DB_T(state), DB_T(message), DB_T(code));
}

/* The words of an end without words of its own. */
static void last_words(struct db *d, const struct job_row *j, char *out, size_t size)
{
    static const char first[] = "SELECT message FROM ah_failed WHERE job_id = $1 ORDER BY id LIMIT 1";
    out[0] = '\0';
    if (j->done == 0 && j->failed > 0 && db_ask(d, first, DB_I(j->id)) && db_next(d))
        snprintf(out, size, "None of the %lld items could be done. The first: %s", (long long)j->failed, db_text(d, 0));
    else if (j->planned > j->done + j->failed)
        snprintf(out, size, "%lld of the items were not worked on.", (long long)(j->planned - j->done - j->failed));
}

/* Credentials are erased when nothing is left to be told. */
static void end(struct db *d, struct job_row *j)
{
    char words[700];
    last_words(d, j, words, sizeof words);
    const char *state = j->ending[0] ? j->ending : j->done == 0 && j->failed > 0 ? "failed" : "done";
    copy_text(j->state, sizeof j->state, state);
    j->ended = true;
    db_do(d, "DELETE FROM ah_merged WHERE job_id = $1", DB_I(j->id));
    db_do(d,
          "UPDATE ah_job SET state = $2, ended = 1, ending = NULL, waiting_at = NULL, finished_at = {NOW},"
          " message = CASE WHEN ending IS NOT NULL THEN message ELSE $3 END WHERE id = $1",
          DB_I(j->id), DB_T(state), DB_T(words[0] ? words : NULL));
    outbox_end(d, j);
    outbox_close(d, j);
    db_notify(d); /* for those who wait for it */
}

bool job_close(struct db *d, struct job_row *j)
{
    if (j->ended)
        return true;
    if (j->open > 0 && j->ending[0])
        drop_steps(d, j); /* put back since, by a sweep */
    if (j->open > 0)
        return false;
    if (j->has_finish && !j->finishing && !j->ending[0]) {
        j->finishing = true;
        step_add(d, j, &(struct step_new){ .kind = STEP_FINISH });
        return false;
    }
    end(d, j);
    return true;
}

int64_t lane_of(struct db *d, const char *org_id, const char *queue, const char *operation)
{
    static const char find[] = "SELECT id FROM ah_lane WHERE org_id = $1 AND queue = $2 AND operation = $3";
    static const char add[] =
        "INSERT INTO ah_lane (org_id, queue, operation) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    int64_t id = db_one(d, 0, find, DB_T(org_id), DB_T(queue), DB_T(operation));
    if (id != 0 || db_failed(d))
        return id;
    db_do(d, add, DB_T(org_id), DB_T(queue), DB_T(operation)); /* or another process has, meanwhile */
    return db_one(d, 0, find, DB_T(org_id), DB_T(queue), DB_T(operation));
}

void step_add(struct db *d, struct job_row *j, const struct step_new *s)
{
    static const char sql[] =
        "INSERT INTO ah_step (job_id, lane, org_id, queue, kind, state, priority, per_org, run_at, ready_at, attempt,"
        " items, payload, input) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    int64_t at = j->now + s->delay_ms;
    db_do(d, sql, DB_I(j->id), DB_I(j->lane), DB_T(j->org_id), DB_T(j->queue), DB_I(s->kind),
          DB_I(strcmp(j->state, "waiting") == 0 ? 2 : 0), DB_I(j->priority), DB_I(j->per_org), DB_I(s->first ? 0 : at),
          DB_I(at), DB_I(s->attempt), DB_I(s->items), DB_S(s->payload), DB_S(s->input));
    j->open++;
    db_notify(d);
}

void step_add_pages(struct db *d, struct job_row *j, const json_t *pages, int attempt, int64_t delay_ms)
{
    static const char sql[] =
        "INSERT INTO ah_step (job_id, lane, org_id, queue, kind, state, priority, per_org, run_at, ready_at, attempt,"
        " items, payload) SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), $3, $4, CAST($5 AS INTEGER),"
        " CAST($6 AS INTEGER), CAST($7 AS INTEGER), CAST($8 AS INTEGER), CAST($9 AS BIGINT), CAST($9 AS BIGINT),"
        " CAST($10 AS INTEGER), CAST(value ->> 'n' AS INTEGER), value ->> 'p' FROM {EACH}$11{END}";
    size_t n = json_array_size(pages);
    if (n == 0)
        return;
    char *text = json_dumps(pages, JSON_COMPACT);
    int64_t added = db_do(d, sql, DB_I(j->id), DB_I(j->lane), DB_T(j->org_id), DB_T(j->queue), DB_I(STEP_PAGE),
                          DB_I(strcmp(j->state, "waiting") == 0 ? 2 : 0), DB_I(j->priority), DB_I(j->per_org),
                          DB_I(j->now + delay_ms), DB_I(attempt), DB_T(text ? text : "["));
    free(text);
    j->open += added > 0 ? added : 0;
    db_notify(d);
}
