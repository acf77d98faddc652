/*
 * queue_step.c - what a step did becomes true, in one transaction under its token: items counted, further steps made,
 * the step deleted or put back, the job ended. The job is locked first, then the step: whoever else wants both does the
 * same, so that no two wait for each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"
#include "runtime/jobs/queue_parts.h"

enum { RETRY_MS = 1000, CRASH_MS = 200, PLAN_AHEAD = 1000 };

struct ending {
    const struct claim *c;
    const struct step_end *e;
    struct step_ended *out;
    struct job_row j;
    json_t *items; /* of a page, own */
};

/* ---- the step itself: one of these is called, once; false when it is no longer the caller's ---- */

static bool step_gone(struct ending *n, struct db *d)
{
    static const char sql[] = "DELETE FROM ah_step WHERE id = $1 AND token = $2 AND state = 1";
    if (db_do(d, sql, DB_I(n->c->step), DB_I(n->c->token)) != 1)
        return false;
    n->j.open--;
    return true;
}

/* Put back; dropped when its job comes to its end. */
static bool step_back(struct ending *n, struct db *d, int attempt, int crashes, int64_t after_ms)
{
    static const char sql[] = "UPDATE ah_step SET state = $3, owner = NULL, lease_until = NULL, claimed_at = NULL, "
                              "run_at = $4, ready_at = $4,"
                              " attempt = $5, crashes = $6 WHERE id = $1 AND token = $2 AND state = 1";
    if (n->j.ending[0])
        return step_gone(n, d);
    n->out->retried = true;
    db_notify(d);
    return db_do(d, sql, DB_I(n->c->step), DB_I(n->c->token), DB_I(strcmp(n->j.state, "waiting") == 0 ? 2 : 0),
                 DB_I(n->j.now + after_ms), DB_I(attempt), DB_I(crashes)) == 1;
}

/* ---- plans ---- */

static void too_much(struct ending *n, struct db *d, const char *why)
{
    job_stop(d, &n->j, "failed", "job_too_large", why);
}

static struct span text_of(const json_t *json, struct buf *b)
{
    buf_init(b, JOB_PAYLOAD_MAX);
    if (!json || buf_json(b, json))
        return (struct span){ b->p, b->n };
    return (struct span){ 0 };
}

/* The plan goes on before the pages that it has made, as long as not too many of them wait: an org keeps a query open
 * for a while only, and the whole is known the sooner. */
static void plan_on(struct ending *n, struct db *d, struct span cursor)
{
    step_add(d, &n->j,
             &(struct step_new){ .kind = STEP_PLAN,
                                 .first = n->j.open < PLAN_AHEAD,
                                 .payload = cursor,
                                 .input = n->c->own_input ? (struct span){ n->c->input.p, n->c->input.n }
                                                          : (struct span){ 0 } });
    n->j.plans++;
    n->j.planning++;
}

static bool plan_done(struct ending *n, struct db *d)
{
    char why[200];
    struct buf text;
    if (!step_gone(n, d))
        return false;
    n->j.planning--;
    if (n->j.ending[0])
        return true;
    int page_items = n->e->page_items ? n->e->page_items : n->j.page_items;
    json_t *pages = pages_of(n->e->items, page_items, JOB_PLAN_PAGES, why, sizeof why);
    struct span cursor = text_of(n->e->cursor, &text);
    bool more = n->e->cursor != NULL;
    if (!pages)
        too_much(n, d, why);
    else if (more && !cursor.n)
        too_much(n, d, "The cursor of a plan step is larger than 64 KiB; keep an id or a locator in it.");
    else if (more && n->j.plans >= JOB_PLAN_STEPS)
        too_much(n, d,
                 "The plan has not come to an end after 10,000 steps; it must leave no cursor when it is complete.");
    else {
        if (n->e->total >= 0)
            n->j.total = n->e->total;
        n->j.planned += (int64_t)json_array_size(n->e->items);
        if (more)
            plan_on(n, d, cursor);
        step_add_pages(d, &n->j, pages, 0, 0);
    }
    buf_free(&text);
    json_decref(pages);
    return true;
}

/* ---- pages ---- */

static const json_t *items_of(struct ending *n)
{
    if (!n->items)
        n->items = json_loadb(n->c->payload.p, n->c->payload.n, JSON_DECODE_ANY, NULL);
    return n->items;
}

/* A page is no longer, and its items have become `failed`, `again`, or are done. */
static void page_counts(struct ending *n, struct db *d, const json_t *failed, size_t again)
{
    n->out->failed = (int)json_array_size(failed);
    n->out->again = (int)again;
    n->out->done = n->c->items - n->out->failed - n->out->again;
    n->j.done += n->out->done;
    failed_add(d, &n->j, failed);
}

static void sums_add(struct ending *n, struct db *d)
{
    static const char sql[] = "INSERT INTO ah_sum (job_id, name, amount) VALUES ($1, $2, $3)"
                              " ON CONFLICT (job_id, name) DO UPDATE SET amount = ah_sum.amount + excluded.amount";
    const char *name;
    json_t *v;
    json_object_foreach ((json_t *)(uintptr_t)n->e->sums, name, v)
        db_do(d, sql, DB_I(n->j.id), DB_T(name), DB_I(json_integer_value(v)));
}

static bool page_failed(struct ending *n, struct db *d, const char *code, const char *message)
{
    const json_t *item;
    size_t i;
    if (!step_gone(n, d))
        return false;
    json_t *rows = json_array();
    json_array_foreach (items_of(n), i, item)
        failed_row(rows, item, code, message, NULL);
    page_counts(n, d, rows, 0);
    json_decref(rows);
    return true;
}

/* Items that are tried again keep their order, in a page of their own. */
static void items_again(struct ending *n, struct db *d, const json_t *items)
{
    char why[200];
    if (n->j.ending[0])
        return;
    json_t *pages = pages_of(items, n->j.page_items, JOB_PLAN_PAGES, why, sizeof why);
    step_add_pages(d, &n->j, pages, n->c->attempt, back_off(RETRY_MS, n->c->attempt));
    json_decref(pages);
}

static bool page_done(struct ending *n, struct db *d)
{
    if (!step_gone(n, d))
        return false;
    json_t *failed = json_array(), *again = json_array();
    const json_t *items = n->e->results_n ? items_of(n) : NULL;
    bool *seen = calloc((size_t)n->c->items + 1, sizeof *seen);
    for (size_t i = 0; seen && i < n->e->results_n; i++) {
        const struct item_result *r = &n->e->results[i];
        json_t *item = r->index >= 0 && r->index < n->c->items ? json_array_get(items, (size_t)r->index) : NULL;
        if (!item || seen[r->index])
            continue; /* what was said first of an item holds */
        seen[r->index] = true;
        if (r->again && n->c->attempt < n->j.attempts)
            json_array_append(again, item);
        else
            failed_row(failed, item, r->code, r->message, r->field);
    }
    free(seen);
    page_counts(n, d, failed, json_array_size(again));
    sums_add(n, d);
    items_again(n, d, again);
    json_decref(failed);
    json_decref(again);
    return true;
}

/* Three crashes: one of these items is the reason. Halves of halves end at it. */
static bool page_split(struct ending *n, struct db *d)
{
    const json_t *items = items_of(n), *item;
    size_t i, half = json_array_size(items) / 2;
    json_t *halves[2] = { json_array(), json_array() };
    if (!step_gone(n, d))
        half = 0;
    json_array_foreach (items, i, item)
        json_array_append(halves[i >= half], (json_t *)item);
    for (int k = 0; k < 2 && half > 0 && !n->j.ending[0]; k++) {
        char why[200];
        json_t *pages = pages_of(halves[k], n->c->items, 2, why, sizeof why);
        step_add_pages(d, &n->j, pages, n->c->attempt - 1, 0);
        json_decref(pages);
    }
    json_decref(halves[0]);
    json_decref(halves[1]);
    n->out->split = half > 0;
    return half > 0;
}

/* ---- outcomes ---- */

/* For good: the items of a page, or the job. */
static bool step_failed(struct ending *n, struct db *d, const char *code, const char *message)
{
    if (n->c->kind == STEP_PAGE)
        return page_failed(n, d, code, message);
    if (!step_gone(n, d))
        return false;
    if (n->c->kind == STEP_PLAN)
        n->j.planning--;
    job_stop(d, &n->j, "failed", code, message);
    return true;
}

static bool outcome_done(struct ending *n, struct db *d)
{
    static const char sql[] = "UPDATE ah_job_data SET result = $2 WHERE job_id = $1";
    struct span result = n->e->result;
    if (n->c->kind == STEP_PLAN)
        return plan_done(n, d);
    if (n->c->kind == STEP_PAGE)
        return page_done(n, d);
    if (!step_gone(n, d))
        return false;
    if (result.n > JOB_RESULT_MAX || !utf8_valid(result))
        too_much(n, d, "The work is done, but the finish step's answer is larger than 60 KiB; let it say less.");
    else if (result.n)
        db_do(d, sql, DB_I(n->j.id), DB_S(result));
    return true;
}

static bool outcome_again(struct ending *n, struct db *d)
{
    const struct step_end *e = n->e;
    if (e->gate)
        db_do(d,
              "UPDATE ah_lane SET gate_until = CASE WHEN gate_until > $2 THEN gate_until ELSE $2 END WHERE org_id = $1",
              DB_T(n->j.org_id), DB_I(n->j.now + e->after_ms));
    if (!e->counts)
        return step_back(n, d, n->c->attempt - 1, n->c->crashes, e->after_ms);
    if (n->c->attempt >= n->j.attempts)
        return step_failed(n, d, e->code, e->message);
    int64_t ms = back_off(RETRY_MS, n->c->attempt);
    return step_back(n, d, n->c->attempt, n->c->crashes, ms > e->after_ms ? ms : e->after_ms);
}

static bool outcome_failed(struct ending *n, struct db *d)
{
    return step_failed(n, d, n->e->code, n->e->message);
}

static bool outcome_job_failed(struct ending *n, struct db *d)
{
    if (!step_gone(n, d))
        return false;
    if (n->c->kind == STEP_PLAN)
        n->j.planning--;
    job_stop(d, &n->j, "failed", n->e->code, n->e->message);
    return true;
}

/* A session that ended before a new one was brought is no reason to wait for a third. */
static bool outcome_waits(struct ending *n, struct db *d)
{
    int64_t claimed = db_one(d, 0, "SELECT claimed_at FROM ah_step WHERE id = $1 AND token = $2 AND state = 1",
                             DB_I(n->c->step), DB_I(n->c->token));
    if (claimed > n->j.retried_at && !n->j.ending[0] && strcmp(n->j.state, "waiting") != 0) {
        db_do(d, "UPDATE ah_step SET state = 2 WHERE job_id = $1 AND state = 0 AND kind <> 3", DB_I(n->j.id));
        job_state(d, &n->j, "waiting", n->e->message);
        outbox_wait(d, &n->j, n->e->message);
    }
    return step_back(n, d, n->c->attempt - 1, n->c->crashes, 0);
}

static bool outcome_crashed(struct ending *n, struct db *d)
{
    int crashes = n->c->crashes + 1;
    bool page = n->c->kind == STEP_PAGE;
    char message[160];
    if (crashes < (page ? JOB_CRASHES : JOB_CRASHES_WHOLE))
        return step_back(n, d, n->c->attempt - 1, crashes, back_off(CRASH_MS, crashes));
    if (page && n->c->items > 1)
        return page_split(n, d);
    n->out->quarantined = page;
    snprintf(message, sizeof message, "The worker that had this %s ended abnormally %d times; it is not tried again.",
             page ? "item" : "step", crashes);
    return step_failed(n, d, "crashed", message);
}

static bool outcome_released(struct ending *n, struct db *d)
{
    return step_back(n, d, n->c->attempt - 1, n->c->crashes, 0);
}

static enum queue_result end_line(struct db *d, struct ending *n)
{
    if (!outbox_line_end(d, &n->j, n->c, n->e))
        return QUEUE_LOST;
    if (n->j.ended)
        outbox_close(d, &n->j);
    job_count(d, &n->j);
    return QUEUE_OK;
}

static enum queue_result end_step(struct queue *q, struct db *d, void *ctx)
{
    static bool (*const outcomes[])(struct ending *, struct db *) = {
        [STEP_DONE] = outcome_done,         [STEP_AGAIN] = outcome_again,
        [STEP_FAILED] = outcome_failed,     [STEP_JOB_FAILED] = outcome_job_failed,
        [STEP_WAITS] = outcome_waits,       [STEP_CRASHED] = outcome_crashed,
        [STEP_RELEASED] = outcome_released,
    };
    struct ending *n = ctx;
    (void)q;
    *n->out = (struct step_ended){ 0 };
    if (!job_lock(d, n->c->job_row, &n->j))
        return QUEUE_LOST;
    if (n->c->kind == STEP_DELIVER)
        return end_line(d, n);
    if (n->j.ended || !outcomes[n->e->outcome](n, d))
        return QUEUE_LOST;
    n->out->job_ended = job_close(d, &n->j);
    if (!n->out->job_ended)
        outbox_move(d, &n->j);
    job_count(d, &n->j);
    copy_text(n->out->job_state, sizeof n->out->job_state, n->j.state);
    n->out->job_done = n->j.done;
    n->out->job_failed = n->j.failed;
    if (n->out->job_ended)
        n->out->job_ms = db_one(d, 0, "SELECT finished_at - created_at FROM ah_job WHERE id = $1", DB_I(n->j.id));
    return QUEUE_OK;
}

enum queue_result queue_step_end(struct queue *q, const struct claim *c, const struct step_end *e,
                                 struct step_ended *out)
{
    struct ending n = { .c = c, .e = e, .out = out };
    enum queue_result result = queue_transact(q, DB_WRITE, end_step, &n);
    json_decref(n.items);
    if (result != QUEUE_OK)
        *out = (struct step_ended){ 0 };
    return result;
}

struct saving {
    const struct claim *c;
    struct span state;
};

static enum queue_result save(struct queue *q, struct db *d, void *ctx)
{
    static const char sql[] = "UPDATE ah_step SET saved = $3 WHERE id = $1 AND token = $2 AND state = 1";
    const struct saving *s = ctx;
    (void)q;
    return db_do(d, sql, DB_I(s->c->step), DB_I(s->c->token), DB_S(s->state)) == 1 ? QUEUE_OK : QUEUE_LOST;
}

enum queue_result queue_step_save(struct queue *q, const struct claim *c, struct span state)
{
    struct saving s = { c, state };
    if (state.n > JOB_SAVED_MAX || !utf8_valid(state))
        return queue_say(q, QUEUE_FULL, "A step's own state is text of at most %d KiB.", JOB_SAVED_MAX / 1024);
    return queue_transact(q, DB_WRITE, save, &s);
}
