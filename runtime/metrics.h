/*
 * metrics.h - counters and latency histograms per action and outcome, as Prometheus text. Lives in the front.
 */
#ifndef ACTIONHOST_METRICS_H
#define ACTIONHOST_METRICS_H

#include "runtime/declaration.h"

struct metrics;

struct metrics *metrics_new(const struct declarations *d);
void metrics_free(struct metrics *m);

/* One answered request. `action` is NULL for what reached none; `code` is "" for a success. */
void metrics_count(struct metrics *m, const struct declaration *action, int status, const char *code, int64_t total_us,
                   int64_t queued_us, int64_t ran_us, int64_t auth_us);

/* What is measured at the moment of asking. */
struct metrics_now {
    int workers_ready, workers_wanted, calls_running, calls_waiting, in_flight;
    bool addon_available, draining;
    size_t body_bytes, replay_keys;
};
bool metrics_write(const struct metrics *m, const struct metrics_now *now, struct buf *out);

#endif
