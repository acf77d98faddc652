/* test_subscription.c - a subscription step by step, with a clock, a server and a ground that do what a test says. */
#include "tests/unit/events/pubsub_kit.h"

#include "runtime/events/subscription_parts.h"

static void events_come_and_more_is_asked_for(void **state)
{
    (void)state;
    open_stream();
    server_send_events(1, 40);
    turns();
    assert_int_equal(w.events, 40);
    assert_int_equal(w.schemas, 1);
    assert_int_equal(w.asked, 100); /* sixty are still to come */
    give_kept(GROUND_KEPT);
    turns();
    assert_int_equal(w.asked, 100);
    server_send_events(41, 20);
    turns();
    assert_int_equal(w.asked, 160); /* one batch is not kept yet, and forty were to come */
    server_send_events(61, 60);
    turns();
    assert_int_equal(w.events, 120);
    assert_int_equal(w.asked, 160); /* two are not */
    give_kept(GROUND_KEPT);
    turns();
    assert_int_equal(w.asked, 220);
    assert_int_equal(w.schemas, 1);
}

/* Two batches at most are without an answer; what comes beyond waits, and so does the server when its window is full.
 */
static void the_inbox_sets_the_pace(void **state)
{
    (void)state;
    open_stream();
    for (int i = 0; i < 5; i++)
        server_send_events(10 * i + 1, 10);
    turns();
    assert_int_equal(w.batches, 2);
    assert_int_equal(w.events, 20);
    for (int i = 3; i <= 5; i++) {
        give_kept(GROUND_KEPT);
        turns();
        assert_int_equal(w.batches, i);
    }
    assert_int_equal(w.events, 50);
}

/* Where the way to the inbox is full, a batch waits with all that is behind it. */
static void a_batch_that_is_not_taken_is_offered_again(void **state)
{
    (void)state;
    open_stream();
    w.keep_refuses = 3;
    server_send_events(1, 10);
    server_send_events(11, 10);
    turns();
    assert_int_equal(w.events, 20);
    assert_int_equal(w.batches, 2);
    assert_int_equal(w.dials, 1);
}

static void a_silent_stream_is_given_up(void **state)
{
    (void)state;
    open_stream();
    server_send_events(1, 1);
    turns();
    give_kept(GROUND_KEPT);
    later(SUBSCRIPTION_SILENT_MS - 1000);
    assert_int_equal(w.dials, 1);
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_HEARS);
    later(2000);
    assert_null(w.dial);
    later(3000);
    assert_int_equal(w.sessions, 2);
    open_stream();
    assert_int_equal(w.preset, EVENTBUS__V1__REPLAY_PRESET__CUSTOM);
    assert_int_equal(w.claims, 1); /* the lease was held all the while */
}

static void a_silent_connection_is_asked_and_given_up(void **state)
{
    (void)state;
    open_stream();
    later(GRPC_PING_MS - 1000);
    assert_int_equal(w.pings, 0);
    later(2000);
    assert_true(w.pings > 0);
    assert_int_equal(w.dials, 1); /* it has answered */
    assert_non_null(w.dial);
    w.deaf = true;
    turns();
    assert_non_null(w.dial);
    later(GRPC_PONG_MS);
    assert_null(w.dial);
}

/* A lease that is somebody else's by now: not a byte more is read under it. */
static void a_lost_lease_ends_the_stream(void **state)
{
    (void)state;
    w.renews_by_hand = true;
    open_stream();
    later(SUBSCRIPTION_RENEWAL_MS);
    assert_int_equal(w.renewals, 1);
    give_lease(GROUND_HELD);
    later(SUBSCRIPTION_RENEWAL_MS);
    give_lease(GROUND_OTHERS);
    turns();
    assert_null(w.dial);
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_STANDS_BY);
    later(SUBSCRIPTION_RENEWAL_MS + 10);
    give_session();
    give_lease(GROUND_OTHERS);
    turns();
    assert_int_equal(w.claims, 2);
    assert_int_equal(w.dials, 1);
    later(SUBSCRIPTION_RENEWAL_MS + 10);
    give_session();
    give_lease(GROUND_HELD);
    turns();
    assert_int_equal(w.dials, 2);
}

static void a_renewal_without_an_answer_of_the_database_changes_nothing(void **state)
{
    (void)state;
    w.renews_by_hand = true;
    open_stream();
    later(SUBSCRIPTION_RENEWAL_MS);
    give_lease(GROUND_UNKNOWN);
    turns();
    assert_non_null(w.dial);
    assert_int_equal(w.dials, 1);
}

/* "From now on" is said once: a second now would be a later one. */
static void the_latest_is_asked_for_once(void **state)
{
    (void)state;
    w.lease.position = GROUND_LATEST;
    open_stream();
    assert_int_equal(w.preset, EVENTBUS__V1__REPLAY_PRESET__LATEST);
    server_end(w.subscribe);
    turns();
    later(3000);
    w.lease.position = GROUND_EARLIEST;
    open_stream();
    assert_int_equal(w.claims, 2); /* whoever keeps positions was asked */
    assert_int_equal(w.preset, EVENTBUS__V1__REPLAY_PRESET__EARLIEST);
}

/* What was handed on is answered before the next try, which begins behind it. */
static void the_end_waits_for_what_was_handed_on(void **state)
{
    (void)state;
    open_stream();
    server_send_events(1, 10);
    turns();
    w.dial->cut = true;
    turns();
    assert_null(w.dial);
    later(60000);
    assert_int_equal(w.sessions, 1);
    give_kept(GROUND_KEPT);
    later(3000);
    assert_int_equal(w.sessions, 2);
    open_stream();
    assert_int_equal(w.preset, EVENTBUS__V1__REPLAY_PRESET__CUSTOM);
}

static void what_was_not_kept_begins_with_a_claim(void **state)
{
    (void)state;
    open_stream();
    server_send_events(1, 10);
    server_send_events(11, 10);
    turns();
    assert_int_equal(w.kept_open, 2);
    give_kept(GROUND_AGAIN);
    turns();
    assert_null(w.dial);
    later(4100);
    assert_int_equal(w.sessions, 2);
    open_stream();
    assert_int_equal(w.claims, 2);
    server_send_events(1, 10);
    turns();
    give_kept(GROUND_REFUSED); /* of the stream before: it says nothing any more */
    turns();
    assert_non_null(w.dial);
    give_kept(GROUND_REFUSED);
    turns();
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_STANDS_BY);
}

static void a_lost_ground_begins_with_a_claim(void **state)
{
    (void)state;
    open_stream();
    server_send_events(1, 10);
    turns();
    subscription_on_ground_lost(w.s);
    assert_null(w.dial);
    give_kept(GROUND_KEPT); /* an answer that was on its way */
    later(SUBSCRIPTION_WAIT_MS + 10);
    open_stream();
    assert_int_equal(w.claims, 2);
}

static void a_drain_waits_and_gives_the_lease_back(void **state)
{
    (void)state;
    open_stream();
    server_send_events(1, 10);
    turns();
    subscription_drain(w.s);
    turns();
    assert_null(w.dial);
    assert_int_equal(w.releases, 0);
    give_kept(GROUND_KEPT);
    turns();
    assert_int_equal(w.releases, 1);
    assert_int_not_equal(subscription_now(w.s), SUBSCRIPTION_ENDED);
    give_lease(GROUND_OTHERS);
    turns();
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_ENDED);
    later(100000);
    assert_int_equal(w.sessions, 1);
}

static void a_drain_whose_ground_is_lost_ends(void **state)
{
    (void)state;
    open_stream();
    server_send_events(1, 10);
    turns();
    subscription_drain(w.s);
    subscription_on_ground_lost(w.s);
    turns();
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_ENDED);
}

/* Heads of messages that no server of ours should send. */
static void heads_that_are_not_believed(void **state)
{
    static const char *const heads[] = { "\1\0\0\0\1x", "\0\0\x40\0\1x", "\0\xff\xff\xff\xffx" };
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        open_stream();
        assert_true(buf_add(&w.bodies[w.subscribe % 16], heads[i], 6));
        nghttp2_session_resume_data(w.dial->server, w.subscribe);
        turns();
        assert_null(w.dial);
        later(60100);
    }
}

static void what_is_no_response_is_reported(void **state)
{
    (void)state;
    open_stream();
    server_say(w.subscribe, "\xff\xff\xff", 3);
    turns();
    assert_null(w.dial);
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_FAILS);
    later(10000);
    assert_int_equal(w.sessions, 1); /* not before 15 s */
    later(60000);
    assert_int_equal(w.sessions, 2);
}

/* A few bytes that stand for a large object: two million events of nothing. */
static void a_response_that_unfolds_is_refused(void **state)
{
    (void)state;
    char *message = malloc(GRPC_MESSAGE);
    for (size_t i = 0; i + 1 < GRPC_MESSAGE; i += 2) {
        message[i] = 1 << 3 | 2;
        message[i + 1] = 0;
    }
    assert_null(pubsub_fetch_read((struct span){ message, GRPC_MESSAGE }));
    free(message);
}

/* What a database would refuse as a text would stop the stream for ever. */
static void ids_and_words_are_texts(void **state)
{
    static const struct {
        const char *id, *want;
    } rows[] = { { "0a1b-2c", "0a1b-2c" }, { "\xff\xfe", "" }, { "a b", "" }, { "a\nb", "" }, { "\xc3\xa9", "" } };
    (void)state;
    open_stream();
    for (size_t i = 0; i < COUNT(rows); i++) {
        w.id = rows[i].id;
        server_send_events((int)i + 1, 1);
        turns();
        assert_string_equal(w.last_id, rows[i].want);
        give_kept(GROUND_KEPT);
    }
    static const struct policy report = { NULL, 0, POLICY_REPORT, NULL };
    subscription_stop(w.s, &report, "no\xffsuch\ntopic");
    later(SUBSCRIPTION_RENEWAL_MS);
    assert_string_equal(w.reason, "no?such?topic");
}

static void a_session_that_is_refused_is_told(void **state)
{
    (void)state;
    turns();
    w.session_open = false;
    subscription_on_session(w.s, w.session_round + 1, NULL, "not this one");
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_BEGINS);
    subscription_on_session(w.s, w.session_round, NULL, "no such connection");
    assert_int_equal(subscription_now(w.s), SUBSCRIPTION_FAILS);
    assert_int_equal(w.claims, 0);
    later(60100);
    assert_int_equal(w.sessions, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(events_come_and_more_is_asked_for),
        TEST(the_inbox_sets_the_pace),
        TEST(a_batch_that_is_not_taken_is_offered_again),
        TEST(a_silent_stream_is_given_up),
        TEST(a_silent_connection_is_asked_and_given_up),
        TEST(a_lost_lease_ends_the_stream),
        TEST(a_renewal_without_an_answer_of_the_database_changes_nothing),
        TEST(the_latest_is_asked_for_once),
        TEST(the_end_waits_for_what_was_handed_on),
        TEST(what_was_not_kept_begins_with_a_claim),
        TEST(a_lost_ground_begins_with_a_claim),
        TEST(a_drain_waits_and_gives_the_lease_back),
        TEST(a_drain_whose_ground_is_lost_ends),
        TEST(heads_that_are_not_believed),
        TEST(what_is_no_response_is_reported),
        TEST(a_response_that_unfolds_is_refused),
        TEST(ids_and_words_are_texts),
        TEST(a_session_that_is_refused_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
