/* paint.c - pixels: backgrounds row by row in integers, shapes, pictures and texts by cairo. */
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

static void set_color(cairo_t *cr, struct card_rgb c, double alpha)
{
    cairo_set_source_rgba(cr, c.r / 255.0, c.g / 255.0, c.b / 255.0, alpha);
}

static uint32_t packed(struct card_rgb c)
{
    return 0xff000000u | (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b;
}

/* A background colour, `depth` steps on its way to black or white. */
static struct card_rgb deepened(struct scene *s, enum card_role role, int depth, bool lighten)
{
    s->changed |= depth > 0 ? 1u << role : 0;
    struct card_rgb end = lighten ? (struct card_rgb){ 255, 255, 255 } : (struct card_rgb){ 0, 0, 0 };
    return card_mix(s->palette.color[role], end, depth * 0.09);
}

/* ---- Areas of whole rows: no floating point, no path ---- */

struct area {
    int x, y, w, h;
};

static struct area clip_area(const struct scene *s, struct rect r)
{
    int x0 = (int)lround(r.x), y0 = (int)lround(r.y), x1 = (int)lround(r.x + r.w), y1 = (int)lround(r.y + r.h);
    int w = s->in->preset->width, h = s->in->preset->height;
    x0 = x0 < 0 ? 0 : x0, y0 = y0 < 0 ? 0 : y0, x1 = x1 > w ? w : x1, y1 = y1 > h ? h : y1;
    return (struct area){ x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0 };
}

static void fill_row(uint32_t *row, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        row[i] = v;
}

static void fill_area(uint8_t *pixels, int stride, struct area a, uint32_t v)
{
    for (int y = 0; y < a.h; y++)
        fill_row((uint32_t *)(void *)(pixels + (size_t)(a.y + y) * (size_t)stride) + a.x, v, a.w);
}

/*
 * One ramp of colours, laid into each row a whole number of pixels further on. That costs a copy per row, and the
 * encoder finds each row again in the one above.
 */
static void gradient_area(uint8_t *pixels, int stride, struct area a, enum card_flow flow, bool mirrored,
                          struct card_rgb from, struct card_rgb to)
{
    int shift = flow == CARD_DIAGONAL ? 1 : flow == CARD_STEEP ? 2 : 0;
    int n = flow == CARD_VERTICAL ? a.h : a.w + a.h * shift;
    uint32_t *ramp = n > 0 ? malloc((size_t)n * sizeof *ramp) : NULL;
    if (!ramp)
        return;
    card_ramp(mirrored ? to : from, mirrored ? from : to, ramp, n);
    for (int y = 0; y < a.h; y++) {
        uint32_t *row = (uint32_t *)(void *)(pixels + (size_t)(a.y + y) * (size_t)stride) + a.x;
        if (flow == CARD_VERTICAL)
            fill_row(row, ramp[y], a.w);
        else
            memcpy(row, ramp + (mirrored ? a.h - 1 - y : y) * shift, (size_t)a.w * sizeof *row);
    }
    free(ramp);
}

static void blend_row(uint32_t *row, int n, struct card_rgb c, const uint8_t *alpha, int step)
{
    for (int i = 0; i < n; i++) {
        uint32_t a = alpha[i * step], b = 255 - a, v = row[i];
        uint32_t r = ((v >> 16 & 255) * b + c.r * a + 127) / 255, g = ((v >> 8 & 255) * b + c.g * a + 127) / 255;
        uint32_t l = ((v & 255) * b + c.b * a + 127) / 255;
        row[i] = 0xff000000u | r << 16 | g << 8 | l;
    }
}

/* A veil whose strength changes from one side to the other, smoothly at both ends. */
static void scrim_area(uint8_t *pixels, int stride, struct area a, bool vertical, bool mirrored, struct card_rgb c,
                       double from, double to)
{
    int n = vertical ? a.h : a.w;
    uint8_t *alpha = n > 0 ? malloc((size_t)n) : NULL;
    if (!alpha)
        return;
    for (int i = 0; i < n; i++) {
        double t = n > 1 ? (double)(mirrored ? n - 1 - i : i) / (n - 1) : 0;
        t = t * t * (3 - 2 * t);
        alpha[i] = (uint8_t)lround(255 * fmin(1, fmax(0, from + (to - from) * t)));
    }
    for (int y = 0; y < a.h; y++) {
        uint32_t *row = (uint32_t *)(void *)(pixels + (size_t)(a.y + y) * (size_t)stride) + a.x;
        blend_row(row, a.w, c, vertical ? alpha + y : alpha, vertical ? 0 : 1);
    }
    free(alpha);
}

/* ---- Shapes ---- */

static void round_path(cairo_t *cr, struct rect r, double radius)
{
    const double pi = 3.14159265358979323846;
    radius = fmin(radius, fmin(r.w, r.h) / 2);
    cairo_new_sub_path(cr);
    cairo_arc(cr, r.x + r.w - radius, r.y + radius, radius, -pi / 2, 0);
    cairo_arc(cr, r.x + r.w - radius, r.y + r.h - radius, radius, 0, pi / 2);
    cairo_arc(cr, r.x + radius, r.y + r.h - radius, radius, pi / 2, pi);
    cairo_arc(cr, r.x + radius, r.y + radius, radius, pi, pi * 3 / 2);
    cairo_close_path(cr);
}

static void dots(cairo_t *cr, struct rect r, double radius, double pitch)
{
    if (pitch < 4)
        return;
    for (double y = r.y + pitch / 2; y < r.y + r.h; y += pitch)
        for (double x = r.x + pitch / 2; x < r.x + r.w; x += pitch) {
            cairo_new_sub_path(cr);
            cairo_arc(cr, round(x), round(y), radius, 0, 2 * 3.14159265358979323846);
        }
    cairo_fill(cr);
}

static void stripes(cairo_t *cr, struct rect r, double thickness, double pitch)
{
    if (pitch < 4)
        return;
    cairo_save(cr);
    cairo_rectangle(cr, r.x, r.y, r.w, r.h);
    cairo_clip(cr);
    for (double x = r.x - r.h; x < r.x + r.w; x += pitch) {
        cairo_move_to(cr, round(x), r.y + r.h);
        cairo_line_to(cr, round(x) + r.h, r.y);
        cairo_rel_line_to(cr, thickness, 0);
        cairo_rel_line_to(cr, -r.h, r.h);
        cairo_close_path(cr);
    }
    cairo_fill(cr);
    cairo_restore(cr);
}

static void paint_shape(struct scene *s, cairo_t *cr, const struct card_op *op, int depth, bool lighten)
{
    struct rect r = card_box_px(s, &op->box, false, op->mirror);
    double radius = op->radius * s->unit, thickness = op->thickness * s->unit;
    struct card_rgb c = op->color == CARD_WHITE || op->color == CARD_BLACK ? s->palette.color[op->color]
                                                                           : deepened(s, op->color, depth, lighten);
    set_color(cr, c, op->alpha);
    switch (op->shape) {
    case CARD_RECT:
        cairo_rectangle(cr, round(r.x), round(r.y), round(r.w), round(r.h));
        cairo_fill(cr);
        break;
    case CARD_ROUND:
        round_path(cr, r, radius);
        cairo_fill(cr);
        break;
    case CARD_CIRCLE:
        cairo_arc(cr, r.x, r.y, radius, 0, 2 * 3.14159265358979323846);
        cairo_fill(cr);
        break;
    case CARD_RING:
        cairo_set_line_width(cr, thickness);
        cairo_arc(cr, r.x, r.y, radius, 0, 2 * 3.14159265358979323846);
        cairo_stroke(cr);
        break;
    case CARD_DOTS:
        dots(cr, r, radius, thickness);
        break;
    case CARD_STRIPES:
        stripes(cr, r, radius, thickness);
        break;
    }
}

static void paint_photo(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    if (!s->in->hero)
        return;
    struct rect r = card_box_px(s, &op->box, false, op->mirror);
    struct area a = { (int)lround(r.x), (int)lround(r.y), (int)lround(r.w), (int)lround(r.h) };
    double fx = s->in->focus_x >= 0 ? s->in->focus_x : s->in->hero->focus_x;
    double fy = s->in->focus_y >= 0 ? s->in->focus_y : s->in->hero->focus_y;
    if (s->in->hero->width < a.w / 2 || s->in->hero->height < a.h / 2)
        s->warnings |= CARD_WARN_HERO_SMALL;
    const struct card_cut cut = {
        .w = a.w, .h = a.h, .fx = fx, .fy = fy, .move_x = s->in->focus_x >= 0, .move_y = s->in->focus_y >= 0
    };
    cairo_surface_t *p = card_scaled(s->e, s->in->hero, &cut);
    if (!p)
        return;
    cairo_set_source_surface(cr, p, a.x, a.y);
    if (op->radius > 0) {
        round_path(cr, (struct rect){ a.x, a.y, a.w, a.h }, op->radius * s->unit);
        cairo_fill(cr);
    } else {
        cairo_rectangle(cr, a.x, a.y, a.w, a.h);
        cairo_fill(cr);
    }
}

/* What is made of whole rows. */
static void paint_rows(struct scene *s, cairo_t *cr, const struct card_op *op, uint8_t *pixels, int stride, int depth,
                       bool lighten)
{
    struct area a = clip_area(s, card_box_px(s, &op->box, false, op->mirror));
    bool mirrored = s->rtl && op->mirror && op->flow != CARD_VERTICAL;
    cairo_surface_t *target = cairo_get_target(cr);
    cairo_surface_flush(target);
    if (op->kind == CARD_OP_FILL)
        fill_area(pixels, stride, a, packed(deepened(s, op->color, depth, lighten)));
    else if (op->kind == CARD_OP_GRADIENT)
        gradient_area(pixels, stride, a, op->flow, mirrored, deepened(s, op->color, depth, lighten),
                      deepened(s, op->color2, depth, lighten));
    else if (op->kind == CARD_OP_SCRIM) {
        double more = depth * 0.08;
        scrim_area(pixels, stride, a, op->flow == CARD_VERTICAL, mirrored, s->palette.color[op->color],
                   op->alpha + (op->alpha > 0 ? more : more / 2), op->alpha2 + more);
    }
    cairo_surface_mark_dirty(target);
}

void card_paint_backdrop(struct scene *s, cairo_t *cr, uint8_t *pixels, int stride, int depth, bool lighten)
{
    s->changed = 0;
    for (int i = 0; i < s->ops; i++) {
        const struct card_op *op = &s->op[i];
        if (!card_op_applies(s, op))
            continue;
        if (op->kind == CARD_OP_SHAPE)
            paint_shape(s, cr, op, depth, lighten);
        else if (op->kind == CARD_OP_PHOTO)
            paint_photo(s, cr, op);
        else
            paint_rows(s, cr, op, pixels, stride, depth, lighten);
    }
}

/* ---- The front ---- */

static struct card_rgb better_of(struct card_range under, struct card_rgb a, struct card_rgb b)
{
    return card_range_contrast(under, a) >= card_range_contrast(under, b) ? a : b;
}

static struct card_range under(const struct scene *s, const uint8_t *pixels, int stride, struct rect r)
{
    struct area a = clip_area(s, r);
    return a.w > 0 && a.h > 0 ? card_region(pixels, stride, a.x, a.y, a.w, a.h) : (struct card_range){ 0, 0 };
}

static void paint_monogram(struct scene *s, cairo_t *cr, struct card_range behind)
{
    struct card_rgb white = s->palette.color[CARD_WHITE], ink = s->palette.color[CARD_INK];
    struct card_rgb plate = s->palette.color[CARD_PRIMARY];
    if (card_range_contrast(behind, plate) < 3)
        plate = better_of(behind, white, ink);
    double l = card_luminance(plate);
    struct card_rgb letters = s->palette.color[CARD_PRIMARY];
    if (card_contrast(letters, plate) < 4.5)
        letters = better_of((struct card_range){ l, l }, white, ink);
    set_color(cr, plate, 1);
    round_path(cr, s->logo, s->logo.h * 0.24);
    cairo_fill(cr);
    PangoRectangle r;
    pango_layout_get_extents(s->monogram, &r, NULL);
    cairo_move_to(cr, s->logo.x + (s->logo.w - (double)r.width / PANGO_SCALE) / 2 - (double)r.x / PANGO_SCALE,
                  round(s->logo.y + (s->logo.h - (double)r.height / PANGO_SCALE) / 2 - (double)r.y / PANGO_SCALE));
    set_color(cr, letters, 1);
    pango_cairo_show_layout(cr, s->monogram);
}

/* The worse contrast of a logo's darkest and lightest outline with that ground. */
static double outline_contrast(const struct card_image *logo, struct card_range ground)
{
    double worst = 21;
    const double ends[] = { logo->outline.dark, logo->outline.light };
    for (size_t i = 0; i < 2; i++) {
        double l = ends[i];
        double c = l >= ground.light  ? (l + 0.05) / (ground.light + 0.05)
                   : l <= ground.dark ? (ground.dark + 0.05) / (l + 0.05)
                                      : 1;
        worst = fmin(worst, c);
    }
    return worst;
}

static struct card_range flat(struct card_rgb c)
{
    double l = card_luminance(c);
    return (struct card_range){ l, l };
}

/*
 * A plate behind a logo whose outline has less than 3:1 (WCAG 2.2, 1.4.11) on the ground. It stands where the logo
 * stood, so that neither the margin nor the name beside it is touched; the logo shrinks into it. Gives the logo's new
 * place.
 */
static struct rect paint_plate(struct scene *s, cairo_t *cr, struct card_rgb color)
{
    const struct rect was = s->logo;
    const double least = 12, part = 0.14;
    double h = fmin(fmax(s->logo_room, was.h), fmax(was.h + 2 * least, was.h / (1 - 2 * part)));
    double pad = round(fmax(least, part * h)), most = fmax(was.w, 0.6 * h);
    double scale = fmin(1, fmin((most - 2 * pad) / was.w, (h - 2 * pad) / was.h));
    double w = fmax(1, round(was.w * scale)) + 2 * pad;
    struct rect plate = { was.x + (was.w - w) * s->logo_side / 2, round(was.y + (was.h - h) / 2), w, round(h) };
    plate.x = round(plate.x);
    set_color(cr, color, 1);
    round_path(cr, plate, plate.h * 0.2);
    cairo_fill(cr);
    s->logo = plate;
    s->warnings |= CARD_WARN_LOGO_PLATE;
    return (struct rect){ plate.x + pad, plate.y + pad, plate.w - 2 * pad, plate.h - 2 * pad };
}

static void paint_logo(struct scene *s, cairo_t *cr, const uint8_t *pixels, int stride)
{
    if (s->logo.w <= 0)
        return;
    struct card_range behind = under(s, pixels, stride, s->logo);
    const struct card_image *logo = s->in->logo;
    if (!logo) {
        paint_monogram(s, cr, behind);
        return;
    }
    struct rect at = s->logo;
    const double seen = logo->opaque ? 21 : outline_contrast(logo, behind);
    if (seen < 3) {
        struct card_rgb white = s->palette.color[CARD_WHITE], ink = s->palette.color[CARD_INK];
        double on_white = outline_contrast(logo, flat(white)), on_ink = outline_contrast(logo, flat(ink));
        /* a logo of dark and light parts is hardly better seen on a plate */
        if (fmax(on_white, on_ink) >= fmin(3, seen * 1.5))
            at = paint_plate(s, cr, on_white >= on_ink ? white : ink);
        else
            s->warnings |= CARD_WARN_LOGO_FAINT;
    }
    const struct card_cut cut = { .w = (int)at.w, .h = (int)at.h, .whole = true };
    cairo_surface_t *p = card_scaled(s->e, logo, &cut);
    if (!p)
        return;
    cairo_set_source_surface(cr, p, at.x, at.y);
    if (logo->opaque)
        round_path(cr, at, at.h * 0.12);
    else
        cairo_rectangle(cr, at.x, at.y, at.w, at.h);
    cairo_fill(cr);
}

void card_paint_front(struct scene *s, cairo_t *cr, const uint8_t *pixels, int stride)
{
    paint_logo(s, cr, pixels, stride);
    for (int i = 0; i < s->count; i++) {
        struct placed *p = &s->placed[i];
        if (p->kind == CARD_ITEM_RULE || p->kind == CARD_ITEM_PILL) {
            set_color(cr, p->fill, 1);
            round_path(cr, p->box, p->box.h / 2);
            cairo_fill(cr);
        }
        if (!p->set.layout)
            continue;
        set_color(cr, p->color, 1);
        cairo_move_to(cr, p->tx, p->ty);
        pango_cairo_show_layout(cr, p->set.layout);
    }
}
