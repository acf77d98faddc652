/* loop.c - epoll. */
#include "runtime/net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256 };

bool loop_init(struct loop *l)
{
    *l = (struct loop){ .epoll = epoll_create1(EPOLL_CLOEXEC), .batch = calloc(BATCH, sizeof(struct epoll_event)) };
    return l->epoll >= 0 && l->batch;
}

void loop_fini(struct loop *l)
{
    if (l->epoll >= 0)
        close(l->epoll);
    free(l->batch);
}

static bool epoll_control(struct loop *l, int op, struct watch *w, unsigned events)
{
    struct epoll_event e = { .events = events, .data.ptr = w };
    return epoll_ctl(l->epoll, op, w->fd, &e) == 0;
}

bool loop_add(struct loop *l, struct watch *w, unsigned events)
{
    return epoll_control(l, EPOLL_CTL_ADD, w, events);
}

bool loop_change(struct loop *l, struct watch *w, unsigned events)
{
    return epoll_control(l, EPOLL_CTL_MOD, w, events);
}

void loop_remove(struct loop *l, struct watch *w)
{
    epoll_control(l, EPOLL_CTL_DEL, w, 0);
    for (int i = 0; i < l->pending; i++)
        if (l->batch[i].data.ptr == w)
            l->batch[i].data.ptr = NULL;
}

bool loop_send(struct loop *l, struct watch *w, struct buf *out, size_t *sent, bool *writing)
{
    while (*sent < out->n) {
        ssize_t n = send(w->fd, out->p + *sent, out->n - *sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (n < 0)
            return false;
        *sent += (size_t)n;
    }
    bool more = *sent < out->n;
    if (more != *writing) {
        loop_change(l, w, EPOLLIN | (more ? EPOLLOUT : 0u));
        *writing = more;
    }
    if (!more) {
        buf_wipe(out);
        *sent = 0;
    }
    return true;
}

void loop_turn(struct loop *l, int timeout_ms)
{
    l->pending = epoll_wait(l->epoll, l->batch, BATCH, timeout_ms);
    for (int i = 0; i < l->pending; i++) {
        struct watch *w = l->batch[i].data.ptr;
        if (w)
            w->fn(w, l->batch[i].events);
    }
    l->pending = 0;
}
