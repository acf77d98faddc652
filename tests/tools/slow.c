/*
 * slow.c - clients that hold on to what they can.
 *   slow headers HOST_URL COUNT DEADLINE_MS               a byte of a header line now and then
 *   slow body    HOST_URL COUNT DEADLINE_MS SANDBOX_URL   authenticated, then a byte of the body now and then
 *   slow readers HOST_URL COUNT DEADLINE_MS               many answers asked for, none read
 *   slow limit   HOST_URL COUNT                           COUNT connections are allowed; one more is not
 * All must be shed by the deadline and one second, while good requests are answered. Last line: N passed, N failed.
 */
#include "tests/tools/http_kit.h"

static long passed, failed;
static int port;

static void check(const char *what, bool ok, long number)
{
    if (ok) {
        passed++;
        return;
    }
    failed++;
    printf("FAIL %s (%ld)\n", what, number);
}

/* Milliseconds for a good request on a connection of its own; -1 when it fails. */
static long good_request(void)
{
    static struct kit_answer a;
    static const char text[] = "GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    int64_t begun = kit_ms();
    int fd = kit_dial(port);
    bool ok = fd >= 0 && kit_send(fd, text, sizeof text - 1) && kit_answer(fd, &a, 3000) && a.status == 200;
    if (fd >= 0)
        close(fd);
    return ok ? (long)(kit_ms() - begun) : -1;
}

/* Has the peer ended this connection? Reads and drops what has come. */
static bool ended(int fd)
{
    char text[65536];
    for (;;) {
        ssize_t n = recv(fd, text, sizeof text, MSG_DONTWAIT);
        if (n > 0)
            continue;
        return n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }
}

/* Drips `byte` into every connection until all are ended or the time is over. */
static void drip(int *fds, int count, int64_t deadline_ms, const char *byte)
{
    int64_t begun = kit_ms();
    int left = count;
    long slowest = 0;
    while (left && kit_ms() - begun < deadline_ms + 1000) {
        for (int i = 0; i < count; i++) {
            if (fds[i] < 0)
                continue;
            bool over =
                byte ? ended(fds[i]) || (send(fds[i], byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
                     : false;
            if (over) {
                close(fds[i]);
                fds[i] = -1;
                left--;
            }
        }
        long ms = good_request();
        check("a good request was not answered meanwhile", ms >= 0, ms);
        slowest = ms > slowest ? ms : slowest;
        kit_sleep_ms(100);
    }
    if (byte)
        check("connections outlived the deadline", left == 0, left);
    check("a good request took longer than 2,000 ms", slowest <= 2000, slowest);
}

static int *dial_all(int count)
{
    int *fds = calloc((size_t)count, sizeof *fds);
    if (!fds)
        kit_die("memory");
    for (int i = 0; i < count; i++) {
        fds[i] = kit_dial(port);
        if (fds[i] < 0)
            kit_die("connect");
    }
    return fds;
}

static void slow_headers(int count, int deadline_ms)
{
    static const char start[] = "GET /healthcheck HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    int *fds = dial_all(count);
    for (int i = 0; i < count; i++)
        kit_send(fds[i], start, sizeof start - 1);
    drip(fds, count, deadline_ms, "a");
    free(fds);
}

static void slow_body(int count, int deadline_ms, int sandbox_port)
{
    static char head[32768];
    struct kit_signer s = kit_sign(sandbox_port, KIT_SAMPLE);
    int *fds = dial_all(count);
    for (int i = 0; i < count; i++) {
        size_t n = kit_head(&s, "/api/echo", head, sizeof head);
        n += (size_t)snprintf(head + n, sizeof head - n, "Content-Length: 5000\r\n\r\n{\"text\":\"");
        kit_send(fds[i], head, n);
    }
    drip(fds, count, deadline_ms, "a");
    kit_signer_free(&s);
    free(fds);
}

/* Asks for many answers and reads none: the host must not wait for ever to be rid of them. */
static void slow_readers(int count, int deadline_ms)
{
    static const char ask[] = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    int small = 4096;
    int *fds = dial_all(count);
    for (int i = 0; i < count; i++) {
        setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        for (int k = 0; k < 400; k++)
            if (send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                break;
    }
    drip(fds, count, deadline_ms, NULL);
    long alive = 0;
    int64_t until = kit_ms() + 1000;
    for (int i = 0; i < count; i++) {
        while (!ended(fds[i]) && kit_ms() < until)
            kit_sleep_ms(5);
        alive += !ended(fds[i]);
        close(fds[i]);
    }
    check("connections that do not read outlived the deadline", alive == 0, alive);
    free(fds);
}

static void limit(int count)
{
    int *fds = dial_all(count);
    kit_sleep_ms(200);
    int fd = kit_dial(port);
    static char text[4096];
    size_t n = 0;
    bool refused = fd >= 0 && kit_read_to_end(fd, text, &n, sizeof text, 1000) &&
                   strncmp(text, "HTTP/1.1 503", 12) == 0 && strstr(text, "\"requestId\":") &&
                   strstr(text, "X-Request-Id:");
    check("one connection more was not refused at once", refused, count + 1);
    if (fd >= 0)
        close(fd);
    for (int i = 0; i < count; i++)
        close(fds[i]);
    int64_t begun = kit_ms();
    while (good_request() < 0 && kit_ms() - begun < 3000)
        kit_sleep_ms(20);
    check("the host did not recover within a second", kit_ms() - begun <= 1000, (long)(kit_ms() - begun));
    free(fds);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: slow headers|body|readers|limit HOST_URL COUNT [DEADLINE_MS [SANDBOX_URL]]\n");
        return 64;
    }
    port = kit_port(argv[2]);
    int count = (int)strtol(argv[3], NULL, 10), deadline_ms = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
    if (strcmp(argv[1], "headers") == 0)
        slow_headers(count, deadline_ms);
    else if (strcmp(argv[1], "body") == 0 && argc > 5)
        slow_body(count, deadline_ms, kit_port(argv[5]));
    else if (strcmp(argv[1], "readers") == 0)
        slow_readers(count, deadline_ms);
    else
        limit(count);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
