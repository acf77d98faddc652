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
    MESSAGE_BREAKER = 119,
    MESSAGE_JOB_ID = 36,
    MESSAGE_STEP_PAYLOAD = 512 * 1024,
    MESSAGE_STEP_SAVED = 4 * 1024,
    MESSAGE_STEP_PARALLEL = 64,
    MESSAGE_JOB_WAIT_S = 20
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

/* What a call is: an invocation, or one step of a job. */
enum message_work { WORK_INVOCATION, WORK_PLAN, WORK_PAGE, WORK_FINISH, WORK_DELIVER };

/* What a step has besides; all zero for an invocation. */
struct message_step {
    struct span job_id;
    struct span payload; /* JSON: the cursor of a plan ("" at first), the items of a page */
    struct span saved;   /* JSON that an earlier try has saved; "" = none */
    int64_t attempt, parallel;
    int64_t total, done, failed; /* items of the job so far */
};

struct message_call {
    bool org_blocked; /* the org failed several times in a row; told, as not every action needs the org */
    int64_t action;   /* index among the declarations; the reader's caller checks its end */
    int64_t deadline_ms, now;
    struct span request_id, traceparent;
    struct org_texts org;
    int64_t work; /* enum message_work */
    struct message_step step;
    bool page;        /* a page of the host's own calls: there is no user, but every connection may be used */
    struct span body; /* JSON: the input of the invocation, or of the job */
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

/* What became of a question about jobs. */
struct message_job_answer {
    int64_t status;   /* HTTP: 200, 201, or 400 to 599 */
    struct span code; /* "" for a success */
    struct span body; /* JSON: the answer; or the message of the refusal as plain text */
    int64_t retry_after_s;
};
MUST_CHECK bool message_job_answer_write(struct buf *out, uint64_t call, const struct message_job_answer *m);
MUST_CHECK bool message_job_answer_read(const struct frame *f, struct message_job_answer *m);

struct message_step_answer {
    bool kept;        /* the state is in the database */
    bool stop;        /* the job was cancelled, the step is lost, or the host drains */
    bool canceled;    /* the first of these: nobody will run the step again */
    int64_t parallel; /* requests to the org that it may have in flight from now on */
};
MUST_CHECK bool message_step_answer_write(struct buf *out, uint64_t call, const struct message_step_answer *m);
MUST_CHECK bool message_step_answer_read(const struct frame *f, struct message_step_answer *m);

/* ---- to the front ---- */

/* The worker may be given calls. No fields, and it belongs to no call. */
MUST_CHECK bool message_ready_write(struct buf *out);
MUST_CHECK bool message_ready_read(const struct frame *f);

struct message_reply {
    int64_t status;   /* HTTP: 200, 201, or 400 to 599. A step that ended somehow is a 200 */
    struct span code; /* "" for a success */
    struct span body; /* JSON text: the answer, or the error object; what a step did (runtime/client/step.h) */
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

/* This name will be asked for soon: its session may be fetched meanwhile. No answer. */
struct message_authorization_wish {
    struct span name;
};
MUST_CHECK bool message_authorization_wish_write(struct buf *out, uint64_t call,
                                                 const struct message_authorization_wish *m);
MUST_CHECK bool message_authorization_wish_read(const struct frame *f, struct message_authorization_wish *m);

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

/* Instead of a reply: the answer is to be made when the job has ended or the time is over, without this worker. */
struct message_park {
    struct span job_id;
    int64_t wait_s;
    bool started;                       /* the answer is that of a start (201), not that of getJob */
    int64_t outcome, org_calls, ran_us; /* as in message_reply */
    bool leaving;
};
MUST_CHECK bool message_park_write(struct buf *out, uint64_t call, const struct message_park *m);
MUST_CHECK bool message_park_read(const struct frame *f, struct message_park *m);

enum job_question {
    JOB_START,
    JOB_GET,
    JOB_LIST,
    JOB_CANCEL,
    JOB_RETRY,
    JOB_FAILURES,
    JOB_WAIT_STARTED, /* from here on asked by the front alone */
    JOB_WAIT,
    JOB_STATS,
    JOB_PAGE_LIST, /* of the jobs page, whose readers see everybody's jobs */
    JOB_PAGE_SHOW,
    JOB_PAGE_FAILURES,
    JOB_PAGE_CANCEL,
    JOB_PAGE_RETRY,
    JOB_PAGE_PAUSE,
    JOB_PAGE_PULSE,
    JOB_QUESTIONS
};

/*
 * From a worker to the front, which checks that org and user are those of the call, and from there, unchanged but for
 * the number, to the jobs process. Answered by message_job_answer.
 */
struct message_job_question {
    int64_t what;   /* enum job_question */
    int64_t action; /* index among the declarations: whose job is started, or who asks */
    int64_t wait_s; /* of JOB_WAIT and JOB_WAIT_STARTED */
    struct span request_id, traceparent;
    struct org_texts org; /* the caller's; the token only where a job will use it */
    struct span body;     /* JSON: the job's input, or the input of the question */
};
MUST_CHECK bool message_job_question_write(struct buf *out, uint64_t call, const struct message_job_question *m);
MUST_CHECK bool message_job_question_read(const struct frame *f, struct message_job_question *m);

/* From a step's worker to the jobs process; answered by message_step_answer. */
struct message_step_report {
    bool save;         /* state is to be kept; else it is only asked whether to stop */
    struct span state; /* JSON */
};
MUST_CHECK bool message_step_report_write(struct buf *out, uint64_t call, const struct message_step_report *m);
MUST_CHECK bool message_step_report_read(const struct frame *f, struct message_step_report *m);

#endif
