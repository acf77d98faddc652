/*
 * event.h - an event as it goes from the stream to the inbox: decoded, within bounds, with what a change event's header
 * says taken out of it. Structs alone; whoever makes one owns what its spans borrow from.
 */
#ifndef ACTIONHOST_EVENTS_EVENT_H
#define ACTIONHOST_EVENTS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/bytes.h"

enum {
    EVENT_TOPIC = 128,           /* longest name of a topic, `/data/OpportunityChangeEvent` */
    EVENT_REPLAY_ID = 64,        /* longest replay id in bytes; opaque, compared for equality alone */
    EVENT_ID = 64,               /* longest id of an event, a UUID as a rule */
    EVENT_KEY = 64,              /* longest transaction key */
    EVENT_SCHEMA_ID = 64,        /* longest id of a schema */
    EVENT_NAME = 80,             /* longest name of an object, and longest id of a user */
    EVENT_ORIGIN = 400,          /* longest changeOrigin */
    EVENT_PAYLOAD = 1024 * 1024, /* longest payload, as Salesforce allows it */
    EVENT_RECORDS = 100000,      /* most record ids in one event */
    EVENT_BATCH = 100,           /* most events in one response: what was asked for */
    EVENT_REASON = 240
};

/* What a change event says has happened; values are those of its header's enum, in its order. */
enum event_change {
    EVENT_NO_CHANGE = -1, /* not a change event: a platform event */
    EVENT_CREATE,
    EVENT_UPDATE,
    EVENT_DELETE,
    EVENT_UNDELETE,
    EVENT_GAP_CREATE, /* the org could not tell the values: read the records */
    EVENT_GAP_UPDATE,
    EVENT_GAP_DELETE,
    EVENT_GAP_UNDELETE,
    EVENT_GAP_OVERFLOW /* one event for more than 100,000 changes: read all that changed since */
};

/* The ChangeEventHeader; empty for a platform event. */
struct event_header {
    enum event_change change;
    struct span entity;          /* Opportunity */
    struct span transaction_key; /* the same for all events of one transaction */
    int64_t sequence;            /* from 1 within the transaction */
    int64_t commit_ms;           /* when it was committed, ms since 1970 */
    int64_t commit_number;       /* higher is later within an org */
    struct span commit_user;
    struct span change_origin; /* com/salesforce/api/rest/62.0;client=x */
    struct span record_ids;    /* JSON array of ids of 18 characters */
    struct span
        changed; /* JSON array of field names, compound ones as "Name.LastName"; of nulled and diffed ones as well */
};

/* One event, or what could be read of one that could not: `fault` is then not empty and `fields` is. */
struct event {
    struct span id;        /* the event's own id */
    struct span replay_id; /* its position, opaque bytes */
    struct span schema_id;
    struct event_header header;
    struct span fields; /* JSON object of the values that the payload carries, without the header; unions unwrapped */
    struct span fault;  /* why it could not be read, in words; such an event is kept apart and told */
};

/* What one response of a subscription brought. `latest` is the position after it, also when it has no events. */
struct event_batch {
    struct span connection, topic;
    int64_t fence; /* fencing token of the subscription's lease: an old one changes nothing */
    const struct event *events;
    size_t count;
    struct span latest;
};

#endif
