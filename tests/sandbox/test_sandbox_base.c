/* test_sandbox_base.c - the sandbox's kit: text with a ceiling, base64 in three forms, escapes and forms, times, ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/record_id.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"

static void a_text_stops_at_its_ceiling(void **state)
{
    struct text t = { .max = 5 };
    size_t n;
    (void)state;
    assert_true(text_str(&t, "abc"));
    assert_true(text_fmt(&t, "%d", 12)); /* exactly full */
    assert_string_equal(t.p, "abc12");
    assert_false(text_char(&t, '3'));
    assert_true(t.failed);
    assert_false(text_add(&t, "", 0)); /* once refused, nothing more */
    assert_null(text_take(&t, &n));
    assert_int_equal(n, 0);
    assert_true(text_str(&t, "again")); /* the ceiling stays, the failure does not */
    char *p = text_take(&t, &n);
    assert_string_equal(p, "again");
    assert_int_equal(n, 5);
    free(p);
    assert_false(text_str(&t, "longer"));
    text_free(&t);
    assert_false(text_str(&t, "longer"));
    text_free(&t);
}

static void a_text_without_a_ceiling_grows(void **state)
{
    struct text t = { 0 };
    (void)state;
    assert_null(text_take(&t, NULL));
    for (int i = 0; i < 10000; i++)
        assert_true(text_fmt(&t, "%04d", i));
    assert_int_equal(t.n, 40000);
    assert_int_equal(strlen(t.p), 40000);
    assert_memory_equal(t.p + 39996, "9999", 4);
    text_free(&t);
}

static void base64_has_three_forms(void **state)
{
    static const struct {
        const char *text;
        int n[3]; /* bytes in each form; -1 = refused */
    } rows[] = {
        { "", { 0, 0, 0 } },
        { "aGk=", { 2, -1, 2 } },
        { "aGk", { -1, 2, -1 } },
        { "aGkh", { 3, 3, 3 } },
        { "aA==", { 1, -1, 1 } },
        { "aA=", { -1, -1, -1 } },
        { "a===", { -1, -1, -1 } },
        { "====", { -1, -1, -1 } },
        { "=", { -1, -1, -1 } },
        { "aA=k", { -1, -1, -1 } },
        { "aGl=", { -1, -1, -1 } }, /* stray bits */
        { "aGkhaGk=aGkh", { -1, -1, -1 } },
        { "a", { -1, -1, -1 } },
        { "A", { -1, -1, -1 } },
        { "aGkhA", { -1, -1, -1 } },
        { "+/+/", { 3, -1, 3 } },
        { "-_-_", { -1, 3, -1 } },
        { "aG\r\nkh", { -1, -1, 3 } },
        { " a G k\t=\n", { -1, -1, 2 } },
        { "aG*h", { -1, -1, -1 } },
    };
    static const enum base64_form forms[] = { BASE64_PADDED, BASE64_URL, BASE64_LINES };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int f = 0; f < 3; f++) {
            size_t n = 0;
            unsigned char *bytes = base64_bytes(rows[i].text, strlen(rows[i].text), forms[f], &n);
            if ((bytes ? (int)n : -1) != rows[i].n[f])
                fail_msg("\"%s\" in form %d: %d", rows[i].text, f, bytes ? (int)n : -1);
            free(bytes);
        }
    size_t n;
    assert_null(base64_bytes("aG\0h", 4, BASE64_PADDED, &n));
}

static void base64_comes_back(void **state)
{
    unsigned char in[64];
    (void)state;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (unsigned char)(i * 37 + 250);
    for (size_t n = 0; n <= sizeof in; n++)
        for (int form = BASE64_PADDED; form <= BASE64_LINES; form++) {
            size_t out_n = 99;
            char *text = base64_text(in, n, (enum base64_form)form);
            unsigned char *out = base64_bytes(text, strlen(text), (enum base64_form)form, &out_n);
            assert_non_null(out);
            assert_int_equal(out_n, n);
            assert_memory_equal(out, in, n);
            free(out);
            free(text);
        }
}

static void escapes_are_strict_or_loose(void **state)
{
    static const struct {
        const char *in, *strict, *loose; /* strict NULL = refused */
    } rows[] = {
        { "a%20b+c", "a b c", "a b c" }, { "%41%4a%4A", "AJJ", "AJJ" }, { "100%", NULL, "100%" }, { "%4", NULL, "%4" },
        { "%zz+", NULL, "%zz " },        { "%25", "%", "%" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *strict = percent_decode(rows[i].in, strlen(rows[i].in), true), loose[20];
        if (rows[i].strict)
            assert_string_equal(strict, rows[i].strict);
        else
            assert_null(strict);
        copy_text(loose, sizeof loose, rows[i].in);
        assert_int_equal(percent_decode_loose(loose, strlen(loose), true), strlen(rows[i].loose));
        assert_string_equal(loose, rows[i].loose);
        free(strict);
    }
    char zero[] = "a%00b";
    assert_null(percent_decode(zero, 5, false));
    assert_int_equal(percent_decode_loose(zero, 5, false), 3);
}

static void takes(char *value, const char *want)
{
    if (want)
        assert_string_equal(value ? value : "(absent)", want);
    else
        assert_null(value);
    free(value);
}

static void forms_and_queries_are_read(void **state)
{
    static const char text[] = "a=1&b%62=2+3&c&d=&a=4&e=%zz";
    (void)state;
    takes(form_get(text, "a"), "1");
    takes(form_get(text, "bb"), "2 3");
    takes(form_get(text, "c"), "");
    takes(form_get(text, "d"), "");
    takes(form_get(text, "e"), NULL);
    takes(form_get(text, "f"), NULL);
    takes(query_param(text, "a"), "1");
    takes(query_param(text, "bb"), NULL);
    takes(query_param(text, "b%62"), "2 3");
    takes(query_param(text, "c"), NULL);
    takes(query_param(text, "d"), "");
    takes(query_param(text, "e"), "%zz");
}

static void times_have_a_zone(void **state)
{
    char out[32];
    (void)state;
    utc_text(1767225600007, "Z", out);
    assert_string_equal(out, "2026-01-01T00:00:00.007Z");
    utc_text(0, "+0000", out);
    assert_string_equal(out, "1970-01-01T00:00:00.000+0000");
    utc_text(-1, "Z", out);
    assert_string_equal(out, "1969-12-31T23:59:59.999Z");
}

static void ids_carry_a_checksum(void **state)
{
    char id[ID_SIZE] = "untouched";
    (void)state;
    assert_true(id_complete("001xx000003DGb0", id));
    assert_string_equal(id, "001xx000003DGb0AAG");
    assert_true(id_complete("001xx000003DGb0aag", id));
    assert_string_equal(id, "001xx000003DGb0AAG");
    copy_text(id, sizeof id, "untouched");
    assert_false(id_complete("001xx000003DGb0AAH", id));
    assert_false(id_complete("001xx000003DGb", id));
    assert_false(id_complete("001xx000003DG-0", id));
    assert_string_equal(id, "untouched");
    id_make("a0B", 62 * 62 + 1, id);
    assert_string_equal(id, "a0Bxx0000000101EAA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_stops_at_its_ceiling), cmocka_unit_test(a_text_without_a_ceiling_grows),
        cmocka_unit_test(base64_has_three_forms),      cmocka_unit_test(base64_comes_back),
        cmocka_unit_test(escapes_are_strict_or_loose), cmocka_unit_test(forms_and_queries_are_read),
        cmocka_unit_test(times_have_a_zone),           cmocka_unit_test(ids_carry_a_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
