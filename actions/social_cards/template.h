/*
 * template.h - designs of cards: JSON files (data/<name>.json), compiled once to drawing operations. docs/cards.md
 * describes the format.
 */
#ifndef ACTIONHOST_CARDS_TEMPLATE_H
#define ACTIONHOST_CARDS_TEMPLATE_H

#include <pango/pango.h>
#include <stdbool.h>
#include <stddef.h>

#include "actions/social_cards/presets.h"
#include "actions/social_cards/text.h"

/* Texts that a card can show. */
enum card_slot {
    CARD_EYEBROW,
    CARD_HEADLINE,
    CARD_SUBTITLE,
    CARD_CTA,
    CARD_FIGURE,
    CARD_DATE,
    CARD_BRAND,
    CARD_MARK,
    CARD_SLOTS
};
extern const char *const card_slot_names[CARD_SLOTS];

/* Colours by their part in the design; the palette of a call gives their values. */
enum card_role {
    CARD_PRIMARY,
    CARD_SECONDARY,
    CARD_ACCENT,
    CARD_PAPER,
    CARD_INK,
    CARD_WHITE,
    CARD_BLACK,
    CARD_TINT,
    CARD_SHADE,
    CARD_ROLES,
    CARD_AUTO = CARD_ROLES, /* text only: white or ink, whichever reads better on the pixels below */
    CARD_SOFT               /* the same, a little weaker */
};

enum card_flow { CARD_DIAGONAL, CARD_STEEP, CARD_VERTICAL, CARD_HORIZONTAL };
enum card_shape { CARD_RECT, CARD_ROUND, CARD_CIRCLE, CARD_RING, CARD_DOTS, CARD_STRIPES };
enum card_when { CARD_ALWAYS, CARD_HERO, CARD_NO_HERO, CARD_WITH_FIGURE, CARD_NO_FIGURE };
enum card_anchor { CARD_TOP, CARD_MIDDLE, CARD_BOTTOM };
enum card_op_kind {
    CARD_OP_FILL,
    CARD_OP_GRADIENT,
    CARD_OP_PHOTO,
    CARD_OP_SCRIM,
    CARD_OP_SHAPE,
    CARD_OP_LOGO,
    CARD_OP_STACK
};
enum card_item_kind { CARD_ITEM_TEXT, CARD_ITEM_PILL, CARD_ITEM_RULE };

/* Sizes are in hundredths of the canvas' shorter side, boxes in percent: of the canvas, or for logo and stack of the
 * safe area. */
struct card_box {
    double x, y, w, h;
};

struct card_item {
    enum card_item_kind kind;
    enum card_slot slot;
    struct card_style style;
    double min, max; /* size */
    double gap;      /* to the item before it */
    int lines;
    bool balance;
    enum card_role color, fill;
    double width, height; /* of a rule */
};

enum { CARD_ITEMS_MAX = 8, CARD_OPS_MAX = 24 };

struct card_op {
    enum card_op_kind kind;
    enum card_when when;
    struct card_box box;
    enum card_role color, color2;
    double alpha, alpha2;
    enum card_flow flow;
    enum card_shape shape;
    double radius, thickness;
    enum card_anchor anchor;
    bool center; /* lines in the middle instead of at the start */
    bool end;    /* logo: at the far side of its box */
    bool name;   /* logo: with the brand's name beside it */
    bool mirror; /* shapes and photos change sides in right-to-left cards */
    struct card_item item[CARD_ITEMS_MAX];
    int items;
};

struct card_template {
    char name[24];
    char title[40];
    int version;
    bool photo; /* made for a hero picture */
    struct {
        struct card_op op[CARD_OPS_MAX];
        int ops;
    } layout[CARD_CLASSES];
};

/* Compiles the JSON text of one template. NULL with a sentence in `why`. */
struct card_template *card_template_parse(const char *json, size_t n, char *why, size_t size);
void card_template_free(struct card_template *t);

/* The built-in ones, written by the build: text of data/<name>.json. */
struct card_template_source {
    const char *name, *json;
    size_t length;
};
extern const struct card_template_source card_template_sources[]; /* ends with name NULL */

#endif
