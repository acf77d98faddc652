/*
 * record.h - records, one at a time: what comes in (draft.c), how it is found, saved and deleted (lookup.c,
 * record.c), and what a file brings along (content.c, which records call and which makes records itself).
 */
#ifndef SANDBOX_RECORDS_RECORD_H
#define SANDBOX_RECORDS_RECORD_H

#include "sandbox/records/records.h"

/* ---- drafts: what the client sent, then what the org adds (draft.c) ---- */
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
/* The same with a copy of a text; "" is null. */
void draft_put_text(struct draft *d, const char *name, const char *s);
/* Checks and takes every member of the client's object, and the parts of a multipart request. False with `fault`
 * filled.
 */
bool draft_take(struct draft *d, const json_t *in, struct fault *fault);
/* What the org fills in: defaults, numbers, names made of parts, dates and users. */
void draft_defaults(struct draft *d);
void draft_auto_numbers(struct draft *d);
void draft_joined(struct draft *d);
void draft_stamps(struct draft *d);

/* ---- finding (lookup.c) ---- */
/* How many records have this value in the field; the first one's id goes to `id`. */
int lookup_by(struct org *o, const struct object *ob, const struct field *f, const struct value *v, char id[ID_SIZE]);

/* ---- the four operations (record.c); false with `f` filled and nothing changed ---- */
bool record_insert(struct call *c, struct object *ob, const json_t *in, char id[ID_SIZE], struct fault *f);
bool record_update(struct call *c, struct object *ob, const char *id, const json_t *in, struct fault *f);
bool record_delete(struct call *c, struct object *ob, const char *id, struct fault *f);
/* By a key field; sets `created`. */
bool record_upsert(struct call *c, struct object *ob, struct field *key, const char *value, const json_t *in,
                   char id[ID_SIZE], bool *created, struct fault *f);

/* ---- files (content.c): a ContentVersion makes and follows its ContentDocument; other objects pass untouched ---- */
bool content_before_insert(struct draft *d, struct fault *f);
bool content_after_insert(const struct draft *d, const char *id, struct fault *f);
void content_before_update(struct draft *d);

#endif
