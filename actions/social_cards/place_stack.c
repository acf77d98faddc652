/* place_stack.c - texts one below the other, by their ink: from the capitals' height of the one to the base line of the
 * one above. */
#include <math.h>

#include "actions/social_cards/stack.h"

/* A headline with the size at which it was left, by ten percent at most, to leave room for what pango drew. */
enum { ROUNDS = 24 };

static void drop_settings(struct stack *k)
{
    for (int i = 0; i < k->count; i++)
        g_clear_object(&k->entry[i].set.layout);
}

/* Sets one text. *again: it took more lines than were counted, or a figure would be torn. */
static bool set_entry(struct stack *k, struct entry *e, bool *again)
{
    struct scene *s = k->s;
    if (e->item->kind == CARD_ITEM_CHIPS)
        return true;
    g_clear_object(&e->set.layout);
    double width = card_stack_width(k, e);
    int counted = card_text_lines(e->text, e->size, width, NULL);
    counted = counted < e->lines ? counted : e->lines;
    if (!card_text_set(e->text, e->size, width, e->lines, true, card_scene_align(s, e->text, k->op->align), &e->set))
        return false;
    if ((e->set.figure || (e->item->slot == CARD_FIGURE && e->set.ellipsized)) && e->size > s->smallest) {
        e->size = fmax(e->size * 0.96, s->smallest);
        *again = true;
    }
    if (e->set.lines > counted) {
        e->more += (e->set.lines - counted) * card_text_leading(e->text) * e->size;
        *again = true;
    }
    return true;
}

/* Sets all texts, until what is drawn takes the room that was counted for it. False = no memory. */
static bool settle(struct stack *k)
{
    bool again = true;
    for (int round = 0; again && round < ROUNDS; round++) {
        again = false;
        for (int i = 0; i < k->count; i++)
            if (!set_entry(k, &k->entry[i], &again))
                return false;
    }
    return true;
}

static double top_of(const struct stack *k)
{
    double rest = k->box.h - card_stack_height(k);
    switch (k->op->anchor) {
    case CARD_TOP:
    case CARD_SPREAD:
        return k->box.y;
    case CARD_MIDDLE:
        return k->box.y + rest / 2;
    default:
        return k->box.y + rest;
    }
}

/* Of a stack that is spread the last entry stands at the end of the box. */
static double spread(const struct stack *k, int i)
{
    if (k->op->anchor != CARD_SPREAD || i == 0 || i != k->count - 1)
        return 0;
    return fmax(0, k->box.h - card_stack_height(k));
}

/* Edge of the box at which lines begin, or its middle. */
static double edge(const struct stack *k, double indent)
{
    if (k->op->align == CARD_CENTER)
        return k->box.x + k->box.w / 2;
    bool right = (k->op->align == CARD_END) != k->s->rtl;
    return right ? k->box.x + k->box.w - indent : k->box.x + indent;
}

/* Left end of something w wide at that edge. */
static double left_of(const struct stack *k, double at, double w)
{
    bool right = (k->op->align == CARD_END) != k->s->rtl;
    return k->op->align == CARD_CENTER ? at - w / 2 : right ? at - w : at;
}

/* A text with the top of its capitals at y. */
static void put_text(const struct stack *k, struct placed *p, struct entry *e, double at, double y)
{
    PangoRectangle ink;
    pango_layout_get_extents(e->set.layout, &ink, NULL);
    double ix = (double)ink.x / PANGO_SCALE, iw = (double)ink.width / PANGO_SCALE;
    double base = (double)pango_layout_get_baseline(e->set.layout) / PANGO_SCALE;
    p->slot = e->item->slot, p->size = e->size, p->set = e->set, p->role = e->item->color;
    e->set.layout = NULL;
    p->tx = left_of(k, at, iw) - ix;
    p->ty = round(y - base + card_text_ink(e->text).cap * e->size);
    p->box = (struct rect){ p->tx + ix, p->ty + (double)ink.y / PANGO_SCALE, iw, (double)ink.height / PANGO_SCALE };
    card_scene_note(k->s, e->text, &p->set);
}

static bool put_pill(struct stack *k, struct entry *e, double y)
{
    struct scene *s = k->s;
    struct placed *fill = card_scene_next(s), *text = card_scene_next(s);
    if (!fill || !text)
        return false;
    double w = e->set.width + 2 * e->pad * e->size, h = 2.2 * e->size;
    double x = left_of(k, edge(k, 0), w);
    fill->kind = PLACED_FILL, fill->slot = e->item->slot, fill->role = e->item->fill;
    fill->mute = true;
    fill->radius = e->item->radius < 0 ? h / 2 : e->item->radius * s->unit;
    fill->box = (struct rect){ x, round(y), w, h };
    const struct card_ink ink = card_text_ink(e->text);
    double cap = (ink.cap + ink.foot) * e->size;
    bool figure = e->set.ellipsized;
    put_text(k, text, e, x + w / 2, round(y) + (h - cap) / 2);
    /* in its own middle, whatever the stack's side */
    card_placed_move(text, x + w / 2 - text->box.w / 2 - text->box.x, 0);
    text->on = s->count - 2;
    if (figure)
        s->warnings |= CARD_WARN_CTA_LONG;
    return true;
}

static bool put_chips(struct stack *k, struct entry *e, double y)
{
    struct scene *s = k->s;
    for (int i = 0; i < e->chips; i++) {
        const struct chip *c = &e->chip[i];
        struct placed *frame = card_scene_next(s);
        if (!frame)
            return false;
        double x = s->rtl ? k->box.x + k->box.w - c->x - c->w : k->box.x + c->x;
        frame->kind = PLACED_OUTLINE, frame->role = CARD_SOFT, frame->mute = true;
        frame->radius = 1.6 * s->unit, frame->line = 0.34 * s->unit;
        frame->box = (struct rect){ x, y + c->y, c->w, 1.95 * e->size };
        const struct card_line l = { .slot = c->slot,
                                     .text = card_scene_text(s, c->slot),
                                     .style = e->item->style,
                                     .size = e->size,
                                     .least = e->size,
                                     .width = k->box.w - 1.1 * e->size,
                                     .role = e->item->color,
                                     .on = -1 };
        if (!card_place_line(s, &l, x + c->w / 2, y + c->y + (1.95 - 0.727) / 2 * e->size, CARD_CENTER))
            return false;
    }
    return true;
}

static bool is_near(const struct rect *o, const struct rect *r, double by)
{
    return o->w > 0 && r->x < o->x + o->w + by && o->x < r->x + r->w + by && r->y < o->y + o->h + by &&
           o->y < r->y + r->h + by;
}

/* The n-th thing that texts stay clear of: the logo, what was placed before, pictures in discs and arches. */
static bool thing(const struct scene *s, int placed, int n, struct rect *out)
{
    if (n <= placed) {
        *out = n == 0 ? s->logo : s->placed[n - 1].box;
        return true;
    }
    const struct card_op *op = n - placed <= s->ops ? &s->op[n - placed - 1] : NULL;
    if (!op)
        return false;
    bool picture = op->kind == CARD_OP_PHOTO && (op->shape == CARD_CIRCLE || op->shape == CARD_ARCH);
    *out = picture && card_op_applies(s, op) ? card_op_box(s, op) : (struct rect){ 0 };
    return true;
}

/* Whether the texts, as they were set, come near one of them. */
static bool obstacle(const struct stack *k, int placed, double y, struct rect *o)
{
    const double near = 1.8 * k->s->unit;
    for (int i = 0; i < k->count; i++) {
        const struct entry *e = &k->entry[i];
        y += card_stack_gap(k, i) + spread(k, i);
        double h = card_stack_height_of(k, e), w = e->set.width, indent = e->item->indent * k->s->unit;
        if (e->item->kind == CARD_ITEM_PILL)
            w += 2 * e->pad * e->size;
        if (e->item->kind == CARD_ITEM_CHIPS)
            w = e->chips ? e->chip[e->chips - 1].x + e->chip[e->chips - 1].w : 0;
        const double over = card_stack_reach(e, false), under = card_stack_reach(e, true);
        const struct rect r = { left_of(k, edge(k, indent), w), y - over, w, h + over + under };
        for (int n = 0; thing(k->s, placed, n, o); n++)
            if (is_near(o, &r, near))
                return true;
        y += h;
    }
    return false;
}

/* Leaves an obstacle its room: rows above or below it, or the columns before it, whichever costs less. */
static void avoid(struct stack *k, const struct rect *o)
{
    const double gap = 2.2 * k->s->unit;
    struct rect *b = &k->box;
    const double over = k->count ? card_stack_reach(&k->entry[0], false) : 0,
                 under = k->count ? card_stack_reach(&k->entry[k->count - 1], true) : 0;
    double below = o->y + o->h + gap + over - b->y, above = b->y + b->h - (o->y - gap - under);
    double side = k->s->rtl ? o->x + o->w + gap - b->x : b->x + b->w - (o->x - gap);
    if (below <= above && below / b->h <= side / b->w) {
        b->y += below, b->h -= below;
    } else if (above / b->h <= side / b->w)
        b->h -= above;
    else {
        if (k->s->rtl)
            b->x += side;
        b->w -= side;
    }
}

/* Accents and descenders that would leave the safe area are taken from the box. Whether any did. */
static bool keep_inside(struct stack *k)
{
    const struct card_preset *p = k->s->in->preset;
    double y = top_of(k), bottom = y + card_stack_height(k),
           last = k->op->anchor == CARD_SPREAD ? k->box.y + k->box.h : bottom;
    double over = k->count ? card_stack_reach(&k->entry[0], false) : 0,
           under = k->count ? card_stack_reach(&k->entry[k->count - 1], true) : 0;
    double above = p->safe.top - (y - over), below = last + under - (p->height - p->safe.bottom);
    if (above > 0.5)
        k->box.y += above, k->box.h -= above;
    if (below > 0.5)
        k->box.h -= below;
    return above > 0.5 || below > 0.5;
}

/* The rule beside texts that stand behind it. */
static bool put_bar(struct stack *k, double from, double to)
{
    struct placed *p = card_scene_next(k->s);
    if (!p)
        return false;
    double w = 0.9 * k->s->unit;
    p->kind = PLACED_FILL, p->role = CARD_ACCENT, p->bar = p->mute = true;
    p->box = (struct rect){ k->s->rtl ? k->box.x + k->box.w - w : k->box.x, from, w, to - from };
    return true;
}

static bool put_all(struct stack *k)
{
    double y = top_of(k), bar_from = 0, bar_to = -1;
    for (int i = 0; i < k->count; i++) {
        struct entry *e = &k->entry[i];
        y += card_stack_gap(k, i) + spread(k, i);
        double h = card_stack_height_of(k, e), indent = e->item->indent * k->s->unit;
        if (indent > 0) {
            bar_from = bar_to < 0 ? y - 1 * k->s->unit : bar_from;
            bar_to = y + h + 1 * k->s->unit;
        }
        if (e->item->kind == CARD_ITEM_PILL) {
            if (!put_pill(k, e, y))
                return false;
        } else if (e->item->kind == CARD_ITEM_CHIPS) {
            if (!put_chips(k, e, y))
                return false;
        } else {
            struct placed *p = card_scene_next(k->s);
            if (!p)
                return false;
            put_text(k, p, e, edge(k, indent), y);
        }
        y += h;
    }
    return bar_to < 0 || put_bar(k, bar_from, bar_to);
}

bool card_place_stack(struct scene *s, const struct card_op *op)
{
    enum { TRIES = 10 };
    struct stack k = { .s = s, .op = op, .box = card_op_box(s, op) };
    const int placed = s->count;
    bool ok = true;
    for (int i = 0; ok && i < TRIES; i++) {
        ok = card_stack_collect(&k) && card_stack_fit(&k) && settle(&k);
        if (!ok || i + 1 == TRIES)
            break;
        struct rect o;
        if (obstacle(&k, placed, top_of(&k), &o))
            avoid(&k, &o);
        else if (!keep_inside(&k))
            break;
        drop_settings(&k);
    }
    ok = ok && put_all(&k);
    drop_settings(&k);
    return ok;
}
