/* test_client.c - the Salesforce client: the conformance cases of the official SDKs, paging, describe, and where a
 * token may go. */
#include "tests/unit/check.h"

#include "tests/client_kit.h"

/* A server whose answers are looked up by method and target; what is not there is 404. */
struct route {
    const char *method, *target; /* the target's beginning */
    int status;
    const char *body, *headers;
};
struct routes {
    const struct route *v;
    size_t n;
    char *last_body, *last_head, *last_target;
    char last_method[8];
};

static void serve(void *ctx, const struct loop_request *q, struct loop_reply *r)
{
    struct routes *routes = ctx;
    const struct route *best = NULL;
    free(routes->last_body);
    free(routes->last_head);
    free(routes->last_target);
    routes->last_body = strndup(q->body, q->n);
    routes->last_head = strndup(q->head, (size_t)(q->body - q->head));
    routes->last_target = strdup(q->target);
    copy_text(routes->last_method, sizeof routes->last_method, q->method);
    for (size_t i = 0; i < routes->n; i++) {
        const struct route *o = &routes->v[i];
        if (strcmp(o->method, q->method) == 0 && strncmp(o->target, q->target, strlen(o->target)) == 0 &&
            (!best || strlen(o->target) > strlen(best->target)))
            best = o;
    }
    r->status = best ? best->status : 404;
    r->body =
        best ? best->body : "[{\"errorCode\":\"NOT_FOUND\",\"message\":\"The requested resource does not exist\"}]";
    r->n = strlen(r->body);
    r->headers = best ? best->headers : NULL;
}

static void routes_free(struct routes *r)
{
    free(r->last_body);
    free(r->last_head);
    free(r->last_target);
}

#define WITH_ROUTES(...)                                                                                               \
    static const struct route table[] = { __VA_ARGS__ };                                                               \
    struct routes routes = { .v = table, .n = COUNT(table) };                                                          \
    struct kit *k = kit_new(serve, &routes);                                                                           \
    struct sf_org *org = act_org(&k->call);                                                                            \
    struct sf_error err;                                                                                               \
    (void)state;
#define DONE                                                                                                           \
    kit_free(k);                                                                                                       \
    routes_free(&routes)

#define BASE "/services/data/v51.0/"

/* ---- case 40: create ---- */

static void test_40_create(void **state)
{
    WITH_ROUTES({ "POST", BASE "sobjects/Movie__c", 201,
                  "{\"id\":\"a00B000000FSkcvIAD\",\"success\":true,\"errors\":[]}", NULL },
                { "POST", BASE "sobjects/Picky__c", 400,
                  "[{\"message\":\"Rating: bad "
                  "value\",\"errorCode\":\"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST\",\"fields\":[\"Rating__c\"]}]",
                  NULL },
                { "POST", BASE "sobjects/Late__c", 401,
                  "{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}", NULL },
                { "POST", BASE "sobjects/Spaceship__c", 400,
                  "[{\"fields\":[\"Website__c\"],\"errorCode\":\"REQUIRED_FIELD_MISSING\",\"message\":\"Required "
                  "fields are missing: [Website__c]\"}]",
                  NULL })
    char id[SF_ID_SIZE] = "untouched";
    json_t *fields =
        json_pack("{s:s, s:b, s:i, s:s, s:n}", "Name", "x", "False__c", 0, "Zero__c", 0, "Empty__c", "", "Null__c");
    assert_false(sf_create(org, "Picky__c", fields, id, &err));
    assert_string_equal(err.code, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    assert_string_equal(err.fields, "Rating__c");
    assert_int_equal(act_org_failed(&k->call, &err), ACT_REFUSED);
    assert_int_equal(k->call.refusal.status, 422);
    assert_false(sf_create(org, "Unknown__c", fields, id, &err));
    assert_int_equal(err.status, 404);
    assert_string_equal(err.code, "NOT_FOUND");
    assert_false(sf_create(org, "Late__c", fields, id, &err));
    assert_string_equal(err.code, "INVALID_SESSION_ID");
    assert_false(sf_create(org, "Spaceship__c", fields, id, &err));
    assert_string_equal(err.code, "REQUIRED_FIELD_MISSING");
    assert_string_equal(err.fields, "Website__c");
    int before = k->server->requests;
    assert_false(sf_create(org, "", fields, id, &err));
    assert_string_equal(err.message, "No object type is given for the record.");
    assert_false(sf_create(org, "Movie__c/../User", fields, id, &err));
    assert_int_equal(k->server->requests, before);
    assert_string_equal(id, "untouched");
    assert_true(sf_create(org, "Movie__c", fields, id, &err));
    assert_string_equal(id, "a00B000000FSkcvIAD");
    /* false, 0, "" and null go out as they are */
    json_t *sent = json_loads(routes.last_body, 0, NULL);
    assert_true(json_equal(sent, fields));
    json_decref(sent);
    /* an amount goes out as it is written, not with the noise of its binary form */
    json_object_clear(fields);
    json_object_set_new(fields, "Price__c", json_real(454.79));
    assert_true(sf_create(org, "Movie__c", fields, id, &err));
    assert_string_equal(routes.last_body, "{\"Price__c\":454.79}");
    json_decref(fields);
    DONE;
}

/* ---- case 41: query ---- */

static void test_41_query(void **state)
{
    WITH_ROUTES(
        { "GET", BASE "query?q=SELECT%20Id%2C%20Name%20FROM%20Account", 200,
          "{\"totalSize\":5,\"done\":false,\"nextRecordsUrl\":\"" BASE "query/01gB000003OCxSPIA1-2000\",\"records\":["
          "{\"Id\":\"1\",\"Flag__c\":false,\"Count__c\":0,\"Text__c\":\"\",\"Gone__c\":null,\"Owner\":{\"Name\":\"Guy "
          "Smiley\",\"Manager\":null}},"
          "{\"Id\":\"2\"}]}",
          NULL },
        { "GET", BASE "query/01gB000003OCxSPIA1-2000", 200,
          "{ \"records\" : [ {\"Id\":\"3\"} , {\"Id\":\"4\"},{\"Id\":\"5\"} ] , \"done\":true,\"totalSize\":5}", NULL },
        { "GET", BASE "query?q=html", 404, "<html>Not found</html>", NULL })
    struct sf_rows *rows;
    const json_t *r;
    int n = 0;
    assert_true(sf_query(org, &rows, &err, "SELECT Id, Name FROM Account"));
    assert_int_equal(sf_total(rows), 5);
    r = sf_next(rows, &err);
    assert_true(json_is_false(sf_get(r, "Flag__c")));
    assert_true(json_is_integer(sf_get(r, "Count__c")));
    assert_string_equal(sf_get_text(r, "Text__c"), "");
    assert_null(sf_get(r, "Gone__c"));
    assert_string_equal(sf_get_text(r, "owner.NAME"), "Guy Smiley");
    assert_null(sf_get(r, "Owner.Manager.Name"));
    assert_null(sf_get(r, "Own"));
    assert_null(sf_get(r, ""));
    assert_null(sf_get(r, "Owner."));
    assert_int_equal(k->server->requests, 1); /* the next page only when it is needed */
    for (n = 1; sf_next(rows, &err); n++)
        ;
    assert_int_equal(n, 5);
    assert_string_equal(err.code, "");
    assert_int_equal(k->server->requests, 2);
    assert_null(sf_next(rows, &err)); /* beyond the end: nothing, and no request */
    assert_int_equal(k->server->requests, 2);
    assert_false(sf_query(org, &rows, &err, "html"));
    assert_string_equal(err.code, "ERROR_HTTP_404");
    assert_string_equal(err.message, "Unexpected response with status: ERROR_HTTP_404");
    DONE;
}

static void test_41_children_have_pages_of_their_own(void **state)
{
    WITH_ROUTES({ "GET", BASE "query?q=", 200,
                  "{\"totalSize\":2,\"done\":true,\"records\":[{\"Id\":\"1\",\"Contacts\":{\"totalSize\":3,\"done\":"
                  "false,\"nextRecordsUrl\":\"" BASE "query/"
                  "01gX-200\",\"records\":[{\"Id\":\"a\",\"Cases\":{\"totalSize\":1,"
                  "\"done\":true,\"records\":[{\"Id\":\"x\"}]}}]},\"Notes\":null},"
                  "{\"Id\":\"2\",\"Contacts\":null}]}",
                  NULL },
                { "GET", BASE "query/01gX-200", 200,
                  "{\"totalSize\":3,\"done\":true,\"records\":[{\"Id\":\"b\"},{\"Id\":\"c\"}]}", NULL })
    struct sf_rows *rows, *contacts, *cases;
    const json_t *r, *c;
    char seen[8] = "";
    assert_true(sf_query(org, &rows, &err, "SELECT Id, (SELECT Id FROM Contacts) FROM Account"));
    r = sf_next(rows, &err);
    contacts = sf_children(rows, r, "contacts");
    assert_non_null(contacts);
    assert_int_equal(sf_total(contacts), 3);
    while ((c = sf_next(contacts, &err))) {
        strncat(seen, sf_get_text(c, "Id"), 1);
        if (seen[1] == '\0') {
            cases = sf_children(contacts, c, "Cases");
            assert_string_equal(sf_get_text(sf_next(cases, &err), "Id"), "x");
            assert_null(sf_next(cases, &err));
        }
    }
    assert_string_equal(err.code, "");
    assert_string_equal(seen, "abc");
    assert_null(sf_children(rows, r, "Notes"));
    assert_null(sf_children(rows, r, "Nothing"));
    assert_null(sf_children(rows, r, "Id"));
    r = sf_next(rows, &err);
    assert_null(sf_children(rows, r, "Contacts"));
    assert_null(sf_next(rows, &err));
    DONE;
}

static void test_pages_that_lead_astray(void **state)
{
    static const char *const pages[] = {
        "{\"totalSize\":1,\"done\":false,\"records\":[]}",
        "{\"totalSize\":1,\"done\":false,\"nextRecordsUrl\":\"https://evil.test/x\",\"records\":[]}",
        "{\"totalSize\":1,\"done\":false,\"nextRecordsUrl\":\"//evil.test/x\",\"records\":[]}",
        "{\"totalSize\":1,\"done\":false,\"nextRecordsUrl\":\"/a/../b\",\"records\":[]}",
        "{\"totalSize\":1,\"done\":false,\"nextRecordsUrl\":\"/a b\",\"records\":[]}",
        "{\"totalSize\":1,\"done\":false,\"nextRecordsUrl\":\"@evil.test\",\"records\":[]}",
        "{\"totalSize\":\"1\",\"done\":true,\"records\":[]}",
        "{\"totalSize\":1,\"done\":\"true\",\"records\":[]}",
        "{\"totalSize\":1,\"done\":true}",
        "{\"totalSize\":1,\"done\":true,\"records\":{}}",
        "{\"totalSize\":1,\"done\":true,\"records\":[],\"records\":[]}",
        "{\"totalSize\":1,\"done\":true,\"done\":true,\"records\":[]}",
        "{\"totalSize\":1,\"done\":true,\"records\":[{}]} {}",
        "{\"totalSize\":1,\"done\":true,\"records\":[{},]}",
        "{\"totalSize\":1,\"done\":true,\"records\":[{}{}]}",
        "{\"totalSize\":1,\"done\":true,\"records\":[{\"a\":[}]]}",
        "[]",
        "null",
        "{}",
        "\"",
        "",
    };
    struct route table[] = { { "GET", BASE "query", 200, NULL, NULL } };
    struct routes routes = { .v = table, .n = 1 };
    (void)state;
    for (size_t i = 0; i < COUNT(pages); i++) {
        struct kit *k = kit_new(serve, &routes);
        struct sf_rows *rows = NULL;
        struct sf_error err;
        table[0].body = pages[i];
        if (sf_query(act_org(&k->call), &rows, &err, "SELECT Id FROM A"))
            fail_msg("taken: %s", pages[i]);
        assert_null(rows);
        assert_true(err.code[0] && err.message[0]);
        assert_int_equal(k->server->requests, 1);
        kit_free(k);
    }
    routes_free(&routes);
}

static void test_a_page_that_is_its_own_next(void **state)
{
    WITH_ROUTES({ "GET", BASE "query", 200,
                  "{\"totalSize\":1,\"done\":false,\"nextRecordsUrl\":\"" BASE "query/1-2\",\"records\":[{}]}", NULL })
    struct sf_rows *rows;
    assert_true(sf_query(org, &rows, &err, "SELECT Id FROM A"));
    assert_non_null(sf_next(rows, &err));
    assert_null(sf_next(rows, &err));
    assert_string_equal(err.code, "BAD_REPLY");
    assert_null(sf_next(rows, &err));
    assert_string_equal(err.code, "BAD_REPLY"); /* it stays so */
    assert_int_equal(k->server->requests, 2);
    DONE;
}

static void test_a_query_too_long_for_a_url(void **state)
{
    WITH_ROUTES({ "POST", BASE "composite/batch", 200,
                  "{\"hasErrors\":false,\"results\":[{\"statusCode\":200,\"result\":{\"totalSize\":2,\"done\":false,"
                  "\"nextRecordsUrl\":\"" BASE "query/1-2\",\"records\":[{\"Id\":\"1\"}]}}]}",
                  NULL },
                { "GET", BASE "query/1-2", 200, "{\"totalSize\":2,\"done\":true,\"records\":[{\"Id\":\"2\"}]}", NULL })
    struct sf_rows *rows;
    char *value = malloc(32 * 1024 + 1);
    memset(value, '\'', 32 * 1024);
    value[32 * 1024] = '\0';
    assert_true(sf_query(org, &rows, &err, "SELECT Id FROM A WHERE Name = ?", sf_text(value)));
    json_t *sent = json_loads(routes.last_body, 0, NULL);
    const char *url = sf_get_text(json_array_get(json_object_get(sent, "batchRequests"), 0), "url");
    assert_int_equal(strncmp(url, "v51.0/query?q=SELECT%20Id", 25), 0);
    assert_int_equal(strlen(url),
                     strlen("v51.0/query?q=SELECT%20Id%20FROM%20A%20WHERE%20Name%20%3D%20%27") + 32 * 1024 * 6 + 3);
    json_decref(sent);
    assert_string_equal(sf_get_text(sf_next(rows, &err), "Id"), "1");
    assert_string_equal(sf_get_text(sf_next(rows, &err), "Id"), "2");
    assert_null(sf_next(rows, &err));
    assert_string_equal(err.code, "");
    free(value);
    DONE;
}

static void test_41_binary(void **state)
{
    WITH_ROUTES(
        { "GET", BASE "sobjects/ContentVersion/0689A0000002c13QAA/VersionData", 200, "......HYPNO TOAD!", NULL })
    struct act_bytes data = { 0 };
    assert_true(sf_download(org, "ContentVersion", "0689A0000002c13QAA", "VersionData", 17, &data, &err));
    assert_int_equal(data.n, 17);
    assert_memory_equal(data.p, "......HYPNO TOAD!", 17);
    assert_false(sf_download(org, "ContentVersion", "0689A0000002c13QAA", "VersionData", 16, &data, &err));
    assert_string_equal(err.code, "TOO_LARGE");
    assert_int_equal(data.n, 17);
    DONE;
}

/* ---- case 42: update and delete ---- */

static void test_42_update_and_delete(void **state)
{
    WITH_ROUTES({ "PATCH", BASE "sobjects/Movie__c/a00B000000FSjVUIA1", 204, "", NULL },
                { "PATCH", BASE "sobjects/Movie__c/a00B000000FSjVUIB1", 400,
                  "[{\"message\":\"Record ID: id value of incorrect "
                  "type\",\"errorCode\":\"MALFORMED_ID\",\"fields\":[\"Id\"]}]",
                  NULL },
                { "DELETE", BASE "sobjects/Account/001B000001Lp1FxIAJ", 204, "", NULL },
                { "DELETE", BASE "sobjects/Account/001B000001Lp1G2IAJ", 404,
                  "[{\"message\":\"entity is deleted\",\"errorCode\":\"ENTITY_IS_DELETED\",\"fields\":[]}]", NULL })
    static const char *const ids[] = { "id", "Id", "ID", "iD" };
    for (size_t i = 0; i < COUNT(ids); i++) {
        json_t *fields = json_pack("{s:s, s:s}", ids[i], "a00B000000FSjVUIA1", "ReleaseDate__c", "1980-05-21");
        assert_true(sf_update(org, "Movie__c", "a00B000000FSjVUIA1", fields, &err));
        assert_string_equal(routes.last_body, "{\"ReleaseDate__c\":\"1980-05-21\"}");
        assert_int_equal(json_object_size(fields), 2); /* borrowed, so unchanged */
        json_decref(fields);
    }
    json_t *fields = json_pack("{s:s}", "ReleaseDate__c", "1980-05-21");
    assert_false(sf_update(org, "Movie__c", "a00B000000FSjVUIB1", fields, &err));
    assert_string_equal(err.code, "MALFORMED_ID");
    assert_string_equal(err.fields, "Id");
    int before = k->server->requests;
    assert_false(sf_update(org, "Movie__c", "", fields, &err));
    assert_false(sf_update(org, "Movie__c", NULL, fields, &err));
    assert_false(sf_update(org, "Movie__c", "../../oauth2/x", fields, &err));
    assert_false(sf_delete(org, "Account", "", &err));
    assert_int_equal(k->server->requests, before);
    json_decref(fields);
    assert_true(sf_delete(org, "Account", "001B000001Lp1FxIAJ", &err));
    assert_false(sf_delete(org, "Account", "001B000001Lp1G2IAJ", &err));
    assert_string_equal(err.code, "ENTITY_IS_DELETED");
    assert_int_equal(err.status, 404);
    DONE;
}

static void test_upsert(void **state)
{
    WITH_ROUTES({ "PATCH", BASE "sobjects/A/Key__c/a%2Fb%20%27%3F%23%C3%A9", 201,
                  "{\"id\":\"001B000001Lp1FxIAJ\",\"success\":true,\"errors\":[],\"created\":true}", NULL },
                { "PATCH", BASE "sobjects/A/Key__c/..a", 200,
                  "{\"id\":\"001B000001Lp1FxIAJ\",\"success\":true,\"errors\":[],\"created\":false}", NULL },
                { "PATCH", BASE "sobjects/A/Key__c/old", 204, "", NULL },
                { "PATCH", BASE "sobjects/A/Key__c/two", 300,
                  "[\"/services/data/v51.0/sobjects/A/1\",\"/services/data/v51.0/sobjects/A/2\"]", NULL })
    char id[SF_ID_SIZE] = "?";
    bool created = false;
    json_t *fields = json_pack("{s:s, s:i}", "key__C", "a", "N", 1);
    assert_true(sf_upsert(org, "A", "Key__c", "a/b '?#\xc3\xa9", fields, id, &created, &err));
    assert_string_equal(id, "001B000001Lp1FxIAJ");
    assert_true(created);
    assert_string_equal(routes.last_body, "{\"N\":1}");
    assert_true(sf_upsert(org, "A", "Key__c", "..a", fields, id, &created, &err));
    assert_false(created);
    assert_true(sf_upsert(org, "A", "Key__c", "old", fields, id, &created, &err));
    assert_string_equal(id, "");
    assert_false(created);
    assert_false(sf_upsert(org, "A", "Key__c", "two", fields, id, &created, &err));
    assert_string_equal(err.code, "ERROR_HTTP_300");
    int before = k->server->requests;
    assert_false(sf_upsert(org, "A", "Key__c", "", fields, id, NULL, &err));
    assert_false(sf_upsert(org, "A", "Key__c", "..", fields, id, NULL, &err));
    assert_false(sf_upsert(org, "A", "Key/c", "x", fields, id, NULL, &err));
    assert_int_equal(k->server->requests, before);
    json_decref(fields);
    DONE;
}

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

static void serve_graphs(void *ctx, const struct loop_request *q, struct loop_reply *r)
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

/* ---- case 44 ---- */

static void test_44_invalid_instance_url(void **state)
{
    struct kit *k = kit_new(NULL, NULL);
    struct sf_error err;
    struct sf_rows *rows;
    (void)state;
    copy_text(k->call.org.url, sizeof k->call.org.url, "https://no-such-org-0f9c.my.salesforce.com.invalid");
    assert_false(sf_query(act_org(&k->call), &rows, &err, "SELECT Id FROM A"));
    assert_string_equal(err.code, "REFUSED_HOST"); /* not in ORG_HOSTS: not even looked up */
    kit_free(k);

    /* allowed, but without an address: one try, and an end before the deadline however slow the name server is */
    struct client_settings *settings = calloc(1, sizeof *settings);
    char why[80];
    assert_true(hosts_parse(&settings->org_hosts, "*.example.invalid", false, why, sizeof why));
    k = kit_new(NULL, NULL);
    client_free(k->client);
    k->client = client_new(settings);
    free(settings);
    kit_again(k, 1000);
    copy_text(k->call.org.url, sizeof k->call.org.url, "https://no-such-org.example.invalid");
    int64_t begun = clock_ms();
    assert_false(sf_query(act_org(&k->call), &rows, &err, "SELECT Id FROM A"));
    assert_in_range(clock_ms() - begun, 0, 1300);
    assert_true(strcmp(err.code, "UNREACHABLE") == 0 || strcmp(err.code, "TIMEOUT") == 0);
    assert_int_equal(k->call.org_calls, 1);
    assert_false(err.outcome_unknown);
    kit_free(k);
}

/* ---- case 47 and 48: what every request carries ---- */

static void test_47_request_form(void **state)
{
    WITH_ROUTES({ "GET", BASE "query?q=", 200, "{\"totalSize\":0,\"done\":true,\"records\":[]}",
                  "Sforce-Limit-Info: api-usage=25/5000; per-app-api-usage=17/250(appName=x)\r\n" })
    struct sf_rows *rows;
    char value[200];
    struct loop_request q = { 0 };
    copy_text(k->call.traceparent, sizeof k->call.traceparent,
              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_true(sf_query(org, &rows, &err, "SELECT Id, Name FROM Account WHERE Name LIKE ?", sf_text("a+b&c=d%")));
    assert_string_equal(
        routes.last_target,
        BASE "query?q=SELECT%20Id%2C%20Name%20FROM%20Account%20WHERE%20Name%20LIKE%20%27a%2Bb%26c%3Dd%25%27");
    q.head = routes.last_head;
    q.body = routes.last_head + strlen(routes.last_head);
    assert_string_equal(loop_header(&q, "Authorization", value, sizeof value), "Bearer " KIT_TOKEN);
    assert_string_equal(loop_header(&q, "X-Request-Id", value, sizeof value), "request-0123456789-abc");
    assert_string_equal(loop_header(&q, "User-Agent", value, sizeof value), "actionhost/" ACTIONHOST_VERSION);
    assert_string_equal(loop_header(&q, "traceparent", value, sizeof value),
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_string_equal(loop_header(&q, "Cookie", value, sizeof value), "");
    assert_string_equal(k->call.api_usage, "25/5000");
    assert_int_equal(k->call.org_calls, 1);
    assert_int_equal(k->call.org_outcome, ORG_OK);
    DONE;
}

/* ---- collections ---- */

struct collection_org {
    int requests, most;
    bool fail_second;
};

static void serve_collection(void *ctx, const struct loop_request *q, struct loop_reply *r)
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
    struct loop_request q = { .head = routes.last_head, .body = routes.last_head + strlen(routes.last_head) };
    loop_header(&q, "Content-Type", type, sizeof type);
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

static void keep_bytes(void *ctx, const struct loop_request *q, struct loop_reply *r)
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
    size_t n = 3 * 1024 * 1024;
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

/* ---- describe ---- */

#define DESCRIBE(fields) "{\"name\":\"Flight__c\",\"fields\":[" fields "],\"childRelationships\":[]}"
#define FIELD(name) "{\"name\":\"" name "\",\"type\":\"double\",\"length\":18,\"createable\":true,\"updateable\":false}"

/* Fields that each of two users can see; both know A__c, only the first B__c. */
static void serve_describe(void *ctx, const struct loop_request *q, struct loop_reply *r)
{
    int *describes = ctx;
    char token[80];
    bool first = strcmp(loop_header(q, "Authorization", token, sizeof token), "Bearer first") == 0;
    if (strstr(q->target, "describe")) {
        ++*describes;
        r->body =
            first ? DESCRIBE(FIELD("Id") "," FIELD("A__c") "," FIELD("B__c")) : DESCRIBE(FIELD("Id") "," FIELD("A__c"));
    } else if (strstr(q->target, "B__c") && !first) {
        r->status = 400;
        r->body = "[{\"errorCode\":\"INVALID_FIELD\",\"message\":\"No such column 'B__c' on entity 'Flight__c'.\"}]";
    } else {
        r->body = "{\"totalSize\":0,\"done\":true,\"records\":[]}";
    }
    r->n = strlen(r->body);
}

static void as_user(struct kit *k, const char *user, const char *token)
{
    kit_again(k, 5000);
    copy_text(k->call.org.user_id, sizeof k->call.org.user_id, user);
    copy_text(k->call.org.token, sizeof k->call.org.token, token);
}

static const char *const optional_names[] = { "A__c", "B__c", "C__c" };

static bool ask_optional(struct kit *k, struct sf_error *err)
{
    struct sf_rows *rows;
    return sf_query(act_org(&k->call), &rows, err, "SELECT Id? FROM Flight__c WHERE Id = ?",
                    sf_optional("Flight__c", optional_names, 3), sf_id("a01B0000009gSoxIAE"));
}

static void test_describe_is_per_user_and_remembered(void **state)
{
    int describes = 0;
    struct kit *k = kit_new(serve_describe, &describes);
    struct sf_error err;
    struct sf_field field;
    (void)state;
    as_user(k, "005000000000001AAA", "first");
    assert_true(sf_describe_field(act_org(&k->call), "Flight__c", "b__C", &field, &err));
    assert_string_equal(field.type, "double");
    assert_int_equal(field.length, 18);
    assert_true(field.createable);
    assert_false(field.updateable);
    assert_false(sf_describe_field(act_org(&k->call), "flight__c", "C__c", NULL, &err));
    assert_string_equal(err.code, "");
    assert_int_equal(describes, 1);
    as_user(k, "005000000000001AAA", "first"); /* another call of the same user, perhaps in another worker */
    assert_true(sf_describe_field(act_org(&k->call), "FLIGHT__C", "B__c", NULL, &err));
    assert_int_equal(describes, 1);
    as_user(k, "005000000000002AAA", "second");
    assert_false(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    assert_int_equal(describes, 2);
    /* ten minutes, not more */
    as_user(k, "005000000000001AAA", "first");
    k->age_ms = 599000;
    assert_true(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    assert_int_equal(describes, 2);
    as_user(k, "005000000000001AAA", "first");
    k->age_ms = 600000;
    assert_true(sf_describe_field(act_org(&k->call), "Flight__c", "B__c", NULL, &err));
    assert_int_equal(describes, 3);
    kit_free(k);
}

static void test_optional_fields_and_a_lost_permission(void **state)
{
    int describes = 0;
    struct kit *k = kit_new(serve_describe, &describes);
    struct sf_error err;
    (void)state;
    as_user(k, "005000000000001AAA", "first");
    assert_true(ask_optional(k, &err));
    assert_int_equal(k->server->requests, 2); /* describe, query */
    /* the same user, but the permission for B__c was taken away meanwhile */
    as_user(k, "005000000000001AAA", "demoted");
    assert_true(ask_optional(k, &err));
    assert_int_equal(k->server->requests, 4); /* refused with B__c, repeated without any */
    assert_int_equal(describes, 1);
    as_user(k, "005000000000001AAA", "demoted");
    assert_true(ask_optional(k, &err)); /* what was remembered is gone: described anew, A__c only */
    assert_int_equal(describes, 2);
    assert_int_equal(k->server->requests, 6);
    kit_free(k);
}

static void test_a_required_field_that_is_missing(void **state)
{
    int describes = 0;
    struct kit *k = kit_new(serve_describe, &describes);
    struct sf_error err;
    struct sf_rows *rows;
    (void)state;
    as_user(k, "005000000000002AAA", "second");
    assert_false(sf_query(act_org(&k->call), &rows, &err, "SELECT B__c? FROM Flight__c",
                          sf_optional("Flight__c", optional_names, 1)));
    assert_string_equal(err.code, "INVALID_FIELD");
    assert_int_equal(k->server->requests, 3); /* describe, query, once more without A__c */
    assert_false(sf_query(act_org(&k->call), &rows, &err, "SELECT B__c FROM Flight__c"));
    assert_int_equal(k->server->requests, 4); /* no optional field, no repeat */
    assert_int_equal(act_org_failed(&k->call, &err), ACT_REFUSED);
    assert_int_equal(k->call.refusal.status, 403);
    kit_free(k);
}

static void test_describe_of_the_widest_object(void **state)
{
    struct buf text;
    struct route table[] = { { "GET", BASE "sobjects/Wide__c/describe", 200, NULL, NULL } };
    struct routes routes = { .v = table, .n = 1 };
    struct kit *k = kit_new(serve, &routes);
    struct sf_error err;
    (void)state;
    buf_init(&text, 1 << 20);
    buf_str(&text, "{\"fields\":[");
    for (int i = 0; i < 900; i++)
        buf_fmt(&text,
                "%s{\"name\":\"namespace_name_15__Field_with_a_long_name_of_forty_chars_%04d__c\",\"type\":"
                "\"multipicklist\",\"length\":4099,"
                "\"createable\":true,\"updateable\":true,\"label\":\"x\"}",
                i ? "," : "", i);
    buf_str(&text, "]}");
    table[0].body = text.p;
    assert_true(sf_describe_field(act_org(&k->call), "Wide__c",
                                  "namespace_name_15__Field_with_a_long_name_of_forty_chars_0899__c", NULL, &err));
    assert_true(sf_describe_field(act_org(&k->call), "Wide__c",
                                  "namespace_name_15__Field_with_a_long_name_of_forty_chars_0000__c", NULL, &err));
    assert_int_equal(k->server->requests, 1); /* at least within the call, even if it were too wide for the cache */
    table[0].body = "{\"fields\":[{\"name\":\"A\"";
    assert_false(sf_describe_field(act_org(&k->call), "Wide2__c", "A", NULL, &err));
    table[0].target = BASE "sobjects/Wide3__c/describe";
    assert_false(sf_describe_field(act_org(&k->call), "Wide3__c", "A", NULL, &err));
    assert_string_equal(err.code, "BAD_REPLY");
    buf_free(&text);
    kit_free(k);
    routes_free(&routes);
}

/* ---- where a token may go ---- */

static void test_request_stays_with_the_org(void **state)
{
    WITH_ROUTES({ "GET", BASE "limits", 200, "{\"x\":1}", NULL }, { "POST", "/services/apexrest/x", 200, "", NULL },
                { "GET", "/moved", 302, "", "Location: http://127.0.0.1:1/latest/meta-data/\r\n" },
                { "POST", "/moved", 307, "", "Location: https://other.my.salesforce.com/\r\n" },
                { "GET", "/page", 200, "<html>", NULL })
    static const char *const away[] = { "https://evil.test/",
                                        "//evil.test/",
                                        "http://127.0.0.1.evil.test/",
                                        "/a/../../x",
                                        "/%2e%2e/x",
                                        "/a\r\nX: y",
                                        "relative",
                                        "",
                                        "/a b",
                                        "/a#b",
                                        "\\\\evil.test\\x",
                                        "@evil.test/",
                                        ":80/",
                                        "/a\\b" };
    char url[100];
    json_t *out = NULL;
    for (size_t i = 0; i < COUNT(away); i++) {
        assert_false(sf_request(org, "GET", away[i], NULL, &out, &err));
        assert_string_equal(err.code, "REFUSED_HOST");
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%d@evil.test/", k->server->port);
    assert_false(sf_request(org, "GET", url, NULL, &out, &err));
    snprintf(url, sizeof url, "http://127.0.0.1:%d0/x", k->server->port);
    assert_false(sf_request(org, "GET", url, NULL, &out, &err));
    assert_int_equal(k->server->requests, 0);
    assert_null(out);
    snprintf(url, sizeof url, "http://127.0.0.1:%d" BASE "limits", k->server->port);
    assert_true(sf_request(org, "GET", url, NULL, &out, &err));
    assert_int_equal(json_integer_value(json_object_get(out, "x")), 1);
    json_decref(out);
    out = (json_t *)1;
    assert_true(sf_request(org, "POST", "/services/apexrest/x", NULL, &out, &err));
    assert_null(out);
    assert_non_null(strstr(routes.last_head, "Content-Length: 0"));
    int before = k->server->requests;
    /* redirects: the answer is an error, and nothing goes where it points */
    assert_false(sf_request(org, "GET", "/moved", NULL, &out, &err));
    assert_string_equal(err.code, "ERROR_HTTP_302");
    json_t *body = json_object();
    assert_false(sf_request(org, "POST", "/moved", body, &out, &err));
    assert_string_equal(err.code, "ERROR_HTTP_307");
    json_decref(body);
    assert_int_equal(k->server->requests, before + 2);
    assert_false(sf_request(org, "GET", "/page", NULL, &out, &err));
    assert_string_equal(err.code, "ERROR_HTTP_200");
    assert_false(sf_request(org, "TRACE", "/x", NULL, &out, &err));
    assert_false(sf_request(org, "GET /x HTTP/1.1\r\nX: y", "/x", NULL, &out, &err));
    DONE;
}

static void test_org_that_is_not_allowed(void **state)
{
    static const char *const urls[] = { "https://evil.test",
                                        "https://x.my.salesforce.com.evil.test",
                                        "http://x.my.salesforce.com",
                                        "https://x.my.salesforce.com/a",
                                        "http://127.0.0.1:1@evil.test",
                                        "http://169.254.169.254",
                                        "" };
    WITH_ROUTES({ "GET", "/", 200, "{}", NULL })
    json_t *out;
    for (size_t i = 0; i < COUNT(urls); i++) {
        copy_text(org->url, sizeof org->url, urls[i]);
        assert_false(sf_request(org, "GET", "/x", NULL, &out, &err));
        assert_true(strcmp(err.code, "REFUSED_HOST") == 0 || (!urls[i][0] && strcmp(err.code, "NO_USER") == 0));
        assert_int_equal(err.status, 0);
    }
    assert_int_equal(k->call.org_calls, 0);
    /* a check that passed once does not pass for the next domain */
    snprintf(org->url, sizeof org->url, "http://127.0.0.1:%d", k->server->port);
    assert_true(sf_request(org, "GET", "/x", NULL, &out, &err));
    json_decref(out);
    copy_text(org->url, sizeof org->url, "https://evil.test");
    assert_false(sf_request(org, "GET", "/x", NULL, &out, &err));
    assert_string_equal(err.code, "REFUSED_HOST");
    assert_int_equal(k->server->requests, 1);
    DONE;
}

/* A name that is allowed but leads to an address inside: the transport itself says no, whatever the look-up said
 * before. */
static void test_name_with_a_private_address(void **state)
{
    WITH_ROUTES({ "GET", "/", 200, "{}", NULL })
    static const char *const headers[] = { "Expect:", NULL };
    char url[80];
    struct http_reply r;
    struct http *h = http_new(NULL);
    (void)org;
    (void)err;
    /* not marked as loopback, so its address must be public; that of localhost is not */
    snprintf(url, sizeof url, "https://localhost:%d/", k->server->port);
    struct http_request q = { .method = "GET", .url = url, .headers = headers, .max = 100, .timeout_ms = 2000 };
    assert_false(http_send(h, &q, &r));
    assert_int_equal(r.failure, HTTP_ADDRESS);
    assert_false(r.sent);
    http_reply_free(&r);
    assert_int_equal(k->server->connections, 0);
    /* marked as loopback it gets there */
    snprintf(url, sizeof url, "http://localhost:%d/", k->server->port);
    q.loopback = true;
    assert_true(http_send(h, &q, &r));
    http_reply_free(&r);
    http_free(h);
    DONE;
}

static void test_the_proxy_of_the_environment_is_not_used(void **state)
{
    WITH_ROUTES({ "GET", "/x", 200, "{}", NULL })
    json_t *out = NULL;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    bool ok = sf_request(org, "GET", "/x", NULL, &out, &err);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    assert_true(ok);
    json_decref(out);
    DONE;
}

static void test_no_user(void **state)
{
    WITH_ROUTES({ "GET", "/", 200, "{}", NULL })
    struct sf_rows *rows;
    org->token[0] = '\0';
    assert_false(sf_query(org, &rows, &err, "SELECT Id FROM A"));
    assert_string_equal(err.code, "NO_USER");
    copy_text(org->token, sizeof org->token, "a\r\nX: y");
    assert_false(sf_query(org, &rows, &err, "SELECT Id FROM A"));
    assert_string_equal(err.code, "CLIENT_FAULT");
    copy_text(org->token, sizeof org->token, KIT_TOKEN);
    copy_text(org->api_version, sizeof org->api_version, "51.0/../x");
    assert_false(sf_query(org, &rows, &err, "SELECT Id FROM A"));
    assert_int_equal(k->server->requests, 0);
    DONE;
}

static void test_named_authorization(void **state)
{
    WITH_ROUTES({ "GET", "/x", 200, "{}", NULL })
    json_t *out = NULL;
    k->tokens[0] = "partner-token";
    assert_null(act_authorization(&k->call, "no such name", &err));
    assert_int_equal(k->authorizations, 0);
    org = act_authorization(&k->call, "partner", &err);
    assert_non_null(org);
    assert_string_equal(k->stale, "");
    assert_true(sf_request(org, "GET", "/x", NULL, &out, &err));
    json_decref(out);
    assert_non_null(strstr(routes.last_head, "Bearer partner-token"));
    assert_ptr_equal(act_authorization(&k->call, "partner", &err), org); /* once per call */
    assert_int_equal(k->authorizations, 1);
    assert_null(act_authorization(&k->call, "other", &err));
    assert_string_equal(err.code, "authorization_unknown");
    assert_int_equal(act_org_failed(&k->call, &err), ACT_REFUSED);
    assert_string_equal(k->call.refusal.code, "authorization_unknown");
    assert_int_equal(k->call.refusal.status, 404);
    DONE;
}

static void test_answers_have_a_ceiling(void **state)
{
    size_t n = LIMIT_ORG_REPLY + 16;
    char *big = malloc(n + 1);
    struct route table[] = { { "GET", "/x", 200, big, NULL } };
    struct routes routes = { .v = table, .n = 1 };
    struct kit *k = kit_new(serve, &routes);
    struct sf_error err;
    json_t *out = NULL;
    (void)state;
    memset(big, ' ', n);
    memcpy(big, "{}", 2);
    big[LIMIT_ORG_REPLY] = '\0';
    assert_true(sf_request(act_org(&k->call), "GET", "/x", NULL, &out, &err));
    json_decref(out);
    big[LIMIT_ORG_REPLY] = ' ';
    big[LIMIT_ORG_REPLY + 1] = '\0';
    assert_false(sf_request(act_org(&k->call), "GET", "/x", NULL, &out, &err));
    assert_string_equal(err.code, "TOO_LARGE");
    assert_int_equal(k->server->requests, 2);
    kit_free(k);
    free(big);
    routes_free(&routes);
}

/* ---- other hosts ---- */

static void serve_rates(void *ctx, const struct loop_request *q, struct loop_reply *r)
{
    (void)ctx;
    char value[80];
    r->body = "{\"rate\":3.5}";
    if (strstr(q->target, "slow"))
        r->delay_ms = 3000;
    if (strstr(q->target, "html"))
        r->type = "text/html";
    if (strstr(q->target, "broken"))
        r->body = "{\"rate\":";
    if (strstr(q->target, "500"))
        r->status = 500;
    if (strstr(q->target, "moved")) {
        r->status = 302;
        r->headers = "Location: http://127.0.0.1:1/\r\n";
    }
    if (strstr(q->target, "plus"))
        r->type = "application/vnd.api+json; charset=utf-8";
    if (*loop_header(q, "Authorization", value, sizeof value) || *loop_header(q, "Cookie", value, sizeof value))
        r->status = 599;
    r->headers = r->headers ? r->headers : "Set-Cookie: a=b\r\n";
    r->n = strlen(r->body);
}

static void test_fetch_all(void **state)
{
    static const struct {
        const char *path;
        int timeout;
        size_t max;
        const char *failure;
    } want[] = {
        { "/good", 1000, 0, NULL },       { "/plus", 1000, 12, NULL },         { "/slow", 150, 0, "timeout" },
        { "/html", 1000, 0, "not_json" }, { "/broken", 1000, 0, "not_json" },  { "/500", 1000, 0, "status" },
        { "/moved", 1000, 0, "status" },  { "/large", 1000, 11, "too_large" }, { NULL, 1000, 0, "refused_host" },
        { "/slow2", 0, 0, "timeout" },    { "/a/../b", 0, 0, "refused_host" },
    };
    struct kit *k = kit_new(serve_rates, NULL);
    struct act_fetch f[COUNT(want)];
    (void)state;
    for (size_t i = 0; i < COUNT(want); i++) {
        const char *url = want[i].path ? act_printf(&k->call, "http://127.0.0.1:%d%s", k->server->port, want[i].path)
                                       : "https://rates.evil.test/";
        f[i] = (struct act_fetch){ .url = url, .timeout_ms = want[i].timeout, .max_bytes = want[i].max };
    }
    int64_t begun = clock_ms();
    act_fetch_all(&k->call, f, COUNT(want), 600);
    int64_t took = clock_ms() - begun;
    assert_in_range(took, 550, 1500); /* side by side, and not beyond the budget */
    for (size_t i = 0; i < COUNT(want); i++) {
        if (!want[i].failure != !f[i].failure || (f[i].failure && strcmp(f[i].failure, want[i].failure) != 0))
            fail_msg("%s: %s instead of %s", want[i].path, f[i].failure, want[i].failure);
        assert_int_equal(f[i].body != NULL, want[i].failure == NULL);
        if (f[i].body)
            assert_true(json_real_value(json_object_get(f[i].body, "rate")) > 3.4);
    }
    assert_int_equal(f[5].status, 500);
    /* no time left in the call: nothing is sent */
    int before = k->server->requests;
    kit_again(k, 0);
    f[0].url = act_printf(&k->call, "http://127.0.0.1:%d/good", k->server->port);
    act_fetch_all(&k->call, f, 1, 600);
    assert_string_equal(f[0].failure, "timeout");
    assert_int_equal(k->server->requests, before);
    kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_40_create),
        cmocka_unit_test(test_41_query),
        cmocka_unit_test(test_41_children_have_pages_of_their_own),
        cmocka_unit_test(test_41_binary),
        cmocka_unit_test(test_pages_that_lead_astray),
        cmocka_unit_test(test_a_page_that_is_its_own_next),
        cmocka_unit_test(test_a_query_too_long_for_a_url),
        cmocka_unit_test(test_42_update_and_delete),
        cmocka_unit_test(test_upsert),
        cmocka_unit_test(test_43_unit_tree),
        cmocka_unit_test(test_43_unit_multiple_errors),
        cmocka_unit_test(test_43_unit_answers_that_contradict),
        cmocka_unit_test(test_unit_limits),
        cmocka_unit_test(test_units_halted_by_others_go_again),
        cmocka_unit_test(test_44_invalid_instance_url),
        cmocka_unit_test(test_47_request_form),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_upload),
        cmocka_unit_test(test_multipart_bytes),
        cmocka_unit_test(test_describe_is_per_user_and_remembered),
        cmocka_unit_test(test_optional_fields_and_a_lost_permission),
        cmocka_unit_test(test_a_required_field_that_is_missing),
        cmocka_unit_test(test_describe_of_the_widest_object),
        cmocka_unit_test(test_request_stays_with_the_org),
        cmocka_unit_test(test_org_that_is_not_allowed),
        cmocka_unit_test(test_name_with_a_private_address),
        cmocka_unit_test(test_the_proxy_of_the_environment_is_not_used),
        cmocka_unit_test(test_no_user),
        cmocka_unit_test(test_named_authorization),
        cmocka_unit_test(test_answers_have_a_ceiling),
        cmocka_unit_test(test_fetch_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
