/*
 * subscription.h - one topic of one connection, from the lease to the inbox and for ever: claims, connects, subscribes,
 * decodes, hands on, waits for what is kept before it asks for more; and begins again, as the table of policy.h says,
 * whenever a call ends. It stands by while somebody else has the lease.
 */
#ifndef ACTIONHOST_EVENTS_SUBSCRIPTION_H
#define ACTIONHOST_EVENTS_SUBSCRIPTION_H

#include "runtime/events/decode.h"
#include "runtime/events/ground.h"
#include "runtime/net/dial.h"

enum {
    SUBSCRIPTION_CREDIT = 100,       /* events that are asked for at most */
    SUBSCRIPTION_TOP_UP = 50,        /* at so many or less that are still to come, more are asked for */
    SUBSCRIPTION_SILENT_MS = 330000, /* an idle stream brings an empty response each 270 s at the latest */
    SUBSCRIPTION_CALL_MS = 20000,    /* for GetTopic and GetSchema */
    SUBSCRIPTION_SETTLED_MS = 1000,  /* a stream that did not end for so long is open, though nothing has come */
    SUBSCRIPTION_RENEWAL_MS = 3000,  /* between renewals of the lease, and between claims while standing by */
    SUBSCRIPTION_WAIT_MS = 250       /* before the ground is asked again that has taken nothing */
};

/* All is borrowed. */
struct subscription_parts {
    struct loop *loop;
    struct dialer *dialer;
    struct decoder *decoder;
    const struct ground *ground;
    const char *url;               /* origin of the Pub/Sub API */
    struct span connection, topic; /* copied; at most 80 and EVENT_TOPIC bytes */
};

/* How it does. */
enum subscription_now {
    SUBSCRIPTION_BEGINS,
    SUBSCRIPTION_HEARS,     /* open */
    SUBSCRIPTION_STANDS_BY, /* somebody else has the lease */
    SUBSCRIPTION_FAILS,     /* reported, tried again */
    SUBSCRIPTION_ENDED      /* drained */
};

/* Ends the program when there is no memory. */
struct subscription *subscription_new(const struct subscription_parts *p);
void subscription_free(struct subscription *s);

/* Once per turn. */
void subscription_work(struct subscription *s, int64_t now_ms);
int subscription_timeout_ms(const struct subscription *s, int64_t now_ms);
enum subscription_now subscription_now(const struct subscription *s);

/* Answers of the ground. `session` NULL: there is none, for the reason in `why`. Borrowed. */
void subscription_on_session(struct subscription *s, uint64_t round, const struct org_session *session,
                             const char *why);
/* What came of a claim or a renewal; an answer to an earlier round is left alone. */
void subscription_on_lease(struct subscription *s, uint64_t round, const struct ground_answer *a);
void subscription_on_kept(struct subscription *s, uint64_t round, enum ground_result result);
/* What is open will not be answered any more: it begins again from the position that is stored. */
void subscription_on_ground_lost(struct subscription *s);

/* Takes no more events, waits for what was handed on, gives the lease back. */
void subscription_drain(struct subscription *s);

#endif
