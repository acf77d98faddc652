/*
 * bulk_parts.h - what the files of Bulk API 2.0 share, and the CSV that it speaks: UTF-8, fields separated by commas,
 * lines ended by LF, a quote within a quoted field doubled. The reader takes any pieces and is strict: what two readers
 * could understand differently is an error, so that no value lands in another column or record.
 */
#ifndef ACTIONHOST_CLIENT_BULK_PARTS_H
#define ACTIONHOST_CLIENT_BULK_PARTS_H

#include "runtime/client/client_parts.h"

/* ---- CSV (bulk_csv.c) ---- */

enum {
    CSV_COLUMNS = 5000,      /* of one record; the org's own limit */
    CSV_RECORD = 1600000,    /* bytes of one record: the org's 400,000 characters, of which each may need four */
    CSV_FIELD_CHARS = 131072 /* of a field that is written; the org's own limit */
};

/* A record: n fields, each ended by a NUL (there is none within), all gone when the function returns. The first one is
 * the header. False ends the reading. */
typedef bool csv_record_fn(void *ctx, const char *const *fields, size_t n);

struct csv_reader {
    csv_record_fn *record;
    void *ctx;
    struct buf text;        /* the fields of the record so far, each ended by a NUL */
    size_t *starts, n, cap; /* where each of them begins */
    size_t columns;         /* of the header, 0 = not there yet */
    int state;
    int64_t records; /* complete ones, with the header */
    const char *why; /* a sentence when the text is no such CSV; NULL when `record` has ended the reading */
};

/* `ctx` goes to `record`. Free with csv_reader_fini. */
void csv_reader_init(struct csv_reader *r, csv_record_fn *record, void *ctx);
void csv_reader_fini(struct csv_reader *r);
/* Takes the next n bytes. False, now and ever after: r->why says why. */
bool csv_read(struct csv_reader *r, const char *p, size_t n) MUST_CHECK;
/* That was all of it: a last line need not be ended. False as above. No bytes at all are no records. */
bool csv_read_end(struct csv_reader *r) MUST_CHECK;

/*
 * Appends a record. values[i]: NULL or "" = an empty field; `null` (compared as a pointer) is written as #N/A, which
 * empties a field in the org. False with a sentence in *why when a value cannot be written so that the org reads the
 * same; `out` then ends as it did before.
 */
bool csv_write(struct buf *out, const char *const *values, size_t n, const char *null, const char **why) MUST_CHECK;

/* ---- jobs ---- */

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
