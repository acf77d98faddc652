/* draft.h - a record on its way in: what the client sent, then what the org adds. */
#ifndef SANDBOX_ORG_DRAFT_H
#define SANDBOX_ORG_DRAFT_H

#include "sandbox/org/org_parts.h"

struct draft {
    struct call *c;
    struct object *ob;
    struct value *values; /* one for each field of the object */
    bool *set;
    const char *id; /* NULL on insert */
};

bool draft_start(struct draft *d, struct call *c, struct object *ob, const char *id);
void draft_free(struct draft *d);
size_t draft_index(const struct object *ob, const struct field *f);
/* Takes the value over; a field that the object has not is no fault. */
void draft_put(struct draft *d, const char *name, struct value v);
struct value draft_text(const char *s);

/* Checks and takes every member of the client's object, and the parts of a multipart request. */
bool draft_take(struct draft *d, const json_t *in, struct fault *fault);

/* What the org fills in: defaults, numbers, names made of parts, dates and users. */
void draft_defaults(struct draft *d);
void draft_auto_numbers(struct draft *d);
void draft_joined(struct draft *d);
void draft_stamps(struct draft *d);

#endif
