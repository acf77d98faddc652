/*
 * fake_addon.c - says 200 to everything, after --delay MS: the cheapest add-on, so that what is measured is the host.
 * Prints "at=ready port=N" on stderr. One thread, epoll; it ends by SIGTERM or when its parent does.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNS = 4096, REQUEST_MAX = 16 * 1024 };

struct conn {
    int fd;
    size_t n;
    int64_t due_us; /* 0 = no answer owed */
    struct conn *next;
    char in[REQUEST_MAX + 1];
};

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Length of the whole request in `in`, 0 when it is not complete. */
static size_t complete(struct conn *c)
{
    c->in[c->n] = '\0';
    char *end = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "\r\nContent-Length:");
    if (!end)
        return 0;
    size_t whole = (size_t)(end - c->in) + 4 + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
    return c->n >= whole ? whole : 0;
}

static struct conn *first, **last = &first; /* answers that are owed, in order of their time */

static void on_readable(struct conn *c, int delay_ms)
{
    ssize_t n = recv(c->fd, c->in + c->n, REQUEST_MAX - c->n, MSG_DONTWAIT);
    if (n <= 0) {
        if (c->due_us)
            return; /* it is in the list; closed when its time comes */
        close(c->fd);
        free(c);
        return;
    }
    c->n += (size_t)n;
    size_t whole = complete(c);
    if (!whole || c->due_us)
        return;
    memmove(c->in, c->in + whole, c->n - whole);
    c->n -= whole;
    if (delay_ms == 0) {
        (void)!send(c->fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
        return;
    }
    c->due_us = now_us() + (int64_t)delay_ms * 1000;
    c->next = NULL;
    *last = c;
    last = &c->next;
}

static int pay(void)
{
    int64_t now = now_us();
    while (first && first->due_us <= now) {
        struct conn *c = first;
        first = c->next;
        if (!first)
            last = &first;
        c->due_us = 0;
        (void)!send(c->fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    }
    return first ? (int)((first->due_us - now + 999) / 1000) : -1;
}

int main(int argc, char **argv)
{
    int delay_ms = argc == 3 && strcmp(argv[1], "--delay") == 0 ? (int)strtol(argv[2], NULL, 10) : 0;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int listener = socket(AF_INET, SOCK_STREAM, 0), ep = epoll_create1(0), on = 1;
    if (bind(listener, (struct sockaddr *)&a, n) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&a, &n))
        return 1;
    struct epoll_event e = { .events = EPOLLIN }, batch[256];
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    fprintf(stderr, "at=ready port=%d\n", ntohs(a.sin_port));
    for (int wait = -1;; wait = pay()) {
        int k = epoll_wait(ep, batch, 256, wait);
        for (int i = 0; i < k; i++) {
            if (batch[i].data.ptr) {
                on_readable(batch[i].data.ptr, delay_ms);
                continue;
            }
            struct conn *c = calloc(1, sizeof *c);
            c->fd = accept(listener, NULL, NULL);
            setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            e = (struct epoll_event){ .events = EPOLLIN, .data.ptr = c };
            epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
        }
    }
}
