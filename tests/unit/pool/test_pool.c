/* test_pool.c - the way of a call through the pool, the bounds of the queue and of an org, deadlines. */
#include "tests/unit/pool/pool_kit.h"

/* ---- the way of a call ---- */

static void a_call_goes_to_a_worker_and_back(void **state)
{
    (void)state;
    struct stand_in *s = started();
    struct told told = { 0 };
    struct message_call m;
    assert_int_equal(pool_ready(t.pool), 0);
    say_ready(s);
    assert_int_equal(t.ready, 1);
    assert_int_equal(pool_ready(t.pool), 1);
    const struct pool_call c = call_of(ORG_A);
    struct err e;
    assert_true(pool_submit(t.pool, &c, on_done, &told, &e));
    assert_int_equal(pool_running(t.pool), 1);
    uint64_t call = given(s, &m);
    assert_false(m.org_blocked);
    assert_int_equal(m.action, 1);
    assert_int_equal(m.deadline_ms, c.deadline_ms);
    assert_int_equal(m.now, c.now);
    assert_span(m.request_id, "request-id-of-twenty-and-more");
    assert_span(m.traceparent, "00-trace");
    assert_span(m.org.id, ORG_A);
    assert_span(m.org.url, "https://x.my.salesforce.com");
    assert_span(m.org.api_version, "62.0");
    assert_span(m.org.user_id, "005xx000001X8UzAAK");
    assert_span(m.org.username, "u@example.com");
    assert_span(m.org.token, "00D!token");
    assert_span(m.body, "{\"a\":1}");
    const struct message_reply reply = { 422, { "no", 2 }, { "{\"x\":2}", 7 }, ORG_OK, 3, { "1/2", 3 }, 4, false };
    say_reply(s, call, &reply);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 422);
    assert_string_equal(told.code, "no");
    assert_string_equal(told.text, "{\"x\":2}");
    assert_string_equal(told.api_usage, "1/2");
    assert_int_equal(told.org_calls, 3);
    assert_int_equal(told.ran_us, 4);
    assert_int_equal(pool_running(t.pool), 0);
    assert_int_equal(pool_ready(t.pool), 1);
}

static void a_long_call_arrives_whole(void **state)
{
    (void)state;
    struct stand_in *s = idle();
    struct told told = { 0 };
    struct message_call m;
    struct err e;
    char *body = malloc(LIMIT_BODY_MAX); /* more than a socket holds */
    for (size_t i = 0; i < LIMIT_BODY_MAX; i++)
        body[i] = (char)(i % 251);
    struct pool_call c = call_of(ORG_A);
    c.body = (struct span){ body, LIMIT_BODY_MAX };
    assert_true(pool_submit(t.pool, &c, on_done, &told, &e));
    uint64_t call = given(s, &m);
    assert_int_equal(m.body.n, LIMIT_BODY_MAX);
    assert_memory_equal(m.body.p, body, LIMIT_BODY_MAX);
    free(body);
    say_ok(s, call);
    assert_int_equal(told.status, 200);
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct err e = { 0 };
    char *body = calloc(1, LIMIT_FRAME);
    struct pool_call c = call_of(ORG_A);
    c.body = (struct span){ body, LIMIT_FRAME };
    bool taken = pool_submit(t.pool, &c, on_done, &told, &e);
    free(body);
    assert_refused(taken, e, 413, "body_too_large");
    assert_int_equal(pool_waiting(t.pool), 0);
    assert_int_equal(told.times, 0);
}

static void a_leaving_worker_gets_no_more(void **state)
{
    (void)state;
    struct stand_in *s = idle();
    struct told first = { 0 }, second = { 0 };
    assert_true(submit(ORG_A, &first));
    assert_true(submit(ORG_A, &second));
    const struct message_reply last = { .status = 200, .body = { "{}", 2 }, .leaving = true };
    say_reply(s, given(s, NULL), &last);
    assert_int_equal(first.status, 200);
    assert_int_equal(pool_waiting(t.pool), 1);
    assert_true(has_nothing(s));
    hang_up(s);
    turn();
    assert_true(is_alive(s)); /* it leaves by itself */
    struct stand_in *next = idle();
    say_ok(next, given(next, NULL));
    assert_int_equal(second.status, 200);
}

/* ---- bounds ---- */

static void the_queue_has_a_bound(void **state)
{
    (void)state;
    struct told told[4] = { 0 };
    struct err e = { 0 };
    const struct pool_call c = call_of(ORG_A);
    struct stand_in *s = idle();
    assert_true(submit(ORG_A, &told[0])); /* runs */
    for (int i = 1; i <= t.config.queue_max; i++) {
        assert_false(pool_full(t.pool));
        assert_true(submit(ORG_A, &told[i]));
    }
    assert_true(pool_full(t.pool));
    assert_int_equal(pool_waiting(t.pool), 2);
    bool taken = pool_submit(t.pool, &c, on_done, &told[3], &e);
    assert_refused(taken, e, 503, "busy");
    assert_int_equal(e.retry_after_s, 1);
    for (int i = 0; i <= t.config.queue_max; i++) { /* in their order */
        say_ok(s, given(s, NULL));
        assert_int_equal(told[i].times, 1);
        assert_int_equal(pool_waiting(t.pool), i == 0 ? 1 : 0);
    }
    assert_int_equal(told[3].times, 0);
    assert_false(pool_full(t.pool));
}

static void an_org_has_a_cap(void **state)
{
    (void)state;
    struct told a1 = { 0 }, a2 = { 0 }, b = { 0 };
    struct message_call m;
    t.config.org_calls_max = 1;
    struct stand_in *first = idle(), *second = idle();
    assert_true(submit(ORG_A, &a1));
    assert_true(submit(ORG_A, &a2)); /* waits, though a worker is idle */
    assert_int_equal(pool_running(t.pool), 1);
    assert_int_equal(pool_waiting(t.pool), 1);
    assert_true(submit(ORG_B, &b)); /* and does not stand in another org's way */
    pool_work(t.pool, clock_ms());
    assert_int_equal(pool_running(t.pool), 2);
    assert_int_equal(pool_waiting(t.pool), 1);
    uint64_t call = given(second, &m); /* the last to become idle is the first to be used */
    assert_span(m.org.id, ORG_A);
    (void)given(first, &m);
    assert_span(m.org.id, ORG_B);
    say_ok(second, call);
    assert_int_equal(a1.status, 200);
    assert_int_equal(a2.times, 0);
    (void)given(second, &m);
    assert_span(m.org.id, ORG_A);
    assert_int_equal(pool_waiting(t.pool), 0);
}

static void a_dead_worker_gives_its_place_back(void **state)
{
    (void)state;
    struct told first = { 0 }, second = { 0 };
    t.config.org_calls_max = 1;
    struct stand_in *s = idle(), *other = idle();
    assert_true(submit(ORG_A, &first));
    assert_true(submit(ORG_A, &second));
    (void)given(other, NULL);
    hang_up(other);
    turn();
    assert_int_equal(first.status, 502);
    assert_string_equal(first.code, "action_crashed");
    pool_work(t.pool, clock_ms());
    say_ok(s, given(s, NULL));
    assert_int_equal(second.status, 200);
}

/* ---- deadlines ---- */

static void a_deadline_ends_a_wait(void **state)
{
    (void)state;
    struct told told = { 0 };
    const struct pool_call c = call_of(ORG_A);
    struct err e;
    assert_true(pool_submit(t.pool, &c, on_done, &told, &e));
    pool_work(t.pool, c.deadline_ms - 1);
    assert_int_equal(told.times, 0);
    assert_true(pool_timeout_ms(t.pool, c.deadline_ms - 1) <= 1);
    pool_work(t.pool, c.deadline_ms);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 504);
    assert_string_equal(told.code, "deadline_exceeded");
    assert_non_null(strstr(told.text, "Nothing was done"));
    assert_int_equal(told.ran_us, 0);
    assert_int_equal(pool_waiting(t.pool), 0);
    assert_true(submit(ORG_A, &told)); /* the queue's end is right again */
    assert_int_equal(pool_waiting(t.pool), 1);
}

static void a_deadline_ends_a_run_and_its_worker(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle(), *other = idle();
    const struct pool_call c = call_of(ORG_A);
    struct err e;
    assert_true(pool_submit(t.pool, &c, on_done, &told, &e));
    (void)given(other, NULL);
    pool_work(t.pool, c.deadline_ms - 1);
    assert_int_equal(told.times, 0);
    assert_true(is_alive(other));
    assert_int_equal(pool_timeout_ms(t.pool, c.deadline_ms), 0);
    pool_work(t.pool, c.deadline_ms);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 504);
    assert_string_equal(told.code, "deadline_exceeded");
    assert_non_null(strstr(told.text, "was stopped"));
    assert_true(is_killed(other));
    assert_true(is_alive(s));
    assert_int_equal(pool_running(t.pool), 0);
}

static void at_the_end_nobody_is_called(void **state)
{
    (void)state;
    struct told running = { 0 }, waiting = { 0 };
    struct stand_in *s = idle();
    assert_true(submit(ORG_A, &running));
    assert_true(submit(ORG_A, &waiting));
    (void)given(s, NULL);
    pool_free(t.pool);
    t.pool = NULL;
    assert_true(is_left(s)); /* at which a worker leaves */
    assert_true(is_alive(s));
    assert_int_equal(running.times + waiting.times, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_POOL(a_call_goes_to_a_worker_and_back),
        IN_POOL(a_long_call_arrives_whole),
        IN_POOL(what_is_too_long_is_refused),
        IN_POOL(a_leaving_worker_gets_no_more),
        IN_POOL(the_queue_has_a_bound),
        IN_POOL(an_org_has_a_cap),
        IN_POOL(a_dead_worker_gives_its_place_back),
        IN_POOL(a_deadline_ends_a_wait),
        IN_POOL(a_deadline_ends_a_run_and_its_worker),
        IN_POOL(at_the_end_nobody_is_called),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
