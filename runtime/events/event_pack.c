/* event_pack.c - each member of an event in a table, from which both directions are made. */
#include "runtime/events/event_pack.h"

#include <string.h>

struct row {
    size_t at;           /* where the member is in struct event */
    int64_t least, most; /* of a number; `most` also of a length */
    bool number;
};

/* NOLINTBEGIN(bugprone-macro-parentheses): names of types cannot stand in any */
/* A row only knows where its member is, so the member's type is checked here. */
#define PLACE(member, type) _Generic(((struct event *)0)->member, type : offsetof(struct event, member))
#define SPAN(member, most)                                                                                             \
    {                                                                                                                  \
        PLACE(member, struct span), 0, most, false                                                                     \
    }
#define NUMBER(member, least, most)                                                                                    \
    {                                                                                                                  \
        PLACE(member, int64_t), least, most, true                                                                      \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct row rows[] = {
    SPAN(id, EVENT_ID),
    SPAN(replay_id, EVENT_REPLAY_ID),
    SPAN(schema_id, EVENT_SCHEMA_ID),
    SPAN(header.entity, EVENT_NAME),
    SPAN(header.transaction_key, EVENT_KEY),
    NUMBER(header.sequence, INT64_MIN, INT64_MAX),
    NUMBER(header.commit_ms, INT64_MIN, INT64_MAX),
    NUMBER(header.commit_number, INT64_MIN, INT64_MAX),
    SPAN(header.commit_user, EVENT_NAME),
    SPAN(header.change_origin, EVENT_ORIGIN),
    SPAN(header.record_ids, INT32_MAX),
    SPAN(header.changed, INT32_MAX),
    SPAN(fields, INT32_MAX),
    SPAN(fault, EVENT_REASON),
};
enum { ROWS = sizeof rows / sizeof *rows };

bool event_pack(struct buf *out, const struct event *e)
{
    size_t before = out->n;
    int64_t change = e->header.change;
    if (out->failed)
        return false;
    buf_add(out, &change, sizeof change);
    for (int i = 0; i < ROWS; i++) {
        const void *member = (const char *)e + rows[i].at;
        const struct span *text = member;
        if (rows[i].number) {
            buf_add(out, member, sizeof(int64_t));
            continue;
        }
        uint32_t n = (uint32_t)text->n;
        buf_add(out, &n, sizeof n);
        buf_add(out, text->p, text->n);
    }
    if (!out->failed)
        return true;
    out->n = before;
    out->failed = false;
    return false;
}

static bool take(struct span *in, void *to, size_t n)
{
    if (in->n < n)
        return false;
    memcpy(to, in->p, n);
    in->p += n;
    in->n -= n;
    return true;
}

static bool take_span(struct span *in, struct span *to, int64_t most)
{
    uint32_t n;
    if (!take(in, &n, sizeof n) || n > in->n || n > most)
        return false;
    *to = (struct span){ in->p, n };
    in->p += n;
    in->n -= n;
    return true;
}

bool event_unpack(struct span *packed, struct event *e)
{
    struct span in = *packed;
    int64_t change;
    memset(e, 0, sizeof *e);
    if (!take(&in, &change, sizeof change) || change < EVENT_NO_CHANGE || change > EVENT_GAP_OVERFLOW)
        return false;
    e->header.change = (enum event_change)change;
    for (int i = 0; i < ROWS; i++) {
        void *member = (char *)e + rows[i].at;
        bool ok = rows[i].number ? take(&in, member, sizeof(int64_t)) : take_span(&in, member, rows[i].most);
        if (!ok)
            return false;
    }
    *packed = in;
    return true;
}
