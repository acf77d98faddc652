/* test_org_query.c - what queries answer: pages, parents, children, aggregates, null, dates, and every refusal. */
#include "tests/sandbox/org_fixture.h"

/* 2026-03-18 12:00 UTC, a Wednesday */
#define NOW 1773835200000LL

static void count_is(const char *query, long want)
{
    assert_status(soql(query), 200);
    if (int_at("totalSize") != want)
        fail_msg("%s: %ld rows instead of %ld", query, int_at("totalSize"), want);
}

static void load(const char *records)
{
    char why[300] = "";
    if (!org_load(org, records, strlen(records), why, sizeof why))
        fail_msg("%s", why);
}

static void refused(const char *query, const char *code, const char *part)
{
    assert_int_equal(soql(query), 400);
    if (strcmp(text_at("0.errorCode"), code) != 0 || !strstr(text_at("0.message"), part))
        fail_msg("%s: wanted %s ...%s..., got %s", query, code, part, answer.body);
}

static void names_are_case_blind_and_answers_canonical(void **state)
{
    (void)state;
    assert_status(soql("select ID, nAME, owner.NAME from ACCOUNT where NAME = 'koa CARS'"), 200);
    assert_int_equal(int_at("totalSize"), 1);
    assert_string_equal(text_at("records.0.Name"), "Koa Cars");
    assert_string_equal(text_at("records.0.Owner.Name"), "Ada Admin");
    assert_string_equal(text_at("records.0.Owner.attributes.type"), "User");
    assert_string_equal(text_at("records.0.Owner.attributes.url"),
                        "/services/data/v62.0/sobjects/User/005xx000001X8UzAAK");
    assert_null(at("records.0.Owner.Id"));
    count_is("SELECT Id FROM Account WHERE Name = 'größe & SÖHNE'", 1);
    count_is("SELECT Id FROM Account WHERE Name LIKE 'GRÖSS%'", 0);
    count_is("SELECT Id FROM Account WHERE Name LIKE 'GRÖ_E%'", 1);
}

static void falsy_values_stay(void **state)
{
    (void)state;
    assert_status(soql("SELECT AnnualRevenue, IsDeleted, Site FROM Account WHERE Name = 'Northwind Air Cargo'"), 200);
    assert_true(json_is_real(at("records.0.AnnualRevenue")));
    assert_true(json_real_value(at("records.0.AnnualRevenue")) == 0);
    assert_true(json_is_false(at("records.0.IsDeleted")));
    assert_true(json_is_null(at("records.0.Site")));
    assert_non_null(strstr(answer.body, "\"AnnualRevenue\":0.0"));
}

static void ids_match_in_both_lengths_and_exactly(void **state)
{
    (void)state;
    count_is("SELECT Id FROM Flight__c WHERE Id = 'a0Fxx0000000000'", 1);
    count_is("SELECT Id FROM Flight__c WHERE Id = 'a0Fxx0000000000EAA'", 1);
    count_is("SELECT Id FROM Flight__c WHERE Id = 'a0fxx0000000000'", 0);
    count_is("SELECT Id FROM Booking__c WHERE Flight__c IN ('a0Fxx0000000000', 'a0Fxx0000000001EAA')", 24);
    refused("SELECT Id FROM Flight__c WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field: nonsense");
    refused("SELECT Id FROM Flight__c WHERE Id = 'a0Fxx0000000000EAB'", "INVALID_QUERY_FILTER_OPERATOR",
            "invalid ID field");
    refused("SELECT Id FROM Flight__c WHERE Id LIKE 'a0F%'", "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator on id field");
}

static void null_is_a_value_for_equality_only(void **state)
{
    (void)state;
    load("{\"Account\":[{\"Name\":\"a\",\"Rating\":\"Hot\",\"NumberOfEmployees\":5},{\"Name\":\"b\",\"Rating\":"
         "\"Cold\",\"NumberOfEmployees\":0},"
         "{\"Name\":\"c\"}]}");
    count_is("SELECT Id FROM Account WHERE Rating = null", 1);
    count_is("SELECT Id FROM Account WHERE Rating != null", 2);
    count_is("SELECT Id FROM Account WHERE Rating = ''", 1);
    count_is("SELECT Id FROM Account WHERE Rating = 'hot'", 1);
    count_is("SELECT Id FROM Account WHERE Rating != 'Hot'", 2); /* the empty one too */
    count_is("SELECT Id FROM Account WHERE NOT Rating = 'Hot'", 2);
    count_is("SELECT Id FROM Account WHERE NOT Rating != 'Hot'", 1);
    count_is("SELECT Id FROM Account WHERE NumberOfEmployees < 5", 1);
    count_is("SELECT Id FROM Account WHERE NumberOfEmployees >= 0", 2);
    count_is("SELECT Id FROM Account WHERE NumberOfEmployees > null", 0);
    count_is("SELECT Id FROM Account WHERE NOT NumberOfEmployees < 5", 2);
    count_is("SELECT Id FROM Account WHERE Rating IN ('Hot', null)", 2);
    count_is("SELECT Id FROM Account WHERE Rating NOT IN ('Hot')", 2);
    count_is("SELECT Id FROM Account WHERE Rating NOT IN ('Hot', null)", 1);
    count_is("SELECT Id FROM Account WHERE NOT Rating IN ('Hot')", 2);
    count_is("SELECT Id FROM Account WHERE NOT Rating LIKE 'H%'", 2);
    count_is("SELECT Id FROM Account WHERE Parent.Name = null", 3); /* no parent at all */
    count_is("SELECT Id FROM Account WHERE Parent.IsDeleted = false", 3);
}

static void conditions_combine(void **state)
{
    (void)state;
    load("{\"Account\":[{\"Name\":\"a\",\"Rating\":\"Hot\",\"Type\":\"Other\"},{\"Name\":\"b\",\"Rating\":\"Hot\"},{"
         "\"Name\":\"c\",\"Type\":\"Other\"}]}");
    count_is("SELECT Id FROM Account WHERE Rating = 'Hot' AND Type = 'Other'", 1);
    count_is("SELECT Id FROM Account WHERE Rating = 'Hot' OR Type = 'Other'", 3);
    count_is("SELECT Id FROM Account WHERE NOT (Rating = 'Hot' AND Type = 'Other')", 2);
    count_is("SELECT Id FROM Account WHERE NOT (Rating = 'Hot' OR Type = 'Other')", 0);
    count_is("SELECT Id FROM Account WHERE (Name = 'a' OR Name = 'b') AND Type = null", 1);
    count_is("SELECT Id FROM Account WHERE Name = 'a' OR (Name = 'b' AND Type = null)", 2);
    count_is("SELECT Id FROM Account WHERE (NOT Name = 'a') AND (NOT Name = 'b')", 1);
    refused("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY",
            "unexpected token: 'OR'");
    refused("SELECT Id FROM Account WHERE Name = 'a' AND NOT Name = 'b'", "MALFORMED_QUERY", "unexpected token: 'NOT'");
}

/* A long chain must not meet a limit of SQLite or of the stack. */
static void two_thousand_alternatives_are_no_trouble(void **state)
{
    static char query[90000];
    (void)state;
    size_t n = (size_t)snprintf(query, sizeof query, "SELECT Id FROM Account WHERE Name = 'none'");
    for (int i = 0; i < 2000; i++)
        n += (size_t)snprintf(query + n, sizeof query - n, " OR Name = 'n%d'", i);
    snprintf(query + n, sizeof query - n, " OR Name = 'Koa Cars'");
    count_is(query, 1);
}

static void values_are_data(void **state)
{
    (void)state;
    load("{\"Account\":[{\"Name\":\"x' OR "
         "'a'='a\"},{\"Name\":\"50%_off\\\\now\"},{\"Name\":\"tab\\tline\\nend\"},{\"Name\":\"\\\"quoted\\\"\"},{"
         "\"Name\":\"plain\"}]}");
    count_is("SELECT Id FROM Account WHERE Name = 'x\\' OR \\'a\\'=\\'a'", 1);
    count_is("SELECT Id FROM Account WHERE Name = '50\\%\\_off\\\\now'", 1);
    count_is("SELECT Id FROM Account WHERE Name = '50%_off\\\\now'", 1);
    count_is("SELECT Id FROM Account WHERE Name LIKE '50\\%\\_off\\\\now'", 1);
    count_is("SELECT Id FROM Account WHERE Name LIKE '%\\_%'", 1);
    count_is("SELECT Id FROM Account WHERE Name LIKE '_____'", 1);
    count_is("SELECT Id FROM Account WHERE Name = 'tab\\tline\\nend'", 1);
    count_is("SELECT Id FROM Account WHERE Name = '\\\"QUOTED\\\"'", 1);
    count_is("SELECT Id FROM Account WHERE Name = '\\u0070lain'", 1);
    refused("SELECT Id FROM Account WHERE Name = 'a\\qb'", "MALFORMED_QUERY", "Illegal character sequence '\\q'");
    refused("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY", "string literal");
}

static void types_are_checked(void **state)
{
    (void)state;
    refused("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD",
            "must be of type string and should be enclosed in quotes");
    refused("SELECT Id FROM Account WHERE NumberOfEmployees = '5'", "INVALID_FIELD",
            "must be of type int and should not be enclosed in quotes");
    refused("SELECT Id FROM Account WHERE CreatedDate = 2024-01-01", "INVALID_FIELD", "must be of type dateTime");
    refused("SELECT Id FROM Opportunity WHERE CloseDate = 2024-01-01T00:00:00Z", "INVALID_FIELD",
            "must be of type date");
    refused("SELECT Id FROM Opportunity WHERE CloseDate = 2024-02-30", "MALFORMED_QUERY", "invalid date");
    refused("SELECT Id FROM Account WHERE IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "boolean");
    refused("SELECT Id FROM Account WHERE IsDeleted = 'true'", "INVALID_FIELD", "boolean");
    refused("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered");
    refused("SELECT Id FROM Account WHERE Name INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "includes");
    refused("SELECT Id FROM Account WHERE NumberOfEmployees LIKE '5%'", "INVALID_QUERY_FILTER_OPERATOR", "int");
    refused("SELECT Id FROM Account ORDER BY Description", "MALFORMED_QUERY", "can not be sorted");
    refused("SELECT COUNT(Id) FROM Account GROUP BY Description", "MALFORMED_QUERY", "can not be grouped");
    refused("SELECT COUNT(Id) FROM Opportunity GROUP BY Amount", "MALFORMED_QUERY", "can not be grouped");
    refused("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator SUM");
}

static void unknown_names_are_pointed_at(void **state)
{
    (void)state;
    assert_int_equal(soql("SELECT Bacon__c FROM Account LIMIT 2"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_string_equal(text_at("0.message"),
                        "\nSELECT Bacon__c FROM Account LIMIT 2\n       ^\nERROR at Row:1:Column:8\nNo such column "
                        "'Bacon__c' on entity "
                        "'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the "
                        "custom field name. "
                        "Please reference your WSDL or the describe call for the appropriate names.");
    refused("SELEKT Name FROM Account", "MALFORMED_QUERY", "unexpected token: SELEKT");
    refused("SELECT Id\nFROM Account\nWHERE Nope = 1", "INVALID_FIELD",
            "\nWHERE Nope = 1\n      ^\nERROR at Row:3:Column:7\n");
    refused("SELECT Id FROM Submarine__c", "INVALID_TYPE", "sObject type 'Submarine__c' is not supported");
    refused("SELECT Nope.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Nope' in field path");
    refused("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE",
            "Didn't understand relationship 'Nopes' in FROM part");
    refused("SELECT Id, id FROM Account", "INVALID_FIELD", "duplicate field selected");
    refused("SELECT Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing");
    refused("SELECT A.B.C.D.E.F.G FROM Account", "INVALID_FIELD", "Didn't understand relationship");
    refused("SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account", "MALFORMED_QUERY",
            "at most 5 levels");
    assert_int_equal(send_bytes("GET", "/services/data/v62.0/query", "", "", NULL, 0, ""), 400);
    assert_error(400, "MALFORMED_QUERY");
}

static void what_is_not_supported_is_refused_by_name(void **state)
{
    static const char *const queries[][2] = {
        { "SELECT Id FROM Account USING SCOPE mine", "USING SCOPE" },
        { "SELECT Id FROM Account WITH SECURITY_ENFORCED", "WITH" },
        { "SELECT Id FROM Account FOR UPDATE", "FOR" },
        { "SELECT Id FROM Account UPDATE TRACKING", "UPDATE" },
        { "SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(Rating)", "ROLLUP" },
        { "SELECT TYPEOF Owner WHEN User THEN Name END FROM Account", "TYPEOF" },
        { "SELECT FORMAT(AnnualRevenue) FROM Account", "FORMAT" },
        { "SELECT Id FROM Account WHERE DISTANCE(Name, GEOLOCATION(1, 2), 'mi') < 20", "DISTANCE" },
        { "SELECT Id FROM Account WHERE convertCurrency(AnnualRevenue) > 5", "convertCurrency" },
        { "SELECT LinkedEntity.Name FROM ContentDocumentLink", "LinkedEntity" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        refused(queries[i][0], "MALFORMED_QUERY", queries[i][1]);
}

static void date_literals_are_ranges(void **state)
{
    (void)state;
    org_set_clock(org, NOW);
    load("{\"Opportunity\":[{\"Name\":\"tue\",\"CloseDate\":\"2026-03-17\"},{\"Name\":\"wed\",\"CloseDate\":\"2026-03-"
         "18\"},{\"Name\":\"thu\",\"CloseDate\":\"2026-03-19\"},"
         "{\"Name\":\"sat "
         "before\",\"CloseDate\":\"2026-03-14\"},{\"Name\":\"sun\",\"CloseDate\":\"2026-03-15\"},{\"Name\":\"feb\","
         "\"CloseDate\":\"2026-02-28\"},"
         "{\"Name\":\"dec\",\"CloseDate\":\"2025-12-31\"},{\"Name\":\"apr\",\"CloseDate\":\"2026-04-01\"},{\"Name\":"
         "\"open\"}]}");
    static const struct {
        const char *condition;
        long rows;
    } cases[] = {
        { "CloseDate = TODAY", 1 },
        { "CloseDate = YESTERDAY", 1 },
        { "CloseDate = TOMORROW", 1 },
        { "CloseDate < TODAY", 5 },
        { "CloseDate <= TODAY", 6 },
        { "CloseDate > TODAY", 2 },
        { "CloseDate >= TODAY", 3 },
        { "CloseDate != TODAY", 8 },
        { "NOT CloseDate = TODAY", 8 },
        { "NOT CloseDate < TODAY", 4 },
        { "CloseDate = THIS_WEEK", 4 },
        { "CloseDate = LAST_WEEK", 1 },
        { "CloseDate = THIS_MONTH", 5 },
        { "CloseDate = LAST_MONTH", 1 },
        { "CloseDate = NEXT_MONTH", 1 },
        { "CloseDate = THIS_QUARTER", 6 },
        { "CloseDate = LAST_QUARTER", 1 },
        { "CloseDate = THIS_YEAR", 7 },
        { "CloseDate = LAST_YEAR", 1 },
        { "CloseDate = NEXT_YEAR", 0 },
        { "CloseDate = LAST_N_DAYS:1", 2 },  /* yesterday and today */
        { "CloseDate = NEXT_N_DAYS:1", 1 },  /* tomorrow */
        { "CloseDate = N_DAYS_AGO:3", 1 },   /* sunday */
        { "CloseDate = LAST_N_WEEKS:1", 1 }, /* the week before this one */
        { "CloseDate = NEXT_N_WEEKS:2", 1 },
        { "CloseDate = LAST_N_MONTHS:1", 1 },
        { "CloseDate = LAST_N_MONTHS:3", 2 },
        { "CloseDate = N_MONTHS_AGO:1", 1 },
        { "CloseDate = NEXT_N_QUARTERS:1", 1 },
        { "CloseDate = LAST_90_DAYS", 6 },
        { "CloseDate = NEXT_90_DAYS", 2 },
        { "CloseDate = LAST_N_YEARS:1", 1 },
        { "CloseDate = THIS_FISCAL_YEAR", 7 },
        { "CloseDate IN (TODAY, TOMORROW)", 2 },
        { "CloseDate NOT IN (TODAY, TOMORROW)", 7 },
        { "CloseDate IN (TODAY, 2026-02-28, null)", 3 },
        { "CloseDate = 2026-03-18", 1 },
        { "CALENDAR_YEAR(CloseDate) = 2026", 7 },
        { "CALENDAR_QUARTER(CloseDate) = 1", 6 },
        { "DAY_IN_WEEK(CloseDate) = 1", 1 },
        { "CreatedDate = TODAY", 9 },
        { "CreatedDate > YESTERDAY AND CreatedDate <= TODAY", 9 },
        { "CreatedDate >= 2026-03-18T12:00:00Z", 9 },
        { "CreatedDate > 2026-03-18T13:00:00+01:00", 0 },
        { "DAY_ONLY(CreatedDate) = 2026-03-18", 9 },
        { "HOUR_IN_DAY(CreatedDate) = 12", 9 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char query[200];
        snprintf(query, sizeof query, "SELECT Id FROM Opportunity WHERE %s", cases[i].condition);
        count_is(query, cases[i].rows);
    }
    refused("SELECT Id FROM Opportunity WHERE CloseDate = LAST_N_DAYS:0", "MALFORMED_QUERY", "out of range");
    refused("SELECT Id FROM Opportunity WHERE Name = TODAY", "INVALID_FIELD", "type string");
}

static void aggregates_group_and_filter(void **state)
{
    (void)state;
    load("{\"Opportunity\":[{\"Name\":\"a\",\"StageName\":\"Prospecting\",\"Amount\":10},{\"Name\":\"b\",\"StageName\":"
         "\"Prospecting\",\"Amount\":20.5},"
         "{\"Name\":\"c\",\"StageName\":\"Closed Won\",\"Amount\":5},{\"Name\":\"d\",\"StageName\":\"Closed "
         "Won\"},{\"Name\":\"e\"}]}");
    assert_status(soql("SELECT StageName, COUNT(Id) n, SUM(Amount), AVG(Amount) mean, MIN(Amount), MAX(Name) FROM "
                       "Opportunity GROUP BY StageName "
                       "HAVING COUNT(Id) > 1 ORDER BY SUM(Amount) DESC"),
                  200);
    assert_int_equal(int_at("totalSize"), 2);
    assert_string_equal(text_at("records.0.StageName"), "Prospecting");
    assert_int_equal(int_at("records.0.n"), 2);
    assert_true(json_real_value(at("records.0.expr0")) == 30.5);
    assert_true(json_real_value(at("records.0.mean")) == 15.25);
    assert_true(json_real_value(at("records.0.expr1")) == 10);
    assert_string_equal(text_at("records.0.expr2"), "b");
    assert_true(json_real_value(at("records.1.mean")) == 5); /* nulls do not count */
    assert_status(soql("SELECT COUNT(Id), COUNT(Amount), COUNT_DISTINCT(StageName), SUM(Amount) FROM Opportunity"),
                  200);
    assert_int_equal(int_at("records.0.expr0"), 5);
    assert_int_equal(int_at("records.0.expr1"), 3);
    assert_int_equal(int_at("records.0.expr2"), 2);
    assert_status(soql("SELECT SUM(Amount) s, MAX(Amount) m, COUNT(Id) n FROM Opportunity WHERE Name = 'nobody'"), 200);
    assert_true(json_is_null(at("records.0.s")));
    assert_int_equal(int_at("records.0.n"), 0);
    assert_status(soql("SELECT COUNT() FROM Opportunity WHERE Amount > 1"), 200);
    assert_int_equal(int_at("totalSize"), 3);
    assert_int_equal(json_array_size(at("records")), 0);
    count_is("SELECT StageName FROM Opportunity GROUP BY StageName", 3);
    count_is("SELECT Owner.Name, COUNT(Id) FROM Opportunity GROUP BY Owner.Name", 1);
    assert_string_equal(text_at("records.0.Name"), "Ada Admin");
    count_is("SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) FROM Opportunity GROUP BY CALENDAR_YEAR(CreatedDate)", 1);
    refused("SELECT Name, COUNT(Id) FROM Opportunity GROUP BY StageName", "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name");
    refused("SELECT Name, COUNT(Id) FROM Opportunity", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name");
    refused("SELECT COUNT(Id) FROM Opportunity LIMIT 5", "MALFORMED_QUERY", "cannot also use LIMIT");
    refused("SELECT COUNT(Id) FROM Opportunity GROUP BY StageName ORDER BY Name", "MALFORMED_QUERY",
            "Ordered field must be grouped");
    refused("SELECT COUNT(), Name FROM Opportunity", "MALFORMED_QUERY", "COUNT() must be the only element");
    refused("SELECT Id FROM Opportunity WHERE COUNT(Id) > 1", "MALFORMED_QUERY", "not allowed here");
    refused("SELECT StageName n, COUNT(Id) n FROM Opportunity GROUP BY StageName", "MALFORMED_QUERY",
            "duplicate alias: n");
}

static void order_limit_and_offset(void **state)
{
    (void)state;
    load("{\"Account\":[{\"Name\":\"b\",\"Rating\":\"Hot\"},{\"Name\":\"A\"},{\"Name\":\"c\",\"Rating\":\"Cold\"}]}");
    assert_status(soql("SELECT Name FROM Account ORDER BY Name"), 200);
    assert_string_equal(text_at("records.0.Name"), "A");
    assert_string_equal(text_at("records.1.Name"), "b");
    assert_status(soql("SELECT Name FROM Account ORDER BY Rating"), 200);
    assert_string_equal(text_at("records.0.Name"), "A"); /* nulls first */
    assert_status(soql("SELECT Name FROM Account ORDER BY Rating DESC NULLS LAST, Name"), 200);
    assert_string_equal(text_at("records.0.Name"), "b");
    assert_string_equal(text_at("records.2.Name"), "A");
    assert_status(soql("SELECT Name FROM Account ORDER BY Name LIMIT 1 OFFSET 1"), 200);
    assert_int_equal(int_at("totalSize"), 1);
    assert_string_equal(text_at("records.0.Name"), "b");
    count_is("SELECT Name FROM Account LIMIT 0", 0);
    count_is("SELECT Name FROM Account OFFSET 2000", 0);
    refused("SELECT Name FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000");
}

static void fields_are_expanded(void **state)
{
    (void)state;
    assert_status(soql("SELECT FIELDS(ALL) FROM Flight__c LIMIT 1"), 200);
    assert_non_null(at("records.0.Seats_Economy__c"));
    assert_non_null(at("records.0.SystemModstamp"));
    assert_status(soql("SELECT FIELDS(CUSTOM), Id FROM Flight__c LIMIT 200"), 200);
    assert_null(at("records.0.SystemModstamp"));
    assert_status(soql("SELECT FIELDS(STANDARD) FROM Flight__c"), 200);
    assert_null(at("records.0.Seats_Economy__c"));
    refused("SELECT FIELDS(ALL) FROM Flight__c", "MALFORMED_QUERY", "LIMIT of at most 200");
    refused("SELECT FIELDS(ALL) FROM Flight__c LIMIT 201", "MALFORMED_QUERY", "LIMIT of at most 200");
    refused("SELECT FIELDS(ALL), Name FROM Flight__c LIMIT 1", "INVALID_FIELD", "duplicate field");
}

static void parents_and_children_nest(void **state)
{
    (void)state;
    assert_status(soql("SELECT Name, Passenger__r.Name, Passenger__r.Account.Name, Flight__r.Name FROM Booking__c "
                       "WHERE Flight__r.Airline__c = 'Northwind Air' AND "
                       "Passenger__r.Account.Name = 'Koa Cars' ORDER BY Name LIMIT 3"),
                  200);
    assert_string_equal(text_at("records.0.Passenger__r.Account.Name"), "Koa Cars");
    assert_string_equal(text_at("records.0.Passenger__r.attributes.type"), "Contact");
    assert_status(soql("SELECT Passenger__r.Account.Name FROM Booking__c WHERE Passenger__c = null LIMIT 1"), 200);
    assert_true(json_is_null(at("records.0.Passenger__r")));
    assert_status(soql("SELECT Account.Name, (SELECT Contact.LastName, Account.Name FROM Account.Contacts WHERE "
                       "LastName != 'Brown' ORDER BY LastName LIMIT 1), "
                       "(SELECT Id FROM Opportunities) FROM Account WHERE Name IN ('Koa Cars', 'Größe & Söhne') ORDER "
                       "BY Name DESC"),
                  200);
    assert_string_equal(text_at("records.0.Name"), "Koa Cars");
    assert_int_equal(int_at("records.0.Contacts.totalSize"), 1);
    assert_true(json_is_true(at("records.0.Contacts.done")));
    assert_string_equal(text_at("records.0.Contacts.records.0.LastName"), "Nakamura");
    assert_string_equal(text_at("records.0.Contacts.records.0.Account.Name"), "Koa Cars");
    assert_true(json_is_null(at("records.1.Contacts")));
    assert_true(json_is_null(at("records.1.Opportunities")));
    assert_status(soql("SELECT f.Name, f.Owner.Name FROM Flight__c f WHERE f.Name = 'NW 101'"), 200);
    assert_string_equal(text_at("records.0.Owner.Name"), "Ada Admin");
    assert_status(
        soql("SELECT Id, (SELECT Id, (SELECT Id FROM Bookings__r) FROM Contacts) FROM Account WHERE Name = 'Koa Cars'"),
        200);
    assert_true(int_at("records.0.Contacts.records.0.Bookings__r.totalSize") > 5);
    refused("SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account", "MALFORMED_QUERY",
            "aggregate functions are not allowed in a sub-query");
}

static void semi_joins_pick_by_other_records(void **state)
{
    (void)state;
    count_is("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Nakamura')", 1);
    count_is("SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)", 2);
    count_is("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'Koa%') AND LastName = "
             "'Brown'",
             1);
    count_is("SELECT Id FROM Contact WHERE AccountId NOT IN (SELECT Id FROM Account WHERE Name = 'Koa Cars')",
             3); /* one has none */
    count_is("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT AccountId FROM "
             "Opportunity)",
             2);
    refused("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) OR Name = 'x'", "MALFORMED_QUERY",
            "top level WHERE");
    refused("SELECT Id FROM Account WHERE Name IN (SELECT LastName FROM Contact)", "MALFORMED_QUERY",
            "should be an id field");
    refused("SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)", "MALFORMED_QUERY",
            "should point to the same object type");
    refused("SELECT Id FROM Account WHERE Id IN (SELECT OwnerId FROM Contact)", "MALFORMED_QUERY",
            "should point to the same object type");
    refused("SELECT Id FROM Account WHERE Id IN (SELECT AccountId, Id FROM Contact)", "MALFORMED_QUERY",
            "must select one field");
    refused("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT Passenger__c FROM "
            "Booking__c))",
            "MALFORMED_QUERY", "Nesting");
    refused("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT AccountId FROM "
            "Contact) AND Id IN (SELECT AccountId FROM Contact)",
            "MALFORMED_QUERY", "Maximum 2 semi join");
}

/* n accounts, each with so many contacts c0, c1... */
static void many_accounts(int n, int contacts)
{
    json_t *accounts = json_array(), *people = json_array();
    for (int i = 0; i < n; i++) {
        json_array_append_new(
            accounts, json_pack("{s:o, s:o}", "Id", json_sprintf("001xx%010d", i), "Name", json_sprintf("n%d", i)));
        for (int k = 0; k < contacts; k++)
            json_array_append_new(people, json_pack("{s:o, s:o}", "AccountId", json_sprintf("001xx%010d", i),
                                                    "LastName", json_sprintf("c%d", k)));
    }
    json_t *all = json_pack("{s:o, s:o}", "Account", accounts, "Contact", people);
    char *text = json_dumps(all, 0);
    load(text);
    free(text);
    json_decref(all);
}

/* Follows nextRecordsUrl; returns the rows seen, and the pages in *pages. */
static long walk(const char *query, const char *options, int *pages)
{
    long rows = 0;
    assert_status(soql_with("query", query, options), 200);
    for (*pages = 1;; (*pages)++) {
        rows += (long)json_array_size(at("records"));
        if (json_is_true(at("done"))) {
            assert_null(at("nextRecordsUrl"));
            return rows;
        }
        char next[200];
        snprintf(next, sizeof next, "%s", text_at("nextRecordsUrl"));
        assert_true(strncmp(next, "/services/data/v62.0/query/01g", 30) == 0);
        assert_status(send_bytes("GET", next, "", "", NULL, 0, options), 200);
    }
}

static void pages_hold_two_thousand_rows(void **state)
{
    int pages;
    (void)state;
    many_accounts(4001, 0);
    assert_int_equal(walk("SELECT Name FROM Account", "", &pages), 4001);
    assert_int_equal(pages, 3);
    assert_int_equal(int_at("totalSize"), 4001);
    assert_int_equal(walk("SELECT Name FROM Account", "batchSize=500", &pages), 4001);
    assert_int_equal(pages, 9);
    assert_int_equal(walk("SELECT Name FROM Account LIMIT 401", "batchSize=1", &pages), 401); /* 200 is the least */
    assert_int_equal(pages, 3);
    assert_int_equal(walk("SELECT Name FROM Account LIMIT 2000", "batchSize=9999", &pages), 2000);
    assert_int_equal(pages, 1);
    assert_int_equal(walk("SELECT Name FROM Account LIMIT 2001", "", &pages), 2001);
    assert_int_equal(pages, 2);
    refused("SELECT Name FROM Account GROUP BY Name", "EXCEEDED_ID_LIMIT", "does not support queryMore()");
}

static void child_rows_count_and_have_pages_of_their_own(void **state)
{
    int pages;
    (void)state;
    many_accounts(100, 50); /* 51 rows each: 39 accounts a page */
    assert_int_equal(walk("SELECT Name, (SELECT LastName FROM Contacts) FROM Account", "", &pages), 100);
    assert_int_equal(pages, 3);
    many_accounts(1, 450);
    assert_status(soql_with("query", "SELECT Name, (SELECT LastName FROM Contacts) FROM Account", "batchSize=200"),
                  200);
    assert_int_equal(int_at("records.0.Contacts.totalSize"), 450);
    assert_int_equal(json_array_size(at("records.0.Contacts.records")), 200);
    assert_true(json_is_false(at("records.0.Contacts.done")));
    char next[200];
    snprintf(next, sizeof next, "%s", text_at("records.0.Contacts.nextRecordsUrl"));
    assert_status(send_bytes("GET", next, "", "", NULL, 0, "batchSize=200"), 200);
    assert_int_equal(json_array_size(at("records")), 200);
    assert_string_equal(text_at("records.0.attributes.type"), "Contact");
    assert_string_equal(text_at("records.0.LastName"), "c200");
}

static void locators_belong_to_their_user_and_end(void **state)
{
    char next[200];
    (void)state;
    many_accounts(401, 0);
    assert_status(soql_with("query", "SELECT Name FROM Account", "batchSize=200"), 200);
    snprintf(next, sizeof next, "%s", text_at("nextRecordsUrl"));
    as_user = "limited@example.com";
    assert_int_equal(send_bytes("GET", next, "", "", NULL, 0, ""), 400);
    assert_error(400, "INVALID_QUERY_LOCATOR");
    as_user = "admin@example.com";
    for (int i = 0; i < 10; i++) /* ten newer ones push it out */
        assert_status(soql_with("query", "SELECT Id FROM Account", "batchSize=200"), 200);
    assert_int_equal(send_bytes("GET", next, "", "", NULL, 0, ""), 400);
    assert_error(400, "INVALID_QUERY_LOCATOR");
    assert_int_equal(call("GET", "query/01g000000000000AAA-99999999", NULL), 400);
    assert_error(400, "INVALID_QUERY_LOCATOR");
}

static void deleted_records_are_for_query_all(void **state)
{
    (void)state;
    assert_status(call("DELETE", "sobjects/Flight__c/a0Fxx0000000000EAA", NULL), 204);
    count_is("SELECT Id FROM Flight__c", 11);
    count_is("SELECT Id FROM Booking__c WHERE Flight__c = 'a0Fxx0000000000EAA'", 0); /* they went with their parent */
    assert_status(soql_with("queryAll", "SELECT Id, IsDeleted FROM Flight__c WHERE Name = 'NW 101'", ""), 200);
    assert_true(json_is_true(at("records.0.IsDeleted")));
    assert_status(soql_with("queryAll", "SELECT Id FROM Booking__c WHERE Flight__c = 'a0Fxx0000000000EAA'", ""), 200);
    assert_int_equal(int_at("totalSize"), 12);
}

static void multi_select_picklists(void **state)
{
    static const char tagged[] = "{\"name\":\"Tagged__c\",\"prefix\":\"a9T\",\"fields\":[{\"name\":\"Tags__c\","
                                 "\"type\":\"multipicklist\",\"values\":[\"a\",\"b\",\"c\"]}]}";
    char why[200];
    (void)state;
    assert_true(org_describe_object(org, tagged, sizeof tagged - 1, why, sizeof why));
    load("{\"Tagged__c\":[{\"Name\":\"1\",\"Tags__c\":\"a;b\"},{\"Name\":\"2\",\"Tags__c\":\"b;c\"},{\"Name\":\"3\","
         "\"Tags__c\":\"c\"},{\"Name\":\"4\"}]}");
    count_is("SELECT Id FROM Tagged__c WHERE Tags__c INCLUDES ('a')", 1);
    count_is("SELECT Id FROM Tagged__c WHERE Tags__c INCLUDES ('b;c', 'A')", 2);
    count_is("SELECT Id FROM Tagged__c WHERE Tags__c EXCLUDES ('b')", 2);
    count_is("SELECT Id FROM Tagged__c WHERE NOT Tags__c EXCLUDES ('b')", 2);
    count_is("SELECT Id FROM Tagged__c WHERE Tags__c = 'b;c'", 1);
}

/* Random edits of real queries: an answer or a refusal, never anything else. */
static void hostile_queries_get_an_answer(void **state)
{
    static const char *const seeds[] = {
        "SELECT Id, Name, Owner.Name, (SELECT LastName FROM Contacts WHERE LastName != null ORDER BY LastName LIMIT 5) "
        "FROM Account WHERE Name LIKE 'a%' LIMIT 9",
        "SELECT Class__c cabin, COUNT(Id) n FROM Booking__c WHERE Flight__c IN ('a0Fxx0000000000', null) GROUP BY "
        "Class__c HAVING COUNT(Id) > 1 ORDER BY MAX(Fare__c)",
        "SELECT FIELDS(ALL) FROM Flight__c WHERE CreatedDate >= 2024-01-31T10:20:30.000Z AND (NOT CreatedDate = "
        "LAST_N_DAYS:30) LIMIT 200 OFFSET 3",
        "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact WHERE Name = 'O\\'Brien \\u00e9 \\\\') "
        "OR Rating INCLUDES ('a;b')",
        "SELECT CALENDAR_YEAR(CloseDate), SUM(Amount) FROM Opportunity WHERE Amount > USD5.5 GROUP BY "
        "CALENDAR_YEAR(CloseDate)",
    };
    static const char *const pieces[] = { "(",
                                          ")",
                                          "'",
                                          "\\",
                                          ",",
                                          " AND ",
                                          " NOT ",
                                          "..",
                                          "SELECT ",
                                          " FROM ",
                                          "%",
                                          "\xff",
                                          "\n",
                                          "9999999999999999999",
                                          ":",
                                          "=",
                                          "Owner.Owner.",
                                          "((((((((" };
    unsigned dice = 20260318;
    int rounds = getenv("LONG") ? 100000 : 4000, accepted = 0;
    (void)state;
    for (int i = 0; i < rounds; i++) {
        char query[1200];
        size_t n = (size_t)snprintf(query, sizeof query, "%s", seeds[(unsigned)i % 5]);
        for (unsigned edits = 1 + i % 3; edits; edits--) {
            dice = dice * 1664525 + 1013904223;
            size_t from = (dice >> 8) % n, len = (dice >> 20) % 6;
            const char *put = pieces[(dice >> 12) % (sizeof pieces / sizeof *pieces)];
            len = len > n - from ? n - from : len;
            if (n + strlen(put) >= sizeof query)
                break;
            memmove(query + from + strlen(put), query + from + len, n - from - len + 1);
            memcpy(query + from, put, strlen(put));
            n += strlen(put) - len;
        }
        int status = soql(query);
        accepted += status == 200;
        if (status != 200 && status != 400)
            fail_msg("%d for %s: %s", status, query, answer.body);
        if (!json)
            fail_msg("no JSON for %s: %s", query, answer.body);
    }
    assert_true(accepted > 0 && accepted < rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_are_case_blind_and_answers_canonical, fixture_reset),
        cmocka_unit_test_setup(falsy_values_stay, fixture_reset),
        cmocka_unit_test_setup(ids_match_in_both_lengths_and_exactly, fixture_reset),
        cmocka_unit_test_setup(null_is_a_value_for_equality_only, fixture_reset),
        cmocka_unit_test_setup(conditions_combine, fixture_reset),
        cmocka_unit_test_setup(two_thousand_alternatives_are_no_trouble, fixture_reset),
        cmocka_unit_test_setup(values_are_data, fixture_reset),
        cmocka_unit_test_setup(types_are_checked, fixture_reset),
        cmocka_unit_test_setup(unknown_names_are_pointed_at, fixture_reset),
        cmocka_unit_test_setup(what_is_not_supported_is_refused_by_name, fixture_reset),
        cmocka_unit_test_setup(date_literals_are_ranges, fixture_reset),
        cmocka_unit_test_setup(aggregates_group_and_filter, fixture_reset),
        cmocka_unit_test_setup(order_limit_and_offset, fixture_reset),
        cmocka_unit_test_setup(fields_are_expanded, fixture_reset),
        cmocka_unit_test_setup(parents_and_children_nest, fixture_reset),
        cmocka_unit_test_setup(semi_joins_pick_by_other_records, fixture_reset),
        cmocka_unit_test_setup(pages_hold_two_thousand_rows, fixture_reset),
        cmocka_unit_test_setup(child_rows_count_and_have_pages_of_their_own, fixture_reset),
        cmocka_unit_test_setup(locators_belong_to_their_user_and_end, fixture_reset),
        cmocka_unit_test_setup(deleted_records_are_for_query_all, fixture_reset),
        cmocka_unit_test_setup(multi_select_picklists, fixture_reset),
        cmocka_unit_test_setup(hostile_queries_get_an_answer, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
