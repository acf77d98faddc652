/* frame.c - heads and fields, written and checked. */
#include "runtime/pool/frame.h"

#include <string.h>

struct head {
    uint32_t n; /* bytes of payload */
    uint32_t kind;
    uint64_t call;
};
_Static_assert(sizeof(struct head) == FRAME_HEAD, "no padding");
_Static_assert(sizeof(int64_t) == FRAME_NUMBER, "a number as it is in memory");

size_t frame_begin(struct buf *b, enum frame_kind kind, uint64_t call)
{
    const struct head head = { .kind = kind, .call = call };
    size_t at = b->n;
    buf_add(b, &head, sizeof head);
    return at;
}

bool frame_end(struct buf *b, size_t begun)
{
    if (b->failed)
        return false;
    uint32_t n = (uint32_t)(b->n - begun - FRAME_HEAD);
    memcpy(b->p + begun + offsetof(struct head, n), &n, sizeof n);
    return true;
}

void frame_field(struct buf *b, struct span field)
{
    uint32_t n = (uint32_t)field.n;
    buf_add(b, &n, sizeof n);
    buf_add(b, field.p, field.n);
}

void frame_number(struct buf *b, int64_t v)
{
    buf_add(b, &v, sizeof v);
}

bool frame_take(struct span *payload, struct span *field)
{
    uint32_t n;
    if (payload->n < sizeof n)
        return false;
    memcpy(&n, payload->p, sizeof n);
    if (n > payload->n - sizeof n)
        return false;
    *field = (struct span){ payload->p + sizeof n, n };
    payload->p += sizeof n + n;
    payload->n -= sizeof n + n;
    return true;
}

bool frame_take_number(struct span *payload, int64_t *v)
{
    if (payload->n < sizeof *v)
        return false;
    memcpy(v, payload->p, sizeof *v);
    payload->p += sizeof *v;
    payload->n -= sizeof *v;
    return true;
}

bool frame_peek(struct span in, size_t max, struct frame *f, bool *bad)
{
    struct head head;
    *bad = false;
    if (in.n < sizeof head)
        return false;
    memcpy(&head, in.p, sizeof head);
    *bad = head.n > max || head.kind == 0 || head.kind >= FRAME_KINDS;
    if (*bad || in.n - sizeof head < head.n)
        return false;
    *f = (struct frame){ (enum frame_kind)head.kind, head.call, { in.p + sizeof head, head.n } };
    return true;
}
