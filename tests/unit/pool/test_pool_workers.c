/* test_pool_workers.c - workers that do what they must not, and what the pool answers those that may ask. */
#include <arpa/inet.h>
#include <sys/ioctl.h>

#include "tests/unit/pool/pool_kit.h"

/* ---- workers that do what they must not ---- */

/* What the worker sent ends it and its call, and nothing else. */
static void ends_it(void (*misbehave)(struct stand_in *s, uint64_t call))
{
    struct told victim = { 0 }, other = { 0 };
    struct stand_in *good = idle(), *bad = idle();
    assert_true(submit(ORG_A, &victim));
    assert_true(submit(ORG_B, &other));
    misbehave(bad, given(bad, NULL));
    assert_int_equal(victim.times, 1);
    assert_int_equal(victim.status, 502);
    assert_string_equal(victim.code, "action_crashed");
    assert_true(is_killed(bad));
    assert_int_equal(other.times, 0);
    say_ok(good, given(good, NULL));
    assert_int_equal(other.status, 200);
    assert_int_equal(pool_ready(t.pool), 1);
}

static void garbage(struct stand_in *s, uint64_t call)
{
    struct buf b;
    (void)call;
    buf_init(&b, 1000);
    buf_str(&b, "HTTP/1.1 200 OK\r\n\r\n");
    say(s, &b);
}

static void too_long(struct stand_in *s, uint64_t call)
{
    struct buf b;
    buf_init(&b, 1000);
    (void)frame_begin(&b, FRAME_REPLY, call);
    memcpy(b.p, (const uint32_t[]){ LIMIT_FRAME + 1 }, 4);
    say(s, &b);
}

static void half_a_reply(struct stand_in *s, uint64_t call)
{
    struct buf b;
    buf_init(&b, 1000);
    size_t at = frame_begin(&b, FRAME_REPLY, call);
    frame_number(&b, 200);
    assert_true(frame_end(&b, at));
    say(s, &b);
}

static void another_calls_reply(struct stand_in *s, uint64_t call)
{
    say_ok(s, call + 1);
}

static void another_calls_question(struct stand_in *s, uint64_t call)
{
    struct buf b;
    buf_init(&b, 1000);
    assert_true(message_breaker_question_write(&b, call + 1, &(struct message_breaker_question){ span_of("b") }));
    say(s, &b);
}

static void a_call_of_its_own(struct stand_in *s, uint64_t call)
{
    struct buf b;
    buf_init(&b, 1000);
    assert_true(message_call_write(&b, call, false, (struct span){ "", 0 }));
    say(s, &b);
}

static void ready_again(struct stand_in *s, uint64_t call)
{
    (void)call;
    say_ready(s);
}

#define ENDS_IT(what)                                                                                                  \
    static void what##_ends_it(void **state)                                                                           \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        ends_it(what);                                                                                                 \
    }
ENDS_IT(garbage)
ENDS_IT(too_long)
ENDS_IT(half_a_reply)
ENDS_IT(another_calls_reply)
ENDS_IT(another_calls_question)
ENDS_IT(a_call_of_its_own)
ENDS_IT(ready_again)

static void an_idle_worker_has_nothing_to_say(void **state)
{
    (void)state;
    struct stand_in *s = idle(), *other = idle(), *asks = idle();
    struct buf b;
    say_ok(s, 0);
    assert_true(is_killed(s));
    say_ok(other, 1);
    assert_true(is_killed(other));
    buf_init(&b, 1000);
    assert_true(message_cache_question_write(&b, 0, &(struct message_cache_question){ span_of("key") }));
    say(asks, &b);
    assert_true(is_killed(asks));
    assert_int_equal(pool_ready(t.pool), 0);
}

static void a_worker_that_died_idle_gets_no_call(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    hang_up(s); /* and the pool has had no turn to see it */
    assert_true(submit(ORG_A, &told));
    assert_int_equal(told.times, 0);
    assert_int_equal(pool_waiting(t.pool), 1);
    assert_int_equal(pool_running(t.pool), 0);
    struct stand_in *next = idle();
    struct message_call m;
    uint64_t call = given(next, &m); /* whole, though it had been handed over once */
    assert_span(m.body, "{\"a\":1}");
    say_ok(next, call);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 200);
}

/* ---- workers whose process has ended while a child of it holds the socket, as the test does here ---- */

static void end_process(struct stand_in *s)
{
    struct pollfd p = { .fd = s->pidfd, .events = POLLIN };
    assert_int_equal(kill(s->pid, SIGKILL), 0);
    assert_int_equal(poll(&p, 1, PATIENCE_S * 1000), 1);
}

static void a_crash_is_told_at_once(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    assert_true(submit(ORG_A, &told));
    (void)given(s, NULL);
    end_process(s);
    turn();
    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 502);
    assert_string_equal(told.code, "action_crashed");
    assert_true(is_left(s));
    assert_int_equal(pool_ready(t.pool), 0);
}

static void what_it_had_said_counts(void **state)
{
    (void)state;
    struct told first = { 0 }, second = { 0 };
    struct stand_in *s = idle();
    struct buf b;
    const struct message_reply m = { .status = 200, .body = { "{}", 2 }, .ran_us = 5 };
    assert_true(submit(ORG_A, &first));
    uint64_t call = given(s, NULL);
    assert_true(submit(ORG_A, &second));
    buf_init(&b, 1000);
    assert_true(message_reply_write(&b, call, &m));
    assert_int_equal(send(s->fd, b.p, b.n, MSG_NOSIGNAL), b.n);
    buf_free(&b);
    end_process(s);
    turn();
    assert_int_equal(first.status, 200);
    assert_int_equal(second.times, 0); /* it waits for a worker that lives */
    assert_int_equal(pool_waiting(t.pool), 1);
    assert_int_equal(pool_ready(t.pool), 0);
    struct stand_in *next = idle();
    say_ok(next, given(next, NULL));
    assert_int_equal(second.status, 200);
}

static void a_process_that_ended_idle_gets_no_call(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    end_process(s); /* and the pool has had no turn to see it */
    assert_true(submit(ORG_A, &told));
    assert_int_equal(pool_waiting(t.pool), 1);
    assert_int_equal(pool_running(t.pool), 0);
    assert_true(is_left(s));
    struct stand_in *next = idle();
    say_ok(next, given(next, NULL));
    assert_int_equal(told.status, 200);
}

/* ---- a worker that sends without end ---- */

static void a_flood_takes_no_more_than_its_turn(void **state)
{
    (void)state;
    struct told told = { 0 }, other = { 0 };
    struct stand_in *flood = idle(), *good = idle();
    struct buf b;
    int left = 0;
    assert_true(submit(ORG_B, &other)); /* the last to become idle is the first to get one */
    assert_true(submit(ORG_A, &told));
    uint64_t call = given(good, NULL), flooded = given(flood, NULL);
    buf_init(&b, 128 * 1024);
    while (b.n < 96 * 1024)
        assert_true(message_breaker_report_write(&b, flooded, &(struct message_breaker_report){ span_of("b"), true }));
    assert_int_equal(send(flood->fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT), b.n);
    for (struct worker_slot *w = t.pool->slots; w->ticket; w++)
        if (w->ticket->id == flooded)
            left = w->watch.fd;
    loop_turn(&t.loop, 0);
    assert_int_equal(ioctl(left, FIONREAD, &left), 0);
    assert_true(left > 64 * 1024);
    say_ok(good, call);
    assert_int_equal(other.status, 200);
    buf_free(&b);
    buf_init(&b, 1000);
    const struct message_reply m = { .status = 200, .body = { "{}", 2 } };
    assert_true(message_reply_write(&b, flooded, &m));
    assert_int_equal(send(flood->fd, b.p, b.n, MSG_NOSIGNAL), b.n);
    for (int i = 0; i < 20 && !told.times; i++) /* and nothing of it is lost */
        loop_turn(&t.loop, 0);
    assert_int_equal(told.status, 200);
    buf_free(&b);
}

static void one_question_at_a_time(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    struct buf b;
    assert_true(submit(ORG_A, &told));
    uint64_t call = given(s, NULL);
    t.pool->slots[0].asking = true; /* the answer to an earlier one has not come */
    buf_init(&b, 1000);
    const struct message_authorization_question q = { span_of("name"), span_of("") };
    assert_true(message_authorization_question_write(&b, call, &q));
    say(s, &b);
    assert_int_equal(told.status, 502);
    assert_true(is_killed(s));
}

/* ---- what a worker asks while a call runs ---- */

static void a_worker_is_answered(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    struct message_cache_answer cached = { 0 };
    struct message_authorization_answer authorization = { 0 };
    struct buf b;
    assert_true(submit(ORG_A, &told));
    uint64_t call = given(s, NULL);
    for (int i = 0; i < 2; i++) { /* not there, then there */
        buf_init(&b, 1000);
        assert_true(message_cache_question_write(&b, call, &(struct message_cache_question){ span_of("key") }));
        say(s, &b);
        struct frame f = heard(s);
        assert_true(f.call == call && message_cache_answer_read(&f, &cached));
        assert_int_equal(cached.found, i);
        assert_span(cached.value, i ? "value" : "");
        buf_init(&b, 1000);
        const struct message_cache_entry entry = { span_of("key"), span_of("value"), 60 };
        assert_true(message_cache_entry_write(&b, call, &entry));
        say(s, &b);
        assert_true(has_nothing(s));
    }
    buf_init(&b, 1000);
    const struct message_authorization_question q = { span_of("no/name"), span_of("") };
    assert_true(message_authorization_question_write(&b, call, &q));
    say(s, &b);
    struct frame f = heard(s);
    assert_true(f.call == call && message_authorization_answer_read(&f, &authorization));
    assert_false(authorization.granted);
    assert_int_equal(authorization.status, 500);
    assert_span(authorization.code, "authorization_failed");
    assert_true(authorization.text.n > 0);
    say_ok(s, call);
    assert_int_equal(told.status, 200);
}

/* A port that takes connections and says nothing. */
static int silent_port(char url[64])
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 4) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    snprintf(url, 64, "http://127.0.0.1:%d", ntohs(a.sin_port));
    return fd;
}

/* A stop while the add-on is still being asked: a leak checker finds nothing, nobody is answered. */
static void a_stop_while_the_addon_is_asked_leaves_nothing(void **state)
{
    (void)state;
    char url[64], byte;
    int silent = silent_port(url);
    struct config c = { .addon_url = span_of(url), .addon_timeout_ms = LATER_MS, .plain_http = true };
    struct fetcher *fetcher = fetcher_new(&t.loop, 4, true);
    struct addon *addon = addon_new(fetcher, &c);
    authorizations_free(t.authorizations);
    t.pool->authorizations = t.authorizations = authorizations_new(addon);
    struct told told = { 0 };
    struct stand_in *s = idle();
    struct buf b;
    assert_true(submit(ORG_A, &told));
    uint64_t call = given(s, NULL);
    buf_init(&b, 1000);
    const struct message_authorization_question q = { span_of("Sales"), span_of("") };
    assert_true(message_authorization_question_write(&b, call, &q));
    say(s, &b);
    fetcher_work(fetcher);
    assert_int_equal(recv(s->fd, &byte, 1, MSG_DONTWAIT), -1);
    pool_free(t.pool);
    fetcher_free(fetcher);
    authorizations_free(t.authorizations);
    addon_free(addon);
    t.pool = NULL;
    t.authorizations = NULL;
    close(silent);
    assert_int_equal(told.times, 0);
}

static bool is_allowed(struct stand_in *s, uint64_t call, const char *name)
{
    struct message_breaker_answer a = { 0 };
    struct buf b;
    buf_init(&b, 1000);
    assert_true(message_breaker_question_write(&b, call, &(struct message_breaker_question){ span_of(name) }));
    say(s, &b);
    struct frame f = heard(s);
    assert_true(f.call == call && message_breaker_answer_read(&f, &a));
    return a.allowed;
}

static void an_actions_breaker_is_not_an_orgs(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    struct buf b;
    assert_true(submit(ORG_A, &told));
    uint64_t call = given(s, NULL);
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(is_allowed(s, call, ORG_A));
        buf_init(&b, 1000);
        const struct message_breaker_report m = { span_of(ORG_A), false };
        assert_true(message_breaker_report_write(&b, call, &m));
        say(s, &b);
    }
    assert_false(is_allowed(s, call, ORG_A));
    assert_true(is_allowed(s, call, ORG_B));
    assert_true(breaker_allow(pool_org_breaker(t.pool, ORG_A), clock_ms()));
}

static void an_actions_breakers_push_no_orgs_out(void **state)
{
    (void)state;
    enum { NAMES = 5000 };
    struct told told = { 0 };
    struct stand_in *s = idle();
    char name[32];
    assert_true(submit(ORG_A, &told));
    uint64_t call = given(s, NULL);
    pool_org_breaker(t.pool, ORG_B)->interval_ms = LATER_MS; /* no probe while this runs */
    for (int i = 0; i < BREAKER_FAILURES; i++)
        breaker_report(pool_org_breaker(t.pool, ORG_B), false, clock_ms());
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "name %d", i);
        assert_true(is_allowed(s, call, name));
    }
    assert_false(breaker_allow(pool_org_breaker(t.pool, ORG_B), clock_ms()));
}

static void an_org_that_fails_is_told_with_the_call(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    struct message_call m;
    const struct message_reply failed = {
        .status = 503, .code = { "x", 1 }, .body = { "{}", 2 }, .outcome = ORG_FAULT
    };
    const struct message_reply unused = { .status = 200, .body = { "{}", 2 }, .outcome = ORG_UNUSED };
    pool_org_breaker(t.pool, ORG_A)->interval_ms = LATER_MS; /* no probe while this runs */
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(submit(ORG_A, &told));
        uint64_t call = given(s, &m);
        assert_false(m.org_blocked);
        say_reply(s, call, &failed);
    }
    assert_true(submit(ORG_A, &told));
    uint64_t call = given(s, &m);
    assert_true(m.org_blocked);
    say_reply(s, call, &unused);
    assert_true(submit(ORG_B, &told));
    call = given(s, &m);
    assert_false(m.org_blocked);
    say_ok(s, call);
    assert_int_equal(told.times, BREAKER_FAILURES + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_POOL(garbage_ends_it),
        IN_POOL(too_long_ends_it),
        IN_POOL(half_a_reply_ends_it),
        IN_POOL(another_calls_reply_ends_it),
        IN_POOL(another_calls_question_ends_it),
        IN_POOL(a_call_of_its_own_ends_it),
        IN_POOL(ready_again_ends_it),
        IN_POOL(an_idle_worker_has_nothing_to_say),
        IN_POOL(a_worker_that_died_idle_gets_no_call),
        IN_POOL(a_crash_is_told_at_once),
        IN_POOL(what_it_had_said_counts),
        IN_POOL(a_process_that_ended_idle_gets_no_call),
        IN_POOL(a_flood_takes_no_more_than_its_turn),
        IN_POOL(one_question_at_a_time),
        IN_POOL(a_worker_is_answered),
        IN_POOL(a_stop_while_the_addon_is_asked_leaves_nothing),
        IN_POOL(an_actions_breaker_is_not_an_orgs),
        IN_POOL(an_actions_breakers_push_no_orgs_out),
        IN_POOL(an_org_that_fails_is_told_with_the_call),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
