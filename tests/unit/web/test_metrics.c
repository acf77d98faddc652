/* test_metrics.c - what the page of metrics says after requests of each kind, and how many series there can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/web/metrics.h"

static struct declaration actions[] = { { .operation_id = "none" } };
static const struct declarations declared = { .v = actions, .n = 1 };

static int count_of(const char *text, const char *part)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, part)); p++)
        n++;
    return n;
}

static char *page_of(struct metrics *m)
{
    const struct metrics_now now = { 0 };
    struct buf text;
    buf_init(&text, 1 << 20);
    assert_true(metrics_write(m, &now, &text));
    metrics_free(m);
    return buf_take(&text, NULL);
}

static void has(const char *page, const char *line)
{
    if (!strstr(page, line))
        fail_msg("no <%s> in:\n%s", line, page);
}

static void endings_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *code;
    } requests[] = { { 200, "" },
                     { 404, "flight_not_found" },
                     { 422, "invalid_input" },
                     { 502, "action_crashed" },
                     { 503, "org_unavailable" },
                     { 504, "deadline_exceeded" },
                     { 0, "" } };
    struct metrics *m = metrics_new(&declared);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const struct metrics_request r = { .status = requests[i].status, .code = requests[i].code, .total_us = 1000 };
        metrics_count(m, &actions[0], &r);
    }
    char *page = page_of(m);
    has(page, "\nactionhost_request_duration_seconds_count{action=\"none\",outcome=\"ok\"} 1\n");
    has(page, "\nactionhost_request_duration_seconds_count{action=\"none\",outcome=\"refused\"} 3\n");
    has(page, "\nactionhost_request_duration_seconds_count{action=\"none\",outcome=\"failed\"} 3\n");
    free(page);
}

/* An action may be called none; what reached no action has a label of its own. */
static void no_action_is_no_action_called_none(void **state)
{
    (void)state;
    struct metrics *m = metrics_new(&declared);
    const struct metrics_request r = { .status = 404, .code = "unknown_path", .total_us = 1 };
    metrics_count(m, &actions[0], &r);
    metrics_count(m, NULL, &r);
    char *page = page_of(m);
    has(page, "actionhost_requests_total{action=\"none\",status=\"404\",code=\"unknown_path\"} 1\n");
    has(page, "actionhost_requests_total{action=\"\",status=\"404\",code=\"unknown_path\"} 1\n");
    free(page);
}

/* A wait of 0 us is a wait; a call that never ran has no time in a worker. */
static void waits_count_without_a_run(void **state)
{
    (void)state;
    struct metrics *m = metrics_new(&declared);
    const struct metrics_request none = { .status = 504,
                                          .code = "deadline_exceeded",
                                          .queued = true,
                                          .queued_us = 800000 },
                                 at_once = { .status = 200, .code = "", .queued = true, .ran_us = 2000 },
                                 refused = { .status = 503, .code = "busy" };
    metrics_count(m, &actions[0], &none);
    metrics_count(m, &actions[0], &at_once);
    metrics_count(m, &actions[0], &refused);
    char *page = page_of(m);
    has(page, "\nactionhost_queue_seconds_count{action=\"none\",outcome=\"failed\"} 1\n");
    has(page, "\nactionhost_queue_seconds_bucket{action=\"none\",outcome=\"failed\",le=\"0.5\"} 0\n");
    has(page, "\nactionhost_queue_seconds_bucket{action=\"none\",outcome=\"failed\",le=\"1\"} 1\n");
    has(page, "\nactionhost_queue_seconds_count{action=\"none\",outcome=\"ok\"} 1\n");
    has(page, "\nactionhost_action_seconds_count{action=\"none\",outcome=\"ok\"} 1\n");
    assert_null(strstr(page, "actionhost_action_seconds_count{action=\"none\",outcome=\"failed\"}"));
    free(page);
}

static void series_are_bounded(void **state)
{
    (void)state;
    char code[20];
    struct metrics *m = metrics_new(&declared);
    for (int i = 0; i < 66; i++) {
        snprintf(code, sizeof code, "code_%d", i);
        const struct metrics_request r = { .status = 422, .code = code, .total_us = 1 };
        metrics_count(m, &actions[0], &r);
    }
    char *page = page_of(m);
    assert_int_equal(count_of(page, "actionhost_requests_total{"), 65);
    has(page, "code=\"code_63\"} 1\n");
    has(page, "{action=\"none\",status=\"other\",code=\"other\"} 2\n");
    free(page);
}

static void refused_connections_are_counted(void **state)
{
    (void)state;
    struct metrics *m = metrics_new(&declared);
    metrics_count_refused_connection(m);
    metrics_count_refused_connection(m);
    char *page = page_of(m);
    has(page, "\nactionhost_connections_refused_total 2\n");
    free(page);
    page = page_of(metrics_new(&declared));
    has(page, "\nactionhost_connections_refused_total 0\n");
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings_are_told_apart),          cmocka_unit_test(no_action_is_no_action_called_none),
        cmocka_unit_test(waits_count_without_a_run),       cmocka_unit_test(series_are_bounded),
        cmocka_unit_test(refused_connections_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
