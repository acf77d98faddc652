/* test_client_trust.c - the Salesforce client: where a token may go, how much may come back, and the other hosts. */
#include "tests/unit/check.h"

#include <libdeflate.h>

#include "tests/unit/client/routes.h"

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
        copy_text(org->session.url, sizeof org->session.url, urls[i]);
        assert_false(sf_request(org, "GET", "/x", NULL, &out, &err));
        assert_true(strcmp(err.code, "REFUSED_HOST") == 0 || (!urls[i][0] && strcmp(err.code, "NO_USER") == 0));
        assert_int_equal(err.status, 0);
    }
    assert_int_equal(k->call.org_calls, 0);
    /* a check that passed once does not pass for the next domain */
    snprintf(org->session.url, sizeof org->session.url, "http://127.0.0.1:%d", k->server->port);
    assert_true(sf_request(org, "GET", "/x", NULL, &out, &err));
    json_decref(out);
    copy_text(org->session.url, sizeof org->session.url, "https://evil.test");
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
    org->session.token[0] = '\0';
    assert_false(sf_query(org, &rows, &err, "SELECT Id FROM A"));
    assert_string_equal(err.code, "NO_USER");
    copy_text(org->session.token, sizeof org->session.token, "a\r\nX: y");
    assert_false(sf_query(org, &rows, &err, "SELECT Id FROM A"));
    assert_string_equal(err.code, "CLIENT_FAULT");
    copy_text(org->session.token, sizeof org->session.token, KIT_TOKEN);
    copy_text(org->session.api_version, sizeof org->session.api_version, "51.0/../x");
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
    /* another org's token stays at home as well, also when a fresh one names a new domain */
    k->tokens[1] = "third-token";
    copy_text(k->named_url, sizeof k->named_url, "https://evil.test");
    org = act_authorization(&k->call, "third", &err);
    assert_non_null(org);
    assert_false(sf_request(org, "GET", "/x", NULL, &out, &err));
    assert_string_equal(err.code, "REFUSED_HOST");
    assert_true(err.other_org);
    assert_int_equal(k->server->requests, 1);
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

/* The ceiling counts what comes out of the compression, not what goes in. */
static void serve_gzip(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    size_t n = strstr(q->target, "bomb") ? LIMIT_ORG_REPLY + 1 : 1000;
    char *text = malloc(n), *packed = malloc(n + 1000), value[80];
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    (void)ctx;
    memset(text, ' ', n);
    text[0] = '{';
    text[1] = '}';
    r->n = libdeflate_gzip_compress(c, text, n, packed, n + 1000);
    libdeflate_free_compressor(c);
    free(text);
    r->body = packed;
    r->free_body = true;
    r->headers = "Content-Encoding: gzip\r\n";
    if (strcmp(origin_header(q, "Accept-Encoding", value, sizeof value), "gzip") != 0)
        r->status = 599;
}

static void test_compressed_answers(void **state)
{
    struct kit *k = kit_new(serve_gzip, NULL);
    struct sf_error err;
    json_t *out = NULL;
    (void)state;
    assert_true(sf_request(act_org(&k->call), "GET", "/small", NULL, &out, &err));
    assert_true(json_is_object(out));
    json_decref(out);
    assert_false(sf_request(act_org(&k->call), "GET", "/bomb", NULL, &out, &err));
    assert_string_equal(err.code, "TOO_LARGE");
    assert_int_equal(k->server->requests, 2);
    kit_free(k);
}

/* ---- other hosts ---- */

static void serve_rates(void *ctx, const struct origin_request *q, struct origin_reply *r)
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
    if (*origin_header(q, "Authorization", value, sizeof value) || *origin_header(q, "Cookie", value, sizeof value))
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
    /* a worker keeps its connections from call to call */
    kit_again(k, 5000);
    int connections = k->server->connections;
    f[0] = (struct act_fetch){ .url = act_printf(&k->call, "http://127.0.0.1:%d/good", k->server->port) };
    for (int i = 0; i < 5; i++) {
        act_fetch_all(&k->call, f, 1, 600);
        assert_null(f[0].failure);
    }
    assert_int_equal(k->server->connections, connections);
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
        cmocka_unit_test(test_request_stays_with_the_org),
        cmocka_unit_test(test_org_that_is_not_allowed),
        cmocka_unit_test(test_name_with_a_private_address),
        cmocka_unit_test(test_the_proxy_of_the_environment_is_not_used),
        cmocka_unit_test(test_no_user),
        cmocka_unit_test(test_named_authorization),
        cmocka_unit_test(test_answers_have_a_ceiling),
        cmocka_unit_test(test_compressed_answers),
        cmocka_unit_test(test_fetch_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
