/*
 * exchange.h - one request and its answer: the order in which it is checked, authenticated, read, handed over and
 * answered. Knows no sockets; server.c feeds it and sends what it says.
 */
#ifndef ACTIONHOST_EXCHANGE_H
#define ACTIONHOST_EXCHANGE_H

#include "runtime/addon.h"
#include "runtime/contexts.h"
#include "runtime/data_action.h"
#include "runtime/guard.h"
#include "runtime/hosts.h"
#include "runtime/metrics.h"
#include "runtime/pool.h"
#include "runtime/replay.h"
#include "runtime/verify.h"

/* What all exchanges share; one per front. */
struct exchange_shared {
    const struct config *config;
    const struct declarations *declarations;
    struct addon *addon;
    struct verify *verify; /* NULL = tokens are the add-on's business alone */
    struct pool *pool;
    struct replay *replay;
    struct hosts org_hosts;
    struct data_action_secrets *secrets; /* NULL = the add-on verifies data actions */
    struct metrics *metrics;
    struct buf openapi;       /* the document, made once; empty when DOCS is off */
    struct docs *docs;        /* the docs page; NULL when DOCS is off */
    size_t body_bytes;        /* all request bodies together */
    size_t data_action_bytes; /* of which data actions */
    int in_flight;            /* begun and not answered */
    bool draining;
};

enum exchange_step {
    EXCHANGE_READ,  /* wants the body */
    EXCHANGE_WAIT,  /* waits for the add-on or a worker; exchange->wake is called when that is over */
    EXCHANGE_ANSWER /* exchange->answer is complete */
};

struct exchange_answer {
    int status;
    char code[64]; /* for the log; "" for a success */
    char *body;    /* malloc; the sender takes it */
    size_t n;
    const void *fixed; /* instead of body: bytes that live as long as the program */
    const char *content_type, *content_encoding, *allow, *policy;
    int retry_after_s;
    bool close; /* the connection cannot be used again */
};

struct exchange {
    struct exchange_shared *shared;
    void (*wake)(struct exchange *x);
    void *owner;
    struct guard_result guard;
    char request_id[LIMIT_REQUEST_ID + 1];
    char traceparent[64];
    const struct declaration *action;
    bool data_action, counted;
    char *memory; /* of the decoded contexts; wiped */
    struct request_context rc;
    struct client_context cc;
    struct caller caller;
    struct data_action_target target;
    bool spent; /* the id is in the replay table, under replay_key */
    unsigned char replay_key[REPLAY_KEY];
    int64_t token_exp_s; /* of a token that was verified here, else 0 */
    struct buf body;
    size_t reserved; /* of the shared budget */
    size_t body_max;
    bool waiting, answered, discarding;
    enum { NEXT_BODY, NEXT_WORKER, NEXT_NOTHING } next; /* after the present wait */
    struct exchange_answer answer;
    bool queued; /* the pool took the call and has said what became of it; queued_us is then known */
    int64_t begun_us, auth_begun_us, auth_us, queued_us, ran_us, body_n, deadline_ms;
    int org_calls;
    char api_usage[48];
};

/* All headers are there. `x` is zeroed but for shared, wake and owner. */
enum exchange_step exchange_begin(struct exchange *x, const struct guard_request *r);
/* A piece of the body. */
enum exchange_step exchange_data(struct exchange *x, const void *p, size_t n);
/* The body is complete. */
enum exchange_step exchange_complete(struct exchange *x);
/* What to do after wake. */
enum exchange_step exchange_woken(struct exchange *x);
/* The answer was sent or could not be: the log line is written, everything is released. */
void exchange_end(struct exchange *x, bool sent);

#endif
