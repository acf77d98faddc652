/* subscription_parts.h - what the files of a subscription share: its state, and the way from response to batch. */
#ifndef ACTIONHOST_EVENTS_SUBSCRIPTION_PARTS_H
#define ACTIONHOST_EVENTS_SUBSCRIPTION_PARTS_H

#include "runtime/events/policy.h"
#include "runtime/events/pubsub.h"
#include "runtime/events/subscription.h"

enum { SUBSCRIPTION_SCHEMAS = 16 };

/* What it waits for. */
enum subscription_step {
    STEP_PAUSE,   /* for due_ms; then the session is asked for */
    STEP_SESSION, /* the ground's answer */
    STEP_LEASE,
    STEP_CONNECTION,
    STEP_TOPIC,  /* the answer of GetTopic */
    STEP_STREAM, /* events */
    STEP_SETTLE, /* the stream has ended; answers to what was handed on */
    STEP_END     /* drained */
};

struct replay {
    char p[EVENT_REPLAY_ID];
    size_t n;
};

/* One that was asked for; `form` NULL: it cannot be read, as `why` says. */
struct known_schema {
    char id[FORM_ID + 1];
    struct form *form;
    char why[EVENT_REASON];
    uint64_t used;
};

struct subscription {
    struct subscription_parts parts;
    char connection[81], topic[EVENT_TOPIC + 1];
    enum subscription_step step;
    enum subscription_now now;
    enum policy_action pause; /* after what the present try comes */
    unsigned failures, refused_tokens;
    int64_t due_ms;                                /* of STEP_PAUSE, and the deadline of STEP_TOPIC and of a schema */
    int64_t open_ms;                               /* since when the stream is there */
    char reason[EVENT_REASON], told[EVENT_REASON]; /* of a failure; the one that the log has */
    /* session of the connection, while there is a connection */
    char *token; /* NULL = none; wiped when it goes */
    char *stale; /* refused by the org; "" = none */
    char org[RECORD_ID_SIZE], org_url[512];
    /* lease */
    uint64_t round;                /* of what was asked of the ground: answers of an earlier one are dropped */
    bool leased, lease_open, lost; /* held; a question about it has no answer yet; the position must be given up */
    int64_t fence, renew_ms;
    enum ground_position from;
    struct replay position; /* after what is kept */
    /* stream */
    struct grpc *grpc;
    struct grpc_call *stream, *unary;
    int credit;       /* events that were asked for and have not come */
    int64_t heard_ms; /* the last response, or the last time something was asked for */
    bool draining;
    pubsub_fetch *response; /* that is being handed on; NULL = none */
    size_t at;              /* the first event of it that is not packed yet */
    struct buf packed;
    int count;
    bool blocked;         /* the ground has not taken it: tried again soon */
    struct replay behind; /* the position after what is packed */
    struct replay sent[GROUND_OPEN_BATCHES];
    int in_flight;
    /* schemas */
    struct known_schema schemas[SUBSCRIPTION_SCHEMAS];
    struct known_schema *wanted; /* that GetSchema asks for; NULL = none */
    uint64_t uses;
    /* counted since the lease was got */
    int64_t received, unreadable, reconnects;
};

/* ---- subscription_open.c ---- */

/* With the session and the lease that it has: connects, and subscribes. */
void stream_open(struct subscription *s);

/* Who its calls are for. */
struct grpc_metadata subscription_metadata(const struct subscription *s);

/* ---- subscription_stream.c ---- */

/* A response of the stream. */
void stream_take(struct subscription *s, struct span message);
/* Hands on as much of the response as may be, then asks for more. */
void stream_pump(struct subscription *s);
/* Forgets a response in the middle, and what is packed of it. */
void stream_forget(struct subscription *s);

/* ---- subscription_schemas.c ---- */

/* The entry of a schema; NULL: it was asked for, and stream_pump is called when it has come. */
const struct known_schema *schemas_get(struct subscription *s, const char *id);
/* An answer that does not come. */
void schemas_work(struct subscription *s, int64_t now_ms);
void schemas_free(struct subscription *s);

/* ---- subscription.c ---- */

/* The stream is given up: what then follows is that of the policy. `words` NULL = those of the policy. */
void subscription_stop(struct subscription *s, const struct policy *policy, const char *words);
/* The next try comes after so long. */
void subscription_pause(struct subscription *s, int64_t ms);
/* Something was heard: it is open, and told so. */
void subscription_set_open(struct subscription *s);

#endif
