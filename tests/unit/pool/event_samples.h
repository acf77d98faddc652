/* event_samples.h - samples of the messages between listener and jobs process, for test_messages.c, which includes it
 * behind its own helpers. */
#ifndef TESTS_EVENT_SAMPLES_H
#define TESTS_EVENT_SAMPLES_H

static bool write_subscription_question(struct buf *out)
{
    const struct message_subscription_question m = { .what = SUBSCRIPTION_RENEW,
                                                     .connection = span_of("Sales"),
                                                     .topic = span_of("/data/OpportunityChangeEvent"),
                                                     .org = span_of("00Dxx0000000000EAA"),
                                                     .fence = 7,
                                                     .state = SUBSCRIPTION_FAILED,
                                                     .reason = span_of("there is no such topic"),
                                                     .received = 20000,
                                                     .unreadable = 3,
                                                     .reconnects = 4,
                                                     .waiting = 100 };
    return message_subscription_question_write(out, NUMBER, &m);
}

static bool read_subscription_question(const struct frame *f)
{
    struct message_subscription_question m;
    if (!message_subscription_question_read(f, &m))
        return false;
    assert_int_equal(m.what, SUBSCRIPTION_RENEW);
    assert_span(m.connection, "Sales");
    assert_span(m.topic, "/data/OpportunityChangeEvent");
    assert_span(m.org, "00Dxx0000000000EAA");
    assert_int_equal(m.fence, 7);
    assert_int_equal(m.state, SUBSCRIPTION_FAILED);
    assert_span(m.reason, "there is no such topic");
    assert_int_equal(m.received, 20000);
    assert_int_equal(m.unreadable, 3);
    assert_int_equal(m.reconnects, 4);
    assert_int_equal(m.waiting, 100);
    return true;
}

static bool write_subscription_answer(struct buf *out)
{
    const struct message_subscription_answer m = { LEASE_HELD, 8, POSITION_AFTER, { "\0\1\2", 3 } };
    return message_subscription_answer_write(out, NUMBER, &m);
}

static bool read_subscription_answer(const struct frame *f)
{
    struct message_subscription_answer m;
    if (!message_subscription_answer_read(f, &m))
        return false;
    assert_int_equal(m.lease, LEASE_HELD);
    assert_int_equal(m.fence, 8);
    assert_int_equal(m.position, POSITION_AFTER);
    assert_spans(m.replay_id, (struct span){ "\0\1\2", 3 });
    return true;
}

static bool write_events(struct buf *out)
{
    const struct message_events m = { .connection = span_of("Sales"),
                                      .topic = span_of("/event/Order__e"),
                                      .org = span_of("00Dxx0000000000EAA"),
                                      .fence = 8,
                                      .count = 2,
                                      .latest = { "\0\3", 2 },
                                      .events = span_of("packed") };
    return message_events_write(out, NUMBER, &m);
}

static bool read_events(const struct frame *f)
{
    struct message_events m;
    if (!message_events_read(f, &m))
        return false;
    assert_span(m.connection, "Sales");
    assert_span(m.topic, "/event/Order__e");
    assert_span(m.org, "00Dxx0000000000EAA");
    assert_int_equal(m.fence, 8);
    assert_int_equal(m.count, 2);
    assert_spans(m.latest, (struct span){ "\0\3", 2 });
    assert_span(m.events, "packed");
    return true;
}

static bool write_events_answer(struct buf *out)
{
    return message_events_answer_write(out, NUMBER, &(struct message_events_answer){ EVENTS_KEPT, 98, 2 });
}

static bool read_events_answer(const struct frame *f)
{
    struct message_events_answer m;
    if (!message_events_answer_read(f, &m))
        return false;
    assert_int_equal(m.result, EVENTS_KEPT);
    assert_int_equal(m.kept, 98);
    assert_int_equal(m.duplicates, 2);
    return true;
}

/* What no jobs process says: a lease without a fence, a position without a replay id, a replay id without a lease. */
static void a_lease_makes_sense(void **state)
{
    static const struct message_subscription_answer wrong[] = {
        { LEASE_HELD, 0, POSITION_LATEST, { "", 0 } },    { LEASE_HELD, 1, POSITION_AFTER, { "", 0 } },
        { LEASE_HELD, 1, POSITION_EARLIEST, { "x", 1 } }, { LEASE_OTHERS, 1, POSITION_LATEST, { "", 0 } },
        { LEASE_UNKNOWN, 0, POSITION_AFTER, { "x", 1 } },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct buf b;
        struct frame f;
        struct message_subscription_answer m;
        bool bad;
        buf_init(&b, LIMIT_FRAME);
        assert_true(message_subscription_answer_write(&b, NUMBER, &wrong[i]));
        assert_true(frame_peek((struct span){ b.p, b.n }, LIMIT_FRAME, &f, &bad));
        assert_false(message_subscription_answer_read(&f, &m));
        buf_free(&b);
    }
}

static void events_have_a_position(void **state)
{
    const struct message_events nowhere = { .fence = 1 };
    struct buf b;
    struct frame f;
    struct message_events m;
    bool bad;
    (void)state;
    buf_init(&b, LIMIT_FRAME);
    assert_true(message_events_write(&b, NUMBER, &nowhere));
    assert_true(frame_peek((struct span){ b.p, b.n }, LIMIT_FRAME, &f, &bad));
    assert_false(message_events_read(&f, &m));
    buf_free(&b);
}

#endif
