/* jobs.c - the jobs of all orgs: their list, how they end, and what the API says of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/bulk/bulk_parts.h"

static const char *const states[] = {
    [JOB_OPEN] = "Open",        [JOB_READY] = "UploadComplete", [JOB_WORKS] = "InProgress",
    [JOB_DONE] = "JobComplete", [JOB_FAILED] = "Failed",        [JOB_ABORTED] = "Aborted",
};
static const char *const operations[] = {
    [JOB_INSERT] = "insert",          [JOB_UPDATE] = "update", [JOB_UPSERT] = "upsert",       [JOB_DELETE] = "delete",
    [JOB_HARD_DELETE] = "hardDelete", [JOB_SELECT] = "query",  [JOB_SELECT_ALL] = "queryAll",
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

const char *state_name(enum job_state state)
{
    return states[state];
}

const char *operation_name(enum job_operation operation)
{
    return operations[operation];
}

int operation_of(const char *name)
{
    for (int i = 0; i < (int)OPERATIONS; i++)
        if (strcmp(operations[i], name) == 0)
            return i;
    return -1;
}

/* ---- the list ---- */

struct job *job_new(struct bulk *b, int org, enum job_kind kind, int64_t now_ms)
{
    struct job *j = mem_new(sizeof *j);
    j->refs = 2; /* the list's and the caller's */
    j->number = ++b->count;
    id_make("750", ID_NUMBERS + j->number, j->id);
    j->org = org;
    j->kind = kind;
    j->dialect = (struct csv_dialect){ ',', false };
    j->created_ms = j->changed_ms = now_ms;
    *b->last = j;
    b->last = &j->next;
    return j;
}

void job_hold(struct job *j)
{
    j->refs++;
}

void job_release(struct bulk *b, struct job *j)
{
    pthread_mutex_lock(&b->lock);
    bool last = --j->refs == 0;
    pthread_mutex_unlock(&b->lock);
    if (!last)
        return;
    spool_free(&j->data);
    spool_free(&j->done);
    spool_free(&j->failed);
    free(j->batches);
    free(j->soql);
    free(j->ends);
    free(j);
}

struct job *job_find(struct bulk_call *c, enum job_kind kind, const char *id)
{
    char whole[ID_SIZE];
    if (!id_complete(id, whole))
        return NULL;
    for (struct job *j = c->b->jobs; j; j = j->next) {
        bool seen = !c->admission.limited || strcmp(j->user_id, c->who->user.id) == 0;
        if (j->kind == kind && j->org == c->who->org && seen && strcmp(j->id, whole) == 0) {
            job_hold(j);
            return j;
        }
    }
    return NULL;
}

/* The list's reference goes to the caller. */
static void unlink_job(struct bulk *b, struct job **at)
{
    struct job *j = *at;
    *at = j->next;
    if (!j->next)
        b->last = at;
    j->next = NULL;
    j->gone = true;
}

void job_remove(struct bulk *b, struct job *j)
{
    struct job **at = &b->jobs;
    while (*at && *at != j)
        at = &(*at)->next;
    if (!*at)
        return;
    unlink_job(b, at);
    j->refs--; /* never the last one: the caller has one */
    pthread_cond_broadcast(&b->changed);
}

/* ---- states ---- */

bool job_has_ended(const struct job *j)
{
    return j->state >= JOB_DONE;
}

void job_set_state(struct job *j, enum job_state state, int64_t now_ms)
{
    j->state = state;
    j->changed_ms = now_ms;
    if (state == JOB_WORKS)
        j->began_us = steady_us();
    if (job_has_ended(j) && j->began_us)
        j->took_ms = (steady_us() - j->began_us) / 1000;
}

void job_fail(struct job *j, const char *why, int64_t now_ms)
{
    if (job_has_ended(j))
        return;
    copy_text(j->error, sizeof j->error, why);
    job_set_state(j, JOB_FAILED, now_ms);
}

void jobs_tidy(struct bulk *b, int org, int64_t now_ms)
{
    const int64_t open_ms = OPEN_HOURS * 3600000LL, kept_ms = KEPT_DAYS * 24 * 3600000LL;
    for (struct job **at = &b->jobs; *at;) {
        struct job *j = *at;
        if (j->org == org && j->state == JOB_OPEN && now_ms - j->created_ms > open_ms)
            job_set_state(j, JOB_ABORTED, now_ms);
        if (j->org != org || !job_has_ended(j) || j->refs > 1 || now_ms - j->created_ms <= kept_ms) {
            at = &j->next;
            continue;
        }
        unlink_job(b, at);
        pthread_mutex_unlock(&b->lock);
        job_release(b, j);
        pthread_mutex_lock(&b->lock);
        at = &b->jobs; /* the list may be another one now */
    }
}

/* The first planned end that fits; it is used up. */
static void plan_end(struct bulk *b, struct job *j)
{
    json_t *plan;
    size_t i;
    json_array_foreach (b->ends, i, plan) {
        const char *object = json_string_value(json_object_get(plan, "object"));
        const char *state = json_string_value(json_object_get(plan, "state"));
        const char *message = json_string_value(json_object_get(plan, "message"));
        json_int_t times = json_integer_value(json_object_get(plan, "times"));
        if (object && !same_name(object, j->object))
            continue;
        j->end.planned = true;
        j->end.after_rows = (unsigned long)json_integer_value(json_object_get(plan, "afterRows"));
        j->end.state = state && strcmp(state, "Aborted") == 0 ? JOB_ABORTED : JOB_FAILED;
        copy_text(j->end.message, sizeof j->end.message,
                  message ? message : "InternalServerError : The batch was retried more than 20 times");
        if (times <= 1)
            json_array_remove(b->ends, i);
        else
            json_object_set_new(plan, "times", json_integer(times - 1));
        return;
    }
}

void job_ready(struct bulk *b, struct job *j, int64_t now_ms)
{
    if (j->kind == JOB_INGEST)
        plan_end(b, j);
    j->ready_us = steady_us() + b->queue_ms * 1000;
    job_set_state(j, JOB_READY, now_ms);
    lanes_wake(b);
}

/* ---- what the API says of one ---- */

static void set_time(json_t *out, const char *name, int64_t ms)
{
    char text[32];
    utc_text(ms, "+0000", text);
    json_object_set_new(out, name, json_string(text));
}

static void set_number(json_t *out, const char *name, long long n)
{
    json_object_set_new(out, name, json_integer(n));
}

static void add_counts(json_t *out, const struct job *j)
{
    int64_t took = j->state == JOB_WORKS ? (steady_us() - j->began_us) / 1000 : j->took_ms;
    json_object_set_new(out, "jobType", json_string(j->kind == JOB_QUERY ? "V2Query" : "V2Ingest"));
    set_number(out, "numberRecordsProcessed", (long long)j->processed);
    if (j->kind == JOB_INGEST)
        set_number(out, "numberRecordsFailed", (long long)j->refused);
    set_number(out, "retries", (long long)j->retries);
    set_number(out, "totalProcessingTime", took);
    if (j->kind == JOB_INGEST) {
        set_number(out, "apiActiveProcessingTime", j->work_us / 1000);
        set_number(out, "apexProcessingTime", 0);
    }
    if (j->error[0])
        json_object_set_new(out, "errorMessage", json_string(j->error));
}

json_t *job_json(const struct job *j, bool whole)
{
    json_t *out = json_pack("{s:s, s:s, s:s, s:s}", "id", j->id, "operation", operation_name(j->operation), "object",
                            j->object, "createdById", j->user_id);
    set_time(out, "createdDate", j->created_ms);
    set_time(out, "systemModstamp", j->changed_ms);
    json_object_set_new(out, "state", json_string(state_name(j->state)));
    if (j->key[0])
        json_object_set_new(out, "externalIdFieldName", json_string(j->key));
    json_object_set_new(out, "concurrencyMode", json_string("Parallel"));
    json_object_set_new(out, "contentType", json_string("CSV"));
    json_object_set_new(out, "apiVersion", json_real(strtod(j->version, NULL)));
    if (j->kind == JOB_INGEST && j->state == JOB_OPEN)
        json_object_set_new(out, "contentUrl",
                            json_sprintf("services/data/v%s/jobs/ingest/%s/batches", j->version, j->id));
    json_object_set_new(out, "lineEnding", json_string(csv_line_ending_name(j->dialect.crlf)));
    json_object_set_new(out, "columnDelimiter", json_string(csv_delimiter_name(j->dialect.delimiter)));
    if (whole)
        add_counts(out, j);
    return out;
}
