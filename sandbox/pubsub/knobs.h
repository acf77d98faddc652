/*
 * knobs.h - what a test turns in the event bus of an org: {"pubsub": {...}} at /sandbox/faults. Each member of the
 * object is optional, they are taken in this order:
 *   org          sandbox (when absent), partner, third
 *   objects      ["Opportunity", "Account"]: which objects tell their changes on /data/ChangeEvents
 *   channels     [{"name": "Deals__chn", "members": [{"object": "Opportunity", "filter": {"StageName": ["Closed
 * Won"]}}]}] custom channels, /data/Deals__chn; those before are gone. A filter lists for each field the values of
 *                which the event must hold one; a field that an event does not tell has none
 *   ageHours     so much time goes by, whole or not: what becomes 72 hours old is lost
 *   lostPosition true: replay ids given so far mean nothing any more
 *   dailyDeliveries  so many more events are delivered, -1 = without end
 *   gaps         so many more transactions are told by gap events, header only; -1 = all
 *   overflowAfter    so many changes of a transaction are told, the rest by GAP_OVERFLOW (100,000 at first)
 *   keepAliveMs, fetchWithinMs  of subscriptions, both 60,000 at first
 *   emit         {"object", "changeType", "recordIds": ["006*"] or "count": 100000, "idsEach": 1, "changedFields": [],
 *                "changeOrigin"}: events of one transaction without any record
 */
#ifndef SANDBOX_PUBSUB_KNOBS_H
#define SANDBOX_PUBSUB_KNOBS_H

#include "sandbox/pubsub/bus.h"

/* Whether the object turns knobs, by the names of its members, else it is a fault of calls. */
bool knobs_are(const json_t *spec);
/* Turns them; false with `why` filled, and then the member that is wrong and those behind it were not turned. Takes the
 * org's mutex. */
bool knobs_turn(struct bus *b, struct org *o, const json_t *spec, char *why, size_t why_size);

#endif
