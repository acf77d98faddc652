/*
 * callbacks.h - callback URLs as External Services gives them out: good for one org and for a while, answered as
 * Salesforce does: 200, 404 for one that it does not know, 408 when its time is over.
 */
#ifndef SANDBOX_APPLINK_CALLBACKS_H
#define SANDBOX_APPLINK_CALLBACKS_H

#include "sandbox/state/state.h"

#define CALLBACK_PATH "/services/externalservices/callbacks/"

struct callbacks;
/* NULL without memory. */
struct callbacks *callbacks_new(void);
void callbacks_free(struct callbacks *c);
/* Forgets all that was given out and received. */
void callbacks_clear(struct callbacks *c);
/* Keeps what came to a callback URL and how it was answered, faults included; other paths pass. */
void callbacks_note(struct sandbox *s, const struct request *rq, const struct reply *rp);

/* POST /sandbox/callbacks gives out a URL, GET shows what came; and the URLs themselves. */
handler callbacks_control, callback_received;

#endif
