/* test_soql.c - values go into SOQL as data, whatever they hold. Read back by a tokenizer that shares nothing with the
 * writer. */
#include "tests/unit/check.h"

#include <ctype.h>

#include "runtime/client/client_parts.h"
#include "runtime/client/soql.h"

static bool write_to(struct buf *out, char why[160], const char *soql, const struct sf_bind *binds, size_t n)
{
    buf_init(out, LIMIT_SOQL);
    why[0] = '\0';
    return soql_write(out, soql, binds, n, NULL, why, 160);
}

static void assert_soql(const char *want, const char *soql, struct sf_bind bind)
{
    struct buf out;
    char why[160];
    if (!write_to(&out, why, soql, &bind, 1))
        fail_msg("%s: %s", soql, why);
    assert_string_equal(out.p, want);
    buf_free(&out);
}

static void assert_no_soql(struct sf_bind bind)
{
    struct buf out;
    char why[160];
    assert_false(write_to(&out, why, "?", &bind, 1));
    assert_true(why[0] != '\0');
    buf_free(&out);
}

/* ---- the tokenizer: SOQL's literal as its reference describes it ---- */

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        assert_true(isxdigit((unsigned char)p[i]));
        v = v * 16 + (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    }
    return v;
}

/* Reads one literal at *at; returns its length and moves *at behind it. */
static size_t read_literal(const char **at, char *value)
{
    const char *p = *at;
    size_t n = 0;
    assert_int_equal(*p++, '\'');
    while (*p != '\'') {
        assert_true((unsigned char)*p >= ' ');
        if (*p != '\\') {
            value[n++] = *p++;
            continue;
        }
        p++;
        switch (*p++) {
        case 'n':
            value[n++] = '\n';
            break;
        case 'r':
            value[n++] = '\r';
            break;
        case 't':
            value[n++] = '\t';
            break;
        case 'b':
            value[n++] = '\b';
            break;
        case 'f':
            value[n++] = '\f';
            break;
        case '\'':
            value[n++] = '\'';
            break;
        case '"':
            value[n++] = '"';
            break;
        case '\\':
            value[n++] = '\\';
            break;
        case 'u':
            value[n] = (char)hex4(p);
            assert_in_range(value[n], 1, 127);
            n++;
            p += 4;
            break;
        default:
            fail_msg("an escape that SOQL does not have");
        }
    }
    *at = p + 1;
    return n;
}

static size_t hostile(char *to, size_t max)
{
    static const char *const pieces[] = {
        "'",
        "\\",
        "\"",
        "\\'",
        "''",
        "\\\\'",
        "' OR Name != '",
        "') OR (Name LIKE '%",
        "?",
        "%",
        "_",
        "\\u0027",
        "\n",
        "\r",
        "\t",
        "\b",
        "\f",
        "\v",
        "\x01",
        "\x1f",
        "\x7f",
        "a",
        "Z",
        " ",
        ":bind",
        "{!x}",
        "--",
        "/*",
        "\xc3\xa9",
        "\xe2\x80\xa8",
        "\xe2\x80\x99",
        "\xf0\x9f\x92\xa9",
        "\xef\xbf\xbf",
        "\xc2\x80",
        "null",
        "SELECT Id FROM User",
    };
    size_t n = 0;
    while (n < max) {
        const char *s = pieces[below(COUNT(pieces))];
        size_t k = strlen(s);
        if (n + k > max)
            break;
        memcpy(to + n, s, k);
        n += k;
    }
    to[n] = '\0';
    return n;
}

static void assert_reads_back(const char *value, size_t n)
{
    static const char front[] = "SELECT Id FROM A WHERE B = 'x?' AND Name = ", back[] = " LIMIT 1";
    static char read[40000];
    struct buf out;
    char why[160];
    struct sf_bind bind = sf_text(value);
    if (!write_to(&out, why, "SELECT Id FROM A WHERE B = 'x?' AND Name = ? LIMIT 1", &bind, 1))
        fail_msg("%s", why);
    const char *at = out.p + sizeof front - 1;
    assert_memory_equal(out.p, front, sizeof front - 1);
    assert_int_equal(read_literal(&at, read), n);
    assert_memory_equal(read, value, n);
    assert_string_equal(at, back);
    buf_free(&out);
}

static void test_hostile_text_reads_back(void **state)
{
    char *value = malloc(32 * 1024 + 1);
    (void)state;
    assert_reads_back("", 0);
    for (int c = 1; c < 128; c++) {
        char one[2] = { (char)c, '\0' };
        assert_reads_back(one, 1);
    }
    for (long i = 0; i < rounds(2000, 100000); i++)
        assert_reads_back(value, hostile(value, below(80)));
    for (long i = 0; i < rounds(20, 500); i++)
        assert_reads_back(value, hostile(value, 32768));
    free(value);
}

static void test_hostile_lists_read_back(void **state)
{
    static char values[8][200], read[1000];
    const char *list[8];
    (void)state;
    for (long i = 0; i < rounds(500, 20000); i++) {
        size_t n = 1 + below(8);
        struct buf out;
        char why[160];
        for (size_t k = 0; k < n; k++) {
            hostile(values[k], below(199));
            list[k] = values[k];
        }
        struct sf_bind bind = sf_texts(list, n);
        assert_true(write_to(&out, why, "Name IN ?", &bind, 1));
        const char *at = out.p + 8;
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(*at++, k ? ',' : '(');
            size_t got = read_literal(&at, read);
            assert_int_equal(got, strlen(values[k]));
            assert_memory_equal(read, values[k], got);
        }
        assert_string_equal(at, ")");
        buf_free(&out);
    }
}

static void test_types(void **state)
{
    static const char *const ids[] = { "001B000001LntWl", "001B000001LntWlIAJ" };
    static const char *const fields[] = { "Id", "Account.Owner.Name", "Seats_1__c" };
    (void)state;
    assert_soql("x = null", "x = ?", sf_text(NULL));
    assert_soql("x = '001B000001LntWlIAJ'", "x = ?", sf_id(ids[0]));
    assert_soql("x LIKE '%a\\%b\\_c%'", "x LIKE ?", sf_contains("a%b_c"));
    assert_soql("x LIKE '%\\\\ \\' \\n%'", "x LIKE ?", sf_contains("\\ ' \n"));
    assert_soql("x LIKE '%\xc3\x9c%'", "x LIKE ?", sf_contains("\xc3\x9c"));
    assert_soql("x IN ('001B000001LntWlIAJ','001B000001LntWlIAJ')", "x IN ?", sf_ids(ids, 2));
    assert_soql("x = -9223372036854775808", "x = ?", sf_int(INT64_MIN));
    assert_soql("x = -12.50", "x = ?", sf_decimal("-12.50"));
    assert_soql("x = 1e3", "x = ?", sf_decimal("1e3"));
    assert_soql("x = true", "x = ?", sf_bool(true));
    assert_soql("x = false", "x = ?", sf_bool(false));
    assert_soql("x = 1970-01-01", "x = ?", sf_date(0));
    assert_soql("x = 2024-02-29", "x = ?", sf_date(1709251199));
    assert_soql("x = 2024-02-29T23:59:59Z", "x = ?", sf_datetime(1709251199));
    assert_soql("x = 1700-01-01", "x = ?", sf_date(-8520336000));
    assert_soql("SELECT Id, Account.Owner.Name, Seats_1__c FROM A", "SELECT ? FROM A", sf_fields(fields, 3));
}

static void test_values_that_do_not_fit(void **state)
{
    static const char *const bad_ids[] = { "001B000001LntWlIAK" }, *const bad_names[] = { "Id FROM User--" },
                             *const holes[] = { "" };
    static const char *const decimals[] = { "",         "-",   ".5",  "1.",  "1e", "0x10",
                                            "1 OR 1=1", "NaN", "inf", "1,5", "+1", "1e9999" };
    (void)state;
    for (size_t i = 0; i < COUNT(decimals); i++)
        assert_no_soql(sf_decimal(decimals[i]));
    assert_no_soql(sf_decimal(NULL));
    assert_no_soql(sf_text("\xff"));
    assert_no_soql(sf_text("\xc0\xa7")); /* a quote in two bytes */
    assert_no_soql(sf_text("\xed\xa0\x80"));
    assert_no_soql(sf_contains("\xff"));
    assert_no_soql(sf_contains(NULL));
    assert_no_soql(sf_id("001B000001LntWlIAK"));
    assert_no_soql(sf_id("' OR Id != '"));
    assert_no_soql(sf_id(""));
    assert_no_soql(sf_id(NULL));
    assert_no_soql(sf_ids(bad_ids, 1));
    assert_no_soql(sf_texts(NULL, 0));
    assert_no_soql(sf_fields(NULL, 0));
    assert_no_soql(sf_fields(bad_names, 1));
    assert_no_soql(sf_fields(holes, 1));
    assert_no_soql(sf_date(64092211200));
    assert_no_soql(sf_date(-8520336001));
    assert_no_soql((struct sf_bind){ .type = (enum sf_bind_type)99 });
}

static void test_holes_and_values_must_match(void **state)
{
    struct sf_bind two[] = { sf_int(1), sf_int(2) };
    struct buf out;
    char why[160];
    (void)state;
    assert_true(write_to(&out, why, "? ?", two, 2));
    assert_string_equal(out.p, "1 2");
    buf_free(&out);
    assert_false(write_to(&out, why, "?", two, 2));
    buf_free(&out);
    assert_false(write_to(&out, why, "? ? ?", two, 2));
    buf_free(&out);
    assert_true(write_to(&out, why, "? '?\\'?' ?", two, 2)); /* holes within a literal are none */
    assert_string_equal(out.p, "1 '?\\'?' 2");
    buf_free(&out);
}

static void test_optional_fields(void **state)
{
    static const char *const names[] = { "A__c", "B__c", "C__c" };
    const bool some[] = { true, false, true };
    const bool *taken[] = { some };
    struct sf_bind bind = sf_optional("Flight__c", names, 3);
    struct buf out;
    char why[160];
    (void)state;
    buf_init(&out, 1000);
    assert_true(soql_write(&out, "SELECT Id? FROM Flight__c", &bind, 1, taken, why, sizeof why));
    assert_string_equal(out.p, "SELECT Id, A__c, C__c FROM Flight__c");
    buf_free(&out);
    assert_soql("SELECT Id FROM Flight__c", "SELECT Id? FROM Flight__c", bind);
}

static void test_longest_soql(void **state)
{
    char *value = malloc(LIMIT_SOQL);
    struct buf out;
    char why[160];
    (void)state;
    memset(value, 'a', LIMIT_SOQL);
    value[LIMIT_SOQL - 2] = '\0';
    struct sf_bind bind = sf_text(value);
    assert_true(write_to(&out, why, "?", &bind, 1));
    assert_int_equal(out.n, LIMIT_SOQL);
    buf_free(&out);
    assert_false(write_to(&out, why, "?1", &bind, 1));
    buf_free(&out);
    free(value);
}

static void test_names(void **state)
{
    char name[82];
    (void)state;
    assert_true(sf_name_ok("Flight__c", false));
    assert_true(sf_name_ok("a.b.c.d.e.f", true));
    assert_false(sf_name_ok("a.b.c.d.e.f.g", true));
    assert_false(sf_name_ok("a.b", false));
    assert_false(sf_name_ok("a..b", true));
    assert_false(sf_name_ok(".a", true));
    assert_false(sf_name_ok("a.", true));
    assert_false(sf_name_ok("1a", false));
    assert_false(sf_name_ok("a-b", false));
    assert_false(sf_name_ok("a/../b", false));
    assert_false(sf_name_ok("", false));
    assert_false(sf_name_ok(NULL, false));
    memset(name, 'a', sizeof name);
    name[80] = '\0';
    assert_true(sf_name_ok(name, false));
    name[80] = 'a';
    name[81] = '\0';
    assert_false(sf_name_ok(name, false));
}

static void test_ids(void **state)
{
    static const char *const recorded[] = { "001B000001LntWlIAJ", "a00B000000FSkcvIAD", "005B0000008UC2PIAW",
                                            "0689A0000002c13QAA", "068R0000002Hu1FIAS", "a01B0000009gSrFIAU",
                                            "0037Q000007vKjZQAU" };
    char id[SF_ID_SIZE], text[SF_ID_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(recorded); i++) {
        assert_true(sf_id_check(recorded[i], id));
        assert_string_equal(id, recorded[i]);
        snprintf(text, 16, "%s", recorded[i]);
        assert_true(sf_id_check(text, id));
        assert_string_equal(id, recorded[i]);
        snprintf(text, sizeof text, "%s", recorded[i]);
        text[17] = text[17] == 'A' ? 'B' : 'A';
        assert_false(sf_id_check(text, id));
    }
    assert_false(sf_id_check("001B000001LntW", id));
    assert_false(sf_id_check("001B000001LntWlI", id));
    assert_false(sf_id_check("001B000001LntW'", id));
    assert_false(sf_id_check("", id));
    assert_false(sf_id_check(NULL, id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_text_reads_back),
        cmocka_unit_test(test_hostile_lists_read_back),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_values_that_do_not_fit),
        cmocka_unit_test(test_holes_and_values_must_match),
        cmocka_unit_test(test_optional_fields),
        cmocka_unit_test(test_longest_soql),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
