/* test_docs_page.c - paths, types and policy of the docs page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/declare/config.h"
#include "runtime/web/docs_page.h"

static void every_file_is_served_with_its_type(void **state)
{
    (void)state;
    static const struct {
        const char *path, *type;
        bool gzipped;
    } rows[] = {
        { "/docs", "text/html; charset=utf-8", false },
        { "/docs/", "text/html; charset=utf-8", false },
        { "/docs/docs.js", "text/javascript; charset=utf-8", false },
        { "/docs/docs.css", "text/css; charset=utf-8", false },
        { "/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", true },
        { "/docs/swagger-ui.css", "text/css; charset=utf-8", true },
        { "/docs/settings.json", "application/json", false },
    };
    struct docs *d = docs_new((struct span){ 0 });
    assert_non_null(d);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct docs_page page;
        if (!docs_find(d, span_of(rows[i].path), &page))
            fail_msg("nothing at %s", rows[i].path);
        assert_string_equal(page.content_type, rows[i].type);
        assert_int_equal(page.content_encoding != NULL, rows[i].gzipped);
        assert_true(page.body.n > 10);
        if (rows[i].gzipped)
            assert_memory_equal(page.body.p, "\x1f\x8b", 2);
    }
    docs_free(d);
}

static void other_paths_are_not(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/", "/doc", "/docsx", "/docs/../docs", "/docs/swagger-ui-bundle.js.gz", "/docs/index", "/docs//"
    };
    struct docs *d = docs_new(span_of(""));
    struct docs_page page;
    assert_non_null(d);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (docs_find(d, span_of(paths[i]), &page))
            fail_msg("something at %s", paths[i]);
    docs_free(d);
}

static void the_page_may_reach_the_sandbox_and_nothing_else(void **state)
{
    (void)state;
    struct docs_page page;
    struct docs *d = docs_new(span_of("http://127.0.0.1:7070"));
    assert_non_null(d);
    assert_true(docs_find(d, span_of("/docs/settings.json"), &page));
    assert_int_equal(page.body.n, strlen("{\"signUrl\":\"http://127.0.0.1:7070\"}"));
    assert_memory_equal(page.body.p, "{\"signUrl\":\"http://127.0.0.1:7070\"}", page.body.n);
    assert_non_null(strstr(page.policy, "connect-src 'self' http://127.0.0.1:7070;"));
    assert_non_null(strstr(page.policy, "default-src 'none'"));
    docs_free(d);
}

/* The longest that there may be fits; a policy that is cut short would be none. */
static void a_text_that_does_not_fit_makes_no_page(void **state)
{
    (void)state;
    char url[2000];
    struct docs_page page;
    memset(url, 'a', sizeof url);
    struct docs *d = docs_new((struct span){ url, CONFIG_ORIGIN });
    assert_non_null(d);
    assert_true(docs_find(d, span_of("/docs"), &page));
    assert_non_null(strstr(page.policy, "frame-ancestors 'none'"));
    docs_free(d);
    assert_null(docs_new((struct span){ url, sizeof url }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_served_with_its_type),
        cmocka_unit_test(other_paths_are_not),
        cmocka_unit_test(the_page_may_reach_the_sandbox_and_nothing_else),
        cmocka_unit_test(a_text_that_does_not_fit_makes_no_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
