/* exchange.c - the way of a request. */
#include "runtime/web/exchange_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/auth/claims.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/pages/visit.h"
#include "runtime/web/authentication.h"
#include "runtime/web/pages.h"

enum {
    DISCARD_MAX =
        256 * 1024,       /* a refused body up to here is read to its end, so that the caller surely sees the answer */
    DATA_ACTION_SHARE = 4 /* of the budget of all bodies */
};

/* ---- answers ---- */

enum exchange_step exchange_answer_error(struct exchange *x, const struct err *e)
{
    struct buf out;
    if (x->answered)
        return EXCHANGE_ANSWER;
    buf_init(&out, 16 * 1024);
    err_write(&out, e, x->request_id, NULL);
    x->answer = (struct exchange_answer){ .status = e->status,
                                          .content_type = "application/json",
                                          .retry_after_s = e->retry_after_s,
                                          .close = x->guard.close,
                                          .allow = x->answer.allow };
    copy_text(x->answer.code, sizeof x->answer.code, e->code);
    x->answer.body = buf_take(&out, &x->answer.n);
    x->answered = true;
    return EXCHANGE_ANSWER;
}

/*
 * An answer before the body was read: a small body is read to its end first, so that the caller surely sees the answer
 * and the connection lives on; else it is closed.
 */
enum exchange_step exchange_skip_body(struct exchange *x)
{
    if (!x->guard.has_body)
        return EXCHANGE_ANSWER;
    if (x->guard.close || x->guard.content_length < 0 || x->guard.content_length > DISCARD_MAX ||
        x->guard.expect_continue) {
        x->answer.close = true;
        return EXCHANGE_ANSWER;
    }
    x->discarding = true;
    return EXCHANGE_READ;
}

enum exchange_step exchange_turn_down(struct exchange *x, const struct err *e)
{
    exchange_answer_error(x, e);
    return exchange_skip_body(x);
}

/* ---- routing ---- */

static enum exchange_step begin_invocation(struct exchange *x);

static enum exchange_step route(struct exchange *x)
{
    struct err e = { 0 };
    if (x->shared->visits && visits_own(x->guard.path))
        return exchange_visit(x);
    if (page_show(x->shared, &x->guard, &x->answer, &e)) {
        if (!e.status && x->answer.with_jobs && exchange_add_jobs(x))
            return EXCHANGE_WAIT;
        x->answered = !e.status;
        return e.status ? exchange_turn_down(x, &e) : EXCHANGE_ANSWER;
    }
    if (strncmp(x->guard.path, "/api/", 5) == 0)
        x->action = declaration_find(x->shared->declarations, span_of(x->guard.path + 5));
    if (!x->action) {
        err_set(&e, 404, "unknown_path",
                "There is nothing at this path. Actions are called with POST /api/<operationId>.");
        return exchange_turn_down(x, &e);
    }
    if (x->guard.method != GUARD_POST) {
        x->answer.allow = "POST";
        err_set(&e, 405, "method_not_allowed", "Use POST for this path.");
        return exchange_turn_down(x, &e);
    }
    return begin_invocation(x);
}

/* ---- header checks ---- */

/* Who calls: Salesforce with both contexts, Data Cloud with a signature, or nobody that we know. */
static bool check_credentials(struct exchange *x, struct err *e)
{
    bool rc = x->guard.request_context.n > 0, cc = x->guard.client_context.n > 0, signature = x->guard.signature.n > 0;
    if (rc != cc)
        return err_set(e, 400, "invalid_request",
                       "x-request-context and x-client-context belong together; one of them is missing.");
    if (!rc && !signature)
        return err_set(e, 401, "unauthenticated",
                       "This path takes signed invocations from Salesforce only; there are no credentials.");
    x->data_action = !rc;
    if (x->data_action ? !x->action->data_action : !x->action->salesforce)
        return err_set(e, 403, "caller_not_accepted", "The action %s does not accept %s.", x->action->operation_id,
                       x->data_action ? "data actions" : "invocations; it is the target of data actions");
    return true;
}

static bool check_contexts(struct exchange *x, struct err *e)
{
    const struct exchange_shared *s = x->shared;
    char id[LIMIT_REQUEST_ID + 1];
    x->memory = malloc(EXCHANGE_MEMORY);
    if (!x->memory)
        return err_set(e, 503, "busy", "The host has no memory left. Try again in a moment.");
    if (!request_context_decode(x->guard.request_context, x->memory, CONTEXT_MEM, &x->rc, e) ||
        !client_context_decode(x->guard.client_context, x->memory + CONTEXT_MEM, CONTEXT_MEM, &x->cc, e) ||
        !contexts_bind(&x->rc, &x->cc, x->guard.request_id, s->config->app_id, &x->caller, e))
        return false;
    copy_span(id, sizeof id, x->guard.request_id);
    if (!hosts_allow_origin(&s->config->org_hosts, x->caller.org_url, NULL)) {
        log_event(LOG_WARN, "org-host-refused", "id", id, "host", x->caller.org_url, NULL);
        return err_set(e, 403, "org_host_refused",
                       "This host sends no token to the org's domain. If the domain is right, add it to ORG_HOSTS.");
    }
    return true;
}

static bool check_media(struct exchange *x, struct err *e)
{
    if (!guard_is_json(x->guard.content_type))
        return err_set(e, 415, "unsupported_media_type", "Send the body as application/json.");
    x->body_max = x->action->body_max;
    if (x->data_action && x->body_max > LIMIT_DATA_ACTION_BODY)
        x->body_max = LIMIT_DATA_ACTION_BODY;
    if (x->guard.content_length > (int64_t)x->body_max)
        return err_set(e, 413, "body_too_large", "The body has %lld bytes; this action takes %zu at most.",
                       (long long)x->guard.content_length, x->body_max);
    return true;
}

/* ---- the budget of bodies ---- */

/* Takes n bytes from the budget of all bodies together. Data actions are read before it is known who sends them, so
 * they have a quarter of it at most: the rest is for callers who are known. */
static bool reserve(struct exchange *x, size_t n)
{
    struct exchange_shared *s = x->shared;
    size_t budget = (size_t)s->config->body_budget_mb << 20;
    if (s->body_bytes + n > budget || (x->data_action && s->data_action_bytes + n > budget / DATA_ACTION_SHARE))
        return false;
    s->body_bytes += n;
    s->data_action_bytes += x->data_action ? n : 0;
    x->reserved += n;
    return true;
}

/* Gives all but `keep` of them back. */
void exchange_release(struct exchange *x, size_t keep)
{
    size_t n = x->reserved > keep ? x->reserved - keep : 0;
    x->shared->body_bytes -= n;
    x->shared->data_action_bytes -= x->data_action ? n : 0;
    x->reserved -= n;
}

static void no_room(struct err *e)
{
    err_set(e, 503, "busy", "The host holds as many request bodies as it may. Try again in a moment.");
    e->retry_after_s = 1;
}

/* ---- authentication ---- */

void exchange_wait_over(struct exchange *x)
{
    x->waiting = false;
    x->wake(x);
}

/*
 * The add-on has said that the token is genuine; whose it is, it was not asked. Where the modes with keys of our own
 * refuse, this one does as APPLINK_BIND_USER says, since what AppLink's tokens say of users is not published.
 */
static bool check_token_user(const struct exchange *x, struct err *e)
{
    char other[RECORD_ID_SIZE];
    const struct config *c = x->shared->config;
    if (c->auth != AUTH_ADDON || c->bind_user == BIND_USER_OFF || x->data_action ||
        !claims_of_another(x->rc.auth, x->caller.user_id, other))
        return true;
    log_event(LOG_WARN, "wrong-user", "id", x->request_id, "org", x->caller.org_id, "user", x->caller.user_id,
              "token_user", other, "refused", c->bind_user == BIND_USER_ON ? "yes" : "no", NULL);
    return c->bind_user != BIND_USER_ON ||
           err_set(e, 403, "wrong_user", "The invocation's token was issued for another user.");
}

static void on_authenticated(void *ctx, const struct err *verdict, int64_t exp_s)
{
    struct exchange *x = ctx;
    struct err e = *verdict;
    x->token_exp_s = exp_s;
    x->auth_us = clock_us() - x->auth_begun_us;
    exchange_release(x, x->body.n); /* the question has gone */
    if (e.status || !check_token_user(x, &e))
        exchange_answer_error(x, &e);
    exchange_wait_over(x);
}

static struct authentication_asker asker(struct exchange *x)
{
    return (struct authentication_asker){ .shared = x->shared,
                                          .request_id = span_of(x->request_id),
                                          .open = &x->authentication,
                                          .done = on_authenticated,
                                          .ctx = x };
}

/* An answer that still comes is dropped; the contexts are its own then. */
static void forget_authentication(struct exchange *x)
{
    if (authentication_forget(&x->authentication, x->memory, EXCHANGE_MEMORY))
        x->memory = NULL;
}

static enum exchange_step authenticate(struct exchange *x)
{
    x->next = NEXT_BODY;
    x->waiting = true;
    x->auth_begun_us = clock_us();
    const struct authentication_asker who = asker(x);
    authentication_ask(&who, &x->rc, &x->caller);
    return EXCHANGE_WAIT;
}

static enum exchange_step authenticate_data_action(struct exchange *x)
{
    const struct exchange_shared *s = x->shared;
    const struct span body = { x->body.p ? x->body.p : "", x->body.n };
    struct err e;
    x->auth_begun_us = clock_us();
    if (!data_action_body(body, &e))
        return exchange_answer_error(x, &e);
    if (s->secrets) {
        bool ok = data_action_verify(s->secrets, &x->target, x->guard.signature, body, &e);
        x->auth_us = clock_us() - x->auth_begun_us;
        x->next = NEXT_WORKER;
        return ok ? exchange_woken(x) : exchange_answer_error(x, &e);
    }
    /* the question holds the body once more, escaped */
    if (!reserve(x, ADDON_ESCAPED * body.n)) {
        no_room(&e);
        return exchange_answer_error(x, &e);
    }
    x->next = NEXT_WORKER;
    x->waiting = true;
    const struct authentication_asker who = asker(x);
    const struct addon_data_action d = { .api_name = span_of(x->target.api_name),
                                         .org_id = span_of(x->target.org_id_sent),
                                         .signature = x->guard.signature,
                                         .payload = body,
                                         .request_id = span_of(x->request_id) };
    authentication_ask_data_action(&who, &d);
    return EXCHANGE_WAIT;
}

static enum exchange_step begin_invocation(struct exchange *x)
{
    struct err e = { 0 };
    x->deadline_ms = clock_ms() + declaration_time_ms(x->action, x->shared->config->request_timeout_ms);
    if (!check_credentials(x, &e))
        return exchange_turn_down(x, &e);
    if (x->data_action ? !data_action_target(x->guard.query, x->guard.signature, &x->target, &e)
                       : !check_contexts(x, &e))
        return exchange_turn_down(x, &e);
    if (!check_media(x, &e))
        return exchange_turn_down(x, &e);
    return x->data_action ? EXCHANGE_READ : authenticate(x);
}

/* ---- body ---- */

static enum exchange_step cut_body(struct exchange *x, const struct err *e)
{
    exchange_answer_error(x, e);
    x->answer.close = true;
    x->discarding = true; /* a little more of it is read and dropped, as most callers look for an answer only then */
    x->body_n = 0;
    return EXCHANGE_READ;
}

enum exchange_step exchange_data(struct exchange *x, const void *p, size_t n)
{
    x->body_n += (int64_t)n;
    if (x->discarding) {
        if (x->body_n <= DISCARD_MAX)
            return EXCHANGE_READ;
        x->answer.close = true;
        return EXCHANGE_ANSWER;
    }
    x->body.max = x->body_max;
    struct err e;
    if (x->body.n + n > x->body_max) {
        err_set(&e, 413, "body_too_large", "The body is larger than this action takes.");
        return cut_body(x, &e);
    }
    if (!reserve(x, n) || !buf_add(&x->body, p, n)) {
        no_room(&e);
        return cut_body(x, &e);
    }
    return EXCHANGE_READ;
}

/* ---- the four entries ---- */

static void take_ids(struct exchange *x)
{
    struct span id = x->guard.request_id, trace = x->guard.traceparent;
    if (id.n > 0 && id.n <= LIMIT_REQUEST_ID)
        copy_span(x->request_id, sizeof x->request_id, id);
    else
        uuid_make(x->request_id);
    if (trace.n > 0 && trace.n < sizeof x->traceparent && guard_traceparent(trace))
        copy_span(x->traceparent, sizeof x->traceparent, trace);
}

static bool check(struct exchange *x, const struct guard_request *r, struct err *e)
{
    x->begun_us = clock_us();
    x->counted = true;
    x->shared->in_flight++;
    buf_init(&x->body, LIMIT_BODY_MAX);
    bool ok = guard_check(r, &x->guard, e);
    take_ids(x);
    return ok;
}

enum exchange_step exchange_begin(struct exchange *x, const struct guard_request *r)
{
    struct err e = { 0 };
    return check(x, r, &e) ? route(x) : exchange_turn_down(x, &e);
}

void exchange_refuse(struct exchange *x, const struct guard_request *r, const struct err *otherwise)
{
    struct err e = { 0 };
    exchange_give_up(x, check(x, r, &e) ? otherwise : &e);
}

enum exchange_step exchange_complete(struct exchange *x)
{
    if (x->answered)
        return EXCHANGE_ANSWER;
    if (x->visit)
        return exchange_visit_body(x);
    if (x->data_action)
        return authenticate_data_action(x);
    return exchange_hand_over(x);
}

enum exchange_step exchange_woken(struct exchange *x)
{
    if (x->waiting)
        return EXCHANGE_WAIT;
    if (x->answered && x->next == NEXT_BODY && !x->discarding)
        return exchange_skip_body(x);
    if (x->answered)
        return EXCHANGE_ANSWER;
    return x->next == NEXT_WORKER ? exchange_hand_over(x) : EXCHANGE_READ;
}

static void write_log(const struct exchange *x, int64_t total_us, bool sent)
{
    struct log_line line;
    bool page = !x->action && x->answer.status == 200;
    if (!log_enabled(page ? LOG_DEBUG : LOG_INFO))
        return;
    log_begin(&line, LOG_INFO, "request");
    log_text(&line, "id", x->request_id);
    log_text(&line, x->action ? "action" : "path", x->action ? x->action->operation_id : x->guard.path);
    log_text(&line, "org", x->caller.org_id[0] ? x->caller.org_id : x->target.org_id[0] ? x->target.org_id : NULL);
    log_text(&line, "user", x->caller.user_id[0] ? x->caller.user_id : x->visit ? "page" : NULL);
    log_text(&line, "target", x->target.api_name[0] ? x->target.api_name : NULL);
    log_int(&line, "status", x->answer.status);
    log_text(&line, "code", x->answer.code[0] ? x->answer.code : NULL);
    log_ms(&line, "ms", total_us);
    if (x->auth_us)
        log_ms(&line, "auth_ms", x->auth_us);
    if (x->queued)
        log_ms(&line, "queue_ms", x->queued_us);
    if (x->ran_us)
        log_ms(&line, "action_ms", x->ran_us);
    log_int(&line, "in", x->body_n);
    log_int(&line, "out", x->guard.method == GUARD_HEAD ? 0 : (long long)x->answer.n);
    if (x->org_calls)
        log_int(&line, "org_calls", x->org_calls);
    log_text(&line, "api_usage", x->api_usage[0] ? x->api_usage : NULL);
    log_text(&line, "traceparent", x->traceparent[0] ? x->traceparent : NULL);
    if (!sent)
        log_text(&line, "sent", "no");
    log_end(&line);
}

bool exchange_overdue(struct exchange *x, int64_t now_ms)
{
    struct err e;
    if (!x->waiting || !x->authentication || now_ms < x->deadline_ms)
        return false;
    forget_authentication(x);
    (void)addon_unavailable(&e);
    on_authenticated(x, &e, 0);
    return true;
}

void exchange_give_up(struct exchange *x, const struct err *e)
{
    forget_authentication(x);
    exchange_forget_job(x);
    x->waiting = false;
    x->discarding = false;
    x->guard.close = true;
    exchange_answer_error(x, e);
    x->answer.close = true;
}

void exchange_streams(struct exchange *x)
{
    x->streaming = true;
    x->shared->in_flight--;
}

void exchange_end(struct exchange *x, bool sent)
{
    forget_authentication(x);
    exchange_forget_job(x);
    if (x->counted) {
        int64_t total_us = clock_us() - x->begun_us;
        x->shared->in_flight -= !x->streaming;
        exchange_release(x, 0);
        write_log(x, total_us, sent);
        const struct metrics_request request = { .status = x->answer.status,
                                                 .code = x->answer.code,
                                                 .queued = x->queued,
                                                 .total_us = total_us,
                                                 .auth_us = x->auth_us,
                                                 .queued_us = x->queued_us,
                                                 .ran_us = x->ran_us };
        if (!x->streaming) /* hours of reading are no time of an answer */
            metrics_count(x->shared->metrics, x->action, &request);
    }
    if (x->memory) {
        bytes_wipe(x->memory, EXCHANGE_MEMORY);
        free(x->memory);
    }
    visit_free(x->visit);
    buf_wipe(&x->body);
    buf_free(&x->body);
    free(x->answer.body);
    x->answer.body = NULL;
}
