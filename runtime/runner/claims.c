/* claims.c - claims, heartbeats and upkeep by the clock. */
#include "runtime/runner/claims.h"

#include <stdlib.h>

#include "runtime/base/log.h"
#include "runtime/base/system.h"

enum {
    SWEEP_MS = 1000,
    RETAIN_MS = 60000,
    SHARE_MS = 10000, /* between two looks at how many processes share an org */
    AGAIN_MS = 200    /* after the queue has failed */
};

struct claims {
    struct claims_parts p;
    const char **operations; /* of jobs that this program knows */
    size_t operations_n;
    bool draining, heard;
    bool begun; /* the claims of the process before this one were released */
    int room;   /* runs_room when the last claim had its answer */
    int64_t claim_at_ms, beat_at_ms, sweep_at_ms, retain_at_ms, share_at_ms, settle_at_ms;
    int64_t beaten_ms; /* when the leases were renewed last; 0 = never */
};

struct claims *claims_new(const struct claims_parts *p)
{
    struct claims *c = calloc(1, sizeof *c);
    if (!c || !(c->operations = calloc(p->declarations->n + 1, sizeof *c->operations)))
        abort();
    c->p = *p;
    for (size_t i = 0; i < p->declarations->n; i++)
        if (p->declarations->v[i].is_job)
            c->operations[c->operations_n++] = p->declarations->v[i].operation_id;
    return c;
}

void claims_free(struct claims *c)
{
    if (!c)
        return;
    free(c->operations);
    free(c);
}

void claims_heard(struct claims *c)
{
    c->heard = true;
}

void claims_drain(struct claims *c)
{
    c->draining = true;
}

/* ---- upkeep ---- */

/* Also releases, once, what the jobs process before this one had claimed. */
static void sweep(struct claims *c, int64_t now_ms)
{
    struct log_line line;
    int64_t released = 0;
    c->sweep_at_ms = now_ms + SWEEP_MS;
    if (queue_sweep(c->p.queue, c->begun ? NULL : c->p.owner, &released) != QUEUE_OK)
        return;
    c->begun = true;
    if (released == 0)
        return;
    c->heard = true;
    log_begin(&line, LOG_INFO, "steps-released");
    log_int(&line, "n", released);
    log_end(&line);
}

static void retain(struct claims *c, int64_t now_ms)
{
    int64_t deleted = 0;
    bool more = queue_retain(c->p.queue, c->p.keep_days, &deleted) == QUEUE_OK && deleted > 0;
    c->retain_at_ms = now_ms + (more ? SWEEP_MS : RETAIN_MS);
}

static void look_at_share(struct claims *c, int64_t now_ms)
{
    struct queue_stats stats;
    c->share_at_ms = now_ms + SHARE_MS;
    if (queue_stats(c->p.queue, &stats) == QUEUE_OK)
        parallel_share(c->p.parallel, stats.owners);
}

/* ---- heartbeat ---- */

static void beat(struct claims *c, int64_t now_ms)
{
    int64_t stop[RUNS_MAX];
    size_t n = RUNS_MAX;
    if (queue_beat(c->p.queue, c->p.owner, CLAIM_LEASE_MS, stop, &n) != QUEUE_OK) {
        c->beat_at_ms = now_ms + AGAIN_MS;
        return;
    }
    c->beaten_ms = now_ms;
    c->beat_at_ms = now_ms + CLAIM_BEAT_MS;
    for (size_t i = 0; i < n; i++)
        runs_stop_step(c->p.runs, stop[i]);
}

static bool beat_is_due(const struct claims *c, int64_t now_ms)
{
    return now_ms >= c->beat_at_ms ||
           (c->heard && runs_held(c->p.runs) > 0 && now_ms - c->beaten_ms >= CLAIM_BEAT_HEARD_MS);
}

/* ---- claims ---- */

static bool may_claim(const struct claims *c, int64_t now_ms)
{
    int room = runs_room(c->p.runs);
    return c->begun && !c->draining && room > 0 && pool_ready(c->p.pool) > 0 &&
           (c->heard || room > c->room || now_ms >= c->claim_at_ms);
}

/* As many as there are workers without a step. */
static void claim(struct claims *c, int64_t now_ms)
{
    struct claim claims[RUNS_MAX];
    const struct claim_wish wish = { .owner = c->p.owner,
                                     .lease_ms = CLAIM_LEASE_MS,
                                     .max = runs_room(c->p.runs),
                                     .operations = c->operations,
                                     .operations_n = c->operations_n };
    int n = 0;
    enum queue_result r = queue_claim(c->p.queue, &wish, claims, &n);
    c->heard = false;
    c->claim_at_ms = now_ms + (r == QUEUE_OK ? c->p.poll_ms : AGAIN_MS);
    c->room = wish.max;
    if (r == QUEUE_OK && n > 0) {
        runs_take(c->p.runs, claims, n);
        c->room = runs_room(c->p.runs);
    }
}

void claims_work(struct claims *c, int64_t now_ms)
{
    if (c->beaten_ms && now_ms - c->beaten_ms >= CLAIM_LEASE_MS) /* they may be somebody else's by now */
        runs_stop_all(c->p.runs);
    if (queue_state(c->p.queue) != QUEUE_OK)
        return;
    if (now_ms >= c->sweep_at_ms)
        sweep(c, now_ms);
    if (c->p.workers > 0 && beat_is_due(c, now_ms))
        beat(c, now_ms);
    if (runs_unsettled(c->p.runs) && now_ms >= c->settle_at_ms) {
        c->settle_at_ms = now_ms + AGAIN_MS;
        runs_settle(c->p.runs);
    }
    if (may_claim(c, now_ms))
        claim(c, now_ms);
    if (now_ms >= c->retain_at_ms)
        retain(c, now_ms);
    if (c->p.workers > 0 && now_ms >= c->share_at_ms)
        look_at_share(c, now_ms);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int claims_timeout_ms(const struct claims *c, int64_t now_ms)
{
    if (queue_state(c->p.queue) != QUEUE_OK)
        return -1; /* the queue itself says when it is to be looked at */
    int64_t next = sooner(c->sweep_at_ms, c->retain_at_ms);
    if (c->p.workers > 0)
        next = sooner(next, sooner(c->beat_at_ms, c->share_at_ms));
    if (may_claim(c, now_ms))
        return 0;
    if (c->begun && !c->draining && runs_room(c->p.runs) > 0 && pool_ready(c->p.pool) > 0)
        next = sooner(next, c->claim_at_ms);
    if (runs_unsettled(c->p.runs))
        next = sooner(next, c->settle_at_ms);
    return ms_until(next, now_ms);
}
