/* test_docs_page.c - paths, types and policy of the docs page, and what it is told besides the document. */
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

static struct declarations declared;

static struct docs *page_of(struct span sign_url)
{
    const struct docs_settings s = {
        .declarations = &declared, .sign_url = sign_url, .version = "1.2.3", .request_timeout_ms = 25000, .jobs = true
    };
    return docs_new(&s);
}

static void every_file_is_served_with_its_type(void **state)
{
    (void)state;
    static const struct {
        const char *path, *type;
    } rows[] = {
        { "/docs", "text/html; charset=utf-8" },
        { "/docs/", "text/html; charset=utf-8" },
        { "/docs/docs.js", "text/javascript; charset=utf-8" },
        { "/docs/form.js", "text/javascript; charset=utf-8" },
        { "/docs/docs.css", "text/css; charset=utf-8" },
        { "/docs/pages.css", "text/css; charset=utf-8" },
        { "/docs/card.jpg", "image/jpeg" },
        { "/docs/agreement.png", "image/png" },
        { "/docs/about.json", "application/json" },
    };
    struct docs *d = page_of((struct span){ 0 });
    assert_non_null(d);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct docs_page page;
        if (!docs_find(d, span_of(rows[i].path), &page))
            fail_msg("nothing at %s", rows[i].path);
        assert_string_equal(page.content_type, rows[i].type);
        assert_true(page.body.n > 10);
    }
    docs_free(d);
}

static void other_paths_are_not(void **state)
{
    (void)state;
    static const char *const paths[] = { "/",           "/doc",    "/docsx",          "/docs/../docs",
                                         "/docs/index", "/docs//", "/docs/about.jso", "/docs/settings.json" };
    struct docs *d = page_of(span_of(""));
    struct docs_page page;
    assert_non_null(d);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (docs_find(d, span_of(paths[i]), &page))
            fail_msg("something at %s", paths[i]);
    docs_free(d);
}

/* The policy forbids what stands inside a page, so that nothing may stand there: it would be left out without a word.
 */
static void no_style_and_no_script_stands_inside(void **state)
{
    (void)state;
    struct docs_page page;
    struct docs *d = page_of(span_of(""));
    assert_non_null(d);
    assert_true(docs_find(d, span_of("/docs"), &page));
    char *html = strndup(page.body.p, page.body.n);
    assert_null(strstr(html, "style="));
    assert_null(strstr(html, "<style"));
    assert_null(strstr(html, " onclick"));
    assert_null(strstr(html, "<script>"));
    assert_null(strstr(page.policy, "unsafe"));
    free(html);
    docs_free(d);
}

static void the_page_may_reach_the_sandbox_and_nothing_else(void **state)
{
    (void)state;
    struct docs_page page;
    struct docs *d = page_of(span_of("http://127.0.0.1:7070"));
    assert_non_null(d);
    assert_true(docs_find(d, span_of("/docs/about.json"), &page));
    assert_string_equal(page.policy,
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' "
                        "http://127.0.0.1:7070; img-src 'self' data: http://127.0.0.1:7070; frame-src 'self' "
                        "http://127.0.0.1:7070; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    docs_free(d);
}

/* The longest that there may be fits; a policy that is cut short would be none. */
static void a_text_that_does_not_fit_makes_no_page(void **state)
{
    (void)state;
    char url[2000];
    struct docs_page page;
    memset(url, 'a', sizeof url);
    struct docs *d = page_of((struct span){ url, CONFIG_ORIGIN });
    assert_non_null(d);
    assert_true(docs_find(d, span_of("/docs"), &page));
    assert_non_null(strstr(page.policy, "frame-ancestors 'none'"));
    docs_free(d);
    assert_null(page_of((struct span){ url, sizeof url }));
}

static json_t *about(void)
{
    struct docs_page page;
    struct docs *d = page_of(span_of("http://127.0.0.1:7070"));
    assert_non_null(d);
    assert_true(docs_find(d, span_of("/docs/about.json"), &page));
    json_t *root = json_loadb(page.body.p, page.body.n, 0, NULL);
    assert_non_null(root);
    docs_free(d);
    return root;
}

static void every_action_is_told_of(void **state)
{
    (void)state;
    json_t *root = about(), *all = json_object_get(root, "operations");
    assert_string_equal(declaration_text(root, "version"), "1.2.3");
    assert_string_equal(declaration_text(root, "signUrl"), "http://127.0.0.1:7070");
    assert_true(json_is_true(json_object_get(root, "jobs")));
    assert_false(json_is_true(json_object_get(root, "pages")));
    assert_int_equal(json_object_size(all), declared.n);
    for (size_t i = 0; i < declared.n; i++) {
        const struct declaration *d = &declared.v[i];
        const json_t *o = json_object_get(all, d->operation_id);
        assert_true(json_integer_value(json_object_get(o, "timeMs")) > 0);
        assert_int_equal(json_integer_value(json_object_get(o, "bodyBytes")), d->body_max);
        assert_true(json_equal(json_object_get(o, "examples"), json_object_get(d->root, "examples")));
        /* what the document has is not said twice, and what it lacks is said here */
        assert_int_equal(json_object_get(o, "input") != NULL, !d->salesforce);
        if (d->async_of)
            assert_string_equal(declaration_text(o, "of"), d->async_of->operation_id);
    }
    json_decref(root);
}

/* Choices for people and the sentence for agents name the same things. */
static void choices_are_those_of_the_description(void **state)
{
    (void)state;
    size_t looked_at = 0;
    for (size_t i = 0; i < declared.n; i++) {
        const char *pointer;
        json_t *list, *one;
        json_object_foreach (json_object_get(declared.v[i].root, "choices"), pointer, list) {
            const json_t *properties = json_object_get(declaration_side(&declared.v[i], "input"), "properties");
            const char *text = declaration_text(json_object_get(properties, pointer + 1), "description");
            size_t k;
            json_array_foreach (list, k, one) {
                if (!strstr(text, json_string_value(one)))
                    fail_msg("%s: %s is no word of its description", pointer, json_string_value(one));
                looked_at++;
            }
        }
    }
    assert_true(looked_at > 10);
}

static int load(void **state)
{
    struct buf faults;
    (void)state;
    buf_init(&faults, 65536);
    bool ok = declarations_load(&declared, &faults);
    buf_free(&faults);
    return ok ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    declarations_free(&declared);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_served_with_its_type),
        cmocka_unit_test(other_paths_are_not),
        cmocka_unit_test(no_style_and_no_script_stands_inside),
        cmocka_unit_test(the_page_may_reach_the_sandbox_and_nothing_else),
        cmocka_unit_test(a_text_that_does_not_fit_makes_no_page),
        cmocka_unit_test(every_action_is_told_of),
        cmocka_unit_test(choices_are_those_of_the_description),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
