/*
 * record_id.h - record ids of Salesforce: 15 letters and digits whose case matters, or 18 of which the last three say
 * which of the others are capitals ("Id Field Type", Object Reference for the Salesforce Platform).
 */
#ifndef ACTIONHOST_BASE_RECORD_ID_H
#define ACTIONHOST_BASE_RECORD_ID_H

#include "runtime/base/bytes.h"

enum { RECORD_ID_SIZE = 19 }; /* the long form and its NUL */

/* Makes the long form of 15 or 18 letters and digits; of 18 the last three are made anew. False for anything else, and
 * `out` is untouched then. */
MUST_CHECK bool record_id_long(struct span id, char out[RECORD_ID_SIZE]);
/* The same, and false when the last three of 18 are not those that belong there, whatever their case. */
MUST_CHECK bool record_id_check(struct span id, char out[RECORD_ID_SIZE]);
/* The same record for both: each is an id, and the first 15 characters are equal. */
bool record_id_same(struct span a, struct span b);
/* The id of an org: 00D, and 12 or 15 more letters and digits. */
bool record_id_is_org(struct span id);

#endif
