/* test_pages_portal.c - what the portal's address asks for, and accounts by their open amount within each currency. */
#include "tests/unit/check.h"

#include "runtime/pages/portal_parts.h"

static void an_address_is_read(void **state)
{
    (void)state;
    static struct portal_wish w;
    portal_wish_read(span_of("q=%C3%9C+%25&org=north&sort=city&desc=1&show=75"), &w);
    assert_string_equal(w.search, "\xc3\x9c %");
    assert_string_equal(w.org, "north");
    assert_string_equal(w.sort, "city");
    assert_true(w.descending);
    assert_int_equal(w.show, 75);
    portal_wish_read(span_of("sort=Id;DROP&show=999999&desc=yes"), &w);
    assert_string_equal(w.sort, "");
    assert_false(w.descending);
    assert_int_equal(w.show, PORTAL_SHOWN_MAX);
    portal_wish_read(span_of("show=-5"), &w);
    assert_int_equal(w.show, PORTAL_SHOWN);
}

static void only_an_id_is_an_account(void **state)
{
    (void)state;
    static struct portal_wish w;
    static const char *const none[] = { "account=001xx000003DGb0AAG", "in=a&account=001xx000003DGb0'--",
                                        "in=a&account=001xx000003DGb0AAGA",
                                        "in=a&account=", "in=&account=001xx000003DGb0" };
    portal_wish_read(span_of("in=a&account=001xx000003DGb0AAG"), &w);
    assert_string_equal(w.account, "001xx000003DGb0AAG");
    for (size_t i = 0; i < COUNT(none); i++) {
        portal_wish_read(span_of(none[i]), &w);
        assert_string_equal(w.account, "");
    }
    portal_wish_read(span_of("job=0af76519-16cd-43dd-8448-eb211c80319c"), &w);
    assert_string_equal(w.job, "0af76519-16cd-43dd-8448-eb211c80319c");
    portal_wish_read(span_of("job=%22%3E0af7651916cd43dd8448eb211c80319c"), &w);
    assert_string_equal(w.job, "");
}

static void a_statement_may_have_lines(void **state)
{
    (void)state;
    static struct portal_wish w;
    static const char *const none[] = { "sql=a%00b", "sql=a%1Bb", "sql=a%4", "sql=%zz", "xsql=SELECT" };
    portal_wish_read(span_of("at=n&sql=SELECT+1%0D%0A%09FROM%20%22x%22&q=a"), &w);
    assert_string_equal(w.sql, "SELECT 1\n\tFROM \"x\"");
    assert_string_equal(w.search, "a");
    for (size_t i = 0; i < COUNT(none); i++) {
        portal_wish_read(span_of(none[i]), &w);
        assert_string_equal(w.sql, "");
    }
    char *longest = calloc(1, PORTAL_SQL + 5);
    memcpy(longest, "sql=", 4);
    memset(longest + 4, 'a', PORTAL_SQL - 1);
    portal_wish_read(span_of(longest), &w);
    assert_int_equal(strlen(w.sql), PORTAL_SQL - 1);
    longest[PORTAL_SQL + 3] = 'a';
    portal_wish_read(span_of(longest), &w);
    assert_string_equal(w.sql, "");
    free(longest);
}

static void a_link_leads_back(void **state)
{
    (void)state;
    static struct portal_wish w, again;
    struct buf b;
    portal_wish_read(span_of("q=a%26b%22&org=n&sort=owner&desc=1&show=50&in=n&account=001xx000003DGb0AAG&name=%3Cx%3E"),
                     &w);
    buf_init(&b, 4096);
    portal_link(&b, &w);
    assert_null(strpbrk(b.p, "\"<>' "));
    char *plain = strdup(strchr(b.p, '?') + 1), *to = plain;
    for (const char *from = plain; *from; from += strncmp(from, "&amp;", 5) == 0 ? 5 : 1)
        *to++ = *from;
    *to = '\0';
    portal_wish_read(span_of(plain), &again);
    assert_memory_equal(&w, &again, sizeof w);
    free(plain);
    buf_free(&b);
}

static void amounts_stay_within_their_currency(void **state)
{
    (void)state;
    static const char *const largest_first[] = { "e2", "e1", "e3", "u", "k", "none", "empty" },
                             *const smallest_first[] = { "e3", "e1", "e2", "u", "k", "none", "empty" };
    const json_t *rows[PORTAL_SHOWN_MAX];
    char text[] = "[{'name':'none'},{'name':'k','openAmounts':[{'amount':1,'currencyCode':'ZAR'}]},"
                  "{'name':'e1','openAmounts':[{'amount':10,'currencyCode':'EUR'}]},"
                  "{'name':'empty','openAmounts':[]},"
                  "{'name':'u','openAmounts':[{'amount':99999,'currencyCode':'USD'}]},"
                  "{'name':'e2','openAmounts':[{'amount':2,'currencyCode':'USD'},{'amount':20,'currencyCode':'EUR'}]},"
                  "{'name':'e3','openAmounts':[{'amount':0,'currencyCode':'EUR'}]}]";
    for (char *c = text; *c; c++) /* quotes of JSON are tedious in C */
        *c = *c == '\'' ? '"' : *c;
    json_t *list = json_loads(text, 0, NULL);
    assert_int_equal(portal_by_amount(list, false, rows), COUNT(largest_first));
    for (size_t i = 0; i < COUNT(largest_first); i++)
        assert_string_equal(portal_text(rows[i], "name"), largest_first[i]);
    assert_int_equal(portal_by_amount(list, true, rows), COUNT(smallest_first));
    for (size_t i = 0; i < COUNT(smallest_first); i++)
        assert_string_equal(portal_text(rows[i], "name"), smallest_first[i]);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_read),
        cmocka_unit_test(only_an_id_is_an_account),
        cmocka_unit_test(a_statement_may_have_lines),
        cmocka_unit_test(a_link_leads_back),
        cmocka_unit_test(amounts_stay_within_their_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
