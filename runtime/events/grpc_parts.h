/* grpc_parts.h - what the files of gRPC share: a connection with its calls, and the steps between nghttp2 and them. */
#ifndef ACTIONHOST_EVENTS_GRPC_PARTS_H
#define ACTIONHOST_EVENTS_GRPC_PARTS_H

#include <nghttp2/nghttp2.h>

#include "runtime/events/grpc.h"

enum { GRPC_HEAD = 5, GRPC_WINDOW = 1024 * 1024, GRPC_TEXT = 512, GRPC_CODE = 128 };

struct grpc_call {
    struct grpc *owner; /* NULL = this place is vacant */
    int32_t stream;
    struct buf out, in; /* messages with their heads; of `in` the first `taken` bytes are dealt with */
    size_t sent, taken;
    size_t held; /* bytes for which no window was given back yet */
    bool half_closed, paused, ended;
    int http, status;
    char message[GRPC_TEXT], error_code[GRPC_CODE];
    const char *broken; /* why it broke; NULL = it did not */
    grpc_message_fn *on_message;
    grpc_end_fn *on_end;
    void *ctx;
};

struct grpc {
    struct loop *loop;
    struct dial *dial;
    struct watch watch; /* fd -1 = not connected */
    const char *url;
    nghttp2_session *session;
    struct grpc_handlers handlers;
    struct grpc_call calls[GRPC_CALLS];
    struct buf out; /* what nghttp2 has made and the socket has not taken */
    size_t sent;
    bool writing, more, going, told_going;
    bool lost, closed;           /* told as lost; to be freed when nobody is inside */
    int busy;                    /* how many functions of ours are on the stack */
    int64_t heard_ms, pinged_ms; /* the latter 0 = no PING is open */
};

/* ---- grpc_call.c ---- */

/* What nghttp2 tells about a call; none calls back. */
struct grpc_call *grpc_call_of(struct grpc *g, int32_t stream);
/* Bytes of messages; false: they are none, and the connection is given up. */
MUST_CHECK bool grpc_call_data(struct grpc_call *c, const uint8_t *p, size_t n);
/* A header or trailer of the answer, borrowed. */
void grpc_call_header(struct grpc_call *c, struct span name, struct span value);
void grpc_call_closed(struct grpc_call *c, uint32_t code);
ssize_t grpc_call_read(struct grpc_call *c, uint8_t *to, size_t room, uint32_t *flags);
/* Delivers messages and the end of a call. */
void grpc_call_deliver(struct grpc_call *c);
void grpc_call_clear(struct grpc_call *c);

/* ---- grpc.c ---- */

/* Sends what nghttp2 has to say. */
void grpc_flush(struct grpc *g);
/* Around everything that may call back: the connection is not freed in between. */
void grpc_enter(struct grpc *g);
void grpc_leave(struct grpc *g);

#endif
