/* test_cards_type.c - type that cannot be misread: points inside numbers, words that are whole, marks of the language,
 * texts that do not touch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include <pango/pangocairo.h>

#include "actions/social_cards/draw_parts.h"
#include "actions/social_cards/marks.h"
#include "tests/cards_samples.h"

static struct card_engine *engine;

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

/* ---- Numbers ---- */

/* Columns of pixels of a text set in black on white at 200 px, true where there is ink. Returns the width. */
enum { CANVAS = 2400, HEIGHT = 400 };
static int ink_columns(const char *text, double tracking, bool column[CANVAS])
{
    const struct card_style style = {
        .weight = PANGO_WEIGHT_BOLD, .display = true, .tracking = tracking, .leading = 1.1
    };
    struct card_text *t = card_text_new(card_engine_fonts(engine), text, "de", &style);
    struct card_setting s;
    assert_non_null(t);
    assert_true(card_text_set(t, 200, CANVAS - 100, 1, false, PANGO_ALIGN_LEFT, &s));
    assert_false(s.ellipsized);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, CANVAS, HEIGHT);
    cairo_t *cr = cairo_create(surface);
    cairo_move_to(cr, 50, 50);
    pango_cairo_show_layout(cr, s.layout);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    const uint8_t *p = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface), last = 0;
    for (int x = 0; x < CANVAS; x++) {
        column[x] = false;
        for (int y = 0; y < HEIGHT; y++)
            column[x] = column[x] || p[y * stride + x] > 96;
        last = column[x] ? x : last;
    }
    cairo_surface_destroy(surface);
    g_object_unref(s.layout);
    card_text_free(t);
    return last;
}

/* Least width of the gaps between runs of ink, in parts of the size, and how many there are. */
static double least_gap(const char *text, double tracking, int *gaps)
{
    static bool column[CANVAS];
    int last = ink_columns(text, tracking, column), empty = 0, least = CANVAS;
    bool begun = false;
    *gaps = 0;
    for (int x = 0; x <= last; x++) {
        if (!column[x]) {
            empty++;
            continue;
        }
        if (begun && empty) {
            least = empty < least ? empty : least;
            ++*gaps;
        }
        begun = true, empty = 0;
    }
    return least / 200.0;
}

/* However tight the letters are set: the mark between two digits is a body of its own. */
static void a_mark_inside_a_number_is_seen(void **state)
{
    (void)state;
    static const char *const pairs[] = { "9.9", "0,0", "4.1", "1.8", "6,9", "8:0", "9\u20190", "6'6", "\u20ac 0.9" };
    static const char *const numbers[] = { "\u20ac1.199,00", "1,299,000", "7.777,77", "12:30", "5/6/2026" };
    int gaps, free;
    for (int tight = 1; tight <= 4; tight++) {
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
            double least = least_gap(pairs[i], -0.01 * tight, &gaps);
            if (least < 0.04)
                fail_msg("%s at tracking -0.0%d: %.3f of the size beside the mark", pairs[i], tight, least);
        }
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            least_gap(numbers[i], 0, &free);
            least_gap(numbers[i], -0.01 * tight, &gaps);
            if (gaps < free)
                fail_msg("%s at tracking -0.0%d: %d of %d gaps are left", numbers[i], tight, gaps, free);
        }
    }
}

/* ---- Words ---- */

static const struct card_text_report *find(const struct card_report *r, enum card_slot slot)
{
    for (int i = 0; i < r->texts; i++)
        if (r->text[i].slot == slot)
            return &r->text[i];
    return NULL;
}

static void draw(const struct card_input *in, struct card_report *r)
{
    struct card_pixels px;
    assert_true(card_draw(engine, in, &px, r));
}

/* A long word is set smaller rather than torn. */
static void a_long_word_stays_whole(void **state)
{
    (void)state;
    static const char *const words[] = { "Donaudampfschifffahrtsgesellschaftskapit\u00e4n",
                                         "Nahrungsmittelunvertr\u00e4glichkeitsberatung" };
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (size_t t = 0; card_engine_template_at(engine, t); t++)
            for (size_t p = 0; p < card_preset_count; p++) {
                struct card_input in;
                struct card_report r;
                sample_card(&in, card_engine_template_at(engine, t), &card_presets[p], 0);
                in.text[CARD_HEADLINE] = words[w], in.locale = "de";
                draw(&in, &r);
                if (find(&r, CARD_HEADLINE)->lines != 1 || r.warnings & CARD_WARN_WORD_BROKEN)
                    fail_msg("%s at %s: %s is torn", in.template->name, in.preset->name, words[w]);
            }
}

/* With soft hyphens in it a long word is parted there and stays large; nobody else sees them. */
static void a_soft_hyphen_parts_a_long_word(void **state)
{
    (void)state;
    struct card_input in;
    struct card_report whole, parted, plain;
    sample_card(&in, card_engine_template(engine, "hiring"), card_preset_find("og"), 0);
    in.text[CARD_HEADLINE] = "Nahrungsmittelunvertr\u00e4glichkeitsberatung";
    draw(&in, &whole);
    in.text[CARD_HEADLINE] = "Nahrungsmittelunver\u00adtr\u00e4glichkeitsberatung";
    draw(&in, &parted);
    assert_int_equal(find(&parted, CARD_HEADLINE)->lines, 2);
    assert_true(find(&parted, CARD_HEADLINE)->size > 1.6 * find(&whole, CARD_HEADLINE)->size);
    assert_false(parted.warnings & (CARD_WARN_WORD_BROKEN | CARD_WARN_UNKNOWN_GLYPHS));
    in.text[CARD_HEADLINE] = "Ro\u00adbotics";
    draw(&in, &parted);
    in.text[CARD_HEADLINE] = "Robotics";
    draw(&in, &plain);
    assert_int_equal(find(&parted, CARD_HEADLINE)->lines, 1);
    assert_true(fabs(find(&parted, CARD_HEADLINE)->w - find(&plain, CARD_HEADLINE)->w) < 1);
}

static bool is_told(const char *template, const char *preset, const char *headline)
{
    struct card_input in;
    struct card_report r;
    sample_card(&in, card_engine_template(engine, template), card_preset_find(preset), 0);
    in.text[CARD_HEADLINE] = headline;
    draw(&in, &r);
    return r.warnings & CARD_WARN_WORD_BROKEN;
}

static void a_word_that_is_torn_is_told(void **state)
{
    (void)state;
    static const char *const whole[] = {
        "Summer launch of the long-distance fleet, and of everything that goes with it, on forty islands",
        "\u0917\u0930\u094d\u092e\u093f\u092f\u094b\u0902 \u0915\u0940 \u0928\u0908 "
        "\u0909\u0921\u093c\u093e\u0928\u0947\u0902 "
        "\u0914\u0930 \u091a\u093e\u0932\u0940\u0938 \u0926\u094d\u0935\u0940\u092a",
        "\u0e40\u0e17\u0e35\u0e48\u0e22\u0e27\u0e1a\u0e34\u0e19\u0e43\u0e2b\u0e21\u0e48\u0e2a\u0e39\u0e48\u0e40\u0e01"
        "\u0e32\u0e30"
        "\u0e17\u0e31\u0e49\u0e07\u0e2a\u0e35\u0e48\u0e2a\u0e34\u0e1a\u0e40\u0e01\u0e32\u0e30",
        "\u590f\u306e\u5cf6\u65c5\u30ad\u30e3\u30f3\u30da\u30fc\u30f3\u300140\u306e\u5cf6\u3078"
    };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        for (size_t p = 0; p < card_preset_count; p++)
            if (is_told("split", card_presets[p].name, whole[i]))
                fail_msg("%s at %s is called torn", whole[i], card_presets[p].name);
    assert_true(
        is_told("split", "og", "Pneumonoultramicroscopicsilicovolcanoconiosisawarenessweekend")); /* and not cut off */
    char *endless = g_strnfill(90, 'w');
    assert_true(is_told("split", "og", endless)); /* torn over lines */
    assert_true(is_told("gradient", "story", endless));
    g_free(endless);
    endless = g_strnfill(390, 'w');
    assert_true(is_told("split", "og", endless)); /* and cut off */
    g_free(endless);
}

/* ---- Marks of quotations ---- */

static void marks_are_those_of_the_language(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "", "\u201c" },   { "en-GB", "\u201c" },      { "de", "\u201e" }, { "de-AT", "\u201e" }, { "fr", "\u00ab" },
        { "ja", "\u300c" }, { "ar", "\u201d" },         { "sv", "\u201d" }, { "pl", "\u201e" },    { "ru", "\u00ab" },
        { "he", "\u201d" }, { "zh-Hant-TW", "\u300c" }, { "zh", "\u201c" }, { "xx", "\u201c" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char mark[16];
        card_mark_opening(rows[i][0], mark, sizeof mark);
        assert_string_equal(mark, rows[i][1]);
    }
    static const char *const quoted[] = { "\u201cBest\u201d", "\"Best\"",        "\u201eGut\u201c",
                                          "\u00abBien\u00bb", "\u00bbGut\u00ab", "\u300c\u590f\u300d",
                                          "\u201dBra\u201d",  "'Best' ever'",    "\u2018Best.\u2019",
                                          "\u2039a\u203a" };
    static const char *const plain[] = {
        "", "Best", "'Tis the season", "\u2019Tis the season", "(Best)", "\u2014 Best", "#1", "'"
    };
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++)
        if (!card_mark_begins(quoted[i]))
            fail_msg("%s is quoted", quoted[i]);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (card_mark_begins(plain[i]))
            fail_msg("%s is not quoted", plain[i]);
}

/* Pixels of the ornament's colour, and the sum of their places, which tells one shape from another. */
static long mark_on_card(const char *locale, const char *headline, const char *preset, long *where)
{
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    struct card_palette palette;
    const struct card_rgb red = { 0xc0, 0, 0 };
    long n = 0;
    card_palette_make(&palette, &red, NULL, NULL);
    sample_card(&in, card_engine_template(engine, "quote"), card_preset_find(preset), 0);
    in.palette = &palette, in.locale = locale, in.text[CARD_HEADLINE] = headline, in.text[CARD_EYEBROW] = NULL;
    assert_true(card_draw(engine, &in, &px, &r));
    assert_false(r.warnings & (CARD_WARN_FONT_MISSING | CARD_WARN_UNKNOWN_GLYPHS));
    const struct card_rgb q = palette.color[CARD_QUOTE];
    *where = 0;
    for (int y = 0; y < px.height; y++)
        for (int x = 0; x < px.width; x++) {
            const uint8_t *p = px.p + (size_t)y * (size_t)px.stride + (size_t)x * 4;
            if (p[2] == q.r && p[1] == q.g && p[0] == q.b)
                n++, *where += x + y;
        }
    return n;
}

static void a_quotation_has_the_mark_of_its_language_once(void **state)
{
    (void)state;
    static const char *const locales[] = { "en", "de", "fr", "ja", "sv", "he", "zh-Hant" };
    long en, other, where_en, where;
    for (size_t p = 0; p < card_preset_count; p++) {
        const char *preset = card_presets[p].name;
        en = mark_on_card("en", "\u00c5ngstr\u00f6m is the best we have had", preset, &where_en);
        for (size_t i = 1; i < sizeof locales / sizeof *locales; i++) {
            other = mark_on_card(locales[i], "\u00c5ngstr\u00f6m is the best we have had", preset, &where);
            if (other < 2000 || (other == en && where == where_en))
                fail_msg("%s at %s: %ld pixels", locales[i], preset, other);
        }
        assert_true(en > 2000);
        assert_int_equal(mark_on_card("en", "\u201cIt\u2019s the best we have had\u201d", preset, &where), 0);
    }
}

/* ---- Room between texts ---- */

/* What is painted of a text stays clear of what is painted of the text above it, whatever marks its letters carry. */
static void the_ink_of_texts_stays_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\u0917\u0930\u094d\u092e\u093f\u092f\u094b\u0902 \u0915\u0940 \u0928\u0908 "
        "\u0909\u0921\u093c\u093e\u0928\u0947\u0902",
        "\u0938\u094d\u0924\u094d\u0930\u0940 \u0936\u0915\u094d\u0924\u093f \u0915\u0940 "
        "\u0926\u0943\u0922\u093c\u0924\u0948\u0902",
        "\u0628\u0651\u064f\u0651\u064e \u0644\u0651\u064b",
        "\u1eaenh \u1ea8m th\u1ef1c \u1ec8",
        "\u00c5ngstr\u00f6m \u00c9t\u00e9",
        "\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48\u0e1b\u0e39\u0e48\u0e0d\u0e38\u0e4a\u0e19"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t t = 0; card_engine_template_at(engine, t); t++)
            for (size_t p = 0; p < card_preset_count; p++) {
                struct card_input in;
                struct card_report r;
                sample_card(&in, card_engine_template_at(engine, t), &card_presets[p], 0);
                in.text[CARD_EYEBROW] = in.text[CARD_HEADLINE] = in.text[CARD_SUBTITLE] = texts[i],
                in.text[CARD_BRAND] = NULL;
                draw(&in, &r);
                double unit = (in.preset->width < in.preset->height ? in.preset->width : in.preset->height) / 100.0;
                for (int k = 1; k < r.texts; k++) {
                    const struct card_text_report *a = &r.text[k - 1], *b = &r.text[k];
                    if (b->slot == CARD_CTA || a->slot == CARD_CTA)
                        continue;
                    bool beside = a->x >= b->x + b->w || b->x >= a->x + a->w;
                    double gap = b->y > a->y ? b->y - a->y - a->h : a->y - b->y - b->h;
                    if (!beside && gap < unit * 1.2 - 2)
                        fail_msg("text %zu, %s at %s: %s is %.1f px below %s", i, in.template->name, in.preset->name,
                                 card_slot_names[b->slot], gap, card_slot_names[a->slot]);
                }
            }
}

static void capitals_are_those_of_the_language(void **state)
{
    (void)state;
    static const struct card_style upper = { .weight = PANGO_WEIGHT_SEMIBOLD, .upper = true, .leading = 1.3 };
    static const char *const rows[][3] = { { "5 nisan", "tr", "5 N\u0130SAN" },
                                           { "5 nisan", "en", "5 NISAN" },
                                           { "3 \u039c\u03b1\u0390\u03bf\u03c5", "el",
                                             "3 \u039c\u0391\u03aa\u039f\u03a5" },
                                           { "ijsland", "nl", "IJSLAND" },
                                           { "Stra\u00dfe", "de", "STRASSE" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct card_text *t = card_text_new(card_engine_fonts(engine), rows[i][0], rows[i][1], &upper);
        struct card_setting s;
        assert_true(card_text_set(t, 30, 900, 1, false, PANGO_ALIGN_LEFT, &s));
        assert_string_equal(pango_layout_get_text(s.layout), rows[i][2]);
        g_object_unref(s.layout);
        card_text_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_inside_a_number_is_seen),
        cmocka_unit_test(a_long_word_stays_whole),
        cmocka_unit_test(a_soft_hyphen_parts_a_long_word),
        cmocka_unit_test(a_word_that_is_torn_is_told),
        cmocka_unit_test(marks_are_those_of_the_language),
        cmocka_unit_test(the_ink_of_texts_stays_apart),
        cmocka_unit_test(capitals_are_those_of_the_language),
        cmocka_unit_test(a_quotation_has_the_mark_of_its_language_once),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
