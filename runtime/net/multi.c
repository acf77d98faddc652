/* multi.c - socket and timer callbacks of libcurl's multi interface. */
#include "runtime/net/multi.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "runtime/base/system.h"

static int on_timer(CURLM *curl, long timeout_ms, void *ctx)
{
    struct multi *m = ctx;
    (void)curl;
    /* One more than asked, as the clock has dropped what is below a millisecond: firing early expires nothing inside
     * libcurl, and it would not ask again. */
    m->due_ms = timeout_ms < 0 ? -1 : timeout_ms == 0 ? 0 : clock_ms() + timeout_ms + 1;
    return 0;
}

static void on_ready(struct watch *w, unsigned events)
{
    struct multi *m = w->owner;
    int running, flags = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                         (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_IN : 0);
    curl_multi_socket_action(m->curl, w->fd, flags, &running);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *assigned)
{
    struct multi *m = ctx;
    struct watch *w = assigned;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            loop_remove(m->loop, w);
            free(w);
            curl_multi_assign(m->curl, fd, NULL);
        }
        return 0;
    }
    unsigned events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (w) {
        loop_change(m->loop, w, events);
        return 0;
    }
    w = malloc(sizeof *w);
    if (!w)
        return -1;
    *w = (struct watch){ .fd = fd, .fn = on_ready, .owner = m };
    if (!loop_add(m->loop, w, events)) {
        free(w);
        return -1;
    }
    curl_multi_assign(m->curl, fd, w);
    return 0;
}

bool multi_init(struct multi *m, struct loop *loop)
{
    *m = (struct multi){ .loop = loop, .curl = curl_multi_init(), .due_ms = -1 };
    if (!m->curl)
        return false;
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
    return true;
}

void multi_fini(struct multi *m)
{
    if (m->curl)
        curl_multi_cleanup(m->curl);
    m->curl = NULL;
}

int multi_timeout_ms(const struct multi *m)
{
    return m->due_ms < 0 ? -1 : ms_until(m->due_ms, clock_ms());
}

void multi_work(struct multi *m)
{
    int running;
    if (m->due_ms < 0 || m->due_ms > clock_ms())
        return;
    m->due_ms = -1;
    curl_multi_socket_action(m->curl, CURL_SOCKET_TIMEOUT, 0, &running);
}

CURL *multi_ended(struct multi *m, CURLcode *code)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(m->curl, &left));)
        if (message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return message->easy_handle;
        }
    return NULL;
}
