/*
 * record.h - records, one at a time or several together: each checked as the org checks (record.c).
 */
#ifndef SANDBOX_RECORDS_RECORD_H
#define SANDBOX_RECORDS_RECORD_H

#include "sandbox/records/records.h"

/* ---- the four operations (record.c); false with `f` filled and nothing changed ---- */
bool record_insert(struct call *c, struct object *ob, const json_t *in, char id[ID_SIZE], struct fault *f);
bool record_update(struct call *c, struct object *ob, const char *id, const json_t *in, struct fault *f);
bool record_delete(struct call *c, struct object *ob, const char *id, struct fault *f);
/* Takes a record out of the recycle bin, alone; false when it is not there. */
bool record_undelete(struct call *c, const struct object *ob, const char *id);
/* By a key field; sets `created`. */
bool record_upsert(struct call *c, struct object *ob, struct field *key, const char *value, const json_t *in,
                   char id[ID_SIZE], bool *created, struct fault *f);
/* Around several of them: the totals of their parents are worked out once, at the end. records_end() keeps or undoes
 * all; false when it did not keep them. */
void records_begin(struct call *c);
bool records_end(struct call *c, bool keep, struct fault *f);

#endif
