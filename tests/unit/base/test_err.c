/* test_err.c - the error object: its bytes, texts that had to be cut, and the rows of its details. */
#include "tests/unit/check.h"

#include "runtime/base/encoding.h"
#include "runtime/base/limits.h"

static void assert_written(const struct err *e, const char *id, const json_t *details, const char *want)
{
    struct buf out;
    buf_init(&out, 100000);
    assert_true(err_write(&out, e, id, details));
    assert_string_equal(out.p, want);
    buf_free(&out);
}

static void test_bytes(void **state)
{
    struct err e;
    (void)state;
    assert_false(err_set(&e, 404, "not_here", "There is no %s \"%d\".", "row", 7));
    assert_int_equal(e.status, 404);
    assert_written(&e, NULL, NULL, "{\"code\":\"not_here\",\"message\":\"There is no row \\\"7\\\".\"}");
    e.retry_after_s = 3;
    copy_text(e.field, sizeof e.field, "/a/b");
    assert_written(&e, "id-1", NULL,
                   "{\"code\":\"not_here\",\"message\":\"There is no row \\\"7\\\".\",\"field\":\"/a/b\",\"requestId\":"
                   "\"id-1\",\"retryAfterSeconds\":3}");
    /* a second use leaves nothing of the first */
    err_set(&e, 503, "busy", "Later.");
    assert_written(&e, NULL, NULL, "{\"code\":\"busy\",\"message\":\"Later.\"}");
}

/* Of a text that is cut inside a character, that character goes, and nothing else. */
static void test_cut_texts(void **state)
{
    static const char *const characters[] = { "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
    char text[600];
    struct err e;
    (void)state;
    for (size_t c = 0; c < COUNT(characters); c++) {
        size_t n = strlen(characters[c]);
        for (size_t shift = 0; shift < n; shift++) {
            memset(text, 'x', sizeof text);
            size_t at = sizeof e.message - 1 - n + shift; /* of the character; shift 0 = it just fits */
            memcpy(text + at, characters[c], n);
            text[sizeof text - 1] = '\0';
            err_set(&e, 400, "a", "%s", text);
            struct span whole = utf8_whole(span_of(e.message));
            assert_int_equal(whole.n, shift ? at : sizeof e.message - 1);
            struct buf out;
            buf_init(&out, 2000);
            assert_true(err_write(&out, &e, NULL, NULL));
            json_t *json = json_loadb(out.p, out.n, 0, NULL);
            assert_int_equal(json_string_length(json_object_get(json, "message")), whole.n);
            json_decref(json);
            buf_free(&out);
        }
    }
}

static void test_whole(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        { "", 0 },
        { "abc", 3 },
        { "a\xc3\xa4", 3 },
        { "a\xc3", 1 },
        { "a\xe2\x82", 1 },
        { "\x80x", 0 },
        { "a\xff"
          "b",
          1 },
        { "\xc0\x80", 0 },
        { "\xed\xa0\x80", 0 },
        { "\xf4\x90\x80\x80", 0 },
        { "\xe0\x80\x80", 0 },
        { "\xf0\x80\x80\x80", 0 },
        { "\xf4\x8f\xbf\xbf", 4 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span s = span_of(rows[i].text);
        assert_int_equal(utf8_whole(s).n, rows[i].n);
        assert_int_equal(utf8_valid(s), rows[i].n == s.n);
        assert_true(utf8_valid(utf8_whole(s)));
    }
    /* the longest beginning that is valid, whatever the bytes */
    for (long round = 0; round < rounds(20000, 1000000); round++) {
        static const unsigned char bytes[] = { 'a', 0x80, 0xbf, 0xc3, 0xa4, 0xe2, 0x82, 0xed, 0xf0, 0x9f, 0xf4, 0xff };
        char text[8];
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)bytes[below(sizeof bytes)];
        size_t want = sizeof text;
        while (want && !utf8_valid((struct span){ text, want }))
            want--;
        assert_int_equal(utf8_whole((struct span){ text, sizeof text }).n, want);
    }
}

static void test_rows(void **state)
{
    struct err e;
    json_t *details = json_array();
    (void)state;
    err_set(&e, 422, "invalid_input", "Wrong.");
    assert_true(err_row(details, "/a", "required", "Give it."));
    assert_true(err_row(details, "/b", "cut", "x\xe2\x82"));
    assert_written(&e, NULL, details,
                   "{\"code\":\"invalid_input\",\"message\":\"Wrong.\",\"details\":[{\"field\":\"/a\",\"code\":"
                   "\"required\",\"message\":\"Give it.\"},{\"field\":\"/b\",\"code\":\"cut\",\"message\":\"x\"}]}");
    for (size_t i = 2; i < LIMIT_VIOLATIONS; i++)
        assert_true(err_row(details, "", "c", "m"));
    assert_false(err_row(details, "", "c", "m"));
    assert_int_equal(json_array_size(details), LIMIT_VIOLATIONS);
    json_decref(details);
    assert_false(err_row(NULL, "", "c", "m"));
}

/* Details that do not fit are left out; what remains is whole. */
static void test_small_ceiling(void **state)
{
    struct err e;
    struct buf out;
    json_t *details = json_array();
    (void)state;
    err_set(&e, 422, "invalid_input", "Wrong.");
    assert_true(err_row(details, "/a", "required", "Give it, as nothing can be done without it."));
    buf_init(&out, 70);
    assert_true(err_write(&out, &e, NULL, details));
    assert_string_equal(out.p, "{\"code\":\"invalid_input\",\"message\":\"Wrong.\"}");
    buf_free(&out);
    json_decref(details);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bytes), cmocka_unit_test(test_cut_texts),
                                        cmocka_unit_test(test_whole), cmocka_unit_test(test_rows),
                                        cmocka_unit_test(test_small_ceiling) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
