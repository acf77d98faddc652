/* test_sandbox_server.c - the sandbox on a real socket: cuts, slow answers, bodies, an invocation that calls back. */
#include "tests/sandbox/fixture.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/http/server.h"

static struct server *server;

static int server_open(void **state)
{
    if (box_open(state))
        return -1;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    server = sandbox_listen(box, 0);
    return server ? 0 : -1;
}

static int server_close(void **state)
{
    server_stop(server);
    server = NULL;
    return box_close(state);
}

struct got {
    CURLcode rc;
    long status;
    double seconds;
    struct text body;
    char type[128];
};

static size_t take(char *p, size_t size, size_t n, void *user)
{
    return text_add(user, p, size * n) ? size * n : 0;
}

/* One call over the socket; body NULL = GET. text_free(&got.body). */
static struct got call_as(const char *path, struct curl_slist *list, const void *body, size_t n)
{
    char *url = mem_new(strlen(box->urls[0]) + strlen(path) + 1);
    struct got got = { .body = { .max = HTTP_BODY_MAX } };
    CURL *curl = curl_easy_init();
    const char *type = NULL;
    memcpy(url, box->urls[0], strlen(box->urls[0]));
    memcpy(url + strlen(box->urls[0]), path, strlen(path));
    curl_easy_setopt(curl, CURLOPT_URL, url);
    free(url); /* libcurl has a copy */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got.body);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
    }
    got.rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &got.status);
    curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME, &got.seconds);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    copy_text(got.type, sizeof got.type, type ? type : "");
    curl_easy_cleanup(curl);
    return got;
}

static struct got call(const char *path, const char *header, const void *body, size_t n)
{
    struct curl_slist *list = header ? curl_slist_append(NULL, header) : NULL;
    struct got got = call_as(path, list, body, n);
    curl_slist_free_all(list);
    return got;
}

static struct got call_text(const char *path, const char *body)
{
    return call(path, "Content-Type: application/json", body, body ? strlen(body) : 0);
}

static void connections_are_cut_as_told(void **state)
{
    static const struct {
        const char *cut;
        CURLcode rc;
    } rows[] = { { "reset", CURLE_RECV_ERROR },
                 { "close", CURLE_GOT_NOTHING },
                 { "half", CURLE_PARTIAL_FILE },
                 { "noise", CURLE_UNSUPPORTED_PROTOCOL } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char spec[80];
        struct got got, whole;
        snprintf(spec, sizeof spec, "{\"path\":\"/id/keys\",\"cut\":\"%s\",\"times\":1}", rows[i].cut);
        got = call_text("/sandbox/faults", spec);
        assert_int_equal(got.status, 200);
        text_free(&got.body);
        got = call_text("/id/keys", NULL);
        if (got.rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].cut, curl_easy_strerror(got.rc));
        whole = call_text("/id/keys", NULL);
        assert_int_equal(whole.status, 200);
        if (strcmp(rows[i].cut, "half") == 0)
            assert_int_equal(got.body.n, whole.body.n / 2);
        text_free(&whole.body);
        text_free(&got.body);
    }
}

static void a_dripping_answer_is_whole(void **state)
{
    struct got got = call_text("/sandbox/faults", "{\"path\":\"/id/keys\",\"dripMs\":5,\"times\":1}"), whole;
    (void)state;
    text_free(&got.body);
    got = call_text("/id/keys", NULL);
    whole = call_text("/id/keys", NULL);
    assert_int_equal(got.status, 200);
    assert_true(got.seconds >= 0.07);
    assert_string_equal(got.body.p, whole.body.p);
    text_free(&whole.body);
    text_free(&got.body);
}

/* The status of a GET whose address has `address` bytes and whose headers together have `fields` bytes more. */
static int status_of_length(const char *path, size_t address, size_t fields)
{
    char *target = mem_new(address + 1), *header = mem_new(fields + 20);
    const char *name = "X-Long: ";
    size_t n = strlen(path);
    memcpy(target, path, n);
    memset(target + n, 'a', address - n);
    snprintf(header, 20, "%s", name);
    memset(header + strlen(name), 'b', fields - strlen(name) - 2);
    struct reply rp = ask("GET", target, fields ? header : NULL, NULL);
    int status = rp.status;
    if (status == 414 || status == 431) {
        char want[40];
        snprintf(want, sizeof want, "<h1>Bad Message %d</h1>", status);
        assert_int_equal(strncmp(rp.body, want, strlen(want)), 0);
        assert_string_equal(reply_get(&rp, "Content-Type"), "text/html;charset=iso-8859-1");
    }
    reply_free(&rp);
    free(target);
    free(header);
    return status;
}

static void an_org_takes_16384_bytes_of_address_and_headers(void **state)
{
    static const char query[] = "/services/data/v62.0/query?q=";
    char url[300], *long_query = mem_new(90000);
    (void)state;
    assert_int_equal(status_of_length(query, 16384, 0 + 10), 431); /* a line of 10 bytes is too much */
    assert_int_equal(status_of_length(query, 16374, 10), 401);     /* taken, and then there is no session */
    assert_int_equal(status_of_length(query, 16375, 10), 431);
    assert_int_equal(status_of_length(query, 16385, 10), 414);
    assert_int_equal(status_of_length(query, 84000, 10), 414);
    assert_int_equal(status_of_length(query, 100, 16284), 401);
    assert_int_equal(status_of_length(query, 100, 16285), 431);
    assert_int_equal(status_of_length("/services/oauth2/authorize?state=", 16385, 10), 414);
    assert_int_equal(status_of_length("/id/keys?", 16375, 10), 431);
    /* the add-on is no org */
    assert_int_equal(status_of_length("/addons/sandbox/authorizations/", 17000, 10), 401);
    /* and over a socket */
    memset(long_query, 'a', 89999);
    snprintf(url, sizeof url, "%s", query);
    memcpy(long_query, url, strlen(url));
    for (int i = 0; i < 2; i++) {
        long_query[i ? 21000 : 84000] = '\0';
        struct got got = call_text(long_query, NULL);
        assert_int_equal(got.status, 414);
        assert_string_equal(got.type, "text/html;charset=iso-8859-1");
        text_free(&got.body);
    }
    free(long_query);
}

static void targets_are_decoded_once(void **state)
{
    struct got got = call_text("/id%2Fkeys", NULL);
    (void)state;
    assert_int_equal(got.status, 200); /* an escaped slash is a slash */
    text_free(&got.body);
    got = call_text("/id%252Fkeys", NULL);
    assert_int_equal(got.status, 404);
    text_free(&got.body);
    got = call_text("/id/keys%00x", NULL);
    assert_int_equal(got.status, 400);
    text_free(&got.body);
}

static void bodies_have_a_ceiling(void **state)
{
    size_t n = (size_t)HTTP_BODY_MAX + 1;
    char *big = malloc(n);
    struct got got;
    (void)state;
    memset(big, ' ', n);
    memcpy(big, "{}", 2);
    got = call("/sandbox/sign", "Expect:", big, n);
    assert_int_equal(got.status, 413);
    text_free(&got.body);
    got = call("/sandbox/sign", "Expect:", big, n - 1);
    assert_int_equal(got.status, 200);
    text_free(&got.body);
    free(big);
}

/* A stand-in for the host: asks the sandbox's add-on about the call before it answers, as the real one does. */
static enum MHD_Result host_call(void *user, struct MHD_Connection *c, const char *url, const char *method,
                                 const char *version, const char *data, size_t *n, void **state)
{
    struct text *body = *state;
    const char *id = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "x-request-id");
    const char *context = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "x-request-context");
    const char *signature = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "x-signature");
    struct MHD_Response *response;
    struct got back;
    char answer[512];
    (void)user, (void)version;
    if (!body) {
        body = calloc(1, sizeof *body);
        body->max = 1 << 20;
        *state = body;
        return MHD_YES;
    }
    if (*n) {
        text_add(body, data, *n);
        *n = 0;
        return MHD_YES;
    }
    back = call_text("/id/keys", NULL);
    snprintf(answer, sizeof answer, "%s %s %ld %s %s %s", method, url, back.status,
             context || signature ? "signed" : "bare", body->p ? body->p : "-", id ? "id" : "no id");
    text_free(&back.body);
    text_free(body);
    free(body);
    response = MHD_create_response_from_buffer(strlen(answer), answer, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/x-own");
    MHD_queue_response(c, 418, response);
    MHD_destroy_response(response);
    return MHD_YES;
}

static struct MHD_Daemon *host_start(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char url[64];
    struct MHD_Daemon *host =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, host_call,
                         NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_END);
    assert_non_null(host);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", MHD_get_daemon_info(host, MHD_DAEMON_INFO_BIND_PORT)->port);
    assert_true(sandbox_set_host(box, url));
    return host;
}

static void *one_invocation(void *ok)
{
    struct got got = call_text("/sandbox/invoke/doIt", "{\"a\":1}");
    *(bool *)ok = got.status == 418 && got.body.p &&
                  strcmp(got.body.p, "POST /api/doIt 200 signed {\"a\":1} id") == 0 &&
                  strcmp(got.type, "text/x-own") == 0;
    text_free(&got.body);
    return NULL;
}

/* Many at once: the host's calls back find the sandbox free to answer. */
static void invocations_come_back_unchanged(void **state)
{
    enum { AT_ONCE = 24 };
    struct MHD_Daemon *host = host_start();
    pthread_t threads[AT_ONCE];
    bool ok[AT_ONCE] = { false };
    struct got got;
    (void)state;
    for (int i = 0; i < AT_ONCE; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, one_invocation, &ok[i]), 0);
    for (int i = 0; i < AT_ONCE; i++) {
        pthread_join(threads[i], NULL);
        assert_true(ok[i]);
    }
    got = call_text("/sandbox/data-action/logIt?apiName=Sandbox_Target", "{\"count\":1}");
    assert_int_equal(got.status, 418);
    assert_string_equal(got.body.p, "POST /api/logIt 200 signed {\"count\":1} id");
    text_free(&got.body);
    got = call_text("/sandbox/data-action/logIt?apiName=Unknown", "{}");
    assert_int_equal(got.status, 404);
    text_free(&got.body);
    got = call_text("/sandbox/invoke/do%20it", "{}");
    assert_int_equal(got.status, 404);
    text_free(&got.body);
    MHD_stop_daemon(host);
    got = call_text("/sandbox/invoke/doIt", "{}");
    assert_int_equal(got.status, 502);
    text_free(&got.body);
}

/* A user of the org with its own connection: writes and reads in turn. */
static void *one_user(void *failures)
{
    char line[256], path[256];
    admin_line(line, sizeof line);
    for (int i = 0; i < 15; i++) {
        struct curl_slist *list = curl_slist_append(curl_slist_append(NULL, line), "Content-Type: application/json");
        const char *body = "{\"Name\":\"Many at once\"}";
        struct got got = call_as("/services/data/v62.0/sobjects/Account", list, body, strlen(body));
        *(int *)failures += got.status != 201;
        text_free(&got.body);
        snprintf(path, sizeof path,
                 "/services/data/v62.0/query?q=SELECT+COUNT()+FROM+Account+WHERE+Name='Many+at+once'");
        got = call_as(path, list, NULL, 0);
        *(int *)failures += got.status != 200;
        text_free(&got.body);
        curl_slist_free_all(list);
    }
    return NULL;
}

static void the_org_answers_many_at_once(void **state)
{
    enum { USERS = 8 };
    pthread_t threads[USERS];
    int failures[USERS] = { 0 };
    char line[256];
    struct got got;
    (void)state;
    for (int i = 0; i < USERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, one_user, &failures[i]), 0);
    for (int i = 0; i < USERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
    admin_line(line, sizeof line);
    got = call("/services/data/v62.0/query?q=SELECT+COUNT()+FROM+Account+WHERE+Name='Many+at+once'", line, NULL, 0);
    assert_non_null(strstr(got.body.p, "\"totalSize\":120"));
    text_free(&got.body);
}

/* Each socket is bound to one address of loopback: the next one refuses. */
static void only_loopback_listens(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)server_port(server)) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    inet_pton(AF_INET, "127.0.0.4", &address.sin_addr);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), -1);
    assert_int_equal(errno, ECONNREFUSED);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_cut_as_told),
        cmocka_unit_test(a_dripping_answer_is_whole),
        cmocka_unit_test(targets_are_decoded_once),
        cmocka_unit_test(an_org_takes_16384_bytes_of_address_and_headers),
        cmocka_unit_test(bodies_have_a_ceiling),
        cmocka_unit_test(invocations_come_back_unchanged),
        cmocka_unit_test(only_loopback_listens),
        cmocka_unit_test(the_org_answers_many_at_once),
    };
    return cmocka_run_group_tests(tests, server_open, server_close);
}
