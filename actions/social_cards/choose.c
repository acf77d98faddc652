/* choose.c - colours of texts and pills, picked by WCAG 2.2 contrast on the pixels that lie below them. */
#include <math.h>

#include "actions/social_cards/draw_parts.h"

/* 1.4.3 asks 4.5:1 of normal text and 1.4.11 asks 3:1 of the edge of a control. A card is seen much reduced in a feed,
 * so that hardly any of its text counts as large. */
static const double TEXT = 4.5, EDGE = 3;

static struct card_range region(const struct scene *s, const uint8_t *pixels, int stride, const struct rect *r)
{
    int w = s->in->preset->width, h = s->in->preset->height;
    int x0 = (int)floor(r->x), y0 = (int)floor(r->y), x1 = (int)ceil(r->x + r->w), y1 = (int)ceil(r->y + r->h);
    x0 = x0 < 0 ? 0 : x0, y0 = y0 < 0 ? 0 : y0, x1 = x1 > w ? w : x1, y1 = y1 > h ? h : y1;
    if (x1 <= x0 || y1 <= y0)
        return (struct card_range){ 0, 0 };
    return card_region(pixels, stride, x0, y0, x1 - x0, y1 - y0);
}

static struct card_rgb better(const struct scene *s, struct card_range r)
{
    struct card_rgb white = s->palette.color[CARD_WHITE], ink = s->palette.color[CARD_INK];
    return card_range_contrast(r, white) >= card_range_contrast(r, ink) ? white : ink;
}

static bool is_given(const struct scene *s, enum card_role role)
{
    return s->palette.given >> role & 1;
}

/* The colour of a role, moved towards the better of white and ink until it can be read. */
static struct card_rgb readable(struct scene *s, struct card_range r, enum card_role role, struct card_rgb safe,
                                double ratio)
{
    for (double t = 0; t < 1; t += 0.125) {
        struct card_rgb c = card_mix(s->palette.color[role], safe, t);
        if (card_range_contrast(r, c) >= ratio) {
            /* of a colour that was derived, a little more or less is no news */
            if (t > (is_given(s, role) ? 0 : 0.3))
                s->changed |= 1u << role;
            return c;
        }
    }
    s->changed |= 1u << role;
    return safe;
}

/* The colour of a role as a fill with at least that contrast, else the one that is sure to be seen. */
static struct card_rgb seen(struct scene *s, struct card_range r, enum card_role role, struct card_rgb safe,
                            double ratio)
{
    if (card_range_contrast(r, s->palette.color[role]) >= ratio)
        return s->palette.color[role];
    if (is_given(s, role))
        s->changed |= 1u << role;
    return safe;
}

/* Weaker than the strongest colour, where there is contrast to spare. */
static struct card_rgb soft(struct card_range r, struct card_rgb strong)
{
    double middle = sqrt((r.dark + 0.05) * (r.light + 0.05)) - 0.05;
    double v = middle <= 0.0031308 ? middle * 12.92 : 1.055 * pow(middle, 1 / 2.4) - 0.055;
    uint8_t grey = (uint8_t)lround(255 * fmin(1, fmax(0, v)));
    struct card_rgb ground = { grey, grey, grey };
    for (double t = 0.22; t > 0.02; t -= 0.04) {
        struct card_rgb c = card_mix(strong, ground, t);
        if (card_range_contrast(r, c) >= TEXT + 0.6)
            return c;
    }
    return strong;
}

static void choose_pill(struct scene *s, struct placed *p, struct card_range r, struct card_rgb strong)
{
    struct card_rgb fill = seen(s, r, p->item->fill, strong, EDGE);
    double l = card_luminance(fill);
    struct card_range on = { l, l };
    p->fill = fill;
    struct card_rgb dark = s->palette.color[CARD_SHADE];
    p->color = card_range_contrast(on, dark) >= TEXT ? dark : better(s, on);
    p->contrast = card_range_contrast(on, p->color);
}

static struct card_range joined(struct card_range a, struct card_range b)
{
    return (struct card_range){ fmin(a.dark, b.dark), fmax(a.light, b.light) };
}

double card_choose_colors(struct scene *s, const uint8_t *pixels, int stride)
{
    struct card_range each[CARD_PLACED_MAX], all = { 1, 0 };
    double least = 21;
    for (int i = 0; i < s->count; i++) {
        each[i] = region(s, pixels, stride, &s->placed[i].box);
        if (s->placed[i].kind == CARD_ITEM_TEXT)
            all = joined(all, each[i]);
    }
    /* one choice for the whole card, so that texts belong together, unless that would fail */
    struct card_rgb common = better(s, all);
    for (int i = 0; i < s->count; i++) {
        struct placed *p = &s->placed[i];
        struct card_rgb strong = card_range_contrast(each[i], common) >= TEXT ? common : better(s, each[i]);
        enum card_role role = p->item ? p->item->color : CARD_AUTO;
        if (p->kind == CARD_ITEM_PILL)
            choose_pill(s, p, each[i], strong);
        else if (p->kind == CARD_ITEM_RULE) {
            p->fill = seen(s, each[i], p->item->fill, strong, 1.5);
            continue;
        } else {
            p->color = role == CARD_AUTO   ? strong
                       : role == CARD_SOFT ? soft(each[i], strong)
                                           : readable(s, each[i], role, strong, p->slot == CARD_MARK ? EDGE : TEXT);
            p->contrast = card_range_contrast(each[i], p->color);
        }
        if (p->slot != CARD_MARK)
            least = fmin(least, p->contrast);
    }
    return least;
}
