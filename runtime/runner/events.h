/*
 * events.h - the listener's questions: the lease of a subscription, sessions of connections, and what its streams
 * bring. Each batch is one transaction with its position and the jobs of transactions that are complete by then;
 * transactions that end in silence are made jobs by the clock.
 */
#ifndef ACTIONHOST_RUNNER_EVENTS_H
#define ACTIONHOST_RUNNER_EVENTS_H

#include "runtime/access/authorizations.h"
#include "runtime/declare/declaration.h"
#include "runtime/jobs/inbox.h"
#include "runtime/pool/event_messages.h"
#include "runtime/runner/front_link.h"

struct events;

struct events_parts {
    struct queue *queue;
    const struct declarations *declarations;
    struct authorizations *authorizations;
    const char *owner; /* of this process's claims */
    int keep_days;     /* of jobs whose declaration does not say */
};

/* Borrows all of it; ends the program when there is no memory. The link is the listener's; events_link gives what it
 * brings to events_hear. */
struct events *events_new(const struct events_parts *p);
/* Leases that are held are left to end by themselves, or by the next jobs process. */
void events_free(struct events *e);

/* Where answers go; NULL = nobody is there. */
void events_link(struct events *e, struct front_link *link);
/* A link_frame_fn: one frame of the listener. False: it is none that a listener sends. */
bool events_hear(void *ctx, const struct frame *f);

/* Makes jobs of transactions that are complete by now. Once per turn. */
void events_work(struct events *e, int64_t now_ms);
int events_timeout_ms(const struct events *e, int64_t now_ms);

#endif
