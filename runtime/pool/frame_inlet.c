/* frame_inlet.c - frames as they come in. */
#include "runtime/pool/frame_inlet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/base/limits.h"

enum {
    PIECE = 16 * 1024,
    READS = 16, /* of one event; the kernel tells of the rest again */
    KEEP = 256 * 1024
};

/* What came of one read, or of the frames in it. */
enum heard { HEARD_SOME, HEARD_NOTHING, HEARD_END, HEARD_CLOSED };

static enum heard take_frames(const struct watch *w, struct buf *in, inlet_frame_fn *take, void *ctx, const char **why)
{
    const int socket = w->fd;
    size_t at = 0;
    struct frame f;
    bool bad;
    while (frame_peek((struct span){ in->p + at, in->n - at }, LIMIT_FRAME, &f, &bad)) {
        bool ok = take(ctx, &f);
        if (w->fd != socket)
            return HEARD_CLOSED;
        *why = "it sent what it must not";
        if (!ok)
            return HEARD_END;
        at += FRAME_HEAD + f.payload.n;
    }
    *why = "it sent no frame";
    if (bad)
        return HEARD_END;
    size_t rest = in->n - at;
    memmove(in->p, in->p + at, rest);
    bytes_wipe(in->p + rest, at);
    in->n = rest;
    if (rest == 0 && in->cap > KEEP)
        buf_free(in);
    return HEARD_SOME;
}

static enum heard read_once(const struct watch *w, struct buf *in, inlet_frame_fn *take, void *ctx, const char **why)
{
    char *to = buf_room(in, PIECE);
    ssize_t n = to ? recv(w->fd, to, PIECE, MSG_DONTWAIT) : -1;
    if (n < 0 && to && errno == EINTR)
        return HEARD_SOME;
    if (n < 0 && to && (errno == EAGAIN || errno == EWOULDBLOCK))
        return HEARD_NOTHING;
    if (n <= 0) {
        *why = n == 0 ? NULL : "it cannot be read";
        return HEARD_END;
    }
    in->n += (size_t)n;
    return take_frames(w, in, take, ctx, why);
}

bool inlet_hear(const struct watch *w, struct buf *in, inlet_frame_fn *take, void *ctx, const char **why)
{
    enum heard heard = HEARD_SOME;
    for (int i = 0; i < READS && heard == HEARD_SOME; i++)
        heard = read_once(w, in, take, ctx, why);
    return heard != HEARD_END;
}
