/*
 * recorded_bulk.h - recorded exchanges of Bulk API 2.0: each becomes the function of the client that sends such a
 * request. What goes before it (an upload before its end is told) or behind it is answered plainly.
 */
#ifndef TESTS_RECORDED_BULK_H
#define TESTS_RECORDED_BULK_H

#include "tests/vectors/recorded_reading.h"

enum { BULK_COLUMNS = 64 };

/* Of "jobs/ingest/<id>/<what>?<query>". */
struct bulk_place {
    enum sf_bulk_kind kind;
    char id[64], what[64];
    int parts; /* 0 = the list of jobs, 1 = one job, 2 = something of it */
};

static inline struct bulk_place bulk_place(const struct vector *v)
{
    struct bulk_place p = { .kind = SF_BULK_INGEST };
    char kind[16] = "";
    int n = sscanf(v->rest, "jobs/%15[^/?]/%63[^/?]/%63[^/?]", kind, p.id, p.what);
    p.kind = strcmp(kind, "query") == 0 ? SF_BULK_QUERY : SF_BULK_INGEST;
    p.parts = n < 1 ? 0 : n - 1;
    return p;
}

/* Whether the client has a function for it; else it is any request. */
static inline bool bulk_known(const struct vector *v)
{
    struct bulk_place p = bulk_place(v);
    bool get = strcmp(v->method, "GET") == 0, post = strcmp(v->method, "POST") == 0;
    char *patterns = json_dumps(json_object_get(v->request, "bodyPatterns"), JSON_COMPACT | JSON_ENCODE_ANY);
    bool query_all = patterns && strstr(patterns, "queryAll");
    free(patterns);
    if (p.parts == 0)
        return post && !query_all;
    if (p.parts == 1)
        return !post && strcmp(v->method, "PUT") != 0;
    return (get && strcmp(p.what, "resultPages") != 0) || strcmp(v->method, "PUT") == 0;
}

/* Answers what is not the recorded request. */
static inline bool bulk_sequel(struct vector *v, const struct origin_request *q, struct origin_reply *r)
{
    static const char open[] = "{\"state\":\"Open\"}";
    if (strcmp(q->method, v->method) == 0 || strcmp(q->method, "POST") == 0)
        return false;
    r->status = strcmp(q->method, "PUT") == 0 ? 201 : 200;
    r->body = open;
    r->n = sizeof open - 1;
    return true;
}

/* Header lines of the recorded answer. */
static inline void bulk_headers(struct vector *v)
{
    const char *key;
    const json_t *value;
    size_t n = 0;
    v->headers[0] = '\0';
    json_object_foreach (json_object_get(v->response, "headers"), key, value)
        if (strncasecmp(key, "Sforce-", 7) == 0 && json_is_string(value))
            n += (size_t)snprintf(v->headers + n, sizeof v->headers - n, "%s: %s\r\n", key, json_string_value(value));
}

/* ---- a plain reading of CSV ---- */

/* The next field, decoded into `out`; *at moves behind it. True: the record goes on. */
static inline bool plain_field(const char **at, char *out, size_t size)
{
    size_t n = 0;
    bool quoted = **at == '"';
    if (quoted)
        ++*at;
    for (; **at; ++*at) {
        if (quoted && **at == '"') {
            if ((*at)[1] != '"') {
                quoted = false;
                continue;
            }
            ++*at;
        } else if (!quoted && (**at == ',' || **at == '\n' || **at == '\r')) {
            break;
        }
        if (n + 1 < size)
            out[n++] = **at;
    }
    out[n] = '\0';
    bool on = **at == ',';
    if (**at == '\r')
        ++*at;
    if (**at)
        ++*at;
    return on;
}

struct bulk_want {
    struct vector *v;
    char names[BULK_COLUMNS][128];
    size_t n;
    const char *at; /* the rest of the recorded text */
    const char *columns[BULK_COLUMNS];
    struct sf_bulk_load load;
};

static inline void bulk_want(struct bulk_want *w, struct vector *v)
{
    static const char *const usual[] = { "Name" };
    char *text = malloc(v->answer_n + 1);
    memcpy(text, v->answer_n ? v->answer : "", v->answer_n);
    text[v->answer_n] = '\0';
    free(v->answer);
    v->answer = text;
    *w = (struct bulk_want){ .v = v, .at = text, .load = { "Account", "insert", NULL, usual, 1 } };
    if (v->status / 100 != 2 || !*text)
        return;
    while (w->n < BULK_COLUMNS && plain_field(&w->at, w->names[w->n++], sizeof w->names[0]))
        ;
    w->load.count = 0;
    w->load.columns = w->columns;
    for (size_t i = 0; i < w->n; i++)
        if (strncmp(w->names[i], "sf__", 4) != 0)
            w->columns[w->load.count++] = w->names[i];
}

static inline bool same_value(const struct sf_bulk_row *row, const char *name, const char *is)
{
    if (strcmp(name, "sf__Id") == 0)
        return strcmp(row->id, is) == 0;
    if (strcmp(name, "sf__Created") == 0)
        return row->created == (strcmp(is, "true") == 0);
    if (strcmp(name, "sf__Error") == 0)
        return row->error && strncmp(is, row->error->code, strlen(row->error->code)) == 0 &&
               strstr(is, row->error->message) && strstr(is, row->error->fields);
    const char *value = sf_bulk_value(row, name);
    return value && strcmp(value, is) == 0;
}

static inline bool bulk_take(void *ctx, const struct sf_bulk_row *row)
{
    struct bulk_want *w = ctx;
    char is[4096];
    if (!*w->at)
        return wrong(w->v, "a row more than recorded");
    for (size_t i = 0; i < w->n; i++) {
        plain_field(&w->at, is, sizeof is);
        if (!same_value(row, w->names[i], is))
            return wrong(w->v, "%s differs from %.100s", w->names[i], is);
    }
    return true;
}

/* ---- one function per kind of request ---- */

static inline bool run_open(struct vector *v, struct kit *k, const struct bulk_place *p)
{
    static const char *const columns[] = { "Name" };
    const char *object = text_of(v->body, "object"), *operation = text_of(v->body, "operation");
    struct sf_bulk_load load = { object ? object : "Account", operation ? operation : "insert",
                                 text_of(v->body, "externalIdFieldName"), columns, 1 };
    const char *soql = text_of(v->body, "query");
    struct sf_error err;
    char id[SF_ID_SIZE] = "";
    bool done, ok = p->kind == SF_BULK_INGEST ? sf_bulk_open(act_org(&k->call), &load, id, &err)
                                              : sf_bulk_query_bound(act_org(&k->call), id, &err,
                                                                    soql ? soql : "SELECT Id FROM Account", NULL, 0);
    json_t *answer = json_loadb(v->answer, v->answer_n, 0, NULL);
    const char *want = text_of(answer, "id");
    bool same;
    if (v->status / 100 == 2 && !want)
        same = !ok || wrong(v, "an answer without id was taken for one");
    else
        same = same_outcome(v, ok, &err, true, &done) && (done || strcmp(want, id) == 0 || wrong(v, "id %s", id));
    json_decref(answer);
    return same;
}

static inline enum sf_bulk_give bulk_give(void *ctx, const char **values)
{
    values[0] = "A name";
    return ++*(int *)ctx == 1 ? SF_BULK_ROW : SF_BULK_END;
}

static inline bool run_send(struct vector *v, struct kit *k, const struct bulk_place *p)
{
    static const char *const columns[] = { "Name" };
    const struct sf_bulk_load load = { "Account", "insert", NULL, columns, 1 };
    struct sf_bulk_sent sent;
    struct sf_error err;
    int given = 0;
    bool done, ok = sf_bulk_send(act_org(&k->call), &load, p->id, bulk_give, &given, &sent, &err);
    return same_outcome(v, ok, &err, false, &done) && (done || sent.rows == 1 || wrong(v, "rows"));
}

/* What state a job is to get is mostly not recorded: then both that the client can ask for. */
static inline bool run_state(struct vector *v, struct kit *k, const struct bulk_place *p)
{
    struct sf_error err;
    const char *state = text_of(v->body, "state");
    bool done, same = true;
    if (!state || strcmp(state, "Aborted") == 0) {
        bool ok = sf_bulk_abort(act_org(&k->call), p->kind, p->id, &err);
        same = same_outcome(v, ok, &err, true, &done);
    }
    if (p->kind == SF_BULK_INGEST && (!state || strcmp(state, "UploadComplete") == 0))
        same = same && run_send(v, k, p);
    return same;
}

static inline bool run_look(struct vector *v, struct kit *k, const struct bulk_place *p)
{
    static const char *const states[] = { [SF_BULK_OPEN] = "Open",
                                          [SF_BULK_RUNNING] = "InProgress",
                                          [SF_BULK_COMPLETE] = "JobComplete",
                                          [SF_BULK_FAILED] = "Failed",
                                          [SF_BULK_ABORTED] = "Aborted" };
    struct sf_bulk_info info;
    struct sf_error err;
    bool done, ok = sf_bulk_look(act_org(&k->call), p->kind, p->id, &info, &err), same;
    json_t *answer = json_loadb(v->answer, v->answer_n, 0, NULL);
    const char *state = text_of(answer, "state");
    if (v->status / 100 == 2 && !state)
        same = !ok || wrong(v, "an answer without a state was taken for one");
    else
        same = same_outcome(v, ok, &err, true, &done);
    if (same && ok) {
        same = strcmp(states[info.state], strcmp(state, "UploadComplete") == 0 ? "InProgress" : state) == 0 &&
               info.processed == json_integer_value(json_object_get(answer, "numberRecordsProcessed")) &&
               info.failed == json_integer_value(json_object_get(answer, "numberRecordsFailed"));
        same = same || wrong(v, "state or counts");
    }
    json_decref(answer);
    return same;
}

static inline bool bulk_rows_are_all(struct vector *v, struct bulk_want *w, bool ok, const struct sf_error *err)
{
    bool done;
    return same_outcome(v, ok, err, false, &done) && (done || !*w->at || wrong(v, "rows are missing: %.80s", w->at));
}

static inline bool run_results(struct vector *v, struct kit *k, const struct bulk_place *p)
{
    static const char *const names[] = { "successfulResults", "failedResults", "unprocessedrecords" };
    struct bulk_want w;
    struct sf_error err;
    int which = 0;
    while (which < 3 && strcasecmp(names[which], p->what) != 0)
        which++;
    if (which == 3)
        return wrong(v, "there is no result %s", p->what);
    bulk_want(&w, v);
    bool ok = sf_bulk_results(act_org(&k->call), &w.load, p->id, (enum sf_bulk_result)which, bulk_take, &w, &err);
    return bulk_rows_are_all(v, &w, ok, &err);
}

static inline bool run_page(struct vector *v, struct kit *k, const struct bulk_place *p)
{
    struct bulk_want w;
    struct sf_error err;
    struct sf_bulk_page page = { .max_rows = 0 };
    const char *locator = strstr(v->rest, "locator="), *max = strstr(v->rest, "maxRecords="), *next;
    if (locator)
        snprintf(page.locator, sizeof page.locator, "%.*s", (int)strcspn(locator + 8, "&"), locator + 8);
    page.max_rows = max ? (int)strtol(max + 11, NULL, 10) : 0;
    bulk_want(&w, v);
    bool ok = sf_bulk_rows(act_org(&k->call), p->id, &page, bulk_take, &w, &err);
    if (!bulk_rows_are_all(v, &w, ok, &err) || !ok)
        return v->why[0] == '\0';
    next = text_of(json_object_get(v->response, "headers"), "Sforce-Locator");
    bool more = next && strcmp(next, "null") != 0;
    return (page.last == !more && (!more || strcmp(next, page.locator) == 0)) || wrong(v, "the next page differs");
}

static inline bool run_end(struct vector *v, struct kit *k, const struct bulk_place *p)
{
    struct sf_error err;
    bool done, ok = sf_bulk_delete(act_org(&k->call), p->kind, p->id, &err);
    return same_outcome(v, ok, &err, true, &done);
}

static inline bool run_bulk(struct vector *v, struct kit *k)
{
    struct bulk_place p = bulk_place(v);
    v->bulk = true;
    if (p.parts == 0)
        return run_open(v, k, &p);
    if (strcmp(v->method, "PUT") == 0)
        return run_send(v, k, &p);
    if (strcmp(v->method, "PATCH") == 0)
        return run_state(v, k, &p);
    if (strcmp(v->method, "DELETE") == 0)
        return run_end(v, k, &p);
    if (p.parts == 1)
        return run_look(v, k, &p);
    return p.kind == SF_BULK_QUERY ? run_page(v, k, &p) : run_results(v, k, &p);
}

#endif
