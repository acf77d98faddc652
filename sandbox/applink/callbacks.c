/* callbacks.c - see callbacks.h. */
#include "sandbox/applink/callbacks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/login/sessions.h"

enum { GIVEN_MAX = 10000, RECEIVED_MAX = 10000, DAY_S = 24 * 60 * 60 /* Salesforce waits no longer */ };

struct callbacks {
    pthread_mutex_t lock;
    json_t *given;    /* object: name to {"org", "until"} */
    json_t *received; /* array */
};

struct callbacks *callbacks_new(void)
{
    struct callbacks *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->given = json_object();
    c->received = json_array();
    return c;
}

void callbacks_free(struct callbacks *c)
{
    if (!c)
        return;
    json_decref(c->given);
    json_decref(c->received);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

void callbacks_clear(struct callbacks *c)
{
    pthread_mutex_lock(&c->lock);
    json_object_clear(c->given);
    json_array_clear(c->received);
    pthread_mutex_unlock(&c->lock);
}

static const char *name_of(const struct request *rq)
{
    static const char path[] = CALLBACK_PATH;
    return strncmp(rq->path, path, sizeof path - 1) == 0 ? rq->path + sizeof path - 1 : NULL;
}

/* How a call to the URL of that name at that org's address is answered. */
static int judge(struct callbacks *c, const char *name, int org)
{
    pthread_mutex_lock(&c->lock);
    const json_t *row = json_object_get(c->given, name);
    bool known = row && json_integer_value(json_object_get(row, "org")) == org;
    bool late = known && json_integer_value(json_object_get(row, "until")) <= now_ms();
    pthread_mutex_unlock(&c->lock);
    return !known ? 404 : late ? 408 : 200;
}

void callback_received(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *token = request_bearer(rq);
    struct session who;
    if (!token || !sessions_find(s->sessions, token, SESSION_ACCESS, &who) || who.org != rq->address) {
        reply_org_error(rp, 401, "INVALID_SESSION_ID", "Session expired or invalid");
        return;
    }
    int status = judge(s->callbacks, name_of(rq), rq->address);
    if (status == 404)
        reply_org_error(rp, 404, "NOT_FOUND", "The requested resource does not exist");
    else if (status == 408)
        reply_org_error(rp, 408, "REQUEST_TIMEOUT", "The callback came after its time");
    else
        reply_json(rp, 200, json_object());
}

void callbacks_note(struct sandbox *s, const struct request *rq, const struct reply *rp)
{
    struct callbacks *c = s->callbacks;
    char url[256];
    if (!name_of(rq))
        return;
    json_t *body = json_loadb(rq->body ? rq->body : "", rq->body_n, JSON_DECODE_ANY, NULL);
    if (!body)
        body = json_stringn(rq->body ? rq->body : "", rq->body_n);
    snprintf(url, sizeof url, "%s%.150s", s->urls[rq->address], rq->path);
    json_t *row = json_pack("{s:s, s:i, s:o}", "url", url, "status", rp->status, "body", body ? body : json_null());
    pthread_mutex_lock(&c->lock);
    if (json_array_size(c->received) >= RECEIVED_MAX)
        json_array_remove(c->received, 0);
    json_array_append_new(c->received, row);
    pthread_mutex_unlock(&c->lock);
}

/* {"timeoutSeconds", "org"} as they should be; false with `why` filled. */
static bool read_wish(const json_t *body, double *seconds, int *org, char *why, size_t why_size)
{
    const json_t *timeout = json_object_get(body, "timeoutSeconds");
    const char *name = json_text(body, "org", "sandbox", why, why_size);
    *seconds = timeout ? json_number_value(timeout) : DAY_S;
    if (timeout && (!json_is_number(timeout) || *seconds < 0 || *seconds > DAY_S)) {
        snprintf(why, why_size, "timeoutSeconds is a number from 0 to %d", DAY_S);
        return false;
    }
    *org = name ? sandbox_org_number(name) : -1;
    if (*org >= 0)
        return true;
    snprintf(why, why_size, "org is none of sandbox, partner, third");
    return false;
}

static void give_out(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[160] = "", name[37];
    json_t *body = request_object(rq, why, sizeof why);
    double seconds;
    int org;
    if (!body || !read_wish(body, &seconds, &org, why, sizeof why)) {
        reply_problem(rp, 400, "Bad Request", why);
        json_decref(body);
        return;
    }
    uuid_text(name);
    pthread_mutex_lock(&s->callbacks->lock);
    bool room = json_object_size(s->callbacks->given) < GIVEN_MAX;
    if (room)
        json_object_set_new(
            s->callbacks->given, name,
            json_pack("{s:i, s:I}", "org", org, "until", (json_int_t)now_ms() + (json_int_t)(seconds * 1000)));
    pthread_mutex_unlock(&s->callbacks->lock);
    if (room)
        reply_json(rp, 200, json_pack("{s:s++}", "url", s->urls[org], CALLBACK_PATH, name));
    else
        reply_problem(rp, 503, "Service Unavailable", "too many callback URLs; reset the sandbox");
    json_decref(body);
}

void callbacks_control(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (strcmp(rq->method, "POST") == 0) {
        give_out(s, rq, rp);
        return;
    }
    pthread_mutex_lock(&s->callbacks->lock);
    json_t *copy = json_deep_copy(s->callbacks->received);
    pthread_mutex_unlock(&s->callbacks->lock);
    reply_json(rp, 200, copy);
}
