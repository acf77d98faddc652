/* bulk.c - see bulk.h: the room as a whole, the way of a request to its resource, and what both kinds of job share. */
#include "sandbox/bulk/bulk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/bulk/bulk_parts.h"
#include "sandbox/http/model.h"
#include "sandbox/org/rest_parts.h"

/* ---- the room ---- */

static void set_knobs_back(struct bulk *b)
{
    b->queue_ms = 0;
    b->page_rows = PAGE_ROWS_USUAL;
    b->hold = b->hard_delete = false;
    json_decref(b->ends);
    b->ends = json_array();
    for (int i = 0; i < SANDBOX_ORGS; i++)
        b->batches[i] = b->queries[i] = b->bytes[i] = (struct allowance){ { 0 }, { 0 } };
}

struct bulk *bulk_new(struct sandbox *s)
{
    struct bulk *b = calloc(1, sizeof *b);
    pthread_condattr_t attr;
    if (!b)
        return NULL;
    b->s = s;
    b->last = &b->jobs;
    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&b->changed, &attr);
    pthread_condattr_destroy(&attr);
    set_knobs_back(b);
    return b;
}

void bulk_forget(struct bulk *b)
{
    struct job *list, *next;
    pthread_mutex_lock(&b->lock);
    list = b->jobs;
    b->jobs = NULL;
    b->last = &b->jobs;
    for (struct job *j = list; j; j = j->next)
        j->gone = true;
    set_knobs_back(b);
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    for (struct job *j = list; j; j = next) {
        next = j->next;
        job_release(b, j);
    }
}

void bulk_free(struct bulk *b)
{
    if (!b)
        return;
    lanes_end(b);
    bulk_forget(b);
    json_decref(b->ends);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

/* ---- answers ---- */

void bulk_error(struct bulk_call *c, int status, const char *code, const char *fmt, ...)
{
    char message[1600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    reply_org_error(c->rp, status, code, message);
}

void bulk_no_job(struct bulk_call *c)
{
    char whole[ID_SIZE];
    bulk_error(c, id_complete(c->id, whole) ? 404 : 400, "NOT_FOUND", "The requested resource does not exist");
}

void bulk_abort(struct bulk_call *c, struct job *j)
{
    json_t *said = NULL;
    char ended[20] = "";
    pthread_mutex_lock(&c->b->lock);
    if (job_has_ended(j)) {
        snprintf(ended, sizeof ended, "%s", j->state == JOB_DONE ? "Completed" : state_name(j->state));
    } else {
        job_set_state(j, JOB_ABORTED, c->admission.now_ms);
        pthread_cond_broadcast(&c->b->changed);
        said = job_json(j, false);
    }
    pthread_mutex_unlock(&c->b->lock);
    if (ended[0])
        bulk_error(c, 400, "INVALIDJOBSTATE", "Aborting already %s Job not allowed", ended);
    else
        reply_json(c->rp, 200, said);
}

void bulk_delete(struct bulk_call *c, struct job *j)
{
    pthread_mutex_lock(&c->b->lock);
    enum job_state state = j->state;
    bool may = state != JOB_OPEN && state != JOB_WORKS;
    if (may)
        job_remove(c->b, j);
    pthread_mutex_unlock(&c->b->lock);
    if (may)
        reply_empty(c->rp, 204);
    else
        bulk_error(c, 400, "INVALIDJOBSTATE", "Deleting a Job in state %s not allowed", state_name(state));
}

/* ---- lists ---- */

/* Newest first. *rest is the number of the last one when older ones are left, else 0. */
static json_t *list_page(struct bulk_call *c, enum job_kind kind, uint64_t below, uint64_t *rest)
{
    json_t *list = json_array();
    const struct job **page = mem_new(LIST_PAGE * sizeof *page);
    size_t n = 0;
    pthread_mutex_lock(&c->b->lock);
    for (const struct job *j = c->b->jobs; j; j = j->next) {
        bool seen = !c->admission.limited || strcmp(j->user_id, c->who->user.id) == 0;
        if (j->kind == kind && j->org == c->who->org && seen && j->number < below)
            page[n++ % LIST_PAGE] = j; /* the list has the oldest first: the newest stay */
    }
    size_t kept = n < LIST_PAGE ? n : LIST_PAGE;
    for (size_t i = 0; i < kept; i++) {
        const struct job *j = page[(n - 1 - i) % LIST_PAGE];
        json_t *said = job_json(j, false);
        json_object_set_new(said, "jobType", json_string(kind == JOB_QUERY ? "V2Query" : "V2Ingest"));
        json_array_append_new(list, said);
        *rest = n > kept ? j->number : 0;
    }
    pthread_mutex_unlock(&c->b->lock);
    free(page);
    return list;
}

void bulk_list(struct bulk_call *c, enum job_kind kind)
{
    char *locator = query_param(c->rq->query, "queryLocator"), *type = query_param(c->rq->query, "jobType");
    uint64_t below = locator ? strtoull(locator, NULL, 10) : UINT64_MAX, rest = 0;
    bool ours = !type || strcmp(type, kind == JOB_QUERY ? "V2Query" : "V2Ingest") == 0;
    json_t *list = ours ? list_page(c, kind, below ? below : UINT64_MAX, &rest) : json_array();
    json_t *out = json_pack("{s:b, s:o, s:o}", "done", rest == 0, "records", list, "nextRecordsUrl",
                            rest ? json_sprintf("/services/data/v%s/jobs/%s?queryLocator=%llu", c->version,
                                                kind == JOB_QUERY ? "query" : "ingest", (unsigned long long)rest)
                                 : json_null());
    reply_json(c->rp, 200, out);
    free(locator);
    free(type);
}

void bulk_resource(struct bulk_call *c, enum job_kind kind, void (*create)(struct bulk_call *c),
                   void (*one)(struct bulk_call *c, struct job *j))
{
    if (!c->id && strcmp(c->rq->method, "POST") == 0) {
        create(c);
    } else if (!c->id && strcmp(c->rq->method, "GET") == 0) {
        bulk_list(c, kind);
    } else if (!c->id) {
        bulk_error(c, 405, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are GET,POST", c->rq->method);
    } else {
        pthread_mutex_lock(&c->b->lock);
        struct job *j = job_find(c, kind, c->id);
        pthread_mutex_unlock(&c->b->lock);
        if (!j) {
            bulk_no_job(c);
            return;
        }
        one(c, j);
        job_release(c->b, j);
    }
}

/* ---- the way of a request ---- */

/* "/services/data/v62.0/jobs/ingest/750.../batches": what stands behind the version. */
static const char *behind_version(const char *path)
{
    static const char base[] = "/services/data/v";
    const char *p = strncmp(path, base, sizeof base - 1) == 0 ? path + sizeof base - 1 : NULL;
    size_t n = p ? strspn(p, "0123456789.") : 0;
    return n && p[n] == '/' ? p + n + 1 : NULL;
}

bool bulk_takes(const char *path)
{
    const char *rest = behind_version(path);
    return rest && strncmp(rest, "jobs/", 5) == 0;
}

static const struct {
    const char *name;
    void (*answer)(struct bulk_call *c);
} resources[] = {
    { "ingest", bulk_ingest },
    { "query", bulk_query },
};

/* Cuts the path into the resource, the job's id and a part of it; false when it is none of ours. */
static bool cut_path(struct bulk_call *c, char *path, size_t *resource)
{
    struct call version = { .o = c->o };
    char *rest, *name, *id, *part;
    if (!rest_split_path(&version, path, &rest))
        return false;
    copy_text(c->version, sizeof c->version, version.version);
    strsep(&rest, "/"); /* jobs */
    name = strsep(&rest, "/");
    id = strsep(&rest, "/");
    part = strsep(&rest, "/");
    c->id = id && *id ? id : NULL;
    c->part = part && *part ? part : NULL;
    for (*resource = 0; *resource < sizeof resources / sizeof *resources; ++*resource)
        if (name && strcmp(resources[*resource].name, name) == 0)
            return !rest || !*rest; /* a slash at the end */
    return false;
}

static void answer(struct bulk_call *c)
{
    char *path = mem_dup(c->rq->path, strlen(c->rq->path));
    size_t resource;
    org_admit(c->o, &c->who->user, &c->admission);
    pthread_mutex_lock(&c->b->lock);
    jobs_tidy(c->b, c->who->org, c->admission.now_ms);
    pthread_mutex_unlock(&c->b->lock);
    if (c->admission.spent)
        bulk_error(c, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    else if (cut_path(c, path, &resource))
        resources[resource].answer(c);
    else
        bulk_error(c, 404, "NOT_FOUND", "The requested resource does not exist");
    reply_field(c->rp, "Sforce-Limit-Info", c->admission.limit_info);
    free(path);
}

void bulk_answer(struct sandbox *s, const struct session *who, const struct request *rq, struct reply *rp)
{
    struct bulk_call c = { .b = s->bulk, .o = sandbox_org(s, who->org), .who = who, .rq = rq, .rp = rp };
    struct model_call paced;
    model_begin(s->models[who->org], &paced);
    if (paced.crowded) {
        reply_crowded(rp);
        return;
    }
    answer(&c);
    model_end(s->models[who->org], &paced, &(struct model_work){ 0, 0, 0 });
}
