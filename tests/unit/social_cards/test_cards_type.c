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
    char *endless = g_strnfill(90, 'w');
    assert_true(is_told("split", "og", endless)); /* torn over lines */
    assert_true(is_told("gradient", "story", endless));
    g_free(endless);
    endless = g_strnfill(390, 'w');
    assert_true(is_told("split", "og", endless)); /* and cut off */
    g_free(endless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_inside_a_number_is_seen),
        cmocka_unit_test(a_long_word_stays_whole),
        cmocka_unit_test(a_word_that_is_torn_is_told),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
