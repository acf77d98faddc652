/* test_starts.c - which starts of a job are the same. */
#include "tests/unit/check.h"

#include "runtime/runner/starts.h"

static json_t *json_of(const char *text)
{
    json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(j);
    return j;
}

static void unique_of(const char *input, const char *pointers, char out[START_KEY_SIZE])
{
    json_t *i = json_of(input), *p = json_of(pointers);
    assert_true(start_unique_key(i, p, out));
    assert_int_equal(strlen(out), START_KEY_SIZE - 1);
    json_decref(i);
    json_decref(p);
}

static bool same_unique(const char *a, const char *b, const char *pointers)
{
    char x[START_KEY_SIZE], y[START_KEY_SIZE];
    unique_of(a, pointers, x);
    unique_of(b, pointers, y);
    return strcmp(x, y) == 0;
}

static bool merge_of(const char *input, const char *items, char out[START_KEY_SIZE])
{
    json_t *i = json_of(input);
    bool ok = start_merge_key(i, items, out);
    json_decref(i);
    return ok;
}

static void the_same_starts(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *pointers;
        bool same;
    } rows[] = {
        { "{\"a\":1,\"b\":{\"x\":1,\"y\":2}}", "{\"b\":{\"y\":2,\"x\":1},\"a\":1}", "[\"\"]", true },
        { "{\"a\":1}", "{\"a\":2}", "[\"\"]", false },
        { "{\"a\":1}", "{\"a\":2}", "[\"/b\"]", true },
        { "{\"a\":1}", "{\"a\":2}", "[\"/a\"]", false },
        { "{\"a\":1,\"waitSeconds\":3}", "{\"a\":1}", "[\"\"]", true },
        { "{\"a\":1,\"callbackUrl\":\"https://x\"}", "{\"a\":1,\"callbackUrl\":\"https://y\"}", "[\"\"]", true },
        { "{\"a\":{\"waitSeconds\":3}}", "{\"a\":{\"waitSeconds\":4}}", "[\"\"]", false },
        { "{\"a\":null}", "{}", "[\"/a\"]", false },
        { "{\"a\":[1,2]}", "{\"a\":[2,1]}", "[\"/a\"]", false },
        { "{\"a\":[1,2]}", "{\"a\":[1,3]}", "[\"/a/0\"]", true },
        { "{\"a\":\"1\"}", "{\"a\":1}", "[\"/a\"]", false },
        { "{\"a\":0.1}", "{\"a\":0.10000000000000001}", "[\"/a\"]", true },
        { "{\"a\":0.1}", "{\"a\":0.10000000000000002}", "[\"/a\"]", false },
        { "{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}", "[\"/a\",\"/b\"]", false },
        { "{\"a/b\":1}", "{\"a/b\":2}", "[\"/a~1b\"]", false },
        { "{\"a~b\":1}", "{\"a~b\":2}", "[\"/a~0b\"]", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (same_unique(rows[i].a, rows[i].b, rows[i].pointers) != rows[i].same)
            fail_msg("row %zu: %s and %s", i, rows[i].a, rows[i].b);
}

static void starts_that_differ_in_their_items_alone_merge(void **state)
{
    (void)state;
    char a[START_KEY_SIZE], b[START_KEY_SIZE], c[START_KEY_SIZE];
    assert_true(merge_of("{\"ids\":[\"1\"],\"dryRun\":true,\"waitSeconds\":2}", "/ids", a));
    assert_true(merge_of("{\"dryRun\":true,\"ids\":[\"2\",\"3\"]}", "/ids", b));
    assert_true(merge_of("{\"dryRun\":false,\"ids\":[\"1\"]}", "/ids", c));
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_false(merge_of("{\"condition\":\"x\"}", "/ids", a)); /* it has no items to be merged */
    assert_false(merge_of("{\"ids\":\"1\"}", "/ids", a));
}

static void the_input_stays_as_it_is(void **state)
{
    (void)state;
    char key[START_KEY_SIZE];
    json_t *i = json_of("{\"ids\":[\"1\"],\"waitSeconds\":2}"), *was = json_deep_copy(i), *p = json_of("[\"\"]");
    assert_true(start_merge_key(i, "/ids", key));
    assert_true(start_unique_key(i, p, key));
    assert_true(json_equal(i, was));
    json_decref(i);
    json_decref(was);
    json_decref(p);
}

static void a_start_without_what_it_is_told_by_is_like_no_other(void **state)
{
    (void)state;
    json_t *p = json_of("[\"/a\",\"/b\"]"), *with = json_of("{\"b\":null}"), *without = json_of("{\"c\":1}");
    assert_true(start_is_told(with, p));
    assert_false(start_is_told(without, p));
    json_decref(p);
    json_decref(with);
    json_decref(without);
}

static void pointers_lead_where_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *pointer, *value; /* NULL = nowhere */
    } rows[] = {
        { "", "{\"a\":[10,{\"b\":2}],\"\":3,\"x/y\":4,\"m~n\":5}" },
        { "/a/0", "10" },
        { "/a/1/b", "2" },
        { "/", "3" },
        { "/x~1y", "4" },
        { "/m~0n", "5" },
        { "/a/2", NULL },
        { "/a/-", NULL },
        { "/a/00", NULL },
        { "/a/+0", NULL },
        { "/a/1000000000000", NULL },
        { "/a/0/b", NULL },
        { "/nowhere/at/all", NULL },
        { "a", NULL },
        { "/m~2n", NULL },
        { "/m~", NULL },
    };
    json_t *root = json_of(rows[0].value);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const json_t *got = start_value_at(root, rows[i].pointer);
        json_t *want = rows[i].value ? json_of(rows[i].value) : NULL;
        if (want ? !got || !json_equal(got, want) : got != NULL)
            fail_msg("%s", rows[i].pointer);
        json_decref(want);
    }
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_starts),
        cmocka_unit_test(starts_that_differ_in_their_items_alone_merge),
        cmocka_unit_test(the_input_stays_as_it_is),
        cmocka_unit_test(a_start_without_what_it_is_told_by_is_like_no_other),
        cmocka_unit_test(pointers_lead_where_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
