/*
 * test_queue_model.c - random lives of a few jobs, each step compared with a model in memory: what may be claimed, what
 * each item came to, which state the job is in. The model knows nothing of steps or SQL. A failing run names its seed;
 * QUEUE_SEED=n runs it again.
 */
#include "tests/unit/jobs/queue_kit.h"

enum { JOBS = 5, ITEMS = 7, CLAIMS = 6, CAP = 3, ATTEMPTS = 2 };

enum item_state { NOWHERE, PENDING, RUNNING, DONE, FAILED };

struct item {
    enum item_state state;
    int attempt, crashes; /* as its next claim must say */
};

/* A plan and a finish are items, too: one each. */
struct model_job {
    bool used, begun, ended, canceled, broken, waiting, finish;
    char id[JOB_ID_SIZE];
    int org;
    long retried; /* number of the operation */
    struct item plan, end, items[ITEMS];
};

struct held {
    bool used, stale; /* stale: its lease was lost */
    int job;
    long taken;
    struct claim c;
};

static struct model_job jobs[JOBS];
static struct held held[CLAIMS];
static long turn;

static int items_of(const struct claim *c, int out[ITEMS])
{
    json_t *page = json_loadb(c->payload.p, c->payload.n, 0, NULL);
    int n = (int)json_array_size(page);
    for (int i = 0; i < n; i++)
        out[i] = (int)json_integer_value(json_array_get(page, (size_t)i));
    json_decref(page);
    return n;
}

/* The items that a claim is about. */
static int touched(struct model_job *j, const struct claim *c, struct item *out[ITEMS])
{
    int numbers[ITEMS], n = 1;
    out[0] = c->kind == STEP_PLAN ? &j->plan : &j->end;
    if (c->kind == STEP_PAGE)
        n = items_of(c, numbers);
    for (int i = 0; c->kind == STEP_PAGE && i < n; i++)
        out[i] = &j->items[numbers[i]];
    return n;
}

static int running(const struct model_job *j)
{
    int n = 0;
    for (int i = 0; i < CLAIMS; i++)
        n += held[i].used && !held[i].stale && &jobs[held[i].job] == j;
    return n;
}

static int count(const struct model_job *j, enum item_state state)
{
    int n = 0;
    for (int i = 0; i < ITEMS; i++)
        n += j->items[i].state == state;
    return n;
}

/* What follows from how the items stand. */
static void settle(struct model_job *j)
{
    if (j->ended)
        return;
    if (j->canceled || j->broken) {
        j->ended = running(j) == 0;
        return;
    }
    bool open = j->plan.state != DONE || count(j, PENDING) + count(j, RUNNING) > 0;
    if (open || j->end.state == PENDING || j->end.state == RUNNING)
        return;
    if (j->finish && j->end.state == NOWHERE)
        j->end = (struct item){ .state = PENDING, .attempt = 1 };
    else
        j->ended = true;
}

static const char *state_of(const struct model_job *j)
{
    if (!j->ended)
        return j->waiting ? "waiting" : j->begun ? "running" : "queued";
    if (j->broken || j->canceled)
        return j->broken ? "failed" : "canceled";
    return count(j, DONE) == 0 && count(j, FAILED) > 0 ? "failed" : "done";
}

static void compare(void)
{
    for (int i = 0; i < JOBS; i++)
        if (jobs[i].used)
            assert_job(jobs[i].id, state_of(&jobs[i]), count(&jobs[i], DONE), count(&jobs[i], FAILED));
    int by_org[2] = { 0, 0 };
    for (int i = 0; i < CLAIMS; i++)
        by_org[jobs[held[i].job].org] += held[i].used && !held[i].stale;
    assert_in_range(by_org[0], 0, CAP);
    assert_in_range(by_org[1], 0, CAP);
}

/* ---- operations ---- */

static void op_start(void)
{
    int i = (int)below(JOBS);
    struct job_new n = job_sample();
    if (jobs[i].used && (!jobs[i].ended || below(4)))
        return;
    for (int k = 0; k < CLAIMS; k++)
        if (held[k].used && held[k].job == i)
            return; /* an old claim still names it */
    jobs[i] = (struct model_job){ .used = true, .org = (int)below(2), .finish = below(2) };
    jobs[i].plan = (struct item){ .state = PENDING, .attempt = 1 };
    n.org_id = jobs[i].org ? ORG2 : ORG;
    n.per_org = CAP;
    n.page_items = 1 + (int)below(4);
    n.attempts = ATTEMPTS;
    n.has_finish = jobs[i].finish;
    copy_text(jobs[i].id, sizeof jobs[i].id, start_job(&n).id);
}

static void op_claim(void)
{
    struct item *v[ITEMS];
    struct claim c;
    int slot = 0, job = 0;
    while (slot < CLAIMS && held[slot].used)
        slot++;
    if (slot == CLAIMS || claim_some(ME, &c, 1) == 0)
        return;
    while (job < JOBS && strcmp(jobs[job].id, c.job) != 0)
        job++;
    assert_in_range(job, 0, JOBS - 1);
    struct model_job *j = &jobs[job];
    assert_true(!j->ended && !j->waiting && !j->canceled && !j->broken);
    int n = touched(j, &c, v);
    for (int i = 0; i < n; i++) {
        assert_int_equal(v[i]->state, PENDING);
        assert_int_equal(v[i]->attempt, c.attempt);
        assert_int_equal(v[i]->crashes, c.crashes);
        v[i]->state = RUNNING;
    }
    if (c.kind == STEP_FINISH)
        assert_int_equal(c.job_done, count(j, DONE));
    j->begun = true;
    held[slot] = (struct held){ .used = true, .job = job, .taken = turn, .c = c };
}

/* Items go on, or have failed for good. */
static void back(struct model_job *j, struct item **v, int n, bool gone)
{
    for (int i = 0; i < n; i++) {
        v[i]->state = gone ? FAILED : PENDING;
        if (gone && (v[i] == &j->plan || v[i] == &j->end))
            j->broken = j->broken || !j->canceled;
    }
}

static void apply(struct held *h, const struct step_end *e, int items)
{
    struct model_job *j = &jobs[h->job];
    struct item *v[ITEMS];
    int n = touched(j, &h->c, v), limit = h->c.kind == STEP_PAGE ? JOB_CRASHES : JOB_CRASHES_WHOLE;
    bool stopping = j->canceled || j->broken;
    switch (e->outcome) {
    case STEP_DONE:
        for (int i = 0; i < n; i++)
            v[i]->state = DONE;
        for (int i = 0; h->c.kind == STEP_PLAN && !stopping && i < items; i++)
            j->items[i] = (struct item){ .state = PENDING, .attempt = 1 };
        break;
    case STEP_AGAIN:
        back(j, v, n, e->counts && h->c.attempt == ATTEMPTS);
        for (int i = 0; i < n; i++)
            v[i]->attempt += e->counts;
        break;
    case STEP_FAILED:
        back(j, v, n, true);
        break;
    case STEP_JOB_FAILED:
        j->broken = j->broken || !j->canceled;
        break;
    case STEP_WAITS:
        back(j, v, n, false);
        j->waiting = j->waiting || (h->taken > j->retried && !stopping);
        break;
    case STEP_CRASHED:
        back(j, v, n, h->c.crashes + 1 >= limit && (h->c.kind != STEP_PAGE || n == 1));
        for (int i = 0; i < n; i++)
            v[i]->crashes = h->c.crashes + 1 >= limit ? 0 : h->c.crashes + 1;
        break;
    case STEP_RELEASED:
        back(j, v, n, false);
        break;
    }
}

static void op_end(void)
{
    static const enum step_outcome outcomes[] = { STEP_DONE,    STEP_DONE,    STEP_DONE,    STEP_DONE,
                                                  STEP_AGAIN,   STEP_AGAIN,   STEP_FAILED,  STEP_WAITS,
                                                  STEP_CRASHED, STEP_CRASHED, STEP_CRASHED, STEP_RELEASED };
    struct held *h = &held[below(CLAIMS)];
    struct step_ended out;
    if (!h->used)
        return;
    struct step_end e = {
        .outcome = outcomes[below(COUNT(outcomes))], .counts = below(2), .code = "E", .message = "m", .total = -1
    };
    if (below(40) == 0)
        e.outcome = STEP_JOB_FAILED;
    int items = (int)below(ITEMS + 1);
    json_t *plan = json_array();
    for (int i = 0; i < items; i++)
        json_array_append_new(plan, json_integer(i));
    e.items = h->c.kind == STEP_PLAN ? plan : NULL;
    enum queue_result r = queue_step_end(kit.q, &h->c, &e, &out);
    assert_int_equal(r, h->stale ? QUEUE_LOST : QUEUE_OK);
    json_decref(plan);
    struct model_job *j = &jobs[h->job];
    h->used = false;
    if (!h->stale) {
        apply(h, &e, items);
        settle(j);
        assert_int_equal(out.job_ended, j->ended);
    }
    queue_claim_free(&h->c);
}

static void op_lose(void)
{
    struct held *h = &held[below(CLAIMS)];
    struct item *v[ITEMS];
    char text[100];
    int64_t released;
    if (!h->used || h->stale)
        return;
    snprintf(text, sizeof text, "UPDATE ah_step SET lease_until = 1 WHERE id = %lld", (long long)h->c.step);
    sql(text);
    OK(queue_sweep(kit.q, NULL, &released));
    assert_int_equal(released, 1);
    struct model_job *j = &jobs[h->job];
    back(j, v, touched(j, &h->c, v), false);
    h->stale = true;
    settle(j);
}

static void op_cancel(void)
{
    struct model_job *j = &jobs[below(JOBS)];
    if (!j->used || below(3))
        return;
    assert_int_equal(queue_cancel(kit.q, j->id, NULL), j->ended ? QUEUE_ENDED : QUEUE_OK);
    if (!j->ended)
        j->canceled = j->canceled || !j->broken;
    settle(j);
}

static void op_retry(void)
{
    static const struct job_credentials fresh = { { "fresh", 5 }, "https://p.my.salesforce.com", "63.0" };
    struct model_job *j = &jobs[below(JOBS)];
    int64_t rows;
    if (!j->used)
        return;
    bool rises = j->ended && count(j, FAILED) > 0, goes_on = !j->ended && j->waiting && !j->canceled && !j->broken;
    assert_int_equal(queue_retry(kit.q, j->id, NULL, &fresh, &rows), rises || goes_on ? QUEUE_OK : QUEUE_NOTHING);
    usleep(2000); /* what is claimed now is later, in milliseconds */
    if (!rises && !goes_on)
        return;
    assert_int_equal(rows, rises ? count(j, FAILED) : 0);
    j->retried = turn;
    j->waiting = false;
    j->begun = !rises;
    if (!rises)
        return;
    j->ended = j->canceled = j->broken = false;
    j->plan.state = DONE;
    j->end = (struct item){ .state = NOWHERE };
    for (int i = 0; i < ITEMS; i++)
        if (j->items[i].state == FAILED)
            j->items[i] = (struct item){ .state = PENDING, .attempt = 1 };
        else if (j->items[i].state != DONE)
            j->items[i].state = NOWHERE; /* dropped when it was cancelled */
}

/* Everybody ends what there is, well. */
static void drain(void)
{
    struct claim c;
    int64_t rows;
    for (int i = 0; i < CLAIMS; i++) {
        if (held[i].used && !held[i].stale) {
            struct held *h = &held[i];
            const struct step_end e = { .outcome = STEP_RELEASED };
            struct step_ended out;
            OK(queue_step_end(kit.q, &h->c, &e, &out));
        }
        if (held[i].used)
            queue_claim_free(&held[i].c);
        held[i].used = false;
    }
    for (int i = 0; i < JOBS; i++)
        if (jobs[i].used)
            (void)!queue_retry(kit.q, jobs[i].id, NULL, NULL, &rows); /* those that wait */
    sql("UPDATE ah_step SET run_at = 1 WHERE run_at > 1");
    while (claim_some(ME, &c, 1) == 1)
        end_done(&c);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_step"), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job WHERE ended = 0 OR open <> 0"), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM ah_job_data WHERE credentials IS NOT NULL"), 0);
}

static void any_life_of_jobs_is_that_of_the_model(void **state)
{
    (void)state;
    static void (*const ops[])(void) = { op_start, op_claim, op_claim, op_claim,  op_end,
                                         op_end,   op_end,   op_lose,  op_cancel, op_retry };
    const char *given = getenv("QUEUE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)getpid();
    fprintf(stderr, "# QUEUE_SEED=%llu\n", (unsigned long long)seed);
    check_state = seed * 0x9e3779b97f4a7c15u + 1;
    memset(jobs, 0, sizeof jobs);
    memset(held, 0, sizeof held);
    long n = rounds(400, 10000);
    for (turn = 1; turn <= n; turn++) {
        ops[below(COUNT(ops))]();
        sql("UPDATE ah_step SET run_at = 1 WHERE run_at > 1");
        compare();
    }
    drain();
}

static const struct CMUnitTest tests[] = {
    QUEUE_TEST(any_life_of_jobs_is_that_of_the_model),
};

QUEUE_MAIN(tests)
