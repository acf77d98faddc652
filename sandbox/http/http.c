/* http.c - see http.h. */
#include "sandbox/http/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"

static void fields_free(struct http_field *fields, int *n)
{
    for (int i = 0; i < *n; i++) {
        free(fields[i].name);
        free(fields[i].value);
    }
    *n = 0;
}

static const char *fields_get(const struct http_field *fields, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcasecmp(fields[i].name, name) == 0)
            return fields[i].value;
    return NULL;
}

void request_free(struct request *rq)
{
    fields_free(rq->fields, &rq->n_fields);
    free(rq->target);
    free(rq->path);
    free(rq->body);
    memset(rq, 0, sizeof *rq);
}

const char *request_field(const struct request *rq, const char *name)
{
    return fields_get(rq->fields, rq->n_fields, name);
}

const char *request_bearer(const struct request *rq)
{
    const char *value = request_field(rq, "Authorization");
    if (value && strncasecmp(value, "Bearer ", 7) == 0)
        return value + 7;
    return value && strncasecmp(value, "OAuth ", 6) == 0 ? value + 6 : NULL;
}

char *request_query(const struct request *rq, const char *name)
{
    return form_get(rq->query, name);
}

json_t *request_object(const struct request *rq, char *why, size_t why_size)
{
    if (!rq->body_n)
        return json_object();
    json_error_t error;
    json_t *json = json_loadb(rq->body, rq->body_n, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(json))
        return json;
    if (json)
        snprintf(why, why_size, "the body is not a JSON object");
    else
        snprintf(why, why_size, "the body is not JSON: %s", error.text);
    json_decref(json);
    return NULL;
}

void reply_free(struct reply *rp)
{
    fields_free(rp->fields, &rp->n_fields);
    free(rp->body);
    memset(rp, 0, sizeof *rp);
}

void reply_field(struct reply *rp, const char *name, const char *value)
{
    struct http_field f = { strdup(name), strdup(value) };
    if (rp->n_fields < HTTP_FIELDS && f.name && f.value) {
        rp->fields[rp->n_fields++] = f;
    } else {
        free(f.name);
        free(f.value);
    }
}

const char *reply_get(const struct reply *rp, const char *name)
{
    return fields_get(rp->fields, rp->n_fields, name);
}

void reply_empty(struct reply *rp, int status)
{
    reply_free(rp);
    rp->status = status;
}

static void reply_take(struct reply *rp, int status, const char *type, char *p, size_t n)
{
    reply_empty(rp, p ? status : 500);
    rp->body = p;
    rp->body_n = p ? n : 0;
    reply_field(rp, "Content-Type", type);
}

void reply_json(struct reply *rp, int status, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(json);
    reply_take(rp, status, "application/json;charset=UTF-8", text, text ? strlen(text) : 0);
}

void reply_bytes(struct reply *rp, int status, const char *type, const void *p, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy) {
        memcpy(copy, p, n);
        copy[n] = 0;
    }
    reply_take(rp, status, type, copy, n);
}

void reply_problem(struct reply *rp, int status, const char *title, const char *detail)
{
    reply_json(rp, status, json_pack("{s:s, s:s}", "title", title, "detail", detail));
}

void reply_org_error(struct reply *rp, int status, const char *code, const char *message)
{
    reply_json(rp, status, json_pack("[{s:s, s:s}]", "message", message, "errorCode", code));
}

void reply_crowded(struct reply *rp)
{
    reply_org_error(rp, 429, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
}

const char *json_text(const json_t *object, const char *name, const char *otherwise, char *why, size_t why_size)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value))
        return otherwise;
    if (!json_is_string(value)) {
        snprintf(why, why_size, "%s is not a string", name);
        return NULL;
    }
    return json_string_value(value);
}
