/* test_addon.c - what the add-on is asked, byte by byte, and what its answers mean. Named after the cases of mesh and
 * SDKs. */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/access/authorizations.h"
#include "runtime/base/system.h"

/* ---- an add-on that keeps what it hears and says what it is told; one request per connection ---- */

static struct {
    int fd, port;
    pthread_t thread;
    atomic_int requests;
    atomic_int silent;    /* closes without an answer */
    pthread_mutex_t lock; /* of what follows */
    const char *answer;
    char heard[65536];
} server = { .lock = PTHREAD_MUTEX_INITIALIZER };

static size_t body_length(const char *head)
{
    const char *at = strcasestr(head, "\r\ncontent-length:");
    return at ? strtoul(at + 17, NULL, 10) : 0;
}

static void serve_one(int fd)
{
    static char text[sizeof server.heard];
    size_t n = 0;
    char *end = NULL;
    while (!end || n < (size_t)(end + 4 - text) + body_length(text)) {
        ssize_t r = recv(fd, text + n, sizeof text - 1 - n, 0);
        if (r <= 0)
            return;
        n += (size_t)r;
        text[n] = '\0';
        end = strstr(text, "\r\n\r\n");
    }
    pthread_mutex_lock(&server.lock);
    memcpy(server.heard, text, n + 1);
    const char *answer = server.answer;
    pthread_mutex_unlock(&server.lock);
    atomic_fetch_add(&server.requests, 1);
    if (!atomic_load(&server.silent))
        (void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
}

static void *serve(void *ctx)
{
    int fd;
    while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
        serve_one(fd);
        close(fd);
    }
    return ctx;
}

/* ---- the client under test ---- */

static struct loop loop;
static struct fetcher *fetcher;
static struct config config;
static struct addon *addon;
static struct authorizations *authorizations;

static struct {
    bool done;
    struct err e;
    struct org_session org;
    bool has_org;
} got;

static int start(void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    (void)state;
    server.fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server.fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(server.fd, 2 * LIMIT_AUTHORIZATIONS) != 0 ||
        getsockname(server.fd, (struct sockaddr *)&a, &n) != 0 ||
        pthread_create(&server.thread, NULL, serve, NULL) != 0)
        return -1;
    server.port = ntohs(a.sin_port);
    return loop_init(&loop) && (fetcher = fetcher_new(&loop, 4, true)) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    fetcher_free(fetcher);
    loop_fini(&loop);
    shutdown(server.fd, SHUT_RDWR);
    pthread_join(server.thread, NULL);
    close(server.fd);
    return 0;
}

/* A fresh add-on client; the path of its URL may end in a slash. */
static void fresh(const char *path, const char *answer)
{
    char base[128];
    struct buf faults;
    authorizations_free(authorizations);
    addon_free(addon);
    snprintf(base, sizeof base, "http://127.0.0.1:%d%s", server.port, path);
    setenv("HEROKU_APPLINK_API_URL", base, 1);
    setenv("HEROKU_APPLINK_TOKEN", "tok", 1);
    setenv("HEROKU_APP_ID", "11111111-2222-4333-8444-555555555555", 1);
    setenv("ADDON_TIMEOUT_MS", "2000", 1);
    buf_init(&faults, 4096);
    if (!config_load(&config, &faults))
        fail_msg("%s", faults.p);
    buf_free(&faults);
    addon = addon_new(fetcher, &config);
    authorizations = authorizations_new(addon);
    pthread_mutex_lock(&server.lock);
    server.answer = answer;
    pthread_mutex_unlock(&server.lock);
    atomic_store(&server.silent, 0);
}

static void wait_done(void)
{
    for (int64_t until = clock_ms() + 10000; !got.done && clock_ms() < until;) {
        int ms = fetcher_timeout_ms(fetcher);
        loop_turn(&loop, ms < 0 || ms > 50 ? 50 : ms);
        fetcher_work(fetcher);
    }
    assert_true(got.done);
}

static void on_verdict(void *ctx, const struct err *e)
{
    (void)ctx;
    got.e = *e;
    got.done = true;
}

static void on_org(void *ctx, const struct org_session *org, const struct err *e)
{
    (void)ctx;
    got.e = *e;
    got.has_org = org != NULL;
    if (org)
        got.org = *org;
    got.done = true;
}

static void authenticate(void)
{
    const struct addon_invocation i = { span_of("https://x.my.salesforce.com"), span_of("jwt\"1"),
                                        span_of("00Dxx0000000000EAA"), span_of("app"), span_of("rid-1") };
    memset(&got, 0, sizeof got);
    addon_authenticate(addon, &i, on_verdict, NULL);
    wait_done();
}

static void authenticate_data_action(const char *payload)
{
    const struct addon_data_action d = { span_of("T"), span_of("00Dxx0000000000EA2"), span_of("sig="), span_of(payload),
                                         span_of("rid-2") };
    memset(&got, 0, sizeof got);
    addon_authenticate_data_action(addon, &d, on_verdict, NULL);
    wait_done();
}

static void authorization(const char *name, const char *stale)
{
    memset(&got, 0, sizeof got);
    authorizations_get(authorizations, name, stale, on_org, NULL);
    wait_done();
}

#define STATUS(line, body) "HTTP/1.1 " line "\r\nConnection: close\r\n\r\n" body
#define OK STATUS("200 OK", "")

/* What the add-on heard last. */
static const char *last(void)
{
    static char copy[sizeof server.heard];
    pthread_mutex_lock(&server.lock);
    memcpy(copy, server.heard, sizeof copy);
    pthread_mutex_unlock(&server.lock);
    return copy;
}

static void heard(const char *text)
{
    if (!strcasestr(last(), text))
        fail_msg("not heard: %s in %s", text, last());
}

static void Test_SalesforceAuth(void **state)
{
    (void)state;
    fresh("/addons/u-1", OK);
    authenticate();
    assert_int_equal(got.e.status, 0);
    heard("POST /addons/u-1/invocations/authentication HTTP/1.1\r\n");
    heard("\r\nContent-Type: application/json\r\n");
    heard("\r\nAuthorization: Bearer tok\r\n");
    heard("\r\nREQUEST_ID: rid-1\r\n");
    assert_null(strcasestr(last(), "expect:"));
    assert_string_equal(strstr(last(), "\r\n\r\n") + 4,
                        "{\"org_domain_url\":\"https://"
                        "x.my.salesforce.com\",\"core_jwt_token\":\"jwt\\\"1\",\"org_id\":\"00Dxx0000000000EAA\","
                        "\"app_uuid\":\"app\"}");
}

static void Test_DataActionTargetAuth(void **state)
{
    (void)state;
    fresh("/addons/u-1", OK);
    authenticate_data_action("{\"n\":\"<\xc3\xa9>\"}");
    assert_int_equal(got.e.status, 0);
    heard("POST /addons/u-1/data_action_targets/authenticate HTTP/1.1\r\n");
    heard("\r\nREQUEST_ID: rid-2\r\n");
    assert_string_equal(strstr(last(), "\r\n\r\n") + 4,
                        "{\"api_name\":\"T\",\"org_id\":\"00Dxx0000000000EA2\",\"signature\":\"sig=\","
                        "\"payload\":\"{\\\"n\\\":\\\"<\xc3\xa9>\\\"}\"}");
}

static void Python_test_attachment_based_success_with_a_trailing_slash(void **state)
{
    (void)state;
    fresh("/addons/u-1/", OK);
    authenticate();
    heard("POST /addons/u-1/invocations/authentication HTTP/1.1\r\n");
}

static void BB_only_200_is_a_yes(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        int status;
    } rows[] = { { STATUS("401 Unauthorized", "secret reason"), 403 },
                 { STATUS("403 Forbidden", ""), 403 },
                 { STATUS("404 Not Found", ""), 403 },
                 { STATUS("422 Unprocessable", ""), 403 },
                 { STATUS("201 Created", ""), 503 },
                 { STATUS("204 No Content", ""), 503 },
                 { STATUS("301 Moved", ""), 503 },
                 { STATUS("429 Slow", ""), 503 },
                 { STATUS("500 Oops", "X"), 503 },
                 { "no HTTP at all", 503 } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        fresh("/addons/u-1", rows[i].answer);
        authenticate();
        if (got.e.status != rows[i].status)
            fail_msg("%.20s gave %d", rows[i].answer, got.e.status);
        /* neutral: nothing of the add-on's text, no URL */
        assert_null(strstr(got.e.message, "secret"));
        assert_null(strstr(got.e.message, "127.0.0.1"));
    }
}

static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    fresh("/addons/u-1", "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nConnection: close\r\n\r\n");
    int before = atomic_load(&server.requests);
    authenticate();
    assert_int_equal(got.e.status, 503);
    assert_int_equal(atomic_load(&server.requests), before + 1);
}

static void the_breaker_opens_on_silence_and_only_on_silence(void **state)
{
    (void)state;
    fresh("/addons/u-1", STATUS("500 Oops", ""));
    for (int i = 0; i < 8; i++)
        authenticate();
    assert_true(addon_available(addon)); /* an add-on that answers is there */
    fresh("/addons/u-1", OK);
    atomic_store(&server.silent, 1);
    for (int i = 0; i < 5; i++) {
        assert_true(addon_available(addon));
        authenticate();
        assert_int_equal(got.e.status, 503);
    }
    assert_false(addon_available(addon));
    int before = atomic_load(&server.requests);
    int64_t begun = clock_ms();
    for (int i = 0; i < 10; i++) {
        authenticate();
        assert_int_equal(got.e.status, 503);
        assert_true(got.e.retry_after_s > 0);
    }
    if (clock_ms() - begun < 500)
        assert_int_equal(atomic_load(&server.requests), before); /* at once, and not asked */
    atomic_store(&server.silent, 0);
    for (int64_t until = clock_ms() + 5000; clock_ms() < until && !addon_available(addon);) {
        authenticate();
        usleep(20000);
    }
    assert_true(addon_available(addon)); /* the probe found it back */
    authenticate();
    assert_int_equal(got.e.status, 0);
}

#define ORG_BODY                                                                                                       \
    "{\"id\":\"u\",\"status\":\"authorized\",\"org\":{\"id\":\"00DSG00000DGEIr2AP\",\"developer_name\":\"testDev\","   \
    "\"instance_url\":"                                                                                                \
    "\"https://x.my.salesforce.com/"                                                                                   \
    "\",\"type\":\"SalesforceOrg\",\"api_version\":\"57.0\",\"user_auth\":{\"username\":\"u@x\",\"user_id\":"          \
    "\"005xx000001X8UzAAK\",\"access_token\":\"T1\"}}}"

/* What addon_work has begun, until it has ended. */
static void work(int times)
{
    for (int i = 0; i < times; i++) {
        addon_work(addon, clock_ms());
        int ms = addon_timeout_ms(addon, clock_ms()), more = fetcher_timeout_ms(fetcher);
        ms = ms < 0 || (more >= 0 && more < ms) ? more : ms;
        loop_turn(&loop, ms < 0 || ms > 20 ? 20 : ms);
        fetcher_work(fetcher);
    }
}

static void silence_about_a_stranger_s_body_shuts_nobody_out(void **state)
{
    (void)state;
    fresh("/addons/u-1", OK);
    atomic_store(&server.silent, 1);
    for (int i = 0; i < 12; i++) {
        authenticate_data_action("{}");
        assert_int_equal(got.e.status, 503);
    }
    assert_true(addon_available(addon));
    atomic_store(&server.silent, 0);
    work(20); /* asks a question of its own */
    assert_non_null(strstr(last(), "GET /addons/u-1/authorizations/"));
    assert_true(addon_available(addon));
    authenticate();
    assert_int_equal(got.e.status, 0);
}

static void our_own_questions_find_out_that_the_addon_is_away(void **state)
{
    (void)state;
    fresh("/addons/u-1", OK);
    atomic_store(&server.silent, 1);
    for (int64_t until = clock_ms() + 20000; clock_ms() < until && addon_available(addon);) {
        authenticate_data_action("{}");
        work(10);
    }
    assert_false(addon_available(addon));
    int before = atomic_load(&server.requests);
    int64_t begun = clock_ms();
    authenticate_data_action("{}");
    assert_int_equal(got.e.status, 503);
    if (clock_ms() - begun < 500)
        assert_int_equal(atomic_load(&server.requests), before); /* nothing was written or sent */
}

static void getAuthorization_default_attachment_name(void **state)
{
    (void)state;
    fresh("/addons/u-1", STATUS("200 OK", ORG_BODY));
    authorization("testDev", "");
    assert_true(got.has_org);
    assert_string_equal(got.org.id, "00DSG00000DGEIr2AP");
    assert_string_equal(got.org.api_version, "57.0");
    assert_string_equal(got.org.url, "https://x.my.salesforce.com");
    assert_string_equal(got.org.token, "T1");
    heard("GET /addons/u-1/authorizations/testDev HTTP/1.1\r\n");
    heard("\r\nAuthorization: Bearer tok\r\n");
    heard("\r\nX-App-UUID: 11111111-2222-4333-8444-555555555555\r\n");
    int before = atomic_load(&server.requests);
    authorization("testDev", "");
    assert_int_equal(atomic_load(&server.requests), before); /* remembered */
    authorization("testDev", "T1");
    assert_int_equal(atomic_load(&server.requests), before + 1); /* stale: asked again */
}

/* Actions choose the names, so what is remembered has a bound. */
static void the_authorization_unused_longest_makes_room(void **state)
{
    char name[16];
    (void)state;
    fresh("/addons/u-1", STATUS("200 OK", ORG_BODY));
    for (int i = 0; i < LIMIT_AUTHORIZATIONS; i++) {
        snprintf(name, sizeof name, "dev%d", i);
        authorization(name, "");
    }
    int before = atomic_load(&server.requests);
    for (int i = 0; i < LIMIT_AUTHORIZATIONS; i++) {
        snprintf(name, sizeof name, "dev%d", i);
        authorization(name, "");
    }
    assert_int_equal(atomic_load(&server.requests), before); /* all are remembered */
    authorization("dev0", "");
    authorization("oneMore", "");
    authorization("dev0", "");
    assert_int_equal(atomic_load(&server.requests), before + 1); /* used a moment ago: still there */
    authorization("dev1", "");
    assert_int_equal(atomic_load(&server.requests), before + 2); /* unused longest: asked again */
}

static void on_orgs(void *ctx, const struct org_session *org, const struct err *e)
{
    int *counts = ctx;
    counts[org ? 0 : e->status == 503 ? 1 : 2]++;
    got.done = counts[0] == LIMIT_AUTHORIZATIONS;
}

static void nobody_who_waits_is_forgotten(void **state)
{
    char name[16];
    int counts[3] = { 0 };
    (void)state;
    fresh("/addons/u-1", STATUS("200 OK", ORG_BODY));
    got.done = false;
    for (int i = 0; i <= LIMIT_AUTHORIZATIONS; i++) {
        snprintf(name, sizeof name, "dev%d", i);
        authorizations_get(authorizations, name, "", on_orgs, counts);
    }
    assert_int_equal(counts[1], 1); /* one more than there is room for */
    wait_done();
    assert_int_equal(counts[2], 0);
}

static void HttpRequestUtil_user_agent_and_a_fresh_id_per_call(void **state)
{
    char first[37] = "";
    (void)state;
    fresh("/addons/u-1", STATUS("200 OK", ORG_BODY));
    for (int i = 0; i < 2; i++) {
        authorization("testDev", i ? "T1" : "");
        heard("\r\nUser-Agent: actionhost/");
        const char *id = strstr(last(), "\r\nX-Request-Id: ");
        assert_non_null(id);
        assert_int_equal(strspn(id + 16, "0123456789abcdef-"), 36);
        assert_memory_not_equal(first, id + 16, 36);
        copy_span(first, sizeof first, (struct span){ id + 16, 36 });
    }
}

/* Python: the base URL may end in a slash. */
static void test_attachment_based_success(void **state)
{
    (void)state;
    fresh("/addons/u-1/", STATUS("200 OK", ORG_BODY));
    authorization("testDev", "");
    assert_true(got.has_org);
    heard("GET /addons/u-1/authorizations/testDev HTTP/1.1\r\n");
}

static void getAuthorization_developer_name_is_not_provided(void **state)
{
    (void)state;
    fresh("/addons/u-1", OK);
    int before = atomic_load(&server.requests);
    static const char *const names[] = { "", "../invocations", "a b", "a/b", "a?b", "a%2fb" };
    for (size_t i = 0; i < COUNT(names); i++) {
        authorization(names[i], "");
        assert_false(got.has_org);
        assert_non_null(strstr(got.e.message, "Developer name not provided"));
    }
    assert_int_equal(atomic_load(&server.requests), before); /* nobody was called */
}

static void getAuthorization_response_contains_error_details(void **state)
{
    (void)state;
    fresh("/addons/u-1", STATUS("404 Not Found", "{\"title\":\"Not Found\",\"detail\":\"Authorization not found\"}"));
    authorization("testDev", "");
    assert_false(got.has_org);
    assert_string_equal(got.e.message, "Not Found - Authorization not found");
}

static void getAuthorization_non_JSON_error(void **state)
{
    (void)state;
    fresh("/addons/u-1", STATUS("500 Internal Server Error", "oops"));
    authorization("testDev", "");
    assert_false(got.has_org);
    assert_non_null(strstr(got.e.message, "Unable to get connection testDev: HTTP Error Response: 500"));
    fresh("/addons/u-1", STATUS("200 OK", "{}"));
    authorization("testDev", "");
    assert_false(got.has_org);
}

/* A stop while questions are open: a leak checker finds nothing, nobody is answered. */
static void what_is_still_asked_at_the_end_is_forgotten(void **state)
{
    (void)state;
    fresh("/addons/u-1", STATUS("200 OK", "{}"));
    memset(&got, 0, sizeof got);
    const struct addon_invocation i = { .request_id = span_of("r-1"), .org_id = span_of("o") };
    const struct addon_data_action d = { .request_id = span_of("r-2"), .payload = span_of("{}") };
    addon_authenticate(addon, &i, on_verdict, NULL);
    addon_authenticate_data_action(addon, &d, on_verdict, NULL);
    fetcher_free(fetcher);
    authorizations_free(authorizations);
    addon_free(addon);
    addon = NULL;
    authorizations = NULL;
    assert_false(got.done);
    fetcher = fetcher_new(&loop, 4, true);
    assert_non_null(fetcher);
}

static int end_addon(void **state)
{
    addon_free(addon);
    addon = NULL;
    return stop(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(Test_SalesforceAuth),
        cmocka_unit_test(Test_DataActionTargetAuth),
        cmocka_unit_test(Python_test_attachment_based_success_with_a_trailing_slash),
        cmocka_unit_test(BB_only_200_is_a_yes),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(the_breaker_opens_on_silence_and_only_on_silence),
        cmocka_unit_test(silence_about_a_stranger_s_body_shuts_nobody_out),
        cmocka_unit_test(our_own_questions_find_out_that_the_addon_is_away),
        cmocka_unit_test(getAuthorization_default_attachment_name),
        cmocka_unit_test(the_authorization_unused_longest_makes_room),
        cmocka_unit_test(nobody_who_waits_is_forgotten),
        cmocka_unit_test(HttpRequestUtil_user_agent_and_a_fresh_id_per_call),
        cmocka_unit_test(test_attachment_based_success),
        cmocka_unit_test(getAuthorization_developer_name_is_not_provided),
        cmocka_unit_test(getAuthorization_response_contains_error_details),
        cmocka_unit_test(getAuthorization_non_JSON_error),
        cmocka_unit_test(what_is_still_asked_at_the_end_is_forgotten),
    };
    return cmocka_run_group_tests(tests, start, end_addon);
}
