/* frame.c - encoding and checking of frames. */
#include "runtime/pool/frame.h"

#include <string.h>

size_t frame_begin(struct buf *b, enum frame_kind kind, unsigned status, uint64_t call)
{
    struct frame_head head = { .kind = (uint16_t)kind, .status = (uint16_t)status, .call = call };
    size_t at = b->n;
    buf_add(b, &head, sizeof head);
    return at;
}

bool frame_end(struct buf *b, size_t begun)
{
    if (b->failed)
        return false;
    uint32_t n = (uint32_t)(b->n - begun - sizeof(struct frame_head));
    memcpy(b->p + begun + offsetof(struct frame_head, n), &n, sizeof n);
    return true;
}

bool frame_field(struct buf *b, struct span field)
{
    uint32_t n = (uint32_t)field.n;
    buf_add(b, &n, sizeof n);
    return buf_add(b, field.p, field.n);
}

bool frame_number(struct buf *b, int64_t v)
{
    return buf_add(b, &v, sizeof v);
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

bool frame_take_text(struct span *payload, char *out, size_t size)
{
    struct span field;
    if (!frame_take(payload, &field) || field.n >= size || (field.n && memchr(field.p, 0, field.n)))
        return false;
    copy_span(out, size, field);
    return true;
}

bool frame_peek(struct span in, size_t max, struct frame_head *head, struct span *payload, bool *bad)
{
    *bad = false;
    if (in.n < sizeof *head)
        return false;
    memcpy(head, in.p, sizeof *head);
    *bad = head->n > max || head->kind == 0 || head->kind >= FRAME_KINDS;
    if (*bad || in.n - sizeof *head < head->n)
        return false;
    *payload = (struct span){ in.p + sizeof *head, head->n };
    return true;
}
