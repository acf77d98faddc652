/* ingest.c - jobs that write: made, given their data, closed, looked at. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/bulk/bulk_parts.h"
#include "sandbox/org/rest_parts.h"

/* What a body asks for, checked one after the other: the first that is wrong is told. */
struct wish {
    const char *object, *operation, *key, *content_type, *delimiter, *line_ending;
    struct csv_dialect dialect;
    int kind; /* enum job_operation */
};

static bool wrong(struct bulk_call *c, const char *what, const char *value)
{
    bulk_error(c, 400, "INVALIDJOB", "InvalidJob : %s: %.80s", what, value);
    return false;
}

static const char *member(const json_t *body, const char *name, const char *otherwise)
{
    const json_t *v = json_object_get(body, name);
    return json_is_string(v) ? json_string_value(v) : otherwise;
}

static bool read_wish(struct bulk_call *c, const json_t *body, struct wish *w)
{
    *w = (struct wish){ .object = member(body, "object", ""),
                        .operation = member(body, "operation", ""),
                        .key = member(body, "externalIdFieldName", ""),
                        .content_type = member(body, "contentType", "CSV"),
                        .delimiter = member(body, "columnDelimiter", "COMMA"),
                        .line_ending = member(body, "lineEnding", "LF") };
    w->kind = operation_of(w->operation);
    if (w->kind < 0 || w->kind > JOB_HARD_DELETE)
        return wrong(c, "operation is none of insert, update, upsert, delete, hardDelete", w->operation);
    if (strcmp(w->content_type, "CSV") != 0)
        return wrong(c, "contentType is not CSV", w->content_type);
    if (!csv_delimiter(w->delimiter, &w->dialect.delimiter))
        return wrong(c, "columnDelimiter is unknown", w->delimiter);
    if (!csv_line_ending(w->line_ending, &w->dialect.crlf))
        return wrong(c, "lineEnding is none of LF, CRLF", w->line_ending);
    if (w->kind == JOB_UPSERT && !*w->key)
        return wrong(c, "externalIdFieldName is needed to upsert", w->object);
    pthread_mutex_lock(&c->b->lock);
    bool hard = c->b->hard_delete;
    pthread_mutex_unlock(&c->b->lock);
    if (w->kind == JOB_HARD_DELETE && !hard) {
        bulk_error(c, 400, "FEATURENOTENABLED", "FeatureNotEnabled : hardDelete operation is not enabled for the user");
        return false;
    }
    return true;
}

/* The object and the key as the user sees them, by their right names in `j`. */
static bool name_object(struct bulk_call *c, const struct wish *w, struct job *j)
{
    struct org_work none;
    struct org_pace no_pace = { .ticket = 0 };
    const char *fault = NULL;
    org_enter(c->o, &no_pace);
    struct call in = { .o = c->o, .rules = perm_rules(c->o, c->who->user.id) };
    const struct object *ob = schema_find(&c->o->schema, w->object);
    const struct field *key = ob ? object_field(ob, w->key) : NULL;
    if (!ob || !perm_sees_object(&in, ob))
        fault = "Unable to find object";
    else if (w->kind == JOB_UPSERT && (!key || !perm_sees(&in, ob, key) || !(key->external_id || key->type == TYPE_ID)))
        fault = "Field name provided does not match an External ID, Salesforce Id, or indexed field";
    copy_text(j->object, sizeof j->object, ob ? ob->name : "");
    copy_text(j->key, sizeof j->key, w->kind == JOB_UPSERT && key ? key->name : "");
    org_leave(c->o, &none);
    return !fault || wrong(c, fault, strstr(fault, "object") ? w->object : w->key);
}

/* The job that the body asks for, on the list and with a reference; NULL when it was refused. */
static struct job *make_job(struct bulk_call *c, const json_t *body)
{
    struct wish w;
    struct job named = { .refs = 0 }, *j = NULL;
    if (!json_is_object(body)) {
        bulk_error(c, 400, "JSON_PARSER_ERROR", "The request body is not a JSON object");
        return NULL;
    }
    if (!read_wish(c, body, &w) || !name_object(c, &w, &named))
        return NULL;
    pthread_mutex_lock(&c->b->lock);
    int64_t now_ms = c->admission.now_ms;
    if (allowance_used(&c->b->batches[c->who->org], now_ms) < BATCHES_A_DAY) {
        j = job_new(c->b, c->who->org, JOB_INGEST, now_ms);
        j->operation = (enum job_operation)w.kind;
        j->dialect = w.dialect;
        copy_text(j->object, sizeof j->object, named.object);
        copy_text(j->key, sizeof j->key, named.key);
        copy_text(j->user_id, sizeof j->user_id, c->who->user.id);
        copy_text(j->version, sizeof j->version, c->version);
        org_origin("bulkapi", c->version, request_field(c->rq, "Sforce-Call-Options"), j->origin);
    }
    pthread_mutex_unlock(&c->b->lock);
    if (!j)
        bulk_error(c, 400, "EXCEEDEDQUOTA", "ExceededQuota : ApiBatchItems Limit exceeded.");
    return j;
}

static void say(struct bulk_call *c, struct job *j, bool whole)
{
    pthread_mutex_lock(&c->b->lock);
    json_t *said = job_json(j, whole);
    pthread_mutex_unlock(&c->b->lock);
    reply_json(c->rp, 200, said);
}

static bool no_content(struct bulk_call *c)
{
    bulk_error(c, 400, "INVALIDBATCH", "InvalidBatch : The data of a job must not be empty");
    return false;
}

/* Its data, once the job is there. The data of a second upload counts, but the job cannot be closed any more. */
static bool take_data(struct bulk_call *c, struct job *j, const void *p, size_t n)
{
    if (n == 0)
        return no_content(c);
    pthread_mutex_lock(&c->b->lock);
    bool open = j->state == JOB_OPEN, first = open && j->uploads++ == 0;
    pthread_mutex_unlock(&c->b->lock);
    if (!open) {
        bulk_error(c, 400, "INVALIDJOBSTATE", "Job is not in the state Open: its data can no longer be uploaded");
        return false;
    }
    /* nobody reads it before the job is closed, and only the first upload writes */
    if (!first || spool_add(&j->data, p, n))
        return true;
    bulk_error(c, 500, "UNKNOWN_EXCEPTION", "The data could not be stored");
    return false;
}

static size_t characters(const char *p, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)p[i] & 0xc0) != 0x80;
    return count;
}

/* A request with the job and its data in it: the job is closed at once. */
static void create_whole(struct bulk_call *c, const char *type)
{
    enum { PARTS = 8 };
    struct part parts[PARTS] = { { .n = 0 } };
    int n = multipart_split(type, c->rq->body ? c->rq->body : "", c->rq->body_n, parts, PARTS);
    if (n != 2 || strcmp(parts[0].name, "job") != 0 || strcmp(parts[1].name, "content") != 0) {
        bulk_error(c, 400, "INVALID_MULTIPART_REQUEST", "The parts of the request must be job and content");
        return;
    }
    if (characters(parts[1].data, parts[1].n) > MULTIPART_MAX) {
        bulk_error(c, 400, "INVALIDBATCH",
                   "InvalidBatch : The data of a multipart request may have 100,000 characters");
        return;
    }
    if (parts[1].n == 0) {
        no_content(c);
        return;
    }
    json_t *body = json_loadb(parts[0].data, parts[0].n, 0, NULL);
    struct job *j = make_job(c, body);
    json_decref(body);
    if (!j)
        return;
    if (take_data(c, j, parts[1].data, parts[1].n)) {
        pthread_mutex_lock(&c->b->lock);
        job_ready(c->b, j, c->admission.now_ms);
        json_t *said = job_json(j, false);
        pthread_mutex_unlock(&c->b->lock);
        reply_json(c->rp, 200, said);
    }
    job_release(c->b, j);
}

static void create(struct bulk_call *c)
{
    const char *type = request_field(c->rq, "Content-Type");
    if (type && strncasecmp(type, "multipart/", 10) == 0) {
        create_whole(c, type);
        return;
    }
    json_t *body = json_loadb(c->rq->body ? c->rq->body : "", c->rq->body_n, 0, NULL);
    struct job *j = make_job(c, body);
    json_decref(body);
    if (!j)
        return;
    say(c, j, false);
    job_release(c->b, j);
}

static void upload(struct bulk_call *c, struct job *j)
{
    const char *type = request_field(c->rq, "Content-Type");
    if (!type || strncasecmp(type, "text/csv", 8) != 0)
        bulk_error(c, 415, "UNSUPPORTED_MEDIA_TYPE", "The data of a job is uploaded as text/csv");
    else if (c->rq->body_n > HTTP_UPLOAD_MAX)
        bulk_error(c, 413, "EXCEEDED_MAX_SIZE_REQUEST", "The data of a job may have 100 MB at most");
    else if (take_data(c, j, c->rq->body, c->rq->body_n))
        reply_empty(c->rp, 201);
}

static void finish(struct bulk_call *c, struct job *j)
{
    pthread_mutex_lock(&c->b->lock);
    enum job_state state = j->state;
    unsigned uploads = j->uploads;
    bool closed = state == JOB_OPEN && uploads == 1;
    json_t *said = NULL;
    if (closed) {
        job_ready(c->b, j, c->admission.now_ms);
        said = job_json(j, false); /* before a lane has begun */
    }
    pthread_mutex_unlock(&c->b->lock);
    if (closed)
        reply_json(c->rp, 200, said);
    else if (state != JOB_OPEN)
        bulk_error(c, 400, "INVALIDJOBSTATE", "Closing already %s Job not allowed",
                   state == JOB_DONE ? "Completed" : state_name(state));
    else if (uploads == 0)
        bulk_error(c, 400, "INVALIDJOBSTATE", "Closing a Job without data not allowed");
    else
        bulk_error(c, 400, "INVALIDJOB",
                   "Found multipe contents for job: <%.15s>, please 'Close' / 'Abort' / 'Delete' the current Job then "
                   "create a new Job and make sure you only do 'PUT' once on a given Job.",
                   j->id);
}

static void change(struct bulk_call *c, struct job *j)
{
    json_t *body = json_loadb(c->rq->body ? c->rq->body : "", c->rq->body_n, 0, NULL);
    const char *state = member(body, "state", "");
    if (strcmp(state, "UploadComplete") == 0)
        finish(c, j);
    else if (strcmp(state, "Aborted") == 0)
        bulk_abort(c, j);
    else
        bulk_error(c, 400, "INVALIDJOBSTATE", "A Job is closed by the state UploadComplete or Aborted, not by: %.40s",
                   state);
    json_decref(body);
}

static void one_job(struct bulk_call *c, struct job *j)
{
    const char *method = c->rq->method;
    if (c->part && strcmp(c->part, "batches") == 0 && strcmp(method, "PUT") == 0)
        upload(c, j);
    else if (c->part && strcmp(method, "GET") == 0)
        ingest_results(c, j);
    else if (!c->part && strcmp(method, "GET") == 0)
        say(c, j, true);
    else if (!c->part && strcmp(method, "PATCH") == 0)
        change(c, j);
    else if (!c->part && strcmp(method, "DELETE") == 0)
        bulk_delete(c, j);
    else
        bulk_error(c, 405, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are GET,PATCH,DELETE", method);
}

void bulk_ingest(struct bulk_call *c)
{
    bulk_resource(c, JOB_INGEST, create, one_job);
}
