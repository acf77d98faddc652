/*
 * palette.h - the colours of a card, all of them tints and shades of the brand's own hue. A second hue is only there
 * when it was given.
 */
#ifndef ACTIONHOST_CARDS_PALETTE_H
#define ACTIONHOST_CARDS_PALETTE_H

#include "actions/social_cards/color.h"

/* Colours by their part in a design. */
enum card_role {
    CARD_PRIMARY,
    CARD_SECONDARY,
    CARD_ACCENT,
    CARD_WHITE,
    CARD_TINT1, /* of the primary colour, from the lightest */
    CARD_TINT2,
    CARD_TINT3,
    CARD_SHADE1, /* down to the darkest */
    CARD_SHADE2,
    CARD_SHADE3,
    CARD_LIFT, /* lighter than the primary: discs, glows */
    CARD_GLOW, /* the second hue, or lighter still */
    CARD_GROUND,
    CARD_INK,
    CARD_DISC, /* ornaments, each a step from the ground */
    CARD_RAY,
    CARD_LINE,
    CARD_QUOTE,
    CARD_ROLES,
    CARD_AUTO = CARD_ROLES, /* texts only: white or ink, whichever reads better on the pixels below */
    CARD_SOFT,              /* the same, a little weaker */
    CARD_ON                 /* on the fill of its own pill or badge */
};

/* What lies below: the brand's colour, a tint of it, or a shade. */
enum card_ground {
    CARD_GROUND_BRAND,
    CARD_GROUND_LIGHT,
    CARD_GROUND_TINT,
    CARD_GROUND_DARK,
    CARD_GROUND_NIGHT,
    CARD_GROUNDS
};

struct card_palette {
    struct card_rgb color[CARD_ROLES];
    unsigned given; /* roles whose colour somebody chose: 1 << CARD_PRIMARY, ... */
};

/* Makes a palette of one to three brand colours on the brand's ground; NULL ones are derived. */
void card_palette_make(struct card_palette *p, const struct card_rgb *primary, const struct card_rgb *secondary,
                       const struct card_rgb *accent);

/* The same colours on another ground: ground, ink, ornaments and an accent that nobody chose change with it. */
void card_palette_ground(struct card_palette *p, enum card_ground ground);

/* The darkest tone of a colour's hue, for text on a fill of that colour. */
struct card_rgb card_palette_dark(struct card_rgb fill);

#endif
