/* test_pubsub_events.c - what an org's writes tell: change events and platform events, read by their schema. */
#include "tests/sandbox/events_fixture.h"

#include "sandbox/base/system.h"

#define OPPORTUNITIES "/data/OpportunityChangeEvent"
#define ACCOUNTS "/data/AccountChangeEvent"

static char made_id[32];

static const char *make_opportunity(const char *name)
{
    char body[300];
    snprintf(body, sizeof body,
             "{\"Name\":\"%s\",\"StageName\":\"Prospecting\",\"CloseDate\":\"2027-01-31\",\"Amount\":12.5}", name);
    assert_int_equal(call("POST", "sobjects/Opportunity", body), 201);
    snprintf(made_id, sizeof made_id, "%s", text_at("id"));
    return made_id;
}

static int patch(const char *object, const char *id, const char *body)
{
    char path[200];
    snprintf(path, sizeof path, "sobjects/%s/%s", object, id);
    return call("PATCH", path, body);
}

static void create_tells_all_fields(void **state)
{
    (void)state;
    int64_t before = now_ms();
    call_options = "client=probe";
    const char *id = make_opportunity("Boat");
    assert_int_equal(hear(OPPORTUNITIES), 1);
    assert_string_equal(head_text(0, "entityName"), "Opportunity");
    assert_string_equal(head_text(0, "changeType"), "CREATE");
    assert_int_equal(json_array_size(head(0, "recordIds")), 1);
    assert_string_equal(json_string_value(json_array_get(head(0, "recordIds"), 0)), id);
    assert_string_equal(head_text(0, "changeOrigin"), "com/salesforce/api/rest/62.0;client=probe");
    assert_string_equal(head_text(0, "commitUser"), "005xx000001X8UzAAK");
    assert_int_equal(strlen(head_text(0, "transactionKey")), 36);
    assert_int_equal(json_integer_value(head(0, "sequenceNumber")), 1);
    assert_true(json_integer_value(head(0, "commitTimestamp")) >= before);
    assert_true(json_integer_value(head(0, "commitTimestamp")) <= now_ms());
    assert_true(json_integer_value(head(0, "commitNumber")) > 0);
    assert_int_equal(json_array_size(head(0, "changedFields")), 0);
    assert_string_equal(field_text(0, "Name"), "Boat");
    assert_string_equal(field_text(0, "StageName"), "Prospecting");
    assert_true(json_real_value(value_in(event(0), "Amount")) == 12.5);
    assert_true(json_integer_value(value_in(event(0), "CloseDate")) == 1801353600000); /* 2027-01-31 */
    assert_true(json_is_false(value_in(event(0), "IsClosed")));
    assert_null(value_in(event(0), "NextStep"));
    assert_int_equal(json_integer_value(value_in(event(0), "CreatedDate")) % 1000, 0);
    assert_null(json_object_get(event(0), "Id"));
}

static void update_tells_what_changed(void **state)
{
    (void)state;
    make_opportunity("Boat");
    hear(OPPORTUNITIES);
    assert_int_equal(patch("Opportunity", made_id, "{\"Amount\":99,\"NextStep\":\"Call\",\"Name\":\"Boat\"}"), 204);
    assert_int_equal(patch("Opportunity", made_id, "{\"NextStep\":null}"), 204);
    assert_int_equal(hear(OPPORTUNITIES), 2);
    assert_string_equal(head_text(0, "changeType"), "UPDATE");
    assert_string_equal(named(0, "changedFields"), "Amount,NextStep,ExpectedRevenue,LastModifiedDate");
    assert_string_equal(named(0, "nulledFields"), "");
    assert_true(json_real_value(value_in(event(0), "Amount")) == 99);
    assert_string_equal(field_text(0, "NextStep"), "Call");
    assert_string_equal(field_text(0, "Name"), "(null)");
    assert_string_equal(named(1, "changedFields"), "NextStep,LastModifiedDate");
    assert_string_equal(named(1, "nulledFields"), "NextStep");
    assert_string_not_equal(head_text(0, "transactionKey"), head_text(1, "transactionKey"));
    assert_true(json_integer_value(head(1, "commitNumber")) > json_integer_value(head(0, "commitNumber")));
    assert_string_equal(head_text(0, "changeOrigin"), "com/salesforce/api/rest/62.0");
}

static void stage_changes_say_when(void **state)
{
    (void)state;
    make_opportunity("Boat");
    hear(OPPORTUNITIES);
    assert_null(value_in(event(0), "LastStageChangeDate")); /* an org has none before the first change */
    patch("Opportunity", made_id, "{\"StageName\":\"Proposal/Price Quote\"}");
    patch("Opportunity", made_id, "{\"StageName\":\"Proposal/Price Quote\",\"NextStep\":\"x\"}");
    assert_int_equal(hear(OPPORTUNITIES), 2);
    assert_non_null(strstr(named(0, "changedFields"), "LastStageChangeDate"));
    assert_true(json_integer_value(value_in(event(0), "LastStageChangeDate")) ==
                json_integer_value(head(0, "commitTimestamp")));
    assert_null(strstr(named(1, "changedFields"), "StageName"));
    assert_null(strstr(named(1, "changedFields"), "LastStageChangeDate"));
}

static void addresses_are_records_within(void **state)
{
    (void)state;
    assert_int_equal(call("POST", "sobjects/Account",
                          "{\"Name\":\"A\",\"BillingCity\":\"Rom\",\"BillingCountry\":\"IT\",\"NumberOfEmployees\":7}"),
                     201);
    snprintf(made_id, sizeof made_id, "%s", text_at("id"));
    patch("Account", made_id, "{\"BillingCity\":\"Bari\",\"ShippingCity\":\"Ulm\"}");
    patch("Account", made_id, "{\"BillingCity\":null}");
    patch("Account", made_id, "{\"BillingCountry\":null,\"Phone\":\"1\"}");
    assert_int_equal(hear(ACCOUNTS), 4);
    assert_string_equal(json_string_value(value_in(value_in(event(0), "BillingAddress"), "City")), "Rom");
    assert_int_equal(json_integer_value(value_in(event(0), "NumberOfEmployees")), 7);
    assert_string_equal(field_text(0, "Name"), "A");
    assert_string_equal(named(1, "changedFields"), "LastModifiedDate,BillingAddress.City,ShippingAddress.City");
    assert_null(value_in(value_in(event(1), "BillingAddress"), "Country"));
    assert_string_equal(named(2, "changedFields"), "LastModifiedDate,BillingAddress.City");
    assert_string_equal(named(2, "nulledFields"), "BillingAddress.City");
    assert_string_equal(named(3, "nulledFields"), "BillingAddress"); /* nothing of it is left */
    assert_string_equal(named(3, "changedFields"), "BillingAddress,Phone,LastModifiedDate");
    assert_null(value_in(event(3), "BillingAddress"));
}

/* A description of so many lines of 30 characters, one of them another, and a last one of `tail` characters. */
static void describe_longer(const char *id, int lines, int odd, const char *word, int tail)
{
    char body[8000], line[64];
    size_t n = (size_t)snprintf(body, sizeof body, "{\"Description\":\"");
    for (int i = 0; i < lines; i++) {
        snprintf(line, sizeof line, "%s%-26.26s %03d", i ? "\\n" : "", i == odd ? word : "a line of a description", i);
        n += (size_t)snprintf(body + n, sizeof body - n, "%s", line);
    }
    snprintf(body + n, sizeof body - n, "\\n%*s\"}", tail, ".");
    assert_int_equal(patch("Opportunity", id, body), 204);
}

static void describe(const char *id, int lines, int odd, const char *word)
{
    describe_longer(id, lines, odd, word, 1);
}

static void large_texts_are_told_by_what_differs(void **state)
{
    (void)state;
    make_opportunity("Boat");
    describe(made_id, 40, 20, "one");
    describe(made_id, 40, 20, "two");
    assert_int_equal(hear(OPPORTUNITIES), 3);
    assert_string_equal(named(1, "diffFields"), ""); /* it was null before */
    assert_string_equal(named(2, "diffFields"), "Description");
    const char *diff = field_text(2, "Description");
    assert_int_equal(strncmp(diff, "--- \n+++ ", 9), 0);
    const char *hash = strstr(diff, "+++ ");
    assert_non_null(hash);
    assert_int_equal(strspn(hash + 4, "0123456789abcdef"), 64);
    assert_non_null(strstr(diff, "\n@@ -18,7 +18,7 @@\n a line of a description    017\n"));
    assert_non_null(strstr(diff, "\n-one                        020\n+two                        020\n a line"));
    describe_longer(made_id, 40, 20, "two", 1500); /* by far longer, in one line: whole */
    assert_int_equal(hear(OPPORTUNITIES), 1);
    assert_string_equal(named(0, "diffFields"), "");
    describe(made_id, 10, 1, "short"); /* by far shorter: whole */
    describe(made_id, 10, 1, "other"); /* less than 1,000 characters: whole */
    assert_int_equal(hear(OPPORTUNITIES), 2);
    assert_string_equal(named(0, "diffFields"), "");
    assert_string_equal(named(1, "diffFields"), "");
    assert_int_equal(strncmp(field_text(1, "Description"), "a line", 6), 0);
}

static void delete_tells_no_fields(void **state)
{
    (void)state;
    char path[100];
    make_opportunity("Boat");
    hear(OPPORTUNITIES);
    snprintf(path, sizeof path, "sobjects/Opportunity/%s", made_id);
    assert_int_equal(call("DELETE", path, NULL), 204);
    assert_int_equal(hear(OPPORTUNITIES), 1);
    assert_string_equal(head_text(0, "changeType"), "DELETE");
    assert_string_equal(field_text(0, "Name"), "(null)");
    assert_int_equal(json_array_size(head(0, "changedFields")), 0);
}

#define STEP(body) "{\"method\":\"POST\",\"url\":\"/services/data/v62.0/sobjects/Opportunity\"," body "}"
#define GOOD "{\"Name\":\"x\",\"StageName\":\"Prospecting\",\"CloseDate\":\"2027-01-31\"}"

static void rolled_back_is_no_change(void **state)
{
    (void)state;
    assert_int_equal(
        call("POST", "composite",
             "{\"allOrNone\":true,\"compositeRequest\":[" STEP("\"referenceId\":\"a\",\"body\":" GOOD) "," STEP(
                 "\"referenceId\":\"b\",\"body\":{\"Name\":\"y\"}") "]}"),
        200);
    assert_int_equal(hear(OPPORTUNITIES), 0);
    assert_int_equal(
        call("POST", "composite",
             "{\"allOrNone\":false,\"compositeRequest\":[" STEP("\"referenceId\":\"a\",\"body\":" GOOD) "," STEP(
                 "\"referenceId\":\"b\",\"body\":{\"Name\":\"y\"}") "]}"),
        200);
    assert_int_equal(hear(OPPORTUNITIES), 1);
    assert_int_equal(call("POST", "sobjects/Opportunity", "{\"Name\":\"y\"}"), 400);
    assert_int_equal(call("GET", "sobjects/Opportunity", NULL), 200);
    assert_int_equal(hear(OPPORTUNITIES), 0);
}

static void an_update_to_the_same_is_no_change(void **state)
{
    (void)state;
    make_opportunity("Boat");
    hear(OPPORTUNITIES);
    assert_int_equal(patch("Opportunity", made_id, "{\"Name\":\"Boat\",\"Amount\":12.5}"), 204);
    assert_int_equal(hear(OPPORTUNITIES), 0);
}

static void changed_and_changed_back_within_a_request(void **state)
{
    (void)state;
    char body[900];
    make_opportunity("Boat");
    hear(OPPORTUNITIES);
    snprintf(body, sizeof body,
             "{\"compositeRequest\":[{\"method\":\"PATCH\",\"url\":\"/services/data/v62.0/sobjects/Opportunity/%s\","
             "\"referenceId\":\"a\",\"body\":{\"NextStep\":\"1\",\"Amount\":1}},"
             "{\"method\":\"PATCH\",\"url\":\"/services/data/v62.0/sobjects/Opportunity/%s\","
             "\"referenceId\":\"b\",\"body\":{\"NextStep\":null}}]}",
             made_id, made_id);
    assert_int_equal(call("POST", "composite", body), 200);
    assert_int_equal(hear(OPPORTUNITIES), 1); /* one event, of what holds in the end */
    assert_string_equal(named(0, "changedFields"), "Amount,ExpectedRevenue,LastModifiedDate");
}

static void alike_changes_share_an_event(void **state)
{
    (void)state;
    char ids[4][32], body[900];
    for (int i = 0; i < 4; i++)
        snprintf(ids[i], sizeof ids[i], "%s", make_opportunity("Boat"));
    hear(OPPORTUNITIES);
    snprintf(body, sizeof body,
             "{\"records\":[{\"attributes\":{\"type\":\"Opportunity\"},\"id\":\"%s\",\"NextStep\":\"a\"},"
             "{\"attributes\":{\"type\":\"Opportunity\"},\"id\":\"%s\",\"NextStep\":\"b\"},"
             "{\"attributes\":{\"type\":\"Opportunity\"},\"id\":\"%s\",\"NextStep\":\"a\"},"
             "{\"attributes\":{\"type\":\"Opportunity\"},\"id\":\"%s\",\"StageName\":7}]}",
             ids[0], ids[1], ids[2], ids[3]);
    assert_int_equal(call("PATCH", "composite/sobjects", body), 200);
    assert_int_equal(hear(OPPORTUNITIES), 2); /* the fourth was refused */
    assert_int_equal(json_array_size(head(0, "recordIds")), 2);
    assert_string_equal(json_string_value(json_array_get(head(0, "recordIds"), 0)), ids[0]);
    assert_string_equal(json_string_value(json_array_get(head(0, "recordIds"), 1)), ids[2]);
    assert_string_equal(json_string_value(json_array_get(head(1, "recordIds"), 0)), ids[1]);
    assert_int_equal(json_integer_value(head(0, "sequenceNumber")), 1);
    assert_int_equal(json_integer_value(head(1, "sequenceNumber")), 2);
    assert_string_equal(head_text(0, "transactionKey"), head_text(1, "transactionKey"));
    assert_string_not_equal(json_string_value(json_object_get(event(0), "uuid")),
                            json_string_value(json_object_get(event(1), "uuid")));
}

static void lines_change_their_opportunity(void **state)
{
    (void)state;
    char body[400], entry[32];
    make_opportunity("Boat");
    assert_int_equal(soql("SELECT Id, Pricebook2Id FROM PricebookEntry WHERE IsActive = true LIMIT 1"), 200);
    snprintf(entry, sizeof entry, "%s", text_at("records.0.Id"));
    snprintf(body, sizeof body, "{\"Pricebook2Id\":\"%s\"}", text_at("records.0.Pricebook2Id"));
    assert_int_equal(patch("Opportunity", made_id, body), 204);
    hear(OPPORTUNITIES);
    snprintf(body, sizeof body,
             "{\"OpportunityId\":\"%s\",\"PricebookEntryId\":\"%s\",\"Quantity\":2,\"UnitPrice\":10}", made_id, entry);
    assert_int_equal(call("POST", "sobjects/OpportunityLineItem", body), 201);
    assert_int_equal(hear("/data/ChangeEvents"), 1); /* lines are not selected, what they change is */
    assert_non_null(strstr(named(0, "changedFields"), "Amount"));
    assert_non_null(strstr(named(0, "changedFields"), "TotalOpportunityQuantity"));
}

static void made_in_transactions_of_200(void **state)
{
    (void)state;
    char why[200];
    json_t *spec = json_pack("{s:i, s:i}", "opportunities", 450, "linesEach", 1);
    json_decref(org_make(org, spec, why, sizeof why));
    json_decref(spec);
    size_t n = hear("/data/ChangeEvents"), keys = 0, in_key = 0;
    assert_int_equal(n, 450 + 90);
    for (size_t i = 0; i < n; i++) {
        bool next = i == 0 || strcmp(head_text(i, "transactionKey"), head_text(i - 1, "transactionKey")) != 0;
        keys += next;
        in_key = next ? 1 : in_key + 1;
        assert_int_equal(json_integer_value(head(i, "sequenceNumber")), in_key);
        assert_true(in_key <= 200);
    }
    assert_int_equal(keys, 3);
}

static void made_and_deleted_within_a_request(void **state)
{
    (void)state;
    assert_int_equal(call("POST", "composite",
                          "{\"compositeRequest\":[" STEP(
                              "\"referenceId\":\"a\",\"body\":" GOOD) ",{\"method\":\"DELETE\",\"url\":"
                                                                      "\"/services/data/v62.0/sobjects/Opportunity/"
                                                                      "@{a.id}\",\"referenceId\":\"b\"}]}"),
                     200);
    assert_int_equal(int_at("compositeResponse.1.httpStatusCode"), 204);
    assert_int_equal(hear(OPPORTUNITIES), 0);
}

static void sample_records_are_no_change(void **state)
{
    (void)state;
    assert_true(org_reset(org));
    assert_int_equal(hear("/data/ChangeEvents"), 0);
    make_opportunity("Boat");
    assert_int_equal(hear("/data/ChangeEvents"), 1);
    static const char account[] = "{\"Account\":[{\"Id\":\"001xx0000000009AAA\",\"Name\":\"Loaded\"}]}";
    char why[200];
    assert_true(org_load(org, account, strlen(account), why, sizeof why));
    make_opportunity("Ship");
    assert_int_equal(hear("/data/ChangeEvents"), 1);
}

static void platform_events_by_rest(void **state)
{
    (void)state;
    assert_int_equal(call("POST", "sobjects/Action_Job__e", "{\"JobId__c\":\"j1\",\"Done__c\":3}"), 201);
    char uuid[64];
    snprintf(uuid, sizeof uuid, "%s", text_at("errors.0.message"));
    assert_int_equal(hear("/data/ChangeEvents"), 0);
    position = bus_earliest(bus);
    assert_int_equal(hear("/event/Action_Job__e"), 1);
    assert_string_equal(json_string_value(json_object_get(event(0), "uuid")), uuid);
    assert_string_equal(field_text(0, "JobId__c"), "j1");
    assert_true(json_real_value(value_in(event(0), "Done__c")) == 3);
    assert_null(value_in(event(0), "State__c"));
    assert_string_equal(json_string_value(json_object_get(event(0), "CreatedById")), "005xx000001X8UzAAK");
    assert_true(json_integer_value(json_object_get(event(0), "CreatedDate")) > 1600000000000);
}

static void another_field_is_another_schema(void **state)
{
    (void)state;
    char why[200];
    static const char more[] =
        "{\"name\":\"Action_Job__e\",\"label\":\"Action Job\",\"prefix\":\"e01\",\"owner\":false,\"fields\":["
        "{\"name\":\"JobId__c\",\"type\":\"string\"},{\"name\":\"New__c\",\"type\":\"boolean\"}]}";
    struct topic before = topic_of("/event/Action_Job__e");
    assert_int_equal(call("POST", "sobjects/Action_Job__e", "{\"JobId__c\":\"j1\"}"), 201);
    assert_true(org_describe_object(org, more, strlen(more), why, sizeof why));
    struct topic after = topic_of("/event/Action_Job__e");
    assert_string_not_equal(before.schema_id, after.schema_id);
    assert_int_equal(call("POST", "sobjects/Action_Job__e", "{\"JobId__c\":\"j2\",\"New__c\":true}"), 201);
    assert_int_equal(hear("/event/Action_Job__e"), 2); /* each is read by its own */
    assert_string_equal(field_text(0, "JobId__c"), "j1");
    assert_true(json_is_true(value_in(event(1), "New__c")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(create_tells_all_fields, events_reset),
        cmocka_unit_test_setup(update_tells_what_changed, events_reset),
        cmocka_unit_test_setup(stage_changes_say_when, events_reset),
        cmocka_unit_test_setup(addresses_are_records_within, events_reset),
        cmocka_unit_test_setup(large_texts_are_told_by_what_differs, events_reset),
        cmocka_unit_test_setup(delete_tells_no_fields, events_reset),
        cmocka_unit_test_setup(rolled_back_is_no_change, events_reset),
        cmocka_unit_test_setup(an_update_to_the_same_is_no_change, events_reset),
        cmocka_unit_test_setup(changed_and_changed_back_within_a_request, events_reset),
        cmocka_unit_test_setup(alike_changes_share_an_event, events_reset),
        cmocka_unit_test_setup(lines_change_their_opportunity, events_reset),
        cmocka_unit_test_setup(made_in_transactions_of_200, events_reset),
        cmocka_unit_test_setup(made_and_deleted_within_a_request, events_reset),
        cmocka_unit_test_setup(sample_records_are_no_change, events_reset),
        cmocka_unit_test_setup(platform_events_by_rest, events_reset),
        cmocka_unit_test_setup(another_field_is_another_schema, events_reset),
    };
    return cmocka_run_group_tests(tests, events_open, events_close);
}
