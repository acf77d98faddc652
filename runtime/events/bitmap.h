/*
 * bitmap.h - which fields an event says have changed: bitmaps in hexadecimal digits, whose lowest bit, at the right, is
 * the first field of the schema. "0x..." is of the event itself, "7-0x..." of the record that is its field number 7.
 */
#ifndef ACTIONHOST_EVENTS_BITMAP_H
#define ACTIONHOST_EVENTS_BITMAP_H

#include "runtime/events/form.h"

enum { BITMAP_FIELDS = 4096 /* of a schema, those of its records included */ };

/* What several bitmaps say together. */
struct bitmap {
    const struct form *form;
    size_t first[BITMAP_FIELDS]; /* for each field of the event: where the marks of its own fields begin */
    bool field[BITMAP_FIELDS], nested[BITMAP_FIELDS];
};

/* False: the schema has more fields than that. */
MUST_CHECK bool bitmap_begin(struct bitmap *b, const struct form *s);
/* One item of changedFields, nulledFields or diffFields. False: it is no bitmap, or has a bit for which there is no
 * field. */
MUST_CHECK bool bitmap_add(struct bitmap *b, struct span item);
/* Appends the names as a JSON array in the order of the schema, those of a record's fields as "Name.LastName". */
MUST_CHECK bool bitmap_names(const struct bitmap *b, struct buf *out);

#endif
