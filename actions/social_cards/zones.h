/* zones.h - what each platform lays over a card or cuts off it, drawn over the card to look at. */
#ifndef ACTIONHOST_CARDS_ZONES_H
#define ACTIONHOST_CARDS_ZONES_H

#include "actions/social_cards/card.h"

/* Paints the zones over the pixels of a card. */
void card_zones_paint(const struct card_pixels *px, const struct card_preset *preset);

#endif
