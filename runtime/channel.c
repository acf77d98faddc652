/* channel.c - blocking frames between a worker and the front. */
#include "runtime/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void channel_init(struct channel *ch, int fd)
{
    *ch = (struct channel){ .fd = fd };
    buf_init(&ch->in, LIMIT_FRAME + sizeof(struct frame_head));
    buf_init(&ch->out, LIMIT_FRAME + sizeof(struct frame_head));
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
    if (ch->in.cap > 256 * 1024)
        buf_free(&ch->in);
}

/* The worker has at most one frame on its way to it, so a read never takes part of a second one. */
bool channel_read(struct channel *ch, struct frame_head *head, struct span *payload)
{
    bool bad = false;
    ch->in.n = 0;
    while (!frame_peek((struct span){ ch->in.p, ch->in.n }, LIMIT_FRAME, head, payload, &bad)) {
        size_t room = ch->in.cap > ch->in.n + 1 ? ch->in.cap - ch->in.n - 1 : 16 * 1024;
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

/* Sends the question and waits for the answer to it. */
static struct span ask(struct channel *ch, size_t begun, unsigned *status)
{
    struct frame_head head;
    struct span payload;
    if (!frame_end(&ch->out, begun) || !channel_send(ch) || !channel_read(ch, &head, &payload) ||
        head.kind != FRAME_ANSWER || head.call != ch->call)
        _exit(0); /* without a front there is nobody to work for */
    *status = head.status;
    return payload;
}

static void tell(struct channel *ch, size_t begun)
{
    if (!frame_end(&ch->out, begun) || !channel_send(ch))
        _exit(0);
}

static bool cache_get_(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms)
{
    struct channel *ch = ctx;
    unsigned found;
    struct span field;
    size_t at = frame_begin(&ch->out, FRAME_ASK_CACHE, 0, ch->call);
    frame_field(&ch->out, span_of(key));
    struct span payload = ask(ch, at, &found);
    if (!found || !frame_take(&payload, &field) || !frame_take_number(&payload, age_ms))
        return false;
    char *copy = malloc(field.n + 1);
    if (!copy)
        return false;
    if (field.n)
        memcpy(copy, field.p, field.n);
    copy[field.n] = '\0';
    *value = copy;
    *n = field.n;
    return true;
}

static void cache_put_(void *ctx, const char *key, const void *value, size_t n, int ttl_s)
{
    struct channel *ch = ctx;
    size_t at = frame_begin(&ch->out, FRAME_PUT_CACHE, 0, ch->call);
    frame_field(&ch->out, span_of(key));
    frame_field(&ch->out, (struct span){ value, n });
    frame_number(&ch->out, ttl_s);
    tell(ch, at);
}

static bool authorization_(void *ctx, const char *name, const char *stale, struct org_session *s, struct err *e)
{
    struct channel *ch = ctx;
    unsigned yes;
    size_t at = frame_begin(&ch->out, FRAME_ASK_AUTHORIZATION, 0, ch->call);
    frame_field(&ch->out, span_of(name));
    frame_field(&ch->out, span_of(stale));
    struct span payload = ask(ch, at, &yes);
    bool ok;
    if (yes) {
        ok = frame_take_text(&payload, s->id, sizeof s->id) && frame_take_text(&payload, s->url, sizeof s->url) &&
             frame_take_text(&payload, s->api_version, sizeof s->api_version) &&
             frame_take_text(&payload, s->user_id, sizeof s->user_id) &&
             frame_take_text(&payload, s->username, sizeof s->username) &&
             frame_take_text(&payload, s->token, sizeof s->token);
        copy_text(s->authorization, sizeof s->authorization, name);
    } else {
        int64_t status = 0;
        ok = frame_take_number(&payload, &status) && frame_take_text(&payload, e->code, sizeof e->code) &&
             frame_take_text(&payload, e->message, sizeof e->message);
        e->status = (int)status;
    }
    channel_clear(ch);
    if (!ok)
        err_set(e, 500, "internal_error", "The host's own answer was not understood.");
    return ok && yes;
}

static bool breaker_allow_(void *ctx, const char *name)
{
    struct channel *ch = ctx;
    unsigned yes;
    size_t at = frame_begin(&ch->out, FRAME_ASK_BREAKER, 0, ch->call);
    frame_field(&ch->out, span_of(name));
    (void)ask(ch, at, &yes);
    return yes;
}

static void breaker_report_(void *ctx, const char *name, bool ok)
{
    struct channel *ch = ctx;
    size_t at = frame_begin(&ch->out, FRAME_TELL_BREAKER, 0, ch->call);
    frame_field(&ch->out, span_of(name));
    frame_number(&ch->out, ok);
    tell(ch, at);
}

struct services channel_link(struct channel *ch)
{
    return (struct services){ .ctx = ch,
                              .cache_get = cache_get_,
                              .cache_put = cache_put_,
                              .authorization = authorization_,
                              .breaker_allow = breaker_allow_,
                              .breaker_report = breaker_report_ };
}
