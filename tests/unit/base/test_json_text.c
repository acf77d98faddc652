/* test_json_text.c - JSON as text is what jansson writes, byte for byte. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/base/json_text.h"

enum { ROUNDS = 200000, TREES = 2000 };

/* Takes the reference. */
static void same_as_jansson(json_t *v)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    char *want = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    assert_non_null(want);
    assert_true(buf_json(&b, v));
    assert_string_equal(b.p, want);
    free(want);
    buf_free(&b);
    json_decref(v);
}

static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Figures as actions have them (whole, with a few places), and any bits that make a number. */
static double some_real(uint64_t *seed)
{
    static const double powers[] = { 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e-3 };
    uint64_t bits = next(seed), kind = next(seed) % 4;
    double v;
    if (kind == 0) {
        memcpy(&v, &bits, sizeof v);
        return isfinite(v) ? v : 0.1;
    }
    v = (double)((int64_t)bits >> (next(seed) % 40 + 10));
    if (kind == 1)
        return v / powers[next(seed) % 9];
    return kind == 2 ? nextafter(v / 1e5, INFINITY) : v / 1e5;
}

static void reals_are_as_jansson_writes_them(void **state)
{
    (void)state;
    static const double known[] = { 0,
                                    -0.0,
                                    454.79,
                                    1,
                                    -1,
                                    0.1,
                                    0.0001,
                                    0.00009,
                                    0.00001,
                                    -0.00001,
                                    1e15,
                                    1e14,
                                    1e-5,
                                    1e10,
                                    9999999999.99999,
                                    99999999999.9999,
                                    1e100,
                                    1e-100,
                                    1e22,
                                    -1.5e9,
                                    5e-324,
                                    1.7976931348623157e308,
                                    2.5e-7,
                                    123456789012345,
                                    1234567890123456,
                                    1.0 / 3 };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        same_as_jansson(json_real(known[i]));
    uint64_t seed = 20261128;
    for (int i = 0; i < ROUNDS; i++)
        same_as_jansson(json_real(some_real(&seed)));
}

static void integers_are_as_jansson_writes_them(void **state)
{
    (void)state;
    static const json_int_t known[] = { 0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        same_as_jansson(json_integer(known[i]));
}

static json_t *some_string(uint64_t *seed)
{
    static const char *const pieces[] = { "a",
                                          "plain text of some length",
                                          "\"",
                                          "\\",
                                          "/",
                                          "\n",
                                          "\t\r\b\f",
                                          "\x01",
                                          "\x1f",
                                          "\x7f",
                                          "\xc3\xa9",
                                          "\xe2\x82\xac",
                                          "\xf0\x9f\x98\x80",
                                          "" };
    char text[512] = "";
    size_t at = 0;
    for (uint64_t n = next(seed) % 12; n; n--)
        at +=
            (size_t)snprintf(text + at, sizeof text - at, "%s", pieces[next(seed) % (sizeof pieces / sizeof *pieces)]);
    return json_string(text);
}

static json_t *some_tree(uint64_t *seed, int depth)
{
    uint64_t kind = next(seed) % (depth ? 8 : 6), n = next(seed) % 6;
    json_t *v;
    switch (kind) {
    case 0:
        return json_integer((json_int_t)next(seed) >> (next(seed) % 64));
    case 1:
        return json_real(some_real(seed));
    case 2:
    case 3:
        return some_string(seed);
    case 4:
        return json_boolean(n % 2);
    case 5:
        return json_null();
    case 6:
        for (v = json_array(); n; n--)
            json_array_append_new(v, some_tree(seed, depth - 1));
        return v;
    default:
        for (v = json_object(); n; n--) {
            json_t *name = some_string(seed);
            json_object_set_new(v, json_string_value(name), some_tree(seed, depth - 1));
            json_decref(name);
        }
        return v;
    }
}

static void trees_are_as_jansson_writes_them(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < TREES; i++)
        same_as_jansson(some_tree(&seed, 5));
}

/* Every byte at every place of the eight that are looked at together. */
static void every_byte_is_seen_wherever_it_stands(void **state)
{
    (void)state;
    for (int at = 0; at < 20; at++)
        for (int c = 1; c < 256; c++) {
            char text[] = "abcdefghijklmnopqrst";
            text[at] = (char)c;
            if (c < 0x80) {
                same_as_jansson(json_string(text));
                continue;
            }
            json_t *v = json_string_nocheck(text);
            struct buf b;
            buf_init(&b, 100);
            assert_false(buf_json(&b, v));
            assert_true(b.failed);
            buf_free(&b);
            json_decref(v);
        }
}

static json_t *nested(int depth)
{
    json_t *v = json_array();
    while (--depth > 0) {
        json_t *outer = json_array();
        json_array_append_new(outer, v);
        v = outer;
    }
    return v;
}

static bool written(json_t *v, size_t max)
{
    struct buf b;
    buf_init(&b, max);
    bool ok = buf_json(&b, v);
    assert_int_equal(ok, !b.failed);
    buf_free(&b);
    json_decref(v);
    return ok;
}

static void refuses_what_cannot_be_written(void **state)
{
    (void)state;
    assert_true(written(nested(2048), 1 << 20));
    assert_false(written(nested(2049), 1 << 20));
    assert_true(written(json_string("0123456789"), 12));
    assert_false(written(json_string("0123456789"), 11));
    assert_true(written(json_pack("[f]", 454.79), 8));
    assert_false(written(json_pack("[f]", 454.79), 7));
    json_t *real = json_real(1);
    json_real_set(real, NAN); /* jansson refuses it; the value stays */
    same_as_jansson(real);
    struct buf b;
    buf_init(&b, 100);
    assert_false(buf_json(&b, NULL));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_are_as_jansson_writes_them), cmocka_unit_test(integers_are_as_jansson_writes_them),
        cmocka_unit_test(trees_are_as_jansson_writes_them), cmocka_unit_test(every_byte_is_seen_wherever_it_stands),
        cmocka_unit_test(refuses_what_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
