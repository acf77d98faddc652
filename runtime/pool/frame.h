/*
 * frame.h - how front and workers put bytes on their socket: a head of 16 bytes and a payload of fields, each a number
 * or a length and bytes. What the fields of each kind are is said in messages.h alone. Both ends are of one program on
 * one machine, so numbers are in native order; what a worker sends is still checked.
 */
#ifndef ACTIONHOST_POOL_FRAME_H
#define ACTIONHOST_POOL_FRAME_H

#include "runtime/base/bytes.h"

enum frame_kind {
    /* to the worker */
    FRAME_CALL = 1,
    FRAME_CACHE_ANSWER,
    FRAME_AUTHORIZATION_ANSWER,
    FRAME_BREAKER_ANSWER,
    FRAME_JOB_ANSWER,
    FRAME_STEP_ANSWER,
    FRAME_SUBSCRIPTION_ANSWER, /* to the listener */
    FRAME_EVENTS_ANSWER,
    /* to the front, or to the jobs process */
    FRAME_READY,
    FRAME_REPLY,
    FRAME_CACHE_QUESTION,
    FRAME_CACHE_ENTRY,
    FRAME_AUTHORIZATION_QUESTION,
    FRAME_BREAKER_QUESTION,
    FRAME_BREAKER_REPORT,
    FRAME_PARK,
    FRAME_JOB_QUESTION,
    FRAME_STEP_REPORT,
    FRAME_AUTHORIZATION_WISH,
    FRAME_SUBSCRIPTION_QUESTION, /* to the jobs process, from the listener */
    FRAME_EVENTS,
    FRAME_KINDS
};

enum { FRAME_HEAD = 16, FRAME_NUMBER = 8 }; /* bytes that a head and a number take */

/* A whole frame in somebody's buffer. */
struct frame {
    enum frame_kind kind;
    uint64_t call; /* number of the call it belongs to; a counter, never a pointer. 0 = none */
    struct span payload;
};

/* Starts a frame at the end of `b`; frame_end fills the length in. Frames may follow each other in one buffer. */
size_t frame_begin(struct buf *b, enum frame_kind kind, uint64_t call);
/* `begun` is what frame_begin gave. False: something did not fit, and `b` holds no whole frame there. */
MUST_CHECK bool frame_end(struct buf *b, size_t begun);
/* Append a field; that it did not fit is told by frame_end, or by b->failed. */
void frame_field(struct buf *b, struct span field);
void frame_number(struct buf *b, int64_t v);

/* Takes the next field off a payload. False: the payload is not what it should be. */
MUST_CHECK bool frame_take(struct span *payload, struct span *field);
MUST_CHECK bool frame_take_number(struct span *payload, int64_t *v);

/*
 * Looks at the front of `in`: true when a whole frame of at most `max` bytes of payload is there; it takes FRAME_HEAD +
 * f->payload.n bytes, and borrows them. False with *bad when no frame can begin like this, else it is not all there.
 */
MUST_CHECK bool frame_peek(struct span in, size_t max, struct frame *f, bool *bad);

#endif
