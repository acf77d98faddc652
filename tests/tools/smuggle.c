/*
 * smuggle.c - hostile HTTP/1 requests and their mutations against a running host.
 *   smuggle HOST_URL COUNT [SEED]
 * First each request of the table once, with the verdict that it must get; then COUNT mutated ones, whose verdict is
 * that the host ends the connection in time, serves no more than the requests that a strict reader finds in the text,
 * and lives: after every 512 a good request must be answered. The inner request that some of them try to smuggle asks
 * for a page that would answer 200.
 */
#include "tests/tools/http_kit.h"
#include "tests/tools/strict_http.h"

#define H "Host: x\r\n"
#define SMUGGLED "GET /healthcheck HTTP/1.1\r\n" H "\r\n"

enum want {
    REFUSED, /* 400 or 431, or closed without an answer; and nothing behind it is answered */
    SINGLE,  /* refused or an ordinary 4xx; nothing behind it is answered */
    CHAINED  /* what stands behind it is a request of its own and may be answered */
};

struct hostile {
    const char *name, *text;
    size_t n;
    enum want want;
    bool ours; /* the answer must be the host's error object, not one of the library's */
};

#define ROW(name, text, want)                                                                                          \
    {                                                                                                                  \
        name, text, sizeof(text) - 1, want, false                                                                      \
    }
/* One that the library would refuse by itself. */
#define OURS(name, text)                                                                                               \
    {                                                                                                                  \
        name, text, sizeof(text) - 1, REFUSED, true                                                                    \
    }

static char big_header[70100], many_headers[40000], many_cookies[10000], cookies_only[10000];

static struct hostile table[] = {
    ROW("baseline with Content-Length", "POST /a HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc", SINGLE),
    ROW("Content-Length and chunked",
        "POST /a HTTP/1.1\r\n" H "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED, REFUSED),
    ROW("two lengths", "POST /a HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", REFUSED),
    ROW("two equal lengths", "POST /a HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", REFUSED),
    OURS("length as a list", "POST /a HTTP/1.1\r\n" H "Content-Length: 3, 3\r\n\r\nabc"),
    OURS("length with a plus", "POST /a HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\nabc"),
    OURS("negative length", "POST /a HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\nabc"),
    OURS("hexadecimal length", "POST /a HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\nabc"),
    OURS("length of 2^64", "POST /a HTTP/1.1\r\n" H "Content-Length: 18446744073709551616\r\n\r\nabc"),
    OURS("empty length", "POST /a HTTP/1.1\r\n" H "Content-Length: \r\n\r\n" SMUGGLED),
    ROW("xchunked", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n" SMUGGLED, REFUSED),
    ROW("gzip, chunked", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
        REFUSED),
    ROW("identity then chunked",
        "POST /a HTTP/1.1\r\n" H
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" SMUGGLED,
        REFUSED),
    ROW("blank before the colon",
        "POST /a HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", REFUSED),
    ROW("vertical tab before chunked",
        "POST /a HTTP/1.1\r\n" H "Transfer-Encoding:\x0b"
        "chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        REFUSED),
    ROW("line ends without CR", "POST /a HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc", SINGLE),
    ROW("CR inside a value", "GET /healthcheck HTTP/1.1\r\n" H "X: a\rTransfer-Encoding: chunked\r\n\r\n", REFUSED),
    ROW("NUL inside a value", "GET /a HTTP/1.1\r\n" H "X: a\0b\r\n\r\n", SINGLE),
    ROW("folded line", "GET /a HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", SINGLE),
    ROW("blank before the first header", "GET /healthcheck HTTP/1.1\r\n " H "\r\n", REFUSED),
    OURS("no Host", "GET /healthcheck HTTP/1.1\r\n\r\n"),
    ROW("two Hosts", "GET /healthcheck HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", REFUSED),
    ROW("absolute form", "GET http://evil/healthcheck HTTP/1.1\r\n" H "\r\n", REFUSED),
    ROW("no version", "GET /healthcheck\r\n\r\n", REFUSED),
    ROW("HTTP/1.9", "GET /healthcheck HTTP/1.9\r\n" H "\r\n", REFUSED),
    ROW("HTTP/2.0", "GET /healthcheck HTTP/2.0\r\n" H "\r\n", REFUSED),
    ROW("HTTP/1.0", "GET /healthcheck HTTP/1.0\r\n" H "\r\n", REFUSED),
    OURS("blank in the target", "GET /health check HTTP/1.1\r\n" H "\r\n"),
    ROW("chunk extension", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n0\r\n\r\n",
        SINGLE),
    ROW("chunk lines without CR", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", SINGLE),
    ROW("chunk size overflow",
        "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n", SINGLE),
    ROW("chunk size with 0x", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        SINGLE),
    ROW("chunk without its end", "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabc0\r\n\r\n",
        SINGLE),
    ROW("length in a trailer",
        "POST /a HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 99\r\n\r\n" SMUGGLED, CHAINED),
    ROW("HTTP/1.0 and chunked", "POST /a HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
        REFUSED),
    { "a header of 70 KB", big_header, 0, REFUSED, false },
    { "2,000 headers", many_headers, 0, REFUSED, false },
    { "2,000 cookies", many_cookies, 0, REFUSED, true },
    { "2,000 cookies and no Host", cookies_only, 0, REFUSED, true },
    ROW("%00 in the path", "GET /healthcheck%00b HTTP/1.1\r\n" H "\r\n", REFUSED),
    ROW(".. in the path", "GET /../healthcheck HTTP/1.1\r\n" H "\r\n", REFUSED),
    ROW("encoded dots", "GET /%2e%2e/healthcheck HTTP/1.1\r\n" H "\r\n", REFUSED),
    ROW("encoded slash", "GET /a%2fhealthcheck HTTP/1.1\r\n" H "\r\n", REFUSED),
    ROW("method that is no token", "G(T /healthcheck HTTP/1.1\r\n" H "\r\n", REFUSED),
    ROW("lower-case method", "get /healthcheck HTTP/1.1\r\n" H "\r\n", SINGLE),
    ROW("unknown Expect", "POST /a HTTP/1.1\r\n" H "Expect: 200-ok\r\nContent-Length: 3\r\n\r\nabc", REFUSED),
    ROW("body cut short", "POST /a HTTP/1.1\r\n" H "Content-Length: 30\r\n\r\nabc", SINGLE),
    ROW("GET with a body", "GET /healthcheck HTTP/1.1\r\n" H "Content-Length: 44\r\n\r\n" SMUGGLED, REFUSED),
    ROW("a line without a name hides a second Host", "GET /healthcheck HTTP/1.1\r\n" H ": a\r\nHost: evil\r\n\r\n",
        REFUSED),
    ROW("a line without a name ends the headers", "GET /healthcheck HTTP/1.1\r\n" H ": a\r\n" SMUGGLED, REFUSED),
    ROW("an empty name alone", "GET /healthcheck HTTP/1.1\r\n" H ":\r\n" SMUGGLED, REFUSED),
    ROW("a length behind an empty name", "POST /a HTTP/1.1\r\n" H ":\r\nContent-Length: 44\r\n\r\n" SMUGGLED, REFUSED),
    ROW("NUL in the target", "GET /healthcheck\0/../x HTTP/1.1\r\n" H "\r\n", REFUSED),
    ROW("NUL inside a value of a page", "GET /healthcheck HTTP/1.1\r\n" H "X: a\0b\r\n\r\n", REFUSED),
    ROW("folded line of a page", "GET /healthcheck HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", REFUSED),
    ROW("lines without CR of a page", "GET /healthcheck HTTP/1.1\nHost: x\n\n", REFUSED),
    ROW("two requests in one write", "POST /a HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n" SMUGGLED, CHAINED),
};
enum { ROWS = sizeof table / sizeof *table };

static long passed, failed, hidden;
static int port;
static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void make_large_ones(void)
{
    size_t n = (size_t)snprintf(big_header, sizeof big_header, "GET /healthcheck HTTP/1.1\r\n" H "X: ");
    memset(big_header + n, 'a', 70000);
    snprintf(big_header + n + 70000, 5, "\r\n\r\n");
    size_t m = (size_t)snprintf(many_headers, sizeof many_headers, "GET /healthcheck HTTP/1.1\r\n" H);
    for (int i = 0; i < 2000; i++)
        m += (size_t)snprintf(many_headers + m, sizeof many_headers - m, "X%d: a\r\n", i);
    m += (size_t)snprintf(many_headers + m, sizeof many_headers - m, "\r\n");
    char cookies[4001];
    for (size_t i = 0; i < sizeof cookies - 1; i += 2)
        memcpy(cookies + i, "a;", 3);
    size_t c = (size_t)snprintf(many_cookies, sizeof many_cookies,
                                "GET /healthcheck HTTP/1.1\r\n" H "Cookie: %s\r\n\r\n", cookies);
    size_t o =
        (size_t)snprintf(cookies_only, sizeof cookies_only, "GET /healthcheck HTTP/1.1\r\nCookie: %s\r\n\r\n", cookies);
    for (int i = 0; i < ROWS; i++) {
        if (table[i].text == many_cookies)
            table[i].n = c;
        if (table[i].text == cookies_only)
            table[i].n = o;
        if (table[i].text == big_header)
            table[i].n = n + 70004;
        if (table[i].text == many_headers)
            table[i].n = m;
    }
}

static char answer[KIT_TEXT];

/* Sends, says that there is no more, and reads what comes. False = the host did not end the connection. */
static bool converse(const char *text, size_t n, size_t *got)
{
    *got = 0;
    answer[0] = '\0';
    int fd = kit_dial(port);
    if (fd < 0)
        return false;
    /* A host that closes early resets what is still being sent; then there may be no answer to read. */
    if (kit_send(fd, text, n))
        shutdown(fd, SHUT_WR);
    bool ended = kit_read_to_end(fd, answer, got, sizeof answer, 8000);
    close(fd);
    return ended;
}

/* Counts answers by class; a status line inside a JSON body cannot be, as bodies have no line ends. */
static void count_answers(int counts[6], int *first)
{
    memset(counts, 0, 6 * sizeof *counts);
    *first = 0;
    for (const char *p = answer; (p = strstr(p, "HTTP/1.")); p += 7) {
        int status = (int)strtol(p + 9, NULL, 10);
        if (!*first)
            *first = status;
        if (status >= 100 && status < 600)
            counts[status / 100]++;
    }
}

static void verdict(const char *name, bool ok, const char *what)
{
    if (ok) {
        passed++;
        return;
    }
    failed++;
    printf("FAIL %s: %s: %.300s\n", name, what, answer);
}

/* One head at most, and behind it as many bytes as it says: two heads in one answer are an answer that can be read in
 * two ways. */
static bool is_one_answer(void)
{
    const char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "\r\nContent-Length: ");
    if (!answer[0])
        return true;
    return end && length && length < end && !strstr(answer, "\nHTTP/1.") &&
           strlen(end + 4) == strtoul(length + 18, NULL, 10);
}

static void run_row(const struct hostile *h)
{
    int counts[6], first;
    size_t got;
    if (!converse(h->text, h->n, &got)) {
        verdict(h->name, false, "the connection hangs");
        return;
    }
    count_answers(counts, &first);
    if (h->want == CHAINED)
        verdict(h->name, counts[4] + counts[5] >= 1 && counts[2] <= 1,
                "one refusal, then at most the second request's answer");
    else if (counts[0] + counts[1] + counts[2] + counts[3] + counts[4] + counts[5] && !is_one_answer())
        verdict(h->name, false, "more or less than one answer");
    else if (h->ours && !strstr(answer, "\"requestId\":"))
        verdict(h->name, false, "no error object");
    else if (h->want == SINGLE)
        verdict(h->name, counts[2] == 0, "something was served");
    else
        verdict(h->name,
                counts[2] == 0 &&
                    (first == 0 || first == 400 || first == 431 || first == 413 || first == 414 || first == 505),
                "not refused");
}

/* One of the table's requests with some bytes or lines changed. */
static size_t mutate(char *out, size_t size)
{
    static const char alphabet[] = "\r\n\t :;,\0\x0b\x7f\xff%/.?0aA";
    const struct hostile *h = &table[any() % ROWS];
    size_t n = h->n < 4000 ? h->n : 4000;
    memcpy(out, h->text, n);
    for (uint64_t k = any() % 4 + 1; k; k--) {
        size_t at = n ? any() % n : 0, len = any() % 12 + 1;
        switch (any() % 5) {
        case 0:
            if (n)
                out[at] = alphabet[any() % (sizeof alphabet - 1)];
            break;
        case 1: /* cut a piece out */
            len = len < n - at ? len : n - at;
            memmove(out + at, out + at + len, n - at - len);
            n -= len;
            break;
        case 2: /* repeat a piece */
            len = len < n - at ? len : n - at;
            if (n + len < size) {
                memmove(out + at + len, out + at, n - at);
                n += len;
            }
            break;
        case 3:
            if (n + 1 < size) {
                memmove(out + at + 1, out + at, n - at);
                out[at] = alphabet[any() % (sizeof alphabet - 1)];
                n++;
            }
            break;
        default: /* another request's tail */
            h = &table[any() % ROWS];
            if (h->n < 1000) {
                len = h->n - any() % h->n;
                if (n + len < size) {
                    memcpy(out + n, h->text + h->n - len, len);
                    n += len;
                }
            }
        }
    }
    return n;
}

static bool alive(void)
{
    size_t got;
    static const char good[] = "GET /healthcheck HTTP/1.1\r\n" H "Connection: close\r\n\r\n";
    return converse(good, sizeof good - 1, &got) && strncmp(answer, "HTTP/1.1 200", 12) == 0;
}

/* Many at once: an incomplete request is only ended by the host's deadline. */
enum { BATCH = 512, TEXT = 16384 };

struct flight {
    int fd;
    size_t n;
    char text[TEXT];
};

static void land(struct flight *f, long number)
{
    size_t got = 0;
    bool ended = f->fd >= 0 && kit_read_to_end(f->fd, answer, &got, sizeof answer, 8000);
    int counts[6], first;
    const char *why = !ended ? "hangs or is refused a connection" : NULL;
    count_answers(counts, &first);
    hidden += strict_hidden(f->text, f->n);
    if (!why && !strict_hidden(f->text, f->n) && counts[2] > strict_gets(f->text, f->n))
        why = "is served more than a strict reader finds in it";
    if (!why && strstr(answer, "HTTP/1.1 50") && !strstr(answer, "HTTP/1.1 505"))
        why = "is answered with an error of ours";
    if (why) {
        printf("FAIL mutation %ld %s: %.*s -> %.200s\n", number, why, (int)(f->n < 400 ? f->n : 400), f->text, answer);
        failed++;
    } else {
        passed++;
    }
    if (f->fd >= 0)
        close(f->fd);
}

static bool run_batch(long from, long n)
{
    static struct flight flights[BATCH];
    for (long i = 0; i < n; i++) {
        struct flight *f = &flights[i];
        f->n = mutate(f->text, sizeof f->text);
        f->fd = kit_dial(port);
        if (f->fd >= 0 && kit_send(f->fd, f->text, f->n))
            shutdown(f->fd, SHUT_WR);
    }
    for (long i = 0; i < n; i++)
        land(&flights[i], from + i);
    if (alive())
        return true;
    printf("FAIL the host does not answer after mutation %ld\n", from + n);
    failed++;
    return false;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: smuggle HOST_URL COUNT [SEED]\n");
        return 64;
    }
    port = kit_port(argv[1]);
    long count = strtol(argv[2], NULL, 10);
    if (argc > 3)
        state ^= strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15u;
    make_large_ones();
    for (int i = 0; i < ROWS; i++)
        run_row(&table[i]);
    verdict("after the table", alive(), "no answer to a good request");
    for (long i = 0; i < count && run_batch(i, count - i < BATCH ? count - i : BATCH); i += BATCH)
        ;
    printf("%ld mutations have a form that the library hides; what they are served was not judged\n", hidden);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
