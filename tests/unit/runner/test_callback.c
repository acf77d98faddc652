/* test_callback.c - whom a job may call back, and that its URL opens for its own start alone. */
#include "tests/unit/check.h"

#include "runtime/runner/callback.h"

#define ORG "https://acme.my.salesforce.com"
#define PATH "/services/externalservices/callbacks/1"

static struct hosts hosts;

static bool takes(const char *url, const char *org)
{
    struct err e = { 0 };
    bool ok = callback_check(&hosts, span_of(url), span_of(org), &e);
    if (ok)
        return true;
    assert_int_equal(e.status, 422);
    assert_string_equal(e.code, "invalid_callback_url");
    assert_string_equal(e.field, "/callbackUrl");
    assert_null(strstr(e.message, "callbacks/1")); /* the URL is not told */
    return false;
}

static void lists(bool loopback)
{
    char why[200];
    assert_true(hosts_parse(&hosts, "*.my.salesforce.com", loopback, why, sizeof why));
}

static void the_calling_org_alone(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "https://other.my.salesforce.com" PATH, /* also when it is one of CONNECTIONS: only the calling org counts */
        "https://acme.my.salesforce.com.evil.com" PATH,
        "https://evil.com/acme.my.salesforce.com" PATH,
        "https://user@acme.my.salesforce.com" PATH,
        "https://user:pw@acme.my.salesforce.com" PATH,
        "https://acme.my.salesforce.com@evil.com" PATH,
        "https://acme.my.salesforce.com:443" PATH,
        "https://acme.my.salesforce.com:8443" PATH,
        "http://acme.my.salesforce.com" PATH,
        "//acme.my.salesforce.com" PATH,
        "acme.my.salesforce.com" PATH,
        "https://acme.my.salesforce.com/a/../b",
        "https://acme.my.salesforce.com/a/%2e%2e/b",
        "https://acme.my.salesforce.com" PATH "#here",
        "https://acme.my.salesforce.com\\" PATH,
        "https://acme.my.salesforce.com./callbacks",
        "https://127.0.0.1" PATH,
        "",
    };
    lists(false);
    assert_true(takes(ORG PATH, ORG));
    assert_true(takes("https://ACME.my.salesforce.com" PATH "?a=b", ORG));
    assert_true(takes(ORG PATH, ORG "/"));
    for (size_t i = 0; i < COUNT(refused); i++)
        if (takes(refused[i], ORG))
            fail_msg("taken: %s", refused[i]);
}

static void an_org_outside_the_list(void **state)
{
    (void)state;
    lists(false);
    assert_false(takes("https://acme.example.com" PATH, "https://acme.example.com"));
    assert_false(takes("http://127.0.0.1:7070" PATH, "http://127.0.0.1:7070"));
}

static void loopback_where_it_is_allowed(void **state)
{
    (void)state;
    lists(true);
    assert_true(takes("http://127.0.0.1:7070" PATH, "http://127.0.0.1:7070"));
    assert_false(takes("http://127.0.0.2:7070" PATH, "http://127.0.0.1:7070"));
    assert_false(takes("http://127.0.0.1:7071" PATH, "http://127.0.0.1:7070"));
    assert_false(takes("https://127.0.0.1:7070" PATH, "http://127.0.0.1:7070"));
    assert_false(takes("http://acme.my.salesforce.com" PATH, ORG));
}

static void one_that_is_too_long(void **state)
{
    (void)state;
    char url[CALLBACK_URL_MAX + 40];
    int n = snprintf(url, sizeof url, ORG "/");
    lists(false);
    memset(url + n, 'a', sizeof url - (size_t)n);
    url[CALLBACK_URL_MAX] = '\0';
    assert_true(takes(url, ORG));
    url[CALLBACK_URL_MAX] = 'a';
    url[CALLBACK_URL_MAX + 1] = '\0';
    assert_false(takes(url, ORG));
}

#define ID "5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b10"

static enum callback_line line_for(const struct seal_keys *k, const char *id, const char *payload, struct span sealed,
                                   struct buf *out)
{
    struct claim c = { .kind = STEP_DELIVER };
    buf_init(&c.payload, 1000);
    buf_str(&c.payload, payload);
    buf_init(&c.callback, 4000);
    buf_add(&c.callback, sealed.p, sealed.n);
    copy_text(c.callback_id, sizeof c.callback_id, id);
    enum callback_line got = callback_line(k, &c, out);
    buf_free(&c.payload);
    buf_free(&c.callback);
    return got;
}

static void sealed_for_its_start(void **state)
{
    (void)state;
    struct seal_keys keys, others;
    struct buf sealed, out;
    static const char payload[] = "{\"to\":\"callback\",\"state\":\"done\",\"row\":7,\"until\":9}";
    assert_true(seal_keys_derive(&keys, span_of("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"), span_of("")));
    assert_true(seal_keys_derive(&others, span_of("oooooooooooooooooooooooooooooooo"), span_of("")));
    buf_init(&sealed, 4000);
    assert_true(callback_seal(&keys, ID, span_of(ORG PATH), &sealed));
    const struct span s = { sealed.p, sealed.n };
    assert_null(memmem(s.p, s.n, "callbacks", 9));
    assert_int_equal(line_for(&keys, ID, payload, s, &out), CALLBACK_LINE);
    assert_string_equal(out.p, "{\"to\":\"callback\",\"state\":\"done\",\"url\":\"" ORG PATH "\"}");
    buf_free(&out);
    assert_int_equal(line_for(&keys, "5f0c1b1e-8a53-4b0e-9d0e-7a1f8a3c2b11", payload, s, &out), CALLBACK_SEALED);
    buf_free(&out);
    assert_int_equal(line_for(&others, ID, payload, s, &out), CALLBACK_SEALED);
    buf_free(&out);
    assert_int_equal(line_for(&keys, ID, payload, (struct span){ 0 }, &out), CALLBACK_GONE);
    buf_free(&out);
    assert_int_equal(line_for(&keys, ID, "{\"to\":\"event\"}", (struct span){ 0 }, &out), CALLBACK_LINE);
    buf_free(&out);
    /* what is sealed as a URL cannot be opened as a token */
    buf_init(&out, 4000);
    assert_int_equal(seal_open(&keys, span_of(ID), s, &out), SEAL_DAMAGED);
    buf_free(&out);
    buf_free(&sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calling_org_alone),        cmocka_unit_test(an_org_outside_the_list),
        cmocka_unit_test(loopback_where_it_is_allowed), cmocka_unit_test(one_that_is_too_long),
        cmocka_unit_test(sealed_for_its_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
