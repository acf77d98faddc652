/* test_stats.c - what is counted of steps, as a page. */
#include "tests/unit/check.h"

#include "runtime/runner/stats.h"

static struct stats *s;
static struct buf page;

static int set_up(void **state)
{
    (void)state;
    s = stats_new();
    buf_init(&page, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stats_free(s);
    buf_free(&page);
    return 0;
}

static void count(enum step_kind kind, enum step_outcome outcome, struct step_ended ended, int64_t waited_ms,
                  int64_t ran_us)
{
    const struct claim c = { .kind = kind, .waited_ms = waited_ms };
    const struct step_end e = { .outcome = outcome };
    const struct step_fact f = { &c, &e, &ended, ran_us };
    stats_step(s, &f);
}

static void write_page(const struct stats_now *now)
{
    buf_wipe(&page);
    assert_true(stats_write(s, now, &page));
}

#define assert_line(line)                                                                                              \
    do {                                                                                                               \
        if (!strstr(page.p, "\n" line "\n"))                                                                           \
            fail_msg("missing: %s in\n%s", line, page.p);                                                              \
    } while (0)

static void steps_are_counted(void **state)
{
    (void)state;
    count(STEP_PLAN, STEP_DONE, (struct step_ended){ 0 }, 3, 20000);
    count(STEP_PAGE, STEP_DONE, (struct step_ended){ .done = 198, .failed = 2 }, 700, 2000000);
    count(STEP_PAGE, STEP_CRASHED, (struct step_ended){ .split = true }, 3, 100);
    count(STEP_PAGE, STEP_CRASHED, (struct step_ended){ .quarantined = true, .failed = 1 }, 3, 100);
    count(STEP_PAGE, STEP_AGAIN, (struct step_ended){ .retried = true }, 3, 100);
    const struct claim lost = { .kind = STEP_PAGE };
    stats_lost(s, &lost);
    const struct stats_now now = { .queue = { .ready = 7, .running = 3, .oldest_ready_ms = 4500, .owners = 2 },
                                   .workers = 6,
                                   .running = 2,
                                   .waiting_callers = 9 };
    write_page(&now);
    assert_line("actionhost_job_steps_total{kind=\"page\",outcome=\"done\"} 1");
    assert_line("actionhost_job_steps_total{kind=\"page\",outcome=\"crashed\"} 2");
    assert_line("actionhost_job_items_done_total 198");
    assert_line("actionhost_job_items_failed_total 3");
    assert_line("actionhost_job_steps_split_total 1");
    assert_line("actionhost_job_items_quarantined_total 1");
    assert_line("actionhost_job_steps_retried_total 1");
    assert_line("actionhost_job_steps_lost_total 1");
    assert_line("actionhost_job_step_wait_seconds_bucket{le=\"0.005\"} 4");
    assert_line("actionhost_job_step_wait_seconds_bucket{le=\"1\"} 5");
    assert_line("actionhost_job_step_wait_seconds_count 5");
    assert_line("actionhost_job_step_run_seconds_bucket{kind=\"page\",le=\"1\"} 3");
    assert_line("actionhost_job_step_run_seconds_bucket{kind=\"page\",le=\"2.5\"} 4");
    assert_line("actionhost_job_step_run_seconds_count{kind=\"plan\"} 1");
    assert_line("actionhost_job_steps_ready 7");
    assert_line("actionhost_job_oldest_ready_seconds 4.500");
    assert_line("actionhost_job_owners 2");
    assert_line("actionhost_job_workers 6");
    assert_line("actionhost_job_callers_waiting 9");
    assert_line("actionhost_jobs_available 1");
}

static void without_a_database_nothing_is_said_of_the_queue(void **state)
{
    (void)state;
    const struct stats_now now = { .away = true };
    write_page(&now);
    assert_line("actionhost_jobs_available 0");
    assert_null(strstr(page.p, "actionhost_job_steps_ready"));
}

/* Each series has a name that was introduced, and a number. */
static void the_page_is_one(void **state)
{
    (void)state;
    const struct stats_now now = { 0 };
    char *rest, *line, name[100], kind[20];
    count(STEP_FINISH, STEP_DONE, (struct step_ended){ 0 }, 0, 0);
    write_page(&now);
    for (line = strtok_r(page.p, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (sscanf(line, "# TYPE %99s %19s", name, kind) == 2 || strncmp(line, "# HELP ", 7) == 0)
            continue;
        double value;
        const char *number = strrchr(line, ' ');
        assert_non_null(number);
        assert_int_equal(sscanf(number, "%lf", &value), 1);
        assert_int_equal(strncmp(line, name, strlen(name)), 0);
    }
}

static void a_page_that_does_not_fit_is_told(void **state)
{
    (void)state;
    const struct stats_now now = { 0 };
    struct buf small;
    buf_init(&small, 100);
    assert_false(stats_write(s, &now, &small));
    buf_free(&small);
}

static void subscriptions_are_told(void **state)
{
    (void)state;
    json_t *list = json_loads("[{\"connection\":\"acme\",\"topic\":\"/data/X\",\"held\":true,\"lagMs\":1500,"
                              "\"kept\":12345678,\"open\":3},{\"connection\":\"beta\",\"topic\":\"/data/X\","
                              "\"held\":false,\"kept\":1}]",
                              0, NULL);
    buf_wipe(&page);
    buf_char(&page, '\n');
    assert_true(stats_write_subscriptions(list, &page));
    assert_line("actionhost_events_listening{connection=\"acme\",topic=\"/data/X\"} 1");
    assert_line("actionhost_events_listening{connection=\"beta\",topic=\"/data/X\"} 0");
    assert_line("actionhost_events_lag_seconds{connection=\"acme\",topic=\"/data/X\"} 1.5");
    assert_line("actionhost_events_kept_total{connection=\"acme\",topic=\"/data/X\"} 12345678");
    assert_null(strstr(page.p, "lag_seconds{connection=\"beta\"")); /* not known yet */
    json_decref(list);
    buf_wipe(&page);
    assert_true(stats_write_subscriptions(NULL, &page));
    assert_int_equal(page.n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(steps_are_counted),      TEST(without_a_database_nothing_is_said_of_the_queue),
        TEST(the_page_is_one),        TEST(a_page_that_does_not_fit_is_told),
        TEST(subscriptions_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
