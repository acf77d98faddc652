/* test_pages_subscriptions.c - the rows of subscriptions on the jobs page. */
#include "tests/unit/check.h"

#include "runtime/pages/html.h"
#include "runtime/pages/subscriptions.h"

static struct buf page;

/* The part for one row of these members. */
static const char *shown(const char *members)
{
    char text[1000];
    snprintf(text, sizeof text, "[{\"connection\":\"acme\",\"topic\":\"/data/X\",\"orgId\":\"00D\"%s}]", members);
    json_t *list = json_loads(text, 0, NULL);
    assert_non_null(list);
    buf_free(&page);
    buf_init(&page, HTML_MAX);
    subscriptions_write(&page, list, 100000);
    json_decref(list);
    return page.p ? page.p : "";
}

static void has(const char *page_text, const char *want)
{
    if (!strstr(page_text, want))
        fail_msg("not there: %s\nin: %s", want, page_text);
}

static void how_it_does(void **state)
{
    (void)state;
    has(shown(",\"state\":\"open\",\"held\":true"), "Listening");
    has(shown(",\"state\":\"open\",\"held\":false"), "Nobody listens");
    has(shown(",\"state\":\"opening\",\"held\":true"), "Opening");
    has(shown(",\"state\":\"failed\",\"held\":true,\"reason\":\"no such topic <b>\""), "no such topic &lt;b&gt;");
    has(shown(",\"state\":\"failed\",\"held\":true"), "Failed");
}

static void how_far_it_is(void **state)
{
    (void)state;
    const char *p = shown(",\"kept\":1234,\"lastEventAt\":95000,\"lagMs\":2000,\"open\":3,\"apart\":1,\"duplicates\":7,"
                          "\"gaps\":2,\"position\":\"00112233445566778899aabb\"");
    has(p, "1,234 events kept");
    has(p, "the last 5 s ago, 2 s after its commit");
    has(p, "3 wait for the end of their transaction");
    has(p, "1 event could not be used and is kept apart");
    has(p, "7 duplicates dropped");
    has(p, "2 times events may be missing");
    has(p, "\xe2\x80\xa6"
           "445566778899aabb");
}

static void nobody_listens_to_anything(void **state)
{
    (void)state;
    buf_free(&page);
    buf_init(&page, HTML_MAX);
    subscriptions_write(&page, NULL, 5);
    assert_int_equal(page.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_it_does),
        cmocka_unit_test(how_far_it_is),
        cmocka_unit_test(nobody_listens_to_anything),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&page);
    return failed;
}
