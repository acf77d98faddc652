/*
 * recorded_csv.h - results of bulk jobs as recordings have them: read without the sandbox's own reader, compared value
 * by value, and turned into what a job must have been given.
 */
#ifndef TESTS_RECORDED_CSV_H
#define TESTS_RECORDED_CSV_H

#include "tests/sandbox/recorded.h"

/* All rows as a list of lists of texts; a new reference. */
json_t *csv_rows(const char *p, size_t n);
/* Whether a recorded result is one that an org gives: its counts agree, its columns are fields (none of a parent's),
 * its ids and errors have the form of such. */
bool csv_is_whole(const struct recording *r, const char *part);
/* Whether our answer has the recorded columns, rows and headers; ids may be others. r->why otherwise. */
bool csv_same(struct recording *r, const struct reply *got);

/* What a job was given that has these results. */
struct csv_load {
    char object[100], operation[20], key[100];
    char *csv; /* free() it */
    bool unprocessed;
};
/* Also puts the records that must be there, and what makes rows fail, into the set-up. */
void csv_plan_load(struct recording *r, struct setup *s, const char *part, struct csv_load *out);

struct csv_query {
    char *soql; /* free() it */
    size_t rows;
};
/* A query that finds the recorded rows; `later` = with one row before them. */
void csv_plan_query(struct recording *r, struct setup *s, bool later, struct csv_query *out);

#endif
