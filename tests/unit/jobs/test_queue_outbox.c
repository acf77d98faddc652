/* test_queue_outbox.c - lines of the outbox: written with what they tell, delivered, tried again, given up. */
#include "tests/unit/jobs/queue_kit.h"

static struct job_new telling(void)
{
    struct job_new n = job_sample();
    n.tells = JOB_TELLS_EVENTS;
    return n;
}

static json_int_t number_in(const json_t *line, const char *name)
{
    return json_integer_value(json_object_get(line, name));
}

/* The next line that is due; its payload as JSON (free it), its claim in *c. */
static json_t *next_line(struct claim *c)
{
    *c = claim_one();
    assert_int_equal(c->kind, STEP_DELIVER);
    json_t *line = json_loadb(c->payload.p, c->payload.n, 0, NULL);
    assert_non_null(line);
    return line;
}

#define assert_line(want_to, want_state, want_sequence)                                                                \
    do {                                                                                                               \
        struct claim c_;                                                                                               \
        json_t *line_ = next_line(&c_);                                                                                \
        assert_string_equal(json_string_value(json_object_get(line_, "to")), want_to);                                 \
        assert_string_equal(json_string_value(json_object_get(line_, "state")), want_state);                           \
        assert_int_equal(number_in(line_, "sequence"), want_sequence);                                                 \
        json_decref(line_);                                                                                            \
        end_done(&c_);                                                                                                 \
    } while (0)

static long credentials_left(void)
{
    return sql_number("SELECT count(*) FROM ah_job_data WHERE credentials IS NOT NULL");
}

static void beginning_and_end(void **state)
{
    (void)state;
    struct job_new n = telling();
    struct job_started s = start_job(&n);
    assert_line("event", "queued", 1);
    assert_job(s.id, "queued", 0, 0); /* that it was told is no work */
    struct claim c = claim_one();
    assert_int_equal(c.kind, STEP_PLAN);
    end_plan(&c, 0, 2, NULL);
    c = claim_one();
    assert_int_equal(c.kind, STEP_PAGE);
    end_done(&c);
    assert_job(s.id, "done", 2, 0);
    assert_int_equal(credentials_left(), 1); /* its end is still to be told */
    assert_line("event", "done", 2);
    assert_int_equal(credentials_left(), 0);
    claim_none();
}

static void a_job_that_tells_nothing(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 2);
    struct claim c = claim_one();
    end_done(&c);
    claim_none();
    assert_int_equal(credentials_left(), 0);
}

static void progress_by_tenths(void **state)
{
    (void)state;
    struct job_new n = telling();
    n.page_items = 1;
    start_job(&n);
    assert_line("event", "queued", 1);
    struct claim c = claim_one();
    end_plan(&c, 0, 40, NULL);
    int told = 0, pages = 0;
    json_int_t last = 0;
    while (claim_some(ME, &c, 1) == 1) {
        if (c.kind == STEP_DELIVER) {
            json_t *line = json_loadb(c.payload.p, c.payload.n, 0, NULL);
            json_int_t done = number_in(line, "done");
            if (strcmp(json_string_value(json_object_get(line, "state")), "running") == 0) {
                assert_true(done - last >= 4); /* a tenth of 40 */
                last = done;
                told++;
            }
            json_decref(line);
        } else {
            pages++;
        }
        end_done(&c);
    }
    assert_int_equal(pages, 40);
    assert_int_equal(told, 9); /* the tenth tenth is the end */
}

static void a_job_that_waits(void **state)
{
    (void)state;
    const struct step_end waits = { .outcome = STEP_WAITS, .message = "Your session has ended." };
    struct job_new n = telling();
    struct job_started s = start_job(&n);
    struct claim c;
    int64_t rows;
    assert_line("event", "queued", 1);
    c = claim_one();
    end_plan(&c, 0, 2, NULL);
    c = claim_one();
    usleep(2000); /* a retry is later than a claim by at least a millisecond */
    end_with(&c, waits);
    json_t *line = next_line(&c);
    assert_string_equal(json_string_value(json_object_get(line, "state")), "waiting");
    assert_string_equal(json_string_value(json_object_get(line, "message")), waits.message);
    assert_int_equal(number_in(line, "sequence"), 2);
    json_decref(line);
    end_with(&c, waits); /* nor does the org take that with this session */
    claim_none();
    usleep(2000);
    OK(queue_retry(kit.q, s.id, NULL, NULL, &rows)); /* it does at once with the next one */
    assert_line("event", "waiting", 2);
    c = claim_one();
    assert_int_equal(c.kind, STEP_PAGE);
    end_done(&c);
    assert_line("event", "done", 3);
    claim_none();
}

static void a_job_that_waits_and_tells_nothing(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    planned_job(&n, 2);
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_WAITS, .message = "m" });
    claim_none();
}

/* ---- lines that are not taken ---- */

static void tried_again_for_a_day(void **state)
{
    (void)state;
    struct job_new n = telling();
    struct job_started s = start_job(&n);
    struct claim c;
    json_decref(next_line(&c));
    struct step_end again = { .outcome = STEP_AGAIN, .counts = true, .code = "X", .message = "down" };
    end_with(&c, again);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step WHERE kind = 3 AND state = 0 AND run_at > 0"), 1);
    sql("UPDATE ah_step SET run_at = 0 WHERE kind = 3");
    json_decref(next_line(&c));
    assert_int_equal(c.attempt, 2);
    char at[200];
    json_t *line = json_loadb(c.payload.p, c.payload.n, 0, NULL);
    json_object_set_new(line, "until", json_integer(1));
    char *text = json_dumps(line, JSON_COMPACT);
    buf_free(&c.payload);
    buf_init(&c.payload, 4000);
    buf_str(&c.payload, text);
    free(text);
    json_decref(line);
    snprintf(at, sizeof at, "%s", s.id);
    end_with(&c, again); /* its day is over */
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step WHERE kind = 3"), 0);
    json_t *job = get_job(at);
    assert_non_null(strstr(json_string_value(json_object_get(job, "message")), "takes no Action_Job__e events: down"));
    json_decref(job);
}

static void an_org_that_refuses_events(void **state)
{
    (void)state;
    struct job_new n = telling();
    struct job_started s = start_job(&n);
    struct claim c;
    json_decref(next_line(&c));
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "NO", .message = "no rights" });
    c = claim_one();
    end_plan(&c, 0, 2, NULL);
    c = claim_one();
    end_done(&c);
    assert_job(s.id, "done", 2, 0); /* the work is unharmed */
    claim_none();                   /* and no further event is tried */
    json_t *job = get_job(s.id);
    assert_non_null(strstr(json_string_value(json_object_get(job, "message")), "no rights"));
    json_decref(job);
    assert_int_equal(credentials_left(), 0);
}

static void a_line_that_crashes(void **state)
{
    (void)state;
    struct job_new n = telling();
    start_job(&n);
    for (int i = 0; i < JOB_CRASHES_WHOLE; i++) {
        struct claim c;
        sql("UPDATE ah_step SET run_at = 0 WHERE kind = 3");
        json_decref(next_line(&c));
        end_with(&c, (struct step_end){ .outcome = STEP_CRASHED });
    }
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step WHERE kind = 3"), 0);
}

static void a_late_answer_changes_nothing(void **state)
{
    (void)state;
    struct job_new n = telling();
    struct claim c;
    struct step_ended out;
    start_job(&n);
    json_decref(next_line(&c));
    sql("UPDATE ah_step SET token = token + 1 WHERE kind = 3");
    assert_int_equal(queue_step_end(kit.q, &c, &(struct step_end){ .outcome = STEP_DONE, .total = -1 }, &out),
                     QUEUE_LOST);
    queue_claim_free(&c);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step WHERE kind = 3"), 1);
}

static void a_pause_or_a_cancel_holds_no_line(void **state)
{
    (void)state;
    struct job_new n = telling();
    struct job_started s = start_job(&n);
    OK(queue_pause(kit.q, "quotes", true));
    assert_line("event", "queued", 1);
    OK(queue_cancel(kit.q, s.id, NULL));
    assert_job(s.id, "canceled", 0, 0);
    assert_line("event", "canceled", 2);
    claim_none();
}

/* ---- callbacks ---- */

static void a_callback_at_the_end(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.id = "5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10";
    n.unique_key = "u";
    n.whole = true;
    n.callback = (struct span){ "sea\0led", 7 };
    struct job_started s = start_job(&n), twin;
    struct job_new other = n;
    other.id = "5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b11";
    OK(queue_start(kit.q, &other, &twin));
    assert_true(twin.twin);
    OK(queue_start(kit.q, &other, &twin)); /* the same start again adds nothing */
    struct claim c = claim_one();
    assert_int_equal(c.kind, STEP_FINISH); /* one step is all of it */
    end_with(&c, (struct step_end){ .outcome = STEP_DONE, .total = -1, .result = span_of("{\"x\":1}") });
    assert_job(s.id, "done", 0, 0);
    for (int i = 0; i < 2; i++) {
        json_t *line = next_line(&c);
        assert_int_equal(number_in(line, "sequence"), i + 1);
        assert_int_equal(c.callback.n, 7);
        assert_memory_equal(c.callback.p, "sea\0led", 7);
        assert_string_equal(c.callback_id, i == 0 ? n.id : other.id);
        assert_string_equal(c.input.p, "{\"x\":1}");
        json_decref(line);
        end_done(&c);
    }
    assert_int_equal(sql_number("SELECT count(*) FROM ah_callback"), 0);
    assert_int_equal(credentials_left(), 0);
    claim_none();
}

static void the_code_of_a_failure(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.id = "5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10";
    n.whole = true;
    n.callback = span_of("sealed");
    start_job(&n);
    struct claim c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "unknown_preset", .message = "No such preset." });
    json_t *line = next_line(&c);
    assert_string_equal(json_string_value(json_object_get(line, "code")), "unknown_preset");
    assert_string_equal(json_string_value(json_object_get(line, "message")), "No such preset.");
    json_decref(line);
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "callback_unknown", .message = "gone (404)" });
    assert_int_equal(sql_number("SELECT count(*) FROM ah_callback"), 0);
}

/* A job that a change has started tells its end, with what it came of, to the org and to who made the change. */
static void the_end_of_a_change(void **state)
{
    (void)state;
    struct job_new n = job_sample();
    n.tells = JOB_TELLS_DONE | JOB_TELLS_COMMITTER;
    n.event = "{\"commitUser\":\"005x\",\"transactionKey\":\"t1\"}";
    planned_job(&n, 2);
    struct claim c = claim_one();
    end_done(&c);
    static const char *const ways[] = { "done", "committer" };
    for (int i = 0; i < 2; i++) {
        json_t *line = next_line(&c);
        assert_string_equal(json_string_value(json_object_get(line, "to")), ways[i]);
        assert_int_equal(number_in(line, "done"), 2);
        assert_string_equal(json_string_value(json_object_get(json_object_get(line, "event"), "commitUser")), "005x");
        json_decref(line);
        end_done(&c);
    }
    claim_none();
    start_job(&n); /* nothing was to be done: that is no news */
    c = claim_one();
    end_plan(&c, 0, 0, NULL);
    claim_none();
    start_job(&n); /* it failed before it knew what is to be done: that is */
    c = claim_one();
    end_with(&c, (struct step_end){ .outcome = STEP_JOB_FAILED, .code = "x", .message = "No rights.", .total = -1 });
    json_t *line = next_line(&c);
    assert_string_equal(json_string_value(json_object_get(line, "message")), "No rights.");
    json_decref(line);
    end_with(&c, (struct step_end){ .outcome = STEP_FAILED, .code = "x", .message = "no such event", .total = -1 });
    assert_true(strstr(sql_text("SELECT note FROM ah_job WHERE note IS NOT NULL"), "what was done: no such event"));
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(beginning_and_end),
    QUEUE_TEST(a_job_that_tells_nothing),
    QUEUE_TEST(progress_by_tenths),
    QUEUE_TEST(a_job_that_waits),
    QUEUE_TEST(a_job_that_waits_and_tells_nothing),
    QUEUE_TEST(tried_again_for_a_day),
    QUEUE_TEST(an_org_that_refuses_events),
    QUEUE_TEST(a_line_that_crashes),
    QUEUE_TEST(a_late_answer_changes_nothing),
    QUEUE_TEST(a_pause_or_a_cancel_holds_no_line),
    QUEUE_TEST(a_callback_at_the_end),
    QUEUE_TEST(the_code_of_a_failure),
    QUEUE_TEST(the_end_of_a_change),
};
QUEUE_MAIN(tests)
