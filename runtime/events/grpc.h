/*
 * grpc.h - gRPC calls over one HTTP/2 connection: nghttp2 frames them, dial.h carries the bytes. Nothing here waits;
 * whatever the other end sends is bounded, and told by one of the callbacks or as the connection's end.
 *
 * Callbacks come from the loop, from grpc_work or from grpc_pause, never from within grpc_call, grpc_send or the ends.
 * They may call anything here, grpc_close included.
 */
#ifndef ACTIONHOST_EVENTS_GRPC_H
#define ACTIONHOST_EVENTS_GRPC_H

#include "runtime/net/dial.h"

enum {
    GRPC_MESSAGE = 4 * 1024 * 1024, /* longest message that is taken: what a gRPC client takes by default */
    GRPC_CALLS = 2,                 /* of one connection at once */
    GRPC_PING_MS = 270000,          /* silence after which a PING asks whether the other end is still there */
    GRPC_PONG_MS = 20000            /* for its answer */
};

/* Codes of https://grpc.io/docs/guides/status-codes/ that somebody here asks for. */
enum {
    GRPC_BROKEN = -1, /* not one of them: the call ended without a status */
    GRPC_OK = 0,
    GRPC_UNKNOWN = 2,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_NOT_FOUND = 5,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_UNAVAILABLE = 14,
    GRPC_UNAUTHENTICATED = 16
};

struct grpc;

/* How a call ended. Borrowed for the time of the callback. */
struct grpc_end {
    int status;
    const char *message;    /* of the server, decoded; or why the call broke */
    const char *error_code; /* what Pub/Sub calls so; "" = none */
};

/* A whole message has come, borrowed; the call has ended, once. */
typedef void grpc_message_fn(void *ctx, struct span message);
typedef void grpc_end_fn(void *ctx, const struct grpc_end *end);

/* Who a call is for; the texts are copied. */
struct grpc_metadata {
    const char *token, *instance_url, *tenant;
};

struct grpc_handlers {
    void (*opened)(void *ctx);                /* the connection is there, calls may be made */
    void (*lost)(void *ctx, const char *why); /* it is not, or not any more: close it. Calls are not told */
    void (*going)(void *ctx);                 /* the server will end it soon, calls under way may still end well */
    void *ctx;
};

/* Connects. Borrows loop and dialer; `url` is an origin and is borrowed. NULL: nothing was begun. */
struct grpc *grpc_open(struct loop *loop, struct dialer *d, const char *url, const struct grpc_handlers *h);
/* Calls under way are cancelled and not told. Wipes what it has sent. NULL is ignored. */
void grpc_close(struct grpc *g);

/* Asks with PING after silence, and finds out who does not answer. Once per turn. */
void grpc_work(struct grpc *g, int64_t now_ms);
int grpc_timeout_ms(const struct grpc *g, int64_t now_ms);

struct grpc_call;

/* Begins a call of /eventbus.v1.PubSub/<method>. NULL: too many calls, or no memory. */
struct grpc_call *grpc_call(struct grpc *g, const char *method, const struct grpc_metadata *m,
                            grpc_message_fn *on_message, grpc_end_fn *on_end, void *ctx);
/* One message; the bytes are copied. False: the call has ended, or there is no memory. */
MUST_CHECK bool grpc_send(struct grpc_call *c, const void *p, size_t n);
/* There will be no more messages of ours. */
void grpc_half_close(struct grpc_call *c);
/* While paused no message is delivered, and the server can send no more than a window holds. */
void grpc_pause(struct grpc_call *c, bool paused);
/* Neither callback is called any more. */
void grpc_cancel(struct grpc_call *c);

#endif
