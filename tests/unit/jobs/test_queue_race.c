/*
 * test_queue_race.c - several processes at one queue: each step once, caps kept, counters exact, equal starts one job.
 * What each process sees is counted in memory that all of them share.
 */
#include <stdatomic.h>
#include <sys/mman.h>

#include "tests/unit/jobs/queue_kit.h"

enum { PROCESSES = 4, ORGS = 3, CAP = 2, ITEMS = 60 };

static struct shared {
    atomic_int running[ORGS], most[ORGS], done[ORGS][ITEMS], finishes, ended, jobs, failures;
} * shared;

static void org_id(int org, char out[20])
{
    snprintf(out, 20, "00Dxx%010dEAA", org);
}

/* Runs `work` in PROCESSES children, each with a queue of its own. */
static void together(void (*work)(struct queue *q, int number))
{
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct queue *q = queue_another(true);
            check_state += (uint64_t)i + 1;
            work(q, i);
            queue_free(q);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int code;
        assert_int_equal(waitpid(children[i], &code, 0), children[i]);
        assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    }
}

static void expect(bool ok)
{
    if (!ok)
        shared->failures++;
}

/* One step as a worker does it: mostly well, at times thrown back. */
static void work_on(struct queue *q, struct claim *c)
{
    struct step_ended out;
    struct step_end e = { .outcome = STEP_DONE, .total = -1 };
    json_t *items = NULL;
    char digits[11]; /* of 00Dxx0000000002EAA */
    copy_text(digits, sizeof digits, c->org_id + 5);
    int org = (int)strtol(digits, NULL, 10);
    int running = ++shared->running[org];
    for (int most = shared->most[org];
         running > most && !atomic_compare_exchange_weak(&shared->most[org], &most, running);)
        ;
    expect(running <= CAP);
    usleep(1000 + (useconds_t)below(3000));
    if (c->kind == STEP_PLAN) {
        items = json_array();
        for (int i = 0; i < ITEMS; i++)
            json_array_append_new(items, json_integer(i));
        e.items = items;
    } else if (below(5) == 0) {
        e = (struct step_end){ .outcome = STEP_RELEASED };
    } else if (c->kind == STEP_FINISH) {
        shared->finishes++;
        expect(c->job_done == ITEMS);
    } else {
        json_t *page = json_loadb(c->payload.p, c->payload.n, 0, NULL);
        for (size_t i = 0; i < json_array_size(page); i++)
            shared->done[org][json_integer_value(json_array_get(page, i))]++;
        json_decref(page);
    }
    shared->running[org]--;
    expect(queue_step_end(q, c, &e, &out) == QUEUE_OK);
    shared->ended += out.job_ended;
    json_decref(items);
    queue_claim_free(c);
}

static void work(struct queue *q, int number)
{
    char owner[20];
    snprintf(owner, sizeof owner, "owner-%d", number);
    struct claim_wish w = { .owner = owner, .lease_ms = LEASE, .max = 1 };
    for (int idle = 0; shared->ended < ORGS && idle < 3000; idle++) {
        struct claim c;
        int n = 0;
        enum queue_result r = queue_claim(q, &w, &c, &n);
        expect(r == QUEUE_OK);
        if (n > 0) {
            work_on(q, &c);
            idle = 0;
        } else {
            usleep(2000);
        }
    }
}

static void each_step_is_done_once_and_no_cap_is_passed(void **state)
{
    (void)state;
    memset(shared, 0, sizeof *shared);
    struct job_started s[ORGS];
    struct job_new n = job_sample();
    n.per_org = CAP;
    n.has_finish = true;
    for (int i = 0; i < ORGS; i++) {
        char org[20];
        org_id(i, org);
        n.org_id = org;
        s[i] = start_job(&n);
    }
    together(work);
    assert_int_equal(shared->failures, 0);
    assert_int_equal(shared->ended, ORGS);
    assert_int_equal(shared->finishes, ORGS);
    for (int i = 0; i < ORGS; i++) {
        assert_job(s[i].id, "done", ITEMS, 0);
        assert_in_range(shared->most[i], 1, CAP);
        for (int k = 0; k < ITEMS; k++)
            assert_int_equal(shared->done[i][k], 1);
    }
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step"), 0);
}

/* ---- starts ---- */

static void start_equal_jobs(struct queue *q, int number)
{
    (void)number;
    for (int i = 0; i < 20; i++) {
        char key[20];
        struct job_started s;
        struct job_new n = job_sample();
        snprintf(key, sizeof key, "key-%d", i);
        n.unique_key = key;
        expect(queue_start(q, &n, &s) == QUEUE_OK);
        shared->jobs += !s.twin;
    }
}

static void equal_starts_at_once_are_one_job(void **state)
{
    (void)state;
    memset(shared, 0, sizeof *shared);
    together(start_equal_jobs);
    assert_int_equal(shared->failures, 0);
    assert_int_equal(shared->jobs, 20);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job"), 20);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step"), 20);
}

static void start_one_batch(struct queue *q, int number)
{
    for (int i = 0; i < 10; i++) {
        char key[20];
        struct job_started s;
        struct job_new n = job_sample();
        snprintf(key, sizeof key, "key-%d-%d", number, i);
        n.unique_key = key;
        n.merge_key = "batch";
        n.merge_ms = 60000;
        expect(queue_start(q, &n, &s) == QUEUE_OK && !s.twin);
        shared->jobs += !s.merged;
    }
}

static void starts_that_merge_at_once_are_one_job(void **state)
{
    (void)state;
    memset(shared, 0, sizeof *shared);
    together(start_one_batch);
    assert_int_equal(shared->failures, 0);
    assert_int_equal(shared->jobs, 1);
    assert_int_equal(sql_number("SELECT plans FROM ah_job"), PROCESSES * 10);
    assert_int_equal(sql_number("SELECT open FROM ah_job"), PROCESSES * 10);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step"), PROCESSES * 10);
}

/* ---- all that people and clocks do, at the same time ---- */

static void work_and_meddle(struct queue *q, int number)
{
    char owner[20];
    int64_t released, rows;
    snprintf(owner, sizeof owner, "owner-%d", number);
    struct claim_wish w = { .owner = owner, .lease_ms = LEASE, .max = 1 };
    const struct job_credentials fresh = { { "fresh", 5 }, "https://p.my.salesforce.com", "63.0" };
    for (int i = 0; i < 150; i++) {
        struct claim c;
        int n = 0;
        struct step_ended out;
        struct step_end e = {
            .outcome = (enum step_outcome)below(7), .counts = below(2), .code = "E", .message = "m", .total = -1
        };
        json_t *items = json_pack("[i, i, i]", 1, 2, 3);
        expect(queue_claim(q, &w, &c, &n) == QUEUE_OK);
        if (n) {
            e.items = c.kind == STEP_PLAN ? items : NULL;
            enum queue_result r = queue_step_end(q, &c, &e, &out);
            expect(r == QUEUE_OK || r == QUEUE_LOST);
            if (below(6) == 0)
                expect(queue_cancel(q, c.job, NULL) != QUEUE_AWAY);
            expect(queue_retry(q, c.job, NULL, &fresh, &rows) != QUEUE_AWAY);
            queue_claim_free(&c);
        }
        json_decref(items);
        if (below(10) == 0) {
            struct job_new j = job_sample();
            struct job_started s;
            expect(queue_start(q, &j, &s) == QUEUE_OK);
        }
        if (below(10) == 0)
            expect(queue_sweep(q, NULL, &released) == QUEUE_OK);
    }
}

/* Nobody waits for another in a circle, and the sums are right however it went. */
static void whatever_happens_at_once_the_sums_are_right(void **state)
{
    (void)state;
    memset(shared, 0, sizeof *shared);
    for (int i = 0; i < 5; i++) {
        struct job_new n = job_sample();
        n.has_finish = i % 2;
        start_job(&n);
    }
    together(work_and_meddle);
    assert_int_equal(shared->failures, 0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job j WHERE open <>"
                                " (SELECT count(*) FROM ah_step s WHERE s.job_id = j.id)"),
                     0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job j WHERE kept <>"
                                " (SELECT count(*) FROM ah_failed f WHERE f.job_id = j.id)"),
                     0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job WHERE ended = 1 AND (open > 0 OR finished_at IS NULL)"),
                     0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job WHERE ended = 0 AND open = 0"), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job_data x JOIN ah_job j ON j.id = x.job_id"
                                " WHERE j.ended = 1 AND x.credentials IS NOT NULL"),
                     0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step s JOIN ah_job j ON j.id = s.job_id"
                                " WHERE j.state = 'waiting' AND s.state = 0"),
                     0);
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(each_step_is_done_once_and_no_cap_is_passed),
    QUEUE_TEST(equal_starts_at_once_are_one_job),
    QUEUE_TEST(starts_that_merge_at_once_are_one_job),
    QUEUE_TEST(whatever_happens_at_once_the_sums_are_right),
};

static bool share(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared != MAP_FAILED;
}

#define main queue_main
int queue_main(void);
QUEUE_MAIN(tests)
#undef main

int main(void)
{
    return share() ? queue_main() : 1;
}
