/*
 * metrics.h - counters and latency histograms per action and outcome, as Prometheus text. Lives in the front. The
 * number of series is bounded: 64 codes per action, three outcomes per histogram: ok
 * (2xx), refused (4xx, or the caller had gone), failed (5xx).
 */
#ifndef ACTIONHOST_WEB_METRICS_H
#define ACTIONHOST_WEB_METRICS_H

#include "runtime/declare/declaration.h"

struct metrics;

/* `d` is borrowed. */
struct metrics *metrics_new(const struct declarations *d);
void metrics_free(struct metrics *m);

/* One answered request. Times in microseconds; 0 = there was no such time. */
struct metrics_request {
    int status;       /* 0 = the caller had gone before there was an answer */
    const char *code; /* "" for a success */
    bool queued;      /* it was handed to the pool, so that queued_us counts even when it is 0 */
    int64_t total_us, auth_us, queued_us, ran_us;
};

/* `action` is NULL for what reached none. */
void metrics_count(struct metrics *m, const struct declaration *action, const struct metrics_request *request);

/* A connection over CONNECTIONS_MAX, which was told so and closed before it asked for anything. */
void metrics_count_refused_connection(struct metrics *m);

/* What is measured at the moment of asking. */
struct metrics_now {
    int workers_ready, workers_wanted, calls_running, calls_waiting, in_flight, live, connections;
    bool addon_available, draining;
    size_t body_bytes, replay_keys;
};

/* Appends the page. False: it does not fit. */
MUST_CHECK bool metrics_write(const struct metrics *m, const struct metrics_now *now, struct buf *out);

#endif
