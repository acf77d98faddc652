/* event_jobs.c - rows of the inbox (match.h) into starts of jobs. */
#include "runtime/inbox/event_jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json_text.h"
#include "runtime/declare/declaration_job.h"

enum { CONDITION_MAX = 4000, EVENT_MAX = 4096, NAME_MAX_BYTES = 400 };

/* One action's share of the transaction, and the job that is being put together. */
struct share {
    const struct event_jobs *e;
    const struct declaration *action;
    const char *key, *first;
    struct inbox_put *put;
    int part;
    json_t *ids, *seen, *records; /* of the job; own */
    const char *user;             /* who made the first change of it */
    json_int_t commit_ms;
    bool ok;
};

static void clear(struct share *s)
{
    json_decref(s->ids);
    json_decref(s->seen);
    json_decref(s->records);
    s->ids = json_array();
    s->seen = json_object();
    s->records = json_array();
    s->user = NULL;
    s->commit_ms = 0;
}

/* `value` (taken over) at a pointer of objects: /a/b. */
static bool set_at(json_t *root, const char *pointer, json_t *value)
{
    struct span rest = { pointer + 1, strlen(pointer + 1) }, name;
    while (span_split(&rest, '/', &name)) {
        char text[NAME_MAX_BYTES];
        copy_span(text, sizeof text, name);
        if (rest.n == 0)
            return json_object_set_new(root, text, value) == 0;
        json_t *next = json_object_get(root, text);
        if (!next)
            json_object_set_new(root, text, next = json_object());
        root = next;
    }
    json_decref(value);
    return false;
}

/* What the handler is told: act_job_event. */
static json_t *event_of(const struct share *s)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:i, s:O}", "topic", s->e->topic, "connection",
                     s->e->session->authorization, "transactionKey", s->key, "commitUser", s->user ? s->user : "",
                     "commitMs", s->commit_ms, "part", s->part, "records", s->records);
}

/* What those are told who hear of its end. */
static bool news_of(const struct share *s, struct buf *out)
{
    const char *first = json_string_value(json_array_get(s->ids, 0));
    json_t *news = json_pack("{s:s, s:s, s:s}", "transactionKey", s->key, "commitUser", s->user ? s->user : "", "first",
                             first ? first : "");
    bool ok = news && buf_json(out, news);
    json_decref(news);
    return ok;
}

static int tells_of(const struct declaration_events *e)
{
    return (e->done_event ? JOB_TELLS_DONE : 0) | (e->done_notification ? JOB_TELLS_COMMITTER : 0);
}

static bool put_job(struct share *s, struct span input, struct span news)
{
    const struct declaration_job *job = &s->action->job;
    const struct org_session *as = s->e->session;
    const struct action_job *handler = s->action->row->action ? s->action->row->action->job : NULL;
    char unique[2 * INBOX_EVENT_ID], request[LIMIT_REQUEST_ID + 1];
    snprintf(unique, sizeof unique, "cdc:%s:%s:%d", s->key, s->first, s->part);
    snprintf(request, sizeof request, "%.60s", s->key);
    const struct job_new j = { .operation = s->action->operation_id,
                               .org_id = as->id,
                               .user_id = as->user_id,
                               .username = as->username,
                               .queue = job->queue,
                               .priority = job->priority,
                               .per_org = job->per_org,
                               .page_items = job->page_items,
                               .attempts = job->attempts,
                               .keep_days = job->keep_days ? job->keep_days : s->e->keep_days,
                               .has_finish = handler && handler->finish,
                               .unique_key = unique,
                               .tells = tells_of(&s->action->events),
                               .input = input,
                               .connection = as->authorization,
                               .org_url = as->url,
                               .api_version = as->api_version,
                               .request_id = request,
                               .traceparent = "",
                               .event = news.p };
    return inbox_put(s->put, &j);
}

/* Puts the job whose input is `input` (taken over), and begins the next one. */
static void put(struct share *s, json_t *input)
{
    struct buf text, news;
    buf_init(&text, JOB_INPUT_MAX);
    buf_init(&news, EVENT_MAX);
    s->ok = s->ok && json_object_set_new(input, DECLARED_EVENT, event_of(s)) == 0 && buf_json(&text, input) &&
            news_of(s, &news) && put_job(s, (struct span){ text.p, text.n }, (struct span){ news.p, news.n });
    buf_free(&text);
    buf_free(&news);
    json_decref(input);
    s->part++;
    clear(s);
}

static void put_ids(struct share *s)
{
    json_t *input = json_object();
    s->ok = s->ok && set_at(input, s->action->events.ids, json_incref(s->ids));
    put(s, input);
}

static void put_condition(struct share *s, json_int_t commit_ms, const char *user)
{
    const struct declaration_events *e = &s->action->events;
    char condition[CONDITION_MAX + 1];
    json_t *input = json_object();
    clear(s);
    s->user = user;
    s->commit_ms = commit_ms;
    s->ok = s->ok && reconcile_condition(commit_ms, e->reconcile, condition, sizeof condition) &&
            set_at(input, e->condition, json_string(condition));
    put(s, input);
}

/* ---- rows ---- */

/* The rule by which the row is this action's; -1 = it is not. */
static int rule_in(const json_t *row, const struct declaration *action)
{
    const json_t *wants = json_object_get(row, "a");
    for (size_t i = 0; i < json_array_size(wants); i++) {
        const json_t *want = json_array_get(wants, i);
        const char *operation = json_string_value(json_array_get(want, 0));
        json_int_t rule = json_integer_value(json_array_get(want, 1));
        if (operation && strcmp(operation, action->operation_id) == 0)
            return rule >= 0 && rule < action->events.n ? (int)rule : 0;
    }
    return -1;
}

static const char *change_name(const json_t *row)
{
    json_int_t change = json_integer_value(json_object_get(row, "c"));
    return change >= 0 && change < CHANGE_KINDS ? declared_changes[change] : "GAP_OVERFLOW";
}

static json_t *begin_record(struct share *s, const json_t *row, int rule)
{
    json_t *ids = json_array();
    json_array_append_new(s->records,
                          json_pack("{s:s, s:s, s:O, s:O}", "rule", s->action->events.when[rule].name, "change",
                                    change_name(row), "commitMs", json_object_get(row, "ms"), "ids", ids));
    if (!s->user) {
        s->user = json_string_value(json_object_get(row, "u"));
        s->commit_ms = json_integer_value(json_object_get(row, "ms"));
    }
    json_decref(ids); /* the record has it */
    return ids;
}

/* A row may fill several jobs; each is told the ids that it has. */
static void add_row(struct share *s, const json_t *row, int rule)
{
    const json_t *ids = json_object_get(row, "ids");
    json_t *record = NULL;
    for (size_t i = 0; i < json_array_size(ids) && s->ok; i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        bool known = json_object_get(s->seen, id) != NULL;
        if (!known && json_array_size(s->ids) >= (size_t)s->action->events.ids_max) {
            put_ids(s);
            record = NULL;
        }
        if (!record)
            record = begin_record(s, row, rule);
        json_array_append_new(record, json_string(id));
        if (!json_object_get(s->seen, id)) {
            json_object_set_new(s->seen, id, json_true());
            json_array_append_new(s->ids, json_string(id));
        }
    }
}

static bool make_share(struct event_jobs *e, const struct declaration *action, struct share *s, const json_t *rows)
{
    json_int_t wide_ms = 0;
    const char *wide_user = NULL;
    clear(s);
    for (size_t i = 0; i < json_array_size(rows) && s->ok; i++) {
        const json_t *row = json_array_get(rows, i);
        int rule = rule_in(row, action);
        json_int_t ms = json_integer_value(json_object_get(row, "ms"));
        if (rule >= 0 && json_object_get(row, "ids")) {
            add_row(s, row, rule);
        } else if (rule >= 0 && (!wide_user || ms < wide_ms)) {
            wide_ms = ms;
            wide_user = json_string_value(json_object_get(row, "u"));
        }
    }
    if (json_array_size(s->ids) > 0)
        put_ids(s);
    if (wide_user && action->events.condition)
        put_condition(s, wide_ms, wide_user);
    else if (wide_user)
        e->gaps++;
    json_decref(s->ids);
    json_decref(s->seen);
    json_decref(s->records);
    return s->ok;
}

bool event_jobs_make(void *ctx, const char *key, const char *first, const json_t *rows, struct inbox_put *put_into)
{
    struct event_jobs *e = ctx;
    bool ok = true;
    for (size_t i = 0; i < e->declarations->n && ok; i++) {
        const struct declaration *action = &e->declarations->v[i];
        struct share s = { .e = e, .action = action, .key = key, .first = first, .put = put_into, .ok = true };
        if (action->events.topic && !action->async_of && strcmp(action->events.topic, e->topic) == 0)
            ok = make_share(e, action, &s, rows);
    }
    return ok;
}
