/* test_org.c - the sample org and single records. */
#include "org_fixture.h"

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

static void records_are_created_read_changed_and_deleted(void **state)
{
    char path[100], id[20];
    (void)state;
    assert_status(
        call("POST", "sobjects/Account", "{\"Name\":\"New \\\"one\\\"\",\"NumberOfEmployees\":0,\"Description\":\"\"}"),
        201);
    assert_true(json_is_true(at("success")));
    assert_int_equal(json_array_size(at("errors")), 0);
    snprintf(id, sizeof id, "%s", text_at("id"));
    assert_int_equal(strlen(id), 18);
    snprintf(path, sizeof path, "/services/data/v62.0/sobjects/Account/%s", id);
    assert_string_equal(answer.location, path);
    snprintf(path, sizeof path, "sobjects/Account/%s", id);
    assert_status(call("GET", path, NULL), 200);
    assert_string_equal(text_at("Name"), "New \"one\"");
    assert_int_equal(int_at("NumberOfEmployees"), 0);
    assert_true(json_is_null(at("Description")));
    assert_true(json_is_false(at("IsDeleted")));
    assert_status(call("PATCH", path, "{\"name\":\"Changed\",\"AnnualRevenue\":12.4}"), 204);
    assert_null(answer.body);
    snprintf(path, sizeof path, "sobjects/Account/%s?fields=Name,AnnualRevenue", id);
    assert_status(call("GET", path, NULL), 200);
    assert_int_equal(json_object_size(json), 4); /* with attributes and Id */
    assert_string_equal(text_at("Name"), "Changed");
    *strchr(path, '?') = '\0';
    assert_status(call("DELETE", path, NULL), 204);
    assert_int_equal(call("DELETE", path, NULL), 404);
    assert_error(404, "ENTITY_IS_DELETED");
    assert_int_equal(call("GET", path, NULL), 404);
    assert_error(404, "NOT_FOUND");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_carbon_queries_run, fixture_reset),
        cmocka_unit_test_setup(records_are_created_read_changed_and_deleted, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
