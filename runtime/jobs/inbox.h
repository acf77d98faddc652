/*
 * inbox.h - events on their way into jobs, in the database of the queue: who reads a topic of an org and how far, the
 * events of transactions that may still go on, and the step by which a whole transaction becomes jobs. Knows no action
 * and no Pub/Sub: what an event means is the caller's JSON.
 *
 * Events, the position behind them and the jobs that transactions have become are one commit, so a kill at any time
 * loses nothing and doubles nothing. An event that was here before is known by its id for INBOX_KEEP_H.
 */
#ifndef ACTIONHOST_JOBS_INBOX_H
#define ACTIONHOST_JOBS_INBOX_H

#include "runtime/jobs/queue.h"

enum {
    INBOX_KEEP_H = 96,    /* ids of events: longer than Salesforce keeps the events themselves, which is 72 h */
    INBOX_POSITION = 64,  /* bytes of a replay id */
    INBOX_KEY = 64,       /* characters of a transaction's key */
    INBOX_EVENT_ID = 160, /* of an event's id, or of what stands for one */
    INBOX_BODY = 4 * 1024 * 1024
};

/* ---- subscriptions: one reader for each org and topic ---- */

struct subscription_claim {
    const char *org_id, *topic, *connection;
    const char *owner; /* of this process (queue_owner) */
    int64_t lease_ms;
};

struct subscription {
    bool held; /* otherwise somebody else has it, and the rest is nothing */
    int64_t id, fence;
    bool first;       /* nobody has ever read it */
    bool lost;        /* its position was forgotten: subscription_lose */
    int64_t began_ms; /* when somebody first wanted to */
    unsigned char position[INBOX_POSITION];
    size_t position_n; /* 0 = none is known */
};

/* The lease, when nobody else holds it: nobody ever did, it has ended, its owner is dead, or this owner has it for this
 * very connection. A new fence each time; what comes under an older one is refused. */
MUST_CHECK enum queue_result subscription_take(struct queue *q, const struct subscription_claim *c,
                                               struct subscription *out);

/* How it does, as its reader says; for pages and metrics. */
struct subscription_health {
    const char *state, *reason;               /* reason "" = none */
    int64_t received, unreadable, reconnects; /* since it was taken */
    int64_t waiting;                          /* events that were asked for and have not come */
};
/* QUEUE_LOST: it is somebody else's by now. */
MUST_CHECK enum queue_result subscription_renew(struct queue *q, int64_t id, int64_t fence, int64_t lease_ms,
                                                const struct subscription_health *h);
/* Its position is of no more use: forgotten, counted as a gap that may be, and told. QUEUE_LOST as above. */
MUST_CHECK enum queue_result subscription_lose(struct queue *q, int64_t id, int64_t fence, const char *reason);
/* Others may have it at once. Under an old fence it does nothing. */
MUST_CHECK enum queue_result subscription_release(struct queue *q, int64_t id, int64_t fence);

/* All of them, a new reference: [{connection, orgId, topic, state, reason, held, lagMs, received, kept, duplicates,
 * gaps, unreadable, reconnects, open, waiting, lastEventAt, position}]; what is not known is absent. */
MUST_CHECK enum queue_result subscription_list(struct queue *q, json_t **out);

/* ---- events ---- */

struct inbox_event {
    struct span id;   /* tells it from all others of the topic */
    struct span key;  /* of its transaction */
    struct span body; /* JSON, for inbox_make_fn. Empty: it is kept apart for the reason in `fault` */
    struct span fault;
    int64_t commit_ms;
    int ids;
};

struct inbox_batch {
    int64_t subscription, fence;
    struct span latest; /* the position behind these events */
    const struct inbox_event *v;
    size_t n;
    int64_t lag_ms; /* between the commit of the last event of the response and now; -1 = there was none */
    int64_t gaps;   /* events that did not tell all that has changed */
};

struct inbox_put;
/* Puts a job into the queue within the transaction. False: the transaction has failed, or the queue takes no such job.
 */
bool inbox_put(struct inbox_put *p, const struct job_new *j);

/*
 * Makes the jobs of a transaction, or of a part of one: `rows` are its events' bodies in the order in which they came,
 * `first` is the id of the first of them, and so this part's name for ever. True when all is put.
 */
typedef bool inbox_make_fn(void *ctx, const char *key, const char *first, const json_t *rows, struct inbox_put *p);

struct inbox_closing {
    const char (*keys)[INBOX_KEY + 1];
    size_t n;
    inbox_make_fn *make;
    void *ctx;
};

struct inbox_kept {
    int64_t kept, duplicates;
    int64_t jobs, closed;
};

/* Events, position, and transactions that are complete, in one transaction. `closing` may be NULL, and `batch` too.
 * QUEUE_LOST: the subscription is somebody else's by now; nothing is kept. */
MUST_CHECK enum queue_result inbox_keep(struct queue *q, int64_t subscription, int64_t fence,
                                        const struct inbox_batch *batch, const struct inbox_closing *closing,
                                        struct inbox_kept *out);

/* Transactions of a subscription that have not become jobs, oldest first: those that a process left behind. */
typedef void inbox_open_fn(void *ctx, const char *key, int ids);
MUST_CHECK enum queue_result inbox_each_open(struct queue *q, int64_t subscription, inbox_open_fn *fn, void *ctx);

/* A transaction whose jobs cannot be made: its events are kept apart with the reason. */
MUST_CHECK enum queue_result inbox_set_aside(struct queue *q, int64_t subscription, int64_t fence, const char *key,
                                             const char *reason);

/* Forgets the ids of old events, a bounded number a time. */
MUST_CHECK enum queue_result inbox_retain(struct queue *q, int64_t *deleted);

#endif
