/* test_client_units.c - the Salesforce client: units of work, collections and files, up to their limits and one beyond.
 */
#include "tests/unit/check.h"

#include "runtime/base/encoding.h"
#include "tests/unit/client/routes.h"

/* ---- case 43: unit of work ---- */

static void test_43_unit_tree(void **state)
{
    WITH_ROUTES({ "POST", BASE "composite/graph", 200,
                  "{\"graphs\":[{\"graphId\":\"graph0\",\"graphResponse\":{\"compositeResponse\":["
                  "{\"body\":null,\"httpHeaders\":{},\"httpStatusCode\":204,\"referenceId\":\"ref2\"},"
                  "{\"body\":{\"id\":\"a03B0000007BhQQIA0\",\"success\":true,\"errors\":[]},\"httpHeaders\":{},"
                  "\"httpStatusCode\":201,\"referenceId\":\"ref0\"},"
                  "{\"body\":{\"id\":\"a00B000000FSkioIAD\",\"success\":true,\"errors\":[]},\"httpHeaders\":{},"
                  "\"httpStatusCode\":201,\"referenceId\":\"ref1\"},"
                  "{\"body\":null,\"httpHeaders\":{},\"httpStatusCode\":204,\"referenceId\":\"ref3\"}"
                  "]},\"isSuccessful\":true}]}",
                  NULL })
    struct sf_unit *unit = sf_unit_new(org);
    json_t *a = json_pack("{s:s}", "Name", "Star Wars");
    const char *ref = sf_unit_create(unit, "Franchise__c", a);
    assert_string_equal(ref, "@{ref0.id}");
    json_t *b = json_pack("{s:s}", "Franchise__c", ref);
    assert_string_equal(sf_unit_create(unit, "Movie__c", b), "@{ref1.id}");
    assert_string_equal(sf_unit_update(unit, "Movie__c", "a00B000000FSjVUIA1", a), "@{ref2.id}");
    assert_string_equal(sf_unit_delete(unit, "Movie__c", ref), "@{ref3.id}");
    assert_true(sf_unit_commit(unit, &err));
    assert_string_equal(sf_unit_result(unit, 0)->id, "a03B0000007BhQQIA0");
    assert_string_equal(sf_unit_result(unit, 1)->id, "a00B000000FSkioIAD");
    assert_string_equal(sf_unit_result(unit, 2)->id, "a00B000000FSjVUIA1");
    assert_true(sf_unit_result(unit, 3)->success);
    assert_false(sf_unit_result(unit, 4)->success);
    json_t *sent = json_loads(routes.last_body, 0, NULL);
    json_t *nodes = json_object_get(json_array_get(json_object_get(sent, "graphs"), 0), "compositeRequest");
    assert_string_equal(sf_get_text(json_array_get(nodes, 1), "body.Franchise__c"), "@{ref0.id}");
    assert_string_equal(sf_get_text(json_array_get(nodes, 2), "url"), BASE "sobjects/Movie__c/a00B000000FSjVUIA1");
    assert_string_equal(sf_get_text(json_array_get(nodes, 3), "url"), BASE "sobjects/Movie__c/@{ref0.id}");
    assert_null(json_object_get(json_array_get(nodes, 3), "body"));
    json_decref(sent);
    assert_false(sf_unit_commit(unit, &err)); /* once only */
    assert_int_equal(k->server->requests, 1);
    /* an empty unit is done without a request */
    assert_true(sf_unit_commit(sf_unit_new(org), &err));
    assert_int_equal(k->server->requests, 1);
    json_decref(a);
    json_decref(b);
    DONE;
}

static void test_43_unit_multiple_errors(void **state)
{
    WITH_ROUTES({ "POST", BASE "composite/graph", 200,
                  "{\"graphs\":[{\"graphId\":\"graph0\",\"graphResponse\":{\"compositeResponse\":["
                  "{\"body\":[{\"errorCode\":\"PROCESSING_HALTED\",\"message\":\"We rolled "
                  "back\"}],\"httpHeaders\":{},\"httpStatusCode\":400,\"referenceId\":\"ref0\"},"
                  "{\"body\":[{\"errorCode\":\"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY\",\"message\":\"You "
                  "can\xe2\x80\x99t\"}],\"httpHeaders\":{},\"httpStatusCode\":403,\"referenceId\":\"ref1\"}"
                  "]},\"isSuccessful\":false}]}",
                  NULL })
    struct sf_unit *unit = sf_unit_new(org);
    json_t *a = json_pack("{s:s}", "Name", "x");
    assert_non_null(sf_unit_create(unit, "Account", a));
    assert_non_null(sf_unit_create(unit, "Contact", a));
    assert_false(sf_unit_commit(unit, &err));
    assert_string_equal(err.code, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY");
    assert_int_equal(err.status, 403);
    assert_false(err.outcome_unknown);
    assert_string_equal(sf_unit_result(unit, 0)->error.code, "PROCESSING_HALTED");
    assert_string_equal(sf_unit_result(unit, 1)->error.code, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY");
    json_decref(a);
    DONE;
}

static void test_43_unit_answers_that_contradict(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"graphs\":[]}",
        "{\"graphs\":[{\"graphId\":\"graph0\",\"isSuccessful\":true}]}",
        "{\"graphs\":[{\"graphId\":\"graph0\",\"graphResponse\":{\"compositeResponse\":[]},\"isSuccessful\":true}]}",
        "{\"graphs\":[{\"graphId\":\"other\",\"graphResponse\":{\"compositeResponse\":[{\"body\":null,"
        "\"httpStatusCode\":204,\"referenceId\":\"ref0\"}]},\"isSuccessful\":true}]}",
        "{\"graphs\":[{\"graphId\":\"graph0\",\"graphResponse\":{\"compositeResponse\":[{\"body\":null,"
        "\"httpStatusCode\":204,\"referenceId\":\"ref0\"}]},\"isSuccessful\":false}]}",
        "{\"graphs\":[{\"graphId\":\"graph0\",\"graphResponse\":{\"compositeResponse\":[{\"body\":null,"
        "\"httpStatusCode\":204,\"referenceId\":\"ref0\"}]},\"isSuccessful\":\"yes\"}]}",
        "{\"graphs\":[{\"graphId\":\"graph0\",\"graphResponse\":{\"compositeResponse\":[{\"body\":null,"
        "\"httpStatusCode\":400,\"referenceId\":\"ref0\"}]},\"isSuccessful\":true}]}",
        "{\"graphs\":[{\"graphId\":\"graph0\",\"graphResponse\":{\"compositeResponse\":[{\"body\":null,\"referenceId\":"
        "\"ref0\"}]},\"isSuccessful\":true}]}",
    };
    struct route table[] = { { "POST", BASE "composite/graph", 200, NULL, NULL } };
    struct routes routes = { .v = table, .n = 1 };
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct kit *k = kit_new(serve, &routes);
        struct sf_error err;
        struct sf_unit *unit = sf_unit_new(act_org(&k->call));
        json_t *a = json_object();
        table[0].body = bad[i];
        assert_non_null(sf_unit_create(unit, "Account", a));
        if (sf_unit_commit(unit, &err))
            fail_msg("taken: %s", bad[i]);
        assert_string_equal(err.code, "BAD_REPLY");
        assert_true(err.outcome_unknown); /* it may have been written */
        json_decref(a);
        kit_free(k);
    }
    routes_free(&routes);
}

/* An org that knows the limits of composite graphs: answers every graph, fails those that create a "Bad__c". */
struct graph_org {
    int requests, most_graphs, most_nodes, most_kinds, failures;
    int halt_after; /* failed graphs in one request */
};

static json_t *graph_answer(struct graph_org *o, const json_t *graph, int *failed)
{
    json_t *list = json_array();
    size_t i;
    const json_t *node;
    bool bad = false, halted = *failed >= o->halt_after;
    json_array_foreach (json_object_get(graph, "compositeRequest"), i, node)
        bad = bad || strstr(sf_get_text(node, "url"), "Bad__c");
    json_array_foreach (json_object_get(graph, "compositeRequest"), i, node) {
        const char *ref = sf_get_text(node, "referenceId");
        bool culprit = bad && !halted && strstr(sf_get_text(node, "url"), "Bad__c");
        if (bad || halted)
            json_array_append_new(list, json_pack("{s:[{s:s,s:s}], s:i, s:s}", "body", "errorCode",
                                                  culprit ? "REQUIRED_FIELD_MISSING" : "PROCESSING_HALTED", "message",
                                                  "m", "httpStatusCode", 400, "referenceId", ref));
        else
            json_array_append_new(list, json_pack("{s:{s:s,s:b,s:[]}, s:i, s:s}", "body", "id", "001B000001Lp1FxIAJ",
                                                  "success", 1, "errors", "httpStatusCode", 201, "referenceId", ref));
    }
    *failed += bad && !halted;
    return json_pack("{s:O, s:{s:o}, s:b}", "graphId", json_object_get(graph, "graphId"), "graphResponse",
                     "compositeResponse", list, "isSuccessful", !(bad || halted));
}

static void serve_graphs(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    struct graph_org *o = ctx;
    json_t *body = json_loadb(q->body, q->n, 0, NULL), *answers = json_array(), *kinds = json_object();
    const json_t *graph, *node;
    size_t g, i, nodes = 0;
    int failed = 0;
    o->requests++;
    json_array_foreach (json_object_get(body, "graphs"), g, graph) {
        json_array_foreach (json_object_get(graph, "compositeRequest"), i, node) {
            char kind[300];
            snprintf(kind, sizeof kind, "%s %s", sf_get_text(node, "method"), sf_get_text(node, "url"));
            json_object_set_new(kinds, kind, json_true());
            nodes++;
        }
        json_array_append_new(answers, graph_answer(o, graph, &failed));
    }
    if ((int)g > o->most_graphs)
        o->most_graphs = (int)g;
    if ((int)nodes > o->most_nodes)
        o->most_nodes = (int)nodes;
    if ((int)json_object_size(kinds) > o->most_kinds)
        o->most_kinds = (int)json_object_size(kinds);
    json_t *answer = json_pack("{s:o}", "graphs", answers);
    r->body = json_dumps(answer, JSON_COMPACT);
    r->n = strlen(r->body);
    r->free_body = true;
    json_decref(answer);
    json_decref(kinds);
    json_decref(body);
}

static struct sf_unit *unit_of(struct sf_org *org, size_t steps, const char *object)
{
    struct sf_unit *unit = sf_unit_new(org);
    json_t *fields = json_pack("{s:i}", "N", 1);
    for (size_t i = 0; i < steps; i++)
        assert_non_null(sf_unit_create(unit, object, fields));
    json_decref(fields);
    return unit;
}

static void test_unit_limits(void **state)
{
    struct graph_org o = { .halt_after = 14 };
    struct kit *k = kit_new(serve_graphs, &o);
    struct sf_org *org = act_org(&k->call);
    struct sf_error err;
    struct sf_unit *units[80], *full;
    bool ok[80];
    json_t *fields = json_object();
    (void)state;
    /* 500 steps go, the 501st does not, and then the whole unit does not */
    full = unit_of(org, 500, "Account");
    assert_true(sf_unit_commit(full, &err));
    assert_int_equal(o.most_nodes, 500);
    full = unit_of(org, 500, "Account");
    assert_null(sf_unit_create(full, "Account", fields));
    assert_false(sf_unit_commit(full, &err));
    assert_string_equal(err.code, "BAD_VALUE");
    assert_int_equal(o.requests, 1);
    json_decref(fields);
    /* 75 graphs in one request, 76 in two */
    for (size_t n = 75; n <= 76; n++) {
        o = (struct graph_org){ .halt_after = 14 };
        for (size_t i = 0; i < n; i++)
            units[i] = unit_of(org, 1, "Account");
        assert_true(sf_units_commit(units, n, ok, &err));
        assert_int_equal(o.requests, n == 75 ? 1 : 2);
        assert_int_equal(o.most_graphs, 75);
        for (size_t i = 0; i < n; i++)
            assert_true(ok[i]);
    }
    /* never more than 500 nodes together, and no unit torn apart */
    o = (struct graph_org){ .halt_after = 14 };
    for (size_t i = 0; i < 5; i++)
        units[i] = unit_of(org, i == 4 ? 1 : 250, "Account");
    assert_true(sf_units_commit(units, 5, ok, &err));
    assert_int_equal(o.requests, 3);
    assert_int_equal(o.most_nodes, 500);
    /* nor more than 15 kinds of nodes */
    o = (struct graph_org){ .halt_after = 14 };
    for (size_t i = 0; i < 32; i++) {
        char object[16];
        snprintf(object, sizeof object, "Object%zu__c", i);
        units[i] = unit_of(org, 1, object);
    }
    assert_true(sf_units_commit(units, 32, ok, &err));
    assert_int_equal(o.requests, 3);
    assert_int_equal(o.most_kinds, 15);
    kit_free(k);
}

static void test_units_halted_by_others_go_again(void **state)
{
    struct graph_org o = { .halt_after = 14 };
    struct kit *k = kit_new(serve_graphs, &o);
    struct sf_org *org = act_org(&k->call);
    struct sf_error err;
    struct sf_unit *units[60];
    bool ok[60];
    (void)state;
    /* 30 bad ones in front: 14, 14 and 2 of them fail, request by request; the good ones behind get written */
    for (size_t i = 0; i < 60; i++)
        units[i] = unit_of(org, 2, i < 30 ? "Bad__c" : "Account");
    assert_true(sf_units_commit(units, 60, ok, &err));
    assert_int_equal(o.requests, 3);
    for (size_t i = 0; i < 60; i++) {
        assert_int_equal(ok[i], i >= 30);
        assert_string_equal(sf_unit_result(units[i], 0)->error.code, i < 30 ? "REQUIRED_FIELD_MISSING" : "");
    }
    /* an org that halts everything is not asked for ever */
    o = (struct graph_org){ .halt_after = 0 };
    units[0] = unit_of(org, 1, "Account");
    assert_true(sf_units_commit(units, 1, ok, &err));
    assert_false(ok[0]);
    assert_int_equal(o.requests, 1);
    kit_free(k);
}

/* ---- collections ---- */

struct collection_org {
    int requests, most;
    bool fail_second;
};

static void serve_collection(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    struct collection_org *o = ctx;
    json_t *body = json_loadb(q->body, q->n, 0, NULL), *answer = json_array();
    size_t i;
    const json_t *record;
    o->requests++;
    json_array_foreach (json_object_get(body, "records"), i, record) {
        if (json_is_true(json_object_get(record, "Bad")))
            json_array_append_new(answer, json_loads("{\"success\":false,\"errors\":[{\"statusCode\":\"DUPLICATES_"
                                                     "DETECTED\",\"message\":\"dup\",\"fields\":[\"A\",\"B\"]}]}",
                                                     0, NULL));
        else
            json_array_append_new(
                answer, json_loads("{\"id\":\"001B000001Lp1FxIAJ\",\"success\":true,\"errors\":[]}", 0, NULL));
    }
    if ((int)i > o->most)
        o->most = (int)i;
    r->status = o->fail_second && o->requests == 2 ? 500 : 200;
    r->body = json_dumps(answer, 0);
    r->n = strlen(r->body);
    r->free_body = true;
    json_decref(answer);
    json_decref(body);
}

static json_t *many_records(size_t n, bool with_id)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *record = json_pack("{s:{s:s}, s:b}", "attributes", "type", "Account", "Bad", i == 3);
        if (with_id)
            json_object_set_new(record, "ID", json_string("001B000001Lp1FxIAJ"));
        json_array_append_new(list, record);
    }
    return list;
}

static void test_collections(void **state)
{
    struct collection_org o = { 0 };
    struct kit *k = kit_new(serve_collection, &o);
    struct sf_org *org = act_org(&k->call);
    struct sf_result *results = calloc(450, sizeof *results);
    struct sf_error err;
    (void)state;
    for (size_t n = 200; n <= 201; n++) {
        json_t *records = many_records(n, n == 201);
        o = (struct collection_org){ 0 };
        assert_true((n == 200 ? sf_create_many : sf_update_many)(org, records, n == 200, results, &err));
        assert_int_equal(o.requests, n == 200 ? 1 : 2);
        assert_int_equal(o.most, 200);
        assert_true(results[n - 1].success);
        assert_false(results[3].success);
        assert_string_equal(results[3].error.code, "DUPLICATES_DETECTED");
        assert_string_equal(results[3].error.fields, "A,B");
        /* all or nothing cannot be kept over two requests, so it is not promised */
        if (n == 201)
            assert_false(sf_create_many(org, records, true, results, &err));
        json_decref(records);
    }
    /* the second of three blocks fails: the first stands, the third was not sent */
    json_t *records = many_records(450, false);
    o = (struct collection_org){ .fail_second = true };
    assert_false(sf_create_many(org, records, false, results, &err));
    assert_int_equal(o.requests, 2);
    assert_true(results[199].success);
    assert_int_equal(results[200].error.status, 500);
    assert_string_equal(results[449].error.code, "NOT_SENT");
    json_decref(records);
    o.requests = 0;
    records = json_pack("[{s:s}]", "Name", "without a type");
    assert_false(sf_create_many(org, records, false, results, &err));
    json_decref(records);
    records = many_records(1, false);
    assert_false(sf_update_many(org, records, false, results, &err)); /* without an id */
    json_decref(records);
    assert_int_equal(o.requests, 0);
    free(results);
    kit_free(k);
}

/* ---- files ---- */

static void test_upload(void **state)
{
    WITH_ROUTES({ "POST", BASE "sobjects/ContentVersion", 201,
                  "{\"id\":\"068R0000002Hu1FIAS\",\"success\":true,\"errors\":[]}", NULL })
    char id[SF_ID_SIZE] = "";
    size_t n = LIMIT_UPLOAD_JSON + 1;
    char *data = malloc(n);
    for (size_t i = 0; i < n; i++)
        data[i] = (char)(i * 7 + i / 251);
    json_t *fields = json_pack("{s:s}", "Title", "A \"card\"");
    /* at the limit: base64 in JSON */
    assert_true(sf_upload(org, "ContentVersion", "VersionData", fields, (struct act_bytes){ data, n - 1 }, "card.png",
                          id, &err));
    assert_string_equal(id, "068R0000002Hu1FIAS");
    json_t *sent = json_loads(routes.last_body, 0, NULL);
    unsigned char *back = malloc(n);
    const char *text = sf_get_text(sent, "VersionData");
    assert_int_equal(base64_decode(span_of(text), back, n), n - 1);
    assert_memory_equal(back, data, n - 1);
    assert_string_equal(sf_get_text(sent, "PathOnClient"), "card.png");
    json_decref(sent);
    /* above it: multipart, byte for byte, and a file name cannot break out of its quotes */
    assert_true(sf_upload(org, "ContentVersion", "VersionData", fields, (struct act_bytes){ data, n },
                          "c\"\r\nX: y.png", id, &err));
    char type[200];
    struct origin_request q = { .head = routes.last_head, .body = routes.last_head + strlen(routes.last_head) };
    origin_header(&q, "Content-Type", type, sizeof type);
    assert_int_equal(strncmp(type, "multipart/form-data; boundary=", 30), 0);
    assert_non_null(strstr(routes.last_body, "filename=\"c%22%0D%0AX: y.png\""));
    assert_non_null(strstr(routes.last_body, "\"Title\":\"A \\\"card\\\"\""));
    assert_null(strstr(routes.last_head, "X: y"));
    /* given twice */
    json_object_set_new(fields, "versiondata", json_string("x"));
    assert_false(sf_upload(org, "ContentVersion", "VersionData", fields, (struct act_bytes){ data, 1 }, "a", id, &err));
    assert_int_equal(k->server->requests, 2);
    assert_int_equal(json_object_size(fields), 2);
    json_decref(fields);
    free(back);
    free(data);
    DONE;
}

struct bytes_seen {
    char *p;
    size_t n;
};

static void keep_bytes(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    struct bytes_seen *seen = ctx;
    seen->p = malloc(q->n);
    seen->n = q->n;
    memcpy(seen->p, q->body, q->n);
    r->status = 201;
    r->body = "{\"id\":\"068R0000002Hu1FIAS\",\"success\":true,\"errors\":[]}";
    r->n = strlen(r->body);
}

static void test_multipart_bytes(void **state)
{
    struct bytes_seen seen = { 0 };
    struct kit *k = kit_new(keep_bytes, &seen);
    struct sf_error err;
    char id[SF_ID_SIZE];
    size_t n = 3000000;
    char *data = malloc(n);
    json_t *fields = json_pack("{s:s}", "Title", "x");
    (void)state;
    for (size_t i = 0; i < n; i++)
        data[i] = (char)any64();
    assert_true(sf_upload(act_org(&k->call), "ContentVersion", "VersionData", fields, (struct act_bytes){ data, n },
                          "a.bin", id, &err));
    char *at = memmem(seen.p, seen.n, "octet-stream\r\n\r\n", 16);
    assert_non_null(at);
    assert_memory_equal(at + 16, data, n);
    assert_memory_equal(at + 16 + n, "\r\n--part-", 9);
    json_decref(fields);
    free(seen.p);
    free(data);
    kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_43_unit_tree),
        cmocka_unit_test(test_43_unit_multiple_errors),
        cmocka_unit_test(test_43_unit_answers_that_contradict),
        cmocka_unit_test(test_unit_limits),
        cmocka_unit_test(test_units_halted_by_others_go_again),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_upload),
        cmocka_unit_test(test_multipart_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
