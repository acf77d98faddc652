/*
 * frame.h - what front and workers send each other: a head of 16 bytes and a payload of fields, each a length and
 * bytes. Both ends are of one program on one machine, so numbers are in native order; what a worker sends is still
 * checked.
 */
#ifndef ACTIONHOST_POOL_FRAME_H
#define ACTIONHOST_POOL_FRAME_H

#include "runtime/base/bytes.h"

enum frame_kind {
    /* to the worker */
    FRAME_CALL = 1, /* see worker.c: the fields of one invocation */
    FRAME_ANSWER,   /* to a FRAME_ASK_...; status 1 = yes */
    /* to the front */
    FRAME_READY,     /* the worker may be given calls */
    FRAME_REPLY,     /* status = HTTP status; fields: code, body, org outcome, org calls, API usage, microseconds */
    FRAME_ASK_CACHE, /* key -> value, age */
    FRAME_PUT_CACHE, /* key, value, ttl; no answer */
    FRAME_ASK_AUTHORIZATION, /* name, stale token -> the org's fields, or an error's */
    FRAME_ASK_BREAKER,       /* name -> yes or no */
    FRAME_TELL_BREAKER,      /* name, ok; no answer */
    FRAME_KINDS
};

struct frame_head {
    uint32_t n; /* bytes of payload */
    uint16_t kind, status;
    uint64_t call; /* number of the call it belongs to; a counter, never a pointer */
};

/* Starts a frame at the end of `b`; frame_end fills the length in. Frames may follow each other in one buffer. */
size_t frame_begin(struct buf *b, enum frame_kind kind, unsigned status, uint64_t call);
bool frame_end(struct buf *b, size_t begun);
bool frame_field(struct buf *b, struct span field);
bool frame_number(struct buf *b, int64_t v);

/* Takes the next field off a payload. False: the payload is not what it should be. */
MUST_CHECK bool frame_take(struct span *payload, struct span *field);
MUST_CHECK bool frame_take_number(struct span *payload, int64_t *v);
/* Takes a field into a fixed buffer; false also when it does not fit. */
MUST_CHECK bool frame_take_text(struct span *payload, char *out, size_t size);

/* Looks at the front of `in`: true when a whole frame is there. *bad when no frame can begin like this. */
bool frame_peek(struct span in, size_t max, struct frame_head *head, struct span *payload, bool *bad);

#endif
