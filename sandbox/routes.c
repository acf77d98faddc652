/* routes.c - which part answers which path; programmed faults and the log of calls around all but /sandbox. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/applink/callbacks.h"
#include "sandbox/applink/routes.h"
#include "sandbox/base/system.h"
#include "sandbox/bulk/bulk.h"
#include "sandbox/carbon_provider.h"
#include "sandbox/control.h"
#include "sandbox/http/calls.h"
#include "sandbox/http/faults.h"
#include "sandbox/http/model.h"
#include "sandbox/lenders.h"
#include "sandbox/login/keys.h"
#include "sandbox/login/routes.h"
#include "sandbox/login/sessions.h"
#include "sandbox/price_index.h"
#include "sandbox/sandbox.h"

enum { ORG_HEAD_MAX = 16384 }; /* bytes of address and headers that an org takes */

static void id_keys(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    (void)rq;
    reply_json(rp, 200, keys_jwks(s->keys));
    reply_field(rp, "Cache-Control", "public, max-age=300");
}

/* Whether the request may go to the org, and on whose behalf. The list of versions is for everybody. */
static bool org_caller(struct sandbox *s, const struct request *rq, struct session *who)
{
    const char *token = request_bearer(rq);
    *who = (struct session){ .org = rq->address };
    if (strcmp(rq->path, "/services/data") == 0 || strcmp(rq->path, "/services/data/") == 0)
        return true;
    return token && sessions_find(s->sessions, token, SESSION_ACCESS, who) && who->org == rq->address;
}

/* The list of a version's resources names the caller's identity, which is a path of ours. */
static void add_identity(struct sandbox *s, const struct session *who, const char *path, struct reply *rp)
{
    const char *version = strncmp(path, "/services/data/v", 16) == 0 ? path + 16 : "x";
    size_t n = strspn(version, "0123456789.");
    json_t *list = rp->status == 200 && n && (!version[n] || strcmp(version + n, "/") == 0) && rp->body
                       ? json_loadb(rp->body, rp->body_n, 0, NULL)
                       : NULL;
    if (json_is_object(list)) {
        json_object_set_new(list, "identity",
                            json_sprintf("%s/id/%s/%s", s->urls[who->org], sandbox_org_id(who->org), who->user.id));
        reply_json(rp, 200, json_incref(list));
    }
    json_decref(list);
}

/* False, and nothing is done, when the org has too many long calls at work. */
static bool in_modelled_time(struct model *m, struct org *org, struct org_request *in, struct org_reply *out)
{
    struct model_call paced;
    model_begin(m, &paced);
    if (paced.crowded)
        return false;
    in->pace = (struct org_pace){ paced.ticket, paced.made, paced.seed, paced.lock_rate, model_in_flight, m };
    org_handle(org, in, out);
    model_end(m, &paced, &(struct model_work){ out->pages, out->records, out->statements });
    return true;
}

static void org_route(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    struct session who;
    if (!org_caller(s, rq, &who)) {
        reply_org_error(rp, 401, "INVALID_SESSION_ID", "Session expired or invalid");
        return;
    }
    struct org *org = sandbox_org(s, who.org);
    if (!org) {
        reply_org_error(rp, 500, "UNKNOWN_EXCEPTION", "the org could not be opened");
        return;
    }
    if (bulk_takes(rq->path)) {
        bulk_answer(s, &who, rq, rp);
        return;
    }
    const char *options = request_field(rq, "Sforce-Query-Options"), *type = request_field(rq, "Content-Type"),
               *call_options = request_field(rq, "Sforce-Call-Options");
    char *path = strndup(rq->target, strcspn(rq->target, "?")); /* encoded: an external id may hold a slash */
    const char *host = request_field(rq, "Host");
    struct org_request in = { .method = rq->method,
                              .path = path ? path : "",
                              .query = rq->query,
                              .content_type = type ? type : "",
                              .accept_call_options = options ? options : "",
                              .call_options = call_options,
                              .body = rq->body,
                              .body_n = rq->body_n,
                              .data_host = host && strncmp(host, "localhost", 9) == 0,
                              .user = who.user };
    struct org_reply out = { .status = 0 };
    if (!in_modelled_time(s->models[who.org], org, &in, &out)) {
        reply_crowded(rp);
        free(path);
        return;
    }
    reply_empty(rp, out.status);
    rp->body = out.body;
    rp->body_n = out.body ? out.body_n : 0;
    if (out.content_type[0])
        reply_field(rp, "Content-Type", out.content_type);
    add_identity(s, &who, in.path, rp);
    bulk_limits(s, &who, in.path, rp);
    if (out.location[0])
        reply_field(rp, "Location", out.location);
    if (out.limit_info[0])
        reply_field(rp, "Sforce-Limit-Info", out.limit_info);
    free(path);
}

/* A path ends in "*" when anything may follow. Only the routes of /sandbox are spared faults and log. */
static const struct route {
    const char *methods, *path;
    handler *answer;
} routes[] = {
    { "POST", "/addons/sandbox/invocations/authentication", addon_invocation },
    { "POST", "/addons/sandbox/data_action_targets/authenticate", addon_data_action },
    { "GET", "/addons/sandbox/authorizations/", addon_announce },
    { "GET", "/addons/sandbox/authorizations/*", addon_authorization },
    { "GET", "/id/keys", id_keys },
    { "GET", "/id/*", oauth_identity },
    { "GET", "/.well-known/openid-configuration", oauth_discovery },
    { "POST", "/services/oauth2/token", oauth_token },
    { "POST", "/services/a360/token", data_token },
    { "GET POST", "/api/v2/query", org_route },
    { "GET POST", "/api/v2/query/*", org_route },
    { "GET", "/services/oauth2/authorize", oauth_authorize },
    { "GET POST", "/services/oauth2/userinfo", oauth_userinfo },
    { "GET POST", "/services/oauth2/revoke", oauth_revoke },
    { "POST", "/services/oauth2/introspect", oauth_introspect },
    { "GET", "/lenders/harbor/apr/*", lender_apr },
    { "GET", "/lenders/summit/quotes", lender_quotes },
    { "GET", "/emissions/clearsky/leg", carbon_provider_leg },
    { "GET", "/prices/index", price_index_get },
    { "POST", "/sandbox/apps", control_apps },
    { "POST", "/services/externalservices/callbacks/*", callback_received },
    { "*", "/services/data", org_route },
    { "*", "/services/data/*", org_route },
    { "POST", "/sandbox/invoke/*", invoke_action },
    { "POST", "/sandbox/data-action/*", invoke_data_action },
    { "POST", "/sandbox/sign", sign_request },
    { "GET", "/sandbox/files/*", file_content },
    { "POST", "/sandbox/reset", control_reset },
    { "POST", "/sandbox/expire", control_expire },
    { "GET POST", "/sandbox/settings", control_settings },
    { "GET POST", "/sandbox/data-action-targets", control_targets },
    { "POST", "/sandbox/keys/rotate", control_keys },
    { "POST", "/sandbox/objects", control_objects },
    { "POST", "/sandbox/permissions", control_permissions },
    { "POST DELETE", "/sandbox/record-faults", control_record_faults },
    { "POST", "/sandbox/make", control_make },
    { "POST", "/sandbox/undelete", control_undelete },
    { "GET POST", "/sandbox/callbacks", callbacks_control },
    { "GET", "/sandbox/notifications", control_notifications },
    { "GET", "/sandbox/events", control_events },
    { "GET POST", "/sandbox/model", control_model },
    { "GET POST", "/sandbox/bulk", bulk_control },
    { "POST", "/sandbox/setup", control_setup },
    { "POST", "/sandbox/clock", control_clock },
    { "GET POST DELETE", "/sandbox/faults", control_faults },
    { "GET DELETE", "/sandbox/log", control_log },
};

static bool path_fits(const char *pattern, const char *path)
{
    size_t n = strlen(pattern);
    return pattern[n - 1] == '*' ? strncmp(pattern, path, n - 1) == 0 && path[n - 1] : strcmp(pattern, path) == 0;
}

static bool method_fits(const char *methods, const char *method)
{
    size_t n = strlen(method);
    for (const char *p = methods; *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        if (*p == '*' || (len == n && strncmp(p, method, n) == 0))
            return true;
        p += len;
    }
    return false;
}

/*
 * An org's door takes 16,384 bytes of address and header lines together: 414 when the address alone is longer, else 431
 * (Salesforce's list of API limits). It answers before it knows who calls, and in HTML.
 */
static bool too_long(const struct request *rq, struct reply *rp)
{
    static const char *const doors[] = { "/services/", "/id/" };
    bool org = false;
    for (size_t i = 0; i < sizeof doors / sizeof *doors; i++)
        org = org || strncmp(rq->path, doors[i], strlen(doors[i])) == 0;
    char page[120];
    size_t address = strlen(rq->target), n = address;
    for (int i = 0; i < rq->n_fields; i++)
        n += strlen(rq->fields[i].name) + strlen(": \r\n") + strlen(rq->fields[i].value);
    if (!org || n <= ORG_HEAD_MAX)
        return false;
    bool uri = address > ORG_HEAD_MAX;
    snprintf(page, sizeof page, "<h1>Bad Message %d</h1><pre>reason: %s</pre>", uri ? 414 : 431,
             uri ? "URI Too Long" : "Request Header Fields Too Large");
    reply_bytes(rp, uri ? 414 : 431, "text/html;charset=iso-8859-1", page, strlen(page));
    return true;
}

static void route_answer(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *allowed = NULL;
    if (too_long(rq, rp))
        return;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!path_fits(routes[i].path, rq->path))
            continue;
        if (method_fits(routes[i].methods, rq->method)) {
            routes[i].answer(s, rq, rp);
            return;
        }
        allowed = routes[i].methods;
    }
    if (allowed)
        reply_problem(rp, 405, "Method Not Allowed", allowed);
    else
        reply_problem(rp, 404, "Not Found", "The sandbox has nothing at this path.");
}

static void wait_ms(int ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
    while (ms > 0 && nanosleep(&t, &t) != 0) {
    }
}

/* A page of a foreign origin, or one that made its own name point here, has no business with the sandbox. */
static bool from_here(const struct request *rq)
{
    static const char *const names[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3", "localhost", "[::1]" };
    const char *host = request_field(rq, "Host"), *origin = request_field(rq, "Origin");
    bool host_ok = !host, origin_ok = !origin;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (host && strncmp(host, names[i], n) == 0 && (!host[n] || host[n] == ':'))
            host_ok = true;
        if (origin && strncmp(origin, "http://", 7) == 0 && strncmp(origin + 7, names[i], n) == 0 &&
            (!origin[7 + n] || origin[7 + n] == ':'))
            origin_ok = true;
    }
    return host_ok && origin_ok;
}

/*
 * The docs page of the host, another origin of this machine, may invoke: it asks first (a preflight) and may then read
 * the answer. from_here has already refused any other origin.
 */
static void answer_page(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    const char *origin = request_field(rq, "Origin");
    if (strcmp(rq->method, "OPTIONS") == 0 && origin && request_field(rq, "Access-Control-Request-Method")) {
        reply_empty(rp, 204);
        reply_field(rp, "Access-Control-Allow-Methods", "POST");
        reply_field(rp, "Access-Control-Allow-Headers", "content-type, accept");
    } else {
        route_answer(s, rq, rp);
    }
    if (!origin)
        return;
    reply_field(rp, "Access-Control-Allow-Origin", origin);
    reply_field(rp, "Access-Control-Expose-Headers", "x-request-id");
    reply_field(rp, "Vary", "Origin");
}

void sandbox_answer(struct sandbox *s, const struct request *rq, struct reply *rp)
{
    if (!from_here(rq)) {
        reply_problem(rp, 403, "Forbidden", "The sandbox answers this machine only.");
        return;
    }
    if (strncmp(rq->path, "/sandbox/invoke/", 16) == 0 || strncmp(rq->path, "/sandbox/data-action/", 21) == 0) {
        answer_page(s, rq, rp);
        return;
    }
    if (strncmp(rq->path, "/sandbox/", 9) == 0) {
        route_answer(s, rq, rp);
        return;
    }
    int64_t began_ms = now_ms(), began_us = steady_us();
    struct strike strike;
    bool struck = faults_strike(s->faults, rq, &strike);
    if (struck && !strike.after)
        wait_ms(strike.delay_ms);
    if (!struck || !strike_prevents(&strike))
        route_answer(s, rq, rp);
    if (struck) {
        if (strike.after)
            wait_ms(strike.delay_ms);
        strike_apply(&strike, rq, rp);
    }
    callbacks_note(s, rq, rp);
    calls_note(s->calls, rq, rp, began_ms, steady_us() - began_us, struck);
    if (struck)
        strike_free(&strike);
}
