/* parallel.c - additive increase, multiplicative decrease of the requests in flight to each org. */
#include "runtime/runner/parallel.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/record_id.h"

enum {
    ORGS = 64,        /* remembered; the one unused longest makes room */
    SLOW_US = 100000, /* below this a doubled time is noise of our own */
    SAMPLES = 4,      /* before a time is compared with those before it */
    SMOOTH = 8        /* weight of the past against one sample */
};

struct org_window {
    char org[RECORD_ID_SIZE]; /* "" = vacant */
    int window, granted, running;
    int round; /* requests granted to steps that ended well since the window last moved */
    int64_t era, used;
    /* microseconds of a request, by the number granted: a step that may send four at once is not slower for it */
    int64_t mean_us[PARALLEL_STEP_MAX + 1];
    int samples[PARALLEL_STEP_MAX + 1];
};

struct parallel {
    int processes;
    int64_t uses;
    struct org_window orgs[ORGS];
};

struct parallel *parallel_new(void)
{
    struct parallel *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->processes = 1;
    return p;
}

void parallel_free(struct parallel *p)
{
    free(p);
}

static int share(const struct parallel *p)
{
    return PARALLEL_ORG_MAX / p->processes > 1 ? PARALLEL_ORG_MAX / p->processes : 1;
}

void parallel_share(struct parallel *p, int processes)
{
    p->processes = processes > 1 ? processes : 1;
    for (int i = 0; i < ORGS; i++)
        if (p->orgs[i].window > share(p))
            p->orgs[i].window = share(p);
}

static struct org_window *find(const struct parallel *p, const char *org)
{
    for (int i = 0; i < ORGS; i++)
        if (strcmp(p->orgs[i].org, org) == 0)
            return (struct org_window *)(uintptr_t)&p->orgs[i];
    return NULL;
}

/* Of the orgs without a running step, of which there are always some: more run at once nowhere. NULL if not. */
static struct org_window *replace_oldest(struct parallel *p, const char *org)
{
    struct org_window *oldest = NULL;
    for (int i = 0; i < ORGS; i++)
        if (p->orgs[i].running == 0 && (!oldest || p->orgs[i].used < oldest->used))
            oldest = &p->orgs[i];
    if (!oldest)
        return NULL;
    *oldest = (struct org_window){ .window = PARALLEL_BEGIN < share(p) ? PARALLEL_BEGIN : share(p) };
    copy_text(oldest->org, sizeof oldest->org, org);
    return oldest;
}

/* A fair part of the window, as far as it is not granted to others. */
static struct parallel_grant grant(struct parallel *p, struct org_window *w, int steps)
{
    int left = w->window - w->granted, n = w->window / (steps > 1 ? steps : 1);
    n = n > left ? left : n;
    n = n > PARALLEL_STEP_MAX ? PARALLEL_STEP_MAX : n < 1 ? 1 : n;
    w->granted += n;
    w->used = ++p->uses;
    return (struct parallel_grant){ n, w->era };
}

struct parallel_grant parallel_begin(struct parallel *p, const char *org, int steps)
{
    struct org_window *w = find(p, org);
    if (!w && !(w = replace_oldest(p, org)))
        return (struct parallel_grant){ 1, -1 };
    w->running++;
    return grant(p, w, steps);
}

struct parallel_grant parallel_renew(struct parallel *p, const char *org, struct parallel_grant g, int steps)
{
    struct org_window *w = g.era < 0 ? NULL : find(p, org);
    if (!w)
        return g;
    w->granted -= g.n;
    return grant(p, w, steps);
}

/* Whether a request took twice as long as those before it; keeps the mean. */
static bool is_slow(struct org_window *w, int granted, int64_t us)
{
    int64_t *mean = &w->mean_us[granted];
    if (us <= 0)
        return false;
    if (w->samples[granted]++ == 0)
        *mean = us;
    bool slow = w->samples[granted] > SAMPLES && us > SLOW_US && us > 2 * *mean;
    *mean += (us - *mean) / SMOOTH;
    return slow;
}

void parallel_end(struct parallel *p, const char *org, struct parallel_grant g, const struct parallel_met *met)
{
    struct org_window *w = g.era < 0 ? NULL : find(p, org);
    if (!w)
        return;
    w->granted -= g.n;
    w->running--;
    bool slow = met->clean && is_slow(w, g.n, met->us_per_request);
    if (met->pushed_back || slow) {
        if (g.era != w->era)
            return;
        w->window = w->window / 2 > 1 ? w->window / 2 : 1;
        w->era++;
        w->round = 0;
        return;
    }
    if (!met->clean)
        return;
    w->round += g.n;
    if (w->round >= w->window) {
        w->round = 0;
        w->window += w->window < share(p);
    }
}

int parallel_window(const struct parallel *p, const char *org)
{
    const struct org_window *w = find(p, org);
    return w ? w->window : PARALLEL_BEGIN;
}
