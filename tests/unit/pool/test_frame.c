/* test_frame.c - heads and fields: what is written is read again, and nothing is read beyond what is there. */
#include "tests/unit/check.h"

#include "runtime/pool/frame.h"

enum { MOST = 1000 };

static struct span held(const struct buf *b)
{
    return (struct span){ b->p, b->n };
}

/* Three fields in one frame. */
static void one_frame(struct buf *b, enum frame_kind kind, uint64_t call)
{
    size_t at = frame_begin(b, kind, call);
    frame_field(b, span_of("abc"));
    frame_number(b, -5);
    frame_field(b, span_of(""));
    assert_true(frame_end(b, at));
}

static void frames_follow_each_other(void **state)
{
    (void)state;
    struct buf b;
    struct frame f;
    struct span field;
    int64_t v;
    bool bad;
    buf_init(&b, MOST);
    one_frame(&b, FRAME_CALL, 7);
    one_frame(&b, FRAME_KINDS - 1, UINT64_MAX);
    struct span in = held(&b);
    for (int i = 0; i < 2; i++) {
        assert_true(frame_peek(in, MOST, &f, &bad));
        assert_false(bad);
        assert_int_equal(f.kind, i ? FRAME_KINDS - 1 : FRAME_CALL);
        assert_true(f.call == (i ? UINT64_MAX : 7));
        in = (struct span){ in.p + FRAME_HEAD + f.payload.n, in.n - FRAME_HEAD - f.payload.n };
        assert_true(frame_take(&f.payload, &field));
        assert_span(field, "abc");
        assert_true(frame_take_number(&f.payload, &v));
        assert_int_equal(v, -5);
        assert_true(frame_take(&f.payload, &field));
        assert_int_equal(field.n, 0);
        assert_int_equal(f.payload.n, 0);
        assert_false(frame_take(&f.payload, &field));
        assert_false(frame_take_number(&f.payload, &v));
    }
    assert_int_equal(in.n, 0);
    buf_free(&b);
}

static void a_frame_is_there_when_its_last_byte_is(void **state)
{
    (void)state;
    struct buf b;
    struct frame f;
    bool bad;
    buf_init(&b, MOST);
    one_frame(&b, FRAME_REPLY, 1);
    for (size_t n = 0; n <= b.n; n++) {
        char *part = malloc(n + 1); /* a copy of its own, so that a sanitizer sees a byte too many */
        memcpy(part, b.p, n);
        assert_int_equal(frame_peek((struct span){ part, n }, MOST, &f, &bad), n == b.n);
        assert_false(bad);
        free(part);
    }
    buf_free(&b);
}

static void no_frame_begins_like_this(void **state)
{
    (void)state;
    static const uint32_t heads[][2] = {
        /* length, kind */
        { MOST + 1, FRAME_CALL }, { UINT32_MAX, FRAME_CALL }, { 0, 0 },
        { 0, FRAME_KINDS },       { 0, UINT32_MAX },          { 0, 0x10000 | FRAME_CALL }
    };
    struct frame f;
    bool bad;
    for (size_t i = 0; i < COUNT(heads); i++) {
        char head[FRAME_HEAD] = { 0 };
        memcpy(head, heads[i], sizeof heads[i]);
        assert_false(frame_peek((struct span){ head, sizeof head }, MOST, &f, &bad));
        assert_true(bad);
    }
    /* the longest that there may be is awaited */
    char head[FRAME_HEAD] = { 0 };
    memcpy(head, (const uint32_t[]){ MOST, FRAME_CALL }, 8);
    assert_false(frame_peek((struct span){ head, sizeof head }, MOST, &f, &bad));
    assert_false(bad);
}

static void a_field_ends_within_its_payload(void **state)
{
    (void)state;
    const uint32_t lengths[] = { 4, 5, UINT32_MAX, UINT32_MAX - 3 };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char *p = malloc(8);
        memcpy(p, &lengths[i], 4);
        memset(p + 4, 'a', 4);
        struct span payload = { p, 8 }, field;
        assert_int_equal(frame_take(&payload, &field), lengths[i] == 4);
        assert_int_equal(payload.n, lengths[i] == 4 ? 0 : 8);
        free(p);
    }
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, FRAME_HEAD + 4 + 3);
    size_t at = frame_begin(&b, FRAME_CALL, 1);
    frame_field(&b, span_of("abc"));
    assert_true(frame_end(&b, at));
    buf_free(&b);
    buf_init(&b, FRAME_HEAD + 4 + 3);
    at = frame_begin(&b, FRAME_CALL, 1);
    frame_field(&b, span_of("abcd"));
    assert_false(frame_end(&b, at));
    buf_free(&b);
    buf_init(&b, FRAME_HEAD - 1);
    assert_false(frame_end(&b, frame_begin(&b, FRAME_CALL, 1)));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_follow_each_other),  cmocka_unit_test(a_frame_is_there_when_its_last_byte_is),
        cmocka_unit_test(no_frame_begins_like_this), cmocka_unit_test(a_field_ends_within_its_payload),
        cmocka_unit_test(what_does_not_fit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
