/*
 * soql.h - a SOQL template with "?" in it and typed values become one SOQL text. The only way into a query: values are
 * escaped by their type, names are checked as identifiers, and a "?" within a quoted literal of the template is no
 * hole.
 */
#ifndef ACTIONHOST_CLIENT_SOQL_H
#define ACTIONHOST_CLIENT_SOQL_H

#include "runtime/action.h"
#include "runtime/base/bytes.h"

/*
 * Appends the text to `out`, which has the ceiling. `optional[i]` says for binds[i] of type OPTIONAL which of its
 * fields are taken (count bools); NULL = none. False with a sentence in `why` when a value does not fit its type, or
 * the numbers of holes and values differ; `out` is then of no use.
 */
bool soql_write(struct buf *out, const char *soql, const struct sf_bind *binds, size_t count,
                const bool *const *optional, char *why, size_t size) MUST_CHECK;

#endif
