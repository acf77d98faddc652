/* addon.c - requests to the add-on and what their answers mean. */
#include "runtime/auth/addon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/limits.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/net/breaker.h"

enum { AUTHORIZATION_MAX = 64 * 1024, OPEN_AFTER = 5, PROBE_MS = 1000 };

/* A question to the add-on and who waits for its answer. */
struct ask {
    struct addon *addon;
    bool stranger; /* what it carries was written by somebody who is not known yet */
    addon_verdict_fn *done;
    void *ctx;
    struct ask **link, *next; /* of those that are open */
};

struct addon {
    struct fetcher *fetcher;
    struct ask *open;
    struct breaker breaker;
    bool doubted; /* a stranger's question was not answered; ours follows, one a second at most */
    int64_t next_doubt_ms;
    int timeout_ms;
    char *verify_url, *data_action_url, *authorization_url;
    struct curl_slist *post_headers, *get_headers;
};

/* At a start without memory there is nothing to go on with. */
static char *joined(struct span a, const char *b)
{
    char *s = NULL;
    if (asprintf(&s, "%.*s%s", (int)a.n, a.n ? a.p : "", b) < 0)
        abort();
    return s;
}

static void make_headers(struct addon *a, const struct config *c)
{
    char *bearer = joined(span_of("Authorization: Bearer "), c->addon_token ? c->addon_token : "");
    char *app_uuid = joined(span_of("X-App-UUID: "), c->app_id ? c->app_id : "");
    a->post_headers = http_headers((const char *const[]){ "Content-Type: application/json", bearer, "Expect:", NULL });
    a->get_headers = http_headers((const char *const[]){ "Content-Type: application/json", bearer, app_uuid, NULL });
    if (!a->post_headers || !a->get_headers)
        abort();
    bytes_wipe(bearer, strlen(bearer));
    free(bearer);
    free(app_uuid);
}

struct addon *addon_new(struct fetcher *f, const struct config *c)
{
    struct addon *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    a->fetcher = f;
    a->timeout_ms = c->addon_timeout_ms;
    breaker_init(&a->breaker, OPEN_AFTER, PROBE_MS);
    a->verify_url = joined(c->addon_url, "/invocations/authentication");
    a->data_action_url = joined(c->addon_url, "/data_action_targets/authenticate");
    a->authorization_url = joined(c->addon_url, "/authorizations/");
    make_headers(a, c);
    return a;
}

void addon_free(struct addon *a)
{
    if (!a)
        return;
    for (struct ask *next, *ask = a->open; ask; ask = next) {
        next = ask->next;
        free(ask);
    }
    http_headers_free(a->post_headers);
    http_headers_free(a->get_headers);
    free(a->verify_url);
    free(a->data_action_url);
    free(a->authorization_url);
    free(a);
}

bool addon_available(const struct addon *a)
{
    return !a->breaker.open;
}

bool addon_unavailable(struct err *e)
{
    err_set(e, 503, "addon_unavailable",
            "The AppLink add-on could not confirm this invocation. Try again in a moment.");
    e->retry_after_s = ADDON_RETRY_S;
    return false;
}

/*
 * A stranger's body may be one that the add-on, or what stands before it, does not like: five of them must not shut the
 * breaker that every caller shares. So silence after such a question is only a doubt, and a question of our own
 * decides.
 */
static void hear(struct addon *a, bool stranger, const struct fetch_result *r)
{
    bool reached = r->failure != HTTP_RESOLVE && r->failure != HTTP_CONNECT && r->failure != HTTP_TLS;
    if (r->failure && stranger && reached)
        a->doubted = true;
    else
        addon_heard(a, r);
}

/* What an answer of the two authenticate calls means. */
static void judge(const struct ask *ask, const struct fetch_result *r, struct err *e)
{
    *e = (struct err){ 0 };
    hear(ask->addon, ask->stranger, r);
    if (r->failure)
        log_event(LOG_WARN, "addon-failed", "reason", http_failure_word(r->failure), "detail", r->detail, NULL);
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
    addon_unavailable(e);
}

static void open_ask(struct ask *ask)
{
    struct ask **list = &ask->addon->open;
    ask->link = list;
    ask->next = *list;
    if (ask->next)
        ask->next->link = &ask->next;
    *list = ask;
}

static void close_ask(struct ask *ask)
{
    *ask->link = ask->next;
    if (ask->next)
        ask->next->link = ask->link;
}

static void on_verdict(void *ctx, const struct fetch_result *r)
{
    struct ask *ask = ctx;
    struct err e;
    close_ask(ask);
    judge(ask, r, &e);
    ask->done(ask->ctx, &e);
    free(ask);
}

/* Sends `body`, whose memory is freed in any case, and answers later; at once when nothing could be sent. */
static void post(struct ask question, const char *url, struct buf *body, struct span request_id)
{
    struct addon *a = question.addon;
    struct err e = { 0 };
    char header[300];
    struct ask *ask = malloc(sizeof *ask);
    bool started = false;
    if (ask && !body->failed) {
        *ask = question;
        snprintf(header, sizeof header, "REQUEST_ID: %.*s", (int)request_id.n, request_id.p);
        const struct fetch_request r = { .url = url,
                                         .body = body,
                                         .headers = a->post_headers,
                                         .header = header,
                                         .timeout_ms = a->timeout_ms,
                                         .ignore_body = true };
        started = fetcher_start(a->fetcher, &r, on_verdict, ask);
    }
    buf_wipe(body);
    buf_free(body);
    if (started) {
        open_ask(ask);
    } else { /* no memory, here or in libcurl, which says nothing about the add-on */
        free(ask);
        addon_unavailable(&e);
        question.done(question.ctx, &e);
    }
}

/* Nothing is written that could not be sent. True: the question may be asked. */
static bool may_ask(struct addon *a, bool stranger, addon_verdict_fn *done, void *ctx)
{
    /* while the breaker is open the next second's question is one of a caller who is known, or of our own */
    if (stranger ? !a->breaker.open : breaker_allow(&a->breaker, clock_ms()))
        return true;
    struct err e = { 0 };
    addon_unavailable(&e);
    done(ctx, &e);
    return false;
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
    if (!may_ask(a, false, done, ctx))
        return;
    buf_init(&body, 64 * 1024);
    member(&body, "org_domain_url", i->org_domain_url);
    member(&body, "core_jwt_token", i->core_jwt);
    member(&body, "org_id", i->org_id);
    member(&body, "app_uuid", i->app_uuid);
    buf_char(&body, '}');
    post((struct ask){ .addon = a, .done = done, .ctx = ctx }, a->verify_url, &body, i->request_id);
}

void addon_authenticate_data_action(struct addon *a, const struct addon_data_action *d, addon_verdict_fn *done,
                                    void *ctx)
{
    struct buf body;
    if (!may_ask(a, true, done, ctx))
        return;
    buf_init(&body, ADDON_ESCAPED * LIMIT_DATA_ACTION_BODY + 4096);
    member(&body, "api_name", d->api_name);
    member(&body, "org_id", d->org_id);
    member(&body, "signature", d->signature);
    member(&body, "payload", d->payload);
    buf_char(&body, '}');
    post((struct ask){ .addon = a, .stranger = true, .done = done, .ctx = ctx }, a->data_action_url, &body,
         d->request_id);
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
    addon_heard(a, r);
    log_event(r->failure ? LOG_WARN : LOG_INFO, "addon-probed", "reason", http_failure_word(r->failure), "detail",
              r->detail, NULL);
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
    bool ask = a->breaker.open ? breaker_allow(&a->breaker, now_ms) : a->doubted && now_ms >= a->next_doubt_ms;
    if (!ask)
        return;
    a->doubted = false;
    a->next_doubt_ms = now_ms + PROBE_MS;
    if (!knock(a, on_probe))
        log_event(LOG_WARN, "addon-probe-failed", NULL);
}

int addon_timeout_ms(const struct addon *a, int64_t now_ms)
{
    if (!a->breaker.open)
        return a->doubted ? ms_until(a->next_doubt_ms, now_ms) : -1;
    return ms_until(a->breaker.next_probe_ms, now_ms);
}

/* ---- the token of a named authorization ---- */

bool addon_fetch_authorization(struct addon *a, const char *name, fetch_done_fn *done, void *ctx)
{
    char url[1024], header[64] = "X-Request-Id: ";
    if (!breaker_allow(&a->breaker, clock_ms()))
        return false;
    uuid_make(header + strlen(header)); /* one of its own, as several invocations may wait for it */
    int n = snprintf(url, sizeof url, "%s%s", a->authorization_url, name);
    const struct fetch_request r = {
        .url = url, .headers = a->get_headers, .header = header, .timeout_ms = a->timeout_ms, .max = AUTHORIZATION_MAX
    };
    return n > 0 && (size_t)n < sizeof url && fetcher_start(a->fetcher, &r, done, ctx);
}

void addon_heard(struct addon *a, const struct fetch_result *r)
{
    breaker_report(&a->breaker, !r->failure, clock_ms());
}
