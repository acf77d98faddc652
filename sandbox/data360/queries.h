/* queries.h - queries that were started in an org, and their rows for as long as somebody may read them. */
#ifndef SANDBOX_DATA360_QUERIES_H
#define SANDBOX_DATA360_QUERIES_H

#include "sandbox/data360/sql.h"

enum { DATA_QUERIES = 16 /* of an org; the oldest gives way */ };

struct data_query {
    char id[40], user_id[ID_SIZE];
    struct data_rows rows;
    int64_t ready_ms; /* it runs until then */
    size_t served;    /* rows that a reader of the older API has had */
    struct data_query *next;
};

/* Takes the rows over; it runs for run_ms. The org's lock is held in all of these. */
struct data_query *data_query_start(struct org *o, const char *user_id, struct data_rows *rows, int64_t run_ms);
/* NULL when there is none of this id and user. */
struct data_query *data_query_find(struct org *o, const char *user_id, const char *id);
void data_query_drop(struct org *o, struct data_query *q);
/* Forgets all. */
void data_queries_free(struct org *o);
/* Appends "[row,row]" of rows [from, to). */
void data_query_write(const struct data_query *q, size_t from, size_t to, struct text *out);

#endif
