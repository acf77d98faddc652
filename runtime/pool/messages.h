/*
 * messages.h - every message between the front and a worker: a struct, its writer, its reader. Nothing about a
 * message's fields stands anywhere else; messages.c lists each field once, for both ends.
 *
 * Writers append one frame to `out` and return false when it does not fit; `call` is the number of the call that the
 * message belongs to. Readers return false for a frame of another kind, for one that is shorter or longer than its
 * fields, and for a field out of its bounds; what they fill in is borrowed from the frame.
 */
#ifndef ACTIONHOST_POOL_MESSAGES_H
#define ACTIONHOST_POOL_MESSAGES_H

#include "runtime/base/limits.h"
#include "runtime/base/org_session.h"
#include "runtime/pool/frame.h"

/* Longest texts that readers let through. Those of an org are as long as struct org_session has room for. */
enum {
    MESSAGE_TRACEPARENT = 63,
    MESSAGE_API_USAGE = 47,
    MESSAGE_CODE = 63,
    MESSAGE_TEXT = 479, /* what an error says */
    MESSAGE_AUTHORIZATION = sizeof((struct org_session *)0)->authorization - 1,
    MESSAGE_BREAKER = 119
};

/* The texts of an org session that travel; the name of a named authorization does not. */
struct org_texts {
    struct span id, url, api_version, user_id, username, token;
};
/* Borrows from the session. */
struct org_texts org_texts_of(const struct org_session *s);
/* Texts that a reader let through fit; *s is then wiped by its owner. */
void org_texts_copy(const struct org_texts *texts, struct org_session *s);

/* ---- to the worker ---- */

struct message_call {
    bool org_blocked; /* the org failed several times in a row; told, as not every action needs the org */
    int64_t action;   /* index among the declarations; the reader's caller checks its end */
    int64_t deadline_ms, now;
    struct span request_id, traceparent;
    struct org_texts org;
    struct span body;
};
enum { MESSAGE_CALL_REST = LIMIT_FRAME - FRAME_NUMBER }; /* ceiling of a buffer for message_call_prepare */
/*
 * In two steps, because a call may wait for its worker, and only then is it known whether the org is blocked: the
 * first writes all but that to `rest`, the second a frame of both.
 */
MUST_CHECK bool message_call_prepare(struct buf *rest, const struct message_call *m);
MUST_CHECK bool message_call_write(struct buf *out, uint64_t call, bool org_blocked, struct span rest);
MUST_CHECK bool message_call_read(const struct frame *f, struct message_call *m);

struct message_cache_answer {
    bool found;
    struct span value;
    int64_t age_ms;
};
MUST_CHECK bool message_cache_answer_write(struct buf *out, uint64_t call, const struct message_cache_answer *m);
MUST_CHECK bool message_cache_answer_read(const struct frame *f, struct message_cache_answer *m);

/* Either the org, or why not. */
struct message_authorization_answer {
    bool granted;
    struct org_texts org;
    int64_t status; /* HTTP; 0 when granted */
    struct span code, text;
};
MUST_CHECK bool message_authorization_answer_write(struct buf *out, uint64_t call,
                                                   const struct message_authorization_answer *m);
MUST_CHECK bool message_authorization_answer_read(const struct frame *f, struct message_authorization_answer *m);

struct message_breaker_answer {
    bool allowed;
};
MUST_CHECK bool message_breaker_answer_write(struct buf *out, uint64_t call, const struct message_breaker_answer *m);
MUST_CHECK bool message_breaker_answer_read(const struct frame *f, struct message_breaker_answer *m);

/* ---- to the front ---- */

/* The worker may be given calls. No fields, and it belongs to no call. */
MUST_CHECK bool message_ready_write(struct buf *out);
MUST_CHECK bool message_ready_read(const struct frame *f);

struct message_reply {
    int64_t status;   /* HTTP: 200, or 400 to 599 */
    struct span code; /* "" for a success */
    struct span body; /* JSON text: the answer, or the error object */
    int64_t outcome;  /* enum org_outcome */
    int64_t org_calls;
    struct span api_usage;
    int64_t ran_us;
    bool leaving; /* this was the worker's last call */
};
MUST_CHECK bool message_reply_write(struct buf *out, uint64_t call, const struct message_reply *m);
MUST_CHECK bool message_reply_read(const struct frame *f, struct message_reply *m);

/* Answered by message_cache_answer. */
struct message_cache_question {
    struct span key;
};
MUST_CHECK bool message_cache_question_write(struct buf *out, uint64_t call, const struct message_cache_question *m);
MUST_CHECK bool message_cache_question_read(const struct frame *f, struct message_cache_question *m);

/* No answer. */
struct message_cache_entry {
    struct span key, value;
    int64_t ttl_s;
};
MUST_CHECK bool message_cache_entry_write(struct buf *out, uint64_t call, const struct message_cache_entry *m);
MUST_CHECK bool message_cache_entry_read(const struct frame *f, struct message_cache_entry *m);

/* Answered by message_authorization_answer. */
struct message_authorization_question {
    struct span name, stale; /* stale: the token that the org has just refused; "" at first */
};
MUST_CHECK bool message_authorization_question_write(struct buf *out, uint64_t call,
                                                     const struct message_authorization_question *m);
MUST_CHECK bool message_authorization_question_read(const struct frame *f, struct message_authorization_question *m);

/* Answered by message_breaker_answer. */
struct message_breaker_question {
    struct span name;
};
MUST_CHECK bool message_breaker_question_write(struct buf *out, uint64_t call,
                                               const struct message_breaker_question *m);
MUST_CHECK bool message_breaker_question_read(const struct frame *f, struct message_breaker_question *m);

/* No answer. */
struct message_breaker_report {
    struct span name;
    bool ok;
};
MUST_CHECK bool message_breaker_report_write(struct buf *out, uint64_t call, const struct message_breaker_report *m);
MUST_CHECK bool message_breaker_report_read(const struct frame *f, struct message_breaker_report *m);

#endif
