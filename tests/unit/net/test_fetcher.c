/* test_fetcher.c - the front's HTTP client against a server of this test: what it sends, what it says of answers and
 * of their absence, and the rules that hold for all that leaves. */
#include "tests/unit/check.h"

#include <malloc.h>
#include <signal.h>

#include "runtime/base/build.h"
#include "runtime/base/system.h"
#include "runtime/net/fetcher.h"
#include "tests/loopback.h"

enum { PATIENCE_MS = 20000 }; /* for a request whose end this test awaits */

/* What one request came to. */
struct end {
    int calls;
    struct fetch_result r;
    char body[200];
};

static struct {
    struct loop loop;
    struct fetcher *fetcher;
    struct origin *origin;
    char url[100]; /* of the origin, without a path */
    struct curl_slist *headers;
    /* of the last request that it got */
    char method[8], target[200], head[4000], body[200];
} t;

static void answer(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    (void)ctx;
    snprintf(t.method, sizeof t.method, "%s", q->method);
    snprintf(t.target, sizeof t.target, "%s", q->target);
    snprintf(t.head, sizeof t.head, "%.*s", (int)(q->body - q->head), q->head);
    snprintf(t.body, sizeof t.body, "%.*s", (int)q->n, q->body);
    r->body = "{\"a\":1}";
    r->n = 7;
    if (strncmp(q->target, "/status/", 8) == 0)
        r->status = (int)strtol(q->target + 8, NULL, 10);
    if (strcmp(q->target, "/moved") == 0) {
        r->status = 302;
        r->headers = "Location: /elsewhere\r\n";
    }
    if (strcmp(q->target, "/cut") == 0)
        r->cut_at = 3;
    if (strcmp(q->target, "/reset") == 0)
        r->reset = true;
    if (strcmp(q->target, "/late") == 0)
        r->delay_ms = PATIENCE_MS; /* ended by the end of the server */
    if (strcmp(q->target, "/no-http") == 0) {
        r->raw = true;
        r->body = "SSH-2.0-x\r\n";
        r->n = 11;
    }
    if (strncmp(q->target, "/echo/", 6) == 0) {
        r->body = strdup(q->target + 6);
        r->n = strlen(q->target + 6);
        r->free_body = true;
    }
}

static int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    t.origin = origin_start(answer, NULL);
    snprintf(t.url, sizeof t.url, "http://127.0.0.1:%d", t.origin->port);
    t.headers = curl_slist_append(NULL, "X-Of-All: yes");
    if (!loop_init(&t.loop))
        return -1;
    t.fetcher = fetcher_new(&t.loop, 4, true);
    return t.fetcher ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fetcher_free(t.fetcher);
    loop_fini(&t.loop);
    origin_stop(t.origin);
    curl_slist_free_all(t.headers);
    return 0;
}

static void on_end(void *ctx, const struct fetch_result *r)
{
    struct end *end = ctx;
    end->calls++;
    end->r = *r;
    copy_span(end->body, sizeof end->body, r->body);
}

/* Turns the loop until `count` ends came. */
static void await(struct end *ends, size_t count)
{
    int64_t give_up = clock_ms() + PATIENCE_MS;
    for (size_t i = 0; i < count;) {
        if (ends[i].calls) {
            i++;
            continue;
        }
        assert_true(clock_ms() < give_up);
        int wait = fetcher_timeout_ms(t.fetcher);
        loop_turn(&t.loop, wait < 0 || wait > 100 ? 100 : wait);
        fetcher_work(t.fetcher);
    }
}

/* `more` without a URL; its time is set here unless it has one. */
static bool begin(const char *path, struct fetch_request more, struct end *end)
{
    char url[300];
    snprintf(url, sizeof url, "%s%s", t.url, path);
    more.url = url;
    more.headers = t.headers;
    more.timeout_ms = more.timeout_ms ? more.timeout_ms : PATIENCE_MS;
    more.max = more.max ? more.max : 100;
    memset(end, 0, sizeof *end);
    return fetcher_start(t.fetcher, &more, on_end, end);
}

static struct end fetch(const char *path, struct fetch_request more)
{
    struct end end;
    assert_true(begin(path, more, &end));
    assert_int_equal(end.calls, 0); /* never from within the start */
    await(&end, 1);
    assert_int_equal(end.calls, 1);
    return end;
}

#define PLAIN ((struct fetch_request){ 0 })

static void test_what_is_sent(void **state)
{
    (void)state;
    struct end e = fetch("/one?x=1", PLAIN);
    assert_int_equal(e.r.failure, HTTP_OK);
    assert_int_equal(e.r.status, 200);
    assert_string_equal(e.body, "{\"a\":1}");
    assert_string_equal(t.method, "GET");
    assert_string_equal(t.target, "/one?x=1");
    assert_non_null(strstr(t.head, "\r\nX-Of-All: yes\r\n"));
    assert_non_null(strstr(t.head, "\r\nUser-Agent: actionhost/" ACTIONHOST_VERSION "\r\n"));

    struct buf body;
    buf_init(&body, 100);
    assert_true(buf_str(&body, "abc"));
    e = fetch("/two", (struct fetch_request){ .body = &body, .header = "X-Request-Id: 7" });
    assert_null(body.p); /* taken over */
    assert_string_equal(t.method, "POST");
    assert_string_equal(t.body, "abc");
    assert_non_null(strstr(t.head, "\r\nX-Request-Id: 7\r\n"));
    assert_non_null(strstr(t.head, "\r\nX-Of-All: yes\r\n"));

    /* nothing of a request is left in the handle for the next one */
    e = fetch("/three", PLAIN);
    assert_string_equal(t.method, "GET");
    assert_string_equal(t.body, "");
    assert_null(strstr(t.head, "X-Request-Id"));
    assert_int_equal(t.origin->connections, 1);
}

/* Many large bodies at once, as strangers send them: nothing of them is held when they are gone. */
static void test_large_bodies_are_not_kept(void **state)
{
    enum { COUNT = 24, SIZE = 400 * 1024 };
    static struct end ends[COUNT];
    (void)state;
    fetch("/first", PLAIN);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < COUNT; i++) {
        struct buf body;
        buf_init(&body, SIZE);
        char *to = buf_room(&body, SIZE);
        assert_non_null(to);
        memset(to, 'x', SIZE);
        body.n = SIZE;
        assert_true(begin("/large", (struct fetch_request){ .body = &body }, &ends[i]));
    }
    assert_true(BUILD_SANITIZED || mallinfo2().uordblks + mallinfo2().hblkhd > before + COUNT * (size_t)SIZE);
    await(ends, COUNT);
    for (int64_t give_up = clock_ms() + PATIENCE_MS; !BUILD_SANITIZED && clock_ms() < give_up;) {
        if (mallinfo2().uordblks + mallinfo2().hblkhd < before + 6 * (size_t)SIZE)
            break;
        loop_turn(&t.loop, 20);
    }
    /* the origin of this test holds the last body of each connection that is kept, 4 of them */
    assert_true(BUILD_SANITIZED || mallinfo2().uordblks + mallinfo2().hblkhd < before + 6 * (size_t)SIZE);
}

static void test_any_status_is_an_answer(void **state)
{
    static const char *const paths[] = { "/status/201", "/status/401", "/status/500", "/status/503" };
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct end e = fetch(paths[i], PLAIN);
        assert_int_equal(e.r.failure, HTTP_OK);
        assert_null(e.r.detail);
        assert_int_equal(e.r.status, strtol(paths[i] + 8, NULL, 10));
    }
}

static void test_failures(void **state)
{
    static const struct {
        const char *path;
        struct fetch_request more;
        enum http_failure want;
        const char *word;
    } cases[] = {
        { "/cut", { 0 }, HTTP_CUT, "unreachable" },
        { "/reset", { 0 }, HTTP_CUT, "unreachable" },
        { "/no-http", { 0 }, HTTP_GARBAGE, "unreachable" },
        { "/late", { .timeout_ms = 50 }, HTTP_TIMEOUT, "timeout" },
        { "/echo/12345", { .max = 4 }, HTTP_TOO_LARGE, "too_large" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct end e = fetch(cases[i].path, cases[i].more);
        if (e.r.failure != cases[i].want)
            fail_msg("%s: %d instead of %d", cases[i].path, (int)e.r.failure, (int)cases[i].want);
        assert_string_equal(http_failure_word(e.r.failure), cases[i].word);
        assert_non_null(e.r.detail);
        assert_int_equal(e.r.status, 0);
        assert_string_equal(e.body, "");
    }
    struct end e = fetch("/echo/1234", (struct fetch_request){ .max = 4 });
    assert_int_equal(e.r.failure, HTTP_OK);
    e = fetch("/echo/12345", (struct fetch_request){ .max = 4, .ignore_body = true });
    assert_int_equal(e.r.failure, HTTP_OK);
    assert_string_equal(e.body, "");
}

/* A port that was just given back: nobody listens there. */
static void test_nobody_listens(void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    snprintf(t.url, sizeof t.url, "http://127.0.0.1:%d", ntohs(a.sin_port)); /* bound, not listening */
    struct end e = fetch("/", PLAIN);
    close(fd);
    assert_int_equal(e.r.failure, HTTP_CONNECT);
    assert_string_equal(http_failure_word(e.r.failure), "unreachable");
}

static void test_rules(void **state)
{
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("no_proxy", "", 1);
    struct end e = fetch("/moved", PLAIN);
    assert_int_equal(e.r.status, 302);
    assert_string_equal(t.target, "/moved");
    e = fetch("/a/../b/./c", PLAIN);
    assert_int_equal(e.r.failure, HTTP_OK);
    assert_string_equal(t.target, "/a/../b/./c");
    unsetenv("http_proxy");
    unsetenv("no_proxy");

    fetcher_free(t.fetcher);
    t.fetcher = fetcher_new(&t.loop, 4, false);
    assert_non_null(t.fetcher);
    int before = t.origin->requests;
    e = fetch("/plain", PLAIN);
    assert_int_not_equal(e.r.failure, HTTP_OK);
    assert_int_equal(t.origin->requests, before);
}

static void test_long_header_is_refused(void **state)
{
    char header[500] = "X-Request-Id: ";
    struct end e;
    (void)state;
    memset(header + strlen(header), 'a', 300);
    assert_true(begin("/", (struct fetch_request){ .header = header }, &e));
    await(&e, 1);
    assert_non_null(strstr(t.head, header));
    memset(header + 14, 'a', 400);
    assert_false(begin("/", (struct fetch_request){ .header = header }, &e));
    assert_int_equal(e.calls, 0);
}

static void test_many_at_once(void **state)
{
    enum { MANY = 30 };
    struct end ends[MANY];
    char path[30];
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < MANY; i++) {
            snprintf(path, sizeof path, "/echo/%zu", i);
            assert_true(begin(path, PLAIN, &ends[i]));
        }
        await(ends, MANY);
        for (size_t i = 0; i < MANY; i++) {
            snprintf(path, sizeof path, "%zu", i);
            assert_int_equal(ends[i].calls, 1);
            assert_string_equal(ends[i].body, path);
        }
    }
}

/* One of three is over; what is left under way ends with the fetcher, and its function is not called. */
static void test_end_with_requests_under_way(void **state)
{
    struct end ends[3];
    (void)state;
    assert_true(begin("/late", PLAIN, &ends[0]));
    assert_true(begin("/echo/x", PLAIN, &ends[1]));
    assert_true(begin("/late", PLAIN, &ends[2]));
    await(&ends[1], 1);
    fetcher_free(t.fetcher);
    t.fetcher = NULL;
    assert_int_equal(ends[0].calls, 0);
    assert_int_equal(ends[1].calls, 1);
    assert_int_equal(ends[2].calls, 0);
}

static void test_timeout_of_nothing(void **state)
{
    (void)state;
    assert_int_equal(fetcher_timeout_ms(t.fetcher), -1);
    fetcher_work(t.fetcher);
}

static void test_words(void **state)
{
    (void)state;
    assert_null(http_failure_word(HTTP_OK));
    for (int f = HTTP_RESOLVE; f <= HTTP_LOCAL; f++)
        assert_non_null(http_failure_word((enum http_failure)f));
    assert_string_equal(http_failure_word(HTTP_ADDRESS), "refused_host");
    assert_int_equal(http_failure_of(CURLE_OK, true), HTTP_ADDRESS);
}

#define WITH_ORIGIN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = { WITH_ORIGIN(test_what_is_sent),
                                        WITH_ORIGIN(test_large_bodies_are_not_kept),
                                        WITH_ORIGIN(test_any_status_is_an_answer),
                                        WITH_ORIGIN(test_failures),
                                        WITH_ORIGIN(test_nobody_listens),
                                        WITH_ORIGIN(test_rules),
                                        WITH_ORIGIN(test_long_header_is_refused),
                                        WITH_ORIGIN(test_many_at_once),
                                        WITH_ORIGIN(test_end_with_requests_under_way),
                                        WITH_ORIGIN(test_timeout_of_nothing),
                                        cmocka_unit_test(test_words) };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
