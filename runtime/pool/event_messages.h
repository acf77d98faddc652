/*
 * event_messages.h - what the listener and the jobs process of `actionhost listen` say to each other, as frames on the
 * socket between them; forms and rules are those of messages.h. The listener asks, the jobs process, which alone has
 * the database, answers each frame once with the same number.
 *
 * In the order in which a subscription comes to life: message_authorization_question (the connection's session; again
 * with the stale token when Pub/Sub refuses it), message_subscription_question with SUBSCRIPTION_CLAIM (the lease and
 * the position), message_events for what arrives, SUBSCRIPTION_RENEW meanwhile, SUBSCRIPTION_RELEASE at the end.
 */
#ifndef ACTIONHOST_POOL_EVENT_MESSAGES_H
#define ACTIONHOST_POOL_EVENT_MESSAGES_H

#include "runtime/pool/messages.h"

enum {
    MESSAGE_TOPIC = 128,
    MESSAGE_REPLAY_ID = 64,
    MESSAGE_REASON = 239,
    MESSAGE_EVENTS = LIMIT_REPLY,  /* bytes of the events in one frame */
    MESSAGE_EVENTS_MAX = 100,      /* events in one frame */
    MESSAGE_EVENTS_OPEN = 2,       /* frames of a subscription that are not answered yet */
    SUBSCRIPTION_LEASE_MS = 10000, /* how long a lease holds without being renewed */
    SUBSCRIPTION_RENEW_MS = 3000
};

/* ---- to the jobs process ---- */

enum subscription_question {
    SUBSCRIPTION_CLAIM,   /* the lease of the org and the topic: to be had when nobody holds it */
    SUBSCRIPTION_RENEW,   /* it is still used; carries how the subscription does */
    SUBSCRIPTION_LOST,    /* Pub/Sub does not know the position any more: it is forgotten, an alarm is kept with the
                             reason, and the answer is where to go on: EARLIEST */
    SUBSCRIPTION_RELEASE, /* others may have it at once */
    SUBSCRIPTION_QUESTIONS
};

/* How a subscription does, for the pages and metrics. */
enum subscription_state {
    SUBSCRIPTION_OPENING, /* or waiting to try again */
    SUBSCRIPTION_OPEN,
    SUBSCRIPTION_FAILED, /* by something that has to be mended, such as a topic that does not exist; tried again */
    SUBSCRIPTION_STATES
};

/* Answered by message_subscription_answer. */
struct message_subscription_question {
    int64_t what; /* enum subscription_question */
    struct span connection, topic;
    struct span org;    /* id of the connection's org, 18 characters: leases and positions are those of org and topic */
    int64_t fence;      /* of the lease; 0 when it is claimed */
    int64_t state;      /* enum subscription_state */
    struct span reason; /* in words: of SUBSCRIPTION_FAILED, SUBSCRIPTION_LOST */
    int64_t received, unreadable, reconnects; /* since the claim */
    int64_t waiting; /* events that were asked for and have not come: below the most that is asked for, there is more */
};
MUST_CHECK bool message_subscription_question_write(struct buf *out, uint64_t call,
                                                    const struct message_subscription_question *m);
MUST_CHECK bool message_subscription_question_read(const struct frame *f, struct message_subscription_question *m);

/* What one response of Pub/Sub has brought, or a part of it: one transaction. Answered by message_events_answer. */
struct message_events {
    struct span connection, topic, org;
    int64_t fence;
    int64_t count;      /* how many events; 0 = nothing has happened, but the position is a newer one */
    struct span latest; /* the position after them; never "" */
    struct span events; /* as event_pack() of runtime/events/event_pack.h has put them together */
};
MUST_CHECK bool message_events_write(struct buf *out, uint64_t call, const struct message_events *m);
MUST_CHECK bool message_events_read(const struct frame *f, struct message_events *m);

/* ---- to the listener ---- */

enum lease {
    LEASE_HELD,
    LEASE_OTHERS, /* somebody else holds it, or an old fence was named: stand by, and claim again later */
    LEASE_UNKNOWN /* the database is away, or nothing like this is declared: claim again later */
};

/* From where a subscription reads. */
enum position {
    POSITION_LATEST,   /* from now on: it has never been open before */
    POSITION_EARLIEST, /* all that is kept; events that came before are dropped by the inbox */
    POSITION_AFTER     /* a replay id */
};

struct message_subscription_answer {
    int64_t lease; /* enum lease; the rest is 0 and "" when it is not held */
    int64_t fence; /* a higher one with each claim, from 1 */
    int64_t position;
    struct span replay_id; /* of POSITION_AFTER, else "" */
};
MUST_CHECK bool message_subscription_answer_write(struct buf *out, uint64_t call,
                                                  const struct message_subscription_answer *m);
MUST_CHECK bool message_subscription_answer_read(const struct frame *f, struct message_subscription_answer *m);

enum events_result {
    EVENTS_KEPT,   /* they and the position are committed */
    EVENTS_AGAIN,  /* nothing is: the database is away. Nor is any later batch under this fence, as it would leave a
                      hole: the listener claims again, and begins from the position that is stored */
    EVENTS_REFUSED /* nothing is, as the lease is somebody else's by now */
};

struct message_events_answer {
    int64_t result;           /* enum events_result */
    int64_t kept, duplicates; /* of the events: stored, dropped as they had been stored before */
};
MUST_CHECK bool message_events_answer_write(struct buf *out, uint64_t call, const struct message_events_answer *m);
MUST_CHECK bool message_events_answer_read(const struct frame *f, struct message_events_answer *m);

#endif
