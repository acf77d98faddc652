/* type.c - the type of cards in numbers. */
#include "actions/social_cards/type.h"

#include <math.h>

bool card_type_is_wide(enum card_class class)
{
    return class == CARD_LANDSCAPE || class == CARD_YOUTUBE;
}

/* Sizes and gaps twice: on wide cards, which are shown smaller, and on the others. */
static const struct role {
    enum card_item_kind kind;
    enum card_slot slot;
    double size[2], gap[2], min[2];
    PangoWeight weight;
    double tracking, leading;
    int lines;
    enum card_role color;
    bool display, upper;
} roles[] = {
    { CARD_ITEM_TEXT,
      CARD_HEADLINE,
      { 24, 24 },
      { 4.8, 3.8 },
      { 9, 6.4 },
      PANGO_WEIGHT_ULTRABOLD,
      -0.026,
      1,
      4,
      CARD_AUTO,
      true,
      false },
    { CARD_ITEM_TEXT,
      CARD_SUBTITLE,
      { 5.9, 4.1 },
      { 6.6, 5.0 },
      { 0, 0 },
      PANGO_WEIGHT_MEDIUM,
      -0.006,
      1.28,
      2,
      CARD_SOFT,
      false,
      false },
    { CARD_ITEM_TEXT,
      CARD_EYEBROW,
      { 5.25, 3.1 },
      { 4.8, 3.8 },
      { 0, 0 },
      PANGO_WEIGHT_SEMIBOLD,
      0.055,
      1.25,
      1,
      CARD_AUTO,
      false,
      true },
    { CARD_ITEM_TEXT,
      CARD_KIND,
      { 5.25, 3.1 },
      { 4.8, 3.8 },
      { 0, 0 },
      PANGO_WEIGHT_SEMIBOLD,
      0.055,
      1.25,
      1,
      CARD_AUTO,
      false,
      true },
    { CARD_ITEM_PILL,
      CARD_KIND,
      { 5.25, 3.1 },
      { 0, 0 },
      { 0, 0 },
      PANGO_WEIGHT_BOLD,
      0.05,
      1.2,
      1,
      CARD_ON,
      false,
      true },
    { CARD_ITEM_PILL,
      CARD_CTA,
      { 5.4, 3.7 },
      { 6, 5.2 },
      { 0, 0 },
      PANGO_WEIGHT_SEMIBOLD,
      0,
      1.2,
      1,
      CARD_ON,
      false,
      false },
    { CARD_ITEM_TEXT,
      CARD_PERSON,
      { 6.2, 4.3 },
      { 6.6, 5.0 },
      { 0, 0 },
      PANGO_WEIGHT_BOLD,
      -0.006,
      1.2,
      1,
      CARD_AUTO,
      false,
      false },
    { CARD_ITEM_TEXT,
      CARD_PERSON_ROLE,
      { 5.3, 3.7 },
      { 3.4, 2.4 },
      { 0, 0 },
      PANGO_WEIGHT_MEDIUM,
      0,
      1.28,
      1,
      CARD_SOFT,
      false,
      false },
    { CARD_ITEM_TEXT,
      CARD_DATE,
      { 6.2, 3.9 },
      { 6.6, 5.0 },
      { 0, 0 },
      PANGO_WEIGHT_BOLD,
      -0.006,
      1.2,
      1,
      CARD_AUTO,
      false,
      false },
    { CARD_ITEM_CHIPS,
      CARD_ITEM,
      { 5.8, 4.0 },
      { 6, 5.2 },
      { 0, 0 },
      PANGO_WEIGHT_MEDIUM,
      0,
      1.2,
      2,
      CARD_AUTO,
      false,
      false },
};

void card_type_item(enum card_item_kind kind, enum card_slot slot, enum card_class class, struct card_item *item)
{
    const struct role *r = &roles[1]; /* any other text is set as a subtitle is */
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (roles[i].kind == kind && roles[i].slot == slot)
            r = &roles[i];
    int w = card_type_is_wide(class) ? 0 : 1;
    *item = (struct card_item){ .kind = kind,
                                .slot = slot,
                                .style = { .weight = r->weight,
                                           .display = r->display,
                                           .upper = r->upper,
                                           .tracking = r->tracking,
                                           .leading = r->leading },
                                .size = r->size[w],
                                .min = r->min[w],
                                .gap = r->gap[w],
                                .lines = r->lines,
                                .radius = -1,
                                .color = r->color,
                                .fill = CARD_ACCENT };
}

struct card_style card_type_headline(PangoWeight weight, double size, bool number)
{
    static const struct {
        double from, tracking, leading;
    } steps[] = { { 16, -0.028, 0.96 }, { 12, -0.026, 0.96 }, { 10, -0.026, 1.02 },
                  { 8, -0.020, 1.02 },  { 7, -0.020, 1.08 },  { 0, -0.012, 1.08 } };
    size_t i = 0;
    while (size < steps[i].from)
        i++;
    /* the point of 1.199 must not be swallowed */
    return (struct card_style){
        .weight = weight, .display = true, .tracking = number ? -0.01 : steps[i].tracking, .leading = steps[i].leading
    };
}

double card_type_start(int n)
{
    static const struct {
        int n;
        double size;
    } steps[] = { { 0, 24 }, { 20, 24 }, { 40, 18 }, { 60, 14 }, { 90, 11 }, { 140, 9 }, { 400, 7 } };
    size_t i = 1, last = sizeof steps / sizeof *steps - 1;
    while (i < last && n > steps[i].n)
        i++;
    double t = fmin(1, (double)(n - steps[i - 1].n) / (steps[i].n - steps[i - 1].n));
    return steps[i - 1].size + (steps[i].size - steps[i - 1].size) * t;
}

struct card_frame card_type_frame(const struct card_preset *p)
{
    static const struct {
        double margin, top, bottom;
    } lines[CARD_CLASSES] = { [CARD_LANDSCAPE] = { 9.5, 8.6, 10.2 },
                              [CARD_SQUARE] = { 7.4, 7.4, 7.4 },
                              [CARD_PORTRAIT] = { 7.4, 7.4, 7.4 },
                              [CARD_STORY] = { 7.4, 24.5, 33 },
                              [CARD_YOUTUBE] = { 6.65, 7, 7 } };
    double u = (p->width < p->height ? p->width : p->height) / 100.0;
    return (struct card_frame){ .w = p->width / u,
                                .h = p->height / u,
                                .m = lines[p->layout].margin,
                                .t = lines[p->layout].top,
                                .b = p->height / u - lines[p->layout].bottom };
}

double card_type_smallest(const struct card_preset *p)
{
    double u = (p->width < p->height ? p->width : p->height) / 100.0;
    return 9.0 / 330 * p->width / u;
}

double card_type_mark(enum card_class class)
{
    return card_type_is_wide(class) ? 9.6 : 7;
}

double card_type_name(enum card_class class)
{
    return card_type_is_wide(class) ? 5.4 : 3.5;
}
