/* channel.c - blocking frames between a worker and the front. */
#include "runtime/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/log.h"

enum { PIECE = 16 * 1024, KEEP_BUFFER = 256 * 1024 };

void channel_init(struct channel *ch, int fd)
{
    *ch = (struct channel){ .fd = fd };
    buf_init(&ch->in, LIMIT_FRAME + FRAME_HEAD);
    buf_init(&ch->out, LIMIT_FRAME + FRAME_HEAD);
}

void channel_fini(struct channel *ch)
{
    channel_clear(ch);
    buf_free(&ch->in);
    buf_free(&ch->out);
    close(ch->fd);
}

void channel_clear(struct channel *ch)
{
    buf_wipe(&ch->in);
    if (ch->in.cap > KEEP_BUFFER)
        buf_free(&ch->in);
}

/* The worker has at most one frame on its way to it, so a read never takes part of a second one. */
bool channel_read(struct channel *ch, struct frame *f)
{
    bool bad = false;
    ch->in.n = 0;
    while (!frame_peek((struct span){ ch->in.p, ch->in.n }, LIMIT_FRAME, f, &bad)) {
        size_t room = ch->in.cap > ch->in.n + 1 ? ch->in.cap - ch->in.n - 1 : PIECE;
        char *to = bad ? NULL : buf_room(&ch->in, room);
        ssize_t n = to ? recv(ch->fd, to, room, 0) : -1;
        if (n < 0 && to && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        ch->in.n += (size_t)n;
    }
    return true;
}

bool channel_send(struct channel *ch)
{
    size_t sent = 0;
    while (sent < ch->out.n) {
        ssize_t n = send(ch->fd, ch->out.p + sent, ch->out.n - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        sent += (size_t)n;
    }
    buf_wipe(&ch->out);
    return true;
}

/* Sends what was written. Without a front there is nobody to work for. */
static void tell(struct channel *ch, bool written)
{
    if (!written || !channel_send(ch))
        _exit(EX_OK);
}

/* The same, and waits for the answer. */
static struct frame ask(struct channel *ch, bool written)
{
    struct frame f;
    tell(ch, written);
    if (!channel_read(ch, &f) || f.call != ch->call)
        _exit(EX_OK);
    return f;
}

/* The front is of this program, so that it is always understood; what it says is checked all the same. */
static void must_understand(bool understood)
{
    if (understood)
        return;
    log_event(LOG_ERROR, "worker-bad-answer", NULL);
    _exit(EX_SOFTWARE);
}

static bool cache_get_(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms)
{
    struct channel *ch = ctx;
    const struct message_cache_question q = { span_of(key) };
    struct message_cache_answer a;
    const struct frame f = ask(ch, message_cache_question_write(&ch->out, ch->call, &q));
    must_understand(message_cache_answer_read(&f, &a));
    char *copy = a.found ? malloc(a.value.n + 1) : NULL;
    if (!copy)
        return false;
    copy_span(copy, a.value.n + 1, a.value);
    *value = copy;
    *n = a.value.n;
    *age_ms = a.age_ms;
    return true;
}

static void cache_put_(void *ctx, const char *key, const void *value, size_t n, int ttl_s)
{
    struct channel *ch = ctx;
    const struct message_cache_entry m = { span_of(key), { value, n }, ttl_s };
    tell(ch, message_cache_entry_write(&ch->out, ch->call, &m));
}

static bool authorization_(void *ctx, const char *name, const char *stale, struct org_session *s, struct err *e)
{
    struct channel *ch = ctx;
    const struct message_authorization_question q = { span_of(name), span_of(stale) };
    struct message_authorization_answer a;
    const struct frame f = ask(ch, message_authorization_question_write(&ch->out, ch->call, &q));
    must_understand(message_authorization_answer_read(&f, &a));
    if (a.granted) {
        org_texts_copy(&a.org, s);
        copy_text(s->authorization, sizeof s->authorization, name);
    } else {
        e->status = (int)a.status;
        copy_span(e->code, sizeof e->code, a.code);
        copy_span(e->message, sizeof e->message, a.text);
    }
    channel_clear(ch);
    return a.granted;
}

static void authorization_wish_(void *ctx, const char *name)
{
    struct channel *ch = ctx;
    const struct message_authorization_wish m = { span_of(name) };
    tell(ch, message_authorization_wish_write(&ch->out, ch->call, &m));
}

static bool breaker_allow_(void *ctx, const char *name)
{
    struct channel *ch = ctx;
    const struct message_breaker_question q = { span_of(name) };
    struct message_breaker_answer a;
    const struct frame f = ask(ch, message_breaker_question_write(&ch->out, ch->call, &q));
    must_understand(message_breaker_answer_read(&f, &a));
    return a.allowed;
}

static void breaker_report_(void *ctx, const char *name, bool ok)
{
    struct channel *ch = ctx;
    const struct message_breaker_report m = { span_of(name), ok };
    tell(ch, message_breaker_report_write(&ch->out, ch->call, &m));
}

/* The answer's text as the caller's own. NULL without memory. */
static char *text_of(struct span body)
{
    char *copy = malloc(body.n + 1);
    if (copy)
        copy_span(copy, body.n + 1, body);
    return copy;
}

static bool job_ask_(void *ctx, int what, const struct act_call *call, const char *body, int *status, char **text,
                     struct err *e)
{
    struct channel *ch = ctx;
    const struct message_job_question q = { .what = what,
                                            .action = call->index,
                                            .request_id = span_of(call->request_id),
                                            .traceparent = span_of(call->traceparent),
                                            .org = org_texts_of(&call->org.session),
                                            .body = span_of(body) };
    struct message_job_answer a;
    const struct frame f = ask(ch, message_job_question_write(&ch->out, ch->call, &q));
    must_understand(message_job_answer_read(&f, &a));
    if (a.status < 300 && (*text = text_of(a.body))) {
        *status = (int)a.status;
        return true;
    }
    if (a.status < 300)
        return err_set(e, 503, "out_of_memory", "There was no memory for the answer of the job queue.");
    err_set(e, (int)a.status, "", "%.*s", (int)a.body.n, a.body.p);
    copy_span(e->code, sizeof e->code, a.code);
    e->retry_after_s = (int)a.retry_after_s;
    return false;
}

static bool step_report_(void *ctx, const char *state, bool *stop)
{
    struct channel *ch = ctx;
    const struct message_step_report m = { state != NULL, span_of(state ? state : "") };
    struct message_step_answer a;
    const struct frame f = ask(ch, message_step_report_write(&ch->out, ch->call, &m));
    must_understand(message_step_answer_read(&f, &a));
    *stop = a.stop;
    ch->canceled = a.canceled;
    ch->parallel = (int)a.parallel;
    return a.kept;
}

static bool step_canceled_(void *ctx)
{
    return ((const struct channel *)ctx)->canceled;
}

static int step_parallel_(void *ctx)
{
    return ((const struct channel *)ctx)->parallel;
}

struct services channel_link(struct channel *ch)
{
    return (struct services){ .ctx = ch,
                              .cache_get = cache_get_,
                              .cache_put = cache_put_,
                              .authorization = authorization_,
                              .authorization_wish = authorization_wish_,
                              .breaker_allow = breaker_allow_,
                              .breaker_report = breaker_report_,
                              .job_ask = job_ask_,
                              .step_report = step_report_,
                              .step_canceled = step_canceled_,
                              .step_parallel = step_parallel_ };
}
