/*
 * event_pack.h - events as bytes, for the way from the listener to the jobs process. Both are of one program on one
 * machine; what is read is checked all the same.
 */
#ifndef ACTIONHOST_EVENTS_EVENT_PACK_H
#define ACTIONHOST_EVENTS_EVENT_PACK_H

#include "runtime/events/event.h"

/* Appends one event. False: it does not fit; `out` is then as it was, and can take others. */
MUST_CHECK bool event_pack(struct buf *out, const struct event *e);

/*
 * Takes the next event off the front of *packed; its spans borrow from there. False: there is none, or none that keeps
 * to the bounds of event.h; *packed tells which, as it is empty after the last event.
 */
MUST_CHECK bool event_unpack(struct span *packed, struct event *e);

#endif
