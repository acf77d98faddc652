/*
 * parallel.h - how many requests to an org may be in flight at once, from all steps of this process together. Each step
 * is granted 1 to 4 of them when it begins; what it met moves the org's window: one more after a round without trouble,
 * half of it when the org was locked, throttled, or took twice as long.
 */
#ifndef ACTIONHOST_RUNNER_PARALLEL_H
#define ACTIONHOST_RUNNER_PARALLEL_H

#include "runtime/base/bytes.h"

enum {
    PARALLEL_ORG_MAX = 16, /* requests to one org from all processes */
    PARALLEL_STEP_MAX = 4, /* of one step */
    PARALLEL_BEGIN = 12    /* window of an org that nothing is known of */
};

struct parallel;

/* Ends the program when there is no memory. */
struct parallel *parallel_new(void);
void parallel_free(struct parallel *p);

/* So many processes share each org's PARALLEL_ORG_MAX; at least 1. */
void parallel_share(struct parallel *p, int processes);

struct parallel_grant {
    int n;       /* 1 to PARALLEL_STEP_MAX */
    int64_t era; /* of the org's window: what began before it was halved says nothing about the half */
};
/*
 * For a step of `org` that begins, one of `steps` that are about to run. The sum of the grants stays within the org's
 * window, but that each step has one. To be given back by parallel_end.
 */
struct parallel_grant parallel_begin(struct parallel *p, const char *org, int steps);

/* For a step that goes on: others have begun or ended since its grant, which this one replaces. */
struct parallel_grant parallel_renew(struct parallel *p, const char *org, struct parallel_grant g, int steps);

/* What a step met. */
struct parallel_met {
    bool clean;             /* it did its work; else nothing is learned but from pushed_back */
    bool pushed_back;       /* by a lock, a throttle, an org that was not available */
    int64_t us_per_request; /* 0 = not known */
};
void parallel_end(struct parallel *p, const char *org, struct parallel_grant g, const struct parallel_met *met);

/* The org's window at present. */
int parallel_window(const struct parallel *p, const char *org);

#endif
