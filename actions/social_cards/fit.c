/*
 * fit.c - sizes of the texts of a stack. The headline gives way first, from the size that suits its length down to its
 * least; then what says least goes; only then is a word torn, and only then does a text end in an ellipsis. Every step
 * is told.
 */
#include <math.h>
#include <string.h>

#include "actions/social_cards/stack.h"
#include "actions/social_cards/type.h"

static struct entry *headline_of(struct stack *k)
{
    for (int i = 0; i < k->count; i++)
        if (k->entry[i].item->slot == CARD_HEADLINE && k->entry[i].item->kind == CARD_ITEM_TEXT)
            return &k->entry[i];
    return NULL;
}

static bool has_digit(const char *s)
{
    for (; *s; s = g_utf8_next_char(s))
        if (g_unichar_isdigit(g_utf8_get_char(s)) && (s[1] == '.' || s[1] == ','))
            return true;
    return false;
}

/* Gives the headline a size: large type is set tighter. */
static bool resize(struct stack *k, struct entry *h, double size)
{
    struct card_style style = card_type_headline(h->item->style.weight, size / k->s->unit, has_digit(h->string));
    style.hyphens = k->hyphens;
    h->size = size;
    if (style.hyphens == h->style.hyphens && style.tracking == h->style.tracking && style.leading == h->style.leading)
        return true;
    h->style = style;
    h->text = card_engine_text(k->s->e, h->string, k->s->in->locale, &style);
    return h->text != NULL;
}

double card_stack_width(const struct stack *k, const struct entry *e)
{
    double w = k->box.w - e->item->indent * k->s->unit;
    return e->item->kind == CARD_ITEM_PILL ? w - 2 * e->pad * e->size : w;
}

static int lines_of(const struct stack *k, const struct entry *e)
{
    int n = card_text_lines(e->text, e->size, card_stack_width(k, e), NULL);
    return n < e->lines ? n : e->lines;
}

double card_stack_height_of(const struct stack *k, const struct entry *e)
{
    if (e->item->kind == CARD_ITEM_PILL)
        return 2.2 * e->size;
    if (e->item->kind == CARD_ITEM_CHIPS)
        return e->chips ? e->chip[e->chips - 1].y + 1.95 * e->size : 0;
    const struct card_ink ink = card_text_ink(e->text);
    return (ink.cap + ink.foot + (lines_of(k, e) - 1) * card_text_leading(e->text)) * e->size + e->more;
}

double card_stack_reach(const struct entry *e, bool below)
{
    if (e->item->kind != CARD_ITEM_TEXT)
        return 0;
    const struct card_ink ink = card_text_ink(e->text);
    return (below ? ink.under : ink.over) * e->size;
}

double card_stack_gap(const struct stack *k, int i)
{
    if (i == 0)
        return 0;
    const struct entry *e = &k->entry[i], *above = e - 1;
    bool edge = e->item->kind != CARD_ITEM_TEXT || above->item->kind != CARD_ITEM_TEXT;
    double gap = e->item->gap * k->s->unit,
           least = card_stack_reach(above, true) + card_stack_reach(e, false) + (edge ? 2.2 : 1.6) * k->s->unit;
    return fmax(gap, least);
}

double card_stack_height(const struct stack *k)
{
    double h = 0;
    for (int i = 0; i < k->count; i++)
        h += card_stack_gap(k, i) + card_stack_height_of(k, &k->entry[i]);
    return h;
}

/* ---- One headline ---- */

enum torn { WHOLE_WORDS, TORN_WORDS };

/* Whether everything has its room with the headline at that size. */
static bool fits(struct stack *k, struct entry *h, double size, enum torn may)
{
    bool torn;
    if (!resize(k, h, size))
        return false;
    double width = card_stack_width(k, h);
    if (card_text_lines(h->text, size, width, &torn) > h->lines)
        return false;
    if (torn && (may == WHOLE_WORDS || card_text_tears_number(h->text, size, width)))
        return false;
    return card_stack_height(k) <= k->box.h + 0.5;
}

/* The largest size between two at which it fits; false = at none. */
static bool search(struct stack *k, struct entry *h, double least, double most, enum torn may)
{
    if (most < least)
        most = least;
    if (fits(k, h, most, may))
        return true;
    if (!fits(k, h, least, may))
        return false;
    const double low = least;
    for (int i = 0; i < 9; i++) {
        double middle = (least + most) / 2;
        *(fits(k, h, middle, may) ? &least : &most) = middle;
    }
    /* in steps that no eye tells apart: pango and cairo keep every size that they have met for a while */
    const double step = 0.2 * k->s->unit, stepped = floor(least / step) * step;
    return stepped > low && fits(k, h, stepped, may) ? true : resize(k, h, least);
}

static void drop(struct stack *k, int i)
{
    memmove(&k->entry[i], &k->entry[i + 1], (size_t)(k->count - i - 1) * sizeof *k->entry);
    k->count--;
}

static int find(const struct stack *k, enum card_slot slot)
{
    for (int i = 0; i < k->count; i++)
        if (k->entry[i].item->slot == slot && k->entry[i].item->kind == CARD_ITEM_TEXT)
            return i;
    return -1;
}

/* Gives up what says least; false = there is nothing more that may be. */
static bool give_up(struct stack *k)
{
    static const enum card_slot order[] = { CARD_EYEBROW, CARD_KIND, CARD_SUBTITLE };
    int i = find(k, CARD_SUBTITLE);
    if (i >= 0 && k->entry[i].lines > 1) {
        /* on one line, when all of it has room there */
        struct entry *e = &k->entry[i];
        double was = e->size;
        for (; e->size > e->least; e->size = fmax(e->size * 0.97, e->least))
            if (card_text_lines(e->text, e->size, card_stack_width(k, e), NULL) == 1)
                break;
        if (card_text_lines(e->text, e->size, card_stack_width(k, e), NULL) == 1) {
            e->lines = 1;
            return true;
        }
        e->size = was;
    }
    for (size_t o = 0; o < sizeof order / sizeof *order; o++)
        if ((i = find(k, order[o])) >= 0 && !k->entry[i].item->keep) {
            drop(k, i);
            return true;
        }
    return false;
}

/* A script with small counters is set larger, one that fills its squares smaller. */
static double script_factor(const struct entry *h)
{
    const char *s = h->string;
    for (; *s; s = g_utf8_next_char(s)) {
        gunichar c = g_utf8_get_char(s);
        if (g_unichar_iswide(c))
            return 0.92;
        if (c >= 0x600 && c <= 0x8ff)
            return 1.1;
    }
    return 1;
}

static bool fit_headline(struct stack *k)
{
    struct entry *h = headline_of(k);
    const double unit = k->s->unit, min = h->item->min * unit;
    double start = card_type_start(card_text_length(h->text)) * script_factor(h) * (k->no_subtitle ? 1.1 : 1);
    if (k->s->in->preset->layout == CARD_YOUTUBE)
        start *= 1.25; /* few words, seen small */
    start = fmax(fmin(start, h->item->size * (k->no_subtitle ? 1.1 : 1)) * unit, min);
    const bool soft = strstr(h->string, "\xc2\xad") != NULL;
    do {
        k->hyphens = false;
        if (search(k, h, fmax(min, 0.6 * start), start, WHOLE_WORDS))
            return true;
        k->hyphens = soft; /* a parted word is read, a small one is not */
        if (soft && search(k, h, fmax(min, 0.55 * start), fmax(min, 0.8 * start), WHOLE_WORDS))
            return true;
        if (search(k, h, min, 0.6 * start, WHOLE_WORDS))
            return true;
    } while (give_up(k) && (h = headline_of(k)) != NULL);
    h = headline_of(k);
    const double small = fmin(k->s->smallest, min);
    if (search(k, h, small, min, WHOLE_WORDS))
        return true;
    if (search(k, h, 0.8 * min, min, TORN_WORDS) || search(k, h, small, 0.8 * min, TORN_WORDS))
        return true;
    /* the rest ends in an ellipsis, or, when it is a figure, fails */
    if (!resize(k, h, fmax(small, 0.8 * min)))
        return false;
    if (card_text_tears_number(h->text, h->size, card_stack_width(k, h)) && !resize(k, h, small))
        return false;
    while (h->lines > 1 && card_stack_height(k) > k->box.h)
        h->lines--;
    return true;
}

/* ---- The other texts ---- */

/* Down to the smallest type, then one line more, for all but the headline. */
static void fit_line(const struct stack *k, struct entry *e)
{
    bool torn;
    for (; card_text_lines(e->text, e->size, card_stack_width(k, e), &torn) > e->lines || torn;
         e->size = fmax(e->size * 0.97, e->least)) {
        if (e->size > e->least)
            continue;
        if (e->item->kind == CARD_ITEM_PILL && e->pad > 0.7) {
            e->pad = 0.7;
            continue;
        }
        break;
    }
    bool grows = e->item->kind == CARD_ITEM_TEXT && e->item->slot != CARD_EYEBROW && e->item->slot != CARD_KIND;
    int n = card_text_lines(e->text, e->size, card_stack_width(k, e), NULL);
    if (grows && n == e->lines + 1)
        e->lines = n;
}

/* Chips one beside the other, in at most as many rows as the item has lines; what has no room is left out. */
static bool flow(struct stack *k, struct entry *e)
{
    const double gap = (card_type_is_wide(k->s->in->preset->layout) ? 1.8 : 1.6) * k->s->unit;
    double x = 0, y = 0;
    int rows = 1;
    e->chips = 0;
    for (int i = 0; i < CARD_LIST_MOST; i++) {
        const char *text = card_scene_text(k->s, (enum card_slot)(CARD_ITEM + i));
        struct card_text *t = text ? card_engine_text(k->s->e, text, k->s->in->locale, &e->item->style) : NULL;
        struct card_setting set;
        if (!text)
            continue;
        if (!t || !card_text_set(t, e->size, k->box.w - 1.1 * e->size, 1, false, PANGO_ALIGN_LEFT, &set))
            return false;
        double w = set.width + 1.1 * e->size;
        g_object_unref(set.layout);
        if (x > 0 && x + w > k->box.w) {
            if (rows == e->lines)
                break;
            rows++, x = 0, y += 1.95 * e->size + gap;
        }
        e->chip[e->chips++] = (struct chip){ (enum card_slot)(CARD_ITEM + i), x, y, w };
        x += w + gap;
    }
    return true;
}

bool card_stack_collect(struct stack *k)
{
    bool wanted = false, has = false;
    k->count = 0;
    for (int i = 0; i < k->op->items; i++) {
        const struct card_item *item = &k->op->item[i];
        struct entry e = { .item = item, .style = item->style, .lines = item->lines, .pad = 1.05 };
        const bool chips = item->kind == CARD_ITEM_CHIPS, subtitle = item->slot == CARD_SUBTITLE;
        wanted = wanted || subtitle;
        e.string = card_scene_text(k->s, item->slot);
        if (!e.string || (chips && !(k->s->has & CARD_HAS_ITEMS)))
            continue;
        has = has || subtitle;
        e.least = k->s->smallest;
        e.size = fmax(item->size * k->s->unit, e.least);
        if (item->radius >= 0)
            e.pad = 0.75;
        if (!(e.text = card_engine_text(k->s->e, e.string, k->s->in->locale, &e.style)))
            return false;
        if (chips ? !flow(k, &e) : false)
            return false;
        if (!chips && item->slot != CARD_HEADLINE)
            fit_line(k, &e);
        k->entry[k->count++] = e;
    }
    k->no_subtitle = wanted && !has;
    return true;
}

bool card_stack_fit(struct stack *k)
{
    if (headline_of(k))
        return fit_headline(k);
    while (card_stack_height(k) > k->box.h + 0.5 && give_up(k))
        ;
    return true;
}
