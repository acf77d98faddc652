/*
 * json_walk.h - one long array inside a JSON object, element by element, so that only one element is built at a time.
 */
#ifndef ACTIONHOST_BASE_JSON_WALK_H
#define ACTIONHOST_BASE_JSON_WALK_H

#include <jansson.h>

#include "runtime/base/bytes.h"

/*
 * Reads `text`, an object. *head gets a new reference to the object without its member `array`; *elements the text
 * between that array's brackets (part of `text`); *found says whether there is one. False when the text is cut or is no
 * object; outputs are then untouched. The structure of every element is checked here, its content when it is built.
 */
bool json_walk_open(struct span text, const char *array, json_t **head, struct span *elements, bool *found) MUST_CHECK;

/* Takes the next element off the front of *elements. NULL at the end, or with *broken when what stands there is no
 * JSON. */
json_t *json_walk_next(struct span *elements, bool *broken) MUST_CHECK;

#endif
