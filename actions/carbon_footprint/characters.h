/*
 * characters.h - characters beyond ASCII in what people write into fields: which stand between codes, which cannot be
 * seen, which are letters A to Z in another width.
 */
#ifndef CARBON_CHARACTERS_H
#define CARBON_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHARACTER_WRONG = 0xfffd /* stands for bytes that are no UTF-8 */ };

/* The character at *p, which must not be the end of the text, and moves *p behind it. */
uint32_t character_next(const char **p);

/* White space of any width, and the marks without width that travel with copied text. */
bool character_is_blank(uint32_t c);

/* Control and format characters: nobody sees them, so a message has to spell them out. */
bool character_is_hidden(uint32_t c);

/* Blanks, punctuation, dashes, arrows, brackets and further signs that people put between two codes. */
bool character_is_between(uint32_t c);

/* Letters and digits of full width as ASCII; a small letter for a capital one of Latin-1, Greek and Cyrillic; else c.
 */
uint32_t character_narrow(uint32_t c);
uint32_t character_small(uint32_t c);

/* Writes c as UTF-8 to `out` (4 bytes at most, not terminated) and returns how many bytes. */
size_t character_put(uint32_t c, char out[4]);

#endif
