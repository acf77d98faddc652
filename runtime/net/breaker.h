/*
 * breaker.h - stops asking a service that does not answer. Opens after a number of failures in a row; while open it
 * lets one probe through per interval, and the first success closes it. Time is given by the caller, in ms of one
 * monotonic clock.
 */
#ifndef ACTIONHOST_NET_BREAKER_H
#define ACTIONHOST_NET_BREAKER_H

#include "runtime/base/bytes.h"

enum { BREAKER_FAILURES = 5, BREAKER_INTERVAL_MS = 1000 };

struct breaker {
    int failures; /* in a row */
    int threshold;
    int interval_ms;
    bool open;
    int64_t next_probe_ms;
};

/* A closed breaker that opens after `threshold` failures in a row and probes every interval_ms. */
void breaker_init(struct breaker *b, int threshold, int interval_ms);

/* May a call be made now? A true while the breaker is open is the probe: report its outcome. */
bool breaker_allow(struct breaker *b, int64_t now_ms);

/* Outcome of a call. An answer of any status is ok: only silence, refusal and timeouts are failures. */
void breaker_report(struct breaker *b, bool ok, int64_t now_ms);

/* A bounded table by name; when it is full the entry that was not asked for longest makes room. */
struct breakers;

struct breakers *breakers_new(size_t max);
void breakers_free(struct breakers *t);
/* Never NULL; a new name gets a closed breaker. Valid until the next call of breakers_get. */
struct breaker *breakers_get(struct breakers *t, const char *name);

#endif
