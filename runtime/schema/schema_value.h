/* schema_value.h - what single values mean to a schema: dates, ids, multiples, equality. */
#ifndef ACTIONHOST_SCHEMA_SCHEMA_VALUE_H
#define ACTIONHOST_SCHEMA_SCHEMA_VALUE_H

#include <jansson.h>

#include "runtime/base/bytes.h"

/* RFC 3339 full-date and date-time: real days, an offset or Z, a 60th second only where UTC has one. */
bool value_is_date(struct span s);
bool value_is_date_time(struct span s);

enum id_verdict { ID_OK, ID_SHAPE, ID_CHECKSUM };
/* A Salesforce record id of 15 characters, or of 18 whose last three are the checksum of the case of the first 15. */
enum id_verdict value_is_salesforce_id(struct span s);

/* Whether value is an integer times `of` (> 0), exact in decimal: reals count as their 15 significant digits. */
bool value_is_multiple(const json_t *value, const json_t *of);

/* -1, 0, 1: exact for integers and for integers against reals. */
int value_compare(const json_t *a, const json_t *b);

/* Equality of JSON Schema: 1 equals 1.0, the order of members is free. */
bool value_equal(const json_t *a, const json_t *b);

/* Whether two elements of the array are equal; *first and *second tell which. True also when the elements nest too deep
 * to tell. */
bool value_has_twins(const json_t *array, size_t *first, size_t *second);

/* Code points of valid UTF-8. */
size_t value_code_points(struct span s);

#endif
