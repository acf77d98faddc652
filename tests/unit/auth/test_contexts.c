/* test_contexts.c - the context headers. Tests named Test_... or BB are the cases of the service mesh's own tests. */
#include "tests/unit/check.h"

#include "runtime/auth/contexts.h"
#include "runtime/base/encoding.h"
#include "runtime/base/record_id.h"

#define ORG "00Dxx0000000000EAA"
#define UUID "7c566091-7af3-4e87-8865-4e014444c298"
#define RID ORG "-" UUID
#define APP "11111111-2222-4333-8444-555555555555"
#define RC(id, resource, type, app)                                                                                    \
    "{\"id\":\"" id "\",\"auth\":\"jwt\",\"loginUrl\":\"https://login.salesforce.com\",\"orgDomainUrl\":"              \
    "\"https://mydomain.my.salesforce.com\",\"orgId\":\"" ORG "\",\"resource\":\"" resource "\",\"type\":\"" type      \
    "\",\"appUuid\":\"" app "\"}"
#define CC(org, url, version, ns, rid)                                                                                 \
    "{\"requestId\":\"" rid "\",\"accessToken\":\"00Dxx0000000000!AQEAQ.x\",\"apiVersion\":\"" version                 \
    "\",\"namespace\":" ns ",\"orgId\":\"" org "\",\"orgDomainUrl\":\"" url                                            \
    "\",\"userContext\":{\"userId\":\"005xx000001X8Uz\",\"username\":\"admin@heroku.com\"}}"

static struct err e;
static char rc_mem[CONTEXT_MEM], cc_mem[CONTEXT_MEM];

static struct span b64(const char *text)
{
    static char out[3][LIMIT_HEADER_LINE * 2];
    static int turn;
    char *to = out[turn++ % 3];
    return (struct span){ to, base64_encode(text, strlen(text), to) };
}

static bool request(const char *text, struct request_context *rc)
{
    return request_context_decode(b64(text), rc_mem, sizeof rc_mem, rc, &e);
}

static bool client(const char *text, struct client_context *cc)
{
    return client_context_decode(b64(text), cc_mem, sizeof cc_mem, cc, &e);
}

static bool bind(const char *rc_text, const char *cc_text, const char *rid, const char *app, struct caller *out)
{
    struct request_context rc;
    struct client_context cc;
    if (!request(rc_text, &rc) || !client(cc_text, &cc))
        return false;
    return contexts_bind(&rc, &cc, span_of(rid), app, out, &e);
}

static const char good_rc[] = RC(RID, "resource", "type", APP);
static const char good_cc[] = CC(ORG, "https://mydomain.my.salesforce.com", "62.0", "null", RID);

static void Test_ValidateRequest_Success(void **state)
{
    (void)state;
    struct caller c;
    assert_true(bind(good_rc, good_cc, RID, APP, &c));
    assert_string_equal(c.org_id, ORG);
    assert_string_equal(c.user_id, "005xx000001X8UzAAK");
    assert_string_equal(c.org_url, "https://mydomain.my.salesforce.com");
}

static void published_example_decodes(void **state)
{
    (void)state;
    struct request_context rc;
    assert_true(request_context_decode(
        span_of(
            "eyJpZCI6IjAwRHh4MDAwMDAwMDAwMEVBQS03YzU2NjA5MS03YWYzLTRlODctODg2NS00ZTAxNDQ0NGMyOTgiLCJhdXRoIjoiand0Iiwib"
            "G9naW5VcmwiOiJsIiwib3JnRG9tYWluVXJsIjoiZCIsIm9yZ0lkIjoibyIsInJlc291cmNlIjoiciIsInR5cGUiOiJ0IiwiYXBwVXVpZCI"
            "6InUifQ=="),
        rc_mem, sizeof rc_mem, &rc, &e));
    assert_span(rc.id, RID);
    assert_span(rc.auth, "jwt");
    assert_span(rc.app_uuid, "u");
    assert_int_equal(rc.app_uuid.p[rc.app_uuid.n], '\0');
}

static void Test_InvalidRequestID(void **state)
{
    (void)state;
    struct caller c;
    assert_refused(bind(good_rc, good_cc, "INVALID-REQUEST-ID", APP, &c), e, 400, "request_id_mismatch");
    assert_refused(bind(good_rc, good_cc, "", APP, &c), e, 400, "request_id_mismatch"); /* no rid + both contexts */
}

static void Test_ValidateRequest_IncompleteRequestContext(void **state)
{
    (void)state;
    struct request_context rc;
    assert_refused(request(RC(RID, "", "", ""), &rc), e, 400, "invalid_request_context");
    assert_non_null(strstr(e.message, ": Resource "));
}

static void every_member_of_the_request_context_is_required(void **state)
{
    (void)state;
    static const char *const names[] = { "id",    "auth",     "loginUrl", "orgDomainUrl",
                                         "orgId", "resource", "type",     "appUuid" };
    static const char *const mesh[] = {
        "ID", "Auth", "LoginUrl", "OrgDomainUrl", "OrgID", "Resource", "Type", "AppUUID"
    };
    static const char *const values[] = { NULL, "\"\"", "null" };
    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t v = 0; v < COUNT(values); v++) {
            char text[600], want[64];
            size_t n = (size_t)snprintf(text, sizeof text, "{");
            for (size_t k = 0; k < COUNT(names); k++)
                if (k != i || values[v])
                    n += (size_t)snprintf(text + n, sizeof text - n, "%s\"%s\":%s", n > 1 ? "," : "", names[k],
                                          k == i ? values[v] : "\"x\"");
            snprintf(text + n, sizeof text - n, "}");
            struct request_context rc;
            assert_refused(request(text, &rc), e, 400, "invalid_request_context");
            snprintf(want, sizeof want, ": %s (member %s)", mesh[i], names[i]);
            assert_non_null(strstr(e.message, want));
        }
}

static void BB_context_null_names_ID_and_a_number_is_refused(void **state)
{
    (void)state;
    struct request_context rc;
    assert_refused(request("null", &rc), e, 400, "invalid_request_context");
    assert_non_null(strstr(e.message, ": ID "));
    assert_refused(request("{\"id\":\"x\",\"orgId\":12}", &rc), e, 400, "invalid_request_context");
}

static void what_is_not_strict_base64_of_json_is_refused(void **state)
{
    (void)state;
    struct request_context rc;
    static const char *const bad[] = { "",     "e30",  "e30=\n",   " e30=", "e3-=", "e30==", "bm90IGpzb24=",
                                       "W10=", "e319", "e30=e30=", "//79" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct span s = span_of(bad[i]);
        assert_refused(request_context_decode(s, rc_mem, sizeof rc_mem, &rc, &e), e, 400, "invalid_request_context");
        struct client_context cc;
        assert_refused(client_context_decode(s, cc_mem, sizeof cc_mem, &cc, &e), e, 400, "invalid_client_context");
    }
}

static void names_match_whatever_their_case_but_only_once(void **state)
{
    (void)state;
    struct request_context rc;
    assert_true(request("{\"ID\":\"" RID
                        "\",\"AUTH\":\"jwt\",\"LOGINURL\":\"l\",\"ORGDOMAINURL\":\"d\",\"ORGID\":\"o\",\"RESOURCE\":"
                        "\"r\",\"TYPE\":\"t\",\"APPUUID\":\"u\",\"unknown\":{\"x\":[1]}}",
                        &rc));
    assert_span(rc.id, RID);
    /* The mesh takes the last of two: what was checked is then not what is used. */
    assert_refused(request("{\"id\":\"a\",\"ID\":\"b\"}", &rc), e, 400, "invalid_request_context");
    assert_non_null(strstr(e.message, "twice"));
}

static void a_header_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct request_context rc;
    struct span s = b64(good_rc);
    char small[64];
    assert_refused(request_context_decode(s, small, sizeof small, &rc, &e), e, 400, "invalid_request_context");
}

static void BB_rid_with_a_suffix_is_accepted(void **state)
{
    (void)state;
    struct caller c;
    static const char *const good[] = { RID, RID "-2024", RID "-2020-09-03T20:56:27.608444Z", "req-" RID };
    for (size_t i = 0; i < COUNT(good); i++)
        if (!bind(good_rc, good_cc, good[i], APP, &c))
            fail_msg("%s: %s", good[i], e.message);
    /* The mesh looks for the id anywhere inside. */
    static const char *const bad[] = { RID "x", "x" RID, "a-" RID "-b", ORG, UUID };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused(bind(good_rc, good_cc, bad[i], APP, &c), e, 400, "request_id_mismatch");
}

static void an_id_has_at_least_20_characters(void **state)
{
    (void)state;
    struct caller c;
    assert_refused(bind(RC("0", "r", "t", APP), good_cc, "a-0", APP, &c), e, 400, "invalid_request_context");
    assert_refused(bind(RC("1234567890123456789", "r", "t", APP), good_cc, "1234567890123456789", APP, &c), e, 400,
                   "invalid_request_context");
    assert_true(bind(RC("12345678901234567890", "r", "t", APP),
                     CC(ORG, "mydomain.my.salesforce.com", "62.0", "\"\"", ""), "12345678901234567890", APP, &c));
}

static void another_app_is_refused(void **state)
{
    (void)state;
    struct caller c;
    assert_refused(bind(RC(RID, "r", "t", "11111111-2222-4333-8444-555555555556"), good_cc, RID, APP, &c), e, 403,
                   "wrong_app");
    assert_refused(bind(good_rc, good_cc, RID, "", &c), e, 403, "wrong_app"); /* never open by an empty setting */
}

static void client_context_of_another_org_is_refused(void **state)
{
    (void)state;
    struct caller c;
#define OTHER(org, url) bind(good_rc, CC(org, url, "62.0", "null", RID), RID, APP, &c)
    assert_refused(OTHER("00Dxx0000000001EAA", "https://mydomain.my.salesforce.com"), e, 403, "wrong_org");
    assert_refused(OTHER("00DXX0000000000", "https://mydomain.my.salesforce.com"), e, 403,
                   "wrong_org"); /* ids have a case */
    assert_refused(OTHER(ORG, "https://evil.my.salesforce.com"), e, 403, "wrong_org");
    assert_refused(OTHER(ORG, "https://mydomain.my.salesforce.com:8443"), e, 403, "wrong_org");
    assert_refused(OTHER(ORG, "https://mydomain.my.salesforce.com.evil.com"), e, 403, "wrong_org");
    assert_refused(OTHER(ORG, "https://evil.com/mydomain.my.salesforce.com"), e, 400, "invalid_client_context");
    assert_refused(OTHER(ORG, "https://mydomain.my.salesforce.com@evil.com"), e, 400, "invalid_client_context");
    assert_refused(OTHER("o", "https://mydomain.my.salesforce.com"), e, 400, "invalid_client_context");
    /* Both lengths of the id, both forms of the domain. */
    assert_true(OTHER("00Dxx0000000000", "mydomain.my.salesforce.com"));
    assert_true(OTHER(ORG, "HTTPS://MyDomain.my.salesforce.com:443/"));
}

static void the_token_goes_to_the_url_that_was_authenticated(void **state)
{
    (void)state;
    struct caller c;
    assert_true(bind(good_rc, CC(ORG, "http://mydomain.my.salesforce.com", "62.0", "null", RID), RID, APP, &c));
    assert_string_equal(c.org_url, "https://mydomain.my.salesforce.com");
}

static void client_context_of_another_invocation_is_refused(void **state)
{
    (void)state;
    struct caller c;
#define INVOCATION(rid) bind(good_rc, CC(ORG, "mydomain.my.salesforce.com", "62.0", "null", rid), RID, APP, &c)
    assert_refused(INVOCATION(ORG "-00000000-7af3-4e87-8865-4e014444c298"), e, 400, "request_id_mismatch");
    assert_true(INVOCATION(RID "-2020-09-03T20:56:27.608444Z"));
    assert_true(INVOCATION("00Dxx0000000000EA2-" UUID)); /* the same org's id in another spelling */
    assert_true(INVOCATION(""));
    assert_true(INVOCATION("req-1")); /* tools make up their own */
}

static void Python_test_client_context_from_header(void **state)
{
    (void)state;
    struct client_context cc;
    assert_true(client(CC("00Dxx0000000000EA2", "https://x.my.salesforce.com", "v57.0", "\"ns\"", RID), &cc));
    assert_span(cc.api_version, "57.0");
    assert_span(cc.ns, "ns");
    assert_span(cc.username, "admin@heroku.com");
    assert_span(cc.access_token, "00Dxx0000000000!AQEAQ.x");
}

static void Python_test_client_context_from_header_with_null_namespace(void **state)
{
    (void)state;
    static const char *const none[] = { CC(ORG, "x.my.salesforce.com", "57.0", "null", RID),
                                        CC(ORG, "x.my.salesforce.com", "57.0", "\"\"", RID),
                                        CC(ORG, "x.my.salesforce.com", "57.0", "\"null\"", RID) };
    for (size_t i = 0; i < COUNT(none); i++) {
        struct client_context cc;
        assert_true(client(none[i], &cc));
        assert_int_equal(cc.ns.n, 0);
    }
}

static void Python_test_client_context_from_header_invalid(void **state)
{
    (void)state;
    struct client_context cc;
    static const char *const bad[] = {
        CC(ORG, "", "62.0", "null", ""),
        CC(ORG, "x.my.salesforce.com", "", "null", ""),
        CC(ORG, "x.my.salesforce.com", "62", "null", ""),
        CC(ORG, "x.my.salesforce.com", "62.0/../..", "null", ""),
        CC(ORG, "x.my.salesforce.com", "vv62.0", "null", ""),
        CC("", "x.my.salesforce.com", "62.0", "null", ""),
        CC(ORG, "x.my.salesforce.com", "62.0", "7", ""),
        "{}",
        "null",
        "{\"accessToken\":\"t\",\"apiVersion\":\"62.0\",\"orgId\":\"" ORG "\",\"orgDomainUrl\":\"d\"}",
        "{\"accessToken\":\"t\",\"apiVersion\":\"62.0\",\"orgId\":\"" ORG
        "\",\"orgDomainUrl\":\"d\",\"userContext\":\"u\"}",
        "{\"accessToken\":\"t\\r\\nX: y\",\"apiVersion\":\"62.0\",\"orgId\":\"" ORG
        "\",\"orgDomainUrl\":\"d\",\"userContext\":{\"userId\":\"005xx000001X8Uz\"}}",
        "{\"accessToken\":\"a b\",\"apiVersion\":\"62.0\",\"orgId\":\"" ORG
        "\",\"orgDomainUrl\":\"d\",\"userContext\":{\"userId\":\"005xx000001X8Uz\"}}",
        "{\"accessToken\":\"t\",\"apiVersion\":\"62.0\",\"orgId\":\"" ORG
        "\",\"orgDomainUrl\":\"d\",\"userContext\":{\"userId\":\"005xx000001X8Uz'\"}}",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (client(bad[i], &cc))
            fail_msg("accepted %s", bad[i]);
        assert_int_equal(e.status, 400);
        assert_string_equal(e.code, "invalid_client_context");
        assert_null(strstr(e.message, "X: y")); /* no value of the caller's in the answer */
    }
    /* No user name: nothing depends on it. */
    assert_true(client("{\"accessToken\":\"t\",\"apiVersion\":\"62.0\",\"orgId\":\"" ORG
                       "\",\"orgDomainUrl\":\"d\",\"userContext\":{\"userId\":\"005xx000001X8Uz\"}}",
                       &cc));
}

static void ids_are_lengthened_as_salesforce_does(void **state)
{
    (void)state;
    static const char *const rows[][2] = { { "00Dxx0000000000", "00Dxx0000000000EAA" },
                                           { "001D000000IqhSL", "001D000000IqhSLIAZ" },
                                           { "005xx000001X8Uz", "005xx000001X8UzAAK" },
                                           { "001D000000IqhSLIAZ", "001D000000IqhSLIAZ" } };
    char id[19];
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(record_id_long(span_of(rows[i][0]), id));
        assert_string_equal(id, rows[i][1]);
    }
    static const char *const bad[] = { "", "00Dxx000000000", "00Dxx00000000000", "00Dxx000000000/",
                                       "00Dxx0000000000EAAA" };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(record_id_long(span_of(bad[i]), id));
    assert_true(record_id_is_org(span_of(ORG)));
    assert_false(record_id_is_org(span_of("001D000000IqhSL")));
    assert_true(record_id_same(span_of("00Dxx0000000000"), span_of(ORG)));
    assert_false(record_id_same(span_of(""), span_of("")));
}

static void org_urls_have_one_spelling(void **state)
{
    (void)state;
    static const char *const rows[][2] = { { "https://A.my.salesforce.com", "https://a.my.salesforce.com" },
                                           { "a.my.salesforce.com", "https://a.my.salesforce.com" },
                                           { "http://127.0.0.1:7070", "http://127.0.0.1:7070" },
                                           { "127.0.0.1:7070/", "https://127.0.0.1:7070" },
                                           { "http://a:80/", "http://a" },
                                           { "https://a:80", "https://a:80" } };
    char url[64];
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(org_url_normal(span_of(rows[i][0]), url, sizeof url));
        assert_string_equal(url, rows[i][1]);
    }
    static const char *const bad[] = { "",
                                       "https://",
                                       "ftp://a",
                                       "javascript://a",
                                       "https://a/b",
                                       "https://a?b",
                                       "https://a#b",
                                       "https://u@a",
                                       "https://a:b",
                                       "https://a:0",
                                       "https://a:65536",
                                       "https://a:",
                                       "https://a//",
                                       "https://.a",
                                       "https://a..b",
                                       "https://a b",
                                       "https://a\\b",
                                       "https://[::1]",
                                       "//a",
                                       "https://-a",
                                       "https://\xc3\xa9",
                                       "https://a%2eb" };
    for (size_t i = 0; i < COUNT(bad); i++)
        if (org_url_normal(span_of(bad[i]), url, sizeof url))
            fail_msg("accepted %s as %s", bad[i], url);
    char small[10];
    assert_true(org_url_normal(span_of("a"), small, sizeof small));
    assert_false(org_url_normal(span_of("ab"), small, sizeof small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(Test_ValidateRequest_Success),
        cmocka_unit_test(published_example_decodes),
        cmocka_unit_test(Test_InvalidRequestID),
        cmocka_unit_test(Test_ValidateRequest_IncompleteRequestContext),
        cmocka_unit_test(every_member_of_the_request_context_is_required),
        cmocka_unit_test(BB_context_null_names_ID_and_a_number_is_refused),
        cmocka_unit_test(what_is_not_strict_base64_of_json_is_refused),
        cmocka_unit_test(names_match_whatever_their_case_but_only_once),
        cmocka_unit_test(a_header_that_does_not_fit_is_refused),
        cmocka_unit_test(BB_rid_with_a_suffix_is_accepted),
        cmocka_unit_test(an_id_has_at_least_20_characters),
        cmocka_unit_test(another_app_is_refused),
        cmocka_unit_test(client_context_of_another_org_is_refused),
        cmocka_unit_test(the_token_goes_to_the_url_that_was_authenticated),
        cmocka_unit_test(client_context_of_another_invocation_is_refused),
        cmocka_unit_test(Python_test_client_context_from_header),
        cmocka_unit_test(Python_test_client_context_from_header_with_null_namespace),
        cmocka_unit_test(Python_test_client_context_from_header_invalid),
        cmocka_unit_test(ids_are_lengthened_as_salesforce_does),
        cmocka_unit_test(org_urls_have_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
