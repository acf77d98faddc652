/* test_event_pack.c - events as bytes and back: every member, what does not fit, what is cut or out of bounds. */
#include "tests/unit/check.h"

#include "runtime/events/event_pack.h"

static struct event sample(void)
{
    return (struct event){ .id = span_of("0a1b"),
                           .replay_id = { "\0\0\7", 3 },
                           .schema_id = span_of("schema"),
                           .header = { .change = EVENT_GAP_OVERFLOW,
                                       .entity = span_of("Opportunity"),
                                       .transaction_key = span_of("0005a"),
                                       .sequence = 3,
                                       .commit_ms = 1795000000123,
                                       .commit_number = 11000000001,
                                       .commit_user = span_of("005xx0000000001AAA"),
                                       .change_origin = span_of("com/salesforce/api/rest/62.0;client=x"),
                                       .record_ids = span_of("[\"006\"]"),
                                       .changed = span_of("[\"Amount\"]") },
                           .fields = span_of("{\"Amount\":1}"),
                           .fault = span_of("why") };
}

static void assert_same(const struct event *a, const struct event *b)
{
    assert_span(a->id, "0a1b");
    assert_int_equal(a->replay_id.n, 3);
    assert_memory_equal(a->replay_id.p, b->replay_id.p, 3);
    assert_span(a->schema_id, "schema");
    assert_int_equal(a->header.change, b->header.change);
    assert_span(a->header.entity, "Opportunity");
    assert_span(a->header.transaction_key, "0005a");
    assert_int_equal(a->header.sequence, 3);
    assert_int_equal(a->header.commit_ms, 1795000000123);
    assert_int_equal(a->header.commit_number, 11000000001);
    assert_span(a->header.commit_user, "005xx0000000001AAA");
    assert_span(a->header.change_origin, "com/salesforce/api/rest/62.0;client=x");
    assert_span(a->header.record_ids, "[\"006\"]");
    assert_span(a->header.changed, "[\"Amount\"]");
    assert_span(a->fields, "{\"Amount\":1}");
    assert_span(a->fault, "why");
}

static void events_there_and_back(void **state)
{
    struct event e = sample(), none = { .header.change = EVENT_NO_CHANGE }, got;
    struct buf b;
    (void)state;
    buf_init(&b, 4096);
    assert_true(event_pack(&b, &e) && event_pack(&b, &none) && event_pack(&b, &e));
    struct span rest = { b.p, b.n };
    assert_true(event_unpack(&rest, &got));
    assert_same(&got, &e);
    assert_true(event_unpack(&rest, &got));
    assert_int_equal(got.header.change, EVENT_NO_CHANGE);
    assert_int_equal(got.id.n + got.fields.n + got.fault.n, 0);
    assert_true(event_unpack(&rest, &got));
    assert_same(&got, &e);
    assert_int_equal(rest.n, 0);
    assert_false(event_unpack(&rest, &got));
    buf_free(&b);
}

static void what_does_not_fit_leaves_no_trace(void **state)
{
    struct event e = sample();
    struct buf b;
    (void)state;
    buf_init(&b, 4096);
    assert_true(event_pack(&b, &e));
    size_t one = b.n;
    buf_free(&b);
    buf_init(&b, 2 * one - 1);
    assert_true(event_pack(&b, &e));
    assert_false(event_pack(&b, &e));
    assert_int_equal(b.n, one);
    assert_false(b.failed);
    buf_free(&b);
}

/* Each cut in memory of its own, so that a sanitizer sees a byte that is read beyond. */
static void a_part_of_an_event_is_none(void **state)
{
    struct event e = sample(), got;
    struct buf b;
    (void)state;
    buf_init(&b, 4096);
    assert_true(event_pack(&b, &e));
    for (size_t n = 0; n < b.n; n++) {
        char *part = malloc(n + (n == 0));
        memcpy(part, b.p, n);
        struct span rest = { part, n };
        assert_false(event_unpack(&rest, &got));
        assert_int_equal(rest.n, n);
        free(part);
    }
    buf_free(&b);
}

static void members_keep_to_their_bounds(void **state)
{
    static char longest[EVENT_ORIGIN + 1];
    struct event e = sample(), got;
    struct buf b;
    (void)state;
    memset(longest, 'x', sizeof longest);
    const struct {
        struct span *member;
        size_t most;
    } members[] = {
        { &e.id, EVENT_ID },
        { &e.replay_id, EVENT_REPLAY_ID },
        { &e.schema_id, EVENT_SCHEMA_ID },
        { &e.header.entity, EVENT_NAME },
        { &e.header.transaction_key, EVENT_KEY },
        { &e.header.commit_user, EVENT_NAME },
        { &e.header.change_origin, EVENT_ORIGIN },
        { &e.fault, EVENT_REASON },
    };
    buf_init(&b, 4096);
    for (size_t i = 0; i < COUNT(members); i++)
        for (size_t more = 0; more < 2; more++) {
            e = sample();
            *members[i].member = (struct span){ longest, members[i].most + more };
            buf_wipe(&b);
            assert_true(event_pack(&b, &e));
            struct span rest = { b.p, b.n };
            assert_int_equal(event_unpack(&rest, &got), more == 0);
        }
    e = sample();
    e.header.change = (enum event_change)(EVENT_GAP_OVERFLOW + 1);
    buf_wipe(&b);
    assert_true(event_pack(&b, &e));
    struct span rest = { b.p, b.n };
    assert_false(event_unpack(&rest, &got));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_there_and_back),
        cmocka_unit_test(what_does_not_fit_leaves_no_trace),
        cmocka_unit_test(a_part_of_an_event_is_none),
        cmocka_unit_test(members_keep_to_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
