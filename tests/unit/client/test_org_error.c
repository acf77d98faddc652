/* test_org_error.c - what is read from an org's refusal, and what the caller is told about it. */
#include "tests/unit/check.h"

#include "runtime/base/encoding.h"
#include "runtime/client/client_parts.h"

static void test_forms(void **state)
{
    static const struct {
        int status;
        const char *body, *code, *message, *fields;
    } cases[] = {
        { 400, "[{\"message\":\"m\",\"errorCode\":\"A\",\"fields\":[\"X\",\"Y\"]}]", "A", "m", "X,Y" },
        { 401, "{\"errorCode\":\"INVALID_SESSION_ID\",\"message\":\"Session expired or invalid\"}",
          "INVALID_SESSION_ID", "Session expired or invalid", "" },
        { 400,
          "[{\"errorCode\":\"A\",\"message\":\"m\",\"fields\":[\"X\"]},{\"errorCode\":\"B\",\"message\":\"n\","
          "\"fields\":[\"X\",\"Z\"]}]",
          "A", "m\nn", "X,Z" },
        { 400, "[{\"statusCode\":\"A\",\"message\":\"m\",\"fields\":[]}]", "A", "m", "" },
        { 400, "{\"error\":\"invalid_grant\",\"error_description\":\"d\"}", "invalid_grant", "d", "" },
        { 400, "[{\"errorCode\":\"A\"}]", "A", "", "" },
        { 400, "[{\"errorCode\":\"A\",\"message\":5,\"fields\":\"X\"}]", "A", "", "" },
        { 404, "<html>", "ERROR_HTTP_404", "Unexpected response with status: ERROR_HTTP_404", "" },
        { 500, "", "ERROR_HTTP_500", "Unexpected response with status: ERROR_HTTP_500", "" },
        { 400, "[]", "ERROR_HTTP_400", NULL, "" },
        { 400, "[5]", "ERROR_HTTP_400", NULL, "" },
        { 400, "{}", "ERROR_HTTP_400", NULL, "" },
        { 400, "[{\"errorCode\":\"\"}]", "ERROR_HTTP_400", NULL, "" },
        { 400, "[{\"errorCode\":\"A\",\"message\":\"m\"},{}]", "ERROR_HTTP_400", NULL, "" },
        { 400, "[{\"errorCode\":\"A\",\"message\":\"m\"}", "ERROR_HTTP_400", NULL, "" },
        { 400, "[{\"errorCode\":\"A\",\"message\":\"\xff\"}]", "ERROR_HTTP_400", NULL, "" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_error err;
        assert_false(sf_error_parse(&err, cases[i].status, span_of(cases[i].body)));
        if (err.status != cases[i].status || strcmp(err.code, cases[i].code) != 0 ||
            strcmp(err.fields, cases[i].fields) != 0 ||
            (cases[i].message && strcmp(err.message, cases[i].message) != 0))
            fail_msg("%s: %s, %s, %s", cases[i].body, err.code, err.message, err.fields);
    }
}

static void test_long_texts_end_whole(void **state)
{
    struct buf body;
    struct sf_error err;
    struct act_call call = { 0 };
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        buf_init(&body, 1 << 16);
        buf_str(&body, "[{\"errorCode\":\"FIELD_CUSTOM_VALIDATION_EXCEPTION\",\"message\":\"");
        buf_add(&body, "xxx", (size_t)shift);
        for (int i = 0; i < 400; i++)
            buf_str(&body, "\xf0\x9f\x92\xa9");
        buf_str(&body, "\",\"fields\":[");
        for (int i = 0; i < 40; i++)
            buf_fmt(&body, "%s\"Some_Long_Field_Name_%d__c\"", i ? "," : "", i);
        buf_str(&body, "]}]");
        assert_false(sf_error_parse(&err, 400, (struct span){ body.p, body.n }));
        assert_true(strlen(err.message) > sizeof err.message - 6 && utf8_valid(span_of(err.message)));
        assert_true(strlen(err.fields) < sizeof err.fields);
        assert_int_equal(act_org_failed(&call, &err), ACT_REFUSED);
        assert_true(utf8_valid(span_of(call.refusal.message)));
        assert_int_equal(call.refusal.status, 422);
        buf_free(&body);
    }
}

static void test_what_the_caller_is_told(void **state)
{
    static const struct {
        int status;
        const char *org;
        int want;
        const char *code;
        bool retryable;
    } cases[] = {
        { 403, "REQUEST_LIMIT_EXCEEDED", 429, "org_limit_exceeded", true },
        { 401, "INVALID_SESSION_ID", 401, "org_session_expired", false },
        { 401, "INVALID_AUTH_HEADER", 401, "org_session_expired", false },
        { 0, "NO_USER", 403, "no_user", false },
        { 0, "REFUSED_HOST", 403, "org_host_refused", false },
        { 400, "INVALID_FIELD", 403, "org_setup_missing", false },
        { 400, "INVALID_TYPE", 403, "org_setup_missing", false },
        { 400, "INVALID_FIELD_FOR_INSERT_UPDATE", 403, "org_permission_denied", false },
        { 403, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", 403, "org_permission_denied", false },
        { 403, "INSUFFICIENT_ACCESS_OR_READONLY", 403, "org_permission_denied", false },
        { 403, "API_DISABLED_FOR_ORG", 403, "org_permission_denied", false },
        { 403, "SOMETHING_NEW", 403, "org_permission_denied", false },
        { 404, "NOT_FOUND", 404, "org_record_not_found", false },
        { 404, "ENTITY_IS_DELETED", 404, "org_record_not_found", false },
        { 400, "MALFORMED_ID", 404, "org_record_not_found", false },
        { 404, "ERROR_HTTP_404", 502, "org_error", false },
        { 400, "DUPLICATES_DETECTED", 409, "org_conflict", false },
        { 400, "DUPLICATE_VALUE", 409, "org_conflict", false },
        { 400, "UNABLE_TO_LOCK_ROW", 409, "org_conflict", true },
        { 400, "REQUIRED_FIELD_MISSING", 422, "org_refused_record", false },
        { 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", 422, "org_refused_record", false },
        { 400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", 422, "org_refused_record", false },
        { 400, "STORAGE_LIMIT_EXCEEDED", 422, "org_storage_full", false },
        { 400, "MALFORMED_QUERY", 502, "org_error", false },
        { 429, "ERROR_HTTP_429", 429, "org_limit_exceeded", true },
        { 500, "UNKNOWN_EXCEPTION", 502, "org_error", true },
        { 502, "ERROR_HTTP_502", 502, "org_error", true },
        { 503, "ERROR_HTTP_503", 503, "org_unavailable", true },
        { 504, "ERROR_HTTP_504", 504, "org_timeout", true },
        { 0, "TIMEOUT", 504, "org_timeout", true },
        { 0, "UNREACHABLE", 503, "org_unavailable", true },
        { 0, "CONNECTION_LOST", 503, "org_unavailable", true },
        { 0, "TLS_FAILED", 502, "org_error", false },
        { 200, "ERROR_HTTP_200", 502, "org_error", false },
        { 200, "invented_by_the_org", 502, "org_error", false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct act_call call = { 0 };
        struct sf_error err;
        assert_false(sf_error_set(&err, cases[i].status, cases[i].org, "the org's own words"));
        assert_int_equal(act_org_failed(&call, &err), ACT_REFUSED);
        if (call.refusal.status != cases[i].want || strcmp(call.refusal.code, cases[i].code) != 0 ||
            err.retryable != cases[i].retryable)
            fail_msg("%d %s: %d %s, retryable %d", cases[i].status, cases[i].org, call.refusal.status,
                     call.refusal.code, err.retryable);
        assert_true(strlen(call.refusal.message) > 20);
        assert_null(strstr(call.refusal.message, "%s"));
        assert_int_equal(call.refusal.retry_after_s > 0, cases[i].want == 429 || cases[i].want == 503);
    }
}

static void test_the_other_org_and_the_unknown(void **state)
{
    struct act_call call = { 0 };
    struct sf_error err;
    (void)state;
    sf_error_set(&err, 401, "INVALID_SESSION_ID", "Session expired or invalid");
    err.other_org = true;
    act_org_failed(&call, &err);
    assert_int_equal(call.refusal.status, 502); /* the caller's own session is not to blame */
    assert_string_equal(call.refusal.code, "org_authorization_failed");
    sf_error_set(&err, 503, "SERVER_UNAVAILABLE", "busy");
    err.retry_after_s = 17;
    act_org_failed(&call, &err);
    assert_int_equal(call.refusal.retry_after_s, 17);
    err.outcome_unknown = true;
    act_org_failed(&call, &err);
    assert_non_null(strstr(call.refusal.message, "may or may not"));
    sf_error_set(&err, 404, "authorization_unknown", "There is no such authorization.");
    err.from_host = true;
    act_org_failed(&call, &err);
    assert_int_equal(call.refusal.status, 404);
    assert_string_equal(call.refusal.code, "authorization_unknown");
    assert_string_equal(call.refusal.message, "There is no such authorization.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_long_texts_end_whole),
        cmocka_unit_test(test_what_the_caller_is_told),
        cmocka_unit_test(test_the_other_org_and_the_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
