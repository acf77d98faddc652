/* test_json_scan.c - the strict JSON scanner of the context headers, against cases and against jansson. */
#include "tests/unit/check.h"

#include <dirent.h>
#include <jansson.h>

#include "runtime/base/json_scan.h"

static bool scan(const char *text, unsigned flags, struct span *a)
{
    static char mem[4096];
    struct span inner = { 0 };
    const struct scan_field members[] = { { "b", &inner, NULL }, { NULL, NULL, NULL } };
    const struct scan_field fields[] = { { "a", a, NULL }, { "o", NULL, members }, { NULL, NULL, NULL } };
    const char *why = "";
    size_t n = strlen(text);
    assert_true(n <= sizeof mem);
    memcpy(mem, text, n);
    bool ok = scan_object(mem, n, fields, flags, &why);
    assert_true(ok == (why[0] == '\0'));
    return ok;
}

static void wanted_strings_are_found_and_unescaped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "{\"a\":\"x\"}", "x" },
        { " {\t\"a\"\r:\n\"x\" } ", "x" },
        { "{\"a\":\"\"}", "" },
        { "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t" },
        { "{\"a\":\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"}", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "{\"\\u0061\":\"x\"}", "x" }, /* an escaped name is that name */
        { "{\"z\":[1,-0.5e+3,true,false,null,{}],\"a\":\"x\",\"y\":{\"a\":\"no\"}}", "x" },
        { "{\"o\":{\"b\":\"i\",\"c\":0},\"a\":\"x\"}", "x" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span a = { 0 };
        if (!scan(rows[i].text, 0, &a))
            fail_msg("refused %s", rows[i].text);
        assert_span(a, rows[i].want);
        assert_int_equal(a.p[a.n], '\0');
    }
}

static void what_is_not_strict_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "null",
        "[]",
        "\"a\"",
        "1",
        "{",
        "}",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":\"x\"",
        "{\"a\":\"x\",}",
        "{,}",
        "{\"a\":\"x\"}{}",
        "{\"a\":\"x\"}x",
        "{a:\"x\"}",
        "{'a':\"x\"}",
        "{\"a\" \"x\"}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u00\"}",
        "{\"a\":\"\\u00g0\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\x1f\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xc0\xaf\"}",
        "{\"a\":1}",
        "{\"a\":true}",
        "{\"a\":[]}",
        "{\"a\":{}}",
        "{\"a\":null}",
        "{\"o\":\"x\"}",
        "{\"o\":[]}",
        "{\"o\":null}",
        "{\"a\":\"x\",\"a\":\"y\"}",
        "{\"z\":1,\"z\":1}",
        "{\"z\":{\"q\":1,\"q\":1}}",
        "{\"a\":\"x\",\"\\u0061\":\"y\"}",
        "{\"z\":01}",
        "{\"z\":1.}",
        "{\"z\":.1}",
        "{\"z\":+1}",
        "{\"z\":1e}",
        "{\"z\":-}",
        "{\"z\":NaN}",
        "{\"z\":Infinity}",
        "{\"z\":tru}",
        "{\"z\":nul}",
        "{\"z\":0x1}",
        "{\"z\":[1,]}",
        "{\"z\":[,1]}",
        "{\"z\":[1 2]}",
        "{\"z\":[}",
        "\xef\xbb\xbf{}",
        "{\"z\":/**/1}",
        "{\"z\":1}\v",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct span a = { 0 };
        if (scan(bad[i], 0, &a))
            fail_msg("accepted %s", bad[i]);
    }
}

static void flags_do_what_they_say(void **state)
{
    (void)state;
    struct span a = { 0 };
    assert_false(scan("{\"A\":\"x\"}", SCAN_CLOSED, &a));
    assert_true(scan("{\"A\":\"x\"}", SCAN_CLOSED | SCAN_NOCASE, &a));
    assert_span(a, "x");
    assert_false(scan("{\"A\":\"x\",\"a\":\"y\"}", SCAN_NOCASE, &a));
    assert_false(scan("{\"z\":1}", SCAN_CLOSED, &a));
    a = (struct span){ 0 };
    assert_true(scan(" null ", SCAN_NULL, &a));
    assert_true(scan("{\"a\":null,\"o\":null}", SCAN_NULL, &a));
    assert_null(a.p);
    assert_false(scan("nullx", SCAN_NULL, &a));
}

static void limits_hold_at_n_and_one_more(void **state)
{
    (void)state;
    struct span a = { 0 };
    char text[4000];
    for (int levels = SCAN_DEPTH; levels <= SCAN_DEPTH + 1; levels++) {
        size_t n = (size_t)snprintf(text, sizeof text, "{\"z\":");
        for (int i = 1; i < levels; i++)
            text[n++] = '[';
        for (int i = 1; i < levels; i++)
            text[n++] = ']';
        memcpy(text + n, "}", 2);
        assert_true(scan(text, 0, &a) == (levels == SCAN_DEPTH));
    }
    for (int members = SCAN_MEMBERS; members <= SCAN_MEMBERS + 1; members++) {
        size_t n = 0;
        for (int i = 0; i < members; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%c\"m%d\":1", i ? ',' : '{', i);
        memcpy(text + n, "}", 2);
        assert_true(scan(text, 0, &a) == (members == SCAN_MEMBERS));
    }
}

/* Same verdict as jansson on any text, but for what only one of them limits; same string where both accept. */
static void compare_with_jansson(const char *text, size_t n)
{
    char *mem = malloc(n + 1);
    struct span a = { 0 };
    const struct scan_field fields[] = { { "a", &a, NULL }, { NULL, NULL, NULL } };
    const char *why = "";
    json_error_t e;
    memcpy(mem, text, n);
    bool ours = scan_object(mem, n, fields, 0, &why);
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &e);
    const json_t *member = json_object_get(root, "a");
    bool theirs = json_is_object(root) && (!member || json_is_string(member));
    bool limit = strcmp(why, "too many levels") == 0 || strcmp(why, "too many members") == 0 ||
                 (!root && json_error_code(&e) == json_error_numeric_overflow);
    if (!limit && ours != theirs)
        fail_msg("ours %d (%s), jansson %d (%s): %.*s", ours, why, theirs, e.text, (int)n, text);
    if (!limit && ours && member) {
        assert_int_equal(a.n, json_string_length(member));
        assert_memory_equal(a.p, json_string_value(member), a.n);
    }
    json_decref(root);
    free(mem);
}

static void mutated_texts_get_the_verdict_of_jansson(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        "{\"a\":\"\\ud83d\\ude00\\u00e9x\",\"b\":[1,2.5e-3,{\"c\":null}],\"d\":\"\xe2\x82\xac\"}",
        "{\"id\":\"00Dxx0000000000EAA-7c566091\",\"a\":\"jwt\",\"loginUrl\":\"l\",\"n\":-0,\"t\":true}",
        "{\"o\":{\"o\":{\"o\":[[],[{}]]}},\"a\":\"\\\\\\\"\\/\"}",
    };
    static const char bytes[] = "{}[]\",:\\u0d8c9fe+-.tn \x80\xc3\xed\xf4\x01";
    for (long i = 0; i < rounds(200000, 5000000); i++) {
        char text[256];
        const char *seed = seeds[below(COUNT(seeds))];
        size_t n = strlen(seed);
        memcpy(text, seed, n);
        for (size_t k = below(3) + 1; k; k--) {
            size_t at = below(n);
            switch (below(3)) {
            case 0:
                text[at] = bytes[below(sizeof bytes - 1)];
                break;
            case 1:
                memmove(text + at, text + at + 1, n - at - 1);
                n--;
                break;
            default:
                memmove(text + at + 1, text + at, n - at);
                text[at] = bytes[below(sizeof bytes - 1)];
                n++;
            }
        }
        compare_with_jansson(text, n);
    }
}

static void json_test_suite_gets_the_verdict_of_jansson(void **state)
{
    (void)state;
    char path[2048];
    const char *base = getenv("SHARED_DATA");
    snprintf(path, sizeof path, "%s/security/JSONTestSuite/test_parsing", base ? base : "../shared/data");
    DIR *dir = opendir(path);
    if (!dir)
        skip();
    int files = 0;
    for (struct dirent *d; (d = readdir(dir));) {
        char name[400];
        size_t n = 0;
        if (d->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "security/JSONTestSuite/test_parsing/%s", d->d_name);
        char *text = shared_file(name, &n);
        assert_non_null(text);
        compare_with_jansson(text, n);
        files++;
        if (strncmp(d->d_name, "n_", 2) == 0) {
            const char *why;
            const struct scan_field none[] = { { NULL, NULL, NULL } };
            if (scan_object(text, n, none, 0, &why))
                fail_msg("accepted %s", d->d_name);
        }
        free(text);
    }
    closedir(dir);
    assert_int_equal(files, 318);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wanted_strings_are_found_and_unescaped),
        cmocka_unit_test(what_is_not_strict_is_refused),
        cmocka_unit_test(flags_do_what_they_say),
        cmocka_unit_test(limits_hold_at_n_and_one_more),
        cmocka_unit_test(mutated_texts_get_the_verdict_of_jansson),
        cmocka_unit_test(json_test_suite_gets_the_verdict_of_jansson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
