/* listener_link.c - questions as frames, answers to the subscriptions that asked. */
#include "runtime/listener/listener_link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/events/subscription.h"
#include "runtime/pool/event_messages.h"
#include "runtime/pool/frame_inlet.h"

enum {
    OUT_MAX = 16 * LIMIT_FRAME, /* of frames that the jobs process has not read */
    KEEP_BUFFER = 256 * 1024,
    REST = 2048 /* of a frame of events beside these */
};

_Static_assert((int)GROUND_CLAIM == SUBSCRIPTION_CLAIM && (int)GROUND_RENEW == SUBSCRIPTION_RENEW &&
                   (int)GROUND_LOST == SUBSCRIPTION_LOST && (int)GROUND_RELEASE == SUBSCRIPTION_RELEASE,
               "questions are those of the frames");
_Static_assert((int)GROUND_OPENING == SUBSCRIPTION_OPENING && (int)GROUND_OPEN == SUBSCRIPTION_OPEN &&
                   (int)GROUND_FAILED == SUBSCRIPTION_FAILED,
               "states are those of the frames");
_Static_assert((int)GROUND_HELD == LEASE_HELD && (int)GROUND_OTHERS == LEASE_OTHERS &&
                   (int)GROUND_UNKNOWN == LEASE_UNKNOWN && (int)GROUND_LATEST == POSITION_LATEST &&
                   (int)GROUND_EARLIEST == POSITION_EARLIEST && (int)GROUND_AFTER == POSITION_AFTER,
               "leases are those of the frames");
_Static_assert((int)GROUND_KEPT == EVENTS_KEPT && (int)GROUND_AGAIN == EVENTS_AGAIN &&
                   (int)GROUND_REFUSED == EVENTS_REFUSED,
               "results are those of the frames");
_Static_assert((int)GROUND_OPEN_BATCHES == MESSAGE_EVENTS_OPEN && (int)GROUND_BATCH_BYTES == MESSAGE_EVENTS &&
                   (int)EVENT_BATCH == MESSAGE_EVENTS_MAX && (int)EVENT_REPLAY_ID == MESSAGE_REPLAY_ID &&
                   (int)EVENT_TOPIC == MESSAGE_TOPIC && (int)EVENT_REASON == MESSAGE_REASON + 1 &&
                   (int)SUBSCRIPTION_RENEWAL_MS == SUBSCRIPTION_RENEW_MS,
               "bounds are those of the frames");

struct asked {
    uint64_t number; /* 0 = vacant */
    enum frame_kind answer;
    struct subscription *who;
    uint64_t round;
    int64_t due_ms;
};

struct listener_link {
    struct loop *loop;
    struct watch watch; /* fd -1 = there is no jobs process */
    struct buf in, out;
    size_t sent;
    bool writing, broken; /* broken: told in the next turn */
    struct ground ground;
    struct asked asked[LISTENER_LINK_OPEN];
    uint64_t numbers;
    listener_link_lost_fn *lost;
    void *ctx;
};

/* ---- the socket ---- */

static void drop(struct listener_link *l)
{
    if (l->watch.fd >= 0) {
        loop_remove(l->loop, &l->watch);
        close(l->watch.fd);
        l->watch.fd = -1;
    }
    buf_wipe(&l->in);
    buf_wipe(&l->out);
    buf_free(&l->in);
    buf_free(&l->out);
    l->sent = 0;
    l->writing = l->broken = false;
    memset(l->asked, 0, sizeof l->asked);
}

static void lose(struct listener_link *l, const char *why)
{
    if (l->watch.fd < 0)
        return;
    if (why)
        log_event(LOG_WARN, "jobs-link-lost", "why", why, NULL);
    drop(l);
    l->lost(l->ctx);
}

static void flush(struct listener_link *l)
{
    if (!loop_send(l->loop, &l->watch, &l->out, &l->sent, &l->writing))
        l->broken = true; /* a subscription may be on the stack */
    else if (l->out.n == 0 && l->out.cap > KEEP_BUFFER)
        buf_free(&l->out);
}

/* ---- questions ---- */

static struct asked *vacant(struct listener_link *l)
{
    for (int i = 0; i < LISTENER_LINK_OPEN; i++)
        if (l->asked[i].number == 0)
            return &l->asked[i];
    return NULL;
}

/* Where the answer will go. NULL: there is nobody to ask. */
static struct asked *begin(struct listener_link *l, struct subscription *who, uint64_t round, enum frame_kind answer)
{
    struct asked *a = l->watch.fd >= 0 && !l->broken ? vacant(l) : NULL;
    if (a)
        *a = (struct asked){ ++l->numbers, answer, who, round, clock_ms() + LISTENER_LINK_ANSWER_MS };
    return a;
}

/* The frame was written, or did not fit. */
static bool finish(struct listener_link *l, struct asked *a, bool written)
{
    if (written) {
        flush(l);
        return true;
    }
    l->broken = true; /* what did not fit is in pieces */
    a->number = 0;
    return false;
}

static bool ask_session(void *ctx, struct subscription *s, uint64_t round, const char *connection, const char *stale)
{
    struct listener_link *l = ctx;
    const struct message_authorization_question m = { span_of(connection), span_of(stale) };
    struct asked *a = begin(l, s, round, FRAME_AUTHORIZATION_ANSWER);
    return a && finish(l, a, message_authorization_question_write(&l->out, a->number, &m));
}

static bool ask_lease(void *ctx, struct subscription *s, uint64_t round, const struct ground_question *q)
{
    struct listener_link *l = ctx;
    const struct message_subscription_question m = { .what = q->what,
                                                     .connection = span_of(q->connection),
                                                     .topic = span_of(q->topic),
                                                     .org = span_of(q->org),
                                                     .fence = q->fence,
                                                     .state = q->state,
                                                     .reason = span_of(q->reason),
                                                     .received = q->received,
                                                     .unreadable = q->unreadable,
                                                     .reconnects = q->reconnects,
                                                     .waiting = q->waiting };
    struct asked *a = begin(l, s, round, FRAME_SUBSCRIPTION_ANSWER);
    return a && finish(l, a, message_subscription_question_write(&l->out, a->number, &m));
}

static bool keep(void *ctx, struct subscription *s, uint64_t round, const struct ground_batch *b)
{
    struct listener_link *l = ctx;
    const struct message_events m = { .connection = span_of(b->connection),
                                      .topic = span_of(b->topic),
                                      .org = span_of(b->org),
                                      .fence = b->fence,
                                      .count = b->count,
                                      .latest = b->latest,
                                      .events = b->packed };
    bool room = b->packed.n + REST <= OUT_MAX - l->out.n; /* else many streams wait for one slow database */
    struct asked *a = room ? begin(l, s, round, FRAME_EVENTS_ANSWER) : NULL;
    return a && finish(l, a, message_events_write(&l->out, a->number, &m));
}

/* ---- answers ---- */

static void on_session(const struct asked *a, const struct message_authorization_answer *m)
{
    char why[MESSAGE_TEXT + 1];
    struct org_session session = { .authorization = "" };
    copy_span(why, sizeof why, m->text);
    if (m->granted)
        org_texts_copy(&m->org, &session);
    subscription_on_session(a->who, a->round, m->granted ? &session : NULL, why);
    bytes_wipe(&session, sizeof session);
}

static void on_lease(const struct asked *a, const struct message_subscription_answer *m)
{
    const struct ground_answer answer = { (enum ground_lease)m->lease, m->fence, (enum ground_position)m->position,
                                          m->replay_id };
    subscription_on_lease(a->who, a->round, &answer);
}

/* False: it is no answer to anything that was asked. */
static bool on_frame(void *ctx, const struct frame *f)
{
    struct listener_link *l = ctx;
    struct message_authorization_answer session;
    struct message_subscription_answer lease;
    struct message_events_answer kept;
    struct asked a = { .number = 0 };
    for (int i = 0; i < LISTENER_LINK_OPEN && f->call && !a.number; i++)
        if (l->asked[i].number == f->call) {
            a = l->asked[i];
            l->asked[i].number = 0;
        }
    if (!a.number || f->kind != a.answer)
        return false;
    if (message_authorization_answer_read(f, &session))
        on_session(&a, &session);
    else if (message_subscription_answer_read(f, &lease))
        on_lease(&a, &lease);
    else if (message_events_answer_read(f, &kept))
        subscription_on_kept(a.who, a.round, (enum ground_result)kept.result);
    else
        return false;
    return true;
}

static void on_socket(struct watch *w, unsigned events)
{
    struct listener_link *l = w->owner;
    const char *why;
    if (events & EPOLLOUT)
        flush(l);
    if (l->watch.fd >= 0 && !inlet_hear(&l->watch, &l->in, on_frame, l, &why))
        lose(l, why);
}

/* ---- the link ---- */

struct listener_link *listener_link_new(struct loop *loop, listener_link_lost_fn *lost, void *ctx)
{
    struct listener_link *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->loop = loop;
    l->lost = lost;
    l->ctx = ctx;
    l->watch.fd = -1;
    l->ground = (struct ground){ ask_session, ask_lease, keep, l };
    buf_init(&l->in, LIMIT_FRAME + 64 * 1024);
    buf_init(&l->out, OUT_MAX);
    return l;
}

void listener_link_free(struct listener_link *l)
{
    if (!l)
        return;
    drop(l);
    free(l);
}

void listener_link_take(struct listener_link *l, int fd)
{
    bool had = l->watch.fd >= 0;
    drop(l);
    l->watch = (struct watch){ .fd = fd, .fn = on_socket, .owner = l };
    if (!loop_add(l->loop, &l->watch, EPOLLIN)) {
        log_event(LOG_ERROR, "jobs-link-lost", "why", "the kernel refuses to watch its socket", NULL);
        close(fd);
        l->watch.fd = -1;
    }
    if (had)
        l->lost(l->ctx);
}

bool listener_link_is_open(const struct listener_link *l)
{
    return l->watch.fd >= 0;
}

const struct ground *listener_link_ground(const struct listener_link *l)
{
    return &l->ground;
}

void listener_link_work(struct listener_link *l, int64_t now_ms)
{
    if (l->broken)
        lose(l, "it does not read what it is sent");
    for (int i = 0; i < LISTENER_LINK_OPEN && l->watch.fd >= 0; i++)
        if (l->asked[i].number && now_ms >= l->asked[i].due_ms)
            lose(l, "it does not answer in time");
}

int listener_link_timeout_ms(const struct listener_link *l, int64_t now_ms)
{
    int64_t next = 0;
    if (l->broken)
        return 0;
    for (int i = 0; i < LISTENER_LINK_OPEN; i++)
        if (l->asked[i].number && (!next || l->asked[i].due_ms < next))
            next = l->asked[i].due_ms;
    return next ? ms_until(next, now_ms) : -1;
}
