/* spacing.h - room between characters where a text's own says too little. */
#ifndef ACTIONHOST_CARDS_SPACING_H
#define ACTIONHOST_CARDS_SPACING_H

#include <pango/pango.h>

/*
 * Gives every blank behind a symbol the width of the text's own blanks: it would take the font of what stands before
 * it. `family` is the text's family list. Adds to `attrs`.
 */
void card_spacing_blanks(const char *text, const char *family, PangoAttrList *attrs);

/*
 * Keeps the marks inside numbers (points, commas, apostrophes, colons, slashes) clear of the digits on both sides,
 * where the letters are set tight: "1.199" whose point is lost reads 1199. `size` in px. Adds to `attrs`, which must
 * have the text's own spacing already.
 */
void card_spacing_numbers(const char *text, double size, PangoAttrList *attrs);

#endif
