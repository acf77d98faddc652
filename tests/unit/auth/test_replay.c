/* test_replay.c - the table of spent request ids, the breakers and the cache: all with a clock of the test's. */
#include "tests/unit/check.h"

#include "runtime/auth/replay.h"
#include "runtime/net/breaker.h"
#include "runtime/pool/cache.h"

static void key_of(uint64_t n, unsigned char key[REPLAY_KEY])
{
    char text[64];
    snprintf(text, sizeof text, "%020llu", (unsigned long long)n);
    assert_true(replay_key(span_of("00Dxx0000000000EAA"), span_of(text), key));
}

static enum replay_verdict take(struct replay *r, uint64_t n, int64_t now, int64_t keep)
{
    unsigned char key[REPLAY_KEY];
    key_of(n, key);
    return replay_take(r, key, now, keep);
}

static void a_key_is_spent_until_its_time_has_passed(void **state)
{
    (void)state;
    struct replay *r = replay_new(10);
    assert_int_equal(take(r, 1, 1000, 1300), REPLAY_FRESH);
    assert_int_equal(take(r, 1, 1000, 1300), REPLAY_REPEATED);
    assert_int_equal(take(r, 1, 1300, 1600), REPLAY_REPEATED);
    assert_int_equal(take(r, 1, 1301, 1601), REPLAY_FRESH);
    assert_int_equal(take(r, 1, 1601, 1901), REPLAY_REPEATED);
    assert_int_equal(replay_count(r), 1);
    replay_free(r);
}

static void a_full_table_refuses_and_recovers(void **state)
{
    (void)state;
    struct replay *r = replay_new(100);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(take(r, i, 1000, 1300 + (int64_t)(i % 2)), REPLAY_FRESH);
    assert_int_equal(take(r, 100, 1000, 1300), REPLAY_FULL);
    assert_int_equal(take(r, 99, 1000, 1300), REPLAY_REPEATED); /* still known */
    assert_int_equal(take(r, 100, 1300, 1600), REPLAY_FULL);
    assert_int_equal(take(r, 100, 1301, 1601), REPLAY_FRESH); /* the even half is forgotten */
    assert_int_equal(replay_count(r), 51);
    assert_int_equal(take(r, 1, 1301, 1601), REPLAY_REPEATED);
    assert_int_equal(take(r, 1, 1302, 1602), REPLAY_FRESH);
    replay_free(r);
}

static void times_beyond_one_turn_of_the_wheel_are_kept(void **state)
{
    (void)state;
    struct replay *r = replay_new(10);
    assert_int_equal(take(r, 1, 0, 5000), REPLAY_FRESH);
    for (int64_t t = 1; t <= 5000; t += 7)
        assert_int_equal(take(r, 1, t, t + 1), REPLAY_REPEATED);
    assert_int_equal(take(r, 1, 5000, 5001), REPLAY_REPEATED);
    assert_int_equal(take(r, 1, 5001, 5002), REPLAY_FRESH);
    replay_free(r);
}

static void clocks_may_jump(void **state)
{
    (void)state;
    struct replay *r = replay_new(10);
    assert_int_equal(take(r, 1, 100000, 100300), REPLAY_FRESH);
    assert_int_equal(take(r, 1, 96400, 96700), REPLAY_REPEATED); /* back an hour: nothing is forgotten early */
    assert_int_equal(take(r, 2, 96400, 96700), REPLAY_FRESH);
    assert_int_equal(take(r, 2, 96400, 96700), REPLAY_REPEATED);
    assert_int_equal(take(r, 2, INT64_C(315360000), INT64_C(315360300)), REPLAY_FRESH); /* ten years on */
    assert_int_equal(replay_count(r), 1);
    assert_int_equal(take(r, 3, INT64_C(315360000), 0), REPLAY_FRESH); /* already over: remembered for this second */
    assert_int_equal(take(r, 3, INT64_C(315360000), 0), REPLAY_REPEATED);
    replay_free(r);
}

static void distinct_ids_pass_and_repeats_never(void **state)
{
    (void)state;
    uint64_t n = (uint64_t)rounds(50000, 1000000);
    struct replay *r = replay_new((size_t)n);
    for (uint64_t i = 0; i < n; i++)
        if (take(r, i, (int64_t)(i / 1000), (int64_t)(i / 1000) + 100000) != REPLAY_FRESH)
            fail_msg("%llu was refused at first", (unsigned long long)i);
    for (uint64_t i = 0; i < n; i++)
        if (take(r, i, (int64_t)(n / 1000), INT64_C(200000)) != REPLAY_REPEATED)
            fail_msg("%llu passed again", (unsigned long long)i);
    assert_int_equal(take(r, n, (int64_t)(n / 1000), INT64_C(200000)), REPLAY_FULL);
    replay_free(r);
}

/* A model that keeps everything in a plain list must agree at every step. */
static void random_walk_agrees_with_a_list(void **state)
{
    (void)state;
    enum { IDS = 64, MAX = 24 };
    struct replay *r = replay_new(MAX);
    int64_t until[IDS], now = 0;
    for (size_t i = 0; i < IDS; i++)
        until[i] = -1;
    for (long step = 0; step < rounds(50000, 1000000); step++) {
        now += below(8) == 0 ? (int64_t)below(700) : (int64_t)below(3);
        size_t id = below(IDS), live = 0;
        int64_t keep = now + (int64_t)below(900);
        for (size_t i = 0; i < IDS; i++)
            live += until[i] >= now;
        enum replay_verdict want = until[id] >= now ? REPLAY_REPEATED : live == MAX ? REPLAY_FULL : REPLAY_FRESH;
        assert_int_equal(take(r, id, now, keep), want);
        if (want == REPLAY_FRESH && below(5) == 0) { /* not handed over after all */
            unsigned char key[REPLAY_KEY];
            key_of(id, key);
            replay_drop(r, key);
            replay_drop(r, key); /* a second time does nothing */
            assert_int_equal(replay_count(r), live);
            continue;
        }
        if (want == REPLAY_FRESH)
            until[id] = keep;
        assert_int_equal(replay_count(r), live + (want == REPLAY_FRESH));
    }
    replay_free(r);
}

static void the_key_is_of_org_and_id(void **state)
{
    (void)state;
    unsigned char a[REPLAY_KEY], b[REPLAY_KEY];
    struct span id = span_of("7c566091-7af3-4e87-8865-4e014444c298");
    assert_true(replay_key(span_of("00Dxx0000000000EAA"), id, a));
    assert_true(replay_key(span_of("00Dxx0000000000"), id, b));
    assert_memory_equal(a, b, sizeof a);
    assert_true(replay_key(span_of("00Dxx0000000001"), id, b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_true(replay_key(span_of("00Dxx0000000000"), span_of("7c566091-7af3-4e87-8865-4e014444c299"), b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_false(replay_key(span_of("00D"), id, b));
    assert_null(replay_new(0));
}

static void a_breaker_opens_after_five_failures_in_a_row(void **state)
{
    (void)state;
    struct breaker b;
    breaker_init(&b, BREAKER_FAILURES, BREAKER_INTERVAL_MS);
    for (int i = 0; i < 4; i++)
        breaker_report(&b, false, 0);
    breaker_report(&b, true, 0); /* not in a row */
    for (int i = 0; i < 4; i++)
        breaker_report(&b, false, 10);
    assert_true(breaker_allow(&b, 10));
    breaker_report(&b, false, 10);
    assert_false(breaker_allow(&b, 10));
    assert_false(breaker_allow(&b, 1009));
    assert_true(breaker_allow(&b, 1010)); /* the probe */
    assert_false(breaker_allow(&b, 1010));
    breaker_report(&b, false, 1500);
    assert_false(breaker_allow(&b, 2009));
    assert_true(breaker_allow(&b, 2010)); /* one a second, reported or not */
    breaker_report(&b, true, 2020);
    assert_true(breaker_allow(&b, 2020));
    assert_true(breaker_allow(&b, 2020));
    breaker_report(&b, false, 2020); /* it counts from nothing again */
    assert_true(breaker_allow(&b, 2020));
}

static void breakers_by_name_are_bounded(void **state)
{
    (void)state;
    struct breakers *t = breakers_new(3);
    for (int i = 0; i < BREAKER_FAILURES; i++)
        breaker_report(breakers_get(t, "a"), false, 0);
    assert_false(breaker_allow(breakers_get(t, "a"), 0));
    assert_true(breaker_allow(breakers_get(t, "b"), 0));
    breakers_get(t, "c");
    breakers_get(t, "a");
    breakers_get(t, "d"); /* b makes room */
    assert_false(breaker_allow(breakers_get(t, "a"), 0));
    breakers_get(t, "e");
    breakers_get(t, "f");
    breakers_get(t, "g");
    assert_true(breaker_allow(breakers_get(t, "a"), 0));
    breakers_free(t);
}

static bool put(struct cache *c, const char *key, const char *value, int ttl, int64_t now)
{
    return cache_put(c, span_of(key), span_of(value), ttl, now);
}

static void cache_keeps_until_the_time_is_over(void **state)
{
    (void)state;
    struct cache *c = cache_new(10000);
    struct span v;
    int64_t age;
    assert_true(put(c, "k", "one", 10, 1000));
    assert_true(cache_get(c, span_of("k"), 10999, &v, &age));
    assert_span(v, "one");
    assert_int_equal(age, 9999);
    assert_false(cache_get(c, span_of("k"), 11000, &v, NULL));
    assert_int_equal(cache_count(c), 0);
    assert_int_equal(cache_bytes(c), 0);
    assert_true(put(c, "k", "one", 10, 0));
    assert_true(put(c, "k", "two", 10, 0));
    assert_true(cache_get(c, span_of("k"), 0, &v, NULL));
    assert_span(v, "two");
    assert_int_equal(cache_count(c), 1);
    /* a put that fails must not leave the old value standing */
    assert_false(put(c, "k", "three", 0, 0));
    assert_false(cache_get(c, span_of("k"), 0, &v, NULL));
    cache_drop(c, span_of("absent"));
    assert_true(put(c, "k", "", INT32_MAX, 0));
    assert_true(cache_get(c, span_of("k"), LIMIT_CACHE_TTL_S * INT64_C(1000) - 1, &v, NULL));
    assert_int_equal(v.n, 0);
    assert_false(cache_get(c, span_of("k"), LIMIT_CACHE_TTL_S * INT64_C(1000), &v, NULL));
    cache_free(c);
}

static void cache_drops_the_least_recently_used(void **state)
{
    (void)state;
    struct cache *c = cache_new(10000);
    struct span v;
    assert_true(put(c, "a", "x", 100, 0));
    size_t one = cache_bytes(c);
    cache_free(c);
    c = cache_new(one * 3);
    put(c, "a", "x", 100, 0);
    put(c, "b", "x", 100, 0);
    put(c, "c", "x", 100, 0);
    assert_true(cache_get(c, span_of("a"), 0, &v, NULL));
    put(c, "d", "x", 100, 0);
    assert_false(cache_get(c, span_of("b"), 0, &v, NULL));
    assert_true(cache_get(c, span_of("a"), 0, &v, NULL));
    assert_true(cache_get(c, span_of("c"), 0, &v, NULL));
    assert_true(cache_get(c, span_of("d"), 0, &v, NULL));
    assert_int_equal(cache_bytes(c), one * 3);
    cache_free(c);
}

static void cache_limits_hold_at_n_and_one_more(void **state)
{
    (void)state;
    struct cache *c = cache_new(LIMIT_CACHE_BYTES);
    static char value[LIMIT_CACHE_ENTRY + 1], key[LIMIT_CACHE_KEY + 1];
    memset(key, 'k', sizeof key);
    struct span k = { key, LIMIT_CACHE_KEY }, k1 = { key, LIMIT_CACHE_KEY + 1 };
    assert_true(cache_put(c, k, (struct span){ value, LIMIT_CACHE_ENTRY }, 1, 0));
    assert_false(cache_put(c, k, (struct span){ value, LIMIT_CACHE_ENTRY + 1 }, 1, 0));
    assert_false(cache_put(c, k1, (struct span){ value, 1 }, 1, 0));
    assert_false(cache_put(c, (struct span){ key, 0 }, (struct span){ value, 1 }, 1, 0));
    for (int i = 0; i < 2000; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        assert_true(cache_put(c, span_of(name), (struct span){ value, LIMIT_CACHE_ENTRY }, 1, 0));
        assert_true(cache_bytes(c) <= LIMIT_CACHE_BYTES);
    }
    assert_true(cache_count(c) > 200);
    cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_spent_until_its_time_has_passed),
        cmocka_unit_test(a_full_table_refuses_and_recovers),
        cmocka_unit_test(times_beyond_one_turn_of_the_wheel_are_kept),
        cmocka_unit_test(clocks_may_jump),
        cmocka_unit_test(distinct_ids_pass_and_repeats_never),
        cmocka_unit_test(random_walk_agrees_with_a_list),
        cmocka_unit_test(the_key_is_of_org_and_id),
        cmocka_unit_test(a_breaker_opens_after_five_failures_in_a_row),
        cmocka_unit_test(breakers_by_name_are_bounded),
        cmocka_unit_test(cache_keeps_until_the_time_is_over),
        cmocka_unit_test(cache_drops_the_least_recently_used),
        cmocka_unit_test(cache_limits_hold_at_n_and_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
