/* page_visit.c - the way of a request for a page of people: a form in, a question to the jobs process, the page out. */
#include "runtime/pages/visit.h"

#include <stdlib.h>
#include <time.h>

#include "runtime/base/system.h"
#include "runtime/web/exchange_parts.h"
#include "runtime/web/streams.h"

static enum exchange_step answer(struct exchange *x)
{
    struct visit_answer *a = visit_answer(x->visit);
    if (a->err.status) {
        exchange_answer_error(x, &a->err);
        return EXCHANGE_ANSWER;
    }
    if (a->stream && (x->shared->draining || x->shared->streams >= STREAMS_MAX)) {
        struct err e;
        err_set(&e, 503, "busy",
                "So many pages are open that this one is not live. It shows how things stand all the same.");
        e.retry_after_s = 30;
        exchange_answer_error(x, &e);
        return EXCHANGE_ANSWER;
    }
    x->answer = (struct exchange_answer){ .status = a->status,
                                          .content_type = a->content_type,
                                          .policy = visit_policy,
                                          .location = a->location[0] ? a->location : NULL,
                                          .cookie = a->cookie[0] ? a->cookie : NULL,
                                          .disposition = a->disposition[0] ? a->disposition : NULL,
                                          .retry_after_s = a->retry_after_s,
                                          .fixed = a->fixed,
                                          .n = a->n,
                                          .personal = !a->fixed,
                                          .stream = a->stream };
    if (!a->fixed && a->body.n)
        x->answer.body = buf_take(&a->body, &x->answer.n);
    x->answered = true;
    return EXCHANGE_ANSWER;
}

static enum exchange_step go_on(struct exchange *x, enum visit_step step);

static void on_answer(void *ctx, const struct message_job_answer *a)
{
    struct exchange *x = ctx;
    x->parked = 0;
    if (go_on(x, visit_heard(x->visit, a)) == EXCHANGE_ANSWER)
        exchange_wait_over(x);
}

static enum exchange_step ask(struct exchange *x)
{
    static const struct message_job_answer away = { .status = 503 };
    struct message_job_question q;
    struct err e;
    visit_question(x->visit, &q);
    q.request_id = span_of(x->request_id);
    x->next = NEXT_NOTHING;
    x->waiting = job_link_ask(x->shared->jobs, &q, JOB_LINK_ANSWER_MS, on_answer, x, &x->parked, &e);
    return x->waiting ? EXCHANGE_WAIT : go_on(x, visit_heard(x->visit, &away));
}

static void on_called(void *ctx, const struct pool_reply *r)
{
    struct exchange *x = ctx;
    x->org_calls += r->org_calls;
    int status = r->err.status ? r->err.status : r->status;
    if (go_on(x, visit_called(x->visit, status, r->body, clock_ms())) == EXCHANGE_ANSWER)
        exchange_wait_over(x);
}

/* Calls an action as a page of the host's own: without a user, with every connection. */
static enum exchange_step call(struct exchange *x)
{
    static const struct span nothing = { "", 0 };
    struct span operation, body;
    struct err e = { 0 };
    visit_call(x->visit, &operation, &body);
    const struct pool_call c = { .action = declaration_find(x->shared->declarations, operation),
                                 .request_id = span_of(x->request_id),
                                 .traceparent = span_of(x->traceparent),
                                 .page = true,
                                 .body = body,
                                 .deadline_ms = clock_ms() + VISIT_CALL_MS,
                                 .now = (int64_t)time(NULL) };
    x->next = NEXT_NOTHING;
    x->waiting = c.action && pool_submit(x->shared->pool, &c, on_called, x, &e);
    return x->waiting ? EXCHANGE_WAIT : go_on(x, visit_called(x->visit, c.action ? 503 : 404, nothing, clock_ms()));
}

static enum exchange_step go_on(struct exchange *x, enum visit_step step)
{
    if (step == VISIT_CALL)
        return call(x);
    return step == VISIT_ASK ? ask(x) : step == VISIT_READ ? EXCHANGE_READ : answer(x);
}

static bool is_form(const struct guard_result *g)
{
    struct span rest = g->content_type, type;
    return !g->has_body ||
           (span_split(&rest, ';', &type) && span_eq_nocase(span_trim(type), "application/x-www-form-urlencoded"));
}

enum exchange_step exchange_visit(struct exchange *x)
{
    const struct guard_result *g = &x->guard;
    const struct visit_request r = { .post = g->method == GUARD_POST,
                                     .path = g->path,
                                     .query = g->query,
                                     .cookie = g->cookie,
                                     .host = g->host,
                                     .origin = g->origin,
                                     .fetch_site = g->fetch_site,
                                     .forwarded_for = g->forwarded_for,
                                     .peer = x->peer,
                                     .now_ms = clock_ms(),
                                     .unix_s = (int64_t)time(NULL) };
    enum visit_step step = VISIT_ANSWER;
    struct err e;
    x->body_max = VISIT_BODY_MAX;
    if (g->method == GUARD_OTHER) {
        x->answer.allow = "GET, HEAD, POST";
        err_set(&e, 405, "method_not_allowed", "Use GET or POST for this path.");
        return exchange_turn_down(x, &e);
    }
    if (!is_form(g) || g->content_length > VISIT_BODY_MAX) {
        err_set(&e, 415, "unsupported_media_type",
                "Send the form as application/x-www-form-urlencoded, 4 KiB at most.");
        return exchange_turn_down(x, &e);
    }
    x->visit = visit_new(x->shared->visits, &r, &step);
    if (!x->visit) {
        err_set(&e, 503, "busy", "The host has no memory left. Try again in a moment.");
        return exchange_turn_down(x, &e);
    }
    enum exchange_step next = go_on(x, step);
    return next == EXCHANGE_ANSWER ? exchange_skip_body(x) : next;
}

enum exchange_step exchange_visit_body(struct exchange *x)
{
    const struct span form = { x->body.p ? x->body.p : "", x->body.n };
    enum visit_step step = visit_body(x->visit, form);
    buf_wipe(&x->body);
    return go_on(x, step);
}
