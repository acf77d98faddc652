/*
 * recorded_bulk.c - bulk jobs of recordings: a job is made that stands where the recorded one stood, with the records
 * that the recorded answer shows, and its address takes the place of the recorded one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "sandbox/base/text.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/recorded.h"
#include "tests/sandbox/recorded_csv.h"

enum { WAIT_TRIES = 4000, WAIT_MS = 5, ROWS_MAX = 20000 };

/* Where the recorded address leads: jobs/<kind>[/<id>[/<part>]]. */
struct place {
    char base[80]; /* /services/data/v56.0/jobs/ingest */
    bool query;
    char id[60], part[40];
    const char *rest; /* "?..." or "" */
};

static struct place place_of(const struct recording *r)
{
    struct place p = { .base = "" };
    const char *jobs = strstr(r->url, "/jobs/"), *kind = jobs + strlen("/jobs/");
    size_t n = strcspn(kind, "/?");
    snprintf(p.base, sizeof p.base, "%.*s", (int)(kind - r->url) + (int)n, r->url);
    p.query = strncmp(kind, "query", 5) == 0;
    sscanf(kind + n, "/%59[^/?]/%39[^/?]", p.id, p.part);
    p.rest = strchr(r->url, '?') ? strchr(r->url, '?') : "";
    return p;
}

bool recorded_is_bulk(const struct recording *r)
{
    return strstr(r->url, "/jobs/ingest") || strstr(r->url, "/jobs/query");
}

/* ---- what an org says of itself ---- */

/* Not only an id, as whoever prepared a recording may have found enough. */
static bool is_job(const json_t *v)
{
    static const char *const names[] = { "operation", "object",          "createdById", "createdDate", "systemModstamp",
                                         "state",     "concurrencyMode", "contentType", "apiVersion" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!json_object_get(v, names[i]))
            return false;
    return setup_is_id(recorded_text(v, "id"));
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool natural_error(const struct recording *r, const struct place *p)
{
    const char *code = error_code(r->parsed);
    if (!recorded_errors(r->parsed) || r->status >= 500)
        return false;
    if (same_text(code, "NOT_FOUND"))
        return *p->id && r->status == (setup_is_id(p->id) ? 404 : 400);
    if (same_text(code, "INVALIDJOBSTATE"))
        return r->status == 400 && same_text(r->method, "PATCH") &&
               strstr(recorded_text(setup_error(r->parsed), "message"), "Aborting already Completed");
    return r->status == 401 || (r->body && (same_text(code, "MALFORMED_QUERY") || same_text(code, "INVALID_TYPE")));
}

static bool natural_info(const struct recording *r, const struct place *p)
{
    const char *state = recorded_text(r->parsed, "state");
    json_int_t n = json_integer_value(json_object_get(r->parsed, "numberRecordsProcessed"));
    bool reached = same_text(state, "Open") || same_text(state, "UploadComplete") || same_text(state, "JobComplete") ||
                   same_text(state, "Aborted");
    return is_job(r->parsed) && reached && n <= ROWS_MAX &&
           (!p->query || json_integer_value(json_object_get(r->parsed, "numberRecordsFailed")) == 0);
}

static bool natural_csv(const struct recording *r, const struct place *p)
{
    static const char *const parts[] = { "successfulResults", "failedResults", "unprocessedrecords", "results" };
    bool known = false;
    for (int i = 0; i < 4; i++)
        known = known || (strcasecmp(p->part, parts[i]) == 0 && p->query == (i == 3));
    return known && r->answer && !r->parsed && csv_is_whole(r, p->part);
}

bool recorded_bulk_natural(const struct recording *r)
{
    struct place p = place_of(r);
    bool get = same_text(r->method, "GET");
    if (r->status >= 400)
        return natural_error(r, &p);
    if (same_text(r->method, "POST") && !*p.id)
        return r->status == 200 && is_job(r->parsed);
    if (same_text(r->method, "PUT"))
        return r->status == 201 && !r->answer;
    if (same_text(r->method, "DELETE"))
        return r->status == 204 && !r->answer;
    if (same_text(r->method, "PATCH"))
        return r->status == 200 && is_job(r->parsed);
    if (get && *p.part)
        return r->status == 200 && natural_csv(r, &p);
    return get && *p.id && r->status == 200 && natural_info(r, &p);
}

/* ---- asking ---- */

/* One request of the set-up; the body of its answer as JSON in *out when that is wanted. */
static int ask(const char *method, const char *url, const char *type, const char *body, const char *token, json_t **out)
{
    struct recording as = { .body = NULL };
    struct reply rp;
    snprintf(as.method, sizeof as.method, "%s", method);
    rp = recording_send(&as, url, token, type, body);
    if (out)
        *out = rp.body ? json_loadb(rp.body, rp.body_n, 0, NULL) : NULL;
    int status = rp.status;
    reply_free(&rp);
    return status;
}

static void knob(const char *json)
{
    ask("POST", "/sandbox/bulk", "application/json", json, "", NULL);
}

/* Waits until the job at the address has ended. */
static bool wait_for_end(const char *url, const char *token)
{
    for (int i = 0; i < WAIT_TRIES; i++) {
        json_t *info = NULL;
        ask("GET", url, "", NULL, token, &info);
        const char *state = recorded_text(info, "state");
        bool ended = same_text(state, "JobComplete") || same_text(state, "Failed") || same_text(state, "Aborted");
        json_decref(info);
        if (ended)
            return true;
        nanosleep(&(struct timespec){ 0, WAIT_MS * 1000000L }, NULL);
    }
    return false;
}

struct made {
    char url[160]; /* of the job */
};

/* Makes a job by its description (a reference that is taken); false with r->why. */
static bool make(struct recording *r, const char *base, json_t *spec, const char *token, struct made *out)
{
    json_t *info = NULL;
    char *body = json_dumps(spec, 0);
    int status = ask("POST", base, "application/json", body, token, &info);
    snprintf(out->url, sizeof out->url, "%.100s/%.20s", base, recorded_text(info, "id"));
    bool ok = status == 200 || recording_wrong(r, "set-up: no job by %.300s", body);
    json_decref(info);
    json_decref(spec);
    free(body);
    return ok;
}

static bool give(struct recording *r, const struct made *m, const char *csv, const char *token)
{
    char url[200];
    snprintf(url, sizeof url, "%s/batches", m->url);
    return ask("PUT", url, "text/csv", csv, token, NULL) == 201 || recording_wrong(r, "set-up: no upload");
}

static bool change(struct recording *r, const struct made *m, const char *state, const char *token)
{
    char body[60];
    snprintf(body, sizeof body, "{\"state\":\"%s\"}", state);
    return ask("PATCH", m->url, "application/json", body, token, NULL) == 200 ||
           recording_wrong(r, "set-up: not %s", state);
}

/* Data is there, and the job has ended. */
static bool finish(struct recording *r, const struct made *m, const char *csv, const char *token)
{
    return give(r, m, csv, token) && change(r, m, "UploadComplete", token) &&
           (wait_for_end(m->url, token) || recording_wrong(r, "set-up: the job does not end"));
}

/* Our answer at an address in the place of the recorded one. */
static bool compare_at(struct recording *r, const char *url, const char *token)
{
    struct reply rp = recording_ask(r, url, token);
    bool ok = recording_same(r, &rp);
    reply_free(&rp);
    return ok;
}

static bool compare_csv_at(struct recording *r, const char *url, const char *token)
{
    struct reply rp = recording_ask(r, url, token);
    bool ok = rp.status == r->status ? csv_same(r, &rp) : recording_wrong(r, "status %d: %.200s", rp.status, rp.body);
    reply_free(&rp);
    return ok;
}

/* ---- jobs themselves ---- */

/* A description of a job like the one that an answer shows; an operation that there is, and an object of the org. */
static json_t *spec_like(struct setup *s, const json_t *info, bool query)
{
    const char *object = recorded_text(info, "object"), *operation = recorded_text(info, "operation");
    if (!*object)
        object = "Account";
    json_t *spec = json_pack("{s:s}", "operation", *operation ? operation : query ? "query" : "insert"), *d;
    static const char *const copied[] = { "externalIdFieldName", "lineEnding", "columnDelimiter" };
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        if (json_object_get(info, copied[i]))
            json_object_set(spec, copied[i], json_object_get(info, copied[i]));
    d = setup_object(s, object, NULL);
    const char *key = recorded_text(spec, "externalIdFieldName");
    if (*key)
        json_object_set_new(setup_field(d, key, NULL), "externalId", json_true());
    if (query)
        json_object_set_new(spec, "query", json_sprintf("SELECT Id FROM %s", recorded_text(d, "name")));
    else
        json_object_set(spec, "object", json_object_get(d, "name"));
    return spec;
}

/* So many records, the last ones without what each needs. */
static char *rows_like(struct setup *s, const json_t *info)
{
    json_int_t n = json_integer_value(json_object_get(info, "numberRecordsProcessed"));
    json_int_t failed = json_integer_value(json_object_get(info, "numberRecordsFailed"));
    const char *end = same_text(recorded_text(info, "lineEnding"), "CRLF") ? "\r\n" : "\n";
    struct text t = { 0 };
    json_t *name = setup_field(setup_object(s, recorded_text(info, "object"), NULL), "Name", NULL);
    json_object_set_new(name, "required", json_true());
    text_fmt(&t, "Name%s", end);
    for (json_int_t i = 0; i < n; i++)
        text_fmt(&t, "%s%s", i < n - failed ? "x" : "\"\"", end);
    return text_take(&t, NULL);
}

/* A job in the state of the recorded one, and what is said of it. */
static bool run_info(struct recording *r, struct setup *s, const struct place *p, const char *token)
{
    const char *state = recorded_text(r->parsed, "state");
    json_int_t n = json_integer_value(json_object_get(r->parsed, "numberRecordsProcessed"));
    char base[100];
    struct made m;
    json_t *spec = spec_like(s, r->parsed, p->query);
    bool held = same_text(state, "UploadComplete"), ok;
    json_t *made_by = json_object_get(r->parsed, "apiVersion");
    snprintf(base, sizeof base, "/services/data/v%.1f/jobs/%s", made_by ? json_number_value(made_by) : 56.0,
             p->query ? "query" : "ingest");
    for (json_int_t i = 0; p->query && i < n; i++)
        setup_record(s, recorded_text(r->parsed, "object"), NULL);
    char *csv = rows_like(s, r->parsed);
    knob(held || (p->query && same_text(state, "Aborted")) ? "{\"hold\":true}" : "{\"hold\":false}");
    ok = (setup_apply(s) || recording_wrong(r, "set-up: %s", s->why)) && make(r, base, spec, token, &m);
    if (ok && same_text(state, "Aborted"))
        ok = change(r, &m, "Aborted", token);
    else if (ok && p->query && !held)
        ok = wait_for_end(m.url, token);
    else if (ok && !p->query && held)
        ok = give(r, &m, csv, token) && change(r, &m, "UploadComplete", token);
    else if (ok && !p->query && !same_text(state, "Open"))
        ok = finish(r, &m, csv, token);
    ok = ok && compare_at(r, m.url, token);
    knob("{\"hold\":false}");
    free(csv);
    return ok;
}

/* POST, PATCH, PUT, DELETE of a job. */
static bool run_change(struct recording *r, struct setup *s, const struct place *p, const char *token)
{
    struct made m;
    char url[200];
    const char *state = recorded_text(r->parsed, "state");
    bool create = same_text(r->method, "POST"), ended = setup_error(r->parsed) || same_text(r->method, "DELETE");
    json_t *spec = spec_like(s, create && r->body ? r->body : r->parsed, p->query);
    if (!setup_apply(s))
        return recording_wrong(r, "set-up: %s", s->why);
    if (create) {
        if (!r->body)
            r->body = json_incref(spec);
        json_decref(spec);
        return compare_at(r, p->base, token);
    }
    knob(p->query && !ended ? "{\"hold\":true}" : "{\"hold\":false}");
    bool ok = make(r, p->base, spec, token, &m);
    if (ok && p->query)
        ok = !ended || wait_for_end(m.url, token);
    else if (ok && ended)
        ok = finish(r, &m, "Name\nx\n", token);
    else if (ok && same_text(state, "UploadComplete"))
        ok = give(r, &m, "Name\nx\n", token);
    if (!r->body && same_text(r->method, "PATCH"))
        r->body = json_pack("{s:s}", "state", *state ? state : "Aborted");
    snprintf(url, sizeof url, "%s%s%s", m.url, *p->part ? "/" : "", p->part);
    if (same_text(r->method, "PUT")) /* its body is no JSON */
        ok = ok && give(r, &m, "Name\nx\n", token);
    else
        ok = ok && compare_at(r, url, token);
    knob("{\"hold\":false}");
    return ok;
}

/* ---- results ---- */

static bool load_results(struct recording *r, struct setup *s, const struct place *p, const char *token,
                         const struct csv_load *load)
{
    struct made m;
    char url[240];
    bool held = load->unprocessed;
    knob(held ? "{\"hold\":true}" : "{\"hold\":false}");
    json_t *spec = json_pack("{s:s, s:s}", "object", load->object, "operation", load->operation);
    if (load->key[0])
        json_object_set_new(spec, "externalIdFieldName", json_string(load->key));
    bool ok = (setup_apply(s) || recording_wrong(r, "set-up: %s", s->why)) && make(r, p->base, spec, token, &m);
    if (ok && held)
        ok = give(r, &m, load->csv, token) && change(r, &m, "UploadComplete", token) && change(r, &m, "Aborted", token);
    else
        ok = ok && finish(r, &m, load->csv, token);
    snprintf(url, sizeof url, "%s/%s", m.url, p->part);
    ok = ok && compare_csv_at(r, url, token);
    knob("{\"hold\":false}");
    return ok;
}

static bool run_ingest_results(struct recording *r, struct setup *s, const struct place *p, const char *token)
{
    struct csv_load load = { .object = "" };
    csv_plan_load(r, s, p->part, &load);
    bool ok = load_results(r, s, p, token, &load);
    free(load.csv);
    return ok;
}

/* A later page is asked for by the locator of our own first one, which has a row of its own. */
static bool run_query_results(struct recording *r, struct setup *s, const struct place *p, const char *token)
{
    struct made m;
    struct csv_query q = { .soql = NULL };
    char url[300];
    bool later = strstr(p->rest, "locator=") != NULL;
    csv_plan_query(r, s, later, &q);
    json_t *spec = json_pack("{s:s, s:s}", "operation", "query", "query", q.soql);
    bool ok = (setup_apply(s) || recording_wrong(r, "set-up: %s", s->why)) && make(r, p->base, spec, token, &m) &&
              (wait_for_end(m.url, token) || recording_wrong(r, "set-up: the query does not end"));
    size_t rows = q.rows ? q.rows : 1;
    if (ok && later)
        snprintf(url, sizeof url, "%s/results?locator=MQ&maxRecords=%zu", m.url, rows);
    else if (ok)
        snprintf(url, sizeof url, "%s/results?maxRecords=%zu", m.url, rows);
    ok = ok && compare_csv_at(r, url, token);
    free(q.soql);
    return ok;
}

bool recorded_bulk_run(struct recording *r, struct setup *s, const char *token)
{
    struct place p = place_of(r);
    const char *code = error_code(r->parsed);
    if (r->status == 401 || (code && same_text(code, "NOT_FOUND")))
        return compare_at(r, r->url, token);
    if (code && !same_text(code, "INVALIDJOBSTATE")) { /* of a query */
        if (!same_text(code, "INVALID_TYPE"))
            setup_object(s, "Account", NULL);
        return compare_at(r, r->url, token);
    }
    if (!same_text(r->method, "GET"))
        return run_change(r, s, &p, token);
    if (!*p.part)
        return run_info(r, s, &p, token);
    return p.query ? run_query_results(r, s, &p, token) : run_ingest_results(r, s, &p, token);
}
