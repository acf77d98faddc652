/*
 * fuzz_card_text.c - any text as headline: it is cleaned to UTF-8 within its limit, cleaning again changes nothing, and
 * a card can be drawn with it whose texts stay inside the card. The first byte chooses template and size.
 */
#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actions/social_cards/alt.h"
#include "actions/social_cards/card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fontconfig writes the pointers inside its patterns as distances, which a leak checker cannot follow; the engine lives
 * until the end. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

static void judge(const struct card_input *in, const struct card_report *r)
{
    for (int i = 0; i < r->texts; i++) {
        const struct card_text_report *t = &r->text[i];
        if (t->x < -2 || t->y < -2 || t->x + t->w > in->preset->width + 2 || t->y + t->h > in->preset->height + 2 ||
            !(t->contrast >= 1))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct card_engine *engine;
    char why[200], alt[CARD_ALT_CHARS * 4 + 8];
    if (!engine && !(engine = card_engine_new(why, sizeof why)))
        abort();
    if (size < 1 || memchr(data, 0, size) || !g_utf8_validate((const char *)data + 1, (gssize)size - 1, NULL))
        return 0;
    char *text = strndup((const char *)data + 1, size - 1);
    struct card_cleaning did = { 0 }, again = { 0 };
    char *clean = card_text_clean(text, &did), *twice = card_text_clean(clean, &again);
    if (!g_utf8_validate(clean, -1, NULL) || g_utf8_strlen(clean, -1) > CARD_TEXT_CHARS || strcmp(clean, twice) != 0 ||
        again.removed)
        abort();
    struct card_palette palette;
    struct card_pixels px;
    struct card_report report;
    card_palette_make(&palette, NULL, NULL, NULL);
    struct card_input in = { .preset = &card_presets[(data[0] >> 3) % card_preset_count],
                             .template = card_engine_template_at(engine, data[0] % 5),
                             .locale = "",
                             .palette = &palette,
                             .focus_x = -1,
                             .focus_y = -1 };
    in.text[CARD_HEADLINE] = clean;
    in.text[CARD_SUBTITLE] = clean;
    in.text[CARD_CTA] = clean;
    in.text[CARD_BRAND] = clean;
    if (data[0] & 128)
        in.text[CARD_FIGURE] = clean;
    if (!card_draw(engine, &in, &px, &report))
        abort();
    judge(&in, &report);
    card_alt_text(&in, 0, alt, sizeof alt);
    if (!g_utf8_validate(alt, -1, NULL) || g_utf8_strlen(alt, -1) > CARD_ALT_CHARS)
        abort();
    free(twice);
    free(clean);
    free(text);
    return 0;
}
