/* place_figure.c - a figure as large as the card: its sign, currency and unit smaller and hung at the digits' height.
 */
#include <math.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"
#include "actions/social_cards/figure.h"

static const double CAP = 0.727;

enum part { BEFORE, CURRENCY, SIGN, VALUE, UNIT, AFTER, PARTS };

struct big {
    struct scene *s;
    const char *text[PARTS];
    double size[PARTS], gap[PARTS]; /* px at the size of the digits */
    double width[PARTS];
};

static bool is_word(int part)
{
    return part == BEFORE || part == AFTER;
}

static struct card_line line(const struct big *b, int part)
{
    const char *t = b->text[part];
    bool point = strpbrk(t, ".,") != NULL, digits = part == VALUE || part == SIGN || part == UNIT;
    return (struct card_line){ .slot = CARD_FIGURE,
                               .text = t,
                               .style = { .weight = digits ? PANGO_WEIGHT_ULTRABOLD : PANGO_WEIGHT_BOLD,
                                          .display = !is_word(part),
                                          .tracking = is_word(part) ? 0
                                                      : point       ? -0.01
                                                                    : -0.03,
                                          .leading = 1.1 },
                               .size = b->size[part],
                               .least = b->size[part],
                               .width = is_word(part) ? fmax(b->size[part] * 6, 20 * b->s->unit) : 8000,
                               .lines = is_word(part) ? 2 : 1,
                               .role = part == VALUE || part == SIGN || part == UNIT ? CARD_AUTO : CARD_SOFT,
                               .on = -1 };
}

/* Sizes of all parts when the digits are `size` high; returns the width of the whole. */
static double measure(struct big *b, double size)
{
    static const double parts[PARTS] = { 0.13, 0.34, 0.62, 1, 0.56, 0.13 },
                        gaps[PARTS] = { 0, 0.05, 0.06, 0.055, 0.05, 0.06 };
    double all = 0;
    for (int i = 0; i < PARTS; i++) {
        double h, is, w = 0;
        b->size[i] = fmax(parts[i] * size, b->s->smallest);
        struct card_line l = line(b, i);
        if (*b->text[i] && !card_measure_line(b->s, &l, &is, &w, &h))
            return -1;
        b->width[i] = w, b->gap[i] = all > 0 && w > 0 ? gaps[i] * size : 0;
        all += b->gap[i] + w;
    }
    return all;
}

/* Top of a part's capitals: words before stand high, those behind on the base line, the sign in the middle. */
static double top_of(const struct big *b, int part, double y)
{
    double cap = CAP * b->size[VALUE];
    if (part == SIGN)
        return y + (cap - CAP * b->size[SIGN]) / 2;
    return part == AFTER ? y + cap - CAP * b->size[AFTER] : y;
}

bool card_place_big_figure(struct scene *s, const struct card_op *op)
{
    const char *text = card_scene_text(s, CARD_FIGURE);
    struct rect r = card_op_box(s, op);
    struct card_figure f;
    if (!text)
        return true;
    if (!card_figure_parse(text, &f))
        s->warnings |= CARD_WARN_FIGURE;
    struct big b = { .s = s, .text = { f.before, f.currency, f.sign, f.value, f.unit, f.after } };
    double size = op->size * s->unit, w = measure(&b, size);
    for (int i = 0; i < 40 && w > r.w && size > s->smallest; i++) {
        size = fmax(s->smallest, size * fmin(0.99, r.w / w));
        w = measure(&b, size);
    }
    if (w < 0)
        return false;
    if (w > r.w + 1)
        s->warnings |= CARD_WARN_FIGURE;
    double cap = CAP * size, y = r.y + (r.h - cap) / (op->anchor == CARD_BOTTOM ? 1 : 2),
           x = s->rtl ? r.x + r.w - w : r.x;
    bool first = true;
    for (int i = 0; i < PARTS; i++) {
        if (b.width[i] <= 0)
            continue;
        struct card_line l = line(&b, i);
        x += b.gap[i];
        struct placed *p = card_place_line(s, &l, x + b.width[i] / 2, top_of(&b, i, y), CARD_CENTER);
        if (!p)
            return false;
        p->mute = !first && i != VALUE;
        first = false;
        x += b.width[i];
    }
    return true;
}
