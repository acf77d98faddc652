/* sql.h - one statement of SQL over the data model objects of an org. */
#ifndef SANDBOX_DATA360_SQL_H
#define SANDBOX_DATA360_SQL_H

#include "sandbox/records/records.h"

enum { DATA_COLUMNS = 100, DATA_ROWS = 100000, DATA_WHY = 400 };

/* What a statement gave. Zeroed before; data_free afterwards. */
struct data_rows {
    char (*names)[NAME_SIZE];
    const char **types; /* Varchar, Decimal, Date, ... */
    size_t columns;
    struct text text; /* the rows as JSON arrays, one behind the other */
    size_t *ends;     /* where each stops */
    size_t n, cap;
};

/* False with a sentence as such a service gives it; the org's lock is held. */
bool data_run(struct org *o, const char *sql, struct data_rows *rows, char why[DATA_WHY]);
void data_free(struct data_rows *rows);

#endif
