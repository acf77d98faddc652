/* stack.h - a stack of texts on its way to its place. For place_stack.c and fit.c only. */
#ifndef ACTIONHOST_CARDS_STACK_H
#define ACTIONHOST_CARDS_STACK_H

#include "actions/social_cards/draw_parts.h"

enum { CHIPS_MAX = CARD_LIST_MOST };

struct chip {
    enum card_slot slot;
    double x, y, w; /* from the stack's beginning, and from the entry's top */
};

struct entry {
    const struct card_item *item;
    const char *string;
    struct card_text *text;
    struct card_style style;
    double size, least; /* px */
    int lines;          /* allowed */
    double more;        /* px that were set above what was counted */
    double pad;         /* of a pill, in parts of the size */
    struct chip chip[CHIPS_MAX];
    int chips;
    struct card_setting set;
};

struct stack {
    struct scene *s;
    const struct card_op *op;
    struct rect box;
    struct entry entry[CARD_ITEMS_MAX];
    int count;
    bool hyphens;     /* the headline may be parted where it has soft hyphens */
    bool no_subtitle; /* the design has one, the card has none */
};

/* The texts that the card has, at their first sizes. False = no memory. */
bool card_stack_collect(struct stack *k);
/* Gives every text its size, and gives up what there is no room for. False = no memory. */
bool card_stack_fit(struct stack *k);

double card_stack_width(const struct stack *k, const struct entry *e);
/* Height of an entry, and the room above it. */
double card_stack_height_of(const struct stack *k, const struct entry *e);
double card_stack_gap(const struct stack *k, int i);
double card_stack_height(const struct stack *k);
/* How far the ink of an entry reaches out of its height, above or below. */
double card_stack_reach(const struct entry *e, bool below);

#endif
