/* batch.c - see batch.h. */
#include "runtime/inbox/batch.h"

#include <string.h>
#include <time.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/base/log.h"

void batch_begin(struct batch *b, int64_t subscription, int64_t fence, struct span latest)
{
    b->b =
        (struct inbox_batch){ .subscription = subscription, .fence = fence, .latest = latest, .v = b->v, .lag_ms = -1 };
}

static bool name_char(char c)
{
    return char_alnum(c) || c == '-' || c == '_';
}

/* An event without an id is known by its position, and one whose id is no text by the bytes of that. */
static struct span name_event(const struct event *e, char out[INBOX_EVENT_ID + 1])
{
    _Static_assert(7 + 2 * EVENT_ID <= INBOX_EVENT_ID && (int)EVENT_REPLAY_ID <= (int)EVENT_ID, "a name fits");
    if (e->id.n && span_all(e->id, name_char))
        return e->id;
    const struct span of = e->id.n ? e->id : e->replay_id;
    copy_text(out, INBOX_EVENT_ID + 1, e->id.n ? "id----:" : "replay:");
    hex_encode((const unsigned char *)of.p, of.n, out + 7);
    return (struct span){ out, strlen(out) };
}

static void tell_apart(const struct batch_source *s, struct span id, const char *why)
{
    struct log_line line;
    log_begin(&line, LOG_ERROR, "event-unreadable");
    log_text(&line, "connection", s->connection);
    log_text(&line, "topic", s->topic);
    log_span(&line, "event", id);
    log_text(&line, "why", why);
    log_end(&line);
}

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool batch_add(struct batch *b, const struct batch_source *s, const struct event *e)
{
    const size_t at = b->b.n;
    const int64_t now = wall_ms();
    struct match *m = &b->m[at];
    if (at == EVENT_BATCH)
        return false;
    enum match_result r = match_event(s->declarations, span_of(s->topic), e, s->since_ms, m);
    if (e->header.commit_ms > 0)
        b->b.lag_ms = now > e->header.commit_ms ? now - e->header.commit_ms : 0;
    if (r == MATCH_NONE) {
        buf_free(&m->row);
        return true;
    }
    const bool some = r == MATCH_SOME;
    b->v[at] = (struct inbox_event){ .id = name_event(e, b->ids[at]),
                                     .key = some ? e->header.transaction_key : span_of(""),
                                     .body = { some ? m->row.p : NULL, some ? m->row.n : 0 },
                                     .fault = span_of(m->why),
                                     .commit_ms = e->header.commit_ms,
                                     .ids = m->ids };
    if (!some)
        tell_apart(s, b->v[at].id, m->why);
    b->b.gaps += some && m->wide;
    b->b.n++;
    return true;
}

void batch_end(struct batch *b)
{
    for (size_t i = 0; i < b->b.n; i++)
        buf_free(&b->m[i].row);
    b->b.n = 0;
}
