/* art.c - ornaments: discs, rings, rays, tiles, dots, arcs, a laurel, a quotation mark, an arrow, a progress ring. */
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

static const double TURN = 6.28318530717958648, RIGHT = 1.57079632679489662;

static void rings(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    double x, y;
    card_op_at(s, op, &x, &y);
    cairo_set_line_width(cr, op->thickness * s->unit);
    for (int i = 1; i <= op->count; i++) {
        cairo_arc(cr, x, y, i * op->step * s->unit, 0, TURN);
        cairo_stroke(cr);
    }
}

static void disc(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    double x, y;
    card_op_at(s, op, &x, &y);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, op->radius * s->unit, 0, TURN);
    if (op->thickness > 0) {
        cairo_set_line_width(cr, op->thickness * s->unit);
        cairo_stroke(cr);
    } else
        cairo_fill(cr);
}

static void rays(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    enum { WEDGES = 20 };
    double x, y, far = (s->frame.w * 1.5 + 80) * s->unit, first = 0.27 + card_random(&(uint32_t){ s->in->seed }) * 0.3;
    card_op_at(s, op, &x, &y);
    for (int i = 0; i < WEDGES; i++) {
        double a = (i + first) * TURN / WEDGES, b = a + TURN / WEDGES / 2;
        cairo_move_to(cr, x, y);
        cairo_line_to(cr, x + far * cos(a), y + far * sin(a));
        cairo_line_to(cr, x + far * cos(b), y + far * sin(b));
        cairo_close_path(cr);
    }
    cairo_fill(cr);
}

/* Dots that grow to the far corner. */
static void dots(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    struct rect r = card_op_box(s, op);
    double step = op->step * s->unit;
    if (step < 4)
        return;
    int columns = (int)(r.w / step), rows = (int)(r.h / step);
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < columns; i++) {
            double t = op->flow == CARD_HORIZONTAL ? (double)i / columns
                                                   : (1 - (double)j / rows) * (0.35 + 0.65 * i / columns);
            double radius = 0.72 * s->unit * pow(t, 1.4), x = (i + 0.5) * step;
            if (radius < 0.12 * s->unit)
                continue;
            cairo_new_sub_path(cr);
            cairo_arc(cr, s->rtl ? r.x + r.w - x : r.x + x, r.y + (j + 0.5) * step, radius, 0, TURN);
        }
    cairo_fill(cr);
}

static void arcs(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    struct rect r = card_op_box(s, op);
    cairo_save(cr);
    cairo_rectangle(cr, r.x, r.y, r.w, r.h);
    cairo_clip(cr);
    cairo_set_line_width(cr, op->thickness * s->unit);
    for (int i = 0; i < op->count; i++) {
        cairo_arc(cr, r.x + r.w * (s->rtl ? 0.06 : 0.94), r.y + r.h * 0.02, (10 + 9.5 * i) * s->unit, 0, TURN);
        cairo_stroke(cr);
    }
    cairo_restore(cr);
}

/* ---- Tiles ---- */

static void tile_shape(cairo_t *cr, int shape, double t)
{
    switch (shape) {
    case 0: /* quarter of a disc */
        cairo_move_to(cr, 0, t);
        cairo_arc(cr, 0, t, t, -RIGHT, 0);
        break;
    case 1:
        cairo_arc(cr, t / 2, t / 2, 0.34 * t, 0, TURN);
        break;
    case 2: /* two halves of a disc */
        cairo_arc(cr, t / 2, 0, t / 2, 0, 2 * RIGHT);
        cairo_close_path(cr);
        cairo_new_sub_path(cr);
        cairo_arc(cr, t / 2, t / 2, t / 2, 0, 2 * RIGHT);
        break;
    case 3:
        cairo_move_to(cr, 0, 0);
        cairo_line_to(cr, t, t);
        cairo_line_to(cr, 0, t);
        break;
    case 4: /* a leaf: two quarters */
        cairo_move_to(cr, 0, 0);
        cairo_arc(cr, t, 0, t, RIGHT, 2 * RIGHT);
        cairo_arc(cr, 0, t, t, -RIGHT, 0);
        break;
    default:
        for (int i = 0; i < 3; i++)
            cairo_rectangle(cr, 0, t * (i / 3.0 + 0.08), t, 0.16 * t);
    }
    cairo_close_path(cr);
    cairo_fill(cr);
}

static bool same(struct card_rgb a, struct card_rgb b)
{
    return card_contrast(a, b) < 1.12;
}

/* Modules of plain shapes, none like its neighbour. */
static void tiles(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    enum { COLUMNS = 12 };
    const struct card_rgb *c = s->palette.color;
    const bool second = s->palette.given >> CARD_SECONDARY & 1;
    const struct card_rgb colors[] = { c[CARD_INK], c[CARD_ACCENT], c[CARD_TINT3],
                                       c[second ? CARD_SECONDARY : CARD_PRIMARY], c[CARD_TINT2] };
    struct rect r = card_op_box(s, op);
    double t = op->size * s->unit;
    int columns = (int)lround(r.w / t), rows = (int)lround(r.h / t), above[COLUMNS + 1];
    uint32_t seed = s->in->seed ^ 0x5bd1e995u;
    for (int i = 0; i <= COLUMNS; i++)
        above[i] = -1;
    for (int j = 0; j < rows; j++)
        for (int i = 0, before = -1; i < columns && i < COLUMNS; i++) {
            int shape, ground, ink, tries = 0;
            do {
                shape = (int)(card_random(&seed) * 6), ground = (int)(card_random(&seed) * 5);
                ink = (int)(card_random(&seed) * 5);
            } while (++tries < 40 && (same(colors[ink], colors[ground]) || shape == before || shape == above[i] ||
                                      same(colors[ground], c[CARD_GROUND])));
            int turn = (int)(card_random(&seed) * 4);
            before = above[i] = shape;
            cairo_save(cr);
            cairo_translate(cr, round(s->rtl ? r.x + r.w - (i + 1) * t : r.x + i * t), round(r.y + j * t));
            card_set_color(cr, colors[ground], 1);
            cairo_rectangle(cr, 0, 0, ceil(t), ceil(t));
            cairo_fill(cr);
            cairo_rectangle(cr, 0, 0, ceil(t), ceil(t));
            cairo_clip(cr);
            cairo_translate(cr, t / 2, t / 2);
            cairo_rotate(cr, turn * RIGHT);
            cairo_translate(cr, -t / 2, -t / 2);
            card_set_color(cr, colors[ink], 1);
            tile_shape(cr, shape, t);
            cairo_restore(cr);
        }
}

/* ---- Signs ---- */

static void leaf(cairo_t *cr, double x, double y, double angle, double size)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, angle);
    cairo_scale(cr, size, size);
    cairo_move_to(cr, 0, 0);
    cairo_curve_to(cr, 3, -4.2, 9, -5, 14, 0);
    cairo_curve_to(cr, 9, 4, 3.4, 3.4, 0, 0);
    cairo_restore(cr);
}

static void laurel(struct scene *s, cairo_t *cr, const struct card_op *op, struct card_rgb color)
{
    double x, y;
    card_op_at(s, op, &x, &y);
    const double k = op->size * s->unit / 100, r = 40;
    cairo_save(cr);
    cairo_translate(cr, x - 50 * k, y - 50 * k);
    cairo_scale(cr, k, k);
    for (int side = -1; side <= 1; side += 2) {
        for (int i = 0; i < 10; i++) {
            double a = (172 - i * 14.2) * TURN / 360, at = atan2(-sin(a), -side * cos(a)), size = 1 - 0.028 * i;
            for (int q = -1; q <= 1; q += 2) {
                leaf(cr, 50 + side * r * sin(a), 50 - r * cos(a), at + q * 36 * TURN / 360, size);
                card_set_color(cr, color, q * side < 0 ? 1 : 0.74);
                cairo_fill(cr);
            }
        }
        card_set_color(cr, color, 1);
        cairo_set_line_width(cr, 0.9);
        if (side > 0)
            cairo_arc(cr, 50, 50, r, 0.76 - RIGHT, RIGHT);
        else
            cairo_arc(cr, 50, 50, r, RIGHT, 3 * RIGHT - 0.76);
        cairo_stroke(cr);
        leaf(cr, 50 + side * r * sin(0.72), 50 - r * cos(0.72), atan2(-sin(0.72), -side * cos(0.72)), 0.72);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

/* One half of a double quotation mark, 46 wide. */
static void comma(cairo_t *cr, double x)
{
    cairo_move_to(cr, x + 44, 0);
    cairo_curve_to(cr, x + 14, 8, x, 32, x, 62);
    cairo_arc_negative(cr, x + 22, 62, 22, 2 * RIGHT, -1.48);
    cairo_curve_to(cr, x + 23, 26, x + 30, 16, x + 46, 12);
    cairo_close_path(cr);
}

/* A mark that is no “, as its font has it, as large as that one would be. */
static bool letter(struct scene *s, cairo_t *cr, double x, double y, double size)
{
    static const struct card_style style = { .weight = PANGO_WEIGHT_ULTRABOLD, .display = true, .leading = 1 };
    struct card_text *t = card_engine_text(s->e, s->mark, s->in->locale, &style);
    struct card_setting set;
    PangoRectangle ink;
    if (!t || !card_text_set(t, 100, 1000, 1, false, PANGO_ALIGN_LEFT, &set))
        return false;
    pango_layout_get_extents(set.layout, &ink, NULL);
    double w = (double)ink.width / PANGO_SCALE, h = (double)ink.height / PANGO_SCALE;
    /* where a large “ may be cut by the edge, a bracket would be a bar: all of it is shown */
    double part = y < 0 ? 0.66 : 1, k = part * fmin(size / fmax(w, 1), 0.86 * size / fmax(h, 1));
    double side = (size - w * k) / 2;
    cairo_save(cr);
    cairo_translate(cr, s->rtl ? x - side - w * k : x + side, y < 0 ? 5 * s->unit : y);
    cairo_scale(cr, k, k);
    cairo_translate(cr, -(double)ink.x / PANGO_SCALE, -(double)ink.y / PANGO_SCALE);
    pango_cairo_layout_path(cr, set.layout);
    cairo_restore(cr);
    cairo_fill(cr);
    g_object_unref(set.layout);
    return true;
}

static void mark(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    double x, y;
    card_op_at(s, op, &x, &y);
    const double k = op->size * s->unit / 100;
    if (strcmp(s->mark, "\xe2\x80\x9c") != 0 && letter(s, cr, x, y, op->size * s->unit))
        return;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, s->rtl ? -k : k, k);
    comma(cr, 0);
    comma(cr, 56);
    cairo_fill(cr);
    cairo_restore(cr);
}

static void arrow(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    struct rect r = card_op_box(s, op);
    struct card_rgb fill = s->palette.color[op->color], white = s->palette.color[CARD_WHITE];
    cairo_save(cr);
    cairo_translate(cr, r.x + r.w / 2, r.y + r.h / 2);
    cairo_scale(cr, (s->rtl ? -r.w : r.w) / 100, r.h / 100);
    cairo_arc(cr, 0, 0, 50, 0, TURN);
    cairo_fill(cr);
    card_set_color(cr, card_contrast(fill, white) >= 4.5 ? white : card_palette_dark(fill), 1);
    cairo_set_line_width(cr, 10);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_move_to(cr, -23, 0);
    cairo_line_to(cr, 20, 0);
    cairo_move_to(cr, 0, -21);
    cairo_line_to(cr, 22, 0);
    cairo_line_to(cr, 0, 21);
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* A ring of which as much is filled as of the campaign is left, from twelve o'clock. */
static void progress(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    double x, y, r = op->radius * s->unit, part = fmin(0.96, fmax(0.04, s->in->left));
    card_op_at(s, op, &x, &y);
    card_set_color(cr, s->palette.color[CARD_INK], 0.16);
    cairo_set_line_width(cr, op->thickness * s->unit);
    cairo_arc(cr, x, y, r, 0, TURN);
    cairo_stroke(cr);
    card_set_color(cr, s->palette.color[op->color], 1);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    if (s->rtl)
        cairo_arc_negative(cr, x, y, r, -RIGHT, -RIGHT - part * TURN);
    else
        cairo_arc(cr, x, y, r, -RIGHT, -RIGHT + part * TURN);
    cairo_stroke(cr);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
}

static void frame(struct scene *s, cairo_t *cr, const struct card_op *op)
{
    double in = op->size * s->unit;
    struct rect r = { in, in, s->in->preset->width - 2 * in, s->in->preset->height - 2 * in };
    cairo_set_line_width(cr, op->thickness * s->unit);
    card_round_path(cr, r, s->unit);
    cairo_stroke(cr);
}

void card_paint_art(struct scene *s, cairo_t *cr, const struct card_op *op, int depth)
{
    struct card_rgb color = s->palette.color[op->color];
    card_set_color(cr, color, op->alpha * fmax(0.2, 1 - 0.14 * depth));
    cairo_new_path(cr);
    switch (op->kind) {
    case CARD_OP_DISC:
        disc(s, cr, op);
        break;
    case CARD_OP_TILES:
        tiles(s, cr, op);
        break;
    case CARD_OP_RAYS:
        rays(s, cr, op);
        break;
    case CARD_OP_RINGS:
        rings(s, cr, op);
        break;
    case CARD_OP_DOTS:
        dots(s, cr, op);
        break;
    case CARD_OP_ARCS:
        arcs(s, cr, op);
        break;
    case CARD_OP_LAUREL:
        laurel(s, cr, op, color);
        break;
    case CARD_OP_MARK:
        mark(s, cr, op);
        break;
    case CARD_OP_FRAME:
        frame(s, cr, op);
        break;
    case CARD_OP_ARROW:
        card_set_color(cr, color, 1);
        arrow(s, cr, op);
        break;
    case CARD_OP_PROGRESS:
        progress(s, cr, op);
        break;
    default:
        break;
    }
}
