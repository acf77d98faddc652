/*
 * endings.c - every way in which a connection can end, at every stage of a request: nothing of it may be left behind.
 *   endings HOST_URL SANDBOX_URL METRICS_TOKEN COUNT [HOST_PID]
 * COUNT connections for each pair of stage and way; then the host's own count of requests, connections and bytes of
 * bodies must come back to what the question itself needs. With HOST_PID the last way is SIGTERM: every connection is
 * ended by the host. Last line: N passed, N failed.
 */
#include <signal.h>

#include "tests/tools/http_kit.h"

enum { COUNT_MAX = 64, TEXT = 70000, PATIENCE_MS = 5000, RESIGN_MS = 30000, FAILURES_MAX = 5 };

static long passed, failed;
static int port;
static const char *token;
static struct kit_signer signer;

/* ---- stages: what has been sent when the end comes ---- */

static size_t nothing(char *out)
{
    (void)out;
    return 0;
}

static size_t words(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return n;
}

static size_t half_line(char *out)
{
    return words(out, "GET /healthch");
}

static size_t half_headers(char *out)
{
    return words(out, "GET /healthcheck HTTP/1.1\r\nHost: x\r\nX-Half: a");
}

static size_t invocation(char *out, const char *framing)
{
    size_t n = kit_head(&signer, "/api/misbehave", out, TEXT);
    return n + words(out + n, framing);
}

/* The add-on is asked before a body is read, and takes its time. */
static size_t headers(char *out)
{
    return invocation(out, "Content-Length: 100\r\n\r\n");
}

static size_t half_body(char *out)
{
    return invocation(out, "Content-Length: 100\r\n\r\n{\"how\":");
}

static size_t half_chunk(char *out)
{
    return invocation(out, "Transfer-Encoding: chunked\r\n\r\n40\r\n{\"how\":");
}

static size_t half_chunk_line(char *out)
{
    return invocation(out, "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"how\":\r\n4");
}

static size_t stranger_half_chunk(char *out)
{
    return words(out, "POST /api/logDataAction?orgId=00Dxx0000001gPLEAY&apiName=T HTTP/1.1\r\nHost: x\r\nContent-Type: "
                      "application/json\r\nx-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1");
}

static size_t whole_call(char *out)
{
    return invocation(out, "Content-Length: 24\r\n\r\n{\"how\":\"sleep\",\"ms\":100}");
}

static size_t unread_answers(char *out)
{
    size_t n = 0;
    for (int i = 0; i < 300; i++)
        n += words(out + n, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n");
    return n;
}

static size_t kept_alive(char *out)
{
    return words(out, "GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n");
}

static size_t second_half(char *out)
{
    return words(out, "GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\nPOST /api/echo HTTP/1.1\r\nHost:");
}

static size_t refused_body(char *out)
{
    return words(out, "POST /api/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
}

static const struct stage {
    const char *name;
    size_t (*write)(char *out);
} stages[] = { { "accepted", nothing },
               { "half a request line", half_line },
               { "half the headers", half_headers },
               { "waiting for the add-on", headers },
               { "half a body", half_body },
               { "half a chunk", half_chunk },
               { "half a line of a chunk", half_chunk_line },
               { "a stranger's half line of a chunk", stranger_half_chunk },
               { "waiting for a worker", whole_call },
               { "answers that are not read", unread_answers },
               { "kept alive", kept_alive },
               { "half of a second request", second_half },
               { "a body that was refused", refused_body } };
enum { STAGES = sizeof stages / sizeof *stages };

/* ---- ways: what is sent then, and how it ends ---- */

static size_t parameters(char *out)
{
    size_t n = words(out, "\r\n\r\nGET /?");
    for (int i = 0; i < 4050; i++)
        n += words(out + n, "a&");
    return n + words(out + n, " HTTP/1.1\r\nHost: x\r\n\r\n");
}

/* What stands behind a NUL is not the target, but the library takes it apart all the same. */
static size_t hidden_parameters(char *out)
{
    size_t n = parameters(out);
    out[9] = '\0';
    out[10] = '?';
    return n;
}

static size_t cookies(char *out, const char *host)
{
    size_t n = words(out, "\r\n\r\nGET / HTTP/1.1\r\nCookie: ");
    for (int i = 0; i < 3000; i++)
        n += words(out + n, "a;");
    n += words(out + n, host);
    return n + words(out + n, "\r\n\r\n");
}

static size_t cookies_only(char *out)
{
    return cookies(out, "\r\nHost: x");
}

static size_t cookies_without_host(char *out)
{
    return cookies(out, "");
}

/* Two faults at once: the library closes without a word to its user. */
static size_t cookies_and_length(char *out)
{
    return cookies(out, "\r\nHost: x\r\nContent-Length: x");
}

static size_t lengths(char *out)
{
    return words(out, "\r\n\r\nPOST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc");
}

static size_t oversize(char *out)
{
    memset(out, 'a', TEXT);
    return TEXT;
}

static size_t framing(char *out)
{
    memset(out, 'a', TEXT);
    return words(out, ";") + TEXT - 1;
}

static size_t empty_lines(char *out)
{
    for (size_t i = 0; i + 1 < TEXT; i += 2)
        memcpy(out + i, "\r\n", 2);
    return TEXT;
}

enum end { CLOSE, RESET, HALF_CLOSE, STAY };

static const struct way {
    const char *name;
    size_t (*write)(char *out);
    enum end end;
} ways[] = { { "closed", nothing, CLOSE },
             { "reset", nothing, RESET },
             { "its side ended", nothing, HALF_CLOSE },
             { "silence", nothing, STAY },
             { "many parameters", parameters, STAY },
             { "many parameters behind a NUL", hidden_parameters, STAY },
             { "many parameters behind a NUL, closed", hidden_parameters, CLOSE },
             { "many cookies", cookies_only, STAY },
             { "many cookies, closed", cookies_only, CLOSE },
             { "many cookies without Host", cookies_without_host, STAY },
             { "many cookies and a length that is none", cookies_and_length, STAY },
             { "a length that is none", lengths, STAY },
             { "70,000 bytes without an end", oversize, STAY },
             { "70,000 bytes of a chunk's line", framing, STAY },
             { "70,000 bytes of a chunk's line, reset", framing, RESET },
             { "70,000 bytes of empty lines", empty_lines, STAY } };
enum { WAYS = sizeof ways / sizeof *ways };

/* ---- the host's own count ---- */

static long gauge(const char *text, const char *name)
{
    char line[100];
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(text, line);
    return at ? strtol(at + strlen(line), NULL, 10) : -1;
}

/* Nothing is there but the question itself. On failure `why` holds the counts. */
static bool is_clean(char *why, size_t size)
{
    static struct kit_answer a;
    char ask[300];
    int n =
        snprintf(ask, sizeof ask,
                 "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", token);
    int fd = kit_dial(port);
    bool ok = fd >= 0 && kit_send(fd, ask, (size_t)n) && kit_answer(fd, &a, 3000) && a.status == 200;
    if (fd >= 0)
        close(fd);
    snprintf(why, size, "no metrics");
    if (!ok)
        return false;
    long live = gauge(a.body, "actionhost_requests_live"), open = gauge(a.body, "actionhost_connections_open"),
         flight = gauge(a.body, "actionhost_requests_in_flight"), bytes = gauge(a.body, "actionhost_body_bytes");
    snprintf(why, size, "%ld requests, %ld connections, %ld in flight, %ld bytes of bodies", live, open, flight, bytes);
    return live == 1 && open == 1 && flight == 1 && bytes == 0;
}

static void settle(const char *stage, const char *way)
{
    char why[200];
    int64_t until = kit_ms() + PATIENCE_MS;
    while (!is_clean(why, sizeof why)) {
        if (kit_ms() > until) {
            failed++;
            printf("FAIL %s, %s: still there: %s\n", stage, way, why);
            return;
        }
        kit_sleep_ms(20);
    }
    passed++;
}

/* ---- running ---- */

static void put(int fd, size_t (*write)(char *out))
{
    static char text[TEXT + 100];
    size_t n = write(text);
    for (size_t at = 0; at < n;) { /* a host that does not read must not hold us up */
        struct pollfd p = { fd, POLLOUT, 0 };
        ssize_t sent = poll(&p, 1, 50) == 1 ? send(fd, text + at, n - at, MSG_NOSIGNAL | MSG_DONTWAIT) : -1;
        if (sent <= 0)
            return;
        at += (size_t)sent;
    }
}

static int dial(void)
{
    int small = 4096, fd = kit_dial(port);
    if (fd < 0)
        kit_die("connect");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    return fd;
}

static void finish(int fd, enum end how)
{
    const struct linger now = { 1, 0 };
    if (how == RESET)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    if (how == HALF_CLOSE)
        shutdown(fd, SHUT_WR);
    else if (how != STAY)
        close(fd);
}

static void run(const struct stage *s, const struct way *w, int count, int nap_ms)
{
    int fds[COUNT_MAX];
    for (int i = 0; i < count; i++) {
        fds[i] = dial();
        put(fds[i], s->write);
    }
    kit_sleep_ms(nap_ms); /* with none the end comes together with the rest, with some the host has seen the stage */
    for (int i = 0; i < count; i++) {
        put(fds[i], w->write);
        finish(fds[i], w->end);
    }
    settle(s->name, w->name);
    for (int i = 0; i < count; i++)
        if (w->end == STAY || w->end == HALF_CLOSE)
            close(fds[i]);
}

/* All stages at once, and the host is told to stop: it ends every connection, and each call has an answer. */
static void drain(long host)
{
    static char text[TEXT * 100];
    int fds[STAGES];
    for (int i = 0; i < STAGES; i++) {
        fds[i] = dial();
        put(fds[i], stages[i].write);
    }
    kit_sleep_ms(20);
    kill((pid_t)host, SIGTERM);
    for (int i = 0; i < STAGES; i++) {
        size_t n;
        bool ended = kit_read_to_end(fds[i], text, &n, sizeof text, 40000);
        bool whole = stages[i].write != whole_call || strstr(text, "HTTP/1.1 200") || strstr(text, "\"requestId\":");
        if (ended && whole) {
            passed++;
        } else {
            failed++;
            printf("FAIL %s, the host was stopped: %s\n", stages[i].name, ended ? "no answer" : "it did not end");
        }
        close(fds[i]);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: endings HOST_URL SANDBOX_URL METRICS_TOKEN COUNT [HOST_PID]\n");
        return 64;
    }
    port = kit_port(argv[1]);
    token = argv[3];
    int count = (int)strtol(argv[4], NULL, 10);
    count = count < COUNT_MAX ? count : COUNT_MAX;
    signer = kit_sign(kit_port(argv[2]), KIT_SAMPLE);
    int64_t signed_ms = kit_ms();
    for (int i = 0; i < STAGES * WAYS * 2 && failed < FAILURES_MAX; i++) {
        if (kit_ms() - signed_ms > RESIGN_MS) {
            kit_signer_free(&signer);
            signer = kit_sign(kit_port(argv[2]), KIT_SAMPLE);
            signed_ms = kit_ms();
        }
        run(&stages[i / 2 / WAYS], &ways[i / 2 % WAYS], count, i % 2 * 30);
    }
    if (argc > 5)
        drain(strtol(argv[5], NULL, 10));
    kit_signer_free(&signer);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
