/*
 * starts.h - by what two starts of a job are told to be the same: hashes of parts of their inputs.
 */
#ifndef ACTIONHOST_RUNNER_STARTS_H
#define ACTIONHOST_RUNNER_STARTS_H

#include <jansson.h>

#include "runtime/base/bytes.h"

enum { START_KEY_SIZE = 65 }; /* SHA-256 in hex, and a NUL */

/*
 * Of the values at `pointers` (an array of JSON Pointers; one that leads nowhere is a value of its own), whatever the
 * order of their members. How long the caller waits (/waitSeconds) and whom to call back (/callbackUrl) do not count.
 * False: there is no memory, or the input is nested deeper than a declared schema is.
 */
MUST_CHECK bool start_unique_key(const json_t *input, const json_t *pointers, char out[START_KEY_SIZE]);

/* Whether one of the pointers leads somewhere: a start that has none of what it is told by is like no other. */
bool start_is_told(const json_t *input, const json_t *pointers);

/* Of the whole input but the array at `items`, and but what does not count. False: there is no array; or as above. */
MUST_CHECK bool start_merge_key(const json_t *input, const char *items, char out[START_KEY_SIZE]);

/* The value at a JSON Pointer (RFC 6901); NULL when it leads nowhere. Borrowed. */
const json_t *start_value_at(const json_t *root, const char *pointer);

#endif
