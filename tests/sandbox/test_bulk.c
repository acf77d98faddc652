/*
 * test_bulk.c - bulk jobs that write: their life, their three results, what the org says of each record.
 */
#include "sandbox/login/sessions.h"
#include "tests/sandbox/bulk_fixture.h"

#define INSERT "{\"object\":\"Account\",\"operation\":\"insert\"}"
#define KEYED "{\"object\":\"Account\",\"operation\":\"upsert\",\"externalIdFieldName\":\"AppLinkKey__c\"}"

/* ---- the life of a job ---- */

static void a_job_goes_its_way(void **state)
{
    (void)state;
    struct job_id id = create("{\"object\":\"account\",\"operation\":\"insert\",\"more\":[{}]}");
    assert_int_equal(strlen(id.s), 18);
    assert_int_equal(strncmp(id.s, "750", 3), 0);
    assert_string_equal(member("state"), "Open");
    assert_string_equal(member("object"), "Account");
    holds("\"apiVersion\":62.0");
    holds("\"contentUrl\":\"services/data/v62.0/jobs/ingest/");
    holds("\"lineEnding\":\"LF\",\"columnDelimiter\":\"COMMA\"");
    lacks("numberRecordsProcessed");
    assert_int_equal(upload(id, "Name,NumberOfEmployees\nBulk one,3\n,4\nBulk two,5\n"), 201);
    assert_int_equal(said.body_n, 0);
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    assert_string_equal(member("state"), "UploadComplete");
    lacks("contentUrl");
    wait_at(at(id, ""), "JobComplete");
    holds("\"jobType\":\"V2Ingest\"");
    counts("3", "1");
    holds("\"retries\":0");
    lacks("errorMessage");
    successes(id);
    assert_string_equal(reply_get(&said, "Content-Type"), "text/csv;charset=UTF-8");
    holds("\"sf__Id\",\"sf__Created\",\"Name\",\"NumberOfEmployees\"\n\"001");
    holds("\",\"true\",\"Bulk one\",\"3\"\n");
    assert_int_equal(rows(), 2);
    failures(id);
    assert_string_equal(text(),
                        "\"sf__Id\",\"sf__Error\",\"Name\",\"NumberOfEmployees\"\n"
                        "\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --\",\"\",\"4\"\n");
    unprocessed(id);
    assert_string_equal(text(), "\"Name\",\"NumberOfEmployees\"\n");
    assert_int_equal(count("Account WHERE Name LIKE 'Bulk %'"), 2);
    refused(set_state(id, "Aborted"), 400, "INVALIDJOBSTATE");
    holds("Aborting already Completed Job not allowed");
    refused(set_state(id, "UploadComplete"), 400, "INVALIDJOBSTATE");
    refused(upload(id, "Name\nx\n"), 400, "INVALIDJOBSTATE");
    assert_int_equal(call("DELETE", at(id, ""), NULL), 204);
    refused(call("GET", at(id, ""), NULL), 404, "NOT_FOUND");
    refused(call("GET", at(id, "/successfulResults"), NULL), 404, "NOT_FOUND");
}

static void jobs_that_cannot_be(void **state)
{
    static const struct {
        const char *spec, *code, *says;
    } bad[] = {
        { "", "JSON_PARSER_ERROR", "" },
        { "[]", "JSON_PARSER_ERROR", "" },
        { "{}", "INVALIDJOB", "operation" },
        { "{\"object\":\"Account\",\"operation\":\"merge\"}", "INVALIDJOB", "merge" },
        { "{\"object\":\"Account\",\"operation\":\"query\"}", "INVALIDJOB", "query" },
        { "{\"object\":\"Nothing__c\",\"operation\":\"insert\"}", "INVALIDJOB", "Unable to find object: Nothing__c" },
        { "{\"object\":\"Account\",\"operation\":\"upsert\"}", "INVALIDJOB", "externalIdFieldName" },
        { "{\"object\":\"Account\",\"operation\":\"upsert\",\"externalIdFieldName\":\"Name\"}", "INVALIDJOB", "Name" },
        { "{\"object\":\"Account\",\"operation\":\"hardDelete\"}", "FEATURENOTENABLED", "hardDelete" },
        { "{\"object\":\"Account\",\"operation\":\"insert\",\"contentType\":\"JSON\"}", "INVALIDJOB", "JSON" },
        { "{\"object\":\"Account\",\"operation\":\"insert\",\"columnDelimiter\":\"COLON\"}", "INVALIDJOB", "COLON" },
        { "{\"object\":\"Account\",\"operation\":\"insert\",\"lineEnding\":\"CR\"}", "INVALIDJOB", "CR" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        refused(call("POST", INGEST, bad[i].spec), 400, bad[i].code);
        holds(bad[i].says);
    }
    assert_int_equal(call("GET", INGEST, NULL), 200);
    holds("\"records\":[]");
}

static void addresses_that_are_none(void **state)
{
    (void)state;
    struct job_id id = create(INSERT);
    refused(call("GET", INGEST "/750xx0000009999AAB", NULL), 400, "NOT_FOUND");
    refused(call("GET", INGEST "/750xx0000009999", NULL), 404, "NOT_FOUND");
    refused(call("GET", INGEST "/nope", NULL), 400, "NOT_FOUND");
    refused(call("GET", at(id, "/nope"), NULL), 404, "NOT_FOUND");
    refused(call("GET", at(id, "/successfulResults/x"), NULL), 404, "NOT_FOUND");
    refused(call("GET", DATA "/jobs/other", NULL), 404, "NOT_FOUND");
    refused(call("GET", "/services/data/v99.0/jobs/ingest", NULL), 404, "NOT_FOUND");
    refused(call("PUT", INGEST, ""), 405, "METHOD_NOT_ALLOWED");
    refused(call("POST", at(id, ""), "{}"), 405, "METHOD_NOT_ALLOWED");
    refused(call("GET", query_at(id, ""), NULL), 404, "NOT_FOUND"); /* a job of the other kind */
    refused(set_state(id, "Closed"), 400, "INVALIDJOBSTATE");
    refused(call("PATCH", at(id, ""), "no json"), 400, "INVALIDJOBSTATE");
    assert_int_equal(ask_status("GET", INGEST, NULL, NULL), 401);
    at_address = 1; /* a token of another org */
    assert_int_equal(call("GET", INGEST, NULL), 401);
    at_address = 0;
}

/* A second upload is taken, but then the job cannot be closed: no row may be written twice. */
static void a_job_has_one_upload(void **state)
{
    (void)state;
    struct job_id id = create(INSERT);
    refused(set_state(id, "UploadComplete"), 400, "INVALIDJOBSTATE");
    refused(upload(id, ""), 400, "INVALIDBATCH");
    refused(send_as("PUT", at(id, "/batches"), "application/json", "Name\nx\n"), 415, "UNSUPPORTED_MEDIA_TYPE");
    assert_int_equal(upload(id, "Name\nOnce only\n"), 201);
    assert_int_equal(upload(id, "Name\nOnce only\n"), 201);
    refused(set_state(id, "UploadComplete"), 400, "INVALIDJOB");
    holds("make sure you only do 'PUT' once on a given Job");
    assert_int_equal(set_state(id, "Aborted"), 200);
    assert_string_equal(member("state"), "Aborted");
    assert_int_equal(count("Account WHERE Name = 'Once only'"), 0);
    unprocessed(id);
    assert_string_equal(text(), "Name\nOnce only\n");
}

static void a_request_that_is_the_whole_job(void **state)
{
    (void)state;
    static const char body[] =
        "--B\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n"
        "{\"object\":\"Account\",\"operation\":\"insert\",\"lineEnding\":\"LF\"}\r\n"
        "--B\r\nContent-Type: text/csv\r\n"
        "Content-Disposition: form-data; name=\"content\"; filename=\"content\"\r\n\r\n"
        "Name\nMulti one\nMulti two\n\r\n--B--\r\n";
    struct job_id id = made(send_as("POST", INGEST "/", "multipart/form-data; boundary=B", body));
    assert_string_equal(member("state"), "UploadComplete");
    wait_at(at(id, ""), "JobComplete");
    counts("2", "0");
    refused(send_as("POST", INGEST, "multipart/form-data; boundary=B", "--B--"), 400, "INVALID_MULTIPART_REQUEST");
    refused(send_as("POST", INGEST, "multipart/form-data; boundary=B",
                    "--B\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n" INSERT "\r\n--B\r\n"
                    "Content-Disposition: form-data; name=\"content\"\r\n\r\n\r\n--B--\r\n"),
            400, "INVALIDBATCH");
    assert_int_equal(count("Account WHERE Name LIKE 'Multi %'"), 2);
}

/* ---- operations ---- */

static void update_upsert_and_delete(void **state)
{
    char csv[900], ids[2][24];
    (void)state;
    struct job_id id =
        load(KEYED, "AppLinkKey__c,Name,NumberOfEmployees\nk1,One,1\nk2,Two,2\n,None,3\n", "JobComplete");
    counts("3", "1");
    failures(id);
    holds("MISSING_ARGUMENT:AppLinkKey__c not specified:AppLinkKey__c --");
    successes(id);
    for (int i = 0; i < 2; i++) {
        const char *p = strstr(text(), i ? "\"k2\"" : "\"k1\"");
        assert_non_null(p);
        snprintf(ids[i], sizeof ids[i], "%.18s", p - strlen("001xx0000000145AAA\",\"true\","));
    }
    id = load(KEYED, "Name,AppLinkKey__c\nOne again,K1\nThree,k3\n", "JobComplete");
    successes(id);
    snprintf(csv, sizeof csv, "\"%s\",\"false\",\"One again\",\"K1\"", ids[0]);
    holds(csv);
    holds("\",\"true\",\"Three\",\"k3\"");
    snprintf(csv, sizeof csv, "Id,NumberOfEmployees,Description\n%s,,#N/A\n%.15s,7,\n001xx0000000zzz,1,\nx,1,\n,1,\n",
             ids[0], ids[1]);
    id = load("{\"object\":\"Account\",\"operation\":\"update\"}", csv, "JobComplete");
    counts("5", "3");
    failures(id);
    holds("\"001xx0000000zzzAAA\",\"INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--\",\"001xx0000000zzz\"");
    holds("MALFORMED_ID:Record ID: id value of incorrect type: x:Id --");
    holds("MISSING_ARGUMENT:Id not specified in an update call:Id --");
    assert_int_equal(count("Account WHERE AppLinkKey__c = 'k1' AND NumberOfEmployees = 1"), 1);
    assert_int_equal(count("Account WHERE AppLinkKey__c = 'k2' AND NumberOfEmployees = 7"), 1);
    snprintf(csv, sizeof csv, "Id\n%s\n%s\n%s\n", ids[0], ids[1], ids[0]);
    id = load("{\"object\":\"Account\",\"operation\":\"delete\"}", csv, "JobComplete");
    counts("3", "2");
    failures(id);
    holds("DUPLICATE_VALUE:Duplicate id specified: ");
    snprintf(csv, sizeof csv, "Id\n%s\n", ids[1]);
    id = load("{\"object\":\"Account\",\"operation\":\"delete\"}", csv, "JobComplete");
    failures(id);
    holds("ENTITY_IS_DELETED");
    knob("{\"hardDelete\":true}");
    snprintf(csv, sizeof csv, "Id\n%s\n", ids[0]);
    load("{\"object\":\"Account\",\"operation\":\"hardDelete\"}", csv, "JobComplete");
    counts("1", "0");
    assert_int_equal(count("Account WHERE AppLinkKey__c LIKE 'k%'"), 1);
}

/* An id of 15 characters is the same as that of 18, but one of other letters is another id. */
static void twins_by_id(void **state)
{
    char csv[200], id[24];
    (void)state;
    struct job_id job = load(INSERT, "Name\nTwin\n", "JobComplete");
    successes(job);
    snprintf(id, sizeof id, "%.18s", strchr(text(), '\n') + 2);
    snprintf(csv, sizeof csv, "Id,Name\n%s,a\n%.15s,b\n", id, id);
    job = load("{\"object\":\"Account\",\"operation\":\"update\"}", csv, "JobComplete");
    counts("2", "2");
    job = load("{\"object\":\"Account\",\"operation\":\"update\"}", "Id,Name\n001xx0000000abc,a\n001xx0000000aBc,b\n",
               "JobComplete");
    counts("2", "2");
    failures(job);
    lacks("DUPLICATE_VALUE");
    holds("INVALID_CROSS_REFERENCE_KEY");
}

static void platform_events(void **state)
{
    (void)state;
    struct job_id id =
        load("{\"object\":\"Action_Job__e\",\"operation\":\"insert\"}", "JobId__c\nby-bulk\n", "JobComplete");
    counts("1", "0");
    successes(id);
    holds("\"true\",\"by-bulk\"");
    reply_free(&said);
    said = ask("GET", "/sandbox/events", NULL, NULL);
    holds("by-bulk");
}

static void upsert_by_id(void **state)
{
    char csv[200], id[24];
    (void)state;
    struct job_id job = load(INSERT, "Name\nBy id\n", "JobComplete");
    successes(job);
    snprintf(id, sizeof id, "%.18s", strchr(text(), '\n') + 2);
    snprintf(csv, sizeof csv, "Id,Name\n%s,By id again\n,Made by id\n", id);
    job = load("{\"object\":\"Account\",\"operation\":\"upsert\",\"externalIdFieldName\":\"Id\"}", csv, "JobComplete");
    counts("2", "0");
    successes(job);
    holds("\"false\"");
    holds("\"true\",\"\",\"Made by id\"");
    assert_int_equal(count("Account WHERE Name = 'By id again'"), 1);
    load("{\"object\":\"Account\",\"operation\":\"insert\"}", csv, "JobComplete");
    counts("2", "1");
}

/* An empty value leaves a field alone, #N/A empties it; words of checkboxes; a parent by a key of its own. */
static void values_and_parents(void **state)
{
    (void)state;
    load(KEYED, "AppLinkKey__c,Name,Description\np1,Parent,\"said, \"\"so\"\"\n\"\n", "JobComplete");
    counts("1", "0");
    load(KEYED, "AppLinkKey__c,Description\np1,\n", "JobComplete");
    assert_int_equal(count("Account WHERE AppLinkKey__c = 'p1' AND Name = 'Parent'"), 1);
    struct job_id id =
        load("{\"object\":\"Contact\",\"operation\":\"insert\"}",
             "LastName,Account.AppLinkKey__c\nChild,p1\nOrphan,\nLost,nobody\nNone,#N/A\n", "JobComplete");
    counts("4", "1");
    failures(id);
    holds("INVALID_FIELD:Foreign key external ID: ");
    holds("nobody");
    assert_int_equal(count("Contact WHERE Account.AppLinkKey__c = 'p1' AND LastName = 'Child'"), 1);
    assert_int_equal(count("Contact WHERE AccountId = null AND LastName IN ('Orphan', 'None')"), 2);
    load("{\"object\":\"Opportunity\",\"operation\":\"insert\"}",
         "Name,StageName,CloseDate,Amount\nBad day,Prospecting,2026-13-01,1\nBad sum,Prospecting,2026-12-01,much\n"
         "Good,Prospecting,2026-12-01,1.5\n",
         "JobComplete");
    counts("3", "2");
    load(KEYED, "AppLinkKey__c,Description\np1,#N/A\n", "JobComplete");
    counts("1", "0");
}

static void types_are_told_by_field(void **state)
{
    (void)state;
    struct job_id id = load(
        "{\"object\":\"Opportunity\",\"operation\":\"insert\"}",
        "Name,StageName,CloseDate,Amount\nx,Prospecting,2026-13-01,1\nx,Prospecting,2026-12-01,much\n", "JobComplete");
    failures(id);
    holds("INVALID_TYPE_ON_FIELD_IN_RECORD:Close Date: value not of required type: 2026-13-01:CloseDate --");
    holds("value not of required type: much:Amount --");
}

static void dialects_come_back(void **state)
{
    (void)state;
    struct job_id id = load(
        "{\"object\":\"Account\",\"operation\":\"insert\",\"columnDelimiter\":\"SEMICOLON\",\"lineEnding\":\"CRLF\"}",
        "Name;Description\r\nDialect;a,b\r\n;none\r\n", "JobComplete");
    counts("2", "1");
    holds("\"lineEnding\":\"CRLF\",\"columnDelimiter\":\"SEMICOLON\"");
    successes(id);
    holds("\"sf__Id\";\"sf__Created\";\"Name\";\"Description\"\r\n");
    holds("\";\"true\";\"Dialect\";\"a,b\"\r\n");
    failures(id);
    holds(";\"\";\"none\"\r\n");
}

/* Data that cannot be read fails the job before a record is written, and all of it is unprocessed. */
static void data_that_cannot_be_read(void **state)
{
    static const struct {
        const char *spec, *csv, *says;
    } bad[] = {
        { INSERT, "Name,Nothing__c\nFails,1\n", "InvalidBatch : Field name not found : Nothing__c" },
        { INSERT, "Name,Owner.Name\nFails,1\n", "InvalidBatch : Field name not found : Owner.Name" },
        { INSERT, "Name,Nobody.Id\nFails,1\n", "InvalidBatch : Field name not found : Nobody.Id" },
        { INSERT, "Name,name\nFails,1\n", "InvalidBatch : Duplicate field name : name" },
        { INSERT, "Name\nFails\n\"Fails\n", "InvalidBatch : A quoted value has no closing quote (record 3)" },
        { INSERT, "Name\r\nFails\r\n", "ClientInputError : LineEnding is invalid on user data." },
        { INSERT, "\n\n", "InvalidBatch : The data has no header" },
        { KEYED, "Name\nFails\n", "InvalidBatch : Field name not found : AppLinkKey__c" },
        { "{\"object\":\"Account\",\"operation\":\"update\"}", "Name\nFails\n", "Field name not found : Id" },
        { "{\"object\":\"Account\",\"operation\":\"delete\"}", "Id,Name\n001xx0000000zzz,Fails\n", "and no other" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct job_id id = load(bad[i].spec, bad[i].csv, "Failed");
        holds(bad[i].says);
        counts("0", "0");
        successes(id);
        assert_int_equal(rows(), 0);
        failures(id);
        assert_int_equal(rows(), 0);
        unprocessed(id);
        if (strstr(bad[i].csv, "Fails"))
            holds("Fails");
        refused(set_state(id, "Aborted"), 400, "INVALIDJOBSTATE");
    }
    assert_int_equal(count("Account WHERE Name LIKE '%Fails%'"), 0);
}

static void a_header_alone_is_a_job_without_records(void **state)
{
    (void)state;
    struct job_id id = load(INSERT, "Name,Description\n", "JobComplete");
    counts("0", "0");
    successes(id);
    assert_string_equal(text(), "\"sf__Id\",\"sf__Created\",\"Name\",\"Description\"\n");
}

/* ---- who may what ---- */

static void a_user_sees_what_he_may(void **state)
{
    char admin[sizeof line];
    (void)state;
    struct job_id theirs = create(INSERT);
    snprintf(admin, sizeof admin, "%s", line);
    struct org_user user;
    char token[SESSION_TOKEN_MAX];
    assert_true(org_find_user(sandbox_org(box, 0), "limited@example.com", &user));
    assert_true(sessions_for(box->sessions, 0, &user, token));
    snprintf(line, sizeof line, "Authorization: Bearer %s", token);
    refused(call("GET", at(theirs, ""), NULL), 404, "NOT_FOUND");
    refused(call("POST", INGEST, "{\"object\":\"Opportunity\",\"operation\":\"insert\"}"), 400, "INVALIDJOB");
    struct job_id id = load(INSERT, "Name,AnnualRevenue\nHidden,5\n", "Failed");
    holds("Field name not found : AnnualRevenue");
    struct job_id own = create(INSERT);
    snprintf(line, sizeof line, "%s", admin);
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    assert_int_equal(set_state(own, "Aborted"), 200); /* an administrator ends other people's jobs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_job_goes_its_way, bulk_reset),
        cmocka_unit_test_setup(jobs_that_cannot_be, bulk_reset),
        cmocka_unit_test_setup(addresses_that_are_none, bulk_reset),
        cmocka_unit_test_setup(a_job_has_one_upload, bulk_reset),
        cmocka_unit_test_setup(a_request_that_is_the_whole_job, bulk_reset),
        cmocka_unit_test_setup(update_upsert_and_delete, bulk_reset),
        cmocka_unit_test_setup(twins_by_id, bulk_reset),
        cmocka_unit_test_setup(platform_events, bulk_reset),
        cmocka_unit_test_setup(upsert_by_id, bulk_reset),
        cmocka_unit_test_setup(values_and_parents, bulk_reset),
        cmocka_unit_test_setup(types_are_told_by_field, bulk_reset),
        cmocka_unit_test_setup(dialects_come_back, bulk_reset),
        cmocka_unit_test_setup(data_that_cannot_be_read, bulk_reset),
        cmocka_unit_test_setup(a_header_alone_is_a_job_without_records, bulk_reset),
        cmocka_unit_test_setup(a_user_sees_what_he_may, bulk_reset),
    };
    return cmocka_run_group_tests(tests, bulk_open, bulk_close);
}
