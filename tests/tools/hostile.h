/* hostile.h - the hostile mix: parameters, cookies, lengths, framing, signatures, cut, slow; each on its own
 * connection. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "tests/tools/http_kit.h"

enum { HOSTILE_TEXT = 70000, HOSTILE_SLOW = 8 };

enum hostile_ending { ANSWERED, FLOODED, CUT, RESET, SLOWLY };

static struct hostile {
    const char *start, *unit;
    int times; /* that the unit stands there */
    const char *rest;
    enum hostile_ending ending; /* FLOODED: the answer may be lost with what was not read */
    bool nul;                   /* a '~' of the start is a NUL */
    char *text;
    size_t n;
} hostile[] = {
    { "GET /?", "a&", 4050, " HTTP/1.1\r\nHost: x\r\n\r\n", ANSWERED, false, NULL, 0 },
    { "GET /~?", "a&", 4050, " HTTP/1.1\r\nHost: x\r\n\r\n", ANSWERED, true, NULL, 0 },
    { "GET / HTTP/1.1\r\nHost: x\r\nCookie: ", "a;", 3000, "\r\n\r\n", ANSWERED, false, NULL, 0 },
    { "GET / HTTP/1.1\r\nCookie: ", "a;", 3000, "\r\n\r\n", ANSWERED, false, NULL, 0 },
    { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3", ",3", 1, "\r\n\r\nabc", ANSWERED, false, NULL, 0 },
    { "GET /healthcheck HTTP/1.1\r\n", "X: a\r\n", 1, "\r\n", ANSWERED, false, NULL, 0 },
    { "GET / HTTP/1.1\r\nHost: x\r\n", "X: a\r\n", 2000, "\r\n", ANSWERED, false, NULL, 0 },
    { "POST /api/logDataAction?orgId=00Dxx0000000000&apiName=X HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/json\r\nx-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=\r\nTransfer-Encoding: "
      "chunked\r\n\r\nc;",
      "a", 60000, "", FLOODED, false, NULL, 0 },
    { "POST /api/logDataAction?orgId=00Dxx0000000000&apiName=X HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/json\r\nx-signature: uruO+yjX8KKjl72GkQbLXuoMyAilC5losEnY1Liiu30=\r\nTransfer-Encoding: "
      "chunked\r\n\r\n",
      "1\r\nx\r\n", 500, "", CUT, false, NULL, 0 },
    { "GET /?a=b HTTP/1.1\r\nHost: x\r\nX-Half:", "a", 100, "", CUT, false, NULL, 0 },
    { "GET /?a=b HTTP/1.1\r\nHost: x\r\nX-Half:", "a", 100, "", RESET, false, NULL, 0 },
    { "GET /healthcheck HTTP/1.1\r\nHost: x\r\nX-Slow:", "a", 10, "", SLOWLY, false, NULL, 0 },
};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

/* Writes all of them out; once, before the first is sent. */
static void hostile_make(void)
{
    for (int i = 0; i < HOSTILE; i++) {
        struct hostile *h = &hostile[i];
        h->text = calloc(1, HOSTILE_TEXT);
        if (!h->text)
            kit_die("memory");
        h->n = (size_t)snprintf(h->text, HOSTILE_TEXT, "%s", h->start);
        for (int k = 0; k < h->times; k++)
            h->n += (size_t)snprintf(h->text + h->n, HOSTILE_TEXT - h->n, "%s", h->unit);
        h->n += (size_t)snprintf(h->text + h->n, HOSTILE_TEXT - h->n, "%s", h->rest);
        char *mark = h->nul ? memchr(h->text, '~', h->n) : NULL;
        if (mark)
            *mark = '\0';
    }
}

static int hostile_slow[HOSTILE_SLOW]; /* those that stay until others have come; 0 = none */

/* Ends what is still open. */
KIT void hostile_leave(void)
{
    for (int i = 0; i < HOSTILE_SLOW; i++) {
        if (hostile_slow[i])
            close(hostile_slow[i]);
        hostile_slow[i] = 0;
    }
}

/* False: the answer is none that it may get. */
static bool hostile_send(const struct hostile *h, int port)
{
    static struct kit_answer answer;
    static int turn;
    const struct linger now = { 1, 0 };
    bool ok = true;
    int fd = kit_dial(port);
    if (fd < 0)
        return false;
    (void)kit_send(fd, h->text, h->n);
    if (h->ending == SLOWLY) {
        int *place = &hostile_slow[turn++ % HOSTILE_SLOW];
        if (*place)
            close(*place);
        *place = fd;
        return true;
    }
    if (h->ending == RESET)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    if (h->ending == ANSWERED || h->ending == FLOODED)
        ok = kit_answer(fd, &answer, 5000) ? answer.status >= 400 && answer.status < 500 : h->ending == FLOODED;
    close(fd);
    return ok;
}

#endif
