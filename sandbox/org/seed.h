/*
 * seed.h - the sample org: descriptions, records and permissions, embedded by the build or out of a folder. Each of
 * these returns false with `why` filled.
 */
#ifndef SANDBOX_ORG_SEED_H
#define SANDBOX_ORG_SEED_H

#include "sandbox/records/records.h"

/* Embedded objects, records and permissions, then the directory's. */
bool seed_load(struct org *o, char *why, size_t why_size);
bool seed_load_directory(struct org *o, char *why, size_t why_size);
/* Adds a description, or its new fields to an object that is there; {"replace": true} in it puts it in the place of
 * what is there. */
bool seed_description(struct org *o, const char *json, size_t n, char *why, size_t why_size);
/* Adds records; `name` is what `why` calls the text. Dates may be relative: TODAY, TODAY-59, TODAY+7T09:00:00Z. */
bool seed_records(struct org *o, const char *name, const char *json, size_t n, char *why, size_t why_size);
/* Adds the embedded permissions, or those of a text. */
bool seed_permissions(struct org *o, char *why, size_t why_size);
bool seed_permissions_text(struct org *o, const char *json, size_t n, char *why, size_t why_size);

#endif
