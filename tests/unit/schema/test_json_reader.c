/*
 * test_json_reader.c - bodies that are refused, and in which words. Whatever the library says of a text has a row in
 * the reader's table: a text that falls through is a failure here. with SHARED_DATA, also over the n_ files of
 * JSONTestSuite.
 */
#include "tests/unit/check.h"

#include <dirent.h>

#include "runtime/schema/json_reader.h"

#define S(text) text, sizeof text - 1

static const struct {
    const char *text;
    size_t n;
    const char *says;
} rows[] = {
    /* the grammar allows them */
    { S("{\"a\":1e400}"), "JSON that is not taken here: 1e400 is too large for a number, line 1 column" },
    { S("{\"a\":-1e400}"), "taken here: -1e400 is too large for a number, line 1" },
    { S("{\"a\": 18446744073709551616 }"), "taken here: 18446744073709551616 is too large for a number, line 1" },
    { S("[\n9223372036854775808]"), "taken here: 9223372036854775808 is too large for a number, line 2" },
    { S("[-9223372036854775809]"), "taken here: -9223372036854775809 is too small for a number, line 1" },
    { S("[123456789012345678901234567890]"), "taken here: 123456789012345678901234... is too large for a number" },
    { S("{\"a\":\"a\\u0000b\"}"), "taken here: \\u0000 cannot be part of a text here" },
    { S("{\"a\\u0000b\":1}"), "taken here: \\u0000 cannot be part of a" },
    { S("{\"a\":1,\"a\":2}"), "taken here: a member stands twice in one object, near '\"a\"'" },
    /* and these it does not */
    { S("{\"a\":\"\xff\"}"), "not JSON: it holds a byte that is not UTF-8" },
    { S("{\"a\":\"x"), "not JSON: it ends in the middle of a text" },
    { S("{\"a\":\"x\ny\"}"), "not JSON: a line ends within a text" },
    { S("{\"a\":\"x\ty\"}"), "not JSON: a text holds a control character" },
    { S("{\"a\":\"\\x\"}"), "not JSON: a text has an escape that JSON does not have" },
    { S("{\"a\":\"\\u12x4\"}"), "not JSON: a text has an escape that JSON does not have (\\u needs four" },
    { S("{\"a\":\"\\ud800\"}"), "not JSON: a text has one half of a surrogate pair" },
    { S("{\"a\":\"\\udc00\"}"), "not JSON: a text has one half of a surrogate pair" },
    { S("{\"a\":\"\\ud800\\u0041\"}"), "not JSON: a text has one half of a surrogate pair" },
    { S("{a:1}"), "not JSON: a member's name in double quotes or a } is missing, near 'a'" },
    { S("{\"a\" 1}"), "not JSON: the : behind a member's name is missing" },
    { S("{\"a\":tru}"), "not JSON: here stands something that JSON does not have, near 'tru'" },
    { S("{\"a\":01}"), "not JSON: here stands something that JSON does not have" },
    { S("{\"a\":}"), "not JSON: a value is missing" },
    { S("[1,]"), "not JSON: a value is missing" },
    { S("[1 2]"), "not JSON: a , or ] is missing" },
    { S("[1"), "not JSON: a , or ] is missing, at its end" },
    { S("{\"a\":1 \"b\":2}"), "not JSON: a , or } is missing" },
    { S("7"), "not JSON: it must be an object, beginning with {" },
    { S(""), "not JSON: it must be an object, beginning with {" },
    { S("{} {}"), "not JSON: more follows behind its end" },
    { S("{}\0"), "not JSON: it holds a NUL byte" },
};

/* Words that are the library's and not JSON's. */
static void assert_plain(const char *message, const char *of)
{
    static const char *const words[] = { "JSON_",       "ALLOW",    "jansson", "token",
                                         "end of file", "overflow", "parsing", "breaks a rule" };
    for (size_t i = 0; i < COUNT(words); i++)
        if (strstr(message, words[i]))
            fail_msg("%s: %s", of, message);
}

static void every_refusal_has_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err e = { 0 };
        assert_null(json_read((struct span){ rows[i].text, rows[i].n }, &e));
        assert_int_equal(e.status, 400);
        assert_string_equal(e.code, "invalid_json");
        if (!strstr(e.message, rows[i].says))
            fail_msg("%s: %s", rows[i].text, e.message);
        assert_plain(e.message, rows[i].text);
    }
}

static void depth_has_its_words(void **state)
{
    static char deep[5000];
    struct err e = { 0 };
    (void)state;
    memset(deep, '[', sizeof deep);
    assert_null(json_read((struct span){ deep, sizeof deep }, &e));
    assert_non_null(strstr(e.message, "taken here: it is nested too deeply"));
    assert_plain(e.message, "5,000 brackets");
}

static void what_is_JSON_is_read(void **state)
{
    static const char *const good[] = { "{}", " [ ] ", "{\"a\":[1,-0.5,1e2,true,null,\"\\ud83d\\ude00\"]}",
                                        "{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":1.7e308}" };
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct err e = { 0 };
        json_t *root = json_read(span_of(good[i]), &e);
        if (!root)
            fail_msg("%s: %s", good[i], e.message);
        json_decref(root);
    }
}

static void the_files_of_the_suite(void **state)
{
    const char *data = getenv("SHARED_DATA");
    char path[1024];
    static char text[1 << 20];
    int files = 0;
    (void)state;
    snprintf(path, sizeof path, "%s/security/JSONTestSuite/test_parsing", data ? data : "../shared/data");
    DIR *dir = opendir(path);
    if (!dir) {
        print_message("no %s\n", path);
        skip();
    }
    for (struct dirent *d; (d = readdir(dir));) {
        struct err e = { 0 };
        char name[2048];
        snprintf(name, sizeof name, "%s/%s", path, d->d_name);
        FILE *f = d->d_name[0] == 'n' || d->d_name[0] == 'i' ? fopen(name, "rb") : NULL;
        if (!f)
            continue;
        size_t n = fread(text, 1, sizeof text, f);
        fclose(f);
        json_t *root = json_read((struct span){ text, n }, &e);
        if (root && d->d_name[0] == 'n')
            fail_msg("%s was read", d->d_name);
        if (!root)
            assert_plain(e.message, d->d_name);
        json_decref(root);
        files++;
    }
    closedir(dir);
    assert_true(files > 180);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_has_its_words),
        cmocka_unit_test(depth_has_its_words),
        cmocka_unit_test(what_is_JSON_is_read),
        cmocka_unit_test(the_files_of_the_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
