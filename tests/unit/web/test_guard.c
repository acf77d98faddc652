/* test_guard.c - requests that the HTTP library lets through and the guard must not. */
#include "tests/unit/check.h"

#include "runtime/base/url_query.h"
#include "runtime/web/guard.h"

static struct err e;
static struct guard_result got;

struct field {
    const char *name, *value;
};

static bool guard(const char *method, const char *version, const char *target, const struct field *fields, size_t n)
{
    struct guard_header headers[LIMIT_HEADER_LINES + 2];
    for (size_t i = 0; i < n; i++)
        headers[i] = (struct guard_header){ span_of(fields[i].name), span_of(fields[i].value) };
    struct guard_request r = { method, version, span_of(target), headers, n, false };
    return guard_check(&r, &got, &e);
}

#define WITH(...) ((const struct field[]){ { "Host", "x" }, ##__VA_ARGS__ })
#define POST(...)                                                                                                      \
    guard("POST", "HTTP/1.1", "/api/x", WITH(__VA_ARGS__), sizeof WITH(__VA_ARGS__) / sizeof(struct field))
#define TARGET(target) guard("GET", "HTTP/1.1", target, WITH(), 1)

static void a_plain_request_passes(void **state)
{
    (void)state;
    assert_true(POST({ "content-length", "3" }, { "Content-Type", "application/json" }, { "X-Request-ID", "r-1" },
                     { "X-Request-Context", "ctx" }, { "x-client-context", "cc" }, { "X-SIGNATURE", "sig" },
                     { "Traceparent", "tp" }, { "Authorization", "Bearer b" }, { "User-Agent", "ua" }));
    assert_int_equal(got.method, GUARD_POST);
    assert_string_equal(got.path, "/api/x");
    assert_int_equal(got.content_length, 3);
    assert_true(got.has_body);
    assert_false(got.chunked);
    assert_false(got.close);
    assert_span(got.request_id, "r-1");
    assert_span(got.request_context, "ctx");
    assert_span(got.client_context, "cc");
    assert_span(got.signature, "sig");
    assert_span(got.traceparent, "tp");
    assert_span(got.authorization, "Bearer b");
    assert_span(got.content_type, "application/json");
    assert_span(got.user_agent, "ua");
}

static void absent_headers_are_absent_and_empty_ones_are_not(void **state)
{
    (void)state;
    assert_true(POST({ "x-signature", "" }));
    assert_null(got.request_context.p);
    assert_non_null(got.signature.p);
    assert_int_equal(got.signature.n, 0);
    assert_int_equal(got.content_length, -1);
    assert_false(got.has_body);
}

static void framing_that_two_readers_would_read_differently_is_refused_and_closed(void **state)
{
    (void)state;
#define REFUSED_CLOSED(call)                                                                                           \
    do {                                                                                                               \
        assert_refused(call, e, 400, "malformed_request");                                                             \
        assert_true(got.close);                                                                                        \
    } while (0)
    REFUSED_CLOSED(POST({ "Content-Length", "6" }, { "Transfer-Encoding", "chunked" }));
    static const char *const lengths[] = { "", "3, 3", "+3", "-1", "0x3", "18446744073709551616", "3 ", "1e3" };
    for (size_t i = 0; i < COUNT(lengths); i++)
        REFUSED_CLOSED(POST({ "Content-Length", lengths[i] }));
    static const char *const encodings[] = { "",         "xchunked",         "gzip, chunked",
                                             "identity", "chunked, chunked", "chunked;x=y" };
    for (size_t i = 0; i < COUNT(encodings); i++)
        REFUSED_CLOSED(POST({ "Transfer-Encoding", encodings[i] }));
    REFUSED_CLOSED(POST({ "Transfer-Encoding ", "chunked" }));
    REFUSED_CLOSED(POST({ "X-A", "a\rTransfer-Encoding: chunked" }));
    REFUSED_CLOSED(POST({ "X-A", "a\nb" }));
    REFUSED_CLOSED(POST({ "X-A", "a\x0b" }));
    REFUSED_CLOSED(POST({ "", "a" }));
    REFUSED_CLOSED(POST({ "X(A", "a" }));
    REFUSED_CLOSED(POST({ "Trailer", "Content-Length" }));
    REFUSED_CLOSED(POST({ "Expect", "200-ok" }));
    REFUSED_CLOSED(guard("GET", "HTTP/1.1", "/a", WITH({ "Content-Length", "1" }), 2));
    REFUSED_CLOSED(guard("GET", "HTTP/1.1", "/a", WITH({ "Transfer-Encoding", "chunked" }), 2));
    assert_true(POST({ "Transfer-Encoding", "Chunked" }));
    assert_true(got.chunked && got.has_body);
    assert_true(POST({ "Content-Length", "000000000000000003" }));
    assert_true(POST({ "Content-Length", "0" }));
    assert_false(got.has_body);
    assert_true(POST({ "Expect", "100-Continue" }));
    assert_true(got.expect_continue);
    assert_true(POST({ "X-A", "a\tb" }));
}

static void a_nul_in_a_value_is_refused(void **state)
{
    (void)state;
    struct guard_header h[] = { { span_of("Host"), span_of("x") }, { span_of("X"), { "a\0b", 3 } } };
    struct guard_request r = { "GET", "HTTP/1.1", span_of("/"), h, 2, false };
    assert_refused(guard_check(&r, &got, &e), e, 400, "malformed_request");
}

static void what_is_hidden_is_refused_and_closed(void **state)
{
    (void)state;
    struct guard_header h[] = { { span_of("Host"), span_of("x") } };
    struct guard_request r = { "GET", "HTTP/1.1", span_of("/a"), h, 1, true };
    assert_refused(guard_check(&r, &got, &e), e, 400, "malformed_request");
    assert_true(got.close);
    r.hidden = false;
    assert_true(guard_check(&r, &got, &e));
}

static void exactly_one_host(void **state)
{
    (void)state;
    assert_refused(guard("GET", "HTTP/1.1", "/a", NULL, 0), e, 400, "malformed_request");
    assert_refused(POST({ "host", "y" }), e, 400, "duplicate_header");
    assert_true(got.close);
    static const char *const bad[] = { "", "a b", "a/b", "u@a", "a,b" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct field f = { "Host", bad[i] };
        assert_refused(guard("GET", "HTTP/1.1", "/a", &f, 1), e, 400, "malformed_request");
    }
    static const char *const good[] = { "a:80", "[::1]:80", "127.0.0.1" };
    for (size_t i = 0; i < COUNT(good); i++) {
        struct field f = { "Host", good[i] };
        assert_true(guard("GET", "HTTP/1.1", "/a", &f, 1));
    }
}

static void duplicates_of_what_decides_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "x-request-id", "x-request-context", "x-client-context",
                                         "x-signature",  "authorization",     "content-type",
                                         "traceparent",  "user-agent",        "content-encoding" };
    static const char *const framing[] = { "content-length", "transfer-encoding", "expect", "trailer" };
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_refused(POST({ names[i], "1" }, { "a", "b" }, { names[i], "1" }), e, 400, "duplicate_header");
        assert_false(got.close);
    }
    for (size_t i = 0; i < COUNT(framing); i++) {
        assert_refused(POST({ framing[i], "1" }, { framing[i], "1" }), e, 400, "duplicate_header");
        assert_true(got.close);
    }
    assert_refused(POST({ "X-Request-Id", "R" }, { "x-request-id", "EVIL" }), e, 400, "duplicate_header");
    assert_true(POST({ "Accept", "a" }, { "Accept", "b" }));
    /* Even an empty one counts. */
    assert_refused(POST({ "x-signature", "" }, { "x-signature", "s" }), e, 400, "duplicate_header");
}

static void only_http_1_1_and_tokens(void **state)
{
    (void)state;
    static const char *const versions[] = { "HTTP/1.0", "HTTP/1.9", "HTTP/2.0", "http/1.1", "", "HTTP/1.1 " };
    for (size_t i = 0; i < COUNT(versions); i++)
        REFUSED_CLOSED(guard("GET", versions[i], "/a", WITH(), 1));
    static const char *const methods[] = { "", "G(T", "GE T", "GET\t" };
    for (size_t i = 0; i < COUNT(methods); i++)
        REFUSED_CLOSED(guard(methods[i], "HTTP/1.1", "/a", WITH(), 1));
    static const char *const others[] = { "get", "PUT", "head", "OPTIONS", "TRACE", "CONNECT" };
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_true(guard(others[i], "HTTP/1.1", "/a", WITH(), 1));
        assert_int_equal(got.method, GUARD_OTHER);
        assert_true(got.close);
    }
}

static void pages_are_asked_for_without_a_body(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum guard_method method;
    } rows[] = { { "GET", GUARD_GET }, { "HEAD", GUARD_HEAD } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct field body[] = { { "Host", "x" }, { "Content-Length", "1" } },
                     none[] = { { "Host", "x" }, { "Content-Length", "0" } };
        assert_true(guard(rows[i].name, "HTTP/1.1", "/a", none, 2));
        assert_int_equal(got.method, rows[i].method);
        assert_false(got.close);
        REFUSED_CLOSED(guard(rows[i].name, "HTTP/1.1", "/a", body, 2));
    }
}

static void the_path_is_normalised_once(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *path, *query;
    } rows[] = { { "/", "/", "" },
                 { "/api/calculateX", "/api/calculateX", "" },
                 { "/%61pi/x", "/api/x", "" },
                 { "/api/x?", "/api/x", "" },
                 { "/api/x?a=%00/../b?c", "/api/x", "a=%00/../b?c" },
                 { "/api/x%3Fa=b", "/api/x?a=b", "" }, /* an escaped mark is part of the path */
                 { "/...", "/...", "" },
                 { "/a./.b", "/a./.b", "" },
                 { "/%C3%A9", "/\xc3\xa9", "" } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!TARGET(rows[i].raw))
            fail_msg("%s: %s", rows[i].raw, e.message);
        assert_string_equal(got.path, rows[i].path);
        assert_span(got.query, rows[i].query);
    }
    static const char *const bad[] = { "/..",       "/.",           "/a/../b", "/a/..",  "/a/.",  "/./a",
                                       "/%2e%2e/a", "/.%2E",        "/%2E",    "//",     "//a",   "/a//b",
                                       "/a%2fb",    "/a%2Fb",       "/a%5cb",  "/a%00b", "/a%00", "/a%0d%0aX",
                                       "/a%7f",     "/a%25b",       "/a%252e", "/a%",    "/a%2",  "/a%zz",
                                       "/%ff",      "/%c0%ae%c0%ae" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (TARGET(bad[i]))
            fail_msg("accepted %s as %s", bad[i], got.path);
        assert_int_equal(e.status, 400);
        assert_string_equal(e.code, "malformed_path");
        assert_true(got.close);
    }
    static const char *const forms[] = { "",      "*",     "a",    "http://evil/a", "?a",     "/a b",
                                         "/a\tb", "/a\\b", "/a#b", "/\x80",         "/a\x7f", "/a\x01" };
    for (size_t i = 0; i < COUNT(forms); i++)
        REFUSED_CLOSED(TARGET(forms[i]));
}

static void sizes_hold_at_n_and_one_more(void **state)
{
    (void)state;
    static char text[LIMIT_HEADER_BYTES + 1], target[LIMIT_URL + 2];
    memset(text, 'a', sizeof text);
    /* one line: name, colon, blank, value, CR, LF */
    for (size_t more = 0; more <= 1; more++) {
        size_t n = LIMIT_HEADER_LINE - 4 - 1 + more;
        text[n] = '\0';
        bool ok = POST({ "X", text });
        text[n] = 'a';
        assert_true(ok == !more);
    }
    assert_refused(false, e, 431, "headers_too_large");
    assert_true(got.close);
    /* all lines: the Host line is 9, then three of 8,189 make 24,576 */
    for (size_t more = 0; more <= 1; more++) {
        static char values[3][LIMIT_HEADER_LINE];
        for (size_t i = 0; i < 3; i++) {
            memset(values[i], 'a', sizeof values[i]);
            values[i][8189 - 4 - 1 + (i == 2 ? more : 0)] = '\0';
        }
        assert_true(POST({ "X", values[0] }, { "X", values[1] }, { "X", values[2] }) == !more);
    }
    assert_refused(false, e, 431, "headers_too_large");
    /* lines */
    struct field f[LIMIT_HEADER_LINES + 1] = { { "Host", "x" } };
    for (size_t i = 1; i < COUNT(f); i++)
        f[i] = (struct field){ "A", "b" };
    assert_true(guard("GET", "HTTP/1.1", "/", f, LIMIT_HEADER_LINES));
    assert_refused(guard("GET", "HTTP/1.1", "/", f, LIMIT_HEADER_LINES + 1), e, 431, "headers_too_large");
    /* target */
    memset(target, 'q', sizeof target);
    memcpy(target, "/a?", 3);
    target[LIMIT_URL] = '\0';
    assert_true(TARGET(target));
    target[LIMIT_URL] = 'q';
    target[LIMIT_URL + 1] = '\0';
    assert_refused(TARGET(target), e, 431, "target_too_large");
    /* path */
    memset(target, 'p', GUARD_PATH);
    target[0] = '/';
    target[GUARD_PATH - 1] = '\0';
    assert_true(TARGET(target));
    target[GUARD_PATH - 1] = 'p';
    target[GUARD_PATH] = '\0';
    assert_refused(TARGET(target), e, 404, "not_found");
    assert_false(got.close);
}

static void request_ids_that_cannot_be_echoed_are_refused(void **state)
{
    (void)state;
    static char id[LIMIT_REQUEST_ID + 2];
    static const char *const bad[] = { "", "a b", "a\tb", "\xc3\xa9", "a\"b", "a\\b" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_refused(POST({ "x-request-id", bad[i] }), e, 400, "invalid_request_id");
        assert_null(got.request_id.p);
    }
    memset(id, 'a', LIMIT_REQUEST_ID);
    assert_true(POST({ "x-request-id", id }));
    id[LIMIT_REQUEST_ID] = 'a';
    assert_refused(POST({ "x-request-id", id }), e, 400, "invalid_request_id");
}

static void a_refusal_still_finds_the_request_id(void **state)
{
    (void)state;
    assert_false(POST({ "X(", "a" }, { "x-request-id", "r-1" }));
    assert_span(got.request_id, "r-1");
    assert_false(guard("GET", "HTTP/1.1", "/..", WITH({ "x-request-id", "r-2" }), 2));
    assert_span(got.request_id, "r-2");
    assert_string_equal(e.code, "malformed_path");
    assert_false(guard("GET", "HTTP/1.0", "/", WITH({ "x-request-id", "r-3" }), 2));
    assert_span(got.request_id, "r-3");
}

static void an_encoded_body_is_415(void **state)
{
    (void)state;
    assert_refused(POST({ "Content-Encoding", "gzip" }), e, 415, "unsupported_media_type");
    assert_true(POST({ "Content-Encoding", "identity" }));
}

static void query_parameters_are_found_once(void **state)
{
    (void)state;
    char v[8];
    struct span q = span_of("orgId=a%2Bb&apiName=x+y&e=&f&%67=1&orgIdx=2&long=12345678");
    assert_int_equal(url_query(q, "orgId", v, sizeof v), 1);
    assert_string_equal(v, "a+b");
    assert_int_equal(url_query(q, "apiName", v, sizeof v), 1);
    assert_string_equal(v, "x y");
    assert_int_equal(url_query(q, "e", v, sizeof v), 1);
    assert_string_equal(v, "");
    assert_int_equal(url_query(q, "f", v, sizeof v), 1);
    assert_int_equal(url_query(q, "g", v, sizeof v), 1);
    assert_string_equal(v, "1");
    assert_int_equal(url_query(q, "org", v, sizeof v), 0);
    assert_int_equal(url_query(q, "long", v, sizeof v), -1);
    assert_string_equal(v, "");
    assert_int_equal(url_query(span_of(""), "a", v, sizeof v), 0);
    static const char *const bad[] = { "a=1&a=1", "a=1&%61=2", "a=%00", "a=%0a", "a=%", "a=%2", "a=%ff", "a=%zz" };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(url_query(span_of(bad[i]), "a", v, sizeof v), -1);
}

static void media_types(void **state)
{
    (void)state;
    static const char *const good[] = { "application/json", "Application/JSON", "application/json;charset=utf-8",
                                        "application/json; charset=UTF-8", "application/json ; charset=\"utf-8\"" };
    static const char *const bad[] = { "",
                                       "text/plain",
                                       "application/jsonx",
                                       "application/json, text/plain",
                                       "application/json; charset=latin1",
                                       "application/json; charset=utf-8; charset=utf-8",
                                       "application/x-www-form-urlencoded",
                                       "json" };
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(guard_is_json(span_of(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(guard_is_json(span_of(bad[i])));
}

static void traceparents(void **state)
{
    (void)state;
    static const char *const good[] = { "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                                        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes" };
    static const char *const bad[] = { "",
                                       "00",
                                       "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                       "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                       "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                       "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                                       "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                       "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
                                       "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                                       "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz" };
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(guard_traceparent(span_of(good[i])));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(guard_traceparent(span_of(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_request_passes),
        cmocka_unit_test(absent_headers_are_absent_and_empty_ones_are_not),
        cmocka_unit_test(framing_that_two_readers_would_read_differently_is_refused_and_closed),
        cmocka_unit_test(a_nul_in_a_value_is_refused),
        cmocka_unit_test(what_is_hidden_is_refused_and_closed),
        cmocka_unit_test(exactly_one_host),
        cmocka_unit_test(duplicates_of_what_decides_are_refused),
        cmocka_unit_test(only_http_1_1_and_tokens),
        cmocka_unit_test(pages_are_asked_for_without_a_body),
        cmocka_unit_test(the_path_is_normalised_once),
        cmocka_unit_test(sizes_hold_at_n_and_one_more),
        cmocka_unit_test(request_ids_that_cannot_be_echoed_are_refused),
        cmocka_unit_test(a_refusal_still_finds_the_request_id),
        cmocka_unit_test(an_encoded_body_is_415),
        cmocka_unit_test(query_parameters_are_found_once),
        cmocka_unit_test(media_types),
        cmocka_unit_test(traceparents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
