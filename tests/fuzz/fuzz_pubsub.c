/*
 * fuzz_pubsub.c - any bytes from a Pub/Sub server: HTTP/2 frames, headers, gRPC messages, responses. The subscription
 * is whole; the connection below it is this file's, in the place of runtime/net/dial.c. Bytes come in pieces whose
 * lengths are the input's, too, and the inbox answers between them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/events/subscription.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* ---- the connection ---- */

struct dial {
    dial_fn *done;
    void *ctx;
    int fd;
};

static struct {
    const uint8_t *p;
    size_t n;
    struct dial *open;
    bool told;
    /* the ground */
    int session, lease, kept; /* questions without an answer */
    uint64_t round;
} w;

struct dial *dial_open(struct dialer *d, const char *url, int timeout_ms, dial_fn *done, void *ctx)
{
    struct dial *dial = malloc(sizeof *dial);
    (void)d, (void)url, (void)timeout_ms;
    must(dial && !w.open);
    *dial = (struct dial){ done, ctx, eventfd(1, EFD_CLOEXEC) };
    w.open = dial;
    w.told = false;
    return dial;
}

void dial_close(struct dial *d)
{
    if (!d)
        return;
    must(d == w.open);
    close(d->fd);
    free(d);
    w.open = NULL;
}

int dial_fd(const struct dial *d)
{
    return d->fd;
}

ssize_t dial_send(struct dial *d, const void *p, size_t n)
{
    (void)d, (void)p;
    return (ssize_t)n;
}

ssize_t dial_receive(struct dial *d, void *p, size_t n)
{
    (void)d;
    if (w.n < 2)
        return -1;
    size_t piece = w.p[0]; /* 0 = nothing at present */
    w.p++;
    w.n--;
    piece = piece < w.n ? piece : w.n;
    piece = piece < n ? piece : n;
    memcpy(p, w.p, piece);
    w.p += piece;
    w.n -= piece;
    return (ssize_t)piece;
}

/* ---- the ground ---- */

static bool ask_session(void *ctx, struct subscription *s, uint64_t round, const char *connection, const char *stale)
{
    (void)ctx, (void)s, (void)connection, (void)stale;
    w.session++;
    w.round = round;
    return true;
}

static bool ask_lease(void *ctx, struct subscription *s, uint64_t round, const struct ground_question *q)
{
    (void)ctx, (void)s;
    must(q->waiting >= 0 && q->waiting <= SUBSCRIPTION_CREDIT && q->received >= 0 && strlen(q->reason) < EVENT_REASON);
    w.lease++;
    w.round = round;
    return true;
}

static bool keep(void *ctx, struct subscription *s, uint64_t round, const struct ground_batch *b)
{
    (void)ctx, (void)s;
    must(b->count >= 0 && b->count <= EVENT_BATCH && b->packed.n <= GROUND_BATCH_BYTES);
    must(b->latest.n > 0 && b->latest.n <= EVENT_REPLAY_ID);
    must(++w.kept <= GROUND_OPEN_BATCHES);
    w.round = round;
    return true;
}

static void answer(struct subscription *s)
{
    const struct org_session session = { .id = "00Dxx0000000000EAA", .url = "https://x.example", .token = "t" };
    const struct ground_answer held = { .lease = GROUND_HELD, .fence = 1, .position = GROUND_EARLIEST };
    while (w.session > 0) {
        w.session--;
        subscription_on_session(s, w.round, &session, "");
    }
    while (w.lease > 0) {
        w.lease--;
        subscription_on_lease(s, w.round, &held);
    }
    while (w.kept > 0) {
        w.kept--;
        subscription_on_kept(s, w.round, GROUND_KEPT);
    }
}

static void run(struct loop *loop, struct subscription *s)
{
    int64_t now = clock_ms();
    for (int turn = 0; turn < 4000 && (w.n > 1 || turn < 16); turn++) {
        answer(s);
        subscription_work(s, now);
        if (w.open && !w.told) {
            w.told = true;
            w.open->done(w.open->ctx, HTTP_OK, "");
        }
        loop_turn(loop, 0);
        now += 100; /* pauses end by it, whatever the clock says */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ground ground = { ask_session, ask_lease, keep, NULL };
    struct loop loop;
    log_set_level(LOG_ERROR);
    memset(&w, 0, sizeof w);
    w.p = data;
    w.n = size;
    must(loop_init(&loop));
    struct decoder *decoder = decoder_new();
    const struct subscription_parts parts = {
        &loop, NULL, decoder, &ground, "http://127.0.0.1:1", span_of("c"), span_of("/data/X")
    };
    struct subscription *s = subscription_new(&parts);
    run(&loop, s);
    subscription_drain(s);
    answer(s);
    subscription_work(s, clock_ms());
    subscription_free(s);
    must(!w.open);
    decoder_free(decoder);
    loop_fini(&loop);
    return 0;
}
