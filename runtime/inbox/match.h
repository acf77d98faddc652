/*
 * match.h - which declared actions an event concerns, by which of their rules, and with which records: the row of the
 * inbox that event_jobs.h makes jobs of.
 */
#ifndef ACTIONHOST_INBOX_MATCH_H
#define ACTIONHOST_INBOX_MATCH_H

#include "runtime/declare/declaration.h"
#include "runtime/events/event.h"

/* What an event comes to. */
enum match_result {
    MATCH_NONE,  /* no action wants it, or it is an echo of our own writes */
    MATCH_SOME,  /* *row is set */
    MATCH_APART, /* it cannot be used, for a reason that `why` says */
};

struct match {
    struct buf row; /* JSON: {"a": [[operation, rule], ...], "c": change, "ms": commit, "u": user, "ids": [...]};
                       without ids where the event does not tell them ("wide") */
    int ids;
    bool wide; /* not all that changed is told by ids */
    char why[EVENT_REASON];
};

/* The caller frees m->row in any case. `since_ms`: events of before are nobody's. */
enum match_result match_event(const struct declarations *d, struct span topic, const struct event *e, int64_t since_ms,
                              struct match *m);

/* Whether a write of our own is behind it, by its changeOrigin. */
bool match_is_own(struct span change_origin);

#endif
