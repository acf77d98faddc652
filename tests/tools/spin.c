/*
 * spin.c - what the front pays for bytes that never become a request or a body: lines of chunks and trailers without
 * end, folded lines, empty lines, junk behind a request, answers that are not read.
 *   spin HOST_URL FRONT_PID COUNT SANDBOX_URL
 * COUNT connections of each kind send theirs and stay; then the front's CPU time over a second is read from /proc,
 * while they are open and after they have closed. A front that spins uses all of it. Last line: N passed, N failed.
 */
#include "tests/tools/cpu_time.h"
#include "tests/tools/http_kit.h"

enum {
    LONG = 100000,
    WINDOW_MS = 1000,
    SETTLE_MS = 300,
    CPU_MAX_MS = 150, /* of the window; one that spins uses 1,000, or its share of a busy machine */
    COUNT_MAX = 64
};

#define DATA_ACTION                                                                                                    \
    "POST /api/logDataAction?orgId=00Dxx0000001gPLEAY&apiName=T HTTP/1.1\r\nHost: x\r\nContent-Type: "                 \
    "application/json\r\nx-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=\r\n"
#define CHUNKED DATA_ACTION "Transfer-Encoding: chunked\r\n\r\n"
#define PAGE "GET /healthcheck HTTP/1.1\r\nHost: x\r\n"

/* `start`, then `unit` again and again for `n` bytes. `known`: behind an invocation's headers instead of `start`. */
static const struct kind {
    const char *name, *start, *unit;
    size_t n;
    bool known;
} kinds[] = {
    { "a chunk's extension", CHUNKED "c;", "a", LONG, false },
    { "a chunk's extension that fits nearly", CHUNKED "c;", "a", 60000, false },
    { "a chunk's extension behind large headers",
      DATA_ACTION
      "Cookie: a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a"
      "\r\nTransfer-Encoding: chunked\r\n\r\nc;",
      "a", LONG, false },
    { "a chunk's size of zeros", CHUNKED, "0", 70000, false },
    { "bytes of a body, each behind a long line", CHUNKED "1;aaaaaaaaaaaaaaaaaaaa\r\n{\r\n1;", "b", LONG, false },
    { "half a line of a chunk", CHUNKED, "c", 1, false },
    { "trailers", CHUNKED "2\r\n{}\r\n0\r\n", "a: b\r\n", 48000, false },
    { "a trailer without end", CHUNKED "2\r\n{}\r\n0\r\na: ", "x", 60000, false },
    { "a known caller's chunk's extension", "Transfer-Encoding: chunked\r\n\r\nc;", "a", LONG, true },
    { "a known caller's half body", "Content-Length: 100\r\n\r\n", "{", 1, true },
    { "headers", PAGE "a: ", "x", 63000, false },
    { "header lines", PAGE, "a:b\r\n", 45000, false },
    { "folded lines", PAGE "a: b\r\n", " c\r\n", 60000, false },
    { "empty lines", "", "\r\n", 80000, false },
    { "a request line", "GET /", "a", LONG, false },
    { "a line without LF", "GET /healthcheck HTTP/1.1\rHost: x\r", "\r", 1, false },
    { "answers that are not read, and junk", "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 4000, false },
    { "junk behind a question to the add-on", DATA_ACTION "Content-Length: 2\r\n\r\n{}", "junk", LONG, false },
    { "a body that is too large", DATA_ACTION "Content-Length: 300000\r\n\r\n", " ", 300000, false },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int port;
static long front;
static struct kit_signer signer;

static int attack(const struct kind *k)
{
    static char text[400000];
    size_t n = k->known ? kit_head(&signer, "/api/echo", text, sizeof text) : 0, unit = strlen(k->unit);
    int small = 4096, fd = kit_dial(port);
    if (fd < 0)
        kit_die("connect");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    n += (size_t)snprintf(text + n, sizeof text - n, "%s", k->start);
    for (size_t left = k->n; left >= unit && n + unit < sizeof text; left -= unit, n += unit)
        memcpy(text + n, k->unit, unit);
    for (size_t at = 0; at < n;) { /* a host that does not read must not hold us up */
        struct pollfd p = { fd, POLLOUT, 0 };
        ssize_t sent = poll(&p, 1, 100) == 1 ? send(fd, text + at, n - at, MSG_NOSIGNAL | MSG_DONTWAIT) : -1;
        if (sent <= 0)
            break;
        at += (size_t)sent;
    }
    return fd;
}

static long over_a_window(void)
{
    kit_sleep_ms(SETTLE_MS);
    long before = cpu_time_ms(front);
    kit_sleep_ms(WINDOW_MS);
    return cpu_time_ms(front) - before;
}

/* CPU milliseconds while these kinds are there, and after they have gone, whichever is more. */
static long cost(int from, int to, int count)
{
    int *fds = calloc((size_t)(KINDS * COUNT_MAX), sizeof *fds), n = 0;
    if (!fds)
        kit_die("memory");
    for (int k = from; k < to; k++)
        for (int i = 0; i < count; i++)
            fds[n++] = attack(&kinds[k]);
    long open = over_a_window();
    for (int i = 0; i < n; i++)
        close(fds[i]);
    long closed = over_a_window();
    free(fds);
    return open > closed ? open : closed;
}

int main(int argc, char **argv)
{
    long passed = 0, failed = 0;
    if (argc != 5) {
        fprintf(stderr, "usage: spin HOST_URL FRONT_PID COUNT SANDBOX_URL\n");
        return 64;
    }
    port = kit_port(argv[1]);
    front = strtol(argv[2], NULL, 10);
    int count = (int)strtol(argv[3], NULL, 10);
    count = count < COUNT_MAX ? count : COUNT_MAX;
    signer = kit_sign(kit_port(argv[4]), KIT_SAMPLE);
    long all = cost(0, KINDS, count);
    printf("all %d kinds together: %ld ms of CPU in %d ms\n", KINDS, all, WINDOW_MS);
    if (all <= CPU_MAX_MS)
        passed = KINDS;
    for (int k = 0; k < KINDS && all > CPU_MAX_MS; k++) { /* which of them is it? */
        long ms = cost(k, k + 1, count);
        passed += ms <= CPU_MAX_MS;
        failed += ms > CPU_MAX_MS;
        printf("%s %s: %ld ms of CPU in %d ms\n", ms <= CPU_MAX_MS ? "ok  " : "FAIL", kinds[k].name, ms, WINDOW_MS);
    }
    if (all > CPU_MAX_MS && !failed) {
        printf("FAIL each alone is cheap, all together are not\n");
        failed++;
    }
    kit_signer_free(&signer);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
