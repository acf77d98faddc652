/* test_org_content.c - files: bytes as base64 and as multipart, documents, versions and links; and several threads at
 * once. */
#include "tests/sandbox/org_fixture.h"

#include <pthread.h>

static const char hello[] = "{\"PathOnClient\":\"cards/og.png\",\"VersionData\":\"aGVsbG8=\"%s}";

static const char *upload(const char *more)
{
    static char id[20];
    char body[500];
    snprintf(body, sizeof body, hello, more);
    assert_status(call("POST", "sobjects/ContentVersion", body), 201);
    snprintf(id, sizeof id, "%s", text_at("id"));
    return id;
}

static void version(const char *id, const char *fields)
{
    char query[300];
    snprintf(query, sizeof query, "SELECT %s FROM ContentVersion WHERE Id = '%s'", fields, id);
    assert_status(soql(query), 200);
    assert_int_equal(int_at("totalSize"), 1);
}

static void a_file_makes_its_document_and_link(void **state)
{
    char id[20], path[120], document[20];
    (void)state;
    snprintf(id, sizeof id, "%s", upload(",\"FirstPublishLocationId\":\"701xx0000000010\",\"Description\":\"a card\""));
    version(id, "Title, FileExtension, FileType, ContentSize, Checksum, VersionNumber, IsLatest, VersionData, "
                "ContentDocumentId, ContentDocument.Title");
    assert_string_equal(text_at("records.0.Title"), "og");
    assert_string_equal(text_at("records.0.FileExtension"), "png");
    assert_string_equal(text_at("records.0.FileType"), "PNG");
    assert_int_equal(int_at("records.0.ContentSize"), 5);
    assert_string_equal(text_at("records.0.Checksum"), "5d41402abc4b2a76b9719d911017c592"); /* md5 of hello */
    assert_string_equal(text_at("records.0.VersionNumber"), "1");
    assert_true(json_is_true(at("records.0.IsLatest")));
    assert_string_equal(text_at("records.0.ContentDocument.Title"), "og");
    snprintf(document, sizeof document, "%s", text_at("records.0.ContentDocumentId"));
    snprintf(path, sizeof path, "/services/data/v62.0/sobjects/ContentVersion/%s/VersionData", id);
    assert_string_equal(text_at("records.0.VersionData"), path);
    assert_int_equal(send_bytes("GET", path, "", "", NULL, 0, ""), 200);
    assert_string_equal(answer.content_type, "application/octetstream");
    assert_int_equal(answer.body_n, 5);
    assert_memory_equal(answer.body, "hello", 5);
    char query[200];
    snprintf(query, sizeof query,
             "SELECT LinkedEntityId, ShareType FROM ContentDocumentLink WHERE ContentDocumentId = '%s' ORDER BY "
             "LinkedEntityId",
             document);
    assert_status(soql(query), 200);
    assert_int_equal(int_at("totalSize"), 2); /* the uploader and the campaign */
    assert_string_equal(text_at("records.1.LinkedEntityId"), "701xx0000000010AAA");
    assert_status(soql("SELECT Id, (SELECT ContentDocument.Title FROM ContentDocumentLinks) FROM Campaign WHERE Id = "
                       "'701xx0000000010'"),
                  200);
    assert_string_equal(text_at("records.0.ContentDocumentLinks.records.0.ContentDocument.Title"), "og");
}

static void a_new_version_follows_the_document(void **state)
{
    char first[20], second[20], more[200];
    (void)state;
    snprintf(first, sizeof first, "%s", upload(",\"Title\":\"One\""));
    version(first, "ContentDocumentId");
    snprintf(more, sizeof more, ",\"Title\":\"Two\",\"ContentDocumentId\":\"%s\",\"ReasonForChange\":\"new colours\"",
             text_at("records.0.ContentDocumentId"));
    snprintf(second, sizeof second, "%s", upload(more));
    version(first, "IsLatest, VersionNumber");
    assert_true(json_is_false(at("records.0.IsLatest")));
    version(second, "IsLatest, VersionNumber, ContentDocument.Title, ContentDocument.LatestPublishedVersionId");
    assert_true(json_is_true(at("records.0.IsLatest")));
    assert_string_equal(text_at("records.0.VersionNumber"), "2");
    assert_string_equal(text_at("records.0.ContentDocument.Title"), "Two");
    assert_string_equal(text_at("records.0.ContentDocument.LatestPublishedVersionId"), second);
    assert_status(soql("SELECT COUNT() FROM ContentDocument"), 200);
    assert_int_equal(int_at("totalSize"), 1);
}

static void what_files_refuse(void **state)
{
    char body[300];
    (void)state;
    call("POST", "sobjects/ContentVersion", "{\"PathOnClient\":\"a.txt\"}");
    assert_error(400, "REQUIRED_FIELD_MISSING");
    call("POST", "sobjects/ContentVersion", "{\"VersionData\":\"aGVsbG8=\"}");
    assert_error(400, "REQUIRED_FIELD_MISSING");
    snprintf(body, sizeof body, hello, ",\"FirstPublishLocationId\":\"701xx0000009999\"");
    call("POST", "sobjects/ContentVersion", body);
    assert_error(400, "INVALID_CROSS_REFERENCE_KEY");
    snprintf(body, sizeof body, hello, ",\"VersionNumber\":\"7\"");
    call("POST", "sobjects/ContentVersion", body);
    assert_error(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    assert_status(soql("SELECT COUNT() FROM ContentDocument"), 200);
    assert_int_equal(int_at("totalSize"), 0); /* nothing stays of a refused file */
}

static void deleting_the_document_deletes_the_file(void **state)
{
    char id[20], path[100];
    (void)state;
    snprintf(id, sizeof id, "%s", upload(""));
    version(id, "ContentDocumentId");
    snprintf(path, sizeof path, "sobjects/ContentDocument/%s", text_at("records.0.ContentDocumentId"));
    assert_status(call("DELETE", path, NULL), 204);
    assert_status(soql("SELECT COUNT() FROM ContentVersion"), 200);
    assert_int_equal(int_at("totalSize"), 0);
    assert_status(soql("SELECT COUNT() FROM ContentDocumentLink"), 200);
    assert_int_equal(int_at("totalSize"), 0);
    snprintf(path, sizeof path, "/services/data/v62.0/sobjects/ContentVersion/%s/VersionData", id);
    send_bytes("GET", path, "", "", NULL, 0, "");
    assert_error(404, "NOT_FOUND");
}

static void multipart_carries_raw_bytes(void **state)
{
    static const char text[] =
        "--b0und\r\nContent-Disposition: form-data; name=\"entity_content\";\r\nContent-Type: application/json\r\n\r\n"
        "{\"PathOnClient\":\"raw.bin\"}\r\n--b0und\r\nContent-Type: application/octet-stream\r\n"
        "Content-Disposition: form-data; name=\"VersionData\"; "
        "filename=\"raw.bin\"\r\n\r\n\0\r\n-\xff--b0un\r\n--b0und--\r\n";
    char path[120];
    (void)state;
    assert_status(send_bytes("POST", "/services/data/v62.0/sobjects/ContentVersion", "",
                             "multipart/form-data; boundary=\"b0und\"", text, sizeof text - 1, ""),
                  201);
    snprintf(path, sizeof path, "/services/data/v62.0/sobjects/ContentVersion/%s/VersionData", text_at("id"));
    assert_int_equal(send_bytes("GET", path, "", "", NULL, 0, ""), 200);
    assert_int_equal(answer.body_n, 11);
    assert_memory_equal(answer.body, "\0\r\n-\xff--b0un", 11);
    /* cut short at every place: an error or the same file, never a crash */
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *copy = malloc(n + 1);
        memcpy(copy, text, n);
        int status = send_bytes("POST", "/services/data/v62.0/sobjects/ContentVersion", "",
                                "multipart/form-data; boundary=b0und", copy, n, "");
        free(copy);
        if (status != 400 && n < sizeof text - 5)
            fail_msg("%zu bytes: %d", n, status);
    }
    send_bytes("POST", "/services/data/v62.0/sobjects/ContentVersion", "", "multipart/form-data", text, sizeof text - 1,
               "");
    assert_error(400, "INVALID_MULTIPART_REQUEST");
}

static void a_collection_carries_several_files(void **state)
{
    static const char text[] =
        "--x\r\nContent-Disposition: form-data; name=\"collection\"\r\nContent-Type: application/json\r\n\r\n"
        "{\"allOrNone\":true,\"records\":[{\"attributes\":{\"type\":\"ContentVersion\",\"binaryPartName\":\"one\","
        "\"binaryPartNameAlias\":\"VersionData\"},\"PathOnClient\":\"1.txt\"},"
        "{\"attributes\":{\"type\":\"ContentVersion\",\"binaryPartName\":\"two\",\"binaryPartNameAlias\":"
        "\"VersionData\"},\"PathOnClient\":\"2.txt\"}]}\r\n"
        "--x\r\nContent-Disposition: form-data; name=\"one\"; "
        "filename=\"1.txt\"\r\n\r\nfirst\r\n--x\r\nContent-Disposition: form-data; "
        "name=\"two\"\r\n\r\nsecond!\r\n--x--";
    (void)state;
    assert_status(send_bytes("POST", "/services/data/v62.0/composite/sobjects", "", "multipart/form-data; boundary=x",
                             text, sizeof text - 1, ""),
                  200);
    assert_true(json_is_true(at("0.success")));
    assert_true(json_is_true(at("1.success")));
    assert_status(soql("SELECT Title, ContentSize FROM ContentVersion ORDER BY Title"), 200);
    assert_int_equal(int_at("records.0.ContentSize"), 5);
    assert_int_equal(int_at("records.1.ContentSize"), 7);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 60 };

static void *worker(void *arg)
{
    struct org_request r = { .method = "POST",
                             .path = "/services/data/v62.0/sobjects/Account",
                             .query = "",
                             .content_type = "application/json",
                             .accept_call_options = "",
                             .body = "{\"Name\":\"Threaded\"}",
                             .body_n = 19 };
    struct org_request q = { .method = "GET",
                             .path = "/services/data/v62.0/query",
                             .query = "q=SELECT+Id,+Name,+(SELECT+Id+FROM+Contacts)+FROM+Account+LIMIT+50",
                             .content_type = "",
                             .accept_call_options = "" };
    size_t *failures = arg;
    if (!org_find_user(org, "admin@example.com", &r.user))
        ++*failures;
    q.user = r.user;
    for (int i = 0; i < ROUNDS; i++) {
        struct org_reply a = { 0 }, b = { 0 };
        org_handle(org, &r, &a);
        org_handle(org, &q, &b);
        *failures += (a.status != 201) + (b.status != 200);
        free(a.body);
        free(b.body);
    }
    return NULL;
}

static void several_threads_share_one_org(void **state)
{
    pthread_t threads[THREADS];
    size_t failures[THREADS] = { 0 };
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, worker, &failures[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
    assert_status(soql("SELECT COUNT(Id) n, COUNT_DISTINCT(Id) d FROM Account WHERE Name = 'Threaded'"), 200);
    assert_int_equal(int_at("records.0.n"), THREADS * ROUNDS);
    assert_int_equal(int_at("records.0.d"), THREADS * ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_file_makes_its_document_and_link, fixture_reset),
        cmocka_unit_test_setup(a_new_version_follows_the_document, fixture_reset),
        cmocka_unit_test_setup(what_files_refuse, fixture_reset),
        cmocka_unit_test_setup(deleting_the_document_deletes_the_file, fixture_reset),
        cmocka_unit_test_setup(multipart_carries_raw_bytes, fixture_reset),
        cmocka_unit_test_setup(a_collection_carries_several_files, fixture_reset),
        cmocka_unit_test_setup(several_threads_share_one_org, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
