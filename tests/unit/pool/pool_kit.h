/*
 * pool_kit.h - a pool for a test, and stand-ins for its workers: each is the other end of a socket pair, and a process
 * that waits to be killed.
 */
#ifndef TESTS_POOL_KIT_H
#define TESTS_POOL_KIT_H

#include "tests/unit/check.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/pool/pool_parts.h"

#define ORG_A "00Dxx0000000000EAA"
#define ORG_B "00Dxx0000000001EAA"

enum { STAND_INS = 8, PATIENCE_S = 20, LATER_MS = 3600000 };

/* ---- the pool and what it needs ---- */

struct stand_in {
    int fd, pid, pidfd;
    struct buf in;
};

static struct {
    struct loop loop;
    struct config config;
    struct declaration actions[2];
    struct declarations declarations;
    struct authorizations *authorizations;
    struct pool *pool;
    struct stand_in stand_ins[STAND_INS];
    int n, ready, worked;
} t;

/* What a caller was told. */
struct told {
    int times, status, org_calls;
    char code[64], text[600], api_usage[64], park_job[MESSAGE_JOB_ID + 1];
    int64_t queued_us, ran_us;
};

static inline void on_done(void *ctx, const struct pool_reply *r)
{
    struct told *told = ctx;
    told->times++;
    told->status = r->status;
    told->org_calls = r->org_calls;
    told->queued_us = r->queued_us;
    told->ran_us = r->ran_us;
    copy_span(told->code, sizeof told->code, r->code);
    copy_span(told->text, sizeof told->text, r->body.n ? r->body : span_of(r->err.message));
    copy_text(told->api_usage, sizeof told->api_usage, r->api_usage);
    copy_text(told->park_job, sizeof told->park_job, r->park_job);
}

static inline void on_worker_ready(void *ctx, int pid)
{
    (void)ctx;
    (void)pid;
    t.ready++;
}

static inline void on_worker_worked(void *ctx, int pid)
{
    (void)ctx;
    (void)pid;
    t.worked++;
}

static inline int set_up(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    t.config =
        (struct config){ .workers_min = 1, .workers_max = 4, .queue_max = 2, .org_calls_max = 4, .worker_idle_s = 60 };
    t.actions[0].operation_id = "first";
    t.actions[1].operation_id = "second";
    t.declarations = (struct declarations){ .v = t.actions, .n = 2 };
    t.authorizations = authorizations_new(NULL); /* without an add-on only a name that is none is answered */
    if (!loop_init(&t.loop))
        return -1;
    t.pool = pool_new(&t.loop, &t.config, &t.declarations, t.authorizations);
    pool_on_worker(t.pool, on_worker_ready, on_worker_worked, NULL);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    pool_free(t.pool);
    authorizations_free(t.authorizations);
    loop_fini(&t.loop);
    for (int i = 0; i < t.n; i++) {
        struct stand_in *s = &t.stand_ins[i];
        if (s->pid > 0) {
            kill(s->pid, SIGKILL);
            waitpid(s->pid, NULL, 0);
        }
        close(s->fd);
        close(s->pidfd);
        buf_free(&s->in);
    }
    return 0;
}

/* All that has been sent is there at once, so a turn needs no wait; the second one is for what the first has caused. */
static inline void turn(void)
{
    loop_turn(&t.loop, 0);
    loop_turn(&t.loop, 0);
}

/* ---- stand-ins ---- */

static inline int open_pidfd(int pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(fd >= 0);
    return fd;
}

/* A worker that has been started and has not said a word. */
static inline struct stand_in *started(void)
{
    assert_true(t.n < STAND_INS);
    struct stand_in *s = &t.stand_ins[t.n++];
    const struct timeval patience = { PATIENCE_S, 0 };
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close_range(3, ~0u, 0);
        for (;;)
            pause();
    }
    assert_true(pid > 0);
    *s = (struct stand_in){ .fd = pair[1], .pid = pid, .pidfd = open_pidfd(pid) };
    buf_init(&s->in, LIMIT_FRAME + FRAME_HEAD);
    assert_true(pool_add_worker(t.pool, pid, pair[0], open_pidfd(pid)));
    return s;
}

/* The end of the socket, as when the process is gone. A stand-in that was just forked may still hold a copy, so it does
 * not do to close it. */
static inline void hang_up(struct stand_in *s)
{
    assert_int_equal(shutdown(s->fd, SHUT_RDWR), 0);
}

static inline void say(struct stand_in *s, struct buf *b)
{
    assert_int_equal(send(s->fd, b->p, b->n, MSG_NOSIGNAL), b->n);
    buf_free(b);
    turn();
}

static inline void say_ready(struct stand_in *s)
{
    struct buf b;
    buf_init(&b, 1000);
    assert_true(message_ready_write(&b));
    say(s, &b);
}

static inline struct stand_in *idle(void)
{
    struct stand_in *s = started();
    say_ready(s);
    return s;
}

static inline void say_reply(struct stand_in *s, uint64_t call, const struct message_reply *m)
{
    struct buf b;
    buf_init(&b, LIMIT_FRAME);
    assert_true(message_reply_write(&b, call, m));
    say(s, &b);
}

static inline void say_ok(struct stand_in *s, uint64_t call)
{
    const struct message_reply m = { .status = 200, .body = { "{}", 2 }, .ran_us = 5 };
    say_reply(s, call, &m);
}

/* The next frame that the pool has sent; borrowed until the next one is heard. */
static inline struct frame heard(struct stand_in *s)
{
    struct frame f;
    bool bad;
    s->in.n = 0;
    for (;;) {
        struct span in = { s->in.p, s->in.n };
        if (frame_peek(in, LIMIT_FRAME, &f, &bad)) {
            assert_int_equal(s->in.n, FRAME_HEAD + f.payload.n);
            return f;
        }
        assert_false(bad);
        char *to = buf_room(&s->in, 4096);
        ssize_t n = recv(s->fd, to, 4096, 0);
        assert_true(n > 0);
        s->in.n += (size_t)n;
        loop_turn(&t.loop, 0); /* the rest of a long one */
    }
}

/* The number of the call that the stand-in has been given. */
static inline uint64_t given(struct stand_in *s, struct message_call *m)
{
    struct message_call unused;
    struct frame f = heard(s);
    assert_true(message_call_read(&f, m ? m : &unused));
    return f.call;
}

static inline bool has_nothing(struct stand_in *s)
{
    struct pollfd p = { .fd = s->fd, .events = POLLIN };
    return poll(&p, 1, 0) == 0;
}

/* The pool has closed its end. */
static inline bool is_left(struct stand_in *s)
{
    char c;
    return recv(s->fd, &c, 1, 0) <= 0;
}

/* The pool has closed its end and ended the process. */
static inline bool is_killed(struct stand_in *s)
{
    struct pollfd p = { .fd = s->pidfd, .events = POLLIN };
    int status = 0;
    if (!is_left(s) || poll(&p, 1, PATIENCE_S * 1000) != 1 || waitpid(s->pid, &status, 0) != s->pid)
        return false;
    s->pid = 0;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static inline bool is_alive(struct stand_in *s)
{
    struct pollfd p = { .fd = s->pidfd, .events = POLLIN };
    return poll(&p, 1, 0) == 0;
}

/* ---- callers ---- */

static inline struct pool_call call_of(const char *org)
{
    return (struct pool_call){ .action = &t.actions[1],
                               .request_id = span_of("request-id-of-twenty-and-more"),
                               .traceparent = span_of("00-trace"),
                               .org = { .id = span_of(org),
                                        .url = span_of("https://x.my.salesforce.com"),
                                        .api_version = span_of("62.0"),
                                        .user_id = span_of("005xx000001X8UzAAK"),
                                        .username = span_of("u@example.com"),
                                        .token = span_of("00D!token") },
                               .body = span_of("{\"a\":1}"),
                               .deadline_ms = clock_ms() + LATER_MS,
                               .now = 1795000000 };
}

static inline bool submit(const char *org, struct told *told)
{
    const struct pool_call c = call_of(org);
    struct err e;
    return pool_submit(t.pool, &c, on_done, told, &e);
}

#define IN_POOL(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
