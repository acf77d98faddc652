/* choose.c - colours of texts and fills, picked by WCAG 2.2 contrast on the pixels that lie below them. */
#include <math.h>

#include "actions/social_cards/draw_parts.h"

/* 1.4.3 asks 4.5:1 of normal text and 1.4.11 asks 3:1 of the edge of a control. A card is seen much reduced in a feed,
 * so that hardly any of its text counts as large. */
static const double TEXT = 4.5, EDGE = 3;

static bool is_given(const struct scene *s, enum card_role role)
{
    return s->palette.given >> role & 1;
}

/* White or the brand's shade, whichever reads; where neither does, whichever reads better of white and black. */
static struct card_rgb better(const struct scene *s, struct card_range r)
{
    const struct card_rgb white = s->palette.color[CARD_WHITE], shade = s->palette.color[CARD_SHADE3],
                          black = { 0, 0, 0 };
    double on_white = card_range_contrast(r, white), on_shade = card_range_contrast(r, shade);
    if (fmax(on_white, on_shade) >= TEXT)
        return on_white >= TEXT && (on_white >= on_shade || r.light < 0.32) ? white : shade;
    return on_white >= card_range_contrast(r, black) ? white : black;
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

/* Mixed with the ground, where there is contrast to spare: it keeps the hue, and is no grey. */
static struct card_rgb soft(struct card_rgb ground, struct card_range r, struct card_rgb strong)
{
    for (double t = 0.84; t < 0.98; t += 0.04) {
        struct card_rgb c = card_blend(ground, strong, t);
        if (card_range_contrast(r, c) >= TEXT + 0.4)
            return c;
    }
    return strong;
}

static bool same(struct card_rgb a, struct card_rgb b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b;
}

static struct card_range flat(struct card_rgb c)
{
    double l = card_luminance(c);
    return (struct card_range){ l, l };
}

/* Text on a fill: the brand's colour or white where they read, else the fill's own darkest tone. */
static struct card_rgb on_fill(const struct scene *s, struct card_rgb fill)
{
    static const struct card_rgb white = { 255, 255, 255 }, black = { 0, 0, 0 };
    struct card_rgb dark = card_palette_dark(fill), accent = s->palette.color[CARD_ACCENT];
    /* a badge that could not have the accent's colour has it in its letters */
    if (is_given(s, CARD_ACCENT) && !same(fill, accent) && same(fill, s->palette.color[CARD_SHADE3]) &&
        card_contrast(fill, accent) >= TEXT)
        return accent;
    if (!is_given(s, CARD_ACCENT) && card_lightness(fill) > 0.9 &&
        card_contrast(fill, s->palette.color[CARD_PRIMARY]) >= TEXT)
        return s->palette.color[CARD_PRIMARY];
    if (card_contrast(fill, white) >= TEXT)
        return white;
    if (card_contrast(fill, dark) >= TEXT)
        return dark;
    return card_contrast(fill, white) >= card_contrast(fill, black) ? white : black;
}

static struct card_rgb pixel_at(const struct card_canvas *c, const struct rect *r)
{
    int x = (int)(r->x + r->w / 2), y = (int)(r->y + r->h / 2);
    x = x < 0 ? 0 : x >= c->width ? c->width - 1 : x, y = y < 0 ? 0 : y >= c->height ? c->height - 1 : y;
    uint32_t v = *((const uint32_t *)(const void *)(c->pixels + (size_t)y * (size_t)c->stride) + x);
    return (struct card_rgb){ (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
}

static struct card_range joined(struct card_range a, struct card_range b)
{
    return (struct card_range){ fmin(a.dark, b.dark), fmax(a.light, b.light) };
}

static void choose_text(struct scene *s, struct placed *p, const struct card_canvas *on, struct card_range r,
                        struct card_rgb strong)
{
    switch (p->role) {
    case CARD_AUTO:
    case CARD_ON:
        p->color = strong;
        break;
    case CARD_SOFT:
        p->color = soft(pixel_at(on, &p->box), r, strong);
        break;
    default:
        p->color = readable(s, r, p->role, strong, TEXT);
    }
    p->contrast = card_range_contrast(r, p->color);
}

/* A badge is large and lies on art: what counts is most of what is around it. The brand's shade or tint takes the place
 * of an accent that would be lost there. */
static struct card_rgb badge_fill(struct scene *s, const struct card_canvas *on, const struct rect *box)
{
    const struct card_rgb *c = s->palette.color;
    struct card_range around = flat(card_canvas_mean(on, *box));
    if (card_range_contrast(around, c[CARD_ACCENT]) >= 1.9)
        return c[CARD_ACCENT];
    if (is_given(s, CARD_ACCENT))
        s->changed |= 1u << CARD_ACCENT;
    return card_range_contrast(around, c[CARD_SHADE3]) >= card_range_contrast(around, c[CARD_TINT1]) ? c[CARD_SHADE3]
                                                                                                     : c[CARD_TINT1];
}

static void choose_fill(struct scene *s, struct placed *p, const struct card_canvas *on, struct card_range r,
                        struct card_rgb strong)
{
    enum card_role role = p->role < CARD_ROLES ? p->role : CARD_ACCENT;
    if (p->kind == PLACED_OUTLINE)
        p->color = p->role == CARD_SOFT ? card_blend(strong, s->palette.color[CARD_GROUND], 0.5) : strong;
    else if (p->bar)
        p->color = s->palette.color[role];
    else if (p->angle != 0)
        p->color = badge_fill(s, on, &p->box);
    else
        p->color = seen(s, r, role, strong, EDGE);
}

double card_choose_colors(struct scene *s, const struct card_canvas *on)
{
    struct card_range each[CARD_PLACED_MAX], all = { 1, 0 };
    double least = 21;
    for (int i = 0; i < s->count; i++) {
        each[i] = card_canvas_range(on, s->placed[i].box);
        if (s->placed[i].kind == PLACED_TEXT && s->placed[i].on < 0)
            all = joined(all, each[i]);
    }
    /* one choice for the whole card, so that texts belong together, unless that would fail */
    struct card_rgb common = better(s, all);
    for (int i = 0; i < s->count; i++) {
        struct placed *p = &s->placed[i];
        struct card_rgb strong = card_range_contrast(each[i], common) >= TEXT ? common : better(s, each[i]);
        if (p->kind != PLACED_TEXT) {
            choose_fill(s, p, on, each[i], strong);
            continue;
        }
        if (p->on >= 0) {
            p->color = on_fill(s, s->placed[p->on].color);
            p->contrast = card_range_contrast(flat(s->placed[p->on].color), p->color);
        } else
            choose_text(s, p, on, each[i], strong);
        least = fmin(least, p->contrast);
    }
    return least;
}
