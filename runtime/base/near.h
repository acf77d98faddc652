/*
 * near.h - near misses of names, for "did you mean".
 */
#ifndef ACTIONHOST_BASE_NEAR_H
#define ACTIONHOST_BASE_NEAR_H

#include <stdbool.h>

/* Whether two names are one slip apart: other case or underscores, or at most two wrong letters. */
bool near_name(const char *a, const char *b);

#endif
