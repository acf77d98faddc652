/* statement.h - whether a text is one statement of SQL that reads. */
#ifndef QUERY_DATA_CLOUD_STATEMENT_H
#define QUERY_DATA_CLOUD_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * False with a sentence in `why` that says what to change. The service has the last word; this keeps away what can
 * never be meant: a second statement, and words that write, wherever they stand outside of quotes and comments.
 */
bool statement_is_reading(const char *sql, char *why, size_t size);

#endif
