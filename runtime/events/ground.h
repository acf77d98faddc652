/*
 * ground.h - what a subscription stands on: whoever has sessions of connections, leases and the inbox. It is asked by
 * these functions and answers, later and never from within them, by subscription_on_...() of subscription.h with the
 * `round` that the question had. One that returns false has taken nothing: it is to be asked again later.
 */
#ifndef ACTIONHOST_EVENTS_GROUND_H
#define ACTIONHOST_EVENTS_GROUND_H

#include "runtime/base/org_session.h"
#include "runtime/events/event.h"

struct subscription;

/* Values of these are those of the enums of pool/event_messages.h that say the same. */
enum ground_what { GROUND_CLAIM, GROUND_RENEW, GROUND_LOST, GROUND_RELEASE };
enum ground_state { GROUND_OPENING, GROUND_OPEN, GROUND_FAILED };
enum ground_lease { GROUND_HELD, GROUND_OTHERS, GROUND_UNKNOWN };
enum ground_position { GROUND_LATEST, GROUND_EARLIEST, GROUND_AFTER };
enum ground_result { GROUND_KEPT, GROUND_AGAIN, GROUND_REFUSED };

/* Texts are borrowed for the time of the call. */
struct ground_question {
    enum ground_what what;
    const char *connection, *topic, *org;
    int64_t fence;
    enum ground_state state;
    const char *reason;
    int64_t received, unreadable, reconnects, waiting;
};

/* Events as event_pack has put them together. */
struct ground_batch {
    const char *connection, *topic, *org;
    int64_t fence;
    int count;
    struct span latest, packed;
};

struct ground_answer {
    enum ground_lease lease;
    int64_t fence;
    enum ground_position position;
    struct span replay_id;
};

struct ground {
    bool (*session)(void *ctx, struct subscription *s, uint64_t round, const char *connection, const char *stale);
    bool (*lease)(void *ctx, struct subscription *s, uint64_t round, const struct ground_question *q);
    bool (*keep)(void *ctx, struct subscription *s, uint64_t round, const struct ground_batch *b);
    void *ctx;
};

enum { GROUND_OPEN_BATCHES = 2, GROUND_BATCH_BYTES = 4 * 1024 * 1024 }; /* batches of a subscription without answer */

#endif
