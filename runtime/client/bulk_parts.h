/* bulk_parts.h - what the files of Bulk API 2.0 share. */
#ifndef ACTIONHOST_CLIENT_BULK_PARTS_H
#define ACTIONHOST_CLIENT_BULK_PARTS_H

#include "runtime/client/bulk_csv.h"
#include "runtime/client/client_parts.h"

/* Path of a job and what is behind it ("" or "/batches"), in the call's arena. The id must have been checked. */
char *bulk_path(struct sf_org *org, enum sf_bulk_kind kind, const char *id, const char *rest);
/* Whether an id can stand in a path; false fills *err. */
bool bulk_id_check(const char *id, struct sf_error *err) MUST_CHECK;
/* Whether object, operation and columns can be sent; false fills *err. */
bool bulk_load_check(const struct sf_bulk_load *load, struct sf_error *err) MUST_CHECK;
/* Asks the org to move a job to a state. */
bool bulk_set_state(struct sf_org *org, enum sf_bulk_kind kind, const char *id, const char *state,
                    struct sf_error *err) MUST_CHECK;
/* Reads sf__Error of a refused row, "CODE:message:fields --", into *err. Never empty. */
void bulk_row_error(struct sf_error *err, const char *text);

#endif
