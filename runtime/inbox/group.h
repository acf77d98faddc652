/*
 * group.h - which transactions of a subscription may still go on. Salesforce marks no end of a transaction, so one is
 * taken for complete by what comes after it, or by silence. A guess that was too early costs no event: what comes later
 * is a part of its own.
 */
#ifndef ACTIONHOST_INBOX_GROUP_H
#define ACTIONHOST_INBOX_GROUP_H

#include "runtime/jobs/inbox.h"

enum {
    GROUP_LATER_MS = 50,  /* after an event of another transaction */
    GROUP_QUIET_MS = 250, /* without an event of its own */
    GROUP_AGE_MS = 2000,
    GROUP_IDS = 2000,
    GROUPS_OPEN = 4096 /* that may be open at once; one more, and the oldest is taken for complete */
};

struct groups;

/* Ends the program when there is no memory. */
struct groups *groups_new(void);
void groups_free(struct groups *g);

/* An event of the transaction `key` with so many ids is in the inbox. Keys of more than INBOX_KEY bytes are cut. */
void groups_add(struct groups *g, struct span key, int ids, int64_t now_ms);
/* Copies keys of at most `max` groups that are complete, oldest first; returns how many. They stay open until
 * groups_closed. */
size_t groups_due(const struct groups *g, int64_t now_ms, char (*keys)[INBOX_KEY + 1], size_t max);
/* The group has become jobs. */
void groups_closed(struct groups *g, const char *key);
/* It is left alone for that long, as its jobs could not be put into the queue. */
void groups_put_off(struct groups *g, const char *key, int64_t until_ms);

/* How many are open. */
size_t groups_open(const struct groups *g);
/* Milliseconds until the next one is complete; -1 = none is open. */
int groups_timeout_ms(const struct groups *g, int64_t now_ms);

#endif
