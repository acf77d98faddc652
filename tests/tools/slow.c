/*
 * slow.c - clients that hold on to what they can.
 *   slow headers HOST_URL COUNT DEADLINE_MS               a byte of a header line now and then
 *   slow body    HOST_URL COUNT DEADLINE_MS SANDBOX_URL   authenticated, then a byte of the body now and then
 *   slow readers HOST_URL COUNT DEADLINE_MS               many answers asked for, none read
 *   slow reused  HOST_URL COUNT DEADLINE_MS               a whole request, then a byte of the next one now and then
 *   slow strangers HOST_URL COUNT DEADLINE_MS SANDBOX_URL unfinished data actions; signed invocations are served
 * meanwhile slow limit   HOST_URL COUNT                           COUNT connections are allowed; a hundred more are not
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

/* The deadline of headers holds for the second request of a connection as well. */
static void slow_reused(int count, int deadline_ms)
{
    static const char whole[] = "GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n";
    static struct kit_answer a;
    int *fds = dial_all(count);
    for (int i = 0; i < count; i++) {
        bool ok = kit_send(fds[i], whole, sizeof whole - 1) && kit_answer(fds[i], &a, 3000) && a.status == 200;
        check("the first request was not answered", ok, i);
    }
    drip(fds, count, deadline_ms, "G");
    free(fds);
}

/* Bodies of callers who are not known yet must leave room for those who are. */
static void strangers(int count, int sandbox_port)
{
    static char text[200000], head[32768];
    static const char start[] =
        "POST /api/logDataAction?orgId=00Dxx0000001gPLEAY&apiName=Gate_Target HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: application/json\r\nx-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=\r\n"
        "Content-Length: 200000\r\n\r\n";
    static struct kit_answer a;
    struct kit_signer s = kit_sign(sandbox_port, KIT_SAMPLE);
    int *fds = dial_all(count);
    memset(text, ' ', sizeof text);
    for (int i = 0; i < count; i++) {
        kit_send(fds[i], start, sizeof start - 1);
        send(fds[i], text, sizeof text - 1, MSG_NOSIGNAL); /* one byte is never sent */
    }
    kit_sleep_ms(300);
    size_t n = kit_head(&s, "/api/echo", head, sizeof head);
    n += (size_t)snprintf(head + n, sizeof head - n, "Content-Length: 60000\r\n\r\n{\"text\":\"x\"}");
    memset(text, ' ', sizeof text);
    int fd = kit_dial(port);
    bool ok = fd >= 0 && kit_send(fd, head, n) && kit_send(fd, text, 60000 - 12) && kit_answer(fd, &a, 5000) &&
              a.status == 200;
    check("no room for a known caller's body", ok, a.status);
    close(fd);
    for (int i = 0; i < count; i++)
        close(fds[i]);
    kit_signer_free(&s);
    free(fds);
}

/* One answer, 503, and nothing of what was sent is served: not even when it is a whole request. */
static bool is_refused(int i)
{
    static const char ask[] = "GET /over-the-limit HTTP/1.1\r\nHost: x\r\n\r\n"; /* the log must not have it */
    static char text[8192];
    size_t n = 0;
    int fd = kit_dial(port);
    if (fd >= 0 && i % 2)
        send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    bool ended = fd >= 0 && kit_read_to_end(fd, text, &n, sizeof text, 3000);
    if (fd >= 0)
        close(fd);
    if (ended && n == 0 && i % 2)
        return true; /* what it sent was not read, so the kernel reset it */
    return ended && strncmp(text, "HTTP/1.1 503", 12) == 0 && strstr(text, "\"requestId\":") &&
           strstr(text, "X-Request-Id:") && !strstr(text + 1, "HTTP/1.1");
}

static void limit(int count)
{
    int *fds = dial_all(count);
    kit_sleep_ms(200);
    for (int i = 0; i < 100; i++)
        check("one connection more was not refused at once, or was served", is_refused(i), i);
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
        fprintf(stderr,
                "usage: slow headers|body|readers|reused|strangers|limit HOST_URL COUNT [DEADLINE_MS [SANDBOX_URL]]\n");
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
    else if (strcmp(argv[1], "reused") == 0)
        slow_reused(count, deadline_ms);
    else if (strcmp(argv[1], "strangers") == 0 && argc > 5)
        strangers(count, kit_port(argv[5]));
    else
        limit(count);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
