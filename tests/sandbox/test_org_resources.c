/* test_org_resources.c - upserts and their key, what has changed, profiles, versions of files, names of FROM. */
#include "tests/sandbox/org_fixture.h"

/* 2026-03-18 12:00:30 UTC */
#define NOW 1773835230000LL

static void count_is(const char *query, long want)
{
    assert_status(soql(query), 200);
    if (int_at("totalSize") != want)
        fail_msg("%s: %ld rows instead of %ld", query, int_at("totalSize"), want);
}

static void update_only_makes_no_record(void **state)
{
    (void)state;
    call("PATCH", "sobjects/Account/AppLinkKey__c/never-seen?updateOnly=true", "{\"Name\":\"x\"}");
    assert_error(404, "NOT_FOUND");
    count_is("SELECT Id FROM Account WHERE AppLinkKey__c = 'never-seen'", 0);
    assert_status(call("PATCH", "sobjects/Account/AppLinkKey__c/never-seen?updateOnly=false", "{\"Name\":\"x\"}"), 201);
    assert_status(call("PATCH", "sobjects/Account/AppLinkKey__c/never-seen?updateOnly=TRUE", "{\"Name\":\"y\"}"), 200);
    assert_true(json_is_false(at("created")));
    count_is("SELECT Id FROM Account WHERE AppLinkKey__c = 'never-seen' AND Name = 'y'", 1);
    assert_status(
        call("POST", "composite",
             "{\"compositeRequest\":[{\"method\":\"PATCH\",\"referenceId\":\"a\",\"url\":"
             "\"/services/data/v62.0/sobjects/Account/AppLinkKey__c/none?updateOnly=true\",\"body\":{\"Name\":"
             "\"x\"}}]}"),
        200);
    assert_int_equal(int_at("compositeResponse.0.httpStatusCode"), 404);
}

static void the_key_of_an_upsert_stays(void **state)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        { "{\"AppLinkKey__c\":\"k2\"}", 400 },
        { "{\"applinkkey__C\":\"k2\",\"Name\":\"x\"}", 400 },
        { "{\"AppLinkKey__c\":null}", 400 },
        { "{\"AppLinkKey__c\":\"\"}", 400 },
        { "{\"AppLinkKey__c\":\"  \"}", 400 },
        { "{\"AppLinkKey__c\":\"k1\"}", 200 }, /* the same again is no harm */
        { "{\"AppLinkKey__c\":\" K1 \",\"Name\":\"z\"}", 200 },
        { "{\"Name\":\"q\"}", 200 },
    };
    (void)state;
    assert_status(call("PATCH", "sobjects/Account/AppLinkKey__c/k1", "{\"Name\":\"x\"}"), 201);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        call("PATCH", "sobjects/Account/AppLinkKey__c/k1", cases[i].body);
        if (answer.status != cases[i].status)
            fail_msg("%s: %d %s", cases[i].body, answer.status, answer.body);
        if (answer.status == 400) {
            assert_error(400, "INVALID_FIELD");
            assert_string_equal(text_at("0.message"),
                                "The AppLinkKey__c field should not be specified in the sobject data.");
        }
        count_is("SELECT Id FROM Account WHERE AppLinkKey__c = 'k1'", 1);
    }
    /* a new one cannot say another key either, which would be lost silently */
    call("PATCH", "sobjects/Account/AppLinkKey__c/new", "{\"Name\":\"x\",\"AppLinkKey__c\":\"other\"}");
    assert_error(400, "INVALID_FIELD");
    count_is("SELECT Id FROM Account WHERE AppLinkKey__c IN ('new', 'other')", 0);
    assert_status(call("PATCH", "sobjects/Account/AppLinkKey__c/new", "{\"Name\":\"x\",\"AppLinkKey__c\":\"new\"}"),
                  201);
    /* keys of numbers are compared as numbers */
    char why[300] = "";
    static const char boat[] = "{\"name\":\"Boat__c\",\"prefix\":\"a9B\",\"fields\":[{\"name\":\"No__c\",\"type\":"
                               "\"double\",\"precision\":6,\"scale\":1,\"externalId\":true,\"unique\":true}]}";
    assert_true(org_describe_object(org, boat, sizeof boat - 1, why, sizeof why));
    assert_status(call("PATCH", "sobjects/Boat__c/No__c/5", "{\"No__c\":5.0}"), 201);
    assert_status(call("PATCH", "sobjects/Boat__c/No__c/5", "{\"No__c\":5}"), 200);
    call("PATCH", "sobjects/Boat__c/No__c/5", "{\"No__c\":6}");
    assert_error(400, "INVALID_FIELD");
}

static void an_id_that_is_null_inserts(void **state)
{
    (void)state;
    assert_status(call("POST", "sobjects/Account/Id", "{\"Name\":\"by id\"}"), 201);
    assert_true(json_is_true(at("created")));
    assert_true(json_is_true(at("success")));
    assert_status(call("POST", "sobjects/Account/id/", "{\"Name\":\"by id\"}"), 201);
    count_is("SELECT Id FROM Account WHERE Name = 'by id'", 2);
    call("POST", "sobjects/Account/Id", "{\"Id\":\"001xx0000000001\",\"Name\":\"x\"}");
    assert_error(400, "INVALID_FIELD");
    send_bytes("POST", "/services/data/v36.0/sobjects/Account/Id", "", "application/json", "{\"Name\":\"x\"}", 12, "");
    assert_error(400, "MALFORMED_ID"); /* only since 37.0 */
    assert_int_equal(call("GET", "sobjects/Account/Id", NULL), 404);
}

static void from_names_ways_upwards(void **state)
{
    (void)state;
    count_is("SELECT count() FROM Contact c, c.Account a WHERE a.Name = 'Koa Cars'", 2);
    count_is("SELECT Id FROM Contact c, c.Account a, a.Owner o WHERE o.Name = 'Ada Admin' AND a.Name = 'Koa Cars'", 2);
    count_is("SELECT Id FROM Contact, Contact.Account a WHERE a.Name = 'Koa Cars'", 2);
    count_is("SELECT COUNT(Id) n FROM Contact c, c.Account a WHERE a.Name = 'Koa Cars' GROUP BY a.Name ORDER BY a.Name",
             1);
    assert_int_equal(int_at("records.0.n"), 2);
    assert_status(soql("SELECT c.LastName, a.Name, a.Owner.Name FROM Contact c, c.Account a WHERE a.Name = 'Koa Cars' "
                       "ORDER BY a.Name, c.LastName"),
                  200);
    assert_string_equal(text_at("records.0.Account.Name"), "Koa Cars");
    assert_string_equal(text_at("records.0.Account.Owner.Name"), "Ada Admin");
    assert_string_equal(text_at("records.0.Account.attributes.type"), "Account");
    count_is("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact c, c.Account a WHERE a.Name = 'Koa "
             "Cars')",
             1);
    static const char *const refused[][2] = {
        { "SELECT Id FROM Contact c, Account a", "MALFORMED_QUERY" },
        { "SELECT Id FROM Contact c, c.Nope a", "INVALID_FIELD" },
        { "SELECT Id FROM Account a, a.Contacts b", "INVALID_FIELD" }, /* children are a query of their own */
        { "SELECT Id FROM Contact c, c.Account c", "MALFORMED_QUERY" },
        { "SELECT Id FROM Contact c, c.Account a, c.Owner a", "MALFORMED_QUERY" },
        { "SELECT Id FROM Contact c, a.Owner b, b.Manager a", "INVALID_FIELD" }, /* no circle */
        { "SELECT Id FROM Contact c, c.Account a,", "MALFORMED_QUERY" },
        { "SELECT Id FROM Contact c, c.Account a WHERE a.Nope = 1", "INVALID_FIELD" },
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        soql(refused[i][0]);
        if (answer.status != 400 || strcmp(text_at("0.errorCode"), refused[i][1]) != 0)
            fail_msg("%s: %s", refused[i][0], answer.body);
    }
    as_user = "limited@example.com"; /* what he must not see, he does not see through an alias either */
    soql("SELECT Id FROM Contact c, c.Account a WHERE a.AnnualRevenue > 0");
    assert_error(400, "INVALID_FIELD");
    soql("SELECT Id FROM Contact c, c.Account a WHERE a.Name = 'Koa Cars'");
    assert_int_equal(answer.status, 200);
}

static void numbers_may_have_exponents(void **state)
{
    static const char records[] = "{\"Opportunity\":[{\"Name\":\"a\",\"Amount\":1000},{\"Name\":\"b\",\"Amount\":0.05},"
                                  "{\"Name\":\"c\",\"Amount\":"
                                  "-2500}]}";
    char why[300] = "";
    (void)state;
    assert_true(org_load(org, records, strlen(records), why, sizeof why));
    count_is("SELECT Id FROM Opportunity WHERE Amount = 1e3", 1);
    count_is("SELECT Id FROM Opportunity WHERE Amount = 1.0E+3", 1);
    count_is("SELECT Id FROM Opportunity WHERE Amount = 5e-2", 1);
    count_is("SELECT Id FROM Opportunity WHERE Amount = -2.5E3", 1);
    count_is("SELECT Id FROM Opportunity WHERE Amount IN (1e3, 5E-2)", 2);
    count_is("SELECT Id FROM Opportunity WHERE Amount = USD1e3", 1);
    count_is("SELECT Id FROM Opportunity WHERE Amount = USD1000", 1);
    count_is("SELECT Id FROM Opportunity WHERE Amount = USD0.5e-1", 1);
    static const char *const refused[] = { "1e", "1e+", "e3", "1e3.5", "1e3x", "1ee3", "0x10" };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char query[120];
        snprintf(query, sizeof query, "SELECT Id FROM Opportunity WHERE Amount = %s", refused[i]);
        soql(query);
        assert_error(400, "MALFORMED_QUERY");
    }
    soql("SELECT Id FROM Opportunity LIMIT 1e1");
    assert_error(400, "MALFORMED_QUERY");
    /* three letters and digits are an amount only where a value stands */
    assert_status(soql("SELECT SUM(Amount) sum1, COUNT(Id) cnt2e5 FROM Opportunity"), 200);
    assert_int_equal(int_at("records.0.cnt2e5"), 3);
    count_is("SELECT opp1.Id FROM Opportunity opp1 WHERE opp1.Amount = 1000", 1);
    count_is("SELECT abc1.Id FROM Opportunity abc1", 3);
}

static void changes_are_listed(void **state)
{
    char path[200];
    char id[19];
    (void)state;
    org_set_clock(org, NOW);
    assert_status(call("POST", "sobjects/Account", "{\"Name\":\"x\"}"), 201);
    snprintf(id, sizeof id, "%s", text_at("id"));
    assert_status(call("GET", "sobjects/Account/updated?start=2026-03-18T11:59:00Z&end=2026-03-18T12:01:00Z", NULL),
                  200);
    size_t n = json_array_size(at("ids"));
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found = found || strcmp(json_string_value(json_array_get(at("ids"), i)), id) == 0;
    assert_true(found);
    assert_string_equal(text_at("latestDateCovered"), "2026-03-18T12:00:00.000+0000"); /* not beyond the present */
    assert_status(
        call("GET", "sobjects/Account/updated/?start=2026-03-18T10:00:00%2B00:00&end=2026-03-18T11:00:00+00:00", NULL),
        200);
    assert_int_equal(json_array_size(at("ids")), 0);
    assert_string_equal(text_at("latestDateCovered"), "2026-03-18T11:00:00.000+0000");

    org_set_clock(org, NOW + 120000);
    snprintf(path, sizeof path, "sobjects/Account/%s", id);
    assert_status(call("DELETE", path, NULL), 204);
    assert_status(call("GET", "sobjects/Account/deleted?start=2026-03-18T12:01:59Z&end=2026-03-18T12:03:10Z", NULL),
                  200);
    assert_int_equal(json_array_size(at("deletedRecords")), 1);
    assert_string_equal(text_at("deletedRecords.0.id"), id);
    assert_string_equal(text_at("deletedRecords.0.deletedDate"), "2026-03-18T12:02:30.000+0000");
    assert_string_equal(text_at("latestDateCovered"), "2026-03-18T12:02:00.000+0000");
    assert_int_equal(strlen(text_at("earliestDateAvailable")), 28);
    assert_status(call("GET", "sobjects/Account/deleted/?start=2026-03-18T11:00:00Z&end=2026-03-18T12:02:00Z", NULL),
                  200);
    assert_int_equal(json_array_size(at("deletedRecords")), 0);
    /* a deleted record is not an updated one */
    assert_status(call("GET", "sobjects/Account/updated?start=2026-03-18T12:02:00Z&end=2026-03-18T12:05:00Z", NULL),
                  200);
    assert_int_equal(json_array_size(at("ids")), 0);

    static const struct {
        const char *query, *code;
    } refused[] = {
        { "", "MISSING_ARGUMENT" },
        { "?start=2026-03-18T11:00:00Z", "MISSING_ARGUMENT" },
        { "?start=yesterday&end=2026-03-18T12:00:00Z", "INVALID_REPLICATION_DATE" },
        { "?start=2026-03-18T12:00:00Z&end=2026-03-18T12:00:59Z", "INVALID_REPLICATION_DATE" },
        { "?start=2026-03-18T12:00:00Z&end=2026-03-18T11:00:00Z", "INVALID_REPLICATION_DATE" },
        { "?start=2026-02-16T11:00:00Z&end=2026-03-18T12:00:00Z", "INVALID_REPLICATION_DATE" },
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "sobjects/Account/%s%s", k ? "deleted" : "updated", refused[i].query);
            call("GET", path, NULL);
            assert_error(400, refused[i].code);
        }
    call("POST", "sobjects/Account/updated", "{}");
    assert_error(405, "METHOD_NOT_ALLOWED");
    call("GET", "sobjects/Nope__c/updated?start=2026-03-18T11:00:00Z&end=2026-03-18T12:00:00Z", NULL);
    assert_error(404, "NOT_FOUND");
}

static void nobody_looked_at_a_record(void **state)
{
    (void)state;
    assert_status(call("GET", "recent", NULL), 200);
    assert_true(json_is_array(json));
    assert_int_equal(json_array_size(json), 0);
    assert_status(call("GET", "recent?limit=5", NULL), 200);
    call("GET", "recent?limit=x", NULL);
    assert_error(400, "INVALID_QUERY_LIMIT");
    assert_status(call("GET", "", NULL), 200);
    assert_string_equal(text_at("recent"), "/services/data/v62.0/recent");
}

static void users_have_profiles(void **state)
{
    (void)state;
    assert_status(soql("SELECT Name, Profile.Name FROM User WHERE Username = 'admin@example.com'"), 200);
    assert_string_equal(text_at("records.0.Profile.Name"), "System Administrator");
    assert_status(soql("SELECT Id, Name, (SELECT Username FROM Users) FROM Profile WHERE Name = 'Standard User'"), 200);
    assert_string_equal(text_at("records.0.Users.records.0.Username"), "limited@example.com");
    count_is("SELECT Id FROM User WHERE ProfileId IN (SELECT Id FROM Profile WHERE Name LIKE 'System%')", 1);
    assert_status(call("GET", "sobjects/Profile/describe", NULL), 200);
    assert_string_equal(text_at("keyPrefix"), "00e");
    assert_true(json_is_false(at("createable")));
    call("POST", "sobjects/Profile", "{\"Name\":\"x\"}");
    assert_error(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY");
}

static void versions_have_what_uploads_set(void **state)
{
    char path[300], body[500];
    (void)state;
    org_set_clock(org, NOW);
    assert_status(call("POST", "sobjects/ContentVersion",
                       "{\"Title\":\"t\",\"PathOnClient\":\"a.txt\",\"VersionData\":\"eA==\",\"IsMajorVersion\":false,"
                       "\"ContentModifiedDate\":\"2020-01-02T03:04:05Z\"}"),
                  201);
    snprintf(path, sizeof path,
             "SELECT IsMajorVersion, ContentModifiedDate, ContentModifiedBy.Name, ContentBodyId, "
             "ContentUrl, PublishStatus, RatingCount, ContentDocumentId, "
             "ContentDocument.ContentModifiedDate FROM ContentVersion WHERE Id = '%s'",
             text_at("id"));
    assert_status(soql(path), 200);
    assert_true(json_is_false(at("records.0.IsMajorVersion")));
    assert_string_equal(text_at("records.0.ContentModifiedDate"), "2020-01-02T03:04:05.000+0000");
    assert_string_equal(text_at("records.0.ContentDocument.ContentModifiedDate"), "2020-01-02T03:04:05.000+0000");
    assert_string_equal(text_at("records.0.ContentModifiedBy.Name"), "Ada Admin");
    assert_int_equal(strncmp(text_at("records.0.ContentBodyId"), "05T", 3), 0);
    assert_int_equal(strlen(text_at("records.0.ContentBodyId")), 18);
    assert_true(json_is_null(at("records.0.ContentUrl")));
    assert_string_equal(text_at("records.0.PublishStatus"), "P");
    assert_int_equal(int_at("records.0.RatingCount"), 0);
    snprintf(body, sizeof body, "{\"ContentDocumentId\":\"%s\",\"PathOnClient\":\"a.txt\",\"VersionData\":\"eQ==\"}",
             text_at("records.0.ContentDocumentId"));
    assert_status(call("POST", "sobjects/ContentVersion", body), 201);
    snprintf(path, sizeof path, "sobjects/ContentVersion/%s", text_at("id"));
    assert_status(call("GET", path, NULL), 200);
    assert_true(json_is_true(at("IsMajorVersion")));
    assert_string_equal(text_at("ContentModifiedDate"), "2026-03-18T12:00:30.000+0000");
    call("PATCH", path, "{\"IsMajorVersion\":false}");
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");

    assert_status(call("POST", "sobjects/ContentVersion", "{\"ContentUrl\":\"https://example.com/a\"}"), 201);
    snprintf(path, sizeof path, "sobjects/ContentVersion/%s", text_at("id"));
    assert_status(call("GET", path, NULL), 200);
    assert_string_equal(text_at("FileType"), "LINK");
    assert_string_equal(text_at("Title"), "https://example.com/a");
    assert_true(json_is_null(at("ContentBodyId")));
    call("POST", "sobjects/ContentVersion",
         "{\"ContentUrl\":\"https://example.com\",\"PathOnClient\":\"a\",\"VersionData\":\"eA==\"}");
    assert_error(400, "INVALID_FIELD");
    call("POST", "sobjects/ContentVersion", "{\"VersionData\":\"eA==\"}");
    assert_error(400, "REQUIRED_FIELD_MISSING");
    assert_string_equal(text_at("0.fields.0"), "PathOnClient");
    call("POST", "sobjects/ContentVersion", "{\"PathOnClient\":\"a.txt\"}");
    assert_error(400, "REQUIRED_FIELD_MISSING");
    assert_string_equal(text_at("0.fields.0"), "VersionData");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(update_only_makes_no_record, fixture_reset),
        cmocka_unit_test_setup(the_key_of_an_upsert_stays, fixture_reset),
        cmocka_unit_test_setup(an_id_that_is_null_inserts, fixture_reset),
        cmocka_unit_test_setup(from_names_ways_upwards, fixture_reset),
        cmocka_unit_test_setup(numbers_may_have_exponents, fixture_reset),
        cmocka_unit_test_setup(changes_are_listed, fixture_reset),
        cmocka_unit_test_setup(nobody_looked_at_a_record, fixture_reset),
        cmocka_unit_test_setup(users_have_profiles, fixture_reset),
        cmocka_unit_test_setup(versions_have_what_uploads_set, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
