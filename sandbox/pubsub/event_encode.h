/*
 * event_encode.h - a change, or a platform event, as Avro's bytes. A change event is a header and a body, one behind
 * the other; the body is made first, since changes whose bodies are alike share an event.
 */
#ifndef SANDBOX_PUBSUB_EVENT_ENCODE_H
#define SANDBOX_PUBSUB_EVENT_ENCODE_H

#include "sandbox/pubsub/event_schema.h"
#include "sandbox/records/changes.h"

/* In the order of the schema's enumeration. */
enum event_kind {
    EVENT_CREATE,
    EVENT_UPDATE,
    EVENT_DELETE,
    EVENT_UNDELETE,
    EVENT_GAP_CREATE,
    EVENT_GAP_UPDATE,
    EVENT_GAP_DELETE,
    EVENT_GAP_UNDELETE,
    EVENT_GAP_OVERFLOW,
    EVENT_KINDS
};

/* The body of a change event, with the three lists of the header that belong to it. text_free() each. */
struct event_body {
    enum event_kind kind;
    struct text bytes;
    struct text nulled, diff, changed; /* bitmaps, each followed by a NUL: "0x20\0" "4-0x02\0" */
};

struct event_header {
    const char *entity, *origin, *transaction_key, *user_id;
    const char *ids; /* each with a NUL behind it */
    size_t ids_n;    /* bytes of all */
    int sequence;
    int64_t at_ms, commit_number;
};

/* Fills the body; false when Avro refuses a value. A gap (kind EVENT_GAP_...) has no fields: `change` may then be NULL.
 */
bool event_body_make(struct event_schema *s, enum event_kind kind, const struct change *change, struct event_body *out);
void event_body_free(struct event_body *b);
/* Whether both tell the same. */
bool event_body_same(const struct event_body *a, const struct event_body *b);
/* Appends the whole event: header and body. */
bool event_encode(struct event_schema *s, const struct event_header *h, const struct event_body *b, struct text *out);
/* Appends a platform event. */
bool event_encode_published(struct event_schema *s, const struct published *p, struct text *out);

/* "2024-01-31" or "2024-01-31T10:00:00.000+0000" as milliseconds since 1970. */
int64_t event_time(const char *normal);

#endif
