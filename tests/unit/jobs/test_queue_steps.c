/*
 * test_queue_steps.c - how steps end otherwise than well: tried again, given up, split, waiting, cancelled; and what
 * becomes of the job's counters.
 */
#include "tests/unit/jobs/queue_kit.h"

static const struct step_end again = {
    .outcome = STEP_AGAIN, .counts = true, .code = "LOCKED", .message = "was locked"
};
static const struct step_end throttled = { .outcome = STEP_AGAIN, .message = "asked to wait" };
static const struct step_end crashed = { .outcome = STEP_CRASHED };

static void now_due(void)
{
    sql("UPDATE ah_step SET run_at = 1 WHERE run_at > 1");
}

/* The database's clock. */
static long now(void)
{
    return sql_number(kit.postgres ? "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
                                   : "SELECT now_ms()");
}

/* ---- tried again ---- */

static void attempts_are_used_up_with_growing_waits(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.attempts = 4;
    struct job_started s = planned_job(&n, 2);
    for (int i = 1; i <= 3; i++) {
        struct claim c = claim_one();
        assert_int_equal(c.attempt, i);
        long before = now();
        struct step_ended e = end_with(&c, again);
        assert_true(e.retried);
        long ms = sql_number("SELECT run_at FROM ah_step") - before, middle = 1000L << (i - 1);
        assert_in_range(ms, middle * 3 / 4 - 1, middle * 5 / 4 + 2000); /* a slow machine is later, never earlier */
        claim_none();
        now_due();
    }
    struct claim c = claim_one();
    assert_int_equal(c.attempt, 4);
    struct step_ended e = end_with(&c, again);
    assert_int_equal(e.failed, 2);
    assert_true(e.job_ended);
    json_t *job = get_job(s.id);
    assert_string_equal(json_string_value(json_object_get(job, "state")), "failed"); /* nothing could be done */
    assert_non_null(strstr(json_string_value(json_object_get(job, "message")), "was locked"));
    json_t *row = json_array_get(json_object_get(job, "failures"), 1);
    assert_string_equal(json_string_value(json_object_get(row, "item")), "i1");
    assert_string_equal(json_string_value(json_object_get(row, "code")), "LOCKED");
    assert_string_equal(json_string_value(json_object_get(row, "message")), "was locked");
    assert_null(json_object_get(row, "field"));
    json_decref(job);
}

static void waits_end_at_five_minutes(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.attempts = 20;
    planned_job(&n, 1);
    sql("UPDATE ah_step SET attempt = 17");
    struct claim c = claim_one();
    assert_int_equal(c.attempt, 18);
    end_with(&c, again);
    long ms = sql_number("SELECT run_at FROM ah_step") - now();
    assert_in_range(ms, 200000, 375000);
}

static void throttles_drains_and_lost_leases_count_as_nothing(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.attempts = 1;
    struct job_started s = planned_job(&n, 2);
    for (int i = 0; i < 6; i++) {
        struct claim c = claim_one();
        assert_int_equal(c.attempt, 1);
        end_with(&c, i % 2 ? throttled : (struct step_end){ .outcome = STEP_RELEASED });
    }
    struct claim c = claim_one();
    end_done(&c);
    assert_job(s.id, "done", 2, 0);
}

static void a_wait_that_is_asked_for_is_kept(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 2);
    struct claim c = claim_one();
    struct step_end e = throttled;
    e.after_ms = 30000;
    end_with(&c, e);
    claim_none();
    assert_in_range(sql_number("SELECT run_at - ready_at FROM ah_step"), 0, 0);
    now_due();
    c = claim_one();
    queue_claim_free(&c);
}

static void items_that_are_tried_again_become_a_page_of_their_own(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 5;
    n.attempts = 2;
    struct job_started s = planned_job(&n, 5);
    const struct item_result first[] = { { .index = 3, .again = true, .code = "A", .message = "a" },
                                         { .index = 1, .again = true, .code = "B", .message = "b" },
                                         { .index = 1, .code = "TWICE", .message = "said twice" },
                                         { .index = 4, .code = "BAD", .message = "is bad", .field = "Amount" },
                                         { .index = 5, .code = "X", .message = "no such item" },
                                         { .index = -1, .code = "X", .message = "no such item" } };
    struct claim c = claim_one();
    struct step_ended e = end_with(
        &c, (struct step_end){ .outcome = STEP_DONE, .total = -1, .results = first, .results_n = COUNT(first) });
    assert_int_equal(e.done, 2);
    assert_int_equal(e.failed, 1);
    assert_int_equal(e.again, 2);
    assert_job(s.id, "running", 2, 1);
    claim_none(); /* it waits */
    now_due();
    c = claim_one();
    assert_int_equal(c.attempt, 2);
    assert_claim(c, STEP_PAGE, "[\"i3\",\"i1\"]");
    const struct item_result last[] = { { .index = 0, .again = true, .code = "A", .message = "still a" } };
    e = end_with(&c, (struct step_end){ .outcome = STEP_DONE, .total = -1, .results = last, .results_n = 1 });
    assert_int_equal(e.done, 1);
    assert_int_equal(e.failed, 1);
    assert_true(e.job_ended);
    assert_job(s.id, "done", 3, 2);
    json_t *rows = NULL;
    OK(queue_failures(kit.q, s.id, NULL, "", 10, &rows));
    char *text = json_dumps(rows, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text,
                        "{\"failures\":[{\"code\":\"BAD\",\"field\":\"Amount\",\"item\":\"i4\",\"message\":\"is bad\"},"
                        "{\"code\":\"A\",\"item\":\"i3\",\"message\":\"still a\"}]}");
    free(text);
    json_decref(rows);
}

/* ---- sums ---- */

static void sums_of_pages_reach_the_finish_once(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 1;
    n.has_finish = true;
    planned_job(&n, 2);
    json_t *sums = json_pack("{s:i, s:i}", "a.EUR", 5, "b", -2);
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_AGAIN, .counts = true, .total = -1, .sums = sums });
    for (int i = 0; i < 2; i++) {
        now_due();
        c = claim_one();
        assert_int_equal(c.kind, STEP_PAGE);
        end_with(&c, (struct step_end){ .outcome = STEP_DONE, .total = -1, .sums = sums });
    }
    json_decref(sums);
    c = claim_one();
    assert_int_equal(c.kind, STEP_FINISH);
    assert_span(((struct span){ c.payload.p, c.payload.n }), "{\"a.EUR\":10,\"b\":-4}");
    end_done(&c);
}

/* ---- crashes ---- */

static void a_page_that_crashes_is_split_until_the_item_is_found(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 8;
    n.attempts = 1; /* crashes are no attempts */
    n.has_finish = true;
    struct job_started s = planned_job(&n, 8);
    struct claim c;
    int splits = 0, quarantined = 0, steps = 0;
    for (now_due(); claim_some(ME, &c, 1) == 1 && c.kind == STEP_PAGE; now_due(), steps++) {
        bool poisoned = strstr(c.payload.p, "\"i5\"") != NULL;
        assert_int_equal(c.attempt, 1);
        struct step_ended e = poisoned ? end_with(&c, crashed) : end_done(&c);
        splits += e.split;
        quarantined += e.quarantined;
        assert_true(steps < 100);
    }
    assert_int_equal(splits, 3); /* 8, 4, 2 */
    assert_int_equal(quarantined, 1);
    assert_int_equal(steps, 3 * 4 + 3);
    assert_int_equal(c.kind, STEP_FINISH);
    assert_int_equal(c.job_failed, 1);
    end_done(&c);
    assert_job(s.id, "done", 7, 1);
    assert_string_equal(sql_text("SELECT code FROM ah_failed"), "crashed");
    assert_string_equal(sql_text("SELECT item FROM ah_failed"), "\"i5\"");
}

static void a_crash_is_tried_again_soon(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 1);
    struct claim c = claim_one();
    long before = now();
    end_with(&c, crashed);
    assert_in_range(sql_number("SELECT run_at FROM ah_step") - before, 149, 5000);
    now_due();
    c = claim_one();
    assert_int_equal(c.crashes, 1);
    assert_int_equal(c.attempt, 1);
    queue_claim_free(&c);
}

static void halves_keep_their_order(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 5;
    planned_job(&n, 5);
    sql("UPDATE ah_step SET crashes = 2, attempt = 1");
    struct claim c = claim_one(), half;
    struct step_ended e = end_with(&c, crashed);
    assert_true(e.split);
    half = claim_one();
    assert_claim(half, STEP_PAGE, "[\"i0\",\"i1\"]");
    assert_int_equal(half.crashes, 0);
    assert_int_equal(half.attempt, 2);
    queue_claim_free(&half);
    half = claim_one();
    assert_claim(half, STEP_PAGE, "[\"i2\",\"i3\",\"i4\"]");
    queue_claim_free(&half);
    claim_none();
}

static void a_plan_or_finish_that_crashes_five_times_fails_its_job(void **state)
{
    (void)state;
    for (int finish = 0; finish < 2; finish++) {
        struct job_new n = job_sample();
        n.has_finish = true;
        struct job_started s = finish ? planned_job(&n, 0) : start_job(&n);
        for (int i = 0; i < 5; i++) {
            now_due();
            struct claim c = claim_one();
            assert_int_equal(c.kind, finish ? STEP_FINISH : STEP_PLAN);
            assert_int_equal(end_with(&c, crashed).job_ended, i == 4);
        }
        assert_job(s.id, "failed", 0, 0);
        claim_none();
    }
}

/* ---- failures ---- */

static void a_page_that_fails_fails_its_items(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 3);
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "E", .message = "no" });
    assert_job(s.id, "running", 0, 2);
    c = claim_one();
    end_done(&c);
    assert_job(s.id, "done", 1, 2);
}

static void a_plan_that_fails_fails_its_job(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "INVALID_FIELD", .message = "No such column." });
    json_t *job = get_job(s.id);
    assert_string_equal(json_string_value(json_object_get(job, "state")), "failed");
    assert_string_equal(json_string_value(json_object_get(job, "message")), "No such column.");
    json_decref(job);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job_data WHERE credentials IS NOT NULL"), 0);
}

static void a_job_that_fails_drops_its_other_steps(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.has_finish = true;
    struct job_started s = planned_job(&n, 8);
    struct claim c[2];
    assert_int_equal(claim_some(ME, c, 2), 2);
    struct step_ended e = end_with(&c[0], (struct step_end){ .outcome = STEP_JOB_FAILED,
                                                             .code = "INSUFFICIENT_ACCESS",
                                                             .message = "You may not create Quotes." });
    assert_false(e.job_ended); /* a step still runs */
    claim_none();
    e = end_done(&c[1]);
    assert_true(e.job_ended);
    assert_int_equal(e.done, 2);
    assert_string_equal(e.job_state, "failed");
    assert_job(s.id, "failed", 2, 0);
    claim_none();
}

/* ---- cancelled ---- */

static void a_cancelled_job_ends_when_no_step_runs(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.has_finish = true;
    n.unique_key = "k";
    struct job_started s = planned_job(&n, 8);
    const struct job_caller owner = { ORG, USER }, other = { ORG, "005xx0000000009AAA" }, org = { ORG2, USER };
    struct claim c = claim_one();
    assert_int_equal(queue_cancel(kit.q, s.id, &other), QUEUE_NOT_FOUND);
    assert_int_equal(queue_cancel(kit.q, s.id, &org), QUEUE_NOT_FOUND);
    assert_int_equal(queue_cancel(kit.q, "no-such-job", NULL), QUEUE_NOT_FOUND);
    OK(queue_cancel(kit.q, s.id, &owner));
    OK(queue_cancel(kit.q, s.id, &owner)); /* it is on its way */
    assert_false(start_job(&n).twin);      /* and no twin for anybody */
    sql("DELETE FROM ah_step WHERE job_id > 1");
    claim_none();
    assert_job(s.id, "running", 0, 0);
    assert_true(end_done(&c).job_ended);
    assert_job(s.id, "canceled", 2, 0);
    assert_int_equal(queue_cancel(kit.q, s.id, &owner), QUEUE_ENDED);
}

static void a_cancelled_plan_makes_nothing(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    struct claim c = claim_one();
    OK(queue_cancel(kit.q, s.id, NULL));
    struct step_ended e = end_plan(&c, 0, 10, NULL);
    assert_true(e.job_ended);
    assert_job(s.id, "canceled", 0, 0);
    claim_none();
}

static void a_cancelled_job_whose_worker_died_ends_by_the_sweep(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 4);
    struct claim c = claim_one();
    int64_t released;
    OK(queue_cancel(kit.q, s.id, NULL));
    sql("UPDATE ah_step SET lease_until = 1");
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 1);
    assert_job(s.id, "canceled", 0, 0);
    claim_none();
    queue_claim_free(&c);
}

static void a_step_put_back_into_a_job_that_ends_is_not_taken_again(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 4);
    struct claim c[2];
    int64_t released;
    char lost[100];
    assert_int_equal(claim_some(ME, c, 2), 2);
    OK(queue_cancel(kit.q, s.id, NULL));
    snprintf(lost, sizeof lost, "UPDATE ah_step SET lease_until = 1 WHERE id = %lld", (long long)c[0].step);
    sql(lost);
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 1);
    claim_none();
    assert_true(end_done(&c[1]).job_ended);
    assert_job(s.id, "canceled", 2, 0);
    queue_claim_free(&c[0]);
}

/* ---- waiting ---- */

static void a_session_that_ended_holds_the_job_until_its_user_comes(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 6);
    const struct job_caller who = { ORG, USER }, other = { ORG, "005xx0000000009AAA" };
    const struct job_credentials fresh = { { "fresh", 5 }, "https://p.my.salesforce.com", "63.0" };
    const struct step_end waits = { .outcome = STEP_WAITS, .message = "Your session has ended." };
    int64_t rows = 9;
    struct claim c[2];
    assert_int_equal(claim_some(ME, c, 2), 2);
    usleep(2000); /* a retry is later than a claim by at least a millisecond */
    end_with(&c[0], waits);
    json_t *job = get_job(s.id);
    assert_string_equal(json_string_value(json_object_get(job, "state")), "waiting");
    assert_string_equal(json_string_value(json_object_get(job, "message")), "Your session has ended.");
    json_decref(job);
    claim_none();
    assert_int_equal(queue_retry(kit.q, s.id, &other, &fresh, &rows), QUEUE_NOT_FOUND);
    OK(queue_retry(kit.q, s.id, &who, &fresh, &rows));
    assert_int_equal(rows, 0);
    assert_job(s.id, "running", 0, 0);
    end_with(&c[1], waits); /* it ran under the old session: no reason to wait once more */
    assert_job(s.id, "running", 0, 0);
    for (int i = 0; i < 3; i++) {
        c[0] = claim_one();
        assert_int_equal(c[0].attempt, 1);
        assert_string_equal(c[0].credentials.p, "fresh");
        assert_string_equal(c[0].org_url, "https://p.my.salesforce.com");
        assert_string_equal(c[0].api_version, "63.0");
        end_done(&c[0]);
    }
    assert_job(s.id, "done", 6, 0);
}

static void what_runs_while_a_job_waits_is_held_as_well(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 4);
    struct claim c[2];
    int64_t rows, released;
    assert_int_equal(claim_some(ME, c, 2), 2);
    end_with(&c[0], (struct step_end){ .outcome = STEP_WAITS, .message = "m" });
    sql("UPDATE ah_step SET lease_until = 1 WHERE state = 1");
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 1);
    queue_claim_free(&c[1]);
    claim_none();
    OK(queue_retry(kit.q, s.id, NULL, NULL, &rows)); /* from the shell: with what it has */
    assert_int_equal(claim_some(ME, c, 2), 2);
    assert_string_equal(c[0].credentials.p, "se");
    queue_claim_free(&c[0]);
    queue_claim_free(&c[1]);
}

static void a_job_waits_for_a_day(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 4);
    struct claim c = claim_one();
    int64_t released;
    end_with(&c, (struct step_end){ .outcome = STEP_WAITS, .message = "m" });
    sql("UPDATE ah_job SET waiting_at = waiting_at - 86000000");
    OK(queue_sweep(kit.q, NULL, &released));
    assert_job(s.id, "waiting", 0, 0);
    sql("UPDATE ah_job SET waiting_at = waiting_at - 500000");
    OK(queue_sweep(kit.q, NULL, &released));
    assert_job(s.id, "failed", 0, 0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step"), 0);
}

static void a_waiting_job_can_be_cancelled(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 4);
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_WAITS, .message = "m" });
    OK(queue_cancel(kit.q, s.id, NULL));
    assert_job(s.id, "canceled", 0, 0);
}

/* ---- failed rows again ---- */

static void failed_rows_are_tried_again_under_the_same_id(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.has_finish = true;
    n.unique_key = "k";
    struct job_started s = planned_job(&n, 5);
    const struct job_caller who = { ORG, USER };
    const struct job_credentials fresh = { { "fresh", 5 }, "https://p.my.salesforce.com", "63.0" };
    int64_t rows;
    struct claim c = claim_one();
    assert_int_equal(queue_retry(kit.q, s.id, &who, &fresh, &rows), QUEUE_NOTHING); /* it runs */
    assert_string_not_equal(queue_why(kit.q), "");
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "E", .message = "no" });
    for (int i = 0; i < 3; i++) {
        c = claim_one();
        const struct item_result r = { .index = 0, .code = "F", .message = "no" };
        end_with(&c, (struct step_end){
                         .outcome = STEP_DONE, .total = -1, .results = i == 1 ? &r : NULL, .results_n = i == 1 });
    }
    assert_job(s.id, "done", 2, 3);
    assert_int_equal(queue_retry(kit.q, s.id, &who, NULL, &rows), QUEUE_NOTHING); /* its session is erased */
    OK(queue_retry(kit.q, s.id, &who, &fresh, &rows));
    assert_int_equal(rows, 3);
    assert_job(s.id, "queued", 2, 0);
    assert_true(start_job(&n).twin); /* its unique key counts again */
    static const char *const pages[] = { "[\"i0\",\"i1\"]", "[\"i4\"]" };
    for (int i = 0; i < 2; i++) {
        c = claim_one();
        assert_claim(c, STEP_PAGE, pages[i]);
        assert_int_equal(c.attempt, 1);
        assert_string_equal(c.credentials.p, "fresh");
        end_done(&c);
    }
    c = claim_one();
    assert_int_equal(c.kind, STEP_FINISH);
    end_with(&c, (struct step_end){ .outcome = STEP_DONE, .total = -1, .result = span_of("{\"n\":2}") });
    assert_job(s.id, "done", 5, 0);
    assert_int_equal(queue_retry(kit.q, s.id, &who, &fresh, &rows), QUEUE_NOTHING);
}

static void a_job_that_lives_again_beside_its_twin_gives_up_its_key(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.unique_key = "k";
    n.connection = "main";
    struct job_started s = planned_job(&n, 1);
    struct claim c = claim_one();
    int64_t rows;
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "E", .message = "no" });
    assert_false(start_job(&n).twin);
    OK(queue_retry(kit.q, s.id, NULL, NULL, &rows)); /* a connection's: no session is missing */
    assert_int_equal(rows, 1);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job WHERE ended = 0"), 2);
}

/* ---- limits ---- */

static void ten_thousand_failed_rows_are_kept_the_rest_is_counted(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 2000;
    struct job_started s = start_job(&n);
    struct claim c = claim_one();
    json_t *cursor = json_true();
    for (int i = 0; i < 6; i++) {
        end_plan(&c, i * 1900, 1900, i < 5 ? cursor : NULL); /* the last that is kept is amid a page */
        c = claim_one();
    }
    for (int i = 0; i < 6; i++) {
        end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "E", .message = "no" });
        if (i < 5)
            c = claim_one();
    }
    assert_int_equal(sql_number("SELECT count(*) FROM ah_failed"), JOB_FAILED_ROWS);
    sql("UPDATE ah_job SET message = NULL");
    json_t *job = get_job(s.id), *page = NULL;
    assert_int_equal(json_integer_value(json_object_get(job, "failed")), 11400);
    assert_int_equal(json_array_size(json_object_get(job, "failures")), 20);
    assert_non_null(strstr(json_string_value(json_object_get(job, "message")), "first 10000"));
    json_decref(job);
    size_t rows = 0;
    char after[30] = "";
    for (bool more = true; more;) {
        OK(queue_failures(kit.q, s.id, NULL, after, 2000, &page));
        rows += json_array_size(json_object_get(page, "failures"));
        more = json_object_get(page, "cursor") != NULL;
        copy_text(after, sizeof after, more ? json_string_value(json_object_get(page, "cursor")) : "");
        json_decref(page);
    }
    assert_int_equal(rows, JOB_FAILED_ROWS);
    int64_t retried;
    const struct job_credentials fresh = { { "fresh", 5 }, "https://p.my.salesforce.com", "63.0" };
    OK(queue_retry(kit.q, s.id, NULL, &fresh, &retried));
    assert_int_equal(retried, JOB_FAILED_ROWS);
    assert_job(s.id, "queued", 0, 1400);
}

static void a_plan_is_told_what_is_too_large(void **state)
{
    (void)state;
    char *large = malloc(JOB_PAYLOAD_MAX + 1);
    memset(large, 'x', JOB_PAYLOAD_MAX);
    large[JOB_PAYLOAD_MAX] = '\0';
    for (int what = 0; what < 4; what++) {
        struct job_new n = job_sample();
        n.page_items = 1;
        struct job_started s = start_job(&n);
        struct claim c = claim_one();
        json_t *items = json_array(), *cursor = NULL;
        for (int i = 0; what == 1 && i <= JOB_PLAN_PAGES; i++)
            json_array_append_new(items, json_integer(i));
        if (what == 0)
            json_array_append_new(items, json_string(large));
        if (what == 2)
            cursor = json_string(large);
        if (what == 3) {
            cursor = json_true();
            sql("UPDATE ah_job SET plans = 10000");
        }
        struct step_ended e =
            end_with(&c, (struct step_end){ .outcome = STEP_DONE, .items = items, .cursor = cursor, .total = -1 });
        assert_true(e.job_ended);
        json_t *job = get_job(s.id);
        assert_string_equal(json_string_value(json_object_get(job, "state")), "failed");
        assert_non_null(json_object_get(job, "message"));
        json_decref(job);
        json_decref(items);
        json_decref(cursor);
        claim_none();
    }
    free(large);
}

/* Items that fit, but not all into one page of 64 KiB: pages of fewer. */
static void pages_are_cut_where_their_payload_is_full(void **state)
{
    (void)state;
    char item[4001];
    memset(item, 'y', 4000);
    item[4000] = '\0';
    struct job_new n = job_sample();
    n.page_items = 2000;
    struct job_started s = start_job(&n);
    struct claim c = claim_one();
    json_t *items = json_array();
    for (int i = 0; i < 50; i++)
        json_array_append_new(items, json_string(item));
    end_with(&c, (struct step_end){ .outcome = STEP_DONE, .items = items, .total = -1 });
    json_decref(items);
    assert_in_range(sql_number("SELECT max(length(payload)) FROM ah_step"), 40000, JOB_PAYLOAD_MAX);
    assert_int_equal(sql_number("SELECT sum(items) FROM ah_step"), 50);
    for (int i = 0; i < 4; i++) {
        c = claim_one();
        end_done(&c);
    }
    assert_job(s.id, "done", 50, 0);
}

/* A plan may ask for pages of 20,000 items; what is left of one comes in pages of the job's own size. */
static void a_plan_may_ask_for_large_pages(void **state)
{
    enum { ITEMS = JOB_LARGE_PAGE_ITEMS + 100 };
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 200;
    struct job_started s = start_job(&n);
    struct claim c = claim_one();
    json_t *items = json_array();
    for (int i = 0; i < ITEMS; i++)
        json_array_append_new(items, json_string("006000000000001AAA"));
    end_with(
        &c, (struct step_end){ .outcome = STEP_DONE, .items = items, .page_items = JOB_LARGE_PAGE_ITEMS, .total = -1 });
    json_decref(items);
    c = claim_one();
    assert_int_equal(c.items, JOB_LARGE_PAGE_ITEMS);
    struct item_result later[300];
    for (int i = 0; i < 300; i++)
        later[i] = (struct item_result){ .index = i, .again = true, .code = "LATER", .message = "later" };
    end_with(&c, (struct step_end){ .outcome = STEP_DONE, .results = later, .results_n = 300, .total = -1 });
    assert_int_equal(sql_number("SELECT max(items) FROM ah_step"), 200);
    assert_int_equal(sql_number("SELECT sum(items) FROM ah_step"), 400);
    assert_job(s.id, "running", JOB_LARGE_PAGE_ITEMS - 300, 0);
}

static void an_answer_that_is_too_large_is_told(void **state)
{
    (void)state;
    char *large = malloc(JOB_RESULT_MAX + 2);
    memset(large, '1', JOB_RESULT_MAX + 2);
    for (int over = 0; over < 2; over++) {
        struct job_new n = job_sample();
        n.has_finish = true;
        struct job_started s = planned_job(&n, 0);
        struct claim c = claim_one();
        end_with(&c, (struct step_end){ .outcome = STEP_DONE,
                                        .total = -1,
                                        .result = { large, (size_t)JOB_RESULT_MAX + (size_t)over } });
        assert_job(s.id, over ? "failed" : "done", 0, 0);
    }
    struct job_started out;
    struct job_new n = job_sample();
    char *input = malloc(JOB_INPUT_MAX + 1);
    memset(input, '1', JOB_INPUT_MAX + 1);
    n.input = (struct span){ input, JOB_INPUT_MAX + 1 };
    assert_int_equal(queue_start(kit.q, &n, &out), QUEUE_FULL);
    n.input = (struct span){ "\xff", 1 };
    assert_int_equal(queue_start(kit.q, &n, &out), QUEUE_FULL);
    free(input);
    free(large);
}

/* Words of an org may be cut anywhere, and hold anything. */
static void words_that_are_no_utf8_lose_nothing_but_themselves(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.username = "caf\xc3";
    n.page_items = 3;
    struct job_started s = planned_job(&n, 3);
    const struct item_result r[] = { { .index = 0, .code = "E\xff", .message = "caf\xc3", .field = "\xf0\x9f" },
                                     { .index = 2, .code = "", .message = NULL } };
    struct claim c = claim_one();
    assert_string_equal(c.username, "caf");
    end_with(&c, (struct step_end){ .outcome = STEP_DONE, .total = -1, .results = r, .results_n = 2 });
    assert_job(s.id, "done", 1, 2);
    assert_string_equal(sql_text("SELECT message FROM ah_failed ORDER BY id"), "caf");
    assert_int_equal(sql_number("SELECT count(*) FROM ah_failed"), 2);
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(attempts_are_used_up_with_growing_waits),
    QUEUE_TEST(waits_end_at_five_minutes),
    QUEUE_TEST(throttles_drains_and_lost_leases_count_as_nothing),
    QUEUE_TEST(a_wait_that_is_asked_for_is_kept),
    QUEUE_TEST(items_that_are_tried_again_become_a_page_of_their_own),
    QUEUE_TEST(a_page_that_crashes_is_split_until_the_item_is_found),
    QUEUE_TEST(a_crash_is_tried_again_soon),
    QUEUE_TEST(halves_keep_their_order),
    QUEUE_TEST(sums_of_pages_reach_the_finish_once),
    QUEUE_TEST(a_plan_or_finish_that_crashes_five_times_fails_its_job),
    QUEUE_TEST(a_page_that_fails_fails_its_items),
    QUEUE_TEST(a_plan_that_fails_fails_its_job),
    QUEUE_TEST(a_job_that_fails_drops_its_other_steps),
    QUEUE_TEST(a_cancelled_job_ends_when_no_step_runs),
    QUEUE_TEST(a_cancelled_plan_makes_nothing),
    QUEUE_TEST(a_cancelled_job_whose_worker_died_ends_by_the_sweep),
    QUEUE_TEST(a_step_put_back_into_a_job_that_ends_is_not_taken_again),
    QUEUE_TEST(a_session_that_ended_holds_the_job_until_its_user_comes),
    QUEUE_TEST(what_runs_while_a_job_waits_is_held_as_well),
    QUEUE_TEST(a_job_waits_for_a_day),
    QUEUE_TEST(a_waiting_job_can_be_cancelled),
    QUEUE_TEST(failed_rows_are_tried_again_under_the_same_id),
    QUEUE_TEST(a_job_that_lives_again_beside_its_twin_gives_up_its_key),
    QUEUE_TEST(ten_thousand_failed_rows_are_kept_the_rest_is_counted),
    QUEUE_TEST(a_plan_is_told_what_is_too_large),
    QUEUE_TEST(pages_are_cut_where_their_payload_is_full),
    QUEUE_TEST(a_plan_may_ask_for_large_pages),
    QUEUE_TEST(an_answer_that_is_too_large_is_told),
    QUEUE_TEST(words_that_are_no_utf8_lose_nothing_but_themselves),
};

QUEUE_MAIN(tests)
