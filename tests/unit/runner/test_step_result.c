/* test_step_result.c - what a step's worker says, right and hostile. */
#include "tests/unit/check.h"

#include "runtime/runner/step_result.h"

enum { ITEMS = 4 };

static struct step_result r;

static void read_as(const char *text, enum step_kind kind)
{
    step_result_free(&r);
    step_result_read(&r, span_of(text), kind, ITEMS);
}

static int tear_down(void **state)
{
    (void)state;
    step_result_free(&r);
    return 0;
}

/* A fault uses up an attempt, and nothing of what was said is kept. */
static void assert_nonsense(const char *text, enum step_kind kind)
{
    read_as(text, kind);
    if (!r.fault || !r.nonsense[0] || r.end.outcome != STEP_AGAIN || !r.end.counts || r.end.items || r.end.cursor ||
        r.end.results || r.end.results_n || r.end.result.n || r.end.gate || r.end.after_ms || r.end.total != -1 ||
        !r.end.code || !r.end.message)
        fail_msg("taken: %.200s", text);
}

static void a_plan_is_done(void **state)
{
    (void)state;
    read_as("{\"outcome\":\"done\",\"items\":[\"a\",{\"b\":1}],\"cursor\":{\"last\":\"x\"},\"total\":5000}", STEP_PLAN);
    assert_false(r.fault);
    assert_int_equal(r.end.outcome, STEP_DONE);
    assert_int_equal(json_array_size(r.end.items), 2);
    assert_string_equal(json_string_value(json_object_get(r.end.cursor, "last")), "x");
    assert_int_equal(r.end.total, 5000);
    read_as("{\"outcome\":\"done\"}", STEP_PLAN);
    assert_int_equal(r.end.outcome, STEP_DONE);
    assert_null(r.end.items);
    assert_null(r.end.cursor);
    assert_int_equal(r.end.total, -1);
}

static void a_page_is_done(void **state)
{
    (void)state;
    read_as("{\"outcome\":\"done\",\"results\":[{\"index\":3,\"again\":true,\"code\":\"UNABLE_TO_LOCK_ROW\","
            "\"message\":\"m\"},{\"index\":0,\"code\":\"BAD\",\"message\":\"n\",\"field\":\"Name\"}]}",
            STEP_PAGE);
    assert_false(r.fault);
    assert_int_equal(r.end.results_n, 2);
    assert_int_equal(r.end.results[0].index, 3);
    assert_true(r.end.results[0].again);
    assert_string_equal(r.end.results[0].code, "UNABLE_TO_LOCK_ROW");
    assert_null(r.end.results[0].field);
    assert_false(r.end.results[1].again);
    assert_string_equal(r.end.results[1].field, "Name");
    read_as("{\"outcome\":\"done\",\"results\":[]}", STEP_PAGE);
    assert_int_equal(r.end.outcome, STEP_DONE);
    assert_int_equal(r.end.results_n, 0);
}

static void sums_are_numbers_of_a_page(void **state)
{
    (void)state;
    read_as("{\"outcome\":\"done\",\"sums\":{\"total.EUR\":1000000000000000,\"n\":-1}}", STEP_PAGE);
    assert_false(r.fault);
    assert_int_equal(json_integer_value(json_object_get(r.end.sums, "n")), -1);
    static const char *const wrong[] = {
        "{\"n\":1000000000000001}", "{\"n\":-1000000000000001}", "{\"n\":1.5}", "{\"a b\":1}", "{\"\":1}", "[1]"
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"outcome\":\"done\",\"sums\":%s}", wrong[i]);
        read_as(text, STEP_PAGE);
        assert_true(r.fault);
    }
    read_as("{\"outcome\":\"done\",\"result\":{},\"sums\":{\"n\":1}}", STEP_FINISH);
    assert_true(r.fault);
}

static void a_finish_is_done(void **state)
{
    (void)state;
    read_as("{\"outcome\":\"done\",\"result\":{\"quotes\":3,\"sum\":454.79}}", STEP_FINISH);
    assert_false(r.fault);
    assert_span(r.end.result, "{\"quotes\":3,\"sum\":454.79}");
}

static void other_ends(void **state)
{
    (void)state;
    read_as(
        "{\"outcome\":\"again\",\"afterSeconds\":7,\"counts\":false,\"gate\":true,\"code\":\"c\",\"message\":\"m\"}",
        STEP_PAGE);
    assert_int_equal(r.end.outcome, STEP_AGAIN);
    assert_int_equal(r.end.after_ms, 7000);
    assert_false(r.end.counts);
    assert_true(r.end.gate);
    read_as("{\"outcome\":\"again\",\"code\":\"c\",\"message\":\"m\"}", STEP_PLAN);
    assert_true(r.end.counts); /* unless it says else */
    read_as("{\"outcome\":\"failed\",\"code\":\"c\",\"message\":\"m\"}", STEP_PAGE);
    assert_int_equal(r.end.outcome, STEP_FAILED);
    read_as("{\"outcome\":\"job_failed\",\"code\":\"c\",\"message\":\"m\"}", STEP_FINISH);
    assert_int_equal(r.end.outcome, STEP_JOB_FAILED);
    read_as("{\"outcome\":\"waits\",\"code\":\"c\",\"message\":\"m\"}", STEP_PAGE);
    assert_int_equal(r.end.outcome, STEP_WAITS);
    read_as("{\"outcome\":\"fault\",\"code\":\"c\",\"message\":\"m\"}", STEP_PAGE);
    assert_int_equal(r.end.outcome, STEP_AGAIN);
    assert_true(r.fault);
    assert_true(r.end.counts);
    assert_string_equal(r.nonsense, "");
    step_result_free(&r);
    step_result_set(&r, STEP_CRASHED, "crashed", "words");
    assert_int_equal(r.end.outcome, STEP_CRASHED);
    assert_string_equal(r.end.message, "words");
}

static void nonsense_is_a_fault(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum step_kind kind;
    } rows[] = {
        { "", STEP_PAGE },
        { "{", STEP_PAGE },
        { "[]", STEP_PAGE },
        { "\"done\"", STEP_PAGE },
        { "{}", STEP_PAGE },
        { "{\"outcome\":\"done\"} x", STEP_PAGE },
        { "{\"outcome\":\"done\",\"outcome\":\"done\"}", STEP_PAGE },
        { "{\"outcome\":1}", STEP_PAGE },
        { "{\"outcome\":\"Done\"}", STEP_PAGE },
        { "{\"outcome\":\"crashed\"}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"extra\":1}", STEP_PAGE },
        /* members of another end */
        { "{\"outcome\":\"done\",\"items\":[]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[]}", STEP_PLAN },
        { "{\"outcome\":\"done\",\"result\":{}}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"cursor\":1}", STEP_FINISH },
        { "{\"outcome\":\"done\",\"code\":\"c\",\"message\":\"m\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"c\",\"message\":\"m\",\"results\":[]}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"c\",\"message\":\"m\",\"gate\":true}", STEP_PAGE },
        /* reasons */
        { "{\"outcome\":\"failed\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"c\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"message\":\"m\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"\",\"message\":\"m\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"a b\",\"message\":\"m\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"c\\n\",\"message\":\"m\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"c\\u0000\",\"message\":\"m\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":1,\"message\":\"m\"}", STEP_PAGE },
        { "{\"outcome\":\"failed\",\"code\":\"c\",\"message\":null}", STEP_PAGE },
        /* again */
        { "{\"outcome\":\"again\",\"code\":\"c\",\"message\":\"m\",\"afterSeconds\":-1}", STEP_PAGE },
        { "{\"outcome\":\"again\",\"code\":\"c\",\"message\":\"m\",\"afterSeconds\":86401}", STEP_PAGE },
        { "{\"outcome\":\"again\",\"code\":\"c\",\"message\":\"m\",\"afterSeconds\":1.5}", STEP_PAGE },
        { "{\"outcome\":\"again\",\"code\":\"c\",\"message\":\"m\",\"counts\":0}", STEP_PAGE },
        { "{\"outcome\":\"again\",\"code\":\"c\",\"message\":\"m\",\"gate\":\"yes\"}", STEP_PAGE },
        /* plans */
        { "{\"outcome\":\"done\",\"items\":{}}", STEP_PLAN },
        { "{\"outcome\":\"done\",\"total\":-2}", STEP_PLAN },
        { "{\"outcome\":\"done\",\"total\":1e3}", STEP_PLAN },
        { "{\"outcome\":\"done\",\"total\":99999999999999999999}", STEP_PLAN },
        /* pages of four items */
        { "{\"outcome\":\"done\",\"results\":{}}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[1]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"code\":\"c\",\"message\":\"m\"}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":4,\"code\":\"c\",\"message\":\"m\"}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":-1,\"code\":\"c\",\"message\":\"m\"}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":4294967296,\"code\":\"c\",\"message\":\"m\"}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":\"1\",\"code\":\"c\",\"message\":\"m\"}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":1,\"message\":\"m\"}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":1,\"code\":\"c\"}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":1,\"code\":\"c\",\"message\":\"m\",\"x\":1}]}", STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":1,\"code\":\"c\",\"message\":\"m\",\"again\":1}]}",
          STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":1,\"code\":\"c\",\"message\":\"m\",\"field\":7}]}",
          STEP_PAGE },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":1,\"code\":\"c\",\"message\":\"m\"},"
          "{\"index\":1,\"code\":\"c\",\"message\":\"m\"}]}",
          STEP_PAGE }, /* twice */
        { "{\"outcome\":\"done\",\"results\":[{\"index\":0,\"code\":\"c\",\"message\":\"m\"},{\"index\":1,\"code\":"
          "\"c\","
          "\"message\":\"m\"},{\"index\":2,\"code\":\"c\",\"message\":\"m\"},{\"index\":3,\"code\":\"c\",\"message\":"
          "\"m\"},{\"index\":3,\"code\":\"c\",\"message\":\"m\"}]}",
          STEP_PAGE },
        /* finishes */
        { "{\"outcome\":\"done\",\"result\":[]}", STEP_FINISH },
        { "{\"outcome\":\"done\",\"result\":\"x\"}", STEP_FINISH },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_nonsense(rows[i].text, rows[i].kind);
}

/* text with %s in it, filled with n letters */
static char *filled(const char *format, size_t n)
{
    char *letters = malloc(n + 1), *out;
    memset(letters, 'x', n);
    letters[n] = '\0';
    size_t size = strlen(format) + n + 1;
    out = malloc(size);
    char *at = strstr(format, "%s");
    int before = (int)(at - format);
    snprintf(out, size, "%.*s%s%s", before, format, letters, at + 2);
    free(letters);
    return out;
}

static void sizes_end_where_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum step_kind kind;
        size_t most; /* letters */
    } rows[] = {
        { "{\"outcome\":\"done\",\"items\":[\"%s\"]}", STEP_PLAN, STEP_ITEM_MAX - 2 },
        { "{\"outcome\":\"done\",\"cursor\":\"%s\"}", STEP_PLAN, JOB_PAYLOAD_MAX - 2 },
        { "{\"outcome\":\"done\",\"result\":{\"a\":\"%s\"}}", STEP_FINISH, JOB_RESULT_MAX - 8 },
        { "{\"outcome\":\"failed\",\"code\":\"%s\",\"message\":\"m\"}", STEP_PAGE, STEP_CODE_MAX },
        { "{\"outcome\":\"done\",\"results\":[{\"index\":1,\"code\":\"c\",\"message\":\"m\",\"field\":\"%s\"}]}",
          STEP_PAGE, STEP_FIELD_MAX },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *fits = filled(rows[i].text, rows[i].most), *more = filled(rows[i].text, rows[i].most + 1);
        read_as(fits, rows[i].kind);
        assert_false(r.fault);
        assert_nonsense(more, rows[i].kind);
        free(fits);
        free(more);
    }
}

static void pages_may_be_large(void **state)
{
    (void)state;
    read_as("{\"outcome\":\"done\",\"items\":[],\"pageItems\":20000}", STEP_PLAN);
    assert_false(r.fault);
    assert_int_equal(r.end.page_items, JOB_LARGE_PAGE_ITEMS);
    assert_nonsense("{\"outcome\":\"done\",\"pageItems\":20001}", STEP_PLAN);
    assert_nonsense("{\"outcome\":\"done\",\"pageItems\":0}", STEP_PLAN);
    assert_nonsense("{\"outcome\":\"done\",\"pageItems\":\"9\"}", STEP_PLAN);
    assert_nonsense("{\"outcome\":\"done\",\"pageItems\":9}", STEP_PAGE);
}

static void long_messages_are_cut_between_characters(void **state)
{
    (void)state;
    char text[2000] = "{\"outcome\":\"failed\",\"code\":\"c\",\"message\":\"x";
    for (int i = 0; i < 400; i++)
        strncat(text, "ä", sizeof text - strlen(text) - 1);
    strncat(text, "\"}", sizeof text - strlen(text) - 1);
    read_as(text, STEP_PAGE);
    assert_false(r.fault);
    assert_int_equal(strlen(r.end.message), STEP_MESSAGE_MAX - 1); /* x and 255 times two bytes */
    assert_string_equal(r.end.message + STEP_MESSAGE_MAX - 3, "ä");
}

static void deep_nonsense_ends(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH + 64);
    size_t n = (size_t)snprintf(text, 64, "{\"outcome\":\"done\",\"cursor\":");
    memset(text + n, '[', DEPTH);
    text[n + DEPTH] = '\0';
    assert_nonsense(text, STEP_PLAN);
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_plan_is_done),           TEST(a_page_is_done),     TEST(sums_are_numbers_of_a_page),
        TEST(a_finish_is_done),         TEST(other_ends),         TEST(nonsense_is_a_fault),
        TEST(sizes_end_where_they_say), TEST(pages_may_be_large), TEST(long_messages_are_cut_between_characters),
        TEST(deep_nonsense_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
