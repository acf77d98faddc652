/*
 * json_reader.h - a caller's text into a JSON tree. What is refused is refused in words of JSON: where it stands and
 * what to write instead, never in those of the library that reads it.
 */
#ifndef ACTIONHOST_SCHEMA_JSON_READER_H
#define ACTIONHOST_SCHEMA_JSON_READER_H

#include <jansson.h>

#include "runtime/base/err.h"

/*
 * The object or array in `text`, a new reference. NULL: *e says 400 invalid_json with the reason, the line and the
 * column. Members that stand twice, U+0000, and numbers that no reader keeps exactly are refused although JSON's
 * grammar allows them.
 */
json_t *json_read(struct span text, struct err *e) MUST_CHECK;

enum { JSON_WORDS = 200 };

/*
 * Why the library refused `text`, as part of a sentence. *grammar: the text is no JSON, else it is JSON that is not
 * taken here.
 */
void json_words(const json_error_t *why, struct span text, char words[JSON_WORDS], bool *grammar);

#endif
