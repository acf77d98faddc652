/*
 * call.h - one invocation inside a worker: what stands behind struct act_call and struct sf_org. Not for actions.
 */
#ifndef ACTIONHOST_CLIENT_CALL_H
#define ACTIONHOST_CLIENT_CALL_H

#include "runtime/action.h"
#include "runtime/base/err.h"
#include "runtime/base/limits.h"
#include "runtime/base/org_session.h"
#include "runtime/declare/declaration.h"

/* An org that a handler can reach. The session's token is wiped when the call ends. */
struct sf_org {
    struct act_call *call;
    struct org_session session;
    struct sf_org *next;           /* other orgs of the same call */
    struct sf_describe *describes; /* what this call has learned of the org's objects */
    bool exchanged;                /* its session was exchanged for that of another one, and is not renewed by itself */
    char api_usage[48];            /* "25/5000" of its last answer that had one */
    unsigned refreshed;            /* how often its session was renewed in this call */
};

/* What is asked about jobs, in the order of enum job_question (pool/messages.h). */
enum call_job { CALL_JOB_START, CALL_JOB_GET, CALL_JOB_LIST, CALL_JOB_CANCEL, CALL_JOB_RETRY, CALL_JOB_FAILURES };

/* What a worker asks of the front while a call runs; each blocks until the front has answered. */
struct services {
    void *ctx;
    /* True: *value was allocated with malloc and is the caller's. */
    bool (*cache_get)(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms);
    void (*cache_put)(void *ctx, const char *key, const void *value, size_t n, int ttl_s);
    /*
     * Fills *session. `stale` is the token that the org has just refused, "" at first. False with the reason in *e.
     */
    bool (*authorization)(void *ctx, const char *name, const char *stale, struct org_session *session, struct err *e);
    /* The name will be asked for soon: its session may be fetched meanwhile. */
    void (*authorization_wish)(void *ctx, const char *name);
    bool (*breaker_allow)(void *ctx, const char *name);
    void (*breaker_report)(void *ctx, const char *name, bool ok);
    /* Asks about jobs; `what` is an enum call_job, `body` is JSON text. True: *answer (malloc, the caller's,
     * NUL-terminated JSON) and *status, 200 or 201. False with the refusal in *e. */
    bool (*job_ask)(void *ctx, int what, const struct act_call *call, const char *body, int *status, char **answer,
                    struct err *e);
    /* `state` NULL: only asks whether to stop. False: it was not kept. */
    bool (*step_report)(void *ctx, const char *state, bool *stop);
    /* Whether the last step_report said that the job was cancelled. NULL = never. */
    bool (*step_canceled)(void *ctx);
    /* How many requests to the org it said the step may have in flight; 0 = nothing new. NULL = never. */
    int (*step_parallel)(void *ctx);
};

struct defer {
    void (*fn)(void *ptr);
    void *ptr;
    struct defer *next;
};

struct arena_block;
struct step;

/* The member of a job's input that holds what act_job_keep was given: no name that an input can have. Like
 * DECLARED_EVENT. */
#define CALL_KEPT "/kept"

/* An answer that is made later, without this worker. */
struct park {
    char job_id[37]; /* "" = none */
    int wait_s;
    bool started;
};

struct act_call {
    const struct declaration *declaration;
    int index; /* of the declaration among all */
    const struct services *front;
    struct client *client; /* the worker's Salesforce client (client.h), lent to each call */
    char request_id[LIMIT_REQUEST_ID + 1];
    char traceparent[64]; /* "" when the caller sent none */
    int64_t deadline_ms;  /* clock_ms() at which the front ends the call */
    time_t now;
    struct sf_org org; /* the caller's */
    struct sf_org *others;
    struct arena_block *arena;
    size_t arena_bytes;
    struct defer *defers;
    struct err refusal;
    json_t *details;
    enum org_outcome org_outcome;
    char api_usage[48]; /* "25/5000" of the org's last answer, for the log */
    int org_calls;      /* requests to orgs so far, for the log */
    bool org_blocked;   /* the org failed several times in a row: calls to it fail at once with UNAVAILABLE */
    bool page;          /* a page of the host's own calls: it has no user, but may use every connection */
    struct step *step;  /* of a job, NULL for an invocation; the worker's */
    json_t *kept;       /* own; what .run keeps for the steps of its job, or what it has kept */
    json_t *event;      /* own; what has started the job of this step, when it was an event */
    struct park park;
};

/* 18 characters of a user's id, 32 of a hash, what is between them, NUL. */
enum { CACHE_OWNER = RECORD_ID_SIZE + 33 };

/*
 * Whose a remembered thing is: the session's user, and a hash of the access token. A user's id alone is what a caller
 * says of himself; who has the user's token can ask the org for the same things anyway. False: there is no user or no
 * token (a data action), and nothing can be remembered for one.
 */
bool cache_owner(const struct org_session *session, char out[CACHE_OWNER]) MUST_CHECK;

/* Begins with everything zero but what the caller of this sets afterwards. */
void call_init(struct act_call *call, const struct declaration *d, const struct services *front);
/* Runs the defers in reverse order, frees the arena, wipes tokens. The struct may be used again after call_init. */
void call_fini(struct act_call *call);

/*
 * What an allocation that cannot be had does: by default it ends the process; a worker sets a function that first
 * answers 503 to the caller. It must not return.
 */
void call_on_exhausted(void (*fn)(struct act_call *call));
/* For memory that is needed and not had. */
_Noreturn void call_exhausted(struct act_call *call);

#endif
