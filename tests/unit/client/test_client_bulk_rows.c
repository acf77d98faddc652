/* test_client_bulk_rows.c - results of Bulk jobs and pages of Bulk queries are read as they come, and doubted. */
#include "tests/unit/check.h"

#include "runtime/client/bulk_parts.h"
#include "tests/unit/client/routes.h"

#define JOB "750000000000001AAA"
#define INGEST BASE "jobs/ingest"
#define QUERY BASE "jobs/query"

static const char *const columns[] = { "Name", "AppLinkKey__c" };
static const struct sf_bulk_load load = { "Account", "insert", NULL, columns, COUNT(columns) };

/* ---- rows that come back ---- */

struct taken {
    struct buf text; /* "id|created|code|fields|Name|AppLinkKey__c/" */
    int stop_at, n;
};

static bool take(void *ctx, const struct sf_bulk_row *row)
{
    struct taken *t = ctx;
    t->n++;
    buf_fmt(&t->text, "%s|%d|%s|%s", row->id, row->created, row->error ? row->error->code : "",
            row->error ? row->error->fields : "");
    for (size_t i = 0; i < row->count; i++)
        buf_fmt(&t->text, "|%s=%s", row->names[i], row->values[i]);
    buf_str(&t->text, "/");
    return t->n != t->stop_at;
}

static void results_are_read(void **state)
{
    static const struct {
        enum sf_bulk_result which;
        const char *csv, *want;
    } cases[] = {
        { SF_BULK_SUCCESSFUL,
          "\"sf__Id\",\"sf__Created\",\"AppLinkKey__c\",\"Name\"\n\"001000000000001AAA\",\"true\",\"k1\",\"a "
          "\"\"b\"\"\n\"\n",
          "001000000000001AAA|1|||Name=a \"b\"\n|AppLinkKey__c=k1/" },
        { SF_BULK_UNSUCCESSFUL,
          "sf__Id,sf__Error,Name,AppLinkKey__c\n,REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name "
          "--,,k2\n",
          "|0|REQUIRED_FIELD_MISSING|Name|Name=|AppLinkKey__c=k2/" },
        { SF_BULK_UNPROCESSED, "Name,applinkkey__C\nx,k3\n", "|0|||Name=x|AppLinkKey__c=k3/" },
        { SF_BULK_UNPROCESSED, "", "" },
        { SF_BULK_UNSUCCESSFUL, "sf__Id,sf__Error,Name,AppLinkKey__c\n", "" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct route table[] = { { "GET", INGEST "/" JOB, 200, cases[i].csv, NULL } };
        struct routes routes = { .v = table, .n = 1 };
        struct kit *k = kit_new(serve, &routes);
        struct taken t = { 0 };
        struct sf_error err;
        buf_init(&t.text, 4096);
        assert_true(sf_bulk_results(act_org(&k->call), &load, JOB, cases[i].which, take, &t, &err));
        assert_string_equal(t.text.p ? t.text.p : "", cases[i].want);
        buf_free(&t.text);
        DONE;
    }
}

static void results_that_are_none(void **state)
{
    static const struct {
        const char *csv, *says;
    } cases[] = {
        { "sf__Id,sf__Error,Name\n,X:y:--,a\n", "lacks a column" },
        { "sf__Error,Name,AppLinkKey__c\nX:y:--,a,b\n", "sf__Id" },
        { "sf__Id,Name,AppLinkKey__c\n,a,b\n", "sf__Error" },
        { "sf__Id,sf__Error,Name,AppLinkKey__c\n,X:y:--,a\n", "fields than the header" },
        { "sf__Id,sf__Error,Name,AppLinkKey__c\n,X:y:--,\"a,b\n", "within quotes" },
        { "<html>Maintenance</html>", "sf__Id" },
        { "[{\"errorCode\":\"X\",\"message\":\"y\"}]", "quote" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct route table[] = { { "GET", INGEST "/" JOB, 200, cases[i].csv, NULL } };
        struct routes routes = { .v = table, .n = 1 };
        struct kit *k = kit_new(serve, &routes);
        struct taken t = { 0 };
        struct sf_error err;
        buf_init(&t.text, 4096);
        assert_false(sf_bulk_results(act_org(&k->call), &load, JOB, SF_BULK_UNSUCCESSFUL, take, &t, &err));
        assert_string_equal(err.code, "BAD_REPLY");
        assert_true(err.retryable);
        assert_non_null(strstr(err.message, cases[i].says));
        buf_free(&t.text);
        DONE;
    }
}

static void reasons_of_rows(void **state)
{
    static const struct {
        const char *text, *code, *message, *fields;
        bool retryable;
    } cases[] = {
        { "DUPLICATE_VALUE:duplicate value found: AppLinkKey__c duplicates value on record with id: 001x:--",
          "DUPLICATE_VALUE", "duplicate value found: AppLinkKey__c duplicates value on record with id: 001x", "",
          false },
        { "DUPLICATES_DETECTED:Use one of these records?:--", "DUPLICATES_DETECTED", "Use one of these records?", "",
          false },
        { "STRING_TOO_LONG:Name: data value too large:Name,Phone --", "STRING_TOO_LONG", "Name: data value too large",
          "Name,Phone", false },
        { "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--", "UNABLE_TO_LOCK_ROW",
          "unable to obtain exclusive access to this record", "", true },
        { "FIELD_CUSTOM_VALIDATION_EXCEPTION:Say why: \"x\"", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Say why: \"x\"", "",
          false },
        { "something else", "UNKNOWN_EXCEPTION", "something else", "", false },
        { "X:", "X", "The org refused the row without a reason.", "", false },
        { "", "UNKNOWN_EXCEPTION", "The org refused the row without a reason.", "", false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_error err;
        bulk_row_error(&err, cases[i].text);
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.message, cases[i].message);
        assert_string_equal(err.fields, cases[i].fields);
        assert_int_equal(err.retryable, cases[i].retryable);
    }
}

static void reading_may_be_ended(void **state)
{
    WITH_ROUTES({ "GET", INGEST "/" JOB, 200, "Name,AppLinkKey__c\na,1\nb,2\nc,3\n", NULL })
    struct taken t = { .stop_at = 2 };
    buf_init(&t.text, 4096);
    assert_false(sf_bulk_results(org, &load, JOB, SF_BULK_UNPROCESSED, take, &t, &err));
    assert_string_equal(err.code, "STOPPED");
    assert_int_equal(t.n, 2);
    buf_free(&t.text);
    DONE;
}

static void serve_half(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    static const char csv[] = "Name,AppLinkKey__c\na,1\nb,2\nc,3\n";
    (void)q;
    ++*(int *)ctx;
    r->status = 200;
    r->type = "text/csv";
    r->body = csv;
    r->n = sizeof csv - 1;
    r->cut_at = 28; /* within the third row */
}

/* Rows that were handed out are not handed out again by a second try within the client: the step has to begin anew. */
static void an_answer_that_was_cut_is_not_asked_for_again(void **state)
{
    int asked = 0;
    struct kit *k = kit_new(serve_half, &asked);
    struct taken t = { .n = 0 };
    struct sf_error err;
    (void)state;
    buf_init(&t.text, 4096);
    assert_false(sf_bulk_results(act_org(&k->call), &load, JOB, SF_BULK_UNPROCESSED, take, &t, &err));
    assert_string_equal(err.code, "CONNECTION_LOST");
    assert_true(err.retryable);
    assert_int_equal(asked, 1);
    assert_int_equal(t.n, 2);
    buf_free(&t.text);
    kit_free(k);
}

/* ---- queries ---- */

static void a_query_is_read_page_by_page(void **state)
{
    WITH_ROUTES({ "POST", QUERY, 200, "{\"id\":\"" JOB "\",\"state\":\"UploadComplete\"}", NULL },
                { "GET", QUERY "/" JOB "/results", 200, "\"Id\",\"Name\"\n\"1\",\"a\"\n\"2\",\"\"\n",
                  "Sforce-Locator: MjAw/+=\r\nSforce-NumberOfRecords: 2\r\n" },
                { "GET", QUERY "/" JOB "/results?locator=MjAw%2F%2B%3D", 200, "\"Id\",\"Name\"\n\"3\",\"c\"\n",
                  "Sforce-Locator: null\r\nSforce-NumberOfRecords: 1\r\n" })
    struct taken t = { 0 };
    struct sf_bulk_page page = { .max_rows = 2 };
    char id[SF_ID_SIZE];
    buf_init(&t.text, 4096);
    assert_true(sf_bulk_query(org, id, &err, "SELECT Id, Name FROM Account WHERE Name != ?", sf_text("it's")));
    assert_string_equal(
        routes.last_body,
        "{\"operation\":\"query\",\"query\":\"SELECT Id, Name FROM Account WHERE Name != 'it\\\\'s'\"}");
    assert_true(sf_bulk_rows(org, id, &page, take, &t, &err));
    assert_string_equal(routes.last_target, QUERY "/" JOB "/results?maxRecords=2");
    assert_string_equal(page.locator, "MjAw/+=");
    assert_false(page.last);
    assert_true(sf_bulk_rows(org, id, &page, take, &t, &err));
    assert_string_equal(routes.last_target, QUERY "/" JOB "/results?locator=MjAw%2F%2B%3D&maxRecords=2");
    assert_true(page.last);
    assert_string_equal(t.text.p, "|0|||Id=1|Name=a/|0|||Id=2|Name=/|0|||Id=3|Name=c/");
    buf_free(&t.text);
    DONE;
}

static void pages_that_cannot_be_used(void **state)
{
    static const struct {
        const char *csv, *headers, *says;
    } cases[] = {
        { "Id\n1\n", "Sforce-NumberOfRecords: 2\r\n", "other rows" },
        { "Id\n1\n", "Sforce-Locator: here\r\nSforce-NumberOfRecords: 1\r\n", "same one" },
        { "Id,Id\n1,1\n", NULL, "list of fields" },
        { "<html>Maintenance</html>", NULL, "list of fields" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct route table[] = { { "GET", QUERY "/" JOB, 200, cases[i].csv, cases[i].headers } };
        struct routes routes = { .v = table, .n = 1 };
        struct kit *k = kit_new(serve, &routes);
        struct taken t = { 0 };
        struct sf_bulk_page page = { .locator = "here" };
        struct sf_error err;
        buf_init(&t.text, 4096);
        assert_false(sf_bulk_rows(act_org(&k->call), JOB, &page, take, &t, &err));
        assert_string_equal(err.code, "BAD_REPLY");
        assert_non_null(strstr(err.message, cases[i].says));
        assert_string_equal(page.locator, "here");
        buf_free(&t.text);
        DONE;
    }
}

static void values_are_found_by_name(void **state)
{
    const char *names[] = { "Id", "Account.Name" }, *values[] = { "1", "x" };
    struct sf_bulk_row row = { .names = names, .values = values, .count = 2 };
    (void)state;
    assert_string_equal(sf_bulk_value(&row, "account.name"), "x");
    assert_null(sf_bulk_value(&row, "Name"));
}

static void daily_calls_are_told(void **state)
{
    WITH_ROUTES({ "GET", BASE "limits", 200, "{}", "Sforce-Limit-Info: api-usage=81/100\r\n" },
                { "GET", INGEST "/" JOB, 200, "{\"state\":\"Open\"}", NULL })
    int64_t used, allowed;
    json_t *out = NULL;
    assert_false(sf_daily_calls(org, &used, &allowed));
    assert_true(sf_request(org, "GET", BASE "limits", NULL, &out, &err));
    json_decref(out);
    assert_true(sf_daily_calls(org, &used, &allowed));
    assert_int_equal(used, 81);
    assert_int_equal(allowed, 100);
    DONE;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_read),
        cmocka_unit_test(results_that_are_none),
        cmocka_unit_test(reasons_of_rows),
        cmocka_unit_test(reading_may_be_ended),
        cmocka_unit_test(an_answer_that_was_cut_is_not_asked_for_again),
        cmocka_unit_test(a_query_is_read_page_by_page),
        cmocka_unit_test(pages_that_cannot_be_used),
        cmocka_unit_test(values_are_found_by_name),
        cmocka_unit_test(daily_calls_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
