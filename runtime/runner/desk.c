/* desk.c - questions about jobs, and their answers. */
#include "runtime/runner/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json_text.h"
#include "runtime/jobs/inbox.h"
#include "runtime/runner/desk_parts.h"

enum {
    AGAIN_S = 2,
    LIST_MAX = 200,
    LIST_DEFAULT = 20,
    FAILURES_MAX = 2000,
    FAILURES_DEFAULT = 200,
    CURSOR_MAX = 200,
    STATS_MAX = 256 * 1024
};

/* ---- answers ---- */

void desk_refuse(struct desk *d, uint64_t call, const struct err *e)
{
    const struct message_job_answer m = {
        .status = e->status, .code = span_of(e->code), .body = span_of(e->message), .retry_after_s = e->retry_after_s
    };
    d->p.answer(d->p.ctx, call, &m);
}

/* What the queue's words mean to a caller. Why it fails is for the log; why it refuses is for the caller. */
static const struct {
    enum queue_result result;
    int status;
    const char *code;
    int again_s;
    const char *message;
    bool says_why; /* in words of the queue */
} refusals[] = {
    { QUEUE_NOT_FOUND, 404, "job_not_found", 0,
      "There is no such job, it is not yours, or it has been deleted. Use the jobId that the start answered.", false },
    { QUEUE_ENDED, 409, "job_ended", 0, "The job has ended already; what it did stays.", false },
    { QUEUE_NOTHING, 409, "nothing_to_retry", 0,
      "No row of this job has failed, so there is nothing to be tried again.", true },
    { QUEUE_FULL, 413, "job_too_large", 0, "The job is larger than the queue takes. Start several smaller ones.",
      true },
    { QUEUE_AWAY, 503, "jobs_unavailable", AGAIN_S,
      "The job queue cannot be reached at present. Try again in a moment.", false },
    { QUEUE_NEWER, 503, "jobs_unavailable", 60,
      "The job queue belongs to a newer version of this host. Deploy that version here, too.", false },
    { QUEUE_BROKEN, 503, "jobs_unavailable", 10,
      "The job queue does not work at present; the host's log says why. Try again later.", false },
    { QUEUE_LOST, 503, "jobs_unavailable", AGAIN_S, "The job queue is busy. Try again in a moment.", false },
};

void desk_refuse_result(struct desk *d, uint64_t call, enum queue_result r)
{
    struct err e = { 0 };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (refusals[i].result != r)
            continue;
        const char *why = refusals[i].says_why ? queue_why(d->p.queue) : "";
        err_set(&e, refusals[i].status, refusals[i].code, "%s", *why ? why : refusals[i].message);
        e.retry_after_s = refusals[i].again_s;
    }
    desk_refuse(d, call, &e);
}

void desk_refuse_keyless(struct desk *d, uint64_t call)
{
    struct err e = { 0 };
    err_set(&e, 503, "jobs_key_missing",
            "This job runs as the user who asks for it, and this host has no key to keep a token under: set JOBS_KEY "
            "(32 characters at least, such as openssl rand -base64 32 makes) and ask again.");
    desk_refuse(d, call, &e);
}

void desk_answer_json(struct desk *d, uint64_t call, int status, json_t *body)
{
    struct buf text;
    struct err e;
    buf_init(&text, LIMIT_REPLY);
    if (body && buf_json(&text, body)) {
        const struct message_job_answer m = { .status = status, .body = { text.p, text.n } };
        d->p.answer(d->p.ctx, call, &m);
    } else {
        err_set(&e, 500, "internal_error", "The answer cannot be written. Ask for fewer rows at once.");
        desk_refuse(d, call, &e);
    }
    buf_free(&text);
    json_decref(body);
}

/* ---- what is asked ---- */

struct asked {
    struct desk *desk;
    uint64_t call;
    const struct message_job_question *q;
    char org_id[RECORD_ID_SIZE], user_id[RECORD_ID_SIZE];
    struct job_caller who;
    json_t *body;
    char job[JOB_ID_SIZE]; /* "" = none that could be one */
    int64_t now_ms;
};

/* A text member that the queue is given; NULL when it is absent. */
static const char *text_of(const struct asked *a, const char *name)
{
    const json_t *v = json_object_get(a->body, name);
    return json_string_length(v) && json_string_length(v) <= CURSOR_MAX ? json_string_value(v) : NULL;
}

static int number_of(const struct asked *a, const char *name, int most, int otherwise)
{
    const json_t *v = json_object_get(a->body, name);
    json_int_t n = json_integer_value(v);
    return !json_is_integer(v) ? otherwise : n < 1 ? 1 : n > most ? most : (int)n;
}

/* Whoever reads failures has a type for their items, which is text: an item that is none is shown as its JSON. */
void desk_show_items_as_text(json_t *out)
{
    size_t i;
    json_t *row;
    json_array_foreach (json_object_get(out, "failures"), i, row) {
        json_t *item = json_object_get(row, "item");
        char *text = item && !json_is_string(item) ? json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        if (text)
            json_object_set_new(row, "item", json_string(text));
        free(text);
    }
}

/* Where the queue has no words of its own for a job of that state. */
static const char *words_of(const char *state)
{
    static const char *const rows[][2] = {
        { "queued", "The job waits for a worker. Call getJob with its jobId to see how far it is." },
        { "running", "The job is running. Call getJob with its jobId to see how far it is." },
        { "done", "The job is done. Call getJob with its jobId for what it has done." },
        { "canceled", "The job was cancelled; what it had done stays." },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], state) == 0)
            return rows[i][1];
    return "Call getJob with its jobId to see what has become of it.";
}

/* The four members that a start answers, of a job as queue_get tells it. Takes the reference. */
static json_t *short_form(json_t *job)
{
    const char *state = json_string_value(json_object_get(job, "state"));
    const char *message = json_string_value(json_object_get(job, "message"));
    json_t *out = json_pack("{s:O, s:O, s:O, s:s}", "jobId", json_object_get(job, "jobId"), "state",
                            json_object_get(job, "state"), "operation", json_object_get(job, "operation"), "message",
                            message && *message ? message : words_of(state ? state : ""));
    json_decref(job);
    return out;
}

static void answer_job(struct desk *d, uint64_t call, const char *job, const struct job_caller *who, int status,
                       bool whole)
{
    json_t *out = NULL;
    enum queue_result r = queue_get(d->p.queue, job, who, &out);
    desk_show_items_as_text(out);
    if (r == QUEUE_OK)
        desk_answer_json(d, call, status, whole ? out : short_form(out));
    else
        desk_refuse_result(d, call, r);
}

static void on_get(struct asked *a)
{
    answer_job(a->desk, a->call, a->job, &a->who, 200, true);
}

static void on_list(struct asked *a)
{
    const struct job_filter f = { .state = text_of(a, "state"),
                                  .operation = text_of(a, "operation"),
                                  .limit = number_of(a, "pageSize", LIST_MAX, LIST_DEFAULT),
                                  .before = text_of(a, "cursor") };
    json_t *jobs = NULL;
    enum queue_result r = queue_list(a->desk->p.queue, &f, &a->who, &jobs);
    if (r != QUEUE_OK) {
        desk_refuse_result(a->desk, a->call, r);
        return;
    }
    size_t n = json_array_size(jobs);
    json_t *last = n ? json_object_get(json_array_get(jobs, n - 1), "jobId") : NULL;
    json_t *out = json_pack("{s:o}", "jobs", jobs);
    if (n >= (size_t)f.limit && last)
        json_object_set(out, "cursor", last);
    desk_answer_json(a->desk, a->call, 200, out);
}

static void on_cancel(struct asked *a)
{
    enum queue_result r = queue_cancel(a->desk->p.queue, a->job, &a->who);
    if (r != QUEUE_OK) {
        desk_refuse_result(a->desk, a->call, r);
        return;
    }
    a->desk->p.canceled(a->desk->p.ctx, a->job);
    waiting_heard(a->desk->waiting);
    answer_job(a->desk, a->call, a->job, &a->who, 200, false);
}

static bool has_failed(const struct asked *a)
{
    json_t *job = NULL;
    bool failed = queue_get(a->desk->p.queue, a->job, &a->who, &job) == QUEUE_OK &&
                  json_object_get(job, "finishedAt") && json_integer_value(json_object_get(job, "failed")) > 0;
    json_decref(job);
    return failed;
}

/* With the token of this call, where there is one and it can be sealed: a job that runs as a connection needs none. */
static void on_retry(struct asked *a)
{
    struct desk *d = a->desk;
    const struct org_texts *org = &a->q->org;
    char url[sizeof((struct org_session *)0)->url], version[sizeof((struct org_session *)0)->api_version];
    struct buf sealed;
    int64_t rows = 0;
    buf_init(&sealed, LIMIT_ACCESS_TOKEN + SEAL_OVERHEAD);
    copy_span(url, sizeof url, org->url);
    copy_span(version, sizeof version, org->api_version);
    bool has = org->token.n && seal_close(d->p.keys, span_of(a->job), org->token, &sealed);
    const struct job_credentials c = { { sealed.p, sealed.n }, url, version };
    enum queue_result r = queue_retry(d->p.queue, a->job, &a->who, has ? &c : NULL, &rows);
    if (r == QUEUE_OK)
        answer_job(d, a->call, a->job, &a->who, 200, false);
    else if (r == QUEUE_NOTHING && d->p.keys->n == 0 && has_failed(a))
        desk_refuse_keyless(d, a->call);
    else
        desk_refuse_result(d, a->call, r);
    buf_wipe(&sealed);
    buf_free(&sealed);
}

static void on_failures(struct asked *a)
{
    const char *cursor = text_of(a, "cursor");
    json_t *out = NULL;
    enum queue_result r = queue_failures(a->desk->p.queue, a->job, &a->who, cursor ? cursor : "",
                                         number_of(a, "pageSize", FAILURES_MAX, FAILURES_DEFAULT), &out);
    desk_show_items_as_text(out);
    if (r == QUEUE_OK)
        desk_answer_json(a->desk, a->call, 200, out);
    else
        desk_refuse_result(a->desk, a->call, r);
}

static void on_start(struct asked *a)
{
    desk_start(a->desk, a->call, a->q);
}

/* One who cannot wait, as too many do, or the job has ended, is answered as if he did not. */
static void on_wait(struct asked *a)
{
    struct waiter w = { .call = a->call,
                        .started = a->q->what == JOB_WAIT_STARTED,
                        .until_ms = a->now_ms + a->q->wait_s * 1000 };
    char state[12];
    bool ended = false;
    copy_text(w.job, sizeof w.job, a->job);
    copy_text(w.org_id, sizeof w.org_id, a->org_id);
    copy_text(w.user_id, sizeof w.user_id, a->user_id);
    enum queue_result r = queue_peek(a->desk->p.queue, a->job, &a->who, state, &ended);
    if (r != QUEUE_OK)
        desk_refuse_result(a->desk, a->call, r);
    else if (ended || a->desk->draining || !waiting_add(a->desk->waiting, &w))
        answer_job(a->desk, a->call, a->job, &a->who, w.started ? 201 : 200, !w.started);
}

static void on_stats(struct asked *a)
{
    struct desk *d = a->desk;
    struct stats_now now = { .away = true };
    struct buf page;
    buf_init(&page, STATS_MAX);
    now.away = queue_state(d->p.queue) != QUEUE_OK || queue_stats(d->p.queue, &now.queue) != QUEUE_OK;
    now.waiting_callers = waiting_count(d->waiting);
    d->p.measure(d->p.ctx, &now);
    json_t *subscriptions = NULL;
    bool ok = stats_write(d->p.stats, &now, &page);
    if (!now.away && subscription_list(d->p.queue, &subscriptions) == QUEUE_OK)
        ok = stats_write_subscriptions(subscriptions, &page);
    json_decref(subscriptions);
    const struct message_job_answer m = { .status = 200, .body = { page.p, ok ? page.n : 0 } };
    d->p.answer(d->p.ctx, a->call, &m);
    buf_free(&page);
}

static void on_page(struct asked *a)
{
    desk_page(a->desk, a->call, (enum job_question)a->q->what, a->job, a->body);
}

static const struct {
    void (*fn)(struct asked *a);
    bool of_a_job; /* it is about the one that its body names */
    bool always;   /* it is answered without a database, too */
} handlers[JOB_QUESTIONS] = {
    [JOB_START] = { on_start, false, false },      [JOB_GET] = { on_get, true, false },
    [JOB_LIST] = { on_list, false, false },        [JOB_CANCEL] = { on_cancel, true, false },
    [JOB_RETRY] = { on_retry, true, false },       [JOB_FAILURES] = { on_failures, true, false },
    [JOB_WAIT_STARTED] = { on_wait, true, false }, [JOB_WAIT] = { on_wait, true, false },
    [JOB_STATS] = { on_stats, false, true },       [JOB_PAGE_LIST] = { on_page, false, false },
    [JOB_PAGE_SHOW] = { on_page, true, false },    [JOB_PAGE_FAILURES] = { on_page, true, false },
    [JOB_PAGE_CANCEL] = { on_page, true, false },  [JOB_PAGE_RETRY] = { on_page, true, false },
    [JOB_PAGE_PAUSE] = { on_page, false, false },  [JOB_PAGE_PULSE] = { on_page, false, false },
};

void desk_ask(struct desk *d, uint64_t call, const struct message_job_question *q, int64_t now_ms)
{
    struct asked a = { .desk = d, .call = call, .q = q, .now_ms = now_ms };
    enum queue_result state = queue_state(d->p.queue);
    if (state != QUEUE_OK && !handlers[q->what].always) {
        desk_refuse_result(d, call, state);
        return;
    }
    copy_span(a.org_id, sizeof a.org_id, q->org.id);
    copy_span(a.user_id, sizeof a.user_id, q->org.user_id);
    a.who = (struct job_caller){ a.org_id, a.user_id };
    if (q->what != JOB_START && q->body.n)
        a.body = json_loadb(q->body.p, q->body.n, JSON_REJECT_DUPLICATES, NULL);
    const char *job = json_string_value(json_object_get(a.body, "jobId"));
    if (job && strlen(job) == JOB_ID_SIZE - 1)
        copy_lower(a.job, sizeof a.job, span_of(job));
    if (handlers[q->what].of_a_job && !a.job[0])
        desk_refuse_result(d, call, QUEUE_NOT_FOUND);
    else
        handlers[q->what].fn(&a);
    json_decref(a.body);
}

/* ---- those who wait ---- */

static enum queue_result peek(void *ctx, const struct waiter *w, bool *ended)
{
    struct desk *d = ctx;
    char state[12];
    const struct job_caller who = { w->org_id, w->user_id };
    if (queue_state(d->p.queue) != QUEUE_OK)
        return QUEUE_AWAY;
    return queue_peek(d->p.queue, w->job, &who, state, ended);
}

static void answer_waiter(void *ctx, const struct waiter *w)
{
    struct desk *d = ctx;
    const struct job_caller who = { w->org_id, w->user_id };
    if (queue_state(d->p.queue) != QUEUE_OK)
        desk_refuse_result(d, w->call, queue_state(d->p.queue));
    else
        answer_job(d, w->call, w->job, &who, w->started ? 201 : 200, !w->started);
}

void desk_heard(struct desk *d)
{
    waiting_heard(d->waiting);
}

void desk_job_ended(struct desk *d, const char *job)
{
    waiting_job_ended(d->waiting, job);
}

void desk_work(struct desk *d, int64_t now_ms)
{
    waiting_work(d->waiting, now_ms);
}

int desk_timeout_ms(const struct desk *d, int64_t now_ms)
{
    return waiting_timeout_ms(d->waiting, now_ms);
}

void desk_drain(struct desk *d)
{
    d->draining = true;
    waiting_answer_all(d->waiting);
}

void desk_hang_up(struct desk *d)
{
    waiting_forget_all(d->waiting);
}

struct desk *desk_new(const struct desk_parts *p)
{
    struct desk *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->p = *p;
    d->waiting = waiting_new(peek, answer_waiter, d);
    return d;
}

void desk_free(struct desk *d)
{
    if (!d)
        return;
    desk_drop_starts(d);
    waiting_free(d->waiting);
    free(d);
}
