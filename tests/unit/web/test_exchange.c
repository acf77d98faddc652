/*
 * test_exchange.c - one request from its headers to its answer, without sockets: the order of the checks, who is asked
 * what and when, and what is left behind. The add-on, the verifier and the pool are this file's own: they note what
 * they are asked, and answer when a test says so.
 */
#include "tests/unit/check.h"

#include "runtime/base/encoding.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/web/exchange.h"

#define ORG "00Dxx0000000000EAA"
#define RID ORG "-7c566091-7af3-4e87-8865-4e014444c298"
#define APP "11111111-2222-4333-8444-555555555555"
#define URL "https://mydomain.my.salesforce.com"
#define RC(id, app, url)                                                                                               \
    "{\"id\":\"" id "\",\"auth\":\"jwt\",\"loginUrl\":\"l\",\"orgDomainUrl\":\"" url "\",\"orgId\":\"" ORG             \
    "\",\"resource\":\"r\",\"type\":\"t\",\"appUuid\":\"" app "\"}"
#define CC(url)                                                                                                        \
    "{\"accessToken\":\"00Dxx!token\",\"apiVersion\":\"62.0\",\"orgId\":\"" ORG "\",\"orgDomainUrl\":\"" url           \
    "\",\"userContext\":{\"userId\":\"005xx000001X8Uz\",\"username\":\"u@example.com\"}}"

enum { BODY_MAX = 100 };

static struct declaration actions[] = {
    { .operation_id = "echo", .body_max = BODY_MAX, .salesforce = true },
    { .operation_id = "signed", .body_max = BODY_MAX, .data_action = true },
};
static struct declarations declared = { .v = actions, .n = COUNT(actions) };
static struct config config;
static struct exchange_shared shared;

/* ---- those who are asked ---- */

static struct {
    int addon, addon_data_action, verify, submitted;
    addon_verdict_fn *verdict;
    verify_done_fn *verified;
    pool_done_fn *done;
    void *ctx; /* of whoever was asked last */
    bool full, no_room;
    char jwt[20], body[200], token[40], org_id[20], user_id[20];
    const char *operation;
    int64_t deadline_ms;
} asked;

void addon_authenticate(struct addon *a, const struct addon_invocation *i, addon_verdict_fn *done, void *ctx)
{
    (void)a;
    asked.addon++;
    asked.verdict = done;
    asked.ctx = ctx;
    copy_span(asked.jwt, sizeof asked.jwt, i->core_jwt);
}

void addon_authenticate_data_action(struct addon *a, const struct addon_data_action *d, addon_verdict_fn *done,
                                    void *ctx)
{
    (void)a;
    asked.addon_data_action++;
    asked.verdict = done;
    asked.ctx = ctx;
    copy_span(asked.body, sizeof asked.body, d->payload);
}

bool addon_unavailable(struct err *e)
{
    err_set(e, 503, "addon_unavailable", "It says nothing.");
    return false;
}

bool addon_available(const struct addon *a)
{
    (void)a;
    return true;
}

void verify_token(struct verify *v, const struct request_context *rc, const struct caller *caller, verify_done_fn *done,
                  void *ctx)
{
    (void)v, (void)rc, (void)caller;
    asked.verify++;
    asked.verified = done;
    asked.ctx = ctx;
}

/* Asked at a start; the actions that are linked in come with that part of the host. */
bool verify_check(const struct config *c, struct buf *faults)
{
    (void)c, (void)faults;
    return true;
}

bool verify_ready(const struct verify *v)
{
    (void)v;
    return true;
}

bool pool_submit(struct pool *p, const struct pool_call *call, pool_done_fn *done, void *ctx, struct err *e)
{
    (void)p;
    if (asked.no_room)
        return err_set(e, 503, "busy", "No room.");
    asked.submitted++;
    asked.done = done;
    asked.ctx = ctx;
    asked.operation = call->action->operation_id;
    asked.deadline_ms = call->deadline_ms;
    copy_span(asked.body, sizeof asked.body, call->body);
    copy_span(asked.token, sizeof asked.token, call->org.token);
    copy_span(asked.org_id, sizeof asked.org_id, call->org.id);
    copy_span(asked.user_id, sizeof asked.user_id, call->org.user_id);
    return true;
}

bool pool_full(const struct pool *p)
{
    (void)p;
    return asked.full;
}

/* For the pages; no test here looks at them. */
int pool_wanted(const struct pool *p)
{
    (void)p;
    return 1;
}

int pool_ready(const struct pool *p)
{
    (void)p;
    return 1;
}

int pool_running(const struct pool *p)
{
    (void)p;
    return 0;
}

int pool_waiting(const struct pool *p)
{
    (void)p;
    return 0;
}

/* ---- a request ---- */

/* What may be wrong with one, in the order in which it is to be told. */
enum defect {
    PATH = 1 << 0,
    METHOD = 1 << 1,
    ONE_CONTEXT = 1 << 2,
    CALLER = 1 << 3,
    REQUEST_CONTEXT = 1 << 4,
    CLIENT_CONTEXT = 1 << 5,
    REQUEST_ID = 1 << 6,
    WRONG_APP = 1 << 7,
    HOST = 1 << 8,
    MEDIA = 1 << 9,
    LENGTH = 1 << 10,
    ALL = (1 << 11) - 1,
    /* no defects */
    CHUNKED = 1 << 11,
    EXPECT = 1 << 12
};

static struct exchange x;
static int wakes;

static void wake(struct exchange *of)
{
    assert_ptr_equal(of, &x);
    wakes++;
}

static struct span coded(const char *json)
{
    static char out[4][2000];
    static int turn;
    char *to = out[turn++ % 4];
    return (struct span){ to, base64_encode(json, strlen(json), to) };
}

static void add(struct guard_request *r, struct guard_header *headers, const char *name, struct span value)
{
    headers[r->count++] = (struct guard_header){ span_of(name), value };
}

static void fresh(void)
{
    x = (struct exchange){ .shared = &shared, .wake = wake };
    wakes = 0;
}

static enum exchange_step begin(int defects)
{
    struct guard_header h[16];
    struct guard_request r = { .method = defects & METHOD ? "PUT" : "POST",
                               .version = "HTTP/1.1",
                               .raw_target = span_of(defects & PATH     ? "/api/nothing"
                                                     : defects & CALLER ? "/api/signed"
                                                                        : "/api/echo"),
                               .headers = h };
    const char *rc = defects & WRONG_APP ? RC(RID, "other", URL)
                     : defects & HOST    ? RC(RID, APP, "https://evil.example.com")
                                         : RC(RID, APP, URL);
    if (defects & WRONG_APP && defects & HOST)
        rc = RC(RID, "other", "https://evil.example.com");
    add(&r, h, "Host", span_of("x"));
    add(&r, h, "X-Request-Id", span_of(defects & REQUEST_ID ? "00000000-1111-2222-3333" : RID));
    add(&r, h, "X-Request-Context", defects & REQUEST_CONTEXT ? span_of("?") : coded(rc));
    if (!(defects & ONE_CONTEXT))
        add(&r, h, "X-Client-Context",
            defects & CLIENT_CONTEXT ? span_of("?") : coded(defects & HOST ? CC("https://evil.example.com") : CC(URL)));
    add(&r, h, "Content-Type", span_of(defects & MEDIA ? "text/plain" : "application/json"));
    if (defects & CHUNKED)
        add(&r, h, "Transfer-Encoding", span_of("chunked"));
    else
        add(&r, h, "Content-Length", span_of(defects & LENGTH ? "101" : "7"));
    if (defects & EXPECT)
        add(&r, h, "Expect", span_of("100-continue"));
    fresh();
    return exchange_begin(&x, &r);
}

static enum exchange_step begin_data_action(void)
{
    unsigned char mac[32] = { 0 };
    char signature[60];
    struct guard_header h[8];
    struct guard_request r = { .method = "POST",
                               .version = "HTTP/1.1",
                               .raw_target = span_of("/api/signed?orgId=" ORG "&apiName=Target"),
                               .headers = h };
    base64_encode(mac, sizeof mac, signature);
    add(&r, h, "Host", span_of("x"));
    add(&r, h, "X-Signature", span_of(signature));
    add(&r, h, "Content-Type", span_of("application/json"));
    add(&r, h, "Content-Length", span_of("7"));
    fresh();
    return exchange_begin(&x, &r);
}

static void verdict(int status, const char *code)
{
    struct err e = { 0 };
    if (status)
        err_set(&e, status, code, "Told by the add-on.");
    asked.verdict(asked.ctx, &e);
}

static void reply(struct pool_reply r)
{
    asked.done(asked.ctx, &r);
}

/* The request as it goes when nothing is wrong, up to the worker. */
static void reach_worker(void)
{
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(0, NULL);
    assert_int_equal(exchange_woken(&x), EXCHANGE_READ);
    assert_int_equal(exchange_data(&x, "{\"a\":1}", 7), EXCHANGE_READ);
    assert_int_equal(exchange_complete(&x), EXCHANGE_WAIT);
}

static void assert_answer(int status, const char *code)
{
    assert_true(x.answered);
    assert_int_equal(x.answer.status, status);
    assert_string_equal(x.answer.code, code);
    json_t *body = json_loadb(x.answer.body, x.answer.n, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(body, "code")), code);
    assert_string_equal(json_string_value(json_object_get(body, "requestId")), x.request_id);
    assert_true(json_string_length(json_object_get(body, "message")) > 0);
    json_decref(body);
}

/* After it, nothing of the request counts any more. */
static void end(void)
{
    exchange_end(&x, true);
    assert_int_equal(shared.in_flight, 0);
    assert_int_equal(shared.body_bytes, 0);
    assert_int_equal(shared.data_action_bytes, 0);
}

static int set_up(void **state)
{
    char why[200];
    (void)state;
    memset(&asked, 0, sizeof asked);
    log_set_level(LOG_ERROR);
    config = (struct config){ .app_id = APP,
                              .auth = AUTH_ADDON,
                              .body_budget_mb = 1,
                              .request_timeout_ms = 20000,
                              .replay_window_s = 60,
                              .replay_max = 4 };
    shared = (struct exchange_shared){
        .config = &config, .declarations = &declared, .metrics = metrics_new(&declared), .replay = replay_new(4)
    };
    return hosts_parse(&config.org_hosts, "*.my.salesforce.com", false, why, sizeof why) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    metrics_free(shared.metrics);
    replay_free(shared.replay);
    return 0;
}

/* ---- the order ---- */

/* All is wrong at first; what was told is mended, and then the next is told. Nobody is asked before all is right. */
static void test_order_of_checks(void **state)
{
    static const struct {
        enum defect defect;
        int status;
        const char *code;
    } order[] = {
        { PATH, 404, "unknown_path" },
        { METHOD, 405, "method_not_allowed" },
        { ONE_CONTEXT, 400, "invalid_request" },
        { CALLER, 403, "caller_not_accepted" },
        { REQUEST_CONTEXT, 400, "invalid_request_context" },
        { CLIENT_CONTEXT, 400, "invalid_client_context" },
        { REQUEST_ID, 400, "request_id_mismatch" },
        { WRONG_APP, 403, "wrong_app" },
        { HOST, 403, "org_host_refused" },
        { MEDIA, 415, "unsupported_media_type" },
        { LENGTH, 413, "body_too_large" },
    };
    int left = ALL;
    (void)state;
    for (size_t i = 0; i < COUNT(order); i++) {
        for (int alone = 0; alone < 2; alone++) {
            int defects = alone ? (int)order[i].defect : left;
            assert_int_not_equal(begin(defects), EXCHANGE_WAIT);
            assert_answer(order[i].status, order[i].code);
            assert_string_equal(x.answer.allow ? x.answer.allow : "", order[i].defect == METHOD ? "POST" : "");
            assert_int_equal(x.body.n, 0);
            end();
        }
        left &= ~(int)order[i].defect;
    }
    assert_int_equal(left, 0);
    assert_int_equal(asked.addon + asked.addon_data_action + asked.verify + asked.submitted, 0);
    assert_int_equal(replay_count(shared.replay), 0);
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    assert_int_equal(asked.addon, 1);
    end();
    verdict(0, NULL); /* what was asked lives until it is answered */
}

static void test_no_credentials(void **state)
{
    struct guard_header h[4];
    struct guard_request r = {
        .method = "POST", .version = "HTTP/1.1", .raw_target = span_of("/api/echo"), .headers = h
    };
    (void)state;
    add(&r, h, "Host", span_of("x"));
    fresh();
    assert_int_equal(exchange_begin(&x, &r), EXCHANGE_ANSWER);
    assert_answer(401, "unauthenticated");
    assert_int_equal(strlen(x.request_id), 36); /* none was sent, so it got one */
    end();
}

/* ---- the good way ---- */

static void test_from_headers_to_answer(void **state)
{
    (void)state;
    int64_t before = clock_ms();
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    assert_int_equal(shared.in_flight, 1);
    assert_string_equal(asked.jwt, "jwt");
    assert_int_equal(exchange_woken(&x), EXCHANGE_WAIT); /* nobody has answered yet */
    verdict(0, NULL);
    assert_int_equal(wakes, 1);
    assert_int_equal(exchange_woken(&x), EXCHANGE_READ);
    assert_int_equal(exchange_data(&x, "{\"a\"", 4), EXCHANGE_READ);
    assert_int_equal(exchange_data(&x, ":1}", 3), EXCHANGE_READ);
    assert_int_equal(shared.body_bytes, 7);
    assert_int_equal(asked.submitted, 0);
    assert_int_equal(exchange_complete(&x), EXCHANGE_WAIT);
    assert_int_equal(shared.body_bytes, 7); /* it may wait for a worker, so its place is kept */
    assert_int_equal(asked.submitted, 1);
    assert_string_equal(asked.operation, "echo");
    assert_string_equal(asked.body, "{\"a\":1}");
    assert_string_equal(asked.token, "00Dxx!token");
    assert_string_equal(asked.org_id, ORG);
    assert_string_equal(asked.user_id, "005xx000001X8UzAAK");
    assert_true(asked.deadline_ms >= before + 20000 && asked.deadline_ms <= clock_ms() + 20000);
    reply((struct pool_reply){ .status = 200, .body = span_of("{\"b\":2}"), .ran_us = 5 });
    assert_int_equal(shared.body_bytes, 0);
    assert_int_equal(wakes, 2);
    assert_int_equal(exchange_woken(&x), EXCHANGE_ANSWER);
    assert_int_equal(x.answer.status, 200);
    assert_memory_equal(x.answer.body, "{\"b\":2}", 7);
    assert_int_equal(x.answer.n, 7);
    assert_string_equal(x.answer.code, "");
    assert_string_equal(x.request_id, RID);
    end();
}

/* ---- authentication ---- */

static void test_the_addon_says_no(void **state)
{
    (void)state;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(403, "forbidden");
    assert_int_equal(wakes, 1);
    assert_int_equal(exchange_woken(&x), EXCHANGE_READ); /* a small body is read to its end, */
    assert_int_equal(exchange_data(&x, "{\"a\":1}", 7), EXCHANGE_READ);
    assert_int_equal(x.body.n, 0); /* but not kept */
    assert_int_equal(exchange_complete(&x), EXCHANGE_ANSWER);
    assert_answer(403, "forbidden");
    assert_false(x.answer.close);
    assert_int_equal(asked.submitted, 0);
    assert_int_equal(replay_count(shared.replay), 0);
    end();
}

static void test_modes(void **state)
{
    struct err no = { 0 }, yes = { 0 };
    err_set(&no, 403, "invalid_token", "No.");
    (void)state;
    config.auth = AUTH_JWKS;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    assert_int_equal(asked.verify, 1);
    asked.verified(asked.ctx, &yes, 0);
    assert_int_equal(exchange_woken(&x), EXCHANGE_READ);
    assert_int_equal(asked.addon, 0);
    end();

    config.auth = AUTH_ADDON_JWKS; /* the token first, then the add-on; both must agree */
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    assert_int_equal(asked.verify, 2);
    asked.verified(asked.ctx, &no, 0);
    assert_int_equal(asked.addon, 0);
    (void)exchange_woken(&x);
    assert_answer(403, "invalid_token");
    end();
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    asked.verified(asked.ctx, &yes, 0);
    assert_int_equal(asked.addon, 1);
    assert_int_equal(exchange_woken(&x), EXCHANGE_WAIT);
    verdict(503, "addon_unavailable");
    (void)exchange_woken(&x);
    assert_answer(503, "addon_unavailable");
    end();
}

/* Whoever is asked may never answer: the deadline of the request is the exchange's own, and a late answer is nobody's.
 */
static void test_a_question_without_an_answer(void **state)
{
    static const enum auth_mode modes[] = { AUTH_ADDON, AUTH_JWKS, AUTH_ADDON_JWKS };
    struct err yes = { 0 };
    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        config.auth = modes[i];
        assert_int_equal(begin(0), EXCHANGE_WAIT);
        assert_false(exchange_overdue(&x, x.deadline_ms - 1));
        assert_int_equal(exchange_woken(&x), EXCHANGE_WAIT);
        assert_true(exchange_overdue(&x, x.deadline_ms));
        assert_int_equal(wakes, 1);
        assert_int_equal(exchange_woken(&x), EXCHANGE_READ); /* the body, which is dropped */
        assert_answer(503, "addon_unavailable");
        assert_false(exchange_overdue(&x, x.deadline_ms));
        if (i % 2)
            end(); /* the answer may come before or after the exchange has gone */
        if (modes[i] == AUTH_ADDON)
            verdict(0, NULL);
        else
            asked.verified(asked.ctx, &yes, 0);
        assert_int_equal(wakes, 1);
        assert_int_equal(asked.addon, modes[i] == AUTH_ADDON ? 1 : asked.addon); /* nobody else is asked for it */
        if (i % 2 == 0)
            end();
    }
    assert_int_equal(asked.addon, 1);
    assert_int_equal(asked.submitted, 0);
}

/* A peer that has gone while its question is open. */
static void test_gone_while_asking(void **state)
{
    (void)state;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    end();
    verdict(0, NULL);
    assert_int_equal(wakes, 0);
}

/* A call that the pool has is the pool's to end. */
static void test_overdue_is_for_questions_alone(void **state)
{
    (void)state;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(0, NULL);
    assert_int_equal(exchange_data(&x, "{}", 2), EXCHANGE_READ);
    assert_false(exchange_overdue(&x, x.deadline_ms));
    assert_int_equal(exchange_complete(&x), EXCHANGE_WAIT);
    assert_false(exchange_overdue(&x, x.deadline_ms));
    reply((struct pool_reply){ .status = 200, .body = span_of("{}"), .ran_us = 5 });
    end();
}

static void test_given_up(void **state)
{
    struct err e;
    (void)state;
    err_set(&e, 503, "draining", "The host was stopped.");
    e.retry_after_s = 5;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    exchange_give_up(&x, &e);
    assert_int_equal(exchange_woken(&x), EXCHANGE_ANSWER); /* no body is awaited any more */
    assert_answer(503, "draining");
    assert_int_equal(x.answer.retry_after_s, 5);
    assert_true(x.answer.close);
    verdict(0, NULL); /* nobody listens */
    end();
    assert_int_equal(begin(METHOD), EXCHANGE_ANSWER); /* what was answered stays answered */
    exchange_give_up(&x, &e);
    assert_answer(405, "method_not_allowed");
    end();
}

/* Where the library was about to refuse: what the guard finds, or what is said otherwise. */
static void test_refused_by_the_library(void **state)
{
    struct guard_header h[] = { { span_of("Host"), span_of("x") }, { span_of("Content-Length"), span_of("3, 3") } };
    struct guard_request r = {
        .method = "POST", .version = "HTTP/1.1", .raw_target = span_of("/api/echo"), .headers = h, .count = 2
    };
    struct err e;
    (void)state;
    err_set(&e, 431, "headers_too_large", "Too many cookies.");
    fresh();
    exchange_refuse(&x, &r, &e);
    assert_answer(400, "malformed_request");
    assert_true(x.answer.close);
    end();
    r.count = 1;
    fresh();
    exchange_refuse(&x, &r, &e);
    assert_answer(431, "headers_too_large");
    end();
}

/* A body that is not to be read costs the connection when it is long, of unknown length, or still held back. */
static void test_refusals_and_the_body(void **state)
{
    static const struct {
        int more;
        enum exchange_step step;
        bool close;
    } cases[] = { { 0, EXCHANGE_READ, false }, { CHUNKED, EXCHANGE_ANSWER, true }, { EXPECT, EXCHANGE_ANSWER, true } };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(begin(MEDIA | cases[i].more), cases[i].step);
        assert_answer(415, "unsupported_media_type");
        assert_int_equal(x.answer.close, cases[i].close);
        end();
    }
}

/* ---- bodies ---- */

static void test_body_of_unknown_length(void **state)
{
    static char much[1024];
    enum exchange_step step = EXCHANGE_READ;
    size_t n = 0;
    (void)state;
    assert_int_equal(begin(CHUNKED), EXCHANGE_WAIT);
    verdict(0, NULL);
    assert_int_equal(exchange_woken(&x), EXCHANGE_READ);
    assert_int_equal(exchange_data(&x, much, BODY_MAX), EXCHANGE_READ);
    assert_false(x.answered);
    assert_int_equal(exchange_data(&x, much, 1), EXCHANGE_READ);
    assert_answer(413, "body_too_large");
    assert_true(x.answer.close);
    assert_int_equal(x.body.n, BODY_MAX);
    /* a little more is dropped; whoever sends on and on is cut off */
    for (; step == EXCHANGE_READ && n < 10 * 1024 * 1024; n += sizeof much)
        step = exchange_data(&x, much, sizeof much);
    assert_int_equal(step, EXCHANGE_ANSWER);
    assert_true(n < 1024 * 1024);
    assert_int_equal(asked.submitted, 0);
    end();
}

static void test_budget_of_all_bodies(void **state)
{
    (void)state;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(0, NULL);
    assert_int_equal(exchange_woken(&x), EXCHANGE_READ);
    shared.body_bytes = (1 << 20) - 6; /* of others */
    assert_int_equal(exchange_data(&x, "{\"a\":1}", 7), EXCHANGE_READ);
    assert_answer(503, "busy");
    assert_int_equal(x.answer.retry_after_s, 1);
    assert_int_equal(exchange_complete(&x), EXCHANGE_ANSWER);
    assert_int_equal(shared.body_bytes, (1 << 20) - 6);
    shared.body_bytes = 0;
    end();
    assert_int_equal(asked.submitted, 0);

    /* who is not known yet has a quarter of it */
    shared.body_bytes = shared.data_action_bytes = (1 << 18) - 6;
    assert_int_equal(begin_data_action(), EXCHANGE_READ);
    assert_int_equal(exchange_data(&x, "{\"a\":1}", 7), EXCHANGE_READ);
    assert_answer(503, "busy");
    shared.body_bytes = shared.data_action_bytes = 0;
    end();

    /* the question to the add-on holds it once more, two bytes for one: 7 and 14 fit, one byte less does not */
    for (int room = 21; room >= 20; room--) {
        shared.body_bytes = shared.data_action_bytes = (1 << 18) - (size_t)room;
        assert_int_equal(begin_data_action(), EXCHANGE_READ);
        assert_int_equal(exchange_data(&x, "{\"a\":1}", 7), EXCHANGE_READ);
        assert_int_equal(exchange_complete(&x), room == 21 ? EXCHANGE_WAIT : EXCHANGE_ANSWER);
        if (room == 21) {
            assert_int_equal(shared.data_action_bytes, 1 << 18);
            verdict(0, NULL);
            assert_int_equal(shared.data_action_bytes, (1 << 18) - 14); /* the question is gone */
        } else {
            assert_answer(503, "busy");
        }
        shared.body_bytes = shared.data_action_bytes = x.reserved;
        end();
        assert_int_equal(shared.body_bytes, 0);
    }
}

/* ---- hand-over ---- */

static void test_an_id_counts_once(void **state)
{
    (void)state;
    reach_worker();
    reply((struct pool_reply){ .status = 200, .body = span_of("{}"), .ran_us = 5 });
    end();
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(0, NULL);
    (void)exchange_woken(&x);
    assert_int_equal(exchange_complete(&x), EXCHANGE_ANSWER);
    assert_answer(409, "replayed_request");
    assert_int_equal(asked.submitted, 1);
    end();
}

/* Whatever never ran may be sent again under the same id; what ran may not, even when it failed. */
static void test_an_id_that_never_ran_is_free(void **state)
{
    struct pool_reply crashed = { .ran_us = 5 }, dropped = { .queued_us = 5 };
    (void)state;
    err_set(&crashed.err, 500, "internal_error", "It crashed.");
    err_set(&dropped.err, 503, "busy", "No worker came free.");

    asked.full = true;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(0, NULL);
    (void)exchange_woken(&x);
    assert_int_equal(exchange_complete(&x), EXCHANGE_ANSWER);
    assert_answer(503, "busy");
    assert_int_equal(replay_count(shared.replay), 0);
    end();
    asked.full = false;

    asked.no_room = true;
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(0, NULL);
    (void)exchange_woken(&x);
    assert_int_equal(exchange_complete(&x), EXCHANGE_ANSWER);
    assert_answer(503, "busy");
    assert_int_equal(replay_count(shared.replay), 0);
    end();
    asked.no_room = false;

    reach_worker();
    reply(dropped);
    assert_int_equal(exchange_woken(&x), EXCHANGE_ANSWER);
    assert_answer(503, "busy");
    assert_int_equal(replay_count(shared.replay), 0);
    end();

    reach_worker();
    reply(crashed);
    assert_int_equal(exchange_woken(&x), EXCHANGE_ANSWER);
    assert_answer(500, "internal_error");
    assert_int_equal(replay_count(shared.replay), 1);
    end();
}

static void test_full_replay_table(void **state)
{
    unsigned char key[REPLAY_KEY] = { 0 };
    int64_t now = clock_ms() / 1000;
    (void)state;
    for (unsigned char i = 0; replay_count(shared.replay) < 4; i++) {
        key[0] = i;
        assert_int_equal(replay_take(shared.replay, key, now, now + 1000), REPLAY_FRESH);
    }
    assert_int_equal(begin(0), EXCHANGE_WAIT);
    verdict(0, NULL);
    (void)exchange_woken(&x);
    assert_int_equal(exchange_complete(&x), EXCHANGE_ANSWER);
    assert_answer(503, "replay_table_full");
    assert_int_equal(asked.submitted, 0);
    end();
}

/* ---- data actions ---- */

static void test_data_action(void **state)
{
    (void)state;
    assert_int_equal(begin_data_action(), EXCHANGE_READ); /* the signature covers the body, so that comes first */
    assert_int_equal(asked.addon_data_action, 0);
    assert_int_equal(exchange_data(&x, "{\"a\":1}", 7), EXCHANGE_READ);
    assert_int_equal(shared.data_action_bytes, 7);
    assert_int_equal(exchange_complete(&x), EXCHANGE_WAIT);
    assert_int_equal(asked.addon_data_action, 1);
    assert_string_equal(asked.body, "{\"a\":1}");
    assert_int_equal(asked.submitted, 0);
    verdict(0, NULL);
    assert_int_equal(exchange_woken(&x), EXCHANGE_WAIT);
    assert_int_equal(asked.submitted, 1);
    assert_string_equal(asked.operation, "signed");
    assert_string_equal(asked.org_id, ORG);
    assert_string_equal(asked.token, "");
    reply((struct pool_reply){ .status = 200, .body = span_of("{}"), .ran_us = 5 });
    assert_int_equal(exchange_woken(&x), EXCHANGE_ANSWER);
    assert_int_equal(x.answer.status, 200);
    end();

    assert_int_equal(begin_data_action(), EXCHANGE_READ);
    assert_int_equal(exchange_data(&x, "\xff", 1), EXCHANGE_READ);
    assert_int_equal(exchange_complete(&x), EXCHANGE_ANSWER);
    assert_answer(400, "invalid_json");
    end();

    assert_int_equal(begin_data_action(), EXCHANGE_READ);
    assert_int_equal(exchange_data(&x, "{\"a\":1}", 7), EXCHANGE_READ);
    assert_int_equal(exchange_complete(&x), EXCHANGE_WAIT);
    verdict(403, "forbidden");
    assert_int_equal(exchange_woken(&x), EXCHANGE_ANSWER);
    assert_answer(403, "forbidden");
    assert_int_equal(asked.submitted, 1);
    end();
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STAGE(test_order_of_checks),
        ON_STAGE(test_no_credentials),
        ON_STAGE(test_from_headers_to_answer),
        ON_STAGE(test_the_addon_says_no),
        ON_STAGE(test_modes),
        ON_STAGE(test_a_question_without_an_answer),
        ON_STAGE(test_gone_while_asking),
        ON_STAGE(test_overdue_is_for_questions_alone),
        ON_STAGE(test_given_up),
        ON_STAGE(test_refused_by_the_library),
        ON_STAGE(test_refusals_and_the_body),
        ON_STAGE(test_body_of_unknown_length),
        ON_STAGE(test_budget_of_all_bodies),
        ON_STAGE(test_an_id_counts_once),
        ON_STAGE(test_an_id_that_never_ran_is_free),
        ON_STAGE(test_full_replay_table),
        ON_STAGE(test_data_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
