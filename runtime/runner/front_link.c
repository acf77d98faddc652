/* front_link.c - frames from the front and back. */
#include "runtime/runner/front_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/log.h"

enum {
    OUT_MAX = 2 * LIMIT_FRAME, /* of answers that the front has not read */
    KEEP_BUFFER = 256 * 1024,
    PIECE = 16 * 1024,
    READS = 16 /* of one event; the kernel tells of the rest again */
};

struct front_link {
    struct loop *loop;
    struct watch watch; /* fd -1 = closed */
    struct buf in, out;
    size_t sent;
    bool writing;
    front_question_fn *ask;
    link_frame_fn *hear; /* instead of ask: of the listener's */
    void *ctx;
};

static void give_up(struct front_link *l, const char *why)
{
    if (l->watch.fd < 0)
        return;
    if (why)
        log_event(LOG_WARN, "front-link-lost", "why", why, NULL);
    loop_remove(l->loop, &l->watch);
    close(l->watch.fd);
    l->watch.fd = -1;
    buf_wipe(&l->in);
    buf_wipe(&l->out);
    buf_free(&l->in);
    buf_free(&l->out);
}

void front_link_free(struct front_link *l)
{
    if (!l)
        return;
    give_up(l, NULL);
    free(l);
}

bool front_link_is_open(const struct front_link *l)
{
    return l && l->watch.fd >= 0;
}

static void flush(struct front_link *l)
{
    if (!loop_send(l->loop, &l->watch, &l->out, &l->sent, &l->writing))
        give_up(l, "it cannot be written to");
    else if (l->out.n == 0 && l->out.cap > KEEP_BUFFER)
        buf_free(&l->out);
}

struct buf *front_link_out(struct front_link *l)
{
    return &l->out;
}

void front_link_send(struct front_link *l, bool written)
{
    if (!front_link_is_open(l))
        return;
    if (written)
        flush(l);
    else
        give_up(l, "it does not read its answers");
}

void front_link_answer(struct front_link *l, uint64_t call, const struct message_job_answer *m)
{
    static const struct message_job_answer too_large = {
        .status = 500,
        .code = { "internal_error", 14 },
        .body = { "The answer is larger than the host can pass on. Report the request id.", 70 }
    };
    if (!front_link_is_open(l))
        return;
    if (m->body.n > LIMIT_REPLY)
        m = &too_large;
    if (message_job_answer_write(&l->out, call, m))
        flush(l);
    else
        give_up(l, "the front does not read its answers");
}

static bool on_frame(struct front_link *l, const struct frame *f)
{
    struct message_job_question q;
    if (l->hear)
        return l->hear(l->ctx, f);
    if (!message_job_question_read(f, &q))
        return false;
    l->ask(l->ctx, f->call, &q);
    return true;
}

/* Handles all whole frames. A question's token is wiped as soon as it was dealt with. */
static void on_frames(struct front_link *l)
{
    size_t at = 0;
    struct frame f;
    bool bad;
    while (l->watch.fd >= 0 && frame_peek((struct span){ l->in.p + at, l->in.n - at }, LIMIT_FRAME, &f, &bad)) {
        if (!on_frame(l, &f)) {
            give_up(l, "it sent what it must not");
            return;
        }
        at += FRAME_HEAD + f.payload.n;
    }
    if (l->watch.fd < 0)
        return;
    if (bad) {
        give_up(l, "it sent no frame");
        return;
    }
    size_t rest = l->in.n - at;
    memmove(l->in.p, l->in.p + at, rest);
    bytes_wipe(l->in.p + rest, at);
    l->in.n = rest;
    if (rest == 0 && l->in.cap > KEEP_BUFFER)
        buf_free(&l->in);
}

/* One read. False: there is no more at present. */
static bool hear(struct front_link *l)
{
    char *to = buf_room(&l->in, PIECE);
    ssize_t n = to ? recv(l->watch.fd, to, PIECE, MSG_DONTWAIT) : -1;
    if (n < 0 && to && errno == EINTR)
        return true;
    if (n < 0 && to && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    if (n <= 0) {
        give_up(l, n == 0 ? NULL : "it cannot be read");
        return false;
    }
    l->in.n += (size_t)n;
    on_frames(l);
    return l->watch.fd >= 0;
}

static void on_socket(struct watch *watch, unsigned events)
{
    struct front_link *l = watch->owner;
    if (events & EPOLLOUT)
        flush(l);
    for (int i = 0; l->watch.fd >= 0 && i < READS && hear(l); i++)
        ;
}

struct front_link *frame_link_new(struct loop *loop, int fd, link_frame_fn *fn, void *ctx)
{
    struct front_link *l = front_link_new(loop, fd, NULL, ctx);
    l->hear = fn;
    return l;
}

struct front_link *front_link_new(struct loop *loop, int fd, front_question_fn *ask, void *ctx)
{
    struct front_link *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->loop = loop;
    l->ask = ask;
    l->ctx = ctx;
    buf_init(&l->in, LIMIT_FRAME + 64 * 1024);
    buf_init(&l->out, OUT_MAX);
    l->watch = (struct watch){ .fd = fd, .fn = on_socket, .owner = l };
    if (!loop_add(loop, &l->watch, EPOLLIN))
        give_up(l, "the kernel refuses to watch its socket");
    return l;
}
