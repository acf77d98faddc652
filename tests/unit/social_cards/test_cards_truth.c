/* test_cards_truth.c - a card says what its texts say: no figure is cut, nothing lies over another text, what is left
 * out is told, and what was asked for is what is painted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>
#include <unistd.h>

#include "actions/social_cards/alt.h"
#include "actions/social_cards/draw_parts.h"
#include "tests/cards_samples.h"

static struct card_engine *engine;

static const struct card_style headline = {
    .weight = PANGO_WEIGHT_BOLD, .display = true, .tracking = -0.02, .leading = 1.08
};

static int open_all(void **state)
{
    (void)state;
    char why[200];
    engine = card_engine_new(why, sizeof why);
    return engine ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    card_engine_free(engine);
    return 0;
}

static void draw(const struct card_input *in, struct card_pixels *px, struct card_report *r)
{
    assert_true(card_draw(engine, in, px, r));
}

static const struct card_text_report *find(const struct card_report *r, enum card_slot slot)
{
    for (int i = 0; i < r->texts; i++)
        if (r->text[i].slot == slot)
            return &r->text[i];
    return NULL;
}

/* ---- Figures ---- */

static void a_figure_is_whole_or_the_card_fails(void **state)
{
    (void)state;
    static const char *const figures[] = { "42 %",
                                           "1,299,000",
                                           "3.9% APR",
                                           "\u20ac1.199,00",
                                           "-$1,000.00",
                                           "IDR 12,999,000,000",
                                           "\u0661\u0662\u0663\u0664\u0665" };
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
        for (size_t p = 0; p < card_preset_count; p++) {
            struct card_input in;
            struct card_pixels px;
            struct card_report r;
            sample_card(&in, card_engine_template(engine, "quote"), &card_presets[p], 1);
            in.text[CARD_FIGURE] = figures[f];
            draw(&in, &px, &r);
            const struct card_text_report *t = find(&r, CARD_FIGURE);
            assert_non_null(t);
            if (t->ellipsized || t->lines != 1 || r.warnings & CARD_WARN_FIGURE)
                fail_msg("%s at %s: %s", figures[f], in.preset->name, t->ellipsized ? "cut" : "torn");
            assert_true(t->w <= in.preset->width - in.preset->safe.left - in.preset->safe.right + 1);
        }
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    char *endless = g_strnfill(300, '9');
    sample_card(&in, card_engine_template(engine, "quote"), card_preset_find("og"), 1);
    in.text[CARD_FIGURE] = endless;
    draw(&in, &px, &r);
    assert_true(r.warnings & CARD_WARN_FIGURE);
    /* the same as a word of any other text, in which nothing may be torn that has digits */
    in.text[CARD_FIGURE] = NULL, in.text[CARD_HEADLINE] = endless;
    draw(&in, &px, &r);
    assert_true(r.warnings & CARD_WARN_FIGURE);
    /* letters may be, and an address in which there is a year */
    in.text[CARD_HEADLINE] =
        "https://www.northwind-air-and-holidays-of-the-islands.example/summer-of-wind-campaign2026forall";
    draw(&in, &px, &r);
    assert_false(r.warnings & CARD_WARN_FIGURE);
    in.text[CARD_HEADLINE] = endless;
    memset(endless, 'w', 300);
    draw(&in, &px, &r);
    assert_false(r.warnings & CARD_WARN_FIGURE);
    g_free(endless);
}

static char *set_in(const char *text, double width, int lines, bool *figure)
{
    struct card_text *t = card_text_new(card_engine_fonts(engine), text, "en", &headline);
    struct card_setting s;
    assert_non_null(t);
    assert_true(card_text_set(t, 60, width, lines, true, PANGO_ALIGN_LEFT, &s));
    char *out = g_strdup(pango_layout_get_text(s.layout));
    *figure = s.figure;
    g_object_unref(s.layout);
    card_text_free(t);
    return out;
}

/* At whatever width a text ends: the ellipsis never stands behind a number, which would be another one. */
static void no_ellipsis_stands_behind_a_number(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Fares from 39 \u20ac to 1,299,000.50 \u20ac a year for 12 people", "Save $ 1,299 or 3.9 % on 40 islands",
        "Win2026now with 39,90\u20ac",
        "Conference \u00b7 28 December 2026 \u2013 4 January 2027, 12:30, from \u20ac, 39",
        "39\u20ac1299\u20ac39\u20ac1299\u20ac39\u20ac1299\u20ac"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (double width = 60; width < 1400; width += 7) {
            bool figure;
            char *s = set_in(texts[i], width, 1, &figure), *dots = strstr(s, "\u2026");
            if (!dots || figure) { /* whole, or told to be another figure */
                g_free(s);
                continue;
            }
            gunichar before = dots == s ? ' ' : g_utf8_get_char(g_utf8_prev_char(dots));
            if (g_unichar_isdigit(before) || g_unichar_type(before) == G_UNICODE_CURRENCY_SYMBOL)
                fail_msg("%.0f px: %s", width, s);
            g_free(s);
        }
}

/* ---- Room ---- */

static void assert_apart(const struct card_input *in, const struct card_report *r, const char *what)
{
    for (int i = 0; i < r->texts; i++)
        for (int k = 0; k < i; k++) {
            const struct card_text_report *a = &r->text[i], *b = &r->text[k];
            if (a->slot == CARD_FIGURE && b->slot == CARD_FIGURE)
                continue; /* parts of one figure */
            if (a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h - 1 && b->y < a->y + a->h - 1)
                fail_msg("%s: %s at %s: %s lies over %s", what, in->template->name, in->preset->name,
                         card_slot_names[a->slot], card_slot_names[b->slot]);
        }
}

/* What a text is given is what it takes: a word that is torn gets a hyphen, which has a width. */
static void torn_words_take_the_room_they_were_given(void **state)
{
    (void)state;
    static const char *const words[] = {
        "Pneumonoultramicroscopicsilicovolcanoconiosisawarenessweekend",
        "Donaudampfschifffahrtsgesellschaftskapit\u00e4n f\u00fcr Einsteiger",
        "Nahrungsmittelunvertr\u00e4glichkeitsberatung",
        "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
    };
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (size_t t = 0; card_engine_template_at(engine, t); t++)
            for (size_t p = 0; p < card_preset_count; p++) {
                struct card_input in;
                struct card_pixels px;
                struct card_report r;
                sample_card(&in, card_engine_template_at(engine, t), &card_presets[p], 0);
                in.text[CARD_HEADLINE] = words[w], in.text[CARD_SUBTITLE] = words[w];
                draw(&in, &px, &r);
                assert_apart(&in, &r, words[w]);
                for (int i = 0; i < r.texts; i++) {
                    const struct card_text_report *x = &r.text[i];
                    if ((x->slot == CARD_HEADLINE || x->slot == CARD_SUBTITLE) &&
                        x->h < (x->lines - 1) * x->size * 0.9 + x->size * 0.5)
                        fail_msg("%s at %s: %d lines of %.0f px in %.0f px", in.template->name, in.preset->name,
                                 x->lines, x->size, x->h);
                }
            }
}

/* Texts stay clear of the logo, however much room both take. */
static void texts_stay_clear_of_the_logo(void **state)
{
    (void)state;
    static const char *const figures[] = { NULL, "42 %", "from CHF 31,900.50 a month" };
    char why[100];
    struct card_image *logo = card_image_new(640, 290, true, why, sizeof why); /* wide, and as high as its box */
    assert_non_null(logo);
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
        for (size_t t = 0; card_engine_template_at(engine, t); t++)
            for (size_t p = 0; p < card_preset_count; p++)
                for (int rtl = 0; rtl < 2; rtl++) {
                    struct card_input in;
                    struct card_pixels px;
                    struct card_report r;
                    sample_card(&in, card_engine_template_at(engine, t), &card_presets[p], 0);
                    in.logo = logo, in.text[CARD_FIGURE] = figures[f], in.text[CARD_ITEM] = "Dark rye";
                    in.text[CARD_BRAND] = "Northwind Travel and Holidays";
                    in.text[CARD_SUBTITLE] = in.text[CARD_HEADLINE] =
                        "Everything that you ever wanted to know about the long journeys of small birds, told by those "
                        "who have followed them for forty years over three continents and two oceans";
                    in.text[CARD_EYEBROW] =
                        "Conference on everything that flies \u00b7 28 December 2026 \u2013 4 January 2027";
                    if (rtl)
                        in.text[CARD_HEADLINE] =
                            "\u05d0\u05d1\u05d2 \u05d3\u05d4\u05d5 \u05d6\u05d7\u05d8 \u05d9\u05db\u05dc";
                    draw(&in, &px, &r);
                    assert_apart(&in, &r, "long texts");
                    for (int i = 0; i < r.texts; i++) {
                        const struct card_text_report *x = &r.text[i];
                        if (x->x < r.logo.x + r.logo.w && r.logo.x < x->x + x->w && x->y < r.logo.y + r.logo.h - 1 &&
                            r.logo.y < x->y + x->h - 1)
                            fail_msg("%s at %s: %s lies over the logo", in.template->name, in.preset->name,
                                     card_slot_names[x->slot]);
                    }
                }
    card_image_free(logo);
}

/* A badge that would lie over the brand's row goes below it, whatever it says. */
static void badges_leave_the_brand_its_row(void **state)
{
    (void)state;
    static const char *const figures[] = { "42 %", "from CHF 31,900.50 a month" };
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
        for (size_t t = 0; card_engine_template_at(engine, t); t++)
            for (size_t p = 0; p < card_preset_count; p++) {
                struct card_input in;
                struct card_pixels px;
                struct card_report r;
                sample_card(&in, card_engine_template_at(engine, t), &card_presets[p], 1);
                in.text[CARD_FIGURE] = figures[f], in.text[CARD_ITEM] = "Dark rye";
                in.text[CARD_BRAND] = "Northwind Travel and Holidays";
                draw(&in, &px, &r);
                assert_apart(&in, &r, figures[f]);
            }
}

/* The word of sixty letters did not end in a letter alone. */
static void a_torn_word_leaves_no_letter_alone(void **state)
{
    (void)state;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    sample_card(&in, card_engine_template(engine, "split"), card_preset_find("og"), 0);
    in.text[CARD_HEADLINE] = "Pneumonoultramicroscopicsilicovolcanoconiosisawarenessweekend";
    draw(&in, &px, &r);
    assert_int_equal(find(&r, CARD_HEADLINE)->lines, 2);
}

/* ---- What is left out ---- */

static void what_a_template_leaves_out_is_told(void **state)
{
    (void)state;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    char alt[CARD_ALT_CHARS * 4 + 8];
    sample_card(&in, card_engine_template(engine, "quote"), card_preset_find("og"), 0);
    draw(&in, &px, &r);
    assert_true(r.warnings & CARD_WARN_TEXT_DROPPED);
    assert_int_equal(r.dropped, 1u << CARD_CTA);
    card_alt_text(&in, r.dropped, alt, sizeof alt);
    assert_null(strstr(alt, "Save your seat"));
    assert_non_null(strstr(alt, "Spring launch"));
    /* the logo says the name */
    in.logo = sample_logo(64);
    draw(&in, &px, &r);
    card_alt_text(&in, r.dropped, alt, sizeof alt);
    assert_non_null(strstr(alt, "Northwind Travel logo."));
    card_image_free((struct card_image *)(uintptr_t)in.logo);
    /* a list where there is no place for one */
    sample_card(&in, card_engine_template(engine, "gradient"), card_preset_find("og"), 0);
    in.text[CARD_ITEM] = "Rye";
    draw(&in, &px, &r);
    assert_int_equal(r.dropped, 1u << CARD_ITEM);
    card_alt_text(&in, r.dropped, alt, sizeof alt);
    assert_null(strstr(alt, "Rye"));
    /* everything found a place, the figure on its badge */
    in.text[CARD_ITEM] = NULL, in.text[CARD_FIGURE] = "42 %";
    draw(&in, &px, &r);
    assert_int_equal(r.dropped, 0);
    assert_false(r.warnings & CARD_WARN_TEXT_DROPPED);
}

/* ---- Colours ---- */

static unsigned warned(const char *template, const char *primary, const char *secondary, const char *accent,
                       const struct card_image *hero)
{
    struct card_rgb c[3];
    const char *const text[] = { primary, secondary, accent };
    const struct card_rgb *given[3] = { NULL };
    struct card_palette palette;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    for (int i = 0; i < 3; i++)
        if (text[i] && card_color_parse(text[i], &c[i]))
            given[i] = &c[i];
    card_palette_make(&palette, given[0], given[1], given[2]);
    sample_card(&in, card_engine_template(engine, template), card_preset_find("og"), 0);
    in.palette = &palette;
    in.hero = hero;
    draw(&in, &px, &r);
    return r.warnings & CARD_WARN_COLORS_ADJUSTED;
}

static void a_colour_that_is_not_used_as_given_is_told(void **state)
{
    (void)state;
    struct card_image *hero = sample_hero();
    assert_true(warned("gradient", "#E4002B", NULL, "#00A651", NULL));  /* a green button on red is made white */
    assert_true(warned("gradient", "#0B3D91", NULL, "#10408f", NULL));  /* navy on navy */
    assert_false(warned("gradient", "#0B3D91", NULL, "#FFC857", NULL)); /* amber on navy stays */
    assert_false(warned("gradient", "#0B3D91", NULL, NULL, NULL));
    assert_true(warned("minimal", "#0B3D91", NULL, "#FFC857", NULL)); /* amber on white is no button */
    assert_true(warned("quote", "#0B3D91", "#123456", NULL, NULL));   /* has no place for a second colour */
    assert_true(warned("minimal", "#FFE600", NULL, NULL, NULL));      /* yellow letters on white become dark */
    assert_false(warned("photo", "#0B3D91", NULL, NULL, hero));
    card_image_free(hero);
}

/* ---- Characters ---- */

/* Vertical offset of every run of a text in a narrow column. */
static void all_scripts_of_a_line_stand_on_one_baseline(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Caf\u00e9 \u00c5ngstr\u00f6m \u00d7 \u6771\u4eac \u00d7 \u0628\u064a\u0631\u0648\u062a \u00d7 "
        "\u041c\u043e\u0441\u043a\u0432\u0430",
        "\u6771\u4eac \u00d7 \u0926\u093f\u0932\u094d\u0932\u0940 \u00d7 Paris \u00d7 \u05ea\u05dc "
        "\u05d0\u05d1\u05d9\u05d1",
        "\u0928\u092e\u0938\u094d\u0924\u0947 Berlin, \u0645\u0631\u062d\u0628\u0627 Oslo",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (double width = 240; width < 900; width += 40) {
            struct card_text *t = card_text_new(card_engine_fonts(engine), texts[i], "en", &headline);
            struct card_setting s;
            assert_true(card_text_set(t, 52, width, 4, true, PANGO_ALIGN_LEFT, &s));
            for (int l = 0; l < s.lines; l++)
                for (GSList *r = pango_layout_get_line_readonly(s.layout, l)->runs; r; r = r->next)
                    if (((PangoLayoutRun *)r->data)->y_offset != 0)
                        fail_msg("text %zu at %.0f px: a run of line %d is off the baseline", i, width, l + 1);
            g_object_unref(s.layout);
            card_text_free(t);
        }
}

/* Whether a headline is painted in nothing but greys between black and white: letters of one colour. */
static bool is_one_colour(const char *text)
{
    struct card_palette palette;
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    const struct card_rgb black = { 0, 0, 0 };
    card_palette_make(&palette, &black, &black, NULL);
    sample_card(&in, card_engine_template(engine, "gradient"), card_preset_find("og"), 0);
    in.palette = &palette;
    in.text[CARD_HEADLINE] = text;
    in.text[CARD_CTA] = in.text[CARD_SUBTITLE] = NULL;
    draw(&in, &px, &r);
    const struct card_text_report *t = find(&r, CARD_HEADLINE);
    assert_int_equal(t->unknown, 0);
    bool painted = false;
    for (int y = (int)t->y; y < (int)(t->y + t->h); y++)
        for (int x = (int)t->x; x < (int)(t->x + t->w); x++) {
            const uint8_t *p = px.p + (size_t)y * (size_t)px.stride + (size_t)x * 4;
            painted = painted || p[0] > 200;
            if (abs(p[0] - p[1]) > 12 || abs(p[1] - p[2]) > 12)
                return false;
        }
    assert_true(painted);
    return true;
}

static void signs_that_are_text_have_its_colour(void **state)
{
    (void)state;
    static const char *const text[] = { "\u2714 Fast",
                                        "\u2714\ufe0e Fast \u2714\ufe0e Safe",
                                        "\u2708",
                                        "\u2708\ufe0e",
                                        "\u260e \u2708 \u263a",
                                        "\u2601 \u2602 \u2603",
                                        "\u2702",
                                        "\u279c \u27a1",
                                        "\u2b50\ufe0e",
                                        "Fly \u2708 42\u00a0\u00ae \u2122" },
                             *const colour[] = { "\u2714\ufe0f", "\u2708\ufe0f", "\u2b50", "\u2764\ufe0f",
                                                 "\U0001f389" };
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (!is_one_colour(text[i]))
            fail_msg("text %zu is painted in colours", i);
    for (size_t i = 0; i < sizeof colour / sizeof *colour; i++)
        if (is_one_colour(colour[i]))
            fail_msg("emoji %zu lost its colours", i);
}

/* In one text with emoji, too, each sign has the font of its kind. */
static void signs_and_emoji_of_one_text_keep_apart(void **state)
{
    (void)state;
    struct card_text *t =
        card_text_new(card_engine_fonts(engine), "\u2714 one \u2b50 two \u2708 \u2764\ufe0f", "en", &headline);
    struct card_setting s;
    assert_true(card_text_set(t, 40, 2000, 1, false, PANGO_ALIGN_LEFT, &s));
    const char *text = pango_layout_get_text(s.layout);
    for (GSList *r = pango_layout_get_line_readonly(s.layout, 0)->runs; r; r = r->next) {
        const PangoItem *item = ((PangoLayoutRun *)r->data)->item;
        PangoFontDescription *d = pango_font_describe(item->analysis.font);
        gunichar c = g_utf8_get_char(text + item->offset);
        bool emoji = strcmp(pango_font_description_get_family(d), "Noto Color Emoji") == 0;
        if (emoji != (c == 0x2b50 || c == 0x2764))
            fail_msg("U+%04X has the font %s", c, pango_font_description_get_family(d));
        pango_font_description_free(d);
    }
    g_object_unref(s.layout);
    card_text_free(t);
}

static double width_of(const char *text)
{
    struct card_text *t = card_text_new(card_engine_fonts(engine), text, "en", &headline);
    struct card_setting s;
    assert_true(card_text_set(t, 60, 2000, 1, false, PANGO_ALIGN_LEFT, &s));
    double w = s.width;
    g_object_unref(s.layout);
    card_text_free(t);
    return w;
}

static void blanks_between_signs_are_those_of_the_text(void **state)
{
    (void)state;
    double blank = width_of("n n") - 2 * width_of("n") - (width_of("nn") - 2 * width_of("n")); /* with its tracking */
    static const char *const signs[] = { "\u260e", "\u2708", "\u263a", "\u2714\ufe0f", "\u2b50", "\u2192" };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        char pair[20], joined[20];
        snprintf(pair, sizeof pair, "%s %s", signs[i], signs[i]);
        snprintf(joined, sizeof joined, "%s%s", signs[i], signs[i]);
        double between = width_of(pair) - width_of(joined);
        if (fabs(between - blank) > blank * 0.02)
            fail_msg("sign %zu: a blank of %.1f px, of the text %.1f px", i, between, blank);
    }
}

static void ligatures_of_copied_text_become_letters(void **state)
{
    (void)state;
    struct card_cleaning did = { 0 };
    char *s = card_text_clean("O\ufb03ce \ufb01ne \ufb02y \ufb00 \ufb04 \ufb05 \ufb06 \ufb13", &did);
    assert_string_equal(s, "Office fine fly ff ffl st st \ufb13"); /* the Armenian one has a font */
    assert_false(did.removed);
    free(s);
}

static void characters_without_a_font_are_named(void **state)
{
    (void)state;
    char list[100];
    card_fonts_unshown(card_engine_fonts(engine), "Plain \u20ac \u0628\u064a\u0631\u0648\u062a \U0001f389\ufe0f", "en",
                       list, sizeof list);
    assert_string_equal(list, "");
    card_fonts_unshown(card_engine_fonts(engine), "Runes \U0001038f and \U0001038f, \U00012395", "en", list,
                       sizeof list);
    assert_string_equal(list, "\U0001038f (U+1038F), \U00012395 (U+12395)");
    char *many = g_strnfill(300, ' ');
    memcpy(many, "\U00012395\U00012396\U00012397\U00012398\U00012399\U0001239a\U0001239b", 28);
    card_fonts_unshown(card_engine_fonts(engine), many, "en", list, sizeof list);
    assert_true(strlen(list) < sizeof list);
    g_free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_is_whole_or_the_card_fails),
        cmocka_unit_test(no_ellipsis_stands_behind_a_number),
        cmocka_unit_test(torn_words_take_the_room_they_were_given),
        cmocka_unit_test(texts_stay_clear_of_the_logo),
        cmocka_unit_test(badges_leave_the_brand_its_row),
        cmocka_unit_test(a_torn_word_leaves_no_letter_alone),
        cmocka_unit_test(what_a_template_leaves_out_is_told),
        cmocka_unit_test(a_colour_that_is_not_used_as_given_is_told),
        cmocka_unit_test(all_scripts_of_a_line_stand_on_one_baseline),
        cmocka_unit_test(signs_that_are_text_have_its_colour),
        cmocka_unit_test(signs_and_emoji_of_one_text_keep_apart),
        cmocka_unit_test(blanks_between_signs_are_those_of_the_text),
        cmocka_unit_test(ligatures_of_copied_text_become_letters),
        cmocka_unit_test(characters_without_a_font_are_named),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
