/*
 * message_parts.h - how messages.c and event_messages.c say what a message's fields are: a table for each, from which
 * its writer and its reader are made.
 */
#ifndef ACTIONHOST_POOL_MESSAGE_PARTS_H
#define ACTIONHOST_POOL_MESSAGE_PARTS_H

#include "runtime/pool/messages.h"

struct field {
    void (*put)(struct buf *out, const void *member);
    bool (*take)(const struct field *row, struct span *payload, void *member);
    size_t at;           /* where the member is in its struct */
    int64_t least, most; /* of a number, or of the length of bytes */
};

/* Append a member, of type struct span, int64_t, bool or struct org_texts. */
void field_put_span(struct buf *out, const void *member);
void field_put_number(struct buf *out, const void *member);
void field_put_flag(struct buf *out, const void *member);
void field_put_org(struct buf *out, const void *member);

/* Take a field off a payload into a member, borrowed. False: it is not there, or out of its row's bounds. */
bool field_take_bytes(const struct field *row, struct span *payload, void *member);
bool field_take_text(const struct field *row, struct span *payload, void *member); /* without a NUL */
bool field_take_word(const struct field *row, struct span *payload, void *member); /* of small letters, digits, "_" */
bool field_take_number(const struct field *row, struct span *payload, void *member);
bool field_take_flag(const struct field *row, struct span *payload, void *member);
bool field_take_org(const struct field *row, struct span *payload, void *member);

/* Append the n fields of `m`; that they did not fit is told by out->failed. */
void fields_put(struct buf *out, const struct field *row, size_t n, const void *m);
/* A frame of them. False: it did not fit. */
MUST_CHECK bool fields_write(struct buf *out, enum frame_kind kind, uint64_t call, const struct field *row, size_t n,
                             const void *m);
/* False: of another kind, shorter or longer than its fields, or a field out of its bounds. */
MUST_CHECK bool fields_read(const struct frame *f, enum frame_kind kind, const struct field *row, size_t n, void *m);

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): names of types and functions cannot stand in any */
/* Rows. A row only knows where its member is, so the member's type is checked here. */
#define PLACE(message, member, type) _Generic(((struct message *)0)->member, type: offsetof(struct message, member))
#define BYTES(message, member, most)         { field_put_span, field_take_bytes, PLACE(message, member, struct span), 0, most }
#define TEXT(message, member, most)          { field_put_span, field_take_text, PLACE(message, member, struct span), 0, most }
#define WORD(message, member, most)          { field_put_span, field_take_word, PLACE(message, member, struct span), 0, most }
#define NUMBER(message, member, least, most) { field_put_number, field_take_number, PLACE(message, member, int64_t), least, most }
#define FLAG(message, member)                { field_put_flag, field_take_flag, PLACE(message, member, bool), 0, 1 }
#define ORG(message, member)                 { field_put_org, field_take_org, PLACE(message, member, struct org_texts), 0, 0 }

/* A writer and a reader of `rows`. */
#define WRITER(message, kind, rows) \
    bool message##_write(struct buf *out, uint64_t call, const struct message *m) \
    { \
        return fields_write(out, kind, call, rows, sizeof rows / sizeof *rows, m); \
    }
#define READER(message, kind, rows) \
    bool message##_read(const struct frame *f, struct message *m) \
    { \
        return fields_read(f, kind, rows, sizeof rows / sizeof *rows, m); \
    }
/* The same for a reader that looks at more than its rows. */
#define FIELDS_READ(f, kind, rows, m) fields_read(f, kind, rows, sizeof rows / sizeof *rows, m)
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

#endif
