/*
 * messages.h - what an org passes on instead of keeping it: platform events that were published, custom notifications
 * that were sent.
 */
#ifndef SANDBOX_ORG_MESSAGES_H
#define SANDBOX_ORG_MESSAGES_H

#include "sandbox/records/records.h"

/* Whether records of the object are events. */
bool is_event(const struct object *ob);
/* Publishes one, which no rollback takes back. `id` and the event's uuid are given out; false with `f` filled. */
bool event_publish(struct call *c, struct object *ob, const json_t *in, char id[ID_SIZE], char uuid[37],
                   struct fault *f);
/* POST /actions/standard/customNotificationAction. */
void rest_notify(struct call *c);

#endif
