/* pool.c - workers, the queue in front of them, deadlines. */
#include "runtime/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/breaker.h"
#include "runtime/frame.h"
#include "runtime/log.h"

enum {
    GROW_AFTER_MS = 5,   /* a call has waited this long before another worker is wanted */
    OUT_MAX = 2 * LIMIT_FRAME,
    KEEP_BUFFER = 256 * 1024,
    BREAKERS = 1024,
    RETIRE_MS = 250,     /* between two looks at idle workers */
    ACTION_BREAKER_MS = 30000
};

/* A call on its way: waiting in the queue, or running in a worker. */
struct ticket {
    uint64_t id;
    const struct declaration *action;
    char request_id[LIMIT_REQUEST_ID + 1], org_id[SF_ID_SIZE];
    struct buf frame; /* FRAME_CALL, wiped after it was sent */
    int64_t queued_us, started_us, deadline_ms;
    pool_done_fn *done;
    void *ctx;
    struct ticket *next;
};

enum worker_state { VACANT, STARTING, IDLE, BUSY, LEAVING };

struct worker_slot {
    struct pool *pool;
    struct watch watch;
    enum worker_state state;
    int pid, pidfd;
    uint64_t generation; /* tells one worker of the slot from the next */
    struct buf in, out;
    size_t sent;
    bool writing; /* EPOLLOUT is on */
    struct ticket *ticket;
    int64_t idle_since_ms;
};

struct pool {
    struct loop *loop;
    const struct config *config;
    const struct declarations *declarations;
    struct addon *addon;
    struct cache *cache;
    struct breakers *breakers;
    struct worker_slot *slots;
    int nslots;
    int *idle, nidle; /* a stack: the last to become idle is the first to be used, so that others can retire */
    struct ticket *head, **tail;
    int waiting, wanted;
    uint64_t calls, generations;
    int64_t next_retire_ms;
    void (*on_ready)(void *ctx, int pid);
    void *on_ready_ctx;
};

struct pool *pool_new(struct loop *loop, const struct config *c, const struct declarations *d, struct addon *addon)
{
    struct pool *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    *p = (struct pool){ .loop = loop, .config = c, .declarations = d, .addon = addon, .nslots = 2 * c->workers_max + 2, .wanted = c->workers_min };
    p->slots = calloc((size_t)p->nslots, sizeof *p->slots);
    p->idle = calloc((size_t)p->nslots, sizeof *p->idle);
    p->cache = cache_new(LIMIT_CACHE_BYTES);
    p->breakers = breakers_new(BREAKERS);
    p->tail = &p->head;
    if (!p->slots || !p->idle || !p->cache || !p->breakers)
        abort();
    return p;
}

void pool_on_ready(struct pool *p, void (*fn)(void *ctx, int pid), void *ctx)
{
    p->on_ready = fn;
    p->on_ready_ctx = ctx;
}

static void ticket_free(struct ticket *t)
{
    buf_wipe(&t->frame);
    buf_free(&t->frame);
    free(t);
}

static void settle(struct ticket *t, struct pool_reply *r)
{
    int64_t now = clock_us();
    r->queued_us = (t->started_us ? t->started_us : now) - t->queued_us;
    if (!r->ran_us && t->started_us)
        r->ran_us = now - t->started_us;
    t->done(t->ctx, r);
    ticket_free(t);
}

/* Ends a ticket with an answer of the host's own. */
static void settle_error(struct ticket *t, int status, const char *code, const char *message)
{
    struct pool_reply r = { .status = status };
    err_set(&r.err, status, code, "%s", message);
    r.code = span_of(r.err.code);
    settle(t, &r);
}

/* ---- slots ---- */

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

static void slot_close(struct worker_slot *w)
{
    if (w->state == IDLE)
        remove_idle(w->pool, index_of(w));
    loop_remove(w->pool->loop, &w->watch);
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

/* The worker is no more, or must not be trusted any longer. */
static void slot_lost(struct worker_slot *w, const char *why)
{
    struct ticket *t = w->ticket;
    bool left = w->state == LEAVING && !t; /* as it had said it would */
    if (!left) {
        log_gone(w, why);
        slot_kill(w);
    }
    slot_close(w);
    if (t)
        settle_error(t, 502, "action_crashed", "The action ended without an answer. Other calls are not affected; report the request id.");
}

static void give_next(struct worker_slot *w);

static void become_idle(struct worker_slot *w)
{
    w->state = IDLE;
    w->idle_since_ms = clock_ms();
    w->pool->idle[w->pool->nidle++] = index_of(w);
    give_next(w);
}

/* ---- writing ---- */

static bool flush(struct worker_slot *w)
{
    while (w->sent < w->out.n) {
        ssize_t n = send(w->watch.fd, w->out.p + w->sent, w->out.n - w->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (n < 0)
            return false;
        w->sent += (size_t)n;
    }
    bool more = w->sent < w->out.n;
    if (more != w->writing) {
        loop_change(w->pool->loop, &w->watch, EPOLLIN | (more ? EPOLLOUT : 0u));
        w->writing = more;
    }
    if (!more) {
        size_t cap = w->out.cap;
        buf_wipe(&w->out);
        if (cap > KEEP_BUFFER)
            buf_free(&w->out);
        w->sent = 0;
    }
    return true;
}

/* ---- the queue ---- */

/* Calls of an org that run now. The table is small; a scan is cheaper than keeping counts right. */
static int running_of(const struct pool *p, const char *org_id)
{
    int n = 0;
    for (int i = 0; i < p->nslots; i++)
        if (p->slots[i].ticket && strcmp(p->slots[i].ticket->org_id, org_id) == 0)
            n++;
    return n;
}

static void unlink_ticket(struct pool *p, struct ticket **link)
{
    struct ticket *t = *link;
    *link = t->next;
    if (p->tail == &t->next)
        p->tail = link;
    t->next = NULL;
    p->waiting--;
}

/* First waiting call whose org is below its cap. */
static struct ticket *next_ticket(struct pool *p)
{
    for (struct ticket **link = &p->head; *link; link = &(*link)->next) {
        struct ticket *t = *link;
        if (running_of(p, t->org_id) < p->config->org_calls_max) {
            unlink_ticket(p, link);
            return t;
        }
    }
    return NULL;
}

static void push_back(struct pool *p, struct ticket *t)
{
    t->next = NULL;
    *p->tail = t;
    p->tail = &t->next;
    p->waiting++;
}

static void push_front(struct pool *p, struct ticket *t)
{
    t->next = p->head;
    p->head = t;
    if (p->tail == &p->head)
        p->tail = &t->next;
    p->waiting++;
}

/* Whether the org's breaker lets this call talk to the org; told to the worker, as not every action needs the org. */
static bool org_blocked(struct pool *p, const struct ticket *t)
{
    char name[40];
    snprintf(name, sizeof name, "org:%s", t->org_id);
    return !breaker_allow(breakers_get(p->breakers, name), clock_ms());
}

static bool hand_over(struct worker_slot *w, struct ticket *t)
{
    struct pool *p = w->pool;
    t->frame.p[t->frame.n - 1] = org_blocked(p, t); /* the frame's last byte is that flag */
    remove_idle(p, index_of(w));
    w->state = BUSY;
    w->ticket = t;
    t->started_us = clock_us();
    if (!buf_add(&w->out, t->frame.p, t->frame.n) || !flush(w)) {
        /* EPIPE: the worker died while idle, so the call was not started. */
        w->ticket = NULL;
        t->started_us = 0;
        push_front(p, t);
        slot_lost(w, "gone before a call");
        return false;
    }
    buf_wipe(&t->frame);
    buf_free(&t->frame);
    return true;
}

static void give_next(struct worker_slot *w)
{
    struct ticket *t = w->pool->head ? next_ticket(w->pool) : NULL;
    if (t)
        (void)hand_over(w, t);
}

static void feed_idle(struct pool *p)
{
    while (p->head && p->nidle > 0) {
        struct ticket *t = next_ticket(p);
        if (!t)
            return;
        (void)hand_over(&p->slots[p->idle[p->nidle - 1]], t);
    }
}

static bool encode(struct buf *b, uint64_t id, size_t action, const struct pool_call *c)
{
    size_t at = frame_begin(b, FRAME_CALL, 0, id);
    frame_number(b, (int64_t)action);
    frame_number(b, c->deadline_ms);
    frame_number(b, c->now);
    const struct span fields[] = { c->request_id, c->traceparent, c->org_id, c->org_url, c->api_version,
                                   c->user_id, c->username, c->access_token, c->body };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        frame_field(b, fields[i]);
    buf_char(b, '\0'); /* org blocked? filled in when a worker is found */
    return frame_end(b, at);
}

bool pool_submit(struct pool *p, const struct pool_call *c, pool_done_fn *done, void *ctx, struct err *e)
{
    bool direct = p->nidle > 0 && !p->head;
    if (!direct && p->waiting >= p->config->queue_max) {
        err_set(e, 503, "busy", "All workers are busy and %d calls wait already. Try again in a moment.", p->waiting);
        e->retry_after_s = 1;
        return false;
    }
    struct ticket *t = calloc(1, sizeof *t);
    if (!t) {
        err_set(e, 503, "busy", "The host has no memory left for this call. Try again in a moment.");
        e->retry_after_s = 1;
        return false;
    }
    t->id = ++p->calls;
    t->action = c->action;
    t->queued_us = clock_us();
    t->deadline_ms = c->deadline_ms;
    t->done = done;
    t->ctx = ctx;
    copy_span(t->request_id, sizeof t->request_id, c->request_id);
    copy_span(t->org_id, sizeof t->org_id, c->org_id);
    buf_init(&t->frame, LIMIT_FRAME);
    if (!encode(&t->frame, t->id, (size_t)(c->action - p->declarations->v), c)) {
        ticket_free(t);
        return err_set(e, 413, "body_too_large", "The request is larger than the host can pass on.");
    }
    push_back(p, t);
    if (direct)
        feed_idle(p);
    return true;
}

/* ---- what workers send ---- */

static void answer(struct worker_slot *w, size_t begun)
{
    if (!frame_end(&w->out, begun) || !flush(w))
        slot_lost(w, "cannot be answered");
}

static bool valid_code(struct span code)
{
    if (code.n >= sizeof((struct err *)0)->code)
        return false;
    for (size_t i = 0; i < code.n; i++)
        if (!(code.p[i] >= 'a' && code.p[i] <= 'z') && !(code.p[i] >= '0' && code.p[i] <= '9') && code.p[i] != '_')
            return false;
    return true;
}

static bool on_reply(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct pool_reply r = { .status = head->status };
    int64_t outcome, org_calls, leaving;
    struct ticket *t = w->ticket;
    if (!t || head->call != t->id || (head->status != 200 && (head->status < 400 || head->status > 599)))
        return false;
    if (!frame_take(&payload, &r.code) || !frame_take(&payload, &r.body) || !frame_take_number(&payload, &outcome) ||
        !frame_take_number(&payload, &org_calls) || !frame_take_text(&payload, r.api_usage, sizeof r.api_usage) ||
        !frame_take_number(&payload, &r.ran_us) || !frame_take_number(&payload, &leaving) || payload.n || !valid_code(r.code) ||
        r.body.n > LIMIT_REPLY)
        return false;
    r.org_calls = (int)org_calls;
    if (outcome != ORG_UNUSED) {
        char name[40];
        snprintf(name, sizeof name, "org:%s", t->org_id);
        breaker_report(breakers_get(w->pool->breakers, name), outcome == ORG_OK, clock_ms());
    }
    w->ticket = NULL;
    settle(t, &r); /* first: the body lies in this worker's buffer */
    if (leaving)
        w->state = LEAVING;
    else
        become_idle(w);
    return true;
}

static bool on_ask_cache(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct span key, value = { "", 0 };
    int64_t age = 0;
    if (!frame_take(&payload, &key) || payload.n)
        return false;
    bool found = cache_get(w->pool->cache, key, clock_ms(), &value, &age);
    size_t at = frame_begin(&w->out, FRAME_ANSWER, found, head->call);
    frame_field(&w->out, value);
    frame_number(&w->out, age);
    answer(w, at);
    return true;
}

static bool on_put_cache(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct span key, value;
    int64_t ttl;
    (void)head;
    if (!frame_take(&payload, &key) || !frame_take(&payload, &value) || !frame_take_number(&payload, &ttl) || payload.n)
        return false;
    (void)cache_put(w->pool->cache, key, value, ttl < 1 ? 0 : ttl > LIMIT_CACHE_TTL_S ? LIMIT_CACHE_TTL_S : (int)ttl, clock_ms());
    return true;
}

/* Who asked for an authorization; the worker may be gone when the answer comes. */
struct asker {
    struct worker_slot *slot;
    uint64_t generation, call;
};

static void on_authorization(void *ctx, const struct sf_org *org, const struct err *e)
{
    struct asker *a = ctx;
    struct worker_slot *w = a->slot;
    if (w->state != VACANT && w->generation == a->generation) {
        size_t at = frame_begin(&w->out, FRAME_ANSWER, org != NULL, a->call);
        if (org) {
            const char *fields[] = { org->id, org->url, org->api_version, org->user_id, org->username, org->token };
            for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
                frame_field(&w->out, span_of(fields[i]));
        } else {
            frame_number(&w->out, e->status);
            frame_field(&w->out, span_of(e->code));
            frame_field(&w->out, span_of(e->message));
        }
        answer(w, at);
    }
    free(a);
}

static bool on_ask_authorization(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    char name[81], stale[LIMIT_ACCESS_TOKEN];
    if (!frame_take_text(&payload, name, sizeof name) || !frame_take_text(&payload, stale, sizeof stale) || payload.n)
        return false;
    struct asker *a = malloc(sizeof *a);
    if (!a)
        return false;
    *a = (struct asker){ w, w->generation, head->call };
    addon_authorization(w->pool->addon, name, stale, on_authorization, a);
    bytes_wipe(stale, sizeof stale);
    return true;
}

/* Breakers of actions have names of their own, so that they cannot touch the orgs'. */
static bool action_breaker(struct worker_slot *w, struct span *payload, struct breaker **b)
{
    char name[120], full[128];
    if (!frame_take_text(payload, name, sizeof name))
        return false;
    snprintf(full, sizeof full, "act:%s", name);
    *b = breakers_get(w->pool->breakers, full);
    (*b)->interval_ms = ACTION_BREAKER_MS;
    return true;
}

static bool on_ask_breaker(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct breaker *b;
    if (!action_breaker(w, &payload, &b) || payload.n)
        return false;
    size_t at = frame_begin(&w->out, FRAME_ANSWER, breaker_allow(b, clock_ms()), head->call);
    answer(w, at);
    return true;
}

static bool on_tell_breaker(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    struct breaker *b;
    int64_t ok;
    (void)head;
    if (!action_breaker(w, &payload, &b) || !frame_take_number(&payload, &ok) || payload.n)
        return false;
    breaker_report(b, ok != 0, clock_ms());
    return true;
}

static bool on_ready(struct worker_slot *w, const struct frame_head *head, struct span payload)
{
    (void)head;
    if (w->state != STARTING || payload.n)
        return false;
    if (w->pool->on_ready)
        w->pool->on_ready(w->pool->on_ready_ctx, w->pid);
    become_idle(w);
    return true;
}

static bool (*const handlers[FRAME_KINDS])(struct worker_slot *, const struct frame_head *, struct span) = {
    [FRAME_READY] = on_ready,
    [FRAME_REPLY] = on_reply,
    [FRAME_ASK_CACHE] = on_ask_cache,
    [FRAME_PUT_CACHE] = on_put_cache,
    [FRAME_ASK_AUTHORIZATION] = on_ask_authorization,
    [FRAME_ASK_BREAKER] = on_ask_breaker,
    [FRAME_TELL_BREAKER] = on_tell_breaker,
};

/* Handles all whole frames in w->in. False: the worker is lost. */
static bool on_frames(struct worker_slot *w)
{
    uint64_t generation = w->generation;
    size_t at = 0;
    struct frame_head head;
    struct span payload;
    bool bad;
    while (frame_peek((struct span){ w->in.p + at, w->in.n - at }, LIMIT_FRAME, &head, &payload, &bad)) {
        if (!handlers[head.kind] || !handlers[head.kind](w, &head, payload)) {
            slot_lost(w, "sent what it must not");
            return false;
        }
        if (w->state == VACANT || w->generation != generation)
            return false;
        at += sizeof head + head.n;
    }
    if (bad) {
        slot_lost(w, "sent no frame");
        return false;
    }
    memmove(w->in.p, w->in.p + at, w->in.n - at);
    w->in.n -= at;
    if (w->in.n == 0 && w->in.cap > KEEP_BUFFER)
        buf_free(&w->in);
    return true;
}

static void on_worker(struct watch *watch, unsigned events)
{
    struct worker_slot *w = watch->owner;
    if ((events & EPOLLOUT) && !flush(w)) {
        slot_lost(w, "cannot be written to");
        return;
    }
    for (;;) {
        char *to = buf_room(&w->in, 16 * 1024);
        if (!to) {
            slot_lost(w, "sent too much");
            return;
        }
        ssize_t n = recv(w->watch.fd, to, 16 * 1024, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n <= 0) {
            slot_lost(w, "crashed");
            return;
        }
        w->in.n += (size_t)n;
        if (!on_frames(w) || n < 16 * 1024)
            return;
    }
}

void pool_add_worker(struct pool *p, int pid, int socket, int pidfd)
{
    for (int i = 0; i < p->nslots; i++) {
        struct worker_slot *w = &p->slots[i];
        if (w->state != VACANT)
            continue;
        *w = (struct worker_slot){ .pool = p, .watch = { .fd = socket, .fn = on_worker, .owner = w }, .state = STARTING,
                                   .pid = pid, .pidfd = pidfd, .generation = ++p->generations };
        buf_init(&w->in, LIMIT_FRAME + 64 * 1024);
        buf_init(&w->out, OUT_MAX);
        if (loop_add(p->loop, &w->watch, EPOLLIN))
            return;
        w->state = VACANT;
        break;
    }
    log_event(LOG_ERROR, "worker-not-added", NULL);
    close(socket);
    close(pidfd);
}

/* ---- time ---- */

static void end_overdue_waiting(struct pool *p, int64_t now_ms)
{
    for (struct ticket **link = &p->head; *link;) {
        struct ticket *t = *link;
        if (t->deadline_ms > now_ms) {
            link = &t->next;
            continue;
        }
        unlink_ticket(p, link);
        settle_error(t, 504, "deadline_exceeded", "No worker was free in time. Nothing was done; try again.");
    }
}

static void end_overdue_running(struct pool *p, int64_t now_ms)
{
    for (int i = 0; i < p->nslots; i++) {
        struct worker_slot *w = &p->slots[i];
        if (!w->ticket || w->ticket->deadline_ms > now_ms)
            continue;
        struct ticket *t = w->ticket;
        log_gone(w, "deadline");
        w->ticket = NULL;
        w->state = LEAVING;
        slot_kill(w);
        slot_close(w);
        settle_error(t, 504, "deadline_exceeded", "The action did not end in time and was stopped. What it had already written to the org stays.");
    }
}

static int alive(const struct pool *p, bool starting_only)
{
    int n = 0;
    for (int i = 0; i < p->nslots; i++) {
        enum worker_state s = p->slots[i].state;
        n += starting_only ? s == STARTING : s != VACANT && s != LEAVING;
    }
    return n;
}

/* One more worker while a call waits and none is on its way; one less after a time of idleness. */
static void resize(struct pool *p, int64_t now_ms)
{
    bool hungry = p->head && clock_us() - p->head->queued_us > GROW_AFTER_MS * 1000 && p->nidle == 0;
    if (hungry && p->wanted < p->config->workers_max && alive(p, false) >= p->wanted && alive(p, true) == 0)
        p->wanted++;
    if (now_ms < p->next_retire_ms)
        return;
    p->next_retire_ms = now_ms + RETIRE_MS;
    if (p->nidle == 0)
        return;
    struct worker_slot *oldest = &p->slots[p->idle[0]];
    if (alive(p, false) > p->wanted)
        slot_close(oldest); /* it leaves when it reads the end of its socket */
    else if (p->wanted > p->config->workers_min && now_ms - oldest->idle_since_ms >= (int64_t)p->config->worker_idle_s * 1000)
        p->wanted--; /* the master learns of it before the worker ends, so that it sends no other */
}

void pool_work(struct pool *p, int64_t now_ms)
{
    end_overdue_waiting(p, now_ms);
    end_overdue_running(p, now_ms);
    feed_idle(p);
    resize(p, now_ms);
}

int pool_timeout_ms(const struct pool *p, int64_t now_ms)
{
    int64_t next = p->wanted > p->config->workers_min || alive(p, false) > p->wanted ? p->next_retire_ms : INT64_MAX;
    if (p->head && p->wanted < p->config->workers_max && now_ms + GROW_AFTER_MS < next)
        next = now_ms + GROW_AFTER_MS;
    for (const struct ticket *t = p->head; t; t = t->next)
        next = t->deadline_ms < next ? t->deadline_ms : next;
    for (int i = 0; i < p->nslots; i++)
        if (p->slots[i].ticket && p->slots[i].ticket->deadline_ms < next)
            next = p->slots[i].ticket->deadline_ms;
    if (next == INT64_MAX)
        return -1;
    return next <= now_ms ? 0 : next - now_ms > 60000 ? 60000 : (int)(next - now_ms);
}

int pool_wanted(const struct pool *p)
{
    return p->wanted;
}

int pool_ready(const struct pool *p)
{
    return alive(p, false) - alive(p, true);
}

int pool_running(const struct pool *p)
{
    int n = 0;
    for (int i = 0; i < p->nslots; i++)
        n += p->slots[i].ticket != NULL;
    return n;
}

int pool_waiting(const struct pool *p)
{
    return p->waiting;
}

bool pool_full(const struct pool *p)
{
    return p->waiting >= p->config->queue_max;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->nslots; i++)
        if (p->slots[i].state != VACANT)
            slot_close(&p->slots[i]);
    while (p->head) {
        struct ticket *t = p->head;
        p->head = t->next;
        ticket_free(t);
    }
    cache_free(p->cache);
    breakers_free(p->breakers);
    free(p->slots);
    free(p->idle);
    free(p);
}
