/* test_org_composite.c - several requests in one: references, rollback, limits at N and N + 1. */
#include "tests/sandbox/org_fixture.h"

static long rows(const char *query)
{
    assert_status(soql(query), 200);
    return int_at("totalSize");
}

static void plan(const char *json_text)
{
    char why[200];
    assert_true(org_plan_fault(org, json_text, strlen(json_text), why, sizeof why));
}

static json_t *node(const char *reference, const char *method, const char *url, json_t *body)
{
    return json_pack("{s:s, s:s, s:s, s:o*}", "referenceId", reference, "method", method, "url", url, "body", body);
}

/* Sends and frees the body. */
static int post(const char *path, json_t *body)
{
    char *text = json_dumps(body, 0);
    int status = call("POST", path, text);
    free(text);
    json_decref(body);
    return status;
}

#define SOBJECTS "/services/data/v62.0/sobjects/"

static void a_graph_of_references_is_one_unit(void **state)
{
    (void)state;
    json_t *steps = json_pack(
        "[o, o, o, o]", node("a", "POST", SOBJECTS "Account", json_pack("{s:s}", "Name", "Parent")),
        node("c", "POST", SOBJECTS "Contact", json_pack("{s:s, s:s}", "LastName", "Child", "AccountId", "@{a.id}")),
        node("u", "PATCH", SOBJECTS "Account/@{a.id}", json_pack("{s:s}", "Description", "of @{c.id}!")),
        node("d", "DELETE", SOBJECTS "Contact/@{c.id}", NULL));
    assert_status(
        post("composite/graph", json_pack("{s:[{s:s, s:o}]}", "graphs", "graphId", "g1", "compositeRequest", steps)),
        200);
    assert_string_equal(text_at("graphs.0.graphId"), "g1");
    assert_true(json_is_true(at("graphs.0.isSuccessful")));
    assert_int_equal(int_at("graphs.0.graphResponse.compositeResponse.0.httpStatusCode"), 201);
    assert_string_equal(text_at("graphs.0.graphResponse.compositeResponse.1.referenceId"), "c");
    assert_true(strncmp(text_at("graphs.0.graphResponse.compositeResponse.0.httpHeaders.Location"),
                        SOBJECTS "Account/001", 40) == 0);
    assert_int_equal(int_at("graphs.0.graphResponse.compositeResponse.2.httpStatusCode"), 204);
    assert_true(json_is_null(at("graphs.0.graphResponse.compositeResponse.3.body")));
    assert_int_equal(rows("SELECT Id FROM Account WHERE Name = 'Parent'"), 1);
    assert_int_equal(rows("SELECT Id FROM Contact WHERE LastName = 'Child'"), 0);
}

static void a_failed_step_undoes_its_graph_alone(void **state)
{
    (void)state;
    json_t *good = json_pack("[o]", node("a", "POST", SOBJECTS "Account", json_pack("{s:s}", "Name", "Stays")));
    json_t *bad = json_pack("[o, o, o]", node("a", "POST", SOBJECTS "Account", json_pack("{s:s}", "Name", "Goes")),
                            node("b", "POST", SOBJECTS "Contact", json_object()),
                            node("c", "POST", SOBJECTS "Account", json_pack("{s:s}", "Name", "Never")));
    json_t *graphs = json_pack("[{s:s, s:o}, {s:s, s:o}]", "graphId", "1", "compositeRequest", bad, "graphId", "2",
                               "compositeRequest", good);
    assert_status(post("composite/graph", json_pack("{s:o}", "graphs", graphs)), 200);
    assert_true(json_is_false(at("graphs.0.isSuccessful")));
    assert_true(json_is_true(at("graphs.1.isSuccessful")));
    assert_int_equal(int_at("graphs.0.graphResponse.compositeResponse.0.httpStatusCode"), 400);
    assert_string_equal(text_at("graphs.0.graphResponse.compositeResponse.0.body.0.errorCode"), "PROCESSING_HALTED");
    assert_int_equal(json_object_size(at("graphs.0.graphResponse.compositeResponse.0.httpHeaders")), 0);
    assert_string_equal(text_at("graphs.0.graphResponse.compositeResponse.1.body.0.errorCode"),
                        "REQUIRED_FIELD_MISSING");
    assert_string_equal(text_at("graphs.0.graphResponse.compositeResponse.2.body.0.errorCode"), "PROCESSING_HALTED");
    assert_int_equal(rows("SELECT Id FROM Account WHERE Name IN ('Goes', 'Never')"), 0);
    assert_int_equal(rows("SELECT Id FROM Account WHERE Name = 'Stays'"), 1);
}

static void a_programmed_fault_rolls_back_as_a_real_one(void **state)
{
    (void)state;
    plan("{\"object\":\"Contact\",\"status\":403,\"errorCode\":\"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY\","
         "\"message\":\"no\"}");
    json_t *steps = json_pack("[o, o]", node("a", "POST", SOBJECTS "Account", json_pack("{s:s}", "Name", "Goes")),
                              node("b", "POST", SOBJECTS "Contact", json_pack("{s:s}", "LastName", "x")));
    assert_status(
        post("composite/graph", json_pack("{s:[{s:s, s:o}]}", "graphs", "graphId", "g", "compositeRequest", steps)),
        200);
    assert_int_equal(int_at("graphs.0.graphResponse.compositeResponse.1.httpStatusCode"), 403);
    assert_int_equal(rows("SELECT Id FROM Account WHERE Name = 'Goes'"), 0);
}

static json_t *graphs_of(int graphs, int nodes)
{
    json_t *list = json_array();
    for (int g = 0; g < graphs; g++) {
        json_t *steps = json_array();
        char id[20];
        for (int i = 0; i < nodes; i++) {
            snprintf(id, sizeof id, "n%d", i);
            json_array_append_new(steps, node(id, "POST", SOBJECTS "Account", json_pack("{s:s}", "Name", "many")));
        }
        snprintf(id, sizeof id, "g%d", g);
        json_array_append_new(list, json_pack("{s:s, s:o}", "graphId", id, "compositeRequest", steps));
    }
    return json_pack("{s:o}", "graphs", list);
}

static void graphs_have_limits(void **state)
{
    (void)state;
    assert_status(post("composite/graph", graphs_of(75, 1)), 200);
    assert_status(post("composite/graph", graphs_of(76, 1)), 400);
    assert_status(post("composite/graph", graphs_of(1, 500)), 200);
    assert_status(post("composite/graph", graphs_of(1, 501)), 400);
    assert_status(post("composite/graph", graphs_of(2, 251)), 400); /* 500 in the whole payload */
    for (int depth = 15; depth <= 16; depth++) {
        json_t *steps = json_array();
        char id[20], body[60];
        for (int i = 0; i < depth; i++) {
            snprintf(id, sizeof id, "n%d", i);
            snprintf(body, sizeof body, i ? "@{n%d.id}" : "001xx000003DGb0", i - 1);
            json_array_append_new(
                steps, node(id, "POST", SOBJECTS "Account", json_pack("{s:s, s:s}", "Name", "deep", "ParentId", body)));
        }
        assert_status(
            post("composite/graph", json_pack("{s:[{s:s, s:o}]}", "graphs", "graphId", "g", "compositeRequest", steps)),
            depth == 15 ? 200 : 400);
    }
    for (int kinds = 15; kinds <= 16; kinds++) {
        json_t *steps = json_array();
        for (int i = 0; i < kinds; i++) {
            char id[20], url[100];
            snprintf(id, sizeof id, "n%d", i);
            snprintf(url, sizeof url, "/services/data/v%d.0/sobjects/Account", 40 + i);
            json_array_append_new(steps, node(id, "POST", url, json_pack("{s:s}", "Name", "kinds")));
        }
        assert_status(
            post("composite/graph", json_pack("{s:[{s:s, s:o}]}", "graphs", "graphId", "g", "compositeRequest", steps)),
            kinds == 15 ? 200 : 400);
    }
}

static void after_fourteen_failures_the_rest_is_halted(void **state)
{
    (void)state;
    plan("{\"object\":\"Account\",\"errorCode\":\"UNABLE_TO_LOCK_ROW\",\"times\":14}");
    assert_status(post("composite/graph", graphs_of(16, 1)), 200);
    assert_string_equal(text_at("graphs.13.graphResponse.compositeResponse.0.body.0.errorCode"), "UNABLE_TO_LOCK_ROW");
    assert_string_equal(text_at("graphs.14.graphResponse.compositeResponse.0.body.0.errorCode"), "PROCESSING_HALTED");
    assert_true(json_is_false(at("graphs.15.isSuccessful")));
    assert_int_equal(rows("SELECT Id FROM Account WHERE Name = 'many'"), 0);
    plan("{\"object\":\"Account\",\"errorCode\":\"UNABLE_TO_LOCK_ROW\",\"times\":13}");
    assert_status(post("composite/graph", graphs_of(16, 1)), 200);
    assert_true(json_is_true(at("graphs.13.isSuccessful")));
    assert_int_equal(rows("SELECT Id FROM Account WHERE Name = 'many'"), 3);
}

static void malformed_graphs_are_refused(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"graphs\":[]}",
        "{\"graphs\":[{\"graphId\":\"g\",\"compositeRequest\":[]}]}",
        "{\"graphs\":[{\"compositeRequest\":[{\"referenceId\":\"a\",\"method\":\"GET\",\"url\":\"/services/data/v62.0/"
        "limits\"}]}]}",
        "{\"graphs\":[{\"graphId\":\"g\",\"compositeRequest\":[{\"method\":\"GET\",\"url\":\"/x\"}]}]}",
        "{\"graphs\":[{\"graphId\":\"g\",\"compositeRequest\":[{\"referenceId\":\"a "
        "b\",\"method\":\"GET\",\"url\":\"/x\"}]}]}",
        "{\"graphs\":[{\"graphId\":\"g\",\"compositeRequest\":[{\"referenceId\":\"a\",\"method\":\"GET\",\"url\":\"/"
        "x\"},{\"referenceId\":\"a\",\"method\":\"GET\",\"url\":\"/x\"}]}]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_int_equal(call("POST", "composite/graph", bodies[i]), 400);
}

static void composite_goes_on_unless_told_otherwise(void **state)
{
    (void)state;
    for (int together = 0; together < 2; together++) {
        json_t *steps = json_pack(
            "[o, o, o, o, o]",
            node("q", "GET", "/services/data/v62.0/query?q=SELECT+Id,+Name+FROM+Account+WHERE+Name='Koa+Cars'", NULL),
            node("c", "POST", SOBJECTS "Contact",
                 json_pack("{s:s, s:s}", "LastName", "Found", "AccountId", "@{q.records[0].Id}")),
            node("bad", "POST", SOBJECTS "Contact", json_object()),
            node("ref", "POST", SOBJECTS "Contact", json_pack("{s:s}", "LastName", "@{bad.id}")),
            node("l", "GET", "/services/data/v62.0/limits", NULL));
        assert_status(post("composite", json_pack("{s:b, s:o}", "allOrNone", together, "compositeRequest", steps)),
                      200);
        assert_int_equal(int_at("compositeResponse.1.httpStatusCode"), together ? 400 : 201);
        assert_string_equal(text_at("compositeResponse.2.body.0.errorCode"), "REQUIRED_FIELD_MISSING");
        assert_string_equal(text_at("compositeResponse.3.body.0.errorCode"), "PROCESSING_HALTED");
        assert_int_equal(int_at("compositeResponse.4.httpStatusCode"), together ? 400 : 200);
        assert_int_equal(rows("SELECT Id FROM Contact WHERE LastName = 'Found' AND Account.Name = 'Koa Cars'"), 1);
    }
}

static void composite_takes_twenty_five(void **state)
{
    (void)state;
    for (int n = 25; n <= 26; n++) {
        json_t *steps = json_array();
        for (int i = 0; i < n; i++) {
            char id[20];
            snprintf(id, sizeof id, "n%d", i);
            json_array_append_new(steps, node(id, "GET", "/services/data/v62.0/limits", NULL));
        }
        assert_status(post("composite", json_pack("{s:o}", "compositeRequest", steps)), n == 25 ? 200 : 400);
    }
    /* no composite within a composite */
    assert_status(post("composite", json_pack("{s:[o]}", "compositeRequest",
                                              node("a", "POST", "/services/data/v62.0/composite", json_object()))),
                  200);
    assert_int_equal(int_at("compositeResponse.0.httpStatusCode"), 404);
}

static void a_batch_is_independent_requests(void **state)
{
    static const char body[] =
        "{\"batchRequests\":[{\"method\":\"GET\",\"url\":\"v62.0/sobjects/Account/001xx000003DGb0?fields=Name\"},"
        "{\"method\":\"PATCH\",\"url\":\"v62.0/sobjects/Account/001xx000003DGb0\",\"richInput\":{\"Name\":\"Koa\"}},"
        "{\"method\":\"GET\",\"url\":\"/services/data/v62.0/sobjects/Nope\"},{\"method\":\"GET\",\"url\":\"v62.0/"
        "limits\"}]%s}";
    char text[800];
    (void)state;
    snprintf(text, sizeof text, body, "");
    assert_status(call("POST", "composite/batch", text), 200);
    assert_true(json_is_true(at("hasErrors")));
    assert_string_equal(text_at("results.0.result.Name"), "Koa Cars");
    assert_int_equal(int_at("results.1.statusCode"), 204);
    assert_true(json_is_null(at("results.1.result")));
    assert_int_equal(int_at("results.2.statusCode"), 404);
    assert_int_equal(int_at("results.3.statusCode"), 200);
    snprintf(text, sizeof text, body, ",\"haltOnError\":true");
    assert_status(call("POST", "composite/batch", text), 200);
    assert_int_equal(int_at("results.3.statusCode"), 412);
    assert_string_equal(text_at("results.3.result.0.errorCode"), "BATCH_PROCESSING_HALTED");
}

static json_t *contacts(int n, int bad, bool together)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(
            list, i == bad ? json_pack("{s:{s:s}}", "attributes", "type", "Contact")
                           : json_pack("{s:{s:s}, s:s}", "attributes", "type", "Contact", "LastName", "Listed"));
    return json_pack("{s:b, s:o}", "allOrNone", together, "records", list);
}

static void collections_take_two_hundred(void **state)
{
    (void)state;
    assert_status(post("composite/sobjects", contacts(200, 7, false)), 200);
    assert_int_equal(json_array_size(json), 200);
    assert_true(json_is_true(at("0.success")));
    assert_true(json_is_false(at("7.success")));
    assert_null(at("7.id"));
    assert_string_equal(text_at("7.errors.0.statusCode"), "REQUIRED_FIELD_MISSING");
    assert_string_equal(text_at("7.errors.0.fields.0"), "LastName");
    assert_int_equal(rows("SELECT Id FROM Contact WHERE LastName = 'Listed'"), 199);
    assert_status(post("composite/sobjects", contacts(201, -1, false)), 400);
    assert_error(400, "EXCEEDED_ID_LIMIT");
    assert_status(post("composite/sobjects", contacts(3, 1, true)), 200);
    assert_string_equal(text_at("0.errors.0.statusCode"), "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_string_equal(text_at("1.errors.0.statusCode"), "REQUIRED_FIELD_MISSING");
    assert_int_equal(rows("SELECT Id FROM Contact WHERE LastName = 'Listed'"), 199);
}

static void collections_update_upsert_read_and_delete(void **state)
{
    (void)state;
    assert_status(
        call("PATCH", "composite/sobjects",
             "{\"records\":[{\"attributes\":{\"type\":\"Account\"},\"id\":\"001xx000003DGb0\",\"Name\":\"A\"},"
             "{\"attributes\":{\"type\":\"Account\"},\"Id\":\"001xx0000000000\",\"Name\":\"B\"},{\"attributes\":{"
             "\"type\":\"Account\"},\"Name\":\"C\"},"
             "{\"attributes\":{\"type\":\"Nope\"},\"Id\":\"001xx000003DGb0\"},{\"Name\":\"no type\"}]}"),
        200);
    assert_true(json_is_true(at("0.success")));
    assert_string_equal(text_at("1.errors.0.statusCode"), "INVALID_CROSS_REFERENCE_KEY");
    assert_string_equal(text_at("2.errors.0.statusCode"), "MISSING_ARGUMENT");
    assert_string_equal(text_at("3.errors.0.statusCode"), "INVALID_TYPE");
    assert_true(json_is_false(at("4.success")));
    static const char upsert[] = "{\"allOrNone\":false,\"records\":[{\"attributes\":{\"type\":\"Account\"},"
                                 "\"AppLinkKey__c\":\"k1\",\"Name\":\"One\"},"
                                 "{\"attributes\":{\"type\":\"Account\"},\"applinkkey__c\":\"k2\",\"Name\":\"Two\"},{"
                                 "\"attributes\":{\"type\":\"Account\"},\"Name\":\"None\"}]}";
    assert_status(call("PATCH", "composite/sobjects/Account/AppLinkKey__c", upsert), 200);
    assert_true(json_is_true(at("0.created")));
    assert_true(json_is_true(at("1.created")));
    assert_string_equal(text_at("2.errors.0.statusCode"), "MISSING_ARGUMENT");
    assert_status(call("PATCH", "composite/sobjects/Account/AppLinkKey__c", upsert), 200);
    assert_true(json_is_false(at("0.created")));
    assert_int_equal(rows("SELECT Id FROM Account WHERE AppLinkKey__c != null"), 2);
    assert_status(
        call("GET", "composite/sobjects/Account?ids=001xx000003DGb1,001xx0000000000,001xx000003DGb0&fields=Name", NULL),
        200);
    assert_string_equal(text_at("0.Name"), "Northwind Air");
    assert_true(json_is_null(at("1")));
    assert_string_equal(text_at("2.Name"), "A");
    assert_status(call("POST", "composite/sobjects/Account",
                       "{\"ids\":[\"001xx000003DGb1\"],\"fields\":[\"Name\",\"Industry\"]}"),
                  200);
    assert_string_equal(text_at("0.Industry"), "Transportation");
    assert_int_equal(call("GET", "composite/sobjects/Account?ids=001xx000003DGb1&fields=Nope", NULL), 400);
    assert_error(400, "INVALID_FIELD");
    assert_status(
        call("DELETE", "composite/sobjects?ids=003xx000004TmQ0,001xx000003DGb2,nonsense&allOrNone=true", NULL), 200);
    assert_string_equal(text_at("0.errors.0.statusCode"), "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_int_equal(rows("SELECT Id FROM Contact"), 5);
    assert_status(
        call("DELETE", "composite/sobjects?ids=003xx000004TmQ0,001xx000003DGb2,nonsense&allOrNone=false", NULL), 200);
    assert_true(json_is_true(at("1.success")));
    assert_string_equal(text_at("2.errors.0.statusCode"), "MALFORMED_ID");
    assert_int_equal(rows("SELECT Id FROM Contact"), 4);
}

static void trees_are_all_or_nothing(void **state)
{
    static const char tree[] = "{\"records\":[{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"a\"},\"Name\":"
                               "\"Tree\",\"Contacts\":{\"records\":["
                               "{\"attributes\":{\"type\":\"Contact\",\"referenceId\":\"c1\"},\"LastName\":\"Leaf\"},{"
                               "\"attributes\":{\"type\":\"Contact\",\"referenceId\":\"c2\"}%s}]}}]}";
    char text[600];
    (void)state;
    snprintf(text, sizeof text, tree, ",\"LastName\":\"Leaf\"");
    assert_status(call("POST", "composite/tree/Account", text), 201);
    assert_true(json_is_false(at("hasErrors")));
    assert_int_equal(json_array_size(at("results")), 3);
    assert_int_equal(rows("SELECT Id FROM Contact WHERE Account.Name = 'Tree'"), 2);
    snprintf(text, sizeof text, tree, "");
    assert_status(call("POST", "composite/tree/Account", text), 400);
    assert_true(json_is_true(at("hasErrors")));
    assert_string_equal(text_at("results.0.referenceId"), "c2");
    assert_int_equal(rows("SELECT Id FROM Account WHERE Name = 'Tree'"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_graph_of_references_is_one_unit, fixture_reset),
        cmocka_unit_test_setup(a_failed_step_undoes_its_graph_alone, fixture_reset),
        cmocka_unit_test_setup(a_programmed_fault_rolls_back_as_a_real_one, fixture_reset),
        cmocka_unit_test_setup(graphs_have_limits, fixture_reset),
        cmocka_unit_test_setup(after_fourteen_failures_the_rest_is_halted, fixture_reset),
        cmocka_unit_test_setup(malformed_graphs_are_refused, fixture_reset),
        cmocka_unit_test_setup(composite_goes_on_unless_told_otherwise, fixture_reset),
        cmocka_unit_test_setup(composite_takes_twenty_five, fixture_reset),
        cmocka_unit_test_setup(a_batch_is_independent_requests, fixture_reset),
        cmocka_unit_test_setup(collections_take_two_hundred, fixture_reset),
        cmocka_unit_test_setup(collections_update_upsert_read_and_delete, fixture_reset),
        cmocka_unit_test_setup(trees_are_all_or_nothing, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
