/* test_pages_html.c - pages of what a database may hold: everything escaped, numbers and times as people read them. */
#include "tests/unit/check.h"

#include "runtime/pages/html.h"
#include "runtime/pages/job_page.h"
#include "runtime/pages/list_page.h"

static const char now_text[] = "2026-11-28T14:02:38.000Z";
#define ID "0d3f7a50-8a6b-4b1f-9a1e-0c2d4e6f8a90"
#define NASTY "\\\"'><script>alert(1)</script>&amp;"

static struct buf page;

static int begin(void **state)
{
    (void)state;
    buf_init(&page, HTML_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_free(&page);
    return 0;
}

static bool has(const char *text)
{
    return page.p && strstr(page.p, text);
}

static void assert_shows(const char *text)
{
    if (!has(text))
        fail_msg("not there: %s\nin: %s", text, page.p ? page.p : "");
    buf_free(&page);
    buf_init(&page, HTML_MAX);
}

static void texts_are_escaped(void **state)
{
    (void)state;
    html_text(&page, "<a href=\"x\">'&\x01\n");
    assert_shows("&lt;a href=&quot;x&quot;&gt;&#39;&amp; \n");
    html_query(&page, "a b&c=\"\xc3\xa9");
    assert_shows("a%20b%26c%3D%22%C3%A9");
    html_operation(&page, "generateQuotesPDF");
    assert_shows("Generate quotes pDF");
}

static void numbers_and_times(void **state)
{
    static const struct {
        int64_t n;
        const char *text;
    } rows[] = { { 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" }, { -1000, "-1,000" } };
    int64_t now = html_when(now_text);
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        html_number(&page, rows[i].n);
        assert_string_equal(page.p, rows[i].text);
        assert_shows(rows[i].text);
    }
    assert_int_equal(now, 1795874558000);
    assert_int_equal(html_when("nothing"), -1);
    html_time(&page, now_text, now);
    assert_shows(">14:02</time>");
    html_time(&page, "2026-11-27T23:59:59.999Z", now);
    assert_shows(">27 Nov 23:59</time>");
    html_age(&page, "2026-11-28T13:38:30.000Z", now);
    assert_shows("24 min ago");
    html_time(&page, "\"><script>", now);
    assert_int_equal(page.n, 0);
}

static json_t *job(const char *members)
{
    char text[4000];
    snprintf(text, sizeof text,
             "{\"jobId\":\"" ID "\",\"operation\":\"generateQuotes\",\"orgId\":\"00D\",\"userId\":\"005\"%s}", members);
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    return j;
}

static void show(const char *members)
{
    json_t *j = job(members);
    job_page_write(&page, j, JOB_PAGE_ROWS, html_when(now_text));
    json_decref(j);
    assert_false(page.failed);
}

static void a_running_job(void **state)
{
    static const char members[] =
        ",\"state\":\"running\",\"total\":5000,\"done\":3202,\"failed\":12,\"ratePerSecond\":118.2,"
        "\"etaSeconds\":15,\"startedAt\":\"2026-11-28T14:02:11.000Z\",\"pageItems\":200";
    (void)state;
    show(members);
    assert_true(has("<b>3,214</b> <span>of 5,000"));
    assert_true(has("about 15 s left"));
    assert_true(has("118 a second"));
    assert_true(has("aria-valuetext=\"3,214 of 5,000, 12 failed, about 15 s left\""));
    assert_true(has("width=\"64.0%\""));
    assert_true(has("class=\"b\" x=\"64.0%\" width=\"1.0%\"")); /* 12 of 5,000 would not be seen */
    assert_true(has("1,786 to go"));
    assert_true(has("/jobs/" ID "/cancel"));
    assert_false(has("/retry"));
}

static void who_may_retry(void **state)
{
    (void)state;
    show(",\"state\":\"done\",\"total\":3,\"done\":1,\"failed\":2,\"kept\":2,\"username\":\"jonas@example.com\"");
    assert_false(has("/retry"));
    assert_shows("Done, 2 failed");
    show(",\"state\":\"done\",\"total\":3,\"done\":1,\"failed\":2,\"kept\":2,\"connection\":\"partner\"");
    assert_shows("Retry 2 failed");
    show(",\"state\":\"done\",\"total\":3,\"done\":3,\"failed\":0,\"kept\":0,\"connection\":\"partner\"");
    assert_false(has("/retry"));
    assert_false(has("/cancel"));
}

/* Whatever stands in a row, the page is a page; no member has to be there. */
static void nothing_is_believed(void **state)
{
    (void)state;
    show("");
    show(",\"state\":\"" NASTY "\",\"total\":\"x\",\"done\":-1,\"createdAt\":5");
    show(",\"state\":\"failed\",\"message\":\"" NASTY "\",\"username\":\"" NASTY "\",\"queue\":\"" NASTY
         "\",\"input\":\"" NASTY "\",\"orgUrl\":\"" NASTY "\",\"connection\":\"" NASTY
         "\",\"kept\":1,\"failed\":1,\"failures\":[{\"item\":\"" NASTY "\",\"code\":\"" NASTY "\",\"message\":\"" NASTY
         "\",\"field\":\"" NASTY "\"},{},7]");
    show(",\"state\":\"waiting\",\"operation\":\"" NASTY "\",\"message\":\"" NASTY "\"");
    show(",\"state\":\"failed\",\"orgUrl\":\"javascript:alert(1)//\",\"kept\":1,\"failed\":1,\"failures\":[{\"item\":"
         "\"006xx000004TmQ7AAK\"}]");
    assert_false(has("<script"));
    assert_false(has("javascript:"));
    assert_false(has(" style="));
}

static void list_of(const char *answer, const char *query)
{
    struct list_wish w;
    json_t *a = json_loads(answer, 0, NULL);
    assert_non_null(a);
    list_wish_read(span_of(query), &w);
    const struct list_page p = { .wish = &w, .answer = a, .keep_days = 7, .now_ms = html_when(now_text) };
    list_page_write(&page, &p);
    json_decref(a);
    assert_false(page.failed);
}

static void a_list_in_its_groups(void **state)
{
#define ROW(id, state, rest)                                                                                           \
    "{\"jobId\":\"" id "\",\"operation\":\"createAccounts\",\"state\":\"" state                                        \
    "\",\"createdAt\":\"2026-11-26T10:00:00.000Z\"" rest "}"
    static const char answer[] =
        "{\"counts\":{\"waiting\":1,\"failed\":1,\"running\":1,\"queued\":1,\"done\":70},\"paused\":[{\"queue\":"
        "\"q1\",\"jobs\":2}],"
        "\"queues\":[\"q2\"],\"rate\":131.2,\"running\":6,\"workers\":6,\"failed\":45,\"done\":19159,\"jobs\":"
        "[" ROW("a", "waiting", ",\"total\":412,\"done\":160,\"message\":\"<i>\"") "," ROW("b", "failed", ",\"finishedAt\":\"2026-11-28T13:21:00.000Z\"") "," ROW(
            "c", "running",
            ",\"startedAt\":\"2026-11-28T14:02:00.000Z\"") "," ROW("d", "queued",
                                                                   ",\"paused\":true") "," ROW("e", "done",
                                                                                               ",\"finishedAt\":"
                                                                                               "\"2026-11-28T13:48:"
                                                                                               "00.000Z\"") "," ROW("f",
                                                                                                                    "ca"
                                                                                                                    "nc"
                                                                                                                    "el"
                                                                                                                    "e"
                                                                                                                    "d",
                                                                                                                    ","
                                                                                                                    "\""
                                                                                                                    "to"
                                                                                                                    "ta"
                                                                                                                    "l"
                                                                                                                    "\""
                                                                                                                    ":8"
                                                                                                                    "90"
                                                                                                                    ","
                                                                                                                    "\""
                                                                                                                    "do"
                                                                                                                    "ne"
                                                                                                                    "\""
                                                                                                                    ":3"
                                                                                                                    "01"
                                                                                                                    ","
                                                                                                                    "\""
                                                                                                                    "fi"
                                                                                                                    "ni"
                                                                                                                    "sh"
                                                                                                                    "ed"
                                                                                                                    "At"
                                                                                                                    "\""
                                                                                                                    ":"
                                                                                                                    "\""
                                                                                                                    "20"
                                                                                                                    "26"
                                                                                                                    "-1"
                                                                                                                    "1-"
                                                                                                                    "27"
                                                                                                                    "T1"
                                                                                                                    "2:"
                                                                                                                    "17"
                                                                                                                    ":0"
                                                                                                                    "0."
                                                                                                                    "00"
                                                                                                                    "0Z"
                                                                                                                    "\"") "]}";
    (void)state;
    list_of(answer, "");
    static const char *const there[] = { "Needs you \xc2\xb7 2",
                                         "Working \xc2\xb7 2",
                                         "Ended today \xc2\xb7 1",
                                         "Ended 27 Nov \xc2\xb7 1",
                                         "Queue q1 is paused",
                                         "2 jobs wait;",
                                         "queue is paused",
                                         "301 stay",
                                         "589 not begun",
                                         "<small>of 19,204</small>",
                                         "6 of 74 shown",
                                         "/jobs?show=100\">Show 50 more",
                                         "&lt;i&gt;",
                                         "All <b>74</b>" };
    for (size_t i = 0; i < COUNT(there); i++)
        if (!has(there[i]))
            fail_msg("not there: %s\n%s", there[i], page.p);
    assert_false(has("<i>"));
}

static void a_list_that_is_empty(void **state)
{
    (void)state;
    list_of("{}", "");
    assert_shows("No jobs yet");
    list_of("{\"counts\":{\"done\":15}}", "state=failed");
    assert_true(has("15 others are kept."));
    assert_shows("No failed jobs");
    list_of("{\"counts\":{\"done\":15}}", "state=%3Cb%3E&q=%3Cb%3E&show=99999999999");
    assert_false(has("<b>x"));
    assert_shows("No jobs with \xe2\x80\x9c&lt;b&gt;\xe2\x80\x9d");
    list_of("{\"jobs\":[{},7,{\"jobId\":3}]}", "show=-4");
}

static void rows_become_a_file(void **state)
{
    json_t *rows = json_array();
    (void)state;
    for (int i = 0; i < 10000; i++)
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s}", "item", "=1+1", "code", "@x", "message", "-\"a\",\r\n\xc3\xa9"));
    page.max = CSV_MAX;
    csv_begin(&page);
    csv_rows(&page, rows);
    json_decref(rows);
    assert_false(page.failed);
    static const char first[] =
        "\xef\xbb\xbfid,code,message,field\r\n\"'=1+1\",\"'@x\",\"'-\"\"a\"\",\r\n\xc3\xa9\",\"\"\r\n";
    assert_memory_equal(page.p, first, sizeof first - 1);
    size_t head = strlen("\xef\xbb\xbfid,code,message,field\r\n");
    assert_int_equal(page.n, head + 10000 * (sizeof first - 1 - head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_are_escaped, begin, end),
        cmocka_unit_test_setup_teardown(numbers_and_times, begin, end),
        cmocka_unit_test_setup_teardown(a_running_job, begin, end),
        cmocka_unit_test_setup_teardown(who_may_retry, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_believed, begin, end),
        cmocka_unit_test_setup_teardown(a_list_in_its_groups, begin, end),
        cmocka_unit_test_setup_teardown(a_list_that_is_empty, begin, end),
        cmocka_unit_test_setup_teardown(rows_become_a_file, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
