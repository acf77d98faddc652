/*
 * pubsub_hear.c - one subscription whose inbox is this program's memory: prints each event that it keeps as a line of
 * JSON, and at the end what it has seen.
 *
 *     pubsub_hear URL TOPIC [--ca FILE] [--from latest|earliest|HEX] [--count N] [--batches N] [--seconds S] [--quiet]
 *                 [--token T]... (the first, then what is given for each refused one) [--again N] (every Nth batch is
 * not kept) [--others N] (so many claims find the lease taken) [--delay MS] (before an answer)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "runtime/base/encoding.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/events/event_pack.h"
#include "runtime/events/subscription.h"

enum { TOKENS = 8, ANSWERS = 16, IDS = 1 << 21 };

struct answer {
    enum { SESSION, LEASE, KEPT } kind;
    uint64_t round;
    int64_t due_ms;
    enum ground_what what;
    enum ground_result result;
    struct span latest;
    char position[EVENT_REPLAY_ID];
};

static struct {
    const char *url, *topic, *ca, *tokens[TOKENS];
    int tokens_n, token;
    long count, until, seconds, again, others, delay_ms;
    bool quiet, fell_behind;
    enum ground_position from;
    char position[EVENT_REPLAY_ID];
    size_t position_n;
    /* what was seen */
    long events, faults, batches, claims, lost, open, most, releases;
    int64_t first_ms, last_ms;
    struct answer answers[ANSWERS];
    int n;
    struct subscription *s;
} h;

/* ---- what is heard ---- */

static void print_span(const char *name, struct span s, bool text)
{
    struct buf b;
    buf_init(&b, 64 * 1024 * 1024);
    if (text && !buf_json_string(&b, s))
        abort();
    if (!text)
        buf_add(&b, s.p, s.n);
    printf("\"%s\":%.*s,", name, b.n ? (int)b.n : 4, b.n ? b.p : "null");
    buf_free(&b);
}

static void print_event(const struct event *e)
{
    const struct event_header *d = &e->header;
    char replay[2 * EVENT_REPLAY_ID + 1];
    hex_encode(e->replay_id.p, e->replay_id.n, replay);
    putchar('{');
    print_span("id", e->id, true);
    print_span("schema", e->schema_id, true);
    print_span("entity", d->entity, true);
    print_span("key", d->transaction_key, true);
    print_span("user", d->commit_user, true);
    print_span("origin", d->change_origin, true);
    print_span("fault", e->fault, true);
    print_span("ids", d->record_ids, false);
    print_span("changed", d->changed, false);
    print_span("fields", e->fields, false);
    printf("\"change\":%d,\"sequence\":%lld,\"commitMs\":%lld,\"commitNumber\":%lld,\"replay\":\"%s\"}\n",
           (int)d->change, (long long)d->sequence, (long long)d->commit_ms, (long long)d->commit_number, replay);
}

static void take_events(const struct ground_batch *b)
{
    struct span rest = b->packed;
    struct event e;
    int n = 0;
    while (event_unpack(&rest, &e)) {
        n++;
        h.faults += e.fault.n > 0;
        if (!h.quiet)
            print_event(&e);
    }
    if (rest.n || n != b->count)
        abort();
    h.events += n;
    h.last_ms = clock_ms();
    if (!h.first_ms && n)
        h.first_ms = h.last_ms;
}

/* ---- the ground ---- */

static struct answer *later(enum ground_what what, int kind, uint64_t round)
{
    if (h.n == ANSWERS)
        abort();
    struct answer *a = &h.answers[h.n++];
    memset(a, 0, sizeof *a);
    a->kind = kind;
    a->what = what;
    a->round = round;
    a->due_ms = clock_ms() + h.delay_ms;
    return a;
}

static bool ask_session(void *ctx, struct subscription *s, uint64_t round, const char *connection, const char *stale)
{
    (void)ctx, (void)s, (void)connection;
    if (*stale && h.token + 1 < h.tokens_n && strcmp(stale, h.tokens[h.token]) == 0)
        h.token++;
    later(GROUND_CLAIM, SESSION, round);
    return true;
}

static bool ask_lease(void *ctx, struct subscription *s, uint64_t round, const struct ground_question *q)
{
    (void)ctx, (void)s;
    h.claims += q->what == GROUND_CLAIM;
    h.fell_behind = h.fell_behind && q->what != GROUND_CLAIM;
    h.lost += q->what == GROUND_LOST;
    h.releases += q->what == GROUND_RELEASE;
    later(q->what, LEASE, round);
    return true;
}

static bool keep(void *ctx, struct subscription *s, uint64_t round, const struct ground_batch *b)
{
    (void)ctx, (void)s;
    struct answer *a = later(GROUND_CLAIM, KEPT, round);
    h.batches++;
    h.open++;
    h.most = h.open > h.most ? h.open : h.most;
    a->result = h.fell_behind ? GROUND_REFUSED : h.again && h.batches % h.again == 0 ? GROUND_AGAIN : GROUND_KEPT;
    h.fell_behind = a->result != GROUND_KEPT; /* what comes behind a hole is not kept, until all begins again */
    memcpy(a->position, b->latest.p, b->latest.n);
    a->latest.n = b->latest.n;
    if (a->result == GROUND_KEPT)
        take_events(b);
    return true;
}

static void answer_lease(const struct answer *a)
{
    struct ground_answer lease = { .lease = GROUND_OTHERS };
    if (a->what == GROUND_LOST) {
        h.position_n = 0;
        h.from = GROUND_EARLIEST;
    }
    if (a->what != GROUND_CLAIM || h.others-- <= 0)
        lease = (struct ground_answer){ GROUND_HELD, h.claims, h.from, { h.position, h.position_n } };
    subscription_on_lease(h.s, a->round, &lease);
    if (lease.lease == GROUND_HELD && h.from == GROUND_LATEST)
        h.from = GROUND_EARLIEST; /* as the inbox does it: from the first time on */
}

static void give_answer(const struct answer *a)
{
    struct org_session session = { .id = "00Dxx0000000000EAA", .url = "https://example.my.salesforce.com" };
    if (a->kind == SESSION) {
        copy_text(session.token, sizeof session.token, h.tokens[h.token]);
        subscription_on_session(h.s, a->round, &session, "");
    } else if (a->kind == LEASE) {
        answer_lease(a);
    } else {
        h.open--;
        if (a->result == GROUND_KEPT) {
            memcpy(h.position, a->position, a->latest.n);
            h.position_n = a->latest.n;
            h.from = GROUND_AFTER;
        }
        subscription_on_kept(h.s, a->round, a->result);
    }
}

static void give_answers(void)
{
    while (h.n > 0 && clock_ms() >= h.answers[0].due_ms) {
        struct answer a = h.answers[0];
        h.n--;
        memmove(h.answers, h.answers + 1, (size_t)h.n * sizeof *h.answers);
        give_answer(&a);
    }
}

/* ---- the program ---- */

static void set_position(const char *text)
{
    size_t n = strlen(text) / 2;
    h.from = strcmp(text, "latest") == 0     ? GROUND_LATEST
             : strcmp(text, "earliest") == 0 ? GROUND_EARLIEST
                                             : GROUND_AFTER;
    for (size_t i = 0; h.from == GROUND_AFTER && i < n && i < sizeof h.position; i++) {
        char pair[3] = { text[2 * i], text[2 * i + 1], 0 };
        h.position[h.position_n++] = (char)strtol(pair, NULL, 16);
    }
}

static void read_arguments(int argc, char **argv)
{
    static const struct {
        const char *name;
        long *value;
    } numbers[] = { { "--count", &h.count }, { "--batches", &h.until }, { "--seconds", &h.seconds },
                    { "--again", &h.again }, { "--others", &h.others }, { "--delay", &h.delay_ms } };
    for (int i = 3; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--quiet") == 0) {
            h.quiet = true;
            continue;
        }
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            if (strcmp(argv[i], numbers[k].name) == 0)
                *numbers[k].value = strtol(value, NULL, 10);
        if (strcmp(argv[i], "--ca") == 0)
            h.ca = value;
        if (strcmp(argv[i], "--from") == 0)
            set_position(value);
        if (strcmp(argv[i], "--token") == 0 && h.tokens_n < TOKENS)
            h.tokens[h.tokens_n++] = value;
        i++;
    }
    if (!h.tokens_n)
        h.tokens[h.tokens_n++] = "token";
}

static int sooner(int a, int b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static void run(struct loop *loop, struct dialer *dialer)
{
    const int64_t end_ms = clock_ms() + h.seconds * 1000;
    bool draining = false;
    while (subscription_now(h.s) != SUBSCRIPTION_ENDED && clock_ms() < end_ms + 5000) {
        int64_t now = clock_ms();
        int t = sooner(sooner(dialer_timeout_ms(dialer), subscription_timeout_ms(h.s, now)), ms_until(end_ms, now));
        if (h.n)
            t = sooner(t, ms_until(h.answers[0].due_ms, now));
        loop_turn(loop, draining && t > 20 ? 20 : t);
        dialer_work(dialer);
        give_answers();
        now = clock_ms();
        subscription_work(h.s, now);
        if (!draining && (now >= end_ms || (h.count && h.events >= h.count) || (h.until && h.batches >= h.until))) {
            draining = true;
            subscription_drain(h.s);
        }
    }
}

static long long cpu_ms(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000LL + (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

int main(int argc, char **argv)
{
    struct loop loop;
    if (argc < 3)
        return EX_USAGE;
    h.url = argv[1];
    h.topic = argv[2];
    h.seconds = 60;
    h.from = GROUND_EARLIEST;
    read_arguments(argc, argv);
    log_open();
    if (!loop_init(&loop) || !http_start())
        return EX_OSERR;
    const struct ground ground = { ask_session, ask_lease, keep, NULL };
    struct dialer *dialer = dialer_new(&loop, true, h.ca);
    struct decoder *decoder = decoder_new();
    const struct subscription_parts parts = {
        &loop, dialer, decoder, &ground, h.url, span_of("test"), span_of(h.topic)
    };
    h.s = subscription_new(&parts);
    run(&loop, dialer);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"events\":%ld,\"faults\":%ld,\"batches\":%ld,\"claims\":%ld,\"lost\":%ld,\"most\":%ld,\"releases\":%ld,"
           "\"ms\":%lld,\"cpuMs\":%lld,\"peakKb\":%ld}\n",
           h.events, h.faults, h.batches, h.claims, h.lost, h.most, h.releases, (long long)(h.last_ms - h.first_ms),
           cpu_ms(&used), used.ru_maxrss);
    subscription_free(h.s);
    decoder_free(decoder);
    dialer_free(dialer);
    loop_fini(&loop);
    curl_global_cleanup();
    return EX_OK;
}
