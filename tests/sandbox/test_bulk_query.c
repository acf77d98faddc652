/*
 * test_bulk_query.c - bulk jobs that read: what they refuse, what values look like, pages and their addresses.
 */
#include "tests/sandbox/bulk_fixture.h"

static struct job_id ask_for(const char *soql)
{
    char body[600];
    snprintf(body, sizeof body, "{\"operation\":\"query\",\"query\":\"%s\"}", soql);
    return made(call("POST", QUERY, body));
}

static struct job_id found(const char *soql)
{
    struct job_id id = ask_for(soql);
    wait_at(query_at(id, ""), "JobComplete");
    return id;
}

static void results(struct job_id id, const char *query)
{
    char target[400];
    snprintf(target, sizeof target, "%s%s", query_at(id, "/results"), query);
    if (call("GET", target, NULL) != 200)
        fail_msg("%s: %d %s", target, said.status, text());
}

static void page_is(const char *locator, const char *count)
{
    assert_string_equal(reply_get(&said, "Sforce-Locator"), locator);
    assert_string_equal(reply_get(&said, "Sforce-NumberOfRecords"), count);
    assert_int_equal(rows(), strtol(count, NULL, 10));
}

/* Accounts "Row 01" and on. */
static void rows_are_there(int n)
{
    struct text csv = { 0 };
    text_str(&csv, "Name\n");
    for (int i = 1; i <= n; i++)
        text_fmt(&csv, "Row %02d\n", i);
    load("{\"object\":\"Account\",\"operation\":\"insert\"}", csv.p, "JobComplete");
    text_free(&csv);
}

static void a_query_goes_its_way(void **state)
{
    (void)state;
    rows_are_there(2);
    struct job_id id = ask_for("SELECT Id, Name FROM account WHERE Name LIKE 'Row %' ORDER BY Name");
    assert_string_equal(member("state"), "UploadComplete");
    assert_string_equal(member("object"), "Account");
    assert_string_equal(member("operation"), "query");
    wait_at(query_at(id, ""), "JobComplete");
    holds("\"jobType\":\"V2Query\"");
    assert_string_equal(member("numberRecordsProcessed"), "2");
    lacks("numberRecordsFailed");
    results(id, "");
    assert_string_equal(reply_get(&said, "Content-Type"), "text/csv;charset=UTF-8");
    page_is("null", "2");
    assert_int_equal(strncmp(text(), "\"Id\",\"Name\"\n\"001", 16), 0);
    refused(call("PATCH", query_at(id, ""), "{\"state\":\"Aborted\"}"), 400, "INVALIDJOBSTATE");
    holds("Aborting already Completed Job not allowed");
    refused(call("PATCH", query_at(id, ""), "{\"state\":\"UploadComplete\"}"), 400, "INVALIDJOBSTATE");
    refused(call("GET", query_at(id, "/other"), NULL), 404, "NOT_FOUND");
    refused(call("POST", query_at(id, ""), "{}"), 405, "METHOD_NOT_ALLOWED");
    refused(call("PUT", QUERY, "{}"), 405, "METHOD_NOT_ALLOWED");
    refused(call("GET", at(id, ""), NULL), 404, "NOT_FOUND"); /* a job of the other kind */
    assert_int_equal(call("DELETE", query_at(id, ""), NULL), 204);
    refused(call("GET", query_at(id, "/results"), NULL), 404, "NOT_FOUND");
}

static void queries_that_cannot_be(void **state)
{
    static const struct {
        const char *body, *code, *says;
    } bad[] = {
        { "no json", "JSON_PARSER_ERROR", "" },
        { "{\"operation\":\"query\"}", "MALFORMED_QUERY", "A query string" },
        { "{\"operation\":\"insert\",\"query\":\"SELECT Id FROM Account\"}", "INVALIDJOB", "queryAll" },
        { "{\"operation\":\"other\",\"query\":\"SELECT Id FROM Account\"}", "INVALIDJOB", "queryAll" },
        { "{\"query\":\"SELECT Id FROM Account\",\"contentType\":\"JSON\"}", "INVALIDJOB", "contentType" },
        { "{\"query\":\"SELECT Id FROM Account\",\"columnDelimiter\":\"X\"}", "INVALIDJOB", "columnDelimiter" },
        { "{\"query\":\"SELECT FROM Account\"}", "MALFORMED_QUERY", "" },
        { "{\"query\":\"SELECT Nope FROM Account\"}", "INVALID_FIELD", "Nope" },
        { "{\"query\":\"SELECT Id FROM Nope\"}", "INVALID_TYPE", "Nope" },
        { "{\"query\":\"SELECT COUNT() FROM Account\"}", "API_ERROR", "Aggregate" },
        { "{\"query\":\"SELECT COUNT(Id) FROM Account\"}", "API_ERROR", "Aggregate" },
        { "{\"query\":\"SELECT Name FROM Account GROUP BY Name\"}", "API_ERROR", "GROUP BY" },
        { "{\"query\":\"SELECT Id FROM Account LIMIT 5 OFFSET 5\"}", "API_ERROR", "OFFSET" },
        { "{\"query\":\"SELECT Id, (SELECT Id FROM Contacts) FROM Account\"}", "API_ERROR", "Relationships" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        refused(call("POST", QUERY, bad[i].body), 400, bad[i].code);
        holds(bad[i].says);
    }
    assert_int_equal(call("GET", QUERY, NULL), 200);
    holds("\"records\":[]");
}

static void values_as_csv(void **state)
{
    (void)state;
    load("{\"object\":\"Opportunity\",\"operation\":\"insert\"}",
         "Name,StageName,CloseDate,Amount,Description\n"
         "Values,Prospecting,2026-12-01,1234.50,\"a \"\"b\"\",\nc\"\nEmpty,Prospecting,2026-12-02,,\n",
         "JobComplete");
    counts("2", "0");
    struct job_id id = found("SELECT Name, Amount, CloseDate, IsClosed, Description, Account.Name, CreatedDate "
                             "FROM Opportunity WHERE Name IN ('Values', 'Empty') ORDER BY Name DESC");
    results(id, "");
    holds("\"Name\",\"Amount\",\"CloseDate\",\"IsClosed\",\"Description\",\"Account.Name\",\"CreatedDate\"\n");
    holds("\"Values\",\"1234.5\",\"2026-12-01\",\"false\",\"a \"\"b\"\",\nc\",\"\",\"20");
    holds("\"Empty\",\"\",\"2026-12-02\",\"false\",\"\",\"\",\"20");
    holds("Z\"\n");
    lacks("+0000");
    id = found("SELECT Name, Owner.Name FROM Opportunity WHERE Name = 'Values'");
    results(id, "");
    assert_string_equal(text(), "\"Name\",\"Owner.Name\"\n\"Values\",\"Ada Admin\"\n");
}

static void dialects_and_deleted_records(void **state)
{
    char csv[80];
    (void)state;
    rows_are_there(1);
    struct job_id id = found("SELECT Id FROM Account WHERE Name = 'Row 01'");
    results(id, "");
    snprintf(csv, sizeof csv, "Id\n%.18s\n", strchr(text(), '\n') + 2);
    load("{\"object\":\"Account\",\"operation\":\"delete\"}", csv, "JobComplete");
    id = found("SELECT Id FROM Account WHERE Name = 'Row 01'");
    results(id, "");
    page_is("null", "0");
    assert_string_equal(text(), "\"Id\"\n");
    assert_int_equal(call("GET", query_at(id, "/resultPages"), NULL), 200);
    holds("results?locator=MA\"}],\"done\":true}");
    id =
        made(call("POST", QUERY,
                  "{\"operation\":\"queryAll\",\"query\":\"SELECT Name, IsDeleted FROM Account WHERE Name = 'Row 01'\","
                  "\"columnDelimiter\":\"PIPE\",\"lineEnding\":\"CRLF\"}"));
    wait_at(query_at(id, ""), "JobComplete");
    assert_string_equal(member("operation"), "queryAll");
    results(id, "");
    assert_string_equal(text(), "\"Name\"|\"IsDeleted\"\r\n\"Row 01\"|\"true\"\r\n");
}

static void pages_by_locator(void **state)
{
    (void)state;
    rows_are_there(5);
    knob("{\"pageRows\":2}");
    struct job_id id = found("SELECT Name FROM Account WHERE Name LIKE 'Row %' ORDER BY Name");
    results(id, "");
    page_is("Mg", "2");
    assert_string_equal(text(), "\"Name\"\n\"Row 01\"\n\"Row 02\"\n");
    results(id, "?locator=Mg");
    page_is("NA", "2");
    assert_string_equal(text(), "\"Name\"\n\"Row 03\"\n\"Row 04\"\n");
    results(id, "?locator=NA");
    page_is("null", "1");
    assert_string_equal(text(), "\"Name\"\n\"Row 05\"\n");
    results(id, "?maxRecords=1");
    page_is("MQ", "1");
    results(id, "?locator=MQ&maxRecords=1");
    page_is("Mg", "1");
    assert_string_equal(text(), "\"Name\"\n\"Row 02\"\n");
    results(id, "?maxRecords=100"); /* no more than a page has */
    page_is("Mg", "2");
    results(id, "?locator=Mg"); /* as often as one likes */
    page_is("NA", "2");
    static const char *const bad[] = { "?locator=x!", "?locator=OTk", "?locator=LTE", "?locator=", "?locator=null" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char target[400];
        snprintf(target, sizeof target, "%s%s", query_at(id, "/results"), bad[i]);
        refused(call("GET", target, NULL), 400, "INVALID_QUERY_LOCATOR");
    }
    static const char *const wrong[] = { "?maxRecords=0", "?maxRecords=-1", "?maxRecords=x", "?maxRecords=1x" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char target[400];
        snprintf(target, sizeof target, "%s%s", query_at(id, "/results"), wrong[i]);
        refused(call("GET", target, NULL), 400, "INVALID_FIELD");
    }
}

/* Five addresses at a time, each of a page; all of them together are the result. */
static void addresses_of_pages(void **state)
{
    (void)state;
    rows_are_there(11);
    knob("{\"pageRows\":2}");
    struct job_id id = found("SELECT Name FROM Account WHERE Name LIKE 'Row %' ORDER BY Name");
    char next[400], base[400];
    snprintf(base, sizeof base, "%s", query_at(id, "/results?locator="));
    assert_int_equal(call("GET", query_at(id, "/resultPages"), NULL), 200);
    json_t *json = json_loads(text(), 0, NULL), *pages = json_object_get(json, "resultPages"), *page;
    assert_int_equal(json_array_size(pages), 5);
    assert_true(json_is_false(json_object_get(json, "done")));
    snprintf(next, sizeof next, "%s", text_of(json, "nextRecordsUrl"));
    size_t i;
    int seen = 0;
    json_array_foreach (pages, i, page) {
        const char *url = text_of(page, "resultUrl");
        char row[20];
        assert_int_equal(strncmp(url, base, strlen(base)), 0);
        assert_int_equal(call("GET", url, NULL), 200);
        snprintf(row, sizeof row, "\"Row %02zu\"", 2 * i + 1);
        holds(row);
        seen += rows();
    }
    json_decref(json);
    assert_int_equal(seen, 10);
    assert_int_equal(call("GET", next, NULL), 200);
    holds("\"done\":true");
    lacks("nextRecordsUrl");
    json = json_loads(text(), 0, NULL);
    pages = json_object_get(json, "resultPages");
    assert_int_equal(json_array_size(pages), 1);
    assert_int_equal(call("GET", text_of(json_array_get(pages, 0), "resultUrl"), NULL), 200);
    json_decref(json);
    holds("\"Row 11\"");
    page_is("null", "1");
}

/* Addresses of pages are there from version 58 on; results are read by the version of the job. */
static void versions(void **state)
{
    char target[400];
    (void)state;
    struct job_id id = found("SELECT Name FROM Account");
    static const struct {
        int version, results, pages;
    } rows_of[] = { { 62, 200, 200 }, { 58, 409, 409 }, { 57, 409, 404 } };
    for (size_t i = 0; i < sizeof rows_of / sizeof *rows_of; i++) {
        snprintf(target, sizeof target, "/services/data/v%d.0/jobs/query/%s/results", rows_of[i].version, id.s);
        assert_int_equal(call("GET", target, NULL), rows_of[i].results);
        snprintf(target, sizeof target, "/services/data/v%d.0/jobs/query/%s/resultPages", rows_of[i].version, id.s);
        assert_int_equal(call("GET", target, NULL), rows_of[i].pages);
        snprintf(target, sizeof target, "/services/data/v%d.0/jobs/query/%s", rows_of[i].version, id.s);
        assert_int_equal(call("GET", target, NULL), 200);
    }
    id = made(call("POST", "/services/data/v58.0/jobs/query", "{\"query\":\"SELECT Id FROM Account LIMIT 1\"}"));
    snprintf(target, sizeof target, "/services/data/v58.0/jobs/query/%s", id.s);
    wait_at(target, "JobComplete");
    holds("\"apiVersion\":58.0");
    snprintf(target, sizeof target, "/services/data/v58.0/jobs/query/%s/resultPages", id.s);
    assert_int_equal(call("GET", target, NULL), 200);
}

static void results_of_a_query_that_is_not_done(void **state)
{
    (void)state;
    knob("{\"hold\":true}");
    struct job_id id = ask_for("SELECT Id FROM Account");
    refused(call("GET", query_at(id, "/results"), NULL), 412, "JOB_NOT_COMPLETE");
    holds("Current status: UPLOAD_COMPLETE");
    refused(call("GET", query_at(id, "/resultPages"), NULL), 412, "JOB_NOT_COMPLETE");
    assert_int_equal(call("PATCH", query_at(id, ""), "{\"state\":\"Aborted\"}"), 200);
    assert_string_equal(member("state"), "Aborted");
    knob("{\"hold\":false}");
    refused(call("GET", query_at(id, "/results"), NULL), 412, "JOB_NOT_COMPLETE");
    holds("Current status: ABORTED");
    assert_int_equal(call("DELETE", query_at(id, ""), NULL), 204);
    id = found("SELECT Id FROM Account");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_query_goes_its_way, bulk_reset),
        cmocka_unit_test_setup(queries_that_cannot_be, bulk_reset),
        cmocka_unit_test_setup(values_as_csv, bulk_reset),
        cmocka_unit_test_setup(dialects_and_deleted_records, bulk_reset),
        cmocka_unit_test_setup(pages_by_locator, bulk_reset),
        cmocka_unit_test_setup(addresses_of_pages, bulk_reset),
        cmocka_unit_test_setup(versions, bulk_reset),
        cmocka_unit_test_setup(results_of_a_query_that_is_not_done, bulk_reset),
    };
    return cmocka_run_group_tests(tests, bulk_open, bulk_close);
}
