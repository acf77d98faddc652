/* pubsub_parts.h - a call as the methods of the API share it. */
#ifndef SANDBOX_PUBSUB_PUBSUB_PARTS_H
#define SANDBOX_PUBSUB_PUBSUB_PARTS_H

#include <protobuf-c/protobuf-c.h>

#include "sandbox/base/text.h"
#include "sandbox/pubsub/bus.h"
#include "sandbox/pubsub/grpc.h"
#include "sandbox/pubsub/pubsub.h"
#include "sandbox/pubsub/strikes.h"

struct rpc;

struct method {
    const char *name;
    /* A message came. */
    void (*message)(struct rpc *r, const uint8_t *p, size_t n);
    /* As in struct grpc_service; NULL = a call of one message, which is answered at once. */
    int (*turn)(struct rpc *r, int64_t now_ms);
};

/* Of a Subscribe. */
struct subscription {
    bool open;
    struct topic topic;
    uint64_t position;
    int credit;                /* events that the client has asked for and not got */
    int64_t begun_ms;          /* of its first request, steady */
    int64_t told_ms, spent_ms; /* when something was sent last; since when there is no credit */
    long sent;                 /* events */
    int fetches, most;         /* requests of the client, and the most events that it had asked for at a time */
    bool silent;
};

struct rpc {
    struct pubsub *pubsub;
    struct grpc_call *call;
    const struct method *method;
    char id[UUID_SIZE];
    int org_number;
    struct org *org;
    struct bus *bus;
    struct org_user user;
    struct rpc_strike strike; /* what was programmed to happen to it */
    bool struck;
    struct text held; /* an answer that is to come late, at due_ms (steady) */
    int64_t due_ms;
    int64_t begun_ms; /* since 1970 */
    bool open_ended;  /* more than one message may come */
    int status;
    char error[96]; /* code, "" = none */
    struct subscription sub;
};

struct pubsub {
    struct sandbox *sandbox;
    struct grpc_server *server;
    struct grpc_service service;
    struct strikes *strikes;
    struct bus *buses[SANDBOX_ORGS];
};

/* What the gRPC server calls, for this one. */
const struct grpc_service *rpc_service(struct pubsub *p);
/* Ends the call with an error of the API: `code` without "sfdc.platform.eventbus.grpc.". */
void rpc_fail(struct rpc *r, const char *code);
/* The same with a status (-1 = the code's own) and a message ("" = the code's own); the stream stays half open unless
 * `reset`. The code may have its prefix already. */
void rpc_fail_as(struct rpc *r, const char *code, int status, const char *message, bool reset);
/* Ends the call well. */
void rpc_end(struct rpc *r, bool reset);
/* Takes the fault that is programmed for this call, if any: once, when its topic is known. */
void rpc_strike(struct rpc *r, const char *topic);
/* Of a call of one message: does what its fault says; true when the call is not to be answered any more. */
bool rpc_struck(struct rpc *r);
/* Looks the call's token up anew; false, and the call is ended, when it is good no more. */
bool rpc_still_allowed(struct rpc *r);
/* Sends a message. */
void rpc_send(struct rpc *r, const ProtobufCMessage *m);
/* Sends the answer of a call of one message, and ends it. */
void rpc_answer(struct rpc *r, const ProtobufCMessage *m);
/* Finds the topic for the call's user; false when the call was ended instead. */
bool rpc_topic(struct rpc *r, const char *name, struct topic *out);

/* ---- methods ---- */
void subscribe_message(struct rpc *r, const uint8_t *p, size_t n);
int subscribe_turn(struct rpc *r, int64_t now_ms);
void publish_message(struct rpc *r, const uint8_t *p, size_t n);

#endif
