/* engine.c - what a process keeps between cards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/draw_parts.h"

struct card_fonts *card_engine_fonts(struct card_engine *e)
{
    return e->fonts;
}

const struct card_template *card_engine_template_at(const struct card_engine *e, size_t i)
{
    return i < e->templates ? e->template[i] : NULL;
}

const struct card_template *card_engine_template(const struct card_engine *e, const char *name)
{
    for (size_t i = 0; i < e->templates; i++)
        if (strcmp(e->template[i] -> name, name) == 0)
            return e->template[i];
    return NULL;
}

static bool same_style(const struct card_style *a, const struct card_style *b)
{
    return a->weight == b->weight && a->display == b->display && a->upper == b->upper && a->hyphens == b->hyphens &&
           a->tracking == b->tracking && a->leading == b->leading;
}

struct card_text *card_engine_text(struct card_engine *e, const char *text, const char *locale,
                                   const struct card_style *style)
{
    struct remembered *oldest = &e->text[0];
    for (size_t i = 0; i < REMEMBERED; i++) {
        struct remembered *r = &e->text[i];
        if (r->measured && same_style(&r->style, style) && strcmp(r->text, text) == 0 &&
            strcmp(r->locale, locale) == 0) {
            r->used = ++e->clock;
            return r->measured;
        }
        if (r->used < oldest->used)
            oldest = r;
    }
    struct card_text *t = card_text_new(e->fonts, text, locale, style);
    char *copy = strdup(text);
    if (!t || !copy) {
        card_text_free(t);
        free(copy);
        return NULL;
    }
    card_text_free(oldest->measured);
    free(oldest->text);
    *oldest = (struct remembered){ .text = copy, .style = *style, .measured = t, .used = ++e->clock };
    snprintf(oldest->locale, sizeof oldest->locale, "%s", locale);
    return t;
}

uint8_t *card_engine_pixels(struct card_engine *e, size_t n)
{
    if (n > e->pixels_size) {
        free(e->pixels);
        e->pixels = aligned_alloc(64, (n + 63) / 64 * 64);
        e->pixels_size = e->pixels ? n : 0;
    }
    return e->pixels;
}

void card_engine_trim(struct card_engine *e)
{
    free(e->pixels);
    e->pixels = NULL;
    e->pixels_size = 0;
    for (size_t i = 0; i < SCALED; i++)
        card_scaled_drop(&e->scaled[i]);
}

/* Draws a card that nobody sees, so that the first real one finds code, glyphs and fonts in place. */
static void warm(struct card_engine *e)
{
    struct card_palette palette;
    struct card_pixels px;
    struct card_report report;
    card_palette_make(&palette, NULL, NULL, NULL);
    struct card_input in = {
        .preset = &card_presets[0], .template = e->template[0], .locale = "", .palette = &palette
    };
    in.text[CARD_EYEBROW] = "Webinar 12 May 2026";
    in.text[CARD_HEADLINE] = "The quick brown fox jumps over the lazy dog";
    in.text[CARD_SUBTITLE] = "Pack my box with five dozen liquor jugs.";
    in.text[CARD_CTA] = "Find out more";
    if (e->templates && !card_draw(e, &in, &px, &report))
        return;
    card_engine_trim(e);
}

struct card_engine *card_engine_new(char *why, size_t size)
{
    struct card_engine *e = calloc(1, sizeof *e);
    if (!e) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    e->fonts = card_fonts_new(why, size);
    if (!e->fonts) {
        card_engine_free(e);
        return NULL;
    }
    for (const struct card_template_source *s = card_template_sources; s->name && e->templates < CARD_TEMPLATES_MAX;
         s++) {
        char reason[160];
        struct card_template *t = card_template_parse(s->json, s->length, reason, sizeof reason);
        if (!t) {
            snprintf(why, size, "template %s: %s", s->name, reason);
            card_engine_free(e);
            return NULL;
        }
        e->template[e->templates++] = t;
    }
    warm(e);
    return e;
}

void card_engine_free(struct card_engine *e)
{
    if (!e)
        return;
    card_engine_trim(e);
    for (size_t i = 0; i < REMEMBERED; i++) {
        card_text_free(e->text[i].measured);
        free(e->text[i].text);
    }
    for (size_t i = 0; i < e->templates; i++)
        card_template_free(e->template[i]);
    card_fonts_free(e->fonts);
    free(e);
}
