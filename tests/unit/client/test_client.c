/* test_client.c - the Salesforce client: queries and single records, with the conformance cases of the official SDKs by
 * number. */
#include "tests/unit/check.h"

#include "tests/unit/client/routes.h"

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
                  "{\"totalSize\":5,\"done\":false,\"nextRecordsUrl\":\"" BASE "query/1-2\",\"records\":[{}]}", NULL })
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

/* An org whose pages do not end: page n of a query says what `form` says, with n + 1 as the next. */
struct endless {
    int page, circle; /* after so many pages it begins again; 0 = never */
    int64_t total, grows;
    const char *records;
};

static void serve_endless(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    struct endless *o = ctx;
    static char text[300];
    (void)q;
    int next = o->circle ? ++o->page % o->circle : ++o->page;
    snprintf(text, sizeof text,
             "{\"totalSize\":%lld,\"done\":false,\"nextRecordsUrl\":\"" BASE "query/1-%d\",\"records\":[%s]}",
             (long long)(o->total + o->grows * o->page), next, o->records);
    r->body = text;
    r->n = strlen(text);
}

static void test_pages_without_end(void **state)
{
    static const struct {
        struct endless org;
        int rows, requests;
        const char *code, *why;
    } cases[] = {
        /* A -> B -> A */
        { { .circle = 2, .total = 1000, .records = "{},{}" }, 4, 3, "BAD_REPLY", "there before" },
        { { .circle = 7, .total = 1000, .records = "{}" }, 7, 8, "BAD_REPLY", "there before" },
        /* ever new ones stop at totalSize, */
        { { .total = 10, .records = "{},{}" }, 10, 5, "BAD_REPLY", "more follow" },
        { { .total = 9, .records = "{},{}" }, 9, 5, "BAD_REPLY", "more records than" },
        { { .total = 0, .records = "{}" }, 0, 1, "BAD_REPLY", "more records than" },
        /* which the first page alone says, */
        { { .total = 0, .grows = 4, .records = "{},{}" }, 4, 2, "BAD_REPLY", "more follow" },
        /* and at two that bring nothing, */
        { { .total = 10, .records = "" }, 0, 2, "BAD_REPLY", "without records" },
        /* and at a number that no query of an invocation needs */
        { { .total = 1000000000, .records = "{}" }, LIMIT_ORG_PAGES, LIMIT_ORG_PAGES + 1, "TOO_LARGE", "pages" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct endless served = cases[i].org;
        struct kit *k = kit_new(serve_endless, &served);
        struct sf_rows *rows;
        struct sf_error err;
        int n = 0;
        kit_again(k, 60000);
        assert_true(sf_query(act_org(&k->call), &rows, &err, "SELECT Id FROM A"));
        while (n < 2 * LIMIT_ORG_PAGES && sf_next(rows, &err))
            n++;
        print_message("%zu: %d rows, %d requests, %s\n", i, n, k->server->requests, err.message);
        assert_string_equal(err.code, cases[i].code);
        assert_non_null(strstr(err.message, cases[i].why));
        assert_int_equal(n, cases[i].rows);
        assert_int_equal(k->server->requests, cases[i].requests);
        kit_free(k);
    }
}

static void test_a_query_too_long_for_a_url(void **state)
{
    WITH_ROUTES({ "POST", BASE "composite/batch", 200,
                  "{\"hasErrors\":false,\"results\":[{\"statusCode\":200,\"result\":{\"totalSize\":2,\"done\":false,"
                  "\"nextRecordsUrl\":\"" BASE "query/1-2\",\"records\":[{\"Id\":\"1\"}]}}]}",
                  NULL },
                { "GET", BASE "query/1-2", 200, "{\"totalSize\":2,\"done\":true,\"records\":[{\"Id\":\"2\"}]}", NULL })
    struct sf_rows *rows;
    const size_t n = 32768;
    char *value = malloc(n + 1);
    memset(value, '\'', n);
    value[n] = '\0';
    assert_true(sf_query(org, &rows, &err, "SELECT Id FROM A WHERE Name = ?", sf_text(value)));
    json_t *sent = json_loads(routes.last_body, 0, NULL);
    const char *url = sf_get_text(json_array_get(json_object_get(sent, "batchRequests"), 0), "url");
    assert_int_equal(strncmp(url, "v51.0/query?q=SELECT%20Id", 25), 0);
    assert_int_equal(strlen(url),
                     strlen("v51.0/query?q=SELECT%20Id%20FROM%20A%20WHERE%20Name%20%3D%20%27") + n * 6 + 3);
    json_decref(sent);
    assert_string_equal(sf_get_text(sf_next(rows, &err), "Id"), "1");
    assert_string_equal(sf_get_text(sf_next(rows, &err), "Id"), "2");
    assert_null(sf_next(rows, &err));
    assert_string_equal(err.code, "");
    free(value);
    DONE;
}

static void test_a_long_query_that_fails_has_changed_nothing(void **state)
{
    WITH_ROUTES({ "POST", BASE "composite/batch", 502, "<html>", NULL })
    struct sf_rows *rows;
    char *value = calloc(1, 20001);
    memset(value, 'a', 20000);
    assert_false(sf_query(org, &rows, &err, "SELECT Id FROM A WHERE Name = ?", sf_text(value)));
    assert_string_equal(err.code, "ERROR_HTTP_502");
    assert_false(err.outcome_unknown);
    assert_int_equal(k->server->requests, LIMIT_ORG_TRIES); /* and so it may be repeated */
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

/* ---- case 44 ---- */

static void test_44_invalid_instance_url(void **state)
{
    struct kit *k = kit_new(NULL, NULL);
    struct sf_error err;
    struct sf_rows *rows;
    (void)state;
    copy_text(k->call.org.session.url, sizeof k->call.org.session.url,
              "https://no-such-org-0f9c.my.salesforce.com.invalid");
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
    copy_text(k->call.org.session.url, sizeof k->call.org.session.url, "https://no-such-org.example.invalid");
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
    struct origin_request q = { 0 };
    copy_text(k->call.traceparent, sizeof k->call.traceparent,
              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_true(sf_query(org, &rows, &err, "SELECT Id, Name FROM Account WHERE Name LIKE ?", sf_text("a+b&c=d%")));
    assert_string_equal(
        routes.last_target,
        BASE "query?q=SELECT%20Id%2C%20Name%20FROM%20Account%20WHERE%20Name%20LIKE%20%27a%2Bb%26c%3Dd%25%27");
    q.head = routes.last_head;
    q.body = routes.last_head + strlen(routes.last_head);
    assert_string_equal(origin_header(&q, "Authorization", value, sizeof value), "Bearer " KIT_TOKEN);
    assert_string_equal(origin_header(&q, "X-Request-Id", value, sizeof value), "request-0123456789-abc");
    assert_string_equal(origin_header(&q, "User-Agent", value, sizeof value), "actionhost/" ACTIONHOST_VERSION);
    assert_string_equal(origin_header(&q, "traceparent", value, sizeof value),
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_string_equal(origin_header(&q, "Cookie", value, sizeof value), "");
    assert_string_equal(k->call.api_usage, "25/5000");
    assert_int_equal(k->call.org_calls, 1);
    assert_int_equal(k->call.org_outcome, ORG_OK);
    DONE;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_40_create),
        cmocka_unit_test(test_41_query),
        cmocka_unit_test(test_41_children_have_pages_of_their_own),
        cmocka_unit_test(test_pages_that_lead_astray),
        cmocka_unit_test(test_a_page_that_is_its_own_next),
        cmocka_unit_test(test_pages_without_end),
        cmocka_unit_test(test_a_query_too_long_for_a_url),
        cmocka_unit_test(test_a_long_query_that_fails_has_changed_nothing),
        cmocka_unit_test(test_41_binary),
        cmocka_unit_test(test_42_update_and_delete),
        cmocka_unit_test(test_upsert),
        cmocka_unit_test(test_44_invalid_instance_url),
        cmocka_unit_test(test_47_request_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
