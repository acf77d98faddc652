/* record_id.h - record ids of 15 and 18 characters: three of prefix, twelve of number, three of check. */
#ifndef SANDBOX_BASE_RECORD_ID_H
#define SANDBOX_BASE_RECORD_ID_H

#include <stdbool.h>
#include <stdint.h>

#define ID_SIZE 19

/* Completes a 15-character id, or checks the last three of an 18-character one. False when it is not an id; out
 * untouched. */
bool id_complete(const char *in, char out[ID_SIZE]);
/* The n-th id of a prefix. */
void id_make(const char *prefix, uint64_t n, char out[ID_SIZE]);

#endif
