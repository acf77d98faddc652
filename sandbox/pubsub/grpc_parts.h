/* grpc_parts.h - connections and calls, as the files of the gRPC server share them. */
#ifndef SANDBOX_PUBSUB_GRPC_PARTS_H
#define SANDBOX_PUBSUB_GRPC_PARTS_H

#include <nghttp2/nghttp2.h>

#include "sandbox/base/text.h"
#include "sandbox/pubsub/grpc.h"

struct grpc_connection;

struct grpc_call {
    struct grpc_connection *connection;
    int32_t stream;
    struct grpc_call *next;
    struct grpc_metadata metadata;
    bool is_grpc, begun, half_closed, over; /* over: nghttp2 has closed the stream */
    void *state;
    struct text in, out; /* bytes of messages; out begins at out_at */
    size_t out_at;
    bool answered; /* headers were submitted */
    bool ended, reset;
    int status;
    char error_code[128], message[400];
};

struct grpc_connection {
    struct grpc_server *server;
    int fd;
    nghttp2_session *session;
    struct grpc_call *calls;
    const uint8_t *pending; /* of nghttp2, what the socket has not taken */
    size_t pending_n;
    bool broken; /* to be closed */
};

/* The callbacks of nghttp2, which are the same for all connections (grpc_call.c). NULL without memory. */
nghttp2_session_callbacks *grpc_callbacks(void);
/* Ends all calls of a connection that is closed. */
void grpc_calls_drop(struct grpc_connection *c);
const struct grpc_service *grpc_service_of(const struct grpc_server *s);

#endif
