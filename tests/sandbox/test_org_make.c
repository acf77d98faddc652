/* test_org_make.c - sample records by the thousand: how many, whether they fit together, and that a seed makes the
 * same. */
#include "tests/sandbox/org_fixture.h"

static json_t *make(const char *spec)
{
    char why[300] = "";
    json_t *in = json_loads(spec, 0, NULL), *made = org_make(org, in, why, sizeof why);
    json_decref(in);
    return made;
}

static void made_counts(const char *spec, long opportunities, long lines)
{
    json_t *made = make(spec);
    assert_non_null(made);
    assert_int_equal(json_integer_value(json_object_get(made, "opportunities")), opportunities);
    assert_int_equal(json_integer_value(json_object_get(made, "lines")), lines);
    json_decref(made);
}

static long counted(const char *query)
{
    assert_status(soql(query), 200);
    return int_at("totalSize");
}

static void as_many_as_asked(void **state)
{
    (void)state;
    made_counts("{\"opportunities\":500,\"linesEach\":3,\"seed\":1}", 500, 1500);
    assert_int_equal(
        counted("SELECT COUNT() FROM Opportunity WHERE Name LIKE 'Sample Opp%' AND StageName = 'Prospecting' "
                "AND HasOpportunityLineItem = true AND Pricebook2Id != null"),
        500);
    assert_int_equal(counted("SELECT COUNT() FROM OpportunityLineItem WHERE Opportunity.Name LIKE 'Sample Opp%' AND "
                             "PricebookEntry.IsActive = true AND Quantity >= 1 AND Quantity <= 10"),
                     1500);
    assert_int_equal(counted("SELECT COUNT() FROM Opportunity WHERE Name = 'Sample Opportunity 500'"), 1);
    assert_int_equal(counted("SELECT COUNT() FROM Quote"), 0);
    assert_status(soql("SELECT COUNT_DISTINCT(BillingCountry) n FROM Account WHERE Name LIKE 'Sample Acc%'"), 200);
    assert_true(int_at("records.0.n") >= 10);
    made_counts("{\"opportunities\":7}", 7, 14); /* the numbers go on */
    assert_int_equal(counted("SELECT COUNT() FROM Opportunity WHERE Name = 'Sample Opportunity 507'"), 1);
    assert_true(org_reset(org));
    assert_int_equal(counted("SELECT COUNT() FROM Opportunity WHERE Name LIKE 'Sample Opp%'"), 0);
    made_counts("{}", 0, 0);
    made_counts("{\"opportunities\":3,\"linesEach\":0}", 3, 0);
    assert_int_equal(counted("SELECT COUNT() FROM Opportunity WHERE Name LIKE 'Sample Opp%' AND Amount = null AND "
                             "HasOpportunityLineItem = false"),
                     3);
}

/* What was written at once is what the org would have worked out. */
static void totals_are_the_lines(void **state)
{
    char path[80], id[20];
    double amount, quantity;
    (void)state;
    made_counts("{\"opportunities\":20,\"linesEach\":4,\"seed\":7}", 20, 80);
    assert_status(soql("SELECT Id, Amount, TotalOpportunityQuantity, (SELECT Id, Quantity, UnitPrice, ListPrice, "
                       "TotalPrice, Name FROM "
                       "OpportunityLineItems) FROM Opportunity WHERE Name = 'Sample Opportunity 11'"),
                  200);
    double sum = 0, count = 0;
    const json_t *lines = at("records.0.OpportunityLineItems.records"), *line;
    size_t i;
    json_array_foreach (lines, i, line) {
        double q = json_number_value(json_object_get(line, "Quantity")),
               p = json_number_value(json_object_get(line, "UnitPrice"));
        count += q;
        sum += json_number_value(json_object_get(line, "TotalPrice"));
        assert_true(p >= 10 && p <= 500 && p == json_number_value(json_object_get(line, "ListPrice")));
        assert_memory_equal(json_string_value(json_object_get(line, "Name")), "Sample Opportunity 11 Sample Product ",
                            37);
    }
    assert_int_equal(i, 4);
    amount = json_number_value(at("records.0.Amount"));
    quantity = json_number_value(at("records.0.TotalOpportunityQuantity"));
    assert_true(amount - sum < 0.001 && sum - amount < 0.001 && quantity == count);
    snprintf(path, sizeof path, "sobjects/OpportunityLineItem/%s",
             text_at("records.0.OpportunityLineItems.records.0.Id"));
    snprintf(id, sizeof id, "%s", text_at("records.0.Id"));
    double first = json_number_value(at("records.0.OpportunityLineItems.records.0.TotalPrice"));
    assert_status(call("DELETE", path, NULL), 204);
    snprintf(path, sizeof path, "sobjects/Opportunity/%s", id);
    assert_status(call("GET", path, NULL), 200);
    double left = json_number_value(at("Amount")), want = amount - first;
    assert_true(left - want < 0.001 && want - left < 0.001);
}

static char *picture(const char *spec)
{
    assert_true(org_reset(org));
    json_decref(make(spec));
    assert_status(soql("SELECT Id, Name, Amount, Account.Name, Account.BillingCountry, (SELECT Id, Quantity, "
                       "UnitPrice, Product2.Name FROM "
                       "OpportunityLineItems) FROM Opportunity WHERE Name LIKE 'Sample Opp%' ORDER BY Id"),
                  200);
    return strdup(answer.body);
}

static void a_seed_makes_the_same(void **state)
{
    (void)state;
    char *one = picture("{\"opportunities\":60,\"linesEach\":2,\"seed\":5}"),
         *same = picture("{\"opportunities\":60,\"linesEach\":2,\"seed\":5}"),
         *other = picture("{\"opportunities\":60,\"linesEach\":2,\"seed\":6}");
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    free(one);
    free(same);
    free(other);
}

static void what_cannot_be_made(void **state)
{
    static const char *const wrong[] = { "{\"opportunities\":-1}",
                                         "{\"opportunities\":\"5\"}",
                                         "{\"opportunities\":1000001}",
                                         "{\"linesEach\":1001}",
                                         "{\"opportunities\":1000000,\"linesEach\":5}",
                                         "{\"seed\":1.5}",
                                         "{\"quotes\":5}" };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(make(wrong[i]));
    assert_int_equal(counted("SELECT COUNT() FROM Opportunity WHERE Name LIKE 'Sample Opp%'"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(as_many_as_asked, fixture_reset),
        cmocka_unit_test_setup(totals_are_the_lines, fixture_reset),
        cmocka_unit_test_setup(a_seed_makes_the_same, fixture_reset),
        cmocka_unit_test_setup(what_cannot_be_made, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
