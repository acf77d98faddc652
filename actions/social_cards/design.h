/* design.h - a design of cards as drawing operations. docs/cards.md describes them. */
#ifndef ACTIONHOST_CARDS_DESIGN_H
#define ACTIONHOST_CARDS_DESIGN_H

#include <pango/pango.h>
#include <stdbool.h>
#include <stddef.h>

#include "actions/social_cards/length.h"
#include "actions/social_cards/palette.h"
#include "actions/social_cards/presets.h"
#include "actions/social_cards/slots.h"
#include "actions/social_cards/text.h"

enum card_flow { CARD_DIAGONAL, CARD_VERTICAL, CARD_HORIZONTAL };
enum card_anchor { CARD_TOP, CARD_MIDDLE, CARD_BOTTOM, CARD_SPREAD };
enum card_align { CARD_START, CARD_CENTER, CARD_END };
enum card_shape { CARD_RECT, CARD_ARCH, CARD_CIRCLE, CARD_CUTOUT };

/* What a card must have for an operation to apply: bits, in `when` and, for what it must not have, in `unless`. */
enum card_has {
    CARD_HAS_HERO = 1 << 0,
    CARD_HAS_FIGURE = 1 << 1,
    CARD_HAS_DATE = 1 << 2,
    CARD_HAS_PERSON = 1 << 3,
    CARD_HAS_ITEMS = 1 << 4,
    CARD_HAS_CODE = 1 << 5,
    CARD_HAS_LEFT = 1 << 6,
    CARD_HAS_LOGO = 1 << 7,
    CARD_HAS_EYEBROW = 1 << 8,
    CARD_HAS_MARK = 1 << 9,   /* the headline has no quotation mark of its own */
    CARD_HAS_SHARP = 1 << 10, /* the hero has the pixels for the whole card */
    CARD_HAS_CUTOUT = 1 << 11 /* the hero stands free: on nothing, or on a studio's white */
};

enum card_op_kind {
    /* ground and ornaments */
    CARD_OP_FILL,
    CARD_OP_GRADIENT,
    CARD_OP_MESH,
    CARD_OP_PHOTO,
    CARD_OP_VEIL,
    CARD_OP_DISC,
    CARD_OP_TILES,
    CARD_OP_RAYS,
    CARD_OP_RINGS,
    CARD_OP_DOTS,
    CARD_OP_ARCS,
    CARD_OP_LAUREL,
    CARD_OP_MARK,
    CARD_OP_FRAME,
    CARD_OP_ARROW,
    CARD_OP_PROGRESS,
    /* what carries texts */
    CARD_OP_BRAND,
    CARD_OP_BADGE,
    CARD_OP_DATE,
    CARD_OP_ROWS,
    CARD_OP_COUNT,
    CARD_OP_BIG_FIGURE,
    CARD_OP_TICKET,
    CARD_OP_EMBLEM,
    CARD_OP_STACK
};

enum card_item_kind { CARD_ITEM_TEXT, CARD_ITEM_PILL, CARD_ITEM_CHIPS };

struct card_item {
    enum card_item_kind kind;
    enum card_slot slot;
    struct card_style style;
    double size, min; /* hundredths of the shorter side; a headline begins at `size` and goes down to `min` */
    double gap;       /* from the ink above */
    int lines;
    double indent; /* of texts behind a bar */
    double radius; /* of a pill; negative = round ends */
    enum card_role color, fill;
    bool keep; /* is not given up for want of room */
};

enum { CARD_ITEMS_MAX = 8, CARD_OPS_MAX = 24, CARD_BLOBS_MAX = 4, CARD_STOPS_MAX = 8 };

struct card_blob {
    double x, y; /* parts of the width and the height */
    double radius, alpha;
    enum card_role color;
};

struct card_op {
    enum card_op_kind kind;
    unsigned when, unless;
    struct card_length box[4]; /* x, y, width, height; or x, y of a middle */
    enum card_role color, color2;
    enum card_flow flow;
    enum card_shape shape;
    double alpha, radius, thickness, size, step;
    int count;
    double focus[2]; /* where in its box a picture's focus goes */
    enum card_anchor anchor;
    enum card_align align;
    struct card_blob blob[CARD_BLOBS_MAX];
    int blobs;
    double stop[CARD_STOPS_MAX][2]; /* percent of the way, alpha */
    int stops;
    struct card_item item[CARD_ITEMS_MAX];
    int items;
};

struct card_template {
    char name[24];
    char title[40];
    char instead[24]; /* the design for a card that lacks what this one needs; "" when it needs nothing */
    unsigned needs;   /* card_has */
    int version;
    enum card_ground ground;
    bool photo; /* a hero covers much of the card */
    struct {
        struct card_op op[CARD_OPS_MAX];
        int ops;
    } layout[CARD_CLASSES];
};

#endif
