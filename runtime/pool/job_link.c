/* job_link.c - questions about jobs on their way to the jobs process, and their answers. */
#include "runtime/pool/job_link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/pool/frame_inlet.h"

enum { OUT_MAX = 8 * 1024 * 1024 }; /* of questions that the jobs process has not read yet */

struct open_question {
    uint64_t number; /* 0 = a free place */
    int64_t deadline_ms;
    job_answer_fn *done;
    void *ctx;
};

struct job_link {
    struct loop *loop;
    struct watch watch; /* fd -1 = not connected */
    struct buf in, out;
    size_t sent;
    bool writing;
    uint64_t numbers;
    struct open_question open[JOB_LINK_OPEN];
};

struct job_link *job_link_new(struct loop *loop)
{
    struct job_link *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->loop = loop;
    l->watch.fd = -1;
    buf_init(&l->in, LIMIT_FRAME + 64 * 1024);
    buf_init(&l->out, OUT_MAX);
    return l;
}

static void drop_socket(struct job_link *l)
{
    if (l->watch.fd < 0)
        return;
    loop_remove(l->loop, &l->watch);
    close(l->watch.fd);
    l->watch.fd = -1;
    l->writing = false;
    l->sent = 0;
    buf_wipe(&l->in);
    buf_wipe(&l->out); /* questions hold tokens */
    buf_free(&l->in);
    buf_free(&l->out);
}

/* ---- answers ---- */

static void settle(struct open_question *q, const struct message_job_answer *a)
{
    const struct open_question was = *q;
    *q = (struct open_question){ 0 }; /* first: the callback may ask again */
    was.done(was.ctx, a);
}

static void settle_unavailable(struct open_question *q)
{
    const struct message_job_answer a = {
        .status = 503,
        .code = span_of("jobs_unavailable"),
        .body = span_of("The job queue does not answer at present. What was asked may have been done: ask for the "
                        "job, or try again in a moment."),
        .retry_after_s = JOB_LINK_AGAIN_S
    };
    settle(q, &a);
}

static void drop(struct job_link *l)
{
    drop_socket(l);
    for (size_t i = 0; i < JOB_LINK_OPEN; i++)
        if (l->open[i].number)
            settle_unavailable(&l->open[i]);
}

static void lose(struct job_link *l, const char *why)
{
    log_event(LOG_WARN, "jobs-link-lost", "why", why, NULL);
    drop(l);
}

void job_link_free(struct job_link *l)
{
    if (!l)
        return;
    drop(l);
    free(l);
}

static struct open_question *find(struct job_link *l, uint64_t number)
{
    for (size_t i = 0; number && i < JOB_LINK_OPEN; i++)
        if (l->open[i].number == number)
            return &l->open[i];
    return NULL;
}

/* False: it sent what it must not. An answer that nobody waits for any more is dropped. */
static bool on_answer(void *ctx, const struct frame *f)
{
    struct job_link *l = ctx;
    struct message_job_answer a;
    if (!message_job_answer_read(f, &a))
        return false;
    struct open_question *q = find(l, f->call);
    if (q)
        settle(q, &a);
    return true;
}

/* ---- the socket ---- */

static bool flush(struct job_link *l)
{
    return loop_send(l->loop, &l->watch, &l->out, &l->sent, &l->writing);
}

static void on_socket(struct watch *watch, unsigned events)
{
    struct job_link *l = watch->owner;
    const char *why;
    if ((events & EPOLLOUT) && !flush(l)) {
        lose(l, "it cannot be written to");
        return;
    }
    if (!inlet_hear(&l->watch, &l->in, on_answer, l, &why))
        lose(l, why ? why : "the jobs process has ended");
}

void job_link_take(struct job_link *l, int fd)
{
    if (l->watch.fd >= 0)
        lose(l, "another jobs process has taken its place");
    l->watch = (struct watch){ .fd = fd, .fn = on_socket, .owner = l };
    if (loop_add(l->loop, &l->watch, EPOLLIN))
        return;
    log_event(LOG_ERROR, "jobs-link-lost", "why", "the kernel refuses to watch its socket", NULL);
    close(fd);
    l->watch.fd = -1;
}

/* ---- questions ---- */

static struct open_question *vacant(struct job_link *l)
{
    for (size_t i = 0; i < JOB_LINK_OPEN; i++)
        if (!l->open[i].number)
            return &l->open[i];
    return NULL;
}

bool job_link_ask(struct job_link *l, const struct message_job_question *q, int timeout_ms, job_answer_fn *done,
                  void *ctx, uint64_t *number, struct err *e)
{
    struct open_question *place = l->watch.fd < 0 ? NULL : vacant(l);
    uint64_t n = ++l->numbers;
    if (!place || !message_job_question_write(&l->out, n, q)) {
        err_set(e, 503, "jobs_unavailable",
                l->watch.fd < 0 ? "The job queue is being started. Try again in a moment."
                                : "Too many questions about jobs are open. Try again in a moment.");
        e->retry_after_s = JOB_LINK_AGAIN_S;
        return false;
    }
    *place = (struct open_question){ n, clock_ms() + timeout_ms, done, ctx };
    if (number)
        *number = n;
    if (!flush(l)) /* its end is told by the loop, which then answers this one too */
        log_event(LOG_DEBUG, "jobs-link-full", NULL);
    return true;
}

void job_link_forget(struct job_link *l, uint64_t number)
{
    struct open_question *q = l ? find(l, number) : NULL;
    if (q)
        *q = (struct open_question){ 0 };
}

void job_link_work(struct job_link *l, int64_t now_ms)
{
    for (size_t i = 0; i < JOB_LINK_OPEN; i++)
        if (l->open[i].number && l->open[i].deadline_ms <= now_ms)
            settle_unavailable(&l->open[i]);
}

int job_link_timeout_ms(const struct job_link *l, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < JOB_LINK_OPEN; i++)
        if (l->open[i].number && l->open[i].deadline_ms < next)
            next = l->open[i].deadline_ms;
    if (next == INT64_MAX)
        return -1;
    return next <= now_ms ? 0 : next - now_ms > 60000 ? 60000 : (int)(next - now_ms);
}
