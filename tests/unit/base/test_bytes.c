/* test_bytes.c - spans, buffers, encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/base/bytes.h"
#include "runtime/base/encoding.h"
#include "runtime/base/system.h"

static void base64_round_trips_every_length(void **state)
{
    (void)state;
    unsigned char in[64], back[64];
    char text[100];
    for (size_t n = 0; n <= sizeof in; n++) {
        random_bytes(in, n ? n : 1);
        size_t len = base64_encode(in, n, text);
        assert_int_equal(base64_decode((struct span){ text, len }, back, sizeof back), n);
        assert_memory_equal(in, back, n);
        len = base64url_encode(in, n, text);
        assert_int_equal(base64url_decode((struct span){ text, len }, back, sizeof back), n);
        assert_memory_equal(in, back, n);
    }
}

static void base64_refuses_what_is_not_strict(void **state)
{
    (void)state;
    static const char *const bad[] = { "A",    "AA",   "AAA",   "AA==A", "====", "A===", "AB==",
                                       "AAB=", "AA=A", "AA\nA", "AA-_",  "AA A", "=AAA" };
    unsigned char out[16];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (base64_decode(span_of(bad[i]), out, sizeof out) != -1)
            fail_msg("accepted %s", bad[i]);
    assert_int_equal(base64_decode(span_of("AAAA"), out, 2), -1); /* does not fit */
    assert_int_equal(base64url_decode(span_of("AA=="), out, sizeof out), -1);
    assert_int_equal(base64url_decode(span_of("A+/A"), out, sizeof out), -1);
    assert_int_equal(base64url_decode(span_of("AB"), out, sizeof out), -1); /* stray bits */
}

static void buffers_stop_at_their_ceiling(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_true(buf_str(&b, "0123456789"));
    assert_false(buf_char(&b, 'x'));
    assert_true(b.failed);
    assert_string_equal(b.p, "0123456789");
    assert_null(buf_take(&b, NULL));
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_true(buf_json_string(&b, (struct span){ "a\"\\\n\0\xc3\xa9", 7 }));
    assert_string_equal(b.p, "\"a\\\"\\\\\\n\\u0000\xc3\xa9\"");
    assert_false(buf_json_string(&b, span_of("\xff")));
    buf_free(&b);
}

static void utf8_is_strict(void **state)
{
    (void)state;
    assert_true(utf8_valid(span_of("\xf0\x9f\x98\x80 \xe2\x82\xac")));
    static const char *const bad[] = { "\x80",         "\xc0\x80",
                                       "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                       "\xe2\x82",     "\xf8\x88\x80\x80\x80" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_valid(span_of(bad[i])));
}

static void spans_split_and_compare(void **state)
{
    (void)state;
    struct span rest = span_of("a,bb,,c"), part;
    const char *want[] = { "a", "bb", "", "c" };
    for (size_t i = 0; i < 4; i++) {
        assert_true(span_split(&rest, ',', &part));
        assert_true(span_eq(part, want[i]));
    }
    assert_false(span_split(&rest, ',', &part));
    assert_true(span_eq_nocase(span_of("X-Request-Id"), "x-request-id"));
    assert_false(span_eq(span_of("abc"), "abd"));
}

static void a_list_has_members_and_no_gaps(void **state)
{
    (void)state;
    static const char *const bad[] = { "", ",", "a,", ",a", "a,,b", " " };
    char many[3 * SPAN_LIST + 3] = "";
    struct span_list list = { .n = 0 };
    assert_true(span_list_read(&list, " a , b"));
    assert_int_equal(list.n, 2);
    assert_true(span_eq(list.v[0], "a"));
    assert_true(span_eq(list.v[1], "b"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (span_list_read(&list, bad[i]))
            fail_msg("accepted \"%s\"", bad[i]);
    assert_false(span_list_read(&list, NULL));
    assert_int_equal(list.n, 2); /* as it was */
    for (int i = 0; i < SPAN_LIST; i++)
        snprintf(many + 2 * i, sizeof many - 2 * (size_t)i, "a,");
    many[2 * SPAN_LIST - 1] = '\0';
    assert_true(span_list_read(&list, many));
    assert_int_equal(list.n, SPAN_LIST);
    snprintf(many + 2 * SPAN_LIST - 1, 3, ",a");
    assert_false(span_list_read(&list, many));
}

/* A file fits a buffer up to its ceiling, to the byte. */
static void files_up_to_the_ceiling(void **state)
{
    (void)state;
    char path[] = "/tmp/test_bytes_XXXXXX", text[5000];
    int fd = mkstemp(path);
    struct buf b;
    assert_true(fd >= 0);
    memset(text, 'x', sizeof text);
    buf_init(&b, sizeof text);
    assert_false(buf_file(&b, path)); /* empty */
    assert_int_equal(write(fd, text, sizeof text), sizeof text);
    assert_true(buf_file(&b, path));
    assert_int_equal(b.n, sizeof text);
    assert_memory_equal(b.p, text, sizeof text);
    buf_free(&b);
    buf_init(&b, sizeof text - 1);
    assert_false(buf_file(&b, path));
    assert_false(buf_file(&b, "/"));
    unlink(path);
    close(fd);
    assert_false(buf_file(&b, path));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_round_trips_every_length),
        cmocka_unit_test(base64_refuses_what_is_not_strict),
        cmocka_unit_test(buffers_stop_at_their_ceiling),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(spans_split_and_compare),
        cmocka_unit_test(a_list_has_members_and_no_gaps),
        cmocka_unit_test(files_up_to_the_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
