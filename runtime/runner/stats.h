/*
 * stats.h - what the jobs process counts of steps, as Prometheus text; and the log lines of steps and jobs, which are
 * made of the same.
 */
#ifndef ACTIONHOST_RUNNER_STATS_H
#define ACTIONHOST_RUNNER_STATS_H

#include <jansson.h>

#include "runtime/jobs/queue.h"

struct stats;

/* Ends the program when there is no memory. */
struct stats *stats_new(void);
void stats_free(struct stats *s);

/* A step that has ended, as the queue has kept it. */
struct step_fact {
    const struct claim *claim;
    const struct step_end *end;
    const struct step_ended *ended;
    int64_t ran_us;
};
/* Counts it, and writes its line in the log; that of its job, too, when it was the last. */
void stats_step(struct stats *s, const struct step_fact *f);
/* A step whose result was dropped, as it was no longer this process's. */
void stats_lost(struct stats *s, const struct claim *c);

/* What is measured at the moment of asking. */
struct stats_now {
    struct queue_stats queue;
    bool away; /* the database is: nothing is known of the queue */
    int workers, running, waiting_callers;
};
/* Appends the page. False: it does not fit. */
MUST_CHECK bool stats_write(const struct stats *s, const struct stats_now *now, struct buf *out);
/* The same of subscriptions, by the list of subscription_list. False: it does not fit. */
bool stats_write_subscriptions(const json_t *list, struct buf *out);

#endif
