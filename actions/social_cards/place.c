/* place.c - what all places have in common: boxes, and single lines of text. */
#include <math.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

bool card_op_applies(const struct scene *s, const struct card_op *op)
{
    return (s->has & op->when) == op->when && !(s->has & op->unless);
}

struct rect card_op_box(const struct scene *s, const struct card_op *op)
{
    double v[4];
    for (int i = 0; i < 4; i++)
        v[i] = card_length_of(&op->box[i], &s->frame) * s->unit;
    struct rect r = { v[0], v[1], v[2], v[3] };
    if (s->rtl)
        r.x = s->in->preset->width - r.x - r.w;
    return r;
}

void card_op_at(const struct scene *s, const struct card_op *op, double *x, double *y)
{
    *x = card_length_of(&op->box[0], &s->frame) * s->unit;
    *y = card_length_of(&op->box[1], &s->frame) * s->unit;
    if (s->rtl)
        *x = s->in->preset->width - *x;
}

const char *card_scene_text(const struct scene *s, enum card_slot slot)
{
    const char *t = s->in->text[slot];
    return t && *t ? t : NULL;
}

struct placed *card_scene_next(struct scene *s)
{
    struct placed *p = s->count < CARD_PLACED_MAX ? &s->placed[s->count++] : NULL;
    if (p)
        *p = (struct placed){ .on = -1, .role = CARD_AUTO };
    return p;
}

PangoAlignment card_scene_align(const struct scene *s, const struct card_text *t, enum card_align align)
{
    if (align == CARD_CENTER)
        return PANGO_ALIGN_CENTER;
    bool right = (align == CARD_END) != s->rtl;
    return right == card_text_rtl(t) ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT; /* pango's left is where lines begin */
}

void card_scene_note(struct scene *s, const struct card_text *t, const struct card_setting *set)
{
    if (set->ellipsized)
        s->warnings |= CARD_WARN_ELLIPSIZED;
    if (set->unknown)
        s->warnings |= CARD_WARN_UNKNOWN_GLYPHS;
    if (set->broken)
        s->warnings |= CARD_WARN_WORD_BROKEN;
    if (set->figure)
        s->warnings |= CARD_WARN_FIGURE;
    if (card_text_script(t)->missing)
        s->warnings |= CARD_WARN_FONT_MISSING;
}

void card_scene_fini(struct scene *s)
{
    for (int i = 0; i < s->count; i++)
        g_clear_object(&s->placed[i].set.layout);
}

void card_placed_move(struct placed *p, double dx, double dy)
{
    p->tx += dx, p->ty += dy;
    p->box.x += dx, p->box.y += dy;
    p->px += dx, p->py += dy;
}

struct rect card_placed_box(const struct placed *p)
{
    struct rect b = p->box;
    if (p->angle == 0)
        return b;
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9, c = cos(p->angle), n = sin(p->angle);
    for (int i = 0; i < 4; i++) {
        double dx = b.x + (i & 1 ? b.w : 0) - p->px, dy = b.y + (i & 2 ? b.h : 0) - p->py;
        double x = p->px + dx * c - dy * n, y = p->py + dx * n + dy * c;
        x0 = fmin(x0, x), x1 = fmax(x1, x), y0 = fmin(y0, y), y1 = fmax(y1, y);
    }
    return (struct rect){ x0, y0, x1 - x0, y1 - y0 };
}

/* ---- One line ---- */

static const double STEP = 0.97; /* how much smaller the next try is */

/* The text, and the largest size at which it takes no more lines than it may and no word is torn. */
static struct card_text *fitted(struct scene *s, const struct card_line *l, double *size, int *lines)
{
    struct card_text *t = card_engine_text(s->e, l->text, s->in->locale, &l->style);
    bool torn;
    *lines = l->lines ? l->lines : 1;
    *size = l->size;
    if (!t)
        return NULL;
    while (card_text_lines(t, *size, l->width, &torn) > *lines || torn) {
        if (*size <= l->least)
            break;
        *size = fmax(*size * STEP, l->least);
    }
    return t;
}

bool card_measure_line(struct scene *s, const struct card_line *l, double *size, double *w, double *h)
{
    int lines;
    struct card_setting set;
    struct card_text *t = fitted(s, l, size, &lines);
    if (!t || !card_text_set(t, *size, l->width, lines, lines > 1, PANGO_ALIGN_LEFT, &set))
        return false;
    PangoRectangle ink;
    pango_layout_get_extents(set.layout, &ink, NULL);
    const struct card_ink i = card_text_ink(t);
    *w = (double)ink.width / PANGO_SCALE;
    *h = (i.cap + i.foot + (set.lines - 1) * card_text_leading(t)) * *size;
    g_object_unref(set.layout);
    return true;
}

struct placed *card_place_line(struct scene *s, const struct card_line *l, double x, double y, enum card_align align)
{
    int lines;
    double size;
    struct card_setting set;
    struct card_text *t = fitted(s, l, &size, &lines);
    if (!t || !card_text_set(t, size, l->width, lines, lines > 1, card_scene_align(s, t, align), &set))
        return NULL;
    struct placed *p = card_scene_next(s);
    if (!p) {
        g_object_unref(set.layout);
        return NULL;
    }
    card_scene_note(s, t, &set);
    PangoRectangle ink;
    pango_layout_get_extents(set.layout, &ink, NULL);
    double ix = (double)ink.x / PANGO_SCALE, iw = (double)ink.width / PANGO_SCALE;
    double base = (double)pango_layout_get_baseline(set.layout) / PANGO_SCALE;
    double shift = align == CARD_CENTER ? iw / 2 : (align == CARD_END) != s->rtl ? iw : 0;
    p->slot = l->slot, p->size = size, p->set = set, p->role = l->role, p->on = l->on;
    p->tx = x - ix - shift;
    p->ty = round(y - base + card_text_ink(t).cap * size);
    p->box = (struct rect){ p->tx + ix, p->ty + (double)ink.y / PANGO_SCALE, iw, (double)ink.height / PANGO_SCALE };
    return p;
}

/* ---- All of a card ---- */

static bool place_one(struct scene *s, const struct card_op *op)
{
    static bool (*const places[])(struct scene *, const struct card_op *) = {
        card_place_brand, card_place_badge,      card_place_date,   card_place_rows,
        card_place_count, card_place_big_figure, card_place_ticket, card_place_emblem,
    };
    return places[op->kind - CARD_OP_BRAND](s, op);
}

/* First what has a fixed place, then the stacks, which leave the others theirs. */
bool card_place(struct scene *s)
{
    for (int i = 0; i < s->ops; i++) {
        const struct card_op *op = &s->op[i];
        if (op->kind >= CARD_OP_BRAND && op->kind < CARD_OP_STACK && card_op_applies(s, op) && !place_one(s, op))
            return false;
    }
    for (int i = 0; i < s->ops; i++)
        if (s->op[i].kind == CARD_OP_STACK && card_op_applies(s, &s->op[i]) && !card_place_stack(s, &s->op[i]))
            return false;
    return true;
}
