/* type.h - the type of cards in numbers: sizes by the role of a text, leading and tracking by size, where lines begin.
 */
#ifndef ACTIONHOST_CARDS_TYPE_H
#define ACTIONHOST_CARDS_TYPE_H

#include "actions/social_cards/design.h"

/* What an item has before its template says otherwise. */
void card_type_item(enum card_item_kind kind, enum card_slot slot, enum card_class class, struct card_item *item);

/* The style of large type at that size (hundredths of the shorter side): the larger, the tighter. */
struct card_style card_type_headline(PangoWeight weight, double size, bool number);

/* The size a headline of n characters begins at. */
double card_type_start(int n);

/* The canvas, margins and lines of a size, in hundredths of its shorter side. */
struct card_frame card_type_frame(const struct card_preset *p);

/* The smallest type: 9 px where the card is shown 330 px wide. In hundredths of the shorter side. */
double card_type_smallest(const struct card_preset *p);

/* Height of the mark, and of the letters beside it. */
double card_type_mark(enum card_class class);
double card_type_name(enum card_class class);

bool card_type_is_wide(enum card_class class);

#endif
