/* test_soql_condition.c - a condition from outside: what comes through, what does not, and that nothing that comes
 * through can leave its bracket. */
#include "tests/unit/check.h"

#include <ctype.h>

#include "runtime/client/client_parts.h"
#include "runtime/client/soql.h"

static bool passes(const char *text)
{
    char why[200] = "";
    bool ok = sf_condition_check(text, why, sizeof why);
    assert_true(ok == (why[0] == '\0'));
    return ok;
}

static void conditions_come_through(void **state)
{
    (void)state;
    static const char *const good[] = {
        "StageName = 'Prospecting'",
        "Amount > 1000 AND (IsClosed = false OR Amount=-1.5e3)",
        "NOT (Name LIKE 'Sample%')",
        "CloseDate = LAST_N_DAYS:30 and CloseDate < next_n_quarters:2",
        "CloseDate = N_DAYS_AGO:3",
        "CloseDate >= 2026-01-31 AND CreatedDate > 2026-01-31T10:00:00.000+01:00",
        "Account.BillingCountry IN ('US', 'Canada')",
        "Name = 'it\\'s ; LIMIT 1 -- /* : SELECT'",
        "Name = 'back\\\\slash'",
        "Name = 'umlaut \xc3\xa4'",
        "Types__c includes ('A;B','C')",
        "Amount > USD5000",
        "Id != null",
        "\tName\n=\r'x' ",
        "Limit__c = 1 AND Order__c = 2 AND Offer.All__c > 3",
    };
    for (size_t i = 0; i < COUNT(good); i++)
        if (!passes(good[i]))
            fail_msg("%s", good[i]);
}

static void what_is_more_than_a_condition_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } bad[] = {
        { "", "compares nothing" },
        { "  ", "compares nothing" },
        { "()", "compares nothing" },
        { "Amount", "compares nothing" },
        { "WHERE Amount > 1", "has the word WHERE" },
        { "Amount > 1 LIMIT 5", "has the word LIMIT" },
        { "Amount > 1 limit 5", "has the word limit" },
        { "Amount > 1 ORDER BY Id", "has the word ORDER" },
        { "Amount > 1 GROUP BY Id", "has the word GROUP" },
        { "Amount > 1 HAVING x", "has the word HAVING" },
        { "Amount > 1 OFFSET 3", "has the word OFFSET" },
        { "Amount > 1 FOR UPDATE", "has the word FOR" },
        { "Amount > 1 ALL ROWS", "has the word ALL" },
        { "Amount > 1 WITH SECURITY_ENFORCED", "has the word WITH" },
        { "Id IN (SELECT OpportunityId FROM Quote)", "has the word SELECT" },
        { "Id = :x", "binds are not known" },
        { "Id = x:5", "binds are not known" },
        { "CloseDate = LAST_N_DAYS:n", "binds are not known" },
        { "Amount = 1:2", "is none, or runs into" },
        { "Amount = 1LIMIT", "is none, or runs into" },
        { "Amount = 1----LIMIT", "is none, or runs into" },
        { "CloseDate = 2026-01-31T10:00", "is none, or runs into" },
        { "CloseDate = 2026-01", "is none, or runs into" },
        { "Name = 'x", "is not closed" },
        { "Name = 'x\\'", "is not closed" },
        { "Name = 'x\\", "is not closed" },
        { "Name = 'a\nb'", "control character" },
        { "Name = 'a\\\nb'", "control character" },
        { "Amount > 1)", "has not opened" },
        { "Amount > 1) OR (Amount < 1", "has not opened" },
        { "(Amount > 1", "does not close" },
        { "Amount > 1 -- x", "a character that no condition has" },
        { "Amount > 1 /* x */", "a character that no condition has" },
        { "Amount > 1; x", "a character that no condition has" },
        { "Name = \"x\"", "a character that no condition has" },
        { "Name = ?", "a character that no condition has" },
        { "Name = 'x' \xc3\xa4", "a character that no condition has" },
        { "Name = 'x\xff'", "is not UTF-8" },
        { "Amount > 1 \x01", "a character that no condition has" },
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        char why[200] = "";
        if (sf_condition_check(bad[i].text, why, sizeof why) || !strstr(why, bad[i].why))
            fail_msg("%s: \"%s\"", bad[i].text, why);
    }
    assert_false(passes(NULL));
}

static void its_length_has_an_end(void **state)
{
    (void)state;
    char text[SF_CONDITION_MAX + 2];
    memset(text, ' ', sizeof text);
    memcpy(text, "Amount>1", 8);
    text[SF_CONDITION_MAX] = '\0';
    assert_true(passes(text));
    text[SF_CONDITION_MAX] = ' ';
    text[SF_CONDITION_MAX + 1] = '\0';
    assert_false(passes(text));
    memset(text, '(', 300);
    memset(text + 300, ')', 300);
    memcpy(text + 600, "=", 2);
    assert_false(passes(text));
}

static void it_is_put_into_brackets(void **state)
{
    (void)state;
    struct buf out;
    char why[200] = "";
    struct sf_bind binds[] = { sf_condition("A = 1 OR B = '?'"), sf_id("006000000000001AAA") };
    buf_init(&out, LIMIT_SOQL);
    assert_true(soql_write(&out, "SELECT Id FROM O WHERE ? AND Id > ?", binds, 2, NULL, why, sizeof why));
    assert_string_equal(out.p, "SELECT Id FROM O WHERE (A = 1 OR B = '?') AND Id > '006000000000001AAA'");
    buf_free(&out);
    buf_init(&out, LIMIT_SOQL);
    binds[0] = sf_condition("A = 1) OR (B = 2");
    assert_false(soql_write(&out, "SELECT Id FROM O WHERE ? AND Id > ?", binds, 2, NULL, why, sizeof why));
    assert_non_null(strstr(why, "has not opened"));
    buf_free(&out);
}

/* Read anew without the checker's code: quotes are blanked first, then brackets are counted and words looked up. */
static bool harmless(const char *text)
{
    char rest[4096];
    int depth = 0;
    bool quoted = false;
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        rest[i] = quoted || text[i] == '\'' ? ' ' : (char)toupper((unsigned char)text[i]);
        if (quoted && text[i] == '\\') {
            rest[++i] = ' ';
            continue;
        }
        if (text[i] == '\'')
            quoted = !quoted;
    }
    rest[n] = '\0';
    for (size_t i = 0; i < n; i++) {
        depth += rest[i] == '(' ? 1 : rest[i] == ')' ? -1 : 0;
        if (depth < 0 || strchr(";?\"#`", rest[i]))
            return false;
    }
    static const char *const words[] = { "SELECT", "LIMIT", "ORDER", "GROUP", "OFFSET", "FOR" };
    for (size_t w = 0; w < COUNT(words); w++)
        for (const char *at = rest; (at = strstr(at, words[w])); at++) {
            char after = at[strlen(words[w])];
            bool before = at > rest && (isalnum((unsigned char)at[-1]) || at[-1] == '_' || at[-1] == '.');
            if (!before && !isalnum((unsigned char)after) && after != '_' && after != '.')
                return false;
        }
    return depth == 0 && !quoted;
}

static void nothing_that_passes_leaves_its_bracket(void **state)
{
    (void)state;
    static const char *const bits[] = {
        "(",  ")",  "'",      "\\", "\\'", "A",    "=",  "'x'", " ", "1",     ":",    "LIMIT",         "--",
        "/*", "*/", "SELECT", "OR", ",",   "LIKE", "\n", "?",   ";", "ORDER", "A_1.", "LAST_N_DAYS:3", "FOR",
        "-",  "T",  "1T1:1"
    };
    int passed = 0;
    for (int round = 0; round < 300000; round++) {
        char text[256] = "";
        size_t count = 1 + below(9);
        for (size_t i = 0; i < count; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s", bits[below(COUNT(bits))]);
        if (!passes(text))
            continue;
        passed++;
        if (!harmless(text))
            fail_msg("%s", text);
    }
    assert_true(passed > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_come_through),
        cmocka_unit_test(what_is_more_than_a_condition_is_refused),
        cmocka_unit_test(its_length_has_an_end),
        cmocka_unit_test(it_is_put_into_brackets),
        cmocka_unit_test(nothing_that_passes_leaves_its_bracket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
