/* test_org_messages.c - what an org passes on: platform events that are published, custom notifications that are sent.
 */
#include "tests/sandbox/org_fixture.h"

#define TYPE "0MLxx0000000001"
#define ADMIN "005xx000001X8UzAAK"

static json_t *passed_on(enum org_message kind, size_t want)
{
    json_t *list = org_messages(org, kind);
    assert_int_equal((int)json_array_size(list), (int)want);
    return list;
}

static void an_event_is_queued(void **state)
{
    (void)state;
    assert_status(
        call("POST", "sobjects/Action_Job__e", "{\"JobId__c\":\"j-1\",\"State__c\":\"running\",\"Done__c\":7}"), 201);
    assert_true(json_is_true(at("success")));
    assert_memory_equal(text_at("id"), "e01", 3);
    assert_string_equal(text_at("errors.0.statusCode"), "OPERATION_ENQUEUED");
    assert_int_equal((int)strlen(text_at("errors.0.message")), 36);
    assert_status(call("POST", "sobjects/Action_Job__e/", "{\"JobId__c\":\"j-2\"}"), 201);
    json_t *list = passed_on(ORG_EVENTS, 2);
    const json_t *payload = json_object_get(json_array_get(list, 0), "payload");
    assert_string_equal(json_string_value(json_object_get(payload, "JobId__c")), "j-1");
    assert_true(json_real_value(json_object_get(payload, "Done__c")) == 7);
    assert_true(json_is_null(json_object_get(payload, "Message__c")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "createdById")), ADMIN);
    json_decref(list);
    assert_status(
        call("POST", "composite/sobjects",
             "{\"allOrNone\":true,\"records\":[{\"attributes\":{\"type\":\"Action_Job__e\"},\"JobId__c\":\"j-3\"},"
             "{\"attributes\":{\"type\":\"Account\"}}]}"),
        200);
    json_decref(passed_on(ORG_EVENTS, 3)); /* published at once: the failure of another row does not take it back */
    assert_true(org_reset(org));
    json_decref(passed_on(ORG_EVENTS, 0));
}

static void events_that_are_refused(void **state)
{
    (void)state;
    assert_status(call("POST", "sobjects/Action_Job__e", "{\"State__c\":\"x\"}"), 400);
    assert_error(400, "REQUIRED_FIELD_MISSING");
    assert_status(call("POST", "sobjects/Action_Job__e", "{\"JobId__c\":\"x\",\"Other__c\":1}"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_status(call("POST", "sobjects/Nothing__e", "{}"), 404);
    json_decref(passed_on(ORG_EVENTS, 0));
}

static int notify(const char *input)
{
    char body[2000];
    snprintf(body, sizeof body, "{\"inputs\":[%s]}", input);
    return call("POST", "actions/standard/customNotificationAction", body);
}

static void a_notification_is_delivered(void **state)
{
    (void)state;
    assert_status(soql("SELECT Id FROM CustomNotificationType WHERE DeveloperName = 'Action_Job'"), 200);
    assert_memory_equal(text_at("records.0.Id"), TYPE, 15);
    assert_status(
        notify(
            "{\"customNotifTypeId\":\"" TYPE "\",\"recipientIds\":[\"" ADMIN
            "\",\"005xx000001X8V0AAK\"],\"title\":\"Done\",\"body\":\"200 quotes\",\"targetId\":\"006xx000001a2c0\"}"),
        200);
    assert_true(json_is_true(at("0.isSuccess")));
    json_t *list = passed_on(ORG_NOTIFICATIONS, 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "recipientId")), ADMIN);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "title")), "Done");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "body")), "200 quotes");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "targetId")), "006xx000001a2c0");
    json_decref(list);
}

static void notifications_that_are_refused(void **state)
{
    static const char *const wrong[] = {
        "{\"recipientIds\":[\"" ADMIN "\"],\"title\":\"t\",\"body\":\"b\",\"targetId\":\"x\"}",
        "{\"customNotifTypeId\":\"" TYPE "\",\"title\":\"t\",\"body\":\"b\",\"targetId\":\"x\"}",
        "{\"customNotifTypeId\":\"0MLxx0000000009\",\"recipientIds\":[\"" ADMIN
        "\"],\"title\":\"t\",\"body\":\"b\",\"targetId\":\"x\"}",
        "{\"customNotifTypeId\":\"" TYPE
        "\",\"recipientIds\":[\"001xx000003DGb0\"],\"title\":\"t\",\"body\":\"b\",\"targetId\":\"x\"}",
        "{\"customNotifTypeId\":\"" TYPE "\",\"recipientIds\":[],\"title\":\"t\",\"body\":\"b\",\"targetId\":\"x\"}",
        "{\"customNotifTypeId\":\"" TYPE "\",\"recipientIds\":[\"" ADMIN "\"],\"body\":\"b\",\"targetId\":\"x\"}",
        "{\"customNotifTypeId\":\"" TYPE "\",\"recipientIds\":[\"" ADMIN "\"],\"title\":\"t\",\"body\":\"b\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_status(notify(wrong[i]), 400);
        assert_true(json_is_false(at("0.isSuccess")));
        assert_string_equal(text_at("0.errors.0.statusCode"), "INVALID_API_INPUT");
    }
    assert_status(call("POST", "actions/standard/customNotificationAction", "{}"), 400);
    json_decref(passed_on(ORG_NOTIFICATIONS, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_event_is_queued, fixture_reset),
        cmocka_unit_test_setup(events_that_are_refused, fixture_reset),
        cmocka_unit_test_setup(a_notification_is_delivered, fixture_reset),
        cmocka_unit_test_setup(notifications_that_are_refused, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
