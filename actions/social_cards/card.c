/* card.c - one card from input to pixels. */
#include "actions/social_cards/draw_parts.h"

#include <string.h>

#include "actions/social_cards/marks.h"

const char *const card_warning_codes[CARD_WARN_COUNT] = {
    "text_ellipsized", "unknown_glyphs",   "colors_adjusted", "low_contrast", "hero_missing",        "hero_small",
    "text_dropped",    "logo_plate_added", "font_missing",    "logo_faint",   "figure_does_not_fit", "word_broken",
};

/* Orange to yellow, beside which an amber button would be lost. */
static bool is_warm(struct card_rgb c)
{
    return c.r > 150 && c.r > c.b + 70 && c.g > c.b + 20;
}

void card_palette_make(struct card_palette *p, const struct card_rgb *primary, const struct card_rgb *secondary,
                       const struct card_rgb *accent)
{
    static const struct card_rgb brand = { 0x4f, 0x3c, 0xe6 };
    static const struct card_rgb amber = { 0xff, 0xc8, 0x57 }, cream = { 0xff, 0xf1, 0xd6 };
    struct card_rgb one = primary ? *primary : brand;
    bool reddish = one.r >= one.g && one.r >= one.b; /* turned the other way it would go brown */
    struct card_rgb two = secondary ? *secondary : card_tune(one, reddish ? -44 : 48, -0.03, 1.02);
    struct card_rgb three = accent ? *accent : is_warm(one) ? cream : amber;
    *p = (struct card_palette){ { [CARD_PRIMARY] = one,
                                  [CARD_SECONDARY] = two,
                                  [CARD_ACCENT] = three,
                                  [CARD_PAPER] = { 255, 255, 255 },
                                  [CARD_INK] = { 0x12, 0x14, 0x21 },
                                  [CARD_WHITE] = { 255, 255, 255 },
                                  [CARD_BLACK] = { 0, 0, 0 },
                                  [CARD_TINT] = card_mix((struct card_rgb){ 255, 255, 255 }, one, 0.08),
                                  [CARD_SHADE] = card_mix((struct card_rgb){ 0x08, 0x09, 0x12 }, one, 0.24) },
                                .given = (primary ? 1u << CARD_PRIMARY : 0) | (secondary ? 1u << CARD_SECONDARY : 0) |
                                         (accent ? 1u << CARD_ACCENT : 0) };
}

/* Texts that were given and found no place, in this template or for want of room. */
static unsigned dropped(const struct scene *s)
{
    unsigned there = s->wordmark ? 1u << CARD_BRAND : 0, given = 0;
    for (int i = 0; i < s->count; i++)
        if (s->placed[i].kind != CARD_ITEM_RULE)
            there |= 1u << s->placed[i].slot;
    for (int slot = 0; slot < CARD_SLOTS; slot++)
        given |= s->in->text[slot] && *s->in->text[slot] ? 1u << slot : 0;
    return given & ~there;
}

static void report_texts(const struct scene *s, struct card_report *report)
{
    report->min_contrast = 21;
    for (int i = 0; i < s->count; i++) {
        const struct placed *p = &s->placed[i];
        if (p->kind == CARD_ITEM_RULE || p->slot == CARD_MARK)
            continue;
        PangoRectangle ink;
        pango_layout_get_extents(p->set.layout, &ink, NULL);
        report->text[report->texts++] = (struct card_text_report){ .slot = p->slot,
                                                                   .size = p->size,
                                                                   .x = p->box.x,
                                                                   .y = p->box.y,
                                                                   .w = p->box.w,
                                                                   .h = p->box.h,
                                                                   .contrast = p->contrast,
                                                                   .ink_y = p->ty + (double)ink.y / PANGO_SCALE,
                                                                   .ink_h = (double)ink.height / PANGO_SCALE,
                                                                   .lines = p->set.lines,
                                                                   .unknown = p->set.unknown,
                                                                   .ellipsized = p->set.ellipsized };
        if (p->contrast < report->min_contrast)
            report->min_contrast = p->contrast;
    }
    report->rtl = s->rtl;
    report->dropped = dropped(s);
    report->warnings = s->warnings | (report->dropped ? CARD_WARN_TEXT_DROPPED : 0u);
    report->logo.x = s->logo.x, report->logo.y = s->logo.y, report->logo.w = s->logo.w, report->logo.h = s->logo.h;
}

/* The language's mark, unless only a font that is not there has it. */
static void choose_mark(struct scene *s, const char *headline)
{
    char unshown[64];
    if (card_mark_begins(headline))
        return;
    card_mark_opening(s->in->locale, s->mark, sizeof s->mark);
    card_fonts_unshown(s->e->fonts, s->mark, s->in->locale, unshown, sizeof unshown);
    if (*unshown)
        card_mark_opening("en", s->mark, sizeof s->mark);
}

static void scene_init(struct scene *s, struct card_engine *e, const struct card_input *in)
{
    const struct card_preset *p = in->preset;
    const int c = p->layout;
    *s = (struct scene){ .e = e, .in = in, .op = in->template->layout[c].op, .ops = in->template->layout[c].ops };
    s->unit = (p->width < p->height ? p->width : p->height) / 100.0;
    s->safe = (struct rect){ p->safe.left, p->safe.top, p->width - p->safe.left - p->safe.right,
                             p->height - p->safe.top - p->safe.bottom };
    s->palette = *in->palette;
    const char *headline = in->text[CARD_HEADLINE] ? in->text[CARD_HEADLINE] : "";
    s->rtl = card_text_starts_rtl(headline);
    choose_mark(s, headline);
    if (in->template->photo && !in->hero)
        s->warnings |= CARD_WARN_HERO_MISSING;
}

static unsigned of_item(const struct card_item *item)
{
    unsigned roles = item->kind == CARD_ITEM_TEXT ? 0 : 1u << item->fill;
    return item->kind == CARD_ITEM_RULE || item->color >= CARD_ROLES ? roles : roles | 1u << item->color;
}

/* Colours for which the template has a place, whether or not this card has the text for it. */
static unsigned places(const struct scene *s)
{
    unsigned roles = 0;
    for (int i = 0; i < s->ops; i++) {
        const struct card_op *op = &s->op[i];
        if (!card_op_applies(s, op))
            continue;
        if (op->kind == CARD_OP_LOGO)
            roles |= s->in->logo ? 0 : 1u << CARD_PRIMARY; /* a monogram */
        else if (op->kind != CARD_OP_PHOTO && op->kind != CARD_OP_STACK)
            roles |= 1u << op->color | (op->kind == CARD_OP_GRADIENT ? 1u << op->color2 : 0);
        for (int k = 0; k < op->items; k++)
            roles |= of_item(&op->item[k]);
    }
    if (roles & (1u << CARD_TINT | 1u << CARD_SHADE)) /* both are made of it */
        roles |= 1u << CARD_PRIMARY;
    return roles;
}

/* Whether a colour that was given runs into the near-black of the design and is so much lighter that it becomes another
 * one on the way: yellow olive, a pastel slate, white grey. */
static bool is_muddied(const struct scene *s)
{
    static const double APART = 4; /* contrast */
    const struct card_rgb *color = s->palette.color;
    for (int i = 0; i < s->ops; i++) {
        const struct card_op *op = &s->op[i];
        if (op->kind == CARD_OP_GRADIENT && op->color2 == CARD_SHADE && card_op_applies(s, op) &&
            s->palette.given >> op->color & 1 && card_contrast(color[op->color], color[CARD_SHADE]) >= APART)
            return true;
    }
    return false;
}

/* Paints the background, deeper and deeper until every text on it can be read. A colour that was chosen and is painted
 * as another one, or not at all, is told. */
static void backdrop(struct scene *s, cairo_t *cr, uint8_t *pixels, int stride)
{
    enum { DEPTHS = 7 };
    bool lighten = false;
    double least = 0;
    for (int depth = 0; depth < DEPTHS && least < 4.5; depth++) {
        card_paint_backdrop(s, cr, pixels, stride, depth, lighten);
        cairo_surface_flush(cairo_get_target(cr));
        least = card_choose_colors(s, pixels, stride);
        if (depth == 0)
            lighten = s->count > 0 && !s->in->hero && card_luminance(s->placed[0].color) < 0.2;
    }
    if (least < 4.5)
        s->warnings |= CARD_WARN_LOW_CONTRAST;
    if (s->changed || is_muddied(s) || (s->palette.given & ~places(s)))
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
        cairo_t *cr = cairo_create(surface);
        backdrop(&s, cr, pixels, stride);
        card_paint_front(&s, cr, pixels, stride);
        cairo_surface_flush(surface);
        ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
        cairo_destroy(cr);
        cairo_surface_destroy(surface);
    }
    if (ok) {
        *out = (struct card_pixels){ pixels, w, h, stride };
        *report = (struct card_report){ 0 };
        report->photo = in->hero && in->template->photo;
        report_texts(&s, report);
    }
    card_scene_fini(&s);
    return ok;
}
