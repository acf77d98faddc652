/* calls.c - see calls.h. */
#include "sandbox/http/calls.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/system.h"
#include "sandbox/base/text.h"

struct logged_call {
    long number;
    int64_t began_ms, took_us;
    char method[HTTP_METHOD_MAX];
    char *target, *request_id, *authorization, *content_type, *body;
    size_t body_n;
    int address; /* of the server, to which it came */
    int status;  /* 0 = the connection was cut before a status */
    bool struck;
};

struct calls {
    pthread_mutex_t lock;
    struct logged_call ring[CALLS_MAX];
    long total;
};

static void call_free(struct logged_call *call)
{
    free(call->target);
    free(call->request_id);
    free(call->authorization);
    free(call->content_type);
    free(call->body);
    memset(call, 0, sizeof *call);
}

struct calls *calls_new(void)
{
    struct calls *c = calloc(1, sizeof *c);
    if (c)
        pthread_mutex_init(&c->lock, NULL);
    return c;
}

void calls_clear(struct calls *c)
{
    pthread_mutex_lock(&c->lock);
    for (int i = 0; i < CALLS_MAX; i++)
        call_free(&c->ring[i]);
    c->total = 0;
    pthread_mutex_unlock(&c->lock);
}

void calls_free(struct calls *c)
{
    if (!c)
        return;
    calls_clear(c);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool secret_name(const char *name)
{
    static const char *const words[] = { "token", "secret", "signature", "assertion", "password", "jwt", "code" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strcasestr(name, words[i]);
        /* "code" alone, or Some_Airport_Code__c would be masked too */
        if (at && (strcmp(words[i], "code") != 0 || strcasecmp(name, "code") == 0))
            return true;
    }
    return false;
}

static void mask_json(json_t *json)
{
    const char *name;
    json_t *value;
    size_t i;
    if (json_is_array(json))
        json_array_foreach (json, i, value)
            mask_json(value);
    json_object_foreach (json, name, value) {
        if (json_is_string(value) && secret_name(name))
            json_object_set_new(json, name, json_string("(masked)"));
        else
            mask_json(value);
    }
}

static char *masked_form(const char *body)
{
    struct text out = { .max = CALL_BODY_MAX };
    while (*body) {
        size_t n = strcspn(body, "&"), name_n = strcspn(body, "=&");
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(name_n < 63 ? name_n : 63), body);
        if (secret_name(name))
            text_fmt(&out, "%s=(masked)", name);
        else
            text_add(&out, body, n);
        body += n;
        if (*body == '&') {
            text_add(&out, "&", 1);
            body++;
        }
    }
    return text_take(&out, NULL);
}

static char *length_only(size_t n)
{
    char text[64];
    snprintf(text, sizeof text, "(%zu bytes)", n);
    return strdup(text);
}

/* The text of a body as it may be kept: JSON with secret members masked, a form with secret values masked, a length for
 * anything else. malloc'ed; NULL when empty. */
static char *masked_body(const char *content_type, const char *body, size_t n)
{
    if (!n)
        return NULL;
    if (content_type && strcasestr(content_type, "x-www-form-urlencoded")) {
        char *form = masked_form(body);
        return form ? form : length_only(n);
    }
    json_t *json = n > CALL_JSON_MAX ? NULL : json_loadb(body, n, 0, NULL);
    if (!json)
        return length_only(n);
    mask_json(json);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (text && strlen(text) > CALL_BODY_MAX) {
        free(text);
        text = NULL;
    }
    return text ? text : length_only(n);
}

/* Query members such as ?access_token= are masked as in a form. */
static char *masked_target(const struct request *rq)
{
    char *query = *rq->query ? masked_form(rq->query) : NULL;
    struct text out = { .max = CALL_TARGET_MAX };
    text_fmt(&out, "%.*s%s%s", (int)strcspn(rq->target, "?"), rq->target, *rq->query ? "?" : "",
             query        ? query
             : *rq->query ? "(long)"
                          : "");
    free(query);
    for (char *p = out.p; p && *p; p++)
        if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
            *p = '?';
    return text_take(&out, NULL);
}

static char *masked_authorization(const struct request *rq)
{
    const char *value = request_field(rq, "Authorization");
    if (!value)
        return NULL;
    char text[64];
    size_t scheme = strcspn(value, " ");
    snprintf(text, sizeof text, "%.*s (masked)", (int)(scheme < 16 ? scheme : 16), value);
    return strdup(text);
}

static char *dup_or_null(const char *text)
{
    return text ? strdup(text) : NULL;
}

void calls_note(struct calls *c, const struct request *rq, const struct reply *rp, int64_t began_ms, int64_t took_us,
                bool struck)
{
    const char *id = request_field(rq, "x-request-id");
    struct logged_call call = {
        .address = rq->address, .began_ms = began_ms, .took_us = took_us, .body_n = rq->body_n, .struck = struck
    };
    bool cut = rp->cut == CUT_RESET || rp->cut == CUT_CLOSE || rp->cut == CUT_NOISE;
    copy_text(call.method, sizeof call.method, rq->method);
    call.status = cut ? 0 : rp->status;
    call.target = masked_target(rq);
    call.request_id = dup_or_null(id ? id : request_field(rq, "REQUEST_ID"));
    call.authorization = masked_authorization(rq);
    call.content_type = dup_or_null(request_field(rq, "Content-Type"));
    call.body = masked_body(call.content_type, rq->body, rq->body_n);
    pthread_mutex_lock(&c->lock);
    call.number = ++c->total;
    call_free(&c->ring[(call.number - 1) % CALLS_MAX]);
    c->ring[(call.number - 1) % CALLS_MAX] = call;
    pthread_mutex_unlock(&c->lock);
}

static void set_text(json_t *row, const char *name, const char *value)
{
    if (value)
        json_object_set_new(row, name, json_string(value));
}

static json_t *call_row(const struct logged_call *call)
{
    char when[32];
    utc_text(call->began_ms, "Z", when);
    json_t *row =
        json_pack("{s:I, s:s, s:I, s:f, s:s, s:s, s:i, s:I}", "number", (json_int_t)call->number, "at", when, "beganMs",
                  (json_int_t)call->began_ms, "ms", (double)call->took_us / 1000, "method", call->method, "target",
                  call->target ? call->target : "", "status", call->status, "bodyBytes", (json_int_t)call->body_n);
    if (!row)
        return json_object();
    json_object_set_new(row, "org", json_integer(call->address));
    set_text(row, "requestId", call->request_id);
    set_text(row, "authorization", call->authorization);
    set_text(row, "contentType", call->content_type);
    set_text(row, "body", call->body);
    if (call->struck)
        json_object_set_new(row, "fault", json_true());
    return row;
}

json_t *calls_list(struct calls *c, const char *path_prefix, const char *method, int limit)
{
    json_t *list = json_array();
    long matching = 0;
    pthread_mutex_lock(&c->lock);
    long total = c->total, first = total > CALLS_MAX ? total - CALLS_MAX : 0;
    for (long i = first; i < total; i++) {
        const struct logged_call *call = &c->ring[i % CALLS_MAX];
        if ((path_prefix && (!call->target || strncmp(call->target, path_prefix, strlen(path_prefix)) != 0)) ||
            (method && strcmp(method, call->method) != 0))
            continue;
        matching++;
        json_array_append_new(list, call_row(call));
    }
    pthread_mutex_unlock(&c->lock);
    while (limit >= 0 && json_array_size(list) > (size_t)limit)
        json_array_remove(list, 0);
    return json_pack("{s:I, s:I, s:I, s:o}", "total", (json_int_t)total, "matching", (json_int_t)matching, "kept",
                     (json_int_t)(total - first), "calls", list);
}
