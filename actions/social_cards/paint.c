/* paint.c - pixels: grounds and veils row by row in integers, fills and texts by cairo. */
#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

void card_set_color(cairo_t *cr, struct card_rgb c, double alpha)
{
    cairo_set_source_rgba(cr, c.r / 255.0, c.g / 255.0, c.b / 255.0, alpha);
}

void card_round_path(cairo_t *cr, struct rect r, double radius)
{
    const double right = 1.57079632679489662;
    radius = fmin(radius, fmin(r.w, r.h) / 2);
    cairo_new_sub_path(cr);
    cairo_arc(cr, r.x + r.w - radius, r.y + radius, radius, -right, 0);
    cairo_arc(cr, r.x + r.w - radius, r.y + r.h - radius, radius, 0, right);
    cairo_arc(cr, r.x + radius, r.y + r.h - radius, radius, right, 2 * right);
    cairo_arc(cr, r.x + radius, r.y + radius, radius, 2 * right, 3 * right);
    cairo_close_path(cr);
}

/* ---- Areas of whole rows: no floating point, no path ---- */

struct area {
    int x, y, w, h;
};

static struct area clip_area(const struct card_canvas *c, struct rect r)
{
    int x0 = (int)lround(r.x), y0 = (int)lround(r.y), x1 = (int)lround(r.x + r.w), y1 = (int)lround(r.y + r.h);
    x0 = x0 < 0 ? 0 : x0, y0 = y0 < 0 ? 0 : y0, x1 = x1 > c->width ? c->width : x1,
    y1 = y1 > c->height ? c->height : y1;
    return (struct area){ x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0 };
}

struct card_range card_canvas_range(const struct card_canvas *c, struct rect r)
{
    struct area a = clip_area(c, r);
    return a.w > 0 && a.h > 0 ? card_region(c->pixels, c->stride, a.x, a.y, a.w, a.h) : (struct card_range){ 0, 0 };
}

struct card_rgb card_canvas_mean(const struct card_canvas *c, struct rect r)
{
    struct area a = clip_area(c, r);
    uint64_t sum[3] = { 0 }, n = 0;
    for (int y = a.y; y < a.y + a.h; y += 3) {
        const uint32_t *row = (const uint32_t *)(const void *)(c->pixels + (size_t)y * (size_t)c->stride);
        for (int x = a.x; x < a.x + a.w; x += 3, n++)
            sum[0] += row[x] >> 16 & 255, sum[1] += row[x] >> 8 & 255, sum[2] += row[x] & 255;
    }
    n += !n;
    return (struct card_rgb){ (uint8_t)(sum[0] / n), (uint8_t)(sum[1] / n), (uint8_t)(sum[2] / n) };
}

static uint32_t *row_at(struct card_canvas *c, struct area a, int y)
{
    return (uint32_t *)(void *)(c->pixels + (size_t)(a.y + y) * (size_t)c->stride) + a.x;
}

static void fill_row(uint32_t *row, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        row[i] = v;
}

static void fill_area(struct card_canvas *c, struct area a, struct card_rgb color)
{
    uint32_t v = 0xff000000u | (uint32_t)color.r << 16 | (uint32_t)color.g << 8 | color.b;
    for (int y = 0; y < a.h; y++)
        fill_row(row_at(c, a, y), v, a.w);
}

/*
 * One ramp of colours, laid into each row a whole number of pixels further on. That costs a copy per row, and the
 * encoder finds each row again in the one above.
 */
static void gradient_area(struct card_canvas *c, struct area a, enum card_flow flow, bool mirrored,
                          struct card_rgb from, struct card_rgb to)
{
    int shift = flow == CARD_DIAGONAL ? 1 : 0, n = flow == CARD_VERTICAL ? a.h : a.w + a.h * shift;
    uint32_t *ramp = n > 0 ? malloc((size_t)n * sizeof *ramp) : NULL;
    if (!ramp)
        return;
    card_ramp(mirrored ? to : from, mirrored ? from : to, ramp, n);
    for (int y = 0; y < a.h; y++) {
        uint32_t *row = row_at(c, a, y);
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

static double veil_at(const struct card_op *op, double percent)
{
    int i = 0;
    while (i + 2 < op->stops && percent > op->stop[i + 1][0])
        i++;
    const double *a = op->stop[i], *b = op->stop[i + 1];
    double t = b[0] > a[0] ? fmin(1, fmax(0, (percent - a[0]) / (b[0] - a[0]))) : 1;
    return a[1] + (b[1] - a[1]) * t;
}

/* A veil of the brand's own shade, as strong as the texts on it need. */
static void veil(struct scene *s, struct card_canvas *c, const struct card_op *op, int depth)
{
    struct area a = clip_area(c, card_op_box(s, op));
    bool vertical = op->flow == CARD_VERTICAL;
    int n = vertical ? a.h : a.w;
    uint8_t *alpha = n > 0 ? malloc((size_t)n) : NULL;
    if (!alpha)
        return;
    enum { AROUND = 6 }; /* percent to both sides: no edge is seen where two stretches meet */
    for (int i = 0; i < n; i++) {
        double v = 0, at = 100.0 * (s->rtl && !vertical ? n - 1 - i : i) / n;
        for (int k = -AROUND; k <= AROUND; k++)
            v += veil_at(op, fmin(100, fmax(0, at + k))) / (2 * AROUND + 1);
        v = v > 0.04 ? fmin(fmax(v, 0.96), v + 0.06 * depth * fmin(1, v * 3)) : v;
        alpha[i] = (uint8_t)lround(255 * v);
    }
    for (int y = 0; y < a.h; y++)
        blend_row(row_at(c, a, y), a.w, s->palette.color[op->color], vertical ? alpha + y : alpha, vertical ? 0 : 1);
    free(alpha);
}

/* A colour of the ground, `depth` steps on its way to the end that its text is not. */
static struct card_rgb deepened(struct scene *s, enum card_role role, int depth)
{
    if (depth == 0)
        return s->palette.color[role];
    s->changed |= 1u << role;
    bool light = card_luminance(s->palette.color[CARD_INK]) > 0.5;
    return card_mix(s->palette.color[role], s->palette.color[light ? CARD_SHADE3 : CARD_TINT1], depth * 0.1);
}

static void paint_rows(struct scene *s, struct card_canvas *c, const struct card_op *op, int depth)
{
    struct area a = clip_area(c, card_op_box(s, op));
    cairo_surface_t *target = cairo_get_target(c->cr);
    cairo_surface_flush(target);
    if (op->kind == CARD_OP_FILL && op->radius > 0) {
        card_set_color(c->cr, s->palette.color[op->color], 1);
        card_round_path(c->cr, card_op_box(s, op), op->radius * s->unit);
        cairo_fill(c->cr);
    } else if (op->kind == CARD_OP_FILL)
        fill_area(c, a, s->palette.color[op->color]);
    else if (op->kind == CARD_OP_GRADIENT)
        gradient_area(c, a, op->flow, s->rtl && op->flow != CARD_VERTICAL, deepened(s, op->color, depth),
                      deepened(s, op->color2, depth));
    else
        veil(s, c, op, depth);
    cairo_surface_mark_dirty(target);
}

void card_paint_backdrop(struct scene *s, struct card_canvas *to, int depth)
{
    s->changed = 0;
    for (int i = 0; i < s->ops; i++) {
        const struct card_op *op = &s->op[i];
        if (!card_op_applies(s, op) || op->kind >= CARD_OP_BRAND)
            continue;
        if (op->kind == CARD_OP_MESH)
            card_paint_mesh(s, to, op, depth);
        else if (op->kind == CARD_OP_PHOTO)
            card_paint_photo(s, to->cr, op);
        else if (op->kind == CARD_OP_FILL || op->kind == CARD_OP_GRADIENT || op->kind == CARD_OP_VEIL)
            paint_rows(s, to, op, depth);
        else
            card_paint_art(s, to->cr, op, depth);
    }
}

/* ---- The front ---- */

static void paint_placed(cairo_t *cr, const struct placed *p)
{
    if (p->angle != 0) {
        cairo_save(cr);
        cairo_translate(cr, p->px, p->py);
        cairo_rotate(cr, p->angle);
        cairo_translate(cr, -p->px, -p->py);
    }
    card_set_color(cr, p->color, 1);
    if (p->kind == PLACED_TEXT) {
        cairo_move_to(cr, p->tx, p->ty);
        pango_cairo_show_layout(cr, p->set.layout);
    } else {
        struct rect r = p->box;
        double in = p->kind == PLACED_OUTLINE ? p->line / 2 : 0;
        card_round_path(cr, (struct rect){ r.x + in, r.y + in, r.w - 2 * in, r.h - 2 * in }, p->radius);
        if (p->kind == PLACED_FILL)
            cairo_fill(cr);
        else {
            double dash[] = { 4 * p->line, 3 * p->line };
            cairo_set_line_width(cr, p->line);
            cairo_set_dash(cr, dash, p->dashed ? 2 : 0, 0);
            cairo_stroke(cr);
            cairo_set_dash(cr, NULL, 0, 0);
        }
    }
    if (p->angle != 0)
        cairo_restore(cr);
}

void card_paint_front(struct scene *s, struct card_canvas *to)
{
    card_paint_logo(s, to);
    for (int i = 0; i < s->count; i++)
        paint_placed(to->cr, &s->placed[i]);
}
