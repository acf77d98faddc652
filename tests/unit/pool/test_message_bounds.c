/* test_message_bounds.c - what each field of a message between front and worker may be, and no more. */
#include "tests/unit/check.h"

#include "runtime/pool/messages.h"

enum { NUMBER = 77 }; /* of the call */

static bool reply_passes(struct message_reply m)
{
    struct buf b;
    struct frame f;
    struct message_reply got;
    bool bad;
    buf_init(&b, 2 * LIMIT_FRAME);
    assert_true(message_reply_write(&b, NUMBER, &m));
    assert_true(frame_peek((struct span){ b.p, b.n }, 2 * LIMIT_FRAME, &f, &bad));
    bool ok = message_reply_read(&f, &got);
    buf_free(&b);
    return ok;
}

static void a_reply_has_bounds(void **state)
{
    (void)state;
    char *big = calloc(1, LIMIT_REPLY + 1), word[MESSAGE_CODE + 1], usage[MESSAGE_API_USAGE + 1];
    const struct message_reply ok = { .status = 200, .body = { "{}", 2 } },
                               no = { .status = 422, .code = { "no", 2 }, .body = { "{}", 2 } };
    struct message_reply m;
    memset(word, 'a', sizeof word);
    memset(usage, '5', sizeof usage);
#define PASSES(base, member, ...) (m = (base), m.member = (__VA_ARGS__), reply_passes(m))
    assert_true(PASSES(ok, status, 200) && PASSES(ok, status, 201));
    assert_false(PASSES(ok, status, 199) || PASSES(ok, status, 202) || PASSES(ok, status, 302));
    assert_false(PASSES(ok, status, 422) || PASSES(no, status, 200) ||
                 PASSES(no, status, 201)); /* without a code, with one */
    assert_true(PASSES(no, status, 400) && PASSES(no, status, 599));
    assert_false(PASSES(no, status, 399) || PASSES(no, status, 600) || PASSES(no, status, 422 + (1LL << 32)));
    assert_true(PASSES(no, code, (struct span){ word, MESSAGE_CODE }));
    assert_false(PASSES(no, code, (struct span){ word, MESSAGE_CODE + 1 }));
    assert_false(PASSES(no, code, span_of("Bad")) || PASSES(no, code, span_of("a b")) ||
                 PASSES(no, code, span_of("a\"")) || PASSES(no, code, (struct span){ "a\0", 2 }));
    assert_true(PASSES(ok, body, (struct span){ big, LIMIT_REPLY }));
    assert_false(PASSES(ok, body, (struct span){ big, LIMIT_REPLY + 1 }));
    assert_true(PASSES(ok, outcome, ORG_UNUSED));
    assert_false(PASSES(ok, outcome, -1) || PASSES(ok, outcome, ORG_FAULT + 1));
    assert_false(PASSES(ok, org_calls, -1) || PASSES(ok, org_calls, 1LL << 31));
    assert_true(PASSES(ok, api_usage, (struct span){ usage, MESSAGE_API_USAGE }));
    assert_false(PASSES(ok, api_usage, (struct span){ usage, MESSAGE_API_USAGE + 1 }));
    assert_false(PASSES(ok, api_usage, (struct span){ "1\0", 2 }));
    assert_false(PASSES(ok, ran_us, -1));
#undef PASSES
    free(big);
}

static bool call_passes(struct message_call m)
{
    struct buf rest, b;
    struct frame f;
    struct message_call got;
    bool bad;
    buf_init(&rest, MESSAGE_CALL_REST);
    buf_init(&b, LIMIT_FRAME + FRAME_HEAD);
    bool ok = message_call_prepare(&rest, &m);
    if (ok) /* what could be prepared can be written, and is not above what is read */
        assert_true(message_call_write(&b, NUMBER, false, (struct span){ rest.p, rest.n }) &&
                    frame_peek((struct span){ b.p, b.n }, LIMIT_FRAME, &f, &bad));
    ok = ok && message_call_read(&f, &got);
    buf_free(&rest);
    buf_free(&b);
    return ok;
}

static void a_call_has_bounds(void **state)
{
    (void)state;
    char *big = calloc(1, LIMIT_FRAME), text[LIMIT_ACCESS_TOKEN];
    struct message_call ok = { .request_id = span_of("id"), .body = span_of("{}") }, m;
    memset(text, 'a', sizeof text);
#define PASSES(member, ...) (m = ok, m.member = (__VA_ARGS__), call_passes(m))
    assert_true(call_passes(ok));
    assert_false(PASSES(action, -1) || PASSES(deadline_ms, -1) || PASSES(now, -1));
    assert_true(PASSES(request_id, (struct span){ text, LIMIT_REQUEST_ID }));
    assert_false(PASSES(request_id, (struct span){ text, LIMIT_REQUEST_ID + 1 }));
    assert_true(PASSES(traceparent, (struct span){ text, MESSAGE_TRACEPARENT }));
    assert_false(PASSES(traceparent, (struct span){ text, MESSAGE_TRACEPARENT + 1 }));
    const struct org_session *none = NULL;
    assert_true(PASSES(org.id, (struct span){ text, sizeof none->id - 1 }));
    assert_false(PASSES(org.id, (struct span){ text, sizeof none->id }));
    assert_false(PASSES(org.url, (struct span){ text, sizeof none->url }));
    assert_false(PASSES(org.api_version, (struct span){ text, sizeof none->api_version }));
    assert_false(PASSES(org.user_id, (struct span){ text, sizeof none->user_id }));
    assert_false(PASSES(org.username, (struct span){ text, sizeof none->username }));
    assert_false(PASSES(org.token, (struct span){ text, sizeof none->token }));
    assert_false(PASSES(org.token, (struct span){ "a\0b", 3 }) || PASSES(org.url, (struct span){ "\0", 1 }));
    size_t others = 0; /* what all but the body takes */
    struct buf rest;
    buf_init(&rest, MESSAGE_CALL_REST);
    m = ok;
    m.body.n = 0;
    assert_true(message_call_prepare(&rest, &m));
    others = rest.n;
    buf_free(&rest);
    assert_true(PASSES(body, (struct span){ big, MESSAGE_CALL_REST - others }));
    assert_false(PASSES(body, (struct span){ big, MESSAGE_CALL_REST - others + 1 }));
#undef PASSES
    free(big);
}

static bool authorization_passes(bool granted, int64_t status)
{
    struct buf b;
    struct frame f;
    struct message_authorization_answer got, m = { .granted = granted, .status = status };
    bool bad;
    buf_init(&b, LIMIT_FRAME);
    assert_true(message_authorization_answer_write(&b, NUMBER, &m));
    assert_true(frame_peek((struct span){ b.p, b.n }, LIMIT_FRAME, &f, &bad));
    bool ok = message_authorization_answer_read(&f, &got);
    buf_free(&b);
    return ok;
}

static void an_authorization_is_granted_or_not(void **state)
{
    (void)state;
    assert_true(authorization_passes(true, 0) && authorization_passes(false, 400) && authorization_passes(false, 599));
    assert_false(authorization_passes(true, 503) || authorization_passes(false, 0) || authorization_passes(false, 399));
    assert_false(authorization_passes(false, 600) || authorization_passes(true, -1));
}

/* A flag is 0 or 1, so that a message has one spelling. */
static void a_flag_is_yes_or_no(void **state)
{
    (void)state;
    for (int64_t v = -1; v <= 2; v++) {
        struct frame f = { FRAME_BREAKER_ANSWER, NUMBER, { (const char *)&v, sizeof v } };
        struct message_breaker_answer m;
        assert_int_equal(message_breaker_answer_read(&f, &m), v == 0 || v == 1);
        if (v == 0 || v == 1)
            assert_int_equal(m.allowed, v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_has_bounds),
        cmocka_unit_test(a_call_has_bounds),
        cmocka_unit_test(an_authorization_is_granted_or_not),
        cmocka_unit_test(a_flag_is_yes_or_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
