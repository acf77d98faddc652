/* test_org_setup.c - what orgs have or have not: quotes, several currencies, permissions, approvals. */
#include "tests/sandbox/quotes_fixture.h"

static void set_up(const char *text)
{
    char why[200];
    if (!org_set_up(org, text, strlen(text), why, sizeof why))
        fail_msg("%s", why);
}

static void an_org_without_quotes(void **state)
{
    (void)state;
    set_up("{\"quotes\":false}");
    assert_status(call("GET", "sobjects/Quote/describe", NULL), 404);
    assert_status(call("POST", "sobjects/Quote", "{\"Name\":\"x\",\"OpportunityId\":\"" DEAL "\"}"), 404);
    assert_error(404, "NOT_FOUND");
    assert_status(soql("SELECT Id FROM Quote"), 400);
    assert_error(400, "INVALID_TYPE");
    assert_status(soql("SELECT SyncedQuoteId FROM Opportunity"), 400);
    assert_error(400, "INVALID_FIELD");
    assert_status(call("POST", "composite/sobjects",
                       "{\"records\":[{\"attributes\":{\"type\":\"Quote\"},\"Name\":\"a\",\"OpportunityId\":\"" DEAL
                       "\"}]}"),
                  200);
    assert_string_equal(text_at("0.errors.0.statusCode"), "INVALID_TYPE");
    assert_status(soql("SELECT Id FROM Opportunity"), 200);
    set_up("{\"quotes\":true}");
    assert_status(call("GET", "sobjects/Quote/describe", NULL), 200);
}

static void a_user_who_may_not_create(void **state)
{
    static const char rules[] = "[{\"user\":\"limited@example.com\",\"notCreateableObjects\":[\"Quote\"]}]";
    char why[200];
    (void)state;
    assert_true(org_set_permissions(org, rules, strlen(rules), why, sizeof why));
    as_user = "limited@example.com";
    assert_status(call("POST", "sobjects/Quote", "{\"Name\":\"x\",\"OpportunityId\":\"" DEAL "\"}"), 400);
    assert_error(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY");
    says("entity type cannot be inserted: Quote");
    assert_status(call("GET", "sobjects/Quote/describe", NULL), 200);
    assert_true(json_is_false(at("createable")));
    assert_true(json_is_true(at("updateable")));
}

static void a_locked_opportunity(void **state)
{
    static const char locked[] = "{\"locked\":[\"" DEAL "\"]}";
    (void)state;
    set_up(locked);
    assert_status(call("POST", "sobjects/Quote", "{\"Name\":\"x\",\"OpportunityId\":\"" DEAL "\"}"), 400);
    assert_error(400, "ENTITY_IS_LOCKED");
    says("the entity is locked for editing");
    assert_status(change("Opportunity", DEAL, "{\"NextStep\":\"x\"}"), 400);
    assert_error(400, "ENTITY_IS_LOCKED");
    assert_status(call("DELETE", "sobjects/Opportunity/" DEAL, NULL), 400);
    assert_error(400, "ENTITY_IS_LOCKED");
    set_up("{\"locked\":[]}");
    assert_status(change("Opportunity", DEAL, "{\"NextStep\":\"x\"}"), 204);
}

static void an_org_of_several_currencies(void **state)
{
    char deal[20], quote[20], product[20];
    (void)state;
    set_up("{\"currencies\":[\"USD\",\"EUR\"]}");
    assert_status(
        post("Opportunity",
             "{\"Name\":\"%s\",\"StageName\":\"%s\",\"CloseDate\":\"2027-01-01\",\"CurrencyIsoCode\":\"GBP\"}", "e",
             "Prospecting"),
        400);
    assert_error(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    snprintf(
        deal, sizeof deal, "%s",
        made(
            "Opportunity",
            "{\"Name\":\"e\",\"StageName\":\"Prospecting\",\"CloseDate\":\"2027-01-01\",\"CurrencyIsoCode\":\"EUR\"}"));
    assert_status(post("OpportunityLineItem",
                       "{\"OpportunityId\":\"%s\",\"PricebookEntryId\":\"%s\",\"Quantity\":1,\"UnitPrice\":1}", deal,
                       GATEWAY),
                  400);
    assert_error(400, "FIELD_INTEGRITY_EXCEPTION");
    says("pricebook entry currency code does not match opportunity currency code");
    snprintf(product, sizeof product, "%s", made("Product2", "{\"Name\":\"Lamp\",\"IsActive\":true}"));
    assert_status(post("PricebookEntry",
                       "{\"Pricebook2Id\":\"%s\",\"Product2Id\":\"%s\",\"UnitPrice\":10,\"IsActive\":true,"
                       "\"CurrencyIsoCode\":\"EUR\"}",
                       STANDARD, product),
                  201);
    char entry[20];
    snprintf(entry, sizeof entry, "%s", text_at("id"));
    assert_status(post("Quote", "{\"Name\":\"q\",\"OpportunityId\":\"%s\",\"Pricebook2Id\":\"%s\"}", deal, STANDARD),
                  201);
    snprintf(quote, sizeof quote, "%s", text_at("id"));
    read_back("Quote", quote);
    assert_string_equal(text_at("CurrencyIsoCode"), "EUR");
    assert_status(post("QuoteLineItem",
                       "{\"QuoteId\":\"%s\",\"PricebookEntryId\":\"%s\",\"Quantity\":1,\"UnitPrice\":1}", quote,
                       GATEWAY),
                  400);
    says("pricebook entry currency code does not match quote currency code");
    assert_status(post("QuoteLineItem",
                       "{\"QuoteId\":\"%s\",\"PricebookEntryId\":\"%s\",\"Quantity\":1,\"UnitPrice\":1}", quote, entry),
                  201);
    set_up("{\"currencies\":[]}");
    assert_status(soql("SELECT CurrencyIsoCode FROM Quote"), 400);
    assert_error(400, "INVALID_FIELD");
}

static void a_setup_that_is_wrong(void **state)
{
    static const char *const wrong[] = { "[]",
                                         "{\"quotes\":1}",
                                         "{\"currencies\":[\"euro\"]}",
                                         "{\"currencies\":\"EUR\"}",
                                         "{\"locked\":[\"x\"]}",
                                         "{\"callsPerDay\":-1}",
                                         "{\"other\":true}",
                                         "{\"quotes\":false,\"locked\":[1]}",
                                         "{" };
    char why[200];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(org_set_up(org, wrong[i], strlen(wrong[i]), why, sizeof why));
    assert_status(call("GET", "sobjects/Quote/describe", NULL), 200); /* nothing of it holds */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_org_without_quotes, fixture_reset),
        cmocka_unit_test_setup(a_user_who_may_not_create, fixture_reset),
        cmocka_unit_test_setup(a_locked_opportunity, fixture_reset),
        cmocka_unit_test_setup(an_org_of_several_currencies, fixture_reset),
        cmocka_unit_test_setup(a_setup_that_is_wrong, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
