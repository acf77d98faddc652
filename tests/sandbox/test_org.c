/* test_org.c - the sample org, single records, what the org says about itself, and what a limited user sees of it. */
#include "tests/sandbox/org_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

static char last_id[20];

static const char *created(const char *object, const char *body)
{
    char path[100];
    snprintf(path, sizeof path, "sobjects/%s", object);
    assert_status(call("POST", path, body), 201);
    snprintf(last_id, sizeof last_id, "%s", text_at("id"));
    return last_id;
}

static void refuses(const char *object, const char *body, const char *code, const char *field)
{
    char path[100];
    snprintf(path, sizeof path, "sobjects/%s", object);
    call("POST", path, body);
    assert_error(400, code);
    if (field && strcmp(text_at("0.fields.0"), field) != 0)
        fail_msg("%s: %s", body, answer.body);
}

static void the_carbon_queries_run(void **state)
{
    (void)state;
    assert_status(soql("SELECT Id, Name, Airline__c, Origin_Airport_Code__c, Destination_Airport_Code__c FROM "
                       "Flight__c WHERE Id = 'a0Fxx0000000000'"),
                  200);
    assert_int_equal(int_at("totalSize"), 1);
    assert_string_equal(text_at("records.0.Origin_Airport_Code__c"), "LHR");
    assert_string_equal(text_at("records.0.attributes.type"), "Flight__c");
    assert_string_equal(text_at("records.0.Id"), "a0Fxx0000000000EAA");
    assert_string_equal(text_at("records.0.attributes.url"),
                        "/services/data/v62.0/sobjects/Flight__c/a0Fxx0000000000EAA");
    assert_status(soql("SELECT Class__c cabin, COUNT(Id) n FROM Booking__c WHERE Flight__c = 'a0Fxx0000000000EAA' "
                       "GROUP BY Class__c"),
                  200);
    assert_int_equal(int_at("totalSize"), 3);
    assert_string_equal(text_at("records.0.attributes.type"), "AggregateResult");
    long total = 0;
    for (size_t i = 0; i < 3; i++)
        total += (long)json_integer_value(json_object_get(json_array_get(at("records"), i), "n"));
    assert_int_equal(total, 12);
}

static void the_samples_are_what_the_actions_need(void **state)
{
    (void)state;
    assert_status(soql("SELECT COUNT() FROM Flight__c"), 200);
    assert_int_equal(int_at("totalSize"), 12);
    assert_status(soql("SELECT Flight__c, COUNT_DISTINCT(Class__c) FROM Booking__c GROUP BY Flight__c HAVING "
                       "COUNT_DISTINCT(Class__c) > 1"),
                  200);
    assert_true(int_at("totalSize") >= 10);
    static const char *const some[] = { "SELECT Id FROM Flight__c WHERE Via__c != null",
                                        "SELECT Id FROM Booking__c WHERE Status__c = 'Cancelled'",
                                        "SELECT Id FROM Flight__c WHERE Status__c = 'Cancelled'",
                                        "SELECT Id FROM Flight__c WHERE Aircraft__c = null",
                                        "SELECT Id FROM Vehicle_Model__c WHERE Status__c = 'Sold'",
                                        "SELECT Id FROM Vehicle_Model__c WHERE Price__c = null",
                                        "SELECT Id FROM Campaign WHERE Brand_Color__c != null",
                                        "SELECT Id FROM Contact WHERE AccountId != null" };
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        assert_status(soql(some[i]), 200);
        if (int_at("totalSize") < 1)
            fail_msg("nothing for %s", some[i]);
    }
}

static void records_are_created_read_changed_and_deleted(void **state)
{
    char path[100], id[20];
    (void)state;
    snprintf(id, sizeof id, "%s",
             created("Account", "{\"Name\":\"New \\\"one\\\"\",\"NumberOfEmployees\":0,\"Description\":\"\"}"));
    assert_true(json_is_true(at("success")));
    assert_int_equal(json_array_size(at("errors")), 0);
    assert_int_equal(strlen(id), 18);
    snprintf(path, sizeof path, "/services/data/v62.0/sobjects/Account/%s", id);
    assert_string_equal(answer.location, path);
    snprintf(path, sizeof path, "sobjects/Account/%s", id);
    assert_status(call("GET", path, NULL), 200);
    assert_string_equal(text_at("Name"), "New \"one\"");
    assert_int_equal(int_at("NumberOfEmployees"), 0);
    assert_true(json_is_null(at("Description")));
    assert_true(json_is_false(at("IsDeleted")));
    assert_string_equal(text_at("OwnerId"), "005xx000001X8UzAAK");
    assert_status(call("PATCH", path, "{\"name\":\"Changed\",\"AnnualRevenue\":12.4}"), 204);
    assert_null(answer.body);
    snprintf(path, sizeof path, "sobjects/Account/%s?fields=Name,AnnualRevenue", id);
    assert_status(call("GET", path, NULL), 200);
    assert_int_equal(json_object_size(json), 4); /* with attributes and Id */
    assert_string_equal(text_at("Name"), "Changed");
    snprintf(path, sizeof path, "sobjects/Account/%s?fields=Nope__c", id);
    call("GET", path, NULL);
    assert_error(400, "INVALID_FIELD");
    snprintf(path, sizeof path, "sobjects/Account/%.15s", id); /* the short form is the same record */
    assert_status(call("DELETE", path, NULL), 204);
    call("DELETE", path, NULL);
    assert_error(404, "ENTITY_IS_DELETED");
    call("PATCH", path, "{\"Name\":\"x\"}");
    assert_error(404, "ENTITY_IS_DELETED");
    call("GET", path, NULL);
    assert_error(404, "NOT_FOUND");
}

static void what_the_org_refuses_on_insert(void **state)
{
    static const struct {
        const char *object, *body, *code, *field;
    } cases[] = {
        { "Account", "{}", "REQUIRED_FIELD_MISSING", "Name" },
        { "Account", "{\"Name\":\"\"}", "REQUIRED_FIELD_MISSING", "Name" },
        { "Account", "{\"Name\":null}", "REQUIRED_FIELD_MISSING", "Name" },
        { "Account", "{\"Name\":\"a\",\"Nope\":1}", "INVALID_FIELD", NULL },
        { "Account", "{\"Name\":\"a\",\"Id\":\"001xx000003DGb0\"}", "INVALID_FIELD", NULL },
        { "Account", "{\"Name\":\"a\",\"CreatedDate\":\"2024-01-01\"}", "INVALID_FIELD_FOR_INSERT_UPDATE",
          "CreatedDate" },
        { "Booking__c", "{\"Flight__c\":\"a0Fxx0000000000\",\"Name\":\"BK-1\"}", "INVALID_FIELD_FOR_INSERT_UPDATE",
          "Name" },
        { "Account", "{\"Name\":5}", "JSON_PARSER_ERROR", NULL },
        { "Account", "{\"Name\":\"a\",\"NumberOfEmployees\":\"many\"}", "JSON_PARSER_ERROR", NULL },
        { "Account", "{\"Name\":\"a\",\"NumberOfEmployees\":1.5}", "JSON_PARSER_ERROR", NULL },
        { "Account", "{\"Name\":\"a\",\"NumberOfEmployees\":2147483648}", "NUMBER_OUTSIDE_VALID_RANGE",
          "NumberOfEmployees" },
        { "Contact", "{\"LastName\":\"a\",\"HasOptedOutOfEmail\":null}", "JSON_PARSER_ERROR", NULL },
        { "Contact", "{\"LastName\":\"a\",\"Birthdate\":\"yesterday\"}", "JSON_PARSER_ERROR", NULL },
        { "Contact", "{\"LastName\":\"a\",\"Birthdate\":\"2023-02-29\"}", "JSON_PARSER_ERROR", NULL },
        { "Contact", "{\"LastName\":\"a\",\"Email\":\"nobody\"}", "INVALID_EMAIL_ADDRESS", "Email" },
        { "Contact", "{\"LastName\":\"a\",\"AccountId\":\"nonsense\"}", "MALFORMED_ID", "AccountId" },
        { "Contact", "{\"LastName\":\"a\",\"AccountId\":\"003xx000004TmQ0\"}", "MALFORMED_ID", "AccountId" },
        { "Contact", "{\"LastName\":\"a\",\"AccountId\":\"001xx0000000000\"}", "INVALID_CROSS_REFERENCE_KEY", NULL },
        { "Flight__c", "{\"Name\":\"a\",\"Status__c\":\"Lost\"}", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
          "Status__c" },
        { "Vehicle_Model__c", "{\"Name\":\"a\",\"VIN__c\":\"jtmbwrfv0nd000010\"}", "DUPLICATE_VALUE",
          NULL }, /* unique in any case */
        { "Contact", "[]", "JSON_PARSER_ERROR", NULL },
        { "Contact", "", "JSON_PARSER_ERROR", NULL },
        { "Contact", "{\"LastName\":", "JSON_PARSER_ERROR", NULL },
        { "ContentVersion", "{\"PathOnClient\":\"a.txt\",\"VersionData\":\"***\"}", "JSON_PARSER_ERROR", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuses(cases[i].object, cases[i].body, cases[i].code, cases[i].field);
    call("POST", "sobjects/Nope__c", "{}");
    assert_error(404, "NOT_FOUND");
    assert_status(soql("SELECT COUNT() FROM Contact"), 200);
    assert_int_equal(int_at("totalSize"), 5); /* nothing was half done */
}

static void lengths_count_characters(void **state)
{
    char body[1000], name[600];
    (void)state;
    for (size_t n = 40; n <= 41; n++) {
        name[0] = '\0';
        for (size_t i = 0; i < n; i++)
            memcpy(name + 2 * i, "é", 3);
        snprintf(body, sizeof body, "{\"LastName\":\"x\",\"FirstName\":\"%s\"}", name);
        if (n == 40)
            created("Contact", body);
        else
            refuses("Contact", body, "STRING_TOO_LONG", "FirstName");
    }
    assert_non_null(strstr(answer.body, "data value too large"));
    assert_non_null(strstr(answer.body, "(max length=40)"));
}

static void values_are_rounded_and_made_normal(void **state)
{
    char path[100];
    (void)state;
    snprintf(path, sizeof path, "sobjects/Opportunity/%s",
             created("Opportunity", "{\"Name\":\"a\",\"StageName\":\"Prospecting\",\"CloseDate\":\"2026-05-01\","
                                    "\"Amount\":1.005,\"Probability\":\"12.5\"}"));
    call("GET", path, NULL);
    assert_non_null(strstr(answer.body, "\"Amount\":1.01,")); /* half up in decimals */
    assert_non_null(strstr(answer.body, "\"Probability\":13.0"));
    snprintf(path, sizeof path, "sobjects/Flight__c/%s",
             created("Flight__c", "{\"Name\":\"a\",\"Departure__c\":\"2026-03-01T01:30:00+02:00\"}"));
    call("GET", path, NULL);
    assert_string_equal(text_at("Departure__c"), "2026-02-28T23:30:00.000+0000");
    assert_string_equal(text_at("Status__c"), "Scheduled"); /* the default */
    snprintf(path, sizeof path, "sobjects/Contact/%s",
             created("Contact", "{\"FirstName\":\"Ada\",\"LastName\":\"Byron\"}"));
    call("PATCH", path, "{\"LastName\":\"Lovelace\"}");
    call("GET", path, NULL);
    assert_string_equal(text_at("Name"), "Ada Lovelace");
}

static void ids_are_checked(void **state)
{
    (void)state;
    call("PATCH", "sobjects/Account/001xx000003DGb0AAB", "{\"Name\":\"x\"}"); /* wrong check characters */
    assert_error(400, "MALFORMED_ID");
    assert_string_equal(text_at("0.fields.0"), "Id");
    assert_string_equal(text_at("0.message"), "Record ID: id value of incorrect type: 001xx000003DGb0AAB");
    call("DELETE", "sobjects/Account/003xx000004TmQ0", NULL); /* of another object */
    assert_error(400, "MALFORMED_ID");
    call("GET", "sobjects/Account/short", NULL);
    assert_error(404, "NOT_FOUND");
    call("PATCH", "sobjects/Account/001xx0000000000", "{\"Name\":\"x\"}");
    assert_error(404, "NOT_FOUND");
}

static void upsert_goes_by_external_id(void **state)
{
    (void)state;
    assert_status(call("PATCH", "sobjects/Account/AppLinkKey__c/k%2F1", "{\"Name\":\"one\"}"), 201);
    assert_true(json_is_true(at("created")));
    char id[20];
    snprintf(id, sizeof id, "%s", text_at("id"));
    assert_status(call("PATCH", "sobjects/Account/AppLinkKey__c/k%2F1", "{\"Name\":\"two\"}"), 200);
    assert_true(json_is_false(at("created")));
    assert_string_equal(text_at("id"), id);
    assert_status(call("GET", "sobjects/Account/AppLinkKey__c/k%2F1?fields=Name,AppLinkKey__c", NULL), 200);
    assert_string_equal(text_at("Name"), "two");
    assert_string_equal(text_at("AppLinkKey__c"), "k/1");
    /* a parent named by its external id */
    created("Contact", "{\"LastName\":\"Child\",\"Account\":{\"AppLinkKey__c\":\"k/1\"}}");
    char query[120];
    snprintf(query, sizeof query, "SELECT AccountId FROM Contact WHERE Id = '%s'", last_id);
    assert_status(soql(query), 200);
    assert_string_equal(text_at("records.0.AccountId"), id);
    refuses("Contact", "{\"LastName\":\"Child\",\"Account\":{\"AppLinkKey__c\":\"none\"}}", "INVALID_FIELD", NULL);
    assert_status(call("DELETE", "sobjects/Account/AppLinkKey__c/k%2F1", NULL), 204);
    call("GET", "sobjects/Account/AppLinkKey__c/k%2F1", NULL);
    assert_error(404, "NOT_FOUND");
    call("PATCH", "sobjects/Account/Name/x", "{}"); /* no external id */
    assert_error(404, "NOT_FOUND");
    call("PATCH", "sobjects/Account/AppLinkKey__c/k2", "{}");
    assert_error(400, "REQUIRED_FIELD_MISSING");
}

static void an_external_id_that_fits_two_records_gives_both(void **state)
{
    (void)state;
    static const char files[] =
        "{\"ContentVersion\":[{\"Title\":\"a\",\"PathOnClient\":\"a\",\"VersionData\":\"\",\"Content_Hash__c\":\"h\"},"
        "{\"Title\":\"b\",\"PathOnClient\":\"b\",\"VersionData\":\"\",\"Content_Hash__c\":\"h\"}]}";
    char why[200] = "";
    assert_true(org_load(org, files, sizeof files - 1, why, sizeof why));
    assert_status(call("GET", "sobjects/ContentVersion/Content_Hash__c/h", NULL), 300);
    assert_int_equal(json_array_size(json), 2);
}

static void deleting_a_parent_takes_or_frees_its_children(void **state)
{
    (void)state;
    assert_status(call("DELETE", "sobjects/Account/001xx000003DGb0", NULL), 204);
    assert_status(soql("SELECT AccountId FROM Contact WHERE Id = '003xx000004TmQ0'"), 200);
    assert_true(json_is_null(at("records.0.AccountId")));
    assert_status(call("DELETE", "sobjects/Flight__c/a0Fxx0000000000", NULL), 204);
    assert_status(soql("SELECT Id FROM Booking__c WHERE Flight__c = 'a0Fxx0000000000'"), 200);
    assert_int_equal(int_at("totalSize"), 0);
}

static void the_org_describes_itself(void **state)
{
    (void)state;
    assert_status(send_bytes("GET", "/services/data", "", "", NULL, 0, ""), 200);
    assert_int_equal(json_array_size(json), 36);
    assert_string_equal(text_at("35.version"), "66.0");
    assert_string_equal(text_at("35.label"), "Spring '26");
    assert_string_equal(text_at("0.label"), "Summer '14");
    assert_status(call("GET", "", NULL), 200);
    assert_string_equal(text_at("query"), "/services/data/v62.0/query");
    assert_status(call("GET", "limits", NULL), 200);
    assert_int_equal(int_at("DailyApiRequests.Max"), 100000);
    assert_status(call("GET", "sobjects", NULL), 200);
    assert_true(json_array_size(at("sobjects")) >= 12);
    assert_status(call("GET", "sobjects/Flight__c", NULL), 200);
    assert_string_equal(text_at("objectDescribe.keyPrefix"), "a0F");
    assert_status(call("GET", "sobjects/booking__C/describe", NULL), 200);
    assert_string_equal(text_at("name"), "Booking__c");
    const json_t *f;
    size_t i, seen = 0;
    json_array_foreach (at("fields"), i, f) {
        const char *name = json_string_value(json_object_get(f, "name"));
        if (strcmp(name, "Flight__c") == 0) {
            assert_string_equal(json_string_value(json_object_get(f, "type")), "reference");
            assert_string_equal(json_string_value(json_object_get(f, "relationshipName")), "Flight__r");
            assert_false(json_is_true(json_object_get(f, "nillable")));
            seen++;
        }
        if (strcmp(name, "Status__c") == 0) {
            assert_int_equal(json_array_size(json_object_get(f, "picklistValues")), 5);
            assert_true(json_is_true(json_object_get(f, "restrictedPicklist")));
            seen++;
        }
    }
    assert_int_equal(seen, 2);
    assert_status(call("GET", "sobjects/Account/describe", NULL), 200);
    seen = 0;
    json_array_foreach (at("childRelationships"), i, f)
        seen += strcmp(json_string_value(json_object_get(f, "childSObject")), "Contact") == 0;
    assert_int_equal(seen, 1);
}

static void paths_and_methods_that_are_not_there(void **state)
{
    static const char *const paths[] = { "/services/data/v30.0/sobjects",
                                         "/services/data/v67.0/sobjects",
                                         "/services/data/v62.5/sobjects",
                                         "/services/data/v62/sobjects",
                                         "/services/data/x",
                                         "/services/data/v62.0/nope",
                                         "/services/data/v62.0/sobjects/Account/001xx000003DGb0/Nope",
                                         "/services/apexrest/x" };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        send_bytes("GET", paths[i], "", "", NULL, 0, "");
        assert_error(404, "NOT_FOUND");
    }
    call("DELETE", "sobjects", NULL);
    assert_error(405, "METHOD_NOT_ALLOWED");
    call("PUT", "sobjects/Account/001xx000003DGb0", "{}");
    assert_error(405, "METHOD_NOT_ALLOWED");
    call("POST", "query", "{}");
    assert_error(405, "METHOD_NOT_ALLOWED");
    assert_status(call("HEAD", "sobjects", NULL), 200);
    assert_null(answer.body);
}

static unsigned long long used(void)
{
    assert_true(strncmp(answer.limit_info, "api-usage=", 10) == 0);
    assert_non_null(strstr(answer.limit_info, "/100000"));
    return strtoull(answer.limit_info + 10, NULL, 10);
}

static void every_answer_says_how_much_was_used(void **state)
{
    (void)state;
    call("GET", "limits", NULL);
    unsigned long long first = used();
    call("GET", "sobjects/Nope__c", NULL);
    assert_true(used() == first + 1);
    assert_string_equal(answer.content_type, "application/json;charset=UTF-8");
}

static void a_limited_user_sees_less(void **state)
{
    (void)state;
    as_user = "limited@example.com";
    assert_status(call("GET", "sobjects/Flight__c/describe", NULL), 200);
    assert_null(strstr(answer.body, "Aircraft__c"));
    assert_non_null(strstr(answer.body, "Airline__c"));
    call("GET", "sobjects/Opportunity/describe", NULL);
    assert_error(404, "NOT_FOUND");
    assert_status(call("GET", "sobjects", NULL), 200);
    assert_null(strstr(answer.body, "\"Lead\""));
    assert_int_equal(soql("SELECT Id, Aircraft__c FROM Flight__c"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_non_null(strstr(text_at("0.message"), "No such column 'Aircraft__c' on entity 'Flight__c'"));
    assert_int_equal(soql("SELECT Id FROM Flight__c WHERE Via__c = null"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_int_equal(soql("SELECT Id FROM Booking__c ORDER BY Status__c"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_int_equal(soql("SELECT Flight__r.Aircraft__c FROM Booking__c"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_int_equal(soql("SELECT Id FROM Opportunity"), 400);
    assert_error(400, "INVALID_TYPE");
    assert_int_equal(soql("SELECT Id, (SELECT Id FROM Opportunities) FROM Account"), 400);
    assert_error(400, "INVALID_TYPE");
    assert_status(call("GET", "sobjects/Flight__c/a0Fxx0000000000", NULL), 200);
    assert_null(at("Aircraft__c"));
    call("PATCH", "sobjects/Flight__c/a0Fxx0000000000", "{\"Aircraft__c\":\"789\"}");
    assert_error(400, "INVALID_FIELD");
    call("PATCH", "sobjects/Flight__c/a0Fxx0000000000", "{\"Total_CO2_Kg__c\":5}"); /* may see it, may not write it */
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    call("PATCH", "sobjects/Vehicle_Model__c/a0Vxx0000000010", "{\"Name\":\"x\"}");
    assert_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
    call("DELETE", "sobjects/Vehicle_Model__c/a0Vxx0000000010", NULL);
    assert_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
    call("POST", "sobjects/Vehicle_Model__c", "{\"Name\":\"x\"}");
    assert_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
    as_user = "admin@example.com";
    assert_status(soql("SELECT Id, Aircraft__c FROM Flight__c"), 200);
    assert_status(call("PATCH", "sobjects/Flight__c/a0Fxx0000000000", "{\"Total_CO2_Kg__c\":5}"), 204);
}

static void permissions_can_change_while_it_runs(void **state)
{
    static const char rules[] = "[{\"user\":\"admin@example.com\",\"hiddenFields\":[\"account.rating\"]}]";
    char why[200];
    (void)state;
    assert_true(org_set_permissions(org, rules, sizeof rules - 1, why, sizeof why));
    assert_int_equal(soql("SELECT Rating FROM Account"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_true(org_reset(org));
    assert_status(soql("SELECT Rating FROM Account"), 200);
    assert_false(org_set_permissions(org, "{}", 2, why, sizeof why));
}

static void faults_of_records_are_programmed(void **state)
{
    static const char plan[] = "{\"object\":\"Contact\",\"operation\":\"create\",\"status\":400,\"errorCode\":\"UNABLE_"
                               "TO_LOCK_ROW\",\"message\":\"busy\","
                               "\"fields\":[],\"skip\":1,\"times\":2}";
    char why[200];
    (void)state;
    assert_true(org_plan_fault(org, plan, sizeof plan - 1, why, sizeof why));
    created("Contact", "{\"LastName\":\"a\"}");
    refuses("Contact", "{\"LastName\":\"a\"}", "UNABLE_TO_LOCK_ROW", NULL);
    assert_string_equal(text_at("0.message"), "busy");
    assert_int_equal(json_array_size(at("0.fields")), 0);
    created("Account", "{\"Name\":\"a\"}");
    refuses("Contact", "{\"LastName\":\"a\"}", "UNABLE_TO_LOCK_ROW", NULL);
    created("Contact", "{\"LastName\":\"a\"}");
    assert_false(org_plan_fault(org, "{}", 2, why, sizeof why));
}

/* A record that is refused whenever it comes, and others that are not. */
static void faults_of_one_record_are_programmed(void **state)
{
    static const char plan[] = "{\"object\":\"Contact\",\"errorCode\":\"FIELD_CUSTOM_VALIDATION_EXCEPTION\","
                               "\"match\":{\"LastName\":\"Poison\",\"Title\":\"x\"},\"times\":-1}";
    char why[200];
    (void)state;
    assert_true(org_plan_fault(org, plan, sizeof plan - 1, why, sizeof why));
    for (int i = 0; i < 3; i++) {
        refuses("Contact", "{\"LastName\":\"Poison\",\"Title\":\"x\"}", "FIELD_CUSTOM_VALIDATION_EXCEPTION", NULL);
        created("Contact", "{\"LastName\":\"Poison\"}");
        created("Contact", "{\"LastName\":\"Sound\",\"Title\":\"x\"}");
    }
    org_forget_faults(org);
    created("Contact", "{\"LastName\":\"Poison\",\"Title\":\"x\"}");
}

static void descriptions_are_checked(void **state)
{
    static const struct {
        const char *json, *part;
    } bad[] = {
        { "{", "not JSON" },
        { "{\"name\":\"Bad Name\",\"prefix\":\"a9Z\",\"fields\":[]}", "name" },
        { "{\"name\":\"X\\\" (a); DROP\",\"prefix\":\"a9Z\",\"fields\":[]}", "name" },
        { "{\"name\":\"Good__c\",\"prefix\":\"a9\",\"fields\":[]}", "prefix" },
        { "{\"name\":\"Good__c\",\"prefix\":\"001\",\"fields\":[]}", "belongs to Account" },
        { "{\"name\":\"Good__c\",\"prefix\":\"a9Z\",\"fields\":[{\"name\":\"a\\\"b\"}]}", "name" },
        { "{\"name\":\"Good__c\",\"prefix\":\"a9Z\",\"fields\":[{\"name\":\"A__c\",\"type\":\"blob\"}]}",
          "unknown type" },
        { "{\"name\":\"Good__c\",\"prefix\":\"a9Z\",\"fields\":[{\"name\":\"A__c\",\"type\":\"reference\"}]}",
          "needs \"to\"" },
        { "{\"name\":\"Good__c\",\"name\":\"Twice__c\",\"prefix\":\"a9Z\",\"fields\":[]}", "not JSON" },
    };
    char why[300];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (org_describe_object(org, bad[i].json, strlen(bad[i].json), why, sizeof why) || !strstr(why, bad[i].part))
            fail_msg("%s: %s", bad[i].json, why);
    }
    static const char good[] = "{\"name\":\"Boat__c\",\"prefix\":\"a9B\",\"fields\":[{\"name\":\"Length__c\",\"type\":"
                               "\"double\",\"scale\":1}]}";
    static const char more[] = "{\"name\":\"Boat__c\",\"prefix\":\"a9B\",\"fields\":[{\"name\":\"Length__c\",\"type\":"
                               "\"double\",\"scale\":1},{\"name\":\"Mast__c\"}]}";
    assert_true(org_describe_object(org, good, sizeof good - 1, why, sizeof why));
    assert_true(strncmp(created("Boat__c", "{\"Name\":\"Ada\",\"Length__c\":9.5}"), "a9B", 3) == 0);
    assert_true(org_describe_object(org, more, sizeof more - 1, why, sizeof why)); /* a field more; the record stays */
    assert_status(soql("SELECT Name, Length__c, Mast__c FROM Boat__c"), 200);
    assert_true(json_real_value(at("records.0.Length__c")) == 9.5);
    assert_true(org_reset(org));
    assert_int_equal(soql("SELECT Name FROM Boat__c"), 400);
    assert_error(400, "INVALID_TYPE");
}

static void a_file_keeps_its_records(void **state)
{
    char path[] = "/tmp/org-file-XXXXXX", name[60], why[200] = "";
    struct org *memory = org;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    org = org_open(path, why, sizeof why);
    assert_non_null(org);
    created("Account", "{\"Name\":\"Kept\"}");
    char id[20];
    snprintf(id, sizeof id, "%s", last_id);
    org_close(org);
    org = org_open(path, why, sizeof why);
    assert_non_null(org);
    assert_status(soql("SELECT Id FROM Account WHERE Name = 'Kept'"), 200);
    assert_string_equal(text_at("records.0.Id"), id);
    assert_string_not_equal(created("Account", "{\"Name\":\"Next\"}"), id);
    as_user = "limited@example.com";
    assert_int_equal(soql("SELECT Aircraft__c FROM Flight__c"), 400); /* permissions too */
    as_user = "admin@example.com";
    org_close(org);
    org = memory;
    unlink(path);
    snprintf(name, sizeof name, "%s-wal", path);
    unlink(name);
    snprintf(name, sizeof name, "%s-shm", path);
    unlink(name);
    assert_null(org_open("/nonexistent/folder/x", why, sizeof why));
    assert_true(*why);
}

static const char *const folder_files[][2] = {
    { "objects/Boat__c.json",
      "{\"name\":\"Boat__c\",\"prefix\":\"a9B\",\"fields\":[{\"name\":\"Length__c\",\"type\":\"double\"}]}" },
    { "seed/boats.json", "{\"Boat__c\":[{\"Name\":\"Ada\",\"Length__c\":9},{\"Name\":\"Ben\"}]}" },
    { "seed/permissions.json", "[{\"user\":\"limited@example.com\",\"hiddenObjects\":[\"Boat__c\"]}]" },
};

static void make_folder(const char *dir)
{
    char path[100];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, i ? "seed" : "objects");
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, folder_files[i][0]);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fputs(folder_files[i][1], f);
        fclose(f);
    }
}

static void drop_folder(const char *dir)
{
    static const char *const more[] = { "org.db", "org.db-wal", "org.db-shm" };
    char path[100];
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, i < 3 ? folder_files[i][0] : more[i - 3]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/objects", dir);
    rmdir(path);
    snprintf(path, sizeof path, "%s/seed", dir);
    rmdir(path);
    rmdir(dir);
}

static void boats_are(long n)
{
    assert_status(soql("SELECT Id FROM Boat__c"), 200);
    assert_int_equal(int_at("totalSize"), n);
    as_user = "limited@example.com";
    assert_int_equal(soql("SELECT Id FROM Boat__c"), 400);
    as_user = "admin@example.com";
}

static void a_folder_adds_objects_and_records(void **state)
{
    char dir[] = "/tmp/org-dir-XXXXXX", path[60], why[200] = "";
    struct org *shared = org;
    (void)state;
    assert_non_null(mkdtemp(dir));
    make_folder(dir);
    snprintf(path, sizeof path, "%s/org.db", dir);
    org = org_open(path, why, sizeof why);
    assert_non_null(org);
    assert_true(org_add_directory(org, dir, why, sizeof why));
    boats_are(2);
    created("Boat__c", "{\"Name\":\"Cleo\"}");
    org_close(org);
    org = org_open(path, why, sizeof why); /* a second start adds nothing twice */
    assert_non_null(org);
    assert_true(org_add_directory(org, dir, why, sizeof why));
    boats_are(3);
    assert_true(org_reset(org)); /* they belong to the samples now */
    boats_are(2);
    org_close(org);
    org = shared;
    drop_folder(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_carbon_queries_run, fixture_reset),
        cmocka_unit_test_setup(the_samples_are_what_the_actions_need, fixture_reset),
        cmocka_unit_test_setup(records_are_created_read_changed_and_deleted, fixture_reset),
        cmocka_unit_test_setup(what_the_org_refuses_on_insert, fixture_reset),
        cmocka_unit_test_setup(lengths_count_characters, fixture_reset),
        cmocka_unit_test_setup(values_are_rounded_and_made_normal, fixture_reset),
        cmocka_unit_test_setup(ids_are_checked, fixture_reset),
        cmocka_unit_test_setup(upsert_goes_by_external_id, fixture_reset),
        cmocka_unit_test_setup(an_external_id_that_fits_two_records_gives_both, fixture_reset),
        cmocka_unit_test_setup(deleting_a_parent_takes_or_frees_its_children, fixture_reset),
        cmocka_unit_test_setup(the_org_describes_itself, fixture_reset),
        cmocka_unit_test_setup(paths_and_methods_that_are_not_there, fixture_reset),
        cmocka_unit_test_setup(every_answer_says_how_much_was_used, fixture_reset),
        cmocka_unit_test_setup(a_limited_user_sees_less, fixture_reset),
        cmocka_unit_test_setup(permissions_can_change_while_it_runs, fixture_reset),
        cmocka_unit_test_setup(faults_of_records_are_programmed, fixture_reset),
        cmocka_unit_test_setup(faults_of_one_record_are_programmed, fixture_reset),
        cmocka_unit_test_setup(descriptions_are_checked, fixture_reset),
        cmocka_unit_test_setup(a_file_keeps_its_records, fixture_reset),
        cmocka_unit_test_setup(a_folder_adds_objects_and_records, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
