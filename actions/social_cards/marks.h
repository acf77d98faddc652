/* marks.h - quotation marks: those of a language, and whether a text has its own. */
#ifndef ACTIONHOST_CARDS_MARKS_H
#define ACTIONHOST_CARDS_MARKS_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the mark that opens a quotation in that language (BCP 47), by Unicode CLDR; “ where it is unknown. `size` is
 * at least 8. */
void card_mark_opening(const char *locale, char *out, size_t size);

/* Whether the text begins with a quotation mark; an apostrophe ('tis) is none unless a like one ends the text. */
bool card_mark_begins(const char *text);

#endif
