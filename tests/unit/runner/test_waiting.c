/* test_waiting.c - those who wait for jobs: how many, and when they are answered. */
#include "tests/unit/check.h"

#include "runtime/runner/waiting.h"

static struct waiting *w;
static struct {
    int peeks, answered;
    uint64_t last;
    const char *ended;        /* the job that has ended; NULL = none */
    enum queue_result result; /* of a peek */
    bool again;               /* whoever is answered waits again */
} t;

static enum queue_result peek(void *ctx, const struct waiter *one, bool *ended)
{
    (void)ctx;
    t.peeks++;
    *ended = t.ended && strcmp(one->job, t.ended) == 0;
    return t.result;
}

static struct waiter one(uint64_t call, const char *job, int user, int64_t until_ms)
{
    struct waiter x = { .call = call, .until_ms = until_ms };
    copy_text(x.job, sizeof x.job, job);
    copy_text(x.org_id, sizeof x.org_id, "00Dxx0000001gPLEAY");
    snprintf(x.user_id, sizeof x.user_id, "005xx%013d", user);
    return x;
}

static bool add(uint64_t call, const char *job, int user, int64_t until_ms)
{
    const struct waiter x = one(call, job, user, until_ms);
    return waiting_add(w, &x);
}

static void on_answer(void *ctx, const struct waiter *x)
{
    (void)ctx;
    t.answered++;
    t.last = x->call;
    if (t.again && t.answered < 1000)
        assert_true(add(x->call + 1000, x->job, 1, 1));
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    w = waiting_new(peek, on_answer, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    waiting_free(w);
    return 0;
}

static void sixteen_of_a_user_wait(void **state)
{
    (void)state;
    for (int i = 0; i < WAITING_OF_USER; i++)
        assert_true(add((uint64_t)i, "a", 1, 1000));
    assert_false(add(100, "b", 1, 1000));
    assert_true(add(101, "b", 2, 1000));
    struct waiter elsewhere = one(102, "b", 1, 1000); /* an org of its own with an equal user's id */
    copy_text(elsewhere.org_id, sizeof elsewhere.org_id, "00Dxx0000002gPLEAY");
    assert_true(waiting_add(w, &elsewhere));
    waiting_work(w, 1000); /* their time is over */
    assert_int_equal(t.answered, WAITING_OF_USER + 2);
    assert_true(add(103, "b", 1, 2000));
}

static void two_hundred_and_fifty_six_wait(void **state)
{
    (void)state;
    for (int i = 0; i < WAITING_MAX; i++)
        assert_true(add((uint64_t)i, "a", i, 1000));
    assert_false(add(1000, "a", 1000, 1000));
    assert_int_equal(waiting_count(w), WAITING_MAX);
    waiting_answer_all(w);
    assert_int_equal(t.answered, WAITING_MAX);
    assert_int_equal(waiting_count(w), 0);
    assert_true(add(1000, "a", 1000, 1000));
}

static void time_is_over(void **state)
{
    (void)state;
    assert_true(add(7, "a", 1, 5000));
    assert_true(add(8, "a", 1, 6000));
    waiting_work(w, 4999);
    assert_int_equal(t.answered, 0);
    assert_int_equal(waiting_timeout_ms(w, 4999), 1);
    waiting_work(w, 5000);
    assert_int_equal(t.answered, 1);
    assert_int_equal(t.last, 7);
}

static void the_job_has_ended(void **state)
{
    (void)state;
    assert_true(add(1, "a", 1, 60000));
    assert_true(add(2, "b", 1, 60000));
    assert_true(add(3, "b", 2, 60000));
    t.ended = "b";
    waiting_heard(w);
    waiting_work(w, 1000);
    assert_int_equal(t.answered, 2);
    assert_int_equal(waiting_count(w), 1);
}

static void a_job_that_ended_here_is_not_looked_up(void **state)
{
    (void)state;
    waiting_work(w, 1000);
    assert_true(add(1, "a", 1, 60000));
    assert_true(add(2, "b", 1, 60000));
    waiting_work(w, 2000);
    t.peeks = 0;
    waiting_job_ended(w, "b");
    assert_int_equal(waiting_timeout_ms(w, 2000), 0);
    waiting_work(w, 2000);
    assert_int_equal(t.answered, 1);
    assert_int_equal(t.last, 2);
    assert_int_equal(t.peeks, 0);
}

static void a_job_that_is_gone_is_told(void **state)
{
    (void)state;
    assert_true(add(1, "a", 1, 60000));
    t.result = QUEUE_NOT_FOUND;
    waiting_work(w, 1000);
    assert_int_equal(t.answered, 1);
}

static void without_a_queue_they_wait_on(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(add((uint64_t)i, "a", 1, 60000));
    t.result = QUEUE_AWAY;
    waiting_heard(w);
    waiting_work(w, 1000);
    assert_int_equal(t.peeks, 1);
    assert_int_equal(t.answered, 0);
}

static void looks_are_few(void **state)
{
    (void)state;
    char job[JOB_ID_SIZE];
    for (int i = 0; i < WAITING_MAX; i++) {
        snprintf(job, sizeof job, "job %d", i);
        assert_true(add((uint64_t)i, job, i, 600000));
    }
    for (int64_t now = 1000; now < 2000; now++) { /* a look each 100 ms, of 32 jobs */
        waiting_heard(w);
        waiting_work(w, now);
    }
    assert_int_equal(t.peeks, 10 * WAITING_LOOKS);
    t.ended = "job 255";
    for (int64_t now = 2000; now < 3000; now++)
        waiting_work(w, now);
    assert_int_equal(t.answered, 1); /* each has its turn */
}

static void without_news_a_look_a_second(void **state)
{
    (void)state;
    assert_true(add(1, "a", 1, 600000));
    waiting_work(w, 1000);
    assert_int_equal(t.peeks, 1);
    assert_int_equal(waiting_timeout_ms(w, 1000), WAITING_IDLE_MS);
    waiting_work(w, 1000 + WAITING_IDLE_MS - 1);
    assert_int_equal(t.peeks, 1);
    waiting_heard(w);
    waiting_work(w, 1000 + WAITING_IDLE_MS - 1);
    assert_int_equal(t.peeks, 2);
}

static void who_is_answered_may_wait_again(void **state)
{
    (void)state;
    t.again = true;
    for (int i = 0; i < 3; i++)
        assert_true(add((uint64_t)i, "a", 1, 1));
    waiting_work(w, 5);
    assert_int_equal(waiting_count(w), 3);
}

static void nobody_is_left(void **state)
{
    (void)state;
    assert_true(add(1, "a", 1, 1));
    waiting_forget_all(w);
    waiting_work(w, 1000);
    assert_int_equal(t.answered, 0);
    assert_int_equal(waiting_timeout_ms(w, 1000), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sixteen_of_a_user_wait),
        TEST(two_hundred_and_fifty_six_wait),
        TEST(time_is_over),
        TEST(the_job_has_ended),
        TEST(a_job_that_ended_here_is_not_looked_up),
        TEST(a_job_that_is_gone_is_told),
        TEST(without_a_queue_they_wait_on),
        TEST(looks_are_few),
        TEST(without_news_a_look_a_second),
        TEST(who_is_answered_may_wait_again),
        TEST(nobody_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
