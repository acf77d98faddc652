/* test_remnants.c - a token that was sent, or came in an answer, is nowhere in the heap afterwards: libcurl's own
 * copies are overwritten, and so is what a buffer held before it grew. */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/build.h"
#include "runtime/base/system.h"
#include "runtime/net/fetcher.h"
#include "runtime/net/http.h"

enum { SECRET = 48, MASK = 0x5a, PATIENCE_MS = 20000 };

static pid_t origin;
static char url[60];

/* Of each secret only this is kept: the bytes in another spelling. Letters alone, so that the mask makes none of them a
 * letter. */
static unsigned char masked[SECRET];

static void new_secret(char out[SECRET + 1])
{
    random_bytes(masked, SECRET);
    for (int i = 0; i < SECRET; i++) {
        out[i] = (char)('A' + masked[i] % 26);
        masked[i] = (unsigned char)out[i] ^ MASK;
    }
    out[SECRET] = '\0';
}

static size_t count_in(const unsigned char *p, const unsigned char *end)
{
    size_t found = 0;
    for (; (size_t)(end - p) >= SECRET; p++) {
        int i = 0;
        while (i < SECRET && (p[i] ^ MASK) == masked[i])
            i++;
        found += i == SECRET;
    }
    return found;
}

/* How often the secret stands in memory that malloc may have given: all that is written to and is of no file or stack.
 */
static size_t remnants(void)
{
    char line[400];
    size_t found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to, inode;
        char rights[5], name[300] = "";
        if (sscanf(line, "%lx-%lx %4s %*x %*s %lu %299s", &from, &to, rights, &inode, name) >= 4 && rights[0] == 'r' &&
            rights[1] == 'w' && inode == 0 && (!*name || strcmp(name, "[heap]") == 0))
            found += count_in((const unsigned char *)from, (const unsigned char *)to);
    }
    fclose(maps);
    return found;
}

/* Answers each request on a connection with what it said, in a process of its own. */
static _Noreturn void serve(int listener)
{
    static char in[32768], out[40000];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd))
        for (ssize_t n; (n = recv(fd, in, sizeof in, 0)) > 0;) {
            int k = snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\nContent-Length: %zd\r\n\r\n%.*s", n, (int)n, in);
            if (send(fd, out, (size_t)k, MSG_NOSIGNAL) != k)
                break;
        }
    _exit(0);
}

static int set_up(void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    (void)state;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&a, n) || listen(listener, 8) ||
        getsockname(listener, (struct sockaddr *)&a, &n))
        return -1;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(a.sin_port));
    origin = fork();
    if (origin == 0)
        serve(listener);
    close(listener);
    return origin > 0 && http_start() ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    kill(origin, SIGKILL);
    waitpid(origin, NULL, 0);
    return 0;
}

static void what_is_searched_for_would_be_found(void **state)
{
    char secret[SECRET + 1], *copy;
    (void)state;
    if (BUILD_SANITIZED)
        skip();
    new_secret(secret);
    assert_int_equal(remnants(), 0);
    copy = strdup(secret);
    assert_int_equal(remnants(), 1);
    bytes_free_wiped(copy);
    assert_int_equal(remnants(), 0);
}

static void a_buffer_leaves_nothing_where_it_grew(void **state)
{
    char secret[SECRET + 1];
    struct buf b;
    (void)state;
    if (BUILD_SANITIZED)
        skip();
    new_secret(secret);
    buf_init(&b, 4 << 20);
    assert_true(buf_str(&b, secret));
    for (int i = 0; i < 12; i++) {
        size_t cap = b.cap;
        void *wall = malloc(cap); /* it cannot grow where it is */
        while (b.cap == cap)
            assert_true(buf_char(&b, '-'));
        assert_int_equal(remnants(), 1);
        free(wall);
    }
    buf_wipe(&b);
    assert_int_equal(remnants(), 0);
    buf_free(&b);
}

static void a_worker_s_client_keeps_no_token(void **state)
{
    char line[SECRET + 40] = "Authorization: Bearer ", body[SECRET + 1];
    (void)state;
    if (BUILD_SANITIZED)
        skip();
    struct http *h = http_new(NULL);
    assert_non_null(h);
    for (int i = 0; i < 4; i++) {
        new_secret(body);
        copy_text(line + 22, sizeof line - 22, body);
        const char *const headers[] = { line, NULL };
        const struct span piece = span_of(body);
        const struct http_request q = { .method = "POST",
                                        .url = url,
                                        .headers = headers,
                                        .body = &piece,
                                        .pieces = i % 2,
                                        .max = 65536,
                                        .timeout_ms = PATIENCE_MS,
                                        .loopback = true };
        struct http_reply r;
        assert_true(http_send(h, &q, &r));
        assert_non_null(strstr(r.body.p, body));
        buf_wipe(&r.body);
        http_reply_free(&r);
        bytes_wipe(line + 22, SECRET);
        bytes_wipe(body, sizeof body);
        assert_int_equal(remnants(), 0);
    }
    http_free(h);
}

struct end {
    int status;
};

static void on_end(void *ctx, const struct fetch_result *r)
{
    struct end *end = ctx;
    end->status = r->status;
}

static void the_front_s_client_keeps_no_token(void **state)
{
    char line[SECRET + 40] = "Authorization: Bearer ", secret[SECRET + 1];
    struct loop loop;
    (void)state;
    if (BUILD_SANITIZED)
        skip();
    assert_true(loop_init(&loop));
    struct fetcher *f = fetcher_new(&loop, 4, true);
    for (int i = 0; i < 4; i++) {
        struct end end = { 0 };
        struct buf body;
        buf_init(&body, 65536);
        new_secret(secret);
        copy_text(line + 22, sizeof line - 22, secret);
        assert_true(buf_str(&body, secret));
        const struct fetch_request r = {
            .url = url, .body = i % 2 ? &body : NULL, .header = line, .timeout_ms = PATIENCE_MS, .max = 65536
        };
        assert_true(fetcher_start(f, &r, on_end, &end));
        for (int64_t give_up = clock_ms() + PATIENCE_MS; !end.status; fetcher_work(f)) {
            assert_true(clock_ms() < give_up);
            loop_turn(&loop, 20);
        }
        assert_int_equal(end.status, 200);
        bytes_wipe(line + 22, SECRET);
        bytes_wipe(secret, sizeof secret);
        buf_wipe(&body);
        buf_free(&body);
        assert_int_equal(remnants(), 0);
    }
    fetcher_free(f);
    loop_fini(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_searched_for_would_be_found),
                                        cmocka_unit_test(a_buffer_leaves_nothing_where_it_grew),
                                        cmocka_unit_test(a_worker_s_client_keeps_no_token),
                                        cmocka_unit_test(the_front_s_client_keeps_no_token) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
