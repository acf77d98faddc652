/* test_url.c - the one reader of URLs: what it finds, what it refuses, and that libcurl finds the same. */
#include "tests/unit/check.h"

#include <curl/curl.h>
#include <strings.h>

#include "runtime/net/url.h"

static void test_parts(void **state)
{
    static const struct {
        const char *url;
        enum url_scheme scheme;
        const char *host;
        int port;
        const char *rest, *origin;
    } rows[] = {
        { "https://a.example.com", URL_HTTPS, "a.example.com", 0, "", "https://a.example.com" },
        { "HTTPS://A.Example.com/", URL_HTTPS, "A.Example.com", 0, "/", "https://a.example.com" },
        { "http://a:8080/b/c?d=/e", URL_HTTP, "a", 8080, "/b/c?d=/e", "http://a:8080" },
        { "https://a?b@c", URL_HTTPS, "a", 0, "?b@c", "https://a" },
        { "https://a/?u=http://b/", URL_HTTPS, "a", 0, "/?u=http://b/", "https://a" },
        { "https://a:443", URL_HTTPS, "a", 0, "", "https://a" },
        { "http://a:443", URL_HTTP, "a", 443, "", "http://a:443" },
        { "http://a:80/", URL_HTTP, "a", 0, "/", "http://a" },
        { "https://a:80/", URL_HTTPS, "a", 80, "/", "https://a:80" },
        { "https://a:65535", URL_HTTPS, "a", 65535, "", "https://a:65535" },
        { "http://127.0.0.1:7070", URL_HTTP, "127.0.0.1", 7070, "", "http://127.0.0.1:7070" },
        { "http://[::1]:7070/x", URL_HTTP, "[::1]", 7070, "/x", "http://[::1]:7070" },
        { "https://[2001:DB8::1]", URL_HTTPS, "[2001:DB8::1]", 0, "", "https://[2001:db8::1]" },
        { "a.example.com", URL_BARE, "a.example.com", 0, "", "https://a.example.com" },
        { "a:443/", URL_BARE, "a", 0, "/", "https://a" },
        { "a:80", URL_BARE, "a", 80, "", "https://a:80" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct url_parts p;
        char origin[URL_ORIGIN];
        if (!url_parts(span_of(rows[i].url), &p))
            fail_msg("refused %s", rows[i].url);
        assert_int_equal(p.scheme, rows[i].scheme);
        assert_span(p.host, rows[i].host);
        assert_int_equal(p.port, rows[i].port);
        assert_span(p.rest, rows[i].rest);
        assert_int_equal(url_is_origin(&p), strlen(rows[i].rest) == 0 || strcmp(rows[i].rest, "/") == 0);
        assert_true(url_origin(&p, origin, sizeof origin));
        assert_string_equal(origin, rows[i].origin);
    }
}

static void test_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "https://",
        "https:///a",
        "https:/a",
        "ftp://a",
        "javascript://a",
        "://a",
        "//a",
        "a/b?u=https://c",
        "https://u@a",
        "https://u:p@a",
        "https://@a",
        "https://a:",
        "https://a:/",
        "https://a:0",
        "https://a:080",
        "https://a:65536",
        "https://a:123456",
        "https://a:4b",
        "https://a:1:2",
        "https://.a",
        "https://-a",
        "https://a..b",
        "https://a_b",
        "https://a%2eb",
        "https://a#b",
        "https://a/b#c",
        "https://a\\b",
        "https://a b",
        "https://a/b c",
        "https://a/\tb",
        "https://a/\x7f",
        "https://\xc3\xa9",
        "https://a/<b>",
        "https://[::1",
        "https://[]",
        "https://[::1]a",
        "https://[g::1]",
        "https://[fe80::1%25eth0]",
        "https://::1",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://a.1",
        "https://1.2.3.04",
        "https://1.2.3.4.5",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct url_parts p = { .port = 7 };
        if (url_parts(span_of(bad[i]), &p))
            fail_msg("accepted %s", bad[i]);
        assert_int_equal(p.port, 7);
    }
    struct url_parts p;
    assert_false(url_parts((struct span){ "https://a\0b", 11 }, &p));
    assert_false(url_parts((struct span){ NULL, 0 }, &p));
}

static void test_longest(void **state)
{
    char url[400] = "https://", origin[URL_ORIGIN], small[11] = "untouched";
    struct url_parts p;
    (void)state;
    memset(url + 8, 'a', URL_HOST - 1);
    memcpy(url + 8 + URL_HOST - 1, ":65535", 7);
    assert_true(url_parts(span_of(url), &p));
    assert_true(url_origin(&p, origin, sizeof origin));
    assert_string_equal(origin, url);
    memset(url + 8, 'a', URL_HOST);
    url[8 + URL_HOST] = '\0';
    assert_false(url_parts(span_of(url), &p));
    assert_true(url_parts(span_of("https://abc"), &p));
    assert_false(url_origin(&p, small, sizeof small));
    assert_string_equal(small, "untouched");
    assert_true(url_origin(&p, origin, sizeof small + 1));
    assert_string_equal(origin, "https://abc");
}

/* libcurl is what connects in the end: of all that is accepted it must read the same host and port. */
static void test_libcurl_agrees(void **state)
{
    static const char *const pieces[] = { "http://", "https://", "HTTP://", "://", "a",    "B.c",   "-",     ".",
                                          "..",      "@",        ":",       ":80", ":443", ":8080", "/",     "//",
                                          "?",       "#",        "%",       "[",   "]",    "[::1]", "127.1", "0x7f",
                                          "1.2.3.4", " ",        "\\",      "\t",  "=x",   "_" };
    long accepted = 0;
    (void)state;
    for (long round = 0; round < rounds(200000, 5000000); round++) {
        char url[200] = "", port_text[12];
        size_t n = 0, count = 2 + below(5);
        struct url_parts p;
        if (below(4))
            n += (size_t)snprintf(url, sizeof url, "%s", below(2) ? "https://" : "http://");
        for (size_t i = 0; i < count; i++)
            n += (size_t)snprintf(url + n, sizeof url - n, "%s", pieces[below(COUNT(pieces))]);
        if (!url_parts(span_of(url), &p) || p.scheme == URL_BARE)
            continue;
        accepted++;
        CURLU *u = curl_url();
        char *host = NULL, *port = NULL, *user = NULL;
        if (curl_url_set(u, CURLUPART_URL, url, 0) || curl_url_get(u, CURLUPART_HOST, &host, 0))
            goto next; /* refused there, so nothing goes out */
        if (p.host.n != strlen(host) || strncasecmp(host, p.host.p, p.host.n) != 0)
            fail_msg("%s: %s there, %.*s here", url, host, (int)p.host.n, p.host.p);
        assert_int_equal(curl_url_get(u, CURLUPART_USER, &user, 0), CURLUE_NO_USER);
        assert_int_equal(curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT), CURLUE_OK);
        snprintf(port_text, sizeof port_text, "%d", p.port ? p.port : p.scheme == URL_HTTP ? 80 : 443);
        assert_string_equal(port, port_text);
    next:
        curl_free(host);
        curl_free(port);
        curl_free(user);
        curl_url_cleanup(u);
    }
    assert_true(accepted > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_parts), cmocka_unit_test(test_refused),
                                        cmocka_unit_test(test_longest), cmocka_unit_test(test_libcurl_agrees) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
