/* test_bulk_csv.c - CSV as the Bulk API reads and writes it: dialects, what is refused, limits at N and N + 1. */
#include "sandbox/bulk/csv.h"
#include "tests/sandbox/fixture.h"

/* All records as "a|b/" with \n and \r spelled; or "!" and what is wrong. */
static char *told(const char *text, size_t n, const struct csv_dialect *dialect)
{
    struct csv_reader r;
    struct csv_record row = { .n = 0 };
    struct text out = { 0 };
    enum csv_outcome got;
    csv_start(&r, text, n, dialect);
    text_str(&out, "");
    while ((got = csv_next(&r, &row)) == CSV_READ) {
        for (size_t i = 0, len; i < row.n; i++) {
            const char *value = csv_value(&row, i, &len);
            assert_int_equal(strlen(value), len);
            text_str(&out, i ? "|" : "");
            for (; *value; value++)
                text_fmt(&out, *value == '\n' ? "\\n" : *value == '\r' ? "\\r" : "%c", *value);
        }
        text_char(&out, '/');
    }
    if (got == CSV_WRONG)
        text_fmt(&out, "!%s", r.why);
    csv_record_free(&row);
    return text_take(&out, NULL);
}

static const struct {
    const char *delimiter, *ending, *text, *want; /* want "!..." is a part of what is told */
} readings[] = {
    { "COMMA", "LF", "a,b\n1,2\n", "a|b/1|2/" },
    { "COMMA", "LF", "a,b\n1,2", "a|b/1|2/" },
    { "COMMA", "LF", "a\n", "a/" },
    { "COMMA", "LF", "", "" },
    { "COMMA", "LF", "\n\n", "" },
    { "COMMA", "LF", "a,b\n\n1,2\n\n", "a|b/1|2/" },
    { "COMMA", "LF", "a,b\n,\n", "a|b/|/" },
    { "COMMA", "LF", "a,b\n\"\",\"x\"\"y\"\n", "a|b/|x\"y/" },
    { "COMMA", "LF", "a,b\n\"1,5\",\"l1\nl2\"\n", "a|b/1,5|l1\\nl2/" },
    { "COMMA", "LF", "a\n\"l1\r\nl2\"\n", "a/l1\\r\\nl2/" },
    { "COMMA", "LF", "a,b\n x , y \n", "a|b/ x | y /" },
    { "COMMA", "LF", "a\n\"\"\"\"\n", "a/\"/" },
    { "COMMA", "LF", "a\nx\ry\n", "a/x\\ry/" },
    { "COMMA", "CRLF", "a,b\r\n1,2\r\n", "a|b/1|2/" },
    { "COMMA", "CRLF", "a,b\r\n1,2", "a|b/1|2/" },
    { "COMMA", "CRLF", "a\r\n\"x\ny\"\r\n", "a/x\\ny/" },
    { "TAB", "LF", "a\tb\n1,5\t2\n", "a|b/1,5|2/" },
    { "PIPE", "LF", "a|b\n1,5|2\n", "a|b/1,5|2/" },
    { "SEMICOLON", "LF", "a;b\n1,5;2\n", "a|b/1,5|2/" },
    { "CARET", "LF", "a^b\n1,5^2\n", "a|b/1,5|2/" },
    { "BACKQUOTE", "LF", "a`b\n1,5`2\n", "a|b/1,5|2/" },
    { "COMMA", "LF", "a,b\r\n1,2\r\n", "!LineEnding is invalid on user data. Current LineEnding setting is LF" },
    { "COMMA", "LF", "a,b\n1,2\r\n", "!Current LineEnding setting is LF" },
    { "COMMA", "LF", "a\n\r\n", "!Current LineEnding setting is LF" },
    { "COMMA", "CRLF", "a,b\n1,2\n", "!Current LineEnding setting is CRLF" },
    { "COMMA", "LF", "a,b\n\"1\" ,2\n", "!stand outside of a quoted value (record 2)" },
    { "COMMA", "LF", "a,b\n \"1\",2\n", "!stand outside of a quoted value (record 2)" },
    { "COMMA", "LF", "a,b\n1\"2,3\n", "!stand outside of a quoted value" },
    { "COMMA", "LF", "a,b\n\"1\"2,3\n", "!stand outside of a quoted value" },
    { "COMMA", "LF", "a,b\n\"1,2\n", "!has no closing quote (record 2)" },
    { "COMMA", "LF", "a,b\n1,2\n1,2,3\n", "!The number of fields is not that of the header (record 3)" },
    { "COMMA", "LF", "a,b\n1\n", "!The number of fields is not that of the header" },
    { "COMMA", "LF", "a\n\xff\n", "!not UTF-8" },
    { "COMMA", "LF", "a\n\xc0\x80\n", "!not UTF-8" },
    { "COMMA", "LF", "a\n\xed\xa0\x80\n", "!not UTF-8" },
    { "COMMA", "LF", "a\n\xf4\x90\x80\x80\n", "!not UTF-8" },
    { "COMMA", "LF", "a\n\xe2\x82", "!not UTF-8" },
    { "COMMA", "LF", "a\n\xe2\x82\xac\xf0\x9f\x9a\x97\n", "a/\xe2\x82\xac\xf0\x9f\x9a\x97/" },
};

static void csv_is_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        struct csv_dialect d;
        assert_true(csv_delimiter(readings[i].delimiter, &d.delimiter));
        assert_true(csv_line_ending(readings[i].ending, &d.crlf));
        assert_string_equal(csv_delimiter_name(d.delimiter), readings[i].delimiter);
        assert_string_equal(csv_line_ending_name(d.crlf), readings[i].ending);
        char *got = told(readings[i].text, strlen(readings[i].text), &d);
        const char *want = readings[i].want, *text = got ? got : "";
        bool ok = *want == '!' ? strchr(text, '!') && strstr(text, want + 1) : strcmp(text, want) == 0;
        if (!ok)
            fail_msg("row %zu: %s", i, text);
        free(got);
    }
}

static void a_nul_is_refused(void **state)
{
    struct csv_dialect d = { ',', false };
    (void)state;
    char *got = told("a\nx\0y\n", 6, &d);
    assert_non_null(strstr(got, "NUL"));
    free(got);
}

static void other_names_are_none(void **state)
{
    struct csv_dialect d;
    (void)state;
    assert_false(csv_delimiter("comma", &d.delimiter));
    assert_false(csv_delimiter("", &d.delimiter));
    assert_false(csv_line_ending("CR", &d.crlf));
}

/* What is written is read as what it was. */
static void what_is_written_is_read(void **state)
{
    static const char *const values[] = { "", "x", "a,b", "q\"q", "\"", "two\nlines", "\r\n", " x ", "#N/A" };
    enum { N = sizeof values / sizeof *values };
    (void)state;
    for (int crlf = 0; crlf < 2; crlf++) {
        struct csv_dialect d = { crlf ? ';' : ',', crlf };
        struct text out = { 0 };
        struct csv_reader r;
        struct csv_record row = { .n = 0 };
        for (size_t i = 0; i < N; i++)
            csv_put(&out, &d, i == 0, values[i], strlen(values[i]));
        csv_end_record(&out, &d);
        csv_start(&r, out.p, out.n, &d);
        assert_int_equal(csv_next(&r, &row), CSV_READ);
        assert_int_equal(row.n, N);
        for (size_t i = 0, n; i < N; i++)
            assert_string_equal(csv_value(&row, i, &n), values[i]);
        assert_int_equal(csv_next(&r, &row), CSV_END);
        csv_record_free(&row);
        text_free(&out);
    }
}

/* ---- limits: n pieces pass, one more does not ---- */

static void repeat(struct text *t, const char *piece, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_str(t, piece);
}

static void limit(const char *before, const char *piece, size_t n, const char *after, const char *why)
{
    struct csv_dialect d = { ',', false };
    for (size_t more = 0; more < 2; more++) {
        struct text t = { 0 };
        text_str(&t, before);
        repeat(&t, piece, n + more);
        text_str(&t, after);
        char *got = told(t.p, t.n, &d);
        if (more ? !strstr(got, why) : strchr(got, '!') != NULL)
            fail_msg("%zu and %zu of %s: %s", n, more, piece, strchr(got, '!') ? strchr(got, '!') : "passed");
        free(got);
        text_free(&t);
    }
}

static void limits_at_n_and_one_more(void **state)
{
    (void)state;
    limit("", "a", CSV_HEADER_MAX, "\nx\n", "The header has more than 32,000 characters");
    limit("", "\xc3\xa9", CSV_HEADER_MAX, "\nx\n", "The header has more than 32,000 characters");
    limit("", "\xf0\x9f\x9a\x97", CSV_HEADER_MAX / 2, "\nx\n", "The header has more than 32,000 characters");
    limit("", ",", CSV_COLUMNS_MAX - 1, "\n", "A record has more than 5,000 fields");
    limit("a\n", "x", CSV_FIELD_MAX, "\n", "A field has more than 32,000 characters");
    limit("a\n\"", "x", CSV_FIELD_MAX, "\"\n", "A field has more than 32,000 characters");
    limit("a\n", "\xe2\x82\xac", CSV_FIELD_MAX, "\n", "A field has more than 32,000 characters");
    /* forty values of 9,999 and a comma each, the last without */
    struct text header = { 0 }, row = { 0 };
    repeat(&header, "a,", 39);
    text_str(&header, "a\n");
    for (int i = 0; i < 39; i++) {
        repeat(&row, "x", 9999);
        text_char(&row, ',');
    }
    text_add(&header, row.p, row.n);
    limit(header.p, "x", CSV_RECORD_MAX - row.n, "\n", "A record has more than 400,000 characters");
    text_free(&header);
    text_free(&row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read_strictly),     cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(other_names_are_none),     cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(limits_at_n_and_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
