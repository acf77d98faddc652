/* faults.c - see faults.h. */
#include "sandbox/http/faults.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct planned_fault {
    json_t *spec;
    long skip, left; /* left < 0 = no end */
    long hits;
};

struct faults {
    pthread_mutex_t lock;
    struct planned_fault list[FAULTS_MAX];
    int n;
};

static const char *const cut_names[] = { "none", "reset", "close", "half", "noise" };

static bool cut_of(const char *name, enum cut *cut)
{
    for (size_t i = 0; i < sizeof cut_names / sizeof *cut_names; i++) {
        if (strcmp(name, cut_names[i]) == 0) {
            *cut = (enum cut)i;
            return true;
        }
    }
    return false;
}

struct faults *faults_new(void)
{
    struct faults *f = calloc(1, sizeof *f);
    if (f)
        pthread_mutex_init(&f->lock, NULL);
    return f;
}

void faults_free(struct faults *f)
{
    if (!f)
        return;
    faults_clear(f);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

void faults_clear(struct faults *f)
{
    pthread_mutex_lock(&f->lock);
    while (f->n)
        json_decref(f->list[--f->n].spec);
    pthread_mutex_unlock(&f->lock);
}

enum member_kind { TEXT, NUMBER, TRUTH, ANY, TEXTS };

static const struct member {
    const char *name;
    enum member_kind kind;
    json_int_t min, max;
} members[] = {
    { "path", TEXT, 0, 0 },         { "method", TEXT, 0, 0 },        { "contains", TEXT, 0, 0 },
    { "skip", NUMBER, 0, 1000000 }, { "times", NUMBER, 0, 1000000 }, { "delayMs", NUMBER, 0, FAULT_DELAY_MAX_MS },
    { "status", NUMBER, 200, 599 }, { "errorCode", TEXT, 0, 0 },     { "body", ANY, 0, 0 },
    { "contentType", TEXT, 0, 0 },  { "headers", TEXTS, 0, 0 },      { "cut", TEXT, 0, 0 },
    { "dripMs", NUMBER, 0, 10000 }, { "after", TRUTH, 0, 0 },        { "org", NUMBER, 0, 2 },
};

static bool texts_only(const json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)object, name, value) {
        if (!json_is_string(value) || !*name || strpbrk(name, "\r\n: ") || strpbrk(json_string_value(value), "\r\n"))
            return false;
    }
    return json_is_object(object);
}

static bool member_fits(const struct member *m, const json_t *value)
{
    switch (m->kind) {
    case TEXT:
        return json_is_string(value) && !strpbrk(json_string_value(value), "\r\n");
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= m->min && json_integer_value(value) <= m->max;
    case TRUTH:
        return json_is_boolean(value);
    case TEXTS:
        return texts_only(value);
    case ANY:
        break;
    }
    return true;
}

static bool spec_fits(const json_t *spec, char *why, size_t why_size)
{
    const size_t n = sizeof members / sizeof *members;
    const char *name, *path = json_string_value(json_object_get(spec, "path"));
    const char *cut_name = json_string_value(json_object_get(spec, "cut"));
    enum cut cut;
    json_t *value;
    json_object_foreach ((json_t *)spec, name, value) {
        size_t i = 0;
        while (i < n && strcmp(members[i].name, name) != 0)
            i++;
        if (i == n || !member_fits(&members[i], value)) {
            snprintf(why, why_size, "%s is not known or has a wrong value", name);
            return false;
        }
    }
    if (!path || *path != '/' || strncmp(path, "/sandbox", 8) == 0)
        snprintf(why, why_size, "path must begin with / and not be below /sandbox");
    else if (cut_name && !cut_of(cut_name, &cut))
        snprintf(why, why_size, "cut is none of reset, close, half, noise");
    else
        return true;
    return false;
}

bool faults_add(struct faults *f, const json_t *spec, char *why, size_t why_size)
{
    size_t n = json_is_array(spec) ? json_array_size(spec) : 1;
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        const json_t *one = json_is_array(spec) ? json_array_get(spec, i) : spec;
        ok = json_is_object(one) && spec_fits(one, why, why_size);
        if (!ok && !json_is_object(one))
            snprintf(why, why_size, "a fault is a JSON object");
    }
    pthread_mutex_lock(&f->lock);
    if (ok && n > (size_t)(FAULTS_MAX - f->n)) {
        snprintf(why, why_size, "more than %d faults", FAULTS_MAX);
        ok = false;
    }
    for (size_t i = 0; i < n && ok; i++) {
        const json_t *one = json_is_array(spec) ? json_array_get(spec, i) : spec;
        long times = (long)json_integer_value(json_object_get(one, "times"));
        f->list[f->n++] = (struct planned_fault){ .spec = json_deep_copy(one),
                                                  .skip = (long)json_integer_value(json_object_get(one, "skip")),
                                                  .left = times ? times : -1 };
    }
    pthread_mutex_unlock(&f->lock);
    return ok;
}

json_t *faults_list(struct faults *f)
{
    json_t *list = json_array();
    pthread_mutex_lock(&f->lock);
    for (int i = 0; i < f->n; i++) {
        json_t *row = json_deep_copy(f->list[i].spec);
        json_object_set_new(row, "hits", json_integer(f->list[i].hits));
        json_object_set_new(row, "left", f->list[i].left < 0 ? json_null() : json_integer(f->list[i].left));
        json_array_append_new(list, row);
    }
    pthread_mutex_unlock(&f->lock);
    return json_pack("{s:o}", "faults", list);
}

static bool matches(const json_t *spec, const struct request *rq)
{
    const char *path = json_string_value(json_object_get(spec, "path"));
    const char *method = json_string_value(json_object_get(spec, "method"));
    const char *contains = json_string_value(json_object_get(spec, "contains"));
    const json_t *org = json_object_get(spec, "org");
    return strncmp(rq->path, path, strlen(path)) == 0 && (!org || json_integer_value(org) == rq->address) &&
           (!method || strcmp(method, rq->method) == 0) && (!contains || strstr(rq->target, contains));
}

bool faults_strike(struct faults *f, const struct request *rq, struct strike *out)
{
    bool found = false;
    memset(out, 0, sizeof *out);
    pthread_mutex_lock(&f->lock);
    for (int i = 0; i < f->n && !found; i++) {
        struct planned_fault *fault = &f->list[i];
        if (!fault->left || !matches(fault->spec, rq))
            continue;
        if (fault->skip) {
            fault->skip--;
            continue;
        }
        if (fault->left > 0)
            fault->left--;
        fault->hits++;
        out->spec = json_deep_copy(fault->spec); /* references are not counted atomically */
        found = true;
    }
    pthread_mutex_unlock(&f->lock);
    if (!found)
        return false;
    out->delay_ms = (int)json_integer_value(json_object_get(out->spec, "delayMs"));
    out->drip_ms = (int)json_integer_value(json_object_get(out->spec, "dripMs"));
    out->status = (int)json_integer_value(json_object_get(out->spec, "status"));
    out->after = json_is_true(json_object_get(out->spec, "after"));
    if (json_object_get(out->spec, "cut"))
        cut_of(json_string_value(json_object_get(out->spec, "cut")), &out->cut);
    return true;
}

void strike_free(struct strike *k)
{
    json_decref(k->spec);
    memset(k, 0, sizeof *k);
}

bool strike_prevents(const struct strike *k)
{
    if (!k->spec || k->after)
        return false;
    return k->status || json_object_get(k->spec, "body") || k->cut == CUT_RESET || k->cut == CUT_CLOSE ||
           k->cut == CUT_NOISE;
}

/* What the org says with each status. */
static const struct org_fault {
    int status;
    const char *code, *message;
} org_faults[] = {
    { 401, "INVALID_SESSION_ID", "Session expired or invalid" },
    { 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded." },
    { 404, "NOT_FOUND", "The requested resource does not exist" },
    { 409, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record" },
    { 429, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded." },
    { 500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support." },
    { 503, "SERVER_UNAVAILABLE", "Server unavailable. Try again later." },
};

static void org_fault_reply(struct reply *rp, int status, const char *code)
{
    const struct org_fault *row = NULL;
    for (size_t i = 0; i < sizeof org_faults / sizeof *org_faults && !row; i++)
        if (code ? strcmp(code, org_faults[i].code) == 0 : org_faults[i].status == status)
            row = &org_faults[i];
    if (!code)
        code = row ? row->code : "UNKNOWN_EXCEPTION";
    reply_org_error(rp, status, code, row ? row->message : "A programmed fault of the sandbox.");
}

static void status_reply(const struct strike *k, const struct request *rq, struct reply *rp)
{
    if (strncmp(rq->path, "/services/data", 14) == 0) {
        org_fault_reply(rp, k->status, json_string_value(json_object_get(k->spec, "errorCode")));
    } else if (strncmp(rq->path, "/services/oauth2", 16) == 0) {
        reply_json(rp, k->status,
                   json_pack("{s:s, s:s}", "error", "server_error", "error_description", "programmed fault"));
    } else if (strncmp(rq->path, "/lenders", 8) == 0) {
        char text[16];
        snprintf(text, sizeof text, "%d", k->status);
        reply_json(rp, k->status,
                   json_pack("{s:{s:i, s:s, s:s, s:s}}", "error", "status", k->status, "error", "programmed fault",
                             "code", text, "path", rq->path));
    } else {
        reply_problem(rp, k->status, k->status == 503 ? "Service Unavailable" : "Programmed fault",
                      "The sandbox was told to answer like this.");
    }
}

static void body_reply(const struct strike *k, const json_t *body, struct reply *rp)
{
    int status = k->status ? k->status : rp->status ? rp->status : 200;
    if (json_is_string(body))
        reply_bytes(rp, status, "application/json;charset=UTF-8", json_string_value(body), json_string_length(body));
    else if (json_is_null(body))
        reply_empty(rp, status);
    else if (json_is_object(body) || json_is_array(body))
        reply_json(rp, status, json_deep_copy(body));
    else {
        char *text = json_dumps(body, JSON_ENCODE_ANY);
        reply_bytes(rp, status, "application/json;charset=UTF-8", text ? text : "", text ? strlen(text) : 0);
        free(text);
    }
}

static void set_field(struct reply *rp, const char *name, const char *value)
{
    for (int i = 0; i < rp->n_fields; i++) {
        if (strcasecmp(rp->fields[i].name, name) == 0) {
            char *copy = strdup(value);
            if (copy) {
                free(rp->fields[i].value);
                rp->fields[i].value = copy;
            }
            return;
        }
    }
    reply_field(rp, name, value);
}

void strike_apply(const struct strike *k, const struct request *rq, struct reply *rp)
{
    const json_t *body = json_object_get(k->spec, "body");
    const char *type = json_string_value(json_object_get(k->spec, "contentType"));
    const char *name;
    json_t *value;
    if (body)
        body_reply(k, body, rp);
    else if (k->status)
        status_reply(k, rq, rp);
    if (type)
        set_field(rp, "Content-Type", type);
    json_object_foreach (json_object_get(k->spec, "headers"), name, value)
        set_field(rp, name, json_string_value(value));
    rp->cut = k->cut;
    rp->drip_ms = k->drip_ms;
}
