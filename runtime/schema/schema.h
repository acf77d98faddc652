/*
 * schema.h - the JSON Schema subset of the declarations (draft 4 as in OpenAPI 3.0), compiled once, checked per call.
 *
 * Keywords: type, properties, required, additionalProperties (false), items, enum, minLength, maxLength (code points),
 * pattern (anchors, classes, groups, alternation, {m,n}: read alike by ECMAScript and POSIX), minimum, maximum,
 * exclusiveMinimum, exclusiveMaximum (booleans), multipleOf, minItems, maxItems, uniqueItems, format (date, date-time,
 * int32, int64, double, float; salesforce-id also checks the id's checksum), nullable, default, example, description,
 * x-sfdc. Anything else is refused.
 */
#ifndef ACTIONHOST_SCHEMA_SCHEMA_H
#define ACTIONHOST_SCHEMA_SCHEMA_H

#include <jansson.h>

#include "runtime/base/bytes.h"

struct schema;

/*
 * Compiles `json` (borrowed; must outlive the result). NULL when it is no schema of the subset, or when a default, an
 * example or an enum value breaks it: every fault is appended to `faults` as one line "<pointer>: what is wrong and how
 * to mend it". A schema without type accepts every type, an object without "additionalProperties": false every other
 * member.
 */
struct schema *schema_new(const json_t *json, struct buf *faults);
void schema_free(struct schema *s);

/*
 * A violation: JSON Pointer to the value (for required: to where it should stand), one of the codes required,
 * unknown_member, type, enum, too_short, too_long, pattern, format, bad_id_checksum, minimum, maximum, multiple_of,
 * too_few, too_many, not_unique, and a sentence that says what to send instead. A type that is wrong hides what else
 * the value breaks.
 */
typedef void schema_report_fn(void *ctx, const char *pointer, const char *code, const char *message);

/* Reports every violation, the first LIMIT_VIOLATIONS of them (`report` may be NULL); returns how many there were. */
size_t schema_check(const struct schema *s, const json_t *value, schema_report_fn *report, void *ctx);

/* Removes members that are null where the schema says optional and not nullable, at every depth. */
void schema_drop_nulls(const struct schema *s, json_t *value);

/*
 * Puts the declared default where a member is absent, at every depth of what is there: an object that is absent stays
 * so. A null that the schema takes is a value. For values that passed schema_check; false when there is no memory.
 */
bool schema_fill_defaults(const struct schema *s, json_t *value);

#endif
