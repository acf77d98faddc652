/* slots.c - the front's end of each worker: its socket, what it says, its end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/pool/pool_parts.h"

enum {
    OUT_MAX = 2 * LIMIT_FRAME,
    KEEP_BUFFER = 256 * 1024,
    PIECE = 16 * 1024, /* of one read */
    READS = 16,        /* of one event, and only as long as no frame is whole: what is left makes the next event */
    LAST_READS = 64    /* from a worker that has ended: more than a socket holds */
};

static void remove_idle(struct pool *p, int index)
{
    for (int i = 0; i < p->nidle; i++) {
        if (p->idle[i] == index) {
            memmove(p->idle + i, p->idle + i + 1, (size_t)(p->nidle - i - 1) * sizeof *p->idle);
            p->nidle--;
            return;
        }
    }
}

static int index_of(const struct worker_slot *w)
{
    return (int)(w - w->pool->slots);
}

void slot_close(struct worker_slot *w)
{
    if (w->state == IDLE)
        remove_idle(w->pool, index_of(w));
    loop_remove(w->pool->loop, &w->watch);
    loop_remove(w->pool->loop, &w->end);
    close(w->watch.fd);
    close(w->pidfd);
    buf_wipe(&w->in);
    buf_wipe(&w->out);
    buf_free(&w->in);
    buf_free(&w->out);
    w->state = VACANT;
    w->ticket = NULL;
    w->sent = 0;
    w->writing = false;
}

static void slot_kill(struct worker_slot *w)
{
    /* By pidfd: a number could belong to somebody else by now. */
    if (syscall(SYS_pidfd_send_signal, w->pidfd, SIGKILL, NULL, 0) != 0 && errno != ESRCH)
        log_event(LOG_ERROR, "worker-kill-failed", "error", strerror(errno), NULL);
}

static void log_gone(const struct worker_slot *w, const char *why)
{
    struct log_line line;
    log_begin(&line, w->ticket ? LOG_ERROR : LOG_INFO, "worker-gone");
    log_int(&line, "worker", w->pid);
    log_text(&line, "why", why);
    if (w->ticket) {
        log_text(&line, "id", w->ticket->request_id);
        log_text(&line, "action", w->ticket->action->operation_id);
    }
    log_end(&line);
}

void slot_end(struct worker_slot *w, const char *why)
{
    log_gone(w, why);
    w->ticket = NULL;
    slot_kill(w);
    slot_close(w);
}

void slot_lost(struct worker_slot *w, const char *why)
{
    struct ticket *t = w->ticket;
    bool left = w->state == LEAVING && !t; /* as it had said it would */
    if (!left) {
        log_gone(w, why);
        slot_kill(w);
    }
    slot_close(w);
    if (t)
        ticket_fail(t, 502, "action_crashed",
                    "The action ended without an answer. Other calls are not affected; report the request id.");
}

bool slot_has_ended(const struct worker_slot *w)
{
    struct pollfd p = { .fd = w->pidfd, .events = POLLIN };
    return w->ended || poll(&p, 1, 0) > 0;
}

static void become_idle(struct worker_slot *w)
{
    if (w->ended) {
        w->state = LEAVING;
        return;
    }
    w->state = IDLE;
    w->idle_since_ms = clock_ms();
    w->pool->idle[w->pool->nidle++] = index_of(w);
    w->pool->feed(w);
}

bool slot_flush(struct worker_slot *w)
{
    if (!loop_send(w->pool->loop, &w->watch, &w->out, &w->sent, &w->writing))
        return false;
    if (w->out.n == 0 && w->out.cap > KEEP_BUFFER)
        buf_free(&w->out);
    return true;
}

bool slot_hand_over(struct worker_slot *w, struct ticket *t, bool org_blocked)
{
    remove_idle(w->pool, index_of(w));
    w->state = BUSY;
    w->ticket = t;
    t->started_us = clock_us();
    const struct span rest = { t->message.p, t->message.n };
    if (slot_has_ended(w) || !message_call_write(&w->out, t->id, org_blocked, rest) || !slot_flush(w)) {
        /* The worker died while idle, so the call was not started. */
        w->ticket = NULL;
        t->started_us = 0;
        slot_lost(w, "gone before a call");
        return false;
    }
    buf_wipe(&t->message);
    buf_free(&t->message);
    if (!w->worked && w->pool->on_worked)
        w->pool->on_worked(w->pool->on_worker_ctx, w->pid);
    w->worked = true;
    return true;
}

struct breaker *pool_org_breaker(struct pool *p, const char *org_id)
{
    return breakers_get(p->org_breakers, org_id);
}

/* The call of this worker has ended with `r`. */
static void end_call(struct worker_slot *w, struct pool_reply *r, bool leaving)
{
    struct ticket *t = w->ticket;
    if (r->outcome != ORG_UNUSED)
        breaker_report(pool_org_breaker(w->pool, t->org_id), r->outcome == ORG_OK, clock_ms());
    w->ticket = NULL;
    ticket_settle(t, r); /* first: the body lies in this worker's buffer */
    if (leaving)
        w->state = LEAVING;
    else
        become_idle(w);
}

static bool on_reply(struct worker_slot *w, const struct frame *f)
{
    struct message_reply m;
    if (!message_reply_read(f, &m))
        return false;
    struct pool_reply r = { .status = (int)m.status,
                            .code = m.code,
                            .body = m.body,
                            .org_calls = (int)m.org_calls,
                            .ran_us = m.ran_us,
                            .outcome = (enum org_outcome)m.outcome };
    copy_span(r.api_usage, sizeof r.api_usage, m.api_usage);
    end_call(w, &r, m.leaving);
    return true;
}

/* The answer is made later, without this worker. */
static bool on_park(struct worker_slot *w, const struct frame *f)
{
    struct message_park m;
    if (w->ticket->work != WORK_INVOCATION || !w->pool->job_link || !message_park_read(f, &m) || m.job_id.n == 0)
        return false;
    struct pool_reply r = { .org_calls = (int)m.org_calls,
                            .ran_us = m.ran_us,
                            .outcome = (enum org_outcome)m.outcome,
                            .park_s = (int)m.wait_s,
                            .park_started = m.started };
    copy_span(r.park_job, sizeof r.park_job, m.job_id);
    end_call(w, &r, m.leaving);
    return true;
}

static bool on_ready(struct worker_slot *w, const struct frame *f)
{
    if (w->state != STARTING || !message_ready_read(f))
        return false;
    if (w->pool->on_ready)
        w->pool->on_ready(w->pool->on_worker_ctx, w->pid);
    become_idle(w);
    return true;
}

/* NULL when the worker must not send this: only its first word belongs to no call, all else to the one it runs. */
static frame_fn *handler(const struct worker_slot *w, const struct frame *f)
{
    if (f->kind == FRAME_READY)
        return on_ready;
    if (!w->ticket || f->call != w->ticket->id)
        return NULL;
    return f->kind == FRAME_REPLY ? on_reply : f->kind == FRAME_PARK ? on_park : w->pool->handlers[f->kind];
}

/* What one read has brought. */
enum heard {
    HEARD_NOTHING, /* there is no more at present */
    HEARD_PART,    /* of a frame */
    HEARD_FRAMES,  /* at least one whole frame, which was handled */
    HEARD_END      /* the worker is lost, its slot closed */
};

/* Handles all whole frames in w->in. */
static enum heard on_frames(struct worker_slot *w)
{
    uint64_t generation = w->generation;
    size_t at = 0;
    struct frame f;
    bool bad;
    while (frame_peek((struct span){ w->in.p + at, w->in.n - at }, LIMIT_FRAME, &f, &bad)) {
        frame_fn *fn = handler(w, &f);
        if (!fn || !fn(w, &f)) {
            slot_lost(w, "sent what it must not");
            return HEARD_END;
        }
        if (w->state == VACANT || w->generation != generation)
            return HEARD_END;
        at += FRAME_HEAD + f.payload.n;
    }
    if (bad) {
        slot_lost(w, "sent no frame");
        return HEARD_END;
    }
    memmove(w->in.p, w->in.p + at, w->in.n - at);
    w->in.n -= at;
    if (w->in.n == 0 && w->in.cap > KEEP_BUFFER)
        buf_free(&w->in);
    return at ? HEARD_FRAMES : HEARD_PART;
}

static enum heard hear(struct worker_slot *w)
{
    char *to = buf_room(&w->in, PIECE);
    if (!to) {
        slot_lost(w, "sent too much");
        return HEARD_END;
    }
    ssize_t n = recv(w->watch.fd, to, PIECE, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR)
        return HEARD_PART;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return HEARD_NOTHING;
    if (n <= 0) {
        slot_lost(w, "crashed");
        return HEARD_END;
    }
    w->in.n += (size_t)n;
    return on_frames(w);
}

/* Bounded, so that a worker that sends without end takes no more than its turn: the kernel tells of the rest again. */
static void on_worker(struct watch *watch, unsigned events)
{
    struct worker_slot *w = watch->owner;
    if ((events & EPOLLOUT) && !slot_flush(w)) {
        slot_lost(w, "cannot be written to");
        return;
    }
    for (int i = 0; i < READS && hear(w) == HEARD_PART; i++)
        ;
}

/*
 * The process has ended, which its socket does not tell as long as a child of it holds the other end. What it said
 * before lies in the socket, perhaps its reply.
 */
static void on_worker_end(struct watch *watch, unsigned events)
{
    struct worker_slot *w = watch->owner;
    enum heard heard = HEARD_PART;
    (void)events;
    w->ended = true;
    for (int i = 0; i < LAST_READS && heard != HEARD_NOTHING; i++) {
        heard = hear(w);
        if (heard == HEARD_END)
            return;
    }
    slot_lost(w, "crashed");
}

bool pool_add_worker(struct pool *p, int pid, int socket, int pidfd)
{
    for (int i = 0; i < p->nslots; i++) {
        struct worker_slot *w = &p->slots[i];
        if (w->state != VACANT)
            continue;
        *w = (struct worker_slot){ .pool = p,
                                   .watch = { .fd = socket, .fn = on_worker, .owner = w },
                                   .end = { .fd = pidfd, .fn = on_worker_end, .owner = w },
                                   .state = STARTING,
                                   .pid = pid,
                                   .pidfd = pidfd,
                                   .generation = ++p->generations };
        buf_init(&w->in, LIMIT_FRAME + 64 * 1024);
        buf_init(&w->out, OUT_MAX);
        if (loop_add(p->loop, &w->watch, EPOLLIN) && loop_add(p->loop, &w->end, EPOLLIN))
            return true;
        loop_remove(p->loop, &w->watch);
        w->state = VACANT;
        break;
    }
    log_event(LOG_ERROR, "worker-not-added", NULL);
    close(socket);
    close(pidfd);
    return false;
}
