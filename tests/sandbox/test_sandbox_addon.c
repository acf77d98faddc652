/* test_sandbox_addon.c - the add-on says yes only to what it signed, for the org and the app it was signed for. */
#include "tests/sandbox/fixture.h"

#include "sandbox/applink/targets.h"

#define INVOCATION ADDON "/invocations/authentication"
#define DATA_ACTION ADDON "/data_action_targets/authenticate"
#define GOOD_HEADERS "Authorization: Bearer sandbox-token\nContent-Type: application/json\nREQUEST_ID: r1"

/* The body that a host sends for these headers; `over` is laid over it. The caller frees. */
static char *invocation_body(const json_t *headers, const char *over)
{
    json_t *request = context_of(headers, "x-request-context"), *patch = json_loads(over, 0, NULL);
    json_t *body = json_pack("{s:O, s:O, s:O, s:O}", "org_domain_url", json_object_get(request, "orgDomainUrl"),
                             "core_jwt_token", json_object_get(request, "auth"), "org_id",
                             json_object_get(request, "orgId"), "app_uuid", json_object_get(request, "appUuid"));
    char *text;
    assert_non_null(patch);
    json_object_update(body, patch);
    text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    json_decref(patch);
    json_decref(request);
    return text;
}

static int verdict(const char *wishes, const char *over, const char *lines)
{
    json_t *headers = signed_headers(wishes);
    char *body = invocation_body(headers, over);
    int status = ask_status("POST", INVOCATION, lines, body);
    free(body);
    json_decref(headers);
    return status;
}

static void what_was_signed_here_is_authentic(void **state)
{
    (void)state;
    assert_int_equal(verdict("{}", "{}", GOOD_HEADERS), 200);
    assert_int_equal(verdict("{\"alg\":\"ES256\"}", "{}", GOOD_HEADERS), 200);
    assert_int_equal(verdict("{\"org\":1}", "{}", GOOD_HEADERS), 200);
    assert_int_equal(verdict("{\"orgId\":\"00D8H0000007wprUAA\",\"orgDomainUrl\":\"https://x.my.salesforce.com\","
                             "\"accessToken\":\"00D!x\",\"userId\":\"005A\",\"username\":\"u@x\"}",
                             "{}", GOOD_HEADERS),
                     200);
    /* the org's id in its form of 15 characters is the same org */
    assert_int_equal(verdict("{}", "{\"org_id\":\"00Dxx0000001gPL\"}", GOOD_HEADERS), 200);
}

static void anything_else_is_refused(void **state)
{
    static const struct {
        const char *wishes, *over, *lines;
        int status;
    } rows[] = {
        { "{}", "{}", "Content-Type: application/json", 401 },
        { "{}", "{}", "Authorization: Bearer sandbox-tokeN\nContent-Type: application/json", 401 },
        { "{}", "{}", "Authorization: Bearer sandbox-token2\nContent-Type: application/json", 401 },
        { "{}", "{}", "Authorization: Basic sandbox-token\nContent-Type: application/json", 401 },
        { "{}", "{}", "Authorization: Bearer sandbox-token\nContent-Type: text/plain", 400 },
        { "{}", "{\"app_uuid\":\"99999999-2222-4333-8444-555555555555\"}", GOOD_HEADERS, 403 },
        { "{}", "{\"org_id\":\"00Dxx0000002hQMEAY\"}", GOOD_HEADERS, 403 },
        { "{}", "{\"org_id\":\"00Dxx0000002hQM\"}", GOOD_HEADERS, 403 },
        { "{}", "{\"org_id\":\"00D\"}", GOOD_HEADERS, 403 },
        { "{}", "{\"org_domain_url\":\"https://evil.my.salesforce.com\"}", GOOD_HEADERS, 403 },
        { "{}", "{\"core_jwt_token\":\"a.b.c\"}", GOOD_HEADERS, 401 },
        { "{}", "{\"core_jwt_token\":\"jwt\"}", GOOD_HEADERS, 401 },
        { "{}", "{\"core_jwt_token\":\"\"}", GOOD_HEADERS, 400 },
        { "{}", "{\"core_jwt_token\":null}", GOOD_HEADERS, 400 },
        { "{}", "{\"org_id\":5}", GOOD_HEADERS, 400 },
        { "{\"claims\":{\"exp\":1}}", "{}", GOOD_HEADERS, 401 },
        { "{\"claims\":{\"exp\":null}}", "{}", GOOD_HEADERS, 401 },
        { "{\"expiresIn\":-120}", "{}", GOOD_HEADERS, 401 },
        { "{\"claims\":{\"iss\":\"https://login.salesforce.com\"}}", "{}", GOOD_HEADERS, 403 },
        { "{\"tokenHeader\":{\"tnk\":\"core/x/00Dxx0000002hQMEAY\"}}", "{}", GOOD_HEADERS, 403 },
        { "{\"tokenHeader\":{\"tnk\":null}}", "{}", GOOD_HEADERS, 403 },
        { "{\"tokenHeader\":{\"kid\":\"other\"}}", "{}", GOOD_HEADERS, 401 },
        { "{\"tokenHeader\":{\"kid\":null}}", "{}", GOOD_HEADERS, 401 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = verdict(rows[i].wishes, rows[i].over, rows[i].lines);
        if (status != rows[i].status)
            fail_msg("row %zu: %d, not %d (%s %s)", i, status, rows[i].status, rows[i].wishes, rows[i].over);
    }
    assert_int_equal(ask_status("GET", INVOCATION, GOOD_HEADERS, NULL), 405);
    assert_int_equal(ask_status("POST", INVOCATION, GOOD_HEADERS, "not json"), 400);
    assert_int_equal(ask_status("POST", INVOCATION, GOOD_HEADERS, "[]"), 400);
}

/* Each byte of the token matters. */
static void a_changed_token_is_refused(void **state)
{
    json_t *headers = signed_headers("{}"), *request = context_of(headers, "x-request-context");
    char *token = strdup(text_of(request, "auth")), over[4096];
    size_t n = strlen(token);
    (void)state;
    for (size_t i = 0; i < n; i += getenv("LONG") ? 1 : 7) {
        char was = token[i], *body;
        if (was == '.')
            continue;
        token[i] = was == 'x' ? 'y' : 'x';
        snprintf(over, sizeof over, "{\"core_jwt_token\":\"%s\"}", token);
        body = invocation_body(headers, over);
        if (ask_status("POST", INVOCATION, GOOD_HEADERS, body) == 200)
            fail_msg("accepted with byte %zu changed", i);
        free(body);
        token[i] = was;
    }
    free(token);
    json_decref(request);
    json_decref(headers);
}

static void errors_have_title_and_detail(void **state)
{
    int status;
    json_t *json = ask_json("POST", INVOCATION, "Content-Type: application/json", "{}", &status);
    (void)state;
    assert_int_equal(status, 401);
    assert_true(*text_of(json, "title") && *text_of(json, "detail"));
    json_decref(json);
}

static int data_action(const char *org, const char *name, const char *signature, const char *payload)
{
    json_t *body =
        json_pack("{s:s, s:s, s:s, s:s}", "api_name", name, "org_id", org, "signature", signature, "payload", payload);
    char *text = json_dumps(body, 0);
    int status = ask_status("POST", DATA_ACTION, GOOD_HEADERS, text);
    free(text);
    json_decref(body);
    return status;
}

static void signatures_of_data_actions(void **state)
{
    char *signature;
    (void)state;
    /* known answers of HMAC-SHA256 */
    signature = hmac_base64("S3cr3tKey", "{\"count\":1}", 11);
    assert_string_equal(signature, "nnC86abBg2m7jqqy7G3tPpMCAll7N2uNVXuuG6ZLhh0=");
    assert_true(targets_set(box->targets, ORG_ID, "Orders", "S3cr3tKey"));
    assert_int_equal(data_action(ORG_ID, "Orders", signature, "{\"count\":1}"), 200);
    assert_int_equal(data_action("00Dxx0000001gPL", "Orders", signature, "{\"count\":1}"), 200);
    assert_int_equal(data_action(ORG_ID, "Orders", signature, "{\"count\":2}"), 401);
    assert_int_equal(data_action(ORG_ID, "Orders", "bm8=", "{\"count\":1}"), 401);
    assert_int_equal(data_action(ORG_ID, "Unknown", signature, "{\"count\":1}"), 401);
    assert_int_equal(data_action("00Dxx0000002hQMEAY", "Orders", signature, "{\"count\":1}"), 401);
    free(signature);
    signature = hmac_base64("S3cr3tKey", "{\"n\":\"<\xc3\xa9>\"}", 12);
    assert_string_equal(signature, "mRhVv/6wLrgf8JX+hJRS+ixZif7fZGHINEBpXFD/dvY=");
    assert_int_equal(data_action(ORG_ID, "Orders", signature, "{\"n\":\"<\xc3\xa9>\"}"), 200);
    /* a replaced secret stays good for a while, the one before it does not */
    assert_true(targets_set(box->targets, ORG_ID, "Orders", "second"));
    assert_int_equal(data_action(ORG_ID, "Orders", signature, "{\"n\":\"<\xc3\xa9>\"}"), 200);
    assert_true(targets_set(box->targets, ORG_ID, "Orders", "third"));
    assert_int_equal(data_action(ORG_ID, "Orders", signature, "{\"n\":\"<\xc3\xa9>\"}"), 401);
    free(signature);
    assert_false(targets_set(box->targets, ORG_ID, "", "x"));
    assert_false(targets_set(box->targets, ORG_ID, "a b", "x"));
    assert_false(targets_set(box->targets, "00D", "Orders", "x"));
}

static void authorizations_by_name(void **state)
{
    static const char *const good = "Authorization: Bearer sandbox-token\nX-App-UUID: " APP_ID;
    int status;
    json_t *one = ask_json("GET", ADDON "/authorizations/sandbox", good, NULL, &status), *two, *org;
    (void)state;
    assert_int_equal(status, 200);
    org = json_object_get(one, "org");
    assert_string_equal(text_of(one, "status"), "authorized");
    assert_string_equal(text_of(org, "id"), ORG_ID);
    assert_string_equal(text_of(org, "developer_name"), "sandbox");
    assert_string_equal(text_of(org, "instance_url"), box->urls[0]);
    assert_true(*text_of(json_object_get(org, "user_auth"), "access_token"));
    two = ask_json("GET", ADDON "/authorizations/partner", good, NULL, &status);
    assert_int_equal(status, 200);
    assert_string_not_equal(text_of(json_object_get(two, "org"), "id"), ORG_ID);
    json_decref(one);
    json_decref(two);
    one = ask_json("GET", ADDON "/authorizations/nope", good, NULL, &status);
    assert_int_equal(status, 404);
    assert_string_equal(text_of(one, "title"), "Not Found");
    assert_string_equal(text_of(one, "detail"), "Authorization not found");
    json_decref(one);
    assert_int_equal(ask_status("GET", ADDON "/authorizations/sandbox", "X-App-UUID: " APP_ID, NULL), 401);
    assert_int_equal(ask_status("GET", ADDON "/authorizations/sandbox", "Authorization: Bearer sandbox-token", NULL),
                     403);
    assert_int_equal(
        ask_status("GET", ADDON "/authorizations/sandbox", "Authorization: Bearer sandbox-token\nX-App-UUID: x", NULL),
        403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_signed_here_is_authentic), cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_changed_token_is_refused),        cmocka_unit_test(errors_have_title_and_detail),
        cmocka_unit_test(signatures_of_data_actions),        cmocka_unit_test(authorizations_by_name),
    };
    return cmocka_run_group_tests(tests, box_open, box_close);
}
