/* message_fields.c - a field of each type, put into a frame and taken out of it. */
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/pool/message_parts.h"

/* ---- the texts of an org ---- */

/* In the order in which they travel. */
static const struct {
    size_t texts, session, size;
} org_rows[] = {
#define ROW(member)                                                                                                    \
    {                                                                                                                  \
        offsetof(struct org_texts, member), offsetof(struct org_session, member),                                      \
            sizeof(((struct org_session *)0)->member)                                                                  \
    }
    ROW(id), ROW(url), ROW(api_version), ROW(user_id), ROW(username), ROW(token),
#undef ROW
};
enum { ORG_ROWS = sizeof org_rows / sizeof *org_rows };
_Static_assert(sizeof(struct org_texts) == ORG_ROWS * sizeof(struct span), "a row for each text");

static struct span *org_text(const struct org_texts *texts, size_t row)
{
    return (struct span *)((uintptr_t)texts + org_rows[row].texts);
}

struct org_texts org_texts_of(const struct org_session *s)
{
    struct org_texts texts = { 0 };
    for (size_t i = 0; i < ORG_ROWS; i++)
        *org_text(&texts, i) = span_of((const char *)s + org_rows[i].session);
    return texts;
}

void org_texts_copy(const struct org_texts *texts, struct org_session *s)
{
    for (size_t i = 0; i < ORG_ROWS; i++)
        copy_span((char *)s + org_rows[i].session, org_rows[i].size, *org_text(texts, i));
}

/* ---- a field of each type ---- */

void field_put_span(struct buf *out, const void *member)
{
    frame_field(out, *(const struct span *)member);
}

void field_put_number(struct buf *out, const void *member)
{
    frame_number(out, *(const int64_t *)member);
}

void field_put_flag(struct buf *out, const void *member)
{
    frame_number(out, *(const bool *)member);
}

void field_put_org(struct buf *out, const void *member)
{
    for (size_t i = 0; i < ORG_ROWS; i++)
        frame_field(out, *org_text(member, i));
}

bool field_take_bytes(const struct field *row, struct span *payload, void *member)
{
    struct span *bytes = member;
    return frame_take(payload, bytes) && bytes->n <= (size_t)row->most;
}

bool field_take_text(const struct field *row, struct span *payload, void *member)
{
    const struct span *text = member;
    return field_take_bytes(row, payload, member) && !memchr(text->p, '\0', text->n);
}

/* Of small letters, digits and "_", as the codes of errors are. */
bool field_take_word(const struct field *row, struct span *payload, void *member)
{
    const struct span *word = member;
    if (!field_take_bytes(row, payload, member))
        return false;
    for (size_t i = 0; i < word->n; i++)
        if (!char_lower(word->p[i]) && !char_digit(word->p[i]) && word->p[i] != '_')
            return false;
    return true;
}

bool field_take_number(const struct field *row, struct span *payload, void *member)
{
    int64_t *v = member;
    return frame_take_number(payload, v) && *v >= row->least && *v <= row->most;
}

bool field_take_flag(const struct field *row, struct span *payload, void *member)
{
    int64_t v;
    if (!field_take_number(row, payload, &v))
        return false;
    *(bool *)member = v;
    return true;
}

bool field_take_org(const struct field *row, struct span *payload, void *member)
{
    (void)row;
    for (size_t i = 0; i < ORG_ROWS; i++) {
        const struct field text = { .most = (int64_t)org_rows[i].size - 1 };
        if (!field_take_text(&text, payload, org_text(member, i)))
            return false;
    }
    return true;
}

/* ---- all fields of a message ---- */

void fields_put(struct buf *out, const struct field *row, size_t n, const void *m)
{
    for (; n > 0; n--, row++)
        row->put(out, (const char *)m + row->at);
}

bool fields_write(struct buf *out, enum frame_kind kind, uint64_t call, const struct field *row, size_t n,
                  const void *m)
{
    size_t at = frame_begin(out, kind, call);
    fields_put(out, row, n, m);
    return frame_end(out, at);
}

bool fields_read(const struct frame *f, enum frame_kind kind, const struct field *row, size_t n, void *m)
{
    struct span payload = f->payload;
    if (f->kind != kind)
        return false;
    for (; n > 0; n--, row++)
        if (!row->take(row, &payload, (char *)m + row->at))
            return false;
    return payload.n == 0;
}
