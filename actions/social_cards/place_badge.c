/* place_badge.c - a figure in a disc, or in a tag when it is long. It is never cut. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"
#include "actions/social_cards/figure.h"

struct badge {
    struct scene *s;
    struct card_figure f;
    double d, cx, cy; /* px */
    int fill;         /* index of what is below its texts */
    double tilt;
};

static const struct card_style small_style = { .weight = PANGO_WEIGHT_SEMIBOLD, .leading = 1.1 };

static struct card_style value_style(const struct card_figure *f)
{
    bool point = strpbrk(f->value, ".,") != NULL;
    return (struct card_style){
        .weight = PANGO_WEIGHT_ULTRABOLD, .display = true, .tracking = point ? -0.01 : -0.03, .leading = 1
    };
}

static struct card_line line_of(const struct badge *b, const char *text, struct card_style style, double size)
{
    return (struct card_line){ .slot = CARD_FIGURE,
                               .text = text,
                               .style = style,
                               .size = size,
                               .least = size,
                               .width = 4000,
                               .role = CARD_ON,
                               .on = b->fill };
}

static double width_of(struct badge *b, const char *text, struct card_style style, double size)
{
    struct card_line l = line_of(b, text, style, size);
    double is, w = 0, h;
    return *text && card_measure_line(b->s, &l, &is, &w, &h) ? w : 0;
}

/* How far a badge has to go down to leave the logo and the brand's name their row. */
static double under_brand(const struct badge *b, int from)
{
    const struct scene *s = b->s;
    const double near = 2 * s->unit;
    struct rect r = card_placed_box(&s->placed[from]);
    if (s->placed[from].radius >= r.w / 2) /* a disc is no wider than it is */
        r = s->placed[from].box;
    double down = 0;
    for (int i = -1; i < from; i++) {
        const struct rect *o = i < 0 ? &s->logo : &s->placed[i].box;
        bool row = i < 0 || s->placed[i].slot == CARD_BRAND;
        if (row && o->w > 0 && r.x < o->x + o->w + near && o->x < r.x + r.w + near && r.y < o->y + o->h + near &&
            o->y < r.y + r.h + near)
            down = fmax(down, o->y + o->h + near - r.y);
    }
    return down;
}

/* A badge may hang over the edge of the safe area, its words may not. */
static void keep_inside(struct badge *b, int from)
{
    const struct card_preset *p = b->s->in->preset;
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9, dx = 0, dy = 0;
    for (int i = from + 1; i < b->s->count; i++) {
        struct rect r = card_placed_box(&b->s->placed[i]);
        x0 = fmin(x0, r.x), y0 = fmin(y0, r.y), x1 = fmax(x1, r.x + r.w), y1 = fmax(y1, r.y + r.h);
    }
    const double below = under_brand(b, from);
    dx = fmin(0, p->width - p->safe.right - x1) + fmax(0, p->safe.left - x0);
    dy = below + fmin(0, p->height - p->safe.bottom - y1 - below) + fmax(0, p->safe.top - y0 - below);
    for (int i = from; i < b->s->count; i++)
        card_placed_move(&b->s->placed[i], dx, dy);
}

/* Everything of a badge turns with it. */
static void turn(struct badge *b, int from)
{
    for (int i = from; i < b->s->count; i++) {
        struct placed *p = &b->s->placed[i];
        p->angle = b->tilt, p->px = b->cx, p->py = b->cy;
        p->mute = i > b->fill + 1;
    }
    keep_inside(b, from);
}

/* The small words above or below, in at most two lines. */
static bool words(struct badge *b, const char *text, double size, double width, double y, double *h)
{
    struct card_line l = line_of(b, text, small_style, size);
    double is, w;
    l.width = width, l.lines = 2;
    *h = 0;
    if (!*text)
        return true;
    if (!card_measure_line(b->s, &l, &is, &w, h))
        return false;
    return y < 0 || card_place_line(b->s, &l, b->cx, y, CARD_CENTER);
}

struct run {
    char text[160];
    struct card_style style;
    double size, raise, gap; /* px; gap before it */
    double w;
};

/* The value with its sign, currency and unit, one beside the other, around the middle. */
static bool row(struct badge *b, double size, double y, bool place, double *width)
{
    const struct card_figure *f = &b->f;
    const double cap = 0.727, small = fmax(size * 0.62, b->s->smallest);
    const struct card_style big = value_style(f), mid = { .weight = PANGO_WEIGHT_BOLD, .leading = 1 };
    struct run runs[] = {
        { .style = big, .size = size, .gap = 0 },
        { .style = mid, .size = small, .raise = (size - small) * cap * 0.85, .gap = 0 },
        { .style = big, .size = size, .gap = 0.06 * size },
        { .style = mid, .size = small, .raise = (size - small) * cap * 0.85, .gap = 0.04 * size },
    };
    const char *const texts[] = { f->sign, f->currency, f->value, f->unit };
    double all = 0;
    for (int i = 0; i < 4; i++) {
        snprintf(runs[i].text, sizeof runs[i].text, "%s", texts[i]);
        runs[i].w = width_of(b, runs[i].text, runs[i].style, runs[i].size);
        all += runs[i].w > 0 ? runs[i].w + (all > 0 ? runs[i].gap : 0) : 0;
    }
    *width = all;
    double x = b->cx - all / 2;
    for (int i = 0; place && i < 4; i++) {
        if (runs[i].w <= 0)
            continue;
        struct card_line l = line_of(b, runs[i].text, runs[i].style, runs[i].size);
        x += x > b->cx - all / 2 ? runs[i].gap : 0;
        /* digits go from left to right in every language */
        struct placed *p =
            card_place_line(b->s, &l, x + runs[i].w / 2, y + cap * (size - runs[i].size) - runs[i].raise, CARD_CENTER);
        if (!p)
            return false;
        x += runs[i].w;
    }
    return true;
}

static struct placed *fill(struct badge *b, double w, double h, double radius)
{
    struct placed *p = card_scene_next(b->s);
    if (!p)
        return NULL;
    p->kind = PLACED_FILL, p->slot = CARD_FIGURE, p->role = CARD_ACCENT, p->radius = radius;
    p->box = (struct rect){ b->cx - w / 2, b->cy - h / 2, w, h };
    b->fill = b->s->count - 1;
    return p;
}

static bool disc(struct badge *b)
{
    struct scene *s = b->s;
    const double cap = 0.727, len = fmax(1, card_figure_length(&b->f)), gap = 0.06 * b->d;
    double small = fmax(0.135 * b->d, s->smallest), before, after, w;
    double size = b->d * fmin(0.42, 1.36 / len);
    if (!words(b, b->f.before, small, 0.72 * b->d, -1, &before) ||
        !words(b, b->f.after, small, 0.72 * b->d, -1, &after) || !row(b, size, 0, false, &w))
        return false;
    size = fmin(size, size * 0.86 * b->d / fmax(w, 1));
    double h = (before > 0 ? before + gap : 0) + cap * size + (after > 0 ? gap + after : 0);
    if (h > 0.80 * b->d) /* words of two lines need a larger disc */
        b->d *= fmin(1.15, h / (0.80 * b->d));
    int from = s->count;
    if (!fill(b, b->d, b->d, b->d))
        return false;
    double y = b->cy - h / 2;
    double at = before > 0 ? y + before + gap : y;
    bool ok = row(b, size, at, true, &w) && (before <= 0 || words(b, b->f.before, small, 0.72 * b->d, y, &before)) &&
              (after <= 0 || words(b, b->f.after, small, 0.72 * b->d, at + cap * size + gap, &after));
    turn(b, from);
    return ok;
}

/* The words, the currency among them, above; the value alone below. */
static bool tag(struct badge *b)
{
    struct scene *s = b->s;
    const double cap = 0.727, small = fmax(0.15 * b->d, s->smallest);
    char above[128];
    snprintf(above, sizeof above, "%s%s%s", b->f.before, *b->f.before && *b->f.currency ? " " : "", b->f.currency);
    struct card_figure value = b->f;
    value.currency[0] = 0;
    b->f = value;
    double size = fmin(0.34 * b->d, 2.2 * b->d / (double)g_utf8_strlen(b->f.value, -1)), w, w1, w2, h1, h2;
    const double most = s->in->preset->width * 0.6;
    if (!row(b, size, 0, false, &w))
        return false;
    size = fmax(s->smallest, w > most ? size * most / w : size);
    if (!row(b, size, 0, false, &w))
        return false;
    if (w > most + 1)
        s->warnings |= CARD_WARN_FIGURE;
    w1 = width_of(b, above, small_style, small), w2 = width_of(b, b->f.after, small_style, small);
    double inner = fmax(w, fmin(fmax(w1, w2), 1.6 * b->d));
    if (!words(b, above, small, inner + 1, -1, &h1) || !words(b, b->f.after, small, inner + 1, -1, &h2))
        return false;
    const double gap = 0.08 * b->d, pad = 0.15 * b->d;
    double h = (h1 > 0 ? h1 + gap : 0) + cap * size + (h2 > 0 ? gap + h2 : 0), wide = inner + 2 * pad;
    double edge = s->in->preset->width - 0.8 * s->frame.m * s->unit - wide / 2, lead = 0.8 * s->frame.m * s->unit;
    b->cx = fmax(fmin(b->cx, edge), lead + wide / 2);
    int from = s->count;
    if (!fill(b, wide, h + 2 * pad, 0.2 * (h + 2 * pad)))
        return false;
    double y = b->cy - h / 2, at = h1 > 0 ? y + h1 + gap : y;
    b->tilt *= 0.4;
    bool ok = row(b, size, at, true, &w) && (h1 <= 0 || words(b, above, small, inner + 1, y, &h1)) &&
              (h2 <= 0 || words(b, b->f.after, small, inner + 1, at + cap * size + gap, &h2));
    turn(b, from);
    return ok;
}

bool card_place_badge(struct scene *s, const struct card_op *op)
{
    const char *text = card_scene_text(s, CARD_FIGURE);
    if (!text)
        return true;
    struct badge b = { .s = s, .d = op->size * s->unit, .tilt = (s->rtl ? 8 : -8) * 3.14159265358979323846 / 180 };
    card_op_at(s, op, &b.cx, &b.cy);
    if (!card_figure_parse(text, &b.f))
        s->warnings |= CARD_WARN_FIGURE;
    return card_figure_length(&b.f) <= 4.8 ? disc(&b) : tag(&b);
}
