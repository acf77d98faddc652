/* pages.c - what the host shows of itself. */
#include "runtime/web/pages.h"

#include <string.h>

#include "runtime/web/connections.h"
#include "runtime/web/docs_page.h"

static void answer_text(struct exchange_answer *a, const char *type, struct buf *text)
{
    *a = (struct exchange_answer){ .status = 200, .content_type = type };
    a->body = buf_take(text, &a->n);
}

static void answer_status(struct exchange_answer *a, const char *status)
{
    struct buf text;
    buf_init(&text, 100);
    buf_fmt(&text, "{\"status\":\"%s\"}", status);
    answer_text(a, "application/json", &text);
}

static void page_health(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *a,
                        struct err *e)
{
    (void)s, (void)request, (void)e;
    answer_status(a, "ok");
}

static void page_ready(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *a,
                       struct err *e)
{
    (void)request;
    if (s->draining)
        err_set(e, 503, "draining", "The host is stopping and takes no new calls.");
    else if (pool_ready(s->pool) == 0)
        err_set(e, 503, "no_worker",
                "No worker is ready yet. If this lasts, the log says why their actions do not start.");
    else if (!addon_available(s->addon) && s->config->auth != AUTH_JWKS)
        err_set(e, 503, "addon_unavailable",
                "The AppLink add-on does not answer, so no invocation can be authenticated.");
    else if (s->verify && !verify_ready(s->verify))
        err_set(e, 503, "keys_unavailable", "There are no keys to verify invocations with.");
    else if (pool_full(s->pool))
        err_set(e, 503, "busy", "The queue is full.");
    else
        answer_status(a, "ready");
}

static void page_openapi(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *a,
                         struct err *e)
{
    (void)request, (void)e;
    *a = (struct exchange_answer){
        .status = 200, .content_type = "application/json", .fixed = s->openapi.p, .n = s->openapi.n
    };
}

/* Where a browser that was given the host's address alone wants to go. */
static void page_root(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *a,
                      struct err *e)
{
    (void)s, (void)request, (void)e;
    *a = (struct exchange_answer){ .status = 302, .location = "/docs", .fixed = "", .n = 0 };
}

static bool bearer_is(struct span header, const char *token)
{
    size_t n = token ? strlen(token) : 0;
    return n > 0 && header.n == n + 7 && strncmp(header.p, "Bearer ", 7) == 0 && bytes_equal(header.p + 7, token, n);
}

static void page_metrics(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *a,
                         struct err *e)
{
    struct buf text;
    if (!bearer_is(request->authorization, s->config->metrics_token)) {
        err_set(e, 401, "unauthorized", "Send Authorization: Bearer with the METRICS_TOKEN of this app.");
        return;
    }
    const struct metrics_now now = { .workers_ready = pool_ready(s->pool),
                                     .workers_wanted = pool_wanted(s->pool),
                                     .calls_running = pool_running(s->pool),
                                     .calls_waiting = pool_waiting(s->pool),
                                     .in_flight = s->in_flight,
                                     .live = s->live,
                                     .connections = s->conns ? conns_open(s->conns) : 0,
                                     .addon_available = addon_available(s->addon),
                                     .draining = s->draining,
                                     .body_bytes = s->body_bytes,
                                     .replay_keys = replay_count(s->replay) };
    buf_init(&text, 8 * 1024 * 1024);
    if (metrics_write(s->metrics, &now, &text)) {
        answer_text(a, "text/plain; version=0.0.4; charset=utf-8", &text);
        a->with_jobs = s->jobs != NULL;
    } else {
        buf_free(&text);
        err_set(e, 500, "internal_error", "The metrics do not fit.");
    }
}

static bool always(const struct config *c)
{
    (void)c;
    return true;
}

static bool docs_on(const struct config *c)
{
    return c->docs;
}

static bool metrics_on(const struct config *c)
{
    return c->metrics_token != NULL;
}

static const struct page {
    const char *path;
    bool (*on)(const struct config *c);
    void (*show)(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *a,
                 struct err *e);
} pages[] = {
    { "/healthcheck", always, page_health },    { "/ready", always, page_ready },         { "/", docs_on, page_root },
    { "/openapi.json", docs_on, page_openapi }, { "/metrics", metrics_on, page_metrics },
};

static const struct page *find(const struct exchange_shared *s, const char *path)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(path, pages[i].path) == 0 && pages[i].on(s->config))
            return &pages[i];
    return NULL;
}

bool page_show(const struct exchange_shared *s, const struct guard_result *request, struct exchange_answer *answer,
               struct err *e)
{
    const struct page *page = find(s, request->path);
    struct docs_page file;
    if (!page && !(s->docs && docs_find(s->docs, span_of(request->path), &file)))
        return false;
    if (request->method != GUARD_GET && request->method != GUARD_HEAD) {
        answer->allow = "GET, HEAD";
        err_set(e, 405, "method_not_allowed", "Use GET or HEAD for this path.");
    } else if (page) {
        page->show(s, request, answer, e);
    } else {
        *answer = (struct exchange_answer){ .status = 200,
                                            .content_type = file.content_type,
                                            .policy = file.policy,
                                            .fixed = file.body.p,
                                            .n = file.body.n };
    }
    return true;
}
