/* addon.c - requests to the add-on and what their answers mean. */
#include "runtime/addon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/breaker.h"
#include "runtime/log.h"

enum { AUTHORIZATION_MAX = 64 * 1024, RETRY_S = 5, OPEN_AFTER = 5, PROBE_MS = 1000 };

struct waiter {
    addon_org_fn *done;
    void *ctx;
    struct waiter *next;
};

/* A named authorization: what is known of it, and who waits for it. */
struct authorization {
    struct addon *owner;
    struct sf_org org;
    bool known, fetching;
    struct waiter *waiters;
    struct authorization *next;
};

struct addon {
    struct fetcher *fetcher;
    struct breaker breaker;
    int timeout_ms;
    char *verify_url, *data_action_url, *authorization_url;
    char *bearer, *app_uuid;
    struct curl_slist *post_headers, *get_headers;
    struct authorization *authorizations;
};

static char *joined(const char *a, const char *b)
{
    char *s = NULL;
    return asprintf(&s, "%s%s", a, b) < 0 ? NULL : s;
}

struct addon *addon_new(struct fetcher *f, const struct config *c)
{
    struct addon *a = calloc(1, sizeof *a);
    char *base = strdup(c->addon_url ? c->addon_url : "");
    if (!a || !base)
        abort();
    for (size_t n = strlen(base); n && base[n - 1] == '/'; n--)
        base[n - 1] = '\0';
    a->fetcher = f;
    a->timeout_ms = c->addon_timeout_ms;
    breaker_init(&a->breaker, OPEN_AFTER, PROBE_MS);
    a->verify_url = joined(base, "/invocations/authentication");
    a->data_action_url = joined(base, "/data_action_targets/authenticate");
    a->authorization_url = joined(base, "/authorizations/");
    a->bearer = joined("Authorization: Bearer ", c->addon_token ? c->addon_token : "");
    a->app_uuid = joined("X-App-UUID: ", c->app_id ? c->app_id : "");
    a->post_headers = curl_slist_append(NULL, "Content-Type: application/json");
    a->post_headers = curl_slist_append(a->post_headers, a->bearer);
    a->post_headers = curl_slist_append(a->post_headers, "Expect:");
    a->get_headers = curl_slist_append(NULL, "Content-Type: application/json");
    a->get_headers = curl_slist_append(a->get_headers, a->bearer);
    a->get_headers = curl_slist_append(a->get_headers, a->app_uuid);
    free(base);
    return a;
}

void addon_free(struct addon *a)
{
    if (!a)
        return;
    for (struct authorization *n, *x = a->authorizations; x; x = n) {
        n = x->next;
        bytes_wipe(&x->org, sizeof x->org);
        for (struct waiter *w; (w = x->waiters);) {
            x->waiters = w->next;
            free(w);
        }
        free(x);
    }
    curl_slist_free_all(a->post_headers);
    curl_slist_free_all(a->get_headers);
    bytes_wipe(a->bearer, strlen(a->bearer));
    free(a->bearer);
    free(a->app_uuid);
    free(a->verify_url);
    free(a->data_action_url);
    free(a->authorization_url);
    free(a);
}

bool addon_available(const struct addon *a)
{
    return !a->breaker.open;
}

static void unavailable(struct err *e)
{
    err_set(e, 503, "addon_unavailable",
            "The AppLink add-on could not confirm this invocation. Try again in a moment.");
    e->retry_after_s = RETRY_S;
}

/* What an answer of the two authenticate calls means. */
static void judge(struct addon *a, const struct fetch_result *r, struct err *e)
{
    *e = (struct err){ 0 };
    breaker_report(&a->breaker, !r->failure, clock_ms());
    if (r->failure)
        log_event(LOG_WARN, "addon-failed", "reason", r->failure, NULL);
    if (r->status == 200)
        return;
    bool refused = r->status >= 400 && r->status < 500 && r->status != 408 && r->status != 429;
    if (refused) {
        err_set(e, 403, "forbidden",
                "The AppLink add-on refused this invocation. Check that this app is connected to the org "
                "and published there.");
        return;
    }
    if (!r->failure) {
        char status[16];
        snprintf(status, sizeof status, "%d", r->status);
        log_event(LOG_WARN, "addon-unclear", "status", status, NULL);
    }
    unavailable(e);
}

struct ask {
    struct addon *addon;
    addon_verdict_fn *done;
    void *ctx;
};

static void on_verdict(void *ctx, const struct fetch_result *r)
{
    struct ask *ask = ctx;
    struct err e;
    judge(ask->addon, r, &e);
    ask->done(ask->ctx, &e);
    free(ask);
}

/* Posts `body` (freed here) for a verdict; answers at once when the breaker is open. */
static void post(struct addon *a, const char *url, struct buf *body, struct span request_id, addon_verdict_fn *done,
                 void *ctx)
{
    struct err e = { 0 };
    char header[300];
    struct ask *ask = malloc(sizeof *ask);
    bool started = false;
    if (ask && !body->failed && breaker_allow(&a->breaker, clock_ms())) {
        *ask = (struct ask){ a, done, ctx };
        snprintf(header, sizeof header, "REQUEST_ID: %.*s", (int)request_id.n, request_id.p);
        const struct fetch_request r = { .url = url,
                                         .body = body->p,
                                         .body_n = body->n,
                                         .headers = a->post_headers,
                                         .header = header,
                                         .timeout_ms = a->timeout_ms,
                                         .ignore_body = true };
        started = fetcher_start(a->fetcher, &r, on_verdict, ask);
        if (!started)
            breaker_report(&a->breaker, false, clock_ms());
    }
    if (body->failed) {
        err_set(&e, 400, "invalid_body", "The body is not UTF-8 text.");
    } else {
        unavailable(&e);
    }
    buf_wipe(body);
    buf_free(body);
    if (!started) {
        free(ask);
        done(ctx, &e);
    }
}

static void member(struct buf *b, const char *name, struct span value)
{
    buf_char(b, b->n == 0 ? '{' : ',');
    buf_fmt(b, "\"%s\":", name);
    buf_json_string(b, value);
}

void addon_authenticate(struct addon *a, const struct addon_invocation *i, addon_verdict_fn *done, void *ctx)
{
    struct buf body;
    buf_init(&body, 64 * 1024);
    member(&body, "org_domain_url", i->org_domain_url);
    member(&body, "core_jwt_token", i->core_jwt);
    member(&body, "org_id", i->org_id);
    member(&body, "app_uuid", i->app_uuid);
    buf_char(&body, '}');
    post(a, a->verify_url, &body, i->request_id, done, ctx);
}

void addon_authenticate_data_action(struct addon *a, const struct addon_data_action *d, addon_verdict_fn *done,
                                    void *ctx)
{
    struct buf body;
    buf_init(&body, 6 * LIMIT_DATA_ACTION_BODY + 4096); /* \u00xx is six bytes for one */
    member(&body, "api_name", d->api_name);
    member(&body, "org_id", d->org_id);
    member(&body, "signature", d->signature);
    member(&body, "payload", d->payload);
    buf_char(&body, '}');
    post(a, a->data_action_url, &body, d->request_id, done, ctx);
}

/* ---- is it there? ---- */

static void on_warm(void *ctx, const struct fetch_result *r)
{
    (void)ctx;
    (void)r;
}

static void on_probe(void *ctx, const struct fetch_result *r)
{
    struct addon *a = ctx;
    breaker_report(&a->breaker, !r->failure, clock_ms());
    log_event(r->failure ? LOG_WARN : LOG_INFO, "addon-probed", "reason", r->failure, NULL);
}

/* Any answer will do. */
static bool knock(struct addon *a, fetch_done_fn *done)
{
    const struct fetch_request r = {
        .url = a->authorization_url, .headers = a->get_headers, .timeout_ms = a->timeout_ms, .ignore_body = true
    };
    return fetcher_start(a->fetcher, &r, done, a);
}

void addon_warm(struct addon *a)
{
    if (!knock(a, on_warm))
        log_event(LOG_WARN, "addon-warm-failed", NULL);
}

void addon_work(struct addon *a, int64_t now_ms)
{
    if (a->breaker.open && breaker_allow(&a->breaker, now_ms) && !knock(a, on_probe))
        log_event(LOG_WARN, "addon-probe-failed", NULL);
}

int addon_timeout_ms(const struct addon *a, int64_t now_ms)
{
    if (!a->breaker.open)
        return -1;
    return a->breaker.next_probe_ms > now_ms ? (int)(a->breaker.next_probe_ms - now_ms) : 0;
}

/* ---- named authorizations ---- */

static bool text_of(const json_t *o, const char *key, char *out, size_t size)
{
    const char *s = json_string_value(json_object_get(o, key));
    if (!s || !*s || strlen(s) >= size)
        return false;
    copy_text(out, size, s);
    return true;
}

/* *org keeps the authorization's name, by which it is found again. */
static bool read_org(struct span body, struct sf_org *org)
{
    json_t *j = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *o = json_object_get(j, "org"), *user = json_object_get(o, "user_auth");
    char version[16] = "", name[sizeof org->authorization];
    copy_text(name, sizeof name, org->authorization);
    *org = (struct sf_org){ 0 };
    bool ok = text_of(o, "id", org->id, sizeof org->id) && text_of(o, "instance_url", org->url, sizeof org->url) &&
              text_of(o, "api_version", version, sizeof version) &&
              text_of(user, "access_token", org->token, sizeof org->token);
    copy_text(org->api_version, sizeof org->api_version, version[0] == 'v' ? version + 1 : version);
    (void)text_of(user, "user_id", org->user_id, sizeof org->user_id);
    (void)text_of(user, "username", org->username, sizeof org->username);
    for (size_t n = strlen(org->url); n && org->url[n - 1] == '/'; n--)
        org->url[n - 1] = '\0';
    copy_text(org->authorization, sizeof org->authorization, name);
    json_decref(j);
    return ok;
}

static void not_authorized(const struct fetch_result *r, const char *name, struct err *e)
{
    json_t *j = r->status ? json_loadb(r->body.p, r->body.n, 0, NULL) : NULL;
    const char *title = json_string_value(json_object_get(j, "title")),
               *detail = json_string_value(json_object_get(j, "detail"));
    if (r->status == 0)
        err_set(e, 503, "addon_unavailable", "The AppLink add-on did not answer for authorization %s (%s).", name,
                r->failure);
    else if (title)
        err_set(e, 502, "authorization_failed", "%s - %s", title, detail ? detail : "");
    else
        err_set(e, 502, "authorization_failed", "Unable to get connection %s: HTTP Error Response: %d", name,
                r->status);
    json_decref(j);
}

static void on_authorization(void *ctx, const struct fetch_result *r)
{
    struct authorization *x = ctx;
    struct err e = { 0 };
    breaker_report(&x->owner->breaker, !r->failure, clock_ms());
    x->known = r->status == 200 && read_org(r->body, &x->org);
    if (!x->known && r->status == 200)
        err_set(&e, 502, "authorization_failed", "The add-on's answer for authorization %s is not complete.",
                x->org.authorization);
    else if (!x->known)
        not_authorized(r, x->org.authorization, &e);
    x->fetching = false;
    struct waiter *list = x->waiters;
    x->waiters = NULL;
    while (list) {
        struct waiter *w = list;
        list = w->next;
        w->done(w->ctx, x->known ? &x->org : NULL, &e);
        free(w);
    }
}

static struct authorization *find(struct addon *a, const char *name)
{
    for (struct authorization *x = a->authorizations; x; x = x->next)
        if (strcmp(x->org.authorization, name) == 0)
            return x;
    return NULL;
}

/* A developer name of an authorization; anything else would reach into the add-on's URL. */
static bool name_ok(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n <= 80 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static bool fetch(struct addon *a, struct authorization *x)
{
    char url[1024], header[64] = "X-Request-Id: ";
    if (!breaker_allow(&a->breaker, clock_ms()))
        return false;
    uuid_make(header + strlen(header)); /* one of its own, as several invocations may wait for it */
    int n = snprintf(url, sizeof url, "%s%s", a->authorization_url, x->org.authorization);
    const struct fetch_request r = {
        .url = url, .headers = a->get_headers, .header = header, .timeout_ms = a->timeout_ms, .max = AUTHORIZATION_MAX
    };
    if (n <= 0 || (size_t)n >= sizeof url || !fetcher_start(a->fetcher, &r, on_authorization, x))
        return false;
    x->fetching = true;
    return true;
}

void addon_authorization(struct addon *a, const char *name, const char *stale, addon_org_fn *done, void *ctx)
{
    struct err e = { 0 };
    struct authorization *x = find(a, name);
    if (x && x->known && !x->fetching && strcmp(x->org.token, stale) != 0) {
        done(ctx, &x->org, &e);
        return;
    }
    if (!x && name_ok(name) && (x = calloc(1, sizeof *x))) {
        x->owner = a;
        copy_text(x->org.authorization, sizeof x->org.authorization, name);
        x->next = a->authorizations;
        a->authorizations = x;
    }
    struct waiter *w = x ? malloc(sizeof *w) : NULL;
    if (!w || (!x->fetching && !fetch(a, x))) {
        free(w);
        if (!name_ok(name))
            err_set(&e, 500, "authorization_failed", "Developer name not provided, or not a developer name.");
        else
            unavailable(&e);
        done(ctx, NULL, &e);
        return;
    }
    *w = (struct waiter){ done, ctx, x->waiters };
    x->waiters = w;
}
