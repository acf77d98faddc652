/*
 * csv.h - CSV as the Bulk API takes and gives it: one record at a time out of memory that is somebody else's, and
 * records written with every value in quotes. Knows no job and no org.
 *
 * What is refused is what an org refuses: the other line ending, a quote or blanks beside a quoted value, a quoted
 * value without an end, bytes that are not UTF-8, records wider than the header, and what is beyond the limits of
 * reference "Bulk API and Bulk API 2.0 Limits and Allocations" of Salesforce.
 */
#ifndef SANDBOX_BULK_CSV_H
#define SANDBOX_BULK_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/base/text.h"

enum {
    CSV_HEADER_MAX = 32000,  /* characters of the header line */
    CSV_COLUMNS_MAX = 5000,  /* fields of a record */
    CSV_FIELD_MAX = 32000,   /* characters of a value */
    CSV_RECORD_MAX = 400000, /* characters of a record */
    CSV_WHY_MAX = 200
};

struct csv_dialect {
    char delimiter;
    bool crlf;
};

/* By the names of the API: COMMA, TAB, PIPE, SEMICOLON, CARET, BACKQUOTE; LF, CRLF. False when it is none of them. */
bool csv_delimiter(const char *name, char *out);
bool csv_line_ending(const char *name, bool *crlf);
/* The same the other way round; constants. */
const char *csv_delimiter_name(char delimiter);
const char *csv_line_ending_name(bool crlf);

/* One record. Start with all zeros; csv_record_free() it. */
struct csv_record {
    struct text text; /* its values without quotes, each with a NUL behind it */
    size_t *starts;   /* where each begins in it; one more than there are values */
    size_t n, cap;    /* values */
    const char *raw;  /* the record as it stands, without its line ending */
    size_t raw_n;
};

/* The i-th value, NUL-terminated and borrowed until the next record is read; *n is its length. */
const char *csv_value(const struct csv_record *r, size_t i, size_t *n);
void csv_record_free(struct csv_record *r);

struct csv_reader {
    const char *p, *end; /* what is left */
    struct csv_dialect dialect;
    size_t columns;        /* of the header; 0 = none was read yet */
    unsigned long long at; /* the number of the record that was read last, the header is 1 */
    char why[CSV_WHY_MAX]; /* after CSV_WRONG, as the org words it */
};

enum csv_outcome { CSV_READ, CSV_END, CSV_WRONG };

/* Reads from n bytes, which must stay. */
void csv_start(struct csv_reader *r, const char *p, size_t n, const struct csv_dialect *dialect);
/* The next record; the first is the header and says how many values each has. Empty lines are passed over. */
enum csv_outcome csv_next(struct csv_reader *r, struct csv_record *out);

/* Appends one value in quotes, with a delimiter before it unless it is the first of its record. */
void csv_put(struct text *out, const struct csv_dialect *dialect, bool first, const char *p, size_t n);
/* Appends a line ending. */
void csv_end_record(struct text *out, const struct csv_dialect *dialect);

#endif
