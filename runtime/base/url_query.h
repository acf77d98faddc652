/*
 * url_query.h - parameters of a URL's query, decoded once (RFC 3986 section 2.1; "+" is a blank, as forms send it).
 */
#ifndef ACTIONHOST_BASE_URL_QUERY_H
#define ACTIONHOST_BASE_URL_QUERY_H

#include "runtime/base/bytes.h"

/* The byte that the percent escape at p stands for, of which `left` bytes are there; -1 when it is none. */
int url_escaped(const char *p, size_t left);

/*
 * Finds one parameter of a query and decodes it into `out`, always terminated. 1 = found, 0 = absent, -1 = given twice,
 * not decodable, longer than size - 1, or holding control characters.
 */
MUST_CHECK int url_query(struct span query, const char *name, char *out, size_t size);

#endif
