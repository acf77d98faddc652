/* test_cards_figure.c - figures taken apart, lengths of designs, parts of a day, and advice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "actions/social_cards/advice.h"
#include "actions/social_cards/dates.h"
#include "actions/social_cards/figure.h"
#include "actions/social_cards/length.h"
#include "tests/cards_samples.h"

/* What is set, put together again without blanks, is what was given. */
static void assert_whole(const char *text, const struct card_figure *f)
{
    char all[400], *given = g_strdup(text), *g = given;
    snprintf(all, sizeof all, "%s%s%s%s%s%s", f->before, f->sign, f->currency, f->value, f->unit, f->after);
    char *set = g_strdup(all), *s = set;
    for (const char *p = all; *p; p++)
        if (*p != ' ')
            *s++ = *p;
    *s = 0;
    for (const char *p = text; *p; p++)
        if (*p != ' ')
            *g++ = *p;
    *g = 0;
    /* a hyphen in front of a number is set as a minus; the sign may change places with the currency */
    if (strcmp(f->sign, "\u2212") != 0)
        assert_string_equal(set, given);
    g_free(set);
    g_free(given);
}

static void figures_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *before, *currency, *sign, *value, *unit, *after;
    } rows[] = { { "from £39", "from", "£", "", "39", "", "" },
                 { "-40 %", "", "", "\u2212", "40", "%", "" },
                 { "from €299 a month", "from", "€", "", "299", "", "a month" },
                 { "ab CHF 31,900.50", "ab", "CHF", "", "31,900.50", "", "" },
                 { "US$ 1,299", "", "US$", "", "1,299", "", "" },
                 { "-$1,000.00", "", "$", "\u2212", "1,000.00", "", "" },
                 { "39,90 €", "", "", "", "39,90", "€", "" },
                 { "1 299 kr", "", "", "", "1 299", "", "kr" },
                 { "24 seats left", "", "", "", "24", "", "seats left" },
                 { "9→2 days", "", "", "", "9→2", "", "days" },
                 { "No. 1 2026", "No.", "", "", "1", "", "2026" },
                 { "3.9% APR", "", "", "", "3.9", "%", "APR" },
                 { "2 for 1", "", "", "", "2 for 1", "", "" },
                 { "Free", "", "", "", "Free", "", "" },
                 { "١٢٣", "", "", "", "١٢٣", "", "" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct card_figure f;
        assert_true(card_figure_parse(rows[i].text, &f));
        assert_string_equal(f.before, rows[i].before);
        assert_string_equal(f.currency, rows[i].currency);
        assert_string_equal(f.sign, rows[i].sign);
        assert_string_equal(f.value, rows[i].value);
        assert_string_equal(f.unit, rows[i].unit);
        assert_string_equal(f.after, rows[i].after);
        assert_whole(rows[i].text, &f);
    }
    struct card_figure f;
    char *endless = g_strnfill(300, '9');
    assert_false(card_figure_parse(endless, &f));
    g_free(endless);
}

static void lengths_are_sums(void **state)
{
    (void)state;
    const struct card_frame frame = { .w = 200, .h = 100, .m = 9, .t = 8, .b = 90 };
    static const struct {
        const char *text;
        double is;
    } rows[] = { { "w-66.6", 133.4 }, { "B-23", 67 }, { "w-2M", 182 }, { ".5w+T", 108 }, { "-4", -4 }, { "h", 100 } };
    struct card_length l;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(card_length_parse(rows[i].text, &l));
        assert_true(fabs(card_length_of(&l, &frame) - rows[i].is) < 1e-9);
    }
    static const char *const wrong[] = { "", "x", "w-", "w66", "2 M", "w*2", "--4" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(card_length_parse(wrong[i], &l));
}

static void a_day_has_its_parts(void **state)
{
    (void)state;
    struct card_day_parts p;
    assert_true(card_day_parts("2026-11-14", NULL, "en-GB", &p));
    assert_string_equal(p.day, "14");
    assert_string_equal(p.month, "Nov");
    assert_string_equal(p.week, "Saturday");
    assert_true(card_day_parts("2026-11-14", "2026-11-16", "de", &p));
    assert_string_equal(p.week, "Sa \u2013 Mo");
    assert_true(card_day_parts("2026-11-14", NULL, "ja", &p));
    assert_string_equal(p.day, "14");
    assert_false(card_day_parts("2026-11-14", "2026-11-13", "en", &p));
    assert_false(card_day_parts(NULL, "2026-11-13", "en", &p));
    assert_false(card_day_parts("2026-02-30", NULL, "en", &p));
}

static void days_are_counted_down(void **state)
{
    (void)state;
    const int64_t noon = 1795262400; /* 2026-11-21, 12:00 */
    struct card_days_left l;
    assert_true(card_days_left("2026-11-14", "2026-11-24", noon, "en", &l));
    assert_string_equal(l.number, "3");
    assert_string_equal(l.unit, "days left");
    assert_true(fabs(l.part - 0.3) < 1e-9);
    assert_true(card_days_left(NULL, "2026-11-22", noon, "en", &l));
    assert_string_equal(l.unit, "day left");
    assert_true(card_days_left(NULL, "2026-11-24", noon, "de", &l));
    assert_string_equal(l.unit, "Tage");
    assert_false(card_days_left(NULL, "2026-11-20", noon, "en", &l));
    assert_false(card_days_left("2026-11-14", NULL, noon, "en", &l));
    assert_false(card_days_left(NULL, "2036-11-20", noon, "en", &l));
}

static bool says(const struct card_advice *a, const char *what)
{
    for (int i = 0; i < a->count; i++)
        if (strstr(a->text[i], what))
            return true;
    return false;
}

static void advice_is_about_what_was_drawn(void **state)
{
    (void)state;
    char why[200];
    struct card_engine *e = card_engine_new(why, sizeof why);
    struct card_image *logo = sample_logo(128);
    struct card_input in;
    struct card_pixels px;
    struct card_report r;
    struct card_advice good, bad;
    assert_non_null(e);
    sample_card(&in, card_engine_template(e, "gradient"), card_preset_find("og"), 1);
    in.logo = logo, in.text[CARD_CTA] = "Join us";
    assert_true(card_draw(e, &in, &px, &r));
    card_advise(&in, &r, &good);
    in.text[CARD_HEADLINE] = "Everything that you ever wanted to know about the long journeys of small birds, and of "
                             "those who follow them";
    in.text[CARD_CTA] = "Find out more about all of it";
    in.template = card_engine_template(e, "photo");
    assert_true(card_draw(e, &in, &px, &r));
    card_advise(&in, &r, &bad);
    assert_true(good.score >= 95 && good.score > bad.score);
    assert_true(says(&bad, "108 characters: 40 read better") && says(&bad, "button") && says(&bad, "picture"));
    assert_false(says(&good, "headline"));
    card_image_free(logo);
    card_engine_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_taken_apart),
        cmocka_unit_test(lengths_are_sums),
        cmocka_unit_test(a_day_has_its_parts),
        cmocka_unit_test(days_are_counted_down),
        cmocka_unit_test(advice_is_about_what_was_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
