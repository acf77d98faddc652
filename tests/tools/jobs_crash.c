/*
 * jobs_crash.c - several processes work on a queue and are killed, or stopped for longer than their lease; then each
 * item is done once, and the sums are right.
 *
 *   jobs_crash URL-OR-FILE STEPS KILLS     prints one line; exit 0 when all of it holds
 *
 * What a step does outside of the queue stands for a record inserted under a unique key: a mark in shared memory, which
 * a second run of the same step finds there. Steps that were run twice are counted.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/jobs/queue.h"

enum { WORKERS = 4, LEASE_MS = 1200, PLAN = 500, PER_ORG = 3, ORGS = 3, STEP_US = 4000, AGAIN_US = 20000 };

static const char *where;
static struct shared {
    int lost, repeated, swept, claims;
    bool over;
    unsigned char done[100000]; /* records by item */
} * shared;

static struct queue *opened(void)
{
    bool server = strncmp(where, "postgres", 8) == 0;
    const struct queue_settings s = {
        .database_url = server ? where : NULL, .path = where, .poll_ms = 100, .notify = true
    };
    struct queue *q = queue_new(&s);
    while (queue_open_now(q, 30000, NULL) != QUEUE_OK)
        fprintf(stderr, "jobs_crash: %s\n", queue_why(q));
    return q;
}

/* The record is there for ever once it is: a second insert finds it. */
static void insert(long item)
{
    unsigned char none = 0;
    if (!__atomic_compare_exchange_n(&shared->done[item], &none, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        __atomic_add_fetch(&shared->repeated, 1, __ATOMIC_SEQ_CST);
}

static json_t *plan_items(const struct claim *c, int steps, json_t **cursor)
{
    long from = c->payload.n ? strtol(c->payload.p, NULL, 10) : strtol(c->input.p, NULL, 10);
    long end = (from / steps + 1) * steps, until = from + PLAN < end ? from + PLAN : end;
    json_t *items = json_array();
    for (long i = from; i < until; i++)
        json_array_append_new(items, json_integer(i));
    *cursor = until < end ? json_integer(until) : NULL;
    return items;
}

static void run(struct queue *q, struct claim *c, int steps)
{
    struct step_end e = { .outcome = STEP_DONE, .total = -1 };
    struct step_ended out;
    json_t *items = NULL, *cursor = NULL;
    usleep(STEP_US);
    if (c->kind == STEP_PLAN)
        items = plan_items(c, steps, &cursor);
    if (c->kind == STEP_PAGE)
        insert(strtol(c->payload.p + 1, NULL, 10));
    e.items = items;
    e.cursor = cursor;
    enum queue_result r = queue_step_end(q, c, &e, &out);
    while (r == QUEUE_AWAY && !shared->over) { /* as its owner must: a lease that lives on belongs to nobody else */
        usleep(AGAIN_US);
        queue_work(q);
        r = queue_step_end(q, c, &e, &out);
    }
    if (r == QUEUE_LOST)
        __atomic_add_fetch(&shared->lost, 1, __ATOMIC_SEQ_CST);
    json_decref(items);
    json_decref(cursor);
    queue_claim_free(c);
}

static void work(int steps)
{
    char owner[QUEUE_OWNER_SIZE];
    struct queue *q = opened();
    int64_t stop[8], released, beaten = 0;
    if (!queue_owner(getpid(), owner))
        _exit(2);
    const struct claim_wish w = { .owner = owner, .lease_ms = LEASE_MS, .max = 2 };
    while (!shared->over) {
        struct claim c[2];
        int n = 0;
        size_t many = 8;
        queue_work(q);
        if (clock_ms() - beaten > LEASE_MS / 3) {
            (void)!queue_beat(q, owner, LEASE_MS, stop, &many);
            if (queue_sweep(q, NULL, &released) == QUEUE_OK)
                __atomic_add_fetch(&shared->swept, (int)released, __ATOMIC_SEQ_CST);
            beaten = clock_ms();
        }
        if (queue_claim(q, &w, c, &n) != QUEUE_OK || n == 0)
            usleep(5000);
        __atomic_add_fetch(&shared->claims, n, __ATOMIC_SEQ_CST);
        for (int i = 0; i < n; i++)
            run(q, &c[i], steps);
    }
    queue_free(q);
    _exit(0);
}

static pid_t worker(int steps)
{
    pid_t pid = fork();
    if (pid == 0)
        work(steps);
    return pid;
}

static int start(struct queue *q, int steps, char ids[ORGS][JOB_ID_SIZE])
{
    for (int i = 0; i < ORGS; i++) {
        char org[20], input[20];
        struct job_started s;
        snprintf(org, sizeof org, "00Dxx%010dEAA", i);
        snprintf(input, sizeof input, "%d", i * steps);
        const struct job_new n = { .operation = "work",
                                   .org_id = org,
                                   .user_id = "005xx0000000001AAA",
                                   .username = "a@b.c",
                                   .queue = "crash",
                                   .priority = 5,
                                   .per_org = PER_ORG,
                                   .page_items = 1,
                                   .attempts = 1,
                                   .keep_days = 1,
                                   .has_finish = true,
                                   .input = span_of(input),
                                   .credentials = span_of("sealed") };
        if (queue_start(q, &n, &s) != QUEUE_OK)
            return fprintf(stderr, "jobs_crash: %s\n", queue_why(q));
        copy_text(ids[i], JOB_ID_SIZE, s.id);
    }
    return 0;
}

static int ended_jobs(struct queue *q, char ids[ORGS][JOB_ID_SIZE], int steps, int *right)
{
    int n = 0;
    *right = 0;
    for (int i = 0; i < ORGS; i++) {
        json_t *job = NULL;
        queue_work(q);
        if (queue_get(q, ids[i], NULL, &job) != QUEUE_OK)
            continue;
        n += json_object_get(job, "finishedAt") != NULL;
        *right += strcmp(json_string_value(json_object_get(job, "state")), "done") == 0 &&
                  json_integer_value(json_object_get(job, "done")) == steps &&
                  json_integer_value(json_object_get(job, "total")) == steps &&
                  json_integer_value(json_object_get(job, "failed")) == 0;
        json_decref(job);
    }
    return n;
}

/* Every fifth is stopped for longer than its lease instead, and comes back as a zombie. */
static void meddle(pid_t workers[WORKERS], int number, int steps, int *stopped)
{
    unsigned char chance;
    random_bytes(&chance, 1);
    int i = chance % WORKERS;
    if (number % 5 == 4 && *stopped < 0) {
        kill(workers[i], SIGSTOP);
        *stopped = i;
        return;
    }
    if (i == *stopped)
        return;
    kill(workers[i], SIGKILL);
    waitpid(workers[i], NULL, 0);
    workers[i] = worker(steps);
}

int main(int argc, char **argv)
{
    enum { LONGEST_MS = 240000, TURN_US = 150000, STOP_TURNS = 12 };
    pid_t workers[WORKERS];
    char ids[ORGS][JOB_ID_SIZE];
    int right = 0, stopped = -1, since = 0, kills = 0;
    int steps = argc == 4 ? (int)strtol(argv[2], NULL, 10) / ORGS : 0,
        wanted = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;
    if (steps < 1 || steps * ORGS > (int)sizeof shared->done) {
        fprintf(stderr, "usage: jobs_crash URL-OR-FILE STEPS KILLS\n");
        return 64;
    }
    where = argv[1];
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct queue *q = opened();
    if (start(q, steps, ids) != 0)
        return 1;
    queue_free(q);
    for (int i = 0; i < WORKERS; i++)
        workers[i] = worker(steps);
    q = opened();
    int64_t end_ms = clock_ms() + LONGEST_MS;
    while (ended_jobs(q, ids, steps, &right) < ORGS && clock_ms() < end_ms) {
        usleep(TURN_US);
        if (kills < wanted)
            meddle(workers, kills++, steps, &stopped);
        if (stopped >= 0 && ++since > STOP_TURNS) {
            kill(workers[stopped], SIGCONT);
            stopped = -1;
            since = 0;
        }
    }
    shared->over = true;
    for (int i = 0; i < WORKERS; i++) {
        kill(workers[i], SIGCONT);
        waitpid(workers[i], NULL, 0);
    }
    int done = 0;
    for (int i = 0; i < steps * ORGS; i++)
        done += shared->done[i];
    struct queue_stats t = { 0 };
    bool empty = queue_stats(q, &t) == QUEUE_OK && t.ready == 0 && t.running == 0;
    queue_free(q);
    printf("steps %d done %d kills %d repeated %d refused %d swept %d claims %d jobs right %d of %d\n", steps * ORGS,
           done, kills, shared->repeated, shared->lost, shared->swept, shared->claims, right, ORGS);
    return done == steps * ORGS && right == ORGS && empty && kills == wanted ? 0 : 1;
}
