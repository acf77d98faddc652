/* card.c - one card from input to pixels. */
#include "actions/social_cards/draw_parts.h"

#include <math.h>
#include <string.h>

#include "actions/social_cards/marks.h"
#include "actions/social_cards/type.h"

const char *const card_warning_codes[CARD_WARN_COUNT] = {
    "text_ellipsized",     "unknown_glyphs", "colors_adjusted",  "low_contrast",     "hero_missing",
    "hero_small",          "text_dropped",   "logo_plate_added", "font_missing",     "logo_faint",
    "figure_does_not_fit", "word_broken",    "cta_too_long",     "template_changed",
};

/* The text that somebody gave for what stands in a place. */
static enum card_slot given_as(enum card_slot slot)
{
    if (slot == CARD_KIND)
        return CARD_EYEBROW;
    if (slot == CARD_DAY || slot == CARD_MONTH || slot == CARD_WEEKDAY)
        return CARD_DATE;
    return slot;
}

/* Texts that were given and found no place, in this template or for want of room. What a card makes itself of the
 * campaign's days is not among them. */
static unsigned dropped(const struct scene *s)
{
    unsigned there = s->wordmark ? 1u << CARD_BRAND : 0, given = 0;
    const unsigned derived = 1u << CARD_DATE | 1u << CARD_MARK | 1u << CARD_KIND | 1u << CARD_DAY | 1u << CARD_MONTH |
                             1u << CARD_WEEKDAY | 1u << CARD_LEFT | 1u << CARD_LEFT_UNIT;
    for (int i = 0; i < s->count; i++)
        if (s->placed[i].kind == PLACED_TEXT)
            there |= 1u << given_as(s->placed[i].slot);
    for (int slot = 0; slot < CARD_SLOTS; slot++)
        given |= s->in->text[slot] && *s->in->text[slot] ? 1u << slot : 0;
    return given & ~there & ~derived;
}

static void report_texts(const struct scene *s, struct card_report *report)
{
    report->min_contrast = 21;
    for (int i = 0; i < s->count; i++) {
        const struct placed *p = &s->placed[i];
        if (p->kind != PLACED_TEXT)
            continue;
        struct rect box = card_placed_box(p);
        report->text[report->texts++] = (struct card_text_report){ .slot = p->slot,
                                                                   .size = p->size,
                                                                   .x = box.x,
                                                                   .y = box.y,
                                                                   .w = box.w,
                                                                   .h = box.h,
                                                                   .contrast = p->contrast,
                                                                   .lines = p->set.lines,
                                                                   .unknown = p->set.unknown,
                                                                   .ellipsized = p->set.ellipsized,
                                                                   .part = p->mute };
        report->min_contrast = fmin(report->min_contrast, p->contrast);
    }
    report->rtl = s->rtl;
    report->template = s->template->name;
    report->photo = s->in->hero && s->template->photo;
    report->dropped = dropped(s);
    report->warnings = s->warnings | (report->dropped ? CARD_WARN_TEXT_DROPPED : 0u);
    report->logo.x = s->logo.x, report->logo.y = s->logo.y, report->logo.w = s->logo.w, report->logo.h = s->logo.h;
}

/* ---- What the card has ---- */

static unsigned has_of(const struct card_input *in)
{
    static const struct {
        enum card_slot slot;
        unsigned bit;
    } texts[] = { { CARD_FIGURE, CARD_HAS_FIGURE },  { CARD_DAY, CARD_HAS_DATE },  { CARD_PERSON, CARD_HAS_PERSON },
                  { CARD_ITEM, CARD_HAS_ITEMS },     { CARD_CODE, CARD_HAS_CODE }, { CARD_LEFT, CARD_HAS_LEFT },
                  { CARD_EYEBROW, CARD_HAS_EYEBROW } };
    const char *headline = in->text[CARD_HEADLINE] ? in->text[CARD_HEADLINE] : "";
    unsigned has = (in->logo ? CARD_HAS_LOGO : 0u) | (card_mark_begins(headline) ? 0u : CARD_HAS_MARK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        has |= in->text[texts[i].slot] && *in->text[texts[i].slot] ? texts[i].bit : 0;
    if (in->hero) {
        const struct card_image *h = in->hero;
        has |= CARD_HAS_HERO;
        has |= 2 * h->width >= in->preset->width && 2 * h->height >= in->preset->height ? CARD_HAS_SHARP : 0u;
        has |= !h->opaque || h->studio ? CARD_HAS_CUTOUT : 0u;
    }
    return has;
}

/* The design that was asked for, or, when the card lacks what it needs, the one that does without. */
static const struct card_template *design(struct scene *s)
{
    const struct card_template *t = s->in->template;
    for (int i = 0; i < 4 && t->needs & ~s->has; i++) {
        const struct card_template *other = card_engine_template(s->e, t->instead);
        if (!other)
            break;
        if (t->needs & ~s->has & CARD_HAS_HERO)
            s->warnings |= CARD_WARN_HERO_MISSING;
        else if (t->needs & ~s->has & CARD_HAS_SHARP)
            s->warnings |= CARD_WARN_HERO_SMALL;
        s->warnings |= CARD_WARN_TEMPLATE;
        t = other;
    }
    return t;
}

/* The language's mark, unless only a font that is not there has it. */
static void choose_mark(struct scene *s)
{
    char unshown[64];
    card_mark_opening(s->in->locale, s->mark, sizeof s->mark);
    card_fonts_unshown(s->e->fonts, s->mark, s->in->locale, unshown, sizeof unshown);
    if (*unshown)
        card_mark_opening("en", s->mark, sizeof s->mark);
}

static void scene_init(struct scene *s, struct card_engine *e, const struct card_input *in)
{
    const struct card_preset *p = in->preset;
    *s = (struct scene){ .e = e, .in = in, .has = has_of(in), .frame = card_type_frame(p) };
    s->template = design(s);
    s->op = s->template->layout[p->layout].op, s->ops = s->template->layout[p->layout].ops;
    s->unit = (p->width < p->height ? p->width : p->height) / 100.0;
    s->smallest = card_type_smallest(p) * s->unit;
    s->palette = *in->palette;
    card_palette_ground(&s->palette, s->template->ground);
    choose_mark(s);
    s->rtl = card_text_starts_rtl(in->text[CARD_HEADLINE] ? in->text[CARD_HEADLINE] : "");
}

/* ---- Colours ---- */

static unsigned of_item(const struct card_item *item)
{
    unsigned roles = item->kind == CARD_ITEM_PILL ? 1u << item->fill : 0;
    return (item->color < CARD_ROLES ? roles | 1u << item->color : roles) | (item->indent > 0 ? 1u << CARD_ACCENT : 0);
}

/* Colours for which the template has a place, whether or not this card has the text for it. */
static unsigned places(const struct scene *s)
{
    unsigned roles = 1u << CARD_PRIMARY; /* all tints and shades are made of it */
    for (int i = 0; i < s->ops; i++) {
        const struct card_op *op = &s->op[i];
        if (!card_op_applies(s, op) && op->kind != CARD_OP_BADGE)
            continue;
        if (op->kind < CARD_OP_BRAND)
            roles |= 1u << op->color | (op->kind == CARD_OP_GRADIENT ? 1u << op->color2 : 0);
        if (op->kind == CARD_OP_BADGE || op->kind == CARD_OP_EMBLEM || op->kind == CARD_OP_TILES)
            roles |= 1u << CARD_ACCENT;
        if (op->kind == CARD_OP_TILES)
            roles |= 1u << CARD_SECONDARY;
        for (int k = 0; k < op->blobs; k++)
            roles |= 1u << op->blob[k].color;
        for (int k = 0; k < op->items; k++)
            roles |= of_item(&op->item[k]);
    }
    return roles & 1u << CARD_GLOW ? roles | 1u << CARD_SECONDARY : roles;
}

/* Paints the background, with ornaments taken back until every text on it can be read. A colour that was chosen and is
 * painted as another one, or not at all, is told. */
static void backdrop(struct scene *s, struct card_canvas *to)
{
    enum { DEPTHS = 7 };
    double least = 0;
    for (int depth = 0; depth < DEPTHS && least < 4.5; depth++) {
        card_paint_backdrop(s, to, depth);
        cairo_surface_flush(cairo_get_target(to->cr));
        least = card_choose_colors(s, to);
    }
    if (least < 4.5)
        s->warnings |= CARD_WARN_LOW_CONTRAST;
    if (s->changed & s->palette.given || s->palette.given & ~places(s))
        s->warnings |= CARD_WARN_COLORS_ADJUSTED;
}

bool card_draw(struct card_engine *e, const struct card_input *in, struct card_pixels *out, struct card_report *report)
{
    int w = in->preset->width, h = in->preset->height, stride = w * 4;
    uint8_t *pixels = card_engine_pixels(e, (size_t)stride * (size_t)h);
    struct scene s;
    scene_init(&s, e, in);
    bool ok = pixels && card_place(&s);
    if (ok) {
        cairo_surface_t *surface = cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24, w, h, stride);
        struct card_canvas to = { pixels, w, h, stride, cairo_create(surface) };
        backdrop(&s, &to);
        card_paint_front(&s, &to);
        cairo_surface_flush(surface);
        ok = cairo_status(to.cr) == CAIRO_STATUS_SUCCESS;
        cairo_destroy(to.cr);
        cairo_surface_destroy(surface);
    }
    if (ok) {
        *out = (struct card_pixels){ pixels, w, h, stride };
        *report = (struct card_report){ 0 };
        report_texts(&s, report);
    }
    card_scene_fini(&s);
    return ok;
}
