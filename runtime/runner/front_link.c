/* front_link.c - frames from the front and back. */
#include "runtime/runner/front_link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/pool/frame_inlet.h"

enum {
    OUT_MAX = 2 * LIMIT_FRAME, /* of answers that the front has not read */
    KEEP_BUFFER = 256 * 1024
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

/* A question's token is wiped as soon as it was dealt with. */
static bool on_frame(void *ctx, const struct frame *f)
{
    struct front_link *l = ctx;
    struct message_job_question q;
    if (l->hear)
        return l->hear(l->ctx, f);
    if (!message_job_question_read(f, &q))
        return false;
    l->ask(l->ctx, f->call, &q);
    return true;
}

static void on_socket(struct watch *watch, unsigned events)
{
    struct front_link *l = watch->owner;
    const char *why;
    if (events & EPOLLOUT)
        flush(l);
    if (l->watch.fd >= 0 && !inlet_hear(&l->watch, &l->in, on_frame, l, &why))
        give_up(l, why);
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
