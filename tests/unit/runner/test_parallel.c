/* test_parallel.c - requests in flight to an org: shares of steps, growth, halves. */
#include "tests/unit/check.h"

#include "runtime/runner/parallel.h"

static const char org[] = "00Dxx0000001gPLEAY", other[] = "00Dxx0000009gPLEAY";
static const struct parallel_met clean = { .clean = true }, pushed = { .clean = true, .pushed_back = true },
                                 failed = { .clean = false };
static struct parallel *p;

static int set_up(void **state)
{
    (void)state;
    p = parallel_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    parallel_free(p);
    return 0;
}

static void once(const struct parallel_met *met)
{
    parallel_end(p, org, parallel_begin(p, org, 1), met);
}

static void a_step_alone_has_four(void **state)
{
    (void)state;
    struct parallel_grant g = parallel_begin(p, org, 1);
    assert_int_equal(g.n, PARALLEL_STEP_MAX);
    assert_int_equal(parallel_begin(p, other, 1).n, PARALLEL_STEP_MAX); /* another org's window is its own */
    parallel_end(p, org, g, &clean);
}

static void the_sum_stays_within_the_window(void **state)
{
    (void)state;
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += parallel_begin(p, org, 3).n;
    assert_int_equal(sum, PARALLEL_BEGIN);
    assert_int_equal(parallel_begin(p, org, 4).n, 1); /* each has one */
}

static void late_comers_get_what_is_left(void **state)
{
    (void)state;
    int left = PARALLEL_BEGIN;
    for (; left > 0; left -= PARALLEL_STEP_MAX)
        assert_int_equal(parallel_begin(p, org, 1).n, left < PARALLEL_STEP_MAX ? left : PARALLEL_STEP_MAX);
    assert_int_equal(parallel_begin(p, org, 3).n, 1);
}

static void a_step_that_goes_on_gets_what_others_gave_back(void **state)
{
    (void)state;
    struct parallel_grant g[PARALLEL_BEGIN];
    for (int i = 0; i < PARALLEL_BEGIN; i++)
        g[i] = parallel_begin(p, org, PARALLEL_BEGIN);
    g[0] = parallel_renew(p, org, g[0], PARALLEL_BEGIN);
    assert_int_equal(g[0].n, 1);
    for (int i = 1; i < PARALLEL_BEGIN; i++)
        parallel_end(p, org, g[i], &failed);
    g[0] = parallel_renew(p, org, g[0], 1);
    assert_int_equal(g[0].n, PARALLEL_STEP_MAX);
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += parallel_begin(p, org, 1).n; /* its own counts once */
    assert_true(sum + g[0].n <= PARALLEL_BEGIN + 2);
}

static void clean_rounds_add_one(void **state)
{
    (void)state;
    int granted = 0;
    for (; granted + PARALLEL_STEP_MAX < PARALLEL_BEGIN; granted += PARALLEL_STEP_MAX)
        once(&clean); /* not as many as the window has */
    assert_int_equal(parallel_window(p, org), PARALLEL_BEGIN);
    once(&clean);
    assert_int_equal(parallel_window(p, org), PARALLEL_BEGIN + 1);
    for (int i = 0; i < 1000; i++)
        once(&clean);
    assert_int_equal(parallel_window(p, org), PARALLEL_ORG_MAX); /* and no more */
}

static void what_failed_by_itself_says_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        once(&failed);
    assert_int_equal(parallel_window(p, org), PARALLEL_BEGIN);
}

static void a_push_back_halves(void **state)
{
    (void)state;
    once(&pushed);
    assert_int_equal(parallel_window(p, org), PARALLEL_BEGIN / 2);
    for (int i = 0; i < 10; i++)
        once(&pushed);
    assert_int_equal(parallel_window(p, org), 1);
    assert_int_equal(parallel_begin(p, org, 1).n, 1);
}

static void steps_of_one_round_halve_once(void **state)
{
    (void)state;
    struct parallel_grant g[3];
    for (int i = 0; i < 3; i++)
        g[i] = parallel_begin(p, org, 3);
    for (int i = 0; i < 3; i++)
        parallel_end(p, org, g[i], &pushed);
    assert_int_equal(parallel_window(p, org), PARALLEL_BEGIN / 2);
}

static void what_was_granted_is_given_back(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        once(&failed);
    assert_int_equal(parallel_begin(p, org, 1).n, PARALLEL_STEP_MAX);
}

static void doubled_times_halve(void **state)
{
    (void)state;
    const struct parallel_met usual = { .clean = true, .us_per_request = 400000 },
                              slow = { .clean = true, .us_per_request = 900000 };
    once(&slow); /* nothing is known yet */
    parallel_free(p);
    p = parallel_new();
    for (int i = 0; i < 6; i++)
        once(&usual);
    int before = parallel_window(p, org);
    once(&slow);
    assert_int_equal(parallel_window(p, org), before / 2);
}

static void short_times_are_noise(void **state)
{
    (void)state;
    const struct parallel_met usual = { .clean = true, .us_per_request = 10000 },
                              slow = { .clean = true, .us_per_request = 90000 };
    for (int i = 0; i < 6; i++)
        once(&usual);
    int before = parallel_window(p, org);
    once(&slow);
    assert_true(parallel_window(p, org) >= before);
}

static void processes_share(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        once(&clean);
    parallel_share(p, 4);
    assert_int_equal(parallel_window(p, org), PARALLEL_ORG_MAX / 4);
    for (int i = 0; i < 1000; i++)
        once(&clean);
    assert_int_equal(parallel_window(p, org), PARALLEL_ORG_MAX / 4);
    parallel_share(p, 100);
    assert_int_equal(parallel_window(p, org), 1);
    parallel_share(p, 0);
    for (int i = 0; i < 1000; i++)
        once(&clean);
    assert_int_equal(parallel_window(p, org), PARALLEL_ORG_MAX);
}

static void many_orgs_come_and_go(void **state)
{
    (void)state;
    char name[19];
    struct parallel_grant held = parallel_begin(p, org, 1);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "00Dxx%013d", i);
        parallel_end(p, name, parallel_begin(p, name, 1), &clean);
    }
    assert_int_equal(parallel_begin(p, org, PARALLEL_BEGIN / 2).n, 2); /* one with a running step is not forgotten */
    parallel_end(p, org, held, &clean);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "00Dxx%013d", i);
        held = parallel_begin(p, name, 1);
        assert_true(held.n >= 1);
    }
    parallel_end(p, name, held, &pushed); /* of one that found no room: nothing happens */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_step_alone_has_four),
        TEST(the_sum_stays_within_the_window),
        TEST(late_comers_get_what_is_left),
        TEST(a_step_that_goes_on_gets_what_others_gave_back),
        TEST(clean_rounds_add_one),
        TEST(what_failed_by_itself_says_nothing),
        TEST(a_push_back_halves),
        TEST(steps_of_one_round_halve_once),
        TEST(what_was_granted_is_given_back),
        TEST(doubled_times_halve),
        TEST(short_times_are_noise),
        TEST(processes_share),
        TEST(many_orgs_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
