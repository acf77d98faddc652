/*
 * apex_names.h - names that survive as Apex classes, fields and Flow variables unchanged.
 */
#ifndef ACTIONHOST_DECLARE_APEX_NAMES_H
#define ACTIONHOST_DECLARE_APEX_NAMES_H

#include "runtime/base/bytes.h"

/* NULL when the name survives; else what is wrong and how to mend it. Letters and digits, a letter first, at most
 * `max`. */
const char *name_fault(const char *name, size_t max);

/* A Salesforce developer name (permission set, client app): letters, digits and single underscores, a letter first. */
bool name_is_developer_name(const char *name, size_t max);

#endif
