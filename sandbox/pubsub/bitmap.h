/* bitmap.h - which fields of an event are meant, as the header says it: a hexadecimal number, bit i = field i. */
#ifndef SANDBOX_PUBSUB_BITMAP_H
#define SANDBOX_PUBSUB_BITMAP_H

#include "sandbox/base/text.h"

/* Appends "0x.." and a NUL, in as many bytes as it takes; nothing when no bit is set. `parent` >= 0 puts "<parent>-" in
 * front: the bits are those of the record that is field `parent`. */
void bitmap_text(struct text *out, const bool *bits, size_t n, int parent);

#endif
