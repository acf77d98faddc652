/*
 * json_text.h - JSON values as text: every reply, and every body that goes to an org.
 */
#ifndef ACTIONHOST_BASE_JSON_TEXT_H
#define ACTIONHOST_BASE_JSON_TEXT_H

#include <jansson.h>

#include "runtime/base/bytes.h"

/*
 * Appends `json` as json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) writes it, byte for
 * byte, in about a fifth of the time. Numbers have 15 significant digits, so that 454.79 stays 454.79. False, with
 * `failed` set, at the buffer's ceiling or without memory; also for text that is not UTF-8, a number that is not
 * finite, and a value nested deeper than jansson reads (2,048), which one that contains itself is.
 */
bool buf_json(struct buf *b, const json_t *json) MUST_CHECK;

#endif
