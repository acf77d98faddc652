/* alt.h - the alternative text of a card: what somebody who cannot see it should be told. */
#ifndef ACTIONHOST_CARDS_ALT_H
#define ACTIONHOST_CARDS_ALT_H

#include <stddef.h>

#include "actions/social_cards/card.h"

enum { CARD_ALT_CHARS = 420 }; /* the shortest limit of the platforms */

/* Writes at most CARD_ALT_CHARS characters, cut at a word, of the texts but those in `dropped` (1 << CARD_CTA, ...). */
void card_alt_text(const struct card_input *in, unsigned dropped, char *out, size_t size);

#endif
