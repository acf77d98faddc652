/*
 * draft.h - a record on its way in: what the client sent, then what the org adds.
 */
#ifndef SANDBOX_RECORDS_DRAFT_H
#define SANDBOX_RECORDS_DRAFT_H

#include "sandbox/records/records.h"

struct draft {
    struct call *c;
    struct object *ob;
    struct value *values; /* one for each field of the object */
    bool *set;
    const char *id; /* NULL on insert */
};

/* draft_free() it. `id` is borrowed. */
void draft_start(struct draft *d, struct call *c, struct object *ob, const char *id);
void draft_free(struct draft *d);
/* The field's place in `values` and `set`. */
size_t draft_index(const struct object *ob, const struct field *f);
/* The value that stands for a field so far; NULL when the object has no such field. */
const struct value *draft_get(const struct draft *d, const char *name);
/* Takes the value over; a field that the object has not is no fault. */
void draft_put(struct draft *d, const char *name, struct value v);
/* The same with a copy of a text, where "" is null; with a whole number. */
void draft_put_text(struct draft *d, const char *name, const char *s);
void draft_put_int(struct draft *d, const char *name, int64_t i);
/* The text that stands for a field so far; NULL when it is null or none. */
const char *draft_text(const struct draft *d, const char *name);
/* Whether the field is to be saved; and that it is not. */
bool draft_is_set(const struct draft *d, const char *name);
void draft_unset(struct draft *d, const char *name);
/* Of an update: reads what is stored in the fields of the list (NULL at its end) that are not to be saved, so that
 * draft_get() gives what will hold. */
void draft_load(struct draft *d, const char *const *names);
/* Of an update: the text that is stored, as much of it as there is room for. */
void draft_stored(struct draft *d, const char *name, char *out, size_t size);
/* Checks and takes every member of the client's object, and the parts of a multipart request. False with `fault`
 * filled.
 */
bool draft_take(struct draft *d, const json_t *in, struct fault *fault);
/* What the org fills in: defaults, numbers, names made of parts, dates and users. */
void draft_defaults(struct draft *d);
void draft_auto_numbers(struct draft *d);
void draft_joined(struct draft *d);
void draft_stamps(struct draft *d);

/* ---- rows that a write holds (row_locks.c) ---- */
/* Holds a record (`id`, or NULL when it is new) and its parents, of the draft and as stored, until the call has ended
 * in modelled time. `d` may be NULL. False with `f` filled when another call holds one. */
bool rows_hold(struct call *c, const struct object *ob, const char *id, const struct draft *d, struct fault *f);

#endif
