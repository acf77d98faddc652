/*
 * names.h - names that survive as Apex classes, fields and Flow variables unchanged, and near misses of names.
 */
#ifndef ACTIONHOST_NAMES_H
#define ACTIONHOST_NAMES_H

#include "runtime/wire.h"

/* NULL when the name survives; else what is wrong and how to mend it. Letters and digits, a letter first, at most
 * `max`. */
const char *name_fault(const char *name, size_t max);

/* A Salesforce developer name (permission set, client app): letters, digits and single underscores, a letter first. */
bool name_is_developer_name(const char *name, size_t max);

/* Whether two names are one slip apart: other case or underscores, or at most two wrong letters. */
bool name_is_near(const char *a, const char *b);

#endif
