/* query.c - jobs that read: made, looked at, aborted. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/bulk/bulk_parts.h"
#include "sandbox/org/soql_plan.h"

/* What a query of this API cannot be, though one of the REST API can. */
static const char *unfit(const struct soql_plan *plan, const struct soql_query *q)
{
    if (plan->aggregate || plan->count_only || q->grouped || q->group)
        return "Aggregate functions and GROUP BY are not supported in a Bulk query";
    if (q->offset >= 0)
        return "OFFSET is not supported in a Bulk query";
    for (const struct soql_out *o = plan->out; o; o = o->next)
        if (o->kind == OUT_CHILDREN)
            return "Aggregate Relationships not supported in Bulk Query with CSV content type";
    return NULL;
}

/* Whether the query can be run; answered otherwise. The object's name goes to `object`. */
static bool query_fits(struct bulk_call *c, const char *soql, bool all, char object[NAME_SIZE])
{
    struct soql_arena *arena = NULL;
    struct soql_error error = { .code = "" };
    struct org_work none;
    struct org_pace no_pace = { .ticket = 0 };
    org_enter(c->o, &no_pace);
    struct call in = {
        .o = c->o, .rules = perm_rules(c->o, c->who->user.id), .method = "GET", .query = "", .options = ""
    };
    copy_text(in.user_id, sizeof in.user_id, c->who->user.id);
    copy_text(in.version, sizeof in.version, c->version);
    struct soql_query *q = soql_parse(soql, strlen(soql), &arena, &error);
    struct soql_plan *plan = q ? soql_plan(&in, q, all, arena, &error) : NULL;
    const char *why = plan ? unfit(plan, q) : NULL;
    if (plan)
        copy_text(object, NAME_SIZE, plan->object->name);
    soql_plan_free(plan);
    soql_free(arena);
    org_leave(c->o, &none);
    if (!plan)
        bulk_error(c, 400, error.code, "%s", error.message);
    else if (why)
        bulk_error(c, 400, "API_ERROR", "%s", why);
    return plan && !why;
}

static const char *member(const json_t *body, const char *name, const char *otherwise)
{
    const json_t *v = json_object_get(body, name);
    return json_is_string(v) ? json_string_value(v) : otherwise;
}

static bool read_dialect(struct bulk_call *c, const json_t *body, struct csv_dialect *out)
{
    const char *delimiter = member(body, "columnDelimiter", "COMMA"), *ending = member(body, "lineEnding", "LF");
    const char *type = member(body, "contentType", "CSV");
    if (csv_delimiter(delimiter, &out->delimiter) && csv_line_ending(ending, &out->crlf) && strcmp(type, "CSV") == 0)
        return true;
    bulk_error(c, 400, "INVALIDJOB", "InvalidJob : contentType, columnDelimiter or lineEnding is unknown");
    return false;
}

/* What is to be answered, a new reference; NULL when no query is left for today. */
static json_t *make_job(struct bulk_call *c, int operation, const char *soql, const struct csv_dialect *dialect,
                        const char *object)
{
    int64_t now_ms = c->admission.now_ms;
    struct allowance *day = &c->b->queries[c->who->org];
    struct job *j = NULL;
    json_t *said = NULL;
    pthread_mutex_lock(&c->b->lock);
    if (allowance_used(day, now_ms) < QUERIES_A_DAY) {
        allowance_use(day, now_ms, 1);
        j = job_new(c->b, c->who->org, JOB_QUERY, now_ms);
        j->operation = (enum job_operation)operation;
        j->dialect = *dialect;
        j->soql = mem_dup(soql, strlen(soql));
        copy_text(j->object, sizeof j->object, object);
        copy_text(j->user_id, sizeof j->user_id, c->who->user.id);
        copy_text(j->version, sizeof j->version, c->version);
        job_ready(c->b, j, now_ms);
        said = job_json(j, false); /* before a lane has begun */
    }
    pthread_mutex_unlock(&c->b->lock);
    if (j)
        job_release(c->b, j);
    return said;
}

static void create(struct bulk_call *c)
{
    json_t *body = json_loadb(c->rq->body ? c->rq->body : "", c->rq->body_n, 0, NULL);
    const char *soql = member(body, "query", "");
    int operation = operation_of(member(body, "operation", "query"));
    char object[NAME_SIZE];
    struct csv_dialect dialect;
    if (!json_is_object(body)) {
        bulk_error(c, 400, "JSON_PARSER_ERROR", "The request body is not a JSON object");
    } else if (operation < JOB_SELECT) {
        bulk_error(c, 400, "INVALIDJOB", "InvalidJob : operation is none of query, queryAll");
    } else if (!*soql) {
        bulk_error(c, 400, "MALFORMED_QUERY", "A query string has to be specified");
    } else if (read_dialect(c, body, &dialect) && query_fits(c, soql, operation == JOB_SELECT_ALL, object)) {
        json_t *said = make_job(c, operation, soql, &dialect, object);
        if (said)
            reply_json(c->rp, 200, said);
        else
            bulk_error(c, 400, "EXCEEDEDQUOTA", "ExceededQuota : DailyBulkV2QueryJobs Limit exceeded.");
    }
    json_decref(body);
}

static void change(struct bulk_call *c, struct job *j)
{
    json_t *body = json_loadb(c->rq->body ? c->rq->body : "", c->rq->body_n, 0, NULL);
    const char *state = member(body, "state", "");
    if (strcmp(state, "Aborted") == 0)
        bulk_abort(c, j);
    else
        bulk_error(c, 400, "INVALIDJOBSTATE", "A query is ended by the state Aborted, not by: %.40s", state);
    json_decref(body);
}

static void one_job(struct bulk_call *c, struct job *j)
{
    const char *method = c->rq->method;
    if (c->part && strcmp(method, "GET") == 0) {
        query_results(c, j);
    } else if (!c->part && strcmp(method, "GET") == 0) {
        pthread_mutex_lock(&c->b->lock);
        json_t *said = job_json(j, true);
        pthread_mutex_unlock(&c->b->lock);
        reply_json(c->rp, 200, said);
    } else if (!c->part && strcmp(method, "PATCH") == 0) {
        change(c, j);
    } else if (!c->part && strcmp(method, "DELETE") == 0) {
        bulk_delete(c, j);
    } else {
        bulk_error(c, 405, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are GET,PATCH,DELETE", method);
    }
}

void bulk_query(struct bulk_call *c)
{
    bulk_resource(c, JOB_QUERY, create, one_job);
}
