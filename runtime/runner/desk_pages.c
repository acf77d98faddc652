/*
 * desk_pages.c - the questions of the jobs page. Whoever reads it has shown its password to the front, sees everybody's
 * jobs, and has no user's token: what runs as its caller can be cancelled from there, but not tried again.
 */
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/log.h"
#include "runtime/jobs/inbox.h"
#include "runtime/runner/desk_parts.h"

enum { SHOWN = 50, SHOWN_MAX = 200, ROWS = 20, ROWS_MAX = 200, CSV_ROWS = 2000, QUEUE_NAME = 40 };

struct page {
    struct desk *desk;
    uint64_t call;
    const char *job;
    const json_t *body;
};

static const char *text_of(const struct page *p, const char *name)
{
    const char *text = json_string_value(json_object_get(p->body, name));
    return text && *text ? text : NULL;
}

static int number_of(const struct page *p, const char *name, int otherwise, int most)
{
    json_int_t n = json_integer_value(json_object_get(p->body, name));
    return n < 1 ? otherwise : n > most ? most : (int)n;
}

static void answer(const struct page *p, enum queue_result r, json_t *out)
{
    if (r == QUEUE_OK) {
        desk_answer_json(p->desk, p->call, 200, out);
        return;
    }
    json_decref(out);
    desk_refuse_result(p->desk, p->call, r);
}

/* One row more than is shown tells whether there are more. */
static void on_list(const struct page *p)
{
    struct queue *q = p->desk->p.queue;
    const struct job_filter f = { .state = text_of(p, "state"),
                                  .search = text_of(p, "search"),
                                  .limit = number_of(p, "show", SHOWN, SHOWN_MAX),
                                  .in_order = true };
    struct stats_now now = { 0 };
    json_t *out = NULL, *jobs = NULL, *subscriptions = NULL;
    enum queue_result r = queue_overview(q, &out);
    if (r == QUEUE_OK)
        r = subscription_list(q, &subscriptions);
    if (r == QUEUE_OK)
        r = queue_list(q, &f, NULL, &jobs);
    p->desk->p.measure(p->desk->p.ctx, &now);
    json_object_set_new(out, "subscriptions", subscriptions);
    if (r == QUEUE_OK) {
        json_object_set_new(out, "jobs", jobs);
        json_object_set_new(out, "workers", json_integer(now.workers));
    }
    answer(p, r, out);
}

static void on_show(const struct page *p)
{
    struct queue *q = p->desk->p.queue;
    int rows = number_of(p, "rows", ROWS, ROWS_MAX);
    json_t *out = NULL, *more = NULL;
    enum queue_result r = queue_get(q, p->job, NULL, &out);
    if (r == QUEUE_OK && rows > ROWS) {
        r = queue_failures(q, p->job, NULL, "", rows, &more);
        if (r == QUEUE_OK)
            json_object_set(out, "failures", json_object_get(more, "failures"));
        json_decref(more);
    }
    desk_show_items_as_text(out);
    answer(p, r, out);
}

static void on_failures(const struct page *p)
{
    const char *cursor = text_of(p, "cursor");
    json_t *out = NULL;
    enum queue_result r = queue_failures(p->desk->p.queue, p->job, NULL, cursor ? cursor : "", CSV_ROWS, &out);
    desk_show_items_as_text(out);
    answer(p, r, out);
}

static void note(const struct page *p, const char *what, const char *queue)
{
    log_event(LOG_INFO, "jobs-page", "what", what, queue ? "queue" : "job", queue ? queue : p->job, "user", "page",
              NULL);
}

static void on_cancel(const struct page *p)
{
    enum queue_result r = queue_cancel(p->desk->p.queue, p->job, NULL);
    if (r == QUEUE_OK) {
        note(p, "cancel", NULL);
        p->desk->p.canceled(p->desk->p.ctx, p->job);
        waiting_heard(p->desk->waiting);
    }
    answer(p, r, json_object());
}

/* A job that runs as its caller goes on with that caller's token alone. */
static void on_retry(const struct page *p)
{
    struct queue *q = p->desk->p.queue;
    json_t *job = NULL;
    int64_t rows;
    enum queue_result r = queue_get(q, p->job, NULL, &job);
    if (r == QUEUE_OK && !json_object_get(job, "connection"))
        r = QUEUE_NOTHING;
    if (r == QUEUE_OK)
        r = queue_retry(q, p->job, NULL, NULL, &rows);
    if (r == QUEUE_OK)
        note(p, "retry", NULL);
    json_decref(job);
    answer(p, r, json_object());
}

static bool queue_char(char c)
{
    return char_lower(c) || char_digit(c) || c == '_';
}

static void on_pause(const struct page *p)
{
    const char *queue = text_of(p, "queue");
    bool paused = json_is_true(json_object_get(p->body, "paused"));
    bool named = queue && strlen(queue) <= QUEUE_NAME && span_all(span_of(queue), queue_char);
    enum queue_result r = named ? queue_pause(p->desk->p.queue, queue, paused) : QUEUE_NOT_FOUND;
    if (r == QUEUE_OK)
        note(p, paused ? "pause" : "resume", queue);
    answer(p, r, json_object());
}

static void on_pulse(const struct page *p)
{
    int64_t pulse = 0;
    enum queue_result r = queue_pulse(p->desk->p.queue, &pulse);
    answer(p, r, json_pack("{s:I}", "pulse", (json_int_t)pulse));
}

static void (*const handlers[JOB_QUESTIONS])(const struct page *p) = {
    [JOB_PAGE_LIST] = on_list,     [JOB_PAGE_SHOW] = on_show,   [JOB_PAGE_FAILURES] = on_failures,
    [JOB_PAGE_CANCEL] = on_cancel, [JOB_PAGE_RETRY] = on_retry, [JOB_PAGE_PAUSE] = on_pause,
    [JOB_PAGE_PULSE] = on_pulse,
};

void desk_page(struct desk *d, uint64_t call, enum job_question what, const char *job, const json_t *body)
{
    const struct page p = { .desk = d, .call = call, .job = job, .body = body };
    handlers[what](&p);
}
