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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_inside_a_number_is_seen),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
