/*
 * fuzz_messages.c - any bytes from a worker's socket, and from the front's: what is read as a message is written again
 * as the same bytes, so that a message has one spelling and nothing is made up; its parts lie within the frame and
 * their bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/pool/event_messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool call_again(const struct frame *f, struct buf *out)
{
    struct message_call m;
    struct buf rest;
    struct org_session s;
    if (!message_call_read(f, &m))
        return false;
    must(m.action >= 0 && m.request_id.n <= LIMIT_REQUEST_ID && m.body.n <= f->payload.n);
    org_texts_copy(&m.org, &s);
    must(strlen(s.token) == m.org.token.n && strlen(s.url) == m.org.url.n);
    m.org = org_texts_of(&s);
    buf_init(&rest, MESSAGE_CALL_REST);
    must(message_call_prepare(&rest, &m));
    must(message_call_write(out, f->call, m.org_blocked, (struct span){ rest.p, rest.n }));
    buf_free(&rest);
    return true;
}

static bool ready_again(const struct frame *f, struct buf *out)
{
    /* the number of a call has no meaning here, and is not kept */
    return message_ready_read(f) && f->call == 0 && message_ready_write(out);
}

static bool reply_again(const struct frame *f, struct buf *out)
{
    struct message_reply m;
    if (!message_reply_read(f, &m))
        return false;
    must(m.status >= 200 && m.status <= 599 && m.body.n <= LIMIT_REPLY && m.code.n <= MESSAGE_CODE);
    must(m.outcome >= ORG_UNUSED && m.outcome <= ORG_FAULT && m.org_calls >= 0 && m.ran_us >= 0);
    must(message_reply_write(out, f->call, &m));
    return true;
}

/* A message whose reader and writer have the same form. */
#define AGAIN(name)                                                                                                    \
    static bool name##_again(const struct frame *f, struct buf *out)                                                   \
    {                                                                                                                  \
        struct message_##name m;                                                                                       \
        if (!message_##name##_read(f, &m))                                                                             \
            return false;                                                                                              \
        must(message_##name##_write(out, f->call, &m));                                                                \
        return true;                                                                                                   \
    }
AGAIN(cache_question)
AGAIN(cache_answer)
AGAIN(cache_entry)
AGAIN(authorization_question)
AGAIN(authorization_answer)
AGAIN(breaker_question)
AGAIN(breaker_answer)
AGAIN(breaker_report)
AGAIN(authorization_wish)
AGAIN(park)
AGAIN(job_question)
AGAIN(job_answer)
AGAIN(step_report)
AGAIN(step_answer)
AGAIN(subscription_question)
AGAIN(subscription_answer)
AGAIN(events)
AGAIN(events_answer)

static bool (*const again[FRAME_KINDS])(const struct frame *f, struct buf *out) = {
    [FRAME_CALL] = call_again,
    [FRAME_READY] = ready_again,
    [FRAME_REPLY] = reply_again,
    [FRAME_CACHE_QUESTION] = cache_question_again,
    [FRAME_CACHE_ANSWER] = cache_answer_again,
    [FRAME_CACHE_ENTRY] = cache_entry_again,
    [FRAME_AUTHORIZATION_QUESTION] = authorization_question_again,
    [FRAME_AUTHORIZATION_ANSWER] = authorization_answer_again,
    [FRAME_BREAKER_QUESTION] = breaker_question_again,
    [FRAME_BREAKER_ANSWER] = breaker_answer_again,
    [FRAME_BREAKER_REPORT] = breaker_report_again,
    [FRAME_AUTHORIZATION_WISH] = authorization_wish_again,
    [FRAME_PARK] = park_again,
    [FRAME_JOB_QUESTION] = job_question_again,
    [FRAME_JOB_ANSWER] = job_answer_again,
    [FRAME_STEP_REPORT] = step_report_again,
    [FRAME_STEP_ANSWER] = step_answer_again,
    [FRAME_SUBSCRIPTION_QUESTION] = subscription_question_again,
    [FRAME_SUBSCRIPTION_ANSWER] = subscription_answer_again,
    [FRAME_EVENTS] = events_again,
    [FRAME_EVENTS_ANSWER] = events_answer_again,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = { (const char *)data, size };
    struct frame f;
    bool bad;
    while (frame_peek(in, LIMIT_FRAME, &f, &bad)) {
        size_t n = FRAME_HEAD + f.payload.n;
        struct buf out;
        must(!bad && n <= in.n && f.kind > 0 && f.kind < FRAME_KINDS);
        must(f.payload.p == in.p + FRAME_HEAD);
        buf_init(&out, LIMIT_FRAME + FRAME_HEAD);
        if (again[f.kind](&f, &out))
            must(out.n == n && memcmp(out.p, in.p, n) == 0);
        buf_free(&out);
        in = (struct span){ in.p + n, in.n - n };
    }
    return 0;
}
