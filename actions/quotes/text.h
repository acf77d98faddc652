/* text.h - where a text may be cut. */
#ifndef QUOTES_TEXT_H
#define QUOTES_TEXT_H

#include <stddef.h>

/* Length in bytes of the longest start of `text` (UTF-8) that has at most `units` UTF-16 units, as an org counts, and
 * ends between characters. */
size_t quote_text_units(const char *text, size_t units);
/* The same with at most `bytes` bytes. */
size_t quote_text_bytes(const char *text, size_t bytes);
/* Takes a character off the end of which not all bytes are there: what a text that was cut by its buffer may have. */
void quote_text_mend(char *text);

#endif
