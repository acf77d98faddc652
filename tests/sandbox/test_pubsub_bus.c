/* test_pubsub_bus.c - topics, positions and replay ids of an event bus. */
#include "tests/sandbox/events_fixture.h"

#define JOBS "/event/Action_Job__e"

static void publish(int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(call("POST", "sobjects/Action_Job__e", "{\"JobId__c\":\"j\"}"), 201);
}

static enum topic_answer ask(const char *name)
{
    struct topic t;
    struct org_user user;
    assert_true(org_find_user(org, as_user, &user));
    return bus_topic(bus, org, user.id, name, &t);
}

static void topics_that_there_are(void **state)
{
    (void)state;
    assert_int_equal(ask("/data/OpportunityChangeEvent"), TOPIC_FOUND);
    assert_int_equal(ask("/data/Flight__ChangeEvent"), TOPIC_FOUND);
    assert_int_equal(ask("/data/ChangeEvents"), TOPIC_FOUND);
    assert_int_equal(ask("/event/Action_Job__e"), TOPIC_FOUND);
    assert_int_equal(ask(""), TOPIC_EMPTY);
    assert_int_equal(ask("/data/NothingChangeEvent"), TOPIC_NONE);
    assert_int_equal(ask("/data/Action_Job__e"), TOPIC_NONE);
    assert_int_equal(ask("/event/OpportunityChangeEvent"), TOPIC_NONE);
    assert_int_equal(ask("OpportunityChangeEvent"), TOPIC_NONE);
    as_user = "limited@example.com"; /* who does not see Opportunities */
    assert_int_equal(ask("/data/AccountChangeEvent"), TOPIC_FOUND);
    assert_int_equal(ask("/data/OpportunityChangeEvent"), TOPIC_FORBIDDEN);
    assert_int_equal(ask("/data/ChangeEvents"), TOPIC_FORBIDDEN);
}

static void replay_ids_have_holes(void **state)
{
    (void)state;
    struct topic t = topic_of(JOBS);
    struct taken taken[10];
    uint64_t at = bus_latest(bus), numbers[3];
    publish(3);
    assert_int_equal(bus_take(bus, &t, &at, 10, 1 << 20, taken), 3);
    for (int i = 0; i < 3; i++) {
        numbers[i] = 0;
        for (int k = 0; k < REPLAY_ID_SIZE; k++)
            numbers[i] = numbers[i] << 8 | taken[i].replay_id[k];
    }
    assert_true(numbers[0] < numbers[1] && numbers[1] < numbers[2]);
    assert_true(numbers[1] - numbers[0] > 1 && numbers[2] - numbers[1] > 1);
    assert_true(numbers[2] < (uint64_t)1 << 53); /* clients keep them in a double */
    uint64_t back;
    assert_true(bus_position(bus, taken[1].replay_id, REPLAY_ID_SIZE, &back));
    struct taken again[10];
    assert_int_equal(bus_take(bus, &t, &back, 10, 1 << 20, again), 1);
    assert_memory_equal(again[0].replay_id, taken[2].replay_id, REPLAY_ID_SIZE);
    assert_string_equal(again[0].uuid, taken[2].uuid);
    taken_free(again, 1);
    taken_free(taken, 3);
}

static void a_foreign_replay_id_is_none(void **state)
{
    (void)state;
    uint8_t id[REPLAY_ID_SIZE], wrong[REPLAY_ID_SIZE];
    uint64_t back;
    publish(1);
    bus_replay_id(bus, bus_latest(bus), id);
    assert_true(bus_position(bus, id, sizeof id, &back));
    assert_false(bus_position(bus, id, sizeof id - 1, &back));
    memcpy(wrong, id, sizeof wrong);
    wrong[REPLAY_ID_SIZE - 1] ^= 1;
    assert_false(bus_position(bus, wrong, sizeof wrong, &back));
    bus_replay_id(bus, bus_latest(bus) + 1, wrong); /* not yet given out */
    assert_false(bus_position(bus, wrong, sizeof wrong, &back));
    memset(wrong, 0, sizeof wrong);
    assert_false(bus_position(bus, wrong, sizeof wrong, &back));
    struct bus *other = bus_new(no_wake, NULL);
    assert_false(bus_position(other, id, sizeof id, &back));
    bus_free(other);
}

static void events_are_kept_for_72_hours(void **state)
{
    (void)state;
    const int64_t hour = 3600000;
    uint8_t before[REPLAY_ID_SIZE], behind[REPLAY_ID_SIZE];
    uint64_t back;
    bus_replay_id(bus, bus_latest(bus), before);
    publish(2);
    bus_replay_id(bus, bus_latest(bus), behind);
    bus_age(bus, 71 * hour);
    publish(1);
    assert_true(bus_position(bus, before, sizeof before, &back));
    position = bus_earliest(bus);
    assert_int_equal(hear(JOBS), 3);
    bus_age(bus, 2 * hour);
    assert_false(bus_position(bus, before, sizeof before, &back));
    assert_false(bus_position(bus, behind, sizeof behind, &back));
    position = bus_earliest(bus);
    assert_int_equal(hear(JOBS), 1);
}

static void a_mark_hides_nothing(void **state)
{
    (void)state;
    struct topic t = topic_of(JOBS);
    uint64_t at = bus_latest(bus), was = at;
    publish(1);
    assert_false(bus_mark(bus, &t, &at)); /* there is something to take */
    assert_int_equal(at, was);
    struct topic other = topic_of("/data/ChangeEvents");
    assert_true(bus_mark(bus, &other, &at));
    assert_true(at > bus_latest(bus) - 1);
    uint8_t id[REPLAY_ID_SIZE];
    uint64_t back;
    bus_replay_id(bus, at, id);
    assert_true(bus_position(bus, id, sizeof id, &back));
    assert_int_equal(back, at);
}

static void a_reset_keeps_positions(void **state)
{
    (void)state;
    uint8_t id[REPLAY_ID_SIZE];
    publish(2);
    bus_replay_id(bus, bus_latest(bus), id);
    assert_true(org_reset(org));
    bus_reset(bus, org);
    publish(1);
    assert_true(bus_position(bus, id, sizeof id, &position));
    assert_int_equal(hear(JOBS), 1);
    bus_lose_positions(bus);
    uint64_t back;
    assert_false(bus_position(bus, id, sizeof id, &back));
    publish(1);
    bus_replay_id(bus, bus_latest(bus), id);
    assert_true(bus_position(bus, id, sizeof id, &back));
}

static void an_answer_has_a_ceiling(void **state)
{
    (void)state;
    struct topic t = topic_of(JOBS);
    struct taken taken[10];
    uint64_t at = bus_latest(bus);
    publish(5);
    assert_int_equal(bus_take(bus, &t, &at, 2, 1 << 20, taken), 2);
    taken_free(taken, 2);
    assert_int_equal(bus_take(bus, &t, &at, 10, 1, taken), 1); /* one at least */
    taken_free(taken, 1);
    assert_int_equal(bus_take(bus, &t, &at, 10, 1 << 20, taken), 2);
    taken_free(taken, 2);
    assert_int_equal(bus_take(bus, &t, &at, 10, 1 << 20, taken), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(topics_that_there_are, events_reset),
        cmocka_unit_test_setup(replay_ids_have_holes, events_reset),
        cmocka_unit_test_setup(a_foreign_replay_id_is_none, events_reset),
        cmocka_unit_test_setup(events_are_kept_for_72_hours, events_reset),
        cmocka_unit_test_setup(a_mark_hides_nothing, events_reset),
        cmocka_unit_test_setup(a_reset_keeps_positions, events_reset),
        cmocka_unit_test_setup(an_answer_has_a_ceiling, events_reset),
    };
    return cmocka_run_group_tests(tests, events_open, events_close);
}
