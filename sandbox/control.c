/* control.c - the paths below /sandbox that turn knobs, for tests and for people. */
#include "sandbox/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/applink/callbacks.h"
#include "sandbox/applink/targets.h"
#include "sandbox/bulk/bulk.h"
#include "sandbox/http/calls.h"
#include "sandbox/http/faults.h"
#include "sandbox/http/model.h"
#include "sandbox/login/apps.h"
#include "sandbox/login/keys.h"
#include "sandbox/login/sessions.h"
#include "sandbox/pubsub/pubsub.h"

/* The text member `name` of the body; false when the body or the member is not what it should be (answered then). */
static bool body_member(const struct request *rq, const char *name, json_t **body, const char **value, struct reply *rp)
{
    char why[256] = "";
    *body = request_object(rq, why, sizeof why);
    *value = NULL;
    if (*body)
        *value = json_text(*body, name, NULL, why, sizeof why);
    if (*body && !why[0])
        return true;
    json_decref(*body);
    reply_problem(rp, 400, "Bad Request", why);
    return false;
}

/* A knob was turned: every POST below /sandbox answers 200. */
static void done(struct reply *rp)
{
    reply_json(rp, 200, json_object());
}

static bool set_host_from(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    json_t *body;
    const char *url;
    if (!body_member(rq, "hostUrl", &body, &url, rp))
        return false;
    bool ok = !url || sandbox_set_host(s, url);
    json_decref(body);
    if (!ok)
        reply_problem(rp, 400, "Bad Request", "hostUrl must be http://127.0.0.1:<port> (or localhost)");
    return ok;
}

/* Back to the sample data: records, faults and log. Tokens and keys stay good. {"hostUrl": ...} moves the host too. */
void control_reset(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (!set_host_from(s, rq, rp))
        return;
    faults_clear(s->faults);
    pubsub_forget(s->pubsub);
    calls_clear(s->calls);
    callbacks_clear(s->callbacks);
    bulk_forget(s->bulk);
    bool ok = true;
    for (int i = 0; i < SANDBOX_ORGS; i++) {
        pthread_mutex_lock(&s->lock);
        struct org *org = s->orgs[i];
        pthread_mutex_unlock(&s->lock);
        if (org && !org_reset(org))
            ok = false;
        if (org)
            pubsub_reset(s->pubsub, i);
    }
    if (ok)
        done(rp);
    else
        reply_problem(rp, 500, "Internal Server Error", "the sample data could not be loaded");
}

/* Ends access tokens at once: {"accessToken"}, or {"user": id or name}, or everybody's. */
void control_expire(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    json_t *body;
    const char *token;
    if (!body_member(rq, "accessToken", &body, &token, rp))
        return;
    const char *user = json_string_value(json_object_get(body, "user"));
    int n = token ? sessions_close(s->sessions, token) : sessions_expire(s->sessions, user);
    json_decref(body);
    reply_json(rp, 200, json_pack("{s:i}", "expired", n));
}

void control_settings(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (strcmp(rq->method, "POST") == 0 && !set_host_from(s, rq, rp))
        return;
    char host[256], app[64];
    sandbox_host_url(s, host);
    sandbox_app_id(s, app);
    reply_json(rp, 200,
               json_pack("{s:s, s:s, s:s, s:s+, s:s, s:s}", "url", s->urls[0], "hostUrl", host, "appUuid", app,
                         "addonUrl", s->urls[0], "/addons/sandbox", "orgId", sandbox_org_id(0), "apiVersion",
                         sandbox_api_version(0)));
}

/* {"apiName", "orgId"?, "secret"?} makes a target or replaces its secret; the answer is the list that the host reads.
 */
void control_targets(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    bool ok = true;
    if (strcmp(rq->method, "POST") == 0) {
        json_t *body;
        const char *name;
        if (!body_member(rq, "apiName", &body, &name, rp))
            return;
        const char *org_id = json_string_value(json_object_get(body, "orgId"));
        const char *secret = json_string_value(json_object_get(body, "secret"));
        ok = name && targets_set(s->targets, org_id ? org_id : sandbox_org_id(0), name, secret);
        json_decref(body);
    }
    if (ok)
        reply_json(rp, 200, targets_list(s->targets));
    else
        reply_problem(rp, 400, "Bad Request",
                      "apiName must be 1 to 80 letters, digits and _; orgId 15 or 18 characters");
}

/* New signing keys; those before stay in /id/keys unless {"forget": true}. */
void control_keys(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[256] = "";
    json_t *body = request_object(rq, why, sizeof why);
    bool forget = json_is_true(json_object_get(body, "forget"));
    json_decref(body);
    if (keys_rotate(s->keys, forget))
        reply_json(rp, 200, keys_jwks(s->keys));
    else
        reply_problem(rp, 500, "Internal Server Error", "no new keys could be made");
}

/* The number of the org that ?org= names, of the sample org without it; -1 when there is none of that name. */
static int query_org_number(const struct request *rq)
{
    char *name = request_query(rq, "org");
    int number = name ? sandbox_org_number(name) : 0;
    free(name);
    return number;
}

/* The same org, or NULL and `why` filled. */
static struct org *query_org(struct sandbox *s, const struct request *rq, char *why, size_t why_size)
{
    int number = query_org_number(rq);
    snprintf(why, why_size, "org is none of sandbox, partner, third");
    return number < 0 ? NULL : sandbox_org(s, number);
}

/* What the org takes as JSON text of its own form; org.h describes each. */
static void org_text(struct sandbox *s, const struct request *rq, struct reply *rp, const char *title,
                     bool (*take)(struct org *o, const char *json, size_t n, char *why, size_t why_size))
{
    char why[512] = "";
    struct org *org = query_org(s, rq, why, sizeof why);
    if (org && take(org, rq->body ? rq->body : "", rq->body_n, why, sizeof why))
        done(rp);
    else
        reply_problem(rp, 400, title, why);
}

/* Adds an object description, or fields to one that is there: the text of a file like those in sandbox/objects. */
void control_objects(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    org_text(s, rq, rp, "Not an object description", org_describe_object);
}

/* Replaces what users may see and do until the next reset: a text like sandbox/seed/permissions.json. */
void control_permissions(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    org_text(s, rq, rp, "Not a list of permissions", org_set_permissions);
}

/* A fault of single records, which takes part in rollbacks. */
void control_record_faults(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[64];
    struct org *org = query_org(s, rq, why, sizeof why);
    if (strcmp(rq->method, "DELETE") != 0 || !org) {
        org_text(s, rq, rp, "Not a fault of records", org_plan_fault);
        return;
    }
    org_forget_faults(org);
    reply_empty(rp, 204);
}

/* What an org has switched on: quotes, currencies, approvals, calls in a day. */
void control_setup(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    org_text(s, rq, rp, "Not a setup of an org", org_set_up);
}

/* Sample Opportunities in any number, for batches; org.h has the form. Answers how many of what were made. */
void control_make(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[512] = "";
    struct org *org = query_org(s, rq, why, sizeof why);
    json_t *spec = request_object(rq, why, sizeof why),
           *made = spec && org ? org_make(org, spec, why, sizeof why) : NULL;
    if (made)
        reply_json(rp, 200, made);
    else
        reply_problem(rp, 400, "Not what can be made", why);
    json_decref(spec);
}

/* {"ids": ["006..."]}: takes deleted records out of the recycle bin, which REST cannot. Answers how many. */
void control_undelete(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[256] = "";
    struct org *org = query_org(s, rq, why, sizeof why);
    json_t *body = org ? request_object(rq, why, sizeof why) : NULL;
    const json_t *ids = json_object_get(body, "ids");
    struct org_user user;
    if (org && body && json_is_array(ids) && org_find_user(org, SANDBOX_ADMIN, &user))
        reply_json(rp, 200, json_pack("{s:i}", "undeleted", org_undelete(org, &user, ids)));
    else
        reply_problem(rp, 400, "Bad Request", why[0] ? why : "ids is a list of ids");
    json_decref(body);
}

/* How slowly the orgs answer; model.h has the form. GET says what the model of the org that ?org= names has done. */
void control_model(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[256] = "";
    if (strcmp(rq->method, "GET") == 0) {
        int number = query_org_number(rq);
        if (number < 0)
            reply_problem(rp, 400, "Bad Request", "org is none of sandbox, partner, third");
        else
            reply_json(rp, 200, model_state(s->models[number]));
        return;
    }
    json_t *spec = request_object(rq, why, sizeof why);
    bool ok = spec != NULL;
    char *one = request_query(rq, "org");
    int number = one ? query_org_number(rq) : -1;
    if (ok && one && number < 0) {
        snprintf(why, sizeof why, "org is none of sandbox, partner, third");
        ok = false;
    }
    for (int i = 0; ok && i < SANDBOX_ORGS; i++)
        ok = (one && i != number) || model_set(s->models[i], spec, why, sizeof why);
    free(one);
    json_decref(spec);
    if (ok)
        done(rp);
    else
        reply_problem(rp, 400, "Not a model of an org", why);
}

/* What the orgs have passed on, each with the name of its org; of one when ?org= names it. */
static void messages(struct sandbox *s, const struct request *rq, enum org_message kind, struct reply *rp)
{
    char *name = request_query(rq, "org");
    json_t *all = json_array(), *row;
    size_t k;
    for (int i = 0; i < SANDBOX_ORGS; i++) {
        if (name && strcmp(name, sandbox_org_name(i)) != 0)
            continue;
        json_t *of_org = org_messages(sandbox_org(s, i), kind);
        json_array_foreach (of_org, k, row)
            json_object_set_new(row, "org", json_string(sandbox_org_name(i)));
        json_array_extend(all, of_org);
        json_decref(of_org);
    }
    free(name);
    reply_json(rp, 200, all);
}

void control_notifications(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    messages(s, rq, ORG_NOTIFICATIONS, rp);
}

void control_events(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    messages(s, rq, ORG_EVENTS, rp);
}

/* Registers or replaces a connected app; apps.h has the form. */
void control_apps(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[256] = "";
    json_t *spec = request_object(rq, why, sizeof why);
    if (spec && apps_set(s->apps, spec, why, sizeof why))
        done(rp);
    else
        reply_problem(rp, 400, "Not a connected app", why);
    json_decref(spec);
}

/* {"ms": 1767225600000} stops the org's clock there; {"ms": 0} lets it run again. */
void control_clock(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    char why[256] = "ms is not a number of milliseconds since 1970";
    json_t *body = request_object(rq, why, sizeof why);
    const json_t *ms = json_object_get(body, "ms");
    if (json_is_integer(ms) && json_integer_value(ms) >= 0) {
        for (int i = 0; i < SANDBOX_ORGS; i++)
            org_set_clock(sandbox_org(s, i), json_integer_value(ms));
        done(rp);
    } else {
        reply_problem(rp, 400, "Bad Request", why);
    }
    json_decref(body);
}

/* Takes {"pubsub": ...} out of what was sent, one fault or a list of them: into `events`, the rest stays. */
static json_t *part_faults(json_t *sent, json_t *events)
{
    json_t *rest = json_array(), *list = json_is_array(sent) ? json_incref(sent) : json_pack("[O]", sent), *one;
    size_t i;
    json_array_foreach (list, i, one) {
        json_t *spec = json_object_get(one, "pubsub");
        json_array_append(spec && json_object_size(one) == 1 ? events : rest,
                          spec && json_object_size(one) == 1 ? spec : one);
    }
    json_decref(list);
    return rest;
}

static bool take_faults(struct sandbox *s, json_t *sent, char *why, size_t why_size)
{
    json_t *events = json_array(), *rest = part_faults(sent, events), *one;
    bool ok = true;
    size_t i;
    json_array_foreach (events, i, one)
        ok = ok && pubsub_fits(one, why, why_size);
    ok = ok && faults_add(s->faults, rest, why, why_size);
    json_array_foreach (events, i, one)
        ok = ok && pubsub_fault(s->pubsub, one, why, why_size);
    json_decref(rest);
    json_decref(events);
    return ok;
}

static json_t *all_faults(struct sandbox *s)
{
    json_t *all = faults_list(s->faults);
    pubsub_faults(s->pubsub, json_object_get(all, "faults"));
    return all;
}

/* Programmed faults of whole answers, faults.h has their form; those of the Pub/Sub API are in strikes.h and knobs.h.
 */
void control_faults(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (strcmp(rq->method, "DELETE") == 0) {
        faults_clear(s->faults);
        pubsub_forget(s->pubsub);
        reply_empty(rp, 204);
        return;
    }
    if (strcmp(rq->method, "GET") == 0) {
        reply_json(rp, 200, all_faults(s));
        return;
    }
    char why[256] = "the body is not JSON";
    json_t *spec = json_loadb(rq->body ? rq->body : "", rq->body_n, JSON_REJECT_DUPLICATES, NULL);
    if (spec && take_faults(s, spec, why, sizeof why))
        reply_json(rp, 200, all_faults(s));
    else
        reply_problem(rp, 400, "Not a fault", why);
    json_decref(spec);
}

/* What was called: ?path=<prefix>&method=&limit=. */
void control_log(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (strcmp(rq->method, "DELETE") == 0) {
        calls_clear(s->calls);
        reply_empty(rp, 204);
        return;
    }
    char *path = request_query(rq, "path"), *method = request_query(rq, "method");
    char *limit = request_query(rq, "limit");
    reply_json(rp, 200, calls_list(s->calls, path, method, limit ? (int)strtol(limit, NULL, 10) : -1));
    free(path);
    free(method);
    free(limit);
}
