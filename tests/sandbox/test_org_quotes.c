/*
 * test_org_quotes.c - products, lines and quotes as an org has them: what is required, what may never change, which
 * price book and currency hold, and what parents add up.
 */
#include "tests/sandbox/quotes_fixture.h"

static const char *new_quote(const char *book)
{
    char body[300];
    snprintf(body, sizeof body, "{\"Name\":\"Q\",\"OpportunityId\":\"" DEAL "\"%s%s%s}",
             book ? ",\"Pricebook2Id\":\"" : "", book ? book : "", book ? "\"" : "");
    return made("Quote", body);
}

static const char *new_line(const char *quote, const char *rest)
{
    char body[400];
    snprintf(body, sizeof body, "{\"QuoteId\":\"%s\",%s}", quote, rest);
    return made("QuoteLineItem", body);
}

/* ---- the sample data ---- */

static void sample_lines_are_added_up(void **state)
{
    (void)state;
    read_back("Opportunity", DEAL);
    assert_true(number_at("Amount") == 17880.0);
    assert_true(number_at("TotalOpportunityQuantity") == 15.0);
    assert_true(json_is_true(at("HasOpportunityLineItem")));
    assert_true(number_at("ExpectedRevenue") == 13410.0);
    assert_null(at("CurrencyIsoCode"));
    assert_status(
        soql("SELECT Name, ListPrice, ProductCode, Product2.Family FROM OpportunityLineItem ORDER BY Id LIMIT 1"), 200);
    assert_string_equal(text_at("records.0.Name"), "Gateways for Oahu Fleet Gateway");
    assert_string_equal(text_at("records.0.ProductCode"), "FG-100");
    assert_string_equal(text_at("records.0.Product2.Family"), "Hardware");
    assert_status(soql("SELECT COUNT() FROM Quote"), 200);
    assert_int_equal(int_at("totalSize"), 0);
}

/* ---- lines of an Opportunity ---- */

static void a_line_changes_its_opportunity(void **state)
{
    (void)state;
    const char *deal =
        made("Opportunity", "{\"Name\":\"D\",\"StageName\":\"Prospecting\",\"CloseDate\":\"2027-01-01\",\"Amount\":5}");
    assert_status(post("OpportunityLineItem",
                       "{\"OpportunityId\":\"%s\",\"PricebookEntryId\":\"%s\",\"Quantity\":3,\"UnitPrice\":33.335}",
                       deal, EUROPE_GATEWAY),
                  201);
    char line[20];
    snprintf(line, sizeof line, "%s", text_at("id"));
    read_back("Opportunity", deal);
    assert_string_equal(text_at("Pricebook2Id"), "01sxx0000000002AAA"); /* that of its first line */
    assert_true(number_at("Amount") == 100.02);
    assert_true(number_at("TotalOpportunityQuantity") == 3.0);
    assert_status(change("Opportunity", deal, "{\"Amount\":7,\"NextStep\":\"x\"}"), 204);
    read_back("Opportunity", deal);
    assert_true(number_at("Amount") == 100.02); /* taken and left as the lines say */
    assert_string_equal(text_at("NextStep"), "x");
    assert_status(change("Opportunity", deal, "{\"Pricebook2Id\":\"" STANDARD "\"}"), 400);
    assert_error(400, "FIELD_INTEGRITY_EXCEPTION");
    assert_status(change("OpportunityLineItem", line, "{\"Quantity\":2}"), 204);
    read_back("Opportunity", deal);
    assert_true(number_at("Amount") == 66.68);
    assert_status(change("OpportunityLineItem", line, "{\"TotalPrice\":50}"), 204);
    read_back("OpportunityLineItem", line);
    assert_true(number_at("UnitPrice") == 25.0);
    assert_status(change("OpportunityLineItem", line, "{\"TotalPrice\":50,\"UnitPrice\":25}"), 400);
    assert_error(400, "INVALID_FIELD");
    char path[80];
    snprintf(path, sizeof path, "sobjects/OpportunityLineItem/%s", line);
    assert_status(call("DELETE", path, NULL), 204);
    read_back("Opportunity", deal);
    assert_true(json_is_false(at("HasOpportunityLineItem")));
}

static void what_a_line_needs(void **state)
{
    static const struct {
        const char *fields, *code, *part;
    } cases[] = {
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"UnitPrice\":1", "REQUIRED_FIELD_MISSING", "[Quantity]" },
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1", "REQUIRED_FIELD_MISSING", "[TotalPrice]" },
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1,\"TotalPrice\":1", "INVALID_FIELD",
          "both" },
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":0,\"UnitPrice\":1", "FIELD_INTEGRITY_EXCEPTION",
          "Quantity" },
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":0,\"TotalPrice\":1", "FIELD_INTEGRITY_EXCEPTION",
          "Quantity" },
        { "\"Quantity\":1,\"UnitPrice\":1", "FIELD_INTEGRITY_EXCEPTION", "must specify pricebook entry id" },
        { "\"PricebookEntryId\":\"" MANUAL "\",\"Quantity\":1,\"UnitPrice\":1", "FIELD_INTEGRITY_EXCEPTION",
          "(pricebook entry is inactive)" },
        { "\"PricebookEntryId\":\"" EUROPE_GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1", "FIELD_INTEGRITY_EXCEPTION",
          "(pricebook entry is in a different pricebook than the one assigned to the opportunity)" },
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"Product2Id\":\"01txx0000000002\",\"Quantity\":1,\"UnitPrice\":1",
          "FIELD_INTEGRITY_EXCEPTION", "Product2Id" },
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1,\"ListPrice\":1",
          "INVALID_FIELD_FOR_INSERT_UPDATE", "ListPrice" },
        { "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":9999999999,\"UnitPrice\":9999999999999",
          "NUMBER_OUTSIDE_VALID_RANGE", "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_status(post("OpportunityLineItem", "{\"OpportunityId\":\"%s\",%s}", DEAL, cases[i].fields), 400);
        assert_error(400, cases[i].code);
        says(cases[i].part);
    }
    assert_status(post("OpportunityLineItem",
                       "{\"OpportunityId\":\"%s\",\"Product2Id\":\"%s\",\"Quantity\":1,\"UnitPrice\":1}", DEAL,
                       "01txx0000000003"),
                  201);
    read_back("OpportunityLineItem", text_at("id"));
    assert_string_equal(text_at("PricebookEntryId"), "01uxx0000000003AAA");
}

/* ---- quotes ---- */

static void a_quote_and_its_totals(void **state)
{
    (void)state;
    char quote[20];
    snprintf(quote, sizeof quote, "%s", new_quote(STANDARD));
    read_back("Quote", quote);
    assert_string_equal(text_at("Status"), "Draft");
    assert_string_equal(text_at("AccountId"), "001xx000003DGb0AAG");
    assert_int_equal(int_at("LineItemCount"), 0);
    assert_true(number_at("GrandTotal") == 0);
    assert_true(json_is_string(at("QuoteNumber")));
    char line[20];
    snprintf(
        line, sizeof line, "%s",
        new_line(quote, "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":3,\"UnitPrice\":1000.01,\"Discount\":10"));
    new_line(quote, "\"PricebookEntryId\":\"" TABLET "\",\"Quantity\":0.5,\"UnitPrice\":389.95");
    read_back("QuoteLineItem", line);
    assert_true(number_at("Subtotal") == 3000.03);
    assert_true(number_at("TotalPrice") == 2700.03); /* 2,700.027 */
    assert_true(number_at("ListPrice") == 1250.0);
    assert_string_equal(text_at("Product2Id"), "01txx0000000001AAA");
    assert_status(change("Quote", quote, "{\"Tax\":100.5,\"ShippingHandling\":9.5}"), 204);
    read_back("Quote", quote);
    assert_int_equal(int_at("LineItemCount"), 2);
    assert_true(number_at("Subtotal") == 3195.01); /* 194.975 is 194.98 */
    assert_true(number_at("TotalPrice") == 2895.01);
    assert_true(number_at("Discount") == 9.39);
    assert_true(number_at("GrandTotal") == 3005.01);
    char path[80];
    snprintf(path, sizeof path, "sobjects/QuoteLineItem/%s", line);
    assert_status(call("DELETE", path, NULL), 204);
    read_back("Quote", quote);
    assert_int_equal(int_at("LineItemCount"), 1);
    assert_true(number_at("GrandTotal") == 304.98);
    read_back("Opportunity", DEAL);
    assert_true(number_at("Amount") == 17880.0); /* quotes that are not synchronized leave it alone */
}

static void what_a_quote_line_needs(void **state)
{
    (void)state;
    char quote[20];
    snprintf(quote, sizeof quote, "%s", new_quote(NULL));
    assert_status(post("QuoteLineItem", "{\"QuoteId\":\"%s\",%s}", quote,
                       "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1"),
                  400);
    assert_error(400, "FIELD_INTEGRITY_EXCEPTION");
    says("or Quote has no pricebook assigned");
    assert_status(change("Quote", quote, "{\"Pricebook2Id\":\"" STANDARD "\"}"), 204);
    assert_status(
        post("QuoteLineItem", "{\"QuoteId\":\"%s\",%s}", quote, "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1"),
        400);
    assert_error(400, "REQUIRED_FIELD_MISSING");
    says("[UnitPrice]");
    assert_status(post("QuoteLineItem", "{\"QuoteId\":\"%s\",%s}", quote,
                       "\"PricebookEntryId\":\"" MANUAL "\",\"Quantity\":1,\"UnitPrice\":1"),
                  400);
    says("inactive");
    assert_status(post("QuoteLineItem", "{\"QuoteId\":\"%s\",%s}", quote,
                       "\"PricebookEntryId\":\"" EUROPE_GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1"),
                  400);
    says("different pricebook");
    assert_status(post("QuoteLineItem", "{\"QuoteId\":\"%s\",%s}", quote,
                       "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":0,\"UnitPrice\":1"),
                  400);
    says("nonzero");
    new_line(quote, "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1");
    assert_status(change("Quote", quote, "{\"Pricebook2Id\":\"" EUROPE "\"}"), 400);
    assert_error(400, "FIELD_INTEGRITY_EXCEPTION");
    assert_status(call("POST", "sobjects/Quote", "{\"Name\":\"no deal\"}"), 400);
    assert_error(400, "REQUIRED_FIELD_MISSING");
    says("[OpportunityId]");
}

/* The parents of quotes and lines are fixed: an upsert that makes the record once cannot be sent again. */
static void an_upsert_sent_twice(void **state)
{
    static const char quote[] = "{\"Name\":\"Q\",\"OpportunityId\":\"" DEAL "\",\"Pricebook2Id\":\"" STANDARD "\"}";
    char line[300];
    (void)state;
    assert_status(call("PATCH", "sobjects/Quote/AppLinkKey__c/k-1", quote), 201);
    snprintf(line, sizeof line,
             "{\"QuoteId\":\"%s\",\"PricebookEntryId\":\"" GATEWAY
             "\",\"Product2Id\":\"01txx0000000001\",\"Quantity\":1,\"UnitPrice\":5}",
             text_at("id"));
    assert_status(call("PATCH", "sobjects/Quote/AppLinkKey__c/k-1", quote), 400);
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    says("Unable to create/update fields: OpportunityId. Please check the security settings of this field");
    assert_string_equal(text_at("0.fields.0"), "OpportunityId");
    assert_status(call("PATCH", "sobjects/QuoteLineItem/AppLinkKey__c/k-1", line), 201);
    assert_status(call("PATCH", "sobjects/QuoteLineItem/AppLinkKey__c/k-1", line), 400);
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    says("QuoteId, PricebookEntryId, Product2Id");
    assert_int_equal((int)json_array_size(at("0.fields")), 3);
    assert_status(call("PATCH", "sobjects/Quote/AppLinkKey__c/k-1", "{\"Name\":\"again\"}"), 200);
}

static void a_key_that_is_there(void **state)
{
    char body[900], first[20], want[120];
    (void)state;
    snprintf(
        body, sizeof body,
        "{\"records\":[{\"attributes\":{\"type\":\"Quote\"},\"Name\":\"a\",\"OpportunityId\":\"" DEAL
        "\",\"AppLinkKey__c\":\"job:1\"},{\"attributes\":{\"type\":\"Quote\"},\"Name\":\"b\",\"OpportunityId\":\"" DEAL
        "\",\"AppLinkKey__c\":\"job:2\"}]}");
    assert_status(call("POST", "composite/sobjects", body), 200);
    snprintf(first, sizeof first, "%s", text_at("0.id"));
    assert_status(call("POST", "composite/sobjects", body), 200);
    assert_true(json_is_false(at("0.success")));
    assert_string_equal(text_at("0.errors.0.statusCode"), "DUPLICATE_VALUE");
    snprintf(want, sizeof want, "duplicate value found: AppLinkKey__c duplicates value on record with id: %.15s",
             first);
    assert_string_equal(text_at("0.errors.0.message"), want);
    assert_status(soql("SELECT COUNT() FROM Quote"), 200);
    assert_int_equal(int_at("totalSize"), 2);
}

static void deleting_goes_down(void **state)
{
    char quote[20], other[20];
    (void)state;
    snprintf(quote, sizeof quote, "%s", new_quote(STANDARD));
    snprintf(other, sizeof other, "%s", new_quote(STANDARD));
    new_line(quote, "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1");
    new_line(other, "\"PricebookEntryId\":\"" GATEWAY "\",\"Quantity\":1,\"UnitPrice\":1");
    char path[80];
    snprintf(path, sizeof path, "sobjects/Quote/%s", quote);
    assert_status(call("DELETE", path, NULL), 204);
    assert_status(soql("SELECT COUNT() FROM QuoteLineItem"), 200);
    assert_int_equal(int_at("totalSize"), 1);
    assert_status(call("DELETE", "sobjects/Opportunity/" DEAL, NULL), 204);
    assert_status(soql("SELECT COUNT() FROM Quote"), 200);
    assert_int_equal(int_at("totalSize"), 0);
    assert_status(soql("SELECT COUNT() FROM QuoteLineItem"), 200);
    assert_int_equal(int_at("totalSize"), 0);
    assert_status(soql("SELECT COUNT() FROM OpportunityLineItem WHERE OpportunityId = '" DEAL "'"), 200);
    assert_int_equal(int_at("totalSize"), 0);
}

/* ---- opportunities ---- */

static void a_stage_means_something(void **state)
{
    (void)state;
    const char *deal =
        made("Opportunity",
             "{\"Name\":\"D\",\"StageName\":\"Needs Analysis\",\"CloseDate\":\"2027-01-01\",\"Amount\":1000}");
    read_back("Opportunity", deal);
    assert_true(number_at("Probability") == 20.0);
    assert_true(number_at("ExpectedRevenue") == 200.0);
    assert_true(json_is_null(at("LastStageChangeDate")));
    org_set_clock(org, 1767225600000);
    assert_status(change("Opportunity", deal, "{\"StageName\":\"Needs Analysis\"}"), 204);
    read_back("Opportunity", deal);
    assert_true(json_is_null(at("LastStageChangeDate")));
    assert_status(change("Opportunity", deal, "{\"StageName\":\"Closed Won\"}"), 204);
    read_back("Opportunity", deal);
    assert_string_equal(text_at("LastStageChangeDate"), "2026-01-01T00:00:00.000+0000");
    assert_true(json_is_true(at("IsWon")) && json_is_true(at("IsClosed")));
    assert_true(number_at("Probability") == 100.0);
    assert_status(change("Opportunity", deal, "{\"IsWon\":false}"), 400);
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
}

static void the_synchronized_quote(void **state)
{
    char quote[20], body[80];
    (void)state;
    snprintf(quote, sizeof quote, "%s", new_quote(STANDARD));
    snprintf(body, sizeof body, "{\"SyncedQuoteId\":\"%s\"}", quote);
    assert_status(change("Opportunity", "006xx000001a2b0", body), 400);
    assert_error(400, "FIELD_INTEGRITY_EXCEPTION");
    assert_status(change("Opportunity", DEAL, body), 204);
    read_back("Quote", quote);
    assert_true(json_is_true(at("IsSyncing")));
}

/* ---- products and prices ---- */

#define ENTRY "{\"Pricebook2Id\":\"%s\",\"Product2Id\":\"%s\",\"UnitPrice\":10,\"IsActive\":true}"

static void prices_stand_on_the_standard_price(void **state)
{
    char product[20];
    (void)state;
    snprintf(product, sizeof product, "%s",
             made("Product2", "{\"Name\":\"Lamp\",\"ProductCode\":\"L\",\"IsActive\":true}"));
    assert_status(post("PricebookEntry", ENTRY, EUROPE, product), 400);
    assert_error(400, "STANDARD_PRICE_NOT_DEFINED");
    assert_status(post("PricebookEntry", ENTRY, STANDARD, product), 201);
    char standard[20], follower[20];
    snprintf(standard, sizeof standard, "%s", text_at("id"));
    assert_status(post("PricebookEntry", ENTRY, STANDARD, product), 400);
    assert_error(400, "DUPLICATE_VALUE");
    assert_status(post("PricebookEntry",
                       "{\"Pricebook2Id\":\"%s\",\"Product2Id\":\"%s\",\"UseStandardPrice\":true,\"UnitPrice\":3}",
                       EUROPE, product),
                  400);
    assert_error(400, "FIELD_INTEGRITY_EXCEPTION");
    assert_status(post("PricebookEntry", "{\"Pricebook2Id\":\"%s\",\"Product2Id\":\"%s\"}", EUROPE, product), 400);
    assert_error(400, "REQUIRED_FIELD_MISSING");
    assert_status(post("PricebookEntry", "{\"Pricebook2Id\":\"%s\",\"Product2Id\":\"%s\",\"UseStandardPrice\":true}",
                       EUROPE, product),
                  201);
    snprintf(follower, sizeof follower, "%s", text_at("id"));
    read_back("PricebookEntry", follower);
    assert_string_equal(text_at("Name"), "Lamp");
    assert_true(number_at("UnitPrice") == 10.0);
    assert_status(change("PricebookEntry", standard, "{\"UnitPrice\":12.5}"), 204);
    assert_status(change("Product2", product, "{\"Name\":\"Lantern\"}"), 204);
    read_back("PricebookEntry", follower);
    assert_string_equal(text_at("Name"), "Lantern");
    assert_true(number_at("UnitPrice") == 12.5);
    assert_status(change("PricebookEntry", follower, "{\"Product2Id\":\"01txx0000000001\"}"), 400);
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    assert_status(call("POST", "sobjects/Pricebook2", "{\"Name\":\"x\",\"IsStandard\":true}"), 400);
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
}

static void describe_tells_it(void **state)
{
    static const struct {
        const char *object, *field;
        int createable, updateable, nillable;
    } want[] = {
        { "Quote", "OpportunityId", 1, 0, 0 },
        { "Quote", "GrandTotal", 0, 0, 1 },
        { "Quote", "Name", 1, 1, 0 },
        { "QuoteLineItem", "QuoteId", 1, 0, 0 },
        { "QuoteLineItem", "UnitPrice", 1, 1, 0 },
        { "QuoteLineItem", "PricebookEntryId", 1, 0, 1 },
        { "QuoteLineItem", "Product2Id", 1, 0, 1 },
        { "PricebookEntry", "Product2Id", 1, 0, 0 },
        { "OpportunityLineItem", "ListPrice", 0, 0, 1 },
        { "Quote", "AppLinkKey__c", 1, 1, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        char path[80];
        const json_t *field;
        size_t k;
        bool found = false;
        snprintf(path, sizeof path, "sobjects/%s/describe", want[i].object);
        assert_status(call("GET", path, NULL), 200);
        json_array_foreach (at("fields"), k, field) {
            if (strcmp(json_string_value(json_object_get(field, "name")), want[i].field) != 0)
                continue;
            found = true;
            assert_int_equal(json_is_true(json_object_get(field, "createable")), want[i].createable);
            assert_int_equal(json_is_true(json_object_get(field, "updateable")), want[i].updateable);
            assert_int_equal(json_is_true(json_object_get(field, "nillable")), want[i].nillable);
        }
        assert_true(found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sample_lines_are_added_up, fixture_reset),
        cmocka_unit_test_setup(a_line_changes_its_opportunity, fixture_reset),
        cmocka_unit_test_setup(what_a_line_needs, fixture_reset),
        cmocka_unit_test_setup(a_quote_and_its_totals, fixture_reset),
        cmocka_unit_test_setup(what_a_quote_line_needs, fixture_reset),
        cmocka_unit_test_setup(an_upsert_sent_twice, fixture_reset),
        cmocka_unit_test_setup(a_key_that_is_there, fixture_reset),
        cmocka_unit_test_setup(deleting_goes_down, fixture_reset),
        cmocka_unit_test_setup(a_stage_means_something, fixture_reset),
        cmocka_unit_test_setup(the_synchronized_quote, fixture_reset),
        cmocka_unit_test_setup(prices_stand_on_the_standard_price, fixture_reset),
        cmocka_unit_test_setup(describe_tells_it, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
