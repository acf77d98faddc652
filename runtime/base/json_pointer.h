/*
 * json_pointer.h - a JSON Pointer (RFC 6901) that grows and shrinks while a value is walked. Bounded: a member whose
 * name is absurdly long is cut, ending in "...", and what lies below the ceiling is left out.
 */
#ifndef ACTIONHOST_BASE_JSON_POINTER_H
#define ACTIONHOST_BASE_JSON_POINTER_H

#include "runtime/base/bytes.h"

enum { POINTER_SIZE = 200, POINTER_NAME = 80 };

struct pointer {
    size_t n;
    char text[POINTER_SIZE];
};

/* Each returns the length to give back to pointer_pop. */
size_t pointer_push(struct pointer *p, struct span name);
size_t pointer_push_index(struct pointer *p, size_t index);
void pointer_pop(struct pointer *p, size_t length);

/* Copies text for a person: at most `size` - 1 bytes, whole characters, "..." behind what was cut. */
void text_excerpt(char *out, size_t size, struct span text);

#endif
