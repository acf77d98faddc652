/*
 * test_messages.c - every message between processes there and back, with every field; and what is no message:
 * cut at any byte, one byte too many, of another kind.
 */
#include "tests/unit/check.h"

#include "runtime/pool/event_messages.h"

enum { NUMBER = 77 }; /* of the call */

/* A session with each text at its longest. */
static struct org_session *session(void)
{
    static struct org_session s;
    s = (struct org_session){ .id = "00Dxx0000000000EAA", .api_version = "62.0", .user_id = "005xx000001X8UzAAK" };
    memset(s.url, 'u', sizeof s.url - 1);
    memset(s.username, 'n', sizeof s.username - 1);
    memset(s.token, 't', sizeof s.token - 1);
    return &s;
}

static void assert_spans(struct span a, struct span b)
{
    assert_int_equal(a.n, b.n);
    if (a.n)
        assert_memory_equal(a.p, b.p, a.n);
}

static void assert_orgs(struct org_texts a, struct org_texts b)
{
    assert_spans(a.id, b.id);
    assert_spans(a.url, b.url);
    assert_spans(a.api_version, b.api_version);
    assert_spans(a.user_id, b.user_id);
    assert_spans(a.username, b.username);
    assert_spans(a.token, b.token);
}

/* ---- a sample of each message: writes it; reads a frame, and when that is one, compares each field ---- */

static struct message_call call_sample(void)
{
    return (struct message_call){ .org_blocked = true,
                                  .action = 3,
                                  .deadline_ms = 1234567890123,
                                  .now = 1795000000,
                                  .request_id = span_of("00Dxx0000000000EAA-4kD-a01"),
                                  .traceparent = span_of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                                  .org = org_texts_of(session()),
                                  .work = WORK_PAGE,
                                  .step = { .job_id = span_of("0af76519-16cd-43dd-8448-eb211c80319c"),
                                            .payload = span_of("[1,2]"),
                                            .saved = span_of("{\"bulk\":\"750\"}"),
                                            .attempt = 2,
                                            .parallel = 4,
                                            .total = 2001,
                                            .done = 1600,
                                            .failed = 200 },
                                  .page = true,
                                  .body = { "{\"a\":\0}", 7 } };
}

static bool write_call(struct buf *out)
{
    struct buf rest;
    const struct message_call m = call_sample();
    buf_init(&rest, MESSAGE_CALL_REST);
    bool ok = message_call_prepare(&rest, &m) &&
              message_call_write(out, NUMBER, m.org_blocked, (struct span){ rest.p, rest.n });
    buf_free(&rest);
    return ok;
}

static bool read_call(const struct frame *f)
{
    struct message_call m, want = call_sample();
    if (!message_call_read(f, &m))
        return false;
    assert_int_equal(m.org_blocked, want.org_blocked);
    assert_int_equal(m.action, want.action);
    assert_int_equal(m.deadline_ms, want.deadline_ms);
    assert_int_equal(m.now, want.now);
    assert_spans(m.request_id, want.request_id);
    assert_spans(m.traceparent, want.traceparent);
    assert_orgs(m.org, want.org);
    assert_int_equal(m.work, want.work);
    assert_spans(m.step.job_id, want.step.job_id);
    assert_spans(m.step.payload, want.step.payload);
    assert_spans(m.step.saved, want.step.saved);
    assert_int_equal(m.step.attempt, want.step.attempt);
    assert_int_equal(m.step.parallel, want.step.parallel);
    assert_int_equal(m.step.total, want.step.total);
    assert_int_equal(m.step.done, want.step.done);
    assert_int_equal(m.step.failed, want.step.failed);
    assert_int_equal(m.page, want.page);
    assert_spans(m.body, want.body);
    return true;
}

static bool write_ready(struct buf *out)
{
    return message_ready_write(out);
}

static bool read_ready(const struct frame *f)
{
    return message_ready_read(f);
}

static const struct message_reply replies[] = {
    { 200, { "", 0 }, { "{}", 2 }, ORG_OK, 3, { "25/5000", 7 }, 999999, true },
    { 422, { "no_such_2", 9 }, { "", 0 }, ORG_FAULT, INT32_MAX, { "", 0 }, 0, false },
};

static bool read_reply_like(const struct frame *f, const struct message_reply *want)
{
    struct message_reply m;
    if (!message_reply_read(f, &m))
        return false;
    assert_int_equal(m.status, want->status);
    assert_spans(m.code, want->code);
    assert_spans(m.body, want->body);
    assert_int_equal(m.outcome, want->outcome);
    assert_int_equal(m.org_calls, want->org_calls);
    assert_spans(m.api_usage, want->api_usage);
    assert_int_equal(m.ran_us, want->ran_us);
    assert_int_equal(m.leaving, want->leaving);
    return true;
}

static bool write_reply(struct buf *out)
{
    return message_reply_write(out, NUMBER, &replies[0]);
}

static bool read_reply(const struct frame *f)
{
    return read_reply_like(f, &replies[0]);
}

static bool write_refusal(struct buf *out)
{
    return message_reply_write(out, NUMBER, &replies[1]);
}

static bool read_refusal(const struct frame *f)
{
    return read_reply_like(f, &replies[1]);
}

static bool write_cache_question(struct buf *out)
{
    return message_cache_question_write(out, NUMBER, &(struct message_cache_question){ { "k\0y", 3 } });
}

static bool read_cache_question(const struct frame *f)
{
    struct message_cache_question m;
    if (!message_cache_question_read(f, &m))
        return false;
    assert_spans(m.key, (struct span){ "k\0y", 3 });
    return true;
}

static bool write_cache_answer(struct buf *out)
{
    return message_cache_answer_write(out, NUMBER, &(struct message_cache_answer){ true, { "v\0", 2 }, 604800000 });
}

static bool read_cache_answer(const struct frame *f)
{
    struct message_cache_answer m;
    if (!message_cache_answer_read(f, &m))
        return false;
    assert_true(m.found);
    assert_spans(m.value, (struct span){ "v\0", 2 });
    assert_int_equal(m.age_ms, 604800000);
    return true;
}

static bool write_cache_entry(struct buf *out)
{
    return message_cache_entry_write(out, NUMBER, &(struct message_cache_entry){ { "key", 3 }, { "\0w", 2 }, 60 });
}

static bool read_cache_entry(const struct frame *f)
{
    struct message_cache_entry m;
    if (!message_cache_entry_read(f, &m))
        return false;
    assert_span(m.key, "key");
    assert_spans(m.value, (struct span){ "\0w", 2 });
    assert_int_equal(m.ttl_s, 60);
    return true;
}

static bool write_authorization_question(struct buf *out)
{
    const struct message_authorization_question m = { span_of("Sales"), span_of("00D!stale") };
    return message_authorization_question_write(out, NUMBER, &m);
}

static bool read_authorization_question(const struct frame *f)
{
    struct message_authorization_question m;
    if (!message_authorization_question_read(f, &m))
        return false;
    assert_span(m.name, "Sales");
    assert_span(m.stale, "00D!stale");
    return true;
}

static bool write_authorization(struct buf *out)
{
    const struct message_authorization_answer m = { .granted = true, .org = org_texts_of(session()) };
    return message_authorization_answer_write(out, NUMBER, &m);
}

static bool read_authorization(const struct frame *f)
{
    struct message_authorization_answer m;
    if (!message_authorization_answer_read(f, &m))
        return false;
    assert_true(m.granted);
    assert_orgs(m.org, org_texts_of(session()));
    assert_int_equal(m.status, 0);
    assert_int_equal(m.code.n, 0);
    assert_int_equal(m.text.n, 0);
    return true;
}

static bool write_no_authorization(struct buf *out)
{
    const struct message_authorization_answer m = { .status = 503,
                                                    .code = span_of("addon_unavailable"),
                                                    .text = span_of("Try again.") };
    return message_authorization_answer_write(out, NUMBER, &m);
}

static bool read_no_authorization(const struct frame *f)
{
    struct message_authorization_answer m;
    if (!message_authorization_answer_read(f, &m))
        return false;
    assert_false(m.granted);
    assert_int_equal(m.org.token.n, 0);
    assert_int_equal(m.status, 503);
    assert_span(m.code, "addon_unavailable");
    assert_span(m.text, "Try again.");
    return true;
}

static bool write_breaker_question(struct buf *out)
{
    return message_breaker_question_write(out, NUMBER, &(struct message_breaker_question){ span_of("rates") });
}

static bool read_breaker_question(const struct frame *f)
{
    struct message_breaker_question m;
    if (!message_breaker_question_read(f, &m))
        return false;
    assert_span(m.name, "rates");
    return true;
}

static bool write_breaker_answer(struct buf *out)
{
    return message_breaker_answer_write(out, NUMBER, &(struct message_breaker_answer){ true });
}

static bool read_breaker_answer(const struct frame *f)
{
    struct message_breaker_answer m;
    if (!message_breaker_answer_read(f, &m))
        return false;
    assert_true(m.allowed);
    return true;
}

static bool write_authorization_wish(struct buf *out)
{
    return message_authorization_wish_write(out, NUMBER, &(struct message_authorization_wish){ span_of("partner") });
}

static bool read_authorization_wish(const struct frame *f)
{
    struct message_authorization_wish m;
    if (!message_authorization_wish_read(f, &m))
        return false;
    assert_spans(m.name, span_of("partner"));
    return true;
}

static bool write_breaker_report(struct buf *out)
{
    return message_breaker_report_write(out, NUMBER, &(struct message_breaker_report){ span_of("rates"), true });
}

static bool read_breaker_report(const struct frame *f)
{
    struct message_breaker_report m;
    if (!message_breaker_report_read(f, &m))
        return false;
    assert_span(m.name, "rates");
    assert_true(m.ok);
    return true;
}

static bool write_park(struct buf *out)
{
    const struct message_park m = { span_of("0af76519-16cd-43dd-8448-eb211c80319c"), 20, true, ORG_OK, 3, 4, true };
    return message_park_write(out, NUMBER, &m);
}

static bool read_park(const struct frame *f)
{
    struct message_park m;
    if (!message_park_read(f, &m))
        return false;
    assert_span(m.job_id, "0af76519-16cd-43dd-8448-eb211c80319c");
    assert_int_equal(m.wait_s, 20);
    assert_true(m.started && m.leaving);
    assert_int_equal(m.outcome, ORG_OK);
    assert_int_equal(m.org_calls, 3);
    assert_int_equal(m.ran_us, 4);
    return true;
}

static bool write_job_question(struct buf *out)
{
    const struct message_job_question m = { .what = JOB_RETRY,
                                            .action = 4,
                                            .wait_s = 1,
                                            .request_id = span_of("request"),
                                            .traceparent = span_of("00-trace"),
                                            .org = org_texts_of(session()),
                                            .body = span_of("{\"jobId\":\"x\"}") };
    return message_job_question_write(out, NUMBER, &m);
}

static bool read_job_question(const struct frame *f)
{
    struct message_job_question m;
    if (!message_job_question_read(f, &m))
        return false;
    assert_int_equal(m.what, JOB_RETRY);
    assert_int_equal(m.action, 4);
    assert_int_equal(m.wait_s, 1);
    assert_span(m.request_id, "request");
    assert_span(m.traceparent, "00-trace");
    assert_orgs(m.org, org_texts_of(session()));
    assert_span(m.body, "{\"jobId\":\"x\"}");
    return true;
}

static bool write_job_answer(struct buf *out)
{
    const struct message_job_answer m = { 409, span_of("job_ended"), span_of("It has ended."), 7 };
    return message_job_answer_write(out, NUMBER, &m);
}

static bool read_job_answer(const struct frame *f)
{
    struct message_job_answer m;
    if (!message_job_answer_read(f, &m))
        return false;
    assert_int_equal(m.status, 409);
    assert_span(m.code, "job_ended");
    assert_span(m.body, "It has ended.");
    assert_int_equal(m.retry_after_s, 7);
    return true;
}

static bool write_step_report(struct buf *out)
{
    return message_step_report_write(out, NUMBER, &(struct message_step_report){ true, span_of("{\"a\":1}") });
}

static bool read_step_report(const struct frame *f)
{
    struct message_step_report m;
    if (!message_step_report_read(f, &m))
        return false;
    assert_true(m.save);
    assert_span(m.state, "{\"a\":1}");
    return true;
}

static bool write_step_answer(struct buf *out)
{
    return message_step_answer_write(out, NUMBER, &(struct message_step_answer){ .kept = true, .canceled = true });
}

static bool read_step_answer(const struct frame *f)
{
    struct message_step_answer m;
    if (!message_step_answer_read(f, &m))
        return false;
    assert_true(m.kept && !m.stop && m.canceled);
    return true;
}

#include "tests/unit/pool/event_samples.h"

static const struct {
    const char *name;
    enum frame_kind kind;
    uint64_t call;
    bool (*write)(struct buf *out);
    bool (*read)(const struct frame *f);
} samples[] = {
    { "call", FRAME_CALL, NUMBER, write_call, read_call },
    { "ready", FRAME_READY, 0, write_ready, read_ready },
    { "reply", FRAME_REPLY, NUMBER, write_reply, read_reply },
    { "refusal", FRAME_REPLY, NUMBER, write_refusal, read_refusal },
    { "cache question", FRAME_CACHE_QUESTION, NUMBER, write_cache_question, read_cache_question },
    { "cache answer", FRAME_CACHE_ANSWER, NUMBER, write_cache_answer, read_cache_answer },
    { "cache entry", FRAME_CACHE_ENTRY, NUMBER, write_cache_entry, read_cache_entry },
    { "authorization question", FRAME_AUTHORIZATION_QUESTION, NUMBER, write_authorization_question,
      read_authorization_question },
    { "authorization", FRAME_AUTHORIZATION_ANSWER, NUMBER, write_authorization, read_authorization },
    { "no authorization", FRAME_AUTHORIZATION_ANSWER, NUMBER, write_no_authorization, read_no_authorization },
    { "breaker question", FRAME_BREAKER_QUESTION, NUMBER, write_breaker_question, read_breaker_question },
    { "breaker answer", FRAME_BREAKER_ANSWER, NUMBER, write_breaker_answer, read_breaker_answer },
    { "authorization wish", FRAME_AUTHORIZATION_WISH, NUMBER, write_authorization_wish, read_authorization_wish },
    { "breaker report", FRAME_BREAKER_REPORT, NUMBER, write_breaker_report, read_breaker_report },
    { "park", FRAME_PARK, NUMBER, write_park, read_park },
    { "job question", FRAME_JOB_QUESTION, NUMBER, write_job_question, read_job_question },
    { "job answer", FRAME_JOB_ANSWER, NUMBER, write_job_answer, read_job_answer },
    { "step report", FRAME_STEP_REPORT, NUMBER, write_step_report, read_step_report },
    { "step answer", FRAME_STEP_ANSWER, NUMBER, write_step_answer, read_step_answer },
    { "subscription question", FRAME_SUBSCRIPTION_QUESTION, NUMBER, write_subscription_question,
      read_subscription_question },
    { "subscription answer", FRAME_SUBSCRIPTION_ANSWER, NUMBER, write_subscription_answer, read_subscription_answer },
    { "events", FRAME_EVENTS, NUMBER, write_events, read_events },
    { "events answer", FRAME_EVENTS_ANSWER, NUMBER, write_events_answer, read_events_answer },
};

/* The frame of a sample; `b` is the caller's to free. */
static struct frame sample(size_t i, struct buf *b)
{
    struct frame f;
    bool bad;
    buf_init(b, LIMIT_FRAME + FRAME_HEAD);
    if (!samples[i].write(b) || !frame_peek((struct span){ b->p, b->n }, LIMIT_FRAME, &f, &bad)) {
        fail_msg("%s is no frame", samples[i].name);
        abort(); /* is not reached, which a checker cannot see */
    }
    assert_int_equal(b->n, FRAME_HEAD + f.payload.n);
    return f;
}

/* Whether the first n bytes of the payload are a message; in memory of their own, so that a sanitizer sees a byte that
 * is read beyond. */
static bool readable(size_t i, const struct frame *f, size_t n)
{
    char *p = malloc(n + (n == 0));
    memcpy(p, f->payload.p, n < f->payload.n ? n : f->payload.n);
    if (n > f->payload.n)
        memset(p + f->payload.n, 0, n - f->payload.n);
    const struct frame part = { f->kind, f->call, { p, n } };
    bool ok = samples[i].read(&part);
    free(p);
    return ok;
}

static void every_message_there_and_back(void **state)
{
    (void)state;
    bool seen[FRAME_KINDS] = { false };
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buf b;
        struct frame f = sample(i, &b);
        assert_int_equal(f.kind, samples[i].kind);
        assert_true(f.call == samples[i].call);
        if (!readable(i, &f, f.payload.n))
            fail_msg("%s is not understood", samples[i].name);
        seen[f.kind] = true;
        buf_free(&b);
    }
    for (int kind = 1; kind < FRAME_KINDS; kind++)
        assert_true(seen[kind]);
}

static void a_message_that_is_cut_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buf b;
        struct frame f = sample(i, &b);
        for (size_t n = 0; n < f.payload.n; n++)
            if (readable(i, &f, n))
                fail_msg("%s is understood without its last %zu bytes", samples[i].name, f.payload.n - n);
        buf_free(&b);
    }
}

static void a_byte_too_many_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buf b;
        struct frame f = sample(i, &b);
        if (readable(i, &f, f.payload.n + 1) || readable(i, &f, f.payload.n + FRAME_NUMBER))
            fail_msg("%s is understood with more behind it", samples[i].name);
        buf_free(&b);
    }
}

static void another_kind_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buf b;
        struct frame f = sample(i, &b);
        for (int kind = 0; kind <= FRAME_KINDS; kind++) {
            f.kind = (enum frame_kind)kind;
            if (f.kind != samples[i].kind && samples[i].read(&f))
                fail_msg("%s is understood as kind %d", samples[i].name, kind);
        }
        buf_free(&b);
    }
}

static void a_writer_tells_when_it_does_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        struct buf b;
        size_t n = sample(i, &b).payload.n;
        buf_free(&b);
        buf_init(&b, FRAME_HEAD + n - 1);
        assert_false(samples[i].write(&b));
        buf_free(&b);
        buf_init(&b, FRAME_HEAD + n);
        assert_true(samples[i].write(&b));
        buf_free(&b);
    }
}

static void an_org_goes_from_session_to_session(void **state)
{
    (void)state;
    const struct org_session *from = session();
    struct org_session to = { .authorization = "its own" };
    struct org_texts texts = org_texts_of(from);
    org_texts_copy(&texts, &to);
    assert_string_equal(to.id, from->id);
    assert_string_equal(to.url, from->url);
    assert_string_equal(to.api_version, from->api_version);
    assert_string_equal(to.user_id, from->user_id);
    assert_string_equal(to.username, from->username);
    assert_string_equal(to.token, from->token);
    assert_string_equal(to.authorization, "its own");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_there_and_back),
        cmocka_unit_test(a_message_that_is_cut_is_none),
        cmocka_unit_test(a_byte_too_many_is_refused),
        cmocka_unit_test(another_kind_is_refused),
        cmocka_unit_test(a_writer_tells_when_it_does_not_fit),
        cmocka_unit_test(an_org_goes_from_session_to_session),
        cmocka_unit_test(a_lease_makes_sense),
        cmocka_unit_test(events_have_a_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
