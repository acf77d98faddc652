/*
 * events_feed.h - the events side of the jobs process with a listener in the same program: for tools that need neither
 * Pub/Sub nor the add-on. A session is made of the connection's name.
 */
#ifndef TESTS_EVENTS_FEED_H
#define TESTS_EVENTS_FEED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/system.h"
#include "runtime/events/event_pack.h"
#include "runtime/runner/events.h"

#define FEED_TOPIC "/data/OpportunityChangeEvent"
#define FEED_ORG "00Dxx0000001gPLEAY"

struct feed {
    struct loop loop;
    struct queue *queue;
    struct events *events;
    struct front_link *link;
    struct declarations declarations;
    int fd;
    int64_t fence;
    char owner[QUEUE_OWNER_SIZE];
    char position[MESSAGE_REPLAY_ID + 1]; /* where to go on; "" = at the beginning */
    char *heard;
};

/* The add-on: in place of access/, which asks it over HTTP. */
void authorizations_get(struct authorizations *a, const char *name, const char *stale, authorization_fn *done,
                        void *ctx)
{
    struct org_session s = { .url = "https://o.my.salesforce.com", .api_version = "62.0", .token = "secret" };
    (void)a, (void)stale;
    copy_text(s.id, sizeof s.id, FEED_ORG);
    copy_text(s.user_id, sizeof s.user_id, "005xx000001X8UzAAK");
    copy_text(s.username, sizeof s.username, "events@example.com");
    copy_text(s.authorization, sizeof s.authorization, name);
    done(ctx, &s, NULL);
}

static void feed_must(bool ok, const char *what, const struct feed *f)
{
    if (ok)
        return;
    fprintf(stderr, "events feed: %s: %s\n", what, f && f->queue ? queue_why(f->queue) : "");
    exit(1);
}

static void feed_open(struct feed *f, const char *where)
{
    int pair[2];
    struct buf faults;
    bool server = strncmp(where, "postgres", 8) == 0;
    const struct queue_settings s = { .database_url = server ? where : NULL, .path = where, .poll_ms = 1000 };
    memset(f, 0, sizeof *f);
    buf_init(&faults, 1 << 16);
    feed_must(declarations_load(&f->declarations, &faults), "declarations", NULL);
    buf_free(&faults);
    f->queue = queue_new(&s);
    while (queue_open_now(f->queue, 30000, NULL) != QUEUE_OK)
        fprintf(stderr, "events feed: %s\n", queue_why(f->queue));
    feed_must(queue_owner((int)getpid(), f->owner) && loop_init(&f->loop), "start", f);
    feed_must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair", f);
    f->fd = pair[0];
    f->heard = malloc(LIMIT_FRAME);
    const struct events_parts p = { f->queue, &f->declarations, NULL, f->owner, 7 };
    f->events = events_new(&p);
    f->link = frame_link_new(&f->loop, pair[1], events_hear, f->events);
    events_link(f->events, f->link);
}

static void feed_close(struct feed *f)
{
    front_link_free(f->link);
    events_free(f->events);
    close(f->fd);
    loop_fini(&f->loop);
    queue_free(f->queue);
    declarations_free(&f->declarations);
    free(f->heard);
}

/* Sends the frames and reads the one that comes back. */
static struct frame feed_say(struct feed *f, struct buf *b)
{
    struct frame frame;
    bool bad;
    size_t n = 0, at = 0;
    feed_must(!b->failed, "a frame does not fit", f);
    for (;;) {
        ssize_t put = at < b->n ? send(f->fd, b->p + at, b->n - at, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
        at += put > 0 ? (size_t)put : 0;
        loop_turn(&f->loop, n == 0 ? 0 : 5);
        ssize_t got = recv(f->fd, f->heard + n, LIMIT_FRAME - n, MSG_DONTWAIT);
        feed_must(got != 0, "the link was given up", f);
        n += got > 0 ? (size_t)got : 0;
        if (n > 0 && frame_peek((struct span){ f->heard, n }, LIMIT_FRAME, &frame, &bad))
            break;
    }
    buf_free(b);
    return frame;
}

/* False: somebody else has it. */
static bool feed_claim(struct feed *f)
{
    const struct message_subscription_question q = { .what = SUBSCRIPTION_CLAIM,
                                                     .connection = span_of("sandbox"),
                                                     .topic = span_of(FEED_TOPIC),
                                                     .org = span_of(FEED_ORG),
                                                     .reason = span_of("") };
    struct message_subscription_answer a;
    struct buf b;
    buf_init(&b, LIMIT_FRAME);
    feed_must(message_subscription_question_write(&b, 1, &q), "claim", f);
    struct frame frame = feed_say(f, &b);
    feed_must(message_subscription_answer_read(&frame, &a), "answer to a claim", f);
    f->fence = a.fence;
    copy_span(f->position, sizeof f->position, a.replay_id);
    return a.lease == LEASE_HELD;
}

/* False: nothing of it was kept. */
static bool feed_events(struct feed *f, const struct event *v, size_t n, const char *latest,
                        struct message_events_answer *a)
{
    static struct buf packed;
    struct buf b;
    if (!packed.max)
        buf_init(&packed, MESSAGE_EVENTS);
    packed.n = 0;
    buf_init(&b, LIMIT_FRAME);
    for (size_t i = 0; i < n; i++)
        feed_must(event_pack(&packed, &v[i]), "pack", f);
    const struct message_events m = { span_of("sandbox"), span_of(FEED_TOPIC), span_of(FEED_ORG),     f->fence,
                                      (int64_t)n,         span_of(latest),     { packed.p, packed.n } };
    feed_must(message_events_write(&b, 2, &m), "events", f);
    struct frame frame = feed_say(f, &b);
    feed_must(message_events_answer_read(&frame, a), "answer to events", f);
    return a->result == EVENTS_KEPT;
}

/* The event number i: of a transaction and a record of its own making, its texts in `texts`. */
struct feed_texts {
    char id[40], key[60], record[48], replay[24];
};
static struct event feed_event(long i, long transaction, struct feed_texts *texts)
{
    snprintf(texts->id, sizeof texts->id, "e-%ld", i);
    snprintf(texts->key, sizeof texts->key, "0002343d-0000-0000-0000-%012ld", transaction);
    snprintf(texts->record, sizeof texts->record, "[\"006xx%010ldAAA\"]", i);
    snprintf(texts->replay, sizeof texts->replay, "%ld", i);
    return (struct event){ .id = span_of(texts->id),
                           .replay_id = span_of(texts->replay),
                           .header = { .change = EVENT_CREATE,
                                       .entity = span_of("Opportunity"),
                                       .transaction_key = span_of(texts->key),
                                       .commit_ms = (int64_t)time(NULL) * 1000,
                                       .commit_user = span_of("005xx000001X8UzAAK"),
                                       .change_origin = span_of("com/salesforce/api/rest/62.0;client=x"),
                                       .record_ids = span_of(texts->record),
                                       .changed = span_of("[]") },
                           .fields = span_of("{\"StageName\":\"Proposal/Price Quote\",\"Amount\":1234.5,\"Name\":"
                                             "\"An Opportunity\",\"CloseDate\":20500}") };
}

#endif
