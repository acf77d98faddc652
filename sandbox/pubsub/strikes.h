/*
 * strikes.h - programmed faults of calls: what a server, a net or an org does to a subscriber now and then.
 *
 * One fault is the object behind {"pubsub": ...}, all members optional:
 *   method      GetTopic, GetSchema, Subscribe (when absent), Publish, PublishStream
 *   topic       calls of this topic only
 *   skip, times calls that pass first; how often it strikes (absent = until cleared)
 *   delayMs     wait before anything is answered
 *   afterEvents strike when so many events were sent (0 when absent; of Subscribe alone)
 * and one of
 *   error       ends the call with this error code, with or without "sfdc.platform.eventbus.grpc."; `status` and
 *               `message` may say another status (0 to 16) and text
 *   end         true: ends the call with status 0
 *   cut         "stream" (reset without a status), "goaway" (no new calls on the connection, then this one ends with
 *               status 0), "connection" (closed, nothing said)
 *   silence     true: nothing is sent any more, and nothing ends
 *   payload     the event behind `afterEvents` is spoiled: "noise", "half" (of its bytes), "huge" (1 MiB + 1),
 *               "schema" (an id that nobody has)
 * and
 *   reset       false: a call that ends by `error` or `end` leaves the stream half open, as some servers do
 *   duplicates  so many percent of the events are sent twice
 */
#ifndef SANDBOX_PUBSUB_STRIKES_H
#define SANDBOX_PUBSUB_STRIKES_H

#include <jansson.h>
#include <stdbool.h>

enum { STRIKES_MAX = 64 };

enum strike_kind {
    STRIKE_NONE,
    STRIKE_ERROR,
    STRIKE_END,
    STRIKE_STREAM,
    STRIKE_GOAWAY,
    STRIKE_CONNECTION,
    STRIKE_SILENCE
};
enum spoiling { SPOIL_NONE, SPOIL_NOISE, SPOIL_HALF, SPOIL_HUGE, SPOIL_SCHEMA };

/* What strikes a call. */
struct rpc_strike {
    enum strike_kind kind;
    enum spoiling payload;
    bool half_open;
    int delay_ms, duplicates;
    long after_events;
    int status; /* -1 = that of the error */
    char error[96], message[200];
};

struct strikes;

/* NULL without memory; NULL is nothing to free. */
struct strikes *strikes_new(void);
void strikes_free(struct strikes *s);
/* Whether the object is a fault; `why` filled when it is not. */
bool strike_fits(const json_t *spec, char *why, size_t why_size);
/* Adds one that fits. False with `why` filled when there are too many. */
bool strikes_add(struct strikes *s, const json_t *spec, char *why, size_t why_size);
void strikes_clear(struct strikes *s);
/* Appends {"pubsub": fault, "hits", "left"} of each to the array. */
void strikes_list(struct strikes *s, json_t *out);
/* Finds the fault that strikes this call and counts it; false when there is none. `topic` may be "". */
bool strikes_take(struct strikes *s, const char *method, const char *topic, struct rpc_strike *out);

#endif
