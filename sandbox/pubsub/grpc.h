/*
 * grpc.h - gRPC on a loopback socket: nghttp2 speaks HTTP/2 in the clear, one thread serves all connections. What is
 * known here are calls with messages in both directions; what they mean is said by who starts the server.
 */
#ifndef SANDBOX_PUBSUB_GRPC_H
#define SANDBOX_PUBSUB_GRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GRPC_CONNECTIONS_MAX = 64,
    GRPC_CALLS_MAX = 100,               /* of a connection at a time */
    GRPC_MESSAGE_MAX = 4 * 1024 * 1024, /* of a client's */
    GRPC_BACKLOG_MAX = 4 * 1024 * 1024, /* bytes that wait for a slow client, beyond which nobody adds more */
    GRPC_METADATA_MAX = 1024            /* of a value that is kept */
};

/* Statuses that are used. */
enum grpc_status {
    GRPC_OK = 0,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_NOT_FOUND = 5,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
    GRPC_UNAUTHENTICATED = 16
};

/* What of a call's headers is kept. */
struct grpc_metadata {
    char path[160];
    char token[GRPC_METADATA_MAX], instance_url[GRPC_METADATA_MAX], tenant_id[GRPC_METADATA_MAX];
};

struct grpc_call;
struct grpc_server;

/* Called by the server's thread, none of them while another runs. */
struct grpc_service {
    /* All headers are there. Returns what the other functions get as `state`; NULL ends the call as unimplemented,
     * unless it was ended already. */
    void *(*begin)(void *ctx, struct grpc_call *call);
    void (*message)(void *state, const uint8_t *p, size_t n);
    /* The client sends no more. */
    void (*half_closed)(void *state);
    /* Time has gone by, or somebody called grpc_wake(). Returns in how many ms it must be called again at the latest.
     */
    int (*turn)(void *state, int64_t now_ms);
    /* The call is over, whoever ended it; `state` is freed here. */
    void (*end)(void *state);
    void *ctx;
};

/* Listens on 127.0.0.1; port 0 = one that is free. NULL when it cannot. */
struct grpc_server *grpc_start(int port, const struct grpc_service *service);
int grpc_port(const struct grpc_server *s);
/* From any thread: all calls get their turn. */
void grpc_wake(struct grpc_server *s);
/* Ends all calls and the thread, then frees; NULL is nothing to stop. */
void grpc_stop(struct grpc_server *s);

/* ---- of a call, by the server's thread ---- */
const struct grpc_metadata *grpc_metadata(const struct grpc_call *c);
/* Sends a message of n bytes; does nothing when the call has ended. */
void grpc_send(struct grpc_call *c, const void *p, size_t n);
/* Bytes that the client has not taken yet. */
size_t grpc_backlog(const struct grpc_call *c);
/* Ends the call behind what was sent. `error_code` and `message` may be NULL. `reset`: the stream is reset with
 * NO_ERROR behind the trailers when the client has not ended it, as a proxy does; else it stays half open. */
void grpc_end(struct grpc_call *c, int status, const char *error_code, const char *message, bool reset);
bool grpc_ended(const struct grpc_call *c);

/* Answers with a status of HTTP instead, as a proxy does that knows no gRPC. */
void grpc_refuse(struct grpc_call *c, int http_status);

/* What a server or the net does to a call besides. */
enum grpc_blow {
    GRPC_RESET,  /* the stream, with INTERNAL_ERROR and without a status */
    GRPC_GOAWAY, /* the connection takes no more calls; those there are go on */
    GRPC_CUT     /* the connection, at once */
};
void grpc_strike(struct grpc_call *c, enum grpc_blow blow);

#endif
