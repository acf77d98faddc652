/* queue_look.c - jobs as those see them who asked for them: one, many, state alone, failed rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/jobs/queue_parts.h"

enum { UNCLAIMED_MS = 30000, FAILURES = 20, TRIES = 10, SEARCH_MAX = 100 };

struct looking {
    const char *id;
    const struct job_caller *who;
    const struct job_filter *filter;
    const char *cursor;
    int limit;
    json_t *out;
};

#define JOB                                                                                                            \
    "SELECT j.uid, j.operation, j.state, j.total, j.planned, j.planning, j.done, j.failed, j.created_at, "             \
    "j.started_at,"                                                                                                    \
    " j.finished_at, j.message, j.rate_from, j.rate_base, {NOW}, j.org_id, j.user_id, j.queue, j.kept, j.plans, j.id," \
    " j.ended, x.username, x.result, (SELECT count(*) FROM ah_owner WHERE until > {NOW}),"                             \
    " (SELECT count(*) FROM ah_pause p WHERE p.queue = j.queue), j.note, x.connection, x.org_url, j.page_items,"       \
    " j.has_finish, substr(x.input, 1, 400) FROM ah_job j JOIN ah_job_data x ON x.job_id = j.id "

enum column {
    UID,
    OPERATION,
    STATE,
    TOTAL,
    PLANNED,
    PLANNING,
    DONE,
    FAILED,
    CREATED,
    STARTED,
    FINISHED,
    MESSAGE,
    RATE_FROM,
    RATE_BASE,
    NOW,
    ORG,
    USER,
    QUEUE,
    KEPT,
    PLANS,
    ID,
    ENDED,
    USERNAME,
    RESULT,
    OWNERS,
    PAUSED,
    NOTE,
    CONNECTION,
    ORG_URL,
    PAGE_ITEMS,
    HAS_FINISH,
    INPUT /* its beginning */
};

#define MINE "(CAST($1 AS TEXT) IS NULL OR (j.org_id = $1 AND j.user_id = $2))"

static const char *org(const struct looking *l)
{
    return l->who ? l->who->org_id : NULL;
}

static const char *user(const struct looking *l)
{
    return l->who ? l->who->user_id : NULL;
}

static void set_text(json_t *out, const char *name, const struct db *d, int column)
{
    struct span s = db_span(d, column);
    if (s.p)
        json_object_set_new(out, name, json_stringn(s.p, s.n));
}

void job_time(json_t *out, const char *name, const struct db *d, int column)
{
    char text[40];
    struct tm tm;
    int64_t ms = db_number(d, column);
    time_t seconds = (time_t)(ms / 1000);
    if (db_is_null(d, column) || !gmtime_r(&seconds, &tm))
        return;
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + n, sizeof text - n, ".%03dZ", (int)(ms % 1000));
    json_object_set_new(out, name, json_string(text));
}

/* -1 while it is not known: a plan that goes on has told at most a part. */
static int64_t total_of(const struct db *d)
{
    int64_t planned = db_number(d, PLANNED), told = db_number(d, TOTAL);
    if (db_number(d, PLANNING) == 0)
        return planned;
    return told < 0 ? -1 : told > planned ? told : planned;
}

static void set_progress(json_t *out, const struct db *d)
{
    int64_t total = total_of(d), ended = db_number(d, DONE) + db_number(d, FAILED);
    bool over = db_number(d, ENDED), running = strcmp(db_text(d, STATE), "running") == 0;
    int64_t until = over ? db_number(d, FINISHED) : db_number(d, NOW);
    int64_t ms = db_is_null(d, RATE_FROM) ? 0 : until - db_number(d, RATE_FROM);
    int64_t moved = ended - db_number(d, RATE_BASE);
    if (total >= 0)
        json_object_set_new(out, "total", json_integer(total));
    json_object_set_new(out, "done", json_integer(db_number(d, DONE)));
    json_object_set_new(out, "failed", json_integer(db_number(d, FAILED)));
    if (total > 0)
        json_object_set_new(out, "percent", json_integer(ended >= total ? 100 : ended * 100 / total));
    else if (total == 0 && over)
        json_object_set_new(out, "percent", json_integer(100));
    if (moved <= 0 || ms <= 0)
        return;
    int64_t hundredths = (moved * 100000 + ms / 2) / ms; /* no long row of digits */
    if (hundredths > 0)
        json_object_set_new(out, "ratePerSecond", json_real((double)hundredths / 100.0));
    if (running && total > ended)
        json_object_set_new(out, "etaSeconds", json_integer(((total - ended) * ms / moved + 999) / 1000));
}

static void set_message(json_t *out, const struct db *d)
{
    char text[240] = "", both[1300];
    int64_t age_s = (db_number(d, NOW) - db_number(d, CREATED)) / 1000,
            lost = db_number(d, FAILED) - db_number(d, KEPT);
    bool unclaimed = strcmp(db_text(d, STATE), "queued") == 0 && age_s >= UNCLAIMED_MS / 1000;
    if (!db_is_null(d, MESSAGE))
        set_text(out, "message", d, MESSAGE);
    else if (strcmp(db_text(d, STATE), "queued") == 0 && db_number(d, PAUSED))
        snprintf(text, sizeof text, "The queue %s is paused; run `actionhost jobs resume %s`.", db_text(d, QUEUE),
                 db_text(d, QUEUE));
    else if (unclaimed && db_number(d, OWNERS) == 0)
        snprintf(text, sizeof text,
                 "No worker has taken this job for %lld s; run `actionhost work`, or set JOBS_RUN=on.",
                 (long long)age_s);
    else if (unclaimed)
        snprintf(text, sizeof text, "All workers have been busy for %lld s; this job waits for its turn.",
                 (long long)age_s);
    else if (lost > 0)
        snprintf(text, sizeof text, "%lld items have failed; the first %lld of them are kept, the rest are counted.",
                 (long long)db_number(d, FAILED), (long long)db_number(d, KEPT));
    if (text[0])
        json_object_set_new(out, "message", json_string(text));
    if (db_is_null(d, NOTE)) /* what could not be told to the org */
        return;
    const char *said = json_string_value(json_object_get(out, "message"));
    snprintf(both, sizeof both, "%s%s%s", said ? said : "", said ? " " : "", db_text(d, NOTE));
    struct span whole = utf8_whole(span_of(both));
    json_object_set_new(out, "message", json_stringn(whole.p, whole.n));
}

static json_t *job_json(const struct db *d, const struct looking *l)
{
    json_t *out = json_object();
    set_text(out, "jobId", d, UID);
    set_text(out, "operation", d, OPERATION);
    set_text(out, "state", d, STATE);
    set_progress(out, d);
    job_time(out, "createdAt", d, CREATED);
    job_time(out, "startedAt", d, STARTED);
    job_time(out, "finishedAt", d, FINISHED);
    set_message(out, d);
    if (!l->who) {
        set_text(out, "orgId", d, ORG);
        set_text(out, "userId", d, USER);
        set_text(out, "username", d, USERNAME);
        set_text(out, "queue", d, QUEUE);
        set_text(out, "connection", d, CONNECTION);
        json_object_set_new(out, "paused", json_boolean(db_number(d, PAUSED)));
        json_object_set_new(out, "kept", json_integer(db_number(d, KEPT)));
    }
    return out;
}

/* {item, code, message, field?} of the row that stands there; an item that is no text is told as its JSON text. */
static json_t *failure_json(const struct db *d)
{
    json_t *row = json_object();
    struct span item = db_span(d, 1);
    json_t *value = json_loadb(item.p ? item.p : "", item.n, JSON_DECODE_ANY, NULL);
    if (!json_is_string(value)) {
        json_decref(value);
        value = json_stringn(item.p ? item.p : "", item.n);
    }
    json_object_set_new(row, "item", value);
    set_text(row, "code", d, 2);
    set_text(row, "message", d, 3);
    set_text(row, "field", d, 4);
    return row;
}

/* At most `limit` rows behind `after`; *last is the id of the last one, *more whether others follow. */
static json_t *failures(struct db *d, int64_t job, int64_t after, int limit, int64_t *last, bool *more)
{
    static const char sql[] = "SELECT id, item, code, message, field FROM ah_failed WHERE job_id = $1 AND id > $2"
                              " ORDER BY id LIMIT CAST($3 AS BIGINT)";
    json_t *out = json_array();
    *more = false;
    db_ask(d, sql, DB_I(job), DB_I(after), DB_I(limit + 1));
    while (db_next(d)) {
        *more = json_array_size(out) == (size_t)limit;
        if (*more)
            break;
        *last = db_number(d, 0);
        json_array_append_new(out, failure_json(d));
    }
    return out;
}

static void set_steps(struct db *d, json_t *out, int64_t job)
{
    static const char sql[] = "SELECT count(CASE WHEN state = 0 THEN 1 END), count(CASE WHEN state = 1 THEN 1 END),"
                              " count(CASE WHEN state = 2 THEN 1 END) FROM ah_step WHERE job_id = $1 AND kind <> 3";
    if (db_ask(d, sql, DB_I(job)) && db_next(d))
        json_object_set_new(out, "steps",
                            json_pack("{s:I, s:I, s:I}", "ready", (json_int_t)db_number(d, 0), "running",
                                      (json_int_t)db_number(d, 1), "held", (json_int_t)db_number(d, 2)));
}

/* The steps at work, and those that were tried before and are to be tried again: which try it is, of how many. */
static void set_tries(struct db *d, json_t *out, int64_t job)
{
    static const char sql[] =
        "SELECT s.kind, s.state, s.items, s.attempt, s.crashes, CASE WHEN s.state = 1 THEN s.claimed_at ELSE s.run_at"
        " END, j.attempts FROM ah_step s JOIN ah_job j ON j.id = s.job_id WHERE s.job_id = $1 AND s.kind < 3"
        " AND s.state < 3 AND (s.state = 1 OR s.attempt > 0 OR s.crashes > 0)"
        " ORDER BY CASE WHEN s.state = 1 THEN 0 ELSE 1 END, s.attempt DESC, s.crashes DESC, s.id LIMIT CAST($2 AS "
        "BIGINT)";
    static const char *const kinds[] = { [STEP_PLAN] = "plan", [STEP_PAGE] = "page", [STEP_FINISH] = "finish" };
    static const char *const states[] = { "ready", "running", "held" };
    json_t *list = json_array();
    db_ask(d, sql, DB_I(job), DB_I(TRIES));
    while (db_next(d)) {
        json_t *one = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "kind", kinds[db_number(d, 0)], "state",
                                states[db_number(d, 1)], "items", (json_int_t)db_number(d, 2), "attempt",
                                (json_int_t)db_number(d, 3) + 1, "crashes", (json_int_t)db_number(d, 4), "attempts",
                                (json_int_t)db_number(d, 6));
        job_time(one, "at", d, 5);
        json_array_append_new(list, one);
    }
    json_object_set_new(out, "tries", list);
}

/* What only the page of one job shows. */
static void set_about(json_t *out, const struct db *d)
{
    set_text(out, "orgUrl", d, ORG_URL);
    json_object_set_new(out, "pageItems", json_integer(db_number(d, PAGE_ITEMS)));
    json_object_set_new(out, "hasFinish", json_boolean(db_number(d, HAS_FINISH)));
    struct span input = utf8_whole(db_span(d, INPUT));
    if (input.n)
        json_object_set_new(out, "input", json_stringn(input.p, input.n));
}

static enum queue_result get(struct queue *q, struct db *d, void *ctx)
{
    struct looking *l = ctx;
    int64_t last = 0;
    bool more;
    (void)q;
    json_decref(l->out);
    l->out = NULL;
    if (!db_ask(d, JOB "WHERE " MINE " AND j.uid = $3", DB_T(org(l)), DB_T(user(l)), DB_T(l->id)) || !db_next(d))
        return QUEUE_NOT_FOUND;
    int64_t id = db_number(d, ID), failed = db_number(d, FAILED);
    l->out = job_json(d, l);
    set_text(l->out, "resultJson", d, RESULT);
    if (!l->who)
        set_about(l->out, d);
    if (failed > 0)
        json_object_set_new(l->out, "failures", failures(d, id, 0, FAILURES, &last, &more));
    if (!l->who) {
        set_steps(d, l->out, id);
        set_tries(d, l->out, id);
    }
    return QUEUE_OK;
}

/* What was read, for the caller, or nothing. */
static enum queue_result give(enum queue_result result, struct looking *l, json_t **out)
{
    if (result == QUEUE_OK)
        *out = l->out;
    else
        json_decref(l->out);
    return result;
}

enum queue_result queue_get(struct queue *q, const char *id, const struct job_caller *who, json_t **out)
{
    struct looking l = { .id = id, .who = who };
    return give(queue_transact(q, DB_READ, get, &l), &l, out);
}

/* The pattern of a search: what is looked for stands anywhere. NULL = anything does. */
static const char *like_of(const char *search, char like[2 * SEARCH_MAX + 3])
{
    size_t n = 0;
    if (!search || !*search)
        return NULL;
    like[n++] = '%';
    for (size_t i = 0; search[i] && i < SEARCH_MAX; i++) {
        if (strchr("%_!", search[i]))
            like[n++] = '!';
        like[n++] = char_to_lower(search[i]);
    }
    like[n++] = '%';
    like[n] = '\0';
    return like;
}

static enum queue_result list(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] = JOB
        "WHERE " MINE " AND (CAST($3 AS TEXT) IS NULL OR j.state = $3)"
        " AND (CAST($4 AS TEXT) IS NULL OR j.operation = $4) AND (CAST($5 AS TEXT) IS NULL OR j.queue = $5)"
        " AND (CAST($6 AS TEXT) IS NULL OR j.id < (SELECT b.id FROM ah_job b WHERE b.uid = $6))"
        " AND (CAST($8 AS TEXT) IS NULL OR lower(j.uid || ' ' || j.operation || ' ' || coalesce(x.username, '') ||"
        " ' ' || coalesce(x.connection, '')) LIKE $8 ESCAPE '!')"
        " ORDER BY CASE WHEN CAST($9 AS BIGINT) = 0 THEN 0 WHEN j.state = 'waiting' THEN 1"
        " WHEN j.state = 'failed' AND j.finished_at > {NOW} - 86400000 THEN 2 WHEN j.state = 'running' THEN 3"
        " WHEN j.state = 'queued' THEN 4 ELSE 5 END, CASE WHEN CAST($9 AS BIGINT) = 1 AND j.state = 'queued' THEN j.id"
        " WHEN CAST($9 AS BIGINT) = 1 AND j.ended = 1 THEN -j.finished_at ELSE -j.id END"
        " LIMIT CAST($7 AS BIGINT)";
    struct looking *l = ctx;
    char like[2 * SEARCH_MAX + 3];
    const struct job_filter *f = l->filter;
    (void)q;
    json_decref(l->out);
    l->out = json_array();
    db_ask(d, sql, DB_T(org(l)), DB_T(user(l)), DB_T(f->state), DB_T(f->operation), DB_T(f->queue), DB_T(f->before),
           DB_I(f->limit < 1     ? 1
                : f->limit > 200 ? 200
                                 : f->limit),
           DB_T(like_of(f->search, like)), DB_I(f->in_order));
    while (db_next(d))
        json_array_append_new(l->out, job_json(d, l));
    return QUEUE_OK;
}

enum queue_result queue_list(struct queue *q, const struct job_filter *f, const struct job_caller *who, json_t **out)
{
    struct looking l = { .filter = f, .who = who };
    return give(queue_transact(q, DB_READ, list, &l), &l, out);
}

struct peeking {
    const char *id;
    const struct job_caller *who;
    char *state;
    bool *ended;
};

static enum queue_result peek(struct queue *q, struct db *d, void *ctx)
{
    struct peeking *p = ctx;
    (void)q;
    if (!db_ask(d, "SELECT j.state, j.ended FROM ah_job j WHERE " MINE " AND j.uid = $3",
                DB_T(p->who ? p->who->org_id : NULL), DB_T(p->who ? p->who->user_id : NULL), DB_T(p->id)) ||
        !db_next(d))
        return QUEUE_NOT_FOUND;
    copy_text(p->state, 12, db_text(d, 0));
    *p->ended = db_number(d, 1);
    return QUEUE_OK;
}

enum queue_result queue_peek(struct queue *q, const char *id, const struct job_caller *who, char state[12], bool *ended)
{
    struct peeking p = { id, who, state, ended };
    return queue_transact(q, DB_READ, peek, &p);
}

static enum queue_result list_failures(struct queue *q, struct db *d, void *ctx)
{
    struct looking *l = ctx;
    int64_t last = 0;
    bool more;
    char cursor[24];
    (void)q;
    json_decref(l->out);
    l->out = NULL;
    int64_t id = db_one(d, 0, "SELECT j.id FROM ah_job j WHERE " MINE " AND j.uid = $3", DB_T(org(l)), DB_T(user(l)),
                        DB_T(l->id));
    if (id == 0)
        return QUEUE_NOT_FOUND;
    l->out = json_object();
    json_object_set_new(l->out, "failures", failures(d, id, strtoll(l->cursor, NULL, 10), l->limit, &last, &more));
    snprintf(cursor, sizeof cursor, "%lld", (long long)last);
    if (more)
        json_object_set_new(l->out, "cursor", json_string(cursor));
    return QUEUE_OK;
}

enum queue_result queue_failures(struct queue *q, const char *id, const struct job_caller *who, const char *cursor,
                                 int limit, json_t **out)
{
    struct looking l = { .id = id,
                         .who = who,
                         .cursor = cursor ? cursor : "",
                         .limit = limit < 1      ? 1
                                  : limit > 2000 ? 2000
                                                 : limit };
    return give(queue_transact(q, DB_READ, list_failures, &l), &l, out);
}
