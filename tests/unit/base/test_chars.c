/* test_chars.c - the classes of characters over all 256 bytes, held against those of the C library. */
#include "tests/unit/check.h"

#include <ctype.h>

#include "runtime/base/chars.h"

static void test_every_byte(void **state)
{
    (void)state; /* the program has not called setlocale, so this is the "C" locale */
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        bool ascii = i < 128;
        assert_int_equal(char_digit(c), ascii && isdigit(i) != 0);
        assert_int_equal(char_upper(c), ascii && isupper(i) != 0);
        assert_int_equal(char_lower(c), ascii && islower(i) != 0);
        assert_int_equal(char_letter(c), ascii && isalpha(i) != 0);
        assert_int_equal(char_alnum(c), ascii && isalnum(i) != 0);
        assert_int_equal(char_visible(c), ascii && isgraph(i) != 0);
        assert_int_equal(char_printable(c), ascii && isprint(i) != 0);
        assert_int_equal(char_control(c), ascii && iscntrl(i) != 0);
        assert_int_equal(char_hex_value(c) >= 0, ascii && isxdigit(i) != 0);
        assert_int_equal((unsigned char)char_to_lower(c), ascii ? tolower(i) : i);
    }
}

static void test_hex_values(void **state)
{
    (void)state;
    for (int v = 0; v < 16; v++) {
        assert_int_equal(char_hex_value("0123456789abcdef"[v]), v);
        assert_int_equal(char_hex_value("0123456789ABCDEF"[v]), v);
    }
}

static void test_spans_of_a_class(void **state)
{
    char out[4];
    (void)state;
    assert_true(span_all(span_of("0123"), char_digit));
    assert_false(span_all(span_of("01a3"), char_digit));
    assert_false(span_all(span_of("123 "), char_digit));
    assert_true(span_all((struct span){ NULL, 0 }, char_digit));
    copy_lower(out, sizeof out, span_of("AbCdE"));
    assert_string_equal(out, "abc");
    copy_lower(out, sizeof out, span_of("\xc4Z"));
    assert_string_equal(out, "\xc4z");
    copy_lower(out, sizeof out, (struct span){ NULL, 0 });
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_byte), cmocka_unit_test(test_hex_values),
                                        cmocka_unit_test(test_spans_of_a_class) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
