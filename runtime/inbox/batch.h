/*
 * batch.h - the events of one response, as the inbox keeps them: those that some action wants, and those that could not
 * be used.
 */
#ifndef ACTIONHOST_INBOX_BATCH_H
#define ACTIONHOST_INBOX_BATCH_H

#include "runtime/inbox/match.h"
#include "runtime/jobs/inbox.h"

struct batch {
    struct inbox_batch b;
    struct inbox_event v[EVENT_BATCH];
    struct match m[EVENT_BATCH];
    char ids[EVENT_BATCH][INBOX_EVENT_ID + 1];
};

/* Where the events come from. */
struct batch_source {
    const struct declarations *declarations;
    const char *connection, *topic;
    int64_t since_ms; /* events of before are nobody's */
};

/* Begins one without events. `latest`, and what the events borrow, must outlive it. */
void batch_begin(struct batch *b, int64_t subscription, int64_t fence, struct span latest);
/* Adds an event when it is to be kept. False: there is no room. One that cannot be used is told in the log. */
MUST_CHECK bool batch_add(struct batch *b, const struct batch_source *s, const struct event *e);
/* Frees what the events have made. */
void batch_end(struct batch *b);

#endif
