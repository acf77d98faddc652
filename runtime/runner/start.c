/* start.c - a job that is started: what it runs as, what it is told apart by, its place in the queue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json_text.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/runner/callback.h"
#include "runtime/runner/desk_parts.h"
#include "runtime/runner/starts.h"

enum { MERGE_MS = 5000 };

/* A start whose connection is looked for; the question is kept in a frame of its own. */
struct start {
    struct desk *desk;
    uint64_t call;
    struct buf frame;
    char connection[sizeof((struct org_session *)0)->authorization]; /* that a page has named */
    struct start *next;
};

/* All that the queue is given of a start, as texts that end. */
struct texts {
    struct org_session session;
    char request_id[LIMIT_REQUEST_ID + 1], traceparent[MESSAGE_TRACEPARENT + 1];
    char id[JOB_ID_SIZE], unique_key[START_KEY_SIZE], merge_key[START_KEY_SIZE];
    struct buf sealed, callback, body;
    json_t *input;
};

/* An operation <operationId>Async of a job starts that very job. */
static const struct declaration *started_by(const struct declaration *asked)
{
    return asked->async_of && asked->async_of->is_job ? asked->async_of : asked;
}

static bool is_of_caller(const struct declaration *action, const struct message_job_question *q)
{
    return !action->job.as_connection && q->org.token.n > 0;
}

/* Words for a person or an agent, by what became of the start. */
static const char *words_for(const struct job_started *s)
{
    if (s->twin)
        return "An equal job of yours is running already; this is its jobId, and nothing was started twice.";
    if (s->merged)
        return "Its work was added to a job that had just been started; this is that job's jobId.";
    return "The job waits for a worker. Call getJob with its jobId to see how far it is.";
}

static void put(struct desk *d, uint64_t call, const struct job_new *j)
{
    struct job_started started;
    enum queue_result r = queue_start(d->p.queue, j, &started);
    if (r != QUEUE_OK) {
        desk_refuse_result(d, call, r);
        return;
    }
    struct log_line line;
    log_begin(&line, LOG_INFO, "job-started");
    log_text(&line, "job", started.id);
    log_text(&line, "action", j->operation);
    log_text(&line, "id", j->request_id);
    if (started.twin || started.merged)
        log_text(&line, "as", started.twin ? "twin" : "merged");
    log_end(&line);
    desk_answer_json(d, call, 201,
                     json_pack("{s:s, s:s, s:s, s:s}", "jobId", started.id, "state", started.state, "operation",
                               j->operation, "message", words_for(&started)));
}

/* False: there is no memory. */
static bool name_keys(const struct declaration *action, struct texts *t, struct job_new *j)
{
    const struct declaration_job *job = &action->job;
    json_t *input = t->input;
    bool ok = true;
    if (ok && job->unique_by && start_is_told(input, job->unique_by)) {
        ok = start_unique_key(input, job->unique_by, t->unique_key);
        j->unique_key = t->unique_key;
    }
    if (ok && job->merge_items && start_merge_key(input, job->merge_items, t->merge_key)) {
        j->merge_key = t->merge_key;
        j->merge_ms = MERGE_MS;
    }
    return ok;
}

/* The input, without the callback: that is no part of the work, and may not be read in a row. */
static bool read_body(const struct desk *d, const struct message_job_question *q, struct texts *t, struct err *e)
{
    const struct declaration *asked = &d->p.declarations->v[q->action];
    t->input = json_loadb(q->body.p, q->body.n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(t->input)) {
        err_set(e, 500, "internal_error", "The job's input cannot be read. Report the request id.");
        return false;
    }
    if (!asked->async_of)
        return true;
    const json_t *member = json_object_get(t->input, "callbackUrl");
    const struct span url = { json_string_value(member), json_string_length(member) };
    if (!callback_check(d->p.org_hosts, url, q->org.url, e))
        return false;
    bool sealed = callback_seal(d->p.keys, t->id, url, &t->callback);
    json_object_del(t->input, "callbackUrl");
    if (!sealed)
        err_set(e, 503, "jobs_key_missing",
                "A callback's URL is kept under a key that this host does not have: set JOBS_KEY (32 characters at "
                "least, such as openssl rand -base64 32 makes) and start the job again.");
    else if (!buf_json(&t->body, t->input))
        err_set(e, 500, "internal_error", "The job's input cannot be kept. Report the request id.");
    return e->status == 0;
}

static int tells_of(const struct declaration *action, const json_t *input)
{
    return (action->job.events ? JOB_TELLS_EVENTS : 0) |
           (json_is_true(json_object_get(input, "notify")) ? JOB_TELLS_USER : 0);
}

static void texts_free(struct texts *t)
{
    bytes_wipe(&t->session, sizeof t->session);
    buf_wipe(&t->sealed);
    buf_free(&t->sealed);
    buf_free(&t->callback);
    buf_wipe(&t->body);
    buf_free(&t->body);
    json_decref(t->input);
}

/* connection NULL: it runs as the caller. */
static void start_as(struct desk *d, uint64_t call, const struct message_job_question *q, const char *connection)
{
    const struct declaration *action = started_by(&d->p.declarations->v[q->action]);
    struct texts t = { 0 };
    struct err e = { 0 };
    buf_init(&t.sealed, LIMIT_ACCESS_TOKEN + SEAL_OVERHEAD);
    buf_init(&t.callback, CALLBACK_URL_MAX + SEAL_OVERHEAD);
    buf_init(&t.body, JOB_INPUT_MAX);
    uuid_make(t.id);
    org_texts_copy(&q->org, &t.session);
    copy_span(t.request_id, sizeof t.request_id, q->request_id);
    copy_span(t.traceparent, sizeof t.traceparent, q->traceparent);
    if (!read_body(d, q, &t, &e))
        goto out;
    if (!connection && !seal_close(d->p.keys, span_of(t.id), q->org.token, &t.sealed)) {
        desk_refuse_keyless(d, call);
        goto out;
    }
    struct job_new j = { .id = t.id,
                         .operation = action->operation_id,
                         .org_id = t.session.id,
                         .user_id = t.session.user_id,
                         .username = t.session.username,
                         .queue = action->job.queue,
                         .priority = action->job.priority,
                         .per_org = action->job.per_org,
                         .page_items = action->job.page_items,
                         .attempts = action->job.attempts,
                         .keep_days = action->job.keep_days ? action->job.keep_days : d->p.keep_days,
                         .has_finish = action->row->action->job && action->row->action->job->finish,
                         .whole = action->whole,
                         .tells = tells_of(action, t.input),
                         .callback = { t.callback.p, t.callback.n },
                         .input = t.body.n ? (struct span){ t.body.p, t.body.n } : q->body,
                         .connection = connection,
                         .credentials = { t.sealed.p, t.sealed.n },
                         .org_url = t.session.url,
                         .api_version = t.session.api_version,
                         .request_id = t.request_id,
                         .traceparent = t.traceparent };
    if (name_keys(action, &t, &j))
        put(d, call, &j);
    else
        err_set(&e, 500, "internal_error", "The job's input cannot be read. Report the request id.");
out:
    texts_free(&t);
    if (e.status)
        desk_refuse(d, call, &e);
}

/* ---- as a connection ---- */

static void start_free(struct start *s)
{
    buf_wipe(&s->frame);
    buf_free(&s->frame);
    free(s);
}

static void drop(struct start *s)
{
    struct start **link = &s->desk->starts;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    start_free(s);
}

static void on_connection(void *ctx, const char *name, const struct err *e)
{
    struct start *s = ctx;
    struct frame f;
    struct message_job_question q;
    bool bad;
    if (!name)
        desk_refuse(s->desk, s->call, e);
    else if (queue_state(s->desk->p.queue) != QUEUE_OK)
        desk_refuse_result(s->desk, s->call, queue_state(s->desk->p.queue));
    else if (frame_peek((struct span){ s->frame.p, s->frame.n }, LIMIT_FRAME, &f, &bad) &&
             message_job_question_read(&f, &q))
        start_as(s->desk, s->call, &q, name);
    drop(s);
}

/* Keeps the question until its connection is known. NULL: it was refused. */
static struct start *keep(struct desk *d, uint64_t call, const struct message_job_question *q)
{
    struct message_job_question kept = *q;
    struct start *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    *s = (struct start){ .desk = d, .call = call, .next = d->starts };
    d->starts = s;
    buf_init(&s->frame, LIMIT_FRAME);
    kept.org.token = (struct span){ 0 }; /* it has no use for it */
    if (!message_job_question_write(&s->frame, call, &kept)) {
        drop(s);
        desk_refuse_result(d, call, QUEUE_FULL);
        return NULL;
    }
    return s;
}

static void start_as_connection(struct desk *d, uint64_t call, const struct message_job_question *q)
{
    char org_id[RECORD_ID_SIZE];
    struct start *s = keep(d, call, q);
    copy_span(org_id, sizeof org_id, q->org.id);
    if (s)
        connections_find(d->p.connections, org_id, on_connection, s);
}

/* ---- asked for by a page of the host's own, which has no org: as the connection that the input names ---- */

static void on_named(void *ctx, const struct org_session *session, const struct err *e)
{
    struct start *s = ctx;
    struct frame f;
    struct message_job_question q;
    bool bad;
    if (!session) {
        desk_refuse(s->desk, s->call, e);
    } else if (queue_state(s->desk->p.queue) != QUEUE_OK) {
        desk_refuse_result(s->desk, s->call, queue_state(s->desk->p.queue));
    } else if (frame_peek((struct span){ s->frame.p, s->frame.n }, LIMIT_FRAME, &f, &bad) &&
               message_job_question_read(&f, &q)) {
        q.org = org_texts_of(session);
        q.org.token = q.org.user_id = (struct span){ 0 };
        q.org.username = span_of("page");
        start_as(s->desk, s->call, &q, s->connection);
    }
    drop(s);
}

static void start_of_page(struct desk *d, uint64_t call, const struct message_job_question *q)
{
    json_t *input = json_loadb(q->body.p, q->body.n, JSON_REJECT_DUPLICATES, NULL);
    const char *name = json_string_value(json_object_get(input, "connection"));
    struct start *s = keep(d, call, q);
    if (s) {
        copy_text(s->connection, sizeof s->connection, name);
        connections_named(d->p.connections, span_of(name), on_named, s);
    }
    json_decref(input);
}

void desk_start(struct desk *d, uint64_t call, const struct message_job_question *q)
{
    struct err e;
    if ((size_t)q->action >= d->p.declarations->n || !d->p.declarations->v[q->action].is_job) {
        err_set(&e, 500, "internal_error", "This action declares no job. Report the request id.");
        desk_refuse(d, call, &e);
    } else if (is_of_caller(&d->p.declarations->v[q->action], q)) {
        start_as(d, call, q, NULL);
    } else if (q->org.id.n == 0) {
        start_of_page(d, call, q);
    } else {
        start_as_connection(d, call, q);
    }
}

void desk_drop_starts(struct desk *d)
{
    for (struct start *s; (s = d->starts);) {
        d->starts = s->next;
        start_free(s);
    }
}
