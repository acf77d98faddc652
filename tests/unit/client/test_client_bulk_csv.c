/* test_client_bulk_csv.c - CSV is written so that it reads the same, and read so that nothing is guessed. */
#include "tests/unit/check.h"

#include "runtime/client/bulk_parts.h"

enum { ROWS = 40, COLUMNS = 6 };

static const char null_value[] = "#N/A";

/* What was read, one text: fields between "|", records ended by "/". */
static bool note(void *ctx, const char *const *fields, size_t n)
{
    struct buf *out = ctx;
    for (size_t i = 0; i < n; i++)
        buf_fmt(out, "%s%s", i ? "|" : "", fields[i]);
    return buf_str(out, "/");
}

static bool read_all(const char *text, size_t n, size_t piece, struct buf *out, const char **why)
{
    struct csv_reader r;
    csv_reader_init(&r, note, out);
    bool ok = true;
    for (size_t at = 0; at < n && ok; at += piece)
        ok = csv_read(&r, text + at, n - at < piece ? n - at : piece);
    ok = ok && csv_read_end(&r);
    *why = r.why;
    csv_reader_fini(&r);
    return ok;
}

static void reads_as(const char *text, const char *want)
{
    for (size_t piece = 1; piece <= 7; piece += 2) {
        struct buf out;
        const char *why;
        buf_init(&out, 4096);
        assert_true(read_all(text, strlen(text), piece, &out, &why));
        assert_string_equal(out.p ? out.p : "", want);
        buf_free(&out);
    }
}

static void is_read(void **state)
{
    (void)state;
    reads_as("", "");
    reads_as("Id\n", "Id/");
    reads_as("Id", "Id/");
    reads_as("a,b\n1,2\n3,4", "a|b/1|2/3|4/");
    reads_as("a,b\r\n1,2\r\n", "a|b/1|2/");
    reads_as("\"a\",\"b\"\n\"1\",\"\"\n", "a|b/1|/");
    reads_as("a,b\n,\n", "a|b/|/");
    reads_as("a,b\n1,", "a|b/1|/");
    reads_as("a\n\n\"\"\n", "a///");
    reads_as("a,b\n\"x,y\",\"he said \"\"no\"\"\"\n", "a|b/x,y|he said \"no\"/");
    reads_as("a,b\n\"two\r\nlines\",\" blanks \"\n", "a|b/two\r\nlines| blanks /");
    reads_as("a,b\n blank ,x y\n", "a|b/ blank |x y/");
    reads_as("\"\"\"\",b\n\xc3\xa9,2\n", "\"|b/\xc3\xa9|2/");
}

static void is_no_csv(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *says;
    } bad[] = {
        { "a,b\n1\n", 0, "more or fewer" },
        { "a,b\n1,2,3\n", 0, "more or fewer" },
        { "a,b\n\n", 0, "more or fewer" },
        { "a,b\n1,x\"y\"\n", 0, "does not begin with one" },
        { "a,b\n1, \"y\"\n", 0, "does not begin with one" },
        { "a,b\n\"1\" ,2\n", 0, "behind its last quote" },
        { "a,b\n\"1\"x,2\n", 0, "behind its last quote" },
        { "a,b\n1,\"2\n", 0, "within quotes" },
        { "a,b\n1,2\r", 0, "CR" },
        { "a,b\n1\r2\n", 0, "CR" },
        { "a,b\n1,\xff\n", 0, "UTF-8" },
        { "a,b\n\xc3,\xa9\n", 0, "UTF-8" },
        { "a,b\n1,2\0\n", 9, "NUL" },
        { "a,b\n\"\0\",2\n", 9, "NUL" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        for (size_t piece = 1; piece < 20; piece += 6) {
            struct buf out;
            const char *why;
            buf_init(&out, 4096);
            assert_false(read_all(bad[i].text, bad[i].n ? bad[i].n : strlen(bad[i].text), piece, &out, &why));
            assert_non_null(strstr(why, bad[i].says));
            buf_free(&out);
        }
}

static bool refuse(void *ctx, const char *const *fields, size_t n)
{
    (void)fields, (void)n;
    return ++*(int *)ctx < 2;
}

static void may_be_ended(void **state)
{
    struct csv_reader r;
    int records = 0;
    (void)state;
    csv_reader_init(&r, refuse, &records);
    assert_false(csv_read(&r, "a\n1\n2\n3\n", 8));
    assert_null(r.why);
    assert_int_equal(records, 2);
    assert_false(csv_read(&r, "4\n", 2));
    assert_false(csv_read_end(&r));
    assert_int_equal(records, 2);
    csv_reader_fini(&r);
}

static bool count(void *ctx, const char *const *fields, size_t n)
{
    (void)fields;
    *(size_t *)ctx += n;
    return true;
}

static bool read_repeated(size_t n, char c, const char **why)
{
    struct csv_reader r;
    size_t fields = 0;
    char piece[1000];
    bool ok = true;
    memset(piece, c, sizeof piece);
    csv_reader_init(&r, count, &fields);
    for (; n && ok; n -= n < sizeof piece ? n : sizeof piece)
        ok = csv_read(&r, piece, n < sizeof piece ? n : sizeof piece);
    ok = ok && csv_read_end(&r);
    *why = r.why;
    csv_reader_fini(&r);
    return ok;
}

static void is_bounded(void **state)
{
    const char *why;
    (void)state;
    assert_true(read_repeated(CSV_RECORD - 1, 'x', &why)); /* and a NUL */
    assert_false(read_repeated(CSV_RECORD, 'x', &why));
    assert_non_null(strstr(why, "longer"));
    assert_true(read_repeated(CSV_COLUMNS - 1, ',', &why));
    assert_false(read_repeated(CSV_COLUMNS, ',', &why));
    assert_non_null(strstr(why, "5,000"));
}

static void writes_as(const char *const *values, size_t n, const char *want)
{
    struct buf out;
    const char *why;
    buf_init(&out, 4096);
    assert_true(csv_write(&out, values, n, null_value, &why));
    assert_string_equal(out.p, want);
    buf_free(&out);
}

static void is_written(void **state)
{
    (void)state;
    writes_as((const char *[]){ "a", NULL, "", null_value }, 4, "a,,,#N/A\n");
    writes_as((const char *[]){ "a,b", "say \"no\"", "two\nlines", "\r" }, 4,
              "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\"\r\"\n");
    writes_as((const char *[]){ " a", "b ", "\tc", "d e" }, 4, "\" a\",\"b \",\"\tc\",d e\n");
    writes_as((const char *[]){ "" }, 1, "\"\"\n");
    writes_as((const char *[]){ "\xe6\x97\xa5\xe6\x9c\xac" }, 1, "\xe6\x97\xa5\xe6\x9c\xac\n");
}

static void not_written(const char *value, const char *says)
{
    struct buf out;
    const char *why, *values[] = { "x", value };
    buf_init(&out, 3 * CSV_RECORD);
    buf_str(&out, "before\n");
    assert_false(csv_write(&out, values, 2, null_value, &why));
    assert_non_null(strstr(why, says));
    assert_string_equal(out.p, "before\n");
    buf_free(&out);
}

/* What the org would read as something else is not sent. */
static void is_refused(void **state)
{
    (void)state;
    not_written((char[]){ "#N/A" }, "#N/A");
    not_written("\xff", "UTF-8");
    char *text = malloc(2 * CSV_FIELD_CHARS + 3);
    memset(text, 'x', CSV_FIELD_CHARS + 1);
    text[CSV_FIELD_CHARS + 1] = '\0';
    not_written(text, "131,072");
    for (size_t i = 0; i < CSV_FIELD_CHARS; i++)
        memcpy(text + 2 * i, "\xc3\xa9", 3);
    struct buf out;
    const char *why, *values[] = { text, text, text, text };
    buf_init(&out, 3 * CSV_RECORD);
    assert_true(csv_write(&out, values, 3, null_value, &why)); /* 393,216 characters and what is between them */
    assert_false(csv_write(&out, values, 4, null_value, &why));
    assert_non_null(strstr(why, "400,000"));
    buf_free(&out);
    free(text);
}

/* ---- written and read again ---- */

static const char *const alphabet[] = {
    "a", "B", "7", ",",     "\"", "\n", "\r", "\r\n", " ", "\t", "\xc3\xa9", "\xf0\x9f\x98\x80",
    ";", "'", "=", "#N/A ", "--",
};

struct table {
    char text[ROWS][COLUMNS][64];
    size_t rows, columns, seen;
};

static bool compare(void *ctx, const char *const *fields, size_t n)
{
    struct table *t = ctx;
    assert_true(t->seen < t->rows);
    assert_int_equal(n, t->columns);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(fields[i], t->text[t->seen][i]);
    t->seen++;
    return true;
}

static void fill(struct table *t)
{
    t->rows = 1 + below(ROWS);
    t->columns = 1 + below(COLUMNS);
    t->seen = 0;
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->columns; c++) {
            char *to = t->text[r][c];
            *to = '\0';
            for (size_t k = below(9), at = 0; k > 0; k--)
                at += (size_t)snprintf(to + at, sizeof t->text[r][c] - at, "%s", alphabet[below(COUNT(alphabet))]);
        }
}

static void what_was_written_is_read(void **state)
{
    static struct table t;
    (void)state;
    for (long round = rounds(300, 20000); round > 0; round--) {
        struct buf out;
        struct csv_reader r;
        const char *why;
        fill(&t);
        buf_init(&out, 1 << 20);
        for (size_t i = 0; i < t.rows; i++) {
            const char *values[COLUMNS];
            for (size_t c = 0; c < t.columns; c++)
                values[c] = t.text[i][c];
            assert_true(csv_write(&out, values, t.columns, null_value, &why));
        }
        csv_reader_init(&r, compare, &t);
        for (size_t at = 0, n; at < out.n; at += n) {
            n = 1 + below(40);
            n = n < out.n - at ? n : out.n - at;
            assert_true(csv_read(&r, out.p + at, n));
        }
        assert_true(csv_read_end(&r));
        assert_int_equal(t.seen, t.rows);
        csv_reader_fini(&r);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read),
        cmocka_unit_test(is_no_csv),
        cmocka_unit_test(may_be_ended),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(is_written),
        cmocka_unit_test(is_refused),
        cmocka_unit_test(what_was_written_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
