/* test_group.c - when a transaction is taken for complete. */
#include "tests/unit/check.h"

#include "runtime/inbox/group.h"

static char keys[8][INBOX_KEY + 1];

static void add(struct groups *g, const char *key, int ids, int64_t now)
{
    groups_add(g, span_of(key), ids, now);
}

/* The keys that are due, joined. */
static const char *due(const struct groups *g, int64_t now)
{
    static char all[600];
    all[0] = '\0';
    size_t n = groups_due(g, now, keys, 8);
    for (size_t i = 0, at = 0; i < n; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%s", i ? " " : "", keys[i]);
    return all;
}

static void quiet_ends_a_transaction(void **state)
{
    (void)state;
    struct groups *g = groups_new();
    assert_int_equal(groups_timeout_ms(g, 0), -1);
    add(g, "a", 1, 1000);
    assert_string_equal(due(g, 1249), "");
    assert_int_equal(groups_timeout_ms(g, 1200), 50);
    add(g, "a", 1, 1240); /* it goes on */
    assert_string_equal(due(g, 1489), "");
    assert_string_equal(due(g, 1490), "a");
    groups_closed(g, "a");
    assert_int_equal(groups_open(g), 0);
    groups_free(g);
}

static void a_later_transaction_ends_it_sooner(void **state)
{
    (void)state;
    struct groups *g = groups_new();
    add(g, "a", 1, 1000);
    add(g, "b", 1, 1100);
    assert_string_equal(due(g, 1149), "");
    assert_string_equal(due(g, 1150), "a");
    add(g, "a", 1, 1149); /* but not when it goes on meanwhile */
    assert_string_equal(due(g, 1150), "");
    assert_string_equal(due(g, 1199), "b");
    groups_closed(g, "b");
    assert_string_equal(due(g, 1398), "");
    assert_string_equal(due(g, 1399), "a");
    groups_free(g);
}

static void age_and_size_end_it_too(void **state)
{
    (void)state;
    struct groups *g = groups_new();
    for (int64_t now = 1000; now < 2900; now += 100)
        add(g, "a", 1, now);
    assert_string_equal(due(g, 2950), "");
    add(g, "a", 1, 2950);
    assert_string_equal(due(g, 3000), "a");
    add(g, "b", 1999, 3000);
    assert_string_equal(due(g, 3000), "a");
    add(g, "b", 1, 3000);
    assert_string_equal(due(g, 3000), "a b");
    add(g, "c", 100000, 3000);
    assert_string_equal(due(g, 3001), "a b c");
    groups_free(g);
}

static void what_was_refused_is_left_alone_for_a_while(void **state)
{
    (void)state;
    struct groups *g = groups_new();
    add(g, "a", 2000, 1000);
    add(g, "b", 2000, 1000);
    groups_put_off(g, "a", 2000);
    assert_string_equal(due(g, 1999), "b");
    groups_closed(g, "b");
    assert_int_equal(groups_timeout_ms(g, 1500), 500);
    assert_string_equal(due(g, 2000), "a");
    groups_free(g);
}

static void too_many_open_ones_end_the_oldest(void **state)
{
    (void)state;
    struct groups *g = groups_new();
    for (int i = 0; i <= GROUPS_OPEN; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        add(g, key, 1, 1000);
    }
    assert_string_equal(due(g, 1000), "k0");
    groups_closed(g, "k0");
    assert_string_equal(due(g, 1000), "");
    groups_closed(g, "k4096"); /* the last one */
    add(g, "new", 1, 1010);
    assert_int_equal(groups_open(g), GROUPS_OPEN);
    groups_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet_ends_a_transaction),
        cmocka_unit_test(a_later_transaction_ends_it_sooner),
        cmocka_unit_test(age_and_size_end_it_too),
        cmocka_unit_test(what_was_refused_is_left_alone_for_a_while),
        cmocka_unit_test(too_many_open_ones_end_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
