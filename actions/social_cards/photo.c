/* photo.c - a picture in its box: over the whole of it, in an arch or a disc, or standing free. */
#include <math.h>

#include "actions/social_cards/draw_parts.h"

static const double RIGHT = 1.57079632679489662;

/* A doorway: half a disc above, small corners below. */
static void arch_path(cairo_t *cr, struct rect r, double corner)
{
    double half = r.w / 2;
    cairo_new_sub_path(cr);
    cairo_arc(cr, r.x + half, r.y + half, half, -2 * RIGHT, 0);
    cairo_arc(cr, r.x + r.w - corner, r.y + r.h - corner, corner, 0, RIGHT);
    cairo_arc(cr, r.x + corner, r.y + r.h - corner, corner, RIGHT, 2 * RIGHT);
    cairo_close_path(cr);
}

static void shape_path(cairo_t *cr, const struct scene *s, const struct card_op *op, struct rect r)
{
    if (op->shape == CARD_ARCH)
        arch_path(cr, r, 2.5 * s->unit);
    else if (op->shape == CARD_CIRCLE)
        cairo_arc(cr, r.x + r.w / 2, r.y + r.h / 2, r.w / 2, 0, 4 * RIGHT);
    else
        card_round_path(cr, r, op->radius * s->unit);
}

/* The glow behind somebody who was cut out. */
static void glow(cairo_t *cr, const struct scene *s, struct rect r)
{
    struct card_rgb in = s->palette.color[CARD_TINT3], out = s->palette.color[CARD_PRIMARY];
    double x = r.x + r.w / 2, y = r.y + 0.38 * r.h;
    cairo_pattern_t *p = cairo_pattern_create_radial(x, y, 0, x, y, hypot(r.w / 2, 0.62 * r.h));
    cairo_pattern_add_color_stop_rgb(p, 0, in.r / 255.0, in.g / 255.0, in.b / 255.0);
    cairo_pattern_add_color_stop_rgb(p, 1, out.r / 255.0, out.g / 255.0, out.b / 255.0);
    cairo_set_source(cr, p);
    cairo_fill(cr);
    cairo_pattern_destroy(p);
}

/* The shadow that a product throws on the ground. */
static void shadow(cairo_t *cr, struct rect r)
{
    cairo_pattern_t *p = cairo_pattern_create_radial(0, 0, 0, 0, 0, 1);
    cairo_pattern_add_color_stop_rgba(p, 0, 0, 0, 0, 0.42);
    cairo_pattern_add_color_stop_rgba(p, 0.6, 0, 0, 0, 0.22);
    cairo_pattern_add_color_stop_rgba(p, 1, 0, 0, 0, 0);
    cairo_save(cr);
    cairo_translate(cr, r.x + r.w / 2, r.y + r.h * 0.985);
    cairo_scale(cr, 0.50 * r.w, fmin(0.06 * r.h, 0.05 * r.w));
    cairo_set_source(cr, p);
    cairo_arc(cr, 0, 0, 1, 0, 4 * RIGHT);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_pattern_destroy(p);
}

static bool is_free(const struct card_image *i)
{
    return !i->opaque || i->studio;
}

/* All of the picture, as large as its box allows, standing on its lower edge or in its middle. */
static void stand(struct scene *s, cairo_t *cr, const struct card_op *op, struct rect r)
{
    const struct card_image *hero = s->in->hero;
    double scale = fmin(r.w / hero->width, r.h / hero->height);
    if (op->shape != CARD_CUTOUT) /* the arch cuts shoulders, so that the face is large enough to be known */
        scale = fmin(fmax(r.w / hero->width, 0.9 * r.h / hero->height), 1.55 * r.w / hero->width);
    double w = floor(hero->width * scale), h = floor(hero->height * scale);
    double y = op->anchor == CARD_BOTTOM ? r.y + r.h - h : r.y + (r.h - h) / 2;
    struct rect at = { round(r.x + (r.w - w) / 2), round(y), w, h };
    const struct card_cut cut = { .w = (int)w, .h = (int)h, .whole = true };
    cairo_surface_t *p = card_scaled(s->e, hero, &cut);
    if (!p)
        return;
    if (op->thickness > 0 && !hero->opaque)
        shadow(cr, at);
    cairo_save(cr);
    if (hero->studio && hero->opaque)
        cairo_set_operator(cr, CAIRO_OPERATOR_MULTIPLY); /* white takes the colour of what is below */
    cairo_set_source_surface(cr, p, at.x, at.y);
    cairo_rectangle(cr, at.x, at.y, at.w, at.h);
    cairo_fill(cr);
    cairo_restore(cr);
}

/* As large as fills the box, cut around its focus. */
static void cover(struct scene *s, cairo_t *cr, const struct card_op *op, struct rect r)
{
    const struct card_image *hero = s->in->hero;
    int x = (int)lround(r.x), y = (int)lround(r.y), w = (int)lround(r.w), h = (int)lround(r.h);
    const struct card_cut cut = { .w = w,
                                  .h = h,
                                  .fx = s->in->focus_x >= 0 ? s->in->focus_x : hero->focus_x,
                                  .fy = s->in->focus_y >= 0 ? s->in->focus_y : hero->focus_y,
                                  .tx = s->rtl ? 1 - op->focus[0] : op->focus[0],
                                  .ty = op->focus[1],
                                  .moved = s->in->focus_x >= 0 || s->in->focus_y >= 0 };
    if (hero->width < w / 2 || hero->height < h / 2)
        s->warnings |= CARD_WARN_HERO_SMALL;
    cairo_surface_t *p = card_scaled(s->e, hero, &cut);
    if (!p)
        return;
    cairo_new_path(cr);
    shape_path(cr, s, op, (struct rect){ x, y, w, h });
    cairo_set_source_surface(cr, p, x, y);
    cairo_fill(cr);
}

void card_paint_photo(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    struct rect r = card_op_box(s, op);
    if (!s->in->hero)
        return;
    if (op->shape == CARD_CUTOUT) {
        stand(s, cr, op, r);
        return;
    }
    if (op->shape == CARD_RECT || !is_free(s->in->hero)) {
        cover(s, cr, op, r);
        return;
    }
    /* somebody who was cut out stands in the arch or disc */
    cairo_new_path(cr);
    shape_path(cr, s, op, r);
    cairo_save(cr);
    cairo_clip_preserve(cr);
    glow(cr, s, r);
    struct card_op bottom = *op;
    bottom.anchor = CARD_BOTTOM;
    stand(s, cr, &bottom, (struct rect){ r.x, r.y + 0.06 * r.h, r.w, 0.94 * r.h });
    cairo_restore(cr);
}
