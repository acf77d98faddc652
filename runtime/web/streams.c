/* streams.c - server-sent events of the jobs page. */
#include "runtime/web/streams.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"

enum {
    ASK_MS = 500,
    AWAY_MS = 2000, /* until the next question, when there was no answer */
    PULSE = 64,     /* bytes of an answer */
    BLOCK = 1024    /* of libmicrohttpd's buffer: each text below fits several times */
};

/* Something to be told, and how. What has not been sent when it happens again is told once. */
enum news { NEWS_BEGIN, NEWS_AWAY, NEWS_CHANGE, NEWS_COMMENT, NEWS };
static const char *const texts[NEWS] = { [NEWS_BEGIN] = "retry: 2000\n\n",
                                         [NEWS_AWAY] = "event: away\ndata: 1\n\n",
                                         [NEWS_CHANGE] = "event: change\ndata: 1\n\n",
                                         [NEWS_COMMENT] = ": still here\n\n" };

struct stream {
    struct streams *all;
    struct MHD_Connection *connection;
    bool news[NEWS];
    bool suspended, ended;
    int64_t sent_ms;
    struct stream **link, *next;
};

struct streams {
    struct exchange_shared *shared;
    struct stream *first;
    uint64_t question; /* that is open; 0 = none */
    char pulse[PULSE]; /* what was answered last; "" = nothing */
    bool away, ended;
    int64_t ask_ms;
};

struct streams *streams_new(struct exchange_shared *shared)
{
    struct streams *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->shared = shared;
    return s;
}

void streams_free(struct streams *s)
{
    free(s);
}

/* ---- one stream ---- */

static ssize_t read_stream(void *ctx, uint64_t pos, char *out, size_t max)
{
    struct stream *t = ctx;
    (void)pos;
    if (t->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    for (int i = 0; i < NEWS; i++) {
        size_t n = strlen(texts[i]);
        if (!t->news[i] || n > max)
            continue;
        t->news[i] = false;
        t->sent_ms = clock_ms();
        memcpy(out, texts[i], n);
        return (ssize_t)n;
    }
    t->suspended = true;
    MHD_suspend_connection(t->connection);
    return 0;
}

static void end_stream(void *ctx)
{
    struct stream *t = ctx;
    *t->link = t->next;
    if (t->next)
        t->next->link = t->link;
    t->all->shared->streams--;
    free(t);
}

struct MHD_Response *streams_response(struct streams *s, struct MHD_Connection *c)
{
    struct stream *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    *t = (struct stream){ .all = s, .connection = c, .sent_ms = clock_ms(), .ended = s->ended };
    t->news[NEWS_BEGIN] = true;
    t->news[s->away ? NEWS_AWAY : NEWS_CHANGE] = true; /* the page may be older than the stream */
    struct MHD_Response *m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, t, end_stream);
    if (!m) {
        free(t);
        return NULL;
    }
    t->next = s->first;
    t->link = &s->first;
    if (t->next)
        t->next->link = &t->next;
    s->first = t;
    s->shared->streams++;
    return m;
}

/* ---- all of them ---- */

static void tell_all(struct streams *s, enum news what)
{
    for (struct stream *t = s->first; t; t = t->next) {
        t->news[NEWS_AWAY] = t->news[NEWS_CHANGE] = false; /* what was true before is of no interest now */
        t->news[what] = true;
    }
}

static void on_pulse(void *ctx, const struct message_job_answer *a)
{
    struct streams *s = ctx;
    char pulse[PULSE];
    bool away = a->status != 200;
    s->question = 0;
    s->ask_ms = clock_ms() + (away ? AWAY_MS : ASK_MS);
    copy_span(pulse, sizeof pulse, away ? (struct span){ 0 } : a->body);
    if (away && !s->away)
        tell_all(s, NEWS_AWAY);
    else if (!away && (s->away || strcmp(pulse, s->pulse) != 0))
        tell_all(s, NEWS_CHANGE);
    s->away = away;
    copy_text(s->pulse, sizeof s->pulse, pulse);
}

/* libmicrohttpd does not look at a connection that is suspended: a reader who has gone would keep his place until the
 * next thing is told. */
static void end_deserted(struct streams *s)
{
    struct pollfd fds[STREAMS_MAX];
    struct stream *of[STREAMS_MAX];
    nfds_t n = 0;
    for (struct stream *t = s->first; t && n < STREAMS_MAX; t = t->next) {
        const union MHD_ConnectionInfo *i = MHD_get_connection_info(t->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (!t->suspended || !i)
            continue;
        of[n] = t;
        fds[n++] = (struct pollfd){ .fd = i->connect_fd, .events = POLLRDHUP };
    }
    if (poll(fds, n, 0) <= 0)
        return;
    for (nfds_t i = 0; i < n; i++)
        of[i]->ended = of[i]->ended || (fds[i].revents & (POLLRDHUP | POLLHUP | POLLERR));
}

static void ask(struct streams *s, int64_t now_ms)
{
    static const struct message_job_answer away = { .status = 503 };
    const struct message_job_question q = { .what = JOB_PAGE_PULSE };
    struct err e;
    if (!s->first || s->question || s->ended || now_ms < s->ask_ms || !s->shared->jobs)
        return;
    end_deserted(s);
    if (!job_link_ask(s->shared->jobs, &q, JOB_LINK_ANSWER_MS, on_pulse, s, &s->question, &e))
        on_pulse(s, &away);
}

static bool has_news(const struct stream *t)
{
    bool any = t->ended;
    for (int i = 0; i < NEWS; i++)
        any = any || t->news[i];
    return any;
}

bool streams_work(struct streams *s, int64_t now_ms)
{
    bool resumed = false;
    if (s->shared->draining)
        streams_end(s);
    ask(s, now_ms);
    for (struct stream *t = s->first; t; t = t->next) {
        if (now_ms - t->sent_ms >= STREAMS_COMMENT_MS)
            t->news[NEWS_COMMENT] = true;
        if (!t->suspended || !has_news(t))
            continue;
        t->suspended = false;
        MHD_resume_connection(t->connection);
        resumed = true;
    }
    return resumed;
}

int streams_timeout_ms(const struct streams *s, int64_t now_ms)
{
    return !s->first || s->ended ? -1 : s->question ? STREAMS_COMMENT_MS : ms_until(s->ask_ms, now_ms);
}

void streams_end(struct streams *s)
{
    if (s->question)
        job_link_forget(s->shared->jobs, s->question);
    s->question = 0;
    s->ended = true;
    for (struct stream *t = s->first; t; t = t->next)
        t->ended = true;
}
