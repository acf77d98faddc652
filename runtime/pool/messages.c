/* messages.c - the fields of each message in a table, from which its writer and its reader are made. */
#include "runtime/pool/messages.h"

#include "runtime/pool/message_parts.h"

/* A success without a code, or a failure with one. */
static bool is_ended(int64_t status, struct span code)
{
    return status == 200 || status == 201 ? code.n == 0 : status >= 400 && code.n > 0;
}

/* ---- to the worker ---- */

/* org_blocked is the first: message_call_write puts it before the rest. */
static const struct field call_rows[] = {
    FLAG(message_call, org_blocked),
    NUMBER(message_call, action, 0, INT32_MAX),
    NUMBER(message_call, deadline_ms, 0, INT64_MAX),
    NUMBER(message_call, now, 0, INT64_MAX),
    TEXT(message_call, request_id, LIMIT_REQUEST_ID),
    TEXT(message_call, traceparent, MESSAGE_TRACEPARENT),
    ORG(message_call, org),
    NUMBER(message_call, work, WORK_INVOCATION, WORK_DELIVER),
    TEXT(message_call, step.job_id, MESSAGE_JOB_ID),
    BYTES(message_call, step.payload, MESSAGE_STEP_PAYLOAD),
    BYTES(message_call, step.saved, MESSAGE_STEP_SAVED),
    NUMBER(message_call, step.attempt, 0, INT32_MAX),
    NUMBER(message_call, step.parallel, 0, INT32_MAX),
    NUMBER(message_call, step.total, 0, INT64_MAX),
    NUMBER(message_call, step.done, 0, INT64_MAX),
    NUMBER(message_call, step.failed, 0, INT64_MAX),
    FLAG(message_call, page),
    BYTES(message_call, body, LIMIT_FRAME),
};
READER(message_call, FRAME_CALL, call_rows)

bool message_call_prepare(struct buf *rest, const struct message_call *m)
{
    fields_put(rest, call_rows + 1, sizeof call_rows / sizeof *call_rows - 1, m);
    return !rest->failed;
}

bool message_call_write(struct buf *out, uint64_t call, bool org_blocked, struct span rest)
{
    size_t at = frame_begin(out, FRAME_CALL, call);
    field_put_flag(out, &org_blocked);
    buf_add(out, rest.p, rest.n);
    return frame_end(out, at);
}

static const struct field cache_answer_rows[] = {
    FLAG(message_cache_answer, found),
    BYTES(message_cache_answer, value, LIMIT_CACHE_ENTRY),
    NUMBER(message_cache_answer, age_ms, 0, INT64_MAX),
};
WRITER(message_cache_answer, FRAME_CACHE_ANSWER, cache_answer_rows)
READER(message_cache_answer, FRAME_CACHE_ANSWER, cache_answer_rows)

static const struct field authorization_answer_rows[] = {
    FLAG(message_authorization_answer, granted),
    ORG(message_authorization_answer, org),
    NUMBER(message_authorization_answer, status, 0, 599),
    WORD(message_authorization_answer, code, MESSAGE_CODE),
    TEXT(message_authorization_answer, text, MESSAGE_TEXT),
};
WRITER(message_authorization_answer, FRAME_AUTHORIZATION_ANSWER, authorization_answer_rows)

bool message_authorization_answer_read(const struct frame *f, struct message_authorization_answer *m)
{
    return FIELDS_READ(f, FRAME_AUTHORIZATION_ANSWER, authorization_answer_rows, m) &&
           (m->granted ? m->status == 0 : m->status >= 400);
}

static const struct field breaker_answer_rows[] = { FLAG(message_breaker_answer, allowed) };
WRITER(message_breaker_answer, FRAME_BREAKER_ANSWER, breaker_answer_rows)
READER(message_breaker_answer, FRAME_BREAKER_ANSWER, breaker_answer_rows)

static const struct field job_answer_rows[] = {
    NUMBER(message_job_answer, status, 200, 599),
    WORD(message_job_answer, code, MESSAGE_CODE),
    BYTES(message_job_answer, body, LIMIT_REPLY),
    NUMBER(message_job_answer, retry_after_s, 0, INT32_MAX),
};
WRITER(message_job_answer, FRAME_JOB_ANSWER, job_answer_rows)

bool message_job_answer_read(const struct frame *f, struct message_job_answer *m)
{
    return FIELDS_READ(f, FRAME_JOB_ANSWER, job_answer_rows, m) && is_ended(m->status, m->code);
}

static const struct field step_answer_rows[] = { FLAG(message_step_answer, kept), FLAG(message_step_answer, stop),
                                                 FLAG(message_step_answer, canceled),
                                                 NUMBER(message_step_answer, parallel, 0, MESSAGE_STEP_PARALLEL) };
WRITER(message_step_answer, FRAME_STEP_ANSWER, step_answer_rows)
READER(message_step_answer, FRAME_STEP_ANSWER, step_answer_rows)

/* ---- to the front ---- */

bool message_ready_write(struct buf *out)
{
    return frame_end(out, frame_begin(out, FRAME_READY, 0));
}

bool message_ready_read(const struct frame *f)
{
    return f->kind == FRAME_READY && f->payload.n == 0;
}

static const struct field reply_rows[] = {
    NUMBER(message_reply, status, 200, 599),        WORD(message_reply, code, MESSAGE_CODE),
    BYTES(message_reply, body, LIMIT_REPLY),        NUMBER(message_reply, outcome, ORG_UNUSED, ORG_FAULT),
    NUMBER(message_reply, org_calls, 0, INT32_MAX), TEXT(message_reply, api_usage, MESSAGE_API_USAGE),
    NUMBER(message_reply, ran_us, 0, INT64_MAX),    FLAG(message_reply, leaving),
};
WRITER(message_reply, FRAME_REPLY, reply_rows)

bool message_reply_read(const struct frame *f, struct message_reply *m)
{
    return FIELDS_READ(f, FRAME_REPLY, reply_rows, m) && is_ended(m->status, m->code);
}

static const struct field cache_question_rows[] = { BYTES(message_cache_question, key, LIMIT_CACHE_KEY) };
WRITER(message_cache_question, FRAME_CACHE_QUESTION, cache_question_rows)
READER(message_cache_question, FRAME_CACHE_QUESTION, cache_question_rows)

static const struct field cache_entry_rows[] = {
    BYTES(message_cache_entry, key, LIMIT_CACHE_KEY),
    BYTES(message_cache_entry, value, LIMIT_CACHE_ENTRY),
    NUMBER(message_cache_entry, ttl_s, 0, INT32_MAX),
};
WRITER(message_cache_entry, FRAME_CACHE_ENTRY, cache_entry_rows)
READER(message_cache_entry, FRAME_CACHE_ENTRY, cache_entry_rows)

static const struct field authorization_question_rows[] = {
    TEXT(message_authorization_question, name, MESSAGE_AUTHORIZATION),
    TEXT(message_authorization_question, stale, LIMIT_ACCESS_TOKEN - 1),
};
WRITER(message_authorization_question, FRAME_AUTHORIZATION_QUESTION, authorization_question_rows)
READER(message_authorization_question, FRAME_AUTHORIZATION_QUESTION, authorization_question_rows)

static const struct field authorization_wish_rows[] = {
    TEXT(message_authorization_wish, name, MESSAGE_AUTHORIZATION),
};
WRITER(message_authorization_wish, FRAME_AUTHORIZATION_WISH, authorization_wish_rows)
READER(message_authorization_wish, FRAME_AUTHORIZATION_WISH, authorization_wish_rows)

static const struct field breaker_question_rows[] = { TEXT(message_breaker_question, name, MESSAGE_BREAKER) };
WRITER(message_breaker_question, FRAME_BREAKER_QUESTION, breaker_question_rows)
READER(message_breaker_question, FRAME_BREAKER_QUESTION, breaker_question_rows)

static const struct field breaker_report_rows[] = {
    TEXT(message_breaker_report, name, MESSAGE_BREAKER),
    FLAG(message_breaker_report, ok),
};
WRITER(message_breaker_report, FRAME_BREAKER_REPORT, breaker_report_rows)
READER(message_breaker_report, FRAME_BREAKER_REPORT, breaker_report_rows)

static const struct field park_rows[] = {
    TEXT(message_park, job_id, MESSAGE_JOB_ID),
    NUMBER(message_park, wait_s, 0, MESSAGE_JOB_WAIT_S),
    FLAG(message_park, started),
    NUMBER(message_park, outcome, ORG_UNUSED, ORG_FAULT),
    NUMBER(message_park, org_calls, 0, INT32_MAX),
    NUMBER(message_park, ran_us, 0, INT64_MAX),
    FLAG(message_park, leaving),
};
WRITER(message_park, FRAME_PARK, park_rows)
READER(message_park, FRAME_PARK, park_rows)

static const struct field job_question_rows[] = {
    NUMBER(message_job_question, what, JOB_START, JOB_QUESTIONS - 1),
    NUMBER(message_job_question, action, 0, INT32_MAX),
    NUMBER(message_job_question, wait_s, 0, MESSAGE_JOB_WAIT_S),
    TEXT(message_job_question, request_id, LIMIT_REQUEST_ID),
    TEXT(message_job_question, traceparent, MESSAGE_TRACEPARENT),
    ORG(message_job_question, org),
    BYTES(message_job_question, body, LIMIT_BODY_MAX),
};
WRITER(message_job_question, FRAME_JOB_QUESTION, job_question_rows)
READER(message_job_question, FRAME_JOB_QUESTION, job_question_rows)

static const struct field step_report_rows[] = {
    FLAG(message_step_report, save),
    BYTES(message_step_report, state, MESSAGE_STEP_SAVED),
};
WRITER(message_step_report, FRAME_STEP_REPORT, step_report_rows)
READER(message_step_report, FRAME_STEP_REPORT, step_report_rows)
