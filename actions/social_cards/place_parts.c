/* place_parts.c - date tiles, lists, countdowns, coupons and emblems: texts at places of their own. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"
#include "actions/social_cards/figure.h"
#include "actions/social_cards/type.h"

static const double CAP = 0.727;

static struct card_line line(const struct scene *s, enum card_slot slot, PangoWeight weight, double size, double width)
{
    bool display = size >= 6 * s->unit;
    return (struct card_line){
        .slot = slot,
        .text = card_scene_text(s, slot),
        .style = { .weight = weight, .display = display, .tracking = size >= 10 * s->unit ? -0.03 : 0, .leading = 1.2 },
        .size = fmax(size, s->smallest),
        .least = s->smallest,
        .width = width,
        .role = CARD_AUTO,
        .on = -1
    };
}

/* Edge of a box at which lines begin. */
static double begin(const struct scene *s, struct rect r)
{
    return s->rtl ? r.x + r.w : r.x;
}

/* The part of a box on which texts may stand. */
static struct rect safe_part(const struct scene *s, struct rect r)
{
    const struct card_preset *p = s->in->preset;
    double x0 = fmax(r.x, p->safe.left + 2), y0 = fmax(r.y, p->safe.top + 2);
    double x1 = fmin(r.x + r.w, p->width - p->safe.right - 2), y1 = fmin(r.y + r.h, p->height - p->safe.bottom - 2);
    return (struct rect){ x0, y0, x1 - x0, y1 - y0 };
}

/* ---- The day on a tile: month above, day in the middle, weekday below ---- */

bool card_place_date(struct scene *s, const struct card_op *op)
{
    struct rect r = card_op_box(s, op);
    double pad = 0.09 * r.w, size, w, h;
    struct rect in = safe_part(s, (struct rect){ r.x + pad, r.y + pad, r.w - 2 * pad, r.h - 2 * pad });
    const double width = in.w;
    struct card_line month = line(s, CARD_MONTH, PANGO_WEIGHT_BOLD, 0.145 * r.w, width),
                     day = line(s, CARD_DAY, PANGO_WEIGHT_ULTRABOLD, 0.56 * r.w, width),
                     week = line(s, CARD_WEEKDAY, PANGO_WEIGHT_SEMIBOLD, 0.105 * r.w, width);
    if (!month.text || !day.text || !week.text)
        return true;
    month.style.tracking = 0.05, month.style.upper = true;
    day.style.tracking = -0.045, day.style.leading = 1;
    double top = in.y, bottom = in.y + in.h;
    struct placed *p = card_place_line(s, &month, begin(s, in), top, CARD_START);
    if (!p)
        return false;
    top = p->box.y + p->box.h;
    if (!card_measure_line(s, &week, &size, &w, &h) ||
        !(p = card_place_line(s, &week, begin(s, in), bottom - h, CARD_START)))
        return false;
    card_placed_move(p, 0, fmin(0, floor(in.y + in.h - p->box.y - p->box.h))); /* with its descenders */
    bottom = p->box.y;
    if (!card_measure_line(s, &day, &size, &w, &h))
        return false;
    const double room = bottom - top - 3 * s->unit;
    if (h > room)
        day.size = fmax(day.least, size * room / h);
    return card_measure_line(s, &day, &size, &w, &h) &&
           card_place_line(s, &day, begin(s, in), (top + bottom - h) / 2, CARD_START);
}

/* ---- A list: number, title and line in rows ---- */

static int list_length(const struct scene *s)
{
    int n = 0;
    while (n < CARD_LIST_MOST && card_scene_text(s, (enum card_slot)(CARD_ITEM + n)))
        n++;
    return n;
}

static bool place_row(struct scene *s, int i, struct rect r, double numeral)
{
    const bool wide = card_type_is_wide(s->in->preset->layout);
    const double title = (wide ? 7.1 : 5.3) * s->unit, body = (wide ? 5.4 : 3.8) * s->unit, room = numeral * 1.12;
    static const char *const numbers[] = { "1", "2", "3", "4" };
    struct card_line n = line(s, CARD_NUMBER, PANGO_WEIGHT_ULTRABOLD, numeral, r.w);
    n.text = numbers[i], n.role = CARD_PRIMARY;
    struct rect in = { s->rtl ? r.x : r.x + room, r.y, r.w - room, r.h };
    struct card_line t = line(s, (enum card_slot)(CARD_ITEM + i), PANGO_WEIGHT_BOLD, title, in.w),
                     b = line(s, (enum card_slot)(CARD_ITEM_LINE + i), PANGO_WEIGHT_MEDIUM, body, in.w);
    t.style.display = false, t.style.tracking = -0.012, t.lines = b.text ? 1 : 2;
    b.role = CARD_SOFT;
    double size, w, h, hb = 0;
    if (!card_measure_line(s, &t, &size, &w, &h) || (b.text && !card_measure_line(s, &b, &size, &w, &hb)))
        return false;
    const double gap = b.text ? (wide ? 3.9 : 3.1) * s->unit : 0, y = r.y + (r.h - h - gap - hb) / 2;
    struct placed *p = card_place_line(s, &n, begin(s, r), r.y + (r.h - CAP * n.size) / 2, CARD_START);
    if (p)
        p->mute = true;
    return p && card_place_line(s, &t, begin(s, in), y, CARD_START) &&
           (!b.text || card_place_line(s, &b, begin(s, in), y + h + gap, CARD_START));
}

/* The rule between two rows. */
static bool place_rule(struct scene *s, struct rect r)
{
    struct placed *p = card_scene_next(s);
    if (!p)
        return false;
    p->kind = PLACED_FILL, p->role = CARD_TINT3, p->bar = p->mute = true;
    p->box = (struct rect){ r.x, round(r.y), r.w, fmax(1, round(0.32 * s->unit)) };
    return true;
}

bool card_place_rows(struct scene *s, const struct card_op *op)
{
    struct rect r = card_op_box(s, op);
    int n = list_length(s);
    if (n == 0)
        return true;
    double high = fmin(r.h / n, op->step * s->unit * (n <= 2 ? 1.4 : 1));
    double y = op->anchor == CARD_MIDDLE ? r.y + (r.h - high * n) / 2 : r.y;
    for (int i = 0; i < n; i++) {
        struct rect row = { r.x, y + i * high, r.w, high };
        if ((i && !place_rule(s, row)) || !place_row(s, i, row, fmin(op->size * s->unit, 0.6 * high)))
            return false;
    }
    return true;
}

/* ---- What stands in a ring ---- */

bool card_place_count(struct scene *s, const struct card_op *op)
{
    double x, y, size, w, h, unit_h;
    card_op_at(s, op, &x, &y);
    double r = op->radius * s->unit;
    struct card_line n = line(s, CARD_LEFT, PANGO_WEIGHT_ULTRABOLD, 1.2 * r, 1.36 * r),
                     unit = line(s, CARD_LEFT_UNIT, PANGO_WEIGHT_BOLD, 0.2 * r, 1.4 * r);
    n.style.tracking = -0.05;
    unit.style.display = false, unit.style.tracking = 0, unit.lines = 2;
    if (!n.text || !unit.text)
        return true;
    if (!card_measure_line(s, &unit, &size, &w, &unit_h) || !card_measure_line(s, &n, &size, &w, &h))
        return false;
    double gap = 0.16 * r, top = y - (h + gap + unit_h) / 2;
    return card_place_line(s, &n, x, top, CARD_CENTER) && card_place_line(s, &unit, x, top + h + gap, CARD_CENTER);
}

/* ---- A coupon ---- */

bool card_place_ticket(struct scene *s, const struct card_op *op)
{
    struct rect r = card_op_box(s, op);
    struct card_line l = line(s, CARD_CODE, PANGO_WEIGHT_BOLD,
                              (card_type_is_wide(s->in->preset->layout) ? 5.6 : 3.9) * s->unit, r.w - 4 * s->unit);
    struct placed *frame = card_scene_next(s);
    double size, w, h;
    if (!l.text || !frame)
        return !l.text;
    l.style.tracking = 0.05, l.style.display = false;
    frame->kind = PLACED_OUTLINE, frame->dashed = frame->mute = true;
    frame->line = 0.45 * s->unit, frame->radius = 1.6 * s->unit, frame->box = r;
    if (!card_measure_line(s, &l, &size, &w, &h))
        return false;
    struct placed *p = card_place_line(s, &l, r.x + r.w / 2, r.y + (r.h - h) / 2, CARD_CENTER);
    if (p && p->set.ellipsized)
        s->warnings |= CARD_WARN_FIGURE; /* half a code is none */
    return p;
}

/* ---- What stands in a laurel ---- */

bool card_place_emblem(struct scene *s, const struct card_op *op)
{
    const char *text = card_scene_text(s, CARD_FIGURE);
    struct card_figure f;
    double x, y, size, w, h, h1 = 0, h2 = 0;
    card_op_at(s, op, &x, &y);
    const double e = op->size * s->unit;
    if (!text)
        return true;
    if (!card_figure_parse(text, &f))
        s->warnings |= CARD_WARN_FIGURE;
    char value[128];
    snprintf(value, sizeof value, "%s%s%s%s", f.sign, f.currency, f.value, f.unit);
    struct card_line v = line(s, CARD_FIGURE, PANGO_WEIGHT_ULTRABOLD, 0.4 * e, 0.56 * e),
                     a = line(s, CARD_FIGURE, PANGO_WEIGHT_SEMIBOLD, 0.085 * e, 0.5 * e), b = a;
    v.text = value, a.text = f.before, b.text = f.after;
    v.style.tracking = strpbrk(value, ".,") ? -0.01 : -0.04;
    a.style.tracking = b.style.tracking = 0, a.role = b.role = CARD_ACCENT, a.lines = b.lines = 2;
    a.style.display = b.style.display = false;
    if (!card_measure_line(s, &v, &size, &w, &h) || (*a.text && !card_measure_line(s, &a, &size, &w, &h1)) ||
        (*b.text && !card_measure_line(s, &b, &size, &w, &h2)))
        return false;
    const double gap = 0.065 * e, all = h + (h1 > 0 ? h1 + gap : 0) + (h2 > 0 ? h2 + gap : 0);
    double top = y - all / 2;
    struct placed *p = card_place_line(s, &v, x, h1 > 0 ? top + h1 + gap : top, CARD_CENTER);
    if (!p)
        return false;
    if (p->set.ellipsized || p->set.lines > 1)
        s->warnings |= CARD_WARN_FIGURE;
    return (h1 <= 0 || card_place_line(s, &a, x, top, CARD_CENTER)) &&
           (h2 <= 0 || card_place_line(s, &b, x, top + all - h2, CARD_CENTER));
}
