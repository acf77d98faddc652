/* place.c - gives every text of a card its size and place: largest that fits, then smaller, then shorter. */
#include <math.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

static const double STEP = 0.96; /* how much smaller the next try is */

/* A figure goes below its template's least size rather than lose a digit, down to this: the smallest type of a card. */
static const double FIGURE_LEAST = 2.7;

/* And any text goes down to this part of its template's least size rather than tear a word. */
static const double WORD_LEAST = 0.5;

bool card_op_applies(const struct scene *s, const struct card_op *op)
{
    const char *figure = s->in->text[CARD_FIGURE];
    bool has_figure = figure && *figure;
    switch (op->when) {
    case CARD_HERO:
        return s->in->hero;
    case CARD_NO_HERO:
        return !s->in->hero;
    case CARD_WITH_FIGURE:
        return has_figure;
    case CARD_NO_FIGURE:
        return !has_figure;
    default:
        return true;
    }
}

struct rect card_box_px(const struct scene *s, const struct card_box *b, bool safe, bool mirror)
{
    struct rect area = { 0, 0, s->in->preset->width, s->in->preset->height };
    if (safe)
        area = s->safe;
    struct rect r = { area.x + area.w * b->x / 100, area.y + area.h * b->y / 100, area.w * b->w / 100,
                      area.h * b->h / 100 };
    if (mirror && s->rtl)
        r.x = 2 * area.x + area.w - r.x - r.w;
    return r;
}

/* ---- A stack: texts one below the other ---- */

struct entry {
    const struct card_item *item;
    struct card_text *text; /* NULL for a rule */
    double size;
    int lines;    /* allowed */
    int more;     /* lines that pango drew above what was counted */
    double extra; /* px above it, so that its ink stays clear of what is there */
    struct card_setting set;
};

struct stack {
    struct scene *s;
    struct rect box;
    struct entry entry[CARD_ITEMS_MAX];
    int count;
};

static double pill_pad(double size)
{
    return size * 1.15;
}
static double pill_height(double size)
{
    return size * 2.35;
}

static double text_width(const struct stack *k, const struct entry *e)
{
    return e->item->kind == CARD_ITEM_PILL ? k->box.w - 2 * pill_pad(e->size) : k->box.w;
}

static int lines_of(const struct stack *k, const struct entry *e, bool *torn)
{
    int n = card_text_lines(e->text, e->size, text_width(k, e), torn) + e->more;
    return n < e->lines ? n : e->lines;
}

static double height_of(const struct stack *k, const struct entry *e)
{
    switch (e->item->kind) {
    case CARD_ITEM_RULE:
        return e->item->height * k->s->unit;
    case CARD_ITEM_PILL:
        return pill_height(e->size);
    default:
        return lines_of(k, e, NULL) * card_text_leading(e->text) * e->size;
    }
}

static double gap_of(const struct stack *k, int i)
{
    return i ? k->entry[i].item->gap * k->s->unit + k->entry[i].extra : 0;
}

static double stack_height(const struct stack *k)
{
    double h = 0;
    for (int i = 0; i < k->count; i++)
        h += gap_of(k, i) + height_of(k, &k->entry[i]);
    return h;
}

static bool is_figure(const struct entry *e)
{
    return e->item->slot == CARD_FIGURE && e->item->kind != CARD_ITEM_RULE;
}

static bool fits(const struct stack *k, const struct entry *e)
{
    bool torn;
    return card_text_lines(e->text, e->size, text_width(k, e), &torn) <= e->lines && !torn;
}

/* A word that is torn at the least size: smaller it may stay whole, as long as it can be read, or at least end a line
 * earlier instead of with a letter alone. */
static void spare_word(const struct stack *k, struct entry *e)
{
    const double least = e->size, last = fmax(least * WORD_LEAST, FIGURE_LEAST * k->s->unit);
    for (; e->size > last; e->size *= STEP)
        if (fits(k, e))
            return;
    e->size = least;
    const int lines = card_text_lines(e->text, e->size, text_width(k, e), NULL);
    for (; e->size > least * 0.8; e->size *= STEP)
        if (card_text_lines(e->text, e->size, text_width(k, e), NULL) < lines)
            return;
    e->size = least;
}

/* Largest size from max down at which the text takes no more lines than allowed and no word is torn. A figure, and a
 * word that is a number, may go further down: torn or cut it would be another figure. */
static void fit_width(const struct stack *k, struct entry *e)
{
    const double least = e->item->min * k->s->unit, last = fmin(least, FIGURE_LEAST * k->s->unit);
    for (e->size = e->item->max * k->s->unit; e->size > least; e->size = fmax(e->size * STEP, least))
        if (fits(k, e))
            return;
    bool torn;
    card_text_lines(e->text, e->size, text_width(k, e), &torn);
    if (torn && !is_figure(e) && !card_text_tears_number(e->text, e->size, text_width(k, e)))
        spare_word(k, e);
    while (e->size > last && (is_figure(e) ? !fits(k, e) : card_text_tears_number(e->text, e->size, text_width(k, e))))
        e->size = fmax(e->size * STEP, last);
}

/* How far an entry is above its least size, 0 to 1: all go down together, so that the headline stays the headline. */
static double spare(const struct stack *k, const struct entry *e)
{
    double u = k->s->unit, least = e->item->min * u, most = e->item->max * u;
    return e->text && most > least ? (e->size - least) / (most - least) : 0;
}

static struct entry *most_spare(struct stack *k)
{
    struct entry *best = NULL;
    double most = 0.001;
    for (int i = 0; i < k->count; i++)
        if (spare(k, &k->entry[i]) > most) {
            best = &k->entry[i];
            most = spare(k, best);
        }
    return best;
}

/* The text to lose a line: the subtitle before the headline. */
static struct entry *to_shorten(struct stack *k)
{
    struct entry *best = NULL;
    for (int i = 0; i < k->count; i++) {
        struct entry *e = &k->entry[i];
        if (!e->text || lines_of(k, e, NULL) < 2)
            continue;
        if (!best || (best->item->slot == CARD_HEADLINE && e->item->slot != CARD_HEADLINE))
            best = e;
    }
    return best;
}

/* The entry to give up first: what says least. */
static int least_important(const struct stack *k)
{
    static const enum card_slot order[] = { CARD_MARK, CARD_DATE, CARD_EYEBROW, CARD_SUBTITLE, CARD_CTA };
    for (size_t o = 0; o < sizeof order / sizeof *order; o++)
        for (int i = 0; i < k->count; i++)
            if (k->entry[i].text && k->entry[i].item->slot == order[o])
                return i;
    return -1;
}

static void fit_height(struct stack *k)
{
    while (stack_height(k) > k->box.h) {
        struct entry *e = most_spare(k);
        if (e) {
            e->size = fmax(e->size * STEP, e->item->min * k->s->unit);
            continue;
        }
        if ((e = to_shorten(k)) != NULL) {
            e->lines = lines_of(k, e, NULL) - 1;
            continue;
        }
        int i = least_important(k);
        if (i < 0)
            return;
        memmove(&k->entry[i], &k->entry[i + 1], (size_t)(k->count - i - 1) * sizeof *k->entry);
        k->count--;
    }
}

const char *card_scene_text(const struct scene *s, enum card_slot slot)
{
    const char *t = slot == CARD_MARK ? s->mark : s->in->text[slot];
    return t && *t ? t : NULL;
}

struct placed *card_scene_next(struct scene *s)
{
    return s->count < CARD_PLACED_MAX ? &s->placed[s->count++] : NULL;
}

PangoAlignment card_scene_align(const struct scene *s, const struct card_text *t, bool center)
{
    return center ? PANGO_ALIGN_CENTER : card_text_rtl(t) == s->rtl ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT;
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

static void drop_settings(struct stack *k)
{
    for (int i = 0; i < k->count; i++)
        g_clear_object(&k->entry[i].set.layout);
}

/* Sets one text. *again: it took other room than was counted, so that the places have to be found anew. */
static bool set_entry(struct stack *k, struct entry *e, bool center, bool *again)
{
    struct scene *s = k->s;
    int counted = lines_of(k, e, NULL);
    if (!card_text_set(e->text, e->size, text_width(k, e), e->lines, e->item->balance,
                       card_scene_align(s, e->text, center), &e->set))
        return false;
    double least = FIGURE_LEAST * s->unit;
    bool unfit = e->set.figure || (is_figure(e) && e->set.ellipsized);
    if (unfit && e->size > least) {
        e->size = fmax(e->size * STEP, least);
        *again = true;
    } else if (unfit)
        s->warnings |= CARD_WARN_FIGURE;
    if (e->set.lines > counted) {
        e->more += e->set.lines - counted;
        *again = true;
    }
    return true;
}

/* How far the ink of an entry stays inside its place, above or below; negative = it sticks out. */
static double inset_of(const struct stack *k, const struct entry *e, bool below)
{
    if (e->item->kind != CARD_ITEM_TEXT || !e->set.layout)
        return 0;
    PangoRectangle ink;
    pango_layout_get_extents(e->set.layout, &ink, NULL);
    double h = height_of(k, e), top = (h - e->set.height) / 2 + (double)ink.y / PANGO_SCALE;
    return below ? h - top - (double)ink.height / PANGO_SCALE : top;
}

/* Marks above and below letters, as those of vocalised Arabic, may reach out of the lines that are counted for them:
 * the ink of two texts stays apart all the same. */
static bool part_ink(struct stack *k)
{
    static const double APART = 1.2; /* hundredths of the shorter side */
    bool moved = false;
    for (int i = 1; i < k->count; i++) {
        struct entry *e = &k->entry[i], *above = e - 1;
        if (!e->text || above->item->slot == CARD_MARK)
            continue;
        double least = fmin(APART, e->item->gap) * k->s->unit;
        double is = gap_of(k, i) + inset_of(k, above, true) + inset_of(k, e, false);
        if (is < least - 0.01) {
            e->extra += least - is;
            moved = true;
        }
    }
    return moved;
}

/* Sizes and sets all texts, until what is drawn takes the room that was counted for it. False = no memory. */
static bool settle(struct stack *k, bool center)
{
    enum { ROUNDS = 40 };
    bool again = true;
    for (int round = 0; again && round < ROUNDS; round++) {
        drop_settings(k);
        fit_height(k);
        again = false;
        for (int i = 0; i < k->count; i++)
            if (k->entry[i].text && !set_entry(k, &k->entry[i], center, &again))
                return false;
        again = part_ink(k) || again;
    }
    return true;
}

/* Marks stand high or low on their line and are tall in some languages: the ink of each is brought to where that of the
 * English one is. */
static bool place_mark(struct stack *k, struct placed *p)
{
    static const double TOP = -0.065, MOST = 0.45; /* of the ink, in parts of the size */
    struct scene *s = k->s;
    PangoRectangle ink;
    pango_layout_get_extents(p->set.layout, &ink, NULL);
    double h = (double)ink.height / PANGO_SCALE, most = MOST * p->size;
    if (h > most) {
        struct card_text *t = card_engine_text(s->e, s->mark, s->in->locale, &p->item->style);
        g_clear_object(&p->set.layout);
        if (!t || !card_text_set(t, p->size * most / h, k->box.w, 1, false, PANGO_ALIGN_LEFT, &p->set))
            return false;
        pango_layout_get_extents(p->set.layout, &ink, NULL);
    }
    double w = (double)ink.width / PANGO_SCALE, x = p->box.x + (s->rtl ? p->box.w - w : 0);
    p->tx = x - (double)ink.x / PANGO_SCALE;
    p->ty = round(p->box.y + TOP * p->size - (double)ink.y / PANGO_SCALE);
    return true;
}

/* The scene takes the text over as it was set. */
static bool place_text(struct stack *k, struct entry *e, bool center, double y)
{
    struct scene *s = k->s;
    struct placed *p = card_scene_next(s);
    if (!p)
        return true;
    bool pill = e->item->kind == CARD_ITEM_PILL;
    *p = (struct placed){
        .item = e->item, .kind = e->item->kind, .slot = e->item->slot, .size = e->size, .set = e->set
    };
    e->set.layout = NULL;
    card_scene_note(s, e->text, &p->set);
    double w = p->set.width, pad = pill ? pill_pad(e->size) : 0;
    double outer = w + 2 * pad, free = k->box.w - outer;
    p->box = (struct rect){ k->box.x + (center ? free / 2 : s->rtl ? free : 0), y, outer, height_of(k, e) };
    PangoRectangle r;
    pango_layout_get_extents(p->set.layout, NULL, &r);
    double inset = (double)r.x / PANGO_SCALE;
    p->tx = p->box.x + pad - inset;
    p->ty = round(p->box.y + (p->box.h - p->set.height) / 2);
    return e->item->slot != CARD_MARK || place_mark(k, p);
}

static void place_rule(struct stack *k, const struct entry *e, bool center, double y)
{
    struct placed *p = card_scene_next(k->s);
    if (!p)
        return;
    double w = e->item->width * k->s->unit, free = k->box.w - w;
    *p = (struct placed){ .item = e->item,
                          .kind = CARD_ITEM_RULE,
                          .box = { k->box.x + (center      ? free / 2
                                               : k->s->rtl ? free
                                                           : 0),
                                   round(y), w, round(height_of(k, e)) } };
}

static bool collect(struct stack *k, const struct card_op *op)
{
    for (int i = 0; i < op->items; i++) {
        const struct card_item *item = &op->item[i];
        struct entry e = { .item = item, .lines = item->lines };
        if (item->kind != CARD_ITEM_RULE) {
            const char *text = card_scene_text(k->s, item->slot);
            if (!text)
                continue;
            if (!(e.text = card_engine_text(k->s->e, text, k->s->in->locale, &item->style)))
                return false;
            fit_width(k, &e);
        }
        k->entry[k->count++] = e;
    }
    return true;
}

static double top_of(const struct stack *k, const struct card_op *op)
{
    double rest = k->box.h - stack_height(k);
    return k->box.y + (op->anchor == CARD_TOP ? 0 : op->anchor == CARD_MIDDLE ? rest / 2 : rest);
}

/* Whether a text, as it was set, lies over the logo. */
static bool is_over_logo(const struct stack *k, const struct card_op *op)
{
    const struct rect logo = k->s->logo;
    double y = top_of(k, op);
    for (int i = 0; i < k->count && logo.w > 0; i++) {
        const struct entry *e = &k->entry[i];
        double h = height_of(k, e), w = e->text ? e->set.width : 0, free = k->box.w - w;
        double x = k->box.x + (op->center ? free / 2 : k->s->rtl ? free : 0);
        y += gap_of(k, i);
        if (x < logo.x + logo.w && logo.x < x + w && y < logo.y + logo.h && logo.y < y + h)
            return true;
        y += h;
    }
    return false;
}

/* Leaves the rows of the logo to the logo. */
static void clear_of_logo(struct stack *k)
{
    const struct rect logo = k->s->logo;
    double gap = 2 * k->s->unit, bottom = k->box.y + k->box.h;
    if (logo.y + logo.h / 2 < k->box.y + k->box.h / 2) {
        k->box.y = logo.y + logo.h + gap;
        k->box.h = bottom - k->box.y;
    } else
        k->box.h = logo.y - gap - k->box.y;
}

static bool place_stack(struct scene *s, const struct card_op *op)
{
    struct stack k = { .s = s, .box = card_box_px(s, &op->box, true, true) };
    bool ok = collect(&k, op) && settle(&k, op->center);
    if (ok && is_over_logo(&k, op)) {
        drop_settings(&k);
        k.count = 0;
        clear_of_logo(&k);
        ok = collect(&k, op) && settle(&k, op->center);
    }
    double y = ok ? top_of(&k, op) : 0;
    for (int i = 0; ok && i < k.count; i++) {
        struct entry *e = &k.entry[i];
        y += gap_of(&k, i);
        double taken = height_of(&k, e);
        if (e->item->kind == CARD_ITEM_RULE)
            place_rule(&k, e, op->center, y);
        else
            ok = place_text(&k, e, op->center, y);
        y += taken;
    }
    drop_settings(&k);
    return ok;
}

bool card_place(struct scene *s)
{
    for (int i = 0; i < s->ops; i++) {
        const struct card_op *op = &s->op[i];
        if (!card_op_applies(s, op))
            continue;
        if (op->kind == CARD_OP_STACK && !place_stack(s, op))
            return false;
        if (op->kind == CARD_OP_LOGO && !card_place_logo(s, op))
            return false;
    }
    return true;
}

void card_scene_fini(struct scene *s)
{
    for (int i = 0; i < s->count; i++)
        g_clear_object(&s->placed[i].set.layout);
    g_clear_object(&s->monogram);
}
