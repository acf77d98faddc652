/*
 * exchange.h - one request and its answer: the order in which it is checked, authenticated, read, handed over and
 * answered. Knows no sockets; server.c feeds it and sends what it says.
 */
#ifndef ACTIONHOST_WEB_EXCHANGE_H
#define ACTIONHOST_WEB_EXCHANGE_H

#include "runtime/web/front_state.h"

enum exchange_step {
    EXCHANGE_READ,  /* wants the body */
    EXCHANGE_WAIT,  /* waits for the add-on or a worker; exchange->wake is called when that is over */
    EXCHANGE_ANSWER /* exchange->answer is complete */
};

enum { EXCHANGE_MEMORY = 2 * CONTEXT_MEM }; /* of the decoded contexts of one */

struct authentication;
struct visit;

struct exchange {
    struct exchange_shared *shared;
    void (*wake)(struct exchange *x);
    void *owner;
    char peer[46]; /* the address of the socket's other end */
    struct guard_result guard;
    char request_id[LIMIT_REQUEST_ID + 1];
    char traceparent[64];
    const struct declaration *action;
    struct visit *visit; /* it is for a page of people; NULL = it is not */
    bool data_action, counted, streaming;
    char *memory; /* of the decoded contexts; wiped */
    struct request_context rc;
    struct client_context cc;
    struct caller caller;
    struct data_action_target target;
    struct authentication *authentication; /* the question that is open; NULL = none */
    bool spent;                            /* the id is in the replay table, under replay_key */
    unsigned char replay_key[REPLAY_KEY];
    int64_t token_exp_s; /* of a token that was verified here, else 0 */
    struct buf body;
    size_t reserved; /* of the shared budget */
    size_t body_max;
    uint64_t parked; /* number of the question whose answer is awaited when a job has ended; 0 = none */
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

/* Instead of exchange_begin, where the library was about to refuse by itself: the answer is what the guard says of the
 * request or, when it finds nothing, `otherwise`. */
void exchange_refuse(struct exchange *x, const struct guard_request *r, const struct err *otherwise);
/* A wait for authentication that has lasted beyond the deadline of the request ends with 503 and a call of wake, and
 * the result is true. Waits for a worker are the pool's to end. */
bool exchange_overdue(struct exchange *x, int64_t now_ms);
/* Whatever it is doing or waiting for: its answer is this error, and its connection ends. What the pool has of it must
 * not come back: only a front that stops gives up such a one. */
void exchange_give_up(struct exchange *x, const struct err *e);

/* Its answer is a stream that has begun, which may last for hours: nobody waits for its end. */
void exchange_streams(struct exchange *x);

/* The answer was sent or could not be: the log line is written, everything is released. */
void exchange_end(struct exchange *x, bool sent);

#endif
