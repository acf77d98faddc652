/* subscription.c - the steps of a subscription, and what follows when one fails. */
#include "runtime/events/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/events/subscription_parts.h"

enum {
    KEEP_BUFFER = 256 * 1024,
    STEADY_MS = 60000, /* a stream that was open for so long had begun well */
    TRIES = 2          /* what fails once more than that is reported */
};

struct subscription *subscription_new(const struct subscription_parts *p)
{
    struct subscription *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->parts = *p;
    copy_span(s->connection, sizeof s->connection, p->connection);
    copy_span(s->topic, sizeof s->topic, p->topic);
    buf_init(&s->packed, GROUND_BATCH_BYTES);
    return s;
}

static void wipe_text(char **text)
{
    bytes_free_wiped(*text);
    *text = NULL;
}

/* Everything that stands on the connection. */
static void disconnect(struct subscription *s)
{
    stream_forget(s);
    if (s->wanted)
        s->wanted->id[0] = '\0'; /* its place is vacant: it was not answered */
    s->wanted = NULL;
    s->stream = s->unary = NULL;
    grpc_close(s->grpc);
    s->grpc = NULL;
    s->credit = 0;
    wipe_text(&s->token);
    if (s->packed.cap > KEEP_BUFFER)
        buf_free(&s->packed);
}

void subscription_free(struct subscription *s)
{
    if (!s)
        return;
    disconnect(s);
    schemas_free(s);
    wipe_text(&s->stale);
    buf_free(&s->packed);
    free(s);
}

enum subscription_now subscription_now(const struct subscription *s)
{
    return s->now;
}

/* ---- what is told ---- */

static void tell(const struct subscription *s, enum log_level level, const char *event, const char *reason)
{
    struct log_line line;
    if (!log_enabled(level))
        return;
    log_begin(&line, level, event);
    log_text(&line, "connection", s->connection);
    log_text(&line, "topic", s->topic);
    log_text(&line, "reason", reason);
    log_end(&line);
}

/* What somebody has to mend. Said again only when it is another thing. */
static void report(struct subscription *s, const char *reason)
{
    copy_text(s->reason, sizeof s->reason, reason);
    s->now = SUBSCRIPTION_FAILS;
    if (strcmp(s->told, s->reason) == 0)
        return;
    copy_text(s->told, sizeof s->told, s->reason);
    tell(s, LOG_WARN, "subscription-failed", s->reason);
}

void subscription_set_open(struct subscription *s)
{
    static const char *const from[] = { "latest", "earliest", "stored" };
    struct log_line line;
    if (s->now == SUBSCRIPTION_HEARS)
        return;
    s->now = SUBSCRIPTION_HEARS;
    s->refused_tokens = 0;
    wipe_text(&s->stale);
    s->reason[0] = s->told[0] = '\0';
    if (!log_enabled(LOG_INFO))
        return;
    log_begin(&line, LOG_INFO, "subscription-open");
    log_text(&line, "connection", s->connection);
    log_text(&line, "topic", s->topic);
    log_text(&line, "from", from[s->from]);
    log_end(&line);
}

/* ---- the end of a try ---- */

void subscription_pause(struct subscription *s, int64_t ms)
{
    s->step = STEP_PAUSE;
    s->due_ms = clock_ms() + ms;
}

static void go_on(struct subscription *s)
{
    bool at_once =
        (s->pause == POLICY_LOST && s->from == GROUND_AFTER) || (s->pause == POLICY_TOKEN && s->refused_tokens == 1);
    if (s->from == GROUND_LATEST) /* "from now on" would be a later now: whoever keeps positions knows better */
        s->leased = false;
    subscription_pause(s, at_once ? 0 : policy_pause_ms(s->pause, s->failures));
    s->failures++;
}

/* What was handed on is answered first: the position after it is where the next try begins. */
static void settle(struct subscription *s)
{
    disconnect(s);
    s->step = STEP_SETTLE;
    if (s->in_flight == 0)
        go_on(s);
}

/* The words may be a server's: they go into a log, a database and a page as plain characters. */
static void copy_words(char *to, size_t size, const char *words)
{
    copy_text(to, size, words);
    for (; *to; to++)
        if (!char_printable(*to))
            *to = '?';
}

void subscription_stop(struct subscription *s, const struct policy *policy, const char *words)
{
    char reason[EVENT_REASON];
    enum policy_action action = policy->action;
    copy_words(reason, sizeof reason, policy->words ? policy->words : words && *words ? words : "the call has ended");
    s->reconnects++;
    if (s->step == STEP_STREAM && clock_ms() - s->open_ms >= STEADY_MS)
        s->failures = 0;
    if (action == POLICY_TOKEN) {
        s->refused_tokens++;
        wipe_text(&s->stale);
        s->stale = s->token;
        s->token = NULL;
    }
    if (action == POLICY_LOST) {
        s->lost = true;
        copy_text(s->reason, sizeof s->reason, reason);
        tell(s, LOG_ERROR, "event-position-lost", reason);
    }
    bool stays = (action == POLICY_TOKEN && s->refused_tokens > 1) || s->failures >= TRIES;
    if (action == POLICY_REPORT || action == POLICY_LIMIT || stays)
        report(s, reason);
    else if (s->now != SUBSCRIPTION_FAILS)
        s->now = SUBSCRIPTION_BEGINS;
    if (action == POLICY_AGAIN && !stays)
        tell(s, LOG_INFO, "subscription-interrupted", reason);
    s->pause = action;
    settle(s);
}

/* From the beginning: what is open is of no interest any more. */
static void begin_again(struct subscription *s, int64_t pause_ms)
{
    s->round++;
    s->in_flight = 0;
    s->leased = s->lease_open = false;
    disconnect(s);
    if (s->draining && s->step != STEP_END)
        s->step = STEP_SETTLE;
    else if (s->step != STEP_END)
        subscription_pause(s, pause_ms);
}

void subscription_on_ground_lost(struct subscription *s)
{
    begin_again(s, SUBSCRIPTION_WAIT_MS);
    if (s->now != SUBSCRIPTION_FAILS && s->now != SUBSCRIPTION_ENDED)
        s->now = SUBSCRIPTION_BEGINS;
}

static void stand_by(struct subscription *s)
{
    if (s->now != SUBSCRIPTION_STANDS_BY)
        tell(s, LOG_INFO, "subscription-standing-by", NULL);
    s->now = SUBSCRIPTION_STANDS_BY;
    begin_again(s, SUBSCRIPTION_RENEWAL_MS);
}

/* ---- the session ---- */

static void ask_session(struct subscription *s)
{
    const struct ground *g = s->parts.ground;
    s->round++;
    s->lease_open = false; /* an answer to a renewal of before is dropped with its round */
    s->step = STEP_SESSION;
    if (!g->session(g->ctx, s, s->round, s->connection, s->stale ? s->stale : ""))
        subscription_pause(s, SUBSCRIPTION_WAIT_MS);
}

static bool ask_lease(struct subscription *s, enum ground_what what)
{
    static const enum ground_state states[] = { [SUBSCRIPTION_BEGINS] = GROUND_OPENING,
                                                [SUBSCRIPTION_HEARS] = GROUND_OPEN,
                                                [SUBSCRIPTION_STANDS_BY] = GROUND_OPENING,
                                                [SUBSCRIPTION_FAILS] = GROUND_FAILED,
                                                [SUBSCRIPTION_ENDED] = GROUND_OPENING };
    const struct ground *g = s->parts.ground;
    const struct ground_question q = { .what = what,
                                       .connection = s->connection,
                                       .topic = s->topic,
                                       .org = s->org,
                                       .fence = what == GROUND_CLAIM ? 0 : s->fence,
                                       .state = states[s->now],
                                       .reason = s->reason,
                                       .received = s->received,
                                       .unreadable = s->unreadable,
                                       .reconnects = s->reconnects,
                                       .waiting = s->credit };
    if (!g->lease(g->ctx, s, s->round, &q))
        return false;
    s->lease_open = true;
    s->renew_ms = clock_ms() + SUBSCRIPTION_RENEWAL_MS;
    return true;
}

void subscription_on_session(struct subscription *s, uint64_t round, const struct org_session *session, const char *why)
{
    if (round != s->round || s->step != STEP_SESSION)
        return;
    if (!session) {
        static const struct policy no_session = { NULL, 0, POLICY_REPORT, NULL };
        subscription_stop(s, &no_session, why);
        return;
    }
    if (s->leased && strcmp(s->org, session->id) != 0)
        s->leased = false; /* the connection is that of another org by now: so is the lease */
    copy_text(s->org, sizeof s->org, session->id);
    copy_text(s->org_url, sizeof s->org_url, session->url);
    wipe_text(&s->token);
    s->token = strdup(session->token);
    if (!s->token)
        abort();
    if (s->leased && !s->lost) {
        stream_open(s);
        return;
    }
    s->step = STEP_LEASE;
    if (s->lease_open || !ask_lease(s, s->leased ? GROUND_LOST : GROUND_CLAIM))
        subscription_pause(s, SUBSCRIPTION_WAIT_MS);
}

/* ---- the lease ---- */

static void take_lease(struct subscription *s, const struct ground_answer *a)
{
    if (!s->leased)
        s->received = s->unreadable = s->reconnects = 0;
    s->leased = true;
    s->lost = false;
    s->fence = a->fence;
    s->from = a->position;
    s->position.n = a->replay_id.n <= sizeof s->position.p ? a->replay_id.n : 0;
    if (s->position.n)
        memcpy(s->position.p, a->replay_id.p, s->position.n);
}

void subscription_on_lease(struct subscription *s, uint64_t round, const struct ground_answer *a)
{
    if (round != s->round || !s->lease_open)
        return;
    s->lease_open = false;
    if (s->step == STEP_END)
        return;
    if (s->step != STEP_LEASE) { /* a renewal; while the database is away nobody else can get the lease */
        if (a->lease == GROUND_OTHERS)
            stand_by(s);
        return;
    }
    if (a->lease == GROUND_OTHERS) {
        stand_by(s);
    } else if (a->lease == GROUND_UNKNOWN) {
        static const struct policy no_lease = { NULL, 0, POLICY_AGAIN, "the database of jobs is away" };
        subscription_stop(s, &no_lease, NULL);
    } else {
        take_lease(s, a);
        stream_open(s);
    }
}

/* ---- what was handed on ---- */

void subscription_on_kept(struct subscription *s, uint64_t round, enum ground_result result)
{
    if (round != s->round || s->in_flight == 0)
        return;
    if (result == GROUND_REFUSED) {
        stand_by(s);
        return;
    }
    if (result == GROUND_AGAIN) {
        tell(s, LOG_WARN, "events-not-kept", "the database of jobs is away");
        begin_again(s, policy_pause_ms(POLICY_AGAIN, s->failures++));
        return;
    }
    s->position = s->sent[0];
    s->from = GROUND_AFTER;
    s->in_flight--;
    memmove(s->sent, s->sent + 1, (size_t)s->in_flight * sizeof *s->sent);
    if (s->step == STEP_STREAM)
        stream_pump(s);
    else if (s->step == STEP_SETTLE && s->in_flight == 0 && !s->draining)
        go_on(s);
}

/* ---- time ---- */

void subscription_drain(struct subscription *s)
{
    if (s->draining)
        return;
    s->draining = true;
    disconnect(s);
    s->step = STEP_SETTLE;
}

static void end(struct subscription *s)
{
    if (s->leased)
        (void)ask_lease(s, GROUND_RELEASE); /* one that does not arrive ends by itself */
    s->leased = false;
    s->step = STEP_END;
}

static const struct policy late_policy = { NULL, 0, POLICY_AGAIN, NULL };

/* What has taken too long in this step; NULL = nothing. */
static const char *overdue(const struct subscription *s, int64_t now_ms)
{
    if (s->step == STEP_TOPIC && now_ms >= s->due_ms)
        return "the topic is not answered for";
    if (s->step == STEP_STREAM && s->credit > 0 && !s->response && now_ms - s->heard_ms >= SUBSCRIPTION_SILENT_MS)
        return "the stream has been silent for too long";
    return NULL;
}

static void renew(struct subscription *s, int64_t now_ms)
{
    if (s->leased && !s->lease_open && now_ms >= s->renew_ms && s->step != STEP_END && !ask_lease(s, GROUND_RENEW))
        s->renew_ms = now_ms + SUBSCRIPTION_WAIT_MS;
}

void subscription_work(struct subscription *s, int64_t now_ms)
{
    if (s->grpc)
        grpc_work(s->grpc, now_ms);
    if (s->step == STEP_STREAM)
        schemas_work(s, now_ms);
    if (s->blocked)
        stream_pump(s);
    const char *late = overdue(s, now_ms);
    if (late)
        subscription_stop(s, &late_policy, late);
    if (s->draining && s->step == STEP_SETTLE && s->in_flight == 0)
        end(s);
    if (s->step == STEP_END && !s->lease_open)
        s->now = SUBSCRIPTION_ENDED;
    if (s->step == STEP_STREAM && s->now != SUBSCRIPTION_HEARS && now_ms - s->open_ms >= SUBSCRIPTION_SETTLED_MS)
        subscription_set_open(s);
    if (s->step == STEP_PAUSE && now_ms >= s->due_ms && !s->lease_open)
        ask_session(s);
    renew(s, now_ms);
}

static int sooner(int a, int b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

int subscription_timeout_ms(const struct subscription *s, int64_t now_ms)
{
    int t = s->grpc ? grpc_timeout_ms(s->grpc, now_ms) : -1;
    if (s->step == STEP_PAUSE || s->step == STEP_TOPIC || s->wanted)
        t = sooner(t, ms_until(s->due_ms, now_ms));
    if (s->step == STEP_STREAM)
        t = sooner(t, ms_until((s->now == SUBSCRIPTION_HEARS ? s->heard_ms + SUBSCRIPTION_SILENT_MS
                                                             : s->open_ms + SUBSCRIPTION_SETTLED_MS),
                               now_ms));
    if (s->blocked)
        t = sooner(t, SUBSCRIPTION_WAIT_MS);
    if (s->leased && !s->lease_open && s->step != STEP_END)
        t = sooner(t, ms_until(s->renew_ms, now_ms));
    return t;
}
