/*
 * pool_parts.h - what the files of the pool share: tickets.c (a call on its way), slots.c (workers and their sockets),
 * memory.c (workers that share too much of it), questions.c (what a worker asks while a call runs) and pool.c (queue,
 * deadlines, size). Each calls only those before it.
 */
#ifndef ACTIONHOST_POOL_POOL_PARTS_H
#define ACTIONHOST_POOL_POOL_PARTS_H

#include "runtime/net/breaker.h"
#include "runtime/pool/pool.h"

/* A call on its way: waiting in the queue, or running in a worker. */
struct ticket {
    uint64_t id;
    const struct declaration *action;
    enum message_work work;
    char request_id[LIMIT_REQUEST_ID + 1], org_id[RECORD_ID_SIZE], user_id[RECORD_ID_SIZE];
    struct buf message; /* of message_call_prepare; wiped after it was sent */
    int64_t queued_us, started_us, deadline_ms;
    pool_done_fn *done;
    void *ctx;
    struct ticket *next;
};

enum worker_state { VACANT, STARTING, IDLE, BUSY, LEAVING };

struct worker_slot;
struct asker;

/* Acts on a frame from a worker. False: it sent what it must not. */
typedef bool frame_fn(struct worker_slot *w, const struct frame *f);

struct worker_slot {
    struct pool *pool;
    struct watch watch, end; /* its socket; its pidfd */
    enum worker_state state;
    bool worked; /* it was given a call */
    bool ended;  /* the process is no more; what it had said is still read */
    bool asking; /* it waits for an authorization, or for an answer about jobs */
    int pid, pidfd;
    uint64_t generation; /* tells one worker of the slot from the next */
    struct buf in, out;
    size_t sent;
    bool writing; /* EPOLLOUT is on */
    struct ticket *ticket;
    int64_t idle_since_ms;
};

struct pool {
    struct loop *loop;
    const struct config *config;
    const struct declarations *declarations;
    struct authorizations *authorizations;
    struct cache *cache;
    struct breakers *org_breakers, *action_breakers; /* apart: what an action names cannot push out an org's */
    struct worker_slot *slots;
    int nslots;
    int *idle, nidle; /* a stack: the last to become idle is the first to be used, so that others can retire */
    struct ticket *head, **tail;
    int waiting, wanted;
    uint64_t calls, generations;
    struct asker *askers; /* whose questions to the add-on, or about jobs, are open */
    int64_t next_retire_ms, next_look_ms;
    pool_worker_fn *on_ready, *on_worked; /* NULL = nobody is told */
    void *on_worker_ctx;
    struct job_link *job_link; /* NULL = no jobs */
    pool_step_fn *on_step_report;
    void (*feed)(struct worker_slot *w); /* a worker has become free */
    frame_fn *handlers[FRAME_KINDS];     /* of what workers ask; NULL = they must not */
};

/* Gives the caller its answer and frees the ticket. */
void ticket_settle(struct ticket *t, struct pool_reply *r);
/* The same with an answer of the host's own. */
void ticket_fail(struct ticket *t, int status, const char *code, const char *message);
void ticket_free(struct ticket *t);

/* The breaker of an org. Borrowed until the next one is asked for. */
struct breaker *pool_org_breaker(struct pool *p, const char *org_id);

/* Gives an idle worker a call. False: the worker was gone, the call is to be queued again. */
MUST_CHECK bool slot_hand_over(struct worker_slot *w, struct ticket *t, bool org_blocked);
/* Its process has ended, though a child of it may still hold its end of the socket. */
bool slot_has_ended(const struct worker_slot *w);
/* Ends a worker for good; its call, if any, must have been taken from it. */
void slot_end(struct worker_slot *w, const char *why);
/* Closes an idle worker's socket, by which it leaves. */
void slot_close(struct worker_slot *w);
/* The worker is no more, or must not be trusted any longer: its caller gets 502. */
void slot_lost(struct worker_slot *w, const char *why);
/* Writes what w->out holds. False: the worker is gone. */
MUST_CHECK bool slot_flush(struct worker_slot *w);

/* Ends workers that hold more shared memory than WORKER_MEMORY_MB: once a second, their callers get 503. */
void pool_end_overgrown(struct pool *p, int64_t now_ms);

/* Nobody will answer any more. */
void pool_forget_askers(struct pool *p);

/* What workers ask while a call runs. */
frame_fn on_cache_question, on_cache_entry, on_authorization_question, on_authorization_wish, on_breaker_question,
    on_breaker_report, on_job_question, on_step_report;

#endif
