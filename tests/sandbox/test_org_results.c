/*
 * test_org_results.c - what queries find, beside hand-written SQL on the same database file, over generated records
 * with many empty fields.
 */
#include "tests/sandbox/org_fixture.h"

#include <sqlite3.h>
#include <strings.h>
#include <unistd.h>

#include "sandbox/soql/soql.h"

static char path[] = "/tmp/org-results-XXXXXX";
static sqlite3 *db;

static unsigned state_of_dice = 20260318;
static unsigned dice(unsigned n)
{
    state_of_dice = state_of_dice * 1664525 + 1013904223;
    return (state_of_dice >> 8) % n;
}

static const char *one_of(const char *const *list, unsigned n)
{
    return list[dice(n)];
}

static json_t *account(unsigned i)
{
    static const char *const ratings[] = { "Hot", "Warm", "Cold", "HOT" }, *const words[] = {
        "Alpha", "alpha", "Bêta", "BÊTA", "O'Neil", "50% off", "_x_"
    };
    json_t *a = json_pack("{s:o, s:o}", "Id", json_sprintf("001xx%010u", i), "Name",
                          json_sprintf("%s %u", one_of(words, 7), dice(40)));
    if (dice(3))
        json_object_set_new(a, "Rating", json_string(one_of(ratings, 4)));
    if (dice(4))
        json_object_set_new(a, "NumberOfEmployees", json_integer(dice(50)));
    if (dice(2))
        json_object_set_new(a, "AnnualRevenue", json_real(dice(9000)));
    if (i && dice(2))
        json_object_set_new(a, "ParentId", json_sprintf("001xx%010u", dice(i)));
    return a;
}

static json_t *opportunity(unsigned i, unsigned accounts)
{
    static const char *const stages[] = { "Prospecting", "Closed Won", "Closed Lost" };
    json_t *o = json_pack("{s:o, s:s, s:o, s:b}", "Name", json_sprintf("deal %u", i), "StageName", one_of(stages, 3),
                          "CloseDate", json_sprintf("20%02u-%02u-%02u", 24 + dice(3), 1 + dice(12), 1 + dice(28)),
                          "IsWon", (int)dice(2));
    if (dice(4))
        json_object_set_new(o, "Amount", json_real(dice(2500000) / 100.0));
    if (dice(5))
        json_object_set_new(o, "AccountId", json_sprintf("001xx%010u", dice(accounts)));
    return o;
}

static int open_file(void **state)
{
    char why[300] = "";
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    org = org_open(path, why, sizeof why);
    if (!org)
        return -1;
    json_t *accounts = json_array(), *deals = json_array();
    for (unsigned i = 0; i < 300; i++)
        json_array_append_new(accounts, account(i));
    for (unsigned i = 0; i < 900; i++)
        json_array_append_new(deals, opportunity(i, 300));
    json_t *all = json_pack("{s:o, s:o}", "Account", accounts, "Opportunity", deals);
    char *text = json_dumps(all, 0);
    bool ok = org_load(org, text, strlen(text), why, sizeof why);
    free(text);
    json_decref(all);
    return ok && sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK && soql_register(db) ? 0 : -1;
}

static int close_file(void **state)
{
    char other[sizeof path + 8];
    fixture_close(state);
    sqlite3_close(db);
    snprintf(other, sizeof other, "%s-wal", path);
    unlink(other);
    snprintf(other, sizeof other, "%s-shm", path);
    unlink(other);
    return unlink(path);
}

/* The leaves of a record, one by one. */
static void flatten(const json_t *v, json_t *row)
{
    const char *key;
    json_t *item;
    if (!json_is_object(v)) {
        json_array_append(row, (json_t *)v);
        return;
    }
    json_object_foreach ((json_t *)v, key, item)
        if (strcmp(key, "attributes") != 0)
            flatten(item, row);
}

static json_t *column(sqlite3_stmt *s, int i)
{
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(s, i));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(s, i));
    case SQLITE_NULL:
        return json_null();
    default:
        return json_string((const char *)sqlite3_column_text(s, i));
    }
}

/* 1 and 1.0 and true are the same to SQLite. */
static bool alike(const json_t *a, const json_t *b)
{
    double x = json_is_boolean(a) ? json_is_true(a) : json_number_value(a);
    if ((json_is_number(a) || json_is_boolean(a)) && json_is_number(b))
        return x == json_number_value(b);
    return json_equal(a, b);
}

static void same_rows(const char *query, const char *sql)
{
    sqlite3_stmt *s = NULL;
    size_t n = 0;
    assert_status(soql(query), 200);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    for (; sqlite3_step(s) == SQLITE_ROW; n++) {
        json_t *row = json_array();
        const json_t *record = json_array_get(at("records"), n);
        if (record)
            flatten(record, row);
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            json_t *want = column(s, i);
            if (!alike(json_array_get(row, (size_t)i), want)) {
                char *text = json_dumps(row, 0);
                fail_msg("%s: row %zu column %d: %s", query, n, i, text);
            }
            json_decref(want);
        }
        json_decref(row);
    }
    sqlite3_finalize(s);
    if (n == 0 || n != json_array_size(at("records")))
        fail_msg("%s: %zu rows, SQL has %zu", query, json_array_size(at("records")), n);
}

/* Sums and means of money are compared in whole cents, so that SQLite's own do not add binary fractions. */
#define CENTS "CAST(round(Amount * 100) AS INTEGER)"

static const struct {
    const char *soql, *sql;
} cases[] = {
    { "SELECT Id FROM Account", "SELECT Id FROM Account ORDER BY rowid" },
    { "SELECT Name, Rating FROM Account ORDER BY Name, Id",
      "SELECT Name, Rating FROM Account ORDER BY Name COLLATE sf, Id" },
    { "SELECT Name FROM Account WHERE Rating = 'hot' ORDER BY Id",
      "SELECT Name FROM Account WHERE upper(Rating) = 'HOT' ORDER BY Id" },
    { "SELECT Name FROM Account WHERE Rating != 'hot' ORDER BY Id",
      "SELECT Name FROM Account WHERE coalesce(upper(Rating), '') <> 'HOT' ORDER BY Id" },
    { "SELECT Id FROM Account WHERE NOT (Rating = 'Hot' OR NumberOfEmployees < 20) ORDER BY Id",
      "SELECT Id FROM Account WHERE coalesce(upper(Rating), '') <> 'HOT' AND coalesce(NumberOfEmployees, 999) >= 20 "
      "ORDER BY Id" },
    { "SELECT Id FROM Account WHERE NumberOfEmployees > 10 AND (Rating = null OR AnnualRevenue <= 5000.5)",
      "SELECT Id FROM Account WHERE NumberOfEmployees > 10 AND (Rating IS NULL OR AnnualRevenue <= 5000.5) ORDER BY "
      "rowid" },
    { "SELECT Id FROM Account WHERE Name LIKE '%ÊTA%'",
      "SELECT Id FROM Account WHERE Name GLOB '*[Bb][êÊ][tT][aA]*' ORDER BY rowid" },
    { "SELECT Id FROM Account WHERE Name LIKE '50\\% o%'",
      "SELECT Id FROM Account WHERE substr(Name, 1, 5) = '50% o' ORDER BY rowid" },
    { "SELECT Id FROM Account WHERE NOT Name LIKE 'a%'",
      "SELECT Id FROM Account WHERE lower(substr(Name, 1, 1)) <> 'a' ORDER BY rowid" },
    { "SELECT Name FROM Account WHERE Name LIKE 'o\\'neil 1_'",
      "SELECT Name FROM Account WHERE Name GLOB 'O''Neil 1?' ORDER BY rowid" },
    { "SELECT Id FROM Account WHERE Rating IN ('hot', 'cold') ORDER BY Id",
      "SELECT Id FROM Account WHERE lower(Rating) IN ('hot', 'cold') ORDER BY Id" },
    { "SELECT Id FROM Account WHERE Rating NOT IN ('hot', 'cold') ORDER BY Id",
      "SELECT Id FROM Account WHERE Rating IS NULL OR lower(Rating) = 'warm' ORDER BY Id" },
    { "SELECT Id FROM Account WHERE Rating NOT IN ('hot', null) ORDER BY Id",
      "SELECT Id FROM Account WHERE lower(Rating) IN ('warm', 'cold') ORDER BY Id" },
    { "SELECT Id, NumberOfEmployees FROM Account ORDER BY NumberOfEmployees DESC NULLS LAST, Id LIMIT 20 OFFSET 10",
      "SELECT Id, NumberOfEmployees FROM Account ORDER BY NumberOfEmployees IS NULL, NumberOfEmployees DESC, Id LIMIT "
      "20 OFFSET 10" },
    { "SELECT Id, NumberOfEmployees FROM Account ORDER BY NumberOfEmployees DESC, Id LIMIT 120",
      "SELECT Id, NumberOfEmployees FROM Account ORDER BY NumberOfEmployees IS NOT NULL, NumberOfEmployees DESC, Id "
      "LIMIT 120" },
    { "SELECT Name, Parent.Name FROM Account WHERE Parent.Rating = 'Warm' ORDER BY Parent.Name DESC, Id",
      "SELECT a.Name, p.Name FROM Account a, Account p WHERE p.Id = a.ParentId AND p.Rating = 'Warm' ORDER BY p.Name "
      "COLLATE sf DESC, a.Id" },
    { "SELECT Id FROM Account WHERE Parent.Rating != 'Warm'",
      "SELECT Id FROM Account a WHERE NOT EXISTS (SELECT 1 FROM Account p WHERE p.Id = a.ParentId AND p.Rating = "
      "'Warm') ORDER BY rowid" },
    { "SELECT Id FROM Account WHERE Parent.Parent.Name = null",
      "SELECT Id FROM Account a WHERE NOT EXISTS (SELECT 1 FROM Account p, Account g WHERE p.Id = a.ParentId AND g.Id "
      "= p.ParentId) ORDER BY rowid" },
    { "SELECT Id FROM Account WHERE Parent.NumberOfEmployees >= 25 OR NumberOfEmployees = null",
      "SELECT Id FROM Account a WHERE NumberOfEmployees IS NULL OR (SELECT NumberOfEmployees FROM Account p WHERE p.Id "
      "= a.ParentId) >= 25 ORDER BY rowid" },
    { "SELECT StageName, COUNT(Id), SUM(Amount), AVG(Amount), MIN(CloseDate), MAX(Name) FROM Opportunity GROUP BY "
      "StageName ORDER BY StageName",
      "SELECT StageName, count(*), sum(" CENTS ") / 100.0, sum(" CENTS ") / (100.0 * count(Amount)), min(CloseDate), "
      "max(Name) FROM Opportunity GROUP BY StageName ORDER BY StageName" },
    { "SELECT AccountId, SUM(Amount) FROM Opportunity GROUP BY AccountId HAVING SUM(Amount) > 30000.07 ORDER BY "
      "SUM(Amount) DESC, AccountId",
      "SELECT AccountId, sum(" CENTS ") / 100.0 FROM Opportunity GROUP BY 1 HAVING sum(" CENTS ") > 3000007 ORDER BY "
      "sum(" CENTS ") DESC, 1" },
    { "SELECT CALENDAR_YEAR(CloseDate) y, AVG(Amount) a FROM Opportunity WHERE Amount < 1.2e4 GROUP BY "
      "CALENDAR_YEAR(CloseDate) ORDER BY AVG(Amount)",
      "SELECT cast(substr(CloseDate, 1, 4) AS INTEGER), sum(" CENTS ") / (100.0 * count(*)) a FROM Opportunity WHERE "
      "Amount < 12000 GROUP BY 1 ORDER BY a" },
    { "SELECT StageName, IsWon, COUNT(Amount) n FROM Opportunity WHERE AccountId != null GROUP BY StageName, IsWon "
      "HAVING COUNT(Amount) > 90 ORDER BY StageName, IsWon",
      "SELECT StageName, IsWon, count(Amount) FROM Opportunity WHERE AccountId IS NOT NULL GROUP BY 1, 2 HAVING "
      "count(Amount) > 90 ORDER BY 1, 2" },
    { "SELECT CALENDAR_YEAR(CloseDate) y, CALENDAR_MONTH(CloseDate) m, COUNT(Id) FROM Opportunity GROUP BY "
      "CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate) "
      "ORDER BY CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate)",
      "SELECT cast(strftime('%Y', CloseDate) AS INTEGER), cast(strftime('%m', CloseDate) AS INTEGER), count(*) FROM "
      "Opportunity GROUP BY 1, 2 ORDER BY 1, 2" },
    { "SELECT SUM(Amount) s, COUNT(Id) n FROM Opportunity GROUP BY Account.Rating ORDER BY COUNT(Id)",
      "SELECT sum(" CENTS ") / 100.0, count(*) FROM Opportunity o LEFT JOIN Account a ON a.Id = o.AccountId GROUP BY "
      "lower(a.Rating) ORDER BY 2" },
    { "SELECT COUNT(Id), COUNT_DISTINCT(AccountId), COUNT_DISTINCT(Amount) FROM Opportunity WHERE CloseDate >= "
      "2025-01-01",
      "SELECT count(*), count(DISTINCT AccountId), count(DISTINCT Amount) FROM Opportunity WHERE CloseDate >= "
      "'2025-01-01'" },
    { "SELECT Name FROM Opportunity WHERE CloseDate = LAST_YEAR AND Amount > 20000",
      "SELECT Name FROM Opportunity WHERE CloseDate LIKE '2025-%' AND Amount > 20000 ORDER BY rowid" },
    { "SELECT Name FROM Opportunity WHERE CloseDate = THIS_QUARTER",
      "SELECT Name FROM Opportunity WHERE CloseDate BETWEEN '2026-01-01' AND '2026-03-31' ORDER BY rowid" },
    { "SELECT Name FROM Opportunity WHERE CloseDate = LAST_N_DAYS:45 AND IsWon = true",
      "SELECT Name FROM Opportunity WHERE CloseDate BETWEEN date('2026-03-18', '-45 days') AND '2026-03-18' AND IsWon "
      "ORDER BY rowid" },
    { "SELECT Name FROM Opportunity WHERE CloseDate = NEXT_N_MONTHS:2",
      "SELECT Name FROM Opportunity WHERE CloseDate BETWEEN '2026-04-01' AND '2026-05-31' ORDER BY rowid" },
    { "SELECT Name FROM Opportunity WHERE CloseDate < LAST_N_WEEKS:10 AND CloseDate > LAST_YEAR",
      "SELECT Name FROM Opportunity WHERE CloseDate < '2026-01-04' AND CloseDate > '2025-12-31' ORDER BY rowid" },
    { "SELECT Name FROM Opportunity WHERE WEEK_IN_YEAR(CloseDate) = 2 AND DAY_IN_WEEK(CloseDate) > 1 ORDER BY Name",
      "SELECT Name FROM Opportunity WHERE strftime('%j', CloseDate) BETWEEN '008' AND '014' AND strftime('%w', "
      "CloseDate) <> '0' ORDER BY Name" },
    { "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE Amount > 24000)",
      "SELECT Id FROM Account a WHERE EXISTS (SELECT 1 FROM Opportunity o WHERE o.AccountId = a.Id AND Amount > 24000) "
      "ORDER BY rowid" },
    { "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Opportunity) ORDER BY Id",
      "SELECT Id FROM Account a WHERE NOT EXISTS (SELECT 1 FROM Opportunity o WHERE o.AccountId = a.Id) ORDER BY Id" },
    { "SELECT Name FROM Opportunity WHERE AccountId NOT IN (SELECT Id FROM Account WHERE Rating = 'Hot')",
      "SELECT Name FROM Opportunity o WHERE AccountId IS NULL OR NOT EXISTS (SELECT 1 FROM Account a WHERE a.Id = "
      "o.AccountId AND lower(a.Rating) = 'hot') ORDER BY rowid" },
    { "SELECT Name FROM Opportunity WHERE AccountId IN (SELECT Id FROM Account WHERE Parent.Rating = 'Cold' AND "
      "NumberOfEmployees > 5) AND IsWon = false",
      "SELECT o.Name FROM Opportunity o JOIN Account a ON a.Id = o.AccountId JOIN Account p ON p.Id = a.ParentId WHERE "
      "p.Rating = 'Cold' AND a.NumberOfEmployees > 5 "
      "AND o.IsWon = 0 ORDER BY o.rowid" },
};

static void queries_find_what_sql_finds(void **state)
{
    (void)state;
    org_set_clock(org, 1773835200000LL); /* 2026-03-18 12:00 UTC */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        same_rows(cases[i].soql, cases[i].sql);
}

static void children_are_those_of_a_join(void **state)
{
    sqlite3_stmt *s = NULL;
    size_t parents = 0, children = 0;
    (void)state;
    assert_status(soql("SELECT Id, (SELECT Name FROM Opportunities WHERE Amount >= 5000 ORDER BY Amount DESC, Name "
                       "LIMIT 3) FROM Account ORDER BY Id"),
                  200);
    assert_int_equal(
        sqlite3_prepare_v2(
            db,
            "SELECT Name FROM Opportunity WHERE AccountId = ?1 AND Amount >= 5000 ORDER BY Amount DESC, Name LIMIT 3",
            -1, &s, NULL),
        SQLITE_OK);
    const json_t *record, *rows;
    size_t i;
    json_array_foreach (at("records"), i, record) {
        rows = json_object_get(json_object_get(record, "Opportunities"), "records");
        size_t n = 0;
        sqlite3_bind_text(s, 1, json_string_value(json_object_get(record, "Id")), -1, SQLITE_STATIC);
        for (; sqlite3_step(s) == SQLITE_ROW; n++)
            assert_string_equal(json_string_value(json_object_get(json_array_get(rows, n), "Name")),
                                (const char *)sqlite3_column_text(s, 0));
        assert_int_equal(n, json_array_size(rows));
        sqlite3_reset(s);
        parents += n > 0;
        children += n;
    }
    sqlite3_finalize(s);
    assert_true(parents > 100 && children > 200);
}

/* ---- random conditions, read a second time by the rules in docs/org.md ---- */

static json_t *all_accounts;

/* What a condition says of the first 64 accounts, a bit for each. */
#define rows_mask unsigned long long

/* Conditions of depth 3 stay far below the 4,000 bytes of the query. */
static size_t put(char *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static size_t put(char *o, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(o, 60, fmt, ap);
    va_end(ap);
    return n > 0 ? (size_t)n : 0;
}

static bool holds(const json_t *v, const char *op, const char *text, double number, bool null)
{
    bool empty = json_is_null(v), eq = strcmp(op, "=") == 0, ne = strcmp(op, "!=") == 0;
    if (null || empty)
        return eq ? null && empty : ne && null != empty;
    int c = text ? strcasecmp(json_string_value(v), text)
                 : (json_number_value(v) > number) - (json_number_value(v) < number);
    return eq ? c == 0 : ne ? c != 0 : op[0] == '<' ? (op[1] ? c <= 0 : c < 0) : (op[1] ? c >= 0 : c > 0);
}

static rows_mask leaf(char **o)
{
    static const char *const ops[] = { "=", "!=", "<", "<=", ">", ">=" }, *const words[] = { "hot", "Warm", "COLD",
                                                                                             "lukewarm" };
    bool text = dice(2), null = dice(6) == 0, list = dice(4) == 0, not_in = dice(2);
    const char *field = text ? "Rating" : "NumberOfEmployees", *op = ops[dice(text ? 2 : 6)], *word[3] = { 0 };
    double number[3];
    rows_mask rows = 0;
    unsigned n = list ? 1 + dice(3) : 1;
    *o += put(*o, "%s %s ", field, !list ? op : not_in ? "NOT IN (" : "IN (");
    for (unsigned i = 0; i < n; i++) {
        word[i] = text ? words[dice(4)] : NULL;
        number[i] = dice(50);
        *o += null && i == 0 ? put(*o, "%snull", i ? ", " : "")
              : text         ? put(*o, "%s'%s'", i ? ", " : "", word[i])
                             : put(*o, "%s%.0f", i ? ", " : "", number[i]);
    }
    *o += put(*o, "%s", list ? ")" : "");
    for (unsigned row = 0; row < 64; row++) {
        const json_t *v = json_object_get(json_array_get(all_accounts, row), field);
        bool yes = false;
        for (unsigned i = 0; i < n; i++)
            yes = yes || holds(v, list ? "=" : op, word[i], number[i], null && i == 0);
        rows |= (rows_mask)((list && not_in) != yes) << row;
    }
    return rows;
}

static rows_mask tree(char **o, int depth)
{
    unsigned kind = depth ? dice(4) : 0;
    if (kind == 0)
        return leaf(o);
    *o += put(*o, "%s", kind == 1 ? "(NOT " : "(");
    rows_mask rows = tree(o, depth - 1);
    if (kind == 1)
        rows = ~rows;
    for (unsigned more = kind == 1 ? 0 : 1 + dice(2); more; more--) {
        *o += put(*o, "%s", kind == 2 ? " AND " : " OR ");
        rows_mask other = tree(o, depth - 1);
        rows = kind == 2 ? rows & other : rows | other;
    }
    *o += put(*o, ")");
    return rows;
}

static void random_conditions_mean_what_the_rules_say(void **state)
{
    int rounds = getenv("LONG") ? 20000 : 1500;
    (void)state;
    assert_status(soql("SELECT Id, Rating, NumberOfEmployees FROM Account ORDER BY Id LIMIT 64"), 200);
    all_accounts = json_incref((json_t *)at("records"));
    for (int i = 0; i < rounds; i++) {
        char query[4000] = "SELECT Id FROM Account WHERE Id < '001xx0000000064' AND ", *o = query + strlen(query);
        rows_mask want = tree(&o, 3), got = 0;
        assert_status(soql(query), 200);
        const json_t *record;
        size_t k;
        json_array_foreach (at("records"), k, record)
            got |= (rows_mask)1 << strtoul(json_string_value(json_object_get(record, "Id")) + 10, NULL, 10) % 1000;
        if (want != got)
            fail_msg("%s: rows %llx instead of %llx", query, got, want);
    }
    json_decref(all_accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_find_what_sql_finds),
        cmocka_unit_test(children_are_those_of_a_join),
        cmocka_unit_test(random_conditions_mean_what_the_rules_say),
    };
    return cmocka_run_group_tests(tests, open_file, close_file);
}
