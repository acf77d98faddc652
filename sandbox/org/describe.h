/*
 * describe.h - descriptions of objects as they come from an author: a new object, or more fields for one that is there.
 */
#ifndef SANDBOX_ORG_DESCRIBE_H
#define SANDBOX_ORG_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Lays `more` over `known`, the description that the org has of the same object, and returns the whole (the caller
 * releases it). What `known` says stays: fields are added, and what is said twice must be said alike. {"replace": true}
 * in `more` gives up `known`; so does `known` NULL, when there is no such object yet. NULL with `why` filled, which
 * names the field and the way out, when the two disagree or `more` names a field twice.
 */
json_t *describe_merge(const json_t *known, const json_t *more, char *why, size_t why_size);

#endif
