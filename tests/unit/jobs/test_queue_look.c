/* test_queue_look.c - jobs as callers, the shell and pages see them; what is kept, and what is counted. */
#include "tests/unit/jobs/queue_kit.h"

#include <math.h>

static const struct job_caller mine = { ORG, USER };

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

static long number(const json_t *o, const char *name)
{
    return (long)json_integer_value(json_object_get(o, name));
}

static void what_is_not_known_is_absent(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    json_t *job = NULL;
    OK(queue_get(kit.q, s.id, &mine, &job));
    static const char *const absent[] = { "total",      "percent",  "ratePerSecond", "etaSeconds", "startedAt",
                                          "finishedAt", "message",  "failures",      "resultJson", "orgId",
                                          "userId",     "username", "queue",         "steps" };
    for (size_t i = 0; i < COUNT(absent); i++)
        if (json_object_get(job, absent[i]))
            fail_msg("%s is there", absent[i]);
    assert_string_equal(text(job, "jobId"), s.id);
    assert_string_equal(text(job, "operation"), "generateQuotes");
    assert_string_equal(text(job, "state"), "queued");
    assert_int_equal(number(job, "done"), 0);
    const char *created = text(job, "createdAt");
    assert_int_equal(strlen(created), strlen("2026-11-28T17:50:40.123Z"));
    assert_true(created[4] == '-' && created[10] == 'T' && created[19] == '.' && created[23] == 'Z');
    json_decref(job);
}

static void nobody_else_sees_a_job(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    static const struct job_caller others[] = { { ORG, "005xx0000000002AAA" }, { ORG2, USER }, { "", "" } };
    char job_state[12];
    bool ended;
    json_t *out = NULL;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(queue_get(kit.q, s.id, &others[i], &out), QUEUE_NOT_FOUND);
        assert_int_equal(queue_peek(kit.q, s.id, &others[i], job_state, &ended), QUEUE_NOT_FOUND);
        assert_int_equal(queue_failures(kit.q, s.id, &others[i], "", 10, &out), QUEUE_NOT_FOUND);
        const struct job_filter f = { .limit = 10 };
        OK(queue_list(kit.q, &f, &others[i], &out));
        assert_int_equal(json_array_size(out), 0);
        json_decref(out);
        out = NULL;
    }
    assert_int_equal(queue_get(kit.q, "' OR 1=1 --", &mine, &out), QUEUE_NOT_FOUND);
    assert_null(out);
    OK(queue_peek(kit.q, s.id, &mine, job_state, &ended));
    assert_string_equal(job_state, "queued");
    assert_false(ended);
}

static void progress_is_told_in_items(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 10;
    struct job_started s = planned_job(&n, 40);
    struct claim c = claim_one();
    end_done(&c);
    sql("UPDATE ah_job SET rate_from = rate_from - 100000, started_at = started_at - 100000");
    json_t *job = NULL;
    OK(queue_get(kit.q, s.id, &mine, &job));
    assert_int_equal(number(job, "total"), 40);
    assert_int_equal(number(job, "done"), 10);
    assert_int_equal(number(job, "percent"), 25);
    assert_true(fabs(json_real_value(json_object_get(job, "ratePerSecond")) - 0.1) < 0.051);
    assert_in_range(number(job, "etaSeconds"), 299, 400);
    json_decref(job);
    for (int i = 0; i < 3; i++) {
        c = claim_one();
        end_done(&c);
    }
    OK(queue_get(kit.q, s.id, &mine, &job));
    assert_int_equal(number(job, "percent"), 100);
    assert_null(json_object_get(job, "etaSeconds"));
    assert_non_null(json_object_get(job, "finishedAt"));
    json_decref(job);
}

static void a_total_is_what_the_plan_told_until_it_is_known(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    struct claim c = claim_one();
    json_t *items = json_pack("[i, i]", 1, 2), *cursor = json_true();
    end_with(&c, (struct step_end){ .outcome = STEP_DONE, .items = items, .cursor = cursor, .total = 100 });
    json_t *job = get_job(s.id);
    assert_int_equal(number(job, "total"), 100);
    json_decref(job);
    c = claim_one();
    assert_int_equal(c.kind, STEP_PLAN);
    end_with(&c, (struct step_end){ .outcome = STEP_DONE, .items = items, .total = -1 });
    job = get_job(s.id);
    assert_int_equal(number(job, "total"), 4);
    assert_int_equal(number(job, "percent"), 0);
    json_decref(job);
    json_decref(items);
}

static void a_job_that_nobody_takes_says_so(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    int64_t stop;
    size_t many = 0;
    json_t *job = get_job(s.id);
    assert_null(json_object_get(job, "message"));
    json_decref(job);
    sql("UPDATE ah_job SET created_at = created_at - 45000");
    job = get_job(s.id);
    assert_non_null(strstr(text(job, "message"), "No worker has taken this job for 45 s; run `actionhost work`"));
    json_decref(job);
    OK(queue_beat(kit.q, ME, LEASE, &stop, &many)); /* somebody is there */
    job = get_job(s.id);
    assert_non_null(strstr(text(job, "message"), "busy"));
    json_decref(job);
    sql("UPDATE ah_owner SET until = 1");
    job = get_job(s.id);
    assert_non_null(strstr(text(job, "message"), "No worker"));
    json_decref(job);
    struct claim c = claim_one();
    job = get_job(s.id);
    assert_null(json_object_get(job, "message"));
    json_decref(job);
    queue_claim_free(&c);
}

static void the_shell_sees_more(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 6);
    struct claim c = claim_one();
    json_t *job = get_job(s.id);
    assert_string_equal(text(job, "orgId"), ORG);
    assert_string_equal(text(job, "userId"), USER);
    assert_string_equal(text(job, "username"), "admin@example.com");
    assert_string_equal(text(job, "queue"), "quotes");
    char *steps = json_dumps(json_object_get(job, "steps"), JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(steps, "{\"held\":0,\"ready\":2,\"running\":1}");
    free(steps);
    json_decref(job);
    queue_claim_free(&c);
}

static void lists_are_newest_first_filtered_and_paged(void **state)
{
    (void)state;
    struct job_started s[6];
    struct job_new n = job_sample();
    for (int i = 0; i < 6; i++) {
        n.operation = i % 2 ? "odd" : "even";
        n.queue = i < 3 ? "first" : "second";
        s[i] = start_job(&n);
    }
    n.user_id = "005xx0000000002AAA";
    start_job(&n);
    OK(queue_cancel(kit.q, s[5].id, NULL));
    static const struct {
        struct job_filter f;
        const char *want; /* which of s, by digits */
    } cases[] = {
        { { .limit = 200 }, "543210" },
        { { .limit = 0 }, "5" },
        { { .limit = 2 }, "54" },
        { { .operation = "odd", .limit = 9 }, "531" },
        { { .queue = "first", .limit = 9 }, "210" },
        { { .state = "canceled", .limit = 9 }, "5" },
        { { .state = "queued", .operation = "even", .queue = "second", .limit = 9 }, "4" },
        { { .before = "3", .limit = 2 }, "21" },
        { { .before = "no-such", .limit = 2 }, "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct job_filter f = cases[i].f;
        json_t *list = NULL;
        if (f.before && f.before[0] == '3')
            f.before = s[3].id;
        OK(queue_list(kit.q, &f, &mine, &list));
        assert_int_equal(json_array_size(list), strlen(cases[i].want));
        for (size_t k = 0; k < json_array_size(list); k++)
            assert_string_equal(text(json_array_get(list, k), "jobId"), s[cases[i].want[k] - '0'].id);
        json_decref(list);
    }
    const struct job_filter all = { .limit = 200 };
    json_t *list = NULL;
    OK(queue_list(kit.q, &all, NULL, &list));
    assert_int_equal(json_array_size(list), 7);
    json_decref(list);
}

static void failures_are_paged(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 100;
    struct job_started s = planned_job(&n, 25);
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "E", .message = "no" });
    json_t *job = NULL, *rows = NULL;
    OK(queue_get(kit.q, s.id, &mine, &job));
    assert_int_equal(json_array_size(json_object_get(job, "failures")), 20);
    json_decref(job);
    OK(queue_failures(kit.q, s.id, &mine, NULL, 10, &rows));
    assert_int_equal(json_array_size(json_object_get(rows, "failures")), 10);
    char cursor[30];
    copy_text(cursor, sizeof cursor, text(rows, "cursor"));
    json_decref(rows);
    OK(queue_failures(kit.q, s.id, &mine, cursor, 15, &rows));
    assert_int_equal(json_array_size(json_object_get(rows, "failures")), 15);
    assert_string_equal(text(json_array_get(json_object_get(rows, "failures"), 0), "item"), "i10");
    assert_null(json_object_get(rows, "cursor"));
    json_decref(rows);
    OK(queue_failures(kit.q, s.id, &mine, "nonsense", 5000, &rows));
    assert_int_equal(json_array_size(json_object_get(rows, "failures")), 25);
    json_decref(rows);
}

/* ---- kept, counted ---- */

static void ended_jobs_are_kept_for_their_days(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    int64_t deleted;
    n.keep_days = 0;
    planned_job(&n, 0);
    n.keep_days = 30;
    planned_job(&n, 0);
    start_job(&n); /* has not ended */
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "E", .message = "no" });
    start_job(&n);
    OK(queue_retain(kit.q, 7, &deleted));
    assert_int_equal(deleted, 0);
    sql("UPDATE ah_job SET finished_at = finished_at - 8 * 86400000, created_at = 1");
    OK(queue_retain(kit.q, 7, &deleted));
    assert_int_equal(deleted, 1);
    sql("UPDATE ah_job SET finished_at = finished_at - 23 * 86400000");
    OK(queue_retain(kit.q, 7, &deleted));
    assert_int_equal(deleted, 2);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job"), 1);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job_data"), 1);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step"), 1);
}

static void retention_is_bounded(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    int64_t deleted;
    for (int i = 0; i < 12; i++)
        planned_job(&n, 0);
    sql("UPDATE ah_job SET finished_at = 1");
    OK(queue_retain(kit.q, 7, &deleted));
    assert_int_equal(deleted, 10);
    OK(queue_retain(kit.q, 7, &deleted));
    assert_int_equal(deleted, 2);
}

static void sums_of_the_queue(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct queue_stats t;
    int64_t stop;
    size_t many = 0;
    planned_job(&n, 6);
    n.org_id = ORG2;
    planned_job(&n, 4);
    OK(queue_beat(kit.q, ME, LEASE, &stop, &many));
    struct claim c[2];
    assert_int_equal(claim_some(ME, c, 2), 2);
    sql("UPDATE ah_step SET ready_at = ready_at - 5000 WHERE state = 0");
    end_with(&c[0], (struct step_end){ .outcome = STEP_WAITS, .message = "m" });
    OK(queue_stats(kit.q, &t));
    assert_in_range(t.ready, 1, 2); /* those of the other job */
    assert_int_equal(t.running, 1);
    assert_int_equal(t.waiting_jobs, 1);
    assert_int_equal(t.jobs_running, 1);
    assert_int_equal(t.owners, 1);
    assert_in_range(t.oldest_ready_ms, 5000, 65000);
    queue_claim_free(&c[1]);
}

/* The ids of a list, in its order; "" behind the last. */
static size_t ids_of(const struct job_filter *f, const char *expected[], size_t n)
{
    json_t *out = NULL;
    OK(queue_list(kit.q, f, NULL, &out));
    size_t found = json_array_size(out);
    assert_int_equal(found, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(text(json_array_get(out, i), "jobId"), expected[i]);
    json_decref(out);
    return found;
}

static void a_page_shows_those_first_that_need_somebody(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started ended = start_job(&n), old = start_job(&n), failed = start_job(&n), waits = start_job(&n),
                       runs = start_job(&n), first = start_job(&n), second = start_job(&n);
    char line[400];
    static const char set[] = "UPDATE ah_job SET state = '%s', ended = %d, finished_at = %lld WHERE uid = '%s'";
    long long now = (long long)time(NULL) * 1000;
    const struct {
        const char *id, *state;
        int ended;
        long long at;
    } rows[] = { { ended.id, "done", 1, now },
                 { old.id, "failed", 1, now - 25 * 3600000LL },
                 { failed.id, "failed", 1, now - 1000 },
                 { waits.id, "waiting", 0, 0 },
                 { runs.id, "running", 0, 0 } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(line, sizeof line, set, rows[i].state, rows[i].ended, rows[i].at, rows[i].id);
        sql(line);
    }
    const struct job_filter all = { .limit = 50, .in_order = true };
    const char *order[] = { waits.id, failed.id, runs.id, first.id, second.id, ended.id, old.id };
    ids_of(&all, order, COUNT(order));
    struct job_filter some = { .limit = 50, .in_order = true, .search = runs.id };
    ids_of(&some, &order[2], 1);
    some.search = "QUOTES";
    ids_of(&some, order, COUNT(order));
    some.search = "%";
    ids_of(&some, order, 0);
    some.search = "!_";
    ids_of(&some, order, 0);
}

static void the_tries_of_its_steps(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 3);
    struct claim c[2];
    assert_int_equal(claim_some(ME, c, 2), 2);
    end_with(&c[0], (struct step_end){ .outcome = STEP_AGAIN, .counts = true, .code = "X", .message = "down" });
    json_t *job = NULL;
    OK(queue_get(kit.q, s.id, NULL, &job));
    const json_t *tries = json_object_get(job, "tries"), *runs = json_array_get(tries, 0),
                 *again = json_array_get(tries, 1);
    assert_int_equal(json_array_size(tries), 2);
    assert_string_equal(text(runs, "state"), "running");
    assert_string_equal(text(runs, "kind"), "page");
    assert_int_equal(number(runs, "attempt"), 1);
    assert_int_equal(number(runs, "attempts"), n.attempts);
    assert_string_equal(text(again, "state"), "ready");
    assert_int_equal(number(again, "attempt"), 2);
    assert_non_null(text(again, "at"));
    json_decref(job);
    end_with(&c[1], (struct step_end){ .outcome = STEP_CRASHED });
    OK(queue_get(kit.q, s.id, NULL, &job));
    assert_int_equal(number(json_array_get(json_object_get(job, "tries"), 1), "crashes"), 1);
    json_decref(job);
    const struct job_caller who = { ORG, USER };
    OK(queue_get(kit.q, s.id, &who, &job));
    assert_null(json_object_get(job, "tries"));
    json_decref(job);
}

static void all_jobs_in_numbers(void **state)
{
    (void)state;
    int64_t before = 0, after = 0;
    struct job_new n = job_sample();
    OK(queue_pulse(kit.q, &before));
    struct job_started s = planned_job(&n, 20);
    OK(queue_pulse(kit.q, &after));
    assert_true(after != before);
    before = after;
    struct claim c = claim_one();
    end_done(&c);
    OK(queue_pulse(kit.q, &after));
    assert_true(after != before);
    OK(queue_pulse(kit.q, &before));
    assert_true(after == before);
    OK(queue_pause(kit.q, n.queue, true));
    OK(queue_pulse(kit.q, &after));
    assert_true(after != before);
    json_t *all = NULL;
    OK(queue_overview(kit.q, &all));
    assert_int_equal(number(json_object_get(all, "counts"), "running"), 1);
    assert_int_equal(json_array_size(json_object_get(all, "queues")), 0);
    assert_int_equal(json_array_size(json_object_get(all, "paused")), 1);
    assert_string_equal(text(json_array_get(json_object_get(all, "paused"), 0), "queue"), n.queue);
    assert_int_equal(number(json_array_get(json_object_get(all, "paused"), 0), "jobs"), 1);
    const char *since = text(json_array_get(json_object_get(all, "paused"), 0), "since");
    assert_true(since && strlen(since) == 24);
    assert_true(number(all, "done") > 0);
    assert_int_equal(number(all, "failed"), 0);
    json_decref(all);
    sql("UPDATE ah_pause SET since = 5000");
    OK(queue_pause(kit.q, n.queue, true)); /* again: it is paused since the first time */
    OK(queue_overview(kit.q, &all));
    assert_string_equal(text(json_array_get(json_object_get(all, "paused"), 0), "since"), "1970-01-01T00:00:05.000Z");
    json_decref(all);
    sql("UPDATE ah_pause SET since = 0"); /* an older program knows no time */
    OK(queue_overview(kit.q, &all));
    assert_null(json_object_get(json_array_get(json_object_get(all, "paused"), 0), "since"));
    json_decref(all);
    OK(queue_pause(kit.q, n.queue, false));
    OK(queue_overview(kit.q, &all));
    assert_int_equal(json_array_size(json_object_get(all, "queues")), 1);
    json_decref(all);
    OK(queue_cancel(kit.q, s.id, NULL));
    OK(queue_pulse(kit.q, &after));
    assert_true(after != before);
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(what_is_not_known_is_absent),
    QUEUE_TEST(nobody_else_sees_a_job),
    QUEUE_TEST(progress_is_told_in_items),
    QUEUE_TEST(a_total_is_what_the_plan_told_until_it_is_known),
    QUEUE_TEST(a_job_that_nobody_takes_says_so),
    QUEUE_TEST(the_shell_sees_more),
    QUEUE_TEST(lists_are_newest_first_filtered_and_paged),
    QUEUE_TEST(failures_are_paged),
    QUEUE_TEST(the_tries_of_its_steps),
    QUEUE_TEST(ended_jobs_are_kept_for_their_days),
    QUEUE_TEST(retention_is_bounded),
    QUEUE_TEST(sums_of_the_queue),
    QUEUE_TEST(a_page_shows_those_first_that_need_somebody),
    QUEUE_TEST(all_jobs_in_numbers),
};

QUEUE_MAIN(tests)
