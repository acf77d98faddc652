/* test_job_link.c - questions about jobs: from a worker through the front to the jobs process and back, and all the
 * ways in which no answer comes. */
#include "tests/unit/pool/pool_kit.h"

static const char UUID[] = "0af76519-16cd-43dd-8448-eb211c80319c";

/* The link, and the test as the jobs process at its other end. */
static struct job_link *link_to_jobs;
static struct stand_in jobs;

static void connect_jobs(void)
{
    const struct timeval patience = { PATIENCE_S, 0 };
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (jobs.fd > 0)
        close(jobs.fd);
    buf_free(&jobs.in);
    jobs = (struct stand_in){ .fd = pair[1] };
    buf_init(&jobs.in, LIMIT_FRAME + FRAME_HEAD);
    job_link_take(link_to_jobs, pair[0]);
}

static int set_up_link(void **state)
{
    int failed = set_up(state);
    link_to_jobs = job_link_new(&t.loop);
    pool_set_job_link(t.pool, link_to_jobs);
    return failed || !link_to_jobs;
}

static int tear_down_link(void **state)
{
    job_link_free(link_to_jobs);
    link_to_jobs = NULL;
    if (jobs.fd > 0)
        close(jobs.fd);
    buf_free(&jobs.in);
    jobs = (struct stand_in){ 0 };
    return tear_down(state);
}

/* What became of a question that the test has asked itself. */
struct answer {
    int times, status, retry_after_s;
    char code[64], text[300];
};

static void on_answer(void *ctx, const struct message_job_answer *m)
{
    struct answer *a = ctx;
    a->times++;
    a->status = (int)m->status;
    a->retry_after_s = (int)m->retry_after_s;
    copy_span(a->code, sizeof a->code, m->code);
    copy_span(a->text, sizeof a->text, m->body);
}

static bool ask(struct answer *a, int timeout_ms, uint64_t *number, struct err *e)
{
    const struct message_job_question q = { .what = JOB_WAIT, .wait_s = 1, .body = span_of("{}") };
    return job_link_ask(link_to_jobs, &q, timeout_ms, on_answer, a, number, e);
}

/* The next question that has reached the jobs process; its number. */
static uint64_t asked(struct message_job_question *q)
{
    struct frame f = heard(&jobs);
    assert_true(message_job_question_read(&f, q));
    return f.call;
}

static void answer_with(uint64_t number, int status, const char *code, const char *body)
{
    struct buf b;
    const struct message_job_answer m = { status, span_of(code), span_of(body), 0 };
    buf_init(&b, 100000);
    assert_true(message_job_answer_write(&b, number, &m));
    say(&jobs, &b);
}

/* ---- the link ---- */

static void a_question_and_its_answer(void **state)
{
    (void)state;
    struct answer a = { 0 }, b = { 0 };
    struct message_job_question q;
    struct err e;
    connect_jobs();
    assert_true(ask(&a, 1000, NULL, &e));
    uint64_t first = asked(&q);
    assert_int_equal(q.what, JOB_WAIT);
    assert_true(ask(&b, 1000, NULL, &e));
    answer_with(asked(&q), 201, "", "{\"b\":1}"); /* in any order */
    answer_with(first, 404, "job_not_found", "There is no such job.");
    assert_int_equal(b.times, 1);
    assert_int_equal(b.status, 201);
    assert_string_equal(b.text, "{\"b\":1}");
    assert_int_equal(a.times, 1);
    assert_string_equal(a.code, "job_not_found");
    assert_string_equal(a.text, "There is no such job.");
    answer_with(first, 404, "job_not_found", "Once more.");
    assert_int_equal(a.times, 1);
}

static void without_a_jobs_process_nothing_is_taken(void **state)
{
    (void)state;
    struct answer a = { 0 };
    struct err e = { 0 };
    bool taken = ask(&a, 1000, NULL, &e);
    assert_refused(taken, e, 503, "jobs_unavailable");
    assert_true(e.retry_after_s > 0);
    assert_int_equal(a.times, 0);
}

static void the_end_of_the_jobs_process_answers(void **state)
{
    (void)state;
    struct answer a = { 0 }, b = { 0 };
    struct err e;
    connect_jobs();
    assert_true(ask(&a, 1000, NULL, &e));
    shutdown(jobs.fd, SHUT_RDWR);
    turn();
    assert_int_equal(a.times, 1);
    assert_int_equal(a.status, 503);
    assert_string_equal(a.code, "jobs_unavailable");
    assert_true(a.retry_after_s > 0);
    connect_jobs(); /* another one takes its place */
    assert_true(ask(&b, 1000, NULL, &e));
    struct message_job_question q;
    answer_with(asked(&q), 200, "", "{}");
    assert_int_equal(b.status, 200);
}

static void one_that_says_nothing_is_not_waited_for(void **state)
{
    (void)state;
    struct answer a = { 0 };
    struct err e;
    connect_jobs();
    assert_int_equal(job_link_timeout_ms(link_to_jobs, clock_ms()), -1);
    assert_true(ask(&a, 1000, NULL, &e));
    int left = job_link_timeout_ms(link_to_jobs, clock_ms());
    assert_true(left > 0 && left <= 1000);
    job_link_work(link_to_jobs, clock_ms());
    assert_int_equal(a.times, 0);
    job_link_work(link_to_jobs, clock_ms() + 1001);
    assert_int_equal(a.times, 1);
    assert_int_equal(a.status, 503);
    assert_int_equal(job_link_timeout_ms(link_to_jobs, clock_ms()), -1);
}

static void what_is_forgotten_is_not_told(void **state)
{
    (void)state;
    struct answer a = { 0 };
    struct message_job_question q;
    struct err e;
    uint64_t number = 0;
    connect_jobs();
    assert_true(ask(&a, 1000, &number, &e));
    job_link_forget(link_to_jobs, number);
    job_link_forget(link_to_jobs, 0);
    answer_with(asked(&q), 200, "", "{}");
    job_link_work(link_to_jobs, clock_ms() + 5000);
    assert_int_equal(a.times, 0);
}

static void questions_are_bounded(void **state)
{
    (void)state;
    static struct answer a[JOB_LINK_OPEN + 1];
    struct err e = { 0 };
    memset(a, 0, sizeof a);
    connect_jobs();
    for (int i = 0; i < JOB_LINK_OPEN; i++)
        assert_true(ask(&a[i], 1000, NULL, &e));
    bool taken = ask(&a[JOB_LINK_OPEN], 1000, NULL, &e);
    assert_refused(taken, e, 503, "jobs_unavailable");
    job_link_work(link_to_jobs, clock_ms() + 1001);
    for (int i = 0; i < JOB_LINK_OPEN; i++)
        assert_int_equal(a[i].times, 1);
    assert_true(ask(&a[JOB_LINK_OPEN], 1000, NULL, &e));
}

static void nonsense_ends_the_link(void **state)
{
    (void)state;
    static const char *const nonsense[] = { "no frame at all, but more than the head of one", NULL };
    for (size_t i = 0; i < COUNT(nonsense); i++) {
        struct answer a = { 0 };
        struct err e;
        struct buf b;
        connect_jobs();
        assert_true(ask(&a, 1000, NULL, &e));
        buf_init(&b, 1000);
        if (nonsense[i])
            buf_str(&b, nonsense[i]);
        else /* a frame, though none that the jobs process may send */
            assert_true(message_ready_write(&b));
        say(&jobs, &b);
        assert_int_equal(a.times, 1);
        assert_int_equal(a.status, 503);
    }
}

/* ---- what a worker asks ---- */

/* As act_job_ask would, for the caller of the call. */
static struct message_job_question question_of(const char *org, const char *user)
{
    return (struct message_job_question){ .what = JOB_START,
                                          .action = 1,
                                          .request_id = span_of("request"),
                                          .org = { .id = span_of(org), .user_id = span_of(user) },
                                          .body = span_of("{\"a\":1}") };
}

static void say_question(struct stand_in *s, uint64_t call, const struct message_job_question *q)
{
    struct buf b;
    buf_init(&b, 100000);
    assert_true(message_job_question_write(&b, call, q));
    say(s, &b);
}

static uint64_t running(struct stand_in *s, struct told *told)
{
    const struct pool_call c = call_of(ORG_A);
    struct err e;
    assert_true(pool_submit(t.pool, &c, on_done, told, &e));
    return given(s, NULL);
}

static const char USER[] = "005xx000001X8UzAAK"; /* of call_of */

static void a_worker_asks_and_is_answered(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct message_job_question q = question_of(ORG_A, USER), got;
    struct message_job_answer a;
    connect_jobs();
    struct stand_in *s = idle();
    uint64_t call = running(s, &told);
    say_question(s, call, &q);
    uint64_t number = asked(&got);
    assert_int_equal(got.what, JOB_START);
    assert_span(got.org.id, ORG_A);
    assert_span(got.org.user_id, USER);
    assert_span(got.body, "{\"a\":1}");
    answer_with(number, 201, "", "{\"jobId\":1}");
    struct frame f = heard(s);
    assert_true(f.call == call && message_job_answer_read(&f, &a));
    assert_int_equal(a.status, 201);
    assert_span(a.body, "{\"jobId\":1}");
    say_ok(s, call);
    assert_int_equal(told.status, 200);
}

static void a_worker_speaks_for_its_caller_alone(void **state)
{
    (void)state;
    struct message_job_question q[] = { question_of(ORG_B, USER), question_of(ORG_A, "005xx000001X8UAAA0"),
                                        question_of(ORG_A, USER), question_of(ORG_A, USER) };
    q[2].what = JOB_WAIT; /* the front's own */
    q[3].action = 0;      /* another one's */
    connect_jobs();
    for (size_t i = 0; i < COUNT(q); i++) {
        struct told told = { 0 };
        struct stand_in *s = idle();
        uint64_t call = running(s, &told);
        say_question(s, call, &q[i]);
        assert_int_equal(told.status, 502);
        assert_string_equal(told.code, "action_crashed");
    }
    struct pollfd p = { .fd = jobs.fd, .events = POLLIN };
    assert_int_equal(poll(&p, 1, 0), 0);
}

static void without_jobs_a_worker_is_told(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct message_job_question q = question_of(ORG_A, USER);
    struct message_job_answer a;
    struct stand_in *s = idle();
    static const char *const codes[] = { "jobs_unavailable", "jobs_not_configured" };
    uint64_t call = running(s, &told);
    for (size_t i = 0; i < COUNT(codes); i++) {
        say_question(s, call, &q);
        struct frame f = heard(s);
        assert_true(message_job_answer_read(&f, &a));
        assert_int_equal(a.status, 503);
        assert_span(a.code, codes[i]);
        pool_set_job_link(t.pool, NULL);
    }
}

static void an_answer_for_a_worker_that_is_gone_is_dropped(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct message_job_question q = question_of(ORG_A, USER), got;
    connect_jobs();
    struct stand_in *s = idle();
    uint64_t call = running(s, &told);
    say_question(s, call, &q);
    uint64_t number = asked(&got);
    hang_up(s);
    turn();
    assert_int_equal(told.status, 502);
    answer_with(number, 201, "", "{}");
    struct stand_in *next = idle(); /* in the same slot */
    assert_true(has_nothing(next));
}

/* ---- a parked call, and a step ---- */

static void a_parked_call_frees_its_worker(void **state)
{
    (void)state;
    struct told told = { 0 }, other = { 0 };
    connect_jobs();
    struct stand_in *s = idle();
    uint64_t call = running(s, &told);
    const struct message_park m = { span_of(UUID), 20, true, ORG_OK, 2, 7, false };
    struct buf b;
    buf_init(&b, 1000);
    assert_true(message_park_write(&b, call, &m));
    say(s, &b);
    assert_int_equal(told.times, 1);
    assert_int_equal(told.status, 0);
    assert_int_equal(told.org_calls, 2);
    assert_string_equal(told.park_job, UUID);
    say_ok(s, running(s, &other)); /* the same worker takes the next call */
    assert_int_equal(other.status, 200);
}

static void nobody_parks_without_jobs(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    pool_set_job_link(t.pool, NULL);
    uint64_t call = running(s, &told);
    const struct message_park m = { .job_id = span_of(UUID) };
    struct buf b;
    buf_init(&b, 1000);
    assert_true(message_park_write(&b, call, &m));
    say(s, &b);
    assert_int_equal(told.status, 502);
}

static char reported[100];

static void on_report(void *ctx, bool save, struct span state, struct message_step_answer *answer)
{
    (void)ctx;
    snprintf(reported, sizeof reported, "%d %.*s", save, (int)state.n, state.p);
    answer->kept = true;
    answer->stop = answer->canceled = !save;
}

static void say_report(struct stand_in *s, uint64_t call, bool save, const char *state)
{
    struct buf b;
    buf_init(&b, 1000);
    assert_true(message_step_report_write(&b, call, &(struct message_step_report){ save, span_of(state) }));
    say(s, &b);
}

static void a_step_reports(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct message_call m;
    struct message_step_answer a;
    struct err e;
    struct stand_in *s = idle();
    struct pool_call c = call_of(ORG_A);
    c.work = WORK_PAGE;
    c.step = (struct message_step){ .job_id = span_of(UUID), .payload = span_of("[1]"), .attempt = 1, .parallel = 3 };
    pool_on_step_report(t.pool, on_report);
    assert_true(pool_submit(t.pool, &c, on_done, &told, &e));
    uint64_t call = given(s, &m);
    assert_int_equal(m.work, WORK_PAGE);
    assert_span(m.step.job_id, UUID);
    assert_span(m.step.payload, "[1]");
    assert_int_equal(m.step.parallel, 3);
    for (int save = 0; save < 2; save++) {
        say_report(s, call, save, save ? "{}" : "");
        struct frame f = heard(s);
        assert_true(message_step_answer_read(&f, &a));
        assert_true(a.kept && a.stop == !save && a.canceled == !save);
    }
    assert_string_equal(reported, "1 {}");
    const struct message_job_question q = question_of(ORG_A, USER);
    say_question(s, call, &q); /* a step starts no jobs */
    assert_int_equal(told.status, 502);
}

static void an_invocation_reports_no_step(void **state)
{
    (void)state;
    struct told told = { 0 };
    struct stand_in *s = idle();
    pool_on_step_report(t.pool, on_report);
    say_report(s, running(s, &told), false, "");
    assert_int_equal(told.status, 502);
}

static void what_is_abandoned_is_told(void **state)
{
    (void)state;
    struct told runs = { 0 }, waits = { 0 };
    struct err e;
    struct stand_in *s = idle();
    (void)running(s, &runs);
    const struct pool_call c = call_of(ORG_A);
    assert_true(pool_submit(t.pool, &c, on_done, &waits, &e));
    pool_abandon(t.pool);
    assert_int_equal(runs.times, 1);
    assert_string_equal(runs.code, "draining");
    assert_int_equal(waits.times, 1);
    assert_string_equal(waits.code, "draining");
    assert_int_equal(pool_running(t.pool), 0);
    assert_int_equal(pool_waiting(t.pool), 0);
    assert_true(is_killed(s));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_link, tear_down_link)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_question_and_its_answer),
        TEST(without_a_jobs_process_nothing_is_taken),
        TEST(the_end_of_the_jobs_process_answers),
        TEST(one_that_says_nothing_is_not_waited_for),
        TEST(what_is_forgotten_is_not_told),
        TEST(questions_are_bounded),
        TEST(nonsense_ends_the_link),
        TEST(a_worker_asks_and_is_answered),
        TEST(a_worker_speaks_for_its_caller_alone),
        TEST(without_jobs_a_worker_is_told),
        TEST(an_answer_for_a_worker_that_is_gone_is_dropped),
        TEST(a_parked_call_frees_its_worker),
        TEST(nobody_parks_without_jobs),
        TEST(a_step_reports),
        TEST(an_invocation_reports_no_step),
        TEST(what_is_abandoned_is_told),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("job_link", tests, NULL, NULL);
}
