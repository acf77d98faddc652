/* test_queue.c - the life of a job: started, planned, worked on, ended; who may take its steps, and in which order. */
#include <signal.h>

#include "tests/unit/jobs/queue_kit.h"

#include "runtime/jobs/queue_parts.h"

static void a_job_runs_from_plan_to_finish(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.has_finish = true;
    struct job_started s = start_job(&n);
    assert_string_equal(s.state, "queued");
    assert_false(s.twin);
    assert_int_equal(strlen(s.id), 36);
    struct claim c = claim_one();
    assert_claim(c, STEP_PLAN, "");
    assert_string_equal(c.job, s.id);
    assert_string_equal(c.operation, "generateQuotes");
    assert_string_equal(c.org_id, ORG);
    assert_string_equal(c.user_id, USER);
    assert_string_equal(c.username, "admin@example.com");
    assert_string_equal(c.org_url, "https://o.my.salesforce.com");
    assert_string_equal(c.api_version, "62.0");
    assert_string_equal(c.connection, "");
    assert_string_equal(c.request_id, "req-1");
    assert_string_equal(c.traceparent, "00-1");
    assert_string_equal(c.input.p, "{\"a\":1}");
    assert_int_equal(c.credentials.n, 6);
    assert_memory_equal(c.credentials.p, "se\0led", 6);
    assert_int_equal(c.attempt, 1);
    assert_job(s.id, "running", 0, 0);
    end_plan(&c, 0, 5, NULL);
    static const char *const pages[] = { "[\"i0\",\"i1\"]", "[\"i2\",\"i3\"]", "[\"i4\"]" };
    for (int i = 0; i < 3; i++) {
        c = claim_one();
        assert_claim(c, STEP_PAGE, pages[i]);
        assert_int_equal(c.items, i < 2 ? 2 : 1);
        struct step_ended e = end_done(&c);
        assert_int_equal(e.done, i < 2 ? 2 : 1);
        assert_false(e.job_ended);
    }
    c = claim_one();
    assert_claim(c, STEP_FINISH, "");
    assert_int_equal(c.job_total, 5);
    assert_int_equal(c.job_done, 5);
    claim_none();
    struct step_ended e =
        end_with(&c, (struct step_end){ .outcome = STEP_DONE, .total = -1, .result = span_of("{\"quotes\":5}") });
    assert_true(e.job_ended);
    assert_string_equal(e.job_state, "done");
    assert_int_equal(e.job_done, 5);
    claim_none();
    json_t *job = get_job(s.id);
    assert_string_equal(json_string_value(json_object_get(job, "resultJson")), "{\"quotes\":5}");
    assert_int_equal(json_integer_value(json_object_get(job, "percent")), 100);
    assert_int_equal(json_integer_value(json_object_get(job, "total")), 5);
    json_decref(job);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step"), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job_data WHERE credentials IS NOT NULL"), 0);
}

static void a_plan_goes_on_from_its_cursor(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    struct claim c = claim_one();
    json_t *cursor = json_string("next");
    end_plan(&c, 0, 3, cursor);
    c = claim_one(); /* before the pages */
    assert_claim(c, STEP_PLAN, "\"next\"");
    assert_string_equal(c.input.p, "{\"a\":1}");
    assert_false(c.own_input);
    json_t *job = get_job(s.id);
    assert_null(json_object_get(job, "total")); /* not known yet */
    json_decref(job);
    end_plan(&c, 3, 1, NULL);
    for (int i = 0; i < 3; i++) {
        c = claim_one();
        assert_int_equal(c.kind, STEP_PAGE);
        end_done(&c);
    }
    assert_job(s.id, "done", 4, 0);
    json_decref(cursor);
}

static void a_job_without_items_is_done(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 0);
    json_t *job = get_job(s.id);
    assert_string_equal(json_string_value(json_object_get(job, "state")), "done");
    assert_int_equal(json_integer_value(json_object_get(job, "total")), 0);
    json_decref(job);
}

/* ---- fencing ---- */

static void an_old_token_changes_nothing(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 2);
    struct claim old = claim_one(), now;
    int64_t released;
    struct step_ended out;
    const struct step_end done = { .outcome = STEP_DONE, .total = -1 };
    sql("UPDATE ah_step SET lease_until = 1");
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 1);
    assert_int_equal(queue_step_end(kit.q, &old, &done, &out), QUEUE_LOST); /* nobody has it */
    now = claim_one();
    assert_int_equal(now.step, old.step);
    assert_int_equal(now.attempt, 1); /* a lost lease is no attempt */
    assert_true(now.token != old.token);
    assert_int_equal(queue_step_end(kit.q, &old, &done, &out), QUEUE_LOST); /* somebody else has it */
    assert_int_equal(queue_step_save(kit.q, &old, span_of("{}")), QUEUE_LOST);
    for (int outcome = STEP_AGAIN; outcome <= STEP_RELEASED; outcome++) {
        const struct step_end e = {
            .outcome = (enum step_outcome)outcome, .counts = true, .code = "x", .message = "x"
        };
        assert_int_equal(queue_step_end(kit.q, &old, &e, &out), QUEUE_LOST);
    }
    assert_job(s.id, "running", 0, 0);
    end_done(&now);
    assert_job(s.id, "done", 2, 0);
    assert_int_equal(queue_step_end(kit.q, &old, &done, &out), QUEUE_LOST); /* it is no more */
    assert_job(s.id, "done", 2, 0);
    queue_claim_free(&old);
}

static void a_saved_state_comes_back_with_the_step(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 1);
    struct claim c = claim_one();
    char large[JOB_SAVED_MAX + 2];
    memset(large, '1', sizeof large);
    assert_int_equal(c.saved.n, 0);
    OK(queue_step_save(kit.q, &c, span_of("{\"bulk\":\"750\"}")));
    assert_int_equal(queue_step_save(kit.q, &c, (struct span){ large, JOB_SAVED_MAX + 1 }), QUEUE_FULL);
    assert_true(strlen(queue_why(kit.q)) > 0);
    OK(queue_step_save(kit.q, &c, (struct span){ large, JOB_SAVED_MAX }));
    OK(queue_step_save(kit.q, &c, span_of("{\"bulk\":\"750\"}")));
    end_with(&c, (struct step_end){ .outcome = STEP_RELEASED });
    c = claim_one();
    assert_string_equal(c.saved.p, "{\"bulk\":\"750\"}");
    end_done(&c);
}

/* ---- who is next ---- */

static void a_cap_of_an_org_is_exact(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.per_org = 3;
    n.page_items = 1;
    planned_job(&n, 10);
    struct claim c[10];
    assert_int_equal(claim_some(ME, c, 10), 3);
    claim_none();
    end_done(&c[0]);
    struct claim next = claim_one();
    claim_none();
    end_with(&next, (struct step_end){ .outcome = STEP_RELEASED });
    end_done(&c[1]);
    end_done(&c[2]);
    assert_int_equal(claim_some(ME, c, 10), 3);
    for (int i = 0; i < 3; i++)
        queue_claim_free(&c[i]);
}

static void the_org_with_the_fewest_running_steps_is_first(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 1;
    n.per_org = 64;
    planned_job(&n, 20);
    n.org_id = ORG2;
    planned_job(&n, 4);
    struct claim c[12];
    assert_int_equal(claim_some(ME, c, 12), 12);
    int small = 0;
    for (int i = 0; i < 8; i++) /* turn by turn */
        small += strcmp(c[i].org_id, ORG2) == 0;
    assert_int_equal(small, 4);
    for (int i = 0; i < 12; i++)
        queue_claim_free(&c[i]);
}

/* One worker alone: no org ever has a running step when the next is chosen. */
static void orgs_take_turns_where_one_step_runs_at_a_time(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.page_items = 1;
    planned_job(&n, 20);
    n.org_id = ORG2;
    planned_job(&n, 4);
    int small = 0;
    for (int i = 0; i < 9; i++) {
        struct claim c = claim_one();
        small += strcmp(c.org_id, ORG2) == 0;
        end_done(&c);
        usleep(2000); /* served longest ago, in milliseconds */
    }
    assert_int_equal(small, 4);
}

static void priorities_hold_within_an_org(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 4);
    n.priority = 1;
    n.operation = "generateQuote";
    n.queue = "interactive";
    start_job(&n);
    struct job_new urgent = job_sample();
    urgent.priority = 2; /* of the same lane, and younger than the pages */
    start_job(&urgent);
    struct claim c = claim_one();
    assert_string_equal(c.operation, "generateQuote");
    end_plan(&c, 0, 0, NULL);
    c = claim_one();
    assert_string_equal(c.operation, "generateQuotes");
    assert_int_equal(c.kind, STEP_PLAN);
    end_plan(&c, 0, 0, NULL);
    c = claim_one();
    assert_int_equal(c.kind, STEP_PAGE);
    queue_claim_free(&c);
}

static void a_paused_queue_is_left_alone(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = start_job(&n);
    OK(queue_pause(kit.q, "quotes", true));
    OK(queue_pause(kit.q, "quotes", true));
    claim_none();
    json_t *job = get_job(s.id);
    assert_non_null(strstr(json_string_value(json_object_get(job, "message")), "resume quotes"));
    json_decref(job);
    OK(queue_pause(kit.q, "quotes", false));
    struct claim c = claim_one();
    queue_claim_free(&c);
}

static void a_closed_gate_holds_back_its_org_alone(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 4);
    struct claim c = claim_one();
    struct step_ended e = end_with(&c, (struct step_end){ .outcome = STEP_AGAIN, .after_ms = 60000, .gate = true });
    assert_true(e.retried);
    claim_none();
    n.org_id = ORG2;
    start_job(&n);
    c = claim_one();
    assert_string_equal(c.org_id, ORG2);
    end_plan(&c, 0, 0, NULL);
    sql("UPDATE ah_lane SET gate_until = 0");
    c = claim_one(); /* its other page; this one waits for itself */
    assert_claim(c, STEP_PAGE, "[\"i2\",\"i3\"]");
    queue_claim_free(&c);
    claim_none();
}

static void operations_that_are_not_known_are_left_to_others(void **state)
{
    (void)state;
    static const char *const mine[] = { "alpha", "generate", "generateQuotesNow" };
    static const char *const theirs[] = { "alpha", "generateQuotes" };
    struct job_new n = job_sample();
    start_job(&n);
    struct claim c;
    int got;
    struct claim_wish w = { .owner = ME, .lease_ms = LEASE, .max = 1, .operations = mine, .operations_n = 3 };
    OK(queue_claim(kit.q, &w, &c, &got));
    assert_int_equal(got, 0);
    w.operations_n = 0;
    OK(queue_claim(kit.q, &w, &c, &got));
    assert_int_equal(got, 0);
    w.operations = theirs;
    w.operations_n = 2;
    OK(queue_claim(kit.q, &w, &c, &got));
    assert_int_equal(got, 1);
    queue_claim_free(&c);
}

/* ---- equal starts ---- */

static void a_unique_start_finds_its_twin(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.unique_key = "k";
    struct job_started first = start_job(&n), second = start_job(&n);
    assert_true(second.twin);
    assert_string_equal(second.id, first.id);
    assert_string_equal(second.state, "queued");
    struct job_new other = n;
    other.user_id = "005xx0000000002AAA";
    assert_false(start_job(&other).twin);
    other = n;
    other.unique_key = "l";
    assert_false(start_job(&other).twin);
    other = n;
    other.operation = "o";
    assert_false(start_job(&other).twin);
    sql("DELETE FROM ah_step WHERE job_id > 1");
    struct claim c = claim_one();
    end_plan(&c, 0, 0, NULL);
    assert_false(start_job(&n).twin); /* it has ended */
}

static void a_start_that_is_sent_again_is_one_job(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    assert_string_equal(start_job(&n).id, n.id);
    struct job_started again = start_job(&n);
    assert_string_equal(again.id, n.id);
    assert_false(again.twin);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job"), 1);
}

static void starts_with_one_merge_key_share_a_job(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.merge_key = "m";
    n.merge_ms = 60000;
    n.unique_key = "a";
    struct job_started first = start_job(&n);
    n.unique_key = "b";
    n.input = span_of("{\"a\":2}");
    struct job_started second = start_job(&n);
    assert_true(second.merged);
    assert_string_equal(second.id, first.id);
    struct job_started third = start_job(&n); /* equal to the second */
    assert_true(third.twin);
    assert_string_equal(third.id, first.id);
    struct claim c = claim_one();
    assert_string_equal(c.input.p, "{\"a\":1}");
    end_plan(&c, 0, 2, NULL);
    c = claim_one();
    assert_claim(c, STEP_PLAN, "");
    assert_string_equal(c.input.p, "{\"a\":2}");
    json_t *cursor = json_integer(7);
    end_plan(&c, 2, 1, cursor);
    json_decref(cursor);
    c = claim_one(); /* the second plan goes on, with its own input */
    assert_claim(c, STEP_PLAN, "7");
    assert_string_equal(c.input.p, "{\"a\":2}");
    end_plan(&c, 3, 1, NULL);
    for (int i = 0; i < 3; i++) {
        c = claim_one();
        assert_int_equal(c.kind, STEP_PAGE);
        assert_string_equal(c.input.p, "{\"a\":1}");
        end_done(&c);
    }
    assert_job(first.id, "done", 4, 0);
    assert_false(start_job(&n).merged);
}

static void a_merge_has_its_time(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.merge_key = "m";
    n.merge_ms = 60000;
    start_job(&n);
    sql("UPDATE ah_job SET merge_until = 1");
    assert_false(start_job(&n).merged);
}

/* ---- leases ---- */

static void a_heartbeat_keeps_leases_and_tells_what_was_cancelled(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    struct job_started s = planned_job(&n, 4);
    struct claim c[2];
    int64_t stop[4], released;
    size_t many = 4;
    assert_int_equal(claim_some(ME, c, 2), 2);
    sql("UPDATE ah_step SET lease_until = 1");
    OK(queue_beat(kit.q, ME, LEASE, stop, &many));
    assert_int_equal(many, 0);
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 0);
    OK(queue_cancel(kit.q, s.id, NULL));
    many = 4;
    OK(queue_beat(kit.q, ME, LEASE, stop, &many));
    assert_int_equal(many, 2);
    assert_int_equal(stop[0], c[0].step);
    assert_int_equal(stop[1], c[1].step);
    many = 1;
    OK(queue_beat(kit.q, ME, LEASE, stop, &many));
    assert_int_equal(many, 1);
    assert_job(s.id, "running", 0, 0);
    end_done(&c[0]);
    struct step_ended e = end_with(&c[1], (struct step_end){ .outcome = STEP_AGAIN, .counts = true });
    assert_true(e.job_ended);
    assert_job(s.id, "canceled", 2, 0);
}

static void the_dead_and_the_former_self_release_their_steps(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    char self[QUEUE_OWNER_SIZE], dead[QUEUE_OWNER_SIZE];
    n.page_items = 1;
    planned_job(&n, 3);
    assert_true(queue_owner(getpid(), self));
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    assert_true(queue_owner(child, dead));
    assert_false(queue_owner_is_dead(dead));
    struct claim mine, theirs, others;
    int64_t released;
    assert_int_equal(claim_some(self, &mine, 1), 1);
    assert_int_equal(claim_some(dead, &theirs, 1), 1);
    assert_int_equal(claim_some("another-machine/7/1", &others, 1), 1);
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 0);
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT); /* a zombie counts as dead */
    assert_true(queue_owner_is_dead(dead));
    waitpid(child, NULL, 0);
    assert_true(queue_owner_is_dead(dead));
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 1);
    OK(queue_sweep(kit.q, self, &released));
    assert_int_equal(released, 1);
    struct claim again[3];
    assert_int_equal(claim_some(ME, again, 3), 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(again[i].attempt, 1);
        assert_int_equal(again[i].crashes, 0);
        queue_claim_free(&again[i]);
    }
    queue_claim_free(&mine);
    queue_claim_free(&theirs);
    queue_claim_free(&others);
}

/* Boot, pid namespace, pid and start time: only who has all of them is judged, and is that process. */
static void owners_are_told_apart(void **state)
{
    (void)state;
    char self[QUEUE_OWNER_SIZE], other[QUEUE_OWNER_SIZE];
    assert_true(queue_owner(getpid(), self));
    assert_false(queue_owner_is_dead(self));
    assert_false(queue_owner(0x7ffffff, other)); /* no such process */
    char *started = strrchr(self, '/') + 1;
    int head = (int)(started - self);
    snprintf(other, sizeof other, "%.*s%llu", head, self, strtoull(started, NULL, 10) + 1);
    assert_true(queue_owner_is_dead(other)); /* the same pid, given to another process */
    snprintf(other, sizeof other, "%.*s/134217727/1", (int)(strchr(self, '[') - self), self);
    assert_false(queue_owner_is_dead(other)); /* another namespace */
    copy_text(other, sizeof other, self);
    other[0] = other[0] == 'f' ? 'e' : 'f';
    strrchr(other, '/')[1] = '1';
    assert_false(queue_owner_is_dead(other)); /* another boot */
    assert_false(queue_owner_is_dead(""));
    assert_false(queue_owner_is_dead("x/1/1"));
}

/* The connection went as it was committed: perhaps it was. */
static void a_claim_that_nobody_knows_of_is_given_back(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 4);
    struct claim lost = claim_one(), others;
    assert_int_equal(claim_some("another", &others, 1), 1);
    struct step_ended out;
    const struct step_end done = { .outcome = STEP_DONE, .total = -1 };
    kit.q->doubtful = lost.token;
    struct claim now = claim_one();
    assert_int_equal(now.step, lost.step);
    assert_int_equal(now.attempt, 1);
    assert_int_equal(queue_step_end(kit.q, &lost, &done, &out), QUEUE_LOST);
    end_done(&now);
    end_done(&others);
    claim_none();
    queue_claim_free(&lost);
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(owners_are_told_apart),
    QUEUE_TEST(a_claim_that_nobody_knows_of_is_given_back),
    QUEUE_TEST(a_job_runs_from_plan_to_finish),
    QUEUE_TEST(a_plan_goes_on_from_its_cursor),
    QUEUE_TEST(a_job_without_items_is_done),
    QUEUE_TEST(an_old_token_changes_nothing),
    QUEUE_TEST(a_saved_state_comes_back_with_the_step),
    QUEUE_TEST(a_cap_of_an_org_is_exact),
    QUEUE_TEST(the_org_with_the_fewest_running_steps_is_first),
    QUEUE_TEST(orgs_take_turns_where_one_step_runs_at_a_time),
    QUEUE_TEST(priorities_hold_within_an_org),
    QUEUE_TEST(a_paused_queue_is_left_alone),
    QUEUE_TEST(a_closed_gate_holds_back_its_org_alone),
    QUEUE_TEST(operations_that_are_not_known_are_left_to_others),
    QUEUE_TEST(a_unique_start_finds_its_twin),
    QUEUE_TEST(a_start_that_is_sent_again_is_one_job),
    QUEUE_TEST(starts_with_one_merge_key_share_a_job),
    QUEUE_TEST(a_merge_has_its_time),
    QUEUE_TEST(a_heartbeat_keeps_leases_and_tells_what_was_cancelled),
    QUEUE_TEST(the_dead_and_the_former_self_release_their_steps),
};

QUEUE_MAIN(tests)
