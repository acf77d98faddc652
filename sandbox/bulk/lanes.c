/* lanes.c - who works on jobs: threads that each take a batch, or a query, when there is one. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sandbox/base/system.h"
#include "sandbox/bulk/bulk_parts.h"
#include "sandbox/http/model.h"

enum task_kind { TASK_NONE, TASK_BEGIN, TASK_BATCH };

struct task {
    enum task_kind kind;
    struct job *job; /* with a reference */
    struct batch *batch;
};

/* The next thing to do, oldest job first. *wait_us gets the time until a job has waited long enough, if there is one.
 */
static struct task next_task(struct bulk *b, int64_t *wait_us)
{
    int64_t now = steady_us();
    *wait_us = -1;
    for (struct job *j = b->jobs; j && !b->hold; j = j->next) {
        if (j->state == JOB_WORKS && j->next_batch < j->n_batches) {
            job_hold(j);
            return (struct task){ TASK_BATCH, j, &j->batches[j->next_batch++] };
        }
        if (j->state != JOB_READY)
            continue;
        if (j->ready_us <= now) {
            job_hold(j);
            return (struct task){ TASK_BEGIN, j, NULL };
        }
        if (*wait_us < 0 || j->ready_us - now < *wait_us)
            *wait_us = j->ready_us - now;
    }
    return (struct task){ TASK_NONE, NULL, NULL };
}

static int64_t org_time(struct bulk *b, const struct job *j)
{
    return org_clock_ms(sandbox_org(b->s, j->org));
}

/* A job all of whose batches are worked on has ended, unless it has already. */
static void end_if_done(struct bulk *b, struct job *j, int64_t now_ms)
{
    if (j->state == JOB_WORKS && j->active == 0 && j->next_batch == j->n_batches)
        job_set_state(j, JOB_DONE, now_ms);
    pthread_cond_broadcast(&b->changed);
}

/* Without the lock while it works. */
static void run_task(struct bulk *b, struct task *t)
{
    struct job *j = t->job;
    j->active++;
    pthread_mutex_unlock(&b->lock);
    if (t->kind == TASK_BATCH)
        work_load(b, j, t->batch);
    else if (j->kind == JOB_QUERY)
        work_extract(b, j);
    else
        work_split(b, j);
    int64_t now_ms = org_time(b, j);
    pthread_mutex_lock(&b->lock);
    j->active--;
    end_if_done(b, j, now_ms);
}

static void wait_change(struct bulk *b, int64_t wait_us)
{
    struct timespec until;
    b->idle++;
    if (wait_us < 0) {
        pthread_cond_wait(&b->changed, &b->lock);
    } else {
        int64_t at = steady_us() + wait_us;
        until = (struct timespec){ at / 1000000, at % 1000000 * 1000 };
        pthread_cond_timedwait(&b->changed, &b->lock, &until);
    }
    b->idle--;
}

static void *lane(void *of)
{
    struct bulk *b = of;
    int64_t wait_us;
    pthread_mutex_lock(&b->lock);
    while (!b->stopping) {
        struct task t = next_task(b, &wait_us);
        if (t.kind == TASK_NONE) {
            wait_change(b, wait_us);
            continue;
        }
        if (t.kind == TASK_BEGIN)
            job_set_state(t.job, JOB_WORKS, t.job->changed_ms);
        lanes_wake(b); /* one that was told of two tasks has one hand only */
        run_task(b, &t);
        pthread_mutex_unlock(&b->lock);
        job_release(b, t.job);
        pthread_mutex_lock(&b->lock);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* As long as there are fewer than LANES_MAX, one is always idle. */
void lanes_wake(struct bulk *b)
{
    if (b->idle == 0 && b->n_lanes < LANES_MAX && !b->stopping &&
        pthread_create(&b->lanes[b->n_lanes], NULL, lane, b) == 0)
        b->n_lanes++;
    pthread_cond_broadcast(&b->changed);
}

void lanes_end(struct bulk *b)
{
    pthread_mutex_lock(&b->lock);
    b->stopping = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    for (int i = 0; i < b->n_lanes; i++)
        pthread_join(b->lanes[i], NULL);
    b->n_lanes = 0;
}

/* ---- a piece of work in an org ---- */

static bool goes_on(struct bulk *b, const struct job *j)
{
    pthread_mutex_lock(&b->lock);
    bool on = j->state == JOB_WORKS && !j->gone && !b->stopping;
    pthread_mutex_unlock(&b->lock);
    return on;
}

bool bulk_enter(struct bulk *b, struct job *j, struct model_call *paced)
{
    struct model *m = b->s->models[j->org];
    struct org *o = sandbox_org(b->s, j->org);
    struct org_work none;
    model_begin_work(m, paced);
    org_enter(o, &(struct org_pace){ paced->ticket, paced->made, paced->seed, paced->lock_rate, model_in_flight, m });
    if (goes_on(b, j)) /* looked at in here: a reset that forgets the job waits for the org */
        return true;
    org_leave(o, &none);
    model_end(m, paced, &(struct model_work){ 0, 0, 0 });
    return false;
}

void bulk_leave(struct bulk *b, struct job *j, struct model_call *paced)
{
    struct org_work did;
    org_leave(sandbox_org(b->s, j->org), &did);
    model_end(b->s->models[j->org], paced, &(struct model_work){ did.pages, did.records, did.statements });
}

struct call job_call(struct bulk *b, struct job *j)
{
    struct call c = { .o = sandbox_org(b->s, j->org), .method = "POST", .query = "", .options = "" };
    copy_text(c.user_id, sizeof c.user_id, j->user_id);
    copy_text(c.version, sizeof c.version, j->version);
    c.rules = perm_rules(c.o, c.user_id);
    return c;
}
