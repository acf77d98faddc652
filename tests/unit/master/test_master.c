/*
 * test_master.c - the master with processes that do nothing but what a test asks of them: who is started again, who is
 * ended, in which order, and with which exit code.
 */
#include "tests/unit/master/master_kit.h"

static void without_a_database_there_is_no_jobs_process(void **state)
{
    (void)state;
    unsetenv("DATABASE_URL");
    begin(true);
    EVENTUALLY(atomic_load(&shared->calls_ready) == CALL_WORKERS);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->jobs_starts), 0);
    assert_true(all_gone());
}

static void the_jobs_process_ends_after_the_front(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->front_waits, true);
    kill(host, SIGTERM);
    EVENTUALLY(atomic_load(&shared->drained_jobs) == atomic_load(&shared->jobs)); /* it knows, and answers still */
    usleep(100 * 1000);
    assert_false(gone(atomic_load(&shared->jobs)));
    atomic_store(&shared->front_waits, false);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->jobs_starts), 1);
    assert_true(all_gone());
}

static void nothing_is_started_during_a_stop(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->front_waits, true);
    kill(host, SIGTERM);
    EVENTUALLY(atomic_load(&shared->drained_jobs) == atomic_load(&shared->jobs));
    kill(atomic_load(&shared->jobs), SIGKILL);
    usleep(300 * 1000); /* the pause before another start is 50 ms */
    atomic_store(&shared->front_waits, false);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->jobs_starts), 1);
    assert_true(all_gone());
}

static void a_jobs_process_that_dies_is_followed_by_another(void **state)
{
    (void)state;
    begin_whole(true);
    int fds = atomic_load(&shared->jobs_fds);
    for (int i = 2; i <= 4; i++) {
        atomic_store(&shared->steps_ready, 0);
        kill(atomic_load(&shared->jobs), SIGKILL);
        EVENTUALLY(atomic_load(&shared->jobs_starts) == i && atomic_load(&shared->links) == i);
        EVENTUALLY(atomic_load(&shared->steps_ready) == STEP_WORKERS);
        assert_int_equal(atomic_load(&shared->jobs_fds), fds); /* nothing of the one before it is left open */
    }
    assert_int_equal(atomic_load(&shared->calls_ready), CALL_WORKERS); /* calls have noticed nothing */
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* Also those that do not look at their socket: what they are at is done again by those that follow. */
static void its_workers_end_with_it(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->workers_stay, true);
    int first = atomic_load(&shared->pids_n);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->pids_n) == first + 1 + STEP_WORKERS);
    int left = 0;
    for (int i = 0; i < first; i++)
        left += !gone(atomic_load(&shared->pids[i]));
    assert_int_equal(left, 1 + CALL_WORKERS);
    atomic_store(&shared->workers_stay, false);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* The pauses between them grow: without any there would be hundreds by now. */
static void workers_that_die_as_soon_as_they_are_ready_come_ever_later(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->workers_die, true);
    atomic_store(&shared->steps_ready, 0);
    kill(atomic_load(&shared->jobs), SIGKILL); /* and its workers, which lived for long, with it */
    EVENTUALLY(atomic_load(&shared->steps_ready) >= STEP_WORKERS);
    usleep(1000 * 1000);
    assert_in_range(atomic_load(&shared->steps_ready), STEP_WORKERS, 8 * STEP_WORKERS);
    atomic_store(&shared->workers_die, false);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* With pauses the last of them would come after more than a minute. */
static void workers_that_die_at_work_are_replaced_at_once(void **state)
{
    (void)state;
    atomic_store(&shared->work_given, true);
    begin_whole(true);
    atomic_store(&shared->workers_die, true);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->steps_ready) >= 20 * STEP_WORKERS);
    atomic_store(&shared->workers_die, false);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    EVENTUALLY(all_gone());
}

static void a_link_that_did_not_arrive_is_made_anew(void **state)
{
    (void)state;
    atomic_store(&shared->lose_jobs, true);
    begin(true);
    EVENTUALLY(atomic_load(&shared->links) == 1 && atomic_load(&shared->jobs_starts) >= 1);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

static void without_a_front_the_host_ends(void **state)
{
    (void)state;
    begin_whole(true);
    kill(atomic_load(&shared->front), SIGKILL);
    assert_int_equal(code_of_host(), EX_SOFTWARE);
    assert_int_equal(atomic_load(&shared->jobs_starts), 1);
    assert_true(all_gone());
}

static void who_hangs_is_ended(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->jobs_waits, true);
    atomic_store(&shared->workers_stay, true);
    kill(atomic_load(&shared->front), SIGKILL);
    assert_int_equal(code_of_host(), EX_SOFTWARE);
    assert_true(all_gone());
}

static void nobody_outlives_the_master(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->jobs_waits, true);
    atomic_store(&shared->front_waits, true);
    atomic_store(&shared->workers_stay, true);
    kill(host, SIGKILL);
    assert_int_equal(code_of_host(), -1);
    EVENTUALLY(all_gone());
}

static void work_has_jobs_alone(void **state)
{
    (void)state;
    begin_whole(false);
    assert_int_equal(atomic_load(&shared->front), 0);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->jobs_starts) == 2);
    EVENTUALLY(atomic_load(&shared->steps_ready) == 2 * STEP_WORKERS);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->calls_ready), 0);
    assert_true(all_gone());
}

/* A jobs process that fails at its start; between two starts there is nobody who could be told to stop. */
static void work_stops_between_two_starts(void **state)
{
    (void)state;
    atomic_store(&shared->jobs_code, EX_OSERR);
    begin(false);
    EVENTUALLY(atomic_load(&shared->jobs_starts) >= 3);
    EVENTUALLY(gone(atomic_load(&shared->jobs)));
    kill(host, SIGTERM);
    int code = code_of_host();
    assert_true(code == EX_OK || code == EX_OSERR); /* the next one had just been started */
    assert_true(all_gone());
}

static void starts_that_fail_come_later_and_later(void **state)
{
    (void)state;
    atomic_store(&shared->jobs_code, EX_OSERR);
    begin(true);
    EVENTUALLY(atomic_load(&shared->jobs_starts) >= 2);
    usleep(1000 * 1000);
    assert_true(atomic_load(&shared->jobs_starts) < 10); /* 50, 100, 200, 400 ms are between them */
    assert_int_equal(atomic_load(&shared->calls_ready), CALL_WORKERS);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

static void a_database_of_no_use_stops_the_start(void **state)
{
    (void)state;
    for (int serve = 0; serve < 2; serve++) {
        atomic_store(&shared->jobs_code, EX_CONFIG);
        begin(serve);
        assert_int_equal(code_of_host(), EX_CONFIG);
        assert_true(all_gone());
    }
}

/* Later on that is a fault like any other: calls go on. */
static void a_database_that_becomes_of_no_use(void **state)
{
    (void)state;
    begin_whole(true);
    atomic_store(&shared->jobs_code, EX_CONFIG);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->jobs_starts) >= 3);
    assert_false(gone(atomic_load(&shared->front)));
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
}

static void step_workers_that_do_not_start(void **state)
{
    (void)state;
    atomic_store(&shared->workers_fail, true);
    begin(false);
    assert_int_equal(code_of_host(), EX_UNAVAILABLE);
    assert_true(all_gone());
    begin(true);
    EVENTUALLY(atomic_load(&shared->calls_ready) == CALL_WORKERS);
    usleep(500 * 1000); /* the fourth has failed by then */
    assert_false(gone(atomic_load(&shared->front)));
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* Whoever holds another's socket keeps it open when that one is gone. */
static void a_worker_has_one_socket(void **state)
{
    (void)state;
    begin_whole(true);
    kill(atomic_load(&shared->jobs), SIGKILL);
    EVENTUALLY(atomic_load(&shared->steps_ready) == 2 * STEP_WORKERS);
    assert_int_equal(atomic_load(&shared->worker_sockets), 1);
}

static void each_process_has_its_secrets_alone(void **state)
{
    (void)state;
    begin_whole(true);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(atomic_load(&shared->saw_front), SAW_ADDON | SAW_METRICS);
        assert_int_equal(atomic_load(&shared->saw_jobs), SAW_ADDON | SAW_DATABASE);
        assert_int_equal(atomic_load(&shared->saw_worker), 0);
        atomic_store(&shared->steps_ready, 0);
        kill(atomic_load(&shared->jobs), SIGKILL);
        EVENTUALLY(atomic_load(&shared->jobs_starts) == round + 2);
        EVENTUALLY(atomic_load(&shared->steps_ready) == STEP_WORKERS);
    }
}

/* A listener reads what comes from outside, so it may die; the host goes on with another, and a new link. */
static void a_listener_that_dies_is_followed_by_another(void **state)
{
    (void)state;
    listens = true;
    begin(true);
    EVENTUALLY(atomic_load(&shared->links) == 1);
    for (int i = 2; i <= 4; i++) {
        kill(atomic_load(&shared->front), SIGKILL);
        EVENTUALLY(atomic_load(&shared->listener_starts) == i && atomic_load(&shared->links) == i);
        EVENTUALLY(atomic_load(&shared->jobs_starts) == i);
    }
    kill(atomic_load(&shared->jobs), SIGKILL); /* which the listener survives */
    EVENTUALLY(atomic_load(&shared->links) == 5);
    assert_int_equal(atomic_load(&shared->listener_starts), 4);
    assert_int_equal(atomic_load(&shared->calls_ready), 0);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
    assert_true(all_gone());
}

/* Tokens come to it by frames; it writes its own log. */
static void a_listener_knows_no_secrets(void **state)
{
    (void)state;
    listens = true;
    begin(true);
    EVENTUALLY(atomic_load(&shared->links) == 1 && atomic_load(&shared->jobs_starts) == 1);
    assert_int_equal(atomic_load(&shared->saw_listener), 0);
    assert_int_equal(atomic_load(&shared->saw_jobs), SAW_ADDON | SAW_DATABASE);
    assert_int_equal(atomic_load(&shared->listener_logs), -1);
    kill(host, SIGTERM);
    assert_int_equal(code_of_host(), EX_OK);
}

/* What was handed on is kept before the jobs process goes. */
static void the_jobs_process_ends_after_the_listener(void **state)
{
    (void)state;
    listens = true;
    begin(true);
    EVENTUALLY(atomic_load(&shared->links) == 1);
    atomic_store(&shared->front_waits, true);
    kill(host, SIGTERM);
    EVENTUALLY(atomic_load(&shared->drained_jobs) == atomic_load(&shared->jobs));
    usleep(100 * 1000);
    assert_false(gone(atomic_load(&shared->jobs)));
    atomic_store(&shared->front_waits, false);
    assert_int_equal(code_of_host(), EX_OK);
    assert_int_equal(atomic_load(&shared->jobs_starts), 1);
    assert_true(all_gone());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_database_there_is_no_jobs_process),
        TEST(the_jobs_process_ends_after_the_front),
        TEST(nothing_is_started_during_a_stop),
        TEST(a_jobs_process_that_dies_is_followed_by_another),
        TEST(its_workers_end_with_it),
        TEST(workers_that_die_as_soon_as_they_are_ready_come_ever_later),
        TEST(workers_that_die_at_work_are_replaced_at_once),
        TEST(a_link_that_did_not_arrive_is_made_anew),
        TEST(without_a_front_the_host_ends),
        TEST(who_hangs_is_ended),
        TEST(nobody_outlives_the_master),
        TEST(work_has_jobs_alone),
        TEST(work_stops_between_two_starts),
        TEST(starts_that_fail_come_later_and_later),
        TEST(a_database_of_no_use_stops_the_start),
        TEST(a_database_that_becomes_of_no_use),
        TEST(step_workers_that_do_not_start),
        TEST(a_worker_has_one_socket),
        TEST(each_process_has_its_secrets_alone),
        TEST(a_listener_that_dies_is_followed_by_another),
        TEST(a_listener_knows_no_secrets),
        TEST(the_jobs_process_ends_after_the_listener),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
