/* breaks.h - where lines of a text that was set end. */
#ifndef ACTIONHOST_CARDS_BREAKS_H
#define ACTIONHOST_CARDS_BREAKS_H

#include <pango/pango.h>
#include <stdbool.h>

/* Whether a line ends where Unicode lets none end: inside a word. */
bool card_breaks_word(PangoLayout *l);

#endif
