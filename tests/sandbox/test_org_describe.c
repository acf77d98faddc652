/* test_org_describe.c - what an author adds to the org: fields for objects that are there, records with relative days.
 */
#include "tests/sandbox/org_fixture.h"

static void make(const char *object, const char *record)
{
    char path[80];
    snprintf(path, sizeof path, "sobjects/%s", object);
    assert_status(call("POST", path, record), 201);
}

static void count_is(const char *query, long want)
{
    assert_status(soql(query), 200);
    if (int_at("totalSize") != want)
        fail_msg("%s: %ld rows instead of %ld", query, int_at("totalSize"), want);
}

/* What a description of an object that is there does: fields join, what disagrees is refused, and can be told so. */
static void descriptions_join_those_that_are_there(void **state)
{
    static const char tier[] =
        "{\"name\":\"Contact\",\"fields\":[{\"name\":\"Tier__c\",\"type\":\"picklist\",\"values\":["
        "\"Gold\"]}]}";
    static const struct {
        const char *json, *part;
    } bad[] = {
        { "{\"name\":\"Contact\",\"fields\":[{\"name\":\"lastname\",\"length\":5}]}", "Contact.lastname is there" },
        { "{\"name\":\"Contact\",\"fields\":[{\"name\":\"Email\",\"type\":\"string\"}]}", "\"type\": \"email\"" },
        { "{\"name\":\"Contact\",\"prefix\":\"a9Q\",\"fields\":[]}", "\"prefix\": \"003\"" },
        { "{\"name\":\"Contact\",\"label\":\"Person\"}", "Contact is there" },
        { "{\"name\":\"Contact\",\"fields\":[{\"name\":\"A__c\"},{\"name\":\"a__C\"}]}", "described twice" },
        { "{\"name\":\"Boat__c\",\"prefix\":\"a9B\",\"fields\":[{\"name\":\"A__c\"},{\"name\":\"A__c\"}]}",
          "described twice" },
        { "[]", "not an object" },
    };
    char why[400];
    (void)state;
    for (int twice = 0; twice < 2; twice++)
        if (!org_describe_object(org, tier, sizeof tier - 1, why, sizeof why))
            fail_msg("%s", why);
    make("Contact", "{\"LastName\":\"Ada\",\"Tier__c\":\"Gold\"}");
    count_is("SELECT Id FROM Contact WHERE LastName = 'Ada' AND Tier__c = 'Gold' AND Email = null", 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (org_describe_object(org, bad[i].json, strlen(bad[i].json), why, sizeof why) || !strstr(why, bad[i].part))
            fail_msg("%s: %s", bad[i].json, why);
    count_is("SELECT Id FROM Contact WHERE LastName = 'Ada' AND Tier__c = 'Gold'", 1);
    static const char instead[] = "{\"name\":\"Contact\",\"prefix\":\"003\",\"replace\":true,\"fields\":[{\"name\":"
                                  "\"LastName\"}]}";
    assert_true(org_describe_object(org, instead, sizeof instead - 1, why, sizeof why));
    assert_int_equal(soql("SELECT Email FROM Contact"), 400);
}

static void days_of_seeds_are_relative(void **state)
{
    static const char deals[] =
        "{\"Opportunity\":[{\"Name\":\"TODAY\",\"StageName\":\"Closed Won\",\"IsWon\":false,\"CloseDate\":\"TODAY-59\","
        "\"CreatedDate\":\"TODAY-1T09:30:00Z\"},{\"Name\":\"b\",\"StageName\":\"Prospecting\",\"IsClosed\":true,"
        "\"CloseDate\":\"TODAY+1\"},{\"Name\":\"c\",\"StageName\":\"Closed Lost\",\"CloseDate\":\"TODAY\"}]}";
    static const char *const bad[] = { "TODAY-", "TODAY-x", "TODAY*2", "TODAY-99999999", "TODAYS", "today" };
    char why[300], load[200];
    (void)state;
    org_set_clock(org, 1772366400000); /* 2026-03-01T12:00:00Z */
    if (!org_load(org, deals, sizeof deals - 1, why, sizeof why))
        fail_msg("%s", why);
    count_is("SELECT Id FROM Opportunity WHERE Name = 'TODAY' AND CloseDate = 2026-01-01 AND CreatedDate = "
             "2026-02-28T09:30:00Z AND IsWon = true AND IsClosed = true AND Probability = 100",
             1);
    count_is("SELECT Id FROM Opportunity WHERE CloseDate = 2026-03-02 AND IsClosed = false AND Probability = 10", 1);
    count_is("SELECT Id FROM Opportunity WHERE CloseDate = 2026-03-01 AND IsClosed = true AND IsWon = false", 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(load, sizeof load,
                 "{\"Opportunity\":[{\"Name\":\"x\",\"StageName\":\"Prospecting\",\"CloseDate\":\"%s\"}]}", bad[i]);
        if (org_load(org, load, strlen(load), why, sizeof why))
            fail_msg("%s is taken", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(descriptions_join_those_that_are_there, fixture_reset),
        cmocka_unit_test_setup(days_of_seeds_are_relative, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
